//! The WebExtensions API, as far as it is used here. Every call is caught: one that throws without it would leave its
//! promise pending for ever, silently.
//!
//! Both browsers answer to `chrome` with promises under manifest version 3.

use faultline_core::net::Url;
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "session"], js_name = get)]
    fn session_get(key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "session"], js_name = set)]
    fn session_set(items: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "session"], js_name = remove)]
    fn session_remove(key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "local"], js_name = get)]
    fn local_get(key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "local"], js_name = get)]
    fn local_all() -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "session"], js_name = clear)]
    fn session_clear() -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "notifications"], js_name = create)]
    fn notifications_create(id: &str, what: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "local"], js_name = set)]
    fn local_set(items: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "local"], js_name = remove)]
    fn local_remove(keys: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = get)]
    fn tabs_get(tab: i32) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = create)]
    fn tabs_create(what: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "windows"], js_name = get)]
    fn windows_get(window: i32) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = openPopup)]
    fn action_open_popup(what: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setBadgeText)]
    fn action_badge_text(what: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setBadgeBackgroundColor)]
    fn action_badge_colour(what: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setTitle)]
    fn action_title(what: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "alarms"], js_name = create)]
    fn alarms_create(name: &str, when: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "alarms"], js_name = clear)]
    fn alarms_clear(name: &str) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "i18n"], js_name = getMessage)]
    fn i18n_message(key: &str, args: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = getURL)]
    fn runtime_url(path: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(thread_local_v2, js_namespace = ["chrome", "runtime"], js_name = id)]
    static ID: JsValue;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "declarativeNetRequest"], js_name = updateSessionRules)]
    fn rules_update(what: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "captivePortal"], js_name = getState)]
    fn portal_state() -> Result<Promise, JsValue>;

    /// `chrome.proxy.onRequest` (Firefox, with the visitor's permission); undefined elsewhere.
    #[wasm_bindgen(thread_local_v2, js_namespace = ["globalThis"], js_name = chrome)]
    static CHROME: JsValue;

    /// An event of `chrome.webRequest`.
    pub(crate) type WebRequestEvent;
    #[wasm_bindgen(catch, method, js_name = addListener)]
    pub(crate) fn add(this: &WebRequestEvent, listener: &Function, filter: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, method, js_name = removeListener)]
    pub(crate) fn remove(this: &WebRequestEvent, listener: &Function) -> Result<(), JsValue>;
    #[wasm_bindgen(thread_local_v2, js_namespace = ["chrome", "webRequest"], js_name = onHeadersReceived)]
    pub(crate) static HEADERS_RECEIVED: WebRequestEvent;
    #[wasm_bindgen(thread_local_v2, js_namespace = ["chrome", "webRequest"], js_name = onResponseStarted)]
    pub(crate) static RESPONSE_STARTED: WebRequestEvent;
    #[wasm_bindgen(thread_local_v2, js_namespace = ["chrome", "webRequest"], js_name = onErrorOccurred)]
    pub(crate) static ERROR_OCCURRED: WebRequestEvent;
}

type Answer = Result<JsValue, JsValue>;

async fn settle(promise: Result<Promise, JsValue>) -> Answer {
    JsFuture::from(promise?).await
}

/// An object with these fields.
#[inline(never)]
pub(crate) fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a plain property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

/// Field `name` of `value`; undefined where it has none.
#[inline(never)]
pub(crate) fn field(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// What is in `value`; nothing where it is no list. `Array.from` of what is missing throws, and takes the whole job with it.
pub(crate) fn items(value: &JsValue) -> Vec<JsValue> {
    value.dyn_ref::<Array>().map(Array::to_vec).unwrap_or_default()
}

/// What `storage.session` has under `key`.
pub(crate) async fn session(key: &str) -> Answer {
    settle(session_get(key)).await.map(|items| field(&items, key))
}

/// Takes what `storage.session` has under `key` out of it.
pub(crate) async fn session_take(key: &str) -> Answer {
    let value = session(key).await?;
    if !value.is_undefined() {
        settle(session_remove(key)).await?;
    }
    Ok(value)
}

/// Puts `items` into `storage.session`.
pub(crate) async fn save_session(items: &JsValue) -> Answer {
    settle(session_set(items)).await
}

/// What `storage.local` has under `key`.
pub(crate) async fn local(key: &str) -> Answer {
    settle(local_get(key)).await.map(|items| field(&items, key))
}

/// Puts `items` into `storage.local`.
pub(crate) async fn save_local(items: &JsValue) -> Answer {
    settle(local_set(items)).await
}

/// Shows a notification that opens `url`; refused without the permission.
pub(crate) async fn notify(url: &str, title: &str, text: &str) -> Answer {
    let icon = runtime_url("extension/icons/128.png")?;
    let fields = [("type", "basic".into()), ("iconUrl", icon), ("title", title.into()), ("message", text.into())];
    settle(notifications_create(url, &object(&fields))).await
}

/// Empties both storages; what is under `but` stays in the lasting one at every moment.
pub(crate) async fn clear(but: &str) -> Answer {
    let keys = js_sys::Object::keys(&settle(local_all()).await?.into());
    settle(local_remove(&keys.filter(&mut |key, _, _| key != but))).await?;
    settle(session_clear()).await
}

/// Takes it out again.
pub(crate) async fn forget_local(key: &JsValue) -> Answer {
    settle(local_remove(key)).await
}

/// Calls `chrome.<space>.<name>`. For what is there only in one browser, or with a permission that was given later.
pub(crate) async fn call(space: &str, name: &str, args: &Array) -> Answer {
    let space = Reflect::get(&root()?, &space.into())?;
    let function: Function = Reflect::get(&space, &name.into())?.dyn_into()?;
    match Reflect::apply(&function, &space, args)?.dyn_into::<Promise>() {
        Ok(promise) => JsFuture::from(promise).await,
        Err(value) => Ok(value),
    }
}

fn root() -> Answer {
    Reflect::get(&js_sys::global(), &"chrome".into())
}

/// Whether the extension has access to the host of `url`; it has where the browser does not tell. A visitor may have withdrawn it.
pub(crate) async fn may_reach(url: &str) -> bool {
    let Some(url) = Url::split(url) else { return true };
    let pattern = JsValue::from_str(&format!("{}://{}/*", url.scheme, url.host));
    let wanted = object(&[("origins", Array::of1(&pattern).into())]);
    call("permissions", "contains", &Array::of1(&wanted)).await.map_or(true, |granted| granted.is_truthy())
}

/// Whether other extensions may be listed and switched now.
pub(crate) async fn may_manage() -> bool {
    let wanted = object(&[("permissions", Array::of1(&"management".into()).into())]);
    call("permissions", "contains", &Array::of1(&wanted)).await.is_ok_and(|granted| granted.is_truthy())
}

/// The id of this extension.
pub(crate) fn id() -> Option<String> {
    let runtime = Reflect::get(&root().ok()?, &"runtime".into()).ok()?;
    field(&runtime, "id").as_string()
}

/// The tab.
pub(crate) async fn tab(id: i32) -> Answer {
    settle(tabs_get(id)).await
}

/// The window.
pub(crate) async fn window(id: i32) -> Answer {
    settle(windows_get(id)).await
}

/// Opens a page of the extension in a new tab, beside the one that asked.
pub(crate) async fn open_page(path: &str) -> Answer {
    open_tab(&url(path)?).await
}

/// Opens a page of the web in a new tab.
pub(crate) async fn open_tab(url: &str) -> Answer {
    settle(tabs_create(&object(&[("url", url.into())]))).await
}

/// Opens the toolbar popup over the active tab of `window`.
pub(crate) async fn open_popup(window: i32) -> Answer {
    settle(action_open_popup(&object(&[("windowId", window.into())]))).await
}

/// Sets text, colour and tooltip of the button in `tab`.
pub(crate) async fn badge(tab: i32, text: &str, colour: &str, title: &str) -> Answer {
    let for_tab = |name: &str, value: &str| object(&[("tabId", tab.into()), (name, JsValue::from_str(value))]);
    settle(action_badge_text(&for_tab("text", text))).await?;
    settle(action_badge_colour(&for_tab("color", colour))).await?;
    settle(action_title(&for_tab("title", title))).await
}

/// Sets text, colour and tooltip of the button in every tab that has none of its own.
pub(crate) async fn badge_everywhere(text: &str, colour: &str, title: &str) -> Answer {
    settle(action_badge_text(&object(&[("text", text.into())]))).await?;
    settle(action_badge_colour(&object(&[("color", colour.into())]))).await?;
    settle(action_title(&object(&[("title", title.into())]))).await
}

/// Sends an alarm at `when` (milliseconds of the epoch), even to a stopped background.
pub(crate) fn alarm(name: &str, when: f64) -> Answer {
    alarms_create(name, &object(&[("when", when.into())]))
}

/// Takes the alarm back.
pub(crate) async fn no_alarm(name: &str) -> Answer {
    settle(alarms_clear(name)).await
}

/// The message in the visitor's language; empty where there is none.
pub(crate) fn message(key: &str, args: &[String]) -> String {
    let args: js_sys::Array = args.iter().map(|a| JsValue::from_str(a)).collect();
    i18n_message(key, &args).ok().and_then(|m| m.as_string()).unwrap_or_default()
}

/// The event `chrome.proxy.onRequest`; none without the visitor's permission, and in Chromium.
pub(crate) fn proxy_requests() -> Option<WebRequestEvent> {
    let event = field(&field(&CHROME.with(JsValue::clone), "proxy"), "onRequest");
    event.is_object().then(|| event.unchecked_into())
}

/// The id of this extension.
pub(crate) fn own_id() -> JsValue {
    ID.with(JsValue::clone)
}

/// Whether this is Chromium, by the addresses that it gives to extensions.
pub(crate) fn is_chromium() -> bool {
    url("").is_ok_and(|own| own.starts_with("chrome-extension:"))
}

/// Changes the extension's own rules of this session.
pub(crate) async fn session_rules(what: &JsValue) -> Answer {
    settle(rules_update(what)).await
}

/// Whether Firefox says that the network wants a log-in first. Other browsers, and one that does not look, say nothing.
pub(crate) async fn is_portal() -> bool {
    settle(portal_state()).await.is_ok_and(|state| state == "locked_portal")
}

/// URL of a file of the package.
pub(crate) fn url(path: &str) -> Result<String, JsValue> {
    runtime_url(path).map(|u| u.as_string().unwrap_or_default())
}
