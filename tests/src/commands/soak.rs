//! The soak: navigations of every kind from a seed, and every popup counted.
//!
//! `cargo run -p faultline-tests -- soak [--browser chromium|firefox] [--seed N] [--steps N] [--only "a kind of step"]`
//!
//! Without a browser, both. Many steps are walked in rounds, each with a new browser and the next seed: each says at once what came of it, one that
//! goes wrong or breaks off stops none of the others, and what was interrupted goes on with the seed of the next round. Ends with 1 when a popup
//! came that must not, one did not come that must, or a round broke off, and with 2 when it does not know its arguments.

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::Instant;

use faultline_tests::browser::Kind;
use faultline_tests::soak::{Tally, soak};

/// Steps of one round.
const ROUND: u32 = 250;

const USAGE: &str = "usage: soak [--browser chromium|firefox] [--seed N] [--steps N] [--only KIND]";

struct Options {
    kinds: Vec<Kind>,
    seed: u64,
    steps: u32,
    only: Option<String>,
}

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let Some(options) = options(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut clean = true;
    for kind in &options.kinds {
        clean &= walk(*kind, &options);
    }
    ExitCode::from(u8::from(!clean))
}

/// All rounds of a browser; whether nothing went wrong in any of them.
fn walk(kind: Kind, options: &Options) -> bool {
    let start = Instant::now();
    let (mut sum, mut broken) = (Tally::default(), Vec::new());
    let (mut seed, mut left) = (options.seed, options.steps);
    while left > 0 {
        let steps = left.min(ROUND);
        match catch_unwind(|| soak(kind, seed, steps, options.only.as_deref())) {
            Ok(tally) => {
                let how = if tally.is_clean() { "clean" } else { "WRONG" };
                println!("{kind}, seed {seed}: {steps} steps, {how}, {} s since the start", start.elapsed().as_secs());
                if !tally.is_clean() {
                    println!("{tally}");
                }
                sum.add(tally);
            }
            Err(_) => {
                println!("{kind}, seed {seed}: BROKEN OFF, {} s since the start", start.elapsed().as_secs());
                broken.push(seed);
            }
        }
        left -= steps;
        seed = seed.wrapping_add(1);
    }
    println!("{kind}, from seed {} on, {} s: {sum}rounds that broke off: {broken:?}", options.seed, start.elapsed().as_secs());
    sum.is_clean() && broken.is_empty()
}

fn options(mut args: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options { kinds: Kind::ALL.to_vec(), seed: 1, steps: 200, only: None };
    while let Some(arg) = args.next() {
        let value = args.next()?;
        match arg.as_str() {
            "--browser" => options.kinds = vec![value.parse().ok()?],
            "--seed" => options.seed = value.parse().ok()?,
            "--only" => options.only = Some(value),
            "--steps" => options.steps = value.parse().ok()?,
            _ => return None,
        }
    }
    Some(options)
}
