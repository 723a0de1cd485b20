//! From what came over the wire to how a check ended.

use crate::case::{Answer, Case, Control};
use crate::event::{End, Seen};
use crate::fingerprint;
use crate::net::{self, Reach, Url};
use crate::page::{Header, Page, reason_of};
use crate::settings;
use crate::terms::{CheckId, FailureKind, Outcome, Role};
use crate::words::Word;

/// Reads the answer to `check`.
#[must_use]
pub fn read(case: &Case, check: CheckId, seen: &Seen, url: &str, firefox: bool) -> Answer {
    let status = seen.status.filter(|s| *s > 0);
    let page = status.filter(|_| seen.end == End::Answer).map(|status| page_of(seen, status, url));
    let reading = page.as_ref().map(fingerprint::read);
    let failing = reading.as_ref().filter(|_| status.is_some_and(|s| s >= 500));
    let mut answer = Answer {
        outcome: Outcome::Skipped,
        status,
        ms: seen.ms,
        why: None,
        producer: failing.and_then(|r| r.producer.as_ref()).map(|p| p.id.clone()),
        error: seen.error.clone(),
        address: seen.address.clone(),
        control: None,
        wait_s: reading.as_ref().filter(|_| status.is_some_and(|s| s == 429 || s >= 500)).and_then(|r| r.retry_after_s),
        mark: failing.map(|_| mark(seen, url)),
        stored: seen.headers.iter().flatten().any(is_of_a_copy),
        kept: stays_open(seen.status_line.as_deref(), seen.headers.as_deref()),
        proxied: seen.proxied,
        near: Url::split(url).is_some_and(|u| net::is_public_name(u.host))
            && seen.address.as_deref().and_then(net::reach).is_some_and(|reach| reach != Reach::Public),
        tries: u8::from(!matches!(seen.end, End::Lost | End::NotAllowed)),
        fails: 0,
        asked: None,
    };
    // The front page of a site need not exist for the site to work, and may send its visitors on to a language or a log-in.
    let at_home = check == CheckId::Home || (check == CheckId::Cookies && url != case.visit.wanted());
    match seen.end {
        End::Lost => answer.why = Some(Word::new("why_lost")),
        End::NotAllowed => answer.why = Some(Word::new("why_not_allowed")),
        End::Silent => answer.outcome = Outcome::Silent,
        End::Error => answer.outcome = Outcome::Refused,
        End::Redirect if at_home => answer.outcome = Outcome::Works,
        End::Redirect => {
            answer.outcome = Outcome::OtherError;
            answer.why = Some(Word::new("why_redirect"));
        }
        // Not the page, whatever its number: whoever has the cookie of the gate is let in.
        End::Answer if case.kind() != FailureKind::Blocked && page.is_some_and(|page| fingerprint::is_challenge(&page)) => {
            answer.outcome = Outcome::OtherError;
            answer.why = Some(Word::new("why_challenge"));
        }
        // A server's error page under a number that does not say so.
        End::Answer if reading.as_ref().is_some_and(|r| r.soft) => answer.outcome = Outcome::OtherError,
        End::Answer => answer.outcome = outcome_of(case, at_home, status.unwrap_or(0)),
    }
    if check == CheckId::Control {
        let role = reading.and_then(|r| r.producer).map(|p| p.role);
        judge_control(case, &mut answer, seen, url, firefox, role);
    } else if check == CheckId::Cookies && answer.tries > 0 {
        answer.why = Some(Word::new(match (case.visit.private, case.visit.container) {
            (true, _) => "why_jar_private",
            (_, true) => "why_jar_container",
            _ => "why_jar",
        }));
    }
    answer.fails = u8::from(answer.fails());
    answer
}

fn outcome_of(case: &Case, at_home: bool, status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Works,
        300..=499 if at_home => Outcome::Works,
        _ if status == case.visit.status => Outcome::Same,
        _ => Outcome::OtherError,
    }
}

fn page_of(seen: &Seen, status: u16, url: &str) -> Page {
    Page {
        status,
        reason: seen.status_line.as_deref().and_then(reason_of).map(str::to_owned),
        headers: seen.headers.clone(),
        title: None,
        body: seen.body.clone(),
        first_byte_ms: seen.ms,
        host: Url::split(url).map(|u| u.host.to_owned()),
    }
}

/// Whether the connection that an answer came on is open for the next one, by its own word: RFC 9112, section 9.3.
#[must_use]
pub fn stays_open(status_line: Option<&str>, headers: Option<&[Header]>) -> bool {
    let closes = |h: &Header| h.name.eq_ignore_ascii_case("connection") && h.value.trim().eq_ignore_ascii_case("close");
    headers.is_some_and(|h| !h.iter().any(closes)) && !status_line.is_some_and(|line| line.starts_with("HTTP/1.0"))
}

/// Whether a header field says that a cache before the site had the answer already: RFC 9111, section 5.1, RFC 9211, and what caches
/// wrote before there was either.
#[must_use]
pub fn is_of_a_copy(header: &Header) -> bool {
    let (name, value) = (header.name.to_ascii_lowercase(), header.value.trim().to_ascii_lowercase());
    match name.as_str() {
        "age" => value != "0" && value.bytes().all(|b| b.is_ascii_digit()),
        // The number of the request, and that of the one that fetched the copy.
        "x-varnish" => value.contains(' '),
        _ => (name.ends_with("cache") || name.ends_with("cache-status")) && (value.contains("hit") || value.contains("stale")),
    }
}

/// What a page looks like, so that the pages of two hosts can be compared: its number, the names of its header fields and its
/// words, without digits and without the host's own name. FNV-1a: two pages that agree by chance are no danger here.
fn mark(seen: &Seen, url: &str) -> u32 {
    let host = Url::split(url).map_or("", |u| u.host);
    let body = seen.body.as_deref().unwrap_or_default();
    let body = if host.is_empty() { body.to_owned() } else { body.replace(host, "") };
    let names = seen.headers.iter().flatten().flat_map(|h| h.name.bytes());
    let letters = names.chain(body.bytes()).filter(|b| !b.is_ascii_digit() && !b.is_ascii_whitespace());
    let status = seen.status.unwrap_or(0).to_le_bytes();
    status
        .into_iter()
        .chain(letters)
        .fold(0x811c_9dc5, |hash, b| (hash ^ u32::from(b.to_ascii_lowercase())).wrapping_mul(0x0100_0193))
}

/// The control endpoint proves something only by its genuine answer or by somebody else's in its place.
///
/// 403, 429, 5xx or an empty page may be the endpoint's own trouble: no claim.
fn judge_control(case: &Case, answer: &mut Answer, seen: &Seen, url: &str, firefox: bool, role: Option<Role>) {
    let expected = case.settings.controls(firefox).into_iter().find(|c| c.url == url).unwrap_or(settings::Control {
        url: url.to_owned(),
        status: 204,
        body: None,
    });
    let body = seen.body.as_deref().unwrap_or_default().trim();
    let genuine = answer.status == Some(expected.status) && expected.body.as_deref().is_none_or(|b| body == b.trim());
    let (control, outcome) = match seen.end {
        End::NotAllowed | End::Lost => (Control::Unusable, Outcome::Skipped),
        _ if seen.portal => (Control::Portal, Outcome::OtherError),
        End::Answer if genuine => (Control::Online, Outcome::Works),
        End::Redirect => (Control::Portal, Outcome::OtherError),
        End::Answer => match (answer.status, role) {
            (Some(511), _) | (_, Some(Role::CaptivePortal)) => (Control::Portal, Outcome::OtherError),
            (_, Some(Role::LocalProxy | Role::SecurityGateway)) => (Control::Hijacked, Outcome::OtherError),
            (Some(200..=299), _) if !body.is_empty() => (Control::Portal, Outcome::OtherError),
            _ => (Control::Unusable, Outcome::OtherError),
        },
        End::Silent => (Control::Offline, Outcome::Silent),
        End::Error => (Control::Offline, Outcome::Refused),
    };
    answer.outcome = outcome;
    answer.control = Some(control);
    answer.why = Some(Word::new(match control {
        Control::Online => "control_online",
        Control::Hijacked => "control_hijacked",
        Control::Portal => "control_portal",
        Control::Offline => "control_offline",
        Control::Unusable => "control_unusable",
    }));
}
