//! The soak: thousands of navigations of every kind in a real browser, and a count of every popup that came.
//!
//! A seed decides which kinds come in which order, so that a run that went wrong can be had again. What must come of a navigation is known
//! before it begins: no popup, or one, over the page that failed. The popups are counted by the browser itself as they open, so that one that
//! shows up late, for a moment, or over another tab counts too; and the numbers of the cases leave no gap, so that a case that nobody saw
//! counts as well.

mod chance;
mod kinds;
mod site;
mod tally;
mod walk;

pub use chance::Chance;
pub use kinds::KINDS;
pub use tally::Tally;

use crate::browser::Kind;
use walk::Walk;

/// Walks `steps` steps in a browser of this kind, on a screen that nobody sees, and counts. With names of kinds, and ` + ` between
/// them: those in turns.
///
/// # Panics
/// When browser or driver does not do what it is told: with the step at which it was.
#[must_use]
pub fn soak(kind: Kind, seed: u64, steps: u32, only: Option<&str>) -> Tally {
    let mut walk = Walk::begin(kind);
    let mut chance = Chance::of(seed);
    let plan = kinds::plan(&mut chance, usize::try_from(steps).unwrap_or_default(), only);
    for (step, errand) in (1..).zip(plan) {
        walk.go(step, errand, &mut chance);
    }
    walk.end(steps)
}
