//! A whole session with the extension as a visitor has it, and everybody who was asked for or spoken to meanwhile.
//!
//! `cargo run -p faultline-tests -- wire [--browser chromium|firefox]`
//!
//! Without a browser, both. Or everybody whom some other program spoke to, such as the one of all browser tests:
//!
//! `cargo run -p faultline-tests -- wire --around PROGRAM [ARGUMENTS]`
//!
//! Ends with 1 when there was a stranger among them or that program failed, with 2 when it does not know its arguments, with 3 where this
//! machine gives it no network of its own.

use std::process::ExitCode;

use faultline_tests::browser::Kind;
use faultline_tests::lab::Island;
use faultline_tests::wire::{STRANGER, STRANGER_AT, around, record};

const USAGE: &str = "usage: wire [--browser chromium|firefox] | wire --around PROGRAM [ARGUMENTS]";

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let arguments: Vec<String> = arguments.collect();
    if let [flag, program, rest @ ..] = arguments.as_slice()
        && flag == "--around"
    {
        return whole(program, rest);
    }
    let kinds = match arguments.as_slice() {
        [] => Some(Kind::ALL.to_vec()),
        [flag, name] if flag == "--browser" => name.parse().ok().map(|kind| vec![kind]),
        _ => None,
    };
    let Some(kinds) = kinds else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let island = match Island::enter() {
        Ok(island) => island,
        Err(why) => return alone(&why),
    };
    let mut silent = true;
    for kind in kinds {
        let record = match record(&island, kind) {
            Ok(record) => record,
            Err(why) => return alone(&why),
        };
        let strangers = record.strangers(kind);
        let own = record.session.browsers_own();
        let [site, control] = record.requests;
        println!(
            "{kind}: {site} requests to the sites, {control} to the control, strangers: {strangers:?}; the browser by itself: {own:?}"
        );
        let heard = |peer: &str| record.strangers.peers.iter().any(|p| p.to_string() == peer);
        assert!(record.strangers.names.contains(STRANGER) && heard(STRANGER_AT), "nobody listened: {:?}", record.strangers);
        assert!(site > 0 && control > 0, "the extension asked nobody");
        silent &= strangers.is_empty();
    }
    ExitCode::from(u8::from(!silent))
}

/// A program's whole run.
fn whole(program: &str, arguments: &[String]) -> ExitCode {
    let heard = Island::enter().and_then(|island| around(&island, program.as_ref(), arguments));
    let (ended, heard) = match heard {
        Ok(heard) => heard,
        Err(why) => return alone(&why),
    };
    let strangers = heard.strangers();
    println!("{} names were asked for, and of them and all addresses strangers: {strangers:?}", heard.names.len());
    println!("the browsers by themselves: {:?}", heard.browsers_own());
    ExitCode::from(u8::from(!ended.success() || !strangers.is_empty()))
}

fn alone(why: &str) -> ExitCode {
    eprintln!("{why}\nthe wire is watched on a network of its own: run this as root, or let users have namespaces");
    ExitCode::from(3)
}
