//! Whether a page says a product's words itself, or shows what another page says.

use faultline_search::Normal;

/// Whether words alone, without a piece of structure, may be somebody's who repeats them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// There is no more than these words: the text of an error page looks like that.
    Nothing,
    /// A page with a title of its own: one sentence may be a quotation, and in much text any number of them.
    Sentences,
    /// Data, in which a value may be anything.
    Values,
    /// A log, or the source of other pages for people to read.
    All,
}

/// Elements in which authors show what is not theirs.
const SHOWN: [&[u8]; 6] = [b"blockquote", b"pre", b"code", b"samp", b"textarea", b"q"];

/// How far before a marker such an element is looked for.
const MAX_SHOWN: usize = 8 * 1024;

/// Whether words of this page may be the words of another one. A browser wraps text and data into documents: only the text is asked.
pub(crate) fn quotes(normal: &Normal) -> Quotes {
    let text = normal.text.as_slice();
    let is_log = matches!(text, [a, b, c, d, b'-' | b'/', ..] if [a, b, c, d].iter().all(|d| d.is_ascii_digit()));
    if is_log || normal.source {
        Quotes::All
    } else if is_json(text) {
        Quotes::Values
    } else if normal.has_tags() && !normal.title.is_empty() {
        Quotes::Sentences
    } else {
        Quotes::Nothing
    }
}

/// Whether the body is an object or a list of JSON.
pub(crate) fn is_json(body: &[u8]) -> bool {
    let mut bytes = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).iter().filter(|b| !b.is_ascii_whitespace());
    matches!(bytes.next(), Some(b'{' | b'[')) && matches!(bytes.next(), Some(b'"' | b'{' | b'['))
}

/// Whether these bytes stand between two quotes of a kind: then somebody speaks of them.
pub(crate) fn is_in_quotes(text: &[u8], start: usize, end: usize) -> bool {
    let before = start.checked_sub(1).and_then(|at| text.get(at));
    before.is_some_and(|b| matches!(b, b'"' | b'\'' | b'`')) && before == text.get(end)
}

/// Whether these bytes are a part of what stands between two double quotes.
pub(crate) fn is_within_quotes(text: &[u8], start: usize, end: usize) -> bool {
    let is_quote = |b: &&u8| **b == b'"';
    let before = text.get(..start).unwrap_or_default().iter().filter(is_quote).count();
    is_in_quotes(text, start, end) || before % 2 == 1 && text.get(end..).is_some_and(|rest| rest.iter().any(|b| is_quote(&b)))
}

/// Whether what begins here in the source is within an element that shows it to be read.
pub(crate) fn is_shown(markup: &[u8], start: usize) -> bool {
    let from = start.saturating_sub(MAX_SHOWN);
    let before = markup.get(from..start).unwrap_or_default();
    // Markdown that nobody has made a page of.
    if before.windows(3).filter(|w| w == b"```").count() % 2 == 1 {
        return true;
    }
    let mut closed = 0_u32;
    for at in (from..start).rev().filter(|at| markup.get(*at) == Some(&b'<')) {
        let tag = markup.get(at + 1..start).unwrap_or_default();
        let (ends, tag) = tag.strip_prefix(b"/").map_or((false, tag), |name| (true, name));
        let is = |name: &&[u8]| {
            tag.get(..name.len()).is_some_and(|t| t.eq_ignore_ascii_case(name))
                && matches!(tag.get(name.len()), Some(b'>' | b' '))
        };
        if !SHOWN.iter().any(is) {
            continue;
        }
        match (ends, closed) {
            (true, _) => closed += 1,
            (false, 0) => return true,
            (false, _) => closed -= 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{is_shown, is_within_quotes};

    fn shown(before: &str) -> bool {
        is_shown(before.as_bytes(), before.len())
    }

    #[test]
    fn what_an_element_shows_ends_with_it() {
        assert!(shown("<p>It said:<blockquote>"));
        assert!(shown("<pre class=x><b>"));
        assert!(shown("<blockquote><code>a</code>"));
        assert!(!shown("<pre>a</pre>"));
        assert!(!shown("<pre><code>a</code></pre><hr>"));
        assert!(shown("It said: ``` "));
        assert!(!shown("```a``` "));
        assert!(!shown("<preface>"));
        assert!(!shown(""));
    }

    #[test]
    fn a_part_of_a_quotation_is_quoted() {
        let text = br#"Ours says "a b c" and "d". e"#;
        assert!(is_within_quotes(text, 13, 14));
        assert!(is_within_quotes(text, 23, 24));
        assert!(!is_within_quotes(text, 18, 21));
        assert!(!is_within_quotes(text, 27, 28));
        assert!(!is_within_quotes(br#"15" screen"#, 4, 10));
    }
}
