//! Takes identifiers, versions and host names out of page and header.

use super::candidate::{Seen, literal};
use super::table::{ATOMS, Extract, Field};
use crate::reading::Reference;

/// Request identifiers that many products share: worth having whoever wrote the page.
const COMMON: &[&str] = &["x-request-id", "x-correlation-id", "x-trace-id", "x-b3-traceid"];

/// The value that `what` describes, if it is there.
pub(crate) fn value(seen: &Seen<'_>, what: &Extract) -> Option<String> {
    if !what.header.is_empty() {
        let fields = seen.page.headers.iter().flatten().filter(|h| h.name.eq_ignore_ascii_case(what.header));
        return fields.filter_map(|h| from_text(h.value.as_bytes(), behind(&h.value, what.after)?, what)).next();
    }
    let atom = what.atom?;
    let end = seen.found.end(atom)?;
    let field = ATOMS.get(usize::from(atom))?.field;
    let text = if field == Field::Markup { &seen.normal.markup } else { &seen.normal.text };
    // A literal that ends within a word would give half a value.
    debug_assert!(end >= literal(atom).len());
    from_text(text, end, what)
}

/// Where `after` ends in `value`, compared without case.
fn behind(value: &str, after: &str) -> Option<usize> {
    if after.is_empty() {
        return Some(0);
    }
    value.as_bytes().windows(after.len()).position(|w| w.eq_ignore_ascii_case(after.as_bytes())).map(|at| at + after.len())
}

fn from_text(text: &[u8], from: usize, what: &Extract) -> Option<String> {
    let rest = text.get(from..)?;
    let skip = rest.iter().take_while(|b| matches!(b, b' ' | b'"' | b'\'' | b':' | b'#' | b'=')).count();
    let rest = rest.get(skip..)?;
    let len = rest.iter().take_while(|b| what.chars.has(**b)).count();
    if len < usize::from(what.min) || len > usize::from(what.max) {
        return None;
    }
    let run = core::str::from_utf8(rest.get(..len)?).ok()?.trim_end_matches('.');
    (!run.is_empty()).then(|| format!("{}{run}", what.prefix))
}

/// Identifiers of the producer's page and of every hop that left one in the header.
pub(crate) fn references(seen: &Seen<'_>, producer: Option<u16>, hops: &[u16]) -> Vec<Reference> {
    let mut all: Vec<Reference> = Vec::new();
    let mut add = |kind: &str, value: Option<String>| {
        if let Some(value) = value.filter(|v| !all.iter().any(|r| r.kind == kind && r.value == *v)) {
            all.push(Reference { kind: kind.to_owned(), value });
        }
    };
    for number in producer.iter().chain(hops) {
        let Some(rule) = super::table::RULES.get(usize::from(*number)) else { continue };
        for what in rule.references {
            if producer == Some(*number) || !what.header.is_empty() {
                add(what.kind, value(seen, what));
            }
        }
    }
    for name in COMMON {
        let given = seen.page.header(name).map(str::trim).filter(|v| (4..=128).contains(&v.len()) && v.bytes().all(|b| b.is_ascii_graphic()));
        add(name, given.map(str::to_owned));
    }
    all
}
