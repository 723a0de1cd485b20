//! The test without other extensions in each of its states, which needs other extensions beside ours and pages that hang.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use faultline_tests::browser::{Kind, Launch};
use faultline_tests::servers::{Answer, Gate, Origin};
use faultline_tests::stage::fixture;
use faultline_tests::wait::{DEADLINE, try_for};

use super::{Album, Outcome};

/// The site that fails for whoever has an extension that adds a header.
const HOST: &str = "picky.test";

/// Names of the pictures in the order in which they are taken, by browser.
const IN_CHROMIUM: [&str; 7] =
    ["off-offered", "off-running", "off-back", "off-stopped", "off-found", "off-interrupted", "off-stuck"];
const IN_FIREFOX: [&str; 2] = ["off-list", "off-by-hand"];

/// From here on every switch waits, until `faultlineGo()`.
const HOLD: &str = "(() => {
    const real = chrome.management.setEnabled.bind(chrome.management), waiting = [];
    globalThis.faultlineGo = () => { chrome.management.setEnabled = real; waiting.forEach((go) => go()) };
    chrome.management.setEnabled = async (id, on) => { await new Promise((go) => waiting.push(go)); return real(id, on) };
    return true;
})()";

/// Whether a picture of this module is wanted.
pub(super) fn is_wanted(only: &str) -> bool {
    IN_CHROMIUM.iter().chain(&IN_FIREFOX).any(|name| name.contains(only))
}

/// A browser with others beside us, and leave to manage them.
pub(super) fn launch(launch: Launch) -> Launch {
    let other = |name: &str| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/extensions")).join(name);
    let launch = launch.hosts([HOST]).beside(other("adds-a-header")).beside(other("bystander"));
    match launch.kind() {
        Kind::Chromium => launch.granted("management"),
        Kind::Firefox => launch.pref("extensions.webextOptionalPermissionPrompts", false),
    }
}

/// Every state, and how its picture went.
pub(super) fn fill(album: &Album<'_>) -> Vec<(&'static str, Outcome)> {
    album.browser.set_settings(&album.stage.settings());
    let (gate, hangs) = (Gate::shut(), Arc::new(AtomicBool::new(false)));
    let (held, is_held) = (gate.clone(), Arc::clone(&hangs));
    let site = Origin::start(move |r| {
        let added = r.header("x-added").is_some();
        let answer = if added { fixture("nginx/502-refused") } else { Answer::fine("A page that works") };
        if is_held.load(Ordering::SeqCst) && !added { answer.behind(&held) } else { answer }
    });
    let room = Room { album, site: &site, hangs: &hangs };
    let mut all = Vec::new();
    let took = match album.browser.kind() {
        Kind::Chromium => room.in_chromium(&mut all),
        Kind::Firefox => room.in_firefox(&mut all),
    };
    gate.open();
    if let Err(why) = took {
        all.push(("off", Err(why)));
    }
    all
}

struct Room<'a> {
    album: &'a Album<'a>,
    site: &'a Origin,
    hangs: &'a AtomicBool,
}

type Taken = Vec<(&'static str, Outcome)>;

impl Room<'_> {
    fn in_chromium(&self, all: &mut Taken) -> Outcome {
        let browser = &self.album.browser;
        let [offered, running, back, stopped, found, interrupted, stuck] = IN_CHROMIUM;
        // Each page has a case of its own.
        self.fail("/stopped")?;
        browser.click_in_popup("[data-do=off]");
        self.panel("offered")?;
        self.popup(offered, all);
        self.hangs.store(true, Ordering::SeqCst);
        browser.click_in_popup("[data-do=off-begin]");
        self.panel("running")?;
        self.all_off()?;
        self.popup(running, all);
        try_for(DEADLINE, || browser.in_background(HOLD))?;
        browser.click_in_popup("[data-do=off-cancel]");
        self.panel("back")?;
        self.popup(back, all);
        browser.in_background("faultlineGo(), true")?;
        self.panel("ended")?;
        self.popup(stopped, all);
        self.hangs.store(false, Ordering::SeqCst);

        self.fail("/found")?;
        browser.click_in_popup("[data-do=off]");
        self.panel("offered")?;
        browser.click_in_popup("[data-do=off-begin]");
        self.panel("ended")?;
        self.popup(found, all);

        let case = self.fail("/interrupted")?;
        browser.close_popup();
        browser.open_tab();
        browser.open_page(&format!("details.html#{case}"));
        for name in [interrupted, stuck] {
            self.sheet(&["idle", "ended"])?;
            browser.click("[data-do=off]");
            self.sheet(&["offered"])?;
            self.hangs.store(true, Ordering::SeqCst);
            browser.click("[data-do=off-begin]");
            self.sheet(&["running"])?;
            self.all_off()?;
            if name == interrupted {
                browser.stop_background();
                self.sheet(&["ended"])?;
            } else {
                // As if the visitor had withdrawn it: the browsers of this harness have it for good.
                browser.in_background("chrome.permissions.contains = async () => false, true")?;
                browser.click("[data-do=off-cancel]");
                self.is_there("!!document.querySelector('.fl-banner [data-do=off-again]')")?;
            }
            self.hangs.store(false, Ordering::SeqCst);
            all.push((name, self.album.keep(name, &browser.picture())));
        }
        Ok(())
    }

    fn in_firefox(&self, all: &mut Taken) -> Outcome {
        let [list, by_hand] = IN_FIREFOX;
        self.fail("/page")?;
        self.album.browser.click_in_popup("[data-do=off]");
        self.panel("offered")?;
        self.popup(list, all);
        self.album.browser.click_in_popup("[data-do=private]");
        let asks = "!!document.querySelector('[data-private=by-hand]')";
        try_for(DEADLINE, || if self.album.browser.in_popup(asks)? == true { Ok(()) } else { Err("not asked".to_owned()) })?;
        self.popup(by_hand, all);
        Ok(())
    }

    /// The failing page with its verdict in the popup. Gives the id of the case.
    fn fail(&self, path: &str) -> Result<String, String> {
        let browser = &self.album.browser;
        browser.close_popup();
        browser.visit(&self.site.url(HOST, path));
        try_for(DEADLINE, || {
            let shown = browser.popup()?;
            if shown.state == "done" { Ok(shown.case) } else { Err(format!("no verdict: {shown:?}")) }
        })
    }

    fn panel(&self, state: &str) -> Outcome {
        try_for(DEADLINE, || {
            let now = self.album.browser.in_popup("document.querySelector('[data-test]')?.dataset.test")?;
            if now == state { Ok(()) } else { Err(format!("the panel is {now}, not {state}")) }
        })
    }

    fn sheet(&self, states: &[&str]) -> Outcome {
        try_for(DEADLINE, || {
            let now = self.album.browser.try_run("return document.querySelector('[data-test]')?.dataset.test", &[])?;
            if states.iter().any(|state| now == *state) { Ok(()) } else { Err(format!("the panel is {now}, not {states:?}")) }
        })
    }

    fn is_there(&self, what: &str) -> Outcome {
        try_for(DEADLINE, || {
            let there = self.album.browser.try_run(&format!("return {what}"), &[])?;
            if there == true { Ok(()) } else { Err(format!("never: {what}")) }
        })
    }

    fn all_off(&self) -> Outcome {
        try_for(DEADLINE, || {
            let off = "return (await api.management.getAll()).filter(e => !e.enabled).length";
            let off = self.album.browser.try_api(off, &[])?;
            if off == 2 { Ok(()) } else { Err(format!("{off} of 2 are off")) }
        })
    }

    fn popup(&self, name: &'static str, all: &mut Taken) {
        if self.album.wants(name) {
            all.push((name, self.album.keep(name, &self.album.browser.popup_picture())));
        }
    }
}
