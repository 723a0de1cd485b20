//! Words that are said, words that are there, and translations.
//!
//! Most keys stand in the sources as they are. Those that are put together (`verdict_site_app`) are found by saying everything: every side
//! and place, every failure, every check with every outcome and every number goes through popup, details page and report, before somebody
//! who writes down what he is asked to say.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use faultline_core::case::{Answer, Case, Check};
use faultline_core::history::{Entry, History};
use faultline_core::letter::Format;
use faultline_core::report::Report;
use faultline_core::terms::{CheckId, FailureKind, Outcome, Place, Platform, Role, Side};
use faultline_core::verdict::{Reason, Verdict};
use faultline_core::view::{self, Sheet};
use faultline_core::words::{Catalogue, Speaker, Word};

use crate::cases;
use crate::tree::{between, code, files, files_in, literals, text};

/// Writes down each key, and the fewest arguments that it ever came with.
#[derive(Default)]
struct Scribe(RefCell<BTreeMap<String, usize>>);

impl Speaker for Scribe {
    fn say(&self, word: &Word) -> String {
        let mut said = self.0.borrow_mut();
        let fewest = said.entry(word.key.clone()).or_insert(word.args.len());
        *fewest = word.args.len().min(*fewest);
        word.key.clone()
    }

    /// Whatever is asked for is there, so that every sentence about a fact is said.
    fn fact(&self, _product: &str, name: &str) -> Option<String> {
        (name != "like").then(|| name.to_owned())
    }
}

/// One who has no runbook, and says what is said without one.
struct Plain<'a>(&'a Scribe);

impl Speaker for Plain<'_> {
    fn say(&self, word: &Word) -> String {
        self.0.say(word)
    }
}

impl Scribe {
    fn hear(&self, case: &Case) {
        let _ = Report::of(case, &cases::maker(), &Plain(self));
        let report = Report::of(case, &cases::maker(), self);
        Format::ALL.iter().for_each(|format| drop(format.write(&report, self)));
        let sheet = Sheet { mail: "mailto:", curl: "curl", ..Sheet::default() };
        let mut history = History::default();
        history.put(Entry::of(case));
        let _ = (view::face(case, self), view::sample(case, self), view::details(case, &report, &sheet, self));
        let _ = (view::history(&history, 0, 0, self), view::history(&History::default(), 0, 0, self));
    }
}

/// Every side with each of its places.
fn sides() -> Vec<(Side, Place)> {
    let of_the_site = [Place::App, Place::Gateway, Place::Edge, Place::Page, Place::Blocked];
    let all = Place::ALL.iter().filter(|p| **p != Place::None);
    let mut sides: Vec<_> = all.map(|p| (if of_the_site.contains(p) { Side::Site } else { Side::Yours }, *p)).collect();
    sides.extend(Side::ALL.iter().map(|side| (*side, Place::None)));
    sides
}

/// Everything that the core can say, with the fewest arguments each time.
fn said() -> BTreeMap<String, usize> {
    let scribe = Scribe::default();
    let played = cases::cases();
    played.iter().for_each(|(_, case)| scribe.hear(case));
    let named = played[0].1.clone();
    assert!(named.reading.producer.is_some(), "the first script's page names its maker");
    for (side, place) in sides() {
        for kind in FailureKind::ALL {
            for (producer, done) in [(true, true), (false, true), (true, false)] {
                let mut case = named.clone();
                case.verdict = Verdict { side, place, ..Verdict::default() };
                // A reason of the verdict would stand in the place of the failure's.
                case.verdict.reasons.retain(|_: &Reason| false);
                case.reading.failure.kind = *kind;
                case.done = done;
                if !producer {
                    case.reading.producer = None;
                } else if place == Place::Edge {
                    case.reading.producer.iter_mut().for_each(|p| p.role = Role::Cdn);
                }
                case.watched = !producer;
                case.platform = if producer { Platform::Linux } else { Platform::Other };
                scribe.hear(&case);
            }
        }
    }
    let mut secret = named.clone();
    secret.visit.url = "https://me:pw@shop.example/app;jsessionid=1A2B?sid=1#top".into();
    scribe.hear(&secret);
    // No connection in time, with and without the name of the one that says so.
    let mut unreached = named.clone();
    unreached.visit.status = 522;
    unreached.reading.failure.kind = FailureKind::Timeout;
    scribe.hear(&unreached);
    unreached.reading.producer = None;
    scribe.hear(&unreached);
    for status in 500..=999 {
        let mut case = named.clone();
        case.visit.status = status;
        scribe.hear(&case);
    }
    for id in CheckId::ALL {
        let answers = Outcome::ALL.iter().map(|o| Answer {
            outcome: *o,
            status: Some(502),
            why: None,
            ..Answer::plain(*o, Word::new("sure"))
        });
        for check in answers.map(Check::Ended).chain([Check::Asked { attempt: 1, at: 0, earlier: None }]) {
            let mut case = named.clone();
            case.checks.insert(*id, check);
            scribe.hear(&case);
        }
    }
    scribe.0.into_inner()
}

fn english() -> BTreeMap<String, String> {
    words_of("_locales/en/messages.json")
}

fn words_of(path: &str) -> BTreeMap<String, String> {
    let catalogue: Catalogue = serde_json::from_str(&text(path)).unwrap_or_else(|why| panic!("{path}: {why}"));
    catalogue.keys().map(|k| (k.to_owned(), catalogue.message(k).unwrap_or_default().to_owned())).collect()
}

/// `$1` … `$9` of a message.
fn placeholders(message: &str) -> BTreeSet<usize> {
    let bare = message.replace("$$", "");
    bare.split('$').skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10)).map(|n| n as usize).collect()
}

fn rust() -> Vec<String> {
    [files_in("crate/core/src/", &[".rs"]), files_in("crate/shell/src/", &[".rs"])].concat()
}

/// Keys that the sources name as they are, and where.
fn named(english: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let family = |key: &str| key.split_once('_').map(|(first, _)| first.to_owned());
    let families: BTreeSet<String> = english.keys().filter_map(|k| family(k)).collect();
    let looks_like_a_key = |text: &str| {
        let form =
            text.split('_').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
        form && (english.contains_key(text) || family(text).is_some_and(|f| families.contains(&f)))
    };
    let mut named = BTreeMap::new();
    for path in rust() {
        let code = code(&path);
        let certain = [between(&code, "Word::new(\"", "\""), between(&code, "say(\"", "\"")].concat();
        let likely = literals(&code, '"').into_iter().filter(|l| looks_like_a_key(l));
        named.extend(certain.into_iter().chain(likely).map(|key| (key, path.clone())));
    }
    for path in files_in("extension/", &[".js"]) {
        let text = text(&path);
        let certain = between(&text, "getMessage('", "'").into_iter().filter(|k| !k.starts_with("@@"));
        let likely = literals(&text, '\'').into_iter().filter(|l| english.contains_key(l));
        named.extend(certain.chain(likely).map(|key| (key, path.clone())));
    }
    for path in files_in("extension/", &[".html"]) {
        let text = text(&path);
        let said = [between(&text, "data-say=\"", "\""), between(&text, "data-label=\"", "\"")].concat();
        named.extend(said.into_iter().map(|key| (key, path.clone())));
    }
    named.extend(between(&text("manifest.json"), "__MSG_", "__").into_iter().map(|key| (key, "manifest.json".to_owned())));
    named
}

#[test]
fn every_word_that_is_used_is_there() {
    let english = english();
    let used = named(&english).into_iter().chain(said().into_keys().map(|k| (k, "what the core says".to_owned())));
    let missing: BTreeSet<_> = used.filter(|(key, _)| !english.contains_key(key)).collect();
    assert!(missing.is_empty(), "put these into _locales/en/messages.json: {missing:#?}");
}

#[test]
fn every_word_that_is_there_is_used() {
    let english = english();
    let (named, said) = (named(&english), said());
    let unused: Vec<_> = english.keys().filter(|k| !named.contains_key(*k) && !said.contains_key(*k)).collect();
    assert!(unused.is_empty(), "nobody says these; take them out of every _locales: {unused:?}");
}

#[test]
fn every_placeholder_gets_its_argument() {
    let english = english();
    for (key, arguments) in said() {
        let wanted = english.get(&key).map(|m| placeholders(m)).unwrap_or_default();
        assert!(
            wanted.iter().all(|n| *n <= arguments),
            "`{key}` wants {wanted:?} and is said with {arguments} arguments: add `.with(…)` or take the placeholder out"
        );
    }
}

#[test]
fn a_message_is_text_and_nothing_else() {
    for path in locales() {
        for (key, message) in words_of(&path) {
            assert!(!message.trim().is_empty() && message.trim() == message, "{path}: `{key}` is empty, or has blanks around it");
            assert!(!message.contains(['<', '>']), "{path}: `{key}` has markup, which would be shown as it is");
        }
    }
}

fn locales() -> Vec<String> {
    files().into_iter().filter(|f| f.starts_with("_locales/") && f.ends_with("/messages.json")).collect()
}

#[test]
fn every_language_has_the_same_words() {
    let english = english();
    for path in locales() {
        let other = words_of(&path);
        let missing: Vec<_> = english.keys().filter(|k| !other.contains_key(*k)).collect();
        let strange: Vec<_> = other.keys().filter(|k| !english.contains_key(*k)).collect();
        assert!(missing.is_empty() && strange.is_empty(), "{path} lacks {missing:?} and has {strange:?} that English has not");
        for (key, message) in &other {
            assert_eq!(
                placeholders(message),
                placeholders(&english[key]),
                "{path}: `{key}` must have the placeholders of the English message"
            );
        }
    }
}

/// Browsers know no plural forms: what follows a number in English would have to change with it in six ways elsewhere.
#[test]
fn no_noun_follows_a_number() {
    // What an argument does, and units.
    const FINE: [&str; 13] =
        ["is", "uses", "refuses", "has", "gets", "works", "was", "says", "stands", "breaks", "fails", "s", "ms"];
    for (key, message) in english() {
        for rest in message.split('$').skip(1) {
            let after = rest.get(1..).unwrap_or_default();
            let Some(after) = after.strip_prefix(' ') else { continue };
            let word: String = after.chars().take_while(|c| c.is_ascii_lowercase()).collect();
            assert!(
                !word.ends_with('s') || FINE.contains(&word.as_str()),
                "`{key}` counts {word}: put the number after a colon or in parentheses"
            );
        }
    }
}

/// Nor does a word follow a count in any other language, but for what stays the same after every number.
#[test]
fn no_count_rules_a_noun_in_any_language() {
    // Units, and what stands between two numbers.
    const FINE: &str = "s min h ms KB Ko godz. ث د س م.ث كيلوبايت с мин ч мс КБ хв год 秒 分 分钟 時間 小时 件中 件が応答 \
        of de sur z com von из із من answered con avec mit";
    const COUNTS: [(&str, &[usize]); 10] = [
        ("advice_wait_seconds", &[1]),
        ("advice_wait_minutes", &[1]),
        ("advice_wait_hours", &[1]),
        ("because_time", &[1]),
        ("checks_progress", &[1, 2]),
        ("history_recent", &[1]),
        ("off_running", &[1, 2, 3, 4]),
        ("off_what", &[1]),
        ("reason_jar_heavy", &[1]),
        ("times_ms", &[1]),
    ];
    for path in locales() {
        let words = words_of(&path);
        let without_blanks = ["ja", "zh-CN"].contains(&words["language"].as_str());
        for (key, counts) in COUNTS {
            for count in counts {
                let after = words[key].split(&format!("${count}")).nth(1).unwrap_or_else(|| panic!("{path}: `{key}`"));
                let after = after.strip_prefix([' ', '\u{a0}', '\u{202f}']).unwrap_or(after);
                if !after.starts_with(char::is_alphabetic) {
                    continue;
                }
                let fine = FINE.split_whitespace().filter_map(|word| after.strip_prefix(word));
                let fine = fine.into_iter().any(|rest| without_blanks || !rest.starts_with(char::is_alphabetic));
                assert!(fine, "{path}: `{key}` has a word after ${count} that may have to change with it: {after}");
            }
        }
    }
}

/// A page says in which language it is, and which way that is written, by its own words: what the browser speaks may be another.
#[test]
fn a_language_says_what_it_is_called_and_which_way_it_is_written() {
    for path in locales() {
        let words = words_of(&path);
        let folder = path.split('/').nth(1).unwrap_or_default();
        assert_eq!(words["language"], folder.replace('_', "-"), "{path}");
        let right_to_left = ["ar", "fa", "he", "ur"].contains(&folder);
        assert_eq!(words["direction"], if right_to_left { "rtl" } else { "ltr" }, "{path}");
    }
}

#[test]
fn stores_take_name_and_description_in_every_language() {
    for path in locales() {
        let words = words_of(&path);
        for (key, most) in [("name", 45), ("description", 132)] {
            let length = words.get(key).map_or(0, |m| m.chars().count());
            assert!((1..=most).contains(&length), "{path}: `{key}` has {length} characters, stores take 1 to {most}");
        }
    }
}
