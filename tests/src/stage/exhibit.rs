//! What is on show, and what the extension has to say of it.

use super::{Worker, fixture};
use crate::servers::Answer;

/// What must come of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// A popup with this verdict.
    Verdict {
        /// Id of the producer, or `unknown`.
        producer: &'static str,
        /// Failure kind.
        failure: &'static str,
        /// Side.
        side: &'static str,
        /// Place.
        place: &'static str,
    },
    /// Nothing at all.
    Quiet,
}

/// One page of the show.
#[derive(Debug, Clone)]
pub struct Exhibit {
    /// Short name, also of its host.
    pub name: &'static str,
    /// What must come of it.
    pub expected: Expected,
    /// Whether its answer takes its time.
    pub(super) slow: bool,
    fixture: &'static str,
    pub(super) worker: Option<Worker>,
    header: Option<(&'static str, &'static str)>,
}

impl Exhibit {
    const fn new(
        name: &'static str,
        fixture: &'static str,
        producer: &'static str,
        failure: &'static str,
        side: &'static str,
        place: &'static str,
    ) -> Self {
        Self {
            name,
            fixture,
            expected: Expected::Verdict { producer, failure, side, place },
            slow: false,
            worker: None,
            header: None,
        }
    }

    const fn slow(mut self) -> Self {
        self.slow = true;
        self
    }

    const fn with_worker(mut self, worker: Worker) -> Self {
        self.worker = Some(worker);
        self
    }

    const fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }

    /// The name of its site. Every page of a site fails alike; but a site with a worker has a front page that works.
    #[must_use]
    pub fn host(&self) -> String {
        format!("{}.{}", self.name, if self.worker.is_some() { "localhost" } else { "test" })
    }

    /// Where on its site it is.
    #[must_use]
    pub fn path(&self) -> &'static str {
        "/page"
    }

    #[track_caller]
    pub(super) fn page(&self) -> Answer {
        let page = fixture(self.fixture);
        self.header.map_or_else(|| page.clone(), |(name, value)| page.clone().header(name, value))
    }
}

/// Every page of the show, in the order of the visit.
#[must_use]
pub fn exhibits() -> Vec<Exhibit> {
    vec![
        Exhibit::new("nginx-502", "nginx/502-refused", "nginx", "refused", "site", "app"),
        Exhibit::new("apache-503", "apache-httpd/503-refused", "apache-httpd", "refused", "site", "app"),
        Exhibit::new("apache-proxy-error", "apache-mod-proxy/502-closed", "apache-mod-proxy", "reset", "site", "app"),
        Exhibit::new("haproxy-503", "haproxy/503-no-server", "haproxy", "no-backend", "site", "app"),
        Exhibit::new("varnish-503", "varnish/503-refused", "varnish", "refused", "site", "app"),
        Exhibit::new("cloudflare-502", "cloudflare/502", "cloudflare", "unknown", "site", "gateway"),
        Exhibit::new("cloudflare-own", "cloudflare/own-502", "cloudflare", "unknown", "site", "edge"),
        Exhibit::new("cloudflare-522", "cloudflare/522", "cloudflare", "timeout", "site", "gateway"),
        Exhibit::new("google-502", "google-gfe-robot/502", "google-gfe-robot", "unknown", "site", "edge"),
        Exhibit::new("empty-body", "caddy/502-refused", "caddy", "refused", "site", "app"),
        Exhibit::new("slow-504", "nginx/504-silent", "nginx", "timeout", "site", "app").slow(),
        Exhibit::new("retry-after", "nginx/503-return", "nginx", "overloaded", "site", "gateway").with("Retry-After", "120"),
        Exhibit::new("worker-makes-up", "nginx/502-refused", "unknown", "unknown", "yours", "service-worker")
            .with_worker(Worker::MakesUp),
        Exhibit::new("worker-passes-on", "nginx/502-refused", "nginx", "refused", "yours", "device")
            .with_worker(Worker::PassesOn),
        Exhibit { expected: Expected::Quiet, ..Exhibit::new("works", "", "", "", "", "") },
    ]
}
