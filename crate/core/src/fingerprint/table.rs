//! The rules as the build script compiled them: plain static data.

// Which of the words of the rule format are in use is up to the rules.
#![allow(dead_code)]

use crate::terms::{FailureKind, Place, Role, Side};

/// Where a literal is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// Source of the page.
    Markup,
    /// What a visitor reads of it.
    Text,
    /// Title.
    Title,
    /// Reason phrase.
    Reason,
    /// A header field, by its place in [`HEADERS`].
    Header,
}

/// How it must stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    /// Anywhere.
    Has,
    /// Nothing else.
    Is,
    /// At the start.
    Prefix,
    /// At the end.
    Suffix,
    /// Nothing else; [`STATUS`], [`VERSION`] and [`ANY`] stand for what varies.
    Like,
    /// The header field is there.
    Present,
    /// The header field is not there, and the header is known.
    Absent,
}

/// Stands for three digits in a pattern.
pub(crate) const STATUS: u8 = 1;
/// Stands for nothing, or a slash and a version.
pub(crate) const VERSION: u8 = 2;
/// Stands for at most 120 bytes of anything.
pub(crate) const ANY: u8 = 3;

/// One literal to look for, in normal form and lower case.
#[derive(Debug)]
pub(crate) struct Atom {
    pub(crate) literal: &'static str,
    pub(crate) field: Field,
    pub(crate) op: Op,
    /// Offset of the four bytes by which it is found.
    pub(crate) gram_at: u8,
}

/// How specific a sign is, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A word that decides within a family of equal pages.
    Tail,
    /// A name, address or header that only this product writes on error pages.
    VendorId,
    /// A sentence that no other product has.
    Sentence,
    /// The shape of the page, shared by a family.
    Skeleton,
    /// A title that others have too.
    Title,
    /// A header field of this product's good answers too.
    Header,
    /// A reason phrase.
    Reason,
    /// Tells what happened, not who wrote it.
    Detail,
}

impl Class {
    /// Whether a sign of this class can name a product by itself.
    #[must_use]
    pub const fn names(self) -> bool {
        matches!(self, Self::Tail | Self::VendorId | Self::Sentence)
    }

    /// As written in rules.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tail => "tail",
            Self::VendorId => "vendor-id",
            Self::Sentence => "sentence",
            Self::Skeleton => "skeleton",
            Self::Title => "title",
            Self::Header => "header",
            Self::Reason => "reason",
            Self::Detail => "detail",
        }
    }
}

/// Every condition must hold; of its atoms one is enough.
pub(crate) type Conditions = &'static [&'static [u16]];
/// Status codes, as ranges with both ends; none means any.
pub(crate) type Statuses = &'static [(u16, u16)];

#[derive(Debug)]
pub(crate) struct Sign {
    pub(crate) id: &'static str,
    pub(crate) class: Class,
    pub(crate) conditions: Conditions,
    pub(crate) status: Statuses,
    /// The body must be known and empty.
    pub(crate) empty: bool,
    /// Counts only beside another sign.
    pub(crate) weak: bool,
    /// Counts on pages with much text too.
    pub(crate) long_page: bool,
}

#[derive(Debug)]
pub(crate) struct Meaning {
    pub(crate) status: Statuses,
    /// One of these signs, by their place in the rule; none means any.
    pub(crate) signs: &'static [u8],
    pub(crate) conditions: Conditions,
    /// First byte within these, in milliseconds.
    pub(crate) window: Option<(u32, u32)>,
    pub(crate) kind: FailureKind,
    pub(crate) usual: Option<(Side, Place)>,
    pub(crate) confidence: f32,
    pub(crate) retry_after_s: Option<u32>,
}

/// How to take a short text out of a page.
#[derive(Debug)]
pub(crate) struct Extract {
    pub(crate) kind: &'static str,
    /// Header field; empty where it stands in the page.
    pub(crate) header: &'static str,
    /// The literal in the page after which it stands.
    pub(crate) atom: Option<u16>,
    /// The literal in the header field after which it stands.
    pub(crate) after: &'static str,
    /// Put before the value.
    pub(crate) prefix: &'static str,
    pub(crate) chars: Chars,
    pub(crate) min: u8,
    pub(crate) max: u8,
}

/// Which bytes an extracted text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chars {
    Digits,
    Hex,
    Alnum,
    /// Letters, digits, `-`, `_`, `.`
    Word,
    /// Word and `+`, `/`, `=`
    Base64,
    /// Word, `:` and `+`
    Id,
    /// Digits, letters, `.`, `-`, `+`, `~`
    Version,
    /// Letters, digits, `.`, `-`
    Host,
}

impl Chars {
    pub(crate) const fn has(self, b: u8) -> bool {
        let word = b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        match self {
            Self::Digits => b.is_ascii_digit(),
            Self::Hex => b.is_ascii_hexdigit(),
            Self::Alnum => b.is_ascii_alphanumeric(),
            Self::Word => word,
            Self::Base64 => word || matches!(b, b'+' | b'/' | b'='),
            Self::Id => word || matches!(b, b':' | b'+'),
            Self::Version => b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b'~'),
            Self::Host => b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) vendor: &'static str,
    pub(crate) docs: &'static str,
    pub(crate) role: Role,
    pub(crate) usual: (Side, Place),
    pub(crate) signs: &'static [Sign],
    pub(crate) meanings: &'static [Meaning],
    pub(crate) references: &'static [Extract],
    pub(crate) versions: &'static [Extract],
    /// Where the page tells on which host it was written.
    pub(crate) hosts: &'static [Extract],
    /// Without one of these in a visible header the page is a copy.
    pub(crate) vendor_headers: &'static [&'static str],
    pub(crate) yields_to: &'static [u16],
    /// Time limits that the product has unless somebody changes them.
    pub(crate) limits_ms: &'static [u32],
}

include!(concat!(env!("OUT_DIR"), "/rules.rs"));
