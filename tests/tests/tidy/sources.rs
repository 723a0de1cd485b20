//! What the sources never contain.

use std::collections::BTreeSet;

use crate::tree::{code, files, files_in, root, text};

/// Ways in which a text of a hostile page could become markup or code.
const SINKS: &[&str] = &[
    "innerHTML",
    "outerHTML =",
    "outerHTML=",
    "insertAdjacentHTML",
    "eval(",
    "new Function",
    "document.write",
    "createContextualFragment",
    "setHTMLUnsafe",
    "DOMParser",
    "srcdoc",
    "javascript:",
];

/// What a pure core cannot have, and what to use in its place.
const IMPURE: &[(&str, &str)] = &[
    ("std::time", "time comes with the event"),
    ("Instant", "time comes with the event"),
    ("SystemTime", "time comes with the event"),
    ("rand::", "the same events give the same commands"),
    ("getrandom", "the same events give the same commands"),
    ("HashMap", "BTreeMap: its order is the same everywhere"),
    ("HashSet", "BTreeSet: its order is the same everywhere"),
    ("async ", "what is under way is data in the case"),
    (".await", "what is under way is data in the case"),
    ("std::thread", "what is under way is data in the case"),
    ("std::fs", "the shell reads and writes"),
    ("std::io", "the shell reads and writes"),
    ("std::env", "settings come with the event"),
    ("std::process", "the shell acts"),
    ("TcpStream", "a Command::Ask"),
    ("UdpSocket", "a Command::Ask"),
    ("println!", "a report, or nothing"),
    ("static mut", "state lives in the Desk"),
    ("thread_local!", "state lives in the Desk"),
    ("wasm_bindgen", "the shell knows the browser"),
    ("js_sys", "the shell knows the browser"),
    ("web_sys", "the shell knows the browser"),
];

/// Endings of files that people write, fixtures and lists of versions left out.
const WRITTEN: &[&str] = &[".rs", ".js", ".html", ".css", ".json", ".toml", ".md", ".run", ".yml"];

/// A finding for each line of `text` that has `what`.
fn lines_with(path: &str, text: &str, what: &str, out: &mut Vec<String>) {
    let lines = text.lines().enumerate().filter(|(_, line)| line.contains(what));
    out.extend(lines.map(|(n, line)| format!("{path}:{}: {}", n + 1, line.trim())));
}

#[test]
fn nothing_that_a_page_wrote_can_become_markup_or_code() {
    let mut found = Vec::new();
    for path in files_in("extension/", &[".js", ".html"]) {
        SINKS.iter().for_each(|sink| lines_with(&path, &text(&path), sink, &mut found));
    }
    assert!(found.is_empty(), "use createElement and textContent, as paint.js does:\n{}", found.join("\n"));
}

#[test]
fn pages_load_nothing_from_elsewhere() {
    let mut found = Vec::new();
    for path in files_in("extension/", &[".html", ".css"]) {
        let text = text(&path);
        for remote in ["://", "\"//", "'//", "url(//", "@import"] {
            lines_with(&path, &text, remote, &mut found);
        }
    }
    assert!(found.is_empty(), "put the file into extension/ and name it by a relative path:\n{}", found.join("\n"));
}

#[test]
fn pages_have_no_script_of_their_own() {
    let mut found = Vec::new();
    for path in files_in("extension/", &[".html"]) {
        let text = text(&path);
        for tag in text.split("<script").skip(1) {
            if !tag.split('>').next().unwrap_or_default().contains("src=") {
                found.push(path.clone());
            }
        }
        [" onclick=", " onload=", " onerror=", " style="].iter().for_each(|inline| lines_with(&path, &text, inline, &mut found));
    }
    assert!(found.is_empty(), "the policy of the pages forbids scripts and styles within them:\n{}", found.join("\n"));
}

#[test]
fn the_core_stands_on_serde_alone() {
    let manifest = |path: &str| -> toml::Table { text(path).parse().expect("a manifest is TOML") };
    let (core, search) = (manifest("crate/core/Cargo.toml"), manifest("crate/search/Cargo.toml"));
    let names = |table: &str| {
        core.get(table).and_then(toml::Value::as_table).map(|t| t.keys().cloned().collect::<BTreeSet<_>>()).unwrap_or_default()
    };
    let set = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
    let wanted = set(&["faultline-search", "serde"]);
    assert_eq!(names("dependencies"), wanted, "every dependency of the core is in the wasm that visitors load");
    assert!(!search.contains_key("dependencies"), "the search is a part of the core, and stands on nothing");
    assert_eq!(
        names("build-dependencies"),
        set(&["faultline-search", "serde", "toml"]),
        "they read the rules, and nothing else needs to happen in a build"
    );
    assert!(!core.contains_key("target"), "the core is the same on every target");
}

#[test]
fn the_core_is_pure() {
    let mut found = Vec::new();
    for path in files_in("crate/core/src/", &[".rs"]).into_iter().chain(files_in("crate/search/src/", &[".rs"])) {
        let code = code(&path);
        for (what, instead) in IMPURE {
            let mut here = Vec::new();
            lines_with(&path, &code, what, &mut here);
            found.extend(here.into_iter().map(|line| format!("{line}   ({instead})")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn nothing_is_left_for_later() {
    // In two halves, so that this file does not find itself.
    let marks =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:"), concat!("unimple", "mented!("), concat!("to", "do!(")];
    let mut found = Vec::new();
    for path in files().into_iter().filter(|f| WRITTEN.iter().any(|e| f.ends_with(e)) && !f.starts_with("tests/pages/")) {
        marks.iter().for_each(|mark| lines_with(&path, &text(&path), mark, &mut found));
    }
    assert!(found.is_empty(), "do it now, or write an issue:\n{}", found.join("\n"));
}

#[test]
fn no_path_of_somebodys_machine() {
    let mut marks = vec![
        concat!("/ro", "ot/").to_owned(),
        concat!("/ho", "me/").to_owned(),
        concat!("/Use", "rs/").to_owned(),
        concat!("C:\\", "Users").to_owned(),
    ];
    let here = root().to_string_lossy().into_owned();
    // A checkout at the top of a disk says nothing about anybody.
    if here.matches('/').count() > 1 {
        marks.push(here);
    }
    let mut found = Vec::new();
    for path in files().into_iter().filter(|f| WRITTEN.iter().any(|e| f.ends_with(e)) || f.starts_with(".c")) {
        marks.iter().for_each(|mark| lines_with(&path, &text(&path), mark, &mut found));
    }
    for name in ["faultline_shell.js", "faultline_shell_bg.wasm"] {
        let Ok(built) = std::fs::read(root().join("extension/wasm").join(name)) else { continue };
        let built = String::from_utf8_lossy(&built);
        found.extend(
            marks
                .iter()
                .chain([&".cargo/registry".to_owned()])
                .filter(|m| built.contains(m.as_str()))
                .map(|m| format!("extension/wasm/{name}: {m}")),
        );
    }
    assert!(found.is_empty(), "take it from the environment, or remap it (xtask/src/build.rs):\n{}", found.join("\n"));
}
