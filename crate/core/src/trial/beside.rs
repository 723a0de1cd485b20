//! The failed page in a private window, where most extensions, all cookies and the cache are missing.

use serde::{Deserialize, Serialize};

/// What is under way for a case. What came of it is evidence, and stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Beside {
    /// We are allowed in, and look for ourselves.
    Looking,
    /// The window is open, and only the visitor sees it.
    Asking,
    /// The visitor has to open it.
    ByHand,
}

impl Beside {
    /// The text that stands for it in attributes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Looking => "looking",
            Self::Asking => "asking",
            Self::ByHand => "by-hand",
        }
    }
}
