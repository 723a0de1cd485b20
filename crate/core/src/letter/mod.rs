//! The report for a person: as plain text, as Markdown, as a mail, and as the command that shows the failure once more.
//!
//! Everything here is made from a [`Report`], whose text is clean already; what remains is that no quoted text is taken
//! for a command of the form that it stands in.

mod compose;
mod curl;
mod mail;
mod markdown;
mod plain;

use core::fmt::Write;

use crate::case::Case;
use crate::redact::Safe;
use crate::report::Report;
use crate::words::Speaker;

/// A form in which a report leaves the browser. JSON is the report itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Lines for a ticket or a chat.
    Text,
    /// The same for issue trackers.
    Markdown,
    /// A line for a shell that asks for the page once more, without cookies.
    Curl,
    /// A `mailto:` address with subject and text, and nobody to send it to yet.
    Mail,
}

impl Format {
    /// Every form.
    pub const ALL: &'static [Self] = &[Self::Text, Self::Markdown, Self::Curl, Self::Mail];

    /// Its name in buttons.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Curl => "curl",
            Self::Mail => "mail",
        }
    }

    /// The report in this form; empty where it has none: a form that was sent is not sent again.
    #[must_use]
    pub fn write(self, report: &Report, speaker: &dyn Speaker) -> String {
        match self {
            Self::Text => plain(report, speaker),
            Self::Markdown => markdown::write(&compose::lines(report, speaker)),
            Self::Curl => curl::line(report),
            Self::Mail => mail::address(&compose::subject(report, speaker), &plain(report, speaker)),
        }
    }
}

/// The letter for the maker of the extension that breaks the page, which it names: for the visitor to send, and for nobody
/// else. Empty where none was found.
#[must_use]
pub fn to_maker(letter: &str, case: &Case) -> String {
    let Some(tried) = case.tried.as_ref().filter(|t| !t.culprits.is_empty()) else { return String::new() };
    let mut out = String::new();
    for (label, all) in [("Extension", &tried.culprits), ("Only together with", &tried.with)] {
        for one in all {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{label}: {} {}", Safe::text(&one.name).as_str(), Safe::text(&one.version).as_str());
        }
    }
    out + letter
}

/// The report as lines of text, ready for a mail or a ticket.
#[must_use]
pub fn plain(report: &Report, speaker: &dyn Speaker) -> String {
    plain::write(&compose::lines(report, speaker))
}

/// One line of a letter.
enum Line {
    /// What it is about. The first line.
    Subject(String),
    /// A name and what belongs to it, which may be anything that a page wrote.
    Fact(String, String),
    /// Begins a list.
    Heading(String),
    /// One sentence of a list.
    Item(String),
    /// The last line.
    Foot(String),
}
