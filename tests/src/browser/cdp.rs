//! Chromium's own debugging protocol, for what WebDriver cannot reach: the popup, the service worker, closed shadow roots.
//! <https://chromedevtools.github.io/devtools-protocol/>

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// An attached session holds on to what it is attached to, and a call into a dying target is never answered: so each has its end.
const CALL_LIMIT: Duration = Duration::from_secs(20);

/// A connection to the browser itself.
pub(super) struct Cdp {
    socket: RefCell<WebSocket<MaybeTlsStream<TcpStream>>>,
    next: Cell<u64>,
    watched: RefCell<Watched>,
}

/// Targets of one address, counted as they come: one that has gone again by the next look counts too.
#[derive(Default)]
struct Watched {
    /// Start of the address; none while nothing is watched.
    url: Option<String>,
    ids: BTreeSet<String>,
}

impl std::fmt::Debug for Cdp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cdp")
    }
}

/// Something that can be looked into: a tab, a popup, a service worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// The protocol's name for it.
    pub(super) id: String,
    /// `page`, `tab`, `service_worker` …
    pub(super) kind: String,
    /// Where it is.
    pub(super) url: String,
}

impl Cdp {
    /// Connects to the browser whose debugger listens at `address` (`host:port`).
    ///
    /// # Errors
    /// When nothing there speaks the protocol.
    pub(super) fn connect(address: &str) -> Result<Self, String> {
        let version = ureq::get(format!("http://{address}/json/version")).call();
        let version = version.and_then(|mut v| v.body_mut().read_json::<Value>()).map_err(|e| format!("debugger: {e}"))?;
        let url = version["webSocketDebuggerUrl"].as_str().ok_or("the debugger names no socket")?;
        let (socket, _) = tungstenite::connect(url).map_err(|e| format!("debugger: {e}"))?;
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(CALL_LIMIT)).map_err(|e| format!("debugger: {e}"))?;
        }
        Ok(Self { socket: RefCell::new(socket), next: Cell::new(1), watched: RefCell::default() })
    }

    /// Calls a method of the browser (`session` none) or of what a session is attached to.
    ///
    /// # Errors
    /// The browser's own words, or that it stayed silent.
    pub(super) fn call(&self, session: Option<&str>, method: &str, params: &Value) -> Result<Value, String> {
        let id = self.next.get();
        self.next.set(id + 1);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let mut socket = self.socket.borrow_mut();
        socket.send(Message::text(message.to_string())).map_err(|e| format!("{method}: {e}"))?;
        loop {
            let Message::Text(text) = socket.read().map_err(|e| format!("{method}: {e}"))? else { continue };
            let mut answer: Value = serde_json::from_str(&text).map_err(|e| format!("{method}: {e}"))?;
            self.note(&answer);
            // Other events, and late answers to calls that were given up, pass by.
            if answer["id"].as_u64() == Some(id) {
                return match answer["error"]["message"].as_str() {
                    Some(error) => Err(format!("{method}: {error}")),
                    None => Ok(answer["result"].take()),
                };
            }
        }
    }

    /// Counts pages whose address begins with `url` from now on.
    ///
    /// # Errors
    /// The browser's own words.
    pub(super) fn watch(&self, url: &str) -> Result<(), String> {
        self.watched.borrow_mut().url = Some(url.to_owned());
        self.call(None, "Target.setDiscoverTargets", &json!({ "discover": true, "filter": [{}] })).map(drop)
    }

    /// How many of them there have been.
    ///
    /// # Errors
    /// The browser's own words.
    pub(super) fn watched(&self) -> Result<usize, String> {
        // Events stand before the answer in line.
        self.call(None, "Browser.getVersion", &json!({}))?;
        Ok(self.watched.borrow().ids.len())
    }

    fn note(&self, message: &Value) {
        // A page is announced before it knows its address.
        if !message["method"].as_str().is_some_and(|m| m == "Target.targetCreated" || m == "Target.targetInfoChanged") {
            return;
        }
        let info = &message["params"]["targetInfo"];
        let mut watched = self.watched.borrow_mut();
        let fits = |start: &String| info["type"] == "page" && info["url"].as_str().is_some_and(|url| url.starts_with(start));
        if watched.url.as_ref().is_some_and(fits) {
            watched.ids.insert(info["targetId"].as_str().unwrap_or_default().to_owned());
        }
    }

    /// Everything that can be looked into, the popup and the `tab` twins of pages included.
    ///
    /// # Errors
    /// The browser's own words.
    pub(super) fn targets(&self) -> Result<Vec<Target>, String> {
        let answer = self.call(None, "Target.getTargets", &json!({ "filter": [{}] }))?;
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let list = answer["targetInfos"].as_array().ok_or("no list of targets")?;
        Ok(list.iter().map(|t| Target { id: text(&t["targetId"]), kind: text(&t["type"]), url: text(&t["url"]) }).collect())
    }

    /// Runs `work` with a session on `target`, and lets go of it again whatever happens.
    ///
    /// # Errors
    /// What attaching or `work` said.
    pub(super) fn with<T>(&self, target: &str, work: impl FnOnce(&str) -> Result<T, String>) -> Result<T, String> {
        let attached = self.call(None, "Target.attachToTarget", &json!({ "targetId": target, "flatten": true }))?;
        let session = attached["sessionId"].as_str().ok_or("no session of the target")?;
        let result = work(session);
        // The target may have gone meanwhile, and its session with it.
        let _ = self.call(None, "Target.detachFromTarget", &json!({ "sessionId": session }));
        result
    }

    /// The value of a JavaScript expression there; a promise is awaited.
    ///
    /// # Errors
    /// What it threw.
    pub(super) fn evaluate(&self, session: &str, expression: &str) -> Result<Value, String> {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.call(Some(session), "Runtime.evaluate", &params)?;
        match answer.get("exceptionDetails") {
            Some(thrown) => Err(thrown["exception"]["description"].as_str().unwrap_or("thrown").to_owned()),
            None => Ok(answer["result"]["value"].take()),
        }
    }
}
