//! Who wrote this page, and what does it mean?
//!
//! [`read`] looks at one response and nothing else. Bodies and rules meet in a normal form ([`normal`]), every marker of every
//! rule is found in one pass (`scan`), products are ranked by how specific their signs are (`candidate`), and the failure comes
//! from product, status, words and time together (`failure`). The body names the producer, `Server` only the last hop; where
//! nothing structural fits, "unknown" is the answer. The rules are data: `crate/rules/*.toml`.

mod candidate;
mod chain;
mod extract;
mod failure;
pub mod normal;
mod own;
mod retry;
mod scan;
mod table;
mod testimony;

pub use table::Class;

use crate::page::{HEAD_BYTES, Page, TAIL_BYTES};
use crate::reading::{Producer, Reading};
use candidate::{Candidate, Seen, contenders, literal};
use normal::Normal;
use scan::Found;
use table::{ATOMS, Field, Op, RULES, Sign};

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

/// Every rule, by id.
pub fn rules() -> impl Iterator<Item = RuleInfo> {
    RULES.iter().map(|r| {
        let signs = r.signs.iter().map(|s| (s.id, s.class)).collect();
        let meanings = r.meanings.iter().map(|m| m.kind).collect();
        RuleInfo { id: r.id, name: r.name, vendor: r.vendor, role: r.role, docs: r.docs, usual: r.usual, signs, meanings }
    })
}

/// One product that a page could be from: what [`read`] decided among.
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
    look(page, |seen| {
        let claim = |c: &Candidate| Claim { rule: c.rule.id, signs: c.signs().map(|s| s.id).collect(), by: c.tier, confidence: c.confidence };
        seen.candidates().iter().map(claim).collect()
    })
}

/// Reads a response.
#[must_use]
pub fn read(page: &Page) -> Reading {
    look(page, reading)
}

fn look<T>(page: &Page, with: impl FnOnce(&Seen<'_>) -> T) -> T {
    let normal = normal_form(page);
    let found = Found::in_page(page, &normal);
    let body_empty = page.body.is_some() && normal.is_empty() && normal.markup.is_empty();
    let declared_empty = page.body.is_none() && page.header("content-length").is_some_and(|l| l.trim() == "0");
    with(&Seen { page, normal: &normal, found: &found, empty: body_empty || declared_empty })
}

fn reading(seen: &Seen<'_>) -> Reading {
    let candidates = seen.candidates();
    let contenders = contenders(&candidates, seen.below_500());
    let best = contenders.first().copied();
    let copy = best.filter(|c| is_copy(seen, c));
    let producer = best.filter(|_| copy.is_none());
    let relays = chain::relays(seen, &candidates, producer);
    let hops: Vec<u16> = relays.iter().filter_map(|(_, _, rule)| *rule).collect();
    let asked = retry::after(seen.page);
    let meant = failure::of(seen, producer, asked);
    Reading {
        producer: producer.map(|c| describe(seen, c, contenders.get(1).copied())),
        relays: relays.into_iter().map(|(_, relay, _)| relay).collect(),
        failure: meant.failure,
        usual: producer.zip(meant.usual).map(|(c, usual)| own::corrected(seen, c, usual)),
        references: extract::references(seen, producer.map(|c| c.number), &hops),
        retry_after_s: asked.or(meant.retry_after_s),
        soft: producer.is_some() && is_soft(seen),
        copy_of: copy.map(|c| c.rule.id.to_owned()),
    }
}

/// Head and tail of the body in normal form.
fn normal_form(page: &Page) -> Normal {
    let body = page.body.as_deref().unwrap_or_default().as_bytes();
    let plain = is_plain(page, body);
    if body.len() <= HEAD_BYTES + TAIL_BYTES {
        return Normal::of(body, plain);
    }
    let mut normal = Normal::of(body.get(..HEAD_BYTES).unwrap_or_default(), plain);
    normal.take(body.get(body.len() - TAIL_BYTES..).unwrap_or_default(), plain);
    normal
}

/// Whether a `<` in the body is text. A browser wraps plain text into a document of its own, in which it is escaped already;
/// and a server that fails may send its page under the type that the application had set.
fn is_plain(page: &Page, body: &[u8]) -> bool {
    let Some(kind) = page.header("content-type").map(str::to_ascii_lowercase) else { return false };
    if kind.trim().is_empty() || kind.contains("html") || kind.contains("xml") {
        return false;
    }
    let start = body.trim_ascii_start();
    let head = start.get(..400.min(start.len())).unwrap_or_default();
    let has = |what: &[u8]| head.windows(what.len()).any(|w| w.eq_ignore_ascii_case(what));
    let wrapped = has(b"<html><head>") && has(b"<pre");
    let page_of_a_server = page.status >= 500 && start.first() == Some(&b'<') && body.len() < 8 * 1024;
    !wrapped && !page_of_a_server
}

/// A branded page without its vendor's fields, in a header that can be seen, was made by somebody else.
fn is_copy(seen: &Seen<'_>, c: &Candidate) -> bool {
    let wanted = c.rule.vendor_headers;
    seen.page.headers.is_some() && !wanted.is_empty() && !wanted.iter().any(|h| seen.page.header(h).is_some())
}

/// A server's error page under a status that does not say so. A 404 page with the status 404 is no such thing.
fn is_soft(seen: &Seen<'_>) -> bool {
    let says_5xx = |text: &[u8]| {
        let mut words = text.get(..200.min(text.len())).unwrap_or_default().split(|b| !b.is_ascii_alphanumeric());
        words.any(|w| matches!(w, [b'5', d, u] if d.is_ascii_digit() && u.is_ascii_digit()))
    };
    seen.below_500() && (seen.page.status < 400 || says_5xx(&seen.normal.title) || says_5xx(&seen.normal.text))
}

fn describe(seen: &Seen<'_>, c: &Candidate, second: Option<&Candidate>) -> Producer {
    let close = second.is_some_and(|s| s.tier == c.tier && s.rule.role.is_on_visitors_side() == c.rule.role.is_on_visitors_side());
    Producer {
        id: c.rule.id.to_owned(),
        name: c.rule.name.to_owned(),
        role: c.rule.role,
        version: c.rule.versions.iter().find_map(|v| extract::value(seen, v)).filter(|v| v.starts_with(|d: char| d.is_ascii_digit())),
        confidence: if close { c.confidence * 0.8 } else { c.confidence },
        signs: c.signs().flat_map(|s| in_words(seen, s)).collect(),
    }
}

/// What was found of a sign: `markup has <hr><center>nginx`.
fn in_words(seen: &Seen<'_>, sign: &'static Sign) -> Vec<String> {
    let empty = sign.empty.then(|| "empty body".to_owned());
    let atoms = sign.conditions.iter().filter_map(|c| c.iter().find(|a| seen.found.has(**a)));
    atoms.filter_map(|a| atom_in_words(*a)).chain(empty).collect()
}

fn atom_in_words(atom: u16) -> Option<String> {
    let known = ATOMS.get(usize::from(atom))?;
    let field = match known.field {
        Field::Markup => "markup",
        Field::Text => "text",
        Field::Title => "title",
        Field::Reason => "reason",
        Field::Header => &format!("header:{}", chain::header_name(atom)?),
    };
    let said = format!("{field} {} {}", op_in_words(known.op), failure::readable(literal(atom)));
    Some(said.trim_end().to_owned())
}

const fn op_in_words(op: Op) -> &'static str {
    match op {
        Op::Has => "has",
        Op::Is => "is",
        Op::Prefix => "starts with",
        Op::Suffix => "ends with",
        Op::Like => "is like",
        Op::Present => "is there",
        Op::Absent => "is not there",
    }
}
