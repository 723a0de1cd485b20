//! The checks of a case: asked, or ended, and how.

use serde::{Deserialize, Serialize};

use crate::event::Millis;
use crate::terms::{CheckId, Outcome};
use crate::words::Word;

/// The checks of a case in the order of [`CheckId`]. A dozen at most, so a list is smaller than a tree, and as quick.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Checks(Vec<(CheckId, Check)>);

impl Checks {
    /// The check with this id.
    #[must_use]
    pub fn get(&self, id: CheckId) -> Option<&Check> {
        self.iter().find(|(have, _)| *have == id).map(|(_, check)| check)
    }

    /// Puts `check` in the place of what was there.
    pub fn insert(&mut self, id: CheckId, check: Check) {
        self.remove(id);
        let at = self.0.iter().position(|(have, _)| *have > id).unwrap_or(self.0.len());
        self.0.insert(at, (id, check));
    }

    /// Each check once, and in order: what was saved may be broken, and the second of a kind would never be answered.
    pub fn mend(&mut self) {
        for (id, check) in core::mem::take(&mut self.0) {
            if self.get(id).is_none() {
                self.insert(id, check);
            }
        }
    }

    /// Takes the check away.
    pub fn remove(&mut self, id: CheckId) {
        self.0.retain(|(have, _)| *have != id);
    }

    /// Takes every check away.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// All of them in order.
    pub fn iter(&self) -> impl Iterator<Item = (CheckId, &Check)> {
        self.0.iter().map(|(id, check)| (*id, check))
    }
}

/// One check of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Check {
    /// Asked; the answer is under way. This is the record of pending work.
    Asked {
        /// Which try, from 1.
        attempt: u8,
        /// When.
        at: Millis,
        /// What came of asking it before: some are asked more than once.
        earlier: Option<Box<Answer>>,
    },
    /// Ended.
    Ended(Answer),
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The outcome.
    pub outcome: Outcome,
    /// Status code of the answer, where there was one.
    pub status: Option<u16>,
    /// Milliseconds to the answer's header.
    pub ms: Option<u32>,
    /// Why it was left out, or what was seen.
    pub why: Option<Word>,
    /// Producer of the answer, by rule id.
    pub producer: Option<String>,
    /// The browser's own name for the error.
    pub error: Option<String>,
    /// Address that answered.
    pub address: Option<String>,
    /// For the control: what its answer means.
    pub control: Option<Control>,
    /// How long the site asks to wait in this answer, in seconds.
    pub wait_s: Option<u32>,
    /// What a failing answer looks like, without what differs from host to host and from one time to the next.
    pub mark: Option<u32>,
    /// Whether it was a copy that a cache before the site keeps for everybody, by its own word: nobody behind it was asked.
    pub stored: bool,
    /// Whether its connection stays open, so that a next request may take it, and meet the same server.
    pub kept: bool,
    /// Whether the browser says that a proxy was used.
    pub proxied: bool,
    /// Whether a name of the internet was answered from this computer or the local network.
    pub near: bool,
    /// How often it was asked and answered.
    pub tries: u8,
    /// How many of those answers were failures.
    pub fails: u8,
    /// When it was asked, the last time; none for what needed no request.
    pub asked: Option<Millis>,
}

impl Answer {
    /// An outcome that needs no request.
    #[must_use]
    pub fn plain(outcome: Outcome, why: Word) -> Self {
        Self {
            outcome,
            status: None,
            ms: None,
            why: Some(why),
            producer: None,
            error: None,
            address: None,
            control: None,
            wait_s: None,
            mark: None,
            stored: false,
            kept: false,
            proxied: false,
            near: false,
            tries: 0,
            fails: 0,
            asked: None,
        }
    }

    /// Whether the server itself failed in its answer.
    #[must_use]
    pub fn fails(&self) -> bool {
        let failed =
            self.outcome == Outcome::Same || (self.outcome == Outcome::OtherError && self.status.is_some_and(|s| s >= 500));
        failed && !self.is_challenge()
    }

    /// Whether it is a page of the site as it is now: no copy that a cache has kept, and no way elsewhere.
    #[must_use]
    pub fn is_page(&self) -> bool {
        self.outcome == Outcome::Works && self.status.is_some_and(|s| s < 300) && !self.stored
    }

    /// Whether it failed at least once, or nobody answered.
    #[must_use]
    pub fn breaks(&self) -> bool {
        self.fails > 0 || self.fails() || matches!(self.outcome, Outcome::Silent | Outcome::Refused)
    }

    /// Whether the site sent the question away instead of answering it: too many, not now, or not without a proof.
    #[must_use]
    pub fn is_turned_away(&self) -> bool {
        self.status == Some(429) || (self.outcome == Outcome::OtherError && self.wait_s.is_some()) || self.is_challenge()
    }

    /// Whether the site asked for a proof that a browser or a person asks, in place of the page.
    #[must_use]
    pub fn is_challenge(&self) -> bool {
        self.why.as_ref().is_some_and(|word| word.key == "why_challenge")
    }

    /// Whether it failed each time, or worked each time: neither is known of a check that was left out.
    #[must_use]
    pub const fn is_steady(&self) -> bool {
        self.fails == 0 || self.fails >= self.tries
    }

    /// This answer together with those that came before it; the failure among them is the one to show.
    #[must_use]
    pub fn after(self, earlier: Option<Self>) -> Self {
        let Some(earlier) = earlier else { return self };
        let (tries, fails) = (self.tries.saturating_add(earlier.tries), self.fails.saturating_add(earlier.fails));
        let shown = if self.outcome == Outcome::Skipped || (earlier.fails > 0 && self.fails == 0) { earlier } else { self };
        Self { tries, fails, ..shown }
    }
}

/// What the answer of a connectivity endpoint means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Control {
    /// Its genuine answer.
    Online,
    /// Somebody else answered in its place: a proxy, a filter, a wrong address.
    Hijacked,
    /// A network that wants a log-in first answered in its place.
    Portal,
    /// No way there.
    Offline,
    /// It answered, but not in a way that proves anything.
    Unusable,
}
