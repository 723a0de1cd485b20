//! What the browser tells the desk. Time comes with each event; the core has no clock.

use serde::{Deserialize, Serialize};

use crate::page::Header;
use crate::settings::Settings;
use crate::terms::CheckId;
use crate::trial::{Loaded, Tried};

/// Milliseconds since the Unix epoch, as the browser's events carry them.
pub type Millis = u64;

/// A browser tab.
pub type TabId = i32;

/// One event and when it happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Millis,
    /// What.
    pub what: What,
}

impl Event {
    /// An event at `at`.
    #[must_use]
    pub const fn new(at: Millis, what: What) -> Self {
        Self { at, what }
    }
}

/// Everything that can happen to the desk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// A main-frame response of 500 or above came over the wire (or from the HTTP cache).
    Answered(Box<Answered>),
    /// A document took the place of the tab's previous one.
    Shown(Shown),
    /// The browser drew its own error page instead of a document.
    ErrorPage {
        /// Where.
        tab: TabId,
        /// Which URL failed.
        url: String,
        /// The browser's own name for it.
        error: String,
        /// What the visitor has chosen.
        settings: Box<Settings>,
    },
    /// A document is shown whose response no request event announced: a service worker, or a copy from the past.
    Unannounced {
        /// The document.
        shown: Shown,
        /// What the page itself knows of its response.
        read: Box<Read>,
        /// Whether the tab is a private one.
        private: bool,
    },
    /// The proxy that the browser uses did not let the load through, so there is no response at all.
    Barred {
        /// Where, and for which URL.
        shown: Shown,
        /// The browser's own name for it.
        error: String,
        /// Whether the tab is a private one.
        private: bool,
    },
    /// The page was read.
    Read {
        /// For which case.
        case: CaseId,
        /// What was in it; none where no script may enter.
        read: Option<Box<Read>>,
    },
    /// A check got its answer.
    Checked {
        /// For which case.
        case: CaseId,
        /// Which check.
        check: CheckId,
        /// Which try of it.
        attempt: u8,
        /// What came.
        seen: Box<Seen>,
    },
    /// The announcement was made, or could not be.
    Announced {
        /// For which case.
        case: CaseId,
        /// Which of its visits was announced.
        visit: u32,
        /// What the visitor sees now.
        how: Announcement,
    },
    /// The visitor came to this tab, or to its window.
    Visited {
        /// Which.
        tab: TabId,
    },
    /// The tab is gone.
    Closed {
        /// Which.
        tab: TabId,
    },
    /// The visitor wants the checks once more.
    CheckAgain {
        /// For which case.
        case: CaseId,
    },
    /// The visitor wants to know whether the page works without the proxy (Firefox, and only with its permission).
    PastProxy {
        /// For which case.
        case: CaseId,
    },
    /// The visitor has seen enough of this case.
    Dismissed {
        /// Which case.
        case: CaseId,
    },
    /// A test without other extensions has ended, and everything is as it was.
    Tried {
        /// For which case.
        case: CaseId,
        /// What it has brought.
        tried: Box<Tried>,
        /// The document that the tab shows now (Chromium).
        document: Option<String>,
    },
    /// The page was seen in a private window.
    Beside {
        /// For which case.
        case: CaseId,
        /// How it loaded there.
        loaded: Box<Loaded>,
        /// By the visitor's word, and not by our own look.
        told: bool,
    },
    /// The background was started again after it had been stopped: nothing that was asked is under way any more.
    Woke,
    /// A time that the desk asked for has come.
    Tick,
}

/// Number of a case, counted up from 1 within a browser session and never reused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseId(pub u32);

impl core::fmt::Display for CaseId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A failed main-frame response, as `webRequest.onResponseStarted` has it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answered {
    /// In which tab.
    pub tab: TabId,
    /// URL of the response, after redirects.
    pub url: String,
    /// Method of the request.
    pub method: String,
    /// Status code.
    pub status: u16,
    /// Status line as the browser has it.
    pub status_line: Option<String>,
    /// Header fields.
    pub headers: Vec<Header>,
    /// Address of the server, or of the proxy where there is one.
    pub address: Option<String>,
    /// Whether it came from the HTTP cache.
    pub from_cache: bool,
    /// Milliseconds from request to first byte, where the start was seen.
    pub first_byte_ms: Option<u32>,
    /// Whether the browser says that a proxy was used (Firefox tells, Chromium does not).
    pub proxied: bool,
    /// Whether the tab is a private one.
    pub private: bool,
    /// Whether the tab belongs to a container with cookies of its own (Firefox).
    pub container: bool,
    /// The address that was asked for first, where it was another: something within the browser has sent the load elsewhere.
    pub asked: Option<String>,
    /// The address that was asked for, where a redirect that the browser had kept has sent the load elsewhere.
    pub moved_from: Option<String>,
}

/// A document that is now the tab's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shown {
    /// Where.
    pub tab: TabId,
    /// Its URL.
    pub url: String,
    /// The browser's id of the document (Chromium).
    pub document: Option<String>,
    /// When it took the place of the one before; `None` where nobody says.
    pub committed: Option<Millis>,
    /// Whether the visitor came to it by Back or Forward.
    pub back: bool,
    /// Whether the visitor came to it by sending a form.
    pub form: bool,
    /// Whether it is known to be no failure, by its own response or by its own word.
    pub healthy: bool,
    /// Whether it is asked for by somebody who looks after servers: to them one of their own is as any other.
    pub operator: bool,
    /// What the visitor has chosen.
    pub settings: Box<Settings>,
}

/// What the reader found in the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Read {
    /// `responseStatus` of the navigation; 0 where the browser does not say.
    pub status: u16,
    /// Title.
    pub title: String,
    /// Head and tail of the document.
    pub body: String,
    /// Whether more of the document was still to come.
    pub loading: bool,
    /// First byte in milliseconds after the request, from the navigation timing.
    pub first_byte_ms: Option<u32>,
    /// ALPN id of the connection; empty where there was none.
    pub protocol: String,
    /// Whether the site's service worker controls the page.
    pub controlled: bool,
    /// Whether the document came over the network just now, as far as the browser tells.
    pub transferred: bool,
    /// How many cookies of the site a script may see. Those for the server alone are not among them.
    pub cookies: u32,
    /// Their size in bytes, names and values together.
    pub cookie_bytes: u32,
}

/// What one request, or one look, brought back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// How it ended.
    pub end: End,
    /// Status code of the answer.
    pub status: Option<u16>,
    /// Status line.
    pub status_line: Option<String>,
    /// Header fields of the answer.
    pub headers: Option<Vec<Header>>,
    /// First part of the body.
    pub body: Option<String>,
    /// Address that answered.
    pub address: Option<String>,
    /// Milliseconds until the answer's header, or until the end.
    pub ms: Option<u32>,
    /// The browser's own name for the error.
    pub error: Option<String>,
    /// Whether the browser says that a proxy was used (Firefox tells).
    pub proxied: bool,
    /// Whether the browser itself says that the network wants a log-in (Firefox tells).
    pub portal: bool,
}

impl Seen {
    /// Whether the visitor's own computer broke the request off: its network changed, or it went to sleep. That tells nothing of anybody.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        const NAMES: [&str; 5] =
            ["ERR_NETWORK_CHANGED", "ERR_NETWORK_IO_SUSPENDED", "ERR_ABORTED", "NS_BINDING_ABORTED", "NS_ERROR_ABORT"];
        self.end == End::Error && self.error.as_deref().is_some_and(|error| NAMES.iter().any(|name| error.contains(name)))
    }
}

/// How a request of ours ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// An answer came.
    #[default]
    Answer,
    /// A redirect that was not followed.
    Redirect,
    /// Nothing came within the cap.
    Silent,
    /// No connection, or it broke.
    Error,
    /// The page's own policy, or the browser, did not let the request out.
    NotAllowed,
    /// The tab, the document or the background went away before there was an answer.
    Lost,
}

/// Where a case is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Announcement {
    /// The toolbar popup is open.
    Popup,
    /// The card is in the page.
    Card,
    /// Only the badge; the visitor is elsewhere or has chosen so.
    Badge,
    /// The tab is not the one that the visitor looks at: wait until it is.
    Waiting,
}
