//! The small words of the rule format, and the numbers that stand for them in the tables. The build script compiles this file too.

// Which of the words are in use is up to the rules, and their texts are read by the build script only.
#![allow(dead_code)]

/// Declares an enum whose variants have a word in the rule files, and their place in the declaration as their number.
macro_rules! kinds {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        $vis enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            $vis const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As written in rules.
            #[must_use]
            $vis const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

kinds! {
    /// How specific a sign is, strongest first.
    pub enum Class {
        /// A word that decides within a family of equal pages.
        Tail = "tail",
        /// A name, address or header that only this product writes on error pages.
        VendorId = "vendor-id",
        /// A sentence that no other product has.
        Sentence = "sentence",
        /// The shape of the page, shared by a family.
        Skeleton = "skeleton",
        /// A title that others have too.
        Title = "title",
        /// A header field of this product's good answers too.
        Header = "header",
        /// A reason phrase.
        Reason = "reason",
        /// Tells what happened, not who wrote it.
        Detail = "detail",
    }
}

impl Class {
    /// Whether a sign of this class can name a product by itself.
    #[must_use]
    pub const fn names(self) -> bool {
        matches!(self, Self::Tail | Self::VendorId | Self::Sentence)
    }
}

kinds! {
    /// Where a literal is looked for.
    pub(crate) enum Field {
        /// Source of the page.
        Markup = "markup",
        /// What a visitor reads of it.
        Text = "text",
        /// Title.
        Title = "title",
        /// Reason phrase.
        Reason = "reason",
        /// A header field.
        Header = "header",
    }
}

kinds! {
    /// How it must stand there.
    pub(crate) enum Op {
        /// Anywhere.
        Has = "has",
        /// Nothing else.
        Is = "is",
        /// At the start.
        Prefix = "prefix",
        /// At the end.
        Suffix = "suffix",
        /// Nothing else; [`STATUS`], [`VERSION`] and [`ANY`] stand for what varies.
        Like = "like",
        /// The header field is there.
        Present = "present",
        /// The header field is not there, and the header is known.
        Absent = "absent",
    }
}

kinds! {
    /// Which bytes an extracted text is made of.
    pub(crate) enum Chars {
        /// 0–9
        Digits = "digits",
        /// 0–9, a–f
        Hex = "hex",
        /// Letters and digits
        Alnum = "alnum",
        /// Letters, digits, `-`, `_`, `.`
        Word = "word",
        /// Word and `+`, `/`, `=`
        Base64 = "base64",
        /// Word, `:` and `+`
        Id = "id",
        /// Digits, letters, `.`, `-`, `+`, `~`
        Version = "version",
        /// Letters, digits, `.`, `-`
        Host = "host",
    }
}

impl Chars {
    /// Whether a text may contain the byte.
    pub(crate) const fn has(self, b: u8) -> bool {
        let plain = match self {
            Self::Digits => b.is_ascii_digit(),
            Self::Hex => b.is_ascii_hexdigit(),
            _ => b.is_ascii_alphanumeric(),
        };
        plain
            || match self {
                Self::Digits | Self::Hex | Self::Alnum => false,
                Self::Word => matches!(b, b'-' | b'_' | b'.'),
                Self::Base64 => matches!(b, b'-' | b'_' | b'.' | b'+' | b'/' | b'='),
                Self::Id => matches!(b, b'-' | b'_' | b'.' | b':' | b'+'),
                Self::Version => matches!(b, b'-' | b'.' | b'+' | b'~'),
                Self::Host => matches!(b, b'-' | b'.'),
            }
    }
}

/// Stands for three digits in a pattern.
pub(crate) const STATUS: u8 = 1;
/// Stands for nothing, or a slash and a version.
pub(crate) const VERSION: u8 = 2;
/// Stands for at most 120 bytes of anything.
pub(crate) const ANY: u8 = 3;
