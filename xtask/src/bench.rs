//! Measurements, printed as the tables of docs/benchmarks.md. Nothing here judges: budgets that a build must keep are tests.

mod fingerprint;
mod sizes;

use crate::build::{self, Profile};
use crate::place::Place;
use crate::process::{self, Outcome};
use crate::setup::{self, Needs};

/// How the command is called.
pub(crate) const USAGE: &str = "bench [fingerprint|sizes|browsers [--browser B] [--turns N]]";

/// Measures one thing, or all.
pub(crate) fn run(place: &Place, arguments: &[&str]) -> Outcome<bool> {
    match arguments {
        [] => Ok(fingerprint::measure(place)? & sizes::print(place).and_then(|()| browsers(place, &[]))?),
        ["fingerprint"] => fingerprint::measure(place),
        ["sizes"] => sizes::print(place).map(|()| true),
        ["browsers", rest @ ..] => browsers(place, rest),
        _ => Err(format!("cargo xtask {USAGE}")),
    }
}

/// Hands over to the program that loads pages in browsers with the extension and without.
fn browsers(place: &Place, arguments: &[&str]) -> Outcome<bool> {
    let tools = setup::prepare(place, &Needs::browsers())?;
    build::extension(place, &tools, Profile::Release)?;
    let mut command = tools.command(place, "cargo");
    command.args(["run", "--quiet", "--package", "faultline-tests", "--", "measure"]).args(arguments);
    process::ends_well(&mut command)
}
