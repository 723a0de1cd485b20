//! Whose fault it is: one pure function over the evidence.

mod chance;
mod facts;
mod fresh;
mod way;

use serde::{Deserialize, Serialize};

use crate::case::{Case, Control};
use crate::terms::{CheckId, Outcome, Place, Side};
use crate::words::Word;
use facts::Facts;

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
/// | **whose machine** ([`way`]) | |
/// | the address is this computer's or this network's own by its name, `fresh` does not work | yours / device, network |
/// | **what answers for every host** | |
/// | the control endpoint is answered by a network that wants a log-in | yours / portal |
/// | it is, but the failure came over TLS from the internet | unclear; as the rows of `fresh`, where that works, but never site |
/// | the control endpoint is answered by a proxy or filter | yours / proxy |
/// | the control endpoint, on another domain and behind no edge of the site's, shows the same failing page | yours / proxy |
/// | past the proxy the page works, with it it fails | yours / proxy |
/// | the browser can't reach its proxy | yours / proxy |
/// | the proxy forbids the tunnel | yours / proxy |
/// | the proxy lets no tunnel through, nor does the control work, or unrelated sites meet the same | yours / proxy |
/// | the proxy lets no tunnel through to this host alone | unclear |
/// | the browser says that it is offline | yours / network |
/// | the page is a local proxy's or filter's own: a refusal, or the control does not work either | yours / proxy |
/// | it is, it says that it can't reach the site, the control works through it | unclear |
/// | it may as well be the site's own | unclear |
/// | it is one or the other, but it answers from the internet for this site alone | site / gateway |
/// | a public name is answered from this computer or network, and nobody knows from where the control is | unclear |
/// | a public name is answered from this computer, past any proxy | yours / dns |
/// | a public name is answered from the local network, past any proxy | yours / network |
/// | a public name is answered from this computer or network, and nobody is known to answer there | yours / proxy |
/// | a redirect that the browser had kept has led here, and the address before it works | yours / cache |
/// | **`fresh` works** ([`fresh`]) | |
/// | a form's answer failed | site / page |
/// | something within the browser turned the request to another address | yours / extension |
/// | the page came from the cache, or from the past | yours / cache |
/// | a service worker showed it, and may only have passed it on | unclear |
/// | a service worker made it | yours / service-worker |
/// | `again` fails, or `in-page` fails once and works once | site / app (some of its servers) |
/// | `in-page` fails each time | yours / extension |
/// | `cookies` fails, and the gateway is sure that it found no server: a balancer's cookie leads to a dead one | site / app |
/// | `cookies` fails with the same number | yours / cookies, likely; sure only of cookies that weigh too much |
/// | `cookies` fails with another number | unclear |
/// | the same, but so few others work that servers of which some fail answer so by chance, or a check was lost | unclear |
/// | one of these two, and the page is sure that a server has too much to do or does not answer in time | unclear |
/// | one of these two, and a cache before the site has kept the failure | unclear |
/// | `in-page` fails, and the gateway is sure that it found no server | unclear |
/// | `cookies` fails, and what works is a copy that a cache before the site keeps | unclear |
/// | one of these two, while the front page fails without any of it | unclear |
/// | `as-navigation` fails, or the front page while `again` was not to be asked | site / app |
/// | everything works, but visits keep failing | unclear |
/// | everything works that was asked, and nothing was asked as the visitor asks | unclear |
/// | everything works | passed |
/// | **`fresh` fails** | |
/// | `as-navigation` works: a plain request proves nothing here | unclear |
/// | the control is unreachable, the answer came from this computer or network | yours / network |
/// | with another number than the visit, and `as-navigation` does not fail | unclear |
/// | a proxy is on the way, and nobody knows who wrote the page | unclear |
/// | `home` works, `again` works | site / app (some of its servers) |
/// | `home` is a page, neither a copy nor a way elsewhere | site / page |
/// | else | site / where the page says |
/// | **`fresh` gets neither the page nor the failure** (a log-in, 403, 429) | |
/// | `as-navigation` fails | site / where the page says |
/// | `as-navigation` works: a plain request proves nothing here | unclear |
/// | `again` fails | site / where the page says |
/// | `home` fails | site |
/// | the front page fails with the visitor's cookies alone | yours / cookies |
/// | it does, and without them it is no page but a log-in or a refusal | unclear |
/// | the front page works with the visitor's cookies | site / page |
/// | a gate asks for a proof that a person asks, and `as-navigation` or `home` fails | site / where the page says |
/// | turned away, or asked for that proof, and the page proves its maker | as the page usually means, not sure |
/// | else | unclear |
/// | **`fresh` gets no answer** | |
/// | nor does the control; a slow failure from the internet | yours / network; site |
/// | the control works | site / where the page says |
/// | **`fresh` gets no connection** | |
/// | nor does the control | yours / network |
/// | the control works, `home` gets none either | site / gateway |
/// | **nothing is asked** | |
/// | the site asks to be left alone, the control works | site / where the page says |
/// | the page proves its maker | as the page usually means |
/// | anything else | unclear |
///
/// Held by property tests: never `yours` without a difference between two requests or a positive sign; never `site`
/// while the control claims that the visitor is offline or hijacked; no control, no certainty; the order of answers
/// does not matter.
#[must_use]
pub fn fold(case: &Case) -> Verdict {
    let facts = Facts::of(case);
    let mut verdict = facts.own().or_else(|| facts.way()).or_else(|| facts.fresh()).unwrap_or_else(|| facts.first_word());
    if let (Side::Site, Some(place)) = (verdict.side, case.own()) {
        (verdict.side, verdict.place) = (Side::Yours, place);
        verdict.reasons.push(facts.own_reason(place));
    }
    // Over TLS the site itself has answered; but who answers for the control may be in its way all the same.
    if verdict.side == Side::Site && matches!(facts.control, Some(Control::Portal | Control::Hijacked)) {
        verdict = unclear(0.5, verdict.reasons).or("change_control");
    }
    if facts.control != Some(Control::Online) {
        verdict.confidence = verdict.confidence.min(MAX_WITHOUT_CONTROL);
        let is_asked = case.outcome(CheckId::Control).is_some_and(|o| o != Outcome::Skipped) || facts.control.is_some();
        if is_asked && verdict.side != Side::Passed && case.own().is_none() {
            verdict.would_change.push(Word::new("change_control"));
        }
    }
    verdict
}

#[inline(never)]
fn reason(check: CheckId, key: &str) -> Reason {
    Reason { check: Some(check), word: Word::new(key) }
}

/// A reason that the response itself gives.
#[inline(never)]
fn seen(word: Word) -> Reason {
    Reason { check: None, word }
}

#[inline(never)]
fn verdict(side: Side, place: Place, confidence: f32, reasons: Vec<Reason>) -> Verdict {
    Verdict { side, place, confidence: confidence.min(0.98), reasons, would_change: Vec::new() }
}

#[inline(never)]
fn unclear(confidence: f32, reasons: Vec<Reason>) -> Verdict {
    verdict(Side::Unclear, Place::None, confidence, reasons)
}

impl Verdict {
    /// The same verdict, which `key` would change.
    #[inline(never)]
    fn or(mut self, key: &str) -> Self {
        self.would_change.push(Word::new(key));
        self
    }
}
