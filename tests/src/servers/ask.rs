//! Asking a server as plainly as can be, and keeping every byte and the time of the first one.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use faultline_core::page::{Header, Page, reason_of};

/// Longer than the slowest gateway here takes to give up.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug, Clone)]
pub struct Seen {
    /// As sent; empty where the answer had none.
    pub status_line: String,
    /// Status code; 200 for an answer without a header, as HTTP/0.9 has it.
    pub status: u16,
    /// Header fields in order.
    pub headers: Vec<(String, String)>,
    /// The body, put together.
    pub body: Vec<u8>,
    /// From the request to the first byte.
    pub first_byte: Duration,
}

impl Seen {
    /// The answer as the fingerprint takes it.
    #[must_use]
    pub fn page(&self, host: &str) -> Page {
        Page {
            status: self.status,
            reason: reason_of(&self.status_line).map(str::to_owned),
            headers: Some(self.headers.iter().map(|(n, v)| Header::new(n, v)).collect()),
            body: Some(String::from_utf8_lossy(&self.body).into_owned()),
            first_byte_ms: u32::try_from(self.first_byte.as_millis()).ok(),
            host: Some(host.to_owned()),
            ..Page::default()
        }
    }
}

/// Gets `path` of `host` from the server at `port`.
///
/// # Errors
/// When there is no answer, or one that cannot be read.
pub fn ask(port: u16, host: &str, path: &str) -> Result<Seen, String> {
    send(port, path, &format!("{host}:{port}"))
}

/// Gets a whole address through the forward proxy at `port`.
///
/// # Errors
/// As [`ask`].
pub fn ask_through(port: u16, url: &str) -> Result<Seen, String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    send(port, url, rest.split_once('/').map_or(rest, |(host, _)| host))
}

fn send(port: u16, target: &str, host: &str) -> Result<Seen, String> {
    let trouble = |e: std::io::Error| format!("{host}{target}: {e}");
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map_err(trouble)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(trouble)?;
    let start = Instant::now();
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nUser-Agent: faultline-tests\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).map_err(trouble)?;
    let mut bytes = vec![0; 1];
    stream.read_exact(&mut bytes).map_err(trouble)?;
    let first_byte = start.elapsed();
    // A gateway that resets after the last byte has still said everything.
    let _ = stream.read_to_end(&mut bytes);
    parse(&bytes, first_byte).ok_or_else(|| format!("{host}{target}: unreadable: {}", String::from_utf8_lossy(&bytes)))
}

fn parse(bytes: &[u8], first_byte: Duration) -> Option<Seen> {
    if !bytes.starts_with(b"HTTP/") {
        let body = bytes.to_vec();
        return Some(Seen { status_line: String::new(), status: 200, headers: Vec::new(), body, first_byte });
    }
    let mut fields = [httparse::EMPTY_HEADER; 96];
    let mut head = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(length) = head.parse(bytes).ok()? else { return None };
    let text = |v: &[u8]| String::from_utf8_lossy(v).into_owned();
    let headers: Vec<_> = head.headers.iter().map(|h| (h.name.to_owned(), text(h.value))).collect();
    let chunked = headers.iter().any(|(n, v)| n.eq_ignore_ascii_case("transfer-encoding") && v.eq_ignore_ascii_case("chunked"));
    let rest = &bytes[length..];
    Some(Seen {
        status_line: text(bytes.split(|b| *b == b'\r').next()?),
        status: head.code?,
        headers,
        body: if chunked { unchunk(rest) } else { rest.to_vec() },
        first_byte,
    })
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(httparse::Status::Complete((start, length))) = httparse::parse_chunk_size(rest) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some(chunk) = rest.get(start..).and_then(|r| r.get(..length)).filter(|c| !c.is_empty()) else { break };
        body.extend_from_slice(chunk);
        rest = rest.get(start + length + 2..).unwrap_or_default();
    }
    body
}
