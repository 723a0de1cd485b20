//! The test that runs: what is off next, and what came of it.

use serde::{Deserialize, Serialize};

use super::search::{Finding, Load, Off, search};
use super::suspect::{Extension, Lineup, Suspect};
use super::weigh::compare;
use super::{Do, Ending, LOAD_MS, Loaded, SETTLE_MS, STILL_MS, Target, Trials, Tried};
use crate::event::{Millis, TabId};
use crate::terms::Outcome;

/// A test under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub(super) target: Target,
    pub(super) began: Millis,
    /// When the last thing that showed it was closed.
    pub(super) unwatched: Option<Millis>,
    suspects: Vec<Suspect>,
    /// Those that cannot be turned off.
    fixed: Vec<String>,
    loads: Vec<Load>,
    /// What is off now.
    off: Off,
    /// What shall be off for the next load.
    goal: Off,
    step: Step,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Step {
    /// The browser lists the extensions.
    Looking,
    /// The ledger is being written; these switches come next.
    Noting(Vec<(String, bool)>),
    /// These are being switched.
    Switching(Vec<String>),
    /// The ledger is brought down to what is off.
    Settling,
    /// The page loads.
    Loading { until: Millis },
    /// It has failed, and has until then to try again by itself.
    Failed { until: Millis },
}

impl Run {
    pub(super) fn new(target: Target, at: Millis) -> Self {
        let (suspects, fixed, loads) = (Vec::new(), Vec::new(), Vec::new());
        Self { target, began: at, unwatched: None, suspects, fixed, loads, off: 0, goal: 0, step: Step::Looking }
    }

    /// How often the page has been loaded.
    #[must_use]
    pub fn count(&self) -> u8 {
        u8::try_from(self.loads.len()).unwrap_or(u8::MAX)
    }

    /// How many loads it takes, about.
    #[must_use]
    pub fn expected(&self) -> u32 {
        let lineup = Lineup { suspects: self.suspects.clone(), fixed: Vec::new() };
        lineup.loads().max(u32::from(self.count()) + 1)
    }

    /// How many suspects there are.
    #[must_use]
    pub fn suspects(&self) -> usize {
        self.suspects.len()
    }

    /// How many are off for the load that is under way.
    #[must_use]
    pub fn off(&self) -> u32 {
        self.goal.count_ones()
    }

    pub(super) fn moved(&mut self, at: Millis, tab: TabId) -> Vec<Do> {
        if tab != self.target.tab || !matches!(self.step, Step::Loading { .. } | Step::Failed { .. }) {
            return Vec::new();
        }
        self.step = Step::Loading { until: at + LOAD_MS };
        vec![Do::Wake(at + LOAD_MS)]
    }

    pub(super) fn is_due(&self, at: Millis) -> bool {
        matches!(self.step, Step::Loading { until } | Step::Failed { until } if at >= until)
    }

    fn ids(&self, set: Off) -> Vec<String> {
        self.of(set).into_iter().map(|s| s.id).collect()
    }

    fn of(&self, set: Off) -> Vec<Suspect> {
        self.suspects.iter().enumerate().filter(|(n, _)| set & (1 << n) != 0).map(|(_, s)| s.clone()).collect()
    }
}

impl Trials {
    /// The list is there: see that nobody else has changed anything, and write down what will be off.
    pub(super) fn arrange(&mut self, at: Millis, list: Option<&[Extension]>) -> Vec<Do> {
        let Some(run) = self.run.as_mut().filter(|r| r.step == Step::Looking) else { return Vec::new() };
        let Some(list) = list else { return self.end_now(at, Ending::Trouble) };
        if run.loads.is_empty() {
            Lineup { suspects: run.suspects, fixed: run.fixed } = Lineup::of(list, &self.own, &[], &run.target.url);
            match search(run.suspects.len(), &[]) {
                Err(goal) if goal != 0 => run.goal = goal,
                _ => return self.end_now(at, Ending::Nobody),
            }
        } else {
            let is_on = |id: &str| list.iter().find(|e| e.id == id).map(|e| e.enabled);
            let as_left = |(n, s): (usize, &Suspect)| is_on(&s.id) == Some(run.off & (1 << n) == 0);
            if !run.suspects.iter().enumerate().all(as_left) {
                // What somebody else has turned off is his, and never to be turned on by us.
                let ours = run.ids(run.off);
                self.ledger.retain(|id| ours.contains(id));
                self.kept.retain(|id| ours.contains(id) || is_on(id) == Some(true));
                return self.end_now(at, Ending::Disturbed);
            }
        }
        let on = run.ids(run.off & !run.goal).into_iter().map(|id| (id, true));
        let switches: Vec<_> = run.ids(run.goal & !run.off).into_iter().map(|id| (id, false)).chain(on).collect();
        let ledger = run.ids(run.goal | run.off);
        run.step = Step::Noting(switches);
        self.note(ledger)
    }

    fn note(&mut self, ledger: Vec<String>) -> Vec<Do> {
        self.noting.clone_from(&ledger);
        // Until it is known to be written, both may be what lasts.
        for id in &ledger {
            for page in [&mut self.ledger, &mut self.kept] {
                if !page.contains(id) {
                    page.push(id.clone());
                }
            }
        }
        vec![Do::Note { off: ledger, kept: self.kept.clone() }, Do::Show]
    }

    pub(super) fn noted(&mut self, at: Millis, ok: bool) -> Vec<Do> {
        let Some(run) = &mut self.run else { return self.noted_back(at, ok) };
        if !ok {
            return self.end_now(at, Ending::Trouble);
        }
        self.ledger = core::mem::take(&mut self.noting);
        match core::mem::replace(&mut run.step, Step::Settling) {
            Step::Noting(switches) if !switches.is_empty() => {
                run.step = Step::Switching(switches.iter().map(|(id, _)| id.clone()).collect());
                switches.into_iter().map(|(id, on)| Do::Switch { id, on }).collect()
            }
            Step::Noting(_) | Step::Settling => {
                run.off = run.goal;
                run.step = Step::Loading { until: at + LOAD_MS };
                let load = Do::Load { tab: run.target.tab, url: run.target.url.clone() };
                vec![load, Do::Wake(at + LOAD_MS), Do::Show]
            }
            other => {
                run.step = other;
                Vec::new()
            }
        }
    }

    pub(super) fn switched(&mut self, at: Millis, id: &str, ok: bool) -> Vec<Do> {
        let Some(run) = &mut self.run else { return self.switched_back(id) };
        let Step::Switching(left) = &mut run.step else { return Vec::new() };
        left.retain(|l| l != id);
        let done = left.is_empty();
        if !ok {
            return self.end_now(at, Ending::Trouble);
        }
        if !done {
            return Vec::new();
        }
        run.off = run.goal;
        run.step = Step::Settling;
        let ledger = run.ids(run.off);
        self.note(ledger)
    }

    pub(super) fn loaded(&mut self, at: Millis, tab: TabId, loaded: &Loaded) -> Vec<Do> {
        let Some(run) = self.run.as_mut().filter(|r| r.target.tab == tab) else { return Vec::new() };
        if !matches!(run.step, Step::Loading { .. } | Step::Failed { .. }) {
            return Vec::new();
        }
        match compare(&run.target, loaded) {
            Outcome::OtherError => self.end_now(at, Ending::Differs(loaded.status)),
            Outcome::Works => self.settled(at, true),
            _ => {
                let until = at + if loaded.still { STILL_MS } else { SETTLE_MS };
                run.step = Step::Failed { until };
                vec![Do::Wake(until)]
            }
        }
    }

    /// This load has come to its end.
    pub(super) fn settled(&mut self, at: Millis, works: bool) -> Vec<Do> {
        let Some(run) = &mut self.run else { return Vec::new() };
        run.loads.push(Load { off: run.off, works });
        match search(run.suspects.len(), &run.loads) {
            Err(goal) => {
                run.goal = goal;
                run.step = Step::Looking;
                vec![Do::Look, Do::Show]
            }
            Ok(finding) => {
                let mut tried = Tried::plain(Ending::Unsteady, run.count());
                tried.ending = match finding {
                    Finding::Culprits { off, with } => {
                        (tried.culprits, tried.with) = (run.of(off), run.of(with));
                        Ending::Culprits
                    }
                    Finding::NoneOfThem => {
                        tried.untested.clone_from(&run.fixed);
                        Ending::NoneOfThem
                    }
                    Finding::Recovered => Ending::Recovered,
                    Finding::Unsteady => Ending::Unsteady,
                };
                self.end(at, tried)
            }
        }
    }

    pub(super) fn end_now(&mut self, at: Millis, ending: Ending) -> Vec<Do> {
        let loads = self.run.as_ref().map_or(0, Run::count);
        self.end(at, Tried::plain(ending, loads))
    }
}
