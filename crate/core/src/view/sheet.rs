//! The report as it would leave the machine, with what was left out and a way to add it back.

use super::button;
use super::node::{Element, el};
use crate::redact::Include;
use crate::report::Report;
use crate::words::{Speaker, Word};

/// The report in the forms that a click gives out, and what the visitor has chosen for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sheet<'a> {
    /// Plain text, which is shown.
    pub text: &'a str,
    /// A `mailto:` address; empty where there is none.
    pub mail: &'a str,
    /// A line for a shell; empty where there is none.
    pub curl: &'a str,
    /// What of the address was added back.
    pub include: Include,
    /// Whether it is in the visitor's language.
    pub translated: bool,
}

/// The section: what was left out, the switches, the forms, the text.
pub(super) fn preview(report: &Report, sheet: &Sheet, speaker: &dyn Speaker) -> Element {
    let say = |key: &str| speaker.say(&Word::new(key));
    let copies = [("copy", true), ("copy-markdown", true), ("copy-json", true), ("copy-curl", !sheet.curl.is_empty())];
    let copies = copies
        .into_iter()
        .filter(|(_, is)| *is)
        .map(|(action, _)| button(action, &say(&format!("action_{}", action.replace('-', "_")))));
    let mail = (!sheet.mail.is_empty()).then(|| el("a").class("fl-button").attr("href", sheet.mail).kid(say("action_mail")));
    el("section")
        .attr("data-key", "report")
        .kid(el("h2").kid(say("details_report")))
        .kid(removed(report, speaker))
        .kid(
            el("div")
                .class("fl-switches")
                .kid(switch("path", sheet.include.path, &say("report_add_path")))
                .kid(switch("query", sheet.include.query, &say("report_add_query")))
                .kid(switch("translated", sheet.translated, &say("report_translated"))),
        )
        .kid(el("pre").attr("id", "report-text").attr("dir", "auto").attr("tabindex", "0").kid(sheet.text))
        .kid(el("div").class("fl-actions").kids(copies).kids(mail))
}

fn removed(report: &Report, speaker: &dyn Speaker) -> Element {
    let parts: Vec<String> = report.page.removed.iter().map(|part| speaker.say(&Word::new(format!("removed_{part}")))).collect();
    let word = if parts.is_empty() { Word::new("removed_nothing") } else { Word::new("removed_parts").with(parts.join(", ")) };
    el("p").class("fl-why").kid(speaker.say(&word))
}

fn switch(name: &str, on: bool, text: &str) -> Element {
    button(&format!("switch:{name}"), text).attr("aria-pressed", if on { "true" } else { "false" })
}
