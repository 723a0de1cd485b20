//! One response, from wherever it came, on its way into the core.

use std::time::{SystemTime, UNIX_EPOCH};

use faultline_core::case::{Case, Visit};
use faultline_core::event::{CaseId, Millis, Read, Shown};
use faultline_core::page::{HEAD_BYTES, Header};
use faultline_core::report::{Maker, Report};
use faultline_core::words::Speaker;
use faultline_search::Normal;
use serde::Serialize;
use serde_json::Value;

/// A title is in the first part of the head, or nowhere.
const TITLE_WITHIN: usize = HEAD_BYTES;

/// A response as far as it is known. What is none, or 0, is not known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Response {
    /// Where it came from; empty when not known.
    pub(crate) url: String,
    /// Method of the request; empty means GET.
    pub(crate) method: String,
    /// Status code.
    pub(crate) status: u16,
    /// Status line.
    pub(crate) status_line: Option<String>,
    /// Header fields.
    pub(crate) headers: Option<Vec<Header>>,
    /// Head and tail of the body.
    pub(crate) body: Option<String>,
    /// Title of the document, where somebody has taken it out already.
    pub(crate) title: Option<String>,
    /// Milliseconds to the first byte.
    pub(crate) first_byte_ms: Option<u32>,
    /// Address that answered.
    pub(crate) address: Option<String>,
    /// Whether the browser took it out of its cache.
    pub(crate) from_cache: bool,
}

/// When something happened, and how the clock there was set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// Since the Unix epoch.
    pub(crate) at: Millis,
    /// Minutes that the clock is east of UTC.
    pub(crate) offset_min: i32,
}

impl Moment {
    /// Now, in this machine's time zone.
    pub(crate) fn now() -> Self {
        let offset_min = jiff::Zoned::now().offset().seconds() / 60;
        Self { at: now(), offset_min }
    }
}

/// Milliseconds since the Unix epoch.
pub(crate) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

impl Response {
    /// The document as the extension's reader would have found it; none where the body is not known.
    pub(crate) fn read(&self) -> Option<Read> {
        let body = self.body.clone()?;
        let title = self.title.clone().unwrap_or_else(|| self.title_in(&body));
        Some(Read { status: self.status, title, body, first_byte_ms: self.first_byte_ms, ..Read::default() })
    }

    /// The case of this response when nobody is asked anything: what a browser knows before its first check.
    pub(crate) fn case(self, number: u32, at: Millis) -> Case {
        let read = self.read();
        let visit = Visit {
            url: self.url,
            method: self.method,
            status: self.status,
            status_line: self.status_line,
            headers: self.headers,
            address: self.address,
            from_cache: self.from_cache,
            first_byte_ms: self.first_byte_ms,
            ..Visit::default()
        };
        let shown = Shown { url: visit.url.clone(), ..Shown::default() };
        let mut case = Case::open(CaseId(number), at, visit, shown, faultline_core::case::Sight::Pending);
        case.take(read.as_ref());
        case.done = true;
        case.judge();
        case
    }

    fn title_in(&self, body: &str) -> String {
        let kind = self.headers.iter().flatten().find(|h| h.name.eq_ignore_ascii_case("content-type"));
        if kind.is_some_and(|k| !k.value.contains("html") && !k.value.contains("xml")) {
            return String::new();
        }
        let head = body.as_bytes().get(..TITLE_WITHIN.min(body.len())).unwrap_or_default();
        let title = Normal::of(head, false).title;
        String::from_utf8_lossy(&title).chars().take(300).collect()
    }
}

/// Who makes the reports of this program.
pub(crate) fn maker(offset_min: i32) -> Maker {
    Maker { version: env!("CARGO_PKG_VERSION").to_owned(), browser: "the command line".to_owned(), offset_min }
}

/// A report with the id that its response came with.
#[derive(Serialize)]
pub(crate) struct Labelled<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    #[serde(flatten)]
    report: Report,
}

impl<'a> Labelled<'a> {
    /// The report of `case` under `id`.
    pub(crate) fn of(id: Option<&'a Value>, case: &Case, offset_min: i32, words: &dyn Speaker) -> Self {
        Self { id, report: Report::of(case, &maker(offset_min), words) }
    }

    /// The report alone.
    pub(crate) const fn report(&self) -> &Report {
        &self.report
    }
}
