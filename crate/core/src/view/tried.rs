//! "Everything people try": each step of the help articles with what it is worth in this case.

use super::node::{Element, el};
use crate::advice::{self, Tried};
use crate::case::Case;
use crate::words::{Speaker, Word};

/// The steps as a list, each with its worth in words and as `data-worth`.
#[must_use]
pub fn tried(case: &Case, speaker: &dyn Speaker) -> Element {
    el("ul").class("fl-tried").kids(advice::tried(case).iter().map(|step| item(step, speaker)))
}

fn item(step: &Tried, speaker: &dyn Speaker) -> Element {
    let named = |family: &str, end: &str| speaker.say(&Word::new(format!("{family}_{end}")));
    el("li")
        .class(format!("fl-try fl-try-{}", step.worth.as_str()))
        .attr("data-try", step.id)
        .attr("data-worth", step.worth.as_str())
        .kid(el("span").class("fl-try-name").kid(named("try", step.id)))
        .kid(el("strong").class("fl-try-worth").kid(named("worth", step.worth.as_str())))
        .kid(el("span").class("fl-try-why").kid(speaker.say(&step.why)))
}
