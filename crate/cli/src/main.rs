//! `faultline`: the diagnosis of the browser extension on a command line, for administrators and for scripts.
//!
//! Three commands. `explain` reads responses that somebody else has met (JSON lines, a raw response, a HAR) and writes one
//! report each. `check` loads a URL itself and asks what the extension would ask. `rules` lists what the fingerprints know.
//! Every answer comes from `faultline-core`, from the same `Case` and the same `Report` as in a browser: nothing is decided
//! here. It never sends anything but GET, never a cookie, and never anywhere but to the URL, its front page and the control
//! endpoint; `explain` and `rules` send nothing at all.
//!
//! # Exit codes
//!
//! | code | meaning |
//! |---|---|
//! | 0 | `explain`, `rules`: everything was answered. `check`: the page works, or works again |
//! | 1 | something of the input could not be read (the rest was still answered), or the call was wrong |
//! | 2 | `check`: the fault is on the site's side |
//! | 3 | `check`: the fault is on this side |
//! | 4 | `check`: the evidence does not decide |
//! | 5 | `check`: the site answered with a status from 400 to 499: it works, and refuses this page |
//!
//! The two types that matter are [`response::Response`], one response from wherever it came, and [`client::Client`], which
//! carries out the questions of the core.

mod args;
mod body;
mod check;
mod client;
mod connection;
mod english;
mod explain;
mod har;
mod line;
mod lines;
mod person;
mod raw;
mod response;
mod rules;
mod shorten;
mod terminal;
mod unanswered;

use std::io::{self, Write};
use std::process::ExitCode;

use args::Run;

/// Something of the input was wrong.
pub(crate) const BAD_INPUT: u8 = 1;

fn main() -> ExitCode {
    let done = match args::parse(std::env::args_os()) {
        Ok(Run::Say(text)) => io::stdout().write_all(text.as_bytes()).map(|()| 0),
        Ok(Run::Explain(what)) => explain::run(&what),
        Ok(Run::Check(what)) => check::run(&what),
        Ok(Run::Rules { json }) => rules::run(json),
        Err(wrong) => {
            eprintln!("faultline: {wrong}\nfaultline --help shows how it is called");
            Ok(BAD_INPUT)
        }
    };
    match done {
        Ok(code) => ExitCode::from(code),
        // Whoever read our output has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("faultline: {error}");
            ExitCode::from(BAD_INPUT)
        }
    }
}
