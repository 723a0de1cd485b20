//! Which products the page could be from, and how sure each is.

use faultline_search::{GREATER, LESS, Normal};

use super::kinds::{ANY, Class, Field, Op, STATUS, VERSION};
use super::quoted::{Quotes, is_within_quotes};
use super::scan::{Found, behind};
use super::table::{Conditions, Rule, Sign, Statuses, Tables};
use crate::page::Page;
use crate::terms::Role;

/// Error pages are short. A page with more text than this may quote a sentence without being its author …
const MAX_TEXT: usize = 2_500;
/// … and with more than this even a piece of markup.
const MAX_MARKUP_TEXT: usize = 6_000;
/// Whoever makes a page with a title and a few words of a product's is that product; with more text than this he tells of it.
const MAX_OWN_TEXT: usize = 400;
/// The word at the foot of a short page decides within its family; a page with more text than this is not of that family.
const MAX_TAIL_TEXT: usize = 1_000;
/// Pages are written by one program, and some have the words of two: of a module and of its server.
const MAX_NAMED: usize = 2;
/// Under a status below 500 there is less reason to believe in an error at all.
const MAX_SOFT_TEXT: usize = 2_000;

/// What the page is, beside its words.
pub(crate) struct Seen<'a> {
    pub(crate) tables: &'a Tables<'a>,
    pub(crate) page: &'a Page,
    pub(crate) normal: &'a Normal,
    pub(crate) found: &'a Found,
    /// The body is known and there is nothing in it.
    pub(crate) empty: bool,
    pub(crate) quotes: Quotes,
}

/// A product with at least one sign.
#[derive(Debug, Clone)]
pub(crate) struct Candidate<'a> {
    pub(crate) rule: Rule<'a>,
    /// Signs that fired, one bit for each by its place in the rule.
    pub(crate) fired: u64,
    /// The class by which it names the producer; none if the signs do not suffice for that.
    pub(crate) tier: Option<Class>,
    pub(crate) confidence: f32,
    /// Whether a naming sign is in the structure of the page, not only among its words.
    structural: bool,
    /// Bytes that matched: of two equal candidates the one that explains more is the better.
    explained: usize,
}

impl<'a> Seen<'a> {
    /// Whether the status says that this is no error of a server.
    pub(crate) const fn below_500(&self) -> bool {
        self.page.status > 0 && self.page.status < 500
    }

    /// Whether the status is one of these; an unknown one may be any.
    pub(crate) fn has_status(&self, statuses: Statuses<'_>) -> bool {
        self.page.status == 0 || statuses.has(self.page.status)
    }

    /// Whether every condition has an atom that was found.
    pub(crate) fn holds(&self, conditions: Conditions<'_>) -> bool {
        conditions.lists().all(|mut atoms| atoms.any(|a| self.found.has(a)))
    }

    /// Of each condition the first atom that was found.
    pub(crate) fn found_in(&self, conditions: Conditions<'a>) -> impl Iterator<Item = u16> {
        conditions.lists().filter_map(|mut atoms| atoms.find(|a| self.found.has(*a)))
    }

    /// The words of an atom that was found, as the page has them; of a pattern what does not vary, of markup what is no tag.
    pub(crate) fn words(&self, atom: u16) -> String {
        let Some(known) = self.tables.atom(atom) else { return String::new() };
        let end = self.found.end(atom).unwrap_or(0);
        let page = |text: &'a [u8]| text.get(end.saturating_sub(known.len)..end).unwrap_or_default();
        let bytes = match known.field {
            _ if known.op == Op::Like => self.tables.bytes(&known),
            Field::Header => self.tables.bytes(&known),
            Field::Markup => page(&self.normal.markup),
            Field::Text => page(&self.normal.text),
            Field::Title => page(&self.normal.title),
            Field::Reason => page(self.page.reason.as_deref().unwrap_or_default().trim().as_bytes()),
        };
        let readable = |c: char| match u8::try_from(c) {
            Ok(STATUS | VERSION | ANY) => '…',
            Ok(LESS) => '<',
            Ok(GREATER) => '>',
            _ => c,
        };
        let words: String = core::str::from_utf8(bytes).unwrap_or_default().chars().map(readable).collect();
        if known.field == Field::Markup { said(&words).to_owned() } else { words }
    }

    fn fires(&self, sign: &Sign<'_>) -> bool {
        self.has_status(sign.status)
            && (!sign.empty || self.empty)
            && self.holds(sign.conditions)
            && (sign.long_page || self.is_short_enough(sign))
    }

    fn is_short_enough(&self, sign: &Sign<'_>) -> bool {
        let length = self.normal.text.len();
        self.kinds(sign).all(|(field, op)| match (field, op) {
            (Field::Markup | Field::Text, _) if self.below_500() => length <= MAX_SOFT_TEXT,
            (Field::Text, Op::Has) => length <= MAX_TEXT,
            (Field::Markup, _) if sign.class == Class::Tail => length <= MAX_TAIL_TEXT,
            (Field::Markup, _) => length <= MAX_MARKUP_TEXT,
            _ => true,
        })
    }

    /// Bytes of the literals that were found.
    fn explained(&self, candidate: &Candidate<'_>) -> usize {
        let found = candidate.signs().flat_map(|s| s.conditions.atoms()).filter(|a| self.found.has(*a));
        found.filter_map(|a| self.tables.atom(a)).map(|a| a.len).sum()
    }

    /// Whether nothing but words speaks for the product, on a page that may quote them.
    fn is_quoted(&self, candidate: &Candidate<'_>) -> bool {
        let (mut signs, mut lists, mut keys, mut said, mut alone) = (0, 0, false, true, true);
        let text = &self.normal.text;
        for sign in candidate.signs().filter(|s| s.class != Class::Detail) {
            signs += 1;
            // A field of a hop makes nobody the author of the words.
            if sign.class == Class::Header {
                alone = false;
                continue;
            }
            let in_lines = matches!(self.quotes, Quotes::Values | Quotes::All);
            let words = |op| op == Op::Has || op == Op::Like && in_lines || self.quotes == Quotes::Sentences;
            if sign.empty || self.kinds(&sign).any(|(field, op)| field != Field::Text || !words(op)) {
                return false;
            }
            lists += sign.conditions.lists().count();
            keys |= self.is_there(&sign, |text, start, _| matches!(text.get(start), Some(b'"' | b'{' | b'[')));
            said &= self.is_there(&sign, is_within_quotes);
        }
        match self.quotes {
            Quotes::Nothing => said,
            Quotes::Sentences => {
                // Who asks, or says much beside, has met these words elsewhere.
                let asks = alone && (text.contains(&b'?') || candidate.explained * 3 < text.len());
                said || asks || text.len() > MAX_OWN_TEXT || signs == 1 && lists == 1
            }
            // A piece of the data itself, key and value, and not what a value says.
            Quotes::Values => !keys,
            Quotes::All => true,
        }
    }

    /// Whether the page has the shape of the product's family, and another word where the product writes its own.
    fn is_a_clone(&self, tier: Class, rule: Rule<'_>) -> bool {
        let word = || behind(&self.normal.markup, b"<hr><center>").and_then(|at| self.normal.markup.get(at..));
        tier == Class::Skeleton
            && word().is_some_and(|w| behind(w, b"</center>").is_some())
            && rule.signs().any(|s| s.class == Class::Tail)
    }

    /// Whether some words of a sign stand in the text as they should.
    fn is_there(&self, sign: &Sign<'_>, stands: impl Fn(&[u8], usize, usize) -> bool) -> bool {
        sign.conditions.atoms().any(|a| {
            let Some((end, atom)) = self.found.end(a).zip(self.tables.atom(a)) else { return false };
            let start = match atom.op {
                // Of what may stand anywhere, nobody knows where it begins.
                Op::Like if self.tables.bytes(&atom).first() == Some(&ANY) => None,
                Op::Like => Some(0),
                _ => end.checked_sub(atom.len),
            };
            start.is_some_and(|start| stands(&self.normal.text, start, end))
        })
    }

    fn is_structural(&self, sign: &Sign<'_>) -> bool {
        let structural = |(field, op)| match field {
            Field::Markup => true,
            Field::Text => op != Op::Has,
            _ => false,
        };
        sign.empty || self.kinds(sign).any(structural)
    }

    fn kinds(&self, sign: &Sign<'_>) -> impl Iterator<Item = (Field, Op)> {
        sign.conditions.atoms().filter_map(|a| self.tables.atom(a).map(|k| (k.field, k.op)))
    }

    /// Every product with a sign, in the order of the rules.
    pub(crate) fn candidates(&self) -> Vec<Candidate<'a>> {
        let mut numbers: Vec<u16> = Vec::new();
        for number in self.found.atoms().flat_map(|atom| self.tables.users(atom)) {
            // They are few: a sort would cost the visitor more bytes than it saves time.
            let at = numbers.iter().take_while(|n| **n < number).count();
            if numbers.get(at) != Some(&number) {
                numbers.insert(at, number);
            }
        }
        numbers.into_iter().filter_map(|n| self.candidate(self.tables.rule(n)?)).collect()
    }

    fn candidate(&self, rule: Rule<'a>) -> Option<Candidate<'a>> {
        let mut fired = 0;
        for (n, sign) in rule.signs().take(64).enumerate() {
            fired |= u64::from(self.fires(&sign)) << n;
        }
        let mut candidate = Candidate { rule, fired, tier: None, confidence: 0.0, structural: false, explained: 0 };
        candidate.explained = self.explained(&candidate);
        let tier = tier(&candidate).filter(|tier| !self.is_quoted(&candidate) && !self.is_a_clone(*tier, rule));
        candidate.tier = tier;
        candidate.confidence = tier.map_or(0.0, |t| confidence(t, &candidate));
        let names = |s: &Sign<'_>| Some(s.class) == tier || s.class.names();
        candidate.structural = candidate.signs().any(|s| names(&s) && self.is_structural(&s));
        (fired != 0).then_some(candidate)
    }
}

/// What a person reads of a piece of markup: the text behind its last tag, or within the last two.
fn said(markup: &str) -> &str {
    let open = markup.strip_suffix('>').and_then(|m| m.rsplit_once('<')).map_or(markup, |(before, _)| before);
    let text = open.rsplit_once('>').map_or(open, |(_, text)| text);
    if text.is_empty() { markup } else { text }
}

impl<'a> Candidate<'a> {
    /// Whether this sign of the rule fired.
    pub(crate) const fn has_fired(&self, sign: usize) -> bool {
        sign < 64 && self.fired >> sign & 1 == 1
    }

    /// The signs that fired.
    pub(crate) fn signs(&self) -> impl Iterator<Item = Sign<'a>> + use<'a> {
        let fired = self.fired;
        self.rule.signs().enumerate().filter(move |(n, _)| fired >> n & 1 == 1).map(|(_, sign)| sign)
    }

    /// Order among those who could have written the page, the best is the greatest. Visitor's side before all sites: it answers for
    /// every host. Then specificity, then the platform before the network in front of it, then who explains more.
    fn rank(&self) -> u64 {
        let role = self.rule.role;
        let tier = self.tier.map_or(0, |t| 8 - t as u64);
        let bits = |value: u64, most: u64| value.min(most);
        u64::from(role.is_on_visitors_side()) << 63
            | tier << 59
            | u64::from(role == Role::PaasRouter) << 58
            | u64::from(self.fired.count_ones()) << 50
            | bits(self.explained as u64, 0xFFFF_FFFF) << 16
            | u64::from(u16::MAX - self.rule.number)
    }
}

/// The one that most likely wrote the page, and the next, without those that yield to another.
pub(crate) fn contenders<'c, 'a>(
    candidates: &'c [Candidate<'a>],
    below_500: bool,
) -> (Option<&'c Candidate<'a>>, Option<&'c Candidate<'a>>) {
    // A page that has the words of so many is a list of such words.
    if candidates.iter().filter(|c| c.tier.is_some()).count() > MAX_NAMED {
        return (None, None);
    }
    let named = |c: &Candidate<'_>| c.tier.is_some() && (!below_500 || c.structural);
    let yields = |c: &Candidate<'_>| candidates.iter().any(|other| named(other) && c.rule.yields_to(other.rule.number));
    // Where each yields to another, none does.
    let all = !candidates.iter().any(|c| named(c) && !yields(c));
    let (mut best, mut next): (Option<&Candidate<'_>>, Option<&Candidate<'_>>) = (None, None);
    for candidate in candidates.iter().filter(|c| named(c) && (all || !yields(c))) {
        if best.is_none_or(|b| b.rank() < candidate.rank()) {
            next = best.replace(candidate);
        } else if next.is_none_or(|n| n.rank() < candidate.rank()) {
            next = Some(candidate);
        }
    }
    (best, next)
}

fn tier(candidate: &Candidate<'_>) -> Option<Class> {
    let (mut strong, mut classes, mut weak, mut beside) = (None, 0_u8, 0, 0);
    for sign in candidate.signs() {
        if sign.class.names() && !sign.weak && strong.is_none_or(|s| sign.class < s) {
            strong = Some(sign.class);
        }
        classes |= 1 << sign.class as u8;
        weak += usize::from(sign.class.names());
        beside += usize::from(sign.class != Class::Detail);
    }
    let has = |class: Class| classes >> class as u8 & 1 == 1;
    if strong.is_some() {
        return strong;
    }
    if has(Class::Skeleton) && (has(Class::Header) || has(Class::Reason)) {
        return Some(Class::Skeleton);
    }
    (weak > 0 && beside > 1).then_some(Class::Title)
}

fn confidence(tier: Class, candidate: &Candidate<'_>) -> f32 {
    let base = match tier {
        Class::Tail => 0.96,
        Class::VendorId => 0.95,
        Class::Sentence => 0.90,
        Class::Skeleton => 0.78,
        _ => 0.60,
    };
    let agreeing = candidate.signs().filter(|s| s.class != tier && s.class != Class::Detail).count();
    // More of the same kind adds little, and nothing is ever certain.
    let more = u8::try_from(agreeing.min(3)).unwrap_or(3);
    (base + 0.01 * f32::from(more)).min(0.99)
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn a_person_reads_words_and_no_tags() {
        assert_eq!(said("<hr><center>nginx/"), "nginx/");
        assert_eq!(said("<hr><center>nginx</center>"), "nginx");
        assert_eq!(said("<h3>Error 54113</h3><p>Details: cache-"), "Details: cache-");
        for nothing_else in ["<div id=\"operator_info\">", "src=\"/_Incapsula_Resource?", "<vite-error-overlay"] {
            assert_eq!(said(nothing_else), nothing_else);
        }
    }
}
