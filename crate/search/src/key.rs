//! By which numbers a literal is found: four bytes at the start of one of its words, and the hash of all of its bytes. Both ignore the
//! case of ASCII letters.

/// The same byte eight times.
const fn eight(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Marks, in the highest bit of each of eight bytes, those that are part of a word: letters, digits, and whatever is beyond ASCII.
#[must_use]
pub const fn letters(bytes: u64) -> u64 {
    let low = bytes & eight(0x7F);
    let small = low | eight(0x20);
    // A sum reaches the highest bit of a byte when the byte reaches the letter. No sum goes beyond its byte.
    let letter = (small + eight(0x80 - b'a')) & !(small + eight(0x7F - b'z'));
    let digit = (low + eight(0x80 - b'0')) & !(low + eight(0x7F - b'9'));
    (letter | digit | bytes) & eight(0x80)
}

/// Marks, likewise, the bytes with which a word begins: a letter after what is none, and the first byte of a sign of those scripts
/// that have no blanks between words. `before` are the letters of the eight bytes before these.
#[must_use]
pub const fn starts(bytes: u64, before: u64) -> u64 {
    let letters = letters(bytes);
    let signs = bytes & bytes << 1 & bytes << 2;
    letters & (!(letters << 8 | before >> 56) | signs)
}

/// The four bytes from `at`, as one number.
#[must_use]
pub fn gram(text: &[u8], at: usize) -> Option<u32> {
    text.get(at..)?.first_chunk().map(|four| folded(*four))
}

/// The place of a gram in a filter of `2^(32 - shift)` places.
#[must_use]
pub const fn place(gram: u32, shift: u32) -> usize {
    (gram.wrapping_mul(0x9E37_79B1) >> shift) as usize
}

/// Eight other bits of the gram, to tell most strangers at the same place without looking at the literal.
#[must_use]
pub const fn tag(gram: u32) -> u8 {
    (gram.wrapping_mul(0x85EB_CA6B) >> 24) as u8
}

/// Hash of a text of at least four bytes, four at a time; the last four may overlap those before. Of shorter ones the bytes themselves.
#[must_use]
pub fn hash(text: &[u8]) -> u32 {
    let mut hash = text.len() as u32;
    let (fours, _) = text.as_chunks();
    for four in fours.iter().chain(text.last_chunk()) {
        hash = (hash ^ folded(*four)).wrapping_mul(0x9E37_79B1).rotate_left(15);
    }
    match text {
        [a, b, c] => hash ^ folded([b' ', *a, *b, *c]),
        [a, b] => hash ^ folded([b' ', b' ', *a, *b]),
        [a] => hash ^ folded([b' ', b' ', b' ', *a]),
        _ => hash,
    }
}

/// Four bytes without the bit that tells capital letters from small ones. It tells some other signs apart too; no marker needs that.
const fn folded(four: [u8; 4]) -> u32 {
    u32::from_le_bytes(four) | 0x2020_2020
}
