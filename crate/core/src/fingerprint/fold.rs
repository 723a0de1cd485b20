//! Single characters in normal form: entities decoded, typographic marks made plain, `<` and `>` of the text kept apart from markup.

/// Entities with a name that error pages use; `lt` and `gt` are missing on purpose.
const NAMED: &[(&str, &str)] = &[
    ("amp", "&"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("lsquo", "'"),
    ("rsquo", "'"),
    ("ldquo", "\""),
    ("rdquo", "\""),
    ("ndash", "-"),
    ("mdash", "-"),
    ("middot", "·"),
    ("bull", "•"),
    ("hellip", "…"),
    ("copy", "©"),
    ("rsaquo", "›"),
    ("raquo", "»"),
    ("ouml", "ö"),
    ("auml", "ä"),
    ("uuml", "ü"),
    ("eacute", "é"),
];

/// What one character of a page is in normal form; each but `Byte` with the number of bytes that it took.
pub(super) enum Character<'a> {
    /// White space of any kind.
    Space(usize),
    /// Itself.
    Byte(u8),
    /// Other bytes.
    Piece(&'a [u8], usize),
    /// So many bytes of what was decoded.
    Decoded(usize, usize),
}

/// The first character of `rest`, folded.
pub(super) fn character<'a>(rest: &'a [u8], decoded: &mut [u8; 4]) -> Character<'a> {
    match rest {
        [b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9', ..] => Character::Byte(rest.first().copied().unwrap_or_default()),
        [b, ..] if b.is_ascii_whitespace() => Character::Space(1),
        [b'<', ..] => Character::Piece(b"&lt;", 1),
        [b'>', ..] => Character::Piece(b"&gt;", 1),
        [b'&', ..] => entity(rest, decoded),
        [0xC2, 0xA0, ..] => Character::Space(2),
        [0xE2, 0x80, 0x98 | 0x99, ..] => Character::Piece(b"'", 3),
        [0xE2, 0x80, 0x9C | 0x9D, ..] => Character::Piece(b"\"", 3),
        [0xE2, 0x80, 0x93 | 0x94, ..] => Character::Piece(b"-", 3),
        // A byte order mark.
        [0xEF, 0xBB, 0xBF, ..] => Character::Space(3),
        [b, ..] => Character::Byte(*b),
        [] => Character::Space(1),
    }
}

fn entity<'a>(rest: &'a [u8], decoded: &mut [u8; 4]) -> Character<'a> {
    let end = rest.iter().take(12).position(|&b| b == b';').unwrap_or(0);
    let name = rest.get(1..end).and_then(|n| core::str::from_utf8(n).ok()).unwrap_or_default();
    let used = end + 1;
    if matches!(name, "lt" | "gt") {
        return Character::Piece(rest.get(..used).unwrap_or_default(), used);
    }
    if let Some((_, text)) = NAMED.iter().find(|(n, _)| *n == name) {
        return if *text == " " { Character::Space(used) } else { Character::Piece(text.as_bytes(), used) };
    }
    let number = name.strip_prefix('#').and_then(|n| match n.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => n.parse().ok(),
    });
    match number.and_then(char::from_u32) {
        None => Character::Byte(b'&'),
        Some('<') => Character::Piece(b"&lt;", used),
        Some('>') => Character::Piece(b"&gt;", used),
        Some('\u{2018}' | '\u{2019}') => Character::Piece(b"'", used),
        Some('\u{201C}' | '\u{201D}') => Character::Piece(b"\"", used),
        Some('\u{2013}' | '\u{2014}') => Character::Piece(b"-", used),
        Some(c) if c.is_whitespace() => Character::Space(used),
        Some(c) => Character::Decoded(c.encode_utf8(decoded).len(), used),
    }
}

/// Printable ASCII that is neither markup nor the start of an entity.
pub(super) const fn is_word(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~') && !matches!(byte, b'<' | b'>' | b'&')
}
