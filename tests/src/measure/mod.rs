//! What the extension costs a visitor, measured in real browsers: ordinary pages with and without it, the background's memory, and how soon
//! words and verdict come. Nothing here judges: a speed depends on the machine.

mod ordinary;
mod words;

pub use ordinary::{Beside, Ordinary, ordinary};
pub use words::{Words, words};

/// The middle of some numbers, and the one below which nine of ten are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Half are smaller.
    pub median: f64,
    /// Nine of ten are smaller.
    pub p90: f64,
}

impl Spread {
    /// Of `numbers`; nothing when there are none.
    #[must_use]
    pub fn of(numbers: &[f64]) -> Option<Self> {
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: usize| sorted.get((sorted.len().saturating_sub(1) * share + 50) / 100).copied();
        // Between two middles, the middle.
        let half = sorted.len() / 2;
        let median = if sorted.len().is_multiple_of(2) {
            f64::midpoint(*sorted.get(half.wrapping_sub(1))?, *sorted.get(half)?)
        } else {
            at(50)?
        };
        Some(Self { median, p90: at(90)? })
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn the_middle_is_in_the_middle() {
        assert_eq!(Spread::of(&[]), None);
        assert_eq!(Spread::of(&[3.0]), Some(Spread { median: 3.0, p90: 3.0 }));
        assert_eq!(Spread::of(&[9.0, 1.0, 2.0, 4.0]).map(|s| s.median), Some(3.0));
        let ten: Vec<f64> = (1..=11).rev().map(f64::from).collect();
        assert_eq!(Spread::of(&ten), Some(Spread { median: 6.0, p90: 10.0 }));
    }
}
