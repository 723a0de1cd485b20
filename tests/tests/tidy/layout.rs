//! What is where, and how long it may be.

use crate::tree::{files, files_in, has, text, top};

/// Everything that stands at the root of the checkout.
const TOP: &[&str] = &[
    ".cargo/",
    ".ci/",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "DESIGN.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "PRIVACY.md",
    "README.md",
    "_locales/",
    "crate/",
    "deny.toml",
    "docs/",
    "extension/",
    "manifest.json",
    "rustfmt.toml",
    "store/",
    "tests/",
    "xtask/",
];

/// Files that something outside of the workspace expects where they are.
const REQUIRED: &[&str] = &[
    ".cargo/config.toml",
    ".ci/run",
    "_locales/en/messages.json",
    "crate/core/build.rs",
    "crate/core/src/lib.rs",
    "crate/rules/README.md",
    "crate/shell/src/lib.rs",
    "docs/permissions.md",
    "docs/popup.png",
    "docs/report.schema.json",
    "docs/settings.schema.json",
    "extension/background.js",
    "extension/details.html",
    "extension/options.html",
    "extension/popup.html",
    "store/listing/en.md",
    "store/rebuild.md",
    "tests/pages/unknown",
    "xtask/src/main.rs",
];

/// Most lines of one source file: more than that has two subjects.
const MAX_LINES: usize = 400;

/// Most lines of hand-written JavaScript: what decides is Rust.
const MAX_JAVASCRIPT: usize = 1020;

/// Names that say nothing, so that everything ends up in them.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "manager", "managers", "misc", "common"];

#[test]
fn the_root_holds_what_it_should_and_nothing_else() {
    assert_eq!(
        top(),
        TOP,
        "what is new at the root belongs into TOP of tests/tests/tidy/layout.rs and into the map of ARCHITECTURE.md; what is gone, out of both"
    );
}

#[test]
fn the_map_names_every_part() {
    let map = text("ARCHITECTURE.md");
    let mut parts: Vec<String> = TOP.iter().filter(|t| t.ends_with('/')).map(|t| (*t).to_owned()).collect();
    let crates = files().into_iter().filter_map(|f| f.strip_suffix("/Cargo.toml").map(|folder| format!("{folder}/")));
    parts.extend(crates);
    let missing: Vec<_> = parts.iter().filter(|p| !map.contains(&format!("`{p}"))).collect();
    assert!(missing.is_empty(), "the map of ARCHITECTURE.md says nothing of {missing:?}");
}

#[test]
fn required_files_are_there() {
    let missing: Vec<_> = REQUIRED.iter().filter(|f| !has(f)).collect();
    assert!(missing.is_empty(), "put back, or take out of REQUIRED: {missing:?}");
}

#[test]
fn no_source_file_is_too_long() {
    let sources = files().into_iter().filter(|f| f.ends_with(".rs") || f.ends_with(".js"));
    let long: Vec<_> = sources.map(|f| (text(&f).lines().count(), f)).filter(|(lines, _)| *lines > MAX_LINES).collect();
    assert!(long.is_empty(), "longer than {MAX_LINES} lines; find the second subject and give it a file of its own: {long:?}");
}

#[test]
fn hand_written_javascript_stays_small() {
    let lines: usize = files_in("extension/", &[".js"]).iter().map(|f| text(f).lines().count()).sum();
    assert!(lines <= MAX_JAVASCRIPT, "{lines} lines of JavaScript in extension/, {MAX_JAVASCRIPT} are allowed: let Rust do it");
}

#[test]
fn every_file_has_a_name_that_says_what_is_in_it() {
    let stem = |part: &str| part.split('.').next().unwrap_or_default().to_owned();
    let bad: Vec<_> =
        files().into_iter().filter(|f| f.split('/').any(|part| EMPTY_NAMES.contains(&stem(part).as_str()))).collect();
    assert!(bad.is_empty(), "name these after what they do: {bad:?}");
}

#[test]
fn every_rust_file_says_first_what_it_is() {
    let silent: Vec<_> = files().into_iter().filter(|f| f.ends_with(".rs") && !text(f).starts_with("//!")).collect();
    assert!(silent.is_empty(), "begin these with a line of `//!`: {silent:?}");
}
