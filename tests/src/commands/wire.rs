//! A whole session with the extension as a visitor has it, and everybody who was asked for or spoken to meanwhile.
//!
//! `cargo run -p faultline-tests -- wire [--browser chromium|firefox]`
//!
//! Without a browser, both. Ends with 1 when there was a stranger among them, with 2 when it does not know its arguments, with 3 where this
//! machine gives it no network of its own.

use std::process::ExitCode;

use faultline_tests::browser::Kind;
use faultline_tests::lab::Island;
use faultline_tests::wire::{STRANGER, STRANGER_AT, record};

const USAGE: &str = "usage: wire [--browser chromium|firefox]";

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let arguments: Vec<String> = arguments.collect();
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
        let own = record.browsers_own();
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

fn alone(why: &str) -> ExitCode {
    eprintln!("{why}\nthe wire is watched on a network of its own: run this as root, or let users have namespaces");
    ExitCode::from(3)
}
