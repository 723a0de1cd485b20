//! The parts of an ordinary Rust toolchain that a minimal one leaves out.

use std::path::Path;
use std::process::Command;

use crate::process::{self, Outcome};

/// Whether the active toolchain has rustfmt and clippy.
///
/// The files are looked for, not the commands: rustup puts a command in place for both even where they are missing.
pub(crate) fn has_lints() -> bool {
    let Some(sysroot) = process::answer(Command::new("rustc").args(["--print", "sysroot"])) else {
        return false;
    };
    ["cargo-fmt", "cargo-clippy"].iter().all(|name| Path::new(&sysroot).join("bin").join(name).exists())
}

/// Adds both by rustup.
pub(crate) fn add_lints() -> Outcome {
    println!("set-up: adding rustfmt and clippy to the toolchain");
    process::quietly(Command::new("rustup").args(["component", "add", "rustfmt", "clippy"]))
}
