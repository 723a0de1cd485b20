//! The rows that start from `fresh`: the same page, asked for past cache, cookies and every other extension.

use super::facts::Facts;
use super::{Reason, Verdict, reason, seen, unclear, verdict};
use crate::case::{Answer, Control};
use crate::terms::{CheckId, FailureKind, Outcome, Place, Side};
use crate::words::Word;

/// Cookies that a script may see and that weigh more than this are more than many servers take, in bytes. Usual limits for a
/// whole request header are 8 KiB; the cookies that no script may see come on top.
const HEAVY_COOKIES: u32 = 4_096;

/// Less sure than this, nobody is blamed.
const ENOUGH: f32 = 0.6;

impl Facts<'_> {
    pub(super) fn fresh(&self) -> Option<Verdict> {
        let fresh = self.fresh?;
        if self.case.visit.moved_from.is_some() && fresh.outcome != Outcome::Works && self.works(CheckId::Again) {
            let because = vec![self.said(), reason(CheckId::Again, "reason_old_redirect")];
            return Some(verdict(Side::Yours, Place::Cache, 0.8, because).or("change_private_window"));
        }
        match fresh.outcome {
            Outcome::Works => Some(self.fresh_works()),
            Outcome::Same | Outcome::OtherError if fresh.is_challenge() => Some(self.challenged()),
            Outcome::Same | Outcome::OtherError if fresh.is_turned_away() => Some(self.turned_away(fresh)),
            Outcome::Same | Outcome::OtherError if fresh.fails() => Some(self.fresh_fails(fresh)),
            Outcome::Same | Outcome::OtherError => Some(self.fresh_differs(fresh)),
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
            // Nobody has looked at the rest of the site.
            return verdict(Side::Site, self.place_on_site().0, 0.65, because).or("change_form");
        }
        if visit.asked.is_some() {
            return verdict(Side::Yours, Place::Extension, 0.93, vec![works, seen(Word::new("reason_diverted"))]);
        }
        if visit.from_cache || visit.revived {
            let key = if visit.revived { "reason_revived" } else { "reason_old_copy" };
            return verdict(Side::Yours, Place::Cache, 0.95, vec![works, reason(CheckId::Cache, key)]);
        }
        if visit.from_service_worker && self.may_be_passed_on() {
            return unclear(0.5, vec![works]).or("change_reload");
        }
        if visit.from_service_worker {
            return verdict(Side::Yours, Place::ServiceWorker, 0.93, vec![works, reason(CheckId::Cache, "reason_worker")]);
        }
        let (in_page, cookies) = (self.fails(CheckId::InPage), self.fails(CheckId::Cookies));
        let again = self.answer(CheckId::Again).filter(|a| !a.is_turned_away());
        if again.is_some_and(Answer::breaks) {
            let because = vec![works, reason(CheckId::Again, "reason_again_fails")];
            return verdict(Side::Site, Place::App, 0.85, because).or("change_reload");
        }
        if self.case.is_waiting() {
            return unclear(0.4, vec![works]).or("change_checks");
        }
        if in_page && self.answer(CheckId::InPage).is_some_and(|a| !a.is_steady()) {
            let because = vec![works, reason(CheckId::InPage, "reason_in_page_flaps")];
            return verdict(Side::Site, Place::App, 0.8, because).or("change_reload");
        }
        if (in_page || (cookies && !self.is_nobody_there())) && self.home.is_some_and(Answer::fails) {
            // The site fails without any of the visitor's things in the way, and so it may have here.
            let check = if in_page {
                reason(CheckId::InPage, "reason_in_page_fails")
            } else {
                reason(CheckId::Cookies, "reason_cookies_fail")
            };
            return unclear(0.5, vec![works, check, reason(CheckId::Home, "reason_home_fails")]).or("change_private_window");
        }
        if in_page {
            let because = vec![works, reason(CheckId::InPage, "reason_in_page_fails")];
            let fails = self.answer(CheckId::InPage).map_or(0, |a| a.fails);
            let sure = self.sure_of_a_difference(fails);
            if fails < 2 || sure < ENOUGH || self.may_be_servers() || self.is_nobody_there() {
                // So few failures beside others that work may be some servers', and no extension stops or slows one down.
                return unclear(0.5, because).or("change_private_window");
            }
            return verdict(Side::Yours, Place::Extension, sure, because).or("change_private_window");
        }
        if cookies {
            let mut because = vec![works, reason(CheckId::InPage, "reason_in_page_works")];
            because.push(reason(CheckId::Cookies, "reason_cookies_fail"));
            because.extend(self.jar());
            if self.case.outcome(CheckId::Cookies) != Some(Outcome::Same) {
                // Another failure than the visit's: a limit, or a server that breaks otherwise.
                return unclear(0.5, because).or("change_private_window");
            }
            if self.is_nobody_there() {
                // No cookie makes a server refuse connections; a balancer's own leads to one that does.
                because.extend(self.page_reason());
                return verdict(Side::Site, Place::App, 0.8, because).or("change_private_window");
            }
            if self.fresh.is_some_and(|a| a.stored) {
                // Cookies lead past the copy to the server, which may fail for everybody.
                because.push(reason(CheckId::Fresh, "reason_stored"));
                return unclear(0.5, because).or("change_world");
            }
            let sure = self.sure_of_a_difference(1);
            if sure < ENOUGH || self.may_be_servers() {
                // Beside so few that work it may be one server of several.
                return unclear(0.5, because).or("change_private_window");
            }
            return self.cookies_to_blame(sure, because);
        }
        if self.fails(CheckId::AsNavigation) {
            let because = vec![works, reason(CheckId::AsNavigation, "reason_visit_fails")];
            return verdict(Side::Site, Place::App, 0.85, because).or("change_world");
        }
        if self.case.relapsed {
            // Everything that we ask works, and what the visitor asks does not.
            return unclear(0.5, vec![works, seen(Word::new("reason_relapsed"))]).or("change_private_window");
        }
        if self.is_cut_short(CheckId::Cookies) || self.is_cut_short(CheckId::InPage) {
            return unclear(0.4, vec![works]).or("change_private_window");
        }
        let because = vec![works.clone(), reason(CheckId::Again, "reason_again_works")];
        // A command line has no cookies and no extensions: each of its requests is like the first.
        let is_asked = self.answer(CheckId::InPage).is_some_and(|a| a.tries > 0) || visit.error.is_some() || self.case.operator;
        if !is_asked && again.is_some_and(|a| a.outcome == Outcome::Works) {
            // Nothing was asked as the visitor asks, so cookies and other extensions are as likely as a short outage.
            return unclear(0.5, because).or("change_reload");
        }
        if again.is_some_and(|a| a.outcome == Outcome::OtherError) {
            // Sent elsewhere all at once, or refused: no page that works, and no failure.
            return unclear(0.5, vec![works]).or("change_reload");
        }
        if again.is_none_or(|a| a.outcome != Outcome::Works) {
            if self.home.is_some_and(Answer::fails) {
                let because = vec![works, reason(CheckId::Home, "reason_home_fails")];
                return verdict(Side::Site, Place::App, 0.7, because).or("change_reload");
            }
            return verdict(Side::Passed, Place::None, 0.55, vec![works]).or("change_reload");
        }
        let sure = if self.works(CheckId::InPage) && !self.home.is_some_and(Answer::fails) { 0.7 } else { 0.55 };
        verdict(Side::Passed, Place::None, sure, because).or("change_reload")
    }

    /// Whether a service worker may have passed on what the site said. Chromium tells that something came over the network, Firefox
    /// does not: there it takes a page that no worker makes up, or a wait.
    fn may_be_passed_on(&self) -> bool {
        const WAIT_MS: u32 = 20;
        let waited = self.case.visit.first_byte_ms.is_some_and(|ms| ms >= WAIT_MS);
        self.case.can_pass_proxy && (waited || self.case.reading.producer.is_some())
    }

    /// Whether the gateway is sure that it found no server, whatever it was asked.
    fn is_nobody_there(&self) -> bool {
        self.is_sure() && matches!(self.case.kind(), FailureKind::Refused | FailureKind::NoBackend | FailureKind::Dns)
    }

    /// Whether a server says that it has too much to do, or is not there yet: hardly what a cookie makes it say.
    pub(super) fn is_one_server_busy(&self) -> bool {
        use FailureKind::{Maintenance, Overloaded, RateLimited, Timeout};
        self.is_sure() && matches!(self.case.kind(), Maintenance | Overloaded | RateLimited | Timeout)
    }

    /// Whether the page is sure of what happened.
    fn is_sure(&self) -> bool {
        const SURE: f32 = 0.75;
        self.case.reading.failure.confidence >= SURE
    }

    /// Whoever is logged in gets other pages than those who are not, and these may fail for all of them: only cookies that are too much
    /// for servers are remarkable by themselves.
    fn cookies_to_blame(&self, sure: f32, because: Vec<Reason>) -> Verdict {
        const MAX_LOGGED_IN: f32 = 0.75;
        let sure = if self.case.visit.cookie_bytes > HEAVY_COOKIES { sure } else { sure.min(MAX_LOGGED_IN) };
        verdict(Side::Yours, Place::Cookies, sure, because).or("change_private_window").or("change_logged_in")
    }

    /// Which jar of cookies is to blame, and what is remarkable about it.
    fn jar(&self) -> impl Iterator<Item = Reason> {
        let visit = &self.case.visit;
        let whose = match (visit.private, visit.container) {
            (true, _) => Some(Word::new("reason_jar_private")),
            (_, true) => Some(Word::new("reason_jar_container")),
            _ => None,
        };
        let what = if visit.cookie_bytes > HEAVY_COOKIES {
            Some(Word::new("reason_jar_heavy").with((visit.cookie_bytes / 1_024).to_string()))
        } else {
            (visit.cookies > 1).then(|| Word::new("reason_jar_several"))
        };
        whose.into_iter().chain(what).map(|word| Reason { check: Some(CheckId::Cookies), word })
    }

    fn fresh_fails(&self, fresh: &Answer) -> Verdict {
        let status = fresh.status.unwrap_or(self.case.visit.status).to_string();
        let mut because = vec![Reason { check: Some(CheckId::Fresh), word: Word::new("reason_fresh_fails").with(status) }];
        if self.control == Some(Control::Offline) && !self.answers_from_the_internet() {
            because.push(reason(CheckId::Control, "reason_control_offline"));
            return verdict(Side::Yours, Place::Network, 0.6, because).or("change_control");
        }
        if self.works(CheckId::AsNavigation) {
            because.push(reason(CheckId::AsNavigation, "reason_visit_works"));
            return unclear(0.5, because).or("change_reload").or("change_private_window");
        }
        // Another failure than the visit's, to a question that no page load would be: that may be what the site tells all probes.
        let is_open = fresh.outcome == Outcome::OtherError && self.case.visit.is_get() && !self.fails(CheckId::AsNavigation);
        if is_open || self.is_cut_short(CheckId::AsNavigation) {
            return unclear(0.45, because).or("change_reload").or("change_private_window");
        }
        let (place, mut confidence) = self.place_on_site();
        if self.is_proxied() && self.case.reading.producer.is_none() {
            because.push(seen(Word::new("reason_in_path")));
            return unclear(0.5, because).or("change_past_proxy").or("change_world");
        }
        if self.online() {
            because.push(reason(CheckId::Control, "reason_online"));
            confidence += 0.05;
        }
        // A copy of the front page tells nothing of the rest, and that it sends its visitors on may be the gateway's own word.
        let home_works = self.home.is_some_and(Answer::is_page);
        if home_works && self.works(CheckId::Again) {
            because.push(reason(CheckId::Again, "reason_again_mends"));
            return verdict(Side::Site, Place::App, confidence, because).or("change_reload");
        }
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

    /// Sent away as one who asks too often: that is about the question, not about the page.
    fn turned_away(&self, fresh: &Answer) -> Verdict {
        let status = fresh.status.unwrap_or(self.case.visit.status).to_string();
        self.told_by_the_page(Reason { check: Some(CheckId::Fresh), word: Word::new("reason_turned_away").with(status) })
    }

    /// Not let in without a proof that a person asks, which the visitor has given: what works for us is the gate alone, and only what
    /// fails for us too tells of the page.
    fn challenged(&self) -> Verdict {
        let gate = reason(CheckId::Fresh, "reason_challenge");
        if self.works(CheckId::AsNavigation) {
            return unclear(0.5, vec![gate, reason(CheckId::AsNavigation, "reason_visit_works")]).or("change_private_window");
        }
        let others = [(CheckId::AsNavigation, "reason_visit_fails"), (CheckId::Home, "reason_home_fails")];
        match others.into_iter().find(|(check, _)| self.fails(*check)) {
            Some((check, why)) if self.control != Some(Control::Offline) => {
                verdict(Side::Site, self.place_on_site().0, 0.8, vec![gate, reason(check, why)]).or("change_world")
            }
            _ => self.told_by_the_page(gate),
        }
    }

    /// What the page alone tells, where the site did not let our question through.
    fn told_by_the_page(&self, away: Reason) -> Verdict {
        let mut verdict = self.first_word();
        if verdict.side == Side::Site && !self.online() {
            verdict = unclear(0.4, verdict.reasons).or("change_control");
        }
        verdict.reasons.insert(0, away);
        verdict
    }

    /// An answer without cookies that is neither the failure nor the page: a log-in, a refusal.
    fn fresh_differs(&self, fresh: &Answer) -> Verdict {
        let status = fresh.status.map_or_else(|| "–".to_owned(), |s| s.to_string());
        let differs = Reason { check: Some(CheckId::Fresh), word: Word::new("reason_fresh_differs").with(status) };
        if self.control == Some(Control::Offline) {
            return unclear(0.4, vec![differs]).or("change_control");
        }
        let (place, _) = self.place_on_site();
        if self.fails(CheckId::AsNavigation) {
            let because = vec![differs, reason(CheckId::AsNavigation, "reason_visit_fails")];
            return verdict(Side::Site, place, 0.85, because).or("change_world");
        }
        if self.works(CheckId::AsNavigation) {
            let because = vec![differs, reason(CheckId::AsNavigation, "reason_visit_works")];
            return unclear(0.5, because).or("change_reload").or("change_private_window");
        }
        if self.fails(CheckId::Again) {
            let because = vec![differs, reason(CheckId::Again, "reason_again_fails")];
            return verdict(Side::Site, place, 0.85, because).or("change_reload");
        }
        if self.home.is_some_and(Answer::fails) {
            let because = vec![differs, reason(CheckId::Home, "reason_home_fails")];
            return verdict(Side::Site, place, 0.8, because).or("change_world");
        }
        match self.case.outcome(CheckId::Cookies) {
            Some(Outcome::Works) => {
                let because = vec![differs, reason(CheckId::Cookies, "reason_cookies_home_works")];
                verdict(Side::Site, Place::Page, 0.7, because).or("change_private_window")
            }
            _ if self.fails(CheckId::Cookies) && self.works(CheckId::Home) => {
                // Where the door alone answers those without cookies, what is behind it may fail for everybody.
                let is_page = self.home.is_some_and(Answer::is_page);
                let home = if is_page { "reason_home_works" } else { "reason_home_answers" };
                let mut because = vec![differs, reason(CheckId::Home, home)];
                because.push(reason(CheckId::Cookies, "reason_cookies_home_fails"));
                if !is_page {
                    return unclear(0.5, because).or("change_world");
                }
                let sure = self.sure_of_a_difference(1);
                if sure < ENOUGH || self.has_lost_answers() || self.case.outcome(CheckId::Cookies) != Some(Outcome::Same) {
                    return unclear(0.5, because).or("change_private_window");
                }
                because.extend(self.jar());
                self.cookies_to_blame(sure, because)
            }
            _ => unclear(0.4, vec![differs]).or("change_private_window"),
        }
    }

    fn fresh_silent(&self) -> Verdict {
        let silent = reason(CheckId::Fresh, "reason_fresh_silent");
        let slow = self.is_slow();
        match self.control {
            Some(Control::Online) => {
                let because = vec![silent, reason(CheckId::Control, "reason_online")];
                verdict(Side::Site, self.place_on_site().0, if slow { 0.93 } else { 0.85 }, because).or("change_world")
            }
            // The visit waited as long, and for an answer that came from the internet.
            Some(Control::Offline) if slow && self.answers_from_the_internet() => {
                verdict(Side::Site, self.place_on_site().0, 0.7, vec![silent, seen(Word::new("reason_slow"))])
                    .or("change_control")
            }
            // The connection broke or came back in the middle.
            Some(Control::Offline) if self.home.is_some_and(|h| h.status.is_some()) => {
                unclear(0.5, vec![silent, reason(CheckId::Home, "reason_home_answers")]).or("change_control")
            }
            Some(Control::Offline) => {
                verdict(Side::Yours, Place::Network, 0.85, vec![silent, reason(CheckId::Control, "reason_control_offline")])
                    .or("change_control")
            }
            _ => unclear(0.5, vec![silent]).or("change_control"),
        }
    }

    fn fresh_refused(&self) -> Verdict {
        let refused = reason(CheckId::Fresh, "reason_fresh_refused");
        match self.control {
            Some(Control::Online | Control::Offline) if self.home.is_some_and(|h| h.status.is_some()) => {
                // The site answers, only not this request: something resets it, or the connection broke or came back in the middle.
                unclear(0.5, vec![refused, reason(CheckId::Home, "reason_home_answers")]).or("change_private_window")
            }
            Some(Control::Online) => {
                verdict(Side::Site, Place::Gateway, 0.85, vec![refused, reason(CheckId::Control, "reason_online")])
                    .or("change_world")
            }
            Some(Control::Offline) => {
                verdict(Side::Yours, Place::Network, 0.9, vec![refused, reason(CheckId::Control, "reason_control_offline")])
                    .or("change_control")
            }
            _ => unclear(0.5, vec![refused]).or("change_control"),
        }
    }
}
