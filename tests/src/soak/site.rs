//! The site that the soak walks on: pages that work in every way, and pages that fail.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::servers::{Answer, Gate, Origin, Request};
use crate::stage::fixture;

/// The names of the site. Both are the same server; a redirect goes from one to the other.
pub(super) const HOSTS: [&str; 2] = ["walk.test", "other.test"];

/// Failing pages: of servers, of networks in front of them, of an application, with and without a body.
pub(super) const FAILURES: [(&str, u16); 9] = [
    ("nginx/502-refused", 502),
    ("nginx/504-silent", 504),
    ("nginx/503-return", 503),
    ("haproxy/503-no-server", 503),
    ("varnish/503-refused", 503),
    ("apache-mod-proxy/502-closed", 502),
    ("cloudflare/522", 522),
    ("caddy/502-refused", 502),
    ("django/500", 500),
];

/// The smallest document that a PDF viewer takes.
const PDF: &str = "%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
trailer<</Root 1 0 R>>
%%EOF
";

/// The server, and the gates of the pages that wait.
#[derive(Debug)]
pub(super) struct Ground {
    origin: Origin,
    gates: Arc<Mutex<BTreeMap<String, Gate>>>,
}

impl Ground {
    pub(super) fn open() -> Self {
        let gates: Arc<Mutex<BTreeMap<String, Gate>>> = Arc::default();
        let held = Arc::clone(&gates);
        let origin = Origin::start(move |request| {
            let gate = held.lock().unwrap_or_else(PoisonError::into_inner).get(&request.target).cloned();
            let answer = answer(request);
            gate.map_or_else(|| answer.clone(), |gate| answer.clone().behind(&gate))
        });
        Self { origin, gates }
    }

    /// The address of a page.
    pub(super) fn url(&self, path: &str) -> String {
        self.origin.url(HOSTS[0], path)
    }

    /// A page that is not answered before its gate is open.
    pub(super) fn hold(&self, path: &str) -> Gate {
        let gate = Gate::shut();
        self.gates.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), gate.clone());
        gate
    }

    /// How often a page was asked for.
    pub(super) fn hits(&self, path: &str) -> usize {
        self.origin.hits(path)
    }
}

/// A path is `/<kind>/<what>/<number>`: the number makes each step's page a page of its own.
fn answer(request: &Request) -> Answer {
    let mut parts = request.target.trim_start_matches('/').splitn(3, '/');
    let (kind, what, number) =
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match kind {
        "fails" => failing(what),
        "broken" => failing("0").broken_off(),
        "refused-file" => file(502),
        "file" => file(200),
        "missing" => Answer::new(404, "Not Found").html("<h1>404 Not Found</h1>"),
        "nothing" => Answer::new(204, "No Content"),
        "secret" => Answer::new(401, "Unauthorized").header("WWW-Authenticate", "Basic realm=walk").html("<h1>401</h1>"),
        "paper" => Answer::new(200, "OK").body("application/pdf", PDF),
        // As many redirects as `what` says, from name to name, and then the page of the rest.
        "hop" => hop(request, what, number),
        "parts" => Answer::new(200, "OK").html(&parts_page(number)),
        "ahead" => Answer::new(200, "OK").html(&ahead_page(what, number)),
        _ => Answer::new(200, "OK").html(&well_page(number)),
    }
}

fn failing(which: &str) -> Answer {
    let (name, _) = which.parse::<usize>().ok().and_then(|n| FAILURES.get(n)).unwrap_or(&FAILURES[0]);
    fixture(name)
}

fn file(status: u16) -> Answer {
    let reason = if status == 200 { "OK" } else { "Bad Gateway" };
    Answer::new(status, reason)
        .header("Content-Disposition", "attachment; filename=walk.bin")
        .body("application/octet-stream", vec![7; 64])
}

fn hop(request: &Request, left: &str, end: &str) -> Answer {
    let left = left.parse::<u32>().unwrap_or_default();
    let other = HOSTS[usize::from(request.host() == HOSTS[0])];
    let port = request.header("host").and_then(|h| h.split_once(':')).map_or("80", |(_, port)| port);
    let path = if left > 1 { format!("hop/{}/{end}", left - 1) } else { end.to_owned() };
    let status = if left.is_multiple_of(2) { (301, "Moved Permanently") } else { (302, "Found") };
    // Not to be remembered, or a second visit would not come through here.
    Answer::new(status.0, status.1)
        .header("Cache-Control", "no-store")
        .header("Location", &format!("http://{other}:{port}/{path}"))
}

/// A page that works, with ways out of it. It remembers whether it came back out of the browser's memory.
fn well_page(number: &str) -> String {
    format!(
        "<!doctype html><html lang=en><title>well {number}</title>
        <script>addEventListener('pageshow', e => {{ if (e.persisted) document.documentElement.dataset.persisted = 'yes' }})</script>
        <h1>All is well</h1><p>This page says 502 Bad Gateway, as articles do.
        <p><a id=on href=/well/on/{number}-on>On</a> <a id=nothing href=/nothing/x/{number}>Nothing</a>
        <a id=file href=/file/x/{number}>A file</a> <a id=fails href=/fails/0/{number}-link>Fails</a>
        <form id=form method=post action=/fails/2/{number}-form><button id=send name=a value=b>Send</button></form>"
    )
}

/// A page that works, of which every part fails.
fn parts_page(number: &str) -> String {
    format!(
        "<!doctype html><html lang=en><title>parts</title><link rel=stylesheet href=/fails/2/{number}-css>
        <h1>A page with broken parts</h1><img alt='' src=/fails/0/{number}-img><iframe src=/fails/0/{number}-frame></iframe>
        <iframe src=/fails/7/{number}-empty></iframe><object data=/fails/1/{number}-object></object>
        <script src=/fails/3/{number}-js></script>
        <script>fetch('/fails/4/{number}-fetch'); navigator.sendBeacon('/fails/5/{number}-beacon', 'x');
        const x = new XMLHttpRequest(); x.open('GET', '/fails/6/{number}-xhr'); x.send()</script>"
    )
}

/// A page from which the browser may load another one before anybody asks for it.
fn ahead_page(what: &str, number: &str) -> String {
    let target = if what == "fails" { format!("/fails/0/{number}-ahead") } else { format!("/well/x/{number}-ahead") };
    format!(
        "<!doctype html><html lang=en><title>ahead</title><h1>Ahead</h1><a id=ahead href={target}>There</a>
        <link rel=prefetch href={target}>
        <script type=speculationrules>{{ \"prerender\": [{{ \"urls\": [\"{target}\"], \"eagerness\": \"immediate\" }}] }}</script>"
    )
}
