//! The hops that passed the answer on: `Server`, `Via`, and fields that only one product writes.

use super::candidate::{Candidate, Seen};
use super::kinds::Class;
use super::scan::{field_of, matching};
use super::table::{Rule, Tables};
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
            let host =
                by.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(by, |(host, _)| host);
            Some(Via { host: host.to_owned(), entry: entry.trim().to_owned() })
        })
        .collect();
    entries.reverse();
    entries
}

/// Rules that know one header value.
pub(crate) fn known(tables: &Tables<'_>, header: &str, value: &str) -> Vec<u16> {
    matching(tables, header, value).flat_map(|atom| tables.users(atom)).collect()
}

/// The other hops, nearest to the visitor first as far as the header can tell: what stands at the visitor, then delivery
/// networks, then `Via` from its end, then the rest.
pub(crate) fn relays(seen: &Seen<'_>, candidates: &[Candidate<'_>], producer: Option<&Candidate<'_>>) -> Vec<Hop> {
    let tables = seen.tables;
    let mut chain = Chain { tables, producer: producer.map(|p| p.rule), hops: Vec::new() };
    for entry in via(seen) {
        match known(tables, "via", &entry.entry).first().and_then(|n| tables.rule(*n)) {
            Some(rule) => chain.add(2, &rule, "via"),
            None => chain.add_unknown(2, entry.host, "via"),
        }
    }
    for candidate in candidates {
        let field = candidate.signs().filter(|s| s.class == Class::Header).find_map(|s| s.conditions.atoms().next());
        if let Some(atom) = field {
            chain.add(3, &candidate.rule, field_of(tables, atom));
        }
    }
    let unknown = |server: &&str| !server.is_empty() && known(tables, "server", server).is_empty();
    if let Some(server) = seen.page.header("server").map(str::trim).filter(unknown) {
        chain.add_unknown(3, server.split([' ', '/']).next().unwrap_or_default().chars().take(60).collect(), "server");
    }
    for told in testimony::read(seen.page) {
        chain.add_unknown(2, told.name, "proxy-status");
    }
    chain.hops
}

/// A hop on its place in the chain, with the rule that knows it.
pub(crate) struct Hop {
    group: u8,
    pub(crate) relay: Relay,
    pub(crate) rule: Option<u16>,
}

struct Chain<'t> {
    tables: &'t Tables<'t>,
    producer: Option<Rule<'t>>,
    hops: Vec<Hop>,
}

impl Chain<'_> {
    fn add(&mut self, otherwise: u8, rule: &Rule<'_>, field: &str) {
        let group = match rule.role {
            role if role.is_on_visitors_side() => 0,
            Role::Cdn | Role::Waf => 1,
            _ => otherwise,
        };
        let relay = Relay {
            id: Some(rule.id().to_owned()),
            name: rule.name().to_owned(),
            role: Some(rule.role),
            told_by: told_by(field),
        };
        self.put(Hop { group, relay, rule: Some(rule.number) });
    }

    fn add_unknown(&mut self, group: u8, name: String, field: &str) {
        self.put(Hop { group, relay: Relay { id: None, name, role: None, told_by: told_by(field) }, rule: None });
    }

    fn put(&mut self, hop: Hop) {
        let name = &hop.relay.name;
        let is_producer = |p: &Rule<'_>| self.is_family(Some(p.number), hop.rule) || p.name().eq_ignore_ascii_case(name);
        if self.producer.as_ref().is_some_and(is_producer) {
            return;
        }
        let is_same = |told: &Hop| told.relay.name.eq_ignore_ascii_case(name) || self.is_family(told.rule, hop.rule);
        match self.hops.iter().position(is_same) {
            None => {
                let at = self.hops.iter().take_while(|told| told.group <= hop.group).count();
                self.hops.insert(at, hop);
            }
            Some(at) => {
                let Some(told) = self.hops.get(at).map(|told| told.rule) else { return };
                // Of one family the general name: which of its pages it would write is not known.
                if self.yields(hop.rule, told)
                    && let Some(told) = self.hops.get_mut(at)
                {
                    *told = Hop { group: told.group, ..hop };
                }
            }
        }
    }

    /// Two rules of the same software, of which one yields to the other, are one hop.
    fn is_family(&self, a: Option<u16>, b: Option<u16>) -> bool {
        (a.is_some() && a == b) || self.yields(a, b) || self.yields(b, a)
    }

    fn yields(&self, a: Option<u16>, b: Option<u16>) -> bool {
        a.zip(b).is_some_and(|(a, b)| self.tables.rule(a).is_some_and(|rule| rule.yields_to(b)))
    }
}

fn told_by(field: &str) -> String {
    ["header:", field].concat()
}
