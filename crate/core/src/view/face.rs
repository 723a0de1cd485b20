//! The face of a case: popup and card.

use super::node::{Element, Node, el};
use super::{chain, check_row, headline, root, why};
use crate::advice;
use crate::case::Case;
use crate::words::{Speaker, Word};

/// What popup and card show.
#[must_use]
pub fn face(case: &Case, speaker: &dyn Speaker) -> Node {
    let say = |key: &str| speaker.say(&Word::new(key));
    let mut face = root("main", case)
        .kid(header(case, speaker))
        .kid(spoken(el("h1").class("fl-verdict").kid(speaker.say(&headline(case)))))
        .kid(el("p").class("fl-why").kid(speaker.say(&why(case))));
    if let Some(first) = advice::visitor(case).first() {
        face = face.kid(el("p").class("fl-do").kid(speaker.say(first)));
    }
    face.kid(chain::chain(case, speaker))
        .kid(checks(case, speaker))
        .kid(
            el("div")
                .class("fl-actions")
                .kid(button("copy", &say("action_copy")).attr("class", "fl-main"))
                .kid(again(case, &say("action_again")))
                .kid(button("details", &say("action_details"))),
        )
        .kid(el("p").class("fl-note").attr("role", "status").attr("data-note", "").kid(""))
        .into()
}

/// What a screen reader says by itself when it changes. Around the heading, which would lose its own role.
pub(super) fn spoken(element: Element) -> Element {
    el("div").attr("role", "status").attr("aria-live", "polite").kid(element)
}

fn header(case: &Case, speaker: &dyn Speaker) -> Element {
    let sure = crate::words::percent(case.verdict.confidence).to_string();
    let label = if case.done { Word::new("sure").with(sure) } else { Word::new("checking") };
    el("p")
        .class("fl-head")
        .kid(el("span").class("fl-number").kid(case.visit.status.to_string()))
        .kid(el("span").class("fl-host").kid(case.host().to_owned()))
        .kid(el("span").class("fl-sure").kid(speaker.say(&label)))
}

fn checks(case: &Case, speaker: &dyn Speaker) -> Element {
    el("ul").class("fl-checks").attr("aria-label", speaker.say(&Word::new("checks_label"))).kids(
        case.checks.iter().filter(|(_, c)| super::is_worth_a_line(c)).map(|(id, check)| {
            let (name, outcome, text) = check_row(id, check, speaker);
            el("li")
                .class(format!("fl-check fl-check-{outcome}"))
                .attr("data-check", id.as_str())
                .attr("data-outcome", outcome)
                .kid(el("span").class("fl-check-name").kid(name))
                .kid(el("span").class("fl-check-text").kid(text))
        }),
    )
}

pub(super) fn button(action: &str, text: &str) -> Element {
    el("button").attr("type", "button").attr("data-do", action).kid(text)
}

/// "Check again", which waits while checks run: two sets at once would be load on a site that is down.
pub(super) fn again(case: &Case, text: &str) -> Element {
    let button = button("again", text);
    if case.done { button } else { button.attr("disabled", "") }
}
