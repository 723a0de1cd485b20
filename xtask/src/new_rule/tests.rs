//! The skeleton against the compiler of the rules, and against whoever forgets to fill it in.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test that meets something else has failed, and the compiler is another crate's"
)]

#[path = "../../../crate/core/build/compile.rs"]
mod compile;

use std::fs;
use std::path::{Path, PathBuf};

use super::{FILES, ROLES, wish, write};
use crate::place::Place;

fn checkout(name: &str) -> Place {
    let root = std::env::temp_dir().join(format!("faultline-new-rule-{name}-{}", std::process::id()));
    fs::create_dir_all(&root).unwrap();
    Place { target: root.join("target"), cache: root.join("cache"), downloads: root.join("downloads"), root }
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

#[test]
fn what_it_writes_compiles_in_every_role() {
    for (role, side, place) in ROLES {
        let wish = wish(&["acme-9", "--name", "Acme {id} & Söhne", "--role", role]).unwrap();
        let text = wish.fill(FILES[0].1);
        assert!(text.contains("name = \"Acme {id} & Söhne\""), "{text}");
        if let Err(troubles) = compile::compile(&[("acme-9".to_owned(), text)]) {
            panic!("{role}: {}", troubles.join("\n"));
        }
        assert!(wish.fill(FILES[2].1).contains(&format!("usual = \"{side}/{place}\"")));
    }
}

#[test]
fn a_rule_and_its_page_are_written_once() {
    let place = checkout("once");
    assert_eq!(write(&place, &["kelp"]), Ok(true));
    let rule = fs::read_to_string(place.root.join("crate/rules/kelp.toml")).unwrap();
    assert!(rule.contains("id = \"kelp\"") && rule.contains("name = \"Kelp\"") && rule.contains("role = \"reverse-proxy\""));
    for file in ["page.http", "expect.toml"] {
        let text = fs::read_to_string(place.root.join("tests/pages/kelp/502-example").join(file)).unwrap();
        assert!(text.contains("kelp") && !text.contains("{id}"), "{file}: {text}");
    }
    let again = write(&place, &["kelp", "--name", "Other"]).unwrap_err();
    assert!(again.contains("there already"), "{again}");
    assert_eq!(fs::read_to_string(place.root.join("crate/rules/kelp.toml")).unwrap(), rule);
    // Pages alone are somebody's beginning too.
    fs::remove_file(place.root.join("crate/rules/kelp.toml")).unwrap();
    assert!(write(&place, &["kelp"]).is_err());
    fs::remove_dir_all(&place.root).unwrap();
}

#[test]
fn a_bad_wish_is_refused_with_the_mend() {
    for (arguments, mend) in [
        (&[][..], "new-rule ID"),
        (&["--name"], "new-rule ID"),
        (&["Kelp"], "small letters"),
        (&["kelp_gateway"], "small letters"),
        (&["-kelp"], "new-rule ID"),
        (&["kelp-"], "small letters"),
        (&["kelp--edge"], "small letters"),
        (&["../kelp"], "small letters"),
        (&["unknown"], "nobody wrote"),
        (&["kelp", "--role", "teapot"], "origin-server, reverse-proxy"),
        (&["kelp", "--name", "a\"b"], "without quotes"),
        (&["kelp", "--name"], "value is missing"),
        (&["kelp", "--colour", "green"], "not understood"),
    ] {
        let why = wish(arguments).unwrap_err();
        assert!(why.contains(mend), "{arguments:?}: {why}");
    }
}

#[test]
fn no_rule_is_left_as_it_was_begun() {
    let rules = fs::read_dir(here().join("crate/rules")).unwrap().map(|file| file.unwrap().path());
    let begun: Vec<_> = rules
        .filter(|path| {
            fs::read_to_string(path).unwrap().contains("fill-in.example")
                || fs::read_to_string(path).unwrap().contains("fills in")
        })
        .collect();
    assert!(begun.is_empty(), "these still have lines of the skeleton: {begun:?}");
}

#[test]
fn the_roles_are_those_of_the_core() {
    let text = fs::read_to_string(here().join("crate/core/src/terms.rs")).unwrap();
    let roles = text.split("\n    Role {").nth(1).unwrap().split("\n    }").next().unwrap();
    let known: Vec<&str> = roles.split('"').skip(1).step_by(2).collect();
    assert_eq!(known, ROLES.map(|(role, _, _)| role));
}
