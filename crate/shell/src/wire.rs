//! What our own listener sees of our own requests: the true error, the address, the status behind a redirect that was
//! not followed. `fetch` alone says only "failed".
//!
//! The listeners stand only while something is asked: for ever, they would wake the background at every request of
//! every site's service worker.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::prelude::*;

use crate::chrome::{self, WebRequestEvent};
use crate::decode::Details;
use crate::trouble;

/// How long an event may come after its answer, in milliseconds, and how often is looked.
const LATE_MS: u32 = 1_000;
const STEP_MS: u32 = 50;

/// What was seen of one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace {
    pub(crate) status: Option<u16>,
    pub(crate) status_line: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) proxied: bool,
}

impl Trace {
    /// Whether nothing more is told of it. A redirect that is not followed comes without an address.
    fn is_whole(&self) -> bool {
        self.error.is_some() || self.address.is_some() || matches!(self.status, Some(300..=399))
    }
}

/// By URL; two or three at most.
type Traces = Rc<RefCell<Vec<(String, Trace)>>>;

/// Watches the requests of one tab, or of the background, until it is dropped.
pub(crate) struct Watch {
    traces: Traces,
    listener: Closure<dyn FnMut(JsValue)>,
}

impl Watch {
    /// Starts watching; `tab` is -1 for the background's own.
    pub(crate) fn new(tab: i32) -> Self {
        let traces = Traces::default();
        let seen = Rc::clone(&traces);
        let listener = Closure::<dyn FnMut(JsValue)>::new(move |raw| {
            if let Some(details) = trouble::noted("read an event of our own request", Details::new(raw)) {
                take(&mut seen.borrow_mut(), &details);
            }
        });
        let filter = chrome::object(&[
            ("urls", js_sys::Array::of1(&"<all_urls>".into()).into()),
            ("types", js_sys::Array::of1(&"xmlhttprequest".into()).into()),
            ("tabId", tab.into()),
        ]);
        each_event(|event| {
            let function = listener.as_ref().unchecked_ref();
            trouble::noted("watch our own requests", event.add(function, &filter));
        });
        Self { traces, listener }
    }

    /// What was seen of the last request for `url`, once it is over. The event with the error, or with the address, may come a
    /// moment after the promise is settled; on a busy machine, much later.
    pub(crate) async fn rest(&self, url: &str) -> Option<Trace> {
        for _ in 0..LATE_MS / STEP_MS {
            if self.trace(url).is_some_and(|t| t.is_whole()) {
                break;
            }
            TimeoutFuture::new(STEP_MS).await;
        }
        self.trace(url)
    }

    /// What was seen of the last request for `url`.
    pub(crate) fn trace(&self, url: &str) -> Option<Trace> {
        self.traces.borrow().iter().find(|(have, _)| have == url).map(|(_, trace)| trace.clone())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        each_event(|event| {
            trouble::noted("stop watching", event.remove(self.listener.as_ref().unchecked_ref()));
        });
    }
}

fn each_event(mut f: impl FnMut(&WebRequestEvent)) {
    chrome::HEADERS_RECEIVED.with(&mut f);
    chrome::RESPONSE_STARTED.with(&mut f);
    chrome::ERROR_OCCURRED.with(f);
}

fn take(traces: &mut Vec<(String, Trace)>, details: &Details) {
    let url = details.url();
    let at = traces.iter().position(|(have, _)| *have == url).unwrap_or_else(|| {
        traces.push((url, Trace::default()));
        traces.len() - 1
    });
    let Some((_, trace)) = traces.get_mut(at) else { return };
    if details.status() > 0 {
        trace.status = Some(details.status());
        trace.status_line = details.status_line();
    }
    trace.proxied |= details.proxied();
    trace.address = details.address().or_else(|| trace.address.take());
    trace.error = Some(details.error()).filter(|e| !e.is_empty()).or_else(|| trace.error.take());
}
