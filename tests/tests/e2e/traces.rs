//! What stays behind: of a load that is over, of a background that was stopped, of an extension that is gone. And what is woken for nothing.

use faultline_tests::browser::Launch;
use faultline_tests::servers::{Answer, Gate, Origin};
use faultline_tests::stage::fixture;
use faultline_tests::wait::{at_rest, wait_for};
use serde_json::json;

use crate::scene::Scene;

/// How many cards the page carries; their inside is closed to it.
const CARDS: &str = "return [...document.documentElement.children].filter(e => e.style.zIndex === '2147483647').length";

/// What was written down of loads that last.
const STARTS: &str = "return Object.keys(await api.storage.session.get()).filter(key => key.startsWith('start:'))";

/// Whether the page of ours in front shows a verdict.
const DONE: &str = "return document.querySelector('#faultline[data-state=done]') !== null";

scenarios! {
    a_page_that_nobody_looks_at_wakes_nothing => |scene| {
        let (_origin, url) = fails(scene, "idle.test");
        let shown = scene.verdict_on(&url);
        scene.browser.close_popup();
        scene.browser.open_page(&format!("details.html#{}", shown.case));
        scene.browser.keep_background();
        wait_for("the verdict on the page", || match scene.browser.try_run(DONE, &[])? {
            done if done == true => Ok(()),
            _ => Err("none".to_owned()),
        });
        // Whoever looks at it wakes the background, and not the core for what is on screen already.
        assert!(comes_back(scene), "nobody hears the page");
        assert!(!scene.browser.core_is_loaded(), "the core was loaded for an answer that is there");
        let details = scene.browser.tab();
        scene.browser.open_tab();
        wait_for("the page to be hidden", || match scene.browser.try_api(HIDDEN, &[])? {
            hidden if hidden == true => Ok(()),
            hidden => Err(hidden.to_string()),
        });
        assert!(!comes_back(scene), "woken by a page that nobody looks at");
        scene.browser.show(&details);
        wait_for("the page to be heard again", || if scene.browser.background_runs() { Ok(()) } else { Err("asleep".to_owned()) });
    };
    a_popup_that_comes_up_over_another_tab_goes_again: alone => |kind| {
        let mut own = Scene::start(Launch::new(kind));
        let (origin, url) = fails(&mut own, "elsewhere.test");
        let well = origin.url("elsewhere.test", "/well");
        own.browser.visit(&well);
        own.browser.arrive(&well);
        let tab = own.browser.api("return (await api.tabs.query({})).find(tab => tab.url === arguments[0]).id", &[json!(well)]);
        let other = own.browser.tab();
        let failing = own.browser.open_tab();
        own.browser.keep_background();
        // The visitor turns to another tab between our look and the popup. Firefox opens none while it changes from tab to tab.
        let turn = "(() => {
            const open = chrome.action.openPopup;
            chrome.action.openPopup = async (options) => {
              chrome.action.openPopup = open;
              await chrome.tabs.update(TAB, { active: true });
              await new Promise(done => setTimeout(done, 300));
              try { await open.call(chrome.action, options) } finally { await chrome.storage.session.set({ turned: true }) }
            };
            return true;
          })()";
        assert_eq!(own.browser.in_background(&turn.replace("TAB", &tab.to_string())), Ok(json!(true)));
        own.browser.visit(&url);
        // One that goes at once is never drawn in Firefox, and not opened in Chromium.
        wait_for("the popup to have been asked for", || {
            match own.browser.try_api("return (await api.storage.session.get('turned')).turned === true", &[])? {
                turned if turned == true => Ok(()),
                _ => Err("not yet".to_owned()),
            }
        });
        let open = at_rest(25, |open| open == "false", || Ok(own.browser.popup_is_open().to_string()));
        assert_eq!(open.as_deref(), Ok("false"), "it stays over a page that is well");
        own.browser.show(&other);
        own.browser.show(&failing);
        let shown = own.verdict_of(&url);
        assert_eq!(shown.side, "site", "{shown:?}");
    };
    a_slow_load_leaves_nothing_behind => |scene| {
        scene.name("slow.test");
        let gate = Gate::shut();
        let held = gate.clone();
        let origin = Origin::start(move |r| match r.target.as_str() {
            "/slow" => Answer::fine("At last").behind(&held),
            _ => fixture("nginx/502-refused"),
        });
        scene.browser.keep_background();
        scene.verdict_on(&origin.url("slow.test", "/page"));
        // Whatever lasts is written down at once.
        let hurry = "(() => { const wait = setTimeout; globalThis.setTimeout = (f, ms, ...rest) => wait(f, ms === 15_000 ? 0 : ms, ...rest); return true })()";
        assert_eq!(scene.browser.in_background(hurry), Ok(json!(true)));
        let slow = origin.url("slow.test", "/slow");
        scene.browser.visit(&slow);
        wait_for("the load to be written down", || match scene.browser.try_api(STARTS, &[])? {
            starts if starts == json!([]) => Err("nothing".to_owned()),
            _ => Ok(()),
        });
        gate.open();
        scene.browser.arrive(&slow);
        wait_for("nothing to be written down", || match scene.browser.try_api(STARTS, &[])? {
            starts if starts == json!([]) => Ok(()),
            starts => Err(starts.to_string()),
        });
        scene.browser.stop_background();
    };
}

// Firefox has no such rules of ours, and takes everything that runs in pages along with an extension.
scenarios! { chromium:
    a_card_goes_with_its_extension: alone => |kind| {
        let mut own = Scene::start(Launch::new(kind));
        own.set("show", json!("card"));
        let (_origin, url) = fails(&mut own, "orphan.test");
        own.browser.visit(&url);
        wait_for("the card with a verdict", || match own.browser.card()? {
            card if card.state == "done" => Ok(()),
            card => Err(format!("{card:?}")),
        });
        assert_eq!(own.browser.run(CARDS, &[]), 1);
        own.browser.keep_background();
        // As an update does. The answer goes with the background that would give it.
        let _ = own.browser.in_background("setTimeout(() => chrome.runtime.reload())");
        wait_for("the card to go", || match own.browser.try_run(CARDS, &[])? {
            cards if cards == 0 => Ok(()),
            cards => Err(cards.to_string()),
        });
    };
    a_rule_that_a_stopped_background_has_left_goes => |scene| {
        let (_origin, url) = fails(scene, "dressed.test");
        let rule = "const condition = { urlFilter: '|https://dressed.test/|', initiatorDomains: [api.runtime.id], resourceTypes: ['other'] };
            const action = { type: 'modifyHeaders', requestHeaders: [{ header: 'sec-fetch-mode', operation: 'set', value: 'navigate' }] };
            await api.declarativeNetRequest.updateSessionRules({ addRules: [{ id: 3, action, condition }] })";
        scene.browser.api(rule, &[]);
        scene.browser.visit("about:blank");
        if scene.browser.background_runs() {
            scene.browser.stop_background();
        }
        scene.verdict_on(&url);
        assert_eq!(scene.browser.api("return await api.declarativeNetRequest.getSessionRules()", &[]), json!([]));
    };
}

/// Whether the details page, and no other of ours, is hidden.
const HIDDEN: &str = "const tabs = await api.tabs.query({ url: `${api.runtime.getURL('')}extension/details.html*` });
    return tabs.length === 1 && !tabs[0].active";

/// Stops the background, and tells whether one runs when a page that wants it back has had the time to call it.
fn comes_back(scene: &Scene) -> bool {
    scene.browser.stop_background();
    let runs = || Ok(scene.browser.background_runs().to_string());
    at_rest(75, |_| true, runs).expect("it runs or it does not") == "true"
}

/// A site of which one page fails and another does not.
fn fails(scene: &mut Scene, host: &str) -> (Origin, String) {
    scene.name(host);
    let origin = Origin::start(|r| match r.target.as_str() {
        "/well" => Answer::fine("All is well"),
        _ => fixture("nginx/502-refused"),
    });
    let url = origin.url(host, "/page");
    (origin, url)
}
