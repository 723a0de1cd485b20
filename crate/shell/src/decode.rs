//! Raw details of browser events, as the listeners got them, turned into the core's events.
//!
//! Field by field and forgiving: what is missing or of another type is its default, so that one odd field does not cost
//! the visitor the whole event.

use faultline_core::event::{Answered, End, Millis, Read, Shown, TabId};
use faultline_core::page::Header;
use faultline_core::settings::{Address, Control, KeepHistory, Outside, Settings, Show};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use crate::chrome::field;

/// The field as text; empty where it is none.
#[inline(never)]
pub(crate) fn text(raw: &JsValue, name: &str) -> String {
    field(raw, name).as_string().unwrap_or_default()
}

/// The field as a number from 0 up.
#[inline(never)]
pub(crate) fn number(raw: &JsValue, name: &str) -> Option<u32> {
    field(raw, name).as_f64().filter(|n| n.is_finite()).map(|n| n.max(0.0) as u32)
}

#[inline(never)]
fn status(raw: &JsValue, name: &str) -> u16 {
    number(raw, name).and_then(|n| u16::try_from(n).ok()).unwrap_or(0)
}

#[inline(never)]
fn list(raw: &JsValue, name: &str) -> Array {
    field(raw, name).dyn_into().unwrap_or_default()
}

/// A `details` object of `webRequest` or `webNavigation`.
pub(crate) struct Details(JsValue);

impl Details {
    /// `details`, which must at least be an object.
    pub(crate) fn new(raw: JsValue) -> Result<Self, JsValue> {
        if raw.is_object() { Ok(Self(raw)) } else { Err(raw) }
    }

    /// Its tab; -1 where there is none, as the browsers have it.
    pub(crate) fn tab(&self) -> TabId {
        field(&self.0, "tabId").as_f64().map_or(-1, |n| n as TabId)
    }

    /// Time of the event.
    pub(crate) fn at(&self) -> Millis {
        millis(self.time())
    }

    fn time(&self) -> f64 {
        field(&self.0, "timeStamp").as_f64().unwrap_or(0.0)
    }

    /// URL.
    pub(crate) fn url(&self) -> String {
        text(&self.0, "url")
    }

    /// The browser's name of the error.
    pub(crate) fn error(&self) -> String {
        text(&self.0, "error")
    }

    /// Id of the request.
    pub(crate) fn request(&self) -> String {
        text(&self.0, "requestId")
    }

    /// Id of the document, in Chromium.
    pub(crate) fn document(&self) -> Option<String> {
        field(&self.0, "documentId").as_string()
    }

    /// When the request was sent, if the listener saw it.
    pub(crate) fn start(&self) -> Option<f64> {
        field(&self.0, "start").as_f64()
    }

    /// Status code, 0 for none.
    pub(crate) fn status(&self) -> u16 {
        status(&self.0, "statusCode")
    }

    /// Status that the document gives itself; 0 where it is not known.
    pub(crate) fn own_status(&self) -> u16 {
        status(&self.0, "status")
    }

    /// Status line.
    pub(crate) fn status_line(&self) -> Option<String> {
        field(&self.0, "statusLine").as_string()
    }

    /// Address that answered.
    pub(crate) fn address(&self) -> Option<String> {
        field(&self.0, "ip").as_string()
    }

    /// Whether the browser says that a proxy was used (Firefox).
    pub(crate) fn proxied(&self) -> bool {
        !matches!(text(&field(&self.0, "proxyInfo"), "type").as_str(), "" | "direct")
    }

    /// The failed response.
    pub(crate) fn answered(&self, start: Option<f64>, private: bool) -> Answered {
        let from_cache = field(&self.0, "fromCache").is_truthy();
        Answered {
            tab: self.tab(),
            url: self.url(),
            method: text(&self.0, "method"),
            status: self.status(),
            status_line: self.status_line(),
            headers: list(&self.0, "responseHeaders").iter().map(|h| header(&h)).collect(),
            address: self.address(),
            from_cache,
            first_byte_ms: start.filter(|_| !from_cache).map(|start| (self.time() - start).max(0.0) as u32),
            asked: field(&self.0, "asked").as_string(),
            moved_from: field(&self.0, "movedFrom").as_string(),
            proxied: self.proxied(),
            private: private || field(&self.0, "incognito").is_truthy(),
            container: text(&self.0, "cookieStoreId").starts_with("firefox-container-"),
        }
    }

    /// The document that is now shown.
    pub(crate) fn shown(&self, settings: Settings) -> Shown {
        let back = list(&self.0, "transitionQualifiers").iter().any(|q| q == "forward_back");
        Shown {
            tab: self.tab(),
            url: self.url(),
            document: self.document(),
            committed: Some(self.at()),
            back,
            form: text(&self.0, "transitionType") == "form_submit",
            healthy: matches!(self.own_status(), 100..500),
            operator: false,
            settings: Box::new(settings),
        }
    }
}

/// A header field; bytes that are not UTF-8 come as a list of numbers.
fn header(raw: &JsValue) -> Header {
    let value = field(raw, "value").as_string().unwrap_or_else(|| {
        let bytes = Uint8Array::new(&field(raw, "binaryValue")).to_vec();
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let name = text(raw, "name");
    // A cookie's name can tell the maker of a page; its value is a secret that nothing here needs.
    let value = if name.eq_ignore_ascii_case("set-cookie") {
        value.split('=').next().unwrap_or_default().to_owned() + "="
    } else {
        value
    };
    Header::new(name, value)
}

/// What `readPage` in `page.js` returns.
pub(crate) fn read(raw: &JsValue) -> Read {
    Read {
        status: status(raw, "status"),
        title: text(raw, "title"),
        body: text(raw, "body"),
        loading: field(raw, "loading").is_truthy(),
        first_byte_ms: number(raw, "firstByteMs"),
        protocol: text(raw, "protocol"),
        controlled: field(raw, "controlled").is_truthy(),
        transferred: field(raw, "transferred").is_truthy(),
        cookies: number(raw, "cookies").unwrap_or(0),
        cookie_bytes: number(raw, "cookieBytes").unwrap_or(0),
    }
}

/// How a request ended, by its name in `page.js`.
pub(crate) fn end(name: &str) -> End {
    match name {
        "Answer" => End::Answer,
        "Redirect" => End::Redirect,
        "Silent" => End::Silent,
        "Error" => End::Error,
        _ => End::Lost,
    }
}

/// A browser's time stamp: a float in Chromium.
pub(crate) fn millis(at: f64) -> Millis {
    if at.is_finite() && at > 0.0 { at as Millis } else { 0 }
}

/// The visitor's settings; each missing or odd one is its default.
pub(crate) fn settings(raw: &JsValue) -> Settings {
    let outside = field(raw, "outside");
    let or = |name: &str, default: String| field(&outside, name).as_string().unwrap_or(default);
    let defaults = Outside::default();
    Settings {
        show: match text(raw, "show").as_str() {
            "card" => Show::Card,
            "badge" => Show::Badge,
            _ => Show::Popup,
        },
        never: list(raw, "never").iter().filter_map(|host| host.as_string()).collect(),
        control: list(raw, "control").iter().map(|c| control(&c)).filter(|c| !c.url.is_empty()).collect(),
        outside: Outside {
            enabled: field(&outside, "enabled").is_truthy(),
            globalping: or("globalping", defaults.globalping),
            doh: or("doh", defaults.doh),
        },
        keep_history: KeepHistory(field(raw, "keep_history").as_bool().unwrap_or(true)),
        report: Address {
            path: field(&field(raw, "report"), "path").is_truthy(),
            query: field(&field(raw, "report"), "query").is_truthy(),
        },
        sync: field(raw, "sync").is_truthy(),
    }
}

fn control(raw: &JsValue) -> Control {
    Control { url: text(raw, "url"), status: status(raw, "status"), body: field(raw, "body").as_string() }
}

/// `Chromium 156` or `Firefox 153` out of a user agent: enough for a report, and no more than the site has seen.
pub(crate) fn browser_name(agent: &str) -> String {
    let version = |name: &str| {
        agent.split_once(&format!("{name}/")).map(|(_, v)| v.split(['.', ' ']).next().unwrap_or_default().to_owned())
    };
    if let Some(v) = version("Firefox") {
        return format!("Firefox {v}");
    }
    if let Some(v) = version("Edg") {
        return format!("Edge {v}");
    }
    version("Chrome").map_or_else(|| "unknown browser".to_owned(), |v| format!("Chromium {v}"))
}
