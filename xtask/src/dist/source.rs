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
        if name == ".git" || ignored.iter().any(|line| is_ignored(line, &inside, &name)) {
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

/// Whether a line of `.gitignore` names this. It knows the two forms that ours has: `*.log`, which is an ending anywhere, and a path from
/// the root, of which a part may be `*`.
fn is_ignored(line: &str, inside: &str, name: &str) -> bool {
    if let Some(end) = line.strip_prefix('*') {
        return name.ends_with(end);
    }
    let same = |(wanted, part): (&str, &str)| wanted == "*" || wanted == part;
    line.split('/').count() == inside.split('/').count() && line.split('/').zip(inside.split('/')).all(same)
}

#[cfg(test)]
mod tests {
    use super::{entries, is_ignored};
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
            ["target/", "dist/", "extension/wasm/"].iter().any(|folder| n.starts_with(folder))
                || [".git/", "/_metadata/"].iter().any(|folder| n.contains(folder))
        };
        assert_eq!(names.iter().find(built), None);
    }

    #[test]
    fn what_chromium_writes_beside_a_loaded_extension_is_no_source() {
        let line = "tests/extensions/*/_metadata";
        assert!(is_ignored(line, "tests/extensions/bystander/_metadata", "_metadata"));
        assert!(!is_ignored(line, "tests/extensions/bystander/rules.json", "rules.json"));
        assert!(!is_ignored(line, "tests/extensions", "extensions"));
        assert!(is_ignored("*.log", "any/where.log", "where.log"));
        assert!(!is_ignored("dist", "xtask/src/dist", "dist"));
    }
}
