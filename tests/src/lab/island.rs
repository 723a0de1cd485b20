//! A network of the lab's own: no way out, public addresses, and a name server that writes down every question.
//!
//! The kernel gives each process tree that asks for it an empty network. In it the lab may have any address there is, so sites have public
//! ones, routers and proxies private ones, and names are resolved by the programs' own resolvers. Nothing can leave, whatever a browser does.

use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::names::Names;
use crate::process::{Scratch, apart, try_apart};
use crate::wait::{DEADLINE, try_for};

/// Set in the environment of the program that is inside already.
const INSIDE: &str = "FAULTLINE_ISLAND";

/// What is empty there, and its own.
const APART: [&str; 2] = ["--net", "--mount"];

/// Has an address on every network that the lab plays; a pair, since a lonely end never comes up.
const LINK: &str = "lab0";

/// The network that this process is alone on.
#[derive(Debug)]
pub struct Island {
    names: Names,
    _files: Scratch,
}

impl Island {
    /// Goes there: starts this very program again in an empty network, and arranges it when it is inside.
    ///
    /// # Errors
    /// When the kernel does not give one to this user, with what would help.
    pub fn enter() -> Result<Self, String> {
        if std::env::var_os(INSIDE).is_some() { Self::arrange() } else { Err(start_again()) }
    }

    fn arrange() -> Result<Self, String> {
        run("ip", &["link", "set", "lo", "up"])?;
        let pair = run("ip", &["link", "add", LINK, "type", "veth", "peer", "name", "lab1"]).is_ok();
        let link = if pair { LINK } else { "lo" };
        if pair {
            for end in [LINK, "lab1"] {
                // An address that comes by itself, seconds later, is a new network to Chromium, which drops what it is loading.
                run("ip", &["link", "set", end, "addrgenmode", "none"])?;
                run("ip", &["link", "set", end, "up"])?;
            }
            try_for(DEADLINE, || carrier(LINK))?;
        }
        let island = Self { names: Names::start()?, _files: Scratch::new("island") };
        for network in ["192.168.1.20/24", "203.0.113.1/24", "198.51.100.1/24", "10.20.0.1/24"] {
            run("ip", &["address", "add", network, "dev", link])?;
        }
        let resolver = island._files.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:2 attempts:1\n");
        run("mount", &["--bind", &resolver.display().to_string(), "/etc/resolv.conf"])?;
        Ok(island)
    }

    /// Who is called what, and who asked.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Makes every address there is one of this machine, so that nobody can be spoken to unheard.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn catch_everything(&self) -> Result<(), String> {
        run("ip", &["route", "replace", "local", "0.0.0.0/0", "dev", "lo"])?;
        // Where there is no IPv6 nobody speaks it.
        let _ = run("ip", &["-6", "route", "replace", "local", "::/0", "dev", "lo"]);
        Ok(())
    }

    /// A program that is to know nothing of where it is, so that it may have a network of its own in its turn.
    pub fn outside<'a>(&self, program: &'a mut Command) -> &'a mut Command {
        program.env_remove(INSIDE)
    }

    /// Makes `address` one of this machine.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn take(&self, address: Ipv4Addr) -> Result<(), String> {
        if address.is_loopback() {
            return Ok(());
        }
        match run("ip", &["address", "add", &format!("{address}/32"), "dev", "lo"]) {
            Err(why) if why.contains("exists") || why.contains("assigned") => Ok(()),
            other => other,
        }
    }
}

/// Whether the kernel has told everybody that `link` is up: it does so a moment after the command.
fn carrier(link: &str) -> Result<(), String> {
    let shown = Command::new("ip").args(["-o", "link", "show", link]).output().map_err(|e| e.to_string())?;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    if shown.contains("state UP") { Ok(()) } else { Err(shown) }
}

/// Replaces this program by itself in an empty network. Comes back only with what went wrong.
fn start_again() -> String {
    let myself = match std::env::current_exe() {
        Ok(path) => path,
        Err(why) => return format!("this program does not know where it is: {why}"),
    };
    // What unshare itself cannot do must not look like what the program in it has done.
    if let Err(why) = try_apart(&APART) {
        return why;
    }
    let why = apart(&APART).arg(&myself).args(std::env::args_os().skip(1)).env(INSIDE, "yes").exec();
    format!("unshare (util-linux) cannot be started: {why}")
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let place = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].into_iter().map(|d| Path::new(d).join(program)).find(|p| p.is_file());
    let place = place.ok_or_else(|| format!("{program} is not installed"))?;
    let done = Command::new(place).args(arguments).env("LC_ALL", "C").output().map_err(|e| format!("{program}: {e}"))?;
    let said = String::from_utf8_lossy(&done.stderr);
    if done.status.success() { Ok(()) } else { Err(format!("{program} {}: {}", arguments.join(" "), said.trim())) }
}
