//! Going on after the background was stopped, and giving up what never got an answer.

use super::{Desk, LONGEST_MS, LOST_AFTER_MS, announce_once, read_command, wake_later};
use crate::case::{Case, Check, Sight};
use crate::command::Command;
use crate::event::{End, Millis, Seen};
use crate::plan;
use crate::terms::CheckId;

impl Desk {
    /// Nothing of what was asked is under way any more: ask again, or give up what was tried often enough.
    pub(super) fn woke(&mut self, at: Millis) -> Vec<Command> {
        let mut commands = Vec::new();
        let open: Vec<_> =
            self.cases.iter().filter(|c| !c.done || c.announced.is_none() || c.sight == Sight::Part).map(|c| c.id).collect();
        for id in open {
            let Some(case) = self.case_mut(id) else { continue };
            if case.shown && matches!(case.sight, Sight::Pending | Sight::Part) {
                case.read_at = at;
                commands.push(read_command(case));
            }
            if case.shown && case.announced.is_none() {
                commands.push(announce_once(case));
            }
            for (check, attempt, _) in asked(case) {
                let lost = Seen { end: End::Lost, ..Seen::default() };
                commands.extend(self.checked(at, id, check, attempt, &lost));
            }
            commands.extend(self.advance(id, at));
        }
        commands
    }

    /// Gives up what has had no answer for longer than its cap, so that no case stays open for ever.
    pub(super) fn tick(&mut self, at: Millis) -> Vec<Command> {
        let mut commands = Vec::new();
        let open: Vec<_> = self.cases.iter().filter(|c| !c.done).map(|c| c.id).collect();
        for id in open {
            let Some(case) = self.case_mut(id) else { continue };
            // Further ahead than anything takes is a clock that was set back: nobody knows how long it was, so it is over.
            let late = |at: Millis, since: Millis, cap: u32| at.abs_diff(since) > Millis::from(cap) + LOST_AFTER_MS;
            if matches!(case.sight, Sight::Pending | Sight::Part) && late(at, case.read_at, plan::SITE_CAP_MS) {
                case.sight = if case.sight == Sight::Part { Sight::Whole } else { Sight::Sealed };
                case.judge();
                commands.extend(self.advance(id, at));
            }
            let Some(case) = self.case(id) else { continue };
            for (check, attempt, asked) in asked(case).into_iter().filter(|(.., asked)| late(at, *asked, LONGEST_MS)) {
                // Silence is what a clock has seen; one that was set back has seen nothing, nor has a computer that was asleep.
                let seen = match at.checked_sub(asked) {
                    Some(late) if late < 3 * Millis::from(LONGEST_MS) => {
                        Seen { end: End::Silent, ms: Some(plan::SITE_CAP_MS), ..Seen::default() }
                    }
                    _ => Seen { end: End::Lost, ..Seen::default() },
                };
                commands.extend(self.checked(at, id, check, attempt, &seen));
            }
            if self.case(id).is_some_and(|c| !c.done) {
                commands.push(wake_later(at));
            }
        }
        commands
    }
}

/// What is under way: check, try, and when it was asked.
fn asked(case: &Case) -> Vec<(CheckId, u8, Millis)> {
    case.checks
        .iter()
        .filter_map(|(id, check)| match check {
            Check::Asked { attempt, at, .. } => Some((id, *attempt, *at)),
            Check::Ended(_) => None,
        })
        .collect()
}
