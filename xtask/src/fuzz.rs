//! `cargo xtask fuzz`: hostile input by coverage, from the inputs kept in `crate/fuzz/corpus`.
//!
//! No nightly compiler and no `cargo-fuzz` is needed: the stable one places the counters as well, when the pass is named. Those who
//! have `cargo fuzz` can use it: the crate is laid out as it wants it.

use std::fs::{self, File};
use std::process::Command;

use crate::place::Place;
use crate::process::{self, Outcome};
use crate::setup::Tools;

/// How many inputs each target tries when nobody says for how long, made from [`SEED`]: a change is then never refused for what luck
/// has found in code that it did not touch, and what fails here fails everywhere.
const RUNS: u32 = 10_000;

/// Where those inputs come from. Longer runs draw their own.
const SEED: u32 = 1;

/// What `cargo fuzz` passes to the compiler, but for the sanitizers: there is no `unsafe` that they could watch.
const COUNTERS: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Builds the targets and runs each, for so many seconds or for [`RUNS`] inputs; what makes one fail is kept in the build directory,
/// and named.
pub(crate) fn run(place: &Place, tools: &Tools, seconds: Option<u32>) -> Outcome<bool> {
    let folder = place.root.join("crate/fuzz");
    let host = host()?;
    let target = place.target.join("fuzz");
    let mut build = tools.command(place, "cargo");
    build.args(["build", "--quiet", "--release", "--target", &host, "--manifest-path"]).arg(folder.join("Cargo.toml"));
    build.env("CARGO_TARGET_DIR", &target).env("CARGO_ENCODED_RUSTFLAGS", COUNTERS.join("\x1f"));
    process::run(&mut build)?;

    let found = target.join("found");
    let mut failed = Vec::new();
    for name in names(&folder)? {
        // What longer runs find goes on with the next of them; the short one always begins with what is kept.
        let new = target.join(if seconds.is_some() { "corpus" } else { "fresh" }).join(&name);
        if seconds.is_none() && new.exists() {
            fs::remove_dir_all(&new).map_err(|why| format!("{}: {why}", new.display()))?;
        }
        fs::create_dir_all(&new).and_then(|()| fs::create_dir_all(&found)).map_err(|why| format!("{}: {why}", new.display()))?;
        let mut command = Command::new(target.join(&host).join("release").join(&name));
        match seconds {
            Some(seconds) => command.arg(format!("-max_total_time={seconds}")),
            None => command.args([format!("-runs={RUNS}"), format!("-seed={SEED}")]),
        };
        command.args(["-timeout=30", "-rss_limit_mb=2048", "-max_len=4096", "-verbosity=0", "-print_funcs=0"]);
        // The first folder takes what is new, so that nothing is written into the checkout.
        command.arg(format!("-artifact_prefix={}/{name}-", found.display())).arg(&new).arg(folder.join("corpus").join(&name));
        println!("fuzz: {name}");
        let log = target.join(format!("{name}.log"));
        let said = File::create(&log).and_then(|file| Ok((file.try_clone()?, file)));
        let (out, err) = said.map_err(|why| format!("{}: {why}", log.display()))?;
        if !process::ends_well(command.stdout(out).stderr(err))? {
            println!("{}", fs::read_to_string(&log).unwrap_or_default());
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        eprintln!("fuzz: {} failed; the input is in {}", failed.join(", "), found.display());
    }
    Ok(failed.is_empty())
}

/// Every target, by name.
fn names(folder: &std::path::Path) -> Outcome<Vec<String>> {
    let entries = fs::read_dir(folder.join("targets")).map_err(|why| format!("{}: {why}", folder.display()))?;
    let stem = |entry: fs::DirEntry| entry.path().file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut names: Vec<String> = entries.filter_map(|entry| stem(entry.ok()?)).collect();
    names.sort();
    Ok(names)
}

/// With a target that is named, the counters stay out of build scripts and macros.
fn host() -> Outcome<String> {
    let about = process::answer(Command::new("rustc").arg("-vV")).ok_or("rustc does not tell its version")?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc does not tell its host")?;
    Ok(host.to_owned())
}
