//! Real gateways on loopback, and upstreams that fail in a chosen way.
//!
//! A [`Gateway`] is one of the programs that stand before applications everywhere, started with a configuration of its own in a directory of
//! its own: never the system's service. An [`Origin`] is an application that does what a test wants, down to the bytes, and counts who came.

mod ask;
mod fault;
mod forward;
mod gate;
mod gateway;
mod origin;
mod product;

pub use ask::{Seen, ask, ask_through};
pub use fault::{Fault, Upstream};
pub use forward::Forward;
pub use gate::Gate;
pub use gateway::{Gateway, Site};
pub use origin::{Answer, Origin, Request};
pub use product::Product;
