//! What the visitor sees of a case: the face (popup and card) and the details page, as trees of [`Node`]s.

mod acts;
mod chain;
mod details;
mod evidence;
mod face;
mod history;
mod node;
mod off;
mod sheet;
mod times;
mod tried;

pub use acts::acts;
pub use details::details;
pub use face::{face, sample};
pub use history::history;
pub use node::{Element, Node, el};
pub use off::{banner, title, with_off};
pub use sheet::Sheet;
pub use tried::tried;

use crate::case::{Case, Check, Sight};
use crate::terms::{CheckId, FailureKind, Outcome, Place, Side};
use crate::words::{Speaker, Word};

/// The root of every view, with the facts of the case as attributes for people's scripts and our tests.
fn root(tag: &'static str, case: &Case) -> Element {
    let ended = case.done && matches!(case.sight, Sight::Whole | Sight::Sealed);
    let root = el(tag)
        .attr("id", "faultline")
        .attr("class", format!("fl fl-{}", if case.done { case.verdict.side.as_str() } else { "checking" }))
        .attr("data-case", case.id.to_string())
        .attr("data-state", if case.done { "done" } else { "checking" })
        .attr("data-status", case.visit.status.to_string())
        .attr("data-producer", case.reading.producer.as_ref().map_or("unknown", |p| p.id.as_str()))
        .attr("data-failure", case.kind().as_str())
        .attr("data-side", case.verdict.side.as_str())
        .attr("data-place", case.verdict.place.as_str())
        .attr("data-confidence", crate::words::fraction(case.verdict.confidence));
    // Nothing is under way, not even the rest of a slow page.
    if ended { root.attr("data-ended", "") } else { root }
}

/// The one sentence.
#[must_use]
pub fn headline(case: &Case) -> Word {
    let host = case.host();
    if !case.done && case.visit.error.is_some() {
        return Word::new("verdict_barred").with(host);
    }
    if !case.done {
        return Word::new("verdict_checking").with(host).with(case.visit.status.to_string());
    }
    let culprits = case.tried.iter().flat_map(|t| &t.culprits).map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ");
    if case.verdict.place == Place::Extension && !culprits.is_empty() {
        return Word::new("verdict_yours_extension_named").with(host).with(culprits);
    }
    let key = match (case.verdict.side, case.verdict.place) {
        (Side::Yours, Place::Device) if case.own() == Some(Place::Device) => "verdict_own_device".to_owned(),
        (Side::Yours, Place::Network) if case.own() == Some(Place::Network) || is_last_reason(case, "reason_near") => {
            "verdict_own_network".to_owned()
        }
        (Side::Yours, Place::Cache) if is_last_reason(case, "reason_old_redirect") => "verdict_old_redirect".to_owned(),
        (Side::Yours, Place::Cookies) => if_sure(case, "verdict_yours_cookies", "verdict_likely_cookies"),
        (Side::Yours, Place::Extension) => if_sure(case, "verdict_yours_extension", "verdict_likely_extension"),
        (Side::Site, Place::App)
            if case.answer(CheckId::Again).is_some_and(|a| a.tries > 0) && case.visit.moved_from.is_none() =>
        {
            "verdict_site_some".to_owned()
        }
        (Side::Site, Place::Page) => "verdict_site_page".to_owned(),
        (Side::Site, Place::Edge) => "verdict_site_edge".to_owned(),
        (Side::Site, place) => match case.kind() {
            FailureKind::Maintenance => "verdict_site_maintenance".to_owned(),
            FailureKind::RateLimited => "verdict_site_rate_limited".to_owned(),
            FailureKind::Overloaded => "verdict_site_overloaded".to_owned(),
            FailureKind::Limit => "verdict_site_limit".to_owned(),
            FailureKind::Timeout if place == Place::App => "verdict_site_slow".to_owned(),
            FailureKind::AppError => "verdict_site_app_error".to_owned(),
            FailureKind::NoBackend => "verdict_site_no_backend".to_owned(),
            FailureKind::Dns => "verdict_site_dns".to_owned(),
            FailureKind::Tls => "verdict_site_tls".to_owned(),
            FailureKind::Reset if place == Place::App => "verdict_site_reset".to_owned(),
            FailureKind::InvalidResponse if place == Place::App => "verdict_site_invalid_response".to_owned(),
            _ => format!("verdict_site_{place}"),
        },
        (Side::Yours, place) => format!("verdict_yours_{}", place.as_str().replace('-', "_")),
        (Side::Passed, _) => "verdict_passed".to_owned(),
        (Side::Unclear, _) => "verdict_unclear".to_owned(),
    };
    Word::new(key).with(host)
}

/// The one sentence is no surer than the verdict.
fn if_sure(case: &Case, sure: &str, likely: &str) -> String {
    const SURE: f32 = 0.8;
    if case.verdict.confidence < SURE { likely } else { sure }.to_owned()
}

/// Whether the reason that made the difference is `key`.
pub(crate) fn is_last_reason(case: &Case, key: &str) -> bool {
    case.verdict.reasons.last().is_some_and(|reason| reason.word.key == key)
}

/// The sentence under it: why we think so.
#[must_use]
pub fn why(case: &Case) -> Word {
    if case.done && case.verdict.side != Side::Site {
        // The last reason is the one that made the difference.
        if let Some(reason) = case.verdict.reasons.last() {
            return reason.word.clone();
        }
    }
    if case.visit.status == 0 {
        return Word::new("reason_proxy_refused");
    }
    let who = case.reading.producer.as_ref();
    let kind = if case.is_unreached() { "unreached".to_owned() } else { case.kind().as_str().replace('-', "_") };
    let key = format!("why_{}_{kind}", if who.is_some() { "named" } else { "unnamed" });
    let word = Word::new(key).with(case.visit.status.to_string());
    match who {
        Some(p) => word.with(p.name.clone()),
        None => word,
    }
}

/// The number, where there is one: of a visit that the proxy barred, some browsers tell none.
fn shown_number(status: u16) -> String {
    if status == 0 { "–".to_owned() } else { status.to_string() }
}

/// Plain explanation of the number.
fn number(status: u16) -> Word {
    let known = matches!(status, 500..=511 | 520..=530 | 598 | 599);
    Word::new(if known { format!("number_{status}") } else { "number_other".to_owned() }).with(status.to_string())
}

/// One line of the list of checks: name, outcome, and the words for both.
#[must_use]
pub fn check_row(id: CheckId, check: &Check, speaker: &dyn Speaker) -> (String, &'static str, String) {
    let name = speaker.say(&Word::new(format!("check_{}", id.as_str().replace('-', "_"))));
    match check {
        Check::Asked { .. } => (name, "asked", speaker.say(&Word::new("outcome_asked"))),
        Check::Ended(a) => {
            let outcome = match (id, a.outcome) {
                (_, Outcome::Skipped) | (CheckId::Cache | CheckId::Control, _) if a.why.is_some() => a.why.clone(),
                // A redirect of which the browser did not tell even the number.
                (_, Outcome::OtherError) if a.status.is_none() => a.why.clone(),
                _ => None,
            };
            let word = outcome.unwrap_or_else(|| {
                let word = Word::new(format!("outcome_{}", a.outcome.as_str().replace('-', "_")));
                a.status.map_or(word.clone(), |s| word.with(s.to_string()))
            });
            (name, a.outcome.as_str(), speaker.say(&word))
        }
    }
}

/// Whether the face has room for it: a check that was left out says nothing in five seconds.
fn is_worth_a_line(check: &Check) -> bool {
    !matches!(check, Check::Ended(a) if a.outcome == Outcome::Skipped)
}

#[inline(never)]
fn button(action: &str, text: &str) -> Element {
    el("button").attr("type", "button").attr("data-do", action).kid(text)
}

/// "Never here"; not in a private tab, whose site it would write down.
fn never(case: &Case, speaker: &dyn Speaker) -> Option<Element> {
    (!case.visit.private).then(|| button("never", &speaker.say(&Word::new("action_never"))))
}

/// A list of terms; their keys are the first of each pair.
#[inline(never)]
fn terms(rows: Vec<(&'static str, String)>, speaker: &dyn Speaker) -> Element {
    el("dl").kids(rows.into_iter().flat_map(|(term, value)| [el("dt").kid(speaker.say(&Word::new(term))), el("dd").kid(value)]))
}
