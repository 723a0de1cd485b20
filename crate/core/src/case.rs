//! One failed load, from the event to its verdict.

use serde::{Deserialize, Serialize};

use crate::event::{Announcement, Answered, CaseId, Millis, Read, Shown, TabId};
use crate::fingerprint;
use crate::net::Url;
use crate::page::{Header, Page, reason_of};
use crate::reading::Reading;
use crate::settings::Settings;
use crate::terms::{CheckId, FailureKind, Outcome};
use crate::verdict::{self, Verdict};
use crate::words::Word;

/// Most requests to the failing site per case before anybody clicks.
pub const MAX_REQUESTS: u8 = 6;

/// A reload of the same page within this time belongs to the same case, in milliseconds.
pub const SAME_CASE_MS: Millis = 30_000;

/// One failed load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its number.
    pub id: CaseId,
    /// The tab that shows it.
    pub tab: TabId,
    /// The document that shows it (Chromium).
    pub document: Option<String>,
    /// When the failing response came.
    pub opened: Millis,
    /// The response.
    pub visit: Visit,
    /// How often the same page failed while this case was fresh, the first time included.
    pub visits: u32,
    /// What is known of the document.
    pub sight: Sight,
    /// When the reader was last sent.
    pub read_at: Millis,
    /// Title of the document.
    pub title: String,
    /// What the response says about itself.
    pub reading: Reading,
    /// The checks that were asked or left out.
    pub checks: Checks,
    /// Requests sent to the failing site so far.
    pub requests: u8,
    /// The verdict so far: derived from all the rest, so it is not saved.
    #[serde(skip)]
    pub verdict: Verdict,
    /// Whether every check has ended.
    pub done: bool,
    /// An earlier visit was found to work again, and then this one failed.
    pub relapsed: bool,
    /// Where it is announced; none while nothing is on screen yet.
    pub announced: Option<Announcement>,
    /// Whether the document is still shown.
    pub shown: bool,
    /// Milliseconds from the response to the moments that a visitor notices.
    pub timing: Timing,
    /// The visitor's choices when it opened.
    pub settings: Settings,
}

/// The failing response, without its body.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Visit {
    /// URL, after redirects.
    pub url: String,
    /// Method.
    pub method: String,
    /// Status code.
    pub status: u16,
    /// Status line.
    pub status_line: Option<String>,
    /// Header fields; none where no request event was seen.
    pub headers: Option<Vec<Header>>,
    /// Address that answered.
    pub address: Option<String>,
    /// Whether it came from the HTTP cache.
    pub from_cache: bool,
    /// Whether the site's service worker answered.
    pub from_service_worker: bool,
    /// Milliseconds to the first byte.
    pub first_byte_ms: Option<u32>,
    /// Whether the browser says that a proxy was used.
    pub proxied: bool,
    /// Whether the tab is a private one.
    pub private: bool,
    /// ALPN id of the connection, where the page told.
    pub protocol: String,
    /// Whether the browser drew its own page because the body was empty.
    pub empty: bool,
}

impl Visit {
    /// Whether it was a plain page load; anything else is never sent again.
    #[must_use]
    pub fn is_get(&self) -> bool {
        self.method.is_empty() || self.method == "GET"
    }
}

impl From<Answered> for Visit {
    fn from(a: Answered) -> Self {
        Self {
            url: a.url,
            method: a.method,
            status: a.status,
            status_line: a.status_line,
            headers: Some(a.headers),
            address: a.address,
            from_cache: a.from_cache,
            from_service_worker: false,
            first_byte_ms: a.first_byte_ms,
            proxied: a.proxied,
            private: a.private,
            protocol: String::new(),
            empty: false,
        }
    }
}

/// How much of the document could be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sight {
    /// The reader is on its way.
    Pending,
    /// A first part was read while the rest was still loading.
    Part,
    /// Read to its end.
    Whole,
    /// No script may enter: the browser's own error page, or a document that is gone.
    Sealed,
}

/// The checks of a case in the order of [`CheckId`]. A dozen at most, so a list is smaller than a tree, and as quick.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Checks(Vec<(CheckId, Check)>);

impl Checks {
    /// The check with this id.
    #[must_use]
    pub fn get(&self, id: CheckId) -> Option<&Check> {
        self.iter().find(|(have, _)| *have == id).map(|(_, check)| check)
    }

    /// Puts `check` in the place of what was there.
    pub fn insert(&mut self, id: CheckId, check: Check) {
        self.remove(id);
        let at = self.0.iter().position(|(have, _)| *have > id).unwrap_or(self.0.len());
        self.0.insert(at, (id, check));
    }

    /// Takes the check away.
    pub fn remove(&mut self, id: CheckId) {
        self.0.retain(|(have, _)| *have != id);
    }

    /// Takes every check away.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// All of them in order.
    pub fn iter(&self) -> impl Iterator<Item = (CheckId, &Check)> {
        self.0.iter().map(|(id, check)| (*id, check))
    }
}

/// One check of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Check {
    /// Asked; the answer is under way. This is the record of pending work.
    Asked {
        /// Which try, from 1.
        attempt: u8,
        /// When.
        at: Millis,
    },
    /// Ended.
    Ended(Answer),
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The outcome.
    pub outcome: Outcome,
    /// Status code of the answer, where there was one.
    pub status: Option<u16>,
    /// Milliseconds to the answer's header.
    pub ms: Option<u32>,
    /// Why it was left out, or what was seen.
    pub why: Option<Word>,
    /// Producer of the answer, by rule id.
    pub producer: Option<String>,
    /// The browser's own name for the error.
    pub error: Option<String>,
    /// Address that answered.
    pub address: Option<String>,
    /// For the control: what its answer means.
    pub control: Option<Control>,
}

impl Answer {
    /// An outcome that needs no request.
    #[must_use]
    pub fn plain(outcome: Outcome, why: Word) -> Self {
        Self { outcome, status: None, ms: None, why: Some(why), producer: None, error: None, address: None, control: None }
    }

    /// Whether the server itself failed in its answer.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.outcome == Outcome::Same || (self.outcome == Outcome::OtherError && self.status.is_some_and(|s| s >= 500))
    }
}

/// What the answer of a connectivity endpoint means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Control {
    /// Its genuine answer.
    Online,
    /// Somebody else answered in its place: a portal or a filter.
    Hijacked,
    /// The same failing page that the visit met: something on the way answers for every host.
    SameProducer,
    /// No way there.
    Offline,
    /// It answered, but not in a way that proves anything.
    Unusable,
}

/// Milliseconds from the failing response to the moments that a visitor notices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timing {
    /// To the first word computed.
    pub first_word_ms: Option<u32>,
    /// To the popup or card on screen.
    pub shown_ms: Option<u32>,
    /// To the final verdict.
    pub verdict_ms: Option<u32>,
}

impl Case {
    /// Opens a case for a response whose document is now shown.
    #[must_use]
    pub fn open(id: CaseId, opened: Millis, visit: Visit, shown: Shown, sight: Sight) -> Self {
        let reading = fingerprint::read(&Self::page_of(&visit, None));
        let mut case = Self {
            id,
            tab: shown.tab,
            document: shown.document,
            opened,
            visit,
            visits: 1,
            sight,
            read_at: opened,
            title: String::new(),
            reading,
            checks: Checks::default(),
            requests: 0,
            verdict: Verdict::default(),
            done: false,
            relapsed: false,
            announced: None,
            shown: true,
            timing: Timing::default(),
            settings: *shown.settings,
        };
        case.judge();
        case
    }

    /// Takes in what the reader found and reads the page once more with it.
    pub fn take(&mut self, read: Option<&Read>) {
        let Some(read) = read else {
            self.sight = Sight::Sealed;
            self.judge();
            return;
        };
        self.sight = if read.loading { Sight::Part } else { Sight::Whole };
        self.title.clone_from(&read.title);
        self.visit.protocol.clone_from(&read.protocol);
        if self.visit.first_byte_ms.is_none() {
            self.visit.first_byte_ms = read.first_byte_ms;
        }
        self.reading = fingerprint::read(&Self::page_of(&self.visit, Some(read)));
        self.judge();
    }

    /// Folds the evidence into the verdict.
    pub fn judge(&mut self) {
        self.verdict = verdict::fold(self);
    }

    /// The answer of `check`, if it has ended.
    #[must_use]
    pub fn answer(&self, check: CheckId) -> Option<&Answer> {
        match self.checks.get(check) {
            Some(Check::Ended(answer)) => Some(answer),
            _ => None,
        }
    }

    /// The outcome of `check`, if it has ended.
    #[must_use]
    pub fn outcome(&self, check: CheckId) -> Option<Outcome> {
        self.answer(check).map(|a| a.outcome)
    }

    /// Whether some check is under way.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.sight == Sight::Pending || self.checks.iter().any(|(_, c)| matches!(c, Check::Asked { .. }))
    }

    /// Host that was asked for; the whole URL where it has none.
    #[must_use]
    pub fn host(&self) -> &str {
        Url::split(&self.visit.url).map_or(self.visit.url.as_str(), |u| u.host)
    }

    /// Failure kind, for short.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        self.reading.failure.kind
    }

    fn page_of(visit: &Visit, read: Option<&Read>) -> Page {
        Page {
            status: visit.status,
            reason: visit.status_line.as_deref().and_then(reason_of).map(str::to_owned),
            headers: visit.headers.clone(),
            title: read.map(|r| r.title.clone()),
            body: read.map(|r| r.body.clone()).or_else(|| Self::known_empty(visit)),
            first_byte_ms: visit.first_byte_ms,
            host: Url::split(&visit.url).map(|u| u.host.to_owned()),
        }
    }

    /// The body, where the header alone proves that there is none.
    fn known_empty(visit: &Visit) -> Option<String> {
        if visit.empty {
            return Some(String::new());
        }
        let length = visit.headers.as_ref()?.iter().find(|h| h.name.eq_ignore_ascii_case("content-length"))?;
        (length.value.trim() == "0").then(String::new)
    }
}
