//! The details page: the whole case, its report as JSON, and where an administrator should look.

use super::face::{again, button, spoken};
use super::node::{Element, Node, el};
use super::{chain, check_row, headline, number, root, why};
use crate::case::Case;
use crate::report::Report;
use crate::words::{Speaker, Word};

/// The whole case. `report` is in English, the headings are in the visitor's language.
#[must_use]
pub fn details(case: &Case, report: &Report, letter: &str, speaker: &dyn Speaker) -> Node {
    let say = |key: &str| speaker.say(&Word::new(key));
    root("main", case)
        .kid(
            el("header")
                .kid(
                    el("p")
                        .class("fl-head")
                        .kid(el("span").class("fl-number").kid(case.visit.status.to_string()))
                        .kid(el("span").class("fl-host").kid(report.page.url.as_str())),
                )
                .kid(spoken(el("h1").class("fl-verdict").kid(speaker.say(&headline(case)))))
                .kid(el("p").class("fl-why").kid(speaker.say(&why(case))))
                .kid(chain::chain(case, speaker))
                .kid(
                    el("div")
                        .class("fl-actions")
                        .kid(button("copy", &say("action_copy")).attr("class", "fl-main"))
                        .kid(button("copy-json", &say("action_copy_json")))
                        .kid(again(case, &say("action_again"))),
                )
                .kid(el("p").class("fl-note").attr("role", "status").attr("data-note", "").kid("")),
        )
        .kid(section(&say("details_number")).kid(el("p").kid(speaker.say(&number(case.visit.status)))))
        .kid(
            section(&say("details_do"))
                .kid(list(crate::advice::visitor(case).iter().map(|w| speaker.say(w))))
                .kid(super::acts(case, speaker)),
        )
        .kid(
            section(&say("details_reasons"))
                .kid(list(case.verdict.reasons.iter().map(|r| speaker.say(&r.word))))
                .kids(would_change(case, speaker)),
        )
        .kid(section(&say("checks_label")).kid(table(case, speaker)))
        .kid(
            el("details")
                .kid(el("summary").kid(say("tried_title")))
                .kid(el("p").kid(say("tried_note")))
                .kid(super::tried(case, speaker)),
        )
        .kid(section(&say("details_response")).kid(response(report, speaker)))
        .kid(
            section(&say("details_report"))
                .kid(el("pre").attr("id", "report-text").attr("lang", "en").attr("dir", "ltr").kid(letter)),
        )
        .kid(
            el("details")
                .kid(el("summary").kid(say("details_json")))
                .kid(el("pre").attr("id", "report-json").attr("lang", "en").attr("dir", "ltr").attr("data-fill", "json").kid("")),
        )
        .into()
}

fn section(title: &str) -> Element {
    el("section").kid(el("h2").kid(title))
}

fn list(items: impl Iterator<Item = String>) -> Element {
    el("ul").kids(items.map(|text| el("li").kid(text)))
}

fn would_change(case: &Case, speaker: &dyn Speaker) -> Vec<Element> {
    if case.verdict.would_change.is_empty() {
        return Vec::new();
    }
    vec![
        el("h3").kid(speaker.say(&Word::new("details_would_change"))),
        list(case.verdict.would_change.iter().map(|w| speaker.say(w))),
    ]
}

fn table(case: &Case, speaker: &dyn Speaker) -> Element {
    el("ul").class("fl-checks").kids(case.checks.iter().map(|(id, check)| {
        let (name, outcome, text) = check_row(id, check, speaker);
        el("li")
            .class(format!("fl-check fl-check-{outcome}"))
            .attr("data-check", id.as_str())
            .attr("data-outcome", outcome)
            .kid(el("span").class("fl-check-name").kid(name))
            .kid(el("span").class("fl-check-text").kid(text))
    }))
}

/// The response as a list of terms. Names of the protocol stay as they are in every language.
fn response(report: &Report, speaker: &dyn Speaker) -> Element {
    let mut rows: Vec<(&str, String)> = Vec::new();
    let r = &report.response;
    rows.push(("term_time", report.time.local.clone()));
    rows.push(("term_status", r.status_line.as_ref().map_or_else(|| r.status.to_string(), |s| s.as_str().to_owned())));
    if let Some(p) = &report.producer {
        let version = p.version.as_ref().map_or_else(String::new, |v| format!(" {}", v.as_str()));
        rows.push(("term_producer", format!("{}{version}", p.name)));
    }
    rows.push(("term_failure", speaker.say(&Word::new(format!("kind_{}", report.failure.kind.as_str().replace('-', "_"))))));
    if let Some(address) = &r.address {
        rows.push(("term_address", address.as_str().to_owned()));
    }
    if let Some(ms) = r.first_byte_ms {
        rows.push(("term_first_byte", format!("{ms} ms")));
    }
    for reference in &report.references {
        rows.push(("term_reference", format!("{}: {}", reference.kind, reference.value.as_str())));
    }
    el("dl").kids(rows.into_iter().flat_map(|(term, value)| [el("dt").kid(speaker.say(&Word::new(term))), el("dd").kid(value)]))
}
