//! The failed page in a private window: compared by itself where Faultline is allowed there, asked of the visitor elsewhere.

use std::rc::Rc;

use faultline_core::case::Case;
use faultline_core::event::{CaseId, TabId, What};
use faultline_core::trial::{Beside, Loaded, SETTLE_MS};
use gloo_timers::future::TimeoutFuture;
use js_sys::Array;
use wasm_bindgen_futures::spawn_local;

use crate::chrome::{self, field};
use crate::trial::target;
use crate::{Inner, decode, trouble};

/// Looks at a loading tab so often, in milliseconds.
const GLANCE_MS: u32 = 250;
/// And so many times.
const GLANCES: u32 = 120;

impl Inner {
    /// Opens the page in a private window.
    pub(crate) async fn look_beside(self: &Rc<Self>, case: &Case) {
        let allowed = chrome::call("extension", "isAllowedIncognitoAccess", &Array::new()).await;
        let allowed = allowed.is_ok_and(|a| a.is_truthy());
        let what = chrome::object(&[("incognito", true.into()), ("url", target(case).url.into())]);
        let opened = chrome::call("windows", "create", &Array::of1(&what)).await;
        // Chromium opens the window and tells nothing of it, where we are not allowed in; Firefox refuses.
        let tab =
            opened.as_ref().ok().and_then(|w| chrome::items(&field(w, "tabs")).first().and_then(|t| field(t, "id").as_f64()));
        let beside = match (tab, opened) {
            (Some(_), _) if allowed => Beside::Looking,
            (_, Ok(_)) => Beside::Asking,
            (_, Err(_)) => Beside::ByHand,
        };
        self.set_beside(case.id, Some(beside));
        if let (Beside::Looking, Some(tab)) = (beside, tab) {
            let (this, case, tab) = (Rc::clone(self), case.id, tab as TabId);
            self.bench.beside.set(Some(tab));
            self.asks(1);
            spawn_local(async move {
                let loaded = this.glance(tab).await;
                this.asks(-1);
                this.bench.beside.set(None);
                match loaded {
                    Some(loaded) => this.seen_beside(case, loaded, false),
                    // Closed before there was anything to see.
                    None => this.set_beside(case, None),
                }
            });
        }
    }

    /// The visitor has looked.
    pub(crate) fn said_beside(self: &Rc<Self>, case: CaseId, status: u16) {
        self.seen_beside(case, Loaded { status, ..Loaded::default() }, true);
    }

    fn seen_beside(self: &Rc<Self>, case: CaseId, loaded: Loaded, told: bool) {
        self.set_beside(case, None);
        self.push(What::Beside { case, loaded: Box::new(loaded), told });
    }

    fn set_beside(&self, case: CaseId, beside: Option<Beside>) {
        self.bench.trials.borrow_mut().set_beside(case, beside);
        trouble::noted("repaint", self.hands.repaint());
    }

    /// Waits until the tab has come to rest, and reads it.
    async fn glance(&self, tab: TabId) -> Option<Loaded> {
        let mut last = None;
        let mut rested = 0;
        for _ in 0..GLANCES {
            TimeoutFuture::new(GLANCE_MS).await;
            let now = chrome::tab(tab).await.ok()?;
            if decode::text(&now, "status") != "complete" {
                rested = 0;
                continue;
            }
            rested += GLANCE_MS;
            let loaded = self.read_loaded(tab, None, 0).await;
            if loaded.status > 0 && loaded.status < 500 {
                return Some(loaded);
            }
            // A page that fails may try again by itself; and one that no script may enter is the browser's own.
            last = Some(loaded);
            if u64::from(rested) > SETTLE_MS {
                break;
            }
        }
        last
    }
}
