//! What speaks for the verdict and what against it, from how each check ended.

use super::node::{Element, el};
use crate::case::{Case, Check, Control};
use crate::terms::{CheckId, Outcome, Place, Side};
use crate::words::{Speaker, Word};

/// Two lists: the verdict's own reasons, and what points elsewhere.
pub(super) fn lists(case: &Case, speaker: &dyn Speaker) -> [(&'static str, Element); 2] {
    let reasons: Vec<&Word> = case.verdict.reasons.iter().map(|r| &r.word).collect();
    let mut against: Vec<Word> = case
        .checks
        .iter()
        .filter_map(|(id, check)| pointer(case, id, check))
        .filter(|(side, _)| *side != case.verdict.side)
        .map(|(_, word)| word)
        .collect();
    against.retain(|word| !reasons.iter().any(|r| r.key == word.key));
    if against.is_empty() {
        against.push(Word::new("details_against_none"));
    }
    let list = |words: Vec<&Word>| el("ul").kids(words.into_iter().map(|w| el("li").kid(speaker.say(w))));
    [("details_for", list(reasons)), ("details_against", list(against.iter().collect()))]
}

/// Which side a check alone would point to, and the sentence for it. None where it says nothing about sides.
fn pointer(case: &Case, id: CheckId, check: &Check) -> Option<(Side, Word)> {
    let Check::Ended(answer) = check else { return None };
    let fresh_works = case.outcome(CheckId::Fresh) == Some(Outcome::Works);
    let status = || answer.status.map_or_else(String::new, |s| s.to_string());
    let (side, word) = match (id, answer.outcome) {
        (CheckId::Fresh, Outcome::Works) => (Side::Passed, Word::new("reason_fresh_works")),
        (CheckId::Fresh, Outcome::Silent) => (Side::Site, Word::new("reason_fresh_silent")),
        (CheckId::Fresh, Outcome::Refused) => (Side::Site, Word::new("reason_fresh_refused")),
        (CheckId::Fresh, _) if answer.fails() => (Side::Site, Word::new("reason_fresh_fails").with(status())),
        (CheckId::Home, _) if answer.fails() => (Side::Site, Word::new("reason_home_fails")),
        (CheckId::Control, _) => match answer.control? {
            // An open way speaks against a connection that is down, and against nothing else.
            Control::Online if case.verdict.place == Place::Network => (Side::Site, Word::new("reason_online")),
            Control::Online | Control::Unusable => return None,
            Control::Offline => (Side::Yours, Word::new("reason_control_offline")),
            Control::Hijacked => (Side::Yours, Word::new("reason_hijacked")),
            Control::Portal => (Side::Yours, Word::new("reason_portal")),
        },
        (CheckId::InPage, _) if answer.fails() && fresh_works => (Side::Yours, Word::new("reason_in_page_fails")),
        (CheckId::Cookies, _) if answer.fails() && fresh_works => (Side::Yours, Word::new("reason_cookies_fail")),
        (CheckId::Again, _) if answer.fails() => (Side::Site, Word::new("reason_again_fails")),
        _ => return None,
    };
    // Where something answers for every host, or nothing gets out, a failing request says nothing of the site.
    let in_the_way = case
        .answer(CheckId::Control)
        .and_then(|a| a.control)
        .is_some_and(|c| matches!(c, Control::Offline | Control::Hijacked | Control::Portal));
    (side != Side::Site || !in_the_way).then_some((side, word))
}
