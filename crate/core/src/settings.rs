//! What the visitor may choose: the object under the key `settings` of `storage.local`.
//!
//! A missing key is its default; unknown keys are kept by whoever writes and ignored here.

use serde::{Deserialize, Serialize};

use crate::net;

/// An entry of the never list that stands for every host of this computer and this network.
pub const PRIVATE_HOSTS: &str = "private-hosts";

/// The settings of one case. They are read when the case opens, so a change takes effect on the next one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How a failure is announced.
    pub show: Show,
    /// Hosts where nothing is ever announced or asked.
    pub never: Vec<String>,
    /// Endpoints that tell whether the visitor is online; empty means the browser maker's own.
    pub control: Vec<Control>,
    /// Services outside, asked only when `enabled`.
    pub outside: Outside,
    /// Whether finished cases are kept after the browser session.
    pub keep_history: KeepHistory,
    /// What a report keeps of the page's address from the start.
    pub report: Address,
    /// Whether what names no site travels with the browser's account. The options page sees to it.
    pub sync: bool,
}

/// Parts of a page's address that a report keeps only where the visitor wants them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// The whole path, even what looks secret in it.
    pub path: bool,
    /// The query.
    pub query: bool,
}

/// How a failure is announced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Show {
    /// The toolbar popup opens by itself; a card where it may not.
    #[default]
    Popup,
    /// A card in the page.
    Card,
    /// Only the badge.
    Badge,
}

/// One connectivity endpoint and the answer that proves an open way to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Control {
    /// Where to ask.
    pub url: String,
    /// Status of the genuine answer.
    pub status: u16,
    /// Body of the genuine answer, compared without surrounding white space; `None` compares nothing.
    pub body: Option<String>,
}

/// Services that see a failure from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outside {
    /// Off until the visitor says otherwise.
    pub enabled: bool,
    /// Globalping API.
    pub globalping: String,
    /// DNS over HTTPS, JSON form.
    pub doh: String,
}

impl Default for Outside {
    fn default() -> Self {
        Self { enabled: false, globalping: "https://api.globalping.io".into(), doh: "https://dns.google/resolve".into() }
    }
}

/// A switch that is on unless it is turned off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeepHistory(pub bool);

impl Default for KeepHistory {
    fn default() -> Self {
        Self(true)
    }
}

impl Settings {
    /// Whether the visitor wants no word about `host`: the host itself or any name below it.
    #[must_use]
    pub fn is_never(&self, host: &str) -> bool {
        self.never.iter().any(|n| {
            if n == PRIVATE_HOSTS {
                return net::reach_of_name(host).is_some_and(|r| r != net::Reach::Public);
            }
            let n = n.trim_start_matches("*.");
            !n.is_empty() && (host.eq_ignore_ascii_case(n) || net::is_below(host, n))
        })
    }

    /// The endpoints to ask. The defaults are those that the browsers themselves use to find captive portals.
    #[must_use]
    pub fn controls(&self, firefox: bool) -> Vec<Control> {
        if !self.control.is_empty() {
            return self.control.clone();
        }
        if firefox {
            vec![Control { url: "http://detectportal.firefox.com/success.txt".into(), status: 200, body: Some("success".into()) }]
        } else {
            vec![Control {
                url: "http://connectivitycheck.gstatic.com/generate_204".into(),
                status: 204,
                body: Some(String::new()),
            }]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_is_its_default_and_an_unknown_one_is_ignored() {
        let s: Settings = serde_json::from_str(r#"{"show":"card","future":1}"#).unwrap_or_default();
        assert_eq!(s.show, Show::Card);
        assert_eq!(s.keep_history, KeepHistory(true));
        assert_eq!(s.outside.globalping, "https://api.globalping.io");
    }

    #[test]
    fn never_covers_the_host_and_the_names_below_it() {
        let s = Settings { never: vec!["shop.example".into()], ..Settings::default() };
        assert!(s.is_never("shop.example") && s.is_never("www.Shop.example"));
        assert!(!s.is_never("myshop.example") && !s.is_never("example"));
        let s = Settings { never: vec![PRIVATE_HOSTS.into()], ..Settings::default() };
        assert!(s.is_never("localhost") && s.is_never("192.168.1.1") && s.is_never("::1"));
        assert!(!s.is_never("shop.example") && !s.is_never("93.184.215.14"));
    }
}
