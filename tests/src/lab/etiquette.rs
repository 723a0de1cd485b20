//! What a diagnosis may ask of a site that is down, counted at its door.

use std::collections::BTreeSet;

use faultline_core::net::is_below;

use super::door::Entry;

/// Most requests to the failing site before anybody clicks.
const MOST: usize = 6;

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Requests of the extension that reached the site.
    pub requests: usize,
    /// Those of them that carried cookies.
    pub credentialed: usize,
    /// Forms that arrived.
    pub posts: usize,
    /// Names that somebody asked for and that belong neither to the scenario nor to the browser itself.
    pub strangers: BTreeSet<String>,
}

/// What a scenario allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Forms that the visitor sent.
    pub posts: usize,
}

/// Names that the browsers look up by themselves, whatever extension they have.
const BROWSERS_OWN: &[&str] = &[
    "accounts.google.com",
    "android.clients.google.com",
    "clients2.google.com",
    "clients2.googleusercontent.com",
    "content-autofill.googleapis.com",
    "mtalk.google.com",
    "optimizationguide-pa.googleapis.com",
    "redirector.gvt1.com",
    "safebrowsingohttpgateway.googleapis.com",
    // The search engine that Debian's Chromium comes with.
    "start.duckduckgo.com",
    "update.googleapis.com",
    "www.google.com",
];

/// Those of them that Mozilla has: settings, telemetry, and the help that notices of Firefox link to.
const MOZILLA: [&str; 2] = ["mozilla.com", "mozilla.org"];

/// Whether a browser looks up this name by itself. No host of these stands in the sources of the extension.
#[must_use]
pub fn is_browsers_own(name: &str) -> bool {
    BROWSERS_OWN.contains(&name) || MOZILLA.iter().any(|domain| is_below(name, domain))
}

impl Counted {
    /// Counts what came in since the failing visit began. What is named in `page` the page itself may have asked for.
    #[must_use]
    pub fn of(entries: &[Entry], asked: &BTreeSet<String>, known: &[String], page: &str) -> Self {
        // Chromium asks for an icon of its own accord, and for a worker's program again; the visit is the first page.
        let own = |e: &&Entry| {
            let of_page = e.target.len() > 1 && page.contains(&e.target);
            !matches!(e.target.as_str(), "/favicon.ico" | "/worker.js") && !of_page
        };
        let visit = entries.iter().position(|e| e.navigation);
        let ours: Vec<&Entry> =
            entries.iter().enumerate().filter(|(n, _)| Some(*n) != visit).map(|(_, e)| e).filter(own).collect();
        let is_known = |name: &&String| {
            let host = without_service(name);
            known.iter().any(|k| k == host) || page.contains(host)
        };
        Self {
            requests: ours.len(),
            credentialed: ours.iter().filter(|e| e.cookies).count(),
            posts: entries.iter().filter(|e| e.method == "POST").count(),
            strangers: asked.iter().filter(|n| !is_known(n) && !is_browsers_own(n)).cloned().collect(),
        }
    }

    /// What is against the rules, in words.
    #[must_use]
    pub fn wrongs(&self, limits: Limits) -> Vec<String> {
        let mut wrongs = Vec::new();
        if self.requests > MOST {
            wrongs.push(format!("{} requests to the site", self.requests));
        }
        if self.credentialed > 1 {
            wrongs.push(format!("{} requests with cookies", self.credentialed));
        }
        if self.posts > limits.posts {
            wrongs.push("the form was sent again".to_owned());
        }
        if !self.strangers.is_empty() {
            wrongs.push(format!("somebody asked for {:?}", self.strangers));
        }
        wrongs
    }
}

/// The host in the name that a browser asks for to learn how a host's `https` is served: `_8008._https.host` (RFC 9460, section 9.1).
fn without_service(name: &str) -> &str {
    let service =
        name.split_once("._https.").filter(|(port, _)| port.strip_prefix('_').is_some_and(|p| p.parse::<u16>().is_ok()));
    service.map_or(name, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(target: &str, navigation: bool, cookies: bool) -> Entry {
        Entry { method: "GET".into(), target: target.into(), cookies, navigation, of_page: false }
    }

    #[test]
    fn the_visit_and_the_browsers_own_requests_are_not_the_extensions() {
        let entries = [entry("/page", true, true), entry("/favicon.ico", false, true), entry("/page", false, false)];
        let asked = ["shop.example", "accounts.google.com"].map(str::to_owned).into();
        let counted = Counted::of(&entries, &asked, &["shop.example".to_owned()], "");
        assert_eq!((counted.requests, counted.credentialed, counted.strangers.len()), (1, 0, 0));
        assert!(counted.wrongs(Limits { posts: 0 }).is_empty());
    }

    #[test]
    fn how_a_host_is_served_is_asked_for_that_host() {
        let asked =
            ["_8443._https.shop.example", "_8008._https.icons.example", "_8008._https.tracker.example", "_x._https.shop.example"];
        let counted =
            Counted::of(&[], &asked.map(str::to_owned).into(), &["shop.example".to_owned()], "<img src=//icons.example:8008/>");
        assert_eq!(counted.strangers.iter().collect::<Vec<_>>(), ["_8008._https.tracker.example", "_x._https.shop.example"]);
    }

    #[test]
    fn whatever_is_against_the_rules_is_said() {
        let mut entries = vec![entry("/page", true, false); 9];
        entries.extend([entry("/page", false, true), entry("/page", false, true)]);
        entries.push(Entry { method: "POST".into(), ..entry("/page", true, false) });
        let asked = ["tracker.example".to_owned()].into();
        let wrongs = Counted::of(&entries, &asked, &[], "").wrongs(Limits { posts: 0 });
        assert_eq!(wrongs.len(), 4, "{wrongs:?}");
    }
}
