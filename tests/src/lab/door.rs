//! A door: an address of the lab where somebody can come in, and a book of who did.
//!
//! Behind it is a program on loopback (a gateway, an application, a proxy). A door of a site takes requests one by one, so that what reached
//! the site is counted even where the gateway answers by itself; a door of a proxy passes bytes, tunnels included. A door of two servers
//! gives each connection to one of them, and keeps it as long as both sides like.

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
    /// Whether it comes from within a page of the site.
    pub of_page: bool,
}

/// Whether a connection that begins with such a request is the first server's.
type Choice = fn(&Entry) -> bool;

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
        Self::open(address, port, move |client, book, stop| serve(client, to, book, stop))
    }

    /// A site's with two servers, the first of which gets all connections that begin as `first` says.
    ///
    /// # Panics
    /// As [`Door::of_site`].
    #[must_use]
    #[track_caller]
    pub fn of_two(address: Ipv4Addr, port: u16, to: [u16; 2], first: Choice) -> Self {
        Self::open(address, port, move |client, book, stop| keep(client, to, first, book, stop))
    }

    /// A proxy's: nothing is read, everything is passed.
    ///
    /// # Panics
    /// As [`Door::of_site`].
    #[must_use]
    #[track_caller]
    pub fn of_proxy(address: Ipv4Addr, port: u16, to: u16) -> Self {
        Self::open(address, port, move |client, _, stop| pass(client, TcpStream::connect((Ipv4Addr::LOCALHOST, to))?, &[], stop))
    }

    /// `work` is what is done with a client: the book, and the sign that the door is closed.
    #[track_caller]
    fn open<W>(address: Ipv4Addr, port: u16, work: W) -> Self
    where
        W: Fn(TcpStream, &Arc<Mutex<Vec<Entry>>>, &Arc<AtomicBool>) -> std::io::Result<()> + Send + Sync + 'static,
    {
        let listener = TcpListener::bind((address, port)).unwrap_or_else(|e| panic!("no door at {address}:{port}: {e}"));
        let address = listener.local_addr().unwrap_or_else(|e| panic!("a door without an address: {e}"));
        let (book, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (shared, ends, work) = (Arc::clone(&book), Arc::clone(&stop), Arc::new(work));
        let listener = thread::spawn(move || {
            for client in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let (book, stop, work) = (Arc::clone(&shared), Arc::clone(&ends), Arc::clone(&work));
                // A peer that goes away in the middle is no news.
                thread::spawn(move || client.and_then(|c| work(c, &book, &stop)));
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
    let mut bytes = Vec::new();
    let Some(length) = head(&mut client, &mut bytes, stop)? else { return Ok(()) };
    let mut fields = [httparse::EMPTY_HEADER; 96];
    let mut head = httparse::Request::new(&mut fields);
    let Some(entry) = read(&mut head, &bytes) else { return Ok(()) };
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

/// Takes requests without a body as long as they come, and gives all of one connection to the server that it began with.
fn keep(
    mut client: TcpStream,
    to: [u16; 2],
    first: Choice,
    book: &Mutex<Vec<Entry>>,
    stop: &Arc<AtomicBool>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let mut server: Option<TcpStream> = None;
    while let Some(length) = head(&mut client, &mut bytes, stop)? {
        let mut fields = [httparse::EMPTY_HEADER; 96];
        let Some(entry) = read(&mut httparse::Request::new(&mut fields), &bytes) else { return Ok(()) };
        let mut up = match server.take() {
            Some(up) => up,
            None => {
                let up = TcpStream::connect((Ipv4Addr::LOCALHOST, to[usize::from(!first(&entry))]))?;
                let (from, to, ends) = (up.try_clone()?, client.try_clone()?, [Arc::clone(stop)]);
                // What one connection brings back ends with it.
                thread::spawn(move || copy(from, to, &ends));
                up
            }
        };
        book.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
        up.write_all(&bytes[..length])?;
        bytes.drain(..length);
        server = Some(up);
    }
    server.map_or(Ok(()), |up| up.shutdown(Shutdown::Both))
}

/// Reads into `bytes` until they hold the header of a request, and gives its length; none where no more comes.
fn head(client: &mut TcpStream, bytes: &mut Vec<u8>, stop: &Arc<AtomicBool>) -> std::io::Result<Option<usize>> {
    client.set_read_timeout(Some(LOOK))?;
    let mut piece = [0; 16 * 1024];
    loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            return Ok(Some(at + 4));
        }
        if bytes.len() > HEAD_LIMIT {
            return Ok(None);
        }
        match client.read(&mut piece) {
            Ok(0) => return Ok(None),
            Ok(got) => bytes.extend_from_slice(&piece[..got]),
            Err(e) if is_pause(&e) && !stop.load(Ordering::SeqCst) => {}
            Err(e) => return Err(e),
        }
    }
}

fn read<'b>(head: &mut httparse::Request<'_, 'b>, bytes: &'b [u8]) -> Option<Entry> {
    if !matches!(head.parse(bytes), Ok(httparse::Status::Complete(_))) {
        return None;
    }
    let has = |name: &str| head.headers.iter().any(|h| h.name.eq_ignore_ascii_case(name));
    let (method, target) = (head.method.unwrap_or_default().to_owned(), head.path.unwrap_or_default().to_owned());
    let (cookies, navigation) = (has("cookie"), has("upgrade-insecure-requests"));
    Some(Entry { method, target, cookies, navigation, of_page: has("referer") })
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
