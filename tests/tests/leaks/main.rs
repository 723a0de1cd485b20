//! Nothing secret leaves by itself, and what an administrator needs stays.
//!
//! Secrets of every kind (`secrets`) are planted wherever a response or a visitor can put them (`places`); then the case is
//! played to its end and every form in which it can leave the machine is searched for them (`exports`). `kept` counts what
//! redaction takes away although nobody's secret.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

#[path = "../cases/mod.rs"]
mod cases;
mod exports;
#[path = "../fixture/mod.rs"]
pub mod fixture;
mod kept;
mod places;
mod secrets;
#[path = "../world/mod.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::select;

use exports::{exports, shows};
use faultline_core::redact::{REMOVED, Safe};
use faultline_core::words::{Speaker, Word};
use secrets::{Secret, secrets};

/// Fewest secrets that are planted.
const FEWEST: usize = 500;

/// What kinds of secrets there are, so that none is lost.
const KINDS: [&str; 20] = [
    "cookie",
    "cookie header",
    "bearer",
    "jwt",
    "authorization",
    "proxy authorization",
    "provider's key",
    "credential",
    "token",
    "hexadecimal token",
    "uuid",
    "session in an address",
    "user in an address",
    "e-mail",
    "telephone",
    "card",
    "IPv4",
    "private IPv4",
    "IPv6",
    "hardware address",
];

#[test]
fn there_are_many_secrets_of_every_kind() {
    let all = secrets();
    let different: BTreeSet<_> = all.iter().map(|s| &s.text).collect();
    assert_eq!(different.len(), all.len(), "some secrets are twice there");
    assert!(all.len() >= FEWEST, "{} secrets", all.len());
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for secret in &all {
        *kinds.entry(secret.kind).or_default() += 1;
    }
    let rare: Vec<_> = KINDS.iter().filter(|kind| kinds.get(*kind).is_none_or(|n| *n < 8)).collect();
    assert!(rare.is_empty(), "too few of {rare:?}");
    assert_eq!(kinds.len(), KINDS.len(), "a kind that KINDS does not have: {:?}", kinds.keys());
}

#[test]
fn no_secret_is_in_any_export() {
    let mut leaks = Vec::new();
    let words = cases::english();
    for secret in &secrets() {
        for (place, case) in places::planted(secret) {
            for (export, text) in exports(&case, &words) {
                leaks.extend(secret.needles.iter().filter(|n| shows(&text, n)).map(|n| {
                    let line = text.lines().find(|l| shows(l, n)).unwrap_or_default().trim();
                    format!("{} {:?} by {place} in {export}: {n:?} in {line}", secret.kind, secret.text)
                }));
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

/// A sentence is cleaned as a whole, and what stands around a quotation is another in each language: no blank in some, other quotes.
#[test]
fn a_secret_is_found_in_the_sentences_of_every_language() {
    let mut leaks = Vec::new();
    let secrets = secrets();
    for language in cases::languages() {
        let words = cases::language(&language);
        for key in ["because_header", "because_reason", "because_sign", "because_words"] {
            for (before, after) in [("", ""), ("Bad ", ""), ("", " found"), ("Bad ", " found")] {
                for secret in &secrets {
                    let quote = format!("{before}{}{after}", secret.text);
                    let arguments = [quote.as_str(), "Gate", quote.as_str()];
                    let word = arguments.iter().skip(usize::from(words.message(key).is_some_and(|m| m.contains("$2"))));
                    let said = words.say(&word.fold(Word::new(key), |word, argument| word.with(*argument)));
                    let safe = Safe::sentence(&said);
                    let shown = secret.needles.iter().filter(|n| shows(safe.as_str(), n));
                    leaks.extend(shown.map(|n| format!("{language}: {} {n:?} in {}", secret.kind, safe.as_str())));
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

#[test]
fn a_query_and_a_fragment_are_secret_whatever_they_say() {
    let mut leaks = Vec::new();
    for n in 0..60 {
        let word = format!("hunter{}", ["x", "qy", "zed"][n % 3].repeat(n % 4 + 1));
        for url in [
            format!("https://shop.example/cart?q={word}"),
            format!("https://shop.example/cart?{word}"),
            format!("https://shop.example/?a=1&b={word}&c=2"),
            format!("https://shop.example/cart#{word}"),
            format!("https://shop.example/cart?x=1#/route/{word}"),
            format!("https://{word}:pw@shop.example/"),
            format!("https://me:{word}@shop.example/cart"),
            format!("https://shop.example/cart;v={word}"),
            format!("https://shop.example/cart;{word}/next"),
        ] {
            let safe = Safe::url(&url);
            let line = Safe::text(&format!("Could not load {url} today"));
            leaks.extend(
                [safe, line].into_iter().filter(|s| s.as_str().contains(&word)).map(|s| format!("{url} → {}", s.as_str())),
            );
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn an_address_is_known_by_its_other_names_and_dates_are_none() {
    for address in [
        "203[.]0[.]113[.]9",
        "203(.)0(.)113(.)9",
        "203[dot]0[dot]113[dot]9",
        "203 . 0 . 113 . 9",
        "9.0.0.0.8.b.d.0.1.0.0.2.IP6.ARPA.",
        "2001-db8--9s4.ipv6-literal.net",
        "2001-db8-0-0-0-0-0-9.dyn.provider.example",
        "2a02-810d--7.dyn.provider.example",
    ] {
        let safe = Safe::text(&format!("Blocked: {address} today"));
        assert!(
            safe.as_str() == format!("Blocked: {REMOVED} today") || safe.as_str() == format!("Blocked: {REMOVED}. today"),
            "{}",
            safe.as_str()
        );
    }
    let kept =
        ["2026-11-23--5", "2026-11-23-10-20-30-400-1", "be--ad.shop.example", "1. 2. 3. and", "a[.]b, c . d", "cafe-bad-face"];
    for text in kept {
        assert_eq!(Safe::text(text).as_str(), text);
    }
}

#[test]
fn a_text_that_is_cut_shows_no_half_of_a_secret() {
    for secret in secrets().iter().filter(|s| s.text.is_ascii() && !s.text.contains(' ')) {
        for before in [281, 289, 294, 297, 299] {
            let text =
                format!("{} {} and more", "lorem ipsum ".repeat(40).get(..before).unwrap_or_default().trim_end(), secret.text);
            let safe = Safe::text(&text);
            for needle in &secret.needles {
                // A reader of the page cuts as well: then nothing follows.
                let cut: String = text.chars().take(300).collect();
                for safe in [&safe, &Safe::text(&cut)] {
                    let start = needle.get(..needle.len().min(5)).unwrap_or_default();
                    assert!(!safe.as_str().contains(start), "{start:?} of {:?} in {}", secret.text, safe.as_str());
                }
            }
        }
    }
}

#[test]
fn a_text_that_is_cut_is_no_longer_than_it_may_be() {
    for before in 0..30 {
        let text = "x".repeat(before) + &" lorem ipsum é".repeat(40);
        let safe = Safe::text(&text);
        assert!(safe.as_str().chars().count() <= 300, "{}", safe.as_str());
    }
}

/// A word that no secret looks like.
fn harmless() -> impl Strategy<Value = &'static str> {
    select(vec![
        "Bad",
        "gateway",
        "Error",
        "502",
        "nginx/1.22.1",
        "Fehler",
        "ошибка",
        "障害",
        "–",
        "for",
        "from",
        "Shop",
        "|",
        "H12",
    ])
}

/// What may stand directly around a word in a sentence.
fn around() -> impl Strategy<Value = (&'static str, &'static str)> {
    select(vec![
        ("", ""),
        ("(", ")"),
        ("\"", "\""),
        ("<", ">"),
        ("", "."),
        ("", ","),
        ("[", "]"),
        ("", ":"),
        ("„", "“"),
        ("\u{202e}", "\u{202c}"),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_secret_is_found_in_any_sentence(
        which in 0..FEWEST,
        before in prop::collection::vec(harmless(), 0..8),
        after in prop::collection::vec(harmless(), 0..8),
        (open, close) in around(),
    ) {
        let all = all_secrets();
        let Secret { text, needles, .. } = &all[which];
        let sentence = format!("{} {open}{text}{close} {}", before.join(" "), after.join(" "));
        let safe = Safe::text(&sentence);
        for needle in needles {
            prop_assert!(!shows(safe.as_str(), needle), "{needle:?} of {sentence:?} in {:?}", safe.as_str());
        }
    }

    #[test]
    fn nothing_invisible_hides_a_secret(which in 0..FEWEST, at in 0_usize..40, hidden in select(vec!['\u{200b}', '\u{ad}', '\u{202e}', '\u{0}', '\u{feff}', '\u{2066}', '\u{1b}', '\u{e0041}'])) {
        let all = all_secrets();
        let Secret { text, needles, .. } = &all[which];
        let mut broken: Vec<char> = text.chars().collect();
        broken.insert(at % (broken.len() + 1), hidden);
        let safe = Safe::text(&broken.into_iter().collect::<String>());
        for needle in needles {
            prop_assert!(!shows(safe.as_str(), needle), "{needle:?} of {text:?} in {:?}", safe.as_str());
        }
        prop_assert!(!safe.as_str().contains(hidden));
    }

    #[test]
    fn what_is_clean_stays_as_it_is(text in "\\PC{0,60}") {
        let once = Safe::text(&text);
        let twice = Safe::text(once.as_str());
        prop_assert_eq!(twice.as_str(), once.as_str());
    }

    #[test]
    fn any_url_and_any_text_can_be_cleaned(text in any::<String>(), url in "https?://[!-~]{0,200}") {
        for safe in [Safe::text(&text), Safe::url(&text), Safe::reference(&text), Safe::version(&text), Safe::address(&text), Safe::url(&url)] {
            let line = safe.as_str();
            prop_assert!(!line.chars().any(|c| c.is_control()), "{line:?}");
        }
        prop_assert!(!Safe::url(&url).as_str().contains('#') || Safe::url(&url).as_str().contains(REMOVED));
    }

    #[test]
    fn any_ipv4_address_is_removed_in_any_notation(address in any::<u32>(), notation in 0..secrets::IPV4) {
        let address = std::net::Ipv4Addr::from(address);
        prop_assume!(!address.is_loopback());
        let text = secrets::ipv4(address, notation);
        let safe = Safe::text(&format!("Your address is {text} today"));
        prop_assert!(!safe.as_str().contains(&text) && !safe.as_str().contains(&address.to_string()), "{}", safe.as_str());
    }

    #[test]
    fn any_ipv6_address_is_removed_in_any_notation(address in any::<u128>(), notation in 0..secrets::IPV6) {
        let address = std::net::Ipv6Addr::from(address);
        prop_assume!(!address.is_loopback());
        let text = secrets::ipv6(address, notation);
        let safe = Safe::text(&format!("Your address is {text} today"));
        prop_assert!(!safe.as_str().contains(&address.to_string()) && !safe.as_str().contains(&text), "{}", safe.as_str());
    }
}

fn all_secrets() -> &'static [Secret] {
    static ALL: std::sync::OnceLock<Vec<Secret>> = std::sync::OnceLock::new();
    ALL.get_or_init(secrets)
}
