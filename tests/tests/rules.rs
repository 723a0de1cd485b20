//! The rules against each other's pages: each knows its own, none claims another's, and a bad one is refused with the mend.

// A failed expectation must stop the test: that is what it is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, unreachable_pub, dead_code)]

#[path = "../../crate/core/build/compile.rs"]
mod compile;
mod fixture;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use faultline_core::fingerprint::{self, Claim};
use fixture::Fixture;

/// Claims on a fixture in all its forms, by rule: the strongest.
fn claims(fixture: &Fixture) -> BTreeMap<&'static str, Claim> {
    let mut by_rule: BTreeMap<&'static str, Claim> = BTreeMap::new();
    for (_, page) in fixture.forms() {
        for claim in fingerprint::claims(&page) {
            let best = by_rule.entry(claim.rule).or_insert_with(|| claim.clone());
            if claim.confidence > best.confidence {
                *best = claim;
            }
        }
    }
    by_rule
}

#[test]
fn every_sign_fires_on_a_fixture_of_its_own() {
    let mut fired: BTreeSet<(String, &str)> = BTreeSet::new();
    for fixture in fixture::all() {
        for (_, page) in fixture.forms() {
            // A hop without a page of its own is proved by the pages on which it is expected as a relay.
            let own = |rule: &str| rule == fixture.product || fixture.expect.relays.iter().flatten().any(|r| r == rule);
            for claim in fingerprint::claims(&page).into_iter().filter(|c| own(c.rule)) {
                fired.extend(claim.signs.iter().map(|s| (claim.rule.to_owned(), *s)));
            }
        }
    }
    let silent: Vec<String> = fingerprint::rules()
        .flat_map(|r| {
            r.signs
                .iter()
                .filter(|(s, _)| !fired.contains(&(r.id.to_owned(), s)))
                .map(|(s, _)| format!("{}: {s}", r.id))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(
        silent.is_empty(),
        "signs that fire on no fixture in tests/pages/<their rule>/, nor on one that expects the rule as a relay:\n{}",
        silent.join("\n")
    );
}

#[test]
fn every_folder_of_fixtures_is_of_a_rule_and_holds_its_pages() {
    let ids: BTreeSet<&str> = fingerprint::rules().map(|r| r.id).collect();
    for fixture in fixture::all() {
        let (folder, producer) = (fixture.product.as_str(), fixture.expect.producer.as_str());
        assert!(folder == "unknown" || ids.contains(folder), "{}: there is no rule {folder}", fixture.name);
        assert_eq!(folder, producer, "{}: a page that is not {folder}'s belongs into another folder", fixture.name);
    }
}

#[test]
fn the_right_product_wins_by_a_margin() {
    let mut close = Vec::new();
    for fixture in fixture::all().iter().filter(|f| f.product != "unknown") {
        for (form, page) in fixture.forms() {
            let reading = fingerprint::read(&page);
            let Some(producer) = reading.producer else { continue };
            let claim = fingerprint::claims(&page).into_iter().find(|c| c.rule == producer.id).unwrap();
            // `read` lowers the confidence where a second product of the same class stands close behind.
            if producer.confidence < claim.confidence {
                close.push(format!("{} ({form}): {:.2} of {:.2}", fixture.name, producer.confidence, claim.confidence));
            }
        }
    }
    assert!(
        close.is_empty(),
        "another product is as likely; let one yield_to the other, or find a better marker:\n{}",
        close.join("\n")
    );
}

#[test]
fn nobody_claims_the_pages_of_unknown_producers() {
    for fixture in fixture::all().iter().filter(|f| f.product == "unknown") {
        for (form, page) in fixture.forms() {
            let reading = fingerprint::read(&page);
            assert_eq!(reading.producer.map(|p| p.id), None, "{} ({form})", fixture.name);
        }
    }
}

/// Which rules would name themselves on which other product's pages, if that one were not there. A change is to be looked at, and
/// then taken over with `FAULTLINE_UPDATE=1`.
#[test]
fn collisions_are_the_known_ones() {
    let mut lines = BTreeSet::new();
    for fixture in fixture::all().iter().filter(|f| f.product != "unknown") {
        for claim in claims(fixture).into_values().filter(|c| c.by.is_some() && c.rule != fixture.product) {
            lines.insert(format!("{}\t{}\t{}", fixture.product, claim.rule, claim.by.map_or("", |c| c.as_str())));
        }
    }
    let head = "page of\talso claimed by\tby\n";
    let now = lines.iter().fold(head.to_owned(), |all, line| all + line + "\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/collisions.tsv");
    if std::env::var_os("FAULTLINE_UPDATE").is_some() {
        fs::write(&path, &now).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(now, known, "FAULTLINE_UPDATE=1 cargo test -p faultline-tests --test rules writes {}", path.display());
}

const GOOD: &str = r#"id = "acme"
name = "Acme"
vendor = "Acme"
role = "cdn"
side = "site"
place = "edge"
docs = "https://acme.example/errors"

[[sign]]
id = "tail"
class = "tail"
where = "markup"
has = "<hr><center>acme</center>"

[[meaning]]
status = 502
sign = "tail"
kind = "refused"
confidence = 0.5
"#;

fn troubles(change: (&str, &str)) -> Vec<String> {
    assert!(GOOD.contains(change.0), "nothing to change: {}", change.0);
    compile::compile(&[("acme".to_owned(), GOOD.replacen(change.0, change.1, 1))]).err().unwrap_or_default()
}

#[test]
fn a_bad_rule_is_refused_with_file_line_and_mend() {
    assert!(compile::compile(&[("acme".to_owned(), GOOD.to_owned())]).is_ok());
    let cases = [
        ("id = \"acme\"", "id = \"acne\"", 1, "name of the file"),
        ("vendor = ", "vendro = ", 3, "unknown field"),
        ("role = \"cdn\"", "role = \"cnd\"", 4, "one of origin-server"),
        ("place = \"edge\"", "place = \"somewhere\"", 5, "unknown Place"),
        ("docs = \"https", "docs = \"ftp", 7, "https address"),
        ("class = \"tail\"", "class = \"tale\"", 9, "one of tail, vendor-id"),
        ("where = \"markup\"", "where = \"body\"", 9, "unknown place"),
        ("where = \"markup\"", "where = \"text\"", 9, "a text has no tags"),
        ("has = \"<hr><center>acme</center>\"", "has = \"<b>\"", 9, "shorter than 6"),
        (
            "where = \"markup\"\nhas = \"<hr><center>acme</center>\"",
            "where = \"text\"\nhas = \"502 Bad Gateway\"",
            9,
            "everybody's error pages",
        ),
        ("has = ", "like = ", 9, "`markup` goes with"),
        ("has = \"<hr>", "is = \"x\"\nhas = \"<hr>", 9, "exactly one of"),
        ("sign = \"tail\"", "sign = \"tial\"", 15, "no sign with the id"),
        ("kind = \"refused\"", "kind = \"broken\"", 15, "one of refused, timeout"),
        ("status = 502", "status = \"5x\"", 15, "is no status"),
        ("confidence = 0.5", "confidence = 5", 15, "from 0 to 1"),
        ("[[sign]]", "yields_to = [\"apex\"]\n[[sign]]", 9, "no rule \"apex\""),
    ];
    for (from, to, line, mend) in cases {
        let found = troubles((from, to));
        let place = format!("crate/rules/acme.toml:{line}:");
        assert!(found.iter().any(|t| t.starts_with(&place) && t.contains(mend)), "{to}: wanted {place} … {mend}, got {found:#?}");
    }
}

#[test]
fn a_marker_of_two_products_is_refused_unless_one_yields() {
    let other = GOOD.replace("acme", "apex").replace("<center>apex", "<center>acme");
    let files = |other: &str| [("acme".to_owned(), GOOD.to_owned()), ("apex".to_owned(), other.to_owned())];
    let found = compile::compile(&files(&other)).err().unwrap_or_default();
    assert!(found.iter().any(|t| t.starts_with("crate/rules/apex.toml:9:") && t.contains("names acme too")), "{found:#?}");
    let yielding = other.replace("\n\n[[sign]]", "\nyields_to = [\"acme\"]\n\n[[sign]]");
    assert!(compile::compile(&files(&yielding)).is_ok());
}
