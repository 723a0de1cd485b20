//! What the desk wants done. Plain data: it is saved before it is carried out.

use serde::{Deserialize, Serialize};

use crate::event::{CaseId, Millis, TabId};
use crate::settings::Show;
use crate::terms::CheckId;

/// One thing for the shell to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Put the reader into the document and answer with `What::Read`.
    Read {
        /// For which case.
        case: CaseId,
        /// In which tab.
        tab: TabId,
        /// In which document (Chromium).
        document: Option<String>,
        /// Wait for the end of the document first.
        whole: bool,
    },
    /// Ask a question and answer with `What::Checked`.
    Ask(Question),
    /// Announce the case, or bring the announcement up to date, and answer with `What::Announced` if `first`.
    Announce {
        /// Which case.
        case: CaseId,
        /// Which of its visits, from 1.
        visit: u32,
        /// In which tab.
        tab: TabId,
        /// How the visitor wants it.
        show: Show,
        /// Open it by itself; otherwise only what is open already is brought up to date.
        first: bool,
        /// Whether a card can stand in this document.
        card: bool,
        /// Document for the card (Chromium).
        document: Option<String>,
    },
    /// Write the case, which has its verdict now, into the history.
    Keep {
        /// Which case.
        case: CaseId,
    },
    /// Set the badge of the tab.
    Badge {
        /// Which tab.
        tab: TabId,
        /// Which state it shows.
        badge: Badge,
    },
    /// The document of this case is no longer shown: close what shows it.
    Withdraw {
        /// In which tab.
        tab: TabId,
    },
    /// Send `What::Tick` at this time, even if the background is stopped until then.
    Wake {
        /// When.
        at: Millis,
    },
}

/// A request to make on behalf of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// For which case.
    pub case: CaseId,
    /// For which check.
    pub check: CheckId,
    /// Which try, from 1.
    pub attempt: u8,
    /// What to ask for; always GET, never from the cache, no redirect followed.
    pub url: String,
    /// From where.
    pub from: From,
    /// Give up after so many milliseconds.
    pub cap_ms: u32,
    /// Wait so many milliseconds before asking.
    pub after_ms: u32,
}

/// From where a question is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum From {
    /// The extension's background, without cookies: no other extension sees or changes it.
    Background,
    /// The same, in the header fields of a page load, as far as the browser lets them be set.
    Visit,
    /// The same as `Background`, past the proxy that the browser uses. Only after a click, and only where the browser can.
    Direct,
    /// The failed page itself, so that other extensions and the site's service worker are in the way.
    Page {
        /// In which tab.
        tab: TabId,
        /// In which document (Chromium).
        document: Option<String>,
        /// With the visitor's cookies.
        cookies: bool,
    },
}

/// What the toolbar button shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Badge {
    /// Nothing.
    None,
    /// Checks are running.
    Checking,
    /// The site's fault.
    Site,
    /// The visitor's side.
    Yours,
    /// It works again.
    Passed,
    /// Undecided.
    Unclear,
}
