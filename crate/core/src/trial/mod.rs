//! Really off: the page once more without the visitor's other extensions, and which one breaks it.
//!
//! ```text
//!  Wanted ──▶ offer: list on screen ──Begin──▶ run ─┐ Look ─▶ Note (what will be off) ─▶ Switch ─▶ Note (what is off)
//!                                     ▲             │   ▲                                              │
//!             another run: it waits ──┘             │   └── search: the next set ◀── settled ◀── Load ◀┘
//!                                                   ▼ the finding, or Cancel, Left, time, trouble
//!  ended ◀── Note (nothing) ◀── all on: Look ◀── Switch on ◀── Look: back
//! ```
//!
//! The promise: nothing that was on stays off, and nothing that was off gets on, whatever dies in between. So what is to
//! be off is in the ledger, which the shell writes down *before* anything is switched; and whoever finds a ledger and no
//! run ([`Told::Woke`]) puts back what is in it. One run at a time: extensions are the same in all windows.
//!
//! The ledger has two pages, since a browser that is killed forgets what it did in its last seconds. `ledger` is what is off
//! now, and lives as long as the browser. `kept` is what may be off on its disk: everything that was off in the last
//! [`KEPT_MS`], so it never gets shorter during a run, and lasts beyond the browser.
//!
//! Pure like the desk: what happened comes in with its time, what is to be done goes out.

mod back;
mod beside;
mod run;
mod search;
mod suspect;
mod told;
mod weigh;

use serde::{Deserialize, Serialize};

use crate::event::{CaseId, Millis};

pub use back::Back;
pub use beside::Beside;
pub use run::Run;
pub use search::{Finding, Load, MAX_LOADS, MAX_SUSPECTS, Off, search};
pub use suspect::{Extension, Lineup, Power, Suspect};
pub use told::{Do, Loaded, Target, Told};
pub use weigh::{answer, compare, unnamed, weigh};

/// Everything is on again within this time after the start, in milliseconds.
pub const MAX_MS: Millis = 180_000;

/// Kept of it for putting back.
const RESERVE_MS: Millis = 15_000;

/// Chromium writes down within 10 s what is on and what is off. After twice that, the disk says what is true.
pub const KEPT_MS: Millis = 20_000;

/// One load may take so long; silence counts as a failure, as a gateway's 504 would.
pub const LOAD_MS: Millis = 30_000;

/// A failed page gets this time to mend itself: some answer 503 once, with a script that gets the visitor in.
pub const SETTLE_MS: Millis = 2_500;

/// And this one in which there is nothing that could: a redirect by header is under way by then.
const STILL_MS: Millis = 300;

/// Popup and details page may be away so long (one that is connected anew) before the run counts as walked away from.
pub const UNWATCHED_MS: Millis = 2_000;

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// Somebody is found.
    Culprits,
    /// The page fails without any of them.
    NoneOfThem,
    /// The page works with all of them.
    Recovered,
    /// The answers contradict each other.
    Unsteady,
    /// The page answered something that is neither the failure nor the page.
    Differs(u16),
    /// There is no other extension that could be turned off.
    Nobody,
    /// The visitor stopped it.
    Cancelled,
    /// The visitor went elsewhere in that tab, or closed it.
    Left,
    /// Popup and details page were closed.
    Unwatched,
    /// It took too long.
    TimeUp,
    /// Somebody else turned extensions on or off meanwhile.
    Disturbed,
    /// The browser did not do what was asked.
    Trouble,
    /// The background was stopped in the middle.
    Interrupted,
}

/// What a test has brought to light.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// How it ended.
    pub ending: Ending,
    /// All of these have to be off for the page to work.
    pub culprits: Vec<Suspect>,
    /// These break it only together with the former.
    pub with: Vec<Suspect>,
    /// Names of those that a policy keeps on, where the page failed without all others: it may be one of them.
    pub untested: Vec<String>,
    /// How often the page was loaded.
    pub loads: u8,
}

impl Tried {
    /// An ending without a finding.
    #[must_use]
    pub const fn plain(ending: Ending, loads: u8) -> Self {
        Self { ending, culprits: Vec::new(), with: Vec::new(), untested: Vec::new(), loads }
    }
}

/// A test that was asked for and has not begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    target: Target,
    /// None until the browser has listed them.
    lineup: Option<Lineup>,
    /// The visitor has started it, and another one runs.
    waits: bool,
}

/// How things stand for one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand<'a> {
    /// Nobody has asked for the test.
    Idle,
    /// The permission is being asked for, or the list made.
    Asking,
    /// The list is on screen.
    Offered(&'a Lineup),
    /// Started, while another one runs.
    Waiting,
    /// It runs.
    Running(&'a Run),
    /// Everything is being put back.
    PuttingBack,
    /// It has ended without evidence for the case.
    Ended(Ending),
}

/// Every test: at most one that runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trials {
    /// The id of this extension, which is never a suspect.
    own: String,
    offers: Vec<Offer>,
    run: Option<Run>,
    back: Option<Back>,
    /// What is written down as off through us now. Always more than what is off, never less.
    ledger: Vec<String>,
    /// What is being written in its place.
    noting: Vec<String>,
    /// What the browser's disk may say is off through us, though it be on by now.
    kept: Vec<String>,
    /// When the disk is right again, once nothing is off.
    kept_until: Option<Millis>,
    ended: Option<(Option<CaseId>, Ending)>,
    /// Whether a popup or details page is open.
    watched: bool,
    besides: Vec<(CaseId, Beside)>,
}

impl Trials {
    /// No test at all.
    #[must_use]
    pub fn new(own: String) -> Self {
        Self { own, ..Self::default() }
    }

    /// Takes in what happened at `at`. Total like the desk.
    pub fn handle(&mut self, at: Millis, told: Told) -> Vec<Do> {
        match told {
            Told::Wanted { target, granted } => self.wanted(*target, granted),
            Told::Granted => self.granted(),
            Told::Refused { case } => self.forget(|o| o.target.case == case && o.lineup.is_none()),
            Told::Withdrawn => {
                let shown = self.forget(|_| true);
                shown.into_iter().chain(self.end_if(at, Ending::Trouble, |_| true)).collect()
            }
            Told::Begin { case } => self.begin(at, case),
            Told::Cancel { case } => {
                let shown = self.forget(|o| o.target.case == case);
                shown.into_iter().chain(self.end_if(at, Ending::Cancelled, |t| t.case == case)).collect()
            }
            Told::Listed(list) => self.listed(at, list),
            Told::Noted(ok) => self.noted(at, ok),
            Told::Switched { id, ok } => self.switched(at, &id, ok),
            Told::Moved { tab, ours: false } => self.end_if(at, Ending::Left, |t| t.tab == tab),
            Told::Moved { tab, ours: true } => self.run.as_mut().map_or_else(Vec::new, |run| run.moved(at, tab)),
            Told::Loaded { tab, loaded } => self.loaded(at, tab, &loaded),
            Told::Closed { tab } => {
                let shown = self.forget(|o| o.target.tab == tab);
                shown.into_iter().chain(self.end_if(at, Ending::Left, |t| t.tab == tab)).collect()
            }
            Told::Watched(on) => self.watched(at, on),
            Told::Keep { ids } => self.keep(&ids),
            Told::Woke { off, kept } => self.woke(at, off, kept),
            Told::Tick => self.tick(at),
        }
    }

    /// How things stand for `case`.
    #[must_use]
    pub fn stand(&self, case: CaseId) -> Stand<'_> {
        if let Some(run) = self.run.as_ref().filter(|r| r.target.case == case) {
            return Stand::Running(run);
        }
        if self.back.as_ref().is_some_and(|b| b.is_for(case)) {
            return Stand::PuttingBack;
        }
        match self.offers.iter().find(|o| o.target.case == case) {
            Some(Offer { waits: true, .. }) => Stand::Waiting,
            Some(Offer { lineup: Some(lineup), .. }) => Stand::Offered(lineup),
            Some(_) => Stand::Asking,
            None => match self.ended {
                Some((of, ending)) if of.is_none_or(|c| c == case) => Stand::Ended(ending),
                _ => Stand::Idle,
            },
        }
    }

    /// How many extensions are, or may still be, off through us.
    #[must_use]
    pub fn off(&self) -> usize {
        self.ledger.len()
    }

    /// Whether putting back has failed and waits for another try, or for the permission.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.back.as_ref().is_some_and(Back::is_stuck)
    }

    /// The page that is tested now: loads in its tab belong to the test and to no case.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        self.run.as_ref().map(|r| &r.target)
    }

    /// What is under way in a private window for `case`.
    #[must_use]
    pub fn beside(&self, case: CaseId) -> Option<Beside> {
        self.besides.iter().find(|(of, _)| *of == case).map(|(_, beside)| *beside)
    }

    /// Sets it; none when it has ended.
    pub fn set_beside(&mut self, case: CaseId, beside: Option<Beside>) {
        self.besides.retain(|(of, _)| *of != case);
        self.besides.extend(beside.map(|b| (case, b)));
    }

    /// Whether something is under way that the background has to stay awake for.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        // An offer is nowhere written down: a visitor who reads it for long would see it go.
        let is_read = self.watched && !self.offers.is_empty();
        is_read || self.run.is_some() || self.back.as_ref().is_some_and(|b| !b.is_stuck())
    }

    /// Whether there is anything to keep the background's time for at all.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.run.is_none() && self.back.is_none()
    }

    /// What was found stays off, by the visitor's own wish: from here on it is no business of the ledger.
    fn keep(&mut self, ids: &[String]) -> Vec<Do> {
        if !self.is_idle() {
            return Vec::new();
        }
        self.kept.retain(|id| !ids.contains(id));
        let note = Do::Note { off: Vec::new(), kept: self.kept.clone() };
        let off = ids.iter().map(|id| Do::Switch { id: id.clone(), on: false });
        core::iter::once(note).chain(off).collect()
    }

    fn wanted(&mut self, target: Target, granted: bool) -> Vec<Do> {
        if !matches!(self.stand(target.case), Stand::Idle | Stand::Ended(_) | Stand::Asking | Stand::Offered(_)) {
            return Vec::new();
        }
        self.ended = None;
        self.offers.retain(|o| o.target.case != target.case);
        self.offers.push(Offer { target, lineup: None, waits: false });
        if granted { vec![Do::Look, Do::Show] } else { vec![Do::Show] }
    }

    fn granted(&mut self) -> Vec<Do> {
        let stuck = self.back.as_mut().is_some_and(Back::try_again);
        let wanted = self.offers.iter().any(|o| o.lineup.is_none());
        if stuck || wanted { vec![Do::Look] } else { Vec::new() }
    }

    fn begin(&mut self, at: Millis, case: CaseId) -> Vec<Do> {
        let Some(n) = self.offers.iter().position(|o| o.target.case == case && o.lineup.is_some()) else { return Vec::new() };
        if let Some(offer) = self.offers.get_mut(n) {
            offer.waits = true;
        }
        let mut todo = vec![Do::Show];
        todo.extend(self.next(at));
        todo
    }

    /// Starts the first of those that wait, if nothing runs.
    fn next(&mut self, at: Millis) -> Vec<Do> {
        if !self.is_idle() {
            return Vec::new();
        }
        let Some(n) = self.offers.iter().position(|o| o.waits) else { return Vec::new() };
        self.run = Some(Run::new(self.offers.remove(n).target, at));
        vec![Do::Wake(at + MAX_MS - RESERVE_MS), Do::Look, Do::Show]
    }

    /// Drops offers that have not begun.
    fn forget(&mut self, which: impl Fn(&Offer) -> bool) -> Vec<Do> {
        let before = self.offers.len();
        self.offers.retain(|o| !which(o));
        if self.offers.len() < before { vec![Do::Show] } else { Vec::new() }
    }

    fn watched(&mut self, at: Millis, on: bool) -> Vec<Do> {
        self.watched = on;
        match self.run.as_mut() {
            Some(run) => {
                run.unwatched = (!on).then_some(at);
                if on { Vec::new() } else { vec![Do::Wake(at + UNWATCHED_MS)] }
            }
            None => Vec::new(),
        }
    }

    fn listed(&mut self, at: Millis, list: Option<Vec<Extension>>) -> Vec<Do> {
        let mut todo = Vec::new();
        if let Some(list) = &list {
            for offer in self.offers.iter_mut().filter(|o| o.lineup.is_none()) {
                offer.lineup = Some(Lineup::of(list, &self.own, &self.ledger, &offer.target.url));
                todo = vec![Do::Show];
            }
        }
        todo.extend(if self.run.is_some() { self.arrange(at, list.as_deref()) } else { self.put_back(at, list.as_deref()) });
        todo
    }

    fn tick(&mut self, at: Millis) -> Vec<Do> {
        if let Some(run) = &self.run {
            // A clock that jumps back must not keep anything off.
            if at < run.began || at - run.began >= MAX_MS - RESERVE_MS {
                return self.end(at, Tried::plain(Ending::TimeUp, run.count()));
            }
            if run.unwatched.is_some_and(|since| at.saturating_sub(since) >= UNWATCHED_MS) {
                return self.end(at, Tried::plain(Ending::Unwatched, run.count()));
            }
            return if run.is_due(at) { self.settled(at, false) } else { Vec::new() };
        }
        if self.back.as_mut().is_some_and(Back::try_again) {
            return vec![Do::Look];
        }
        if self.is_settled(at) { vec![Do::Note { off: Vec::new(), kept: Vec::new() }] } else { Vec::new() }
    }

    fn end_if(&mut self, at: Millis, ending: Ending, which: impl Fn(&Target) -> bool) -> Vec<Do> {
        match self.run.as_ref().filter(|r| which(&r.target)) {
            Some(run) => self.end(at, Tried::plain(ending, run.count())),
            None => Vec::new(),
        }
    }
}
