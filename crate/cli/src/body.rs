//! The body of a response, from bytes of any encoding to the text that the core reads: head and tail, however long it is.

use std::io::{self, Read};

use encoding_rs::{Encoding, UTF_8};
use faultline_core::page::{HEAD_BYTES, Header, TAIL_BYTES};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// A little more than the core looks at, so that it sees that the body is longer and cuts it in its own way.
const HEAD: usize = HEAD_BYTES + 8;
const TAIL: usize = TAIL_BYTES + 8;

/// Within so many bytes a page may name its charset: <https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding>
const META_WITHIN: usize = 1024;

/// Whoever sends more than this has made a mistake.
const LONG: u64 = 16 * 1024 * 1024;

/// A body as the core reads it.
#[derive(Debug)]
pub(crate) struct Body {
    /// Its text; of a long one the start and the end.
    pub(crate) text: String,
    /// What is not as it should be.
    pub(crate) flaw: Option<&'static str>,
}

/// Reads a body to its end, or to where it breaks off. None where it is compressed in a way that cannot be undone here.
pub(crate) fn read(mut input: impl Read, headers: &[Header]) -> Option<Body> {
    let mut first = [0; 2];
    let got = fill(&mut input, &mut first);
    let first = first.get(..got).unwrap_or_default();
    let input = first.chain(input);
    // A saved body is often decompressed already while its header still says otherwise: the bytes tell.
    match (value(headers, "content-encoding").unwrap_or_default().trim().to_ascii_lowercase().as_str(), first) {
        ("gzip" | "x-gzip", [0x1f, 0x8b]) => Some(text(HeadTail::of(MultiGzDecoder::new(input)), headers)),
        ("deflate", [0x78, _]) => Some(text(HeadTail::of(ZlibDecoder::new(input)), headers)),
        ("deflate", [first, _]) if !first.is_ascii_graphic() => Some(text(HeadTail::of(DeflateDecoder::new(input)), headers)),
        ("br" | "zstd", _) => {
            let plain = HeadTail::of(input);
            std::str::from_utf8(plain.head.get(..1024.min(plain.head.len()))?)
                .is_ok_and(|t| !t.contains('\0'))
                .then(|| text(plain, headers))
        }
        _ => Some(text(HeadTail::of(input), headers)),
    }
}

/// Text of bytes that somebody else has kept, as a HAR does.
pub(crate) fn decode(bytes: &[u8], headers: &[Header]) -> String {
    text(HeadTail::of(bytes), headers).text
}

fn fill(input: &mut impl Read, buf: &mut [u8]) -> usize {
    let mut got = 0;
    while let Some(room) = buf.get_mut(got..).filter(|r| !r.is_empty()) {
        match input.read(room) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    got
}

struct HeadTail {
    head: Vec<u8>,
    tail: Vec<u8>,
    length: u64,
}

impl HeadTail {
    /// What could be read: a body that breaks off still has its first part.
    fn of(mut input: impl Read) -> Self {
        let mut head = vec![0; HEAD];
        let got = fill(&mut input, &mut head);
        head.truncate(got);
        let mut tail = Vec::new();
        let mut length = u64::try_from(got).unwrap_or(u64::MAX);
        let mut chunk = [0; 64 * 1024];
        loop {
            let got = fill(&mut input, &mut chunk);
            let Some(more) = chunk.get(..got).filter(|m| !m.is_empty()) else { break };
            length = length.saturating_add(u64::try_from(got).unwrap_or(u64::MAX));
            tail.extend_from_slice(more.get(more.len().saturating_sub(TAIL)..).unwrap_or_default());
            tail.drain(..tail.len().saturating_sub(TAIL));
        }
        Self { head, tail, length }
    }
}

fn text(body: HeadTail, headers: &[Header]) -> Body {
    let (charset, mark) = match Encoding::for_bom(&body.head) {
        Some((charset, mark)) => (charset, mark),
        None => (charset(&body.head, headers), 0),
    };
    let decode = |bytes: &[u8]| charset.decode_without_bom_handling(bytes).0.into_owned();
    // A character that is cut in two by the end, or between head and tail, is no mistake of the sender's.
    let is_broken = || std::str::from_utf8(&body.head).is_err_and(|e| e.error_len().is_some());
    let flaw = if body.length > LONG {
        Some("the body is longer than 16 MiB; only its start and its end were read")
    } else if charset == UTF_8 && is_broken() {
        Some("the body has bytes that are not UTF-8; they were read as \u{fffd}")
    } else {
        None
    };
    Body { text: decode(body.head.get(mark..).unwrap_or_default()) + &decode(&body.tail), flaw }
}

/// As a browser finds it: the header, then the page's own word, then UTF-8.
fn charset(head: &[u8], headers: &[Header]) -> &'static Encoding {
    let kind = value(headers, "content-type").unwrap_or_default().to_ascii_lowercase();
    let start = String::from_utf8_lossy(head.get(..META_WITHIN.min(head.len())).unwrap_or_default()).to_ascii_lowercase();
    let in_page = start.split("<meta").skip(1).find_map(|meta| label(meta.split('>').next().unwrap_or_default()));
    let named = label(&kind).and_then(|l| Encoding::for_label(l.as_bytes()));
    // A page in UTF-16 could not have named its charset in ASCII.
    let in_page = in_page.and_then(|l| Encoding::for_label(l.as_bytes())).filter(|e| e.is_ascii_compatible());
    named.or(in_page).unwrap_or(UTF_8)
}

fn label(text: &str) -> Option<String> {
    let (_, after) = text.split_once("charset")?;
    let after = after.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let label: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_:.+".contains(*c)).collect();
    (!label.is_empty()).then_some(label)
}

/// Value of the first field called `name`.
pub(crate) fn value<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    headers.iter().find(|h| h.name.eq_ignore_ascii_case(name)).map(|h| h.value.as_str())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

    use std::io::Write;

    use super::*;

    fn with(name: &str, value: &str) -> Vec<Header> {
        vec![Header::new(name, value)]
    }

    #[test]
    fn charsets_are_those_of_header_mark_page_or_utf_8() {
        let html = with("Content-Type", "text/html; charset=windows-1251");
        assert_eq!(decode(b"\xce\xf8\xe8\xe1\xea\xe0", &html), "Ошибка");
        assert_eq!(decode(b"\xff\xfeA\0", &html), "A");
        let page = b"<head><META http-equiv=x content='text/html; charset=Shift_JIS'></head>\x83G";
        assert!(decode(page, &[]).ends_with('エ'));
        assert_eq!(decode(b"a\xffb", &[]), "a\u{fffd}b");
    }

    #[test]
    fn compressed_bodies_are_read_whether_or_not_they_still_are() {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(b"502 Bad Gateway").unwrap();
        let gz = gz.finish().unwrap();
        let header = with("content-encoding", "gzip");
        let read = |bytes: &[u8], headers: &[Header]| super::read(bytes, headers).map(|body| body.text);
        assert_eq!(read(gz.as_slice(), &header).as_deref(), Some("502 Bad Gateway"));
        assert_eq!(read(&b"502 Bad Gateway"[..], &header).as_deref(), Some("502 Bad Gateway"));
        assert_eq!(read(&gz[..gz.len() - 9], &header).map(|t| "502 Bad Gateway".starts_with(&t)), Some(true));
        assert_eq!(read(&b"\x1b\x0e\0\xf8\xff"[..], &with("content-encoding", "br")), None);
    }

    #[test]
    fn a_long_body_keeps_head_and_tail() {
        let body = [vec![b'a'; HEAD_BYTES], vec![b'.'; 5_000_000], vec![b'z'; TAIL_BYTES]].concat();
        let Body { text, flaw } = read(body.as_slice(), &[]).unwrap();
        assert_eq!(flaw, None);
        assert_eq!(text.len(), HEAD + TAIL);
        assert!(text.starts_with(&"a".repeat(HEAD_BYTES)) && text.ends_with(&"z".repeat(TAIL_BYTES)));
    }

    #[test]
    fn bytes_that_are_no_text_are_said() {
        assert!(read(&b"a\xffb"[..], &[]).unwrap().flaw.unwrap().contains("not UTF-8"));
        assert_eq!(read(&b"a\xffb"[..], &with("content-type", "text/html; charset=windows-1252")).unwrap().flaw, None);
        // A page that was cut within a character.
        assert_eq!(read(&"aé".as_bytes()[..2], &[]).unwrap().flaw, None);
    }
}
