//! The store packages, and the sources that a reviewer rebuilds them from.
//!
//! What goes in is an allow-list, and the bytes depend on nothing but the files: names are sorted, times and permissions fixed. The one
//! manifest goes to both stores, without the keys that the other browser needs and this one warns about ([`CHROME`], [`FIREFOX`]).

pub(crate) mod proof;
mod review;
mod source;

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::build::{self, Profile};
use crate::place::Place;
use crate::process::Outcome;
use crate::setup::{self, Needs};

/// A store, and the manifest keys that are not for it. A key inside another is written with a dot, and so is a permission in a list of them.
struct Store {
    suffix: &'static str,
    dropped: &'static [&'static str],
}

/// Chrome warns of an unknown key for the first, of event pages in MV3 for the second, and does not know the third; what the
/// last is for is done in Firefox only.
const CHROME: Store = Store {
    suffix: "chrome.zip",
    dropped: &["browser_specific_settings", "background.scripts", "permissions.captivePortal", "optional_permissions.proxy"],
};
/// Firefox has no service workers for extensions, does not know Chrome's versions; what the last is for is done in Chromium only.
const FIREFOX: Store = Store {
    suffix: "firefox.xpi",
    dropped: &["background.service_worker", "minimum_chrome_version", "permissions.declarativeNetRequestWithHostAccess"],
};

/// Kinds of files that `extension/` and `_locales/` may give to a package.
const KINDS: [&str; 8] = ["css", "html", "js", "json", "png", "svg", "wasm", "woff2"];

/// One file of a package: its name there, and what it holds.
type Entry = (String, Vec<u8>);

pub(crate) use review::dimensions;

/// Builds the extension and writes the packages and the sources to `dist/`.
pub(crate) fn write(place: &Place) -> Outcome<bool> {
    let tools = setup::prepare(place, &Needs::build())?;
    build::extension(place, &tools, Profile::Release)?;
    write_built(place)?;
    Ok(true)
}

/// Writes packages and sources of an extension that is built, and looks through what Chrome's store would refuse.
pub(crate) fn write_built(place: &Place) -> Outcome {
    let mut left_out = Vec::new();
    let made = packed(&place.root, &mut left_out)?;
    if !left_out.is_empty() {
        println!("not packaged: {}", left_out.join(", "));
    }
    let dist = place.root.join("dist");
    fs::create_dir_all(&dist).map_err(|why| format!("cannot create {}: {why}", dist.display()))?;
    for Made { name, bytes, files } in made {
        fs::write(dist.join(&name), &bytes).map_err(|why| format!("cannot write dist/{name}: {why}"))?;
        println!("dist/{name}: {} bytes, {files} files", build::thousands(bytes.len()));
    }
    Ok(())
}

/// One file of `dist/`.
pub(crate) struct Made {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    files: usize,
}

/// Both packages and the sources of a checkout in which the extension is built.
///
/// # Errors
/// What cannot be read, and what Chrome's store would refuse.
pub(crate) fn packed(root: &Path, left_out: &mut Vec<String>) -> Outcome<Vec<Made>> {
    let mut files = Vec::new();
    for directory in ["_locales", "extension"] {
        collect(root, directory, &mut files, left_out)?;
    }
    for name in names_in(root)?.iter().filter(|name| name.starts_with("LICENSE")) {
        files.push((name.clone(), read(&root.join(name))?));
    }
    let manifest = read(&root.join("manifest.json"))?;
    let manifest: Value = serde_json::from_slice(&manifest).map_err(|why| format!("manifest.json is not JSON: {why}"))?;
    let version = manifest.get("version").and_then(Value::as_str).ok_or("manifest.json has no version")?;
    if version != env!("CARGO_PKG_VERSION") {
        return Err(format!("manifest.json is of version {version}, the workspace of version {}", env!("CARGO_PKG_VERSION")));
    }
    let mut made = Vec::new();
    for store in [CHROME, FIREFOX] {
        let mut entries = files.clone();
        entries.push(("manifest.json".to_owned(), manifest_for(&store, &manifest)?));
        let package = pack(entries.clone()).map_err(|why| format!("cannot pack: {why}"))?;
        if store.suffix == CHROME.suffix {
            let found = review::chrome(&entries, package.len());
            if !found.is_empty() {
                return Err(format!("the Chrome Web Store would not take the package:\n  {}", found.join("\n  ")));
            }
        }
        made.push(Made { name: name_of(&store), bytes: package, files: entries.len() });
    }
    let entries = source::entries(root)?;
    let files = entries.len();
    let bytes = pack(entries).map_err(|why| format!("cannot pack: {why}"))?;
    made.push(Made { name: format!("faultline-{version}-source.zip"), bytes, files });
    Ok(made)
}

fn name_of(store: &Store) -> String {
    format!("faultline-{}-{}", env!("CARGO_PKG_VERSION"), store.suffix)
}

/// The package for Chrome in `dist/`.
pub(crate) fn chrome_package(place: &Place) -> PathBuf {
    place.root.join("dist").join(name_of(&CHROME))
}

/// The package for Firefox in `dist/`.
pub(crate) fn firefox_package(place: &Place) -> PathBuf {
    place.root.join("dist").join(name_of(&FIREFOX))
}

/// The packages of this version that are in `dist/`: name, and bytes.
pub(crate) fn packages(place: &Place) -> Outcome<Vec<(String, usize)>> {
    [CHROME, FIREFOX]
        .iter()
        .map(name_of)
        .map(|name| read(&place.root.join("dist").join(&name)).map(|bytes| (name, bytes.len())))
        .collect()
}

/// All files below a directory that are of a packaged kind, and the names of the others.
fn collect(root: &Path, directory: &str, files: &mut Vec<Entry>, left_out: &mut Vec<String>) -> Outcome {
    for name in names_in(&root.join(directory))? {
        let inside = format!("{directory}/{name}");
        let path = root.join(&inside);
        if name.starts_with('.') {
            left_out.push(inside);
        } else if path.is_dir() {
            collect(root, &inside, files, left_out)?;
        } else if path.extension().is_some_and(|kind| KINDS.iter().any(|&known| kind == known)) {
            let bytes = read(&path)?;
            let words = inside.starts_with("_locales/") && name == "messages.json";
            files.push((inside, if words { messages(&bytes)? } else { bytes }));
        } else {
            left_out.push(inside);
        }
    }
    Ok(())
}

/// A language's words without what is written for translators, and without the blanks between them.
fn messages(file: &[u8]) -> Outcome<Vec<u8>> {
    let trouble = |why: serde_json::Error| format!("a messages.json: {why}");
    let mut words: Value = serde_json::from_slice(file).map_err(trouble)?;
    for word in words.as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        word.as_object_mut().map(|word| word.remove("description"));
    }
    serde_json::to_vec(&words).map_err(trouble)
}

fn names_in(directory: &Path) -> Outcome<Vec<String>> {
    let trouble = |why: std::io::Error| format!("cannot read {}: {why}", directory.display());
    let mut names = Vec::new();
    for file in fs::read_dir(directory).map_err(trouble)? {
        names.push(file.map_err(trouble)?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// The manifest as one store wants it.
///
/// # Errors
///
/// A key of the list that the manifest does not have: the list would go on claiming what is no longer so.
fn manifest_for(store: &Store, manifest: &Value) -> Outcome<Vec<u8>> {
    let mut manifest = manifest.clone();
    for key in store.dropped {
        let (parent, name) = match key.split_once('.') {
            Some((parent, name)) => (manifest.get_mut(parent), name),
            None => (Some(&mut manifest), *key),
        };
        let removed = match parent {
            Some(Value::Object(object)) => object.remove(name),
            Some(Value::Array(list)) => list.iter().position(|entry| entry == name).map(|at| list.remove(at)),
            _ => None,
        };
        if removed.is_none() {
            return Err(format!("manifest.json has no {key}, which the package {} is to drop", store.suffix));
        }
    }
    let mut text = serde_json::to_vec_pretty(&manifest).map_err(|why| format!("cannot write a manifest: {why}"))?;
    text.push(b'\n');
    Ok(text)
}

fn pack(mut entries: Vec<Entry>) -> zip::result::ZipResult<Vec<u8>> {
    entries.sort_unstable();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        // The first moment that the format can name.
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(name, options)?;
        writer.write_all(&bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|why| format!("cannot read {}: {why}", path.display()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that meets something else has failed")]
mod tests {
    use super::{CHROME, Entry, FIREFOX, manifest_for, messages, pack};
    use serde_json::{Value, json};
    use std::io::{Cursor, Read};

    #[test]
    fn words_go_without_what_is_for_translators() {
        let file = br#"{ "description": { "message": "It says" }, "on": { "message": "On $1", "description": "$1: a host" } }"#;
        let packed = messages(file).unwrap();
        assert_eq!(packed, br#"{"description":{"message":"It says"},"on":{"message":"On $1"}}"#);
    }

    fn manifest() -> Value {
        json!({
            "version": "1.2.3",
            "minimum_chrome_version": "127",
            "browser_specific_settings": { "gecko": { "id": "x@y" } },
            "background": { "service_worker": "b.js", "scripts": ["b.js"], "type": "module" },
            "permissions": ["captivePortal", "storage", "declarativeNetRequestWithHostAccess"],
            "optional_permissions": ["proxy", "management"],
        })
    }

    #[test]
    fn each_store_gets_the_manifest_without_the_others_keys() {
        let chrome: Value = serde_json::from_slice(&manifest_for(&CHROME, &manifest()).unwrap()).unwrap();
        let firefox: Value = serde_json::from_slice(&manifest_for(&FIREFOX, &manifest()).unwrap()).unwrap();
        let common = json!({ "service_worker": "b.js", "type": "module" });
        let permissions = json!(["storage", "declarativeNetRequestWithHostAccess"]);
        let rest = json!({
            "version": "1.2.3", "minimum_chrome_version": "127", "background": common,
            "permissions": permissions, "optional_permissions": ["management"],
        });
        assert_eq!(chrome, rest);
        let common = json!({ "scripts": ["b.js"], "type": "module" });
        let gecko = json!({ "gecko": { "id": "x@y" } });
        let permissions = json!(["captivePortal", "storage"]);
        let rest = json!({
            "version": "1.2.3", "browser_specific_settings": gecko, "background": common,
            "permissions": permissions, "optional_permissions": ["proxy", "management"],
        });
        assert_eq!(firefox, rest);
    }

    #[test]
    fn a_key_that_is_gone_from_the_manifest_is_an_error() {
        let mut manifest = manifest();
        manifest["background"].as_object_mut().unwrap().remove("scripts");
        assert!(manifest_for(&CHROME, &manifest).unwrap_err().contains("background.scripts"));
    }

    #[test]
    fn a_package_depends_on_its_files_alone_and_gives_them_back() {
        let entries = |order: [&str; 3]| order.map(|name| (name.to_owned(), name.repeat(100).into_bytes())).to_vec();
        let one: Vec<Entry> = entries(["b/c.js", "manifest.json", "a.css"]);
        let package = pack(one).unwrap();
        assert_eq!(package, pack(entries(["manifest.json", "a.css", "b/c.js"])).unwrap());

        let mut archive = zip::ZipArchive::new(Cursor::new(package)).unwrap();
        let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        assert_eq!(names, ["a.css", "b/c.js", "manifest.json"]);
        let mut text = String::new();
        let mut file = archive.by_name("b/c.js").unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "b/c.js".repeat(100));
        assert_eq!(file.last_modified().unwrap().year(), 1980);
    }
}
