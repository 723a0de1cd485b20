//! The one build door of Faultline.
//!
//! `cargo xtask <command>` is all that a person or a CI job has to know: every command first sets up what it needs
//! (see [`setup`]), says in plain lines what it does, and is quiet where there is nothing to do.

mod bench;
mod build;
mod dist;
mod fuzz;
mod new_rule;
mod place;
mod process;
mod release;
mod setup;
mod stages;

use std::process::{Command, ExitCode};

use place::Place;
use process::Outcome;
use setup::Needs;

const USAGE: &str = "\
cargo xtask <command>

  run [--browser chromium|firefox]   build, and show the extension at work in a real browser
  test [stage…]                      everything that CI runs; without a stage, all of them
  build [--dev]                      make the repository root loadable in both browsers
  dist                               write the store packages and the sources to dist/
  shots [--browser B] [--language L] [--only WORD]
                                     write pictures of every page and state, to be looked at, to target/shots/
  store-shots                        write the pictures of the store listing to store/pictures/
  release                            look whether everything is ready for the stores
  bench [fingerprint|sizes|browsers …]
                                     how fast pages are read, what a visitor downloads, what it costs in real browsers
  new-rule ID [--name … --role …]    begin a rule for a product that is not known yet
  soak [--browser B] [--seed N] [--steps N]
                                     walk real browsers through thousands of pages, and count every popup
  lab [--browser B] [--only NAME]    the fault lab: real faults, and whether the extension finds whose they are
  fuzz [SECONDS]                     hostile input by coverage: always the same inputs, or new ones for so long a target
  capture [product…]                 write the real servers' error pages again, as fixtures
  advisories                         fetch the database of known flaws, from github.com, for the stage deny
  setup [build|run|test]             install what a command needs, and nothing else

Stages of test, in their order: ";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = Place::find().and_then(|place| match arguments.split_first() {
        Some((&"setup", rest)) => set_up(&place, rest),
        Some((&"build", rest)) => build(&place, rest),
        Some((&"dist", [])) => dist::write(&place),
        Some((&"run", rest)) => show(&place, rest),
        Some((&"test", rest)) => stages::run(&place, rest),
        Some((&"bench", rest)) => bench::run(&place, rest),
        Some((&"new-rule", rest)) => new_rule::write(&place, rest),
        Some((&"lab", rest)) => lab(&place, rest),
        Some((&"capture", rest)) => capture(&place, rest),
        Some((&"soak", rest)) => soak(&place, rest),
        Some((&"release", [])) => release::check(&place),
        Some((&"shots", rest)) => shots(&place, rest),
        Some((&"store-shots", [])) => store_shots(&place),
        Some((&"fuzz", rest)) => fuzz(&place, rest),
        Some((&"advisories", [])) => advisories(&place),
        Some((&("help" | "--help" | "-h"), _)) => {
            println!("{}", usage());
            Ok(true)
        }
        Some((other, _)) => Err(format!("`{}` is not understood\n\n{}", other, usage())),
        None => Err(usage()),
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    format!("{USAGE}{}", stages::names().join(", "))
}

fn set_up(place: &Place, arguments: &[&str]) -> Outcome<bool> {
    let needs = match arguments {
        ["build"] => Needs::build(),
        ["run"] => Needs::run("chromium")?.and(Needs::run("firefox")?),
        ["test"] | [] => Needs::everything(),
        _ => return Err(usage()),
    };
    setup::prepare(place, &needs)?;
    println!("set-up: everything is there");
    Ok(true)
}

fn build(place: &Place, arguments: &[&str]) -> Outcome<bool> {
    let profile = match arguments {
        [] => build::Profile::Release,
        ["--dev"] => build::Profile::Dev,
        _ => return Err(usage()),
    };
    let tools = setup::prepare(place, &Needs::build())?;
    build::extension(place, &tools, profile)?;
    Ok(true)
}

fn fuzz(place: &Place, arguments: &[&str]) -> Outcome<bool> {
    let seconds = match arguments {
        [] => None,
        [seconds] => Some(seconds.parse().map_err(|_| format!("`{seconds}` is no number of seconds"))?),
        _ => return Err(usage()),
    };
    let tools = setup::prepare(place, &Needs::fuzz())?;
    fuzz::run(place, &tools, seconds)
}

/// The one thing that comes from neither a package registry nor this machine.
fn advisories(place: &Place) -> Outcome<bool> {
    let tools = setup::prepare(place, &Needs::deny())?;
    process::run(tools.command(place, "cargo-deny").args(["fetch", "db"]))?;
    Ok(true)
}

/// Builds, then hands over to the program that starts the stage of failing pages and a browser before it.
fn show(place: &Place, arguments: &[&str]) -> Outcome<bool> {
    let browser = match arguments {
        [] => "chromium",
        ["--browser", browser] => browser,
        [flag] if flag.starts_with("--browser=") => flag.trim_start_matches("--browser="),
        _ => return Err(usage()),
    };
    let tools = setup::prepare(place, &Needs::run(browser)?)?;
    build::extension(place, &tools, build::Profile::Release)?;
    let mut command: Command = tools.command(place, "cargo");
    command.args(["run", "--quiet", "--package", "faultline-tests", "--", "show"]);
    command.args(["--browser", browser]);
    process::ends_well(&mut command)
}

/// Builds, then hands over to the program that walks the browsers.
fn soak(place: &Place, arguments: &[&str]) -> Outcome<bool> {
    let tools = setup::prepare(place, &Needs::browsers())?;
    build::extension(place, &tools, build::Profile::Release)?;
    let mut command = tools.command(place, "cargo");
    command.args(["run", "--quiet", "--package", "faultline-tests", "--", "soak"]).args(arguments);
    process::ends_well(&mut command)
}

/// Builds, then hands over to the program that takes pictures of every page and state.
fn shots(place: &Place, arguments: &[&str]) -> Outcome<bool> {
    let tools = setup::prepare(place, &Needs::browsers())?;
    build::extension(place, &tools, build::Profile::Release)?;
    let mut command = tools.command(place, "cargo");
    command.args(["run", "--quiet", "--package", "faultline-tests", "--", "shots"]).args(arguments);
    process::ends_well(&mut command)
}

/// Builds, then hands over to the program that takes the pictures.
fn store_shots(place: &Place) -> Outcome<bool> {
    let tools = setup::prepare(place, &Needs::browsers())?;
    build::extension(place, &tools, build::Profile::Release)?;
    let mut command = tools.command(place, "cargo");
    process::ends_well(command.args(["run", "--quiet", "--package", "faultline-tests", "--", "store-shots"]))
}

/// Builds, then hands over to the program that plays the scenarios of the fault lab.
fn lab(place: &Place, arguments: &[&str]) -> Outcome<bool> {
    let tools = setup::prepare(place, &Needs::lab())?;
    build::extension(place, &tools, build::Profile::Release)?;
    let mut command = tools.command(place, "cargo");
    command.args(["run", "--quiet", "--package", "faultline-tests", "--", "lab"]).args(arguments);
    process::ends_well(&mut command)
}

/// Hands over to the program that starts the real servers and keeps their pages.
fn capture(place: &Place, arguments: &[&str]) -> Outcome<bool> {
    // Whoever may not install the missing servers captures those that are there.
    let tools = setup::prepare(place, &Needs::servers()).or_else(|why| {
        println!("{why}\ngoing on with what is installed");
        setup::prepare(place, &Needs::default())
    })?;
    let mut command = tools.command(place, "cargo");
    command.args(["run", "--quiet", "--package", "faultline-tests", "--", "capture"]).args(arguments);
    process::ends_well(&mut command)
}
