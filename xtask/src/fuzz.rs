//! `cargo xtask fuzz`: hostile input by coverage, from the inputs kept in `crate/fuzz/corpus`.
//!
//! No nightly compiler and no `cargo-fuzz` is needed: the stable one places the counters as well, when the pass is named. Those who
//! have `cargo fuzz` can use it: the crate is laid out as it wants it.

use std::fs;
use std::process::Command;

use crate::place::Place;
use crate::process::{self, Outcome};
use crate::setup::Tools;

/// How long each target runs when nobody says.
const SECONDS: u32 = 6;

/// What `cargo fuzz` passes to the compiler, but for the sanitizers: there is no `unsafe` that they could watch.
const COUNTERS: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Builds the targets and runs each for a while; what makes one fail is kept in the build directory, and named.
pub(crate) fn run(place: &Place, tools: &Tools, seconds: Option<u32>) -> Outcome<bool> {
    let folder = place.root.join("crate/fuzz");
    let host = host()?;
    let target = place.target.join("fuzz");
    let mut build = tools.command(place, "cargo");
    build.args(["build", "--quiet", "--release", "--target", &host, "--manifest-path"]).arg(folder.join("Cargo.toml"));
    build.env("CARGO_TARGET_DIR", &target).env("CARGO_ENCODED_RUSTFLAGS", COUNTERS.join("\x1f"));
    process::run(&mut build)?;

    let seconds = seconds.unwrap_or(SECONDS);
    let found = target.join("found");
    let mut failed = Vec::new();
    for name in names(&folder)? {
        let new = target.join("corpus").join(&name);
        fs::create_dir_all(&new).and_then(|()| fs::create_dir_all(&found)).map_err(|why| format!("{}: {why}", new.display()))?;
        let mut command = Command::new(target.join(&host).join("release").join(&name));
        command.arg(format!("-max_total_time={seconds}")).args([
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-max_len=4096",
            "-verbosity=0",
        ]);
        // The first folder takes what is new, so that nothing is written into the checkout.
        command.arg(format!("-artifact_prefix={}/{name}-", found.display())).arg(&new).arg(folder.join("corpus").join(&name));
        println!("fuzz: {name}, {seconds} s");
        if !process::ends_well(&mut command)? {
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
