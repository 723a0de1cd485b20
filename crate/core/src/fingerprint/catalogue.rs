//! What only those need who write, list or test rules: a visitor's browser does not carry it.

use super::candidate::Candidate;
use super::kinds::Class;
use super::table::Tables;
use super::{BUILT_IN, look};
use crate::page::Page;

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// What a rule is about, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInfo {
    /// Id: the name of the rule's file.
    pub id: &'static str,
    /// Name of the product.
    pub name: &'static str,
    /// Who makes it.
    pub vendor: &'static str,
    /// What it does on the way.
    pub role: crate::terms::Role,
    /// Where its page or source is described.
    pub docs: &'static str,
    /// Side and place that its pages usually mean.
    pub usual: (crate::terms::Side, crate::terms::Place),
    /// Ids of its signs, with their class.
    pub signs: Vec<(&'static str, Class)>,
    /// The failures that it can tell apart, in the order in which they are tried.
    pub meanings: Vec<crate::terms::FailureKind>,
}

/// Words of a rule that no page is searched for.
struct Entry {
    vendor: &'static str,
    docs: &'static str,
    signs: &'static [&'static str],
}

/// Every rule, by id.
pub fn rules() -> impl Iterator<Item = RuleInfo> {
    let tables: &'static Tables<'static> = &BUILT_IN;
    (0..).zip(CATALOGUE).filter_map(|(number, entry)| {
        let rule = tables.rule(number)?;
        let signs = entry.signs.iter().copied().zip(rule.signs().map(|s| s.class)).collect();
        let meanings = rule.meanings().map(|m| m.kind).collect();
        let (usual, vendor, docs) = (rule.usual, entry.vendor, entry.docs);
        Some(RuleInfo { id: rule.id(), name: rule.name(), vendor, role: rule.role, docs, usual, signs, meanings })
    })
}

/// One product that a page could be from: what [`read`](super::read) decided among.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Rule.
    pub rule: &'static str,
    /// Ids of the signs that fired.
    pub signs: Vec<&'static str>,
    /// The class by which the product is named; none where the signs only support.
    pub by: Option<Class>,
    /// Confidence, 0–1; 0 where the signs only support.
    pub confidence: f32,
}

/// Every product with a sign on the page, in the order of the rules: for those who write rules and test them.
#[must_use]
pub fn claims(page: &Page) -> Vec<Claim> {
    look(&BUILT_IN, page, |seen| seen.candidates().iter().filter_map(claim).collect())
}

fn claim(candidate: &Candidate<'_>) -> Option<Claim> {
    let tables: &'static Tables<'static> = &BUILT_IN;
    let rule = tables.rule(candidate.rule.number)?;
    let ids = CATALOGUE.get(usize::from(rule.number))?.signs.iter().enumerate();
    let signs = ids.filter(|(n, _)| candidate.has_fired(*n)).map(|(_, id)| *id).collect();
    Some(Claim { rule: rule.id(), signs, by: candidate.tier, confidence: candidate.confidence })
}
