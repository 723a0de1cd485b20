//! What every scenario starts from: a browser at rest, an internet that is there, and names for its servers.

use std::sync::Mutex;

use faultline_tests::browser::{Browser, Kind, Launch, Report, Shown};
use faultline_tests::servers::{Gateway, Origin, Product, Site, Upstream};
use faultline_tests::stage::{CONTROL, online, settings};
use faultline_tests::wait::wait_for;
use serde_json::{Value, json};

/// Most requests that a failing site may see of the extension before anybody clicks.
pub(crate) const MOST_REQUESTS: usize = 6;

/// Plays one scenario in a browser that may be another's before and after it, or `alone`, with a browser that it starts by itself.
macro_rules! play {
    ($kind:ident, $run:expr) => {
        $crate::scene::play(faultline_tests::browser::Kind::$kind, $run)
    };
    ($kind:ident, $run:expr, alone) => {
        $crate::scene::play_alone(faultline_tests::browser::Kind::$kind, $run)
    };
}

/// Declares each scenario as a test in both browsers, or in the one that is named.
macro_rules! scenarios {
    (chromium: $($name:ident $(: $alone:ident)? => $run:expr;)+) => {
        mod only_chromium {
            #[allow(unused_imports, reason = "a scenario may need nothing but its own name")]
            use super::*;
            $(#[test] fn $name() { play!(Chromium, $run $(, $alone)?) })+
        }
    };
    (firefox: $($name:ident $(: $alone:ident)? => $run:expr;)+) => {
        mod only_firefox {
            #[allow(unused_imports, reason = "a scenario may need nothing but its own name")]
            use super::*;
            $(#[test] fn $name() { play!(Firefox, $run $(, $alone)?) })+
        }
    };
    ($($name:ident $(: $alone:ident)? => $run:expr;)+) => {
        mod chromium {
            #[allow(unused_imports, reason = "a scenario may need nothing but its own name")]
            use super::*;
            $(#[test] fn $name() { play!(Chromium, $run $(, $alone)?) })+
        }
        mod firefox {
            #[allow(unused_imports, reason = "a scenario may need nothing but its own name")]
            use super::*;
            $(#[test] fn $name() { play!(Firefox, $run $(, $alone)?) })+
        }
    };
}

/// A browser and the names that it knows.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) browser: Browser,
    control: Origin,
    hosts: Vec<String>,
}

/// Plays a scenario in a browser of a kind that is free, or in a new one.
pub(crate) fn play(kind: Kind, scenario: impl FnOnce(&mut Scene)) {
    /// Those that are at rest.
    static FREE: [Mutex<Vec<Scene>>; 2] = [const { Mutex::new(Vec::new()) }; 2];
    let free = || FREE[usize::from(kind == Kind::Firefox)].lock().expect("nothing panics while it holds the lock");
    let taken = free().pop();
    let mut scene = taken.unwrap_or_else(|| Scene::start(Launch::new(kind)));
    scene.rest();
    scenario(&mut scene);
    // That of a scenario that failed has gone with it: nobody knows what was left behind.
    free().push(scene);
}

/// Plays a scenario that starts every browser itself.
pub(crate) fn play_alone(kind: Kind, scenario: impl FnOnce(Kind)) {
    scenario(kind);
}

impl Scene {
    /// A browser of the scenario's own.
    pub(crate) fn start(launch: Launch) -> Self {
        let control = Origin::start(|_| online());
        let browser = launch.hosts([CONTROL]).start();
        let scene = Self { browser, control, hosts: vec![CONTROL.to_owned()] };
        scene.browser.set_settings(&scene.settings());
        scene
    }

    fn rest(&mut self) {
        self.browser.tidy_up();
        self.browser.set_settings(&self.settings());
    }

    /// Settings under which the extension asks this machine alone.
    pub(crate) fn settings(&self) -> Value {
        settings(&self.control.url(CONTROL, "/generate_204"))
    }

    /// Those settings, with one more.
    pub(crate) fn set(&self, key: &str, value: Value) {
        let mut settings = self.settings();
        settings[key] = value;
        self.browser.set_settings(&settings);
    }

    /// The visitor is offline as far as the control endpoint tells.
    pub(crate) fn go_offline(&self) {
        let nobody = Upstream::with(faultline_tests::servers::Fault::Refuses);
        self.set("control", json!([{ "url": format!("http://{CONTROL}:{}/", nobody.port()), "status": 204, "body": "" }]));
    }

    /// Makes `host` a name of this machine.
    pub(crate) fn name(&mut self, host: &str) {
        if !self.hosts.iter().any(|h| h == host) {
            self.hosts.push(host.to_owned());
            self.browser.map_hosts(&self.hosts);
        }
    }

    /// A real gateway for one site.
    pub(crate) fn gateway(&mut self, product: Product, site: Site) -> Gateway {
        self.name(&site.host);
        Gateway::start(product, &[site])
    }

    /// Visits a page that fails, and waits for the popup with the verdict.
    pub(crate) fn verdict_on(&self, url: &str) -> Shown {
        // The popup of an earlier page would otherwise stay until this page is there.
        self.browser.close_popup();
        self.browser.visit(url);
        self.verdict_of(url)
    }

    /// Waits for the popup with the verdict on a page that is being visited, and holds it against the report.
    pub(crate) fn verdict_of(&self, url: &str) -> Shown {
        let shown = self.browser.verdict();
        self.agrees(&shown, url);
        shown
    }

    /// Holds what is shown against the report on `url`.
    pub(crate) fn agrees(&self, shown: &Shown, url: &str) {
        let report = self.browser.report(&shown.case);
        let host = url.split('/').nth(2).unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        assert!(report.text("/page/url").contains(host), "a report on {} in place of {url}", report.text("/page/url"));
        agree(shown, &report);
    }
}

/// Popup and report say the same.
fn agree(shown: &Shown, report: &Report) {
    let status = report.number("/response/status").map(|n| n.to_string()).unwrap_or_default();
    let producer = if report.0["producer"].is_null() { "unknown" } else { report.text("/producer/id") };
    let pairs = [
        ("state", shown.state.as_str(), report.text("/state")),
        ("status", &shown.status, &status),
        ("producer", &shown.producer, producer),
        ("failure", &shown.failure, report.text("/failure/kind")),
        ("side", &shown.side, report.text("/verdict/side")),
        ("place", &shown.place, report.text("/verdict/place")),
    ];
    for (name, popup, reported) in pairs {
        assert_eq!(popup, reported, "{name}: the popup and the report differ");
    }
    let reasons = report.0.pointer("/verdict/reasons").and_then(Value::as_array).map_or(0, Vec::len);
    assert!(reasons > 0, "a verdict without a reason");
}

/// Waits until a server has been asked so often for a target.
pub(crate) fn wait_for_hits(origin: &Origin, target: &str, hits: usize) {
    wait_for(&format!("{hits} requests for {target}"), || {
        let now = origin.hits(target);
        if now >= hits { Ok(()) } else { Err(format!("{now}")) }
    });
}
