//! Which products the page could be from, and how sure each is.

use super::normal::Normal;
use super::scan::Found;
use super::table::{ATOM_RULES, ATOMS, Class, Field, Op, RULES, Rule, Sign};
use crate::page::Page;
use crate::terms::Role;

/// Error pages are short. A page with more text than this may quote a sentence without being its author …
const MAX_TEXT: usize = 2_500;
/// … and with more than this even a piece of markup.
const MAX_MARKUP_TEXT: usize = 6_000;
/// Under a status below 500 there is less reason to believe in an error at all.
const MAX_SOFT_TEXT: usize = 2_000;

/// What the page is, beside its words.
pub(crate) struct Seen<'a> {
    pub(crate) page: &'a Page,
    pub(crate) normal: &'a Normal,
    pub(crate) found: &'a Found,
    /// The body is known and there is nothing in it.
    pub(crate) empty: bool,
}

/// A product with at least one sign.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) number: u16,
    pub(crate) rule: &'static Rule,
    /// Signs that fired, by their place in the rule.
    pub(crate) fired: Vec<u8>,
    /// The class by which it names the producer; none if the signs do not suffice for that.
    pub(crate) tier: Option<Class>,
    pub(crate) confidence: f32,
    /// Whether a naming sign is in the structure of the page, not only among its words.
    pub(crate) structural: bool,
    /// Bytes that matched: of two equal candidates the one that explains more is the better.
    explained: usize,
}

impl Seen<'_> {
    /// Whether the status says that this is no error of a server.
    pub(crate) const fn below_500(&self) -> bool {
        self.page.status > 0 && self.page.status < 500
    }

    /// Whether the status is one of these; an unknown one may be any.
    pub(crate) fn has_status(&self, statuses: &[(u16, u16)]) -> bool {
        let status = self.page.status;
        status == 0 || statuses.is_empty() || statuses.iter().any(|(low, high)| (*low..=*high).contains(&status))
    }

    /// Whether every condition has an atom that was found.
    pub(crate) fn holds(&self, conditions: &[&[u16]]) -> bool {
        conditions.iter().all(|atoms| atoms.iter().any(|a| self.found.has(*a)))
    }

    fn fires(&self, sign: &Sign) -> bool {
        self.has_status(sign.status) && (!sign.empty || self.empty) && self.holds(sign.conditions) && (sign.long_page || self.is_short_enough(sign))
    }

    fn is_short_enough(&self, sign: &Sign) -> bool {
        let length = self.normal.text.len();
        atoms_of(sign).all(|(_, field, op)| match (field, op) {
            (Field::Markup | Field::Text, _) if self.below_500() => length <= MAX_SOFT_TEXT,
            (Field::Text, Op::Has) => length <= MAX_TEXT,
            (Field::Markup, _) => length <= MAX_MARKUP_TEXT,
            _ => true,
        })
    }

    /// Every product with a sign, in the order of the rules.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        let mut numbers: Vec<u16> = Vec::new();
        for atom in self.found.atoms() {
            numbers.extend_from_slice(ATOM_RULES.get(usize::from(atom)).copied().unwrap_or_default());
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().filter_map(|n| self.candidate(n)).collect()
    }

    fn candidate(&self, number: u16) -> Option<Candidate> {
        let rule = RULES.get(usize::from(number))?;
        let fired: Vec<u8> = (0_u8..).zip(rule.signs).filter(|(_, s)| self.fires(s)).map(|(n, _)| n).collect();
        if fired.is_empty() {
            return None;
        }
        let signs: Vec<&Sign> = fired.iter().filter_map(|n| rule.signs.get(usize::from(*n))).collect();
        let tier = tier(&signs);
        let naming = |s: &&Sign| tier.is_some_and(|t| s.class == t || s.class.names());
        let structural = signs.iter().filter(|s| naming(s)).any(|s| is_structural(s));
        let explained = signs.iter().flat_map(|s| atoms_of(s)).filter(|(a, ..)| self.found.has(*a)).map(|(a, ..)| literal(a).len()).sum();
        let confidence = tier.map_or(0.0, |t| confidence(t, &signs));
        Some(Candidate { number, rule, fired, tier, confidence, structural, explained })
    }
}

impl Candidate {
    pub(crate) fn signs(&self) -> impl Iterator<Item = &'static Sign> {
        self.fired.iter().filter_map(|n| self.rule.signs.get(usize::from(*n)))
    }

    /// Order among those who could have written the page, best first. Visitor's side before all sites: it answers for every host.
    /// Then specificity, then the platform before the network in front of it.
    fn rank(&self) -> impl Ord + use<> {
        let platform = matches!(self.rule.role, Role::PaasRouter);
        (!self.rule.role.is_on_visitors_side(), self.tier, !platform, core::cmp::Reverse((self.fired.len(), self.explained)), self.rule.id)
    }
}

/// Those that can name the producer, best first, without the ones that yield to another.
pub(crate) fn contenders(candidates: &[Candidate], below_500: bool) -> Vec<&Candidate> {
    let mut naming: Vec<&Candidate> = candidates.iter().filter(|c| c.tier.is_some() && (!below_500 || c.structural)).collect();
    naming.sort_by_key(|c| c.rank());
    let yields = |c: &&Candidate| naming.iter().any(|other| c.rule.yields_to.contains(&other.number));
    let left: Vec<&Candidate> = naming.iter().filter(|c| !yields(c)).copied().collect();
    if left.is_empty() { naming } else { left }
}

fn tier(signs: &[&Sign]) -> Option<Class> {
    let strong = signs.iter().filter(|s| s.class.names() && !s.weak).map(|s| s.class).min();
    let has = |class: Class| signs.iter().any(|s| s.class == class);
    if strong.is_some() {
        return strong;
    }
    if has(Class::Skeleton) && (has(Class::Header) || has(Class::Reason)) {
        return Some(Class::Skeleton);
    }
    let weak = signs.iter().filter(|s| s.class.names()).count();
    let beside = signs.iter().filter(|s| s.class != Class::Detail).count();
    (weak > 0 && beside > 1).then_some(Class::Title)
}

fn confidence(tier: Class, signs: &[&Sign]) -> f32 {
    let base = match tier {
        Class::Tail => 0.96,
        Class::VendorId => 0.95,
        Class::Sentence => 0.90,
        Class::Skeleton => 0.78,
        _ => 0.60,
    };
    let agreeing = signs.iter().filter(|s| s.class != tier && s.class != Class::Detail).count();
    // More of the same kind adds little, and nothing is ever certain.
    let more = u8::try_from(agreeing.min(3)).unwrap_or(3);
    (base + 0.01 * f32::from(more)).min(0.99)
}

fn is_structural(sign: &Sign) -> bool {
    sign.empty || atoms_of(sign).any(|(_, field, op)| matches!((field, op), (Field::Markup, _) | (Field::Text, Op::Is | Op::Prefix | Op::Suffix | Op::Like)))
}

fn atoms_of(sign: &Sign) -> impl Iterator<Item = (u16, Field, Op)> {
    sign.conditions.iter().flat_map(|atoms| atoms.iter()).filter_map(|a| ATOMS.get(usize::from(*a)).map(|k| (*a, k.field, k.op)))
}

/// The literal of an atom.
pub(crate) fn literal(atom: u16) -> &'static str {
    ATOMS.get(usize::from(atom)).map_or("", |a| a.literal)
}
