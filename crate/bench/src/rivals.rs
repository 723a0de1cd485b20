//! Other ways to find the same markers: what one would write first, and what fingerprint tools do.
//!
//! They are given less to do. They look for the markers as the rules write them, in the page as it was sent, and say which rules have
//! one: no normal form, no fields, no status, no ranking, no reading. What they take is therefore too little rather than too much.

use std::fs;
use std::path::Path;

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use crate::compile::form::{Condition, Rule, Texts};

/// All markers of one rule.
pub(crate) struct Markers {
    patterns: String,
    literals: Vec<String>,
}

/// Of every rule file.
pub(crate) fn markers(root: &Path) -> Result<Vec<Markers>, String> {
    let folder = root.join("crate/rules");
    let entries = fs::read_dir(&folder).map_err(|why| format!("cannot read {}: {why}", folder.display()))?;
    let mut paths: Vec<_> =
        entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| p.extension().is_some_and(|e| e == "toml")).collect();
    paths.sort();
    let one = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).map_err(|why| why.to_string());
        let rule = text.and_then(|text| toml::from_str::<Rule>(&text).map_err(|why| why.to_string()));
        rule.map(|rule| of(&rule)).map_err(|why| format!("{}: {why}", path.display()))
    };
    paths.iter().map(one).collect()
}

fn of(rule: &Rule) -> Markers {
    let mut found = Vec::new();
    for sign in rule.sign.iter().map(|s| s.get_ref()) {
        sign.own().iter().chain(&sign.and).for_each(|c| condition(c, &mut found));
    }
    for meaning in rule.meaning.iter().map(|m| m.get_ref()) {
        meaning.any.iter().for_each(|c| condition(c, &mut found));
        found.extend(meaning.has.iter().flat_map(Texts::list).map(|text| (regex::escape(text), text.to_lowercase())));
    }
    found.sort();
    found.dedup();
    let (patterns, literals): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    Markers { patterns: patterns.join("|"), literals }
}

fn condition(c: &Condition, to: &mut Vec<(String, String)>) {
    let field = c.place.strip_prefix("header:");
    let start = field.map_or_else(String::new, |name| format!("^{}: .*", regex::escape(name)));
    if c.present == Some(true) {
        to.push((start.clone(), format!("\n{}:", field.unwrap_or_default().to_lowercase())));
    }
    for text in [&c.has, &c.is, &c.prefix, &c.suffix, &c.like].into_iter().flatten().flat_map(Texts::list) {
        let pattern = regex::escape(text).replace("\\{status\\}", "[0-9]{3}").replace("\\{version\\}", "(?:/[\\w.+-]+)?");
        let pattern = pattern.replace("\\{any\\}", ".{0,120}");
        // Of a pattern its longest fixed piece.
        let pieces = text.split(['{', '}']).filter(|p| !matches!(*p, "status" | "version" | "any"));
        let literal = pieces.max_by_key(|p| p.len()).unwrap_or_default().to_lowercase();
        to.push((format!("{start}{pattern}"), literal));
    }
}

/// One regular expression for each rule, asked one after the other.
pub(crate) fn each(markers: &[Markers]) -> Result<Vec<Regex>, String> {
    let build = |m: &Markers| {
        RegexBuilder::new(&m.patterns).case_insensitive(true).multi_line(true).unicode(false).size_limit(1 << 28).build()
    };
    markers.iter().map(build).collect::<Result<_, _>>().map_err(|why| why.to_string())
}

/// All of them in one set. With `room` its automaton may grow to so many bytes before it is thrown away and begun anew.
pub(crate) fn set(markers: &[Markers], room: Option<usize>) -> Result<RegexSet, String> {
    let mut builder = RegexSetBuilder::new(markers.iter().map(|m| &m.patterns));
    builder.case_insensitive(true).multi_line(true).unicode(false).size_limit(1 << 30);
    if let Some(room) = room {
        builder.dfa_size_limit(room);
    }
    builder.build().map_err(|why| why.to_string())
}

/// The rules that have a marker in the page: plain search for one after the other.
pub(crate) fn contains<'m>(markers: &'m [Markers], raw: &str) -> Vec<&'m Markers> {
    let page = raw.to_ascii_lowercase();
    markers.iter().filter(|m| m.literals.iter().any(|literal| page.contains(literal))).collect()
}
