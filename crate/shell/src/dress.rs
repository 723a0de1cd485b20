//! A request in the header fields of a page load, for sites that answer everything else otherwise.
//!
//! What a script may set it sets; that is all in Firefox. In Chromium a rule of our own for this one session sets the rest, for
//! requests of this extension to this one address, and is taken away with the answer. `sec-ch-ua` and the order of the
//! fields still tell such a request from a true page load.

use std::cell::Cell;

use js_sys::{Array, JSON};
use wasm_bindgen::JsValue;

use crate::chrome::{self, object};

/// Most rules at once: more than there are cases. The extension has no others.
const RULES: u32 = 64;

thread_local! {
    /// Number of the last rule. Each request has one of its own: two at once must not undress each other.
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// As both browsers send it with a page load, without the image formats, in which they differ.
const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Those that no script may set. Browsers send them over encrypted connections alone.
const FETCH: [(&str, &str); 4] =
    [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), ("sec-fetch-site", "none"), ("sec-fetch-user", "?1")];

/// The fields that a script may set, as `fetch` takes them.
pub(crate) fn fields() -> JsValue {
    object(&[("accept", ACCEPT.into()), ("upgrade-insecure-requests", "1".into())])
}

/// Sets up the rule for `url`, and tells its number. None where there is none to set up.
pub(crate) async fn put_on(url: &str) -> Result<Option<u32>, JsValue> {
    if !url.starts_with("https:") || !chrome::is_chromium() {
        return Ok(None);
    }
    let number = LAST.get() % RULES + 1;
    LAST.set(number);
    let header = |(name, value): (&str, &str)| -> JsValue {
        object(&[("header", name.into()), ("operation", "set".into()), ("value", value.into())])
    };
    let headers: Array = FETCH.into_iter().map(header).collect();
    let types = JSON::parse(r#"["xmlhttprequest","other"]"#)?;
    let own: JsValue = Array::of1(&chrome::own_id()).into();
    let condition = object(&[
        ("urlFilter", format!("|{}|", url.split('#').next().unwrap_or_default()).into()),
        ("initiatorDomains", own),
        ("resourceTypes", types),
    ]);
    let action = object(&[("type", "modifyHeaders".into()), ("requestHeaders", headers.into())]);
    let rule = object(&[("id", number.into()), ("action", action), ("condition", condition)]);
    change(&[("removeRuleIds", Array::of1(&number.into()).into()), ("addRules", Array::of1(&rule).into())]).await?;
    Ok(Some(number))
}

/// Takes this rule away.
pub(crate) async fn take_off(number: u32) -> Result<(), JsValue> {
    change(&[("removeRuleIds", Array::of1(&number.into()).into())]).await
}

/// Takes away what a background that was stopped in the middle has left behind.
pub(crate) async fn take_all_off() -> Result<(), JsValue> {
    if !chrome::is_chromium() {
        return Ok(());
    }
    let all: Array = (1..=RULES).map(JsValue::from).collect();
    change(&[("removeRuleIds", all.into())]).await
}

async fn change(what: &[(&str, JsValue)]) -> Result<(), JsValue> {
    chrome::session_rules(&object(what)).await.map(drop)
}
