//! Which of the visitor's other extensions could be in the way of a site, the likeliest first.

use serde::{Deserialize, Serialize};

use crate::net::{Url, is_below};

use super::search::MAX_SUSPECTS;

/// One extension, as `management.getAll` describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extension {
    /// The browser's id of it.
    pub id: String,
    /// Its name: the maker's words, so hostile like any page's.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `extension`, `theme`, `hosted_app` …
    pub kind: String,
    /// Whether it is on.
    pub enabled: bool,
    /// Whether the visitor may turn it off: not what a policy has installed.
    pub may_disable: bool,
    /// Its permissions.
    pub permissions: Vec<String>,
    /// Match patterns of the sites that it may touch. Sites of content scripts are not among them: no browser tells those.
    pub hosts: Vec<String>,
}

/// What an extension can do to a page load, the worst first. The order is that of suspicion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Power {
    /// It can send everything another way.
    Proxy,
    /// It can block, redirect or change requests to this site.
    Requests,
    /// It can read and change pages of this site.
    Site,
    /// It can change cookies, privacy settings or pages in other ways.
    Settings,
    /// It has asked for none of that; scripts in pages cannot be ruled out.
    Unknown,
}

impl Power {
    /// What `extension` can do to pages of `host`.
    #[must_use]
    pub fn of(extension: &Extension, host: &str) -> Self {
        let has = |names: &[&str]| extension.permissions.iter().any(|p| names.contains(&p.as_str()));
        let here = extension.hosts.iter().any(|pattern| touches(pattern, host));
        if has(&["proxy", "vpnProvider"]) {
            Self::Proxy
        } else if has(&["declarativeNetRequest"])
            || here && has(&["webRequest", "webRequestBlocking", "declarativeNetRequestWithHostAccess"])
        {
            Self::Requests
        } else if here {
            Self::Site
        } else if has(&["debugger", "privacy", "contentSettings", "browsingData", "dns", "activeTab", "scripting"]) {
            Self::Settings
        } else {
            Self::Unknown
        }
    }

    /// The last part of the key that says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Requests => "requests",
            Self::Site => "site",
            Self::Settings => "settings",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether a match pattern takes in `host`. <https://developer.chrome.com/docs/extensions/develop/concepts/match-patterns>
fn touches(pattern: &str, host: &str) -> bool {
    if pattern == "<all_urls>" {
        return true;
    }
    let Some((_, rest)) = pattern.split_once("://") else { return false };
    let wanted = rest.split('/').next().unwrap_or_default();
    let wanted =
        wanted.rsplit_once(':').filter(|(_, port)| *port == "*" || port.parse::<u16>().is_ok()).map_or(wanted, |(h, _)| h);
    match wanted.strip_prefix("*.") {
        _ if wanted == "*" => true,
        Some(domain) => host.eq_ignore_ascii_case(domain) || is_below(host, domain),
        None => host.eq_ignore_ascii_case(wanted),
    }
}

/// One that the test turns off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspect {
    /// The browser's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it can do.
    pub power: Power,
}

/// Who is turned off for the test, and who cannot be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineup {
    /// Ranked, at most [`MAX_SUSPECTS`].
    pub suspects: Vec<Suspect>,
    /// On, but not to be turned off: a policy forbids it. Their names.
    pub fixed: Vec<String>,
}

impl Lineup {
    /// Everything in `list` that is on, is an extension and is not `own`. What another test has turned `off` will be on again by then.
    #[must_use]
    pub fn of(list: &[Extension], own: &str, off: &[String], url: &str) -> Self {
        let host = Url::split(url).map_or("", |u| u.host);
        let is_on = |e: &Extension| e.enabled || off.contains(&e.id);
        let mut lineup = Self::default();
        let mut left: Vec<_> =
            list.iter().filter(|e| is_on(e) && e.kind == "extension" && e.id != own).map(|e| (Power::of(e, host), e)).collect();
        // By hand, one kind after the other: a sort is a kilobyte of WebAssembly.
        for power in [Power::Proxy, Power::Requests, Power::Site, Power::Settings, Power::Unknown] {
            left.retain(|(have, e)| {
                if *have != power {
                    return true;
                }
                if !e.may_disable {
                    lineup.fixed.push(e.name.clone());
                } else if lineup.suspects.len() < MAX_SUSPECTS {
                    let (id, name, version) = (e.id.clone(), e.name.clone(), e.version.clone());
                    lineup.suspects.push(Suspect { id, name, version, power });
                }
                false
            });
        }
        lineup
    }

    /// Whether one of them may be what hides the visitor's address.
    #[must_use]
    pub fn has_proxy(&self) -> bool {
        self.suspects.iter().any(|s| s.power == Power::Proxy)
    }

    /// About how often the page is loaded: four times for one suspect, and once more for each halving.
    #[must_use]
    pub fn loads(&self) -> u32 {
        let n = self.suspects.len();
        if n < 2 { 4 } else { 5 + (n - 1).ilog2() + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extension(id: &str, permissions: &[&str], hosts: &[&str]) -> Extension {
        let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        Extension {
            id: id.to_owned(),
            name: id.to_uppercase(),
            kind: "extension".to_owned(),
            enabled: true,
            may_disable: true,
            permissions: own(permissions),
            hosts: own(hosts),
            ..Extension::default()
        }
    }

    #[test]
    fn the_likeliest_come_first_and_some_are_left_out() {
        let of_policy = Extension { may_disable: false, ..extension("school", &["webRequest"], &["<all_urls>"]) };
        let list = vec![
            extension("plain", &[], &[]),
            extension("page", &["storage"], &["*://*.shop.example/*"]),
            extension("elsewhere", &["webRequest"], &["https://other.example/*"]),
            extension("blocker", &["declarativeNetRequest"], &[]),
            extension("vpn", &["proxy"], &[]),
            extension("own", &["management"], &["<all_urls>"]),
            of_policy,
            Extension { enabled: false, ..extension("asleep", &["proxy"], &["<all_urls>"]) },
            Extension { enabled: false, ..extension("lent", &[], &[]) },
            Extension { kind: "theme".to_owned(), ..extension("dark", &[], &[]) },
        ];
        let lineup = Lineup::of(&list, "own", &["lent".to_owned()], "https://www.shop.example/cart");
        let names: Vec<_> = lineup.suspects.iter().map(|s| s.id.as_str()).collect();
        assert_eq!(names, ["vpn", "blocker", "page", "plain", "elsewhere", "lent"]);
        assert_eq!(lineup.fixed, ["SCHOOL"]);
        assert!(lineup.has_proxy());
    }

    #[test]
    fn match_patterns_are_read_as_browsers_read_them() {
        for pattern in
            ["<all_urls>", "*://*/*", "https://a.example/*", "*://*.a.example/*", "http://a.example:8080/x", "*://*.example/*"]
        {
            assert!(touches(pattern, "a.example"), "{pattern}");
        }
        for pattern in ["https://b.example/*", "*://*.b.example/*", "file:///*", "https://example/*", "", "*://nota.example/*"] {
            assert!(!touches(pattern, "a.example"), "{pattern}");
        }
    }
}
