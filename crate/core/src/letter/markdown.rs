//! A letter as Markdown, in which nothing that a page wrote can become a link, a picture, a heading or a call of somebody.
//!
//! A fact goes into a code span, where all text is text. A sentence is ours but may quote: what stands in it between “ and ”
//! goes into a code span too, every mark of Markdown in the rest is escaped, and a sentence that could still call
//! somebody (`@name`), point to an issue (`#1`) or become a link by itself goes into a code span as a whole.

use super::Line;

pub(super) fn write(lines: &[Line]) -> String {
    let mut out = String::new();
    let mut list = false;
    for line in lines {
        let is_list = matches!(line, Line::Fact(..) | Line::Item(_));
        if list && !is_list {
            out.push('\n');
        }
        list = is_list;
        match line {
            Line::Subject(text) => out.extend(["### ", &sentence(text), "\n\n"]),
            Line::Fact(name, value) => out.extend(["- ", &sentence(name), ": ", &code(value), "\n"]),
            Line::Heading(text) => out.extend(["**", &sentence(text), "**\n\n"]),
            Line::Item(text) => out.extend(["- ", &sentence(text), "\n"]),
            Line::Foot(text) => out.extend([&sentence(text), "\n"]),
        }
    }
    out
}

/// A sentence of ours, with quotes in it.
fn sentence(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('“') {
        let Some((quote, after)) = after.split_once('”') else { break };
        if is_active(before) {
            return code(text);
        }
        out.push_str(&escaped(before));
        out.push_str(&code(quote));
        rest = after;
    }
    if is_active(rest) {
        return code(text);
    }
    out + &escaped(rest)
}

/// Whether trackers make something of it that no backslash prevents.
fn is_active(text: &str) -> bool {
    text.contains(['@', '#']) || text.contains("://") || text.to_ascii_lowercase().contains("www.")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_~[]<>&|{}$!=+".contains(c) {
            out.push('\\');
        }
        // Spaces other than the ordinary one could end a line somewhere.
        out.push(if c.is_whitespace() { ' ' } else { c });
    }
    out
}

/// `text` in a fence that is longer than every run of backticks in it.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let text: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let pad = if text.trim().is_empty() || text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_wrote_stays_text() {
        assert_eq!(code("`a``b"), "``` `a``b ```");
        assert_eq!(
            sentence("The page says “![x](http://evil.example/p)”. *Bold* <b>"),
            "The page says `![x](http://evil.example/p)`. \\*Bold\\* \\<b\\>"
        );
        for active in ["a” @everyone “b", "see https://evil.example", "WWW.evil.example", "fixes #1"] {
            let text = sentence(&format!("It says “{active}”."));
            assert!(text.starts_with('`') && text.ends_with('`') || !is_active(&text.replace(&code(active), "")), "{text}");
        }
        assert_eq!(sentence("a” @everyone “b"), "`a” @everyone “b`");
    }
}
