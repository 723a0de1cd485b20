//! Measures what the extension costs a visitor, and prints the tables of `docs/benchmarks.md`.
//!
//! `cargo run -p faultline-tests -- measure [--browser chromium|firefox] [--turns N]`
//!
//! Without a browser, both. Ends with 1 when a page that works has loaded the WebAssembly, and with 2 when it does not know its arguments.

use std::process::ExitCode;

use faultline_tests::browser::Kind;
use faultline_tests::measure::{Beside, Spread, ordinary, words};

const USAGE: &str = "usage: measure [--browser chromium|firefox] [--turns N]";

/// Sets of browsers that are started for each table.
const STARTS: usize = 3;

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let Some((kinds, turns)) = options(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    println!("{}\n", busy());
    println!(
        "| ordinary pages | background | n | load with nothing | with a listener | with Faultline | ratio | to the listener |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|");
    let mut woke = false;
    for (kind, cold) in both(&kinds) {
        let seen = ordinary(kind, STARTS, turns.div_ceil(STARTS), cold);
        woke |= seen.woke;
        let [nothing, listener, faultline] = seen.load.map(|spread| format!("{:.1} ({:.1})", spread.median, spread.p90));
        let [more, most] = seen.difference.map(|ms| format!("{ms:+.1}"));
        println!(
            "| {kind} | {} | {} | {nothing} | {listener} {more} | {faultline} {most} | {:.3} | {:.3} |",
            name(cold),
            seen.pages,
            seen.ratio(Beside::Nothing),
            seen.ratio(Beside::Listener)
        );
    }
    println!("\nWebAssembly on those pages: {}\n", if woke { "LOADED" } else { "never loaded" });

    println!("| failing pages | background | n | first word | popup on screen | verdict | memory before | after | held |");
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|");
    for (kind, cold) in both(&kinds) {
        let seen = words(kind, turns.div_ceil(4), cold);
        let ms = |spread: Option<Spread>| spread.map_or_else(|| "–".to_owned(), |s| format!("{:.0} ({:.0})", s.median, s.p90));
        let mb = |bytes: Option<u64>| bytes.map_or_else(|| "–".to_owned(), |b| format!("{:.1} MB", b as f64 / 1e6));
        println!(
            "| {kind} | {} | {} | {} | {} | {} | {} | {} | {} |",
            name(cold),
            seen.pages,
            ms(seen.first_word),
            ms(seen.shown),
            ms(seen.verdict),
            mb(seen.memory[0]),
            mb(seen.memory[1]),
            mb(seen.memory[2])
        );
    }
    println!("\n{}", busy());
    ExitCode::from(u8::from(woke))
}

/// How much else the machine does: a table from a busy one says little.
fn busy() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{cores} cores, load of the last minute {}", load.split(' ').next().unwrap_or("unknown"))
}

fn both(kinds: &[Kind]) -> Vec<(Kind, bool)> {
    kinds.iter().flat_map(|kind| [(*kind, false), (*kind, true)]).collect()
}

fn name(cold: bool) -> &'static str {
    if cold { "cold" } else { "warm" }
}

fn options(mut args: impl Iterator<Item = String>) -> Option<(Vec<Kind>, usize)> {
    let mut options = (Kind::ALL.to_vec(), 80);
    while let Some(arg) = args.next() {
        let value = args.next()?;
        match arg.as_str() {
            "--browser" => options.0 = vec![value.parse().ok()?],
            "--turns" => options.1 = value.parse().ok().filter(|turns| *turns > 0)?,
            _ => return None,
        }
    }
    Some(options)
}
