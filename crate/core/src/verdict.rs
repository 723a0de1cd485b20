//! Whose fault it is: one pure function over the evidence.

use serde::{Deserialize, Serialize};

use crate::case::{Answer, Case, Control};
use crate::net::{self, Reach};
use crate::terms::{CheckId, FailureKind, Outcome, Place, Role, Side};
use crate::words::Word;

/// Side, place and how sure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whose fault.
    pub side: Side,
    /// Where on that side.
    pub place: Place,
    /// 0–1.
    pub confidence: f32,
    /// Why, each from a check or a sign. Never empty after [`fold`].
    pub reasons: Vec<Reason>,
    /// What would change it.
    pub would_change: Vec<Word>,
}

impl Default for Verdict {
    fn default() -> Self {
        Self { side: Side::Unclear, place: Place::None, confidence: 0.0, reasons: Vec::new(), would_change: Vec::new() }
    }
}

/// One reason and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The check that found it; none for what the response itself says.
    pub check: Option<CheckId>,
    /// The sentence.
    pub word: Word,
}

/// Most that is ever claimed without an open way to the control endpoint.
pub const MAX_WITHOUT_CONTROL: f32 = 0.85;

/// Folds all evidence into the verdict. The first row that fits decides.
///
/// | the evidence | side / place |
/// |---|---|
/// | the control endpoint is answered by somebody else | yours / portal |
/// | the control endpoint shows the same failing page | yours / proxy |
/// | the page is a local proxy's or filter's own | yours / proxy |
/// | our own request cannot pass the proxy | yours / proxy |
/// | the page came from the cache and `fresh` works | yours / cache |
/// | a service worker made it and `fresh` works | yours / service-worker |
/// | `fresh` works, `in-page` fails | yours / extension |
/// | `fresh` and `in-page` work, `cookies` fails | yours / cookies |
/// | everything works, `again` fails | site / app (some of its servers) |
/// | everything works, but visits keep failing | unclear |
/// | everything works | passed |
/// | a form's answer failed, a plain request works | site / page |
/// | `fresh` fails, the control is unreachable, the answer came from this computer or network | yours / network |
/// | `fresh` fails, `home` works | site / page |
/// | `fresh` fails | site / where the page says |
/// | `fresh` gets no answer or no connection, nor does the control | yours / network |
/// | `fresh` gets no answer, the control works | site / app |
/// | `fresh` gets no connection, the control works | site / gateway |
/// | `fresh` gets something else (log-in, 403 …), `home` fails | site |
/// | `fresh` gets something else, `home` works | site / page, not sure |
/// | nothing yet, and the page proves its maker | as the page usually means |
/// | anything else | unclear |
///
/// Held by property tests: never `yours` without a difference between two requests or a positive sign; never `site`
/// while the control claims that the visitor is offline or hijacked; no control, no certainty; the order of answers
/// does not matter.
#[must_use]
pub fn fold(case: &Case) -> Verdict {
    let facts = Facts::of(case);
    let mut verdict = facts.proxy_or_portal().or_else(|| facts.fresh()).unwrap_or_else(|| facts.first_word());
    if facts.control != Some(Control::Online) {
        verdict.confidence = verdict.confidence.min(MAX_WITHOUT_CONTROL);
        if case.answer(CheckId::Control).is_some() && verdict.side != Side::Passed {
            verdict.would_change.push(Word::new("change_control"));
        }
    }
    verdict
}

struct Facts<'a> {
    case: &'a Case,
    fresh: Option<&'a Answer>,
    home: Option<&'a Answer>,
    control: Option<Control>,
}

impl<'a> Facts<'a> {
    fn of(case: &'a Case) -> Self {
        Self {
            case,
            fresh: case.answer(CheckId::Fresh),
            home: case.answer(CheckId::Home),
            control: case.answer(CheckId::Control).and_then(|a| a.control),
        }
    }

    /// What answers for every host, and therefore also for our own requests.
    fn proxy_or_portal(&self) -> Option<Verdict> {
        let by = |key| vec![reason(CheckId::Control, key)];
        match self.control {
            Some(Control::Hijacked) => return Some(verdict(Side::Yours, Place::Portal, 0.85, by("reason_hijacked"))),
            Some(Control::SameProducer) => return Some(verdict(Side::Yours, Place::Proxy, 0.9, by("reason_same_everywhere"))),
            _ => {}
        }
        if let Some((Side::Yours, place)) = self.usual() {
            let name = self.case.reading.producer.as_ref().map_or_else(String::new, |p| p.name.clone());
            let because = Reason { check: None, word: Word::new("reason_local_proxy").with(name) };
            return Some(verdict(Side::Yours, place, 0.85, vec![because]));
        }
        let error = self.fresh.and_then(|a| a.error.as_deref())?;
        if is_proxy_error(error) {
            return Some(verdict(Side::Yours, Place::Proxy, 0.9, vec![reason(CheckId::Fresh, "reason_proxy_error")]));
        }
        is_offline_error(error)
            .then(|| verdict(Side::Yours, Place::Network, 0.95, vec![reason(CheckId::Fresh, "reason_offline")]))
    }

    fn fresh(&self) -> Option<Verdict> {
        let fresh = self.fresh?;
        match fresh.outcome {
            Outcome::Works => Some(self.fresh_works()),
            Outcome::Same => Some(self.fresh_fails(fresh)),
            Outcome::OtherError if fresh.fails() => Some(self.fresh_fails(fresh)),
            Outcome::OtherError => Some(self.fresh_differs(fresh)),
            Outcome::Silent => Some(self.fresh_silent()),
            Outcome::Refused => Some(self.fresh_refused()),
            Outcome::Skipped => None,
        }
    }

    fn fresh_works(&self) -> Verdict {
        let works = reason(CheckId::Fresh, "reason_fresh_works");
        let visit = &self.case.visit;
        if !visit.is_get() {
            let because = vec![works, reason(CheckId::Fresh, "reason_form")];
            return verdict(Side::Site, Place::Page, 0.65, because).or("change_form");
        }
        if visit.from_cache {
            return verdict(Side::Yours, Place::Cache, 0.95, vec![works, reason(CheckId::Cache, "reason_old_copy")]);
        }
        if visit.from_service_worker {
            return verdict(Side::Yours, Place::ServiceWorker, 0.93, vec![works, reason(CheckId::Cache, "reason_worker")]);
        }
        let outcome = |check| self.case.outcome(check);
        if self.case.answer(CheckId::InPage).is_some_and(Answer::fails) {
            return verdict(Side::Yours, Place::Extension, 0.93, vec![works, reason(CheckId::InPage, "reason_in_page_fails")])
                .or("change_private_window");
        }
        if self.case.answer(CheckId::Cookies).is_some_and(Answer::fails) {
            let because =
                vec![works, reason(CheckId::InPage, "reason_in_page_works"), reason(CheckId::Cookies, "reason_cookies_fail")];
            return verdict(Side::Yours, Place::Cookies, 0.93, because).or("change_private_window");
        }
        match outcome(CheckId::Again) {
            None if !self.case.done => verdict(Side::Unclear, Place::None, 0.4, vec![works]).or("change_checks"),
            None | Some(Outcome::Works | Outcome::Skipped) if self.case.relapsed => self.relapsed(works),
            Some(Outcome::Works) => {
                let compared = outcome(CheckId::InPage) == Some(Outcome::Works);
                verdict(
                    Side::Passed,
                    Place::None,
                    if compared { 0.9 } else { 0.6 },
                    vec![works, reason(CheckId::Again, "reason_again_works")],
                )
                .or("change_reload")
            }
            Some(Outcome::Same | Outcome::OtherError | Outcome::Silent | Outcome::Refused) => {
                verdict(Side::Site, Place::App, 0.85, vec![works, reason(CheckId::Again, "reason_again_fails")])
                    .or("change_reload")
            }
            _ => verdict(Side::Passed, Place::None, 0.55, vec![works]).or("change_reload"),
        }
    }

    /// Everything that we ask works, and what the visitor asks does not.
    fn relapsed(&self, works: Reason) -> Verdict {
        let because = vec![works, Reason { check: None, word: Word::new("reason_relapsed") }];
        verdict(Side::Unclear, Place::None, 0.5, because).or("change_private_window")
    }

    fn fresh_fails(&self, fresh: &Answer) -> Verdict {
        let status = fresh.status.unwrap_or(self.case.visit.status).to_string();
        let mut because = vec![Reason { check: Some(CheckId::Fresh), word: Word::new("reason_fresh_fails").with(status) }];
        if self.control == Some(Control::Offline) && !self.answers_from_the_internet(fresh) {
            because.push(reason(CheckId::Control, "reason_control_offline"));
            return verdict(Side::Yours, Place::Network, 0.6, because).or("change_control");
        }
        let (place, mut confidence) = self.place_on_site();
        if self.control == Some(Control::Online) {
            because.push(reason(CheckId::Control, "reason_online"));
            confidence += 0.05;
        }
        let home_works = self.home.is_some_and(|h| h.outcome == Outcome::Works);
        if home_works && matches!(place, Place::App | Place::Gateway | Place::Edge) {
            because.push(reason(CheckId::Home, "reason_home_works"));
            because.extend(self.page_reason());
            return verdict(Side::Site, Place::Page, confidence, because).or("change_world");
        }
        if self.home.is_some_and(Answer::fails) {
            because.push(reason(CheckId::Home, "reason_home_fails"));
            confidence += 0.02;
        }
        because.extend(self.page_reason());
        verdict(Side::Site, place, confidence, because).or("change_world")
    }

    /// An answer without cookies that is neither the failure nor the page: a log-in, a refusal, a limit.
    fn fresh_differs(&self, fresh: &Answer) -> Verdict {
        let status = fresh.status.map_or_else(|| "–".to_owned(), |s| s.to_string());
        let differs = Reason { check: Some(CheckId::Fresh), word: Word::new("reason_fresh_differs").with(status) };
        if self.control == Some(Control::Offline) {
            return verdict(Side::Unclear, Place::None, 0.4, vec![differs]).or("change_control");
        }
        let (place, _) = self.place_on_site();
        match self.home {
            Some(home) if home.fails() => {
                verdict(Side::Site, place, 0.8, vec![differs, reason(CheckId::Home, "reason_home_fails")]).or("change_world")
            }
            Some(home) if home.outcome == Outcome::Works => {
                let because = vec![differs, reason(CheckId::Home, "reason_home_works")];
                verdict(Side::Site, Place::Page, 0.6, because).or("change_private_window")
            }
            _ => verdict(Side::Unclear, Place::None, 0.4, vec![differs]).or("change_private_window"),
        }
    }

    fn fresh_silent(&self) -> Verdict {
        let silent = reason(CheckId::Fresh, "reason_fresh_silent");
        match self.control {
            Some(Control::Online) => {
                let because = vec![silent, reason(CheckId::Control, "reason_online")];
                let slow = self.case.kind() == FailureKind::Timeout;
                verdict(Side::Site, self.place_on_site().0, if slow { 0.93 } else { 0.85 }, because).or("change_world")
            }
            Some(Control::Offline) => {
                verdict(Side::Yours, Place::Network, 0.85, vec![silent, reason(CheckId::Control, "reason_control_offline")])
                    .or("change_control")
            }
            _ => verdict(Side::Unclear, Place::None, 0.5, vec![silent]).or("change_control"),
        }
    }

    fn fresh_refused(&self) -> Verdict {
        let refused = reason(CheckId::Fresh, "reason_fresh_refused");
        match self.control {
            Some(Control::Online) if self.home.is_some_and(|h| h.status.is_some()) => {
                // The site answers, only not this request: something resets it.
                verdict(Side::Unclear, Place::None, 0.5, vec![refused, reason(CheckId::Home, "reason_home_answers")])
                    .or("change_private_window")
            }
            Some(Control::Online) => {
                verdict(Side::Site, Place::Gateway, 0.85, vec![refused, reason(CheckId::Control, "reason_online")])
                    .or("change_world")
            }
            Some(Control::Offline) => {
                verdict(Side::Yours, Place::Network, 0.9, vec![refused, reason(CheckId::Control, "reason_control_offline")])
                    .or("change_control")
            }
            _ => verdict(Side::Unclear, Place::None, 0.5, vec![refused]).or("change_control"),
        }
    }

    /// Before any answer: only what the page itself proves.
    fn first_word(&self) -> Verdict {
        let visit = &self.case.visit;
        let plain = !visit.from_cache && !visit.from_service_worker && visit.headers.is_some();
        let because = self
            .page_reason()
            .unwrap_or(Reason { check: None, word: Word::new("because_status").with(visit.status.to_string()) });
        // Before the control has claimed anything: afterwards a page alone is not enough for a side.
        let unclaimed = !matches!(self.control, Some(Control::Offline));
        let change = if self.case.done { "change_world" } else { "change_checks" };
        match (&self.case.reading.producer, self.usual()) {
            (Some(p), Some((Side::Site, place))) if plain && unclaimed && p.confidence >= 0.9 => {
                verdict(Side::Site, place, 0.6, vec![because]).or(change)
            }
            _ => verdict(Side::Unclear, Place::None, 0.3, vec![because]).or(change),
        }
    }

    /// What such a page usually means, here. A development server's page from the internet is somebody's server that
    /// runs in production what was made for a desk.
    fn usual(&self) -> Option<(Side, Place)> {
        let developer = self.case.reading.producer.as_ref().is_some_and(|p| p.role == Role::DevServer);
        let near = matches!(self.case.visit.address.as_deref().and_then(net::reach), Some(Reach::Loopback | Reach::Private));
        if developer && !near && !net::is_local_host(self.case.host()) {
            Some((Side::Site, Place::App))
        } else {
            self.case.reading.usual
        }
    }

    fn page_reason(&self) -> Option<Reason> {
        let word = self.case.reading.failure.because.first()?.clone();
        (self.case.kind() != FailureKind::Unknown).then_some(Reason { check: None, word })
    }

    /// Where a failing site is broken, as far as its page tells, and how sure its page makes us.
    fn place_on_site(&self) -> (Place, f32) {
        match (&self.case.reading.producer, self.usual()) {
            (Some(_), Some((Side::Site, place))) => (place, 0.9),
            (None, Some((Side::Site, place))) => (place, 0.85),
            _ => (Place::App, 0.82),
        }
    }

    /// Whether the failing answer itself proves that the visitor reaches the internet, whatever the control says:
    /// some networks and filters block the control's host alone.
    fn answers_from_the_internet(&self, fresh: &Answer) -> bool {
        let address = fresh.address.as_deref().or(self.case.visit.address.as_deref());
        !self.case.visit.proxied && address.and_then(net::reach) == Some(Reach::Public)
    }
}

/// Names that browsers give to a proxy that refuses, fails, or cannot be found.
fn is_proxy_error(error: &str) -> bool {
    error.contains("PROXY") || error.contains("TUNNEL_CONNECTION") || error.contains("SOCKS_CONNECTION")
}

/// Names that browsers give to having no network at all.
fn is_offline_error(error: &str) -> bool {
    error.contains("INTERNET_DISCONNECTED") || error.contains("NS_ERROR_OFFLINE")
}

fn reason(check: CheckId, key: &str) -> Reason {
    Reason { check: Some(check), word: Word::new(key) }
}

fn verdict(side: Side, place: Place, confidence: f32, reasons: Vec<Reason>) -> Verdict {
    Verdict { side, place, confidence: confidence.min(0.98), reasons, would_change: Vec::new() }
}

impl Verdict {
    /// The same verdict, which `key` would change.
    fn or(mut self, key: &str) -> Self {
        self.would_change.push(Word::new(key));
        self
    }
}
