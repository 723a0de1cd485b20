//! Is this proxy the site's, or does it stand between the visitor and the site?
//!
//! The same software does both, with the same pages. It tells on which host it runs: a host of the visited site is the site's.

use super::candidate::{Candidate, Seen};
use super::{chain, extract};
use crate::terms::{Place, Side};

/// `usual`, corrected by the name of the host that wrote the page, and by the port on which it listens.
pub(crate) fn corrected(seen: &Seen<'_>, producer: &Candidate<'_>, usual: (Side, Place)) -> (Side, Place) {
    let is_used_as_both = producer.rule.hosts().next().is_some();
    let host = seen.page.host.as_ref().zip(host(seen, producer));
    match (host.map(|(visited, host)| is_same_site(visited, &host)), usual.0) {
        (Some(true), Side::Yours) => (Side::Site, Place::Gateway),
        (Some(true), _) => usual,
        (_, Side::Yours) if is_used_as_both && listens_as_a_site(seen) => (Side::Unclear, Place::None),
        (Some(false), _) => (Side::Yours, Place::Proxy),
        (None, _) => usual,
    }
}

/// Whether the writer of the page, who is the first to add to this field, has the port of a web server: so do accelerators
/// of sites, and few proxies of visitors.
fn listens_as_a_site(seen: &Seen<'_>) -> bool {
    let first = seen.page.header("x-cache-lookup").and_then(|value| value.split(',').next());
    first.is_some_and(|value| value.trim_end().ends_with(":80") || value.trim_end().ends_with(":443"))
}

fn host(seen: &Seen<'_>, producer: &Candidate<'_>) -> Option<String> {
    let is_its = |v: &chain::Via| chain::known(seen.tables, "via", &v.entry).contains(&producer.rule.number);
    let from_via = || chain::via(seen).into_iter().find(is_its).map(|v| v.host);
    producer.rule.hosts().find_map(|what| if what.header == "via" { from_via() } else { extract::value(seen, &what) })
}

/// Whether two hosts belong to one registrable domain, without a list of suffixes: the last two labels, or three where the
/// second last is one of those under which countries register.
fn is_same_site(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_end_matches('.').to_ascii_lowercase(), b.trim_end_matches('.').to_ascii_lowercase());
    a == b || domain(&a).is_some_and(|d| domain(&b) == Some(d))
}

fn domain(host: &str) -> Option<&str> {
    // An address: of version 6, or by its last part of version 4.
    if host.contains(':') || host.rsplit('.').next().is_none_or(|last| last.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (last, second) = (dots.next()?, dots.next());
    let label = host.get(second.map_or(0, |at| at + 1)..last)?;
    let country = host.len() - last == 3
        && matches!(label, "ac" | "co" | "com" | "edu" | "go" | "gob" | "gov" | "net" | "ne" | "or" | "org");
    let start = if country { dots.next() } else { second };
    host.get(start.map_or(0, |at| at + 1)..)
}

#[cfg(test)]
mod tests {
    use super::is_same_site;

    #[test]
    fn sites_are_registrable_domains() {
        assert!(is_same_site("www.shop.example", "proxy1.shop.example"));
        assert!(is_same_site("shop.example", "www.Shop.example."));
        assert!(is_same_site("a.shop.co.uk", "shop.co.uk"));
        assert!(!is_same_site("shop.co.uk", "other.co.uk"));
        assert!(!is_same_site("shop.example", "proxy.corp.example"));
        assert!(!is_same_site("shop.example", "proxy"));
        assert!(!is_same_site("10.0.0.1", "10.1.0.1"));
    }
}
