//! The history in `storage.local`: plain objects under one key, so that the visitor and other programs can read them.

use faultline_core::event::CaseId;
use faultline_core::history::{Entry, History, SCHEMA};
use faultline_core::redact::Safe;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use crate::chrome::{self, field};
use crate::decode::{number, text};
use crate::{Inner, store};

/// What is kept, field by field and forgiving: one odd entry costs nothing but itself.
pub(crate) async fn load() -> Result<History, JsValue> {
    let stored = chrome::local("history").await?;
    let cases: Array = field(&stored, "cases").dyn_into().unwrap_or_default();
    Ok(History::new(cases.iter().map(|raw| entry(&raw)).filter(|e| !e.id.is_empty())))
}

pub(crate) async fn save(history: &History) -> Result<(), JsValue> {
    chrome::save_local(&chrome::object(&[("history", stored(history)?)])).await.map(drop)
}

/// The stored form, which is the exported one as well.
pub(crate) fn stored(history: &History) -> Result<JsValue, JsValue> {
    Ok(chrome::object(&[("schema", SCHEMA.into()), ("cases", store::to_js(history)?)]))
}

fn entry(raw: &JsValue) -> Entry {
    Entry {
        id: text(raw, "id"),
        at: field(raw, "at").as_f64().map_or(0, crate::decode::millis),
        time: text(raw, "time"),
        visits: number(raw, "visits").unwrap_or(1),
        // Cleaned once more: a type that can only hold clean text has no other door.
        url: Safe::url(&text(raw, "url")),
        status: number(raw, "status").and_then(|s| u16::try_from(s).ok()).unwrap_or(0),
        producer: text(raw, "producer"),
        failure: text(raw, "failure"),
        side: text(raw, "side"),
        place: text(raw, "place"),
        confidence: number(raw, "confidence").unwrap_or(0),
        first_byte_ms: number(raw, "first_byte_ms"),
        said: text(raw, "said"),
    }
}

impl Inner {
    /// Writes a case into the history.
    pub(crate) async fn remember(&self, id: CaseId) -> Result<(), JsValue> {
        let Some(entry) = self.desk.borrow().case(id).map(Entry::of) else { return Ok(()) };
        let mut history = load().await?;
        history.put(entry);
        save(&history).await
    }

    /// Forgets everything: settings, history, every case, in storage and in memory.
    pub(crate) async fn forget_everything(&self) -> Result<(), JsValue> {
        let tabs = self.desk.borrow().tabs();
        let cleared = self.desk.borrow().cleared();
        self.desk.replace(cleared);
        // What is off for a test must be found again, whatever happens next.
        chrome::clear(crate::trial::LEDGER).await?;
        self.hands.tabs(&Array::new())?;
        for tab in tabs {
            self.hands.withdraw(tab)?;
            crate::announce::badge(tab, faultline_core::command::Badge::None).await;
        }
        self.hands.repaint()
    }

    /// Takes one entry out of the history, or with `None` all of them.
    pub(crate) async fn forget(&self, id: Option<&str>) -> Result<(), JsValue> {
        let mut history = load().await?;
        match id {
            Some(id) => history.forget(id),
            None => history.clear(),
        }
        save(&history).await?;
        self.hands.repaint()
    }
}
