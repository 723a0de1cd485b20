//! Putting everything back: on every way out of a test, and after every way of dying in one.

use serde::{Deserialize, Serialize};

use super::suspect::Extension;
use super::{Do, Ending, KEPT_MS, Trials, Tried};
use crate::event::{CaseId, Millis};

/// Most tries in a row.
const MAX_TRIES: u8 = 3;

/// Pause before the next tries, in milliseconds.
const PAUSE_MS: Millis = 60_000;

/// Everything that is in the ledger is being turned on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Back {
    /// The test that has ended with it; none after the background was stopped in the middle of one.
    after: Option<(CaseId, Box<Tried>)>,
    tries: u8,
    step: Step,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Step {
    Looking,
    Switching(Vec<String>),
    /// Everything is on: the ledger is being taken away.
    Noting,
    /// It could not be done now.
    Stuck,
}

impl Back {
    pub(super) fn is_for(&self, case: CaseId) -> bool {
        self.after.as_ref().is_none_or(|(of, _)| *of == case)
    }

    pub(super) fn is_stuck(&self) -> bool {
        self.step == Step::Stuck
    }

    /// Begins anew where it was stuck.
    pub(super) fn try_again(&mut self) -> bool {
        let stuck = self.is_stuck();
        if stuck {
            (self.step, self.tries) = (Step::Looking, 0);
        }
        stuck
    }
}

impl Trials {
    /// Ends the test, and puts everything back before anybody hears of it.
    pub(super) fn end(&mut self, at: Millis, tried: Tried) -> Vec<Do> {
        let Some(run) = self.run.take() else { return Vec::new() };
        self.back = Some(Back { after: Some((run.target.case, Box::new(tried))), tries: 0, step: Step::Looking });
        if self.ledger.is_empty() { self.finish(at) } else { vec![Do::Look, Do::Show] }
    }

    pub(super) fn woke(&mut self, at: Millis, off: Option<Vec<String>>, kept: Vec<String>) -> Vec<Do> {
        if kept.is_empty() || !self.is_idle() {
            return Vec::new();
        }
        self.ledger = off.unwrap_or_else(|| kept.clone());
        self.kept = kept;
        if self.ledger.is_empty() {
            return self.settle(at);
        }
        self.back = Some(Back { after: None, tries: 0, step: Step::Looking });
        vec![Do::Wake(at + PAUSE_MS), Do::Look, Do::Show]
    }

    /// The list is there: turn on what is still off.
    pub(super) fn put_back(&mut self, at: Millis, list: Option<&[Extension]>) -> Vec<Do> {
        let Some(back) = self.back.as_mut().filter(|b| b.step == Step::Looking) else { return Vec::new() };
        let Some(list) = list else { return self.stuck(at) };
        // One that is no longer installed cannot come back.
        let off: Vec<String> = list.iter().filter(|e| !e.enabled && self.ledger.contains(&e.id)).map(|e| e.id.clone()).collect();
        if off.is_empty() {
            back.step = Step::Noting;
            return vec![Do::Note { off: Vec::new(), kept: self.kept.clone() }];
        }
        if back.tries >= MAX_TRIES {
            return self.stuck(at);
        }
        back.tries += 1;
        back.step = Step::Switching(off.clone());
        off.into_iter().map(|id| Do::Switch { id, on: true }).collect()
    }

    pub(super) fn switched_back(&mut self, id: &str) -> Vec<Do> {
        let Some(back) = &mut self.back else { return Vec::new() };
        let Step::Switching(left) = &mut back.step else { return Vec::new() };
        left.retain(|l| l != id);
        if !left.is_empty() {
            return Vec::new();
        }
        // Whether it really was, the next look tells.
        back.step = Step::Looking;
        vec![Do::Look]
    }

    pub(super) fn noted_back(&mut self, at: Millis, ok: bool) -> Vec<Do> {
        match &self.back {
            Some(Back { step: Step::Noting, .. }) if ok => {
                self.ledger.clear();
                self.finish(at)
            }
            Some(Back { step: Step::Noting, .. }) => self.stuck(at),
            None if self.is_settled(at) && ok => {
                self.kept.clear();
                self.kept_until = None;
                Vec::new()
            }
            None if self.is_settled(at) => {
                self.kept_until = Some(at + PAUSE_MS);
                vec![Do::Wake(at + PAUSE_MS)]
            }
            _ => Vec::new(),
        }
    }

    /// Nothing is off any more, which the disk will know in a while.
    fn settle(&mut self, at: Millis) -> Vec<Do> {
        if self.kept.is_empty() {
            return Vec::new();
        }
        self.kept_until = Some(at + KEPT_MS);
        vec![Do::Wake(at + KEPT_MS)]
    }

    /// Whether the disk knows by now. A clock that jumps back must not keep the ledger for ever.
    pub(super) fn is_settled(&self, at: Millis) -> bool {
        self.is_idle() && self.kept_until.is_some_and(|until| at >= until || until - at > PAUSE_MS)
    }

    fn stuck(&mut self, at: Millis) -> Vec<Do> {
        if let Some(back) = &mut self.back {
            back.step = Step::Stuck;
        }
        vec![Do::Wake(at + PAUSE_MS), Do::Show]
    }

    fn finish(&mut self, at: Millis) -> Vec<Do> {
        let after = self.back.take().and_then(|b| b.after);
        self.ended = Some((after.as_ref().map(|(case, _)| *case), after.as_ref().map_or(Ending::Interrupted, |(_, t)| t.ending)));
        let mut todo: Vec<_> = after.into_iter().map(|(case, tried)| Do::Tried { case, tried }).collect();
        todo.push(Do::Show);
        todo.extend(self.settle(at));
        todo.extend(self.next(at));
        todo
    }
}
