//! A door: an address of the lab where somebody can come in, and a book of who did.
//!
//! Behind it is a program on loopback (a gateway, an application, a proxy). A door of a site takes requests one by one, so that what reached
//! the site is counted even where the gateway answers by itself; a door of a proxy passes bytes, tunnels included.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often a thread that waits for the other side looks whether the door still stands.
const LOOK: Duration = Duration::from_millis(100);

/// Most of a request's header that is read; far more than a browser sends.
const HEAD_LIMIT: usize = 1 << 20;

/// Somebody who came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `GET` …
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Whether cookies came along.
    pub cookies: bool,
    /// Whether it asks for a page, as a navigation does.
    pub navigation: bool,
}

/// What is done with a client: the port behind the door, the book, and the sign that the door is closed.
type Work = fn(TcpStream, u16, &Mutex<Vec<Entry>>, &Arc<AtomicBool>) -> std::io::Result<()>;

/// A door, open. Dropping it closes it.
#[derive(Debug)]
pub struct Door {
    address: SocketAddr,
    book: Arc<Mutex<Vec<Entry>>>,
    stop: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Door {
    /// A site's, to the program at `to` on loopback.
    ///
    /// # Panics
    /// When the address is taken or not of this machine.
    #[must_use]
    #[track_caller]
    pub fn of_site(address: Ipv4Addr, port: u16, to: u16) -> Self {
        Self::open(address, port, to, serve)
    }

    /// A proxy's: nothing is read, everything is passed.
    ///
    /// # Panics
    /// As [`Door::of_site`].
    #[must_use]
    #[track_caller]
    pub fn of_proxy(address: Ipv4Addr, port: u16, to: u16) -> Self {
        Self::open(address, port, to, |client, to, _, stop| {
            pass(client, TcpStream::connect((Ipv4Addr::LOCALHOST, to))?, &[], stop)
        })
    }

    #[track_caller]
    fn open(address: Ipv4Addr, port: u16, to: u16, work: Work) -> Self {
        let listener = TcpListener::bind((address, port)).unwrap_or_else(|e| panic!("no door at {address}:{port}: {e}"));
        let address = listener.local_addr().unwrap_or_else(|e| panic!("a door without an address: {e}"));
        let (book, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (shared, ends) = (Arc::clone(&book), Arc::clone(&stop));
        let listener = thread::spawn(move || {
            for client in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let (book, stop) = (Arc::clone(&shared), Arc::clone(&ends));
                // A peer that goes away in the middle is no news.
                thread::spawn(move || client.and_then(|c| work(c, to, &book, &stop)));
            }
        });
        Self { address, book, stop, listener: Some(listener) }
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Everybody who came in so far, in order.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener, which is waiting for somebody to come.
        drop(TcpStream::connect(self.address));
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

/// Takes one request, writes it down, and passes it on as the only one of its connection.
fn serve(mut client: TcpStream, to: u16, book: &Mutex<Vec<Entry>>, stop: &Arc<AtomicBool>) -> std::io::Result<()> {
    client.set_read_timeout(Some(LOOK))?;
    let mut bytes = Vec::new();
    let mut piece = [0; 16 * 1024];
    let length = loop {
        match client.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(got) => bytes.extend_from_slice(&piece[..got]),
            Err(e) if is_pause(&e) && !stop.load(Ordering::SeqCst) => continue,
            Err(e) => return Err(e),
        }
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        if bytes.len() > HEAD_LIMIT {
            return Ok(());
        }
    };
    let mut fields = [httparse::EMPTY_HEADER; 96];
    let mut head = httparse::Request::new(&mut fields);
    if !matches!(head.parse(&bytes), Ok(httparse::Status::Complete(_))) {
        return Ok(());
    }
    let has = |name: &str| head.headers.iter().any(|h| h.name.eq_ignore_ascii_case(name));
    let (method, target) = (head.method.unwrap_or_default().to_owned(), head.path.unwrap_or_default().to_owned());
    let entry = Entry { method, target, cookies: has("cookie"), navigation: has("upgrade-insecure-requests") };
    let mut passed = format!("{} {} HTTP/1.1\r\n", entry.method, entry.target).into_bytes();
    for field in head.headers.iter().filter(|h| !h.name.eq_ignore_ascii_case("connection")) {
        passed.extend_from_slice(field.name.as_bytes());
        passed.extend_from_slice(b": ");
        passed.extend_from_slice(field.value);
        passed.extend_from_slice(b"\r\n");
    }
    passed.extend_from_slice(b"Connection: close\r\n\r\n");
    passed.extend_from_slice(&bytes[length..]);
    book.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    pass(client, TcpStream::connect((Ipv4Addr::LOCALHOST, to))?, &passed, stop)
}

/// Passes bytes both ways until the server is done; a reset stays a reset.
fn pass(client: TcpStream, mut server: TcpStream, first: &[u8], stop: &Arc<AtomicBool>) -> std::io::Result<()> {
    server.write_all(first)?;
    let (from, to) = (client.try_clone()?, server.try_clone()?);
    let over = Arc::new(AtomicBool::new(false));
    let ends = [Arc::clone(stop), Arc::clone(&over)];
    let up = thread::spawn(move || copy(from, to, &ends));
    let down = copy(server, client, &[Arc::clone(stop)]);
    over.store(true, Ordering::SeqCst);
    let _ = up.join();
    down
}

fn copy(mut from: TcpStream, mut to: TcpStream, ends: &[Arc<AtomicBool>]) -> std::io::Result<()> {
    from.set_read_timeout(Some(LOOK))?;
    let mut piece = [0; 16 * 1024];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return to.shutdown(Shutdown::Write),
            Ok(got) => to.write_all(&piece[..got])?,
            Err(e) if is_pause(&e) && !ends.iter().any(|end| end.load(Ordering::SeqCst)) => {}
            Err(e) => {
                if e.kind() == ErrorKind::ConnectionReset {
                    socket2::SockRef::from(&to).set_linger(Some(Duration::ZERO))?;
                }
                return Err(e);
            }
        }
    }
}

fn is_pause(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
