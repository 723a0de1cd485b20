//! Tags, comments, and the elements in which no tag can start.

use crate::fold::character;
use crate::normal::{BLANK, Normal, OTHER, SPACE, class};

/// A tag longer than this is cut: it is no tag that a marker would want.
const MAX_TAG: usize = 2048;

/// Elements whose tags do not part words.
const INLINE: [u64; 17] =
    names(["a", "abbr", "b", "big", "code", "del", "em", "font", "i", "ins", "small", "span", "strong", "sub", "sup", "tt", "u"]);
/// Start tags that mean nothing unless they carry attributes, since a parser makes them up.
const IMPLIED: [u64; 4] = names(["body", "head", "html", "tbody"]);
/// End tags that may be left out.
const OPTIONAL_END: [u64; 14] =
    names(["body", "dd", "dt", "head", "html", "li", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr"]);
/// Elements in which a `<` is text.
const RAW: [u64; 7] = names(["noscript", "script", "style", "template", "textarea", "title", "xmp"]);
const TITLE: u64 = name(b"title");
/// Translators wrap every text in one of their own.
const FONT: u64 = name(b"font");

/// Whether a tag, comment or declaration starts here.
pub(crate) fn opens(rest: &[u8]) -> bool {
    match rest {
        [b'<', b'/', b, ..] => b.is_ascii_alphabetic(),
        [b'<', b, ..] => b.is_ascii_alphabetic() || *b == b'!' || *b == b'?',
        _ => false,
    }
}

impl Normal {
    /// A tag, comment or declaration at the start of `rest`; the number of bytes it took.
    pub(crate) fn tag(&mut self, rest: &[u8]) -> usize {
        self.tags = true;
        self.joint = true;
        if let Some(inside) = rest.strip_prefix(b"<!--") {
            return 4 + self.comment(inside);
        }
        let closing = rest.get(1) == Some(&b'/');
        let start = 1 + usize::from(closing);
        let letters =
            rest.iter().skip(start).take(24).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'!')).count();
        let name = name(rest.get(start..start + letters).unwrap_or_default());
        if !INLINE.contains(&name) {
            self.text_gap = true;
        }
        let end = start + letters;
        let before = self.markup.len();
        let len = if rest.get(end) == Some(&b'>') {
            // Most tags are no more than a name.
            self.markup.extend_from_slice(rest.get(..=end).unwrap_or_default());
            end + 1
        } else {
            self.attributes(rest, true).or_else(|| self.attributes(rest, false)).unwrap_or(0)
        };
        let bare = self.markup.len() == before + letters + 2;
        if name == FONT && (closing || bare) {
            self.markup.truncate(before);
            return len;
        }
        if if closing { OPTIONAL_END.contains(&name) } else { bare && IMPLIED.contains(&name) } {
            self.markup.truncate(before);
            self.gap = true;
            return len;
        }
        self.gap = false;
        if closing || !RAW.contains(&name) {
            return len;
        }
        let inside = rest.get(len..).unwrap_or_default();
        let inside = inside.get(..raw_len(inside, name, letters)).unwrap_or_default();
        if name == TITLE && self.text.is_empty() && self.title.is_empty() {
            self.title = Self::of(inside, true).text;
        }
        self.inert(inside);
        len + inside.len()
    }

    /// Takes what has no tags and is not for the visitor.
    fn inert(&mut self, inside: &[u8]) {
        let from = self.markup.len();
        self.pass(inside, false, false);
        // A page is cut long before four bytes are too few.
        self.inert.push((from as u32, self.markup.len() as u32));
    }

    /// Writes a tag without what may vary in it; its length. With `quotes` a `>` between two of them does not end it; none if there
    /// is no second one.
    fn attributes(&mut self, rest: &[u8], quotes: bool) -> Option<usize> {
        let start = self.markup.len();
        let (mut at, mut before, mut quote, mut gap, mut from) = (0, b' ', 0, false, usize::MAX);
        let tag = rest.get(..MAX_TAG).unwrap_or(rest);
        while let Some(&byte) = tag.get(at) {
            let run = tag.iter().skip(at).take_while(|b| is_plain(**b)).count();
            if run > 0 {
                self.attribute_gap(&mut gap, quote == 0, &mut from);
                self.markup.extend_from_slice(tag.get(at..at + run).unwrap_or_default());
                at += run;
                before = 0;
                continue;
            }
            let mut used = 1;
            match byte {
                b'"' | b'\'' => {
                    if quote == byte {
                        quote = 0;
                    } else if quotes && quote == 0 && matches!(before, b'=' | b' ') {
                        quote = byte;
                        // Blanks after the sign are as good as none.
                        gap &= self.markup.last() != Some(&b'=');
                    }
                }
                b'>' if quote == 0 => {
                    while matches!(self.markup.last(), Some(b'/' | b' ')) {
                        self.markup.pop();
                    }
                    self.end_attribute(from);
                    self.markup.push(b'>');
                    return Some(at + 1);
                }
                _ if byte.is_ascii_whitespace() => gap = true,
                b'=' => {
                    gap = false;
                    self.markup.push(b'=');
                }
                b'<' if quote == 0 => self.markup.push(b'<'),
                _ => {
                    self.attribute_gap(&mut gap, quote == 0, &mut from);
                    let character = character(tag.get(at..).unwrap_or_default());
                    self.markup.extend_from_slice(character.bytes());
                    used = character.used;
                }
            }
            before = if byte.is_ascii_whitespace() { b' ' } else { byte };
            at += used;
        }
        if quote != 0 {
            self.markup.truncate(start);
            return None;
        }
        Some(tag.len())
    }

    /// Writes the blank before an attribute, which is to be noted in `from`; or, if it is no new one, within a value.
    fn attribute_gap(&mut self, gap: &mut bool, new: bool, from: &mut usize) {
        if core::mem::take(gap) {
            if new {
                self.end_attribute(*from);
                *from = self.markup.len();
            }
            if self.markup.last() != Some(&b' ') {
                self.markup.push(b' ');
            }
        }
    }

    /// `async=""` and `async` are the same attribute, and what extensions of a browser write into other people's pages is none.
    fn end_attribute(&mut self, from: usize) {
        if self.markup.last() == Some(&b'=') {
            self.markup.pop();
        }
        if self.markup.get(from..).is_some_and(is_decoration) {
            self.markup.truncate(from);
        }
    }

    /// What follows `<!--`; its length with the end.
    fn comment(&mut self, inside: &[u8]) -> usize {
        let end = inside.windows(3).position(|w| w == b"-->");
        let len = end.unwrap_or(inside.len());
        self.markup.extend_from_slice(b"<!--");
        self.gap = inside.first().is_some_and(u8::is_ascii_whitespace);
        self.inert(inside.get(..len).unwrap_or_default());
        if self.gap {
            self.gap = false;
            self.markup.push(b' ');
        }
        if end.is_none() {
            return len;
        }
        self.markup.extend_from_slice(b"-->");
        len + 3
    }
}

/// Whether an attribute, behind its blank, may be from somebody who colours or translates a page. Sizes are the page's own.
fn is_decoration(attribute: &[u8]) -> bool {
    let begins = |with: &[u8]| attribute.get(1..=with.len()).is_some_and(|a| a.eq_ignore_ascii_case(with));
    begins(b"data-")
        || begins(b"_mst")
        || begins(b"dir=")
        || (begins(b"style=") && !attribute.windows(9).any(|w| w == b"font-size"))
}

/// Whether a byte stays as it is within a tag, and begins or ends nothing.
fn is_plain(byte: u8) -> bool {
    match class(byte) {
        BLANK | SPACE | OTHER => false,
        _ => !matches!(byte, b'"' | b'\'' | b'='),
    }
}

/// Length up to the end tag of `name`, or to the end.
fn raw_len(rest: &[u8], element: u64, letters: usize) -> usize {
    let mut at = 0;
    while let Some(found) = rest.get(at..).and_then(|r| r.iter().position(|&b| b == b'<')) {
        at += found;
        let end = rest.get(at + 1) == Some(&b'/');
        if end && rest.get(at + 2..at + 2 + letters).is_some_and(|n| name(n) == element) {
            return at;
        }
        at += 1;
    }
    rest.len()
}

/// The name of an element in lower case as one number; 0 if it is longer than eight bytes, as no name in the lists above is.
const fn name(letters: &[u8]) -> u64 {
    if letters.len() > 8 {
        return 0;
    }
    let mut number = 0;
    let mut rest = letters;
    while let [first, more @ ..] = rest {
        number = number << 8 | first.to_ascii_lowercase() as u64;
        rest = more;
    }
    number
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would say so")]
const fn names<const N: usize>(names: [&str; N]) -> [u64; N] {
    let mut numbers = [0; N];
    let mut at = 0;
    while at < N {
        numbers[at] = name(names[at].as_bytes());
        at += 1;
    }
    numbers
}
