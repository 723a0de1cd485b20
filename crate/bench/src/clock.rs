//! Takes the time of several ways to do the same, in turns, so that what else the machine does meets all of them alike.

use std::fs;
use std::time::{Duration, Instant};

/// One way to do it: its name, and the work once over all pages.
pub(crate) struct Way<'a> {
    pub(crate) name: String,
    pub(crate) work: Box<dyn Fn() + 'a>,
}

/// Most turns.
const TURNS: u32 = 9;
/// How long a turn is at least: much longer than the ticks by which a system counts.
const TURN: Duration = Duration::from_millis(60);
/// A way that has taken so long in all its turns together gets no other one.
const ENOUGH: Duration = Duration::from_secs(3);

/// Microseconds for one pass of each.
pub(crate) fn measure(ways: &[Way<'_>]) -> Vec<f64> {
    let mut lanes: Vec<Lane> = ways.iter().map(|way| Lane::warm(&way.work)).collect();
    for _ in 0..TURNS {
        for (way, lane) in ways.iter().zip(&mut lanes) {
            if lane.spent < ENOUGH {
                lane.turn(&way.work);
            }
        }
    }
    lanes.iter().map(|lane| lane.spent.as_secs_f64() * 1e6 / f64::from(lane.passes)).collect()
}

/// What is known of one way.
struct Lane {
    /// How often its work fits into a turn.
    repeats: u32,
    passes: u32,
    spent: Duration,
}

impl Lane {
    /// Finds out how often the work fits into a turn; these passes also warm up caches that live on, and do not count.
    fn warm(work: &dyn Fn()) -> Self {
        let lane = |repeats| Self { repeats, passes: 0, spent: Duration::ZERO };
        let mut repeats = 1;
        loop {
            let mut trial = lane(repeats);
            trial.turn(work);
            match trial.spent {
                // A pass so long is worth having.
                long if long > ENOUGH / 4 => return trial,
                enough if enough >= TURN => return lane(repeats),
                _ => repeats *= 2,
            }
        }
    }

    fn turn(&mut self, work: &dyn Fn()) {
        let clock = Clock::start();
        for _ in 0..self.repeats {
            work();
        }
        self.spent += clock.took();
        self.passes += self.repeats;
    }
}

/// Time that this thread had a processor, where the system tells: then other programs on the machine hardly matter. Else what passed.
enum Clock {
    Processor(Duration),
    Wall(Instant),
}

impl Clock {
    fn start() -> Self {
        on_processor().map_or_else(|| Self::Wall(Instant::now()), Self::Processor)
    }

    fn took(&self) -> Duration {
        match self {
            Self::Processor(start) => on_processor().unwrap_or_default().saturating_sub(*start),
            Self::Wall(start) => start.elapsed(),
        }
    }
}

/// Linux counts it in nanoseconds, and brings the count up to date with every tick of its scheduler.
fn on_processor() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
