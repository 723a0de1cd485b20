//! The beginning of a rule for a product that is not known yet: its file, and a page that it reads, both to be replaced line by line.
//!
//! What is written compiles and passes the tests of rules and pages, so that the person who fills it in always sees what the last change
//! broke. Only the test beside this file is red until nothing of the skeleton is left.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::PathBuf;

use crate::place::Place;
use crate::process::Outcome;

/// What a product does on the way between visitor and application, and which side and place its pages usually name.
const ROLES: [(&str, &str, &str); 14] = [
    ("origin-server", "site", "app"),
    ("reverse-proxy", "site", "app"),
    ("load-balancer", "site", "app"),
    ("cdn", "site", "gateway"),
    ("waf", "site", "gateway"),
    ("paas-router", "site", "app"),
    ("app-framework", "site", "app"),
    ("cms", "site", "app"),
    ("service-mesh", "site", "app"),
    ("local-proxy", "yours", "proxy"),
    ("security-gateway", "yours", "proxy"),
    ("captive-portal", "yours", "portal"),
    ("dev-server", "yours", "device"),
    ("browser-generated", "site", "app"),
];

/// The files, as they are in the checkout, and their texts.
const FILES: [(&str, &str); 3] = [
    ("crate/rules/{id}.toml", include_str!("new_rule/rule.toml")),
    ("tests/pages/{id}/502-example/page.http", include_str!("new_rule/page.http")),
    ("tests/pages/{id}/502-example/expect.toml", include_str!("new_rule/expect.toml")),
];

/// How the command is called.
pub(crate) const USAGE: &str = "new-rule ID [--name NAME] [--role ROLE]";

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wish {
    id: String,
    name: String,
    role: &'static str,
    side: &'static str,
    place: &'static str,
}

/// Writes the files of a new rule, and says what comes next.
pub(crate) fn write(place: &Place, arguments: &[&str]) -> Outcome<bool> {
    let wish = wish(arguments)?;
    let files: Vec<(String, PathBuf, String)> = FILES
        .iter()
        .map(|(path, text)| {
            let path = wish.fill(path);
            (path.clone(), place.root.join(path), wish.fill(text))
        })
        .collect();
    // A folder of pages without a rule is somebody's beginning as well.
    let pages = format!("tests/pages/{}", wish.id);
    for known in files.iter().map(|(name, _, _)| name).chain([&pages]) {
        if place.root.join(known).exists() {
            return Err(format!("{known} is there already: the product has a rule, or one was begun"));
        }
    }
    for (name, path, text) in &files {
        let trouble = |why: std::io::Error| format!("cannot write {name}: {why}");
        fs::create_dir_all(path.parent().unwrap_or(path)).map_err(trouble)?;
        fs::write(path, text).map_err(trouble)?;
        println!("{name}");
    }
    println!("\nNext:");
    println!("1. put a real page into {pages}, and what no other product writes into crate/rules/{}.toml", wish.id);
    println!("2. cargo test -p faultline-tests --test pages --test rules");
    Ok(true)
}

fn wish(arguments: &[&str]) -> Outcome<Wish> {
    let (id, mut rest) = match arguments {
        [id, rest @ ..] if !id.starts_with('-') => (*id, rest),
        _ => return Err(format!("cargo xtask {USAGE}")),
    };
    if !is_kebab_case(id) {
        return Err(format!("`{id}` is no id: small letters and digits, with single hyphens between them, as in acme-edge"));
    }
    if id == "unknown" {
        return Err("`unknown` is the folder of the pages that nobody wrote".to_owned());
    }
    let (mut name, mut role) = (title(id), "reverse-proxy");
    while let [option, value, others @ ..] = rest {
        match *option {
            "--name" => name = (*value).to_owned(),
            "--role" => role = value,
            other => return Err(format!("`{other}` is not understood: cargo xtask {USAGE}")),
        }
        rest = others;
    }
    if let [option] = rest {
        return Err(format!("`{option}` is not understood, or its value is missing: cargo xtask {USAGE}"));
    }
    if name.trim().is_empty() || name.contains(['"', '\\']) || name.chars().any(char::is_control) {
        return Err(format!("`{name}` is no name: a line of text without quotes and backslashes"));
    }
    let known = ROLES.iter().find(|(known, _, _)| *known == role);
    let Some(&(role, side, place)) = known else {
        return Err(format!("there is no role `{role}`; the roles are {}", ROLES.map(|(role, _, _)| role).join(", ")));
    };
    Ok(Wish { id: id.to_owned(), name, role, side, place })
}

impl Wish {
    fn fill(&self, text: &str) -> String {
        let parts =
            [("{id}", &*self.id), ("{role}", self.role), ("{side}", self.side), ("{place}", self.place), ("{name}", &*self.name)];
        // The name comes last: nothing in it is a placeholder.
        parts.iter().fold(text.to_owned(), |text, (placeholder, value)| text.replace(placeholder, value))
    }
}

fn is_kebab_case(id: &str) -> bool {
    id.split('-').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}

/// `acme-edge` as `Acme Edge`.
fn title(id: &str) -> String {
    let words = id.split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    });
    words.collect::<Vec<_>>().join(" ")
}
