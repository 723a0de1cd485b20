//! What goes into the test of other extensions, and what comes out.

use serde::{Deserialize, Serialize};

use super::{Extension, Tried};
use crate::event::{CaseId, Millis, TabId};

/// The page that is tested, and how it failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// For which case.
    pub case: CaseId,
    /// In which tab.
    pub tab: TabId,
    /// What is loaded: the address that was asked for before any redirect.
    pub url: String,
    /// Title of the failed page.
    pub title: String,
    /// Producer of the failed page, by rule id.
    pub producer: Option<String>,
}

/// How one load of the page ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    /// Status code; 0 where there was no answer.
    pub status: u16,
    /// Title of the document.
    pub title: String,
    /// Producer of the page, by rule id.
    pub producer: Option<String>,
    /// Nothing in the document could load it once more by itself.
    pub still: bool,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// The visitor asks for the test. The permission may be there or not.
    Wanted {
        /// Of which page.
        target: Box<Target>,
        /// Whether other extensions can be listed now.
        granted: bool,
    },
    /// The permission is there now.
    Granted,
    /// The visitor did not give the permission.
    Refused {
        /// For which case it was asked.
        case: CaseId,
    },
    /// The permission is gone.
    Withdrawn,
    /// The visitor has seen the list and starts the test.
    Begin {
        /// For which case.
        case: CaseId,
    },
    /// The visitor wants no more of it.
    Cancel {
        /// For which case.
        case: CaseId,
    },
    /// Every extension there is; none where the browser does not say.
    Listed(Option<Vec<Extension>>),
    /// The ledger was written, or could not be.
    Noted(bool),
    /// An extension was switched, or could not be.
    Switched {
        /// Which.
        id: String,
        /// Whether it was.
        ok: bool,
    },
    /// Another document begins in this tab.
    Moved {
        /// Which tab.
        tab: TabId,
        /// Whether it came of the load, and not of something that the visitor did there.
        ours: bool,
    },
    /// The document was read, or the browser drew its own page.
    Loaded {
        /// In which tab.
        tab: TabId,
        /// How.
        loaded: Loaded,
    },
    /// The tab is gone.
    Closed {
        /// Which.
        tab: TabId,
    },
    /// Popup and details page were all closed, or one is there again.
    Watched(bool),
    /// The visitor wants what was found to be off from now on.
    Keep {
        /// Their ids.
        ids: Vec<String>,
    },
    /// The background has started and found this ledger.
    Woke {
        /// What was off when the last background stopped; none where the browser itself was started since.
        off: Option<Vec<String>>,
        /// What the browser may have on disk as off.
        kept: Vec<String>,
    },
    /// A time that was asked for has come.
    Tick,
}

/// What is to be done: in this order, and each only when the one before it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Do {
    /// List the extensions and answer with [`Told::Listed`].
    Look,
    /// Write the ledger and answer with [`Told::Noted`].
    Note {
        /// What is, or may be, off now: for as long as the browser runs.
        off: Vec<String>,
        /// What the browser may have on disk as off: to lasting storage, and first. An empty one takes both away.
        kept: Vec<String>,
    },
    /// Turn an extension on or off and answer with [`Told::Switched`].
    Switch {
        /// Which.
        id: String,
        /// On or off.
        on: bool,
    },
    /// Load the page in the tab, by GET. What comes of it arrives as [`Told::Moved`] and [`Told::Loaded`].
    Load {
        /// In which tab.
        tab: TabId,
        /// What.
        url: String,
    },
    /// Send [`Told::Tick`] at this time, even if the background is stopped until then.
    Wake(Millis),
    /// The test has ended, and everything is as it was: the desk's business now.
    Tried {
        /// For which case.
        case: CaseId,
        /// How.
        tried: Box<Tried>,
    },
    /// What is shown has changed: popup, details page and badge.
    Show,
}
