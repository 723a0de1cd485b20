//! A few loads in one tab, as the raw events of the two sources that tell of them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

pub(crate) const TAB: i32 = 7;
pub(crate) const WELL: &str = "http://shop.example/well";
pub(crate) const DOWN: &str = "http://shop.example/down";

/// What comes of a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The document that was sent is shown.
    Commits,
    /// Something else overtook it after its answer.
    Aborts,
    /// Something else overtook it when its answer had come to the end: of the two sources, Chromium's documents alone tell of it.
    AbortsComplete,
    /// Something else overtook it before there was an answer.
    AbortsUnanswered,
    /// The document is shown, and breaks off in its middle. Firefox takes it away again.
    BreaksOff,
    /// The browser has drawn a page of its own over an answer without a body.
    Drawn,
    /// And over a file.
    DrawnOverFile,
}

/// One load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) url: &'static str,
    pub(crate) status: u16,
    pub(crate) end: End,
}

/// One raw event, with what the page on screen says of its status from then on.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Raw {
    event: &'static str,
    details: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Value>,
    #[serde(skip)]
    load: usize,
}

impl Raw {
    fn is(&self, event: &str, load: usize) -> bool {
        self.event == event && self.load == load
    }

    /// Puts something else on screen.
    fn is_document(&self) -> bool {
        self.status.is_some()
    }
}

const SENT: &str = "webRequest.onSendHeaders";
const ANSWERED: &str = "webRequest.onResponseStarted";
const FAILED: &str = "webRequest.onErrorOccurred";
const COMMITTED: &str = "webNavigation.onCommitted";
const BROKEN: &str = "webNavigation.onErrorOccurred";

/// The two sources' events of a load: those of its request, and those of its document.
fn sources(firefox: bool, number: usize, load: Load) -> [Vec<Raw>; 2] {
    let Load { url, status, end } = load;
    let request = |event, more: Value| {
        let mut details = json!({ "requestId": number.to_string(), "tabId": TAB, "frameId": 0, "url": url, "method": "GET" });
        if !firefox {
            details["documentLifecycle"] = json!("active");
        }
        details.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        Raw { event, details, status: None, load: number }
    };
    let document = |event, error: Option<&str>, status: Option<Value>| {
        let mut details = json!({ "tabId": TAB, "frameId": 0, "url": url });
        if !firefox {
            details["documentId"] = json!(format!("document {number}"));
            details["documentLifecycle"] = json!("active");
        }
        if let Some(error) = error {
            details["error"] = json!(error);
        }
        Raw { event, details, status, load: number }
    };
    let answer =
        request(ANSWERED, json!({ "statusCode": status, "statusLine": format!("HTTP/1.1 {status}"), "ip": "192.0.2.1" }));
    let failed = |error: &str| request(FAILED, json!({ "error": error }));
    let aborted = if firefox { "NS_BINDING_ABORTED" } else { "net::ERR_ABORTED" };
    let mut requests = vec![request(SENT, json!({}))];
    if end != End::AbortsUnanswered {
        requests.push(answer);
    }
    let mut documents = Vec::new();
    match end {
        End::Commits => documents.push(document(COMMITTED, None, Some(json!(status)))),
        End::Aborts | End::AbortsComplete | End::AbortsUnanswered => {
            if firefox || end != End::AbortsComplete {
                requests.push(failed(aborted));
            }
            if !firefox {
                documents.push(document(BROKEN, Some(aborted), None));
            }
        }
        End::BreaksOff => {
            let error = if firefox { "NS_ERROR_NET_RESET" } else { "net::ERR_CONNECTION_RESET" };
            requests.push(failed(error));
            documents.push(document(COMMITTED, None, Some(json!(status))));
            documents.push(match firefox {
                true => document(COMMITTED, None, Some(Value::Null)),
                false => document(BROKEN, Some(error), None),
            });
        }
        End::Drawn | End::DrawnOverFile if firefox => {
            requests.push(failed("NS_ERROR_NET_EMPTY_RESPONSE"));
            documents.push(document(COMMITTED, None, Some(Value::Null)));
        }
        End::Drawn | End::DrawnOverFile => {
            let is_file = end == End::DrawnOverFile;
            let error = if is_file { "net::ERR_INVALID_RESPONSE" } else { "net::ERR_HTTP_RESPONSE_CODE_FAILURE" };
            if !is_file {
                requests.push(failed(error));
            }
            documents.push(document(BROKEN, Some(error), Some(Value::Null)));
        }
    }
    [requests, documents]
}

/// Every order in which `first` (wholly over by then), `second` and `last` can be told of.
pub(crate) fn orders(firefox: bool, first: Option<Load>, second: Option<Load>, last: Load) -> Vec<Vec<Raw>> {
    let mut begin: Vec<_> = first.map(|load| sources(firefox, 0, load).concat()).unwrap_or_default();
    // One that is overtaken is still there when the last one begins, whatever comes of it.
    let [mut requests, mut documents] = second.map(|load| sources(firefox, 1, load)).unwrap_or_default();
    let ends = requests.last().is_some_and(|raw| raw.event == FAILED).then_some(requests.len());
    let [more_requests, more_documents] = sources(firefox, 2, last);
    requests.extend(more_requests);
    documents.extend(more_documents);
    let mut all = Vec::new();
    mix(&requests, &documents, &mut begin, &mut all);
    if let Some(next) = ends {
        // What ends it may be that the next one begins.
        requests.swap(next - 1, next);
        mix(&requests, &documents, &mut begin, &mut all);
    }
    all.retain(|order| [1, 2].iter().all(|load| is_possible(order, *load)));
    for order in &mut all {
        if !firefox {
            name_late_answers(order);
        }
        // Both browsers write down when they tell of a thing.
        for (at, raw) in (1_000_u64..).zip(order) {
            raw.details["timeStamp"] = json!(at);
        }
    }
    all
}

/// Every way to lay two lists into one that leaves each in its order.
fn mix(one: &[Raw], other: &[Raw], so_far: &mut Vec<Raw>, all: &mut Vec<Vec<Raw>>) {
    if one.is_empty() && other.is_empty() {
        all.push(so_far.clone());
    }
    for (list, rest_of_one, rest_of_other) in [(one, one.get(1..), Some(other)), (other, Some(one), other.get(1..))] {
        if let (Some(next), Some(rest_of_one), Some(rest_of_other)) = (list.first(), rest_of_one, rest_of_other) {
            so_far.push(next.clone());
            mix(rest_of_one, rest_of_other, so_far, all);
            so_far.pop();
        }
    }
}

/// A request is sent before its document is there.
fn is_possible(order: &[Raw], load: usize) -> bool {
    let sent = order.iter().position(|raw| raw.is(SENT, load));
    let document = order.iter().position(|raw| raw.load == load && raw.is_document());
    document.is_none_or(|document| sent < Some(document))
}

/// Chromium gives a response that it tells of after its document the id of that document.
fn name_late_answers(order: &mut [Raw]) {
    for load in 0..3 {
        let document = order.iter().position(|raw| raw.load == load && raw.is_document());
        let answer = order.iter().position(|raw| raw.is(ANSWERED, load));
        if let (Some(document), Some(answer)) = (document, answer)
            && document < answer
        {
            order[answer].details["documentId"] = json!(format!("document {load}"));
        }
    }
}

/// How many failures of each page were on screen in this order.
pub(crate) fn failures_on_screen(order: &[Raw]) -> BTreeMap<&str, u32> {
    let mut failures = BTreeMap::new();
    for load in 0..3 {
        let Some(document) = order.iter().find(|raw| raw.load == load && raw.is_document()) else { continue };
        let answer = order.iter().find(|raw| raw.is(ANSWERED, document.load));
        if answer.is_some_and(|answer| answer.details["statusCode"].as_u64() >= Some(500)) {
            *failures.entry(document.details["url"].as_str().unwrap_or_default()).or_default() += 1;
        }
    }
    failures
}

/// An order, for a person.
pub(crate) fn told(order: &[Raw]) -> String {
    order.iter().map(|raw| format!("{} {}", raw.event, raw.load)).collect::<Vec<_>>().join(", ")
}
