//! Past cases, as the visitor keeps them: bounded, of redacted text, newest first.
//!
//! Nothing of a private tab gets here, and nothing at all where the visitor does not want a history: the desk decides that with
//! [`Command::Keep`](crate::command::Command::Keep). The two types that matter are [`Entry`], one past case, and [`History`].

use serde::Serialize;

use crate::case::Case;
use crate::clock::rfc3339;
use crate::event::Millis;
use crate::net::Url;
use crate::redact::Safe;
use crate::view;
use crate::words::percent;

/// Most entries that are kept; the oldest goes first. At about 400 bytes each they stay far below what `storage.local` takes.
pub const MAX_ENTRIES: usize = 500;

/// Name and version of the exported and the stored form.
pub const SCHEMA: &str = "faultline.history/1";

/// One past case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Number of the case and when it began: unique, since numbers begin anew in each browser session.
    pub id: String,
    /// When it began, in milliseconds since the epoch.
    pub at: Millis,
    /// The same, as RFC 3339 in UTC.
    pub time: String,
    /// How often the page failed, one time right after the other.
    pub visits: u32,
    /// What was asked for, without anything that may be secret.
    pub url: Safe,
    /// Status code.
    pub status: u16,
    /// Name of what wrote the page; empty where unknown.
    pub producer: String,
    /// Failure kind.
    pub failure: String,
    /// Side of the verdict.
    pub side: String,
    /// Place of the verdict.
    pub place: String,
    /// Whole per cent.
    pub confidence: u32,
    /// Milliseconds to the first byte; none where nobody measured.
    pub first_byte_ms: Option<u32>,
    /// Key of the verdict's sentence, so that it can be said in whatever language the visitor has by then.
    pub said: String,
}

impl Entry {
    /// What is kept of `case`.
    #[must_use]
    pub fn of(case: &Case) -> Self {
        Self {
            id: format!("{}-{}", case.id, case.since),
            at: case.since,
            time: rfc3339(case.since, 0),
            visits: case.visits,
            url: Safe::url(&case.visit.url),
            status: case.visit.status,
            producer: case.reading.producer.as_ref().map_or_else(String::new, |p| p.name.clone()),
            failure: case.kind().as_str().to_owned(),
            side: case.verdict.side.as_str().to_owned(),
            place: case.verdict.place.as_str().to_owned(),
            confidence: percent(case.verdict.confidence),
            first_byte_ms: case.visit.first_byte_ms,
            said: view::headline(case).key,
        }
    }

    /// The site's host; the whole URL where it has none.
    #[must_use]
    pub fn host(&self) -> &str {
        Url::split(self.url.as_str()).map_or(self.url.as_str(), |u| u.host)
    }
}

/// Every past case, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct History(Vec<Entry>);

impl History {
    /// Out of what was stored. More than [`MAX_ENTRIES`] are not taken.
    #[must_use]
    pub fn new(entries: impl Iterator<Item = Entry>) -> Self {
        Self(entries.take(MAX_ENTRIES).collect())
    }

    /// The entries, newest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// Puts `entry` on top, in place of what was known of the same case.
    pub fn put(&mut self, entry: Entry) {
        self.forget(&entry.id);
        self.0.insert(0, entry);
        self.0.truncate(MAX_ENTRIES);
    }

    /// Takes one entry out.
    pub fn forget(&mut self, id: &str) {
        self.0.retain(|e| e.id != id);
    }

    /// Takes all entries out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The hosts, the one that failed last first.
    #[must_use]
    pub fn hosts(&self) -> Vec<&str> {
        let mut hosts = Vec::new();
        for entry in &self.0 {
            let host = entry.host();
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        hosts
    }

    /// How many failures `host` had on each of the `days` days up to `now`, the oldest day first, by a clock `offset_min`
    /// minutes east of UTC. Each visit counts.
    #[must_use]
    pub fn per_day(&self, host: &str, days: usize, now: Millis, offset_min: i32) -> Vec<u32> {
        let mut counts = vec![0_u32; days];
        let today = day(now, offset_min);
        for entry in self.0.iter().filter(|e| e.host() == host) {
            let age = usize::try_from(today - day(entry.at, offset_min)).unwrap_or(usize::MAX);
            if let Some(count) = days.checked_sub(age.saturating_add(1)).and_then(|n| counts.get_mut(n)) {
                *count = count.saturating_add(entry.visits);
            }
        }
        counts
    }

    /// As comma-separated values with a line of names, for a spreadsheet. No cell can be taken for a formula.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = "time,url,status,visits,producer,failure,side,place,confidence_percent,first_byte_ms\r\n".to_owned();
        for e in &self.0 {
            let first_byte = e.first_byte_ms.map_or_else(String::new, |ms| ms.to_string());
            let (status, visits, sure) = (e.status.to_string(), e.visits.to_string(), e.confidence.to_string());
            let cells =
                [&e.time, e.url.as_str(), &status, &visits, &e.producer, &e.failure, &e.side, &e.place, &sure, &first_byte];
            for (n, text) in cells.into_iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                cell(&mut out, text);
            }
            out.push_str("\r\n");
        }
        out
    }
}

/// Day since the epoch on a clock east of UTC.
fn day(at: Millis, offset_min: i32) -> i64 {
    (i64::try_from(at / 60_000).unwrap_or(0) + i64::from(offset_min)).div_euclid(24 * 60)
}

/// One quoted cell. Spreadsheets run what begins with `=`, `+`, `-`, `@`, a tab or a line break: an apostrophe before it makes it text.
/// <https://owasp.org/www-community/attacks/CSV_Injection>
fn cell(out: &mut String, text: &str) {
    out.push('"');
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        out.push('\'');
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\"\""),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Millis = 86_400_000;

    fn entry(id: &str, url: &str, at: Millis) -> Entry {
        Entry { id: id.into(), at, visits: 1, url: Safe::url(url), ..Entry::default() }
    }

    #[test]
    fn the_same_case_is_kept_once_and_the_oldest_goes_first() {
        let mut history = History::default();
        for n in 0..MAX_ENTRIES + 5 {
            history.put(entry(&n.to_string(), "https://a.example/", 0));
        }
        history.put(entry("7", "https://b.example/", 0));
        assert_eq!(history.entries().len(), MAX_ENTRIES);
        assert_eq!(history.entries().iter().filter(|e| e.id == "7").count(), 1);
        assert_eq!(history.hosts(), ["b.example", "a.example"]);
        history.forget("7");
        assert_eq!(history.hosts(), ["a.example"]);
        assert!(!history.entries().iter().any(|e| e.id == "0"), "the oldest is still there");
    }

    #[test]
    fn days_are_counted_by_the_visitors_clock() {
        let mut history = History::default();
        let now = 100 * DAY + 1_000;
        history.put(entry("1", "https://a.example/", 100 * DAY - 1));
        history.put(entry("2", "https://a.example/x", now));
        history.put(entry("3", "https://b.example/", now));
        history.put(entry("4", "https://a.example/", 40 * DAY));
        history.put(entry("5", "https://a.example/", 101 * DAY + 5));
        assert_eq!(history.per_day("a.example", 3, now, 0), [0, 1, 1]);
        assert_eq!(history.per_day("a.example", 3, now, 60), [0, 0, 2], "an hour to the east both are today's");
    }

    #[test]
    fn no_cell_is_a_formula_and_none_leaves_its_quotes() {
        let mut history = History::default();
        for (n, producer) in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "a\",\"b", "x\r\n=1"].into_iter().enumerate() {
            history.put(Entry { producer: producer.into(), ..entry(&n.to_string(), "https://a.example/", 0) });
        }
        let csv = history.csv();
        assert_eq!(csv.lines().count(), 8, "{csv}");
        for line in csv.lines().skip(1) {
            let cells: Vec<_> = line.split("\",\"").collect();
            assert!(cells.iter().all(|c| !c.trim_start_matches('"').starts_with(['=', '+', '-', '@'])), "{line}");
        }
        assert!(csv.contains("\"a\"\",\"\"b\""), "{csv}");
        assert!(csv.contains("\"x  =1\""), "{csv}");
    }
}
