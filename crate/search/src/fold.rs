//! Single characters in normal form: entities decoded, typographic marks made plain, `<` and `>` of the text kept apart from markup.

use crate::{GREATER, LESS};

/// Entities with a name that error pages use.
const NAMED: &[(&[u8], &[u8])] = &[
    (b"amp", b"&"),
    (b"lt", &[LESS]),
    (b"gt", &[GREATER]),
    (b"quot", b"\""),
    (b"apos", b"'"),
    (b"nbsp", b" "),
    (b"lsquo", b"'"),
    (b"rsquo", b"'"),
    (b"ldquo", b"\""),
    (b"rdquo", b"\""),
    (b"ndash", b"-"),
    (b"mdash", b"-"),
    (b"middot", "·".as_bytes()),
    (b"bull", "•".as_bytes()),
    (b"hellip", "…".as_bytes()),
    (b"copy", "©".as_bytes()),
    (b"rsaquo", "›".as_bytes()),
    (b"raquo", "»".as_bytes()),
    (b"ouml", "ö".as_bytes()),
    (b"auml", "ä".as_bytes()),
    (b"uuml", "ü".as_bytes()),
    (b"eacute", "é".as_bytes()),
];

/// What one character of a page is in normal form.
pub(crate) struct Character {
    /// Its bytes; a single blank stands for white space of any kind.
    bytes: [u8; 4],
    len: usize,
    /// So many bytes of the page it took.
    pub(crate) used: usize,
}

impl Character {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    pub(crate) fn is_space(&self) -> bool {
        self.bytes() == b" "
    }

    fn new(of: &[u8], used: usize) -> Self {
        let mut bytes = [0; 4];
        for (to, from) in bytes.iter_mut().zip(of) {
            *to = *from;
        }
        Self { bytes, len: of.len().min(4), used }
    }
}

/// The first character of `rest`, folded.
pub(crate) fn character(rest: &[u8]) -> Character {
    match rest {
        [b'<', ..] => Character::new(&[LESS], 1),
        [b'>', ..] => Character::new(&[GREATER], 1),
        [b'&', ..] => entity(rest),
        // A blank that does not break.
        [0xC2, 0xA0, ..] => Character::new(b" ", 2),
        [0xE2, 0x80, 0x98 | 0x99, ..] => Character::new(b"'", 3),
        [0xE2, 0x80, 0x9C | 0x9D, ..] => Character::new(b"\"", 3),
        [0xE2, 0x80, 0x93 | 0x94, ..] => Character::new(b"-", 3),
        // A byte order mark.
        [0xEF, 0xBB, 0xBF, ..] => Character::new(b" ", 3),
        [b, ..] if b.is_ascii_whitespace() => Character::new(b" ", 1),
        [b, ..] => Character::new(&[*b], 1),
        [] => Character::new(b" ", 1),
    }
}

fn entity(rest: &[u8]) -> Character {
    let end = rest.iter().take(12).position(|&b| b == b';').unwrap_or(1);
    let name = rest.get(1..end).unwrap_or_default();
    if let Some((_, text)) = NAMED.iter().find(|(n, _)| *n == name) {
        return Character::new(text, end + 1);
    }
    let Some(c) = name.strip_prefix(b"#").and_then(number).and_then(char::from_u32) else { return Character::new(b"&", 1) };
    let mut bytes = [0; 4];
    let whole = c.encode_utf8(&mut bytes).as_bytes();
    let known = character(whole);
    // Byte by byte is how `character` takes what it does not know.
    let known = if known.used < whole.len() { Character::new(whole, 0) } else { known };
    Character { used: end + 1, ..known }
}

/// The digits of a character reference, decimal or after an `x` hexadecimal.
fn number(digits: &[u8]) -> Option<u32> {
    let (digits, base) = match digits {
        [b'x' | b'X', hex @ ..] => (hex, 16),
        _ => (digits, 10),
    };
    let mut number = 0_u32;
    for digit in digits {
        number = number.checked_mul(base)?.checked_add((*digit as char).to_digit(base)?)?;
    }
    (!digits.is_empty()).then_some(number)
}
