//! What can leave the machine: the report contract `faultline.report/1`.
//!
//! The structure holds [`Safe`] text where anything came from a page, a header or the visitor, so that a value that was
//! not cleaned cannot get in. The JSON Schema is `docs/report.schema.json`.

use serde::Serialize;

use crate::advice;
use crate::case::{Case, Check, Timing};
use crate::clock::rfc3339;
use crate::hops;
use crate::redact::{Include, Safe, removed};
use crate::ruled_out;
use crate::terms::{CheckId, FailureKind, HopKind, HopState, Outcome, Place, Role, Side};
use crate::verdict::Reason;
use crate::words::{Speaker, Word};

/// Name and version of the contract.
pub const SCHEMA: &str = "faultline.report/1";

/// Who makes the report, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maker {
    /// Version of Faultline.
    pub version: String,
    /// Name and version of the browser, or of the command line.
    pub browser: String,
    /// Minutes that the visitor's clock is east of UTC.
    pub offset_min: i32,
}

/// One case, ready to be shown, copied or sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs, reason = "the fields are the contract: design notes and the JSON Schema give their meaning")]
pub struct Report {
    pub schema: &'static str,
    pub generator: Generator,
    pub case: String,
    pub state: &'static str,
    pub page: Page,
    pub time: Time,
    pub visits: u32,
    pub response: Response,
    pub producer: Option<Producer>,
    pub hops: Vec<Hop>,
    pub failure: Failure,
    pub references: Vec<Reference>,
    pub checks: Vec<CheckLine>,
    pub verdict: VerdictLine,
    pub advice: Advice,
    pub timing: Timing,
}

macro_rules! parts {
    ($($name:ident { $($field:ident: $ty:ty),+ $(,)? })+) => {$(
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[allow(missing_docs, reason = "see Report")]
        pub struct $name { $(pub $field: $ty),+ }
    )+};
}

parts! {
    Generator { name: &'static str, version: String, browser: String }
    Page { url: Safe, method: String, title: Safe, private: bool, removed: Vec<&'static str> }
    Time { utc: String, local: String }
    Response {
        status: u16, status_line: Option<Safe>, address: Option<Safe>, protocol: Option<Safe>, from_cache: bool,
        from_service_worker: bool, first_byte_ms: Option<u32>, soft: bool, retry_after_s: Option<u32>,
    }
    Producer { id: String, name: String, role: Role, version: Option<Safe>, confidence: f64, signs: Vec<Safe> }
    Hop { kind: HopKind, id: Option<String>, name: Option<Safe>, state: HopState }
    Failure { kind: FailureKind, confidence: f64, because: Vec<Safe> }
    Reference { kind: String, value: Safe }
    CheckLine { id: CheckId, outcome: Outcome, status: Option<u16>, ms: Option<u32>, why: Option<Safe> }
    VerdictLine { side: Side, place: Place, confidence: f64, reasons: Vec<Safe>, rules_out: Vec<Safe>, would_change: Vec<Safe> }
    Advice { visitor: Vec<Safe>, admin: Vec<Safe> }
}

impl Report {
    /// The report of `case`, its sentences said by `speaker`, without anything that could be secret.
    #[must_use]
    pub fn of(case: &Case, maker: &Maker, speaker: &dyn Speaker) -> Self {
        Self::with(case, maker, speaker, Include::default())
    }

    /// The same with what the visitor has added back.
    #[must_use]
    pub fn with(case: &Case, maker: &Maker, speaker: &dyn Speaker, include: Include) -> Self {
        let visit = &case.visit;
        let reading = &case.reading;
        let say = |words: &[Word]| words.iter().map(|w| Safe::word(w, speaker)).collect::<Vec<_>>();
        let quote = |words: &[Word]| words.iter().map(|w| Safe::sentence(&speaker.say(w))).collect::<Vec<_>>();
        Self {
            schema: SCHEMA,
            generator: Generator { name: "Faultline", version: maker.version.clone(), browser: maker.browser.clone() },
            case: case.id.to_string(),
            state: if case.done { "done" } else { "checking" },
            page: Page {
                url: Safe::url_with(&visit.url, include),
                method: if visit.is_get() { "GET".to_owned() } else { visit.method.clone() },
                title: Safe::text(&case.title),
                private: visit.private,
                removed: removed(&visit.url, include),
            },
            time: Time { utc: rfc3339(case.opened, 0), local: rfc3339(case.opened, maker.offset_min) },
            visits: case.visits,
            response: Response {
                status: visit.status,
                status_line: visit.status_line.as_deref().map(Safe::text),
                // Behind a proxy the browser tells the proxy's address, which is not the site's.
                address: visit.address.as_deref().filter(|_| !visit.proxied).map(Safe::address),
                protocol: Some(&visit.protocol).filter(|p| !p.is_empty()).map(|p| Safe::text(p)),
                from_cache: visit.from_cache,
                from_service_worker: visit.from_service_worker,
                first_byte_ms: visit.first_byte_ms,
                soft: reading.soft,
                retry_after_s: reading.retry_after_s,
            },
            producer: reading.producer.as_ref().map(|p| Producer {
                id: p.id.clone(),
                name: p.name.clone(),
                role: p.role,
                version: p.version.as_deref().map(Safe::version),
                confidence: hundredths(p.confidence),
                signs: p.signs.iter().map(|s| Safe::known(s)).collect(),
            }),
            hops: hops::chain(case)
                .into_iter()
                .map(|h| Hop { kind: h.kind, id: h.id, name: h.name.as_deref().map(Safe::text), state: h.state })
                .collect(),
            failure: Failure {
                kind: reading.failure.kind,
                confidence: hundredths(reading.failure.confidence),
                because: quote(&reading.failure.because),
            },
            references: reading
                .references
                .iter()
                .map(|r| Reference { kind: r.kind.clone(), value: Safe::reference(&r.value) })
                .collect(),
            checks: check_lines(case, speaker),
            verdict: VerdictLine {
                side: case.verdict.side,
                place: case.verdict.place,
                confidence: hundredths(case.verdict.confidence),
                reasons: case.verdict.reasons.iter().map(|r| reason_text(r, speaker)).collect(),
                rules_out: say(&ruled_out::by_checks(case)),
                would_change: say(&case.verdict.would_change),
            },
            advice: Advice { visitor: say(&advice::visitor(case)), admin: advice::admin(case, speaker) },
            timing: case.timing.clone(),
        }
    }
}

fn check_lines(case: &Case, speaker: &dyn Speaker) -> Vec<CheckLine> {
    case.checks
        .iter()
        .filter_map(|(id, check)| match check {
            Check::Asked { .. } => None,
            Check::Ended(a) => Some(CheckLine {
                id,
                outcome: a.outcome,
                status: a.status,
                ms: a.ms,
                why: match (&a.why, &a.error) {
                    (Some(word), _) => Some(Safe::sentence(&speaker.say(word))),
                    (None, Some(error)) => Some(Safe::text(error)),
                    (None, None) => None,
                },
            }),
        })
        .collect()
}

/// A reason with the id of its check before it, so that it can be traced.
fn reason_text(reason: &Reason, speaker: &dyn Speaker) -> Safe {
    let from = reason.check.map_or("page", CheckId::as_str);
    // Which other extensions a visitor has is not for the site's administrators.
    Safe::sentence(&format!("{from}: {}", speaker.say(&crate::trial::unnamed(&reason.word))))
}

/// Two digits are all that a confidence is worth; through `f64`, so that 0.9 does not become 0.899999976.
fn hundredths(x: f32) -> f64 {
    (f64::from(x) * 100.0).round() / 100.0
}
