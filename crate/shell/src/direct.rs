//! A request past the proxy that the browser uses. Firefox alone, and only while the visitor has given the permission `proxy`.
//!
//! A listener that answers `null` for our own request takes every proxy out of its way: other extensions', the browser's own
//! setting and the system's. An answer `{ type: "direct" }` does not. Between such requests no listener stands.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use crate::chrome::{self, WebRequestEvent, field, object};
use crate::trouble;

/// Lets our own requests for one address past the proxy, until it is dropped.
pub(crate) struct Direct {
    event: WebRequestEvent,
    listener: Closure<dyn FnMut(JsValue) -> JsValue>,
}

impl Direct {
    /// None where the browser does not let us, or the visitor has not.
    pub(crate) fn open(url: &str) -> Option<Self> {
        let event = chrome::proxy_requests()?;
        let (url, own) = (url.to_owned(), chrome::url("").ok()?);
        let listener = Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |details| {
            let text = |name| field(&details, name).as_string().unwrap_or_default();
            let is_ours = field(&details, "tabId") == -1 && text("originUrl").starts_with(&own) && text("url") == url;
            if is_ours { JsValue::NULL } else { JsValue::UNDEFINED }
        });
        let filter =
            object(&[("urls", Array::of1(&"<all_urls>".into()).into()), ("types", Array::of1(&"xmlhttprequest".into()).into())]);
        trouble::noted("go past the proxy", event.add(listener.as_ref().unchecked_ref(), &filter))?;
        Some(Self { event, listener })
    }
}

impl Drop for Direct {
    fn drop(&mut self) {
        trouble::noted("go back to the proxy", self.event.remove(self.listener.as_ref().unchecked_ref()));
    }
}
