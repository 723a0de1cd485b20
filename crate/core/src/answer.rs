//! From what came over the wire to how a check ended.

use crate::case::{Answer, Case, Control};
use crate::event::{End, Seen};
use crate::fingerprint;
use crate::net::Url;
use crate::page::{Page, reason_of};
use crate::settings;
use crate::terms::{CheckId, Outcome};
use crate::words::Word;

/// Reads the answer to `check`.
#[must_use]
pub fn read(case: &Case, check: CheckId, seen: &Seen, url: &str, firefox: bool) -> Answer {
    let producer = producer_of(seen, url);
    let mut answer = Answer {
        outcome: Outcome::Skipped,
        status: seen.status.filter(|s| *s > 0),
        ms: seen.ms,
        why: None,
        producer,
        error: seen.error.clone(),
        address: seen.address.clone(),
        control: None,
    };
    match seen.end {
        End::Lost => answer.why = Some(Word::new("why_lost")),
        End::NotAllowed => answer.why = Some(Word::new("why_not_allowed")),
        End::Silent => answer.outcome = Outcome::Silent,
        End::Error => answer.outcome = Outcome::Refused,
        // A front page that sends its visitors on, to a language or a log-in, works.
        End::Redirect if check == CheckId::Home => answer.outcome = Outcome::Works,
        End::Redirect => {
            answer.outcome = Outcome::OtherError;
            answer.why = Some(Word::new("why_redirect"));
        }
        End::Answer => answer.outcome = outcome_of(case, check, answer.status.unwrap_or(0)),
    }
    if check == CheckId::Control {
        judge_control(case, &mut answer, seen, url, firefox);
    }
    answer
}

fn outcome_of(case: &Case, check: CheckId, status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Works,
        // The front page of a site need not exist for the site to work.
        300..=499 if check == CheckId::Home => Outcome::Works,
        _ if status == case.visit.status => Outcome::Same,
        _ => Outcome::OtherError,
    }
}

fn producer_of(seen: &Seen, url: &str) -> Option<String> {
    let page = Page {
        status: seen.status.filter(|s| *s >= 500)?,
        reason: seen.status_line.as_deref().and_then(reason_of).map(str::to_owned),
        headers: seen.headers.clone(),
        title: None,
        body: seen.body.clone(),
        first_byte_ms: seen.ms,
        host: Url::split(url).map(|u| u.host.to_owned()),
    };
    fingerprint::read(&page).producer.map(|p| p.id)
}

/// The control endpoint proves something only by its genuine answer or by somebody else's in its place.
///
/// 403, 429 or 5xx may be the endpoint's own trouble: no claim. The same failing page that the visit met, from a host
/// that has nothing to do with it, is a proxy's.
fn judge_control(case: &Case, answer: &mut Answer, seen: &Seen, url: &str, firefox: bool) {
    let expected = case.settings.controls(firefox).into_iter().find(|c| c.url == url).unwrap_or(settings::Control {
        url: url.to_owned(),
        status: 204,
        body: None,
    });
    let genuine = answer.status == Some(expected.status)
        && expected.body.as_deref().is_none_or(|b| seen.body.as_deref().unwrap_or_default().trim() == b.trim());
    let met_again = answer.producer.is_some()
        && answer.status == Some(case.visit.status)
        && answer.producer == case.reading.producer.as_ref().map(|p| p.id.clone());
    let (control, outcome) = match seen.end {
        End::Answer if genuine => (Control::Online, Outcome::Works),
        End::Answer if met_again => (Control::SameProducer, Outcome::Same),
        End::Redirect => (Control::Hijacked, Outcome::OtherError),
        End::Answer if matches!(answer.status, Some(200..=399 | 511)) => (Control::Hijacked, Outcome::OtherError),
        End::Answer => (Control::Unusable, Outcome::OtherError),
        End::Silent => (Control::Offline, Outcome::Silent),
        End::Error => (Control::Offline, Outcome::Refused),
        End::NotAllowed | End::Lost => (Control::Unusable, Outcome::Skipped),
    };
    answer.outcome = outcome;
    answer.control = Some(control);
    answer.why = Some(Word::new(match control {
        Control::Online => "control_online",
        Control::Hijacked => "control_hijacked",
        Control::SameProducer => "control_same",
        Control::Offline => "control_offline",
        Control::Unusable => "control_unusable",
    }));
}
