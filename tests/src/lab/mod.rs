//! The fault lab: what is really broken is known, and the extension has to find it.
//!
//! A [`Row`] is one scenario as data: the servers, the visitor's way to them, the steps, and the truth. It is played in a real browser on an
//! [`Island`], a network without a way out where sites have public addresses; the extension is as a visitor has it, with its own settings
//! and its own control endpoints. What came of all rows is the [`Board`].
//!
//! A truth is what a person who sees both sides would say. It is never taken from what the extension says.

mod apps;
mod board;
mod cast;
mod door;
mod etiquette;
mod island;
mod names;
mod page;
mod play;
mod row;
mod rows;

pub use board::{Board, Mark, Score};
pub use door::{Door, Entry};
pub use etiquette::{Counted, Limits, is_browsers_own};
pub use island::Island;
pub use names::Names;
pub use page::write as write_page;
pub use play::Stage;
pub use row::{Address, App, Behind, Line, Proxy, Row, Step, Truth, Way};
pub use rows::all as rows;
