//! What can go wrong on the browser's side, with the verb that failed. It is logged, and the case goes on with what is
//! known: trouble here is never the visitor's.

use std::cell::RefCell;

use wasm_bindgen::JsValue;

thread_local! {
    static SAID: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Logs, once per `verb`, that something failed.
pub(crate) fn note(verb: &'static str, error: &JsValue) {
    let new = SAID.with_borrow_mut(|said| {
        let new = !said.contains(&verb);
        said.push(verb);
        new
    });
    if new {
        web_sys::console::warn_3(&"faultline: could not".into(), &verb.into(), error);
    }
}

/// The value, or none with a note.
#[inline(never)]
pub(crate) fn noted<T>(verb: &'static str, result: Result<T, JsValue>) -> Option<T> {
    result.map_err(|error| note(verb, &error)).ok()
}
