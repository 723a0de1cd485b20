//! Shortens the strings of JSON while it is read, so that a body of 100 MB takes no more memory than a small one.
//!
//! Of a long string its first [`HEAD`] and its last [`TAIL`] characters stay, which is more than the core looks at even when
//! they are base64. What goes is always a multiple of four characters, so that base64 stays in step. Along the way bytes that
//! are not UTF-8 and halves of surrogate pairs, which JSON cannot hold, become U+FFFD.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// Characters that stay of the start of a string.
pub(crate) const HEAD: usize = 96 * 1024;
/// Characters that stay of its end.
pub(crate) const TAIL: usize = 32 * 1024;

/// So much of a text is dropped without a word: of long pages only head and tail are ever looked at. What is longer is no page.
const HUGE: usize = 16 * 1024 * 1024;

/// Longest way to write one character: a surrogate pair in escapes.
const MAX_UNIT: usize = 12;

/// So many bytes hold [`TAIL`] characters however they are written.
const TAIL_ROOM: usize = TAIL * MAX_UNIT;

const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// One character of a string as it is written: a byte or several, an escape, or the escapes of a surrogate pair.
#[derive(Clone, Copy, Default)]
struct Unit {
    bytes: [u8; MAX_UNIT],
    len: u8,
}

impl Unit {
    fn as_slice(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(usize::from(self.len)) {
            *place = byte;
            self.len += 1;
        }
    }

    fn of(bytes: &[u8]) -> Self {
        let mut unit = Self::default();
        bytes.iter().for_each(|b| unit.push(*b));
        unit
    }

    /// The code unit of a complete `\uXXXX`.
    fn code(&self) -> Option<u16> {
        let digits = self.as_slice().strip_prefix(b"\\u").filter(|d| d.len() == 4)?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    }

    fn is_high(&self) -> bool {
        matches!(self.code(), Some(0xd800..=0xdbff))
    }

    fn is_low(&self) -> bool {
        matches!(self.code(), Some(0xdc00..=0xdfff))
    }

    /// The unit as JSON may have it.
    fn clean(self) -> Self {
        let broken = self.is_high() || self.is_low() || std::str::from_utf8(self.as_slice()).is_err();
        if broken { Self::of(REPLACEMENT) } else { self }
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Outside,
    Text,
    Escape,
    /// In `\uXXXX`, after so many digits.
    Code(u8),
}

/// Takes JSON byte by byte.
#[derive(Default)]
pub(crate) struct Shortener {
    state: State,
    unit: Unit,
    /// A high surrogate whose other half may follow.
    high: Option<Unit>,
    kept: usize,
    /// What follows after the head, from where nothing was dropped any more.
    tail: Vec<u8>,
    tail_units: usize,
    /// Whether a text had bytes that are not UTF-8.
    repaired: bool,
    /// Bytes of this text that were dropped.
    dropped: usize,
    /// Whether more than [`HUGE`] bytes of a text were dropped.
    huge: bool,
}

impl Shortener {
    /// What was not as it should be since this was last asked.
    pub(crate) const fn take_flaw(&mut self) -> Option<&'static str> {
        let (repaired, huge) = (self.repaired, self.huge);
        (self.repaired, self.huge) = (false, false);
        match (repaired, huge) {
            (true, _) => Some("it has bytes that are not UTF-8; they were read as \u{fffd}"),
            (_, true) => Some("a text in it is longer than 16 MiB; only its start and its end were read"),
            _ => None,
        }
    }

    /// Takes the next bytes and writes what is sure to stay.
    pub(crate) fn take(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut rest = bytes;
        while let Some((byte, more)) = rest.split_first() {
            let plain = if self.state == State::Text { rest.iter().take_while(|b| is_plain(**b)).count() } else { 0 };
            if plain > 1 {
                self.complete(out);
                let (run, more) = rest.split_at(plain);
                // A high surrogate before it has lost its other half.
                self.lone_high(out);
                self.run(run, out);
                rest = more;
            } else {
                self.push(*byte, out);
                rest = more;
            }
        }
    }

    fn push(&mut self, byte: u8, out: &mut Vec<u8>) {
        match self.state {
            State::Outside => {
                out.push(byte);
                if byte == b'"' {
                    self.state = State::Text;
                    self.dropped = 0;
                }
            }
            State::Text => self.text(byte, out),
            State::Escape => {
                self.unit.push(byte);
                self.state = if byte == b'u' { State::Code(0) } else { State::Text };
            }
            State::Code(_) if !byte.is_ascii_hexdigit() => {
                self.state = State::Text;
                self.text(byte, out);
            }
            State::Code(digits) => {
                self.unit.push(byte);
                self.state = if digits == 3 { State::Text } else { State::Code(digits + 1) };
            }
        }
    }

    /// The input, or the line, ends here. A string that is not closed stays so.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        if self.state != State::Outside {
            self.end_string(out);
        }
        self.state = State::Outside;
    }

    fn text(&mut self, byte: u8, out: &mut Vec<u8>) {
        let continues =
            byte & 0xc0 == 0x80 && (1..4).contains(&self.unit.len) && self.unit.bytes.first().is_some_and(|b| *b >= 0xc0);
        if continues {
            self.unit.push(byte);
            return;
        }
        self.complete(out);
        match byte {
            b'"' => {
                self.end_string(out);
                out.push(byte);
                self.state = State::Outside;
            }
            b'\\' => {
                self.unit.push(byte);
                self.state = State::Escape;
            }
            _ => self.unit.push(byte),
        }
    }

    /// The unit that was being read is complete.
    fn complete(&mut self, out: &mut Vec<u8>) {
        let unit = std::mem::take(&mut self.unit);
        if unit.len == 0 {
            return;
        }
        match self.high.take() {
            Some(high) if unit.is_low() => {
                let pair = Unit::of(&[high.as_slice(), unit.as_slice()].concat());
                self.put(pair, out);
                return;
            }
            Some(high) => self.put(high.clean(), out),
            None => {}
        }
        if unit.is_high() {
            self.high = Some(unit);
        } else {
            self.repaired |= std::str::from_utf8(unit.as_slice()).is_err();
            self.put(unit.clean(), out);
        }
    }

    fn put(&mut self, unit: Unit, out: &mut Vec<u8>) {
        if self.kept < HEAD {
            self.kept += 1;
            out.extend_from_slice(unit.as_slice());
            return;
        }
        self.tail.extend_from_slice(unit.as_slice());
        self.tail_units += 1;
        self.make_room();
    }

    /// Characters of one byte each, all at once.
    fn run(&mut self, run: &[u8], out: &mut Vec<u8>) {
        let (head, tail) = run.split_at(run.len().min(HEAD - self.kept));
        self.kept += head.len();
        out.extend_from_slice(head);
        self.tail.extend_from_slice(tail);
        self.tail_units += tail.len();
        self.make_room();
    }

    fn make_room(&mut self) {
        if self.tail.len() > 2 * TAIL_ROOM {
            self.drop_units(self.tail_units - TAIL);
        }
    }

    /// Drops characters from the start of the tail: as many as wanted, down to a multiple of four.
    fn drop_units(&mut self, wanted: usize) {
        let units = wanted / 4 * 4;
        let mut at = 0;
        for _ in 0..units {
            at += self.tail.get(at..).map_or(0, unit_length);
        }
        self.tail.drain(..at.min(self.tail.len()));
        self.dropped = self.dropped.saturating_add(at);
        self.huge |= self.dropped > HUGE;
        self.tail_units -= units;
    }

    fn lone_high(&mut self, out: &mut Vec<u8>) {
        if let Some(high) = self.high.take() {
            self.put(high.clean(), out);
        }
    }

    fn end_string(&mut self, out: &mut Vec<u8>) {
        self.complete(out);
        self.lone_high(out);
        self.drop_units(self.tail_units.saturating_sub(TAIL));
        out.append(&mut self.tail);
        (self.kept, self.tail_units) = (0, 0);
    }
}

/// Whether a byte in a string is a character by itself.
const fn is_plain(byte: u8) -> bool {
    byte < 0x80 && !matches!(byte, b'"' | b'\\')
}

/// Bytes of the first character of a string that has been cleaned.
fn unit_length(text: &[u8]) -> usize {
    match text {
        [b'\\', b'u', rest @ ..] => {
            if Unit::of(text.get(..6).unwrap_or(rest)).is_high() {
                MAX_UNIT
            } else {
                6
            }
        }
        [b'\\', ..] => 2,
        [0xf0..=0xff, ..] => 4,
        [0xe0..=0xef, ..] => 3,
        [0xc0..=0xdf, ..] => 2,
        _ => 1,
    }
}

/// A whole JSON document, its strings shortened on the way.
pub(crate) struct Shortened<R> {
    input: R,
    shortener: Shortener,
    out: Vec<u8>,
    at: usize,
    place: Rc<Place>,
}

/// How far a document has been taken.
#[derive(Debug)]
pub(crate) struct Place {
    /// The number of the line.
    pub(crate) line: Cell<u64>,
    /// What was not as it should be since somebody last took it from here.
    pub(crate) flaw: Cell<Option<&'static str>>,
}

impl<R: BufRead> Shortened<R> {
    /// The document, and how far it has been taken.
    pub(crate) fn new(input: R) -> (Self, Rc<Place>) {
        let place = Rc::new(Place { line: Cell::new(1), flaw: Cell::new(None) });
        let this = Self { input, shortener: Shortener::default(), out: Vec::new(), at: 0, place: Rc::clone(&place) };
        (this, place)
    }
}

impl<R: BufRead> Read for Shortened<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at == self.out.len() {
            self.out.clear();
            self.at = 0;
            let chunk = self.input.fill_buf()?;
            let used = chunk.len();
            self.shortener.take(chunk, &mut self.out);
            if let Some(flaw) = self.shortener.take_flaw() {
                self.place.flaw.set(Some(flaw));
            }
            self.input.consume(used);
            if used == 0 {
                self.shortener.finish(&mut self.out);
                if self.out.is_empty() {
                    return Ok(0);
                }
            }
        }
        let read = self.out.get(self.at..).unwrap_or_default().read(buf)?;
        let lines = buf.iter().take(read).filter(|b| **b == b'\n').count();
        self.place.line.set(self.place.line.get() + u64::try_from(lines).unwrap_or(0));
        self.at += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    fn short(json: &[u8]) -> String {
        let (mut shortener, mut out) = (Shortener::default(), Vec::new());
        // In pieces, as it comes through a pipe.
        json.chunks(7).for_each(|piece| shortener.take(piece, &mut out));
        shortener.finish(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn short_strings_stay_as_they_are() {
        for json in
            [r#"{"a":"b\"c\\","d":[1,"\u00e9\ud83d\ude00 é😀"]}"#, r#""""#, r#"["unclosed"#, r#"{"bad":"\x"}"#, r#""\u12"#]
        {
            assert_eq!(short(json.as_bytes()), json);
        }
    }

    #[test]
    fn what_json_cannot_hold_is_replaced() {
        assert_eq!(short(b"\"a\xff\xe9b\""), "\"a\u{fffd}\u{fffd}b\"");
        assert_eq!(short(br#""\ud83d\n\udc00\ud83d""#), "\"\u{fffd}\\n\u{fffd}\u{fffd}\"");
        assert_eq!(short(br#""\ud83d\ud83d\ude00""#), "\"\u{fffd}\\ud83d\\ude00\"");
    }

    #[test]
    fn of_a_long_string_head_and_tail_stay_and_base64_keeps_its_step() {
        for more in 0..9 {
            let text: String = ('a'..='z').cycle().take(HEAD + 3 * TAIL_ROOM + more).collect();
            let json = short(format!("[\"{text}\",\"x\"]").as_bytes());
            let kept = json.strip_prefix("[\"").unwrap().strip_suffix("\",\"x\"]").unwrap();
            assert!(kept.len() < HEAD + TAIL + 4 && kept.len() >= HEAD + TAIL, "{}", kept.len());
            assert_eq!((text.len() - kept.len()) % 4, 0);
            assert_eq!(kept.get(..HEAD), text.get(..HEAD));
            assert!(text.ends_with(kept.get(HEAD..).unwrap()));
        }
    }

    #[test]
    fn a_long_string_is_cut_between_its_characters() {
        let text = r#"é\u00e9\ud83d\ude00😀\\x"#.repeat(TAIL);
        let kept: String = serde_json::from_str(&short(format!("\"{text}\"").as_bytes())).unwrap();
        assert!(kept.starts_with("éé😀😀\\x") && kept.ends_with("éé😀😀\\x") && kept.chars().all(|c| "é😀\\x".contains(c)));
        assert!(kept.chars().count() >= HEAD + TAIL && kept.chars().count() < HEAD + TAIL + 4);
    }
}
