//! Starting other programs, and saying plainly which one failed.

use std::env;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What a command comes to. The error is the sentence that the person at the terminal reads.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// How much of a quiet program's output is worth showing when it failed.
const TAIL_LINES: usize = 40;

/// Runs a program on this terminal and tells whether it succeeded.
pub(crate) fn ends_well(command: &mut Command) -> Outcome<bool> {
    command.status().map(|status| status.success()).map_err(|why| cannot_start(command, &why))
}

/// Runs a program on this terminal and insists on success.
pub(crate) fn run(command: &mut Command) -> Outcome {
    match ends_well(command)? {
        true => Ok(()),
        false => Err(format!("`{}` failed", line(command))),
    }
}

/// Runs a program without showing its output, unless it fails.
pub(crate) fn quietly(command: &mut Command) -> Outcome {
    let output = command.stdin(Stdio::null()).output().map_err(|why| cannot_start(command, &why))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().collect();
    let tail = lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default().join("\n");
    Err(format!("{tail}\n`{}` failed", line(command)))
}

/// What a program printed, or nothing when it is not there or not content.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program succeeds within a time; it is ended when it does not. For what may hang on a closed network.
pub(crate) fn succeeds_within(command: &mut Command, limit: Duration) -> bool {
    let Ok(mut child) = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
        return false;
    };
    let end = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(100)),
            _ => {
                // It may have ended in this very moment; nothing depends on which of the two it was.
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

/// Whether colours are unwanted: a log of CI is read as plain text.
pub(crate) fn without_colours() -> bool {
    ["CI", "NO_COLOR"].iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// A command as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

fn cannot_start(command: &Command, why: &std::io::Error) -> String {
    format!("`{}` cannot be started: {why}", line(command))
}
