//! Sentences: in the visitor's language on screen, in English in the report.

use faultline_core::words::{Speaker, Word, fill};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::chrome;

/// The browser's own `i18n`, in the visitor's language.
pub(crate) struct Visitor;

impl Speaker for Visitor {
    fn say(&self, word: &Word) -> String {
        let text = chrome::message(&word.key, &word.args);
        if text.is_empty() { word.key.clone() } else { text }
    }
}

/// The English words of the package: `i18n` speaks one language, and a report for a stranger is in English.
/// They and the runbook stay the browser's objects: most of them are never needed.
#[derive(Default)]
pub(crate) struct English {
    words: JsValue,
    runbook: JsValue,
}

impl Speaker for English {
    fn say(&self, word: &Word) -> String {
        let message = chrome::field(&chrome::field(&self.words, &word.key), "message").as_string();
        message.map_or_else(|| word.key.clone(), |message| fill(&message, &word.args))
    }

    fn fact(&self, product: &str, name: &str) -> Option<String> {
        chrome::field(&chrome::field(&self.runbook, product), name).as_string()
    }
}

/// A report in the visitor's language: the words are translated, and what a log says is not.
pub(crate) struct Translated<'a>(pub(crate) &'a English);

impl Speaker for Translated<'_> {
    fn say(&self, word: &Word) -> String {
        Visitor.say(word)
    }

    fn fact(&self, product: &str, name: &str) -> Option<String> {
        self.0.fact(product, name)
    }
}

/// Loads the English words and the runbook, both at once.
pub(crate) async fn english() -> Result<English, JsValue> {
    let words = open("_locales/en/messages.json")?;
    let runbook = open("extension/runbook.json")?;
    Ok(English { words: json(words).await?, runbook: json(runbook).await? })
}

fn open(path: &str) -> Result<Promise, JsValue> {
    crate::probe::fetch_own(&chrome::url(path)?)
}

async fn json(opened: Promise) -> Result<JsValue, JsValue> {
    let answer: web_sys::Response = JsFuture::from(opened).await?.into();
    JsFuture::from(answer.json()?).await
}
