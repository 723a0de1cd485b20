//! Text that may leave the machine.
//!
//! A report is built from [`Safe`] alone, and only this module makes one. What is taken out is shown as taken out.

use serde::Serialize;

use crate::net::{self, Reach};

/// Text without query values, fragments, user info, tokens, e-mail or IP addresses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(transparent)]
pub struct Safe(String);

impl Safe {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A text of our own: no part of it came from a page, a header or the visitor.
    #[must_use]
    pub fn own(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// A sentence that was put together from our own words and, possibly, quoted evidence: the quotes are cleaned.
    #[must_use]
    pub fn sentence(text: &str) -> Self {
        Self(clean(text))
    }

    /// A page URL: origin and path stay, everything that may be secret goes.
    #[must_use]
    pub fn url(url: &str) -> Self {
        let Some(parts) = net::Url::split(url) else { return Self(clean(url)) };
        let path: Vec<_> = parts.path.split('/').map(clean_segment).collect();
        let query = if parts.query.is_some() { format!("?{}", REMOVED) } else { String::new() };
        let fragment = if url.contains('#') { format!("#{}", REMOVED) } else { String::new() };
        let user = if url.split("://").nth(1).and_then(|r| r.split(['/', '?', '#']).next()).is_some_and(|a| a.contains('@')) {
            format!("{REMOVED}@")
        } else {
            String::new()
        };
        Self(format!("{}://{user}{}{}{query}{fragment}", parts.scheme, parts.authority, path.join("/")))
    }

    /// Title of the page or another text from it.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self(clean(text))
    }

    /// An identifier that the administrator needs: kept as it is where it has the form of one.
    #[must_use]
    pub fn reference(value: &str) -> Self {
        let fine = value.len() <= 128 && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:#/=+@ ".contains(c));
        if fine && !value.contains('@') && net::reach(value).is_none() { Self(value.to_owned()) } else { Self(clean(value)) }
    }

    /// A version, as it was taken out of a page. Four numbers with dots are one too, and `9.4.53.v20231009` is no token.
    #[must_use]
    pub fn version(version: &str) -> Self {
        let fine = version.len() <= 40 && version.chars().all(|c| c.is_ascii_alphanumeric() || ".-+~_".contains(c));
        if fine { Self(version.to_owned()) } else { Self(clean(version)) }
    }

    /// The server's address, where it is one that the whole world may see, or this machine's own name for itself.
    #[must_use]
    pub fn address(address: &str) -> Self {
        match net::reach(address) {
            Some(Reach::Public | Reach::Loopback) => Self(address.to_owned()),
            _ => Self(REMOVED.to_owned()),
        }
    }
}

/// What stands where something was taken out.
pub const REMOVED: &str = "[removed]";

/// Longest text that is taken from a page, in characters.
const MAX_TEXT: usize = 300;

/// Takes out, word by word, what looks like an address, a token or a secret.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_TEXT * 4));
    let mut word = String::new();
    for c in text.chars().take(MAX_TEXT) {
        if c.is_whitespace() || c.is_control() || is_bidi(c) || "\"'<>()[]{},;|“”".contains(c) {
            out.push_str(&clean_word(&word));
            word.clear();
            if !c.is_control() && !is_bidi(c) {
                out.push(c);
            }
        } else {
            word.push(c);
        }
    }
    out.push_str(&clean_word(&word));
    out
}

/// Characters that make text run the other way: a page could make a report read as something else.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{061c}')
}

fn clean_word(word: &str) -> String {
    if let Some((scheme, rest)) = word.split_once("://") {
        // Of another scheme nobody knows which part is secret; a bare `http://` has none.
        return match net::Url::split(word) {
            Some(_) => Safe::url(word).0,
            None if rest.is_empty() => word.to_owned(),
            None => format!("{scheme}://{REMOVED}"),
        };
    }
    let bare = word.trim_matches(|c: char| ".:!?=".contains(c));
    if is_email(bare) || is_address(bare) || is_token(bare) || has_secret_value(bare) {
        word.replacen(bare, REMOVED, 1)
    } else {
        word.to_owned()
    }
}

fn clean_segment(segment: &str) -> String {
    let plain = segment.replace("%40", "@");
    if is_email(&plain) || is_address(segment) || is_token(segment) || has_secret_value(segment) {
        REMOVED.to_owned()
    } else {
        segment.to_owned()
    }
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
}

/// An address in any of its usual notations, with or without a port.
fn is_address(text: &str) -> bool {
    let host =
        text.rsplit_once(':').map_or(text, |(host, port)| if port.chars().all(|c| c.is_ascii_digit()) { host } else { text });
    matches!(net::reach(text).or_else(|| net::reach(host)), Some(Reach::Public | Reach::Private))
}

/// A long run of letters and digits together is a key, a session, a hash: nothing that a reader of words would miss.
fn is_token(text: &str) -> bool {
    let jwt = text.len() > 40 && text.matches('.').count() == 2 && text.starts_with("ey");
    let dense = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_+/=.~%".contains(c));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    jwt || (dense && text.len() >= 20 && digits >= 4 && letters >= 2) || digits >= 12
}

fn has_secret_value(text: &str) -> bool {
    const NAMES: &[&str] = &[
        "token",
        "session",
        "sid",
        "key",
        "secret",
        "password",
        "passwd",
        "pwd",
        "auth",
        "code",
        "cookie",
        "jsessionid",
        "phpsessid",
    ];
    text.split_once('=').is_some_and(|(name, value)| {
        let name = name.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase();
        !value.is_empty() && NAMES.iter().any(|n| name.ends_with(n))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_keeps_only_where_it_points() {
        let url = "https://me:pw@shop.example:8443/u/jane@mail.example/9f8e7d6c5b4a39281706f5e4/cart?sid=1#top";
        assert_eq!(Safe::url(url).as_str(), "https://[removed]@shop.example:8443/u/[removed]/[removed]/cart?[removed]#[removed]");
        assert_eq!(Safe::url("https://shop.example/cart/42").as_str(), "https://shop.example/cart/42");
        assert_eq!(Safe::url("https://shop.example/app;jsessionid=1A2B").as_str(), "https://shop.example/[removed]");
    }

    #[test]
    fn a_text_loses_addresses_and_tokens_but_keeps_its_words() {
        let text = "502 for jane@mail.example from 203.0.113.9, 2001:db8::7 and [fd00::1]:443 token=abc eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl";
        let safe = Safe::text(text);
        for secret in ["jane", "203.0.113.9", "2001:db8", "fd00", "abc", "eyJ"] {
            assert!(!safe.as_str().contains(secret), "{secret} in {}", safe.as_str());
        }
        assert!(safe.as_str().starts_with("502 for [removed] from [removed]"), "{}", safe.as_str());
        assert_eq!(Safe::text("shop.example | 502: Bad gateway").as_str(), "shop.example | 502: Bad gateway");
        assert_eq!(Safe::text("\u{202e}evil").as_str(), "evil");
    }

    #[test]
    fn an_address_of_another_scheme_is_cut_to_its_scheme() {
        assert_eq!(
            Safe::text("ftp://me:pw@host.example/x and (see:http://shop.example/y)").as_str(),
            "ftp://[removed] and (see:http://[removed])"
        );
        assert_eq!(
            Safe::sentence("Open any page that starts with http:// and log in.").as_str(),
            "Open any page that starts with http:// and log in."
        );
        assert_eq!(Safe::url("ftp://host.example/x").as_str(), "ftp://[removed]");
    }

    #[test]
    fn versions_stay_even_when_they_look_like_addresses() {
        assert_eq!(Safe::version("1.21.4.1").as_str(), "1.21.4.1");
        assert_eq!(Safe::version("9.4.53.v20231009").as_str(), "9.4.53.v20231009");
        assert_eq!(Safe::version("1 for jane@mail.example").as_str(), "1 for [removed]");
    }

    #[test]
    fn references_stay_unless_they_are_addresses() {
        assert_eq!(Safe::reference("8a1b2c3d4e5f6a7b-FRA").as_str(), "8a1b2c3d4e5f6a7b-FRA");
        assert_eq!(Safe::reference("203.0.113.9").as_str(), REMOVED);
        assert_eq!(Safe::reference("<b>x</b>").as_str(), "<b>x</b>");
    }
}
