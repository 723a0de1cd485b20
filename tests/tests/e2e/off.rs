//! Really off: the page without the other extensions, in Chromium, which lets one extension turn off others.

use std::collections::BTreeMap;
use std::path::PathBuf;

use faultline_tests::browser::{Browser, Kind, Launch, Shown};
use faultline_tests::servers::{Answer, Origin, Request};
use faultline_tests::wait::wait_for;

use crate::scene::Scene;

/// A small extension of `tests/extensions`.
pub(crate) fn other(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/extensions")).join(name)
}

/// Chromium with these extensions beside ours, which may manage them.
pub(crate) fn beside(names: &[&str]) -> Scene {
    let launch = Launch::new(Kind::Chromium).granted("management");
    Scene::start(names.iter().fold(launch, |launch, name| launch.beside(other(name))))
}

/// Names of all extensions, and whether they are on.
pub(crate) fn states(browser: &Browser) -> BTreeMap<String, bool> {
    let list = browser.api("return (await api.management.getAll()).map(e => [e.name, e.enabled])", &[]);
    let pairs = list.as_array().map(Vec::as_slice).unwrap_or_default().iter();
    pairs.map(|p| (p[0].as_str().unwrap_or_default().to_owned(), p[1] == true)).collect()
}

/// Waits until the panel of the open popup is in a state, and gives what it says.
pub(crate) fn wait_for_panel(browser: &Browser, state: &str) -> String {
    wait_for(&format!("the panel to be {state}"), || {
        let panel = "(p => p && [p.dataset.test, p.innerText])(document.querySelector('[data-test]'))";
        let now = browser.in_popup(panel)?;
        if now[0] == state { Ok(now[1].as_str().unwrap_or_default().to_owned()) } else { Err(now.to_string()) }
    })
}

/// From the popup on screen to the end of the test: three clicks at most, as a visitor makes them.
pub(crate) fn test_without(browser: &Browser) -> (String, Shown) {
    browser.click_in_popup("[data-do=off]");
    wait_for_panel(browser, "offered");
    browser.click_in_popup("[data-do=off-begin]");
    let said = wait_for_panel(browser, "ended");
    (said, browser.popup().expect("the popup is open"))
}

/// The page that `answer` makes, in the browser of `scene`, tested where the popup offers it.
fn tested(scene: &mut Scene, host: &str, answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> (String, Shown) {
    scene.name(host);
    let origin = Origin::start(answer);
    let before = states(&scene.browser);
    let url = origin.url(host, "/page");
    let shown = scene.verdict_on(&url);
    assert_ne!(shown.side, "site", "{shown:?}");
    let (said, shown) = test_without(&scene.browser);
    as_it_was(scene, &before);
    (said, shown)
}

/// The same from the details page, where it is offered whatever the verdict.
fn tested_anyway(scene: &mut Scene, host: &str, answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> (String, Shown) {
    scene.name(host);
    let origin = Origin::start(answer);
    let before = states(&scene.browser);
    let shown = scene.verdict_on(&origin.url(host, "/page"));
    scene.browser.close_popup();
    let failed = scene.browser.tab();
    scene.browser.open_tab();
    scene.browser.visit(&format!("{}extension/details.html#{}", scene.browser.extension_origin(), shown.case));
    let panel = |state: &str| {
        wait_for(&format!("the panel to be {state}"), || {
            let now = scene
                .browser
                .try_run("const p = document.querySelector('[data-test]'); return [p?.dataset.test, p?.innerText]", &[])?;
            if now[0] == state { Ok(now[1].as_str().unwrap_or_default().to_owned()) } else { Err(now.to_string()) }
        })
    };
    panel("idle");
    scene.browser.click("[data-do=off]");
    panel("offered");
    scene.browser.click("[data-do=off-begin]");
    let said = panel("ended");
    let facts =
        scene.browser.run("const r = document.getElementById('faultline'); return { ...r.dataset, text: r.innerText }", &[]);
    scene.browser.show(&failed);
    as_it_was(scene, &before);
    (said, serde_json::from_value(facts).expect("the facts of a case"))
}

fn as_it_was(scene: &Scene, before: &BTreeMap<String, bool>) {
    assert_eq!(states(&scene.browser), *before, "not everything is as it was");
    let ledger = scene.browser.api("return (await api.storage.local.get('off')).off ?? null", &[]);
    assert_eq!(ledger, serde_json::Value::Null, "the ledger stayed");
}

fn broken_if(broken: bool) -> Answer {
    if broken { Answer::new(502, "Bad Gateway").html("<title>502</title><h1>It broke</h1>") } else { Answer::fine("All is well") }
}

scenarios! { chromium:
    one_that_adds_a_header => |_scene| {
        let mut own = beside(&["harmless", "adds-a-header", "bystander"]);
        let (said, shown) = tested(&mut own, "picky.test", |r| broken_if(r.header("x-added").is_some()));
        assert!(said.contains("Adds a header 1.0"), "{said}");
        assert_eq!(shown.verdict(), ("yours", "extension"), "{shown:?}");
        assert!(shown.text.contains("Adds a header"), "{shown:?}");
        let report = own.browser.report(&shown.case);
        assert!(!report.0.to_string().contains("Adds a header"), "the report for the site names somebody's extension");
    };
    nobody_is_blamed_for_a_site_that_is_down => |_scene| {
        let mut own = beside(&["harmless", "bystander"]);
        let (said, shown) = tested_anyway(&mut own, "down.test", |_| broken_if(true));
        assert!(said.contains("not an extension"), "{said}");
        assert_eq!(shown.side, "site", "{shown:?}");
    };
}
