//! What the end-to-end tests and the show stand on: real browsers, real servers, and failing pages.
//!
//! * [`browser::Browser`] drives Chromium or Firefox with the extension in it, and sees what a visitor sees: the toolbar popup, the badge, the
//!   card, the clipboard.
//! * [`servers`] starts the real gateways from configurations of their own on loopback, and upstreams that fail in a chosen way.
//! * [`capture`] keeps those gateways' pages as fixtures.
//! * [`measure`] tells what the extension costs, in milliseconds and bytes.
//! * [`soak`] walks a browser through thousands of navigations and counts the popups.
//! * [`stage`] is a set of failing sites in one small server, for the show and for whatever no real gateway does.
//! * [`wire`] writes down whom a browser with the extension speaks to.
//!
//! Nothing here leaves loopback, waits for a time instead of a condition, or tries again what has failed.

// A test that cannot go on has failed: it says what it missed and stops.
#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

pub mod browser;
pub mod capture;
pub mod lab;
pub mod measure;
pub mod process;
pub mod servers;
pub mod soak;
pub mod stage;
pub mod wait;
pub mod wire;
