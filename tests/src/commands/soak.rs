//! The soak: navigations of every kind from a seed, and every popup counted.
//!
//! `cargo run -p faultline-tests -- soak [--browser chromium|firefox] [--seed N] [--steps N] [--only "a kind of step"]`
//!
//! Without a browser, both. Prints what was counted; ends with 1 when a popup came that must not, or one did not come that must, and with 2
//! when it does not know its arguments.

use std::process::ExitCode;
use std::time::Instant;

use faultline_tests::browser::Kind;
use faultline_tests::soak::soak;

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
    for kind in options.kinds {
        let start = Instant::now();
        let tally = soak(kind, options.seed, options.steps, options.only.as_deref());
        println!("{kind}, seed {}, {} s: {tally}", options.seed, start.elapsed().as_secs());
        clean &= tally.is_clean();
    }
    ExitCode::from(u8::from(!clean))
}

fn options(mut args: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options { kinds: Kind::ALL.to_vec(), seed: 1, steps: 200, only: None };
    while let Some(arg) = args.next() {
        let value = args.next()?;
        match arg.as_str() {
            "--browser" => options.kinds = vec![Kind::ALL.into_iter().find(|k| k.as_str() == value)?],
            "--seed" => options.seed = value.parse().ok()?,
            "--only" => options.only = Some(value),
            "--steps" => options.steps = value.parse().ok()?,
            _ => return None,
        }
    }
    Some(options)
}
