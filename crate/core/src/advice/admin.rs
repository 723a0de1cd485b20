//! Where whoever runs the site looks first. Only what fits the failing hop and what happened there, and in an order that
//! finds the cause soonest: the log that names it, what stands behind, what commonly breaks so, whom to ask.
//!
//! Logs and time limits are facts of products, not sentences: they come from `extension/runbook.json` by
//! [`Speaker::fact`], are the same in every language, and cost the WebAssembly nothing.

use crate::case::Case;
use crate::redact::Safe;
use crate::terms::{FailureKind as Kind, Place, Role, Side};
use crate::words::{Speaker, Word};

/// Most programs behind the failing hop whose logs are named.
const MAX_RELAYS: usize = 2;

/// Below this the failure kind is a guess, and is said to be one.
const LIKELY: f32 = 0.7;

/// The sentences, already cleaned. Empty where it is over and never was the site.
#[must_use]
pub fn admin(case: &Case, speaker: &dyn Speaker) -> Vec<Safe> {
    let mut look = Look { case, speaker, out: Vec::new() };
    match case.verdict.side {
        Side::Site => {
            look.kind();
            look.logs();
            look.behind();
            look.usual_causes();
            look.limits();
        }
        // What it was is over. The logs still have it.
        Side::Passed if look.came_from_the_site() => {
            look.logs();
            look.behind();
        }
        Side::Passed => return Vec::new(),
        // Nobody is sent to mend what may not be broken: whether the request came this far tells whose it is.
        Side::Yours | Side::Unclear => {
            look.tell("look_line", look.around("request"));
            if case.verdict.side == Side::Unclear && look.came_from_the_site() {
                look.logs();
            }
            return look.out;
        }
    }
    look.others();
    look.out
}

struct Look<'a> {
    case: &'a Case,
    speaker: &'a dyn Speaker,
    out: Vec<Safe>,
}

impl Look<'_> {
    fn push(&mut self, word: &Word) {
        self.out.push(Safe::word(word, self.speaker));
    }

    /// The sentence with this fact in it, where there is one.
    fn tell(&mut self, key: &'static str, fact: Option<String>) {
        if let Some(fact) = fact {
            self.push(&Word::new(key).with(fact));
        }
    }

    /// A fact of a product, or of the one that it is like: `openresty` logs as `nginx` does.
    fn fact(&self, product: &str, name: &str) -> Option<String> {
        let like = self.speaker.fact(product, "like");
        self.speaker.fact(product, name).or_else(|| self.speaker.fact(&like?, name))
    }

    /// A fact of what runs around the failing hop: of its family where it has one (a Windows machine, a cluster), else of
    /// what is usual behind a gateway. None where that says that there is nothing of the kind.
    fn around(&self, name: &str) -> Option<String> {
        let family = self.products().find_map(|id| self.fact(id, "family"));
        let own = family.and_then(|family| self.speaker.fact(&family, name));
        own.or_else(|| self.speaker.fact("behind", name)).filter(|fact| !fact.is_empty())
    }

    /// The product that wrote the page, and those that the response names besides it.
    fn products(&self) -> impl Iterator<Item = &str> {
        let reading = &self.case.reading;
        let relays = reading.relays.iter().filter_map(|r| r.id.as_deref());
        reading.producer.iter().map(|p| p.id.as_str()).chain(relays)
    }

    fn came_from_the_site(&self) -> bool {
        let (visit, producer) = (&self.case.visit, &self.case.reading.producer);
        !visit.from_cache && !visit.from_service_worker && producer.as_ref().is_none_or(|p| !p.role.is_on_visitors_side())
    }

    fn kind(&mut self) {
        if self.case.is_unreached() {
            self.push(&Word::new("admin_no_connection"));
        } else {
            let kind = self.case.kind();
            let key = format!("admin_{}", kind.as_str().replace('-', "_"));
            self.push(&Word::new(key));
            if kind != Kind::Unknown && self.case.reading.failure.confidence < LIKELY {
                self.push(&Word::new("admin_likely"));
            }
        }
        if self.case.verdict.place == Place::Page {
            self.push(&Word::new("admin_page"));
        }
    }

    /// The log of the product that wrote the page, and of those that the response names besides it.
    fn logs(&mut self) {
        let reading = &self.case.reading;
        let producer = reading.producer.as_ref().map(|p| (p.id.clone(), p.name.clone()));
        let first = producer.as_ref().map(|(id, _)| id.clone());
        let relays = reading.relays.iter().filter_map(|r| Some((r.id.clone()?, r.name.clone())));
        let relays = relays.filter(|(id, _)| Some(id) != first.as_ref()).take(MAX_RELAYS);
        let hops: Vec<_> = producer.into_iter().chain(relays).collect();
        let known = hops.iter().filter(|(id, name)| self.log(id, name)).count();
        if known == 0 && self.case.kind() != Kind::Maintenance {
            self.push(&Word::new("look_any_log"));
        }
        if !reading.references.is_empty() {
            self.push(&Word::new("admin_references"));
        }
    }

    fn log(&mut self, id: &str, name: &str) -> bool {
        // What is off on purpose stands in no log.
        if self.case.kind() == Kind::Maintenance {
            self.tell("look_line", self.fact(id, Kind::Maintenance.as_str()));
            return false;
        }
        let Some(log) = self.fact(id, "log") else { return false };
        let word = Word::new("look_log").with(name).with(log);
        self.push(&word);
        self.tell("look_line", self.fact(id, self.case.kind().as_str()));
        true
    }

    /// What commonly runs behind a gateway, and what it writes when it is the cause.
    fn behind(&mut self) {
        let app = self.case.verdict.place != Place::Edge && !self.case.is_unreached();
        self.tell("look_behind", self.around(self.case.kind().as_str()).filter(|_| app));
    }

    fn usual_causes(&mut self) {
        let kind = self.case.kind();
        let edge = self.case.reading.producer.as_ref().filter(|p| matches!(p.role, Role::Cdn | Role::Waf));
        if let Some(edge) = edge.filter(|_| !matches!(kind, Kind::Maintenance | Kind::RateLimited | Kind::AppError)) {
            let name = edge.name.clone();
            self.push(&Word::new("look_edge").with(name));
        }
        // Each with what it is called, or how it is looked at, there.
        for (kinds, key, name) in [
            (&[Kind::Refused, Kind::NoBackend, Kind::InvalidResponse][..], "look_address", "listens"),
            (&[Kind::Refused, Kind::Timeout, Kind::Blocked], "look_firewall", "firewall"),
            (&[Kind::Refused, Kind::Reset, Kind::Overloaded, Kind::NoBackend], "look_memory", "memory"),
        ] {
            self.tell(key, self.around(name).filter(|_| kinds.contains(&kind)));
        }
        if matches!(kind, Kind::Timeout | Kind::Overloaded | Kind::RateLimited) {
            self.push(&Word::new("look_workers"));
        }
        let asks_others = matches!(kind, Kind::Timeout | Kind::Overloaded | Kind::AppError);
        self.tell("look_database", self.around("databases").filter(|_| asks_others));
        self.extensions_of_the_site();
    }

    /// Plug-ins and themes, where it is known that there are some, or where only the application fails.
    fn extensions_of_the_site(&mut self) {
        if matches!(self.case.kind(), Kind::Maintenance | Kind::RateLimited | Kind::Blocked) {
            return;
        }
        let usual = self.case.kind() == Kind::AppError || self.case.verdict.place == Place::Page;
        let known = self.products().find_map(|id| self.fact(id, "plugins"));
        self.tell("look_plugins", known.or_else(|| self.around("plugins").filter(|_| usual)));
    }

    /// Time limits that must agree along the chain, where time ran out.
    fn limits(&mut self) {
        if self.case.kind() != Kind::Timeout {
            return;
        }
        if !self.case.is_unreached() {
            self.push(&Word::new("look_limits"));
        }
        let producer = self.case.reading.producer.as_ref();
        if let Some((p, limits)) = producer.and_then(|p| Some((p, self.fact(&p.id, "limits")?))) {
            self.push(&Word::new("look_limits_of").with(p.name.clone()).with(limits));
        }
    }

    fn others(&mut self) {
        self.push(&Word::new("look_changes"));
        self.push(&Word::new("look_support"));
    }
}
