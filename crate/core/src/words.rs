//! Sentences as data: a key of `_locales` and what goes into its placeholders.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A sentence to be said in whatever language the reader has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Word {
    /// Key in `_locales/*/messages.json`.
    pub key: String,
    /// Arguments for `$1`, `$2` … Plain text, possibly from a hostile page: never markup.
    #[serde(default)]
    pub args: Vec<String>,
}

impl Word {
    /// A sentence without placeholders.
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), args: Vec::new() }
    }

    /// The same sentence with one more argument.
    #[must_use]
    pub fn with(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }
}

/// Turns words into text. The browser's `i18n`, or a [`Catalogue`].
pub trait Speaker {
    /// The sentence; the key itself where the language lacks it, so that a gap is seen and nothing breaks.
    fn say(&self, word: &Word) -> String;

    /// What the runbook has about a product: the file of its log, the line that a failure leaves there, the names of its
    /// time limits. The same in every language, since a log is.
    fn fact(&self, product: &str, name: &str) -> Option<String> {
        let _ = (product, name);
        None
    }
}

/// What `extension/runbook.json` knows: by product, and then by the name of the fact.
pub type Runbook = BTreeMap<String, BTreeMap<String, String>>;

/// One `messages.json`, by key. The format is WebExtensions': <https://developer.chrome.com/docs/extensions/how-to/ui/localization-message-formats>
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Catalogue {
    messages: BTreeMap<String, Message>,
    #[serde(skip)]
    runbook: Runbook,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Message {
    message: String,
}

impl Catalogue {
    /// The same words, with the facts of `runbook`.
    #[must_use]
    pub fn with(mut self, runbook: Runbook) -> Self {
        self.runbook = runbook;
        self
    }

    /// Every key.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.messages.keys().map(String::as_str)
    }

    /// The raw message behind `key`.
    #[must_use]
    pub fn message(&self, key: &str) -> Option<&str> {
        self.messages.get(key).map(|m| m.message.as_str())
    }
}

impl Speaker for Catalogue {
    fn say(&self, word: &Word) -> String {
        self.message(&word.key).map_or_else(|| word.key.clone(), |message| fill(message, &word.args))
    }

    fn fact(&self, product: &str, name: &str) -> Option<String> {
        self.runbook.get(product)?.get(name).cloned()
    }
}

/// `message` with `$1` … `$9` replaced by the arguments and `$$` by a dollar sign, as the browser's `i18n` does it.
#[must_use]
pub fn fill(message: &str, args: &[String]) -> String {
    let mut out = String::with_capacity(message.len() + 16);
    let mut chars = message.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        match (c, next.and_then(|n| n.to_digit(10))) {
            ('$', Some(n @ 1..=9)) => {
                chars.next();
                out.push_str(args.get(n as usize - 1).map_or("", String::as_str));
            }
            ('$', None) if next == Some('$') => {
                chars.next();
                out.push('$');
            }
            _ => out.push(c),
        }
    }
    out
}

/// A confidence as whole per cent. By hand: formatting floats costs the visitor 7 KB of WebAssembly.
#[must_use]
pub fn percent(confidence: f32) -> u32 {
    (confidence.clamp(0.0, 1.0) * 100.0 + 0.5) as u32
}

/// A confidence with two digits, as `0.97`.
#[must_use]
pub fn fraction(confidence: f32) -> String {
    let percent = percent(confidence);
    format!("{}.{:02}", percent / 100, percent % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_go_where_the_message_wants_them() {
        let args = ["a".to_owned(), "$1".to_owned()];
        assert_eq!(fill("$2 and $1, $3, $$1, 5 $", &args), "$1 and a, , $1, 5 $");
    }

    #[test]
    fn confidences_are_written_with_two_digits() {
        assert_eq!((fraction(0.9), fraction(1.0), fraction(0.005)), ("0.90".into(), "1.00".into(), "0.01".into()));
    }
}
