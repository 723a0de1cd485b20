//! A response as it went over the wire, or as `curl -i` saved it.

use std::io::{self, BufRead, Read};

use faultline_core::page::Header;

use crate::body::{self, Body};

/// Most bytes of a header.
const MAX_HEAD: u64 = 256 * 1024;

/// Status line and header.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// As it was sent.
    pub(crate) status_line: String,
    /// 100–999.
    pub(crate) status: u16,
    /// In order.
    pub(crate) headers: Vec<Header>,
    /// Lines that it took, with the empty one at its end and with those of the headers before it.
    pub(crate) lines: usize,
}

/// Why there is no response to read.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The input itself failed.
    Io(io::Error),
    /// Nothing came at all.
    Nothing,
    /// Something came, but no response.
    NotHttp(String),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Head {
    /// Reads a header to the empty line after it. Lines may end without a carriage return.
    pub(crate) fn read(input: &mut impl BufRead) -> Result<Self, Trouble> {
        let mut input = input.take(MAX_HEAD);
        let status_line = line(&mut input)?.ok_or(Trouble::Nothing)?;
        let status = status_of(&status_line).map_err(Trouble::NotHttp)?;
        let mut headers: Vec<Header> = Vec::new();
        let mut lines = 2;
        while let Some(line) = line(&mut input)?.filter(|l| !l.is_empty()) {
            lines += 1;
            match (headers.last_mut(), line.split_once(':')) {
                // A folded line goes on with the value before it: RFC 9112, section 5.2.
                (Some(last), _) if line.starts_with([' ', '\t']) => {
                    last.value.push(' ');
                    last.value.push_str(line.trim());
                }
                (_, Some((name, value))) => headers.push(Header::new(name.trim(), value.trim())),
                _ => {}
            }
        }
        if input.limit() == 0 {
            return Err(Trouble::NotHttp(format!("the header is longer than {MAX_HEAD} bytes")));
        }
        Ok(Self { status_line, status, headers, lines })
    }

    /// Whether another header follows: an interim response, or the answer of a proxy to `CONNECT`.
    pub(crate) const fn is_interim(&self) -> bool {
        self.status < 200 && self.status != 101
    }

    /// The body as a server sends it: to its declared length, to its last chunk, or to the end of the connection.
    pub(crate) fn body_on_the_wire(&self, input: impl BufRead, most: u64) -> Option<String> {
        if matches!(self.status, 204 | 304) {
            return Some(String::new());
        }
        let declared = body::value(&self.headers, "content-length").and_then(|l| l.trim().parse::<u64>().ok());
        let read = match declared {
            _ if self.is_chunked() => body::read(Chunked::new(input).take(most), &self.headers),
            Some(length) => body::read(input.take(length.min(most)), &self.headers),
            None => body::read(input.take(most), &self.headers),
        };
        read.map(|body| body.text)
    }

    /// The body as it was saved: all that is there, in chunks or put together. None where there is nothing although the header
    /// promises something, as after a request for the header alone.
    pub(crate) fn body_in_file(&self, mut input: impl BufRead) -> Result<Option<Body>, Trouble> {
        let start = input.fill_buf()?;
        let promised = body::value(&self.headers, "content-length").is_some_and(|l| l.trim() != "0");
        if start.is_empty() {
            return Ok((!promised).then(|| Body { text: String::new(), flaw: None }));
        }
        if self.is_chunked() && starts_with_a_chunk(start) {
            return Ok(body::read(Chunked::new(input), &self.headers));
        }
        Ok(body::read(input, &self.headers))
    }

    fn is_chunked(&self) -> bool {
        body::value(&self.headers, "transfer-encoding").is_some_and(|e| e.to_ascii_lowercase().contains("chunked"))
    }
}

/// The last response of a file: with redirects followed, or through a proxy, several headers stand before it.
pub(crate) fn last_head(input: &mut impl BufRead) -> Result<Head, Trouble> {
    let mut before = 0;
    loop {
        let mut head = Head::read(input)?;
        head.lines += before;
        before = head.lines;
        let another = head.status < 400 && input.fill_buf()?.starts_with(b"HTTP/");
        if !another {
            return Ok(head);
        }
    }
}

/// One line without its end; none at the end of the input.
fn line(input: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if input.read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    while matches!(bytes.last(), Some(b'\r' | b'\n')) {
        bytes.pop();
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

fn status_of(line: &str) -> Result<u16, String> {
    let shown: String = line.chars().take(60).collect();
    let mut words = line.split(' ').filter(|w| !w.is_empty());
    if !words.next().is_some_and(|w| w.starts_with("HTTP/")) {
        return Err(format!("not an HTTP response: it begins with {shown:?}"));
    }
    let status = words.next().and_then(|w| w.parse::<u16>().ok()).ok_or_else(|| format!("no status in {shown:?}"))?;
    if (100..=999).contains(&status) { Ok(status) } else { Err(format!("status {status} is out of range: 100 to 999")) }
}

fn starts_with_a_chunk(start: &[u8]) -> bool {
    let line = start.split(|b| *b == b'\n').next().unwrap_or_default();
    line.ends_with(b"\r") && size_of(line).is_some()
}

/// The size that the line before a chunk tells: RFC 9112, section 7.1.
fn size_of(line: &[u8]) -> Option<u64> {
    let digits = line.split(|b| matches!(b, b';' | b'\r' | b'\n')).next()?.trim_ascii();
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// A chunked body put together. It ends where the chunks end or make no sense any more.
struct Chunked<R> {
    input: R,
    left: u64,
    state: Chunk,
}

#[derive(PartialEq, Eq)]
enum Chunk {
    First,
    Inside,
    Over,
}

impl<R: BufRead> Chunked<R> {
    const fn new(input: R) -> Self {
        Self { input, left: 0, state: Chunk::First }
    }

    fn next_size(&mut self) -> io::Result<u64> {
        let mut size = Vec::new();
        if self.state == Chunk::Inside {
            // The end of line after the chunk.
            (&mut self.input).take(2).read_until(b'\n', &mut size)?;
            size.clear();
        }
        (&mut self.input).take(1024).read_until(b'\n', &mut size)?;
        Ok(size_of(&size).unwrap_or(0))
    }
}

impl<R: BufRead> Read for Chunked<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.state == Chunk::Over || buf.is_empty() {
            return Ok(0);
        }
        if self.left == 0 {
            self.left = self.next_size()?;
            self.state = if self.left == 0 { Chunk::Over } else { Chunk::Inside };
        }
        let read = (&mut self.input).take(self.left).read(buf)?;
        self.left -= u64::try_from(read).unwrap_or(self.left);
        if read == 0 {
            self.state = Chunk::Over;
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    fn read(raw: &str) -> (Head, Option<String>) {
        let mut input = raw.as_bytes();
        let head = last_head(&mut input).unwrap();
        let body = head.body_in_file(input).unwrap();
        (head, body.map(|body| body.text))
    }

    #[test]
    fn a_saved_response_is_read() {
        let (head, body) = read("HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\nX: a\r\n b\r\n\r\nbody");
        assert_eq!((head.status, head.status_line.as_str(), body.as_deref()), (502, "HTTP/1.1 502 Bad Gateway", Some("body")));
        assert_eq!(head.headers, [Header::new("Server", "nginx"), Header::new("X", "a b")]);
        assert_eq!(read("HTTP/2 503\n\n").1.as_deref(), Some(""));
        assert_eq!(read("HTTP/2 503\ncontent-length: 5\n\n").1, None);
    }

    #[test]
    fn only_the_last_of_several_headers_counts() {
        let (head, body) = read(
            "HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 301 Moved\r\nLocation: /\r\n\r\nHTTP/1.1 502 X\r\n\r\nHTTP/1.1 is old",
        );
        assert_eq!((head.status, body.as_deref(), head.lines), (502, Some("HTTP/1.1 is old"), 7));
    }

    #[test]
    fn chunks_are_put_together_if_they_still_are_chunks() {
        let head = "HTTP/1.1 502 X\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(read(&format!("{head}3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")).1.as_deref(), Some("abcde"));
        assert_eq!(read(&format!("{head}<html>")).1.as_deref(), Some("<html>"));
        assert_eq!(read(&format!("{head}5\r\nabc")).1.as_deref(), Some("abc"));
    }

    #[test]
    fn what_is_no_response_is_refused() {
        for (raw, says) in [
            ("GET / HTTP/1.1\n\n", "not an HTTP response"),
            ("HTTP/1.1 x\n\n", "no status"),
            ("HTTP/1.1 42 X\n\n", "out of range"),
        ] {
            assert!(matches!(last_head(&mut raw.as_bytes()), Err(Trouble::NotHttp(said)) if said.contains(says)), "{raw}");
        }
        assert!(matches!(last_head(&mut &b""[..]), Err(Trouble::Nothing)));
    }
}
