//! Which literals are in a page: those of its texts by the index, those of its header by asking each field.

use faultline_search::{Hit, Normal, key};

use super::kinds::{ANY, Field, Op, STATUS, VERSION};
use super::quoted::{is_in_quotes, is_shown};
use super::table::{Parts, Tables};
use crate::page::{Header, Page};

/// Patterns are compared with short texts only.
const MAX_LIKE: usize = 600;

/// Normal form cuts tags that are longer.
const MAX_TAG: usize = 2048;

/// Which literals were found, and where in the page.
#[derive(Debug)]
pub(crate) struct Found {
    bits: Vec<u64>,
    ends: Vec<(u16, u32)>,
}

impl Found {
    /// Looks through page and header.
    pub(crate) fn in_page(tables: &Tables<'_>, page: &Page, normal: &Normal) -> Self {
        let mut found = Self { bits: vec![0; tables.index.shapes.len().div_ceil(64)], ends: Vec::new() };
        if normal.has_tags() {
            found.scan(tables, &normal.markup, &[], Field::Markup, &normal.inert);
        }
        found.scan(tables, &normal.text, &normal.joints, Field::Text, &[]);
        found.scan(tables, &normal.title, &[], Field::Title, &[]);
        if let Some(reason) = &page.reason {
            found.scan(tables, reason.trim().as_bytes(), &[], Field::Reason, &[]);
        }
        if let Some(headers) = &page.headers {
            found.headers(tables, headers);
        }
        found
    }

    /// Whether the literal was found.
    pub(crate) fn has(&self, atom: u16) -> bool {
        self.bits.get(usize::from(atom / 64)).is_some_and(|b| b >> (atom % 64) & 1 == 1)
    }

    /// Where the first place of the literal ends.
    pub(crate) fn end(&self, atom: u16) -> Option<usize> {
        self.ends.iter().find(|(a, _)| *a == atom).map(|(_, end)| *end as usize)
    }

    /// Every literal that was found.
    pub(crate) fn atoms(&self) -> impl Iterator<Item = u16> {
        self.ends.iter().map(|(atom, _)| *atom)
    }

    fn set(&mut self, atom: u16, end: usize) {
        let Some(bits) = self.bits.get_mut(usize::from(atom / 64)) else { return };
        if *bits >> (atom % 64) & 1 == 0 {
            *bits |= 1 << (atom % 64);
            self.ends.push((atom, u32::try_from(end).unwrap_or(u32::MAX)));
        }
    }

    fn scan(&mut self, tables: &Tables<'_>, text: &[u8], joints: &[u32], field: Field, inert: &[(u32, u32)]) {
        let mut hits = Vec::new();
        tables.index.search(text, joints, field as u8, &mut hits);
        for Hit { number, start, end } in hits {
            let Some(atom) = tables.atom(number).filter(|_| !self.has(number)) else { continue };
            let ends = end as usize == text.len();
            let stands = match atom.op {
                Op::Is => start == 0 && ends,
                Op::Prefix => start == 0,
                Op::Suffix => ends,
                Op::Like => text.len() <= MAX_LIKE && like(text, tables.bytes(&atom)),
                Op::Has if inert.iter().any(|(from, to)| *from <= start && end <= *to) => {
                    !is_listed(text, start as usize, end as usize)
                }
                Op::Has if field == Field::Markup => {
                    is_of_source(text, start as usize, end as usize) && !is_shown(text, start as usize)
                }
                Op::Has | Op::Present | Op::Absent => true,
            };
            if stands {
                self.set(number, if atom.op == Op::Like { text.len() } else { end as usize });
            }
        }
    }

    fn headers(&mut self, tables: &Tables<'_>, headers: &[Header]) {
        for header in headers {
            for atom in matching(tables, &header.name, &header.value) {
                self.set(atom, 0);
            }
        }
        for atom in tables.absent {
            let name = field_of(tables, *atom);
            if !headers.iter().any(|h| h.name.eq_ignore_ascii_case(name)) {
                self.set(*atom, 0);
            }
        }
    }
}

/// Whether these bytes are, or are within, a tag: a visitor does not read them, and nobody quotes them by showing them.
fn is_of_source(text: &[u8], start: usize, end: usize) -> bool {
    let is_angle = |b: &u8| matches!(b, b'<' | b'>');
    let before = text.get(start.saturating_sub(MAX_TAG)..start);
    text.get(start..end).is_some_and(|t| t.iter().any(is_angle))
        || before.and_then(|t| t.iter().rev().find(|b| is_angle(b))) == Some(&b'<')
}

/// Whether these bytes are a whole string within a list of a script: then it lists markers, and is not what they are markers of.
fn is_listed(text: &[u8], start: usize, end: usize) -> bool {
    text.get(end + 1).is_some_and(|b| matches!(b, b',' | b']' | b'}' | b':')) && is_in_quotes(text, start, end)
}

/// The literals that a header field fulfils.
pub(crate) fn matching(tables: &Tables<'_>, name: &str, value: &str) -> impl Iterator<Item = u16> {
    let row = tables.field_hashes.binary_search(&key::hash(name.as_bytes())).ok();
    let start = |row: usize| tables.field_starts.get(row).copied();
    let atoms = row.and_then(|row| Some(start(row)?..start(row + 1)?)).unwrap_or(0..0);
    atoms.filter(move |n| tables.atom(*n).is_some_and(|atom| value_matches(value, atom.op, tables.bytes(&atom))))
}

/// Name, in lower case, of the header field in which a literal is looked for; empty for other literals.
pub(crate) fn field_of<'t>(tables: &Tables<'t>, atom: u16) -> &'t str {
    let rows = tables.field_starts.iter().take_while(|start| **start <= atom).count();
    let name = rows.checked_sub(1).and_then(|row| Parts(tables.fields).nth(row));
    core::str::from_utf8(name.unwrap_or_default()).unwrap_or_default()
}

/// Whether a header value is what an atom asks for.
fn value_matches(value: &str, op: Op, literal: &[u8]) -> bool {
    let value = value.trim().as_bytes();
    let same = |part: Option<&[u8]>| part.is_some_and(|p| p.eq_ignore_ascii_case(literal));
    match op {
        Op::Present => true,
        Op::Absent => false,
        Op::Is => same(Some(value)),
        Op::Prefix => same(value.get(..literal.len())),
        Op::Suffix => same(value.len().checked_sub(literal.len()).and_then(|at| value.get(at..))),
        Op::Has => behind(value, literal).is_some(),
        Op::Like => like(value, literal),
    }
}

/// Where `literal` ends in `text`, compared without case.
pub(crate) fn behind(text: &[u8], literal: &[u8]) -> Option<usize> {
    let last = text.len().checked_sub(literal.len())?;
    let at = (0..=last).find(|at| text.get(*at..at + literal.len()).is_some_and(|t| t.eq_ignore_ascii_case(literal)))?;
    Some(at + literal.len())
}

/// Whether the whole of `text` fits `pattern`.
pub(crate) fn like(text: &[u8], pattern: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [STATUS, rest @ ..] => {
            text.get(..3).is_some_and(|n| n.iter().all(u8::is_ascii_digit)) && like(text.get(3..).unwrap_or_default(), rest)
        }
        [VERSION, rest @ ..] => {
            let len = match text {
                [b'/', after @ ..] => {
                    1 + after.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b'_')).count()
                }
                _ => 0,
            };
            like(text.get(len..).unwrap_or_default(), rest)
        }
        [ANY, rest @ ..] => (0..=text.len().min(120)).any(|skip| like(text.get(skip..).unwrap_or_default(), rest)),
        [byte, rest @ ..] => {
            text.first().is_some_and(|t| t.eq_ignore_ascii_case(byte)) && like(text.get(1..).unwrap_or_default(), rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn patterns_fit_whole_texts() {
        assert!(like(b"502 Bad Gateway nginx/1.18.0", b"\x01 \x03 nginx\x02"));
        assert!(like(b"502 Bad Gateway nginx", b"\x01 \x03 nginx\x02"));
        assert!(!like(b"502 Bad Gateway nginx here", b"\x01 \x03 nginx\x02"));
        assert!(!like(b"five Bad Gateway nginx", b"\x01 \x03 nginx\x02"));
        assert!(like(b"a", b"a"));
        assert!(!like(b"", b"a"));
    }
}
