//! A letter as plain text.

use super::Line;

/// One line each, lists set in.
pub(super) fn write(lines: &[Line]) -> String {
    let mut out = String::new();
    for line in lines {
        match line {
            Line::Subject(text) => out.extend([text, "\n\n"]),
            Line::Fact(name, value) => out.extend([name, ": ", value, "\n"]),
            Line::Heading(text) => out.extend(["\n", text, "\n"]),
            Line::Item(text) => out.extend(["  - ", text, "\n"]),
            Line::Foot(text) => out.extend(["\n", text, "\n"]),
        }
    }
    out
}
