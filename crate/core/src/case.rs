//! One failed load, from the event to its verdict.

use serde::{Deserialize, Serialize};

use crate::event::{Announcement, Answered, CaseId, Millis, Read, Shown, TabId};
use crate::fingerprint;
use crate::net::{self, Reach, Url};
use crate::page::{Header, Page, reason_of};
use crate::reading::Reading;
use crate::settings::Settings;
use crate::terms::{CheckId, FailureKind, Outcome, Place, Platform};
use crate::trial::{self, Tried};
use crate::verdict::{self, Verdict};

pub use crate::checks::{Answer, Check, Checks, Control};

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
    /// When the failing response came, at the last visit.
    pub opened: Millis,
    /// When it came at the first visit. With the number, this names the case across browser sessions.
    pub since: Millis,
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
    /// What a test without other extensions has brought, once the visitor has made one.
    pub tried: Option<Box<Tried>>,
    /// Requests sent to the failing site so far.
    pub requests: u8,
    /// Until when the site wants no more questions: it has answered one of ours so.
    pub quiet_until: Millis,
    /// Whether the visitor has asked for these checks with a click.
    pub clicked: bool,
    /// Whether the browser lets an extension ask past its proxy, with the visitor's permission.
    pub can_pass_proxy: bool,
    /// Whether somebody asks who looks after servers.
    pub operator: bool,
    /// How many unrelated hosts failed in the same way at the same time, behind the same proxy.
    pub company: u8,
    /// The verdict so far: derived from all the rest, so it is not saved.
    #[serde(skip)]
    pub verdict: Verdict,
    /// Whether every check has ended.
    pub done: bool,
    /// An earlier visit was found to work again, and then this one failed.
    pub relapsed: bool,
    /// Where it is announced; none while nothing is on screen yet.
    pub announced: Option<Announcement>,
    /// Whether an announcement is under way: it ends with the background, so it is not saved.
    #[serde(skip)]
    pub announcing: Announcing,
    /// Whether the document is still shown.
    pub shown: bool,
    /// Milliseconds from the response to the moments that a visitor notices.
    pub timing: Timing,
    /// The visitor's choices when it opened.
    pub settings: Settings,
    /// The system that the browser runs on.
    pub platform: Platform,
    /// Whether the visitor waits to be told that it is back: kept apart, in [`crate::watch`].
    #[serde(skip)]
    pub watched: bool,
}

/// Whether a case is being announced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Announcing {
    /// No.
    #[default]
    No,
    /// Yes.
    Once,
    /// Yes, and somebody wanted it once more meanwhile.
    Again,
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
    /// Whether the tab belongs to a container with cookies of its own (Firefox).
    pub container: bool,
    /// Whether the browser showed an old document again, without asking anybody.
    pub revived: bool,
    /// The browser's own name for what kept any response away: its proxy did.
    pub error: Option<String>,
    /// How many cookies of the site its page may see.
    pub cookies: u32,
    /// Their size in bytes.
    pub cookie_bytes: u32,
    /// The address that was asked for first, where something within the browser has sent the load to this one.
    pub asked: Option<String>,
    /// The address that was asked for, where a redirect that the browser had kept has led to this one.
    pub moved_from: Option<String>,
}

impl Visit {
    /// The page that the visitor wanted: what was asked for, before anything within the browser turned it elsewhere.
    #[must_use]
    pub fn wanted(&self) -> &str {
        self.asked.as_deref().unwrap_or(&self.url)
    }

    /// Whether the failing answer was not made by the site just now, or not for what was asked of it.
    #[must_use]
    pub const fn is_second_hand(&self) -> bool {
        self.from_cache || self.from_service_worker || self.revived || self.asked.is_some()
    }

    /// Whether it was a plain page load; anything else is never sent again.
    #[must_use]
    pub fn is_get(&self) -> bool {
        self.method.is_empty() || self.method == "GET"
    }

    /// Whether an address of it works once: that one is never asked for again and again.
    #[must_use]
    pub fn is_one_time(&self) -> bool {
        let once = |url: &str| Url::split(url).is_some_and(|u| u.looks_one_time());
        [Some(&self.url), self.asked.as_ref(), self.moved_from.as_ref()].into_iter().flatten().any(|url| once(url))
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
            container: a.container,
            asked: a.asked,
            moved_from: a.moved_from,
            ..Self::default()
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
            since: opened,
            visit,
            visits: 1,
            sight,
            read_at: opened,
            title: String::new(),
            reading,
            checks: Checks::default(),
            tried: None,
            requests: 0,
            quiet_until: 0,
            clicked: false,
            can_pass_proxy: false,
            operator: shown.operator,
            company: 0,
            verdict: Verdict::default(),
            done: false,
            relapsed: false,
            announced: None,
            announcing: Announcing::No,
            shown: true,
            timing: Timing::default(),
            settings: *shown.settings,
            platform: Platform::default(),
            watched: false,
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
        (self.visit.cookies, self.visit.cookie_bytes) = (read.cookies, read.cookie_bytes);
        if self.visit.first_byte_ms.is_none() {
            self.visit.first_byte_ms = read.first_byte_ms;
        }
        self.reading = fingerprint::read(&Self::page_of(&self.visit, Some(read)));
        self.judge();
    }

    /// Folds the evidence into the verdict.
    pub fn judge(&mut self) {
        self.verdict = trial::weigh(self, verdict::fold(self));
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

    /// Whose the address is by its own name: this computer's, or the local network's. None for a name on the internet,
    /// and for somebody who looks after servers.
    #[must_use]
    pub fn own(&self) -> Option<Place> {
        match net::reach_of_name(self.host()).filter(|_| !self.operator)? {
            Reach::Loopback => Some(Place::Device),
            _ => Some(Place::Network),
        }
    }

    /// Milliseconds that the site asks to be left alone from `at` on. A copy from the cache says nothing about now.
    #[must_use]
    pub fn must_wait_ms(&self, at: Millis) -> Millis {
        if self.clicked || self.visit.from_cache {
            return 0;
        }
        // What another address asks for, to which the visitor was led, is not this one's wish.
        let wish = self.reading.retry_after_s.filter(|_| self.visit.asked.is_none());
        let asked = wish.map_or(0, |s| self.opened.saturating_add(Millis::from(s) * 1_000));
        asked.max(self.quiet_until).saturating_sub(at)
    }

    /// Whether the page fails past the cache, the cookies and every other extension as it did for the visitor. A plain request that
    /// fails where a page load works is another matter.
    #[must_use]
    pub fn fails_plainly(&self) -> bool {
        self.answer(CheckId::Fresh).is_some_and(Answer::fails) && self.outcome(CheckId::AsNavigation) != Some(Outcome::Works)
    }

    /// Failure kind, for short.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        self.reading.failure.kind
    }

    /// Whether time ran out before there was a connection: what stands behind never saw the request.
    pub(crate) fn is_unreached(&self) -> bool {
        self.kind() == FailureKind::Timeout && self.visit.status == 522
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
