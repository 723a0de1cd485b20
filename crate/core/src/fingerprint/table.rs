//! The rules as the build script packed them: numbers for the search, and one record of bytes for each rule.

use faultline_search::Index;

use super::kinds::{Chars, Class, Field, Op};
use crate::terms::{FailureKind, Place, Role, Side};

/// No literal, or no rule.
pub(crate) const NONE: u16 = u16::MAX;

/// Compiled rules. Literals that are searched for come first, in the order of their places in the filter; then those that are asked
/// of header fields, field by field.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'t> {
    /// The literals. Of patterns, and of literals of header fields, the value is no hash but an offset in `texts`.
    pub index: Index<'t>,
    /// For each literal: the rule that uses it, or an offset in `shared` behind the numbers of the rules.
    pub users: &'t [u16],
    /// Rules that share a literal, each list behind its length.
    pub shared: &'t [u16],
    /// Patterns, and literals of header fields.
    pub texts: &'t [u8],
    /// Names of header fields in lower case, in the order of `field_hashes`.
    pub fields: &'t [u8],
    /// Hashes of those names, sorted.
    pub field_hashes: &'t [u32],
    /// The first literal of each field.
    pub field_starts: &'t [u16],
    /// Literals that stand for a missing field.
    pub absent: &'t [u16],
    /// Where each rule begins in `rules`.
    pub starts: &'t [u32],
    /// The records of the rules.
    pub rules: &'t [u8],
}

/// Byte strings, each behind its length: one byte, or 255 and two more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'t>(pub(crate) &'t [u8]);

impl<'t> Iterator for Parts<'t> {
    type Item = &'t [u8];

    fn next(&mut self) -> Option<&'t [u8]> {
        let (len, rest) = match self.0 {
            [255, low, high, rest @ ..] => (usize::from(u16::from_le_bytes([*low, *high])), rest),
            [len, rest @ ..] => (usize::from(*len), rest),
            [] => return None,
        };
        let (part, rest) = rest.split_at_checked(len)?;
        self.0 = rest;
        Some(part)
    }
}

impl<'t> Parts<'t> {
    /// The next part; empty where there is none.
    fn part(&mut self) -> &'t [u8] {
        self.next().unwrap_or_default()
    }

    fn text(&mut self) -> &'t str {
        core::str::from_utf8(self.part()).unwrap_or_default()
    }
}

/// Numbers of two bytes.
pub(crate) fn numbers(bytes: &[u8]) -> impl Iterator<Item = u16> + Clone {
    bytes.as_chunks().0.iter().map(|two| u16::from_le_bytes(*two))
}

/// A literal: where it is looked for, and how it must stand there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Atom {
    pub(crate) field: Field,
    pub(crate) op: Op,
    pub(crate) len: usize,
    pub(crate) value: u32,
}

impl<'t> Tables<'t> {
    /// A literal by its number.
    pub(crate) fn atom(&self, number: u16) -> Option<Atom> {
        let [_, len, _, kind] = *self.index.shapes.get(usize::from(number))?;
        Some(Atom {
            field: *Field::ALL.get(usize::from(kind >> 4))?,
            op: *Op::ALL.get(usize::from(kind & 7))?,
            len: usize::from(len),
            value: *self.index.values.get(usize::from(number))?,
        })
    }

    /// The bytes of a pattern, or of a literal of a header field.
    pub(crate) fn bytes(&self, atom: &Atom) -> &'t [u8] {
        let from = self.texts.get(atom.value as usize..).unwrap_or_default();
        from.get(..atom.len).unwrap_or_default()
    }

    /// The rules that use a literal.
    pub(crate) fn users(&self, atom: u16) -> impl Iterator<Item = u16> + use<'t> {
        let user = self.users.get(usize::from(atom)).copied().unwrap_or(NONE);
        let list = match usize::from(user).checked_sub(self.starts.len()) {
            None => self.users.get(usize::from(atom)..=usize::from(atom)),
            Some(at) => self.shared.get(at..).and_then(|s| s.split_first()).and_then(|(len, rest)| rest.get(..usize::from(*len))),
        };
        list.unwrap_or_default().iter().copied()
    }

    /// The rule of this number.
    pub(crate) fn rule(&self, number: u16) -> Option<Rule<'t>> {
        let at = *self.starts.get(usize::from(number))?;
        let ([role, usual], parts) = self.rules.get(at as usize..)?.split_first_chunk()?;
        Some(Rule { number, role: *Role::ALL.get(usize::from(*role))?, usual: placed(*usual)?, parts: Parts(parts) })
    }
}

/// One rule. Its parts are looked up when they are asked for: of all rules a page needs very few.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule<'t> {
    pub(crate) number: u16,
    pub(crate) role: Role,
    pub(crate) usual: (Side, Place),
    parts: Parts<'t>,
}

impl<'t> Rule<'t> {
    fn part(&self, nth: usize) -> &'t [u8] {
        { self.parts }.nth(nth).unwrap_or_default()
    }

    fn text(&self, nth: usize) -> &'t str {
        core::str::from_utf8(self.part(nth)).unwrap_or_default()
    }

    pub(crate) fn id(&self) -> &'t str {
        self.text(0)
    }

    pub(crate) fn name(&self) -> &'t str {
        self.text(1)
    }

    /// Time limits, in tenths of a second, that the product has unless somebody changes them.
    pub(crate) fn limits(&self) -> impl Iterator<Item = u16> + use<'t> {
        numbers(self.part(2))
    }

    /// Names of header fields. Without one of these in a visible header the page is a copy.
    pub(crate) fn vendor_headers(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        Parts(self.part(3)).map(|name| core::str::from_utf8(name).unwrap_or_default())
    }

    pub(crate) fn yields_to(&self, other: u16) -> bool {
        numbers(self.part(4)).any(|n| n == other)
    }

    pub(crate) fn signs(&self) -> impl Iterator<Item = Sign<'t>> + use<'t> {
        Parts(self.part(5)).filter_map(Sign::of)
    }

    pub(crate) fn meanings(&self) -> impl Iterator<Item = Meaning<'t>> + use<'t> {
        Parts(self.part(6)).filter_map(Meaning::of)
    }

    pub(crate) fn references(&self) -> impl Iterator<Item = Extract<'t>> + use<'t> {
        Parts(self.part(7)).filter_map(Extract::of)
    }

    pub(crate) fn versions(&self) -> impl Iterator<Item = Extract<'t>> + use<'t> {
        Parts(self.part(8)).filter_map(Extract::of)
    }

    /// Where the page tells on which host it was written.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = Extract<'t>> + use<'t> {
        Parts(self.part(9)).filter_map(Extract::of)
    }
}

/// Status codes, as ranges; none means any.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statuses<'t>(&'t [u8]);

impl Statuses<'_> {
    pub(crate) const fn is_any(self) -> bool {
        self.0.is_empty()
    }

    /// Each range is one number: the first status times 64, and how many come after it.
    pub(crate) fn has(self, status: u16) -> bool {
        self.is_any() || numbers(self.0).any(|range| status.checked_sub(range >> 6).is_some_and(|after| after <= range & 63))
    }
}

/// Lists of literals: of each one must be found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conditions<'t>(Parts<'t>);

impl<'t> Conditions<'t> {
    pub(crate) const fn is_empty(self) -> bool {
        self.0.0.is_empty()
    }

    pub(crate) fn lists(self) -> impl Iterator<Item = impl Iterator<Item = u16> + use<'t>> + use<'t> {
        self.0.map(numbers)
    }

    pub(crate) fn atoms(self) -> impl Iterator<Item = u16> + use<'t> {
        self.lists().flatten()
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Sign<'t> {
    pub(crate) class: Class,
    /// The body must be known and empty.
    pub(crate) empty: bool,
    /// Counts only beside another sign.
    pub(crate) weak: bool,
    /// Counts on pages with much text too.
    pub(crate) long_page: bool,
    pub(crate) status: Statuses<'t>,
    pub(crate) conditions: Conditions<'t>,
}

impl<'t> Sign<'t> {
    fn of(record: &'t [u8]) -> Option<Self> {
        let (flags, parts) = record.split_first()?;
        let mut parts = Parts(parts);
        Some(Self {
            class: *Class::ALL.get(usize::from(flags & 7))?,
            empty: flags & 8 != 0,
            weak: flags & 16 != 0,
            long_page: flags & 32 != 0,
            status: Statuses(parts.part()),
            conditions: Conditions(parts),
        })
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Meaning<'t> {
    pub(crate) kind: FailureKind,
    /// 0–1.
    pub(crate) confidence: f32,
    pub(crate) usual: Option<(Side, Place)>,
    /// First byte within these, in milliseconds.
    pub(crate) window: Option<(u32, u32)>,
    pub(crate) retry_after_s: Option<u32>,
    pub(crate) status: Statuses<'t>,
    /// One of these signs, by their place in the rule; none means any.
    pub(crate) signs: &'t [u8],
    pub(crate) conditions: Conditions<'t>,
}

impl<'t> Meaning<'t> {
    fn of(record: &'t [u8]) -> Option<Self> {
        let ([kind, confidence, usual], parts) = record.split_first_chunk()?;
        let mut parts = Parts(parts);
        let (times, _) = parts.part().as_chunks();
        let mut times = times.iter().map(|t| u32::from_le_bytes(*t));
        let (first, second, third) = (times.next(), times.next(), times.next());
        Some(Self {
            kind: *FailureKind::ALL.get(usize::from(*kind))?,
            confidence: f32::from(*confidence) / 100.0,
            usual: placed(*usual),
            // One number is a wait, two are a window, three are both.
            window: first.zip(second),
            retry_after_s: if second.is_some() { third } else { first },
            status: Statuses(parts.part()),
            signs: parts.part(),
            conditions: Conditions(parts),
        })
    }
}

/// How to take a short text out of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extract<'t> {
    pub(crate) chars: Chars,
    pub(crate) min: usize,
    pub(crate) max: usize,
    /// The literal in the page after which it stands.
    pub(crate) atom: Option<u16>,
    pub(crate) kind: &'t str,
    /// Header field; empty where it stands in the page.
    pub(crate) header: &'t str,
    /// The literal in the header field after which it stands.
    pub(crate) after: &'t str,
    /// Put before the value.
    pub(crate) prefix: &'t str,
}

impl<'t> Extract<'t> {
    fn of(record: &'t [u8]) -> Option<Self> {
        let ([chars, min, max, low, high], parts) = record.split_first_chunk()?;
        let mut parts = Parts(parts);
        let atom = u16::from_le_bytes([*low, *high]);
        Some(Self {
            chars: *Chars::ALL.get(usize::from(*chars))?,
            min: usize::from(*min),
            max: usize::from(*max),
            atom: (atom != NONE).then_some(atom),
            kind: parts.text(),
            header: parts.text(),
            after: parts.text(),
            prefix: parts.text(),
        })
    }
}

/// Side and place in one byte; none beyond what there is.
fn placed(code: u8) -> Option<(Side, Place)> {
    Some((*Side::ALL.get(usize::from(code >> 4))?, *Place::ALL.get(usize::from(code & 15))?))
}
