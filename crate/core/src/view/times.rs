//! The time line: when the page and each check was asked, and how long each answer took.

use super::check_row;
use super::node::{Element, el};
use crate::case::{Case, Check};
use crate::event::Millis;
use crate::words::{Speaker, Word};

/// Width of the picture of one row, in its own units.
const WIDTH: u64 = 1000;

/// One line of the chart.
struct Span {
    name: String,
    text: String,
    /// `visit`, or how the check ended.
    kind: &'static str,
    from: Millis,
    to: Millis,
}

/// The chart: a row for the visit and one for each check that was sent, on one scale. None where nobody measured anything.
pub(super) fn times(case: &Case, speaker: &dyn Speaker) -> Option<Element> {
    let visit = case.visit.first_byte_ms.map(|ms| Span {
        name: speaker.say(&Word::new("times_visit")),
        text: speaker.say(&Word::new("times_ms").with(ms.to_string())),
        kind: "visit",
        from: case.opened.saturating_sub(Millis::from(ms)),
        to: case.opened,
    });
    let checks = case.checks.iter().filter_map(|(id, check)| {
        let Check::Ended(answer) = check else { return None };
        let (asked, ms) = (answer.asked?, answer.ms?);
        let (name, kind, text) = check_row(id, check, speaker);
        let text = format!("{} · {text}", speaker.say(&Word::new("times_ms").with(ms.to_string())));
        Some(Span { name, text, kind, from: asked, to: asked.saturating_add(Millis::from(ms)) })
    });
    let spans: Vec<Span> = visit.into_iter().chain(checks).collect();
    let from = spans.iter().map(|s| s.from).min()?;
    let to = spans.iter().map(|s| s.to).max()?.max(from.saturating_add(1));
    let whole = speaker.say(&Word::new("times_ms").with((to - from).to_string()));
    Some(
        el("div")
            .class("fl-times")
            .kid(el("ol").kids(spans.iter().map(|s| line(s, from, to - from))))
            .kid(el("p").class("fl-scale").attr("aria-hidden", "true").kid(el("span").kid("0")).kid(el("span").kid(whole))),
    )
}

fn line(span: &Span, start: Millis, whole: Millis) -> Element {
    let at = |moment: Millis| (moment - start) * WIDTH / whole;
    let (x, end) = (at(span.from), at(span.to));
    let picture = el("svg")
        .class("fl-span-picture")
        .attr("viewBox", format!("0 0 {WIDTH} 10"))
        .attr("preserveAspectRatio", "none")
        .attr("aria-hidden", "true")
        .attr("focusable", "false")
        .kid(el("rect").class("fl-span-floor").attr("x", "0").attr("y", "4").attr("width", WIDTH.to_string()).attr("height", "2"))
        .kid(
            el("rect")
                .class(format!("fl-span-bar fl-span-{}", span.kind))
                .attr("x", x.min(WIDTH - 4).to_string())
                .attr("y", "0")
                .attr("width", (end - x).max(4).to_string())
                .attr("height", "10"),
        );
    el("li")
        .class("fl-span")
        .kid(el("span").class("fl-span-name").kid(span.name.as_str()))
        .kid(picture)
        .kid(el("span").class("fl-span-text").kid(span.text.as_str()))
}
