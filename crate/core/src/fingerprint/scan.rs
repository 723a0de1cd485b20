//! Finds every literal of every rule in one pass.
//!
//! Each literal is filed under four of its bytes, the rarest ones. A pass takes each four bytes of the page, asks a bitmap whether
//! anything is filed there, and only then compares. The bitmap grows with the rules, so the cost of a page does not.

use super::normal::Normal;
use super::table::{ABSENT, ANY, ATOMS, BITMAP, Field, GRAMS, HEADERS, Op, SHIFT, STATUS, VERSION};
use crate::page::{Header, Page};

/// Patterns are compared with short texts only.
const MAX_LIKE: usize = 600;

/// Which literals were found, and where in the page.
#[derive(Debug)]
pub(crate) struct Found {
    bits: Vec<u64>,
    ends: Vec<(u16, u32)>,
}

impl Found {
    /// Looks through page and header.
    pub(crate) fn in_page(page: &Page, normal: &Normal) -> Self {
        let mut found = Self { bits: vec![0; ATOMS.len().div_ceil(64)], ends: Vec::new() };
        if normal.has_tags() {
            found.scan(&normal.markup, Field::Markup);
        }
        found.scan(&normal.text, Field::Text);
        match &page.title {
            Some(title) if normal.title.is_empty() => found.scan(&Normal::of(title.as_bytes(), true).text, Field::Title),
            _ => found.scan(&normal.title, Field::Title),
        }
        if let Some(reason) = &page.reason {
            found.scan(reason.trim().as_bytes(), Field::Reason);
        }
        if let Some(headers) = &page.headers {
            found.headers(headers);
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

    fn scan(&mut self, text: &[u8], field: Field) {
        let mut gram = 0_u32;
        for (at, byte) in text.iter().enumerate() {
            // Folds the case of letters, and some signs into others: the comparison sorts that out.
            gram = gram << 8 | u32::from(byte | 0x20);
            let slot = gram.wrapping_mul(0x9E37_79B1) >> SHIFT;
            let filed = BITMAP.get((slot / 32) as usize).is_some_and(|bits| bits >> (slot % 32) & 1 == 1);
            if filed && at >= 3 {
                self.compare(text, at - 3, gram, field);
            }
        }
    }

    fn compare(&mut self, text: &[u8], gram_at: usize, gram: u32, field: Field) {
        let first = GRAMS.partition_point(|(g, _)| *g < gram);
        for (_, atom) in GRAMS.get(first..).unwrap_or_default().iter().take_while(|(g, _)| *g == gram) {
            let Some(known) = ATOMS.get(usize::from(*atom)).filter(|a| a.field == field) else { continue };
            if known.op == Op::Like {
                if text.len() <= MAX_LIKE && like(text, known.literal.as_bytes()) {
                    self.set(*atom, text.len());
                }
                continue;
            }
            let Some(start) = gram_at.checked_sub(usize::from(known.gram_at)) else { continue };
            let end = start + known.literal.len();
            let placed = match known.op {
                Op::Is => start == 0 && end == text.len(),
                Op::Prefix => start == 0,
                Op::Suffix => end == text.len(),
                _ => true,
            };
            if placed && text.get(start..end).is_some_and(|t| t.eq_ignore_ascii_case(known.literal.as_bytes())) {
                self.set(*atom, end);
            }
        }
    }

    fn headers(&mut self, headers: &[Header]) {
        for header in headers {
            let name = header.name.to_ascii_lowercase();
            let Ok(row) = HEADERS.binary_search_by(|(n, _)| (*n).cmp(name.as_str())) else { continue };
            for atom in HEADERS.get(row).map_or(&[][..], |(_, atoms)| atoms) {
                if ATOMS.get(usize::from(*atom)).is_some_and(|a| value_matches(&header.value, a.op, a.literal)) {
                    self.set(*atom, 0);
                }
            }
        }
        for (name, atom) in ABSENT {
            if !headers.iter().any(|h| h.name.eq_ignore_ascii_case(name)) {
                self.set(*atom, 0);
            }
        }
    }
}

/// Whether a header value is what an atom asks for.
pub(crate) fn value_matches(value: &str, op: Op, literal: &str) -> bool {
    let (value, literal) = (value.trim().as_bytes(), literal.as_bytes());
    let same = |part: Option<&[u8]>| part.is_some_and(|p| p.eq_ignore_ascii_case(literal));
    match op {
        Op::Present => true,
        Op::Absent => false,
        Op::Is => same(Some(value)),
        Op::Prefix => same(value.get(..literal.len())),
        Op::Suffix => same(value.len().checked_sub(literal.len()).and_then(|at| value.get(at..))),
        Op::Has => value.windows(literal.len().max(1)).any(|w| w.eq_ignore_ascii_case(literal)),
        Op::Like => like(value, literal),
    }
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
                [b'/', after @ ..] => 1 + after.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b'_')).count(),
                _ => 0,
            };
            like(text.get(len..).unwrap_or_default(), rest)
        }
        [ANY, rest @ ..] => (0..=text.len().min(120)).any(|skip| like(text.get(skip..).unwrap_or_default(), rest)),
        [byte, rest @ ..] => text.first().is_some_and(|t| t.eq_ignore_ascii_case(byte)) && like(text.get(1..).unwrap_or_default(), rest),
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
