//! A connection with a deadline: every wait, and all of them together, end at one moment.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use url::{Host, Url};

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Nothing came in time.
    Silent,
    /// The name has no address here.
    Name(String),
    /// Encryption could not be set up, or the certificate is not to be trusted.
    Tls(String),
    /// No connection, or it broke before an answer.
    Broken(String),
    /// A redirect that is not followed.
    NotFollowed(String),
}

impl Trouble {
    /// What happened, in words.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Silent => "no answer in time",
            Self::Name(text) | Self::Tls(text) | Self::Broken(text) | Self::NotFollowed(text) => text,
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        if let Some(tls) = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>()) {
            return Self::Tls(format!("TLS: {tls}"));
        }
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Self::Silent,
            io::ErrorKind::ConnectionRefused => Self::Broken("connection refused".to_owned()),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Self::Broken("connection reset".to_owned()),
            io::ErrorKind::UnexpectedEof => Self::Broken("connection closed before an answer".to_owned()),
            io::ErrorKind::NetworkUnreachable => Self::Broken("network unreachable".to_owned()),
            io::ErrorKind::HostUnreachable => Self::Broken("host unreachable".to_owned()),
            _ => Self::Broken(error.to_string()),
        }
    }
}

/// A plain or an encrypted connection.
pub(crate) enum Stream {
    /// `http:`
    Plain(Deadline),
    /// `https:`
    Tls(Box<StreamOwned<ClientConnection, Deadline>>),
}

impl Stream {
    /// Connects to the host of `url`, at an address that `allowed` lets pass, and tells which.
    pub(crate) fn connect(url: &Url, until: Instant, allowed: &dyn Fn(IpAddr) -> bool) -> Result<(Self, SocketAddr), Trouble> {
        let (socket, address) = dial(url, until, allowed)?;
        let plain = Deadline { socket, until };
        if url.scheme() == "http" {
            return Ok((Self::Plain(plain), address));
        }
        let name = match url.host() {
            Some(Host::Domain(name)) => ServerName::try_from(name.to_owned()).map_err(|e| Trouble::Tls(format!("TLS: {e}")))?,
            _ => ServerName::from(address.ip()),
        };
        let session = ClientConnection::new(config()?, name).map_err(|e| Trouble::Tls(format!("TLS: {e}")))?;
        Ok((Self::Tls(Box::new(StreamOwned::new(session, plain))), address))
    }
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buf),
            Self::Tls(stream) => stream.read(buf),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(buf),
            Self::Tls(stream) => stream.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// A socket on which nothing takes longer than until its deadline.
pub(crate) struct Deadline {
    socket: TcpStream,
    until: Instant,
}

impl Read for Deadline {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(Some(left(self.until)?))?;
        self.socket.read(buf)
    }
}

impl Write for Deadline {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(Some(left(self.until)?))?;
        self.socket.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// What is left of the time; an error when nothing is.
fn left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

fn dial(url: &Url, until: Instant, allowed: &dyn Fn(IpAddr) -> bool) -> Result<(TcpStream, SocketAddr), Trouble> {
    let host = url.host().ok_or_else(|| Trouble::Name("there is no host in the address".to_owned()))?;
    let port = url.port_or_known_default().unwrap_or(80);
    let found = match host {
        Host::Ipv4(ip) => vec![SocketAddr::new(ip.into(), port)],
        Host::Ipv6(ip) => vec![SocketAddr::new(ip.into(), port)],
        Host::Domain(name) => resolve(name, port, until)?,
    };
    let mut addresses: Vec<_> = found.into_iter().filter(|a| allowed(a.ip())).collect();
    if addresses.is_empty() {
        return Err(Trouble::NotFollowed(format!("the redirect to {host} leads to a private address and was not followed")));
    }
    addresses.dedup();
    let mut last = Trouble::Silent;
    let mut rest = u32::try_from(addresses.len()).unwrap_or(1);
    for address in addresses {
        // Each address has its share of the time, so that a silent one does not use up that of the others.
        match TcpStream::connect_timeout(&address, left(until)? / rest.max(1)) {
            Ok(socket) => return Ok((socket, address)),
            Err(error) => last = error.into(),
        }
        rest -= 1;
    }
    Err(last)
}

/// The system's own resolver knows no deadline, so it is asked from a thread that may be left behind.
fn resolve(name: &str, port: u16, until: Instant) -> Result<Vec<SocketAddr>, Trouble> {
    let (found, answer) = mpsc::channel();
    let asked = name.to_owned();
    thread::spawn(move || {
        // Nobody listens any more when the deadline has passed.
        let _ = found.send((asked.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>));
    });
    match answer.recv_timeout(left(until)?) {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(Ok(_)) => Err(Trouble::Name(format!("the name {name} has no address"))),
        Ok(Err(error)) => Err(Trouble::Name(format!("the name {name} cannot be resolved: {error}"))),
        Err(_) => Err(Trouble::Silent),
    }
}

/// Trusts what the system trusts; `SSL_CERT_FILE` names others.
fn config() -> Result<Arc<ClientConfig>, Trouble> {
    static CONFIG: OnceLock<Result<Arc<ClientConfig>, String>> = OnceLock::new();
    let made = CONFIG.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        let (known, _) = roots.add_parsable_certificates(found.certs);
        if known == 0 {
            return Err("no certificate authorities are installed (package ca-certificates)".to_owned());
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|e| e.to_string())?;
        let mut config = versions.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    });
    made.clone().map_err(|why| Trouble::Tls(format!("TLS: {why}")))
}
