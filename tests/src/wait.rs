//! Waiting for a condition, never for a time.

use std::fmt::Display;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a condition may take before it counts as broken. Generous on purpose: it bounds a hang and judges no speed.
pub const DEADLINE: Duration = Duration::from_secs(45);

/// The shortest and the longest time between two looks at a condition.
const STEPS: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(160)];

/// Between two looks passes this part of what was waited so far. A look costs the browser more than it costs us: looked at every 20 ms, both
/// browsers spent a third of their time on answers, and everything took so much longer.
const PART: u32 = 8;

/// Looks until `probe` gives a value, the seldomer the longer it takes.
///
/// # Errors
/// The last thing that `probe` said instead, when the deadline is over.
pub fn try_for<T>(deadline: Duration, probe: impl FnMut() -> Result<T, String>) -> Result<T, String> {
    let [shortest, longest] = STEPS;
    look(deadline, |waited| (waited / PART).clamp(shortest, longest), probe)
}

fn look<T>(
    deadline: Duration,
    pause: impl Fn(Duration) -> Duration,
    mut probe: impl FnMut() -> Result<T, String>,
) -> Result<T, String> {
    let begin = Instant::now();
    loop {
        match probe() {
            Ok(value) => return Ok(value),
            Err(why) if begin.elapsed() >= deadline => return Err(why),
            Err(_) => sleep(pause(begin.elapsed())),
        }
    }
}

/// How often one looks at what moves.
const BEAT: Duration = Duration::from_millis(20);

/// Looks until a value that is `well` stays the same, `looks` times in a row.
///
/// # Errors
/// What was seen last, when [`DEADLINE`] is over.
pub fn at_rest<T: PartialEq + Clone + Display>(
    looks: u32,
    well: impl Fn(&T) -> bool,
    mut probe: impl FnMut() -> Result<T, String>,
) -> Result<T, String> {
    let (mut last, mut same) = (None, 0_u32);
    let pause = |_| BEAT;
    look(DEADLINE, pause, || {
        let now = probe()?;
        same = if last.as_ref() == Some(&now) { same + 1 } else { 0 };
        last = Some(now.clone());
        if well(&now) && same >= looks { Ok(now) } else { Err(now.to_string()) }
    })
}

/// Looks until `probe` gives a value.
///
/// # Panics
/// When nothing came before [`DEADLINE`]: with `what` was awaited and what was there instead.
#[track_caller]
pub fn wait_for<T>(what: &str, probe: impl FnMut() -> Result<T, String>) -> T {
    match try_for(DEADLINE, probe) {
        Ok(value) => value,
        Err(why) => panic!("waited {DEADLINE:?} for {what}; last seen: {why}"),
    }
}
