//! `cargo xtask test`: everything that CI runs, as stages that a person understands, the quick ones first.
//!
//! Every stage runs even when an earlier one failed, but for those that need what it makes. The last line is the sum over all tests,
//! `N passed, N failed`; a stage that failed without a failed test (formatting, a compiler's warning, a crash) counts as one failure,
//! so that nothing is wrong behind a last line that says `0 failed`.

use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::build::{self, Profile};
use crate::dist;

use crate::place::Place;
use crate::process::{self, Outcome};
use crate::setup::{self, Needs, TARGET, Tools};

/// One stage.
struct Stage {
    name: &'static str,
    /// For the person who reads along.
    about: &'static str,
    /// The stage whose failure makes this one pointless.
    after: Option<&'static str>,
    needs: fn() -> Needs,
    run: fn(&Place, &Tools) -> Outcome<Counts>,
}

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
}

/// How a stage ended, and after how long.
struct Ended {
    name: &'static str,
    took: Option<Duration>,
    counts: Counts,
}

const STAGES: [Stage; 9] = [
    Stage { name: "fmt", about: "the format of the Rust code", after: None, needs: Needs::lints, run: fmt },
    Stage {
        name: "lint",
        about: "clippy, native and for wasm32",
        after: None,
        needs: || Needs::lints().and(Needs::wasm()),
        run: lint,
    },
    Stage {
        name: "deny",
        about: "licences, sources and known flaws of the dependencies",
        after: None,
        needs: Needs::deny,
        run: deny,
    },
    // Before the tests, since those of the size budgets look at what it made.
    Stage { name: "build", about: "the extension", after: None, needs: Needs::build, run: extension },
    Stage { name: "unit", about: "all tests that need no browser and no server", after: None, needs: Needs::node, run: unit },
    Stage { name: "fuzz", about: "hostile input by coverage", after: None, needs: Needs::fuzz, run: fuzz },
    Stage { name: "gateways", about: "fingerprints of real servers' pages", after: None, needs: Needs::servers, run: gateways },
    Stage {
        name: "packages",
        about: "what goes to the stores: looked through, installed, and the same from a second build",
        after: Some("build"),
        needs: || Needs::browsers().and(Needs::web_ext()),
        run: packages,
    },
    Stage { name: "e2e", about: "real browsers before real servers", after: Some("build"), needs: Needs::browsers, run: e2e },
];

/// Not part of everything, but for whoever asks for it by name.
const APART: [Stage; 2] = [
    Stage {
        name: "stopped",
        about: "the browser tests once more, with the background stopped before each thing that a visitor does",
        after: Some("build"),
        needs: Needs::browsers,
        run: stopped,
    },
    Stage {
        name: "wired",
        about: "the browser tests once more, on a network where everybody is written down who is asked for or spoken to",
        after: Some("build"),
        needs: Needs::browsers,
        run: wired,
    },
];

/// The names of all stages, in their order.
pub(crate) fn names() -> Vec<&'static str> {
    every().map(|stage| stage.name).collect()
}

fn every() -> impl Iterator<Item = &'static Stage> {
    STAGES.iter().chain(&APART)
}

/// Runs the named stages in their own order, or all that CI runs, and tells whether all went well.
pub(crate) fn run(place: &Place, chosen: &[&str]) -> Outcome<bool> {
    if let Some(unknown) = chosen.iter().find(|name| !names().contains(name)) {
        return Err(format!("there is no stage `{unknown}`; the stages are {}", names().join(", ")));
    }
    // A stage alone still needs the one that it stands on.
    let wanted: Vec<_> = if chosen.is_empty() { STAGES.iter().map(|stage| stage.name).collect() } else { chosen.to_vec() };
    let is_chosen = |stage: &Stage| wanted.contains(&stage.name);
    let stands_under = |name: &str| every().any(|stage| is_chosen(stage) && stage.after == Some(name));
    let stages: Vec<_> = every().filter(|stage| is_chosen(stage) || stands_under(stage.name)).collect();

    let needs = stages.iter().fold(Needs::default(), |needs, stage| needs.and((stage.needs)()));
    let mut ended: Vec<Ended> = Vec::new();
    match setup::prepare(place, &needs) {
        Err(trouble) => {
            eprintln!("{trouble}");
            ended.push(Ended { name: "set-up", took: None, counts: Counts { passed: 0, failed: 1 } });
        }
        Ok(tools) => {
            for stage in stages {
                let blocked =
                    stage.after.is_some_and(|before| ended.iter().any(|other| other.name == before && other.counts.failed > 0));
                ended.push(if blocked { skip(stage) } else { go(stage, place, &tools) });
            }
        }
    }
    Ok(summary(&ended))
}

fn go(stage: &Stage, place: &Place, tools: &Tools) -> Ended {
    println!("\n{} {}", strong(&format!("── {}:", stage.name)), stage.about);
    let start = Instant::now();
    let counts = (stage.run)(place, tools).unwrap_or_else(|trouble| {
        eprintln!("{trouble}");
        Counts { passed: 0, failed: 1 }
    });
    Ended { name: stage.name, took: Some(start.elapsed()), counts }
}

fn skip(stage: &Stage) -> Ended {
    println!("\n{} not run, since the stage before it failed", strong(&format!("── {}:", stage.name)));
    Ended { name: stage.name, took: None, counts: Counts { passed: 0, failed: 1 } }
}

fn summary(ended: &[Ended]) -> bool {
    println!();
    let mut sum = Counts::default();
    for Ended { name, took, counts } in ended {
        let verdict = match (took, counts.failed) {
            (None, _) => "not run",
            (_, 0) => "ok",
            _ => "FAILED",
        };
        let took = took.map(|took| format!("{:.1} s", took.as_secs_f64())).unwrap_or_default();
        let tests = if counts.passed > 0 { format!("{} passed, {} failed", counts.passed, counts.failed) } else { String::new() };
        println!("{}", format!("{name:<10}{verdict:<9}{took:>8}   {tests}").trim_end());
        sum.passed += counts.passed;
        sum.failed += counts.failed;
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    sum.failed == 0
}

fn fmt(place: &Place, tools: &Tools) -> Outcome<Counts> {
    let mut command = tools.command(place, "cargo");
    command.args(["fmt", "--all", "--check"]);
    if process::without_colours() {
        // rustfmt looks at neither cargo's setting nor the usual variable.
        command.args(["--", "--color", "never"]);
    }
    process::run(&mut command).map(|()| Counts::default())
}

fn lint(place: &Place, tools: &Tools) -> Outcome<Counts> {
    let strict = ["--", "-D", "warnings"];
    let native = ["clippy", "--workspace", "--exclude", "faultline-shell", "--all-targets", "--all-features"];
    let native = process::run(tools.command(place, "cargo").args(native).args(strict));
    let shell = ["clippy", "--package", "faultline-shell", "--target", TARGET];
    let shell = process::run(tools.wasm_command(place, "cargo").args(shell).args(strict));
    // Both are run before either is judged.
    native.and(shell).map(|()| Counts::default())
}

/// The database of known flaws is no package registry: it is looked at where somebody has fetched it.
fn deny(place: &Place, tools: &Tools) -> Outcome<Counts> {
    // cargo-deny wants the crates of every target, and a machine that is new has only those that it has built.
    process::run(tools.command(place, "cargo").args(["fetch", "--locked", "--quiet"]))?;
    let mut command = tools.command(place, "cargo-deny");
    command.args(["--offline", "--log-level", "error", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"]);
    if place.has_advisories() {
        command.arg("advisories");
    } else {
        println!("deny: no database of advisories is here; `cargo xtask advisories` gets it");
    }
    process::run(&mut command).map(|()| Counts::default())
}

fn fuzz(place: &Place, tools: &Tools) -> Outcome<Counts> {
    let well = crate::fuzz::run(place, tools, None)?;
    Ok(Counts { passed: u64::from(well), failed: u64::from(!well) })
}

fn unit(place: &Place, tools: &Tools) -> Outcome<Counts> {
    let mut command = tools.command(place, "cargo");
    // The same inputs each time, so that luck refuses no change that has nothing to do with it; `cargo test` draws new ones.
    command.env("PROPTEST_RNG_SEED", "502");
    count(command.args(["test", "--workspace", "--exclude", "faultline-shell", "--exclude", "faultline-bench", "--no-fail-fast"]))
}

fn gateways(place: &Place, tools: &Tools) -> Outcome<Counts> {
    let mut command = tools.command(place, "cargo");
    count(command.args(["test", "--package", "faultline-tests", "--features", "servers", "--test", "gateways"]))
}

fn extension(place: &Place, tools: &Tools) -> Outcome<Counts> {
    build::extension(place, tools, Profile::Release)?;
    Ok(Counts::default())
}

fn packages(place: &Place, tools: &Tools) -> Outcome<Counts> {
    dist::write_built(place)?;
    let lint = dist::proof::lint(place, tools);
    let counts = count(&mut dist::proof::installed(place, tools)?)?;
    // All are run before one is judged.
    lint.and(dist::proof::same_again(place, tools)).map(|()| counts)
}

/// A scenario waits for a part of its time; each has windows and servers of its own. More than two at once on two cores are hardly quicker,
/// and a machine under that load tells of events in an order that is seldom elsewhere.
const IN_BROWSERS: [&str; 8] =
    ["test", "--package", "faultline-tests", "--features=e2e", "--test", "e2e", "--", "--test-threads=2"];

fn e2e(place: &Place, tools: &Tools) -> Outcome<Counts> {
    count(tools.command(place, "cargo").args(IN_BROWSERS))
}

fn stopped(place: &Place, tools: &Tools) -> Outcome<Counts> {
    count(tools.command(place, "cargo").env("FAULTLINE_STOPPED", "1").args(IN_BROWSERS))
}

fn wired(place: &Place, tools: &Tools) -> Outcome<Counts> {
    let mut command = tools.command(place, "cargo");
    let around = ["run", "--quiet", "--package", "faultline-tests", "--features=e2e", "--", "wire", "--around", "cargo"];
    count(command.args(around).args(IN_BROWSERS))
}

/// Runs a `cargo test`, shows what it prints as it comes, and sums up the results of its test programs.
fn count(command: &mut Command) -> Outcome<Counts> {
    let cannot = |why: io::Error| format!("`cargo test` cannot be run: {why}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(cannot)?;
    let mut counts = Counts::default();
    for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).split(b'\n')) {
        let line = line.map_err(cannot)?;
        let line = String::from_utf8_lossy(&line);
        // A closed terminal is no reason to lose the count.
        let _ = writeln!(io::stdout(), "{line}");
        if let Some(result) = result_of(&line) {
            counts.passed += result.passed;
            counts.failed += result.failed;
        }
    }
    let status = child.wait().map_err(cannot)?;
    if !status.success() && counts.failed == 0 {
        // It did not compile, or a test program crashed before it could count.
        counts.failed = 1;
    }
    Ok(counts)
}

/// The counts of a line such as `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
fn result_of(line: &str) -> Option<Counts> {
    let (_, result) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let of = |what: &str| result.split("; ").find_map(|part| part.strip_suffix(what)?.trim().parse().ok());
    Some(Counts { passed: of("passed")?, failed: of("failed")? })
}

/// Bold on a terminal, as it is elsewhere.
fn strong(text: &str) -> String {
    if io::stdout().is_terminal() && !process::without_colours() { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Counts, every, names, result_of};

    #[test]
    fn cargos_result_lines_are_counted_and_nothing_else() {
        let ok = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.31s";
        assert_eq!(result_of(ok), Some(Counts { passed: 12, failed: 0 }));
        let bad = "test result: FAILED. 7 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s";
        assert_eq!(result_of(bad), Some(Counts { passed: 7, failed: 2 }));
        assert_eq!(result_of("test reads::a_page ... ok"), None);
        assert_eq!(result_of("the test result: ok. 1 passed; 0 failed"), None);
        assert_eq!(result_of("test result: ok. many passed; 0 failed"), None);
    }

    #[test]
    fn a_stage_comes_after_the_one_that_it_stands_on() {
        for (index, stage) in every().enumerate() {
            let Some(before) = stage.after else { continue };
            assert!(names().iter().position(|name| *name == before).is_some_and(|place| place < index), "{}", stage.name);
        }
    }
}
