//! Every form in which a case can leave the machine by default.

use faultline_core::case::Case;
use faultline_core::history::{Entry, History};
use faultline_core::letter::Format;
use faultline_core::report::Report;
use faultline_core::words::Catalogue;

use crate::cases::maker;

/// All of them, by name.
pub(crate) fn exports(case: &Case, words: &Catalogue) -> Vec<(&'static str, String)> {
    let report = Report::of(case, &maker(), words);
    let mut all: Vec<_> = Format::ALL.iter().map(|format| (format.as_str(), format.write(&report, words))).collect();
    all.push(("JSON", serde_json::to_string_pretty(&report).expect("a report can be written")));
    // What the page of past failures saves.
    let history = History::new(std::iter::once(Entry::of(case)));
    all.push(("CSV of past failures", history.csv()));
    all.push(("JSON of past failures", serde_json::to_string_pretty(&history).expect("a history can be written")));
    all
}

/// Whether `text` shows `needle` as it is, or to whoever decodes it.
pub(crate) fn shows(text: &str, needle: &str) -> bool {
    let found = |text: &str| text.to_lowercase().contains(&needle.to_lowercase());
    found(text) || found(&decoded(text)) || found(&text.replace("\\\"", "\"").replace("\\\\", "\\"))
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).filter(|_| *first == b'%').and_then(|h| std::str::from_utf8(h).ok());
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = &tail[2..];
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
