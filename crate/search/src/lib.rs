//! One form for the many forms of a page, and the search for thousands of literals in one pass over it.
//!
//! This is the part of a fingerprint that looks at every byte. It knows nothing of products, rules or HTTP, and it is a crate of its
//! own because it is compiled for speed, while the rest of what a browser loads is compiled for size. [`Normal`] brings a page, or a
//! marker of a rule, into normal form; [`Index`] finds literals in it. Both allocate only what they return.

mod fold;
mod index;
pub mod key;
mod normal;
mod tag;

pub use index::{Hit, Index, UNHASHED};
pub use normal::Normal;

/// Stands in normal form for a `<` that is text: it can never be taken for the start of a tag.
pub const LESS: u8 = 4;
/// Stands in normal form for a `>` that is text.
pub const GREATER: u8 = 5;
