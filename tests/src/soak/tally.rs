//! What came of a soak.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// Everything that was counted. It prints itself.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Steps of each kind.
    pub kinds: BTreeMap<&'static str, u32>,
    /// How long they took together.
    pub spent: BTreeMap<&'static str, Duration>,
    /// Documents that were asked for in a tab, as far as the soak did it by itself.
    pub navigations: u32,
    /// Failures of which a visitor must hear.
    pub failures: u32,
    /// Those of which a popup told, or a card where the browser let no popup open, with the right status.
    pub shown: u32,
    /// Those of which a card told.
    pub cards: u32,
    /// Those that were waited for until the verdict was there.
    pub verdicts: u32,
    /// Popups that opened, by the browser's own count.
    pub popups: usize,
    /// Pages that came back out of the browser's memory.
    pub from_memory: u32,
    /// Pages that the browser asked for before anybody wanted them.
    pub ahead: u32,
    /// Popups of a failing page that was there for a moment only; they went with it.
    pub fleeting: u32,
    /// A popup that nobody needed: over a page that works, over the wrong tab, or a second one for one failure.
    pub false_popups: Vec<String>,
    /// A failure without a popup or a card.
    pub missed: Vec<String>,
    /// A case that was opened for something that is no failure.
    pub false_cases: Vec<String>,
    /// A badge or a popup that stayed behind on a page that works.
    pub left_behind: Vec<String>,
}

impl Tally {
    /// Whether nothing went wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.wrongs().iter().all(|(_, list)| list.is_empty())
    }

    /// Counts another soak's steps as well.
    pub fn add(&mut self, other: Self) {
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        for (kind, time) in other.spent {
            *self.spent.entry(kind).or_default() += time;
        }
        self.navigations += other.navigations;
        self.failures += other.failures;
        self.shown += other.shown;
        self.cards += other.cards;
        self.verdicts += other.verdicts;
        self.popups += other.popups;
        self.from_memory += other.from_memory;
        self.ahead += other.ahead;
        self.fleeting += other.fleeting;
        self.false_popups.extend(other.false_popups);
        self.missed.extend(other.missed);
        self.false_cases.extend(other.false_cases);
        self.left_behind.extend(other.left_behind);
    }

    fn wrongs(&self) -> [(&'static str, &Vec<String>); 4] {
        [
            ("false popups", &self.false_popups),
            ("failures without a word", &self.missed),
            ("cases without a failure", &self.false_cases),
            ("left behind", &self.left_behind),
        ]
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: u32 = self.kinds.values().sum();
        writeln!(
            f,
            "{steps} steps, {} navigations, {} failures, {} shown, {} of them by a card, {} popups, {} of them for a moment, {} verdicts, {} pages out of memory, {} pages ahead of time",
            self.navigations,
            self.failures,
            self.shown,
            self.cards,
            self.popups,
            self.fleeting,
            self.verdicts,
            self.from_memory,
            self.ahead
        )?;
        for (kind, count) in &self.kinds {
            let each = self.spent.get(kind).map_or(0, |time| time.as_millis() / u128::from((*count).max(1)));
            writeln!(f, "  {count:>6}  {kind}, {each} ms each")?;
        }
        for (what, list) in self.wrongs() {
            writeln!(f, "{}: {what}", list.len())?;
            list.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        }
        Ok(())
    }
}
