//! Sentences: in the visitor's language on screen, in English in the report.

use faultline_core::words::{Speaker, Word, fill};
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
/// They stay the browser's object: most of them are never needed.
#[derive(Default)]
pub(crate) struct English(JsValue);

impl Speaker for English {
    fn say(&self, word: &Word) -> String {
        let message = chrome::field(&chrome::field(&self.0, &word.key), "message").as_string();
        message.map_or_else(|| word.key.clone(), |message| fill(&message, &word.args))
    }
}

/// Loads the English words.
pub(crate) async fn english() -> Result<English, JsValue> {
    let url = chrome::url("_locales/en/messages.json")?;
    let answer: web_sys::Response = JsFuture::from(crate::probe::fetch_own(&url)?).await?.into();
    let json = JsFuture::from(answer.json()?).await?;
    Ok(English(json))
}
