//! The source archive: what a reviewer of a store rebuilds the packages from.
//!
//! Everything that belongs to the project goes in, and nothing that was built: a checkout without `.git` and without what `.gitignore` names.
//! `store/rebuild.md` in it has the steps.

use std::fs;
use std::path::Path;

use super::{Entry, names_in, read};
use crate::process::Outcome;

/// All files of the checkout that are not ignored.
pub(super) fn entries(root: &Path) -> Outcome<Vec<Entry>> {
    let ignored = read(&root.join(".gitignore"))?;
    let ignored: Vec<String> = String::from_utf8_lossy(&ignored).lines().map(|line| line.trim_matches('/').to_owned()).collect();
    let mut entries = Vec::new();
    walk(root, "", &ignored, &mut entries)?;
    Ok(entries)
}

fn walk(root: &Path, folder: &str, ignored: &[String], entries: &mut Vec<Entry>) -> Outcome {
    for name in names_in(&root.join(folder))? {
        let inside = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let path = root.join(&inside);
        let by_ending = ignored.iter().any(|line| line.strip_prefix('*').is_some_and(|end| name.ends_with(end)));
        if name == ".git" || by_ending || ignored.contains(&inside) {
            continue;
        }
        if path.is_dir() {
            walk(root, &inside, ignored, entries)?;
        } else {
            entries.push((inside, fs::read(&path).map_err(|why| format!("cannot read {}: {why}", path.display()))?));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::entries;
    use std::path::Path;

    #[test]
    fn the_sources_are_there_and_nothing_that_was_built() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_path_buf();
        let names: Vec<String> = entries(&root).unwrap_or_default().into_iter().map(|(name, _)| name).collect();
        let has = |name: &str| names.iter().any(|n| n == name);
        for wanted in [
            "Cargo.lock",
            "manifest.json",
            "crate/shell/src/lib.rs",
            "extension/background.js",
            ".cargo/config.toml",
            "store/rebuild.md",
        ] {
            assert!(has(wanted), "{wanted} is missing");
        }
        let built = |n: &&String| {
            n.starts_with("target/") || n.starts_with("dist/") || n.starts_with("extension/wasm/") || n.contains(".git/")
        };
        assert_eq!(names.iter().find(built), None);
    }
}
