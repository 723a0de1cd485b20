//! The snapshot in `storage.session`: saved before anything is acted upon, read when the background starts again.
//!
//! It is a text of bytes, not an object: code that takes JavaScript objects apart for every type of the desk would be
//! a quarter of the WebAssembly. Its first byte is the version of its shape.

use faultline_core::desk::Desk;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

use crate::chrome;
use crate::trouble;

/// Version of the snapshot's shape. A golden test says when it must go up.
pub(crate) const VERSION: u8 = 10;

/// Turns a value into plain objects and lists: what is missing becomes null, and everything can be stored and sent.
pub(crate) fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(JsValue::from)
}

/// The desk as the browser keeps it in memory: one character for each byte, since storage takes text but no bytes.
fn write(desk: &Desk) -> Option<String> {
    let bytes = postcard::to_allocvec(&(VERSION, desk.kept())).ok()?;
    Some(bytes.into_iter().map(char::from).collect())
}

/// The desk that [`write`] wrote; none for anything else.
fn read(text: &str) -> Option<Desk> {
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(c).ok()).collect::<Option<_>>()?;
    let (version, rest) = bytes.split_first()?;
    let mut desk: Desk = (*version == VERSION).then(|| postcard::from_bytes(rest).ok())??;
    desk.judge();
    Some(desk)
}

/// What one write stores: the desk, the tabs that it watches, and whether it waits for anything.
pub(crate) fn items(desk: &Desk, tabs: &JsValue) -> Result<JsValue, JsValue> {
    let text = write(desk).ok_or("the desk cannot be written")?;
    Ok(chrome::object(&[("desk", text.as_str().into()), ("tabs", tabs.clone()), ("busy", desk.is_busy().into())]))
}

/// Saves what [`items`] made.
pub(crate) async fn save(items: Result<JsValue, JsValue>) {
    let saved = async { chrome::save_session(&items?).await };
    // Full or refused: the case goes on in memory.
    trouble::noted("save the cases", saved.await);
}

/// What an earlier background left behind.
pub(crate) enum Saved {
    /// Its cases.
    Desk(Box<Desk>),
    /// Something that is no desk of this version.
    Unreadable,
    Nothing,
}

/// The saved desk.
pub(crate) async fn load() -> Saved {
    let raw = trouble::noted("load the cases", chrome::session("desk").await).unwrap_or_default();
    if raw.is_undefined() {
        return Saved::Nothing;
    }
    match raw.as_string().and_then(|text| read(&text)) {
        Some(desk) => Saved::Desk(Box::new(desk)),
        None => {
            trouble::note("read the saved cases", &"not a snapshot of this version".into());
            Saved::Unreadable
        }
    }
}

/// The tabs that had a case, by what was saved beside it.
pub(crate) async fn tabs() -> Vec<i32> {
    let saved = chrome::session("tabs").await.ok().and_then(|tabs| tabs.dyn_into::<js_sys::Array>().ok());
    saved.iter().flat_map(js_sys::Array::iter).filter_map(|tab| tab.as_f64()).map(|tab| tab as i32).collect()
}
