//! What the browsers are told and asked for.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::tree::{between, files, has, text};

pub(crate) fn manifest() -> Value {
    serde_json::from_str(&text("manifest.json")).expect("manifest.json is JSON")
}

/// Every text in a JSON value.
fn texts(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|v| texts(v, out)),
        Value::Object(fields) => fields.values().for_each(|v| texts(v, out)),
        _ => {}
    }
}

#[test]
fn every_permission_is_explained_and_every_explained_one_is_asked_for() {
    let manifest = manifest();
    let keys = ["permissions", "host_permissions", "optional_permissions", "optional_host_permissions"];
    let mut asked = Vec::new();
    keys.iter().filter_map(|k| manifest.get(*k)).for_each(|list| texts(list, &mut asked));
    let asked: BTreeSet<_> = asked.into_iter().collect();
    let explained: BTreeSet<_> = between(&text("docs/permissions.md"), "\n| `", "` |").into_iter().collect();
    assert_eq!(explained, asked, "a row of docs/permissions.md for each permission of manifest.json, and no other");
}

#[test]
fn there_is_one_version() {
    let version = manifest()["version"].as_str().map(str::to_owned);
    assert_eq!(
        version.as_deref(),
        Some(env!("CARGO_PKG_VERSION")),
        "set `version` in manifest.json and in [workspace.package] of Cargo.toml together"
    );
}

#[test]
fn no_page_reaches_into_the_extension() {
    let manifest = manifest();
    for key in ["web_accessible_resources", "externally_connectable", "content_scripts", "sandbox"] {
        assert!(
            manifest.get(key).is_none(),
            "take `{key}` out of manifest.json: with it, pages could find, load or call the extension"
        );
    }
}

#[test]
fn pages_of_the_extension_run_its_own_code_alone() {
    let manifest = manifest();
    let policy =
        manifest["content_security_policy"]["extension_pages"].as_str().expect("manifest.json has a policy for its pages");
    let directives: Vec<Vec<&str>> = policy.split(';').map(|d| d.split_whitespace().collect()).collect();
    let allows = |name: &str| directives.iter().find(|d| d.first() == Some(&name)).map(|d| d[1..].to_vec());
    assert_eq!(
        allows("script-src"),
        Some(vec!["'self'", "'wasm-unsafe-eval'"]),
        "scripts come from the package and nowhere else"
    );
    assert_eq!(allows("default-src"), Some(vec!["'self'"]), "whatever is not named comes from the package");
    assert_eq!(allows("object-src"), Some(vec!["'none'"]));
}

#[test]
fn files_that_the_manifest_and_the_pages_name_exist() {
    let mut named = Vec::new();
    texts(&manifest(), &mut named);
    named.retain(|t| t.starts_with("extension/"));
    for page in files().iter().filter(|f| f.starts_with("extension/") && f.ends_with(".html")) {
        let html = text(page);
        let relative = [between(&html, "src=\"", "\""), between(&html, "href=\"", "\"")].concat();
        named.extend(relative.into_iter().map(|f| format!("extension/{f}")));
    }
    let missing: Vec<_> = named.iter().filter(|f| !has(f)).collect();
    assert!(missing.is_empty(), "named, but not there: {missing:?}");
}
