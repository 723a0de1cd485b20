//! The details page: the whole case, its time line, its report as it would leave the machine, and where to look.

use super::face::{again, head, row, spoken};
use super::node::{Element, Node, el};
use super::sheet::{self, Sheet};
use super::{button, chain, evidence, headline, number, root, terms, times, why};
use crate::case::Case;
use crate::report::Report;
use crate::words::{Speaker, Word};

/// The whole case. `report` and `sheet` are what a click copies; headings are in the visitor's language.
#[must_use]
pub fn details(case: &Case, report: &Report, sheet: &Sheet, speaker: &dyn Speaker) -> Node {
    let say = |key: &str| speaker.say(&Word::new(key));
    let [(pro, reasons), (contra, against)] = evidence::lists(case, speaker);
    root("main", case)
        .kid(header(case, report, speaker))
        .kid(section("number", &say("details_number")).kid(el("p").kid(speaker.say(&number(case.visit.status)))))
        .kid(
            section("do", &say("details_do"))
                .kid(list(crate::advice::visitor(case).iter().map(|w| speaker.say(w))))
                .kid(super::acts(case, speaker)),
        )
        .kid(
            section("reasons", &say("details_reasons"))
                .kid(el("h3").kid(say(pro)))
                .kid(reasons)
                .kid(el("h3").kid(say(contra)))
                .kid(against)
                .kids(would_change(case, speaker)),
        )
        .kid(section("times", &say("details_times")).kids(times::times(case, speaker)))
        .kid(section("checks", &say("checks_label")).kid(checks(case, report, speaker)))
        .kid(section("response", &say("details_response")).kid(response(report, speaker)))
        .kid(
            el("details")
                .attr("data-key", "tried")
                .kid(el("summary").kid(say("tried_title")))
                .kid(el("p").class("fl-why").kid(say("tried_note")))
                .kid(super::tried(case, speaker)),
        )
        .kid(sheet::preview(report, sheet, speaker))
        .kid(
            el("details")
                .attr("data-key", "json")
                .kid(el("summary").kid(say("details_json")))
                .kid(code("report-json", "").attr("data-fill", "json").attr("tabindex", "0")),
        )
        .into()
}

fn header(case: &Case, report: &Report, speaker: &dyn Speaker) -> Element {
    let say = |key: &str| speaker.say(&Word::new(key));
    el("header")
        .kid(head(case, report.page.url.as_str(), speaker))
        .kid(spoken(el("h1").class("fl-verdict").kid(speaker.say(&headline(case)))))
        .kid(el("p").class("fl-why").kid(speaker.say(&why(case))))
        .kid(chain::chain(case, speaker))
        .kid(
            el("div")
                .class("fl-actions")
                .kid(button("copy", &say("action_copy")).attr("class", "fl-main"))
                .kid(again(case, &say("action_again")))
                .kids(super::never(case, speaker)),
        )
        .kid(el("p").class("fl-note").attr("role", "status").attr("data-note", "").kid(""))
}

#[inline(never)]
fn section(key: &str, title: &str) -> Element {
    el("section").attr("data-key", key).kid(el("h2").kid(title))
}

fn list(items: impl Iterator<Item = String>) -> Element {
    el("ul").kids(items.map(|text| el("li").kid(text)))
}

/// Text that stays as it is in every language.
#[inline(never)]
fn code(id: &str, text: &str) -> Element {
    el("pre").attr("id", id).attr("lang", "en").attr("dir", "ltr").kid(text)
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

/// Every check in words, and under it as it came: what the report says of it.
fn checks(case: &Case, report: &Report, speaker: &dyn Speaker) -> Element {
    el("ul").class("fl-checks").kids(case.checks.iter().map(|(id, check)| {
        let raw = report.checks.iter().find(|line| line.id == id).map(|line| {
            let status = line.status.map_or_else(String::new, |s| format!(" · {s}"));
            let ms = line.ms.map_or_else(String::new, |ms| format!(" · {ms} ms"));
            let why = line.why.as_ref().map_or_else(String::new, |w| format!(" · {}", w.as_str()));
            el("code")
                .class("fl-raw")
                .attr("lang", "en")
                .attr("dir", "ltr")
                .kid(format!("{id}: {}{status}{ms}{why}", line.outcome))
        });
        row(id, check, speaker).kids(raw)
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
        rows.push(("term_first_byte", speaker.say(&Word::new("times_ms").with(ms.to_string()))));
    }
    for reference in &report.references {
        rows.push(("term_reference", format!("{}: {}", reference.kind, reference.value.as_str())));
    }
    terms(rows, speaker)
}
