//! The extension as a visitor meets it: real browsers, real servers.
//!
//! Every scenario is a test of its own in each browser. It is played in a browser that is free and at rest, or in a new one; one that needs
//! another browser (a second extension, other preferences) starts it itself. A browser whose scenario failed is not used again. Nothing is
//! tried twice, and nothing is timed.

// A scenario that cannot go on has failed.
#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[macro_use]
mod scene;

mod apart;
mod command;
mod detection;
mod fallen;
mod full;
mod gateways;
mod hostile;
mod keys;
mod lab;
mod notices;
mod off;
mod off_beside;
mod off_interrupted;
mod one_side;
mod pages;
mod people;
mod private;
mod rough;
mod soak;
mod states;
mod steady;
mod stopped;
mod traces;
mod visitor;
mod watch;
mod windows;
mod wire;
