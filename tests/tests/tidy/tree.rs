//! The checkout as a list of files, without what is built and what `.gitignore` names.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Root of the checkout. What cargo says at run time comes first: a build directory may serve several checkouts.
pub(crate) fn root() -> PathBuf {
    let tests = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&tests).parent().expect("the tests are a folder of the checkout").to_path_buf()
}

/// Text of one file of the checkout.
#[track_caller]
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// Whether the checkout has this file or folder.
pub(crate) fn has(path: &str) -> bool {
    root().join(path).exists()
}

/// Every file that belongs to the project, by its path from the root, with `/` between its parts, in order.
pub(crate) fn files() -> Vec<String> {
    let ignored: Vec<String> = text(".gitignore").lines().map(|l| l.trim_matches('/').to_owned()).collect();
    let mut files = Vec::new();
    walk("", &ignored, &mut files);
    files.sort();
    files
}

/// Those below `folder` with one of these endings.
pub(crate) fn files_in(folder: &str, endings: &[&str]) -> Vec<String> {
    let mut files = files();
    files.retain(|f| f.starts_with(folder) && endings.iter().any(|e| f.ends_with(e)));
    assert!(!files.is_empty(), "no {endings:?} below {folder}");
    files
}

/// Everything at the root of the checkout that is not ignored, folders with a `/` at the end.
pub(crate) fn top() -> Vec<String> {
    let mut top: Vec<String> =
        files().iter().map(|f| f.split_once('/').map_or_else(|| f.clone(), |(folder, _)| format!("{folder}/"))).collect();
    top.dedup();
    top
}

fn walk(folder: &str, ignored: &[String], files: &mut Vec<String>) {
    for entry in fs::read_dir(root().join(folder)).unwrap_or_else(|why| panic!("{folder}: {why}")) {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let by_ending = ignored.iter().any(|i| i.strip_prefix('*').is_some_and(|end| name.ends_with(end)));
        if name == ".git" || by_ending || ignored.contains(&path) {
            continue;
        }
        if entry.path().is_dir() { walk(&path, ignored, files) } else { files.push(path) }
    }
}

/// Source of a Rust file without its comments and without what stands after `#[cfg(test)]`.
pub(crate) fn code(path: &str) -> String {
    let text = text(path);
    let own = text.split("#[cfg(test)]").next().unwrap_or_default();
    let uncommented = |line: &str| {
        // An address in a literal has slashes too.
        let comment = line.match_indices("//").map(|(at, _)| at).find(|&at| !line[..at].ends_with(':'));
        comment.map_or(line, |at| &line[..at]).to_owned()
    };
    own.lines().map(uncommented).collect::<Vec<_>>().join("\n")
}

/// The quoted texts of a source, as they are written there.
pub(crate) fn literals(code: &str, quote: char) -> Vec<String> {
    code.lines().flat_map(|line| line.split(quote).skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// What stands between `before` and `after`, each time.
pub(crate) fn between(text: &str, before: &str, after: &str) -> Vec<String> {
    text.split(before).skip(1).filter_map(|rest| rest.split_once(after).map(|(found, _)| found.to_owned())).collect()
}
