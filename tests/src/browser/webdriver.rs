//! The part of WebDriver that the tests need, without a runtime. <https://www.w3.org/TR/webdriver2/>

use std::time::Duration;

use serde_json::{Value, json};

use crate::wait::at_rest;

/// Key under which WebDriver hides an element's id.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Looks at an element that must all find it in the same place.
const AT_REST: u32 = 4;

/// A WebDriver session.
#[derive(Debug)]
pub(super) struct Session {
    agent: ureq::Agent,
    base: String,
    /// What the driver says of the browser that it started.
    pub(super) capabilities: Value,
}

/// A tab or window, as the driver names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab(pub String);

impl Session {
    /// Asks the driver at `port` for a browser with `capabilities`.
    ///
    /// # Errors
    /// The driver's own words.
    pub(super) fn open(port: u16, capabilities: &Value) -> Result<Self, String> {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(90)))
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .new_agent();
        let driver = format!("http://127.0.0.1:{port}/session");
        let mut session = Self { agent, base: driver, capabilities: Value::Null };
        let answer = session.post("", &json!({ "capabilities": { "alwaysMatch": capabilities } }))?;
        let id = answer["sessionId"].as_str().ok_or("the driver gave no session id")?;
        session.base = format!("{}/{id}", session.base);
        session.capabilities = answer["capabilities"].clone();
        Ok(session)
    }

    /// Sends a command with a body.
    ///
    /// # Errors
    /// The driver's own words.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        let sent = self.agent.post(format!("{}{path}", self.base)).send_json(body);
        Self::answer(path, sent)
    }

    /// Sends a command without a body.
    ///
    /// # Errors
    /// The driver's own words.
    pub(super) fn get(&self, path: &str) -> Result<Value, String> {
        Self::answer(path, self.agent.get(format!("{}{path}", self.base)).call())
    }

    /// Sends a command that ends something.
    ///
    /// # Errors
    /// The driver's own words.
    pub(super) fn delete(&self, path: &str) -> Result<Value, String> {
        Self::answer(path, self.agent.delete(format!("{}{path}", self.base)).call())
    }

    fn answer(path: &str, sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value, String> {
        let mut response = sent.map_err(|e| format!("driver, {path}: {e}"))?;
        // A screenshot of a large window, in base64, is the largest answer.
        let body = response.body_mut().with_config().limit(64 << 20).read_json::<Value>();
        let mut body = body.map_err(|e| format!("driver, {path}: {e}"))?;
        let value = body["value"].take();
        match value["error"].as_str() {
            Some(error) if !response.status().is_success() => {
                Err(format!("{path}: {error}: {}", value["message"].as_str().unwrap_or_default()))
            }
            _ => Ok(value),
        }
    }

    /// Runs `script` (the body of a function; `arguments` holds `args`) in the page and gives what it returns. A promise is awaited.
    ///
    /// # Errors
    /// What the script threw.
    pub(super) fn run(&self, script: &str, args: &[Value]) -> Result<Value, String> {
        self.post("/execute/sync", &json!({ "script": script, "args": args }))
    }

    /// Every open tab, in no particular order.
    ///
    /// # Errors
    /// The driver's own words.
    pub(super) fn tabs(&self) -> Result<Vec<Tab>, String> {
        let handles = self.get("/window/handles")?;
        let handles = handles.as_array().ok_or("no list of windows")?;
        Ok(handles.iter().filter_map(Value::as_str).map(|h| Tab(h.to_owned())).collect())
    }

    /// The tab that commands go to.
    ///
    /// # Errors
    /// When that tab is gone.
    pub(super) fn tab(&self) -> Result<Tab, String> {
        let handle = self.get("/window")?;
        handle.as_str().map(|h| Tab(h.to_owned())).ok_or_else(|| "no window".to_owned())
    }

    /// Sends the commands that follow to `tab`.
    ///
    /// # Errors
    /// When that tab is gone.
    pub(super) fn switch(&self, tab: &Tab) -> Result<(), String> {
        self.post("/window", &json!({ "handle": tab.0 })).map(drop)
    }

    /// Opens an empty tab, or a window, and gives its handle.
    ///
    /// # Errors
    /// The driver's own words.
    pub(super) fn new_tab(&self, kind: &str) -> Result<Tab, String> {
        let made = self.post("/window/new", &json!({ "type": kind }))?;
        made["handle"].as_str().map(|h| Tab(h.to_owned())).ok_or_else(|| "no handle of the new tab".to_owned())
    }

    /// The first element that matches a CSS selector.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn find(&self, css: &str) -> Result<String, String> {
        let found = self.post("/element", &json!({ "using": "css selector", "value": css }))?;
        found[ELEMENT].as_str().map(str::to_owned).ok_or_else(|| format!("no element {css}"))
    }

    /// Scrolls to an element as a visitor does, and waits until it stays where it is: a page of ours that is still being drawn takes its
    /// button away from under the pointer.
    fn await_rest(&self, css: &str) -> Result<(), String> {
        let place = "const e = document.querySelector(arguments[0]);
            e?.scrollIntoView({ block: 'center', behavior: 'instant' });
            const r = e?.getClientRects()[0];
            return r ? [r.x, r.y, r.width, r.height] : null";
        let found = at_rest(AT_REST, |place: &Value| !place.is_null(), || self.run(place, &[json!(css)]));
        found.map(drop).map_err(|last| format!("{css} is not there, or does not come to rest; last seen: {last}"))
    }

    /// Clicks an element as a hand does, with `key` (WebDriver's code of it) held down, if any.
    ///
    /// # Errors
    /// When there is no such element, or it cannot be reached.
    pub(super) fn click(&self, css: &str, key: Option<&str>) -> Result<(), String> {
        self.await_rest(css)?;
        let origin = json!({ ELEMENT: self.find(css)? });
        let mut keys = vec![json!({ "type": "pause" }); 4];
        if let Some(key) = key {
            keys[0] = json!({ "type": "keyDown", "value": key });
            keys[3] = json!({ "type": "keyUp", "value": key });
        }
        let pointer = [
            json!({ "type": "pointerMove", "origin": origin, "x": 0, "y": 0 }),
            json!({ "type": "pointerDown", "button": 0 }),
            json!({ "type": "pointerUp", "button": 0 }),
            json!({ "type": "pause" }),
        ];
        let actions = json!({ "actions": [
            { "type": "key", "id": "keyboard", "actions": keys },
            { "type": "pointer", "id": "mouse", "actions": pointer },
        ] });
        self.post("/actions", &actions).map(drop)
    }
}
