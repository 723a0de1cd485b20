//! What is worth doing, and nothing else: no chores for a visitor whose side is fine.

use crate::case::Case;
use crate::terms::{CheckId, FailureKind, Outcome, Place, Side};
use crate::words::Word;

/// For the visitor, what helps most first. Never empty.
#[must_use]
pub fn visitor(case: &Case) -> Vec<Word> {
    let host = case.host();
    match (case.verdict.side, case.verdict.place) {
        (Side::Unclear, _) if !case.done => vec![Word::new("advice_checking")],
        (Side::Unclear, _) => vec![Word::new("advice_unclear_wait"), Word::new("advice_private_window")],
        (Side::Passed, _) => vec![Word::new(if case.visit.is_get() { "advice_reload" } else { "advice_form_again" })],
        (Side::Yours, place) => vec![match place {
            Place::Cache => Word::new("advice_cache"),
            Place::Cookies => Word::new("advice_cookies").with(host),
            Place::Extension => Word::new("advice_extension"),
            Place::ServiceWorker => Word::new("advice_service_worker").with(host),
            Place::Proxy => Word::new("advice_proxy"),
            Place::Portal => Word::new("advice_portal"),
            Place::Dns => Word::new("advice_dns"),
            _ => Word::new("advice_network"),
        }],
        (Side::Site, place) => {
            let mut advice = vec![wait(case)];
            if case.outcome(CheckId::Again).is_some_and(|o| o != Outcome::Works && o != Outcome::Skipped) {
                advice.insert(0, Word::new("advice_reload"));
            }
            if place == Place::Page {
                advice.push(Word::new("advice_other_pages").with(host));
            }
            if !case.visit.is_get() {
                advice.push(Word::new("advice_form"));
            }
            advice.push(Word::new("advice_tell"));
            advice
        }
    }
}

/// How long to wait: what the site asks for, or what such a failure usually takes.
fn wait(case: &Case) -> Word {
    match (case.reading.retry_after_s, case.kind()) {
        (Some(s), _) if s >= 120 => Word::new("advice_wait_minutes").with(s.div_ceil(60).to_string()),
        (Some(s), _) if s > 0 => Word::new("advice_wait_seconds").with(s.to_string()),
        (_, FailureKind::RateLimited) => Word::new("advice_wait_limit"),
        (_, FailureKind::Maintenance) => Word::new("advice_wait_maintenance"),
        (_, FailureKind::Overloaded | FailureKind::NoBackend) => Word::new("advice_wait_load"),
        (_, FailureKind::Blocked) => Word::new("advice_blocked"),
        _ => Word::new("advice_wait"),
    }
}

/// For whoever runs the site: where to look first.
#[must_use]
pub fn admin(case: &Case) -> Vec<Word> {
    if case.verdict.side != Side::Site {
        return Vec::new();
    }
    let name = case.reading.producer.as_ref().map_or("a server that does not give its name", |p| p.name.as_str());
    let mut advice = vec![Word::new(format!("admin_{}", case.kind().as_str().replace('-', "_"))).with(name)];
    if !case.reading.references.is_empty() {
        advice.push(Word::new("admin_references"));
    }
    if case.verdict.place == Place::Page {
        advice.push(Word::new("admin_page"));
    }
    advice
}
