//! What popup, card and details page say of a case.

use serde::Deserialize;
use serde_json::Value;

/// The attributes of the root element, and the words under it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Shown {
    /// Id of the case.
    pub case: String,
    /// `checking` or `done`.
    pub state: String,
    /// Status code.
    pub status: String,
    /// Id of the producer, or `unknown`.
    pub producer: String,
    /// Failure kind.
    pub failure: String,
    /// Side.
    pub side: String,
    /// Place.
    pub place: String,
    /// Everything that can be read.
    pub text: String,
}

impl Shown {
    /// JavaScript for the facts of a root element that is called `root`.
    pub(super) const FACTS: &'static str = "root && { ...root.dataset, text: root.innerText ?? root.textContent }";

    /// JavaScript for the facts of a whole page of the extension, which hides its root where there is no case.
    pub(super) const OF_PAGE: &'static str = "(root => root && !root.hidden ? { ...root.dataset, text: root.innerText ?? root.textContent } : null)(document.getElementById('faultline'))";

    /// From what the page gave.
    ///
    /// # Errors
    /// When the page had no root element yet.
    pub(super) fn read(facts: Value) -> Result<Self, String> {
        if facts.is_null() {
            return Err("no case is shown".to_owned());
        }
        serde_json::from_value(facts).map_err(|e| e.to_string())
    }

    /// Side and place, as tests compare them.
    #[must_use]
    pub fn verdict(&self) -> (&str, &str) {
        (&self.side, &self.place)
    }
}
