//! The evidence of a case, as the rows of the table ask for it.

use super::{Reason, Verdict, seen, unclear, verdict};
use crate::case::{Answer, Case, Control};
use crate::net::{self, Reach};
use crate::terms::{CheckId, FailureKind, Outcome, Place, Role, Side};
use crate::words::Word;

/// A visit that took so long to fail was a wait for somebody, in milliseconds.
const SLOW_MS: u32 = 10_000;

pub(super) struct Facts<'a> {
    pub(super) case: &'a Case,
    pub(super) fresh: Option<&'a Answer>,
    pub(super) home: Option<&'a Answer>,
    pub(super) control: Option<Control>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(case: &'a Case) -> Self {
        Self {
            case,
            fresh: case.answer(CheckId::Fresh),
            home: case.answer(CheckId::Home),
            control: case.answer(CheckId::Control).and_then(|a| a.control),
        }
    }

    pub(super) fn online(&self) -> bool {
        self.control == Some(Control::Online)
    }

    pub(super) fn answer(&self, check: CheckId) -> Option<&'a Answer> {
        self.case.answer(check)
    }

    pub(super) fn fails(&self, check: CheckId) -> bool {
        self.answer(check).is_some_and(|a| a.fails() && !a.is_turned_away())
    }

    pub(super) fn works(&self, check: CheckId) -> bool {
        self.case.outcome(check) == Some(Outcome::Works)
    }

    /// Whether a check was to be asked, and then could not be: it was lost, or the site had been asked often enough.
    pub(super) fn is_cut_short(&self, check: CheckId) -> bool {
        let why = self.answer(check).filter(|a| a.outcome == Outcome::Skipped).and_then(|a| a.why.as_ref());
        why.is_some_and(|word| matches!(word.key.as_str(), "why_enough_requests" | "why_lost"))
    }

    /// Whether a proxy is known to carry everything.
    pub(super) fn is_proxied(&self) -> bool {
        self.case.visit.proxied
            || self.fresh.is_some_and(|a| a.proxied)
            || (self.is_near() && self.answer(CheckId::Control).is_some_and(|a| a.near))
    }

    /// Whether a name of the internet was answered from this computer or the local network.
    pub(super) fn is_near(&self) -> bool {
        net::is_public_name(self.case.host()) && self.address().is_some_and(|reach| reach != Reach::Public)
    }

    /// The reach of the address that the failing answer came from.
    pub(super) fn address(&self) -> Option<Reach> {
        let fresh = self.fresh.and_then(|a| a.address.as_deref());
        self.case.visit.address.as_deref().or(fresh).and_then(net::reach)
    }

    /// Whether the failing answer itself proves that the visitor reaches the internet, whatever the control says:
    /// some networks and filters block the control's host alone.
    pub(super) fn answers_from_the_internet(&self) -> bool {
        let fresh = self.fresh.and_then(|a| a.address.as_deref()).and_then(net::reach);
        !self.is_proxied() && fresh.or_else(|| self.address()) == Some(Reach::Public)
    }

    /// Whether the visit was a wait for somebody who did not answer.
    pub(super) fn is_slow(&self) -> bool {
        self.case.kind() == FailureKind::Timeout || self.case.visit.first_byte_ms.is_some_and(|ms| ms >= SLOW_MS)
    }

    /// What such a page usually means, here. A development server's page from the internet is somebody's server that
    /// runs in production what was made for a desk.
    pub(super) fn usual(&self) -> Option<(Side, Place)> {
        let developer = self.case.reading.producer.as_ref().is_some_and(|p| p.role == Role::DevServer);
        let near = matches!(self.case.visit.address.as_deref().and_then(net::reach), Some(Reach::Loopback | Reach::Private));
        if developer && !near && self.case.own().is_none() { Some((Side::Site, Place::App)) } else { self.case.reading.usual }
    }

    pub(super) fn page_reason(&self) -> Option<Reason> {
        let word = self.case.reading.failure.because.first()?.clone();
        (self.case.kind() != FailureKind::Unknown).then(|| seen(word))
    }

    /// What the page says, or its number.
    pub(super) fn said(&self) -> Reason {
        let status = || match self.case.visit.status {
            0 => Word::new("reason_proxy_refused"),
            status => Word::new("because_status").with(status.to_string()),
        };
        self.page_reason().unwrap_or_else(|| seen(status()))
    }

    /// Where a failing site is broken, as far as its page tells, and how sure its page makes us.
    pub(super) fn place_on_site(&self) -> (Place, f32) {
        let less = if self.is_proxied() { 0.1 } else { 0.0 };
        match (&self.case.reading.producer, self.usual()) {
            (Some(_), Some((Side::Site, place))) => (place, 0.9 - less),
            (None, Some((Side::Site, place))) => (place, 0.85 - less),
            _ => (Place::App, 0.82 - less),
        }
    }

    /// Before any answer, or without one: only what the page itself proves.
    pub(super) fn first_word(&self) -> Verdict {
        let visit = &self.case.visit;
        // Who was led here from another address did not ask this site.
        let led = visit.asked.is_some() || visit.moved_from.is_some();
        let plain = !visit.from_cache && !visit.from_service_worker && visit.headers.is_some() && !led;
        let because = self.said();
        let change = if self.case.done { "change_world" } else { "change_checks" };
        // A visit that fails while requests of ours, all that may be made, worked before.
        if self.case.relapsed && self.case.done {
            return unclear(0.5, vec![because, seen(Word::new("reason_relapsed"))]).or("change_private_window");
        }
        // Before the control has claimed anything: afterwards a page alone is not enough for a side.
        let unclaimed = !matches!(self.control, Some(Control::Offline));
        let asks_to_wait = self.case.reading.retry_after_s.is_some_and(|s| s > 0);
        if plain && asks_to_wait && self.online() && !self.is_proxied() && !self.is_near() {
            let because = vec![because, seen(Word::new("reason_asks_to_wait"))];
            return verdict(Side::Site, self.place_on_site().0, 0.8, because).or(change);
        }
        if self.case.done && self.is_cut_short(CheckId::Fresh) {
            return unclear(0.4, vec![because]).or("change_reload");
        }
        match (&self.case.reading.producer, self.usual()) {
            (Some(p), Some((Side::Site, place))) if plain && unclaimed && p.confidence >= 0.9 => {
                let sure = if self.case.done && self.online() { 0.7 } else { 0.6 };
                verdict(Side::Site, place, sure, vec![because]).or(change)
            }
            _ => unclear(0.3, vec![because]).or(change),
        }
    }
}
