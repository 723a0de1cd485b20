//! The face of a case: popup, card, and the sample of the first page that a visitor sees.

use super::node::{Element, Node, el};
use super::{button, chain, check_row, headline, never, root, why};
use crate::advice;
use crate::case::{Case, Check};
use crate::terms::Side;
use crate::words::{Speaker, Word};

/// What popup and card show.
#[must_use]
pub fn face(case: &Case, speaker: &dyn Speaker) -> Node {
    let say = |key: &str| speaker.say(&Word::new(key));
    facts("main", "h1", case, speaker)
        .kid(progress(case))
        .kid(
            el("div")
                .class("fl-actions")
                .kid(button("copy", &say("action_copy")).attr("class", "fl-main"))
                .kid(again(case, &say("action_again")))
                .kid(button("details", &say("action_details"))),
        )
        .kid(super::acts(case, speaker))
        .kid(el("p").class("fl-note").attr("role", "status").attr("data-note", "").kid(""))
        .kid(checks(case, speaker))
        .kid(
            el("div")
                .class("fl-foot")
                .kids(never(case, speaker).map(|button| button.attr("class", "fl-quiet")))
                .kid(button("options", &say("action_options")).attr("class", "fl-quiet")),
        )
        .into()
}

/// The same without anything to press: what it would do to a made-up site.
#[must_use]
pub fn sample(case: &Case, speaker: &dyn Speaker) -> Node {
    facts("section", "h3", case, speaker).kid(checks(case, speaker)).into()
}

fn facts(tag: &'static str, heading: &'static str, case: &Case, speaker: &dyn Speaker) -> Element {
    let mut face = root(tag, case)
        .kid(head(case, case.host(), speaker))
        .kid(spoken(el(heading).class("fl-verdict").kid(speaker.say(&headline(case)))))
        .kid(el("p").class("fl-why").kid(speaker.say(&why(case))));
    if let Some(first) = advice::visitor(case).first() {
        face = face.kid(el("p").class("fl-do").kid(speaker.say(first)));
    }
    face.kid(chain::chain(case, speaker))
}

/// What a screen reader says by itself when it changes. Around the heading, which would lose its own role.
pub(super) fn spoken(element: Element) -> Element {
    el("div").attr("role", "status").attr("aria-live", "polite").kid(element)
}

/// The line above the verdict: the number, where it came from, and how sure the verdict is.
pub(super) fn head(case: &Case, from: &str, speaker: &dyn Speaker) -> Element {
    let sure = || speaker.say(&Word::new("sure").with(crate::words::percent(case.verdict.confidence).to_string()));
    let label = match case.verdict.side {
        _ if !case.done => speaker.say(&Word::new("checking")),
        // Nobody is half sure of not knowing.
        Side::Unclear => String::new(),
        _ => sure(),
    };
    el("p")
        .class("fl-head")
        .kid(el("span").class("fl-number").kid(super::shown_number(case.visit.status)))
        .kid(el("span").class("fl-host").attr("dir", "ltr").kid(from))
        .kid(el("span").class("fl-sure").kid(label))
}

/// The checks on demand, below what is pressed, so that nothing moves away when they open. Closed, their heading tells how far they are.
fn checks(case: &Case, speaker: &dyn Speaker) -> Element {
    let lines = case.checks.iter().filter(|(_, c)| super::is_worth_a_line(c));
    let heading = match (case.done, counts(case)) {
        (true, _) | (_, (_, 0)) => Word::new("checks_label"),
        (false, (ended, all)) => Word::new("checks_progress").with(ended.to_string()).with(all.to_string()),
    };
    el("details")
        .class("fl-asked")
        .kid(el("summary").kid(speaker.say(&heading)))
        .kid(el("ul").class("fl-checks").kids(lines.map(|(id, check)| row(id, check, speaker))))
}

/// One check as a line.
pub(super) fn row(id: crate::terms::CheckId, check: &Check, speaker: &dyn Speaker) -> Element {
    let (name, outcome, text) = check_row(id, check, speaker);
    el("li")
        .class(format!("fl-check fl-check-{outcome}"))
        .attr("data-check", id.as_str())
        .attr("data-outcome", outcome)
        .kid(el("span").class("fl-check-name").kid(name))
        .kid(el("span").class("fl-check-text").kid(text))
}

/// How many of the checks that are worth a line have an answer, and how many there are.
fn counts(case: &Case) -> (usize, usize) {
    let worth = || case.checks.iter().filter(|(_, c)| super::is_worth_a_line(c));
    (worth().filter(|(_, c)| matches!(c, Check::Ended(_))).count(), worth().count())
}

/// How far the checks are, as a bar. The heading beside it says the same in words.
fn progress(case: &Case) -> Element {
    let (ended, all) = counts(case);
    let width = if case.done || all == 0 { 100 } else { ended * 100 / all };
    el("svg")
        .class(if case.done { "fl-progress fl-progress-full" } else { "fl-progress" })
        .attr("viewBox", "0 0 100 2")
        .attr("preserveAspectRatio", "none")
        .attr("aria-hidden", "true")
        .attr("focusable", "false")
        .kid(el("rect").attr("x", "0").attr("y", "0").attr("width", width.to_string()).attr("height", "2"))
}

/// "Check again", which waits while checks run: two sets at once would be load on a site that is down. It is
/// not `disabled`: that would take the keyboard away from whoever has just pressed it.
pub(super) fn again(case: &Case, text: &str) -> Element {
    let button = button("again", text);
    if case.done { button } else { button.attr("aria-disabled", "true") }
}
