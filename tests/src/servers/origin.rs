//! A small HTTP/1.1 server that says exactly what it is told to, whole or in pieces, or nothing.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::gate::Gate;

/// How often a thread that waits for the other side looks whether the server still stands.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// Most of a request that is read: what a browser sends is far smaller.
const REQUEST_LIMIT: usize = 1 << 20;

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET` …
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Header fields in order.
    pub headers: Vec<(String, String)>,
    /// The body, where it had a length.
    pub body: Vec<u8>,
    /// How many requests for this very target of this host came before it.
    pub earlier: usize,
}

impl Request {
    /// Value of the first field called `name`, without case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The host that was asked, without its port.
    #[must_use]
    pub fn host(&self) -> &str {
        let host = self.header("host").unwrap_or_default();
        host.split_once(':').map_or(host, |(name, _)| name)
    }
}

#[derive(Debug, Clone)]
enum Step {
    Send(Vec<u8>),
    Wait(Duration),
    Pass(Gate),
    /// The same bytes again and again, with a pause after each time.
    Pour(Vec<u8>, usize, Duration),
    /// Neither says a word nor hangs up.
    Stall,
    Reset,
}

/// What the server does with a request. The connection is closed after it.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    before: Vec<Step>,
    status: u16,
    reason: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Between the halves of the body.
    middle: Vec<Step>,
    after: Option<(Vec<u8>, usize, Duration)>,
    instead: Option<Step>,
}

impl Answer {
    /// An answer without a body.
    #[must_use]
    pub fn new(status: u16, reason: &str) -> Self {
        Self { status, reason: reason.to_owned(), ..Self::default() }
    }

    /// A page that is fine.
    #[must_use]
    pub fn fine(title: &str) -> Self {
        Self::new(200, "OK")
            .html(&format!("<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1><p>All is well here."))
    }

    /// Bytes as they are, in place of any HTTP.
    #[must_use]
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { instead: Some(Step::Send(bytes.into())), ..Self::default() }
    }

    /// The connection stays open and silent.
    #[must_use]
    pub fn silence() -> Self {
        Self { instead: Some(Step::Stall), ..Self::default() }
    }

    /// The connection is closed without a word.
    #[must_use]
    pub fn hang_up() -> Self {
        Self::raw(Vec::new())
    }

    /// The connection is reset.
    #[must_use]
    pub fn reset() -> Self {
        Self { instead: Some(Step::Reset), ..Self::default() }
    }

    /// The body, as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// With another status line.
    #[must_use]
    pub fn status(mut self, status: u16, reason: &str) -> Self {
        self.status = status;
        reason.clone_into(&mut self.reason);
        self
    }

    /// With one more header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a body of a type.
    #[must_use]
    pub fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", kind)
    }

    /// With a body whose type the header fields have told already, or nobody tells.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// With an HTML page.
    #[must_use]
    pub fn html(self, page: &str) -> Self {
        self.body("text/html; charset=utf-8", page)
    }

    /// Not before `delay` is over.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.before.push(Step::Wait(delay));
        self
    }

    /// Not before `gate` is open.
    #[must_use]
    pub fn behind(mut self, gate: &Gate) -> Self {
        self.before.push(Step::Pass(gate.clone()));
        self
    }

    /// The second half of the body not before `gate` is open.
    #[must_use]
    pub fn second_half_behind(mut self, gate: &Gate) -> Self {
        self.middle.push(Step::Pass(gate.clone()));
        self
    }

    /// The connection is reset in the middle of the body.
    #[must_use]
    pub fn broken_off(mut self) -> Self {
        self.middle.push(Step::Reset);
        self
    }

    /// With `chunk` so many times after the body.
    #[must_use]
    pub fn pouring(mut self, chunk: &[u8], times: usize) -> Self {
        self.after = Some((chunk.to_vec(), times, Duration::ZERO));
        self
    }

    /// With `chunk` after the body now and then, for as long as anybody listens.
    #[must_use]
    pub fn dripping(mut self, chunk: &[u8], pause: Duration) -> Self {
        self.after = Some((chunk.to_vec(), 1 << 20, pause));
        self
    }

    fn steps(self) -> Vec<Step> {
        let pour = self.after.clone().map(|(chunk, times, pause)| Step::Pour(chunk, times, pause));
        if self.instead.is_some() {
            return self.before.into_iter().chain(self.instead).chain(pour).collect();
        }
        let mut steps = self.before;
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, self.reason);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        let length = self.body.len() + self.after.as_ref().map_or(0, |(chunk, times, _)| chunk.len() * times);
        head += &format!("Content-Length: {length}\r\nConnection: close\r\n\r\n");
        let mut first = head.into_bytes();
        let (one, two) = self.body.split_at(if self.middle.is_empty() { self.body.len() } else { self.body.len() / 2 });
        first.extend_from_slice(one);
        steps.push(Step::Send(first));
        if !self.middle.is_empty() {
            steps.extend(self.middle);
            steps.push(Step::Send(two.to_vec()));
        }
        steps.extend(pour);
        steps
    }
}

type Handler = dyn Fn(&Request) -> Answer + Send + Sync;

struct Inner {
    handler: Box<Handler>,
    log: Mutex<Vec<Request>>,
    poured: AtomicUsize,
    stop: AtomicBool,
}

/// A server on a loopback port of its own. Dropping it closes the port and every connection.
pub struct Origin {
    address: SocketAddr,
    inner: Arc<Inner>,
    listener: Option<thread::JoinHandle<()>>,
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Origin({})", self.address)
    }
}

impl Origin {
    /// Starts one that answers by `handler`.
    ///
    /// # Panics
    /// When loopback has no port left.
    #[must_use]
    #[track_caller]
    pub fn start(handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap_or_else(|e| panic!("no port: {e}"));
        let address = listener.local_addr().unwrap_or_else(|e| panic!("no port: {e}"));
        let inner = Arc::new(Inner {
            handler: Box::new(handler),
            log: Mutex::default(),
            poured: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        });
        let shared = Arc::clone(&inner);
        let listener = thread::spawn(move || {
            for connection in listener.incoming() {
                if shared.stop.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&shared);
                // A peer that goes away in the middle is no news.
                thread::spawn(move || connection.and_then(|c| shared.serve(c)));
            }
        });
        Self { address, inner, listener: Some(listener) }
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The address of a page of it under `host`.
    #[must_use]
    pub fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port())
    }

    /// Every request so far, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.inner.log).clone()
    }

    /// How many requests for a target (path and query) have come.
    #[must_use]
    pub fn hits(&self, target: &str) -> usize {
        lock(&self.inner.log).iter().filter(|r| r.target == target).count()
    }

    /// How many bytes of what pours went out so far.
    #[must_use]
    pub fn poured(&self) -> usize {
        self.inner.poured.load(Ordering::SeqCst)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.inner.stop.store(true, Ordering::SeqCst);
        // Wakes the listener, which is waiting for somebody to come.
        drop(TcpStream::connect(self.address));
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

impl Inner {
    fn serve(&self, mut connection: TcpStream) -> std::io::Result<()> {
        connection.set_read_timeout(Some(LOOK))?;
        let Some(request) = self.receive(&mut connection)? else { return Ok(()) };
        for step in (self.handler)(&request).steps() {
            match step {
                Step::Send(bytes) => connection.write_all(&bytes)?,
                Step::Wait(delay) => thread::sleep(delay),
                Step::Pass(gate) => gate.pass(&self.stop),
                Step::Pour(chunk, times, pause) => {
                    for _ in 0..times {
                        connection.write_all(&chunk)?;
                        self.poured.fetch_add(chunk.len(), Ordering::SeqCst);
                        thread::sleep(pause);
                        if self.stop.load(Ordering::SeqCst) {
                            return Ok(());
                        }
                    }
                }
                Step::Stall => while self.read(&mut connection, &mut [0; 1024])? > 0 {},
                Step::Reset => {
                    socket2::SockRef::from(&connection).set_linger(Some(Duration::ZERO))?;
                    return Ok(());
                }
            }
        }
        connection.shutdown(Shutdown::Write)?;
        // What the peer still sends is taken first: closing over unread bytes would reset the connection.
        while self.read(&mut connection, &mut [0; 1024])? > 0 {}
        Ok(())
    }

    /// Reads, however long it takes; 0 when the peer or this server is done.
    fn read(&self, connection: &mut TcpStream, into: &mut [u8]) -> std::io::Result<usize> {
        loop {
            match connection.read(into) {
                Err(e) if matches!(e.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                    if self.stop.load(Ordering::SeqCst) {
                        return Ok(0);
                    }
                }
                other => return other,
            }
        }
    }

    fn receive(&self, connection: &mut TcpStream) -> std::io::Result<Option<Request>> {
        let mut bytes = Vec::new();
        let mut piece = [0; 16 * 1024];
        loop {
            let got = self.read(connection, &mut piece)?;
            bytes.extend_from_slice(&piece[..got]);
            if let Some(mut request) = parse(&bytes) {
                let mut log = lock(&self.log);
                request.earlier = log.iter().filter(|r| r.target == request.target && r.host() == request.host()).count();
                log.push(request.clone());
                return Ok(Some(request));
            }
            if got == 0 || bytes.len() > REQUEST_LIMIT {
                return Ok(None);
            }
        }
    }
}

/// The request, when all of it is there.
fn parse(bytes: &[u8]) -> Option<Request> {
    let mut fields = [httparse::EMPTY_HEADER; 96];
    let mut head = httparse::Request::new(&mut fields);
    let httparse::Status::Complete(length) = head.parse(bytes).ok()? else { return None };
    let text = |v: &[u8]| String::from_utf8_lossy(v).into_owned();
    let mut request = Request {
        method: head.method?.to_owned(),
        target: head.path?.to_owned(),
        headers: head.headers.iter().map(|h| (h.name.to_owned(), text(h.value))).collect(),
        body: Vec::new(),
        earlier: 0,
    };
    let wanted = request.header("content-length").and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
    let body = &bytes[length..];
    request.body = body.get(..wanted)?.to_vec();
    Some(request)
}
