//! Failing sites in one small server, each under a name of its own: for the show, and for whatever no real gateway does.
//!
//! The pages are the fixtures of `tests/pages`, so what is shown is what the rules are proved with.

mod exhibit;
mod fixture;
mod worker;

use std::time::Duration;

use serde_json::{Value, json};

pub use exhibit::{Exhibit, Expected, exhibits};
pub use fixture::fixture;
pub use worker::{Worker, worker_site};

use crate::servers::{Answer, Origin, Request};

/// Name of the endpoint that stands for "the internet is there".
pub const CONTROL: &str = "control.test";

/// How long the slow page takes.
const SLOW: Duration = Duration::from_secs(3);

/// The stage, running. Dropping it closes it.
#[derive(Debug)]
pub struct Stage {
    origin: Origin,
}

impl Stage {
    /// Starts it on a loopback port.
    ///
    /// # Panics
    /// When a fixture is missing.
    #[must_use]
    #[track_caller]
    pub fn open() -> Self {
        let all = exhibits();
        Self { origin: Origin::start(move |request| answer(&all, request)) }
    }

    /// Where an exhibit is.
    #[must_use]
    pub fn url(&self, exhibit: &Exhibit) -> String {
        self.origin.url(&exhibit.host(), exhibit.path())
    }

    /// The page to visit first, which makes the site's service worker at home in the browser; none for sites without one.
    #[must_use]
    pub fn front_page(&self, exhibit: &Exhibit) -> Option<String> {
        exhibit.worker.map(|_| self.origin.url(&exhibit.host(), "/"))
    }

    /// Every name that has to be this machine.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        exhibits().iter().map(Exhibit::host).chain([CONTROL.to_owned()]).collect()
    }

    /// Settings under which the extension asks nobody but this stage.
    #[must_use]
    pub fn settings(&self) -> Value {
        settings(&self.origin.url(CONTROL, "/generate_204"))
    }
}

/// Settings with one control endpoint, which answers 204 without a body.
#[must_use]
pub fn settings(control: &str) -> Value {
    json!({ "control": [{ "url": control, "status": 204, "body": "" }] })
}

/// The control endpoint's own answer.
#[must_use]
pub fn online() -> Answer {
    Answer::new(204, "No Content")
}

fn answer(all: &[Exhibit], request: &Request) -> Answer {
    let host = request.host();
    if host == CONTROL {
        return online();
    }
    let Some(exhibit) = all.iter().find(|e| e.host() == host) else { return Answer::new(404, "Not Found") };
    if let Some(answer) = exhibit.worker.and_then(|w| worker_site(w, request)) {
        return answer;
    }
    match (&exhibit.expected, exhibit.worker) {
        // What a worker makes up, it makes up before a site that is well.
        (Expected::Quiet, _) | (_, Some(Worker::MakesUp)) => Answer::fine("A page that works"),
        _ if exhibit.slow => exhibit.page().after(SLOW),
        _ => exhibit.page(),
    }
}
