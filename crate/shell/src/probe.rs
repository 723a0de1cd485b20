//! One question to the world, asked by the background: past the cache, past every other extension, without cookies,
//! following nothing. In the header fields of a page load if the question wants it.

use faultline_core::command::{From, Question};
use faultline_core::event::{End, Seen};
use faultline_core::page::Header;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, RequestCache, RequestCredentials, RequestInit, RequestRedirect, Response, ResponseType};

use crate::chrome;
use crate::direct::Direct;
use crate::dress;
use crate::trouble;
use crate::wire::{Trace, Watch};

/// Most bytes of a body that are read.
const MAX_BODY: usize = 64 * 1024;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

/// Reads a file of the package.
pub(crate) fn fetch_own(url: &str) -> Result<Promise, JsValue> {
    fetch(url, &RequestInit::new())
}

/// Asks, and tells what came. `now` is a clock in milliseconds.
pub(crate) async fn ask(question: &Question, now: fn() -> f64) -> Seen {
    if question.after_ms > 0 {
        TimeoutFuture::new(question.after_ms).await;
    }
    let past_proxy = (question.from == From::Direct).then(|| Direct::open(&question.url));
    if matches!(past_proxy, Some(None)) {
        return Seen { end: End::NotAllowed, ..Seen::default() };
    }
    let watch = Watch::new(-1);
    let dressed = match question.from {
        From::Visit => trouble::noted("dress as a page load", dress::put_on(&question.url).await).flatten(),
        _ => None,
    };
    let started = now();
    let mut seen = match AbortController::new() {
        Ok(stop) => exchange(question, &stop, started, now).await,
        Err(_) => Seen { end: End::NotAllowed, ..Seen::default() },
    };
    if let Some(rule) = dressed {
        trouble::noted("undress", dress::take_off(rule).await);
    }
    if let Some(trace) = watch.rest(&question.url).await {
        complete(&mut seen, trace);
    }
    // Without access to the host the browser refuses the request itself, which looks like a host that can't be reached.
    if seen.end == End::Error && !chrome::may_reach(&question.url).await {
        seen.end = End::NotAllowed;
    }
    seen
}

async fn exchange(question: &Question, stop: &AbortController, started: f64, now: fn() -> f64) -> Seen {
    let ms = || Some((now() - started).max(0.0) as u32);
    let cap = stop.clone();
    let cap_ms = question.cap_ms;
    // It aborts a request that is over already, which does nothing.
    spawn_local(async move {
        TimeoutFuture::new(cap_ms).await;
        cap.abort();
    });
    let init = RequestInit::new();
    init.set_method("GET");
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&stop.signal()));
    if question.from == From::Visit {
        init.set_headers(&dress::fields());
    }
    let answer = match fetch(&question.url, &init) {
        Ok(promise) => JsFuture::from(promise).await,
        Err(error) => Err(error),
    };
    let end = |end| Seen { end, ms: ms(), ..Seen::default() };
    let Ok(answer) = answer.and_then(|a| a.dyn_into::<Response>()) else {
        return end(if stop.signal().aborted() { End::Silent } else { End::Error });
    };
    if answer.type_() == ResponseType::Opaqueredirect {
        return end(End::Redirect);
    }
    let headers = headers(&answer);
    let took = ms();
    let charset = charset(&headers);
    let body = body(&answer, &charset).await;
    stop.abort();
    Seen { end: End::Answer, status: Some(answer.status()), ms: took, headers: Some(headers), body, ..Seen::default() }
}

fn complete(seen: &mut Seen, trace: Trace) {
    seen.status = seen.status.or(trace.status);
    seen.status_line = trace.status_line;
    seen.address = trace.address;
    seen.proxied = trace.proxied;
    if seen.end == End::Error {
        seen.error = trace.error;
    }
}

fn headers(answer: &Response) -> Vec<Header> {
    let entries = js_sys::try_iter(&answer.headers()).ok().flatten();
    entries
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let pair: Array = entry.ok()?.dyn_into().ok()?;
            Some(Header::new(pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .collect()
}

fn charset(headers: &[Header]) -> String {
    let kind = headers.iter().find(|h| h.name.eq_ignore_ascii_case("content-type")).map(|h| h.value.to_ascii_lowercase());
    let named =
        kind.as_deref().and_then(|k| k.split_once("charset=")).map(|(_, c)| c.split([';', ' ']).next().unwrap_or_default());
    named.unwrap_or("utf-8").trim_matches('"').to_owned()
}

/// The first part of the body, in whatever charset it says; none where it cannot be read.
async fn body(answer: &Response, charset: &str) -> Option<String> {
    let Some(stream) = answer.body() else { return Some(String::new()) };
    let reader: web_sys::ReadableStreamDefaultReader = stream.get_reader().dyn_into().ok()?;
    let mut bytes: Vec<u8> = Vec::new();
    while bytes.len() < MAX_BODY {
        // A body that breaks off in the middle still has its first part.
        let Ok(chunk) = JsFuture::from(reader.read()).await else { break };
        if chrome::field(&chunk, "done").is_truthy() {
            break;
        }
        let Ok(chunk) = chrome::field(&chunk, "value").dyn_into::<Uint8Array>() else { break };
        let room = u32::try_from(MAX_BODY - bytes.len()).unwrap_or(0);
        bytes.extend(chunk.subarray(0, chunk.length().min(room)).to_vec());
    }
    let decoder = web_sys::TextDecoder::new_with_label(charset).or_else(|_| web_sys::TextDecoder::new()).ok()?;
    decoder.decode_with_u8_array(&bytes).ok()
}
