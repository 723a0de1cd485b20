//! What in a text looks like a secret: addresses, e-mail, telephone numbers, tokens, credentials.
//!
//! A text is first made plain (nothing invisible can hide a part of a word), then judged word by word. When in doubt it
//! goes: the visitor reads the report before sending it, and what was taken out stands there as taken out.

use std::net::Ipv4Addr;

use super::address::is_address;
use super::token::{is_jwt, is_token};
use super::{REMOVED, Safe, VERSIONS_BELOW, phone};
use crate::net;

/// Longest text that is taken from a page, in characters.
pub(super) const MAX_TEXT: usize = 300;

/// What stands between two words.
const BETWEEN_WORDS: &str = "\"'<>()[]{},|“”„«»「」『』、。";

/// What stands between two pieces of a word, of which one alone may be secret.
const BETWEEN_PIECES: [char; 8] = ['/', '=', '&', '\\', '#', '~', '`', ';'];

/// What the text is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anything.
    Text,
    /// An identifier, which is a token by its nature.
    Identifier,
}

/// Takes out, word by word, what looks like an address, a token or a secret.
pub(super) fn clean(text: &str, kind: Kind) -> String {
    let plain = plain(text);
    let plain = if kind == Kind::Text { phone::clean(&plain) } else { plain };
    let mut words = Words { out: String::with_capacity(plain.len()), kind, next: Next::Anything };
    let mut rest = plain.as_str();
    while let Some(at) = rest.find(|c: char| c == ' ' || BETWEEN_WORDS.contains(c)) {
        let (word, tail) = rest.split_at(at);
        words.take(word);
        let mut chars = tail.chars();
        words.out.extend(chars.next().filter(|_| words.next != Next::NothingMore));
        rest = chars.as_str();
    }
    words.take(rest);
    words.out
}

/// The text as it looks, in one line: what is invisible or turns the direction of reading is gone, and wide forms are their
/// plain ones. Cut to [`MAX_TEXT`], between two words, since half a secret would be known for none.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_TEXT * 4));
    let mut count = 0;
    for c in text.chars() {
        let c = match c {
            c if c.is_whitespace() => ' ',
            c if is_invisible(c) => continue,
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{2010}'..='\u{2012}' => '-',
            c => c,
        };
        out.push(c);
        count += 1;
        // One that was cut before ends so.
        if count == MAX_TEXT && c != '…' {
            let whole = out.char_indices().rev().skip(1).find(|(_, c)| *c == ' ' || !c.is_ascii());
            out.truncate(whole.map_or(0, |(at, c)| at + c.len_utf8()));
            out.push('…');
            break;
        }
    }
    DOTS.iter().fold(out, |text, dot| if text.contains(dot) { joined(&text, dot) } else { text })
}

/// How an address is written that no program shall take for one.
const DOTS: [&str; 4] = ["[.]", "(.)", "[dot]", " . "];

/// With a full stop in place of `dot` wherever it stands between two digits.
fn joined(text: &str, dot: &str) -> String {
    let mut parts = text.split(dot);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = out.ends_with(|c: char| c.is_ascii_digit()) && part.starts_with(|c: char| c.is_ascii_digit());
        out.push_str(if digits { "." } else { dot });
        out.push_str(part);
    }
    out
}

/// Controls, soft hyphen, zero width, directions, joiners, tags: nothing that can be seen.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// What the last word says of the one that follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Anything,
    /// `password:`
    Secret,
    /// `Bearer`
    PerhapsSecret,
    /// `Cookie:`
    NothingMore,
}

struct Words {
    out: String,
    kind: Kind,
    next: Next,
}

impl Words {
    fn take(&mut self, word: &str) {
        let bare = bare(word);
        if bare.is_empty() || self.next == Next::NothingMore {
            // A mark alone, as in `password : x`, changes nothing.
            if self.next != Next::NothingMore {
                self.out.push_str(word);
            }
            return;
        }
        let said = self.next;
        self.next = announces(word, bare);
        let secret = match said {
            // `Authorization: Bearer …`
            Next::Secret => self.next == Next::Anything,
            Next::PerhapsSecret => is_credential(bare),
            _ => false,
        };
        if self.next == Next::NothingMore {
            self.out.push_str(word);
            self.out.push(' ');
            self.out.push_str(REMOVED);
        } else if secret && bare != REMOVED_WORD {
            self.out.push_str(&word.replacen(bare, REMOVED, 1));
        } else {
            clean_word(word, self.kind, &mut self.out);
        }
    }
}

/// The word without the marks around it. Two colons belong to an address.
fn bare(word: &str) -> &str {
    let word = word.trim_matches(|c: char| ".;!?=*_,".contains(c));
    let word = if word.ends_with("::") { word } else { word.strip_suffix(':').unwrap_or(word) };
    if word.starts_with("::") { word } else { word.strip_prefix(':').unwrap_or(word) }
}

/// [`REMOVED`] as a word, without its brackets.
const REMOVED_WORD: &str = "removed";

fn announces(word: &str, bare: &str) -> Next {
    const SECRETS: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "passcode",
        "pwd",
        "secret",
        "token",
        "sid",
        "sessionid",
        "apikey",
        "authorization",
    ];
    const SCHEMES: &[&str] = &["bearer", "basic", "digest", "negotiate", "ntlm", "token", "key", "session", "cookie", "auth"];
    let is = |names: &[&str]| names.iter().any(|name| bare.len() >= name.len() && ends_with(bare, name));
    if word.ends_with(':') && (bare.eq_ignore_ascii_case("cookie") || bare.eq_ignore_ascii_case("set-cookie")) {
        Next::NothingMore
    } else if word.ends_with([':', '=']) && is(SECRETS) {
        Next::Secret
    } else if is(SCHEMES) {
        Next::PerhapsSecret
    } else {
        Next::Anything
    }
}

fn ends_with(text: &str, end: &str) -> bool {
    text.len().checked_sub(end.len()).and_then(|at| text.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

fn clean_word(word: &str, kind: Kind, out: &mut String) {
    if let Some((scheme, rest)) = word.split_once("://") {
        // Of another scheme nobody knows which part is secret; a bare `http://` has none.
        match net::Url::split(word) {
            Some(url) if is_address(url.host) => {
                out.push_str(scheme);
                out.push_str("://");
                out.push_str(REMOVED);
            }
            Some(_) => out.push_str(Safe::url(word).as_str()),
            None if rest.is_empty() => out.push_str(word),
            None => {
                out.push_str(scheme);
                out.push_str("://");
                out.push_str(REMOVED);
            }
        }
        return;
    }
    let bare = bare(word);
    if is_secret(bare, kind) {
        out.push_str(&word.replacen(bare, REMOVED, 1));
        return;
    }
    // The query of an address without its scheme.
    let (head, query) = match word.split_once('?') {
        Some((head, query)) if query.contains('=') && !head.is_empty() => (head, true),
        _ => (word, false),
    };
    let mut before = "";
    let mut rest = head;
    let mut by = None;
    loop {
        let at = rest.find(BETWEEN_PIECES);
        let piece = rest.get(..at.unwrap_or(rest.len())).unwrap_or_default();
        clean_piece(piece, before, by, kind, out);
        let Some(at) = at else { break };
        let mut tail = rest.get(at..).unwrap_or_default().chars();
        by = tail.next();
        out.extend(by);
        before = piece;
        rest = tail.as_str();
    }
    if query {
        out.push('?');
        out.push_str(REMOVED);
    }
}

fn clean_piece(piece: &str, before: &str, by: Option<char>, kind: Kind, out: &mut String) {
    let bare = bare(piece);
    // `openresty/1.21.4.1` is a version; low addresses behind a name and a slash are rarer than versions.
    let name = !before.is_empty() && before.chars().all(|c| c.is_ascii_alphabetic() || c == '-' || c == '_');
    let version = by == Some('/')
        && name
        && bare.parse::<Ipv4Addr>().is_ok_and(|a| a.octets().first().is_some_and(|n| *n < VERSIONS_BELOW));
    let value = by == Some('=') && names_secret(before) && !is_number(bare);
    if !bare.is_empty() && !version && (value || is_secret(bare, kind)) {
        out.push_str(&piece.replacen(bare, REMOVED, 1));
    } else {
        out.push_str(piece);
    }
}

/// One segment of a path, and the one before it.
pub(super) fn clean_segment(segment: &str, before: &str) -> String {
    // Twice: what was encoded once more is still the same to who reads it.
    let plain = decoded(&decoded(segment));
    // Parameters of a segment are what a query is.
    let (name, parameters) = match plain.split_once(';') {
        Some((name, _)) => (name, true),
        None => (plain.as_str(), false),
    };
    let hidden = segment.chars().any(is_invisible) || name.len() > MAX_TEXT;
    let secret = hidden
        || clean(name, Kind::Text).contains(REMOVED)
        || (name.len() > 3 && opens_door(before) && !name.chars().all(|c| c.is_ascii_lowercase()));
    let kept = segment.split([';']).next().unwrap_or_default();
    match (secret, parameters) {
        (true, _) => REMOVED.to_owned(),
        // An encoded semicolon: the whole segment is as good as its parameters.
        (false, true) if kept.len() == segment.len() => REMOVED.to_owned(),
        (false, true) => [kept, ";", REMOVED].concat(),
        (false, false) => segment.to_owned(),
    }
}

/// Whether what follows this step of a path is meant for one person.
fn opens_door(step: &str) -> bool {
    const DOORS: &[&str] = &[
        "token",
        "session",
        "sid",
        "key",
        "secret",
        "password",
        "auth",
        "otp",
        "reset",
        "invite",
        "invitation",
        "verify",
        "confirm",
        "activate",
        "unsubscribe",
        "magic",
        "login",
        "code",
        "ticket",
        "share",
    ];
    DOORS.iter().any(|door| ends_with(step, door))
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = (*byte == b'%').then(|| text.get(at + 1..at + 3).and_then(|h| u8::from_str_radix(h, 16).ok())).flatten();
        out.push(hex.unwrap_or(*byte));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn is_secret(text: &str, kind: Kind) -> bool {
    is_email(text) || is_address(text) || is_jwt(text) || (kind == Kind::Text && is_token(text)) || has_secret_value(text)
}

/// Anything at anything, but for `package@1.2.3`; the at also as addresses of pages write it.
fn is_email(text: &str) -> bool {
    text.split_once('@').or_else(|| text.split_once("%40")).is_some_and(|(user, host)| {
        let version = host.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !is_address(host);
        !user.is_empty() && !host.is_empty() && !version
    })
}

/// What follows `Bearer`, and is no word.
fn is_credential(text: &str) -> bool {
    let mut last = 'A';
    let inner = text.chars().any(|c| {
        let change = last.is_ascii_lowercase() && c.is_ascii_uppercase();
        last = c;
        change || (c.is_ascii_digit() && text.len() > 3) || c == '='
    });
    inner && text.len() >= 4
}

fn has_secret_value(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, value)| !value.is_empty() && !is_number(value) && names_secret(name))
}

/// A status or a port: no secret, whatever it is called.
fn is_number(text: &str) -> bool {
    text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit())
}

fn names_secret(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "token",
        "session",
        "sid",
        "key",
        "secret",
        "password",
        "passwd",
        "pwd",
        "pass",
        "auth",
        "code",
        "cookie",
        "sessid",
        "sessionid",
        "signature",
        "sig",
        "otp",
        "pin",
        "jwt",
        "authorization",
        "credential",
        "email",
        "mail",
        "user",
        "phone",
        "ip",
    ];
    NAMES.iter().any(|n| ends_with(name, n))
}
