//! The history page: past cases by site, with a small chart of the last weeks for each.

use super::button;
use super::node::{Element, Node, el};
use crate::clock::rfc3339;
use crate::event::Millis;
use crate::history::{Entry, History};
use crate::words::{Speaker, Word};

/// How many days a chart goes back. The words beside it say the number.
const DAYS: usize = 30;
/// Height of a chart and width of a day in it, in units of its picture.
const HEIGHT: usize = 24;
const STEP: usize = 4;

/// Every past case. `now` and the minutes of the visitor's clock east of UTC are for dates and charts.
#[must_use]
pub fn history(history: &History, now: Millis, offset_min: i32, speaker: &dyn Speaker) -> Node {
    let say = |key: &str| speaker.say(&Word::new(key));
    let page = el("main").attr("id", "faultline").attr("class", "fl").kid(el("h1").class("fl-verdict").kid(say("history_title")));
    if history.entries().is_empty() {
        return page.kid(el("p").class("fl-why").kid(say("history_none"))).into();
    }
    page.kid(el("p").class("fl-why").kid(say("history_text")))
        .kid(
            el("div")
                .class("fl-actions")
                .kid(button("save-csv", &say("history_csv")))
                .kid(button("save-json", &say("history_json")))
                .kid(
                    el("details")
                        .class("fl-ask")
                        .kid(el("summary").class("fl-button").kid(say("history_clear")))
                        .kid(el("p").kid(say("history_clear_ask")).kid(button("clear", &say("history_clear_yes")))),
                ),
        )
        .kid(el("p").class("fl-note").attr("role", "status").attr("data-note", "").kid(""))
        .kids(history.hosts().into_iter().map(|host| site(history, host, now, offset_min, speaker)))
        .into()
}

fn site(history: &History, host: &str, now: Millis, offset_min: i32, speaker: &dyn Speaker) -> Element {
    let counts = history.per_day(host, DAYS, now, offset_min);
    let sum: u32 = counts.iter().sum();
    let label = speaker.say(&Word::new("history_recent").with(sum.to_string()));
    el("section").attr("data-key", host).kid(el("h2").kid(host)).kid(bars(&counts)).kid(el("p").class("fl-why").kid(label)).kid(
        el("ul")
            .class("fl-past")
            .kids(history.entries().iter().filter(|e| e.host() == host).map(|e| past(e, offset_min, speaker))),
    )
}

/// One bar for each day; a line at the foot where there was nothing. The number stands beside it as text.
fn bars(counts: &[u32]) -> Element {
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as usize;
    let svg = el("svg")
        .class("fl-bars")
        .attr("viewBox", format!("0 0 {} {HEIGHT}", DAYS * STEP))
        .attr("aria-hidden", "true")
        .attr("focusable", "false");
    svg.kids(counts.iter().enumerate().map(|(n, count)| {
        let height = if *count == 0 { 1 } else { (*count as usize * (HEIGHT - 4) / most).max(3) };
        el("rect")
            .class(if *count == 0 { "fl-bar-none" } else { "fl-bar" })
            .attr("x", (n * STEP).to_string())
            .attr("y", (HEIGHT - height).to_string())
            .attr("width", (STEP - 1).to_string())
            .attr("height", height.to_string())
    }))
}

fn past(entry: &Entry, offset_min: i32, speaker: &dyn Speaker) -> Element {
    let say = |key: &str| speaker.say(&Word::new(key));
    let time = rfc3339(entry.at, offset_min).chars().take(16).collect::<String>().replace('T', " ");
    let verdict = speaker.say(&Word::new(entry.said.as_str()).with(entry.host()).with(entry.status.to_string()));
    let kind = say(&format!("kind_{}", entry.failure.replace('-', "_")));
    let mut rows = vec![("term_page", entry.url.as_str().to_owned()), ("term_failure", kind)];
    if !entry.producer.is_empty() {
        rows.push(("term_producer", entry.producer.clone()));
    }
    if let Some(ms) = entry.first_byte_ms {
        rows.push(("term_first_byte", speaker.say(&Word::new("times_ms").with(ms.to_string()))));
    }
    rows.push(("term_visits", entry.visits.to_string()));
    el("li").attr("data-key", entry.id.as_str()).kid(
        el("details")
            .class(format!("fl-past-case fl-{}", entry.side))
            .attr("data-side", entry.side.as_str())
            .kid(
                el("summary")
                    .kid(el("span").class("fl-past-time").attr("dir", "ltr").kid(time))
                    .kid(el("span").class("fl-number").kid(super::shown_number(entry.status)))
                    .kid(el("span").class("fl-past-verdict").kid(verdict)),
            )
            .kid(super::terms(rows, speaker))
            .kid(button_for(entry, &say("history_forget"))),
    )
}

fn button_for(entry: &Entry, text: &str) -> Element {
    el("button").attr("type", "button").attr("data-do", format!("forget:{}", entry.id)).kid(text)
}
