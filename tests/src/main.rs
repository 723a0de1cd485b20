//! Real servers and real browsers by hand: `cargo run -p faultline-tests -- COMMAND [ARGUMENTS]`.
//!
//! One program for everything, so that every test is linked with one and not with seven. Ends with 2 when it does not know the command.

mod commands;

use std::process::ExitCode;

const USAGE: &str = "usage: faultline-tests capture|lab|measure|shots|show|soak|store-shots|wire [ARGUMENTS]";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next();
    match command.as_deref() {
        Some("capture") => commands::capture::run(arguments),
        Some("lab") => commands::lab::run(arguments),
        Some("measure") => commands::measure::run(arguments),
        Some("shots") => commands::shots::run(arguments),
        Some("show") => commands::show::run(arguments),
        Some("soak") => commands::soak::run(arguments),
        Some("store-shots") => commands::store_shots::run(),
        Some("wire") => commands::wire::run(arguments),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}
