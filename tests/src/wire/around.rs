//! Any program on a network of its own, the whole of the browser tests for one, and everybody whom it and its children ask for or speak to.

use std::ffi::OsStr;
use std::process::{Command, ExitStatus};

use faultline_core::net::is_below;

use super::tap::Tap;
use super::{Heard, STRANGER, STRANGER_AT, has_heard_strangers};
use crate::lab::{Island, is_browsers_own};
use crate::wait::{DEADLINE, try_for};

/// Set in the environment of what is watched.
const WATCHED: &str = "FAULTLINE_WATCHED";

/// The domain of every site in the tests: RFC 6761, section 6.2.
const SITES: &str = "test";

/// Whether everybody who is asked for is written down, so that browsers have to ask for every name.
pub(crate) fn is_watched() -> bool {
    std::env::var_os(WATCHED).is_some()
}

/// Runs a program there until it ends, and tells how, and who was asked for and spoken to.
///
/// # Errors
/// When this user may not listen, the program does not start, or nobody heard the strangers that were asked on purpose.
pub fn around(island: &Island, program: &OsStr, arguments: &[String]) -> Result<(ExitStatus, Heard), String> {
    island.catch_everything()?;
    island.names().set_here(SITES);
    let _ = island.names().take_asked();
    let tap = Tap::open()?;
    let mut command = Command::new(program);
    let ended = island.outside(command.args(arguments).env(WATCHED, "yes")).status();
    let ended = ended.map_err(|why| format!("{} cannot be started: {why}", program.display()))?;
    let heard = Heard { names: island.names().take_asked(), peers: tap.heard() };
    listens(island, &tap)?;
    Ok((ended, heard))
}

/// Whether the name server and the tap hear to the end: two strangers are asked.
fn listens(island: &Island, tap: &Tap) -> Result<(), String> {
    use std::net::{TcpStream, ToSocketAddrs};
    // Neither is there; it is enough that they were asked.
    drop((STRANGER, 80).to_socket_addrs());
    drop(TcpStream::connect(STRANGER_AT));
    try_for(DEADLINE, || has_heard_strangers(island, tap)).map_err(|why| format!("nobody listened: {why}"))
}

impl Heard {
    /// Names and addresses that no site of the tests has, without the names that the browser asks for by itself.
    #[must_use]
    pub fn strangers(&self) -> Vec<String> {
        let names = self.names.iter().filter(|name| !is_below(name, SITES) && !is_browsers_own(name));
        names.cloned().chain(self.peers.iter().map(ToString::to_string)).collect()
    }
}
