//! The hops that passed the answer on: `Server`, `Via`, and fields that only one product writes.

use super::candidate::{Candidate, Seen};
use super::scan::value_matches;
use super::table::{ABSENT, ATOM_RULES, ATOMS, Class, HEADERS, RULES};
use super::testimony;
use crate::reading::Relay;
use crate::terms::Role;

/// One entry of `Via`, RFC 9110 section 7.6.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Via {
    /// Host or pseudonym, without port.
    pub(crate) host: String,
    /// The whole entry.
    pub(crate) entry: String,
}

/// Every entry, the hop nearest to the visitor first.
pub(crate) fn via(seen: &Seen<'_>) -> Vec<Via> {
    let fields = seen.page.headers.iter().flatten().filter(|h| h.name.eq_ignore_ascii_case("via"));
    let mut entries: Vec<Via> = fields
        .flat_map(|h| h.value.split(','))
        .filter_map(|entry| {
            let by = entry.split_whitespace().nth(1)?;
            let host = by.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(by, |(host, _)| host);
            Some(Via { host: host.to_owned(), entry: entry.trim().to_owned() })
        })
        .collect();
    entries.reverse();
    entries
}

/// Rules that know one header value.
pub(crate) fn known(header: &str, value: &str) -> impl Iterator<Item = u16> {
    let atoms = HEADERS.iter().find(|(n, _)| *n == header).map_or(&[][..], |(_, atoms)| *atoms);
    let matching = atoms.iter().filter(move |a| ATOMS.get(usize::from(**a)).is_some_and(|k| value_matches(value, k.op, k.literal))).copied().collect::<Vec<_>>();
    matching.into_iter().flat_map(|a| ATOM_RULES.get(usize::from(a)).copied().unwrap_or_default().iter().copied())
}

/// The other hops, nearest to the visitor first as far as the header can tell: what stands at the visitor, then delivery
/// networks, then `Via` from its end, then the rest.
pub(crate) fn relays(seen: &Seen<'_>, candidates: &[Candidate], producer: Option<&Candidate>) -> Vec<(u8, Relay, Option<u16>)> {
    let mut all: Vec<(u8, Relay, Option<u16>)> = Vec::new();
    let mut add = |group: u8, relay: Relay, rule: Option<u16>| {
        let is_producer = producer.is_some_and(|p| rule.is_some_and(|r| is_family(p.number, r)) || p.rule.name.eq_ignore_ascii_case(&relay.name));
        let same = all.iter_mut().find(|(_, r, other)| r.name.eq_ignore_ascii_case(&relay.name) || rule.zip(*other).is_some_and(|(a, b)| is_family(a, b)));
        match same {
            _ if is_producer => {}
            // Of one family the general name: which of its pages it would write is not known.
            Some(told) if rule.zip(told.2).is_some_and(|(a, b)| yields(a, b)) => *told = (told.0, relay, rule),
            Some(_) => {}
            None => all.push((group, relay, rule)),
        }
    };
    for entry in via(seen) {
        match known("via", &entry.entry).find_map(|n| RULES.get(usize::from(n)).map(|r| (n, r))) {
            Some((n, rule)) => add(group(rule.role, 2), relay(rule, "header:via"), Some(n)),
            None => add(2, Relay { id: None, name: entry.host, role: None, told_by: "header:via".into() }, None),
        }
    }
    for candidate in candidates {
        if let Some(name) = candidate.signs().filter(|s| s.class == Class::Header).find_map(header_of) {
            add(group(candidate.rule.role, 3), relay(candidate.rule, &format!("header:{name}")), Some(candidate.number));
        }
    }
    let unknown = |server: &&str| !server.is_empty() && known("server", server).next().is_none();
    if let Some(server) = seen.page.header("server").map(str::trim).filter(unknown) {
        let name: String = server.split([' ', '/']).next().unwrap_or_default().chars().take(60).collect();
        add(3, Relay { id: None, name, role: None, told_by: "header:server".into() }, None);
    }
    for told in testimony::read(seen.page) {
        add(2, Relay { id: None, name: told.name, role: None, told_by: "header:proxy-status".into() }, None);
    }
    all.sort_by_key(|(group, ..)| *group);
    all
}

fn relay(rule: &super::table::Rule, told_by: &str) -> Relay {
    Relay { id: Some(rule.id.to_owned()), name: rule.name.to_owned(), role: Some(rule.role), told_by: told_by.to_owned() }
}

fn group(role: Role, otherwise: u8) -> u8 {
    match role {
        role if role.is_on_visitors_side() => 0,
        Role::Cdn | Role::Waf => 1,
        _ => otherwise,
    }
}

/// Two rules of the same software, of which one yields to the other, are one hop.
fn is_family(a: u16, b: u16) -> bool {
    a == b || yields(a, b) || yields(b, a)
}

fn yields(a: u16, b: u16) -> bool {
    RULES.get(usize::from(a)).is_some_and(|r| r.yields_to.contains(&b))
}

/// Name of the header field that a sign looks at.
fn header_of(sign: &super::table::Sign) -> Option<&'static str> {
    header_name(*sign.conditions.first()?.first()?)
}

/// Name of the header field, in lower case, in which a literal is looked for.
pub(crate) fn header_name(atom: u16) -> Option<&'static str> {
    let absent = || ABSENT.iter().find(|(_, a)| *a == atom).map(|(name, _)| *name);
    HEADERS.iter().find(|(_, atoms)| atoms.contains(&atom)).map(|(name, _)| *name).or_else(absent)
}
