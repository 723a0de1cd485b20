//! `faultline rules`: the products whose error pages are known.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use faultline_core::fingerprint::{self, RuleInfo};
use serde::Serialize;

#[derive(Serialize)]
struct Row {
    id: &'static str,
    name: &'static str,
    vendor: &'static str,
    role: &'static str,
    side: &'static str,
    place: &'static str,
    docs: &'static str,
    signs: Vec<Sign>,
    /// The failures that it can tell apart, each once.
    meanings: Vec<&'static str>,
    /// Fixtures that prove it; null outside of a checkout.
    fixtures: Option<usize>,
}

#[derive(Serialize)]
struct Sign {
    id: &'static str,
    class: &'static str,
}

/// Lists every rule.
pub(crate) fn run(json: bool) -> io::Result<u8> {
    let pages = pages();
    let rows: Vec<Row> = fingerprint::rules().map(|rule| row(rule, pages.as_deref())).collect();
    let text = if json { serde_json::to_string_pretty(&rows)? + "\n" } else { table(&rows) };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(0)
}

fn row(rule: RuleInfo, pages: Option<&Path>) -> Row {
    let mut meanings: Vec<_> = rule.meanings.iter().map(|kind| kind.as_str()).collect();
    meanings.sort_unstable();
    meanings.dedup();
    Row {
        id: rule.id,
        name: rule.name,
        vendor: rule.vendor,
        role: rule.role.as_str(),
        side: rule.usual.0.as_str(),
        place: rule.usual.1.as_str(),
        docs: rule.docs,
        signs: rule.signs.iter().map(|(id, class)| Sign { id, class: class.as_str() }).collect(),
        meanings,
        fixtures: pages.map(|p| fixtures(&p.join(rule.id))),
    }
}

/// The fixtures of the checkout in which this runs, if it does.
fn pages() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .find(|at| at.join("crate/rules").is_dir() && at.join("tests/pages").is_dir())
        .map(|at| at.join("tests/pages"))
}

fn fixtures(folder: &Path) -> usize {
    let cases = fs::read_dir(folder).into_iter().flatten().flatten();
    cases.filter(|case| case.path().join("page.http").is_file()).count()
}

fn table(rows: &[Row]) -> String {
    let mut out = String::new();
    let width = |of: fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let (id, role) = (width(|r| r.id.len()), width(|r| r.role.len()));
    for row in rows {
        let fixtures = row.fixtures.map_or_else(String::new, |n| format!("  {n:3} fixtures"));
        // Writing to a String cannot fail.
        let usual = format!("{}/{}", row.side, row.place);
        let (signs, meanings) = (row.signs.len(), row.meanings.len());
        let _ = writeln!(
            out,
            "{:id$}  {:role$}  {usual:14}  {signs:3} signs  {meanings:2} kinds{fixtures}  {}",
            row.id, row.role, row.name
        );
    }
    let all: Option<usize> = rows.iter().map(|r| r.fixtures).sum();
    let fixtures = all.map_or_else(String::new, |n| format!(", {n} fixtures"));
    let _ = writeln!(out, "{} products, {} signs{fixtures}", rows.len(), rows.iter().map(|r| r.signs.len()).sum::<usize>());
    out
}
