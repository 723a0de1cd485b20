//! Measurements, printed as the tables of docs/benchmarks.md. Nothing here judges: budgets that a build must keep are tests.

mod sizes;

use crate::place::Place;
use crate::process::Outcome;

/// How the command is called.
pub(crate) const USAGE: &str = "bench sizes";

/// Measures one thing.
pub(crate) fn run(place: &Place, arguments: &[&str]) -> Outcome<bool> {
    match arguments {
        ["sizes"] => sizes::print(place).map(|()| true),
        _ => Err(format!("cargo xtask {USAGE}")),
    }
}
