//! Finds every literal in one pass over a text.
//!
//! A literal is filed under four bytes at the start of one of its words, the rarest ones. The pass stops where words of the page
//! begin, mixes four bytes into a place of a bitmap, and goes on if that place is free, as 8 of 9 are. Else the number of taken
//! places before this one is the number of the literal; its tag, then its length and hash decide. The bitmap grows with the rules, so
//! the time for a page does not; literals themselves are not kept, only their hashes (`DESIGN.md` has the odds).

use crate::key;

/// Bit in the last byte of a shape: the literal has no hash, and whoever asked looks for himself.
pub const UNHASHED: u8 = 8;

/// Literals, in the order of their places in the filter. `crate/core/build/atoms.rs` makes it.
#[derive(Debug, Clone, Copy)]
pub struct Index<'t> {
    /// A key has its place in the filter in its upper `32 - shift` bits.
    pub shift: u32,
    /// Which places are taken, one bit each. What finds its own place taken has the next free one.
    pub filter: &'t [u64],
    /// For each word of the filter, how many places before it are taken.
    pub before: &'t [u16],
    /// For each literal: tag of its key, length, offset of its key, and kind: the field in the upper four bits.
    pub shapes: &'t [[u8; 4]],
    /// For each literal its hash.
    pub values: &'t [u32],
}

/// A literal that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Its number.
    pub number: u16,
    /// Where it begins.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
}

impl Index<'_> {
    /// Adds to `hits` the literals of this field that are in `text`, each as often as it is there. Words begin at `joints` too.
    pub fn search(&self, text: &[u8], joints: &[u32], field: u8, hits: &mut Vec<Hit>) {
        for at in joints {
            self.look_up(text, *at as usize, field, hits);
        }
        let mut before = 0;
        // Eight bytes at a time; what is missing in the end is no letter.
        let (whole, rest) = text.as_chunks();
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        for (eight, offset) in whole.iter().chain([&last]).zip((0..).step_by(8)) {
            let bytes = u64::from_le_bytes(*eight);
            let mut starts = key::starts(bytes, before);
            while starts != 0 {
                self.look_up(text, offset + starts.trailing_zeros() as usize / 8, field, hits);
                starts &= starts - 1;
            }
            before = key::letters(bytes);
        }
    }

    /// Looks up the word that begins here.
    #[inline]
    fn look_up(&self, text: &[u8], at: usize, field: u8, hits: &mut Vec<Hit>) {
        let Some(gram) = key::gram(text, at) else { return };
        if self.is_taken(key::place(gram, self.shift)) {
            self.compare(text, at, gram, field, hits);
        }
    }

    fn is_taken(&self, place: usize) -> bool {
        self.filter.get(place / 64).is_some_and(|bits| bits >> (place % 64) & 1 == 1)
    }

    /// Compares what is filed at the place of `gram` with the text around it.
    #[inline(never)]
    fn compare(&self, text: &[u8], at: usize, gram: u32, field: u8, hits: &mut Vec<Hit>) {
        let place = key::place(gram, self.shift);
        let (Some(bits), Some(before)) = (self.filter.get(place / 64), self.before.get(place / 64)) else { return };
        let below = bits & ((1 << (place % 64)) - 1);
        let first = usize::from(*before) + below.count_ones() as usize;
        let tag = key::tag(gram);
        // Several literals at one place stand in the places behind it.
        for number in (first..).zip(place..).take_while(|(_, place)| self.is_taken(*place)).map(|(number, _)| number) {
            let Some(&[own, len, offset, kind]) = self.shapes.get(number) else { return };
            if own != tag || kind >> 4 != field {
                continue;
            }
            let Some(start) = at.checked_sub(usize::from(offset)) else { continue };
            let end = start + usize::from(len);
            let same = || Some(key::hash(text.get(start..end)?) == *self.values.get(number)?);
            if kind & UNHASHED != 0 || same() == Some(true) {
                // A page is cut long before four bytes are too few.
                hits.push(Hit { number: number as u16, start: start as u32, end: end as u32 });
            }
        }
    }
}
