//! The toolbar popup under the visitor's hand.

use serde_json::Value;

use super::{Browser, Engine};
use crate::wait::{at_rest, wait_for};

/// Looks at the popup that must all find the same: Firefox lets it follow the size of its page by a tenth of a second.
const AT_REST: u32 = 8;

impl Browser {
    /// Opens the popup by a click on the extension's button.
    ///
    /// # Panics
    /// When there is no button.
    #[track_caller]
    pub fn press_button(&self) {
        self.step();
        let pressed = match &self.engine {
            Engine::Chromium(c) => c.press_button(),
            Engine::Firefox(f) => f.press_button(),
        };
        pressed.unwrap_or_else(|e| panic!("{e}"));
    }

    /// Clicks an element of the popup as a hand does.
    ///
    /// # Panics
    /// When there is no such element, or no popup.
    #[track_caller]
    pub fn click_in_popup(&self, css: &str) {
        let middle = format!(
            "(e => {{ e.scrollIntoView({{ block: 'center' }});
              const r = e.getBoundingClientRect(), [x, y] = [r.x + r.width / 2, r.y + r.height / 2];
              return [x, y, e.contains(document.elementFromPoint(x, y)), innerWidth, innerHeight] }})
            (document.querySelector({css:?}))"
        );
        self.step();
        let at = self.at_rest(css, &middle, |now| now[2] == true);
        let (x, y) = (at[0].as_f64().unwrap_or_default(), at[1].as_f64().unwrap_or_default());
        let clicked = match &self.engine {
            Engine::Chromium(c) => c.click_in_popup(x, y),
            Engine::Firefox(f) => f.click_in_popup(x, y),
        };
        // A popup that the click has closed may be gone before it answers.
        if let Err(why) = clicked
            && self.popup_is_open()
        {
            panic!("{css}: {why}");
        }
    }

    /// The popup as a picture (PNG), when it has the size of what it says.
    ///
    /// # Panics
    /// When no popup is open.
    #[must_use]
    #[track_caller]
    pub fn popup_picture(&self) -> Vec<u8> {
        let _ = self.at_rest("the popup", "[innerWidth, innerHeight, document.documentElement.scrollHeight]", Value::is_array);
        let picture = match &self.engine {
            Engine::Chromium(c) => c.popup_picture(),
            Engine::Firefox(f) => f.popup_picture(),
        };
        picture.unwrap_or_else(|e| panic!("{e}"))
    }

    /// The value of an expression in the popup, when it stays the same and is `well`.
    #[track_caller]
    fn at_rest(&self, what: &str, expression: &str, well: impl Fn(&Value) -> bool) -> Value {
        let found = at_rest(AT_REST, well, || self.in_popup(expression));
        found.unwrap_or_else(|last| panic!("{what} does not come to rest; last seen: {last}"))
    }

    /// Closes the popup if one is open.
    ///
    /// # Panics
    /// When it stays.
    #[track_caller]
    pub fn close_popup(&self) {
        wait_for("the popup to close", || {
            if !self.popup_is_open() {
                return Ok(());
            }
            // It can close between the two; the next look tells.
            let _ = self.in_popup("window.close()");
            Err("still open".to_owned())
        });
    }
}
