//! `cargo xtask release`: everything that must be so before a version goes to the stores. It looks, and changes nothing but `dist/`.
//!
//! docs/releasing.md has the steps around it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::build::{self, Profile};
use crate::dist;
use crate::place::Place;
use crate::process::{self, Outcome};
use crate::setup::{self, Needs};

/// Most characters that a store's form takes for a description and for one justification.
const DESCRIPTION: usize = 16_000;
const JUSTIFICATION: usize = 1_000;
/// Pictures that the forms ask for: how a file's name begins, its size, how many at least and at most.
const PICTURES: [(&str, (u32, u32), usize, usize); 2] = [("screen-", (1280, 800), 1, 5), ("tile", (440, 280), 1, 1)];

/// Looks at everything, then tells of all that is not ready.
pub(crate) fn check(place: &Place) -> Outcome<bool> {
    let tools = setup::prepare(place, &Needs::build().and(Needs::web_ext()))?;
    let root = &place.root;
    let version = env!("CARGO_PKG_VERSION");
    let mut troubles = Vec::new();
    let mut note = |what: &str, found: Vec<String>| {
        println!("{what}: {}", if found.is_empty() { "ready" } else { "not ready" });
        troubles.extend(found);
    };

    let status = process::answer(tools.command(place, "git").args(["status", "--porcelain"]));
    note("checkout", status.map_or_else(|| vec!["this is no checkout of git".to_owned()], |s| lines("not committed", &s)));
    let advisories = "no database of known flaws: `cargo xtask advisories`, then `cargo xtask test deny`".to_owned();
    note("advisories", if place.has_advisories() { Vec::new() } else { vec![advisories] });
    note("changelog", changelog(&text(root, "CHANGELOG.md")?, version));
    let manifest: Value = serde_json::from_str(&text(root, "manifest.json")?).map_err(|why| format!("manifest.json: {why}"))?;
    note("justifications", justifications(&text(root, "store/permissions.md")?, &manifest));
    note("listings", listings(root)?);
    note("pictures", pictures(root)?);
    note("packages", packages(place, &tools).err().into_iter().collect());

    if troubles.is_empty() {
        println!("version {version} is ready: docs/releasing.md has what comes now");
        return Ok(true);
    }
    Err(format!("version {version} is not ready:\n  {}", troubles.join("\n  ")))
}

/// Made from the release build; the version of manifest and workspace is compared on the way.
fn packages(place: &Place, tools: &setup::Tools) -> Outcome {
    build::extension(place, tools, Profile::Release)?;
    dist::write_built(place)?;
    dist::proof::lint(place, tools)?;
    dist::proof::same_again(place, tools)
}

fn text(root: &Path, name: &str) -> Outcome<String> {
    fs::read_to_string(root.join(name)).map_err(|why| format!("cannot read {name}: {why}"))
}

fn lines(what: &str, text: &str) -> Vec<String> {
    text.lines().map(|line| format!("{what}: {line}")).collect()
}

/// An entry with a date for the version, and nothing that is still to come.
fn changelog(text: &str, version: &str) -> Vec<String> {
    let mut found = Vec::new();
    let dated = |line: &str| {
        let date = line.strip_prefix(&format!("## [{version}] - ")).unwrap_or_default();
        date.len() == 10 && date.chars().enumerate().all(|(at, c)| if at == 4 || at == 7 { c == '-' } else { c.is_ascii_digit() })
    };
    if !text.lines().any(dated) {
        found.push(format!("CHANGELOG.md has no line `## [{version}] - YYYY-MM-DD`"));
    }
    let unreleased = text.split("## [Unreleased]").nth(1).map(|rest| rest.split("\n## ").next().unwrap_or_default());
    if unreleased.is_some_and(|rest| rest.lines().any(|line| line.starts_with("- "))) {
        found.push("CHANGELOG.md has lines under Unreleased".to_owned());
    }
    found
}

/// A row for each permission and no other, each within what the form takes.
fn justifications(table: &str, manifest: &Value) -> Vec<String> {
    let rows: Vec<(&str, &str)> =
        table.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | ")).collect();
    let told: BTreeSet<&str> = rows.iter().map(|(permission, _)| *permission).collect();
    let keys = ["permissions", "optional_permissions", "host_permissions", "optional_host_permissions"];
    let lists = keys.iter().filter_map(|key| manifest.get(*key)?.as_array());
    let asked: BTreeSet<&str> = lists.flatten().filter_map(Value::as_str).collect();
    let mut found: Vec<String> = asked.difference(&told).map(|p| format!("store/permissions.md has no row for {p}")).collect();
    found.extend(told.difference(&asked).map(|p| format!("store/permissions.md has a row for {p}, which is not asked for")));
    let long = rows.iter().filter(|(_, text)| text.chars().count() > JUSTIFICATION);
    found.extend(
        long.map(|(permission, _)| format!("store/permissions.md: {permission} has more than {JUSTIFICATION} characters")),
    );
    found
}

/// A listing for each language that the extension speaks, with a description that the forms take.
fn listings(root: &Path) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for language in names(&root.join("_locales"))? {
        let name = format!("store/listing/{language}.md");
        match fs::read_to_string(root.join(&name)) {
            Err(_) => found.push(format!("{name} is missing")),
            Ok(listing) => found.extend(description(&listing).err().map(|why| format!("{name}: {why}"))),
        }
    }
    Ok(found)
}

/// The second section of a listing is its description, whatever it is called in its language.
fn description(listing: &str) -> Outcome {
    let section = listing.split("\n## ").nth(2).and_then(|section| section.split_once('\n')).map(|(_, text)| text.trim());
    match section.map_or(0, |text| text.chars().count()) {
        0 => Err("there is no description".to_owned()),
        length if length > DESCRIPTION => Err(format!("the description has {length} characters, {DESCRIPTION} are allowed")),
        _ => Ok(()),
    }
}

fn pictures(root: &Path) -> Outcome<Vec<String>> {
    let folder = root.join("store/pictures");
    let names = names(&folder).unwrap_or_default();
    let mut found = Vec::new();
    for (start, size, least, most) in PICTURES {
        let of_kind: Vec<_> = names.iter().filter(|name| name.starts_with(start) && name.ends_with(".png")).collect();
        if of_kind.len() < least || of_kind.len() > most {
            found.push(format!("store/pictures: {} of {start}*.png, {least} to {most} are wanted", of_kind.len()));
        }
        for name in of_kind {
            let bytes = fs::read(folder.join(name)).map_err(|why| format!("cannot read {name}: {why}"))?;
            if dist::dimensions(&bytes) != Some(size) {
                found.push(format!("store/pictures/{name} is not of {} by {} pixels", size.0, size.1));
            }
        }
    }
    Ok(found)
}

fn names(folder: &Path) -> Outcome<Vec<String>> {
    let files = fs::read_dir(folder).map_err(|why| format!("cannot read {}: {why}", folder.display()))?;
    Ok(files.flatten().map(|file| file.file_name().to_string_lossy().into_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::{DESCRIPTION, changelog, description, justifications, listings, pictures, text};
    use serde_json::{Value, json};
    use std::path::Path;

    /// Held with every change, and not in the hour of a release.
    #[test]
    fn the_folder_of_the_stores_is_whole() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
        let manifest: Value =
            text(root, "manifest.json").and_then(|m| serde_json::from_str(&m).map_err(|e| e.to_string())).unwrap_or_default();
        assert!(manifest.is_object());
        assert_eq!(text(root, "store/permissions.md").map(|table| justifications(&table, &manifest)), Ok(Vec::new()));
        assert_eq!(listings(root), Ok(Vec::new()));
        assert_eq!(pictures(root), Ok(Vec::new()));
    }

    #[test]
    fn a_changelog_is_ready_with_a_date_and_nothing_to_come() {
        let ready = "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-11-22\n\n- New\n";
        assert!(changelog(ready, "1.2.0").is_empty(), "{:?}", changelog(ready, "1.2.0"));
        assert_eq!(changelog(ready, "1.2.1").len(), 1);
        assert_eq!(changelog("## [Unreleased]\n\n- New\n\n## [1.2.0] - soon\n", "1.2.0").len(), 2);
    }

    #[test]
    fn each_permission_has_its_row_and_each_row_its_permission() {
        let manifest = json!({ "permissions": ["storage"], "host_permissions": ["<all_urls>"] });
        let table = "| permission | why |\n|---|---|\n| `storage` | Keeps a case. |\n| `<all_urls>` | Any site can fail. |\n";
        assert!(justifications(table, &manifest).is_empty(), "{:?}", justifications(table, &manifest));
        assert_eq!(justifications("", &manifest).len(), 2);
        assert_eq!(justifications(&format!("{table}| `tabs` | x |\n"), &manifest).len(), 1);
        assert_eq!(justifications(&table.replace("Keeps", &"k".repeat(1001)), &manifest).len(), 1);
    }

    #[test]
    fn a_listing_has_a_description_that_the_forms_take() {
        let listing =
            |text: &str| format!("# Listing\n\nx\n\n## Category\n\ny\n\n## Description\n\n{text}\n\n## Captions\n\nz\n");
        assert!(description(&listing("All of it.")).is_ok());
        assert!(description(&listing("")).is_err());
        assert!(description(&listing(&"x".repeat(DESCRIPTION + 1))).is_err());
        assert!(description("# Listing\n").is_err());
    }
}
