//! The scenarios.

mod between;
mod browser;
mod gateways;
mod network;
mod proxies;
mod sites;
mod told;
mod words;

use super::row::Row;

/// All of them, those on the site's side first.
#[must_use]
pub fn all() -> Vec<Row> {
    [
        gateways::rows(),
        sites::rows(),
        between::rows(),
        words::rows(),
        told::rows(),
        browser::rows(),
        proxies::rows(),
        network::rows(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::browser::Kind;

    #[test]
    fn every_scenario_has_a_name_of_its_own() {
        let all = all();
        let names: BTreeSet<_> = all.iter().map(|r| r.name.as_str()).collect();
        assert_eq!(names.len(), all.len());
        let plain = |name: &&str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        assert_eq!(names.iter().copied().find(|n| !plain(n)), None, "a name is also a host's");
    }

    #[test]
    fn every_scenario_that_nobody_can_tell_apart_is_explained() {
        let explained = include_str!("../../../../docs/lab.md");
        let explained: BTreeSet<_> =
            explained.lines().filter_map(|l| l.strip_prefix("| `")).filter_map(|l| l.split('`').next()).collect();
        let all = all();
        let alike: BTreeSet<_> = all.iter().filter(|r| r.alike.is_some()).map(|r| r.name.as_str()).collect();
        assert_eq!(alike, explained, "the table of docs/lab.md");
    }

    #[test]
    fn there_are_forty_of_either_side_in_each_browser() {
        for kind in Kind::ALL {
            for side in ["site", "yours"] {
                let count = all().iter().filter(|r| r.truth.side == side && r.browsers.contains(&kind)).count();
                assert!(count >= 40, "{count} on the side `{side}` in {kind}");
            }
        }
    }
}
