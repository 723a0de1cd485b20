//! The shape of the repository: what must be there, what must never be, and what must agree with what.
//!
//! Nothing here runs the product; it reads the checkout. Every check is a test of its own, and says how to mend what it finds.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

#[path = "../cases/mod.rs"]
mod cases;
#[path = "../world/mod.rs"]
mod world;

mod documents;
mod glance;
mod layout;
mod manifest;
mod sizes;
mod sources;
mod tree;
mod words;
