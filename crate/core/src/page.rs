//! The response as it came: what the fingerprint reads.

use serde::{Deserialize, Serialize};

/// Most bytes of a body that are ever looked at: 48 KiB of the head and 16 KiB of the tail.
pub const HEAD_BYTES: usize = 48 * 1024;
/// See [`HEAD_BYTES`].
pub const TAIL_BYTES: usize = 16 * 1024;

/// One field of the response header, name as sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Field name, in the sender's case.
    pub name: String,
    /// Field value; bytes that are not UTF-8 were replaced.
    pub value: String,
}

impl Header {
    /// A field from its two halves.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// A response, as far as it could be seen.
///
/// `None` always means "not known", never "absent": an unreadable body is `None`, an empty one is `Some("")`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    /// Status code, 100–999; 0 where it is not known.
    pub status: u16,
    /// Reason phrase of an HTTP/1.x status line. HTTP/2 and 3 have none.
    pub reason: Option<String>,
    /// Response header fields in order.
    pub headers: Option<Vec<Header>>,
    /// Text of `<title>` where the reader has already taken it out of the document.
    pub title: Option<String>,
    /// Head and tail of the body, at most [`HEAD_BYTES`] + [`TAIL_BYTES`]: markup as sent, or as a browser serialises it,
    /// or the bare text of the page.
    pub body: Option<String>,
    /// Milliseconds from sending the request to the first byte of the answer.
    pub first_byte_ms: Option<u32>,
    /// Host that the visitor asked for, without port.
    pub host: Option<String>,
}

impl Page {
    /// Value of the first field called `name`, compared without case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.as_ref()?.iter().find(|h| h.name.eq_ignore_ascii_case(name)).map(|h| h.value.as_str())
    }
}

/// The reason phrase of a status line such as `HTTP/1.1 502 Bad Gateway`; none where there is none to see.
#[must_use]
pub fn reason_of(status_line: &str) -> Option<&str> {
    let mut parts = status_line.splitn(3, ' ');
    let version = parts.next()?;
    let reason = parts.nth(1)?.trim();
    (version.starts_with("HTTP/1") && !reason.is_empty()).then_some(reason)
}
