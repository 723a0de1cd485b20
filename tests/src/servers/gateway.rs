//! A gateway program, running.

use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::forward::Forward;
use super::product::Product;
use crate::process::{Process, Scratch, free_port};
use crate::wait::DEADLINE;

/// How long a gateway waits for what is behind it.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often a starting program is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A name that a gateway serves, and what is behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Name, without port.
    pub host: String,
    /// Port of the upstream on loopback; none is a gateway that has no server to ask.
    pub upstream: Option<u16>,
    /// The upstream speaks FastCGI (Apache only).
    pub fastcgi: bool,
    /// The upstream is asked over TLS (nginx and HAProxy).
    pub tls: bool,
    /// How long the gateway waits for it (nginx; the others wait 2 s).
    pub patience: Duration,
}

impl Site {
    /// `host`, served by what listens, or does not, at `upstream`.
    #[must_use]
    pub fn new(host: &str, upstream: u16) -> Self {
        Self { upstream: Some(upstream), ..Self::empty(host) }
    }

    /// `host`, with nothing configured behind it.
    #[must_use]
    pub fn empty(host: &str) -> Self {
        Self { host: host.to_owned(), upstream: None, fastcgi: false, tls: false, patience: PATIENCE }
    }

    /// The same over TLS.
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// The same with a gateway that waits so long.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The same with an upstream that speaks FastCGI.
    #[must_use]
    pub fn fastcgi(mut self) -> Self {
        self.fastcgi = true;
        self
    }
}

/// A gateway on a loopback port of its own. Dropping it stops it.
#[derive(Debug)]
pub struct Gateway {
    port: u16,
    // The program goes before its directory.
    process: Process,
    dir: Scratch,
}

impl Gateway {
    /// Starts `product` for `sites` and waits until it listens.
    ///
    /// # Panics
    /// When the program is missing or does not come up; with its last words.
    #[must_use]
    #[track_caller]
    pub fn start(product: Product, sites: &[Site]) -> Self {
        Self::try_start(product, sites).unwrap_or_else(|why| panic!("{why}"))
    }

    /// The same, for those who can go on without it.
    ///
    /// # Errors
    /// As [`Gateway::start`] panics.
    pub fn try_start(product: Product, sites: &[Site]) -> Result<Self, String> {
        if product.program().is_none() {
            return Err(format!("{} is not installed", product.id()));
        }
        Self::up(product.id(), |dir, port| product.command(dir, port, sites))
    }

    /// Starts a forward proxy, which has no sites; it asks `parent` (a port on loopback) for everything where there is one.
    ///
    /// # Errors
    /// When the program is missing or does not come up; with its last words.
    pub fn forward(proxy: Forward, parent: Option<u16>) -> Result<Self, String> {
        let program = proxy.program().ok_or_else(|| format!("{} is not installed", proxy.id()))?;
        Self::up(proxy.id(), |dir, port| proxy.command(&program, dir, port, parent))
    }

    fn up(id: &str, command: impl FnOnce(&Scratch, u16) -> Command) -> Result<Self, String> {
        let dir = Scratch::new(id);
        let port = free_port();
        let mut process = Process::start(id, dir.path(), &mut command(&dir, port));
        let end = Instant::now() + DEADLINE;
        while let Err(why) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            if !process.is_running() {
                return Err(process.last_words());
            }
            if Instant::now() >= end {
                return Err(format!("{id} does not listen: {why}"));
            }
            thread::sleep(LOOK);
        }
        Ok(Self { port, process, dir })
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has written to its logs: its standard output, and the files that it keeps beside its settings.
    #[must_use]
    pub fn log(&self) -> String {
        let read = |file| String::from_utf8_lossy(&std::fs::read(self.dir.path().join(file)).unwrap_or_default()).into_owned();
        ["access.log", "cache.log"].into_iter().fold(self.process.said(), |said, file| said + &read(file))
    }

    /// The address of a page of `host` behind it.
    #[must_use]
    pub fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }
}
