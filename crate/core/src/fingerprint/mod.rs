//! Who wrote this page, and what does it mean?
//!
//! [`read`] looks at one response and nothing else. Bodies and rules meet in a normal form ([`Normal`]), every marker of every
//! rule is found in one pass (`scan`), products are ranked by how specific their signs are (`candidate`), and the failure comes
//! from product, status, words and time together (`failure`). The body names the producer, `Server` only the last hop; where
//! nothing structural fits, "unknown" is the answer. The rules are data: `crate/rules/*.toml`.

mod candidate;
#[cfg(feature = "catalogue")]
mod catalogue;
mod chain;
mod challenge;
mod extract;
mod failure;
mod kinds;
mod maintenance;
mod own;
mod quoted;
mod retry;
mod scan;
mod table;
mod testimony;

#[cfg(feature = "catalogue")]
pub use catalogue::{Claim, RuleInfo, claims, rules};
pub use kinds::Class;
pub use table::Tables;

use faultline_search::{Index, Normal};

use crate::page::{HEAD_BYTES, Page, TAIL_BYTES};
use crate::reading::{Producer, Reading};
use candidate::{Candidate, Seen, contenders};
use kinds::{Field, Op};
use quoted::{is_json, quotes};
use scan::{Found, field_of};
use table::Sign;

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

/// The rules of this build.
#[must_use]
pub fn built_in() -> &'static Tables<'static> {
    &BUILT_IN
}

/// Reads a response.
#[must_use]
pub fn read(page: &Page) -> Reading {
    BUILT_IN.read(page)
}

/// Whether a response asks for a proof that a browser or a person asks, in place of the page.
#[must_use]
pub fn is_challenge(page: &Page) -> bool {
    challenge::is_asked(page.headers.as_deref().unwrap_or_default(), &normal_form(page))
}

impl Tables<'_> {
    /// Reads a response by these rules.
    #[must_use]
    pub fn read(&self, page: &Page) -> Reading {
        look(self, page, reading)
    }

    /// The literals of these rules that are in a response, by their numbers: the search alone, without a judgement.
    #[must_use]
    pub fn found(&self, page: &Page) -> Vec<u16> {
        look(self, page, |seen| seen.found.atoms().collect())
    }
}

fn look<T>(tables: &Tables<'_>, page: &Page, with: impl FnOnce(&Seen<'_>) -> T) -> T {
    let mut normal = normal_form(page);
    if let Some(title) = page.title.as_ref().filter(|_| normal.title.is_empty()) {
        normal.title = Normal::of(title.as_bytes(), true).text;
    }
    let found = Found::in_page(tables, page, &normal);
    let body_empty = page.body.is_some() && normal.is_empty() && normal.markup.is_empty();
    let declared_empty = page.body.is_none() && page.header("content-length").is_some_and(|l| l.trim() == "0");
    let empty = body_empty || declared_empty;
    let quotes = quotes(&normal);
    with(&Seen { tables, page, normal: &normal, found: &found, empty, quotes })
}

fn reading(seen: &Seen<'_>) -> Reading {
    let candidates = seen.candidates();
    let (best, next) = contenders(&candidates, seen.below_500());
    let copy = best.filter(|c| is_copy(seen, c));
    let producer = best.filter(|_| copy.is_none());
    let relays = chain::relays(seen, &candidates, producer);
    let hops: Vec<u16> = relays.iter().filter_map(|hop| hop.rule).collect();
    let asked = retry::after(seen.page);
    let meant = failure::of(seen, producer, asked);
    Reading {
        producer: producer.map(|c| describe(seen, c, next)),
        relays: relays.into_iter().map(|hop| hop.relay).collect(),
        failure: meant.failure,
        usual: meant.usual.map(|usual| producer.map_or(usual, |c| own::corrected(seen, c, usual))),
        references: extract::references(seen, producer, &hops),
        retry_after_s: asked.or(meant.retry_after_s),
        soft: producer.is_some() && is_soft(seen),
        copy_of: copy.map(|c| c.rule.id().to_owned()),
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
    // They quote pages, whatever their type says.
    if is_json(body) || is_feed(body) {
        return true;
    }
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

/// Whether the body is a feed, which brings the pages of others.
fn is_feed(body: &[u8]) -> bool {
    let head = body.get(..400.min(body.len())).unwrap_or_default();
    [&b"<rss"[..], b"<feed", b"<rdf:rdf"].iter().any(|root| scan::behind(head, root).is_some())
}

/// A branded page without its vendor's fields, in a header that can be seen, was made by somebody else.
fn is_copy(seen: &Seen<'_>, c: &Candidate<'_>) -> bool {
    let mut wanted = c.rule.vendor_headers().peekable();
    seen.page.headers.is_some() && wanted.peek().is_some() && !wanted.any(|h| seen.page.header(h).is_some())
}

/// A server's error page under a status that does not say so. A 404 page with the status 404 is no such thing.
fn is_soft(seen: &Seen<'_>) -> bool {
    let says_5xx = |text: &[u8]| {
        let mut words = text.get(..200.min(text.len())).unwrap_or_default().split(|b| !b.is_ascii_alphanumeric());
        words.any(|w| matches!(w, [b'5', d, u] if d.is_ascii_digit() && u.is_ascii_digit()))
    };
    seen.below_500() && (seen.page.status < 400 || says_5xx(&seen.normal.title) || says_5xx(&seen.normal.text))
}

fn describe<'a>(seen: &Seen<'a>, c: &Candidate<'a>, next: Option<&Candidate<'_>>) -> Producer {
    let side = c.rule.role.is_on_visitors_side();
    let close = next.is_some_and(|s| s.tier == c.tier && s.rule.role.is_on_visitors_side() == side);
    let version = c.rule.versions().find_map(|v| extract::value(seen, &v));
    let mut signs = Vec::new();
    for sign in c.signs() {
        in_words(seen, &sign, &mut signs);
    }
    Producer {
        id: c.rule.id().to_owned(),
        name: c.rule.name().to_owned(),
        role: c.rule.role,
        version: version.filter(|v| v.as_bytes().first().is_some_and(u8::is_ascii_digit)),
        confidence: if close { c.confidence * 0.8 } else { c.confidence },
        signs,
    }
}

/// What was found of a sign: `markup has <hr><center>nginx`.
fn in_words<'a>(seen: &Seen<'a>, sign: &Sign<'a>, to: &mut Vec<String>) {
    for atom in seen.found_in(sign.conditions) {
        let Some(known) = seen.tables.atom(atom) else { continue };
        let mut said = String::from(known.field.as_str());
        if known.field == Field::Header {
            said.push(':');
            said.push_str(field_of(seen.tables, atom));
        }
        said.push_str(match known.op {
            Op::Has => " has ",
            Op::Is => " is ",
            Op::Prefix => " starts with ",
            Op::Suffix => " ends with ",
            Op::Like => " is like ",
            Op::Present => " is there",
            Op::Absent => " is not there",
        });
        said.push_str(seen.words(atom).trim_end());
        to.push(said);
    }
    if sign.empty {
        to.push("empty body".to_owned());
    }
}
