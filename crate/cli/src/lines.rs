//! Lines of JSON from an input of any length, one in memory at a time.

use std::io::{self, BufRead};

use crate::shorten::Shortener;

/// Most bytes of a line, its long strings shortened. Nothing that anybody would write by hand or program comes near.
const MAX_LINE: usize = 8 * 1024 * 1024;

/// So many bytes are taken before the length is looked at once more.
const PIECE: usize = 64 * 1024;

/// One line of the input.
pub(crate) enum Line {
    /// Its bytes, without the end of line, long strings shortened.
    Text(Vec<u8>),
    /// The same, with something wrong in it that is worth a word: it can be read all the same.
    Flawed(Vec<u8>, &'static str),
    /// Longer than [`MAX_LINE`] even so.
    TooLong,
}

/// Lines of JSON, counted from 1.
pub(crate) struct Lines<R> {
    input: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `input`.
    pub(crate) fn new(input: R) -> Self {
        Self { input, number: 0 }
    }

    /// The next line and its number.
    pub(crate) fn next(&mut self) -> io::Result<Option<(u64, Line)>> {
        let (mut shortener, mut out, mut too_long, mut any) = (Shortener::default(), Vec::new(), false, false);
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = chunk.iter().position(|b| *b == b'\n');
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            for piece in part.chunks(PIECE) {
                if !too_long {
                    shortener.take(piece, &mut out);
                    too_long = out.len() > MAX_LINE;
                }
            }
            let used = end.map_or(chunk.len(), |end| end + 1);
            any |= used > 0;
            self.input.consume(used);
            if end.is_none() && used > 0 {
                continue;
            }
            if !any {
                return Ok(None);
            }
            shortener.finish(&mut out);
            self.number += 1;
            let line = match too_long {
                true => Line::TooLong,
                false => match shortener.take_flaw() {
                    Some(flaw) => Line::Flawed(out, flaw),
                    None => Line::Text(out),
                },
            };
            return Ok(Some((self.number, line)));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn lines_are_counted_and_too_long_ones_are_passed_over() {
        let long = format!("[{}]", "1,".repeat(MAX_LINE));
        let text = format!("a\n\n{long}\nb");
        let mut lines = Lines::new(text.as_bytes());
        let mut seen = Vec::new();
        while let Some((number, line)) = lines.next().unwrap() {
            seen.push(match line {
                Line::Text(text) | Line::Flawed(text, _) => {
                    format!("{number} {}", String::from_utf8(text).unwrap().chars().take(9).collect::<String>())
                }
                Line::TooLong => format!("{number} too long"),
            });
        }
        assert_eq!(seen, ["1 a", "2 ", "3 too long", "4 b"]);
    }
}
