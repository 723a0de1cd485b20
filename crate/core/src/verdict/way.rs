//! The way between the visitor and the site: whose machine it leads to, and what answers on it for every host.

use super::facts::Facts;
use super::{Reason, Verdict, reason, seen, unclear, verdict};
use crate::case::{Answer, Control};
use crate::net::{self, Reach, Url};
use crate::terms::{CheckId, FailureKind, Outcome, Place, Role, Side};
use crate::words::Word;

/// What a browser says of its proxy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Barrier {
    /// It can't be reached.
    Dead,
    /// It is there, and does not want to: 403 and 407 are its own word, whatever the site does.
    Denies,
    /// It is there, and let nothing through.
    Refuses,
}

impl Facts<'_> {
    /// An address that is the visitor's own by its name. Whether it works in general has nothing to do with the internet.
    pub(super) fn own(&self) -> Option<Verdict> {
        let place = self.case.own()?;
        let because = |first: Option<Reason>| first.into_iter().chain([self.own_reason(place)]).collect::<Vec<_>>();
        match self.fresh.map(|a| a.outcome) {
            Some(Outcome::Works) => None,
            None | Some(Outcome::Skipped) => Some(verdict(Side::Yours, place, 0.7, because(self.page_reason()))),
            Some(outcome) => {
                let key = match outcome {
                    Outcome::Silent => "reason_fresh_silent",
                    Outcome::Refused => "reason_fresh_refused",
                    _ => "reason_fresh_fails",
                };
                let status = self.fresh.and_then(|a| a.status).unwrap_or(self.case.visit.status).to_string();
                let first = Reason { check: Some(CheckId::Fresh), word: Word::new(key).with(status) };
                Some(verdict(Side::Yours, place, 0.93, because(Some(first))))
            }
        }
    }

    pub(super) fn own_reason(&self, place: Place) -> Reason {
        seen(Word::new(if place == Place::Device { "reason_own_device" } else { "reason_own_network" }))
    }

    /// What answers for every host, and therefore also for our own requests.
    pub(super) fn way(&self) -> Option<Verdict> {
        let by = |key| vec![reason(CheckId::Control, key)];
        match self.control {
            // Nobody answers over TLS in the name of another: what the control met did not write this.
            Some(Control::Portal | Control::Hijacked) if self.is_genuine() && self.works(CheckId::Fresh) => {}
            Some(Control::Portal) if self.is_genuine() => {
                return Some(unclear(0.5, [vec![self.said()], by("reason_portal")].concat()).or("change_control"));
            }
            Some(Control::Portal) => return Some(verdict(Side::Yours, Place::Portal, 0.85, by("reason_portal"))),
            Some(Control::Hijacked) => return Some(verdict(Side::Yours, Place::Proxy, 0.85, by("reason_hijacked"))),
            _ if self.is_same_everywhere() => {
                return Some(verdict(Side::Yours, Place::Proxy, 0.9, by("reason_same_everywhere")));
            }
            _ => {}
        }
        self.past_the_proxy()
            .or_else(|| self.barred())
            .or_else(|| self.offline())
            .or_else(|| self.page_of_the_way())
            .or_else(|| self.near())
    }

    /// Whether the answer came over TLS from the internet, past any proxy, and nobody on the visitor's side is known to have written it.
    fn is_genuine(&self) -> bool {
        let visitors = self.case.reading.producer.as_ref().is_some_and(|p| p.role.is_on_visitors_side());
        self.case.visit.url.starts_with("https:") && self.answers_from_the_internet() && !visitors
    }

    /// The control endpoint shows the failing page, too: either its known maker's, or the very one that `fresh` met. What is in front of
    /// both sites, or is one of a domain, says nothing of the visitor's way.
    fn is_same_everywhere(&self) -> bool {
        let control = self.case.settings.controls(self.case.can_pass_proxy).into_iter().next();
        let unrelated = control.and_then(|c| Url::split(&c.url).map(|u| net::are_unrelated(self.case.host(), u.host)));
        let shared = |role| matches!(role, Role::Cdn | Role::Waf | Role::PaasRouter);
        if unrelated != Some(true) || self.case.reading.producer.as_ref().is_some_and(|p| shared(p.role)) {
            return false;
        }
        let Some(control) = self.answer(CheckId::Control).filter(|a| a.status.is_some_and(|s| s >= 500)) else { return false };
        let producer = self.case.reading.producer.as_ref().map(|p| &p.id);
        let by_name =
            producer.is_some() && control.producer.as_ref() == producer && control.status == Some(self.case.visit.status);
        by_name || self.fresh.is_some_and(|fresh| fresh.fails() && fresh.mark.is_some() && fresh.mark == control.mark)
    }

    /// A request past the proxy is the difference that decides, either way.
    fn past_the_proxy(&self) -> Option<Verdict> {
        let direct = self.answer(CheckId::Proxy)?;
        if direct.outcome == Outcome::Works && self.fresh.is_some_and(|f| f.outcome != Outcome::Works) {
            // One answer each way: a server of several may be met by chance, less likely where the front page fails as well.
            let sure = if self.fails(CheckId::Home) { 0.85 } else { 0.75 };
            return Some(verdict(Side::Yours, Place::Proxy, sure, vec![reason(CheckId::Proxy, "reason_direct_works")]));
        }
        if self.online() && (direct.fails() || direct.outcome == Outcome::Refused) {
            let because = vec![reason(CheckId::Proxy, "reason_direct_fails")];
            let (place, _) = self.place_on_site();
            return Some(
                verdict(Side::Site, if direct.fails() { place } else { Place::Gateway }, 0.9, because).or("change_world"),
            );
        }
        None
    }

    /// The browser's own word on its proxy, about the visit or about a request of ours.
    fn barred(&self) -> Option<Verdict> {
        let at_control = self.answer(CheckId::Control).and_then(error).and_then(barrier);
        let at_fresh = self.fresh.and_then(error).and_then(barrier);
        // Firefox gives a tunnel that was refused with 503 the name of a refused connection.
        let at_visit = self.case.visit.error.as_deref().map(|e| barrier(e).unwrap_or(Barrier::Refuses));
        let (check, barrier) = match (at_fresh, at_visit.filter(|_| !self.works(CheckId::Fresh)), at_control) {
            (Some(barrier), ..) => (Some(CheckId::Fresh), barrier),
            (None, Some(barrier), _) => (None, barrier),
            (None, None, Some(barrier)) if !self.works(CheckId::Fresh) => (Some(CheckId::Control), barrier),
            _ => return None,
        };
        let because = |key: &str| Reason { check, word: Word::new(key) };
        if barrier == Barrier::Dead {
            return Some(verdict(Side::Yours, Place::Proxy, 0.95, vec![because("reason_proxy_error")]));
        }
        let mut reasons = vec![because("reason_proxy_refused")];
        if barrier == Barrier::Denies {
            return Some(verdict(Side::Yours, Place::Proxy, 0.9, reasons));
        }
        // Names that are mistyped one after the other are unrelated too, and are met where the rest can be reached.
        if self.case.company > u8::from(self.online()) {
            reasons.push(seen(Word::new("reason_company")));
            return Some(verdict(Side::Yours, Place::Proxy, 0.9, reasons));
        }
        if at_control.is_some() || self.control == Some(Control::Offline) {
            reasons.push(reason(CheckId::Control, "reason_control_offline"));
            return Some(verdict(Side::Yours, Place::Proxy, 0.9, reasons));
        }
        if self.online() {
            reasons.push(reason(CheckId::Control, "reason_online"));
        }
        let change = if self.case.done { "change_other_sites" } else { "change_checks" };
        Some(unclear(0.5, reasons).or(change).or("change_past_proxy"))
    }

    fn offline(&self) -> Option<Verdict> {
        let error = self.fresh.and_then(error)?;
        // What browsers call having no network at all.
        let offline = error.contains("INTERNET_DISCONNECTED") || error.contains("NS_ERROR_OFFLINE");
        offline.then(|| verdict(Side::Yours, Place::Network, 0.95, vec![reason(CheckId::Fresh, "reason_offline")]))
    }

    /// A page of something that stands between the visitor and the internet, or may.
    fn page_of_the_way(&self) -> Option<Verdict> {
        let (side, place) = self.usual().filter(|(side, _)| *side != Side::Site)?;
        if self.works(CheckId::Fresh) {
            // Who wrote the failure is known; that it is gone is known better.
            return None;
        }
        let producer = self.case.reading.producer.as_ref()?;
        let yours = side == Side::Yours;
        let local = || seen(Word::new("reason_local_proxy").with(producer.name.clone()));
        let mut because = vec![if yours { local() } else { self.said() }];
        let kind = self.case.kind();
        let is_policy = matches!(kind, FailureKind::Blocked | FailureKind::Limit | FailureKind::RateLimited);
        if yours && (place != Place::Proxy || is_policy || !self.online()) {
            return Some(verdict(Side::Yours, place, 0.85, because));
        }
        // It says that it got nothing from the site, and others can be reached: its own fault, or the site's.
        if self.online() {
            because.push(reason(CheckId::Control, "reason_online"));
        }
        let control = self.answer(CheckId::Control).and_then(|a| a.address.as_deref());
        let far = self.address() == Some(Reach::Public) && !self.is_proxied();
        let alone = far && control.is_some() && control != self.case.visit.address.as_deref();
        if alone && matches!(producer.role, Role::LocalProxy) {
            because.push(seen(Word::new("reason_far_proxy")));
            return Some(verdict(Side::Site, Place::Gateway, 0.75, because).or("change_world"));
        }
        Some(unclear(0.5, because).or("change_past_proxy").or("change_world"))
    }

    /// A name of the internet that leads to this computer or to the local network.
    fn near(&self) -> Option<Verdict> {
        let fresh = self.fresh.filter(|fresh| fresh.fails())?;
        if !self.is_near() || self.is_proxied() {
            return None;
        }
        let status = fresh.status.unwrap_or(self.case.visit.status).to_string();
        let fails = Reason { check: Some(CheckId::Fresh), word: Word::new("reason_fresh_fails").with(status) };
        let mut because = vec![fails, seen(Word::new("reason_near"))];
        if self.control == Some(Control::Offline) {
            because.push(reason(CheckId::Control, "reason_control_offline"));
        }
        // Where the control is reached directly there is no proxy for everything. A web server's page from near is that of a
        // server that the name should not lead to; a page of nobody's is more likely a filter's.
        let control = self.answer(CheckId::Control).and_then(|a| a.address.as_deref()).and_then(net::reach);
        // A browser that tells of its proxies has told of none.
        let direct = control.or(self.case.can_pass_proxy.then_some(Reach::Public));
        if direct.is_none() && self.online() {
            // Whether everything comes from there, through a proxy that passes on what sites say, is not known.
            return Some(unclear(0.5, because).or("change_past_proxy"));
        }
        let (place, sure) = match (direct, self.usual()) {
            // No site says so of itself: https://www.rfc-editor.org/rfc/rfc6585#section-6
            _ if fresh.status == Some(511) => (Place::Portal, 0.85),
            // A router that has lost the internet answers for every name.
            _ if self.control == Some(Control::Offline) => (Place::Network, 0.7),
            // A company's own site has a name of the internet as well, and stands in its network.
            (Some(Reach::Public), _) if self.address() == Some(Reach::Private) => (Place::Network, 0.7),
            (Some(Reach::Public), _) => (Place::Dns, 0.8),
            (_, Some((Side::Site, _))) => (Place::Dns, 0.7),
            _ => (Place::Proxy, 0.65),
        };
        Some(verdict(Side::Yours, place, sure, because).or("change_past_proxy"))
    }
}

fn error(answer: &Answer) -> Option<&str> {
    answer.error.as_deref()
}

/// Names that browsers give to a proxy that can't be found or reached, and to one that lets nothing through.
fn barrier(error: &str) -> Option<Barrier> {
    // Chromium's ERR_SOCKS_CONNECTION_FAILED is none of them: a SOCKS proxy that works answers so for a site that it can't reach.
    const DEAD: &[&str] = &["PROXY_CONNECTION_FAILED", "PROXY_CONNECTION_REFUSED", "UNKNOWN_PROXY_HOST"];
    if DEAD.iter().any(|name| error.contains(name)) {
        return Some(Barrier::Dead);
    }
    if error.contains("PROXY_FORBIDDEN") || error.contains("PROXY_AUTH") {
        return Some(Barrier::Denies);
    }
    (error.contains("PROXY") || error.contains("TUNNEL_CONNECTION") || error.contains("SOCKS_")).then_some(Barrier::Refuses)
}
