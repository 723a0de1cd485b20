//! Takes identifiers, versions and host names out of page and header.

use super::candidate::{Candidate, Seen};
use super::kinds::Field;
use super::scan::behind;
use super::table::Extract;
use crate::reading::Reference;

/// Request identifiers that many products share: worth having whoever wrote the page.
const COMMON: &[&str] = &["x-request-id", "x-correlation-id", "x-trace-id", "x-b3-traceid"];

/// The value that `what` describes, if it is there.
pub(crate) fn value(seen: &Seen<'_>, what: &Extract<'_>) -> Option<String> {
    if !what.header.is_empty() {
        let mut fields = seen.page.headers.iter().flatten().filter(|h| h.name.eq_ignore_ascii_case(what.header));
        return fields.find_map(|h| from_text(h.value.as_bytes(), behind(h.value.as_bytes(), what.after.as_bytes())?, what));
    }
    let atom = what.atom?;
    let in_markup = seen.tables.atom(atom)?.field == Field::Markup;
    from_text(if in_markup { &seen.normal.markup } else { &seen.normal.text }, seen.found.end(atom)?, what)
}

fn from_text(text: &[u8], from: usize, what: &Extract<'_>) -> Option<String> {
    let rest = text.get(from..)?;
    let skip = rest.iter().take_while(|b| matches!(b, b' ' | b'"' | b'\'' | b':' | b'#' | b'=')).count();
    let rest = rest.get(skip..)?;
    let len = rest.iter().take_while(|b| what.chars.has(**b)).count();
    if len < what.min || len > what.max {
        return None;
    }
    // The start of an e-mail address, or of a word in another alphabet: no identifier.
    if rest.get(len).is_some_and(|next| *next == b'@' || !next.is_ascii()) {
        return None;
    }
    let run = core::str::from_utf8(rest.get(..len)?).ok()?.trim_end_matches('.');
    (!run.is_empty()).then(|| [what.prefix, run].concat())
}

/// Identifiers of the producer's page and of every hop that left one in the header.
pub(crate) fn references(seen: &Seen<'_>, producer: Option<&Candidate<'_>>, hops: &[u16]) -> Vec<Reference> {
    let mut all: Vec<Reference> = Vec::new();
    let mut add = |kind: &str, value: Option<String>| {
        if let Some(value) = value.filter(|v| !all.iter().any(|r| r.kind == kind && r.value == *v)) {
            all.push(Reference { kind: kind.to_owned(), value });
        }
    };
    let producer = producer.map(|p| p.rule.number);
    for number in producer.iter().chain(hops) {
        let Some(rule) = seen.tables.rule(*number) else { continue };
        for what in rule.references().filter(|what| producer == Some(*number) || !what.header.is_empty()) {
            add(what.kind, value(seen, &what));
        }
    }
    for name in COMMON {
        let given = seen
            .page
            .header(name)
            .map(str::trim)
            .filter(|v| (4..=128).contains(&v.len()) && v.bytes().all(|b| b.is_ascii_graphic()));
        add(name, given.map(str::to_owned));
    }
    all
}
