//! What can be done by a click in this case, as buttons.

use super::button;
use super::node::{Element, el};
use crate::advice::{self, Act};
use crate::case::Case;
use crate::words::{Speaker, Word};

/// One button for each act that has none elsewhere, in the order that helps.
#[must_use]
pub fn acts(case: &Case, speaker: &dyn Speaker) -> Element {
    let acts = advice::acts(case).into_iter().filter(|act| *act != Act::Copy);
    el("div")
        .class("fl-acts")
        .kids(acts.map(|act| button(act.as_str(), &speaker.say(&Word::new(format!("action_{}", act.as_str()))))))
}
