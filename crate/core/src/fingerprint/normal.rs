//! One form for the many forms in which the same page arrives.
//!
//! A page comes as the bytes that were sent, as a browser's serialisation of the document (quotes added, tags in lower case,
//! `<head>` and `<tbody>` made up, optional end tags written out), or as bare text. Bodies and the markers of the rules pass
//! through the same function, so that a marker copied from any of the forms matches the others. What it does:
//!
//! - white space next to a tag goes, other runs become one blank; quotes inside a tag go, and so does `/` before `>`
//! - tags that a parser may add by itself go: bare `<html>`, `<head>`, `<body>`, `<tbody>` and the end tags of `p`, `li`, `td` …
//! - entities are decoded, typographic quotes and dashes become plain ones, but `&lt;` and `&gt;` never become markup: a page that
//!   quotes another page's source must not look like that page
//! - the inside of comments, scripts and styles stays, without any `<` of its own
//!
//! The letters keep their case; matching ignores it. The build script compiles this file too.

#[path = "fold.rs"]
mod fold;

use fold::{Character, character, is_word};

/// A page in normal form.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Normal {
    /// Markup and text.
    pub markup: Vec<u8>,
    /// What a visitor would read, without the title.
    pub text: Vec<u8>,
    /// Text of the first `<title>` before any other text.
    pub title: Vec<u8>,
    tags: bool,
    gap: bool,
    text_gap: bool,
}

/// A tag longer than this is cut: it is no tag that a marker would want.
const MAX_TAG: usize = 2048;

/// Elements whose tags do not part words.
const INLINE: &[&str] = &["a", "abbr", "b", "big", "code", "del", "em", "font", "i", "ins", "small", "span", "strong", "sub", "sup", "tt", "u"];
/// Start tags that mean nothing unless they carry attributes, since a parser makes them up.
const IMPLIED: &[&str] = &["body", "head", "html", "tbody"];
/// End tags that may be left out.
const OPTIONAL_END: &[&str] = &["body", "dd", "dt", "head", "html", "li", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr"];

impl Normal {
    /// Normal form of `input`; with `plain` no `<` in it starts a tag.
    #[must_use]
    pub fn of(input: &[u8], plain: bool) -> Self {
        let mut normal = Self::default();
        normal.take(input, plain);
        normal
    }

    /// Appends another part of the same page.
    pub fn take(&mut self, input: &[u8], plain: bool) {
        self.markup.reserve(input.len());
        self.gap = true;
        self.text_gap = true;
        let mut at = 0;
        while let Some(&byte) = input.get(at) {
            let rest = input.get(at..).unwrap_or_default();
            at += match byte {
                b'<' if !plain && opens_tag(rest) => self.tag(rest),
                _ if is_word(byte) => self.words(rest, true),
                _ => self.character(rest, true),
            };
        }
    }

    /// Whether any tag was seen.
    #[must_use]
    pub const fn has_tags(&self) -> bool {
        self.tags
    }

    /// Whether there was nothing to read at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.text.is_empty() && self.title.is_empty()
    }

    /// A run of words that normal form leaves as they are: most of any page. The number of bytes it took.
    fn words(&mut self, rest: &[u8], seen: bool) -> usize {
        let mut len = 1;
        while let Some(&byte) = rest.get(len) {
            let letter = |at: usize| rest.get(at).is_some_and(u8::is_ascii_alphanumeric);
            let between_words = byte == b' ' && letter(len - 1) && letter(len + 1);
            if !is_word(byte) && !between_words {
                break;
            }
            len += 1;
        }
        self.byte(rest.first().copied().unwrap_or_default(), seen);
        let more = rest.get(1..len).unwrap_or_default();
        self.markup.extend_from_slice(more);
        if seen {
            self.text.extend_from_slice(more);
        }
        len
    }

    /// One character of text; the number of bytes it took.
    fn character(&mut self, rest: &[u8], seen: bool) -> usize {
        let mut decoded = [0; 4];
        let (piece, used): (&[u8], usize) = match character(rest, &mut decoded) {
            Character::Space(used) => {
                self.gap = true;
                self.text_gap |= seen;
                return used;
            }
            Character::Byte(byte) => return self.byte(byte, seen),
            Character::Piece(piece, used) => (piece, used),
            Character::Decoded(len, used) => (decoded.get(..len).unwrap_or_default(), used),
        };
        for &byte in piece {
            self.byte(byte, seen);
        }
        used
    }

    fn byte(&mut self, byte: u8, seen: bool) -> usize {
        if self.gap {
            self.gap = false;
            gap_before(&mut self.markup, byte, true);
        }
        self.markup.push(byte);
        if seen {
            if self.text_gap {
                self.text_gap = false;
                gap_before(&mut self.text, byte, false);
            }
            self.text.push(byte);
        }
        1
    }

    /// A tag, comment or declaration at the start of `rest`; the number of bytes it took.
    fn tag(&mut self, rest: &[u8]) -> usize {
        self.tags = true;
        if rest.starts_with(b"<!--") {
            return self.comment(rest);
        }
        let len = tag_len(rest);
        let whole = rest.get(..len).unwrap_or(rest);
        let closing = whole.get(1) == Some(&b'/');
        let name = name_of(whole.get(1 + usize::from(closing)..).unwrap_or_default());
        let bare = whole.len() <= name.len() + 3;
        let is = |list: &[&str]| list.iter().any(|n| name.eq_ignore_ascii_case(n.as_bytes()));
        if !is(INLINE) {
            self.text_gap = true;
        }
        if (closing && is(OPTIONAL_END)) || (!closing && bare && is(IMPLIED)) {
            self.gap = true;
            return len;
        }
        self.gap = false;
        self.push_tag(whole);
        if closing {
            return len;
        }
        let title = name.eq_ignore_ascii_case(b"title");
        if title || is(&["script", "style", "textarea", "xmp"]) {
            let inside = raw_len(rest.get(len..).unwrap_or_default(), name);
            self.raw(rest.get(len..len + inside).unwrap_or_default(), title);
            return len + inside;
        }
        len
    }

    fn push_tag(&mut self, whole: &[u8]) {
        let mut at = 0;
        let mut gap = false;
        let mut decoded = [0; 4];
        while let Some(&byte) = whole.get(at) {
            match byte {
                b'"' | b'\'' => at += 1,
                b'>' => {
                    self.end_attributes();
                    self.markup.push(b'>');
                    return;
                }
                _ if byte.is_ascii_whitespace() => {
                    gap = true;
                    at += 1;
                }
                _ => {
                    if gap {
                        gap = false;
                        self.end_value();
                        if self.markup.last() != Some(&b' ') {
                            self.markup.push(b' ');
                        }
                    }
                    let rest = whole.get(at..).unwrap_or_default();
                    let run = rest.iter().position(|b| !is_word(*b) || *b == b'\'' || *b == b'"').unwrap_or(rest.len());
                    if run > 0 {
                        self.markup.extend_from_slice(rest.get(..run).unwrap_or_default());
                        at += run;
                        continue;
                    }
                    at += match character(rest, &mut decoded) {
                        Character::Piece(piece, used) if byte != b'<' => {
                            self.markup.extend_from_slice(piece);
                            used
                        }
                        Character::Decoded(len, used) => {
                            self.markup.extend_from_slice(decoded.get(..len).unwrap_or_default());
                            used
                        }
                        Character::Space(used) => {
                            self.markup.push(b' ');
                            used
                        }
                        _ => {
                            self.markup.push(byte);
                            1
                        }
                    };
                }
            }
        }
    }

    /// `async=""` and `async` are the same attribute.
    fn end_value(&mut self) {
        if self.markup.last() == Some(&b'=') {
            self.markup.pop();
        }
    }

    fn end_attributes(&mut self) {
        while matches!(self.markup.last(), Some(b'/' | b' ')) {
            self.markup.pop();
        }
        self.end_value();
    }

    fn comment(&mut self, rest: &[u8]) -> usize {
        let inside = rest.get(4..).unwrap_or_default();
        let end = inside.windows(3).position(|w| w == b"-->");
        let len = end.map_or(inside.len(), |at| at);
        self.gap = false;
        self.markup.extend_from_slice(b"<!--");
        self.gap = inside.first().is_some_and(u8::is_ascii_whitespace);
        self.raw(inside.get(..len).unwrap_or_default(), false);
        if self.gap {
            self.gap = false;
            self.markup.push(b' ');
        }
        if end.is_some() {
            self.markup.extend_from_slice(b"-->");
        }
        4 + len + if end.is_some() { 3 } else { 0 }
    }

    /// Text in which no tag can start.
    fn raw(&mut self, inside: &[u8], title: bool) {
        if title && self.text.is_empty() && self.title.is_empty() {
            self.title = Self::of(inside, true).text;
        }
        let mut at = 0;
        while let Some(&byte) = inside.get(at) {
            let rest = inside.get(at..).unwrap_or_default();
            at += if is_word(byte) { self.words(rest, false) } else { self.character(rest, false) };
        }
    }
}

/// Writes the blank that stands before `next`, unless a tag or the layout of JSON makes it meaningless.
fn gap_before(out: &mut Vec<u8>, next: u8, markup: bool) {
    let meaningless = match out.as_slice() {
        [] | [.., b' '] => true,
        [.., b'>'] => markup,
        [.., b'"', b':'] => true,
        [.., b'"'] if next == b':' => true,
        [.., b'{' | b'[' | b','] => next == b'"' || next == b'{',
        [.., before] => matches!(next, b'}' | b']') && matches!(before, b'"' | b'}' | b']' | b'0'..=b'9'),
    };
    if !meaningless {
        out.push(b' ');
    }
}

fn opens_tag(rest: &[u8]) -> bool {
    match rest {
        [_, b'/', b, ..] => b.is_ascii_alphabetic(),
        [_, b, ..] => b.is_ascii_alphabetic() || *b == b'!' || *b == b'?',
        _ => false,
    }
}

/// Length of the tag at the start of `rest`; a `>` in quotes does not end it, unless the quote never closes.
fn tag_len(rest: &[u8]) -> usize {
    let mut quote = 0;
    let mut before = b' ';
    for (at, &byte) in rest.iter().enumerate().take(MAX_TAG) {
        match byte {
            b'>' if quote == 0 => return at + 1,
            b'"' | b'\'' if quote == byte => quote = 0,
            b'"' | b'\'' if quote == 0 && (before == b'=' || before.is_ascii_whitespace()) => quote = byte,
            _ => {}
        }
        before = byte;
    }
    let bounded = rest.get(..MAX_TAG.min(rest.len())).unwrap_or_default();
    bounded.iter().position(|&b| b == b'>').map_or(bounded.len(), |at| at + 1)
}

fn name_of(rest: &[u8]) -> &[u8] {
    let len = rest.iter().take(24).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'!')).count();
    rest.get(..len).unwrap_or_default()
}

/// Length up to the end tag of `name`, or to the end.
fn raw_len(rest: &[u8], name: &[u8]) -> usize {
    let mut from = 0;
    while let Some(at) = rest.get(from..).and_then(|r| r.iter().position(|&b| b == b'<')) {
        let start = from + at;
        let end = rest.get(start + 2..start + 2 + name.len());
        if rest.get(start + 1) == Some(&b'/') && end.is_some_and(|n| n.eq_ignore_ascii_case(name)) {
            return start;
        }
        from = start + 1;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::Normal;

    fn markup(input: &str) -> String {
        String::from_utf8_lossy(&Normal::of(input.as_bytes(), false).markup).into_owned()
    }

    fn text(input: &str) -> String {
        String::from_utf8_lossy(&Normal::of(input.as_bytes(), false).text).into_owned()
    }

    #[test]
    fn bytes_and_document_are_one() {
        let sent = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body bgcolor=\"white\">\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr/><center>nginx</center>\r\n</body>\r\n</html>\r\n";
        let document = "<html><head><title>502 Bad Gateway</title></head>\n<body bgcolor=\"white\">\n<center><h1>502 Bad Gateway</h1></center>\n<hr><center>nginx</center>\n\n\n</body></html>";
        assert_eq!(markup(sent), markup(document));
        assert_eq!(markup(sent), "<title>502 Bad Gateway</title><body bgcolor=white><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center>");
        assert_eq!(markup("<html><body><h1>503</h1>\nNo server\n</body></html>"), markup("<html><head></head><body><h1>503</h1>\nNo server\n\n</body></html>"));
        assert_eq!(markup("<body id=ERR_X>"), markup("<BODY id='ERR_X'>").replace("BODY", "body"));
        assert_eq!(markup("<script async src=x></script>"), markup("<script async=\"\" src=\"x\"></script>"));
    }

    #[test]
    fn quoted_source_is_no_markup() {
        for quoted in ["&lt;center&gt;nginx", "&#60;center&#62;nginx", "<script>'<center>nginx'</script>", "<!-- <center>nginx -->", "<textarea><center>nginx</textarea>"] {
            assert!(!markup(quoted).contains("<center>"), "{quoted}");
        }
        assert!(!String::from_utf8_lossy(&Normal::of(b"<center>nginx", true).markup).contains("<center>"));
    }

    #[test]
    fn text_is_what_a_visitor_reads() {
        assert_eq!(text("<title>T</title><p>Reason: <strong>DNS&nbsp;lookup</strong></p><p>That\u{2019}s all</p>"), "Reason: DNS lookup That's all");
        assert_eq!(text("Reference&#32;&#35;30&#46;1"), "Reference #30.1");
        assert_eq!(text("{ \"message\" : \"x\",\n \"code\": 5 }"), "{\"message\":\"x\",\"code\":5}");
    }

    #[test]
    fn cut_and_broken_pages_do_no_harm() {
        for broken in ["<", "<a", "<a href=\"", "<!--", "<!-- x", "<title>", "&", "&#", "&#x110000;", "</", "<script><", "\u{feff}x"] {
            let _ = Normal::of(broken.as_bytes(), false);
        }
        assert_eq!(text("<title>a</title><a href=\"x>y"), "y");
    }
}
