//! What happened at the failing hop: product, status, words and time together.

use super::candidate::{Candidate, Seen};
use super::challenge;
use super::kinds::Field;
use super::maintenance;
use super::scan::field_of;
use super::table::{Meaning, Sign};
use super::testimony;
use crate::reading::Failure;
use crate::terms::{FailureKind, Place, Side};
use crate::words::Word;

/// Time limits that so many products start with that a first byte at one of them is a limit, whoever set it.
const ROUND_LIMITS_MS: &[u32] = &[30_000, 60_000, 100_000, 120_000];
/// How far a first byte may be from the limit that caused it.
const SLACK_MS: u32 = 1_500;
/// Nobody waits for anything in this time: an answer so fast is a refusal or a reset.
const FAST_MS: u32 = 300;

/// What a page means: the failure, where it usually is, and how long the page itself asks to wait.
pub(crate) struct Meant {
    pub(crate) failure: Failure,
    pub(crate) usual: Option<(Side, Place)>,
    pub(crate) retry_after_s: Option<u32>,
}

/// The meaning of a page by this producer, or by nobody known.
pub(crate) fn of(seen: &Seen<'_>, producer: Option<&Candidate<'_>>, retry_after_s: Option<u32>) -> Meant {
    let meaning = producer.and_then(|p| p.rule.meanings().find(|m| applies(seen, p, m)).map(|m| (p, m)));
    // A gate of nobody known: it works, and asks.
    let asks = producer.is_none()
        && !seen.below_500()
        && challenge::is_asked(seen.page.headers.as_deref().unwrap_or_default(), seen.normal);
    let gate = || asks.then_some((Side::Site, Place::Blocked));
    let usual = meaning.as_ref().and_then(|(_, m)| m.usual).or_else(|| producer.map(|p| p.rule.usual)).or_else(gate);
    let mut failure = match &meaning {
        Some((p, m)) => Failure { kind: m.kind, confidence: m.confidence, because: because(seen, p, m) },
        None if asks => Failure { kind: FailureKind::Blocked, confidence: 0.7, because: vec![Word::new("why_challenge")] },
        None => by_number(seen, retry_after_s),
    };
    by_time(seen, producer, &mut failure);
    if let Some(told) = told(seen) {
        failure = told;
    }
    Meant { failure, usual, retry_after_s: meaning.and_then(|(_, m)| m.retry_after_s) }
}

fn applies(seen: &Seen<'_>, producer: &Candidate<'_>, m: &Meaning<'_>) -> bool {
    let in_window = m.window.is_none_or(|(min, max)| seen.page.first_byte_ms.is_some_and(|ms| min <= ms && ms <= max));
    let has_sign = m.signs.is_empty() || m.signs.iter().any(|s| producer.has_fired(usize::from(*s)));
    seen.has_status(m.status) && in_window && has_sign && seen.holds(m.conditions)
}

fn because<'a>(seen: &Seen<'a>, p: &Candidate<'a>, m: &Meaning<'a>) -> Vec<Word> {
    let mut words = Vec::new();
    let chosen = m.signs.iter().map(|s| usize::from(*s)).find(|s| p.has_fired(*s)).and_then(|s| p.rule.signs().nth(s));
    let strongest = || p.signs().reduce(|a, b| if b.class < a.class { b } else { a });
    let sign = if m.conditions.is_empty() { chosen.or_else(strongest) } else { chosen };
    words.extend(sign.map(|s| word_for_sign(seen, p, &s)));
    words.extend(seen.found_in(m.conditions).map(|a| word_for_atom(seen, p, a)));
    if !m.status.is_any() && seen.page.status > 0 {
        words.push(word_for_status(seen));
    }
    if let (Some(_), Some(ms)) = (m.window, seen.page.first_byte_ms) {
        words.push(word_for_time(ms));
    }
    words
}

fn word_for_status(seen: &Seen<'_>) -> Word {
    Word::new("because_status").with(seen.page.status.to_string())
}

fn word_for_time(ms: u32) -> Word {
    Word::new(if ms <= FAST_MS { "because_fast" } else { "because_time" }).with(ms.to_string())
}

fn word_for_sign(seen: &Seen<'_>, p: &Candidate<'_>, sign: &Sign<'_>) -> Word {
    if sign.empty {
        return Word::new("because_empty");
    }
    let found = sign.conditions.atoms().find(|a| seen.found.has(*a));
    found.map_or_else(|| word_for_status(seen), |a| word_for_atom(seen, p, a))
}

fn word_for_atom(seen: &Seen<'_>, p: &Candidate<'_>, atom: u16) -> Word {
    match seen.tables.atom(atom).map(|a| a.field) {
        Some(Field::Reason) => Word::new("because_reason").with(seen.page.reason.as_deref().unwrap_or_default().trim()),
        Some(Field::Header) => {
            let name = field_of(seen.tables, atom);
            Word::new("because_header").with(name).with(seen.page.header(name).unwrap_or_default().trim())
        }
        _ => Word::new("because_sign").with(p.rule.name()).with(seen.words(atom)),
    }
}

/// Without a product that is known, the number and the clock are all there is.
fn by_number(seen: &Seen<'_>, retry_after_s: Option<u32>) -> Failure {
    let status = seen.page.status;
    let (kind, confidence) = match status {
        429 => (FailureKind::RateLimited, 0.9),
        500 => (FailureKind::AppError, 0.5),
        503 if retry_after_s.is_some_and(|s| s >= 300) => (FailureKind::Maintenance, 0.4),
        503 if retry_after_s.is_some() => (FailureKind::Overloaded, 0.4),
        504 => (FailureKind::Timeout, 0.6),
        507..=509 => (FailureKind::Limit, 0.5),
        520 => (FailureKind::InvalidResponse, 0.5),
        521 => (FailureKind::Refused, 0.6),
        522 | 524 => (FailureKind::Timeout, 0.6),
        523 => (FailureKind::Refused, 0.5),
        525 | 526 => (FailureKind::Tls, 0.6),
        530 => (FailureKind::Dns, 0.4),
        598 | 599 => (FailureKind::Timeout, 0.5),
        _ => (FailureKind::Unknown, 0.3),
    };
    let mut because = if status > 0 { vec![word_for_status(seen)] } else { Vec::new() };
    if let (503, Some(value)) = (status, seen.page.header("retry-after")) {
        because.push(Word::new("because_header").with("Retry-After").with(value.trim()));
    }
    match Some(seen.normal).filter(|_| status == 503).and_then(maintenance::announced) {
        Some(words) => {
            because.push(Word::new("because_words").with(words));
            Failure { kind: FailureKind::Maintenance, confidence: 0.6, because }
        }
        None => Failure { kind, confidence, because },
    }
}

/// A time limit shows in the time, whatever the number says.
fn by_time(seen: &Seen<'_>, producer: Option<&Candidate<'_>>, failure: &mut Failure) {
    let Some(ms) = seen.page.first_byte_ms else { return };
    let near = |limit: &u32| limit.abs_diff(ms) <= SLACK_MS;
    let own = producer.and_then(|p| {
        let limit = p.rule.limits().map(|tenths| u32::from(tenths) * 100).find(near)?;
        Some(Word::new("because_limit").with(limit.to_string()).with(p.rule.name()))
    });
    let unsure = matches!(
        failure.kind,
        FailureKind::Refused | FailureKind::Reset | FailureKind::InvalidResponse | FailureKind::NoBackend | FailureKind::Unknown
    );
    if failure.kind == FailureKind::Timeout {
        if let Some(word) = own {
            failure.because.push(word);
            failure.confidence = (failure.confidence + 0.03).min(0.98);
        }
    } else if unsure
        && failure.confidence <= 0.75
        && matches!(seen.page.status, 502 | 503)
        && (own.is_some() || ROUND_LIMITS_MS.iter().any(near))
    {
        failure.kind = FailureKind::Timeout;
        failure.confidence = 0.7;
        failure.because.push(own.unwrap_or_else(|| word_for_time(ms)));
    }
}

/// What a hop says of itself is better than any guess.
fn told(seen: &Seen<'_>) -> Option<Failure> {
    let error = testimony::read(seen.page).into_iter().find_map(|t| t.error)?;
    let kind = testimony::kind(&error);
    let because = vec![Word::new("because_header").with("Proxy-Status").with(error)];
    (kind != FailureKind::Unknown).then_some(Failure { kind, confidence: 0.95, because })
}
