//! Notifications of the browser itself, and a hand that clicks on them.

use serde_json::{Value, json};

use super::pointer::{Place, Pointer};
use super::{Browser, Engine};
use crate::wait::{at_rest, wait_for};

/// Looks at a notification that must all find it in the same place: it slides in.
const AT_REST: u32 = 12;

/// Chromium tells an extension which notifications there are, and only the screen what they say: so the words are noted on their way.
const NOTE: &str = "(() => {
    const real = chrome.notifications.create.bind(chrome.notifications);
    globalThis.faultlineSaid = {};
    chrome.notifications.create = (id, what) => { faultlineSaid[id] = [what.title, what.message]; return real(id, what) };
    return true;
})()";

/// What stands in Firefox's windows of notifications.
const SAID: &str = "return [...Services.wm.getEnumerator('alert:alert')].map(win => {
    const text = id => { const label = win.document.getElementById(id); return label.getAttribute('value') || label.textContent };
    return [text('alertTitleLabel'), text('alertTextLabel')];
})";

impl Browser {
    /// Notes from now on what notifications say, as long as the background is the one that runs now.
    ///
    /// # Panics
    /// When the background does not run.
    #[track_caller]
    pub fn note_notices(&self) {
        if matches!(self.engine, Engine::Chromium(_)) {
            self.keep_background();
            wait_for("the notifications to be noted", || self.in_background(NOTE));
        }
    }

    /// Title and text of every notification that is there.
    ///
    /// # Errors
    /// In Chromium when nobody has [noted](Self::note_notices) them.
    pub fn notices(&self) -> Result<Value, String> {
        match &self.engine {
            Engine::Chromium(_) => {
                let there = self.try_api("return Object.keys(await api.notifications.getAll())", &[])?;
                let said = self.in_background("faultlineSaid")?;
                Ok(there.as_array().into_iter().flatten().map(|id| said[id.as_str().unwrap_or_default()].clone()).collect())
            }
            Engine::Firefox(f) => f.chrome(SAID, &[]),
        }
    }

    /// Waits until the one notification that there is says this.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn wait_for_notice(&self, title: &str, text: &str) {
        wait_for("the notification", || {
            let said = self.notices()?;
            if said == json!([[title, text]]) { Ok(()) } else { Err(said.to_string()) }
        });
    }

    /// Moves the mouse onto the notification on screen, where it stays as long as the mouse does.
    ///
    /// # Panics
    /// When none comes, or there is no screen.
    #[track_caller]
    pub fn point_at_notice(&self) {
        let pointer = self.pointer();
        let [x, y, width, height] = notice(&pointer);
        pointer.go(x + width / 2, y + height / 2).unwrap_or_else(|e| panic!("{e}"));
    }

    /// Presses the mouse where it is, as a hand does.
    ///
    /// # Panics
    /// When there is no screen.
    #[track_caller]
    pub fn press_mouse(&self) {
        self.pointer().press().unwrap_or_else(|e| panic!("{e}"));
    }

    #[track_caller]
    fn pointer(&self) -> Pointer {
        let display = self.display.as_ref().unwrap_or_else(|| panic!("there is no screen"));
        Pointer::of(display.name()).unwrap_or_else(|e| panic!("{e}"))
    }
}

/// Where the notification is: the one window that is smaller than a browser's and larger than a hint.
#[track_caller]
fn notice(pointer: &Pointer) -> Place {
    let is_one = |place: &Place| (200..600).contains(&place[2]) && (50..300).contains(&place[3]);
    let mut last = Place::default();
    let rest = at_rest(
        AT_REST,
        |_: &String| true,
        || {
            let all = pointer.windows()?;
            last = all.iter().copied().find(is_one).ok_or_else(|| format!("no notification among {all:?}"))?;
            Ok(format!("{last:?}"))
        },
    );
    rest.unwrap_or_else(|e| panic!("no notification at rest: {e}"));
    last
}
