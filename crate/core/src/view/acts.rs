//! What can be done by a click in this case, as buttons.

use super::button;
use super::node::{Element, el};
use crate::advice::{self, Act};
use crate::case::Case;
use crate::terms::{Place, Side};
use crate::words::{Speaker, Word};

/// One button for each act that has none elsewhere, in the order that helps.
#[must_use]
pub fn acts(case: &Case, speaker: &dyn Speaker) -> Element {
    let acts = advice::acts(case).into_iter().filter(|act| *act != Act::Copy);
    el("div")
        .class("fl-acts")
        .kids(acts.map(|act| button(act.as_str(), &speaker.say(&Word::new(format!("action_{}", act.as_str()))))))
        .kids(beyond(case, speaker))
}

/// What this verdict offers beside the rest: a request past the proxy, the browser's own page of this site's data.
fn beyond(case: &Case, speaker: &dyn Speaker) -> Option<Element> {
    let say = |key: &str| speaker.say(&Word::new(key));
    if advice::can_pass_proxy(case) {
        // A proxy may be there to hide somebody: said before the click, and by a screen reader with the button.
        let note = el("p").class("fl-why").attr("id", "past-proxy-note").kid(say("action_past_proxy_note"));
        let button = button("past-proxy", &say("action_past_proxy")).attr("data-needs", "proxy");
        return Some(el("div").kid(button.attr("aria-describedby", "past-proxy-note")).kid(note));
    }
    // Firefox opens no page of its own for an extension.
    let data = case.verdict.side == Side::Yours && matches!(case.verdict.place, Place::Cookies | Place::ServiceWorker);
    (case.done && data && !case.can_pass_proxy).then(|| button("site-data", &say("action_site_data")))
}
