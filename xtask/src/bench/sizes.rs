//! What a visitor downloads, and how much of it the rules are: the shell is built once more, with a folder of rules that is empty.

use std::fs;
use std::path::{Path, PathBuf};

use crate::build::{self, Profile, thousands};
use crate::dist;
use crate::place::Place;
use crate::process::Outcome;
use crate::setup::{self, Needs};

/// The shell, and what of this checkout it stands on.
const PARTS: [&str; 3] = ["crate/search", "crate/core", "crate/shell"];

/// Prints the table.
pub(super) fn print(place: &Place) -> Outcome {
    let tools = setup::prepare(place, &Needs::build())?;
    dist::write(place)?;
    let shell = place.root.join("extension/wasm");
    let wasm = Size::of(&shell.join("faultline_shell_bg.wasm"))?;
    let glue = Size::of(&shell.join("faultline_shell.js"))?;
    let without = without_rules(place)?;
    let bare = Size::of(&build::module(&without, &tools, Profile::Release)?.wasm)?;
    let rules = rule_files(&place.root.join("crate/rules"))?;
    let each = Size { raw: wasm.raw.saturating_sub(bare.raw), gzip: wasm.gzip.saturating_sub(bare.gzip) };

    println!("\n| what | bytes | with gzip |\n|---|---:|---:|");
    row("WebAssembly", wasm);
    row("– without any rule", bare);
    row(&format!("– {rules} rules"), each);
    let one = Size { raw: each.raw / rules.max(1), gzip: each.gzip / rules.max(1) };
    row("– one rule", one);
    row("its JavaScript glue", glue);
    for (name, bytes) in dist::packages(place)? {
        println!("| {name} | {} | |", thousands(bytes));
    }
    Ok(())
}

/// Bytes of a file, as it is and compressed.
#[derive(Clone, Copy)]
struct Size {
    raw: usize,
    gzip: usize,
}

impl Size {
    fn of(path: &Path) -> Outcome<Self> {
        let bytes = fs::read(path).map_err(|why| format!("cannot read {}: {why}", path.display()))?;
        Ok(Self { raw: bytes.len(), gzip: build::gzipped(&bytes)? })
    }
}

fn row(what: &str, size: Size) {
    println!("| {what} | {} | {} |", thousands(size.raw), thousands(size.gzip));
}

fn rule_files(folder: &Path) -> Outcome<usize> {
    let files = fs::read_dir(folder).map_err(|why| format!("cannot read {}: {why}", folder.display()))?;
    Ok(files.flatten().filter(|file| file.path().extension().is_some_and(|kind| kind == "toml")).count())
}

/// A workspace of [`PARTS`] alone, without rules, in the build directory.
fn without_rules(place: &Place) -> Outcome<Place> {
    let root = place.target.join("bench/without-rules");
    let trouble = |why: std::io::Error| format!("cannot write to {}: {why}", root.display());
    if root.exists() {
        fs::remove_dir_all(&root).map_err(trouble)?;
    }
    fs::create_dir_all(root.join("crate/rules")).map_err(trouble)?;
    let manifest = fs::read_to_string(place.root.join("Cargo.toml")).map_err(trouble)?;
    fs::write(root.join("Cargo.toml"), of_parts(&manifest)?).map_err(trouble)?;
    fs::copy(place.root.join("Cargo.lock"), root.join("Cargo.lock")).map_err(trouble)?;
    for part in PARTS {
        copy(&place.root.join(part), &root.join(part)).map_err(trouble)?;
    }
    Ok(Place {
        target: place.target.join("bench/without-rules-built"),
        cache: place.cache.clone(),
        downloads: place.downloads.clone(),
        root,
    })
}

/// The workspace manifest with [`PARTS`] as its members.
fn of_parts(manifest: &str) -> Outcome<String> {
    let line = |line: &str| match line.split_once(" = ") {
        Some(("members", _)) => format!("members = {PARTS:?}"),
        Some(("default-members", _)) => "default-members = [\"crate/core\"]".to_owned(),
        _ => line.to_owned(),
    };
    let lines: Vec<String> = manifest.lines().map(line).collect();
    let whole = |line: &str| line.starts_with("members = ") && line.ends_with(']');
    if !manifest.lines().any(whole) {
        return Err("Cargo.toml does not name its members on one line".to_owned());
    }
    Ok(lines.join("\n") + "\n")
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path: PathBuf = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() { copy(&path, &target)? } else { fs::copy(&path, &target).map(drop)? }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{PARTS, of_parts};
    use std::fs;
    use std::path::Path;

    #[test]
    fn nothing_is_missing_that_the_shell_stands_on() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
        for part in PARTS {
            let manifest = fs::read_to_string(root.join(part).join("Cargo.toml")).unwrap_or_default();
            assert!(manifest.contains("[package]"), "{part} is no crate");
            for needs in manifest.lines().filter_map(|line| line.strip_prefix("faultline-")?.split('.').next()) {
                assert!(PARTS.contains(&format!("crate/{needs}").as_str()), "{part} needs {needs}, which is not copied");
            }
        }
    }

    #[test]
    fn only_the_members_change() {
        let manifest = "[workspace]\nmembers = [\"a\", \"b\"]\ndefault-members = [\"a\"]\n\n[profile.release]\nlto = \"fat\"\n";
        let changed = "[workspace]\nmembers = [\"crate/search\", \"crate/core\", \"crate/shell\"]\ndefault-members = [\"crate/core\"]\n\n[profile.release]\nlto = \"fat\"\n";
        assert_eq!(of_parts(manifest), Ok(changed.to_owned()));
        assert!(of_parts("[workspace]\nmembers = [\n  \"a\",\n]\n").is_err());
        assert!(of_parts("[package]\n").is_err());
    }
}
