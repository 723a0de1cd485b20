//! The fault lab: real faults, real browsers, and whether the extension finds whose they are.
//!
//! `cargo run -p faultline-tests -- lab [--browser chromium|firefox] [--only NAME]… [--part] [--list]`
//!
//! `--only` takes every scenario whose name contains it; `--part` is what CI runs. One line per scenario and browser as it comes out, the sum,
//! and the same with pictures of the popups in `target/lab/index.html`. Ends with 1 when a side is wrong, a verdict is missing or manners
//! were bad, with 2 when it does not know its arguments, with 3 where this machine gives it no network of its own.

use std::path::Path;
use std::process::ExitCode;

use faultline_tests::browser::Kind;
use faultline_tests::lab::{Board, Island, Row, Stage, rows, write_page};

const USAGE: &str = "usage: lab [--browser chromium|firefox] [--only NAME]… [--part] [--list]";

#[derive(Default)]
struct Options {
    browser: Option<Kind>,
    only: Vec<String>,
    part: bool,
    list: bool,
}

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let Some(options) = options(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let wanted = |row: &Row| {
        (!options.part || row.part) && (options.only.is_empty() || options.only.iter().any(|o| row.name.contains(o.as_str())))
    };
    let rows: Vec<Row> = rows().into_iter().filter(wanted).collect();
    if rows.is_empty() {
        eprintln!("no scenario has such a name; --list shows all");
        return ExitCode::from(2);
    }
    if options.list {
        for row in &rows {
            println!("{:<34} {:<8} {}", row.name, row.truth.side, row.about);
        }
        return ExitCode::SUCCESS;
    }
    let island = match Island::enter() {
        Ok(island) => island,
        Err(why) => {
            eprintln!("{why}\nthe lab needs a network of its own: run it as root, or let users have namespaces");
            return ExitCode::from(3);
        }
    };
    let folder = Path::new("target/lab");
    let mut board = Board::default();
    println!("{}", Board::head());
    for kind in Kind::ALL.into_iter().filter(|k| options.browser.is_none_or(|b| b == *k)) {
        let mut stage = Stage::new(&island, kind, folder);
        for row in rows.iter().filter(|r| r.browsers.contains(&kind)) {
            let score = stage.play(row);
            println!("{}", Board::line(&score));
            board.0.push(score);
        }
    }
    println!("\n{}", board.sum());
    match write_page(&board, folder) {
        Ok(()) => println!("pictures: {}", folder.join("index.html").display()),
        Err(why) => eprintln!("{why}"),
    }
    // What is meant for every change has to lead to every check that is made without a click.
    let browsers = Kind::ALL
        .into_iter()
        .filter(|kind| options.part && options.only.is_empty() && options.browser.is_none_or(|b| b == *kind));
    let untouched: Vec<_> = browsers.map(|kind| (kind, board.untouched(kind))).filter(|(_, ids)| !ids.is_empty()).collect();
    for (kind, ids) in &untouched {
        eprintln!("no scenario of the part led {kind} to {}", ids.join(", "));
    }
    if board.is_good() && untouched.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--browser" => {
                let name = arguments.next()?;
                options.browser = Some(name.parse().ok()?);
            }
            "--only" => options.only.push(arguments.next()?),
            "--part" => options.part = true,
            "--list" => options.list = true,
            _ => return None,
        }
    }
    Some(options)
}
