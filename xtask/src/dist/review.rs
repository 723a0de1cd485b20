//! What the Chrome Web Store refuses or asks about, looked for before it does.
//!
//! Firefox's packages are looked through by Mozilla's own `web-ext lint`; Google gives no such program. The rules:
//! <https://developer.chrome.com/docs/webstore/program-policies/mv3-requirements>,
//! <https://developer.chrome.com/docs/extensions/reference/manifest>, <https://developer.chrome.com/docs/webstore/images>.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Entry;
use crate::build::thousands;

/// The store takes 2 GB; this is our own promise to visitors.
const MAX_PACKAGE: usize = 454_000;
/// Characters of a name and of a description, in every language.
const LIMITS: [(&str, usize); 2] = [("name", 45), ("description", 132)];
/// Sizes of icons that Chrome shows somewhere.
const ICONS: [u32; 4] = [16, 32, 48, 128];

/// An interface and the permission that it needs, for each that may be asked for.
const USES: [(&str, &str); 12] = [
    ("webRequest", "webRequest"),
    ("webNavigation", "webNavigation"),
    ("scripting", "scripting"),
    ("storage", "storage"),
    ("alarms", "alarms"),
    ("management", "management"),
    ("proxy", "proxy"),
    ("notifications", "notifications"),
    ("declarativeNetRequest", "declarativeNetRequest"),
    ("declarativeNetRequest", "declarativeNetRequestWithHostAccess"),
    ("cookies", "cookies"),
    ("dns", "dns"),
];

/// Functions that the WebAssembly calls by their names, of interfaces that no script touches: Chromium never fills in one that was
/// looked at before its permission was there.
const CALLED: [(&str, &str); 1] = [("management", "setEnabled")];

/// Ways to run code that did not come with the package.
const REMOTE: [&str; 7] =
    ["eval(", "new Function(", "importScripts(", "import('http", "import(\"http", "src=\"http", "src='http"];

/// Everything in a package that a reviewer would send back; nothing when it is fit.
pub(super) fn chrome(entries: &[Entry], package: usize) -> Vec<String> {
    let mut found = Vec::new();
    let Some(manifest) = json(entries, "manifest.json") else { return vec!["manifest.json is not JSON".to_owned()] };
    if package > MAX_PACKAGE {
        found.push(format!("the package has {} bytes, {} are allowed", thousands(package), thousands(MAX_PACKAGE)));
    }
    names(entries, &mut found);
    words(entries, &manifest, &mut found);
    icons(entries, &manifest, &mut found);
    code(entries, &manifest, &mut found);
    permissions(entries, &manifest, &mut found);
    if manifest.get("manifest_version").and_then(Value::as_u64) != Some(3) {
        found.push("only manifest version 3 is taken".to_owned());
    }
    for key in ["key", "update_url", "browser_specific_settings"] {
        if manifest.get(key).is_some() {
            found.push(format!("manifest.json has the key {key}, which the store refuses or warns of"));
        }
    }
    found
}

fn json(entries: &[Entry], name: &str) -> Option<Value> {
    entries.iter().find(|(entry, _)| entry == name).and_then(|(_, bytes)| serde_json::from_slice(bytes).ok())
}

/// Chrome keeps names that begin with `_` for itself, and loads no extension that has another.
fn names(entries: &[Entry], found: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for (name, _) in entries {
        let reserved =
            name.split('/').enumerate().any(|(depth, part)| part.starts_with('_') && (depth > 0 || part != "_locales"));
        if reserved || name.contains('\\') || !name.is_ascii() {
            found.push(format!("{name}: Chrome loads no file of such a name"));
        }
        if !seen.insert(name.to_lowercase()) {
            found.push(format!("{name} differs from another file in case only"));
        }
    }
}

fn words(entries: &[Entry], manifest: &Value, found: &mut Vec<String>) {
    let languages = entries.iter().filter(|(name, _)| name.starts_with("_locales/") && name.ends_with("/messages.json"));
    for (name, bytes) in languages {
        let Ok(messages) = serde_json::from_slice::<Value>(bytes) else {
            found.push(format!("{name} is not JSON"));
            continue;
        };
        for (key, limit) in LIMITS {
            let text = messages.pointer(&format!("/{key}/message")).and_then(Value::as_str).unwrap_or_default();
            let length = text.chars().count();
            if length == 0 || length > limit {
                found.push(format!("{name}: {key} has {length} characters, 1 to {limit} are allowed"));
            }
        }
    }
    let default = manifest.get("default_locale").and_then(Value::as_str).unwrap_or_default();
    if !entries.iter().any(|(name, _)| name == &format!("_locales/{default}/messages.json")) {
        found.push(format!("the default language {default:?} is not there"));
    }
}

fn icons(entries: &[Entry], manifest: &Value, found: &mut Vec<String>) {
    for size in ICONS {
        let path = manifest.pointer(&format!("/icons/{size}")).and_then(Value::as_str).unwrap_or_default();
        match entries.iter().find(|(name, _)| name == path) {
            None => found.push(format!("there is no icon of {size} pixels")),
            Some((_, png)) if dimensions(png) != Some((size, size)) => {
                found.push(format!("{path} is {:?} pixels in place of {size}", dimensions(png)));
            }
            Some(_) => {}
        }
    }
}

/// Width and height of a PNG, from its first chunk.
pub(crate) fn dimensions(png: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from_be_bytes(png.get(at..at + 4)?.try_into().ok()?));
    (png.get(..8)? == b"\x89PNG\r\n\x1a\n").then_some(())?;
    Some((number(16)?, number(20)?))
}

fn code(entries: &[Entry], manifest: &Value, found: &mut Vec<String>) {
    for (name, bytes) in entries.iter().filter(|(name, _)| name.ends_with(".js") || name.ends_with(".html")) {
        let text = String::from_utf8_lossy(bytes);
        for way in REMOTE.iter().filter(|way| calls(&text, way)) {
            found.push(format!("{name}: `{way}` can run code that did not come with the package"));
        }
        if name.ends_with(".html")
            && text.split("<script").skip(1).any(|rest| !rest.split('>').next().unwrap_or_default().contains("src="))
        {
            found.push(format!("{name}: a script within the page, which the policy refuses"));
        }
    }
    let policy = manifest.pointer("/content_security_policy/extension_pages").and_then(Value::as_str).unwrap_or_default();
    let scripts = policy.split(';').find_map(|part| part.trim().strip_prefix("script-src ")).unwrap_or_default();
    for source in scripts.split_whitespace().filter(|source| !["'self'", "'wasm-unsafe-eval'"].contains(source)) {
        found.push(format!("the policy lets scripts of {source} run"));
    }
}

/// Whether a name is used as itself, and not as the end of a longer one.
fn calls(text: &str, what: &str) -> bool {
    let part_of_a_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$' || c == '.';
    text.match_indices(what).any(|(at, _)| !text.get(..at).is_some_and(|before| before.ends_with(part_of_a_name)))
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|part| part == what)
}

/// A permission that nothing uses is the first thing that a review asks about.
fn permissions(entries: &[Entry], manifest: &Value, found: &mut Vec<String>) {
    let code: String =
        entries.iter().filter(|(name, _)| name.ends_with(".js")).map(|(_, b)| String::from_utf8_lossy(b).into_owned()).collect();
    let compiled =
        |name: &str| entries.iter().filter(|(file, _)| file.ends_with(".wasm")).any(|(_, b)| contains(b, name.as_bytes()));
    for key in ["permissions", "optional_permissions"] {
        for permission in manifest.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            let known: Vec<_> = USES.iter().filter(|(_, needs)| *needs == permission).collect();
            let used = |interface: &str| {
                let called = CALLED.iter().find(|(of, _)| *of == interface).is_some_and(|(_, name)| compiled(name));
                called
                    || ["chrome", "browser", "api"].iter().any(|of| {
                        [".", "?."].iter().any(|dot| {
                            code.contains(&format!("{of}{dot}{interface}.")) || code.contains(&format!("{of}{dot}{interface}?."))
                        })
                    })
            };
            if known.is_empty() {
                found.push(format!("{permission}: say in {} which interface it is for", file!()));
            } else if !known.iter().any(|(interface, _)| used(interface)) {
                found.push(format!("{permission} is asked for, and nothing uses it"));
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test that meets something else has failed")]
mod tests {
    use super::{Entry, MAX_PACKAGE, chrome, dimensions};
    use serde_json::{Value, json};

    fn png(size: u32) -> Vec<u8> {
        [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), size.to_be_bytes().to_vec(), size.to_be_bytes().to_vec()].concat()
    }

    fn package(change: impl FnOnce(&mut Value, &mut Vec<Entry>)) -> Vec<String> {
        chrome(&files(change), 1000)
    }

    fn files(change: impl FnOnce(&mut Value, &mut Vec<Entry>)) -> Vec<Entry> {
        let mut manifest = json!({
            "manifest_version": 3, "default_locale": "en", "permissions": ["storage"],
            "icons": { "16": "i16.png", "32": "i32.png", "48": "i48.png", "128": "i128.png" },
            "content_security_policy": { "extension_pages": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'" },
        });
        let messages = json!({ "name": { "message": "Name" }, "description": { "message": "What it does" } });
        let mut entries: Vec<Entry> = vec![
            ("_locales/en/messages.json".to_owned(), messages.to_string().into_bytes()),
            ("b.js".to_owned(), b"chrome.storage.local.get()".to_vec()),
            ("p.html".to_owned(), b"<script type=module src=\"b.js\"></script>".to_vec()),
        ];
        entries.extend([16, 32, 48, 128].map(|size| (format!("i{size}.png"), png(size))));
        change(&mut manifest, &mut entries);
        entries.push(("manifest.json".to_owned(), manifest.to_string().into_bytes()));
        entries
    }

    #[test]
    fn a_fit_package_is_fit() {
        assert_eq!(package(|_, _| {}), Vec::<String>::new());
    }

    #[test]
    fn what_the_store_refuses_is_found() {
        let text = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
        let one = |found: Vec<String>, words: &str| {
            assert!(found.len() == 1 && found.iter().all(|line| line.contains(words)), "{words}: {found:?}");
        };
        one(package(|_, files| files.push(text("x.js", "const a = eval(b)"))), "eval(");
        one(package(|_, files| files.push(text("x.js", "await import('https://x.example/a.js')"))), "import(");
        one(package(|_, files| files.push(text("x.html", "<script>go()</script>"))), "within the page");
        one(package(|_, files| files.push(text("x.html", "<script src=\"https://x.example/a.js\"></script>"))), "src=");
        one(package(|_, files| files.push(text("_x.js", ""))), "_x.js");
        one(package(|_, files| files.push(text("lib/_x.js", ""))), "lib/_x.js");
        one(package(|_, files| files.push(text("B.js", ""))), "in case only");
        one(package(|manifest, _| manifest["permissions"] = json!(["storage", "alarms"])), "alarms is asked for");
        one(package(|manifest, _| manifest["optional_permissions"] = json!(["history"])), "history");
        one(package(|manifest, _| manifest["icons"]["48"] = json!("i32.png")), "i32.png is Some((32, 32))");
        one(package(|_, files| files.retain(|(name, _)| name != "i48.png")), "no icon of 48 pixels");
        one(package(|manifest, _| manifest["default_locale"] = json!("de")), "default language");
        one(package(|manifest, _| manifest["manifest_version"] = json!(2)), "manifest version 3");
        for key in ["key", "update_url", "browser_specific_settings"] {
            one(package(|manifest, _| manifest[key] = json!("x")), key);
        }
        let policy = "script-src 'self' https://x.example";
        one(package(|manifest, _| manifest["content_security_policy"]["extension_pages"] = json!(policy)), "https://x.example");
        let long = json!({ "name": { "message": "n".repeat(46) }, "description": { "message": "d" } }).to_string();
        one(package(|_, files| files.push(text("_locales/de/messages.json", &long))), "46 characters");
        let long = json!({ "name": { "message": "n" }, "description": { "message": "d".repeat(133) } }).to_string();
        one(package(|_, files| files.push(text("_locales/de/messages.json", &long))), "133 characters");
        one(chrome(&files(|_, _| {}), MAX_PACKAGE + 1), "are allowed");
        assert!(chrome(&files(|_, _| {}), MAX_PACKAGE).is_empty());
    }

    #[test]
    fn a_name_that_ends_in_the_same_letters_is_another_name() {
        assert_eq!(
            package(|_, files| files.push(("x.js".to_owned(), b"retrieval(1); a.medieval(2)".to_vec()))),
            Vec::<String>::new()
        );
    }

    #[test]
    fn the_size_of_a_picture_is_in_its_first_chunk() {
        assert_eq!(dimensions(&png(48)), Some((48, 48)));
        assert_eq!(dimensions(b"GIF89a"), None);
    }
}
