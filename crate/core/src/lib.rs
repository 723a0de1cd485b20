//! Diagnosis of a failed page load: what wrote the error page, what happened behind it, whose fault it is.
//!
//! Pure: no clock, no randomness, no I/O, no async, and no idea of a browser. Time comes with each [`event::Event`],
//! and what is to be done goes out as [`command::Command`]s. The two types that matter are [`desk::Desk`], which turns
//! events into commands, and [`report::Report`], which is all that ever leaves the machine.

pub mod advice;
pub mod answer;
pub mod case;
pub mod checks;
pub mod clock;
pub mod command;
pub mod desk;
pub mod event;
pub mod fingerprint;
pub mod history;
pub mod hops;
pub mod letter;
pub mod net;
pub mod page;
pub mod plan;
pub mod reading;
pub mod redact;
pub mod report;
pub mod ruled_out;
pub mod sample;
pub mod settings;
pub mod terms;
pub mod trial;
pub mod verdict;
pub mod view;
pub mod watch;
pub mod words;
