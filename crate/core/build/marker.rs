//! Markers in the form in which pages are searched, and what makes a marker useless.

use std::collections::BTreeMap;

use faultline_search::{Normal, key};

use super::kinds::{ANY, Op, STATUS, VERSION};

/// What stands for a part that varies, in a rule and in a literal.
const PLACEHOLDERS: [(&str, u8); 3] = [("{status}", STATUS), ("{version}", VERSION), ("{any}", ANY)];

/// A marker may be as long as the offset of its four bytes can tell.
const MAX_LEN: usize = 200;

/// What everybody's error pages say: no product by itself, however often it is on the page.
const GENERIC: &[&str] = &[
    "bad gateway",
    "error",
    "gateway time-out",
    "gateway timeout",
    "internal server error",
    "server error",
    "service temporarily unavailable",
    "service unavailable",
    "an error occurred",
    "not found",
    "forbidden",
    "please try again later",
];

/// Where a marker stands: decides how it is brought into normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Markup,
    Text,
    Verbatim,
}

/// The marker as pages in normal form have it, in lower case.
pub fn normal(marker: &str, form: Form) -> Result<String, String> {
    let bytes = match form {
        Form::Verbatim => marker.trim().as_bytes().to_vec(),
        Form::Text if marker.contains(['<', '>']) => {
            return Err("a text has no tags: take `where = \"markup\"`, or the words without the tags".into());
        }
        Form::Text => Normal::of(marker.as_bytes(), true).text,
        // A piece that begins within a tag.
        Form::Markup if begins_in_tag(marker) => Normal::of(format!("<x {marker}").as_bytes(), false).markup.split_off(3),
        Form::Markup => Normal::of(marker.as_bytes(), false).markup,
    };
    let mut text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    if form != Form::Verbatim && marker.ends_with(char::is_whitespace) && !text.ends_with(['>', ' ']) {
        text.push(' ');
    }
    if text.len() > MAX_LEN {
        return Err(format!("longer than {MAX_LEN} bytes: a shorter piece of it is enough"));
    }
    Ok(text)
}

fn begins_in_tag(marker: &str) -> bool {
    match (marker.find('<'), marker.find('>')) {
        (None, None) => marker.contains("=\"") || marker.contains("='"),
        (open, Some(close)) => open.is_none_or(|open| close < open),
        (Some(_), None) => false,
    }
}

/// A `like` pattern with its placeholders as single bytes.
pub fn pattern(marker: &str) -> Result<String, String> {
    let mut text = marker.to_owned();
    for (name, byte) in PLACEHOLDERS {
        text = text.replace(name, &char::from(byte).to_string());
    }
    if text.contains(['{', '}']) && !text.contains('"') {
        return Err("unknown placeholder: there are {status}, {version} and {any}".into());
    }
    if text.matches(char::from(ANY)).count() > 2 {
        return Err("more than two {any}: take `has` for the parts that matter".into());
    }
    normal(&text, Form::Text)
}

/// Why a marker must not name a product, if so.
pub fn too_weak(text: &str, names: bool) -> Option<String> {
    let words = text.split('<').map(|p| p.split_once('>').map_or(p, |(_, after)| after)).collect::<Vec<_>>().join(" ");
    let words = words.trim().trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || c == '-');
    let bare = words.trim_end_matches(['.', '!', ' ']);
    let least = if names { 6 } else { 4 };
    if text.len() < least {
        return Some(format!("\"{text}\" is shorter than {least} bytes in normal form: take more of its surroundings"));
    }
    (names && !text.contains('<') && GENERIC.contains(&bare)).then(|| {
        format!(
            "\"{text}\" is on everybody's error pages: class \"title\" or \"skeleton\", or a marker that only this product has"
        )
    })
}

/// Why a marker cannot be filed.
pub fn no_word(marker: &str) -> String {
    format!(
        "\"{marker}\" has no place where a word begins and goes on for four bytes: take more of what stands before or behind it"
    )
}

/// Offset of the four bytes by which a literal is filed, always where a word begins: those that the fewest pages have and the fewest
/// literals use. The first word of a literal may have begun before it in the page, and is taken only if there is no other.
pub fn key_at(literal: &str, op: Op, used: &BTreeMap<u32, usize>) -> Option<usize> {
    let bytes = literal.as_bytes();
    let cost = |at: usize| {
        let four = &bytes[at..at + 4];
        let open = at == 0 && matches!(op, Op::Has | Op::Suffix);
        let common: u32 = four.iter().map(|b| commonness(*b)).sum();
        let shared = key::gram(bytes, at).and_then(|gram| used.get(&gram)).copied().unwrap_or(0);
        common
            + 20 * u32::from(COMMON.contains(&four))
            + 100 * u32::from(open)
            + 6 * u32::try_from(shared).unwrap_or(u32::MAX / 8)
    };
    places(literal).min_by_key(|at| cost(*at))
}

/// Where a literal could be filed: offsets of the four bytes with which its words begin.
pub fn places(literal: &str) -> impl Iterator<Item = usize> {
    let bytes = literal.as_bytes();
    let begins = move |at: usize| match at.checked_sub(1).map(|before| bytes[before]) {
        None => true,
        // Digits or a version end here, or anything.
        Some(STATUS | VERSION | ANY) => false,
        Some(before) => !is_letter(before) || bytes[at] >= 0xE0,
    };
    let fixed = move |at: usize| bytes[at..at + 4].iter().all(|b| *b > ANY);
    (0..bytes.len().saturating_sub(3)).filter(move |at| is_letter(bytes[*at]) && begins(*at) && fixed(*at))
}

fn is_letter(byte: u8) -> bool {
    key::letters(u64::from(byte)) != 0
}

/// How words begin that many pages have.
const COMMON: &[&[u8]] = &[
    b"div>", b"div ", b"cent", b"clas", b"span", b"head", b"body", b"html", b"titl", b"meta", b"href", b"http", b"styl", b"scri",
    b"text", b"link", b"img ", b"src=", b"alt=", b"cont", b"char", b"name", b"type", b"marg", b"padd", b"colo", b"font", b"widt",
    b"heig", b"back", b"func", b"var ", b"the ", b"and ", b"for ", b"this", b"that", b"your", b"with", b"you ", b"not ", b"have",
    b"from", b"are ", b"was ", b"page", b"erro", b"serv", b"requ", b"gate", b"bad ", b"unav", b"502 ", b"503 ", b"500 ", b"504 ",
    b"h1>5", b"plea", b"agai", b"time", b"com/", b"www.", b"site", b"webs", b"conn", b"avai", b"temp", b"inte", b"null", b"true",
    b"data",
];

/// How often a byte is met in pages, roughly: 0 rare, 9 everywhere.
fn commonness(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        b' ' | b'e' | b't' => 9,
        b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 8,
        b'<' | b'>' | b'/' | b'=' | b'l' | b'd' | b'c' => 7,
        b'h' | b'u' | b'm' | b'p' => 6,
        b'.' | b'-' | b'f' | b'g' | b'0' | b'1' | b'2' => 5,
        b'b' | b'v' | b'w' | b'y' | b'"' | b':' | b';' => 4,
        b'3'..=b'9' | b',' | b'_' => 3,
        b'k' | b'(' | b')' | b'&' => 2,
        b'x' => 1,
        _ => 0,
    }
}
