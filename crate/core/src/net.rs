//! The little that the diagnosis needs to know of URLs and addresses.
//!
//! Every URL comes from a browser, so it is already in the normal form of the URL standard; this splits, it does not parse.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The parts of an `http:` or `https:` URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Url<'a> {
    /// `http` or `https`.
    pub scheme: &'a str,
    /// Host without port, without the brackets of IPv6.
    pub host: &'a str,
    /// Host with port, as the URL has it.
    pub authority: &'a str,
    /// Path, at least `/`.
    pub path: &'a str,
    /// Query without `?`.
    pub query: Option<&'a str>,
}

impl<'a> Url<'a> {
    /// Splits `url`; none for anything that is not HTTP.
    #[must_use]
    pub fn split(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        if scheme != "http" && scheme != "https" {
            return None;
        }
        let rest = without_fragment(rest);
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let authority = authority.rsplit_once('@').map_or(authority, |(_, a)| a);
        let host = match authority.strip_prefix('[') {
            Some(v6) => v6.split_once(']')?.0,
            None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
        };
        (!host.is_empty()).then_some(Self { scheme, host, authority, path, query })
    }

    /// The front page of the same site.
    #[must_use]
    pub fn home(&self) -> String {
        format!("{}://{}/", self.scheme, self.authority)
    }

    /// Whether this is the front page.
    #[must_use]
    pub fn is_home(&self) -> bool {
        self.path == "/" && self.query.is_none()
    }

    /// Whether asking for this URL again could use something up: a log-in code, a log-out, an unsubscription.
    #[must_use]
    pub fn looks_one_time(&self) -> bool {
        const KEYS: &[&str] = &["code", "token", "state", "ticket", "nonce", "otp", "key", "sig", "signature", "confirm"];
        const STEPS: &[&str] = &[
            "logout",
            "log-out",
            "signout",
            "sign-out",
            "unsubscribe",
            "confirm",
            "verify",
            "activate",
            "reset",
            "delete",
            "callback",
            "oauth",
        ];
        let key = |pair: &str| pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
        self.query.is_some_and(|q| {
            q.split('&').any(|pair| KEYS.iter().any(|k| key(pair) == *k || key(pair).ends_with(&format!("_{k}"))))
        }) || self.path.split(['/', '.', '_']).any(|step| STEPS.iter().any(|s| step.eq_ignore_ascii_case(s)))
            || self.query.is_some_and(|q| STEPS.iter().any(|s| q.to_ascii_lowercase().contains(s)))
    }
}

/// `url` up to its fragment. Events of one load differ in whether they carry it.
#[must_use]
pub fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or_default()
}

/// Whether `host` is a name below `domain`.
#[must_use]
pub fn is_below(host: &str, domain: &str) -> bool {
    let (h, d) = (host.as_bytes(), domain.as_bytes());
    h.len() > d.len()
        && h.get(h.len() - d.len() - 1) == Some(&b'.')
        && h.get(h.len() - d.len()..).is_some_and(|tail| tail.eq_ignore_ascii_case(d))
}

/// What an address says about who may be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This very computer.
    Loopback,
    /// The local network, a carrier's NAT, a link-local or unique local address.
    Private,
    /// The internet.
    Public,
}

/// The reach of a literal address; none where `text` is not one.
#[must_use]
pub fn reach(text: &str) -> Option<Reach> {
    let text = text.trim_start_matches('[').trim_end_matches(']');
    match text.parse::<IpAddr>().ok()? {
        IpAddr::V4(v4) => reach_v4(v4),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => reach_v4(v4),
            None => Some(reach_v6(v6)),
        },
    }
}

fn reach_v4(a: Ipv4Addr) -> Option<Reach> {
    let [first, second, ..] = a.octets();
    // 198.18.0.0/15 is RFC 2544: proxies on the visitor's computer give such addresses to every name (Clash), and stand behind them.
    if first == 198 && second & 0xfe == 18 {
        return None;
    }
    // 100.64.0.0/10 is RFC 6598, 0.0.0.0/8 "this network" (ad blockers answer with it).
    Some(if a.is_loopback() {
        Reach::Loopback
    } else if a.is_private() || a.is_link_local() || first == 0 || (first == 100 && second & 0xc0 == 64) {
        Reach::Private
    } else {
        Reach::Public
    })
}

fn reach_v6(a: Ipv6Addr) -> Reach {
    let [first, ..] = a.segments();
    if a.is_loopback() {
        Reach::Loopback
    } else if first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80 || a.is_unspecified() {
        Reach::Private
    } else {
        Reach::Public
    }
}

/// Whose `host` is by its own name, whatever it resolves to: this computer's or the local network's. None for the names of
/// the internet, for those that are set aside for tests and documents (RFC 2606), which may be anybody's, and where there is none.
#[must_use]
pub fn reach_of_name(host: &str) -> Option<Reach> {
    const LOCAL: &[&str] = &["local", "lan", "internal", "intranet", "home.arpa"];
    let host = host.trim_end_matches('.');
    if host.is_empty() {
        return None;
    }
    if let Some(reach) = reach(host) {
        return (reach != Reach::Public).then_some(reach);
    }
    if host.eq_ignore_ascii_case("localhost") || is_below(host, "localhost") {
        return Some(Reach::Loopback);
    }
    // Without a dot it is a name of the local network: the internet has none.
    (!host.contains('.') || LOCAL.iter().any(|d| is_below(host, d))).then_some(Reach::Private)
}

/// Whether `host` is a name that the internet's own DNS has, so that a private address for it is remarkable.
#[must_use]
pub fn is_public_name(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    !host.is_empty()
        && reach(host).is_none()
        && reach_of_name(host).is_none()
        && !["test", "invalid"].iter().any(|d| is_below(host, d))
}

/// Whether two hosts have nothing to do with each other, as far as their names tell: the last two labels differ.
#[must_use]
pub fn are_unrelated(a: &str, b: &str) -> bool {
    let end = |host: &str| host.trim_end_matches('.').rmatch_indices('.').nth(1).map_or(0, |(dot, _)| dot + 1);
    match (a.get(end(a)..), b.get(end(b)..)) {
        (Some(a), Some(b)) => !a.eq_ignore_ascii_case(b),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_what_browsers_send() {
        let u = Url::split("https://user:pw@shop.example:8443/cart/1?q=2#frag");
        assert_eq!(
            u,
            Some(Url {
                scheme: "https",
                host: "shop.example",
                authority: "shop.example:8443",
                path: "/cart/1",
                query: Some("q=2")
            })
        );
        assert_eq!(Url::split("http://[::1]:80/").map(|u| u.host), Some("::1"));
        assert_eq!(Url::split("https://shop.example").map(|u| (u.path, u.is_home())), Some(("/", true)));
        assert_eq!(Url::split("about:blank"), None);
        assert_eq!(Url::split("http:///x"), None);
    }

    #[test]
    fn one_time_urls_are_known() {
        for url in [
            "https://a.example/cb?code=1",
            "https://a.example/logout",
            "https://a.example/x?access_token=1",
            "https://a.example/p?do=unsubscribe",
        ] {
            assert!(Url::split(url).is_some_and(|u| u.looks_one_time()), "{url}");
        }
        for url in ["https://a.example/", "https://a.example/news?id=5", "https://a.example/encoder"] {
            assert!(Url::split(url).is_some_and(|u| !u.looks_one_time()), "{url}");
        }
    }

    #[test]
    fn addresses_have_a_reach() {
        assert_eq!(reach("127.0.0.1"), Some(Reach::Loopback));
        assert_eq!(reach("[::1]"), Some(Reach::Loopback));
        assert_eq!(reach("192.168.1.1"), Some(Reach::Private));
        assert_eq!(reach("100.64.0.9"), Some(Reach::Private));
        assert_eq!(reach("fd00::1"), Some(Reach::Private));
        assert_eq!(reach("::ffff:10.0.0.1"), Some(Reach::Private));
        assert_eq!(reach("203.0.113.7"), Some(Reach::Public));
        assert_eq!(reach("shop.example"), None);
    }

    #[test]
    fn names_have_a_reach_too() {
        for (host, reach) in [
            ("localhost", Some(Reach::Loopback)),
            ("app.localhost", Some(Reach::Loopback)),
            ("127.0.0.53", Some(Reach::Loopback)),
            ("10.1.2.3", Some(Reach::Private)),
            ("nas", Some(Reach::Private)),
            ("printer.local", Some(Reach::Private)),
            ("203.0.113.7", None),
            ("shop.example", None),
            ("shop.test", None),
            ("", None),
        ] {
            assert_eq!(reach_of_name(host), reach, "{host}");
        }
        assert!(is_public_name("shop.example") && !is_public_name("shop.test") && !is_public_name("203.0.113.7"));
        assert!(are_unrelated("a.one.example", "two.example") && !are_unrelated("a.one.example", "b.one.example"));
    }
}
