//! What has to be understood at a glance, in little room: the marks of the toolbar button, the stations in the popup, a time to wait.

use faultline_core::advice;
use faultline_core::case::Case;
use faultline_core::terms::{CheckId, Place, Side};
use faultline_core::words::{Catalogue, Speaker, Word};

use crate::cases;
use crate::manifest::manifest;
use crate::tree::{code, literals, root, text};

fn language(name: &str) -> Catalogue {
    serde_json::from_str(&text(&format!("_locales/{name}/messages.json"))).expect("a catalogue")
}

/// What somebody reads whom the site asks to wait for `seconds`.
fn wait(seconds: u32, language: &Catalogue) -> String {
    let mut case = cases::case("asks to wait");
    case.reading.retry_after_s = Some(seconds);
    let advice = advice::visitor(&case);
    let word = advice.iter().find(|w| w.key.starts_with("advice_wait")).expect("advice to wait");
    language.say(word)
}

#[test]
fn a_time_to_wait_reads_well() {
    let english = language("en");
    let plain = wait(0, &english);
    assert!(!plain.contains("the site asks"), "0 s asks for nothing: {plain}");
    for (seconds, reads) in [
        (1, "1 s"),
        (59, "59 s"),
        (60, "60 s"),
        (61, "61 s"),
        (119, "119 s"),
        (120, "2 min"),
        (121, "3 min"),
        (3_600, "60 min"),
        (7_199, "120 min"),
        (7_200, "2 h"),
        (7_201, "3 h"),
        (86_400, "24 h"),
        (30 * 86_400, "720 h"),
    ] {
        assert_eq!(wait(seconds, &english), format!("Try again in {reads}: the site asks for that."), "{seconds} s");
    }
    // A unit sign is the same after one, after few and after many, so that no language needs a plural form.
    for (name, s, min, h) in [
        ("de", "s", "min", "h"),
        ("ru", "с", "мин", "ч"),
        ("uk", "с", "хв", "год"),
        ("pl", "s", "min", "godz."),
        ("ar", "ث", "د", "س"),
    ] {
        let language = language(name);
        for (n, unit, seconds) in
            [(1, s, 1), (2, s, 2), (5, s, 5), (2, min, 120), (5, min, 300), (22, min, 1_320), (2, h, 7_200), (5, h, 18_000)]
        {
            let read = wait(seconds, &language);
            assert!(read.contains(&format!(" {n} {unit}")), "{name}: {seconds} s reads `{read}`");
        }
    }
}

/// Whose page was the answer to a form is nowhere told to load it once more, and whoever is in a private window not to open one.
#[test]
fn nobody_is_told_to_send_a_form_again() {
    for (name, case) in cases::cases() {
        for side in Side::ALL.iter().filter(|side| **side != Side::Yours) {
            let mut case = case.clone();
            (case.done, case.verdict.side, case.verdict.place) = (true, *side, Place::None);
            let advice = |case: &Case| advice::visitor(case).into_iter().map(|word| word.key).collect::<Vec<_>>();
            case.visit.private = true;
            assert!(!advice(&case).iter().any(|key| key == "advice_private_window"), "{name}, {side}: {:?}", advice(&case));
            case.visit.method = "POST".to_owned();
            // What has been asked for again is what a form never is.
            case.checks.remove(CheckId::Again);
            let again = ["advice_reload", "advice_unclear_wait", "advice_private_window"];
            assert!(!advice(&case).iter().any(|key| again.contains(&key.as_str())), "{name}, {side}: {:?}", advice(&case));
        }
    }
}

/// Five stations share the popup's width. What is longer than a line may be broken where the word allows it, and not within a syllable.
#[test]
fn the_stations_fit_side_by_side() {
    const MOST: usize = 8;
    for name in ["de", "en", "es", "fr", "pl", "pt_BR", "ru", "uk", "ar"] {
        let language = language(name);
        for kind in ["you", "network", "edge", "gateway", "app"] {
            let label = language.say(&Word::new(format!("hop_{kind}")));
            let longest = label.split([' ', '\u{ad}', '-']).map(|part| part.chars().count()).max().unwrap_or_default();
            assert!(longest <= MOST, "{name}: `{label}` has {longest} letters in a row: give it a soft hyphen (U+00AD)");
        }
    }
}

/// Relative luminance, WCAG 2.2.
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour")) / 255.0;
    let linear = |c: f64| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
    0.2126 * linear(part(1)) + 0.7152 * linear(part(3)) + 0.0722 * linear(part(5))
}

/// Browsers write on a badge in black or white, whichever can be read better: one of them reaches the contrast of small text (4.5),
/// and it is white for all, so that no state looks like another program's.
#[test]
fn the_marks_of_the_button_can_be_read() {
    let mut colours = Vec::new();
    for file in ["crate/shell/src/announce.rs", "crate/shell/src/watch.rs"] {
        colours.extend(literals(&code(file), '"').into_iter().filter(|l| l.starts_with('#') && l.len() == 7));
    }
    colours.sort();
    colours.dedup();
    assert!(colours.len() >= 4, "site, yours, passed and unclear differ: {colours:?}");
    for colour in colours {
        let (white, black) = (1.05 / (luminance(&colour) + 0.05), (luminance(&colour) + 0.05) / 0.05);
        assert!(white >= 4.5 && white > black, "{colour}: {white} with white, {black} with black");
    }
}

/// A half that is as pale as the toolbar is not seen, and what is left of the icon is another one.
#[test]
fn both_halves_of_the_icon_part_from_every_toolbar() {
    let drawing = code("extension/icons/icon.svg");
    let halves: Vec<_> = literals(&drawing, '"').into_iter().filter(|l| l.starts_with('#') && l.len() == 7).take(2).collect();
    assert_eq!(halves.len(), 2, "{drawing}");
    for toolbar in ["#ffffff", "#dfe1e5", "#202124"] {
        for half in &halves {
            let (one, other) = (luminance(half) + 0.05, luminance(toolbar) + 0.05);
            assert!(one.max(other) / one.min(other) >= 2.0, "{half} on {toolbar}");
        }
    }
}

#[test]
fn an_icon_has_the_size_that_it_is_named_after() {
    let manifest = manifest();
    for list in ["/icons", "/action/default_icon"] {
        let icons = manifest.pointer(list).and_then(|v| v.as_object()).expect("icons");
        assert!(icons.contains_key("16") && icons.contains_key("32"), "{list}: toolbars show 16 and 32");
        for (size, path) in icons {
            let png = std::fs::read(root().join(path.as_str().expect("a path"))).expect("an icon");
            let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes")).to_string();
            assert_eq!((&side(16), &side(20)), (size, size), "{list}");
        }
    }
}
