//! Every state of a case, wherever it is shown: nothing in anybody's way, in the light and in the dark.

use faultline_tests::browser::{Browser, Kind, Launch, Shown};
use faultline_tests::servers::{Answer, Gate, Origin};
use faultline_tests::stage::fixture;
use faultline_tests::wait::wait_for;
use serde_json::json;

use crate::off::{broken_if, other, start, wait_for_panel, wait_for_sheet};
use crate::pages::wait_until;
use crate::scene::Scene;

/// The host of each case, its state and its side. Each has a tone of its own.
const STATES: [(&str, &str, &str); 5] = [
    ("held.test", "checking", "site"),
    ("down.test", "done", "site"),
    ("brief.test", "done", "passed"),
    ("guarded.test", "done", "unclear"),
    ("localhost", "done", "yours"),
];

/// Sites that bring each state about. The questions about `held.test` wait at the gate.
fn sites(gate: &Gate) -> Origin {
    let held = gate.clone();
    Origin::start(move |r| match (r.host(), r.target.as_str(), r.earlier) {
        (_, "/page", 0) | ("down.test" | "localhost", ..) => fixture("nginx/502-refused"),
        ("held.test", ..) => fixture("nginx/502-refused").behind(&held),
        // It fails for whatever is no page load, and with another number: that proves nothing.
        ("guarded.test", ..) if r.header("upgrade-insecure-requests").is_none() => {
            Answer::new(500, "Internal Server Error").html("<h1>No</h1>")
        }
        _ => Answer::fine("All is well"),
    })
}

/// Goes through all states and has `look` look at each.
fn each_state(scene: &mut Scene, shown: fn(&Browser) -> Result<Shown, String>, look: impl Fn(&Browser, &str, &Shown)) {
    let gate = Gate::shut();
    let sites = sites(&gate);
    for (host, state, side) in STATES {
        scene.name(host);
        scene.browser.close_popup();
        scene.browser.visit(&sites.url(host, "/page"));
        let shown = wait_for(&format!("{state}, {side} for {host}"), || {
            let shown = shown(&scene.browser)?;
            if shown.state == state && shown.side == side { Ok(shown) } else { Err(format!("{shown:?}")) }
        });
        look(&scene.browser, &format!("{state}, {side}"), &shown);
    }
    gate.open();
}

#[track_caller]
fn none(found: &[String], place: &str, state: &str) {
    assert!(found.is_empty(), "{place}, {state}: {}", found.join("\n"));
}

/// The popup over the page, and the details in a tab beside it.
fn popup_and_details(scene: &mut Scene) {
    each_state(scene, Browser::popup, |browser, state, shown| {
        none(&browser.barriers_in_popup(), "popup", state);
        let sure = browser.in_popup("document.querySelector('.fl-sure').textContent").expect("the popup is open");
        // Nobody is half sure of not knowing.
        assert_eq!(sure == "", shown.side == "unclear", "how sure it is, {state}: {sure}");
        browser.close_popup();
        let page = browser.tab();
        browser.open_tab();
        browser.open_page(&format!("details.html#{}", shown.case));
        wait_until(browser, &format!("document.querySelector('[data-state={}][data-side={}]')", shown.state, shown.side));
        assert_eq!(
            browser.run("return document.querySelector('.fl-sure').textContent", &[]),
            sure,
            "as sure as the popup, {state}"
        );
        let drawn = browser.run(
            "return [...document.querySelectorAll('.fl-span-bar')].filter(b => b.getBoundingClientRect().width > 0).length",
            &[],
        );
        assert!(
            shown.state != "done" || drawn.as_u64() >= Some(3),
            "the visit and its checks on one time line, {state}: {drawn}"
        );
        browser.run("document.querySelectorAll('details').forEach(d => { d.open = true })", &[]);
        none(&browser.barriers(), "details", state);
        browser.close_tab(&page);
    });
}

fn card(scene: &mut Scene, dark: bool) {
    scene.set("show", json!("card"));
    each_state(scene, Browser::card, |browser, state, _| {
        none(&browser.barriers_in_card(), "card", state);
        // Whatever the page in which it stands.
        let paper = browser.in_card("getComputedStyle(root.parentNode).backgroundColor");
        assert_eq!(paper.map(|colour| colour == "rgb(255, 255, 255)"), Ok(!dark), "card, {state}");
    });
}

/// A test without the other extensions: offered, under way and over, in the popup and on the details page.
fn trial(launch: Launch) {
    let mut scene = start(launch.granted("management").beside(other("adds-a-header")).beside(other("bystander")));
    let gate = Gate::shut();
    let held = gate.clone();
    let origin = Origin::start(move |r| {
        let answer = broken_if(r.header("x-added").is_some());
        match (r.target.as_str(), r.header("sec-fetch-dest")) {
            ("/other", _) => answer,
            ("/page", Some("document")) if r.earlier > 0 => answer.behind(&held),
            _ => broken_if(true),
        }
    });
    scene.name("tested.localhost");
    let shown = scene.verdict_on(&origin.url("tested.localhost", "/page"));
    let browser = &scene.browser;
    browser.close_popup();
    browser.open_tab();
    browser.open_page(&format!("details.html#{}", shown.case));
    wait_for_sheet(browser, "idle");
    browser.click("[data-do=off]");
    wait_for_sheet(browser, "offered");
    none(&browser.barriers(), "details", "offered");
    browser.click("[data-do=off-begin]");
    wait_for("the page without them", || if gate.arrivals() > 0 { Ok(()) } else { Err("not yet".to_owned()) });
    wait_until(browser, "document.querySelector('.fl-banner')");
    none(&browser.barriers(), "details", "under way");
    gate.open();
    wait_for_sheet(browser, "ended");
    none(&browser.barriers(), "details", "over");
    browser.open_tab();
    scene.name("offered.localhost");
    scene.verdict_on(&origin.url("offered.localhost", "/other"));
    let browser = &scene.browser;
    browser.click_in_popup("[data-do=off]");
    wait_for_panel(browser, "offered");
    none(&browser.barriers_in_popup(), "popup", "offered");
}

scenarios! { chromium:
    no_test_of_the_other_extensions_stands_in_anybodys_way: alone => |_kind| trial(Launch::new(Kind::Chromium));
    nor_does_one_in_the_dark: alone => |_kind| trial(Launch::new(Kind::Chromium).dark());
}

scenarios! {
    none_of_popup_and_details_stands_in_anybodys_way => popup_and_details;
    nor_in_the_dark: alone => |kind| popup_and_details(&mut Scene::start(Launch::new(kind).dark()));
    no_card_stands_in_anybodys_way => |scene| card(scene, false);
    nor_does_a_card_in_the_dark: alone => |kind| card(&mut Scene::start(Launch::new(kind).dark()), true);
}
