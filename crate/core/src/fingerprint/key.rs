//! By which numbers a literal is found: the key of four of its bytes, and the hash of all of them. Both ignore the case of ASCII
//! letters. The build script compiles this file too.

/// Four bytes as one number. Folds some signs into others as well: the hash of the whole literal sorts that out.
#[must_use]
pub(crate) const fn gram(four: [u8; 4]) -> u32 {
    u32::from_le_bytes(four) | 0x2020_2020
}

/// The place of a gram in a filter of `2^(32 - shift)` places.
#[must_use]
pub(crate) const fn place(gram: u32, shift: u32) -> usize {
    (gram.wrapping_mul(0x9E37_79B1) >> shift) as usize
}

/// Eight other bits of the gram, to tell most strangers at the same place without looking at the literal.
#[must_use]
pub(crate) const fn tag(gram: u32) -> u8 {
    (gram.wrapping_mul(0x85EB_CA6B) >> 24) as u8
}

/// Hash of a text: FNV-1a over its bytes in lower case.
#[must_use]
pub(crate) fn hash(text: &[u8]) -> u32 {
    let mut hash = 0x811C_9DC5_u32;
    for byte in text {
        hash = (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193);
    }
    hash
}
