//! Proof that the packages are fit: Mozilla's own program looks through the one for Firefox, and a second build, in another folder and from
//! nothing, must come out the same to the byte.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{Made, chrome_package, firefox_package, packed, source};
use crate::build::{self, Profile};
use crate::place::Place;
use crate::process::{self, Outcome};
use crate::setup::Tools;

/// Runs `web-ext lint` over the package for Firefox in `dist/`.
///
/// # Errors
/// Each error, warning and notice: none is let pass.
pub(crate) fn lint(place: &Place, tools: &Tools) -> Outcome {
    let mut command = tools.command(place, "web-ext");
    command.args(["lint", "--no-config-discovery", "--output", "json", "--source-dir"]).arg(firefox_package(place));
    // It asks a server for newer versions of itself otherwise.
    command.env("NO_UPDATE_NOTIFIER", "1");
    // What it finds is in what it prints; that it ends with an error then is no news.
    let output = command.output().map_err(|why| format!("`{}` cannot be started: {why}", process::line(&command)))?;
    let (counts, found) = findings(&output.stdout)
        .ok_or_else(|| format!("web-ext lint gave no result: {}", String::from_utf8_lossy(&output.stderr)))?;
    println!("web-ext lint: {counts}");
    if found.is_empty() { Ok(()) } else { Err(format!("web-ext lint is not content:\n  {}", found.join("\n  "))) }
}

/// The sums, and one line for each finding.
fn findings(output: &[u8]) -> Option<(String, Vec<String>)> {
    let result: Value = serde_json::from_slice(output).ok()?;
    let mut sums = Vec::new();
    let mut lines = Vec::new();
    for kind in ["errors", "warnings", "notices"] {
        let list = result.get(kind)?.as_array()?;
        let sum = result.pointer(&format!("/summary/{kind}"))?.as_u64()?;
        sums.push(format!("{sum} {kind}"));
        let text = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        lines.extend(
            list.iter().map(|entry| format!("{} {}: {}", text(entry, "file"), text(entry, "code"), text(entry, "message"))),
        );
        // A list that is shorter than its sum hides something.
        lines.extend((list.len() as u64 != sum).then(|| format!("{sum} {kind}, of which {} are told", list.len())));
    }
    Some((sums.join(", "), lines))
}

/// Builds the sources once more in another folder, with an empty build directory, and compares.
///
/// # Errors
/// The names of what came out differently.
pub(crate) fn same_again(place: &Place, tools: &Tools) -> Outcome {
    let first = packed(&place.root, &mut Vec::new())?;
    let root = place.target.join("packages/a second checkout");
    let trouble = |why: std::io::Error| format!("cannot write to {}: {why}", root.display());
    if root.exists() {
        fs::remove_dir_all(&root).map_err(trouble)?;
    }
    for (name, bytes) in source::entries(&place.root)? {
        let to = root.join(name);
        fs::create_dir_all(to.parent().unwrap_or(&root)).and_then(|()| fs::write(&to, bytes)).map_err(trouble)?;
    }
    let second =
        Place { target: root.join("target"), cache: place.cache.clone(), downloads: place.downloads.clone(), root: root.clone() };
    build::extension(&second, tools, Profile::Release)?;
    let again = packed(&second.root, &mut Vec::new())?;
    fs::remove_dir_all(&root).map_err(trouble)?;
    let differ = different(&first, &again);
    if !differ.is_empty() {
        return Err(format!("a second build, in another folder, came out differently: {}", differ.join(", ")));
    }
    println!("built again in another folder: {} files, the same to the byte", first.len());
    Ok(())
}

fn different(one: &[Made], two: &[Made]) -> Vec<String> {
    let all = one.iter().chain(two).map(|made| made.name.clone());
    let bytes = |of: &[Made], name: &str| of.iter().find(|made| made.name == name).map(|made| made.bytes.clone());
    let mut names: Vec<String> = all.filter(|name| bytes(one, name) != bytes(two, name)).collect();
    names.dedup();
    names
}

/// The command that installs both packages into the real browsers and meets a failing page. Chromium takes an unpacked one.
///
/// # Errors
/// When the package for Chrome cannot be unpacked.
pub(crate) fn installed(place: &Place, tools: &Tools) -> Outcome<Command> {
    let unpacked = place.target.join("packages/chrome");
    unpack(&chrome_package(place), &unpacked)?;
    let mut command = tools.command(place, "cargo");
    command.args(["test", "--package", "faultline-tests", "--features", "e2e", "--test", "packages", "--", "--test-threads=1"]);
    command.env("FAULTLINE_CHROME_PACKAGE", unpacked).env("FAULTLINE_FIREFOX_PACKAGE", firefox_package(place));
    Ok(command)
}

/// Writes what a package holds into a folder that is made anew.
fn unpack(package: &Path, into: &Path) -> Outcome {
    let trouble = |why: String| format!("cannot unpack {}: {why}", package.display());
    if into.exists() {
        fs::remove_dir_all(into).map_err(|why| trouble(why.to_string()))?;
    }
    let file = fs::File::open(package).map_err(|why| trouble(why.to_string()))?;
    let archive = zip::ZipArchive::new(file).and_then(|mut archive| archive.extract(into));
    archive.map_err(|why| trouble(why.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{Made, different, findings};

    #[test]
    fn a_finding_of_any_kind_is_told() {
        let clean = br#"{"errors":[],"warnings":[],"notices":[],"summary":{"errors":0,"warnings":0,"notices":0}}"#;
        assert_eq!(findings(clean), Some(("0 errors, 0 warnings, 0 notices".to_owned(), Vec::new())));
        let notice = br#"{"errors":[],"warnings":[],"notices":[{"code":"X","message":"m","file":"f.js"}],"summary":{"errors":0,"warnings":0,"notices":1}}"#;
        assert_eq!(findings(notice).map(|(_, lines)| lines), Some(vec!["f.js X: m".to_owned()]));
        let hidden = br#"{"errors":[],"warnings":[],"notices":[],"summary":{"errors":2,"warnings":0,"notices":0}}"#;
        assert!(findings(hidden).is_some_and(|(_, lines)| lines.len() == 1));
        assert_eq!(findings(b"Applying config"), None);
        assert_eq!(findings(b"{}"), None);
    }

    #[test]
    fn packages_that_differ_or_are_missing_are_named() {
        let made = |name: &str, bytes: &[u8]| Made { name: name.to_owned(), bytes: bytes.to_vec(), files: 1 };
        assert!(different(&[made("a", b"1")], &[made("a", b"1")]).is_empty());
        assert_eq!(different(&[made("a", b"1"), made("b", b"2")], &[made("a", b"1"), made("b", b"3")]), ["b"]);
        assert_eq!(different(&[made("a", b"1")], &[]), ["a"]);
    }
}
