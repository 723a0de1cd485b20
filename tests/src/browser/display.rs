//! A screen that nobody sees, with a window manager: for what depends on windows that have or lack the focus.

use std::process::Command;

use crate::process::{Process, Scratch};
use crate::wait::wait_for;

/// An X server in memory. Dropping it ends it.
#[derive(Debug)]
pub struct Display {
    name: String,
    _manager: Process,
    _server: Process,
    _dir: Scratch,
}

impl Display {
    /// Starts Xvfb on a free display, and openbox on it.
    ///
    /// # Panics
    /// When either is missing or does not start.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        let dir = Scratch::new("display");
        let mut xvfb = Command::new("Xvfb");
        xvfb.args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]);
        let mut server = Process::start("xvfb", dir.path(), &mut xvfb);
        let name = wait_for("Xvfb's display", || {
            if !server.is_running() {
                panic!("{}", server.last_words());
            }
            let log = std::fs::read_to_string(dir.path().join("xvfb.log")).map_err(|e| e.to_string())?;
            // The number is complete when its line is.
            let number = log.split_inclusive('\n').find_map(|l| l.strip_suffix('\n')?.parse::<u32>().ok());
            number.map(|n| format!(":{n}")).ok_or(log)
        });
        let manager = Process::start("openbox", dir.path(), Command::new("openbox").env("DISPLAY", &name));
        Self { name, _manager: manager, _server: server, _dir: dir }
    }

    /// What `DISPLAY` must be to show something on it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
