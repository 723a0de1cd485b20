//! What a response says about itself: the result of a fingerprint.

use serde::{Deserialize, Serialize};

use crate::terms::{FailureKind, Place, Role, Side};
use crate::words::Word;

/// The hop that wrote the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Producer {
    /// Kebab-case id: the name of the rule file.
    pub id: String,
    /// Name as its makers write it.
    pub name: String,
    /// What it does on the way.
    pub role: Role,
    /// Version, where the page or a header tells.
    pub version: Option<String>,
    /// 0–1.
    pub confidence: f32,
    /// The signs that were found, in the rule's order: `text has <hr><center>nginx`.
    pub signs: Vec<String>,
}

/// A hop that passed the answer on, from `Server`, `Via` and the like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay {
    /// Rule id where a rule knows it.
    pub id: Option<String>,
    /// Name to show.
    pub name: String,
    /// Role where a rule knows it.
    pub role: Option<Role>,
    /// Field that told, as `header:via`.
    pub told_by: String,
}

/// What happened at the failing hop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// 0–1.
    pub confidence: f32,
    /// Why: each names a sign.
    pub because: Vec<Word>,
}

/// An identifier that the site's administrator can search for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// What kind of identifier: `cf-ray`, `varnish-xid` …
    pub kind: String,
    /// The identifier itself.
    pub value: String,
}

/// Everything that one response tells by itself, without asking anybody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Who wrote the page; none is an honest answer.
    pub producer: Option<Producer>,
    /// The other hops that left their names, nearest to the visitor first.
    pub relays: Vec<Relay>,
    /// What happened.
    pub failure: Failure,
    /// Side and place that such a page usually means, before any check.
    pub usual: Option<(Side, Place)>,
    /// Identifiers.
    pub references: Vec<Reference>,
    /// How long the site asks to wait, in seconds.
    pub retry_after_s: Option<u32>,
    /// An error page under a status below 500.
    pub soft: bool,
    /// The page looks like this product's, and visible headers say that it is a copy.
    pub copy_of: Option<String>,
}
