//! Telephone numbers, and other long numbers that are written in groups: cards, accounts.

use super::REMOVED;

/// Digits of the longest number that is known for one: a card has 19 at most.
const LONGEST: usize = 19;

/// Most groups that are looked at.
const GROUPS: usize = 8;

/// One number as it is written.
#[derive(Default)]
struct Number {
    /// Digits of each group.
    lengths: [usize; GROUPS],
    /// Value of each group, as far as its first four digits go.
    values: [u32; GROUPS],
    groups: usize,
    digits: usize,
    /// Past its last digit.
    end: usize,
}

/// The text without the numbers that somebody could be called by.
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let open = !before.is_alphanumeric() && !"._#".contains(before);
        let number = (open && (first.is_ascii_digit() || first == '+' || first == '(')).then(|| Number::read(rest)).flatten();
        let keep = match &number {
            Some(number) if number.is_phone(rest) => {
                out.push_str(REMOVED);
                rest = rest.get(number.end..).unwrap_or_default();
                before = '0';
                continue;
            }
            // The next group may begin one.
            Some(_) => rest.find(|c: char| !c.is_ascii_digit()).filter(|at| *at > 0).unwrap_or(first.len_utf8()),
            None => first.len_utf8(),
        };
        let (kept, tail) = rest.split_at(keep);
        out.push_str(kept);
        before = kept.chars().next_back().unwrap_or(' ');
        rest = tail;
    }
    out
}

impl Number {
    /// The number at the start of `text`: digits, between which one or two marks may stand.
    fn read(text: &str) -> Option<Self> {
        let mut number = Self::default();
        let mut marks = 0;
        let mut inside = false;
        for (at, c) in text.char_indices() {
            if let Some(digit) = c.to_digit(10) {
                if !inside {
                    number.groups += 1;
                    inside = true;
                }
                let group = number.groups.checked_sub(1)?;
                let length = number.lengths.get_mut(group)?;
                *length += 1;
                if *length <= 4
                    && let Some(value) = number.values.get_mut(group)
                {
                    *value = *value * 10 + digit;
                }
                number.digits += 1;
                number.end = at + 1;
                marks = 0;
            } else if " -().".contains(c) || (c == '+' && at == 0) {
                inside = false;
                marks += 1;
                if marks > 2 {
                    break;
                }
            } else {
                // A number that goes on as a word is none.
                if inside && (c.is_alphanumeric() || "_%".contains(c)) {
                    return None;
                }
                break;
            }
        }
        (number.groups > 0).then_some(number)
    }

    fn is_phone(&self, text: &str) -> bool {
        let lengths = self.lengths.get(..self.groups).unwrap_or_default();
        let later_are_long = lengths.iter().skip(1).all(|l| *l >= 2);
        let international = text.starts_with('+') || text.starts_with("00") || text.starts_with("(+");
        let local = matches!(lengths, [3, 4]) && text.as_bytes().get(3) == Some(&b'-');
        if self.digits > LONGEST || self.is_address(text) {
            return false;
        }
        local
            || (international && self.digits >= 7)
            || (self.digits >= 9 && later_are_long && !self.is_date() && !self.are_statuses())
    }

    /// Four numbers with dots are an address or a version: others judge them.
    fn is_address(&self, text: &str) -> bool {
        let written = text.get(..self.end).unwrap_or_default();
        self.groups == 4 && written.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    }

    /// `2026-11-22 10` or `22.11.2026`: one year, and two numbers of a day.
    fn is_date(&self) -> bool {
        let first = self.lengths.iter().zip(&self.values).take(3.min(self.groups));
        let (mut years, mut days) = (0, 0);
        for (length, value) in first {
            years += usize::from(*length == 4 && (1900..2100).contains(value));
            days += usize::from(*length <= 2 && *value <= 31);
        }
        (years, days) == (1, 2)
    }

    /// `500 502 503`
    fn are_statuses(&self) -> bool {
        let mut groups = self.lengths.iter().zip(&self.values).take(self.groups);
        groups.all(|(length, value)| *length == 3 && (100..600).contains(value))
    }
}
