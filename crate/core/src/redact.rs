//! Text that may leave the machine.
//!
//! A report is built from [`Safe`] alone, and only this module makes one. What is taken out is shown as taken out.
//! [`look`] knows what a secret looks like.

mod address;
mod look;
mod phone;
mod token;

use std::net::Ipv4Addr;

use serde::Serialize;

use crate::net::{self, Reach};
use crate::words::{Speaker, Word};
use look::Kind;

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

    /// Words of a rule, which were there before the page was.
    #[must_use]
    pub fn known(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// A sentence that was put together from our own words and, possibly, quoted evidence: the quotes are cleaned.
    #[must_use]
    pub fn sentence(text: &str) -> Self {
        Self(look::clean(text, Kind::Text))
    }

    /// A sentence of our own words: what goes into its placeholders is cleaned, whatever it is.
    #[must_use]
    pub fn word(word: &Word, speaker: &dyn Speaker) -> Self {
        let args = word.args.iter().map(|arg| look::clean(arg, Kind::Text)).collect();
        Self(speaker.say(&Word { key: word.key.clone(), args }))
    }

    /// A page URL: origin and path stay, everything that may be secret goes.
    #[must_use]
    pub fn url(url: &str) -> Self {
        Self::url_with(url, Include::default())
    }

    /// A page URL with what the visitor wants in it.
    #[must_use]
    pub fn url_with(url: &str, include: Include) -> Self {
        let visible = |parts: &net::Url<'_>| !parts.authority.chars().any(|c| c.is_whitespace() || look::is_invisible(c));
        let Some(parts) = net::Url::split(url).filter(visible) else {
            // What is no URL may still end in a fragment.
            let before = url.split('#').next().unwrap_or_default();
            let fragment = if before.len() < url.len() { format!("#{REMOVED}") } else { String::new() };
            return Self(look::clean(before, Kind::Text) + &fragment);
        };
        let path = if include.path { as_it_is(parts.path) } else { clean_path(parts.path) };
        let query = match parts.query {
            Some(query) if include.query => format!("?{}", as_it_is(query)),
            Some(_) => format!("?{REMOVED}"),
            None => String::new(),
        };
        let fragment = if url.contains('#') { format!("#{}", REMOVED) } else { String::new() };
        let user = if url.split("://").nth(1).and_then(|r| r.split(['/', '?', '#']).next()).is_some_and(|a| a.contains('@')) {
            format!("{REMOVED}@")
        } else {
            String::new()
        };
        Self(format!("{}://{user}{}{}{query}{fragment}", parts.scheme, parts.authority, path))
    }

    /// Title of the page or another text from it.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self(look::clean(text, Kind::Text))
    }

    /// An identifier that the administrator needs: kept even where it looks like a token.
    #[must_use]
    pub fn reference(value: &str) -> Self {
        let kind = if value.len() > 128 || value.starts_with('+') { Kind::Text } else { Kind::Identifier };
        Self(look::clean(value, kind))
    }

    /// A version, as it was taken out of a page. Four numbers with dots are one too, as long as the first is small, and
    /// `9.4.53.v20231009` is no token.
    #[must_use]
    pub fn version(version: &str) -> Self {
        let fine = version.len() <= 40 && version.chars().all(|c| c.is_ascii_alphanumeric() || ".-+~_".contains(c));
        let address = version.parse::<Ipv4Addr>().is_ok_and(|a| a.octets().first().is_some_and(|n| *n >= VERSIONS_BELOW));
        if fine && !address { Self(version.to_owned()) } else { Self(look::clean(version, Kind::Text)) }
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

/// What the visitor wants in a report although it could be secret. Cookies, fragments and user names are never in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Include {
    /// The whole path, with what looks like a token or a name.
    pub path: bool,
    /// The query.
    pub query: bool,
}

/// Parts of a page's URL that a report leaves out, as `page.removed` names them.
#[must_use]
pub fn removed(url: &str, include: Include) -> Vec<&'static str> {
    let Some(parts) = net::Url::split(url) else { return Vec::new() };
    let user = url.split_once("://").is_some_and(|(_, rest)| !rest.starts_with(parts.authority));
    let path = !include.path && clean_path(parts.path) != parts.path;
    let all =
        [("user", user), ("path", path), ("query", parts.query.is_some() && !include.query), ("fragment", url.contains('#'))];
    all.into_iter().filter(|(_, is)| *is).map(|(part, _)| part).collect()
}

/// What stands where something was taken out.
pub const REMOVED: &str = "[removed]";

/// Four numbers with dots behind a product's name are a version when the first is below this, else an address.
const VERSIONS_BELOW: u8 = 32;

fn clean_path(path: &str) -> String {
    let mut before = "";
    let mut clean = |segment| {
        let clean = look::clean_segment(segment, before);
        before = segment;
        clean
    };
    path.split('/').map(&mut clean).collect::<Vec<_>>().join("/")
}

/// A part that the visitor wants as it is, without what would make it read as something else.
fn as_it_is(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !look::is_invisible(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_keeps_only_where_it_points() {
        let url = "https://me:pw@shop.example:8443/u/jane@mail.example/9f8e7d6c5b4a39281706f5e4/cart?sid=1#top";
        assert_eq!(Safe::url(url).as_str(), "https://[removed]@shop.example:8443/u/[removed]/[removed]/cart?[removed]#[removed]");
        assert_eq!(Safe::url("https://shop.example/cart/42").as_str(), "https://shop.example/cart/42");
        assert_eq!(Safe::url("https://shop.example/app;jsessionid=1A2B").as_str(), "https://shop.example/app;[removed]");
    }

    #[test]
    fn the_visitor_may_add_path_and_query_and_nothing_else() {
        let url = "https://me:pw@shop.example/u/jane@mail.example/cart?sid=1#top";
        let both = Include { path: true, query: true };
        assert_eq!(removed(url, Include::default()), ["user", "path", "query", "fragment"]);
        assert_eq!(Safe::url_with(url, both).as_str(), "https://[removed]@shop.example/u/jane@mail.example/cart?sid=1#[removed]");
        assert_eq!(removed(url, both), ["user", "fragment"]);
        assert_eq!(removed("https://shop.example/cart", Include::default()), [""; 0]);
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
