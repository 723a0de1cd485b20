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
//! The letters keep their case; matching ignores it. Normal form is never longer than the page, so that one buffer of its length
//! is enough.

use crate::fold::character;
use crate::{LESS, tag};

/// A page in normal form.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Normal {
    /// Markup and text.
    pub markup: Vec<u8>,
    /// What a visitor would read, without the title.
    pub text: Vec<u8>,
    /// Text of the first `<title>` before any other text.
    pub title: Vec<u8>,
    /// Where in `markup` scripts, comments and other elements without tags are, from and to: what is within them may be quoted.
    pub inert: Vec<(u32, u32)>,
    /// Where in `text` a word begins right behind another: `<b>Code</b><i>17</i>` reads `Code17`.
    pub joints: Vec<u32>,
    /// Whether the text shows source of a page: `&lt;html`, `&lt;h1`, `&lt;hr`.
    pub source: bool,
    pub(crate) tags: bool,
    pub(crate) gap: bool,
    pub(crate) text_gap: bool,
    pub(crate) joint: bool,
}

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
        self.markup.reserve(input.len() + 1);
        self.text.reserve(input.len() + 1);
        self.gap = true;
        self.text_gap = true;
        self.pass(input, !plain, true);
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

    /// Takes all of `input`; with `tags` a `<` may start one, and what is `seen` is text for the visitor.
    pub(crate) fn pass(&mut self, input: &[u8], tags: bool, seen: bool) {
        let mut at = 0;
        while let Some(&byte) = input.get(at) {
            at = match class(byte) {
                BLANK | SPACE => {
                    self.gap = true;
                    self.text_gap |= seen;
                    at + 1
                }
                OTHER => {
                    let rest = input.get(at..).unwrap_or_default();
                    at + if tags && tag::opens(rest) { self.tag(rest) } else { self.character(rest, seen) }
                }
                _ => self.words(input, at, seen),
            };
        }
    }

    /// A run of words that normal form leaves as they are: most of any page. Where it ends.
    fn words(&mut self, input: &[u8], from: usize, seen: bool) -> usize {
        let mut before = OTHER;
        let mut end = from;
        while let Some(&byte) = input.get(end) {
            let now = class(byte);
            if PAUSES >> (before * 8 + now) & 1 == 1 {
                // `"key": 5` is as good as `"key":5`, while `Reason: text` keeps its blank.
                let value = end < from + 2 || input.get(end - 2) == Some(&b'"');
                if before != COLON || now != BLANK || value {
                    break;
                }
            }
            before = now;
            end += 1;
        }
        // The first of a run may need a gap before it, a blank at its end is one.
        self.byte(input.get(from).copied().unwrap_or_default(), seen);
        let blank = usize::from(before == BLANK);
        let run = input.get(from + 1..end - blank).unwrap_or_default();
        self.markup.extend_from_slice(run);
        if seen {
            self.text.extend_from_slice(run);
        }
        end - blank
    }

    /// One character of text; the number of bytes it took.
    fn character(&mut self, rest: &[u8], seen: bool) -> usize {
        let character = character(rest);
        if character.is_space() {
            self.gap = true;
            self.text_gap |= seen;
        } else {
            self.source |= seen && character.bytes() == [LESS] && matches!(rest.get(character.used), Some(b'h' | b'H'));
            for &byte in character.bytes() {
                self.byte(byte, seen);
            }
        }
        character.used
    }

    fn byte(&mut self, byte: u8, seen: bool) {
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
            if core::mem::take(&mut self.joint) {
                // A page is cut long before four bytes are too few.
                self.joints.push(self.text.len() as u32);
            }
            self.text.push(byte);
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

/// A byte that stays as it is.
const WORD: u8 = 0;
pub(crate) const BLANK: u8 = 1;
const QUOTE: u8 = 2;
const COLON: u8 = 3;
const OPEN: u8 = 4;
const CLOSE: u8 = 5;
/// White space other than the blank.
pub(crate) const SPACE: u8 = 6;
/// Markup, entities, and what has to be looked at.
pub(crate) const OTHER: u8 = 7;

/// After which class (times 8) a run pauses before which: wherever [`gap_before`] may have something to say.
const PAUSES: u64 = {
    let mut pauses = 0;
    let mut before = 0;
    while before < 8 {
        pauses |= 1 << (before * 8 + SPACE) | 1 << (before * 8 + OTHER);
        before += 1;
    }
    let mut now = BLANK;
    while now < 8 {
        pauses |= 1 << (BLANK * 8 + now);
        now += 1;
    }
    // At its start a run has nothing before it.
    pauses &= (1 << (OTHER * 8)) - 1;
    pauses | 1 << (COLON * 8 + BLANK)
};

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would say so")]
const CLASSES: [u8; 256] = {
    let mut classes = [WORD; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b' ' => BLANK,
            b'"' => QUOTE,
            b':' => COLON,
            b'{' | b'[' | b',' => OPEN,
            b'}' | b']' => CLOSE,
            // Of the bytes beyond ASCII those with which white space and typographic marks begin.
            b'<' | b'>' | b'&' | 0xC2 | 0xE2 | 0xEF => OTHER,
            b if b.is_ascii_whitespace() => SPACE,
            _ => WORD,
        };
        byte += 1;
    }
    classes
};

pub(crate) fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(OTHER)
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
        assert_eq!(
            markup(sent),
            "<title>502 Bad Gateway</title><body bgcolor=white><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center>"
        );
        assert_eq!(
            markup("<html><body><h1>503</h1>\nNo server\n</body></html>"),
            markup("<html><head></head><body><h1>503</h1>\nNo server\n\n</body></html>")
        );
        assert_eq!(markup("<body id=ERR_X>"), markup("<BODY id='ERR_X'>").replace("BODY", "body"));
        assert_eq!(markup("<script async src=x></script>"), markup("<script async=\"\" src=\"x\"></script>"));
        assert_eq!(markup("<a href = 'x' id= \"y\">"), "<a href=x id=y>");
    }

    #[test]
    fn what_extensions_write_into_a_page_is_not_part_of_it() {
        let page = markup("<body><center><h1>502 Bad Gateway</h1></center><hr><p class=x>Reason: <b>none</b>");
        let with = [
            "<body style=\"color: red\"><center data-a=''><h1 style='--x: 1'>502 Bad Gateway</h1></center><hr data-b><p class=x dir=auto>Reason: <b>none</b>",
            "<body _mstvisible=\"0\"><center><h1 _msthash='1' data-v-1>502 Bad Gateway</h1></center><hr><p style='a>b' class=x>Reason: <b>none</b>",
            "<body><center><h1><font style=\"vertical-align: inherit;\"><font>502 Bad Gateway</font></font></h1></center><hr><p class=x>Reason: <b><font>none</font></b>",
        ];
        for with in with {
            assert_eq!(markup(with), page);
        }
        assert_eq!(markup("<h1 style=\"font-size:150px\">"), "<h1 style=font-size:150px>");
        assert_eq!(markup("<font color=red>x</font>"), "<font color=red>x");
    }

    #[test]
    fn quoted_source_is_no_markup() {
        for quoted in [
            "&lt;center&gt;nginx",
            "&#60;center&#62;nginx",
            "<script>'<center>nginx'</script>",
            "<!-- <center>nginx -->",
            "<textarea><center>nginx</textarea>",
            "<p title='<center>nginx'>",
        ] {
            assert!(!markup(quoted).contains("<center>"), "{quoted}");
        }
        assert!(!String::from_utf8_lossy(&Normal::of(b"<center>nginx", true).markup).contains("<center>"));
    }

    #[test]
    fn text_is_what_a_visitor_reads() {
        assert_eq!(
            text("<title>T</title><p>Reason: <strong>DNS&nbsp;lookup</strong></p><p>That\u{2019}s all</p>"),
            "Reason: DNS lookup That's all"
        );
        assert_eq!(text("Reference&#32;&#35;30&#46;1"), "Reference #30.1");
        assert_eq!(text("{ \"a\" : \"b\" , \"c\": 5 }, x: y, \"z\": [ 1, 2 ]"), "{\"a\":\"b\" ,\"c\":5}, x: y,\"z\":[ 1, 2]");
        assert_eq!(Normal::of(b"<b>Code</b><i>17</i>", false).joints, [0, 4]);
        assert_eq!(text("a  b <b>c</b>d\n\n<br>e , f"), "a b cd e , f");
        assert_eq!(text("{ \"message\" : \"x\",\n \"code\": 5 }"), "{\"message\":\"x\",\"code\":5}");
    }

    #[test]
    fn cut_and_broken_pages_do_no_harm() {
        for broken in
            ["<", "<a", "<a href=\"", "<!--", "<!-- x", "<title>", "&", "&#", "&#x110000;", "</", "<script><", "\u{feff}x"]
        {
            let _ = Normal::of(broken.as_bytes(), false);
        }
        assert_eq!(text("<title>a</title><a href=\"x>y"), "y");
    }
}
