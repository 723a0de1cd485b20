//! The wire: a whole session of a browser on a network of its own, where every name that is asked for and everybody who is spoken to is
//! written down.
//!
//! The extension is as a visitor has it, with its own settings and the browser makers' own control endpoints. The network has no way out, and
//! every address there is leads back to this machine: whoever is spoken to is heard, whether somebody is there or not.

mod around;
mod session;
mod tap;

use std::collections::BTreeSet;
use std::net::SocketAddr;

use crate::browser::Kind;
use crate::lab::{Island, is_browsers_own};
use tap::Tap;

pub use around::around;
pub(crate) use around::is_watched;

/// Who was asked for and spoken to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// Names, as the name server was asked for them.
    pub names: BTreeSet<String>,
    /// Addresses and ports, but those of this machine's talk with itself.
    pub peers: BTreeSet<SocketAddr>,
}

/// What came of a session.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// In the session itself.
    pub session: Heard,
    /// Beside those, after two strangers were asked on purpose: both have to be here, or nobody listened.
    pub strangers: Heard,
    /// Requests that came to the failing sites, and to the control.
    pub requests: [usize; 2],
}

/// The name of the stranger who is asked on purpose, and the address of another.
pub const STRANGER: &str = "stranger.example";
/// See [`STRANGER`].
pub const STRANGER_AT: &str = "192.0.2.77:8080";

/// A whole session in a browser of this kind.
///
/// # Errors
/// When this user may not listen.
///
/// # Panics
/// When browser or driver does not do what it is told.
pub fn record(island: &Island, kind: Kind) -> Result<Record, String> {
    island.catch_everything()?;
    let _ = island.names().take_asked();
    let tap = Tap::open()?;
    let session = session::Session::begin(island, kind)?;
    session.whole();
    let names = island.names().take_asked();
    let heard = Heard { names, peers: tap.heard() };
    session.ask_strangers(&|| has_heard_strangers(island, &tap));
    let after = Heard { names: island.names().take_asked(), peers: tap.heard() };
    let strangers = Heard {
        names: after.names.difference(&heard.names).cloned().collect(),
        peers: after.peers.difference(&heard.peers).copied().collect(),
    };
    Ok(Record { session: heard, strangers, requests: session.requests() })
}

/// Whether the name server and the tap have heard the strangers that were asked on purpose, so that nobody else was missed.
fn has_heard_strangers(island: &Island, tap: &Tap) -> Result<(), String> {
    let asked = island.names().asked().contains(STRANGER);
    let spoken = tap.heard().iter().any(|peer| peer.to_string() == STRANGER_AT);
    let open = tap.is_open();
    if open && asked && spoken { Ok(()) } else { Err(format!("tap {open}, name {asked}, address {spoken}")) }
}

impl Record {
    /// Names and addresses of the session that are neither the failing sites' nor the control's, without what the browser asks for by itself.
    #[must_use]
    pub fn strangers(&self, kind: Kind) -> Vec<String> {
        let known = session::names(kind);
        let names = self.session.names.iter().filter(|name| !known.contains(name) && !is_browsers_own(name));
        let peers = self.session.peers.iter().filter(|peer| !session::peers().contains(peer));
        names.cloned().chain(peers.map(ToString::to_string)).collect()
    }
}

impl Heard {
    /// Names that the browser asks for by itself, with any extension and with none.
    #[must_use]
    pub fn browsers_own(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).filter(|name| is_browsers_own(name)).collect()
    }
}
