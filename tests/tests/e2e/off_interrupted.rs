//! A test of the other extensions that does not come to its end: everything is on again that was, and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use faultline_tests::browser::{Browser, Kind, Launch};
use faultline_tests::servers::{Gate, Origin};
use faultline_tests::wait::wait_for;
use serde_json::Value;

use crate::off::{begin_from_details, broken_if, other, start, states, wait_for_sheet};
use crate::scene::Scene;

/// How the page does, load by load: without any, with all, without the first of two, without the second, with all. So the first is the culprit.
const LOADS: [bool; 5] = [true, false, true, false, false];

/// Chromium with two extensions in its profile that are on, one that is off, and the visitor's leave to manage them.
fn launch() -> Launch {
    let quiet = Launch::new(Kind::Chromium).welcome().flag("--hide-crash-restore-bubble");
    quiet.beside(other("adds-a-header")).beside(other("bystander")).asleep(other("asleep")).granted("management")
}

/// Holds every switch from the one with this number on, until `faultlineGo()`.
fn hold_switches(browser: &Browser, from: usize) {
    let hold = format!(
        "(() => {{
          const real = chrome.management.setEnabled.bind(chrome.management), waiting = [];
          let n = 0, open = false;
          globalThis.faultlineHeld = () => waiting.length;
          globalThis.faultlineGo = () => {{ open = true; waiting.forEach((go) => go()) }};
          chrome.management.setEnabled = async (id, on) => {{
            if (n++ >= {from} && !open) await new Promise((go) => waiting.push(go));
            return real(id, on);
          }};
          return true;
        }})()"
    );
    wait_for("the switches to be held", || browser.in_background(&hold));
}

fn wait_for_states(browser: &Browser, what: &str, wanted: &BTreeMap<String, bool>) {
    wait_for(what, || {
        let now = states(browser);
        if now == *wanted { Ok(()) } else { Err(format!("{now:?}")) }
    });
}

/// Where the browser is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kill {
    /// Before the switch with this number: 0 and 1 turn both off, 2 and 3 on again, 4 to 7 are the halves.
    At(usize),
    /// The page is being loaded without any, and the disk knows that they are off.
    Loading,
    /// Everything is on again, and the disk does not know it yet.
    Ended,
}

const KILLS: [Kill; 7] = [Kill::At(0), Kill::At(1), Kill::Loading, Kill::At(3), Kill::At(4), Kill::At(7), Kill::Ended];

/// A page that does as [`LOADS`] says once `loads` counts from 1; the load with number `held` waits at the gate.
fn page(loads: &Arc<AtomicUsize>, held: usize, gate: &Gate) -> Origin {
    let (loads, gate) = (Arc::clone(loads), gate.clone());
    Origin::start(move |r| {
        if r.target != "/page" || r.header("sec-fetch-dest") != Some("document") {
            return broken_if(true);
        }
        let load = loads.fetch_add(1, Ordering::SeqCst);
        let answer = broken_if(!load.checked_sub(1).and_then(|n| LOADS.get(n)).copied().unwrap_or(false));
        if load == held { answer.behind(&gate) } else { answer }
    })
}

scenarios! { chromium:
    killed_at_any_step_it_has_everything_as_it_was_at_its_next_start: alone => |_kind| {
        let mut scene = start(launch());
        let before = states(&scene.browser);
        let wanted = [("Adds a header", true), ("Asleep", false), ("Bystander", true)];
        assert!(wanted.iter().all(|(name, on)| before.get(*name) == Some(on)), "{before:?}");
        for kill in KILLS {
            let gate = Gate::shut();
            let loads = Arc::new(AtomicUsize::new(0));
            let origin = page(&loads, if kill == Kill::Loading { 1 } else { usize::MAX }, &gate);
            let shown = scene.verdict_on(&origin.url("killed.localhost", "/page"));
            hold_switches(&scene.browser, match kill { Kill::At(n) => n, Kill::Loading => 8, Kill::Ended => 5 });
            begin_from_details(&scene.browser, &shown.case);
            match kill {
                Kill::Loading => {
                    wait_for("the page to be loaded", || if gate.arrivals() > 0 { Ok(()) } else { Err("not yet".to_owned()) });
                    // Chromium writes down what is off within some seconds; a crash before that loses it, and nothing is off.
                    scene.browser.wait_until_off_is_kept(2);
                }
                Kill::At(_) => wait_until_held(&scene.browser),
                Kill::Ended => {
                    wait_until_held(&scene.browser);
                    scene.browser.wait_until_off_is_kept(1);
                    scene.browser.in_background("faultlineGo(), true").expect("the background runs");
                    wait_for_sheet(&scene.browser, "ended");
                    wait_for_states(&scene.browser, "everything to be on", &before);
                }
            }
            let Scene { browser, .. } = scene;
            gate.open();
            scene = start(launch().profile(browser.crash()));
            wait_for_states(&scene.browser, &format!("everything to be as it was after {kill:?}"), &before);
        }
        // When the disk must have it, the ledger goes.
        wait_for("the ledger to be gone", || {
            let ledger = scene.browser.try_api("return (await api.storage.local.get('off')).off ?? null", &[])?;
            if ledger.is_null() { Ok(()) } else { Err(ledger.to_string()) }
        });
    };
    whatever_comes_in_between_everything_is_on_again: alone => |_kind| {
        let scene = start(launch());
        let before = states(&scene.browser);
        for (what, comes) in WAYS {
            let gate = Gate::shut();
            let still = stands_still(&scene, &gate);
            comes(&scene, &still);
            wait_for_states(&scene.browser, &format!("everything to be as it was: {what}"), &before);
            gate.open();
            scene.browser.tidy_up();
            // As [`start`] has it: a background that is stopped on the way is one of these ways, and not all of them.
            scene.browser.keep_background();
            scene.browser.set_settings(&scene.settings());
        }
    };
    a_permission_that_is_withdrawn_in_the_middle_is_asked_for: alone => |_kind| {
        let scene = start(launch());
        let before = states(&scene.browser);
        let gate = Gate::shut();
        let _still = stands_still(&scene, &gate);
        scene.browser.wait_until_off_is_kept(2);
        scene.browser.api("await api.permissions.remove({ permissions: ['management'] })", &[]);
        let asks = wait_for("the banner to ask for it", || {
            let banner = scene.browser.try_run("return document.querySelector('.fl-banner')?.innerText", &[])?;
            banner.as_str().filter(|b| b.contains("does not let Faultline")).map(str::to_owned).ok_or_else(|| banner.to_string())
        });
        assert!(asks.contains("Turn them on"), "{asks}");
        let panel = scene.browser.run("return document.querySelector('[data-test]').innerText", &[]);
        assert!(panel.as_str().is_some_and(|p| p.contains("Turn them on")), "the panel says otherwise than the banner: {panel}");
        let Scene { browser, .. } = scene;
        // No program can press "Allow" in Chromium's own question: the profile has the answer.
        let scene = start(launch().profile(browser.crash()));
        wait_for_states(&scene.browser, "everything to be as it was", &before);
    };
    two_tests_at_once_run_one_after_the_other: alone => |_kind| {
        let scene = start(launch());
        let before = states(&scene.browser);
        let gate = Gate::shut();
        let _first = stands_still(&scene, &gate);
        let first = scene.browser.tab();
        scene.browser.open_window();
        let _second = {
            let origin = Origin::start(|_| broken_if(true));
            let shown = scene.verdict_on(&origin.url("second.localhost", "/page"));
            begin_from_details(&scene.browser, &shown.case);
            origin
        };
        wait_for_sheet(&scene.browser, "waiting");
        gate.open();
        wait_for_sheet(&scene.browser, "ended");
        scene.browser.show(&first);
        wait_for_sheet(&scene.browser, "ended");
        assert_eq!(states(&scene.browser), before);
    };
}

/// A test that stands still with everything off, because the page hangs.
struct Still {
    _origin: Origin,
    /// The page that failed, in a tab behind the details page.
    url: String,
    elsewhere: String,
}

fn stands_still(scene: &Scene, gate: &Gate) -> Still {
    let loads = Arc::new(AtomicUsize::new(0));
    let origin = page(&loads, 1, gate);
    let url = origin.url("still.localhost", "/page");
    let shown = scene.verdict_on(&url);
    begin_from_details(&scene.browser, &shown.case);
    wait_for("the page to be loaded", || if gate.arrivals() > 0 { Ok(()) } else { Err("not yet".to_owned()) });
    let now = states(&scene.browser);
    assert!(now.get("Adds a header") == Some(&false) && now.get("Bystander") == Some(&false), "{now:?}");
    Still { elsewhere: origin.url("still.localhost", "/elsewhere"), url, _origin: origin }
}

type Way = (&'static str, fn(&Scene, &Still));

/// What may come in between.
const WAYS: [Way; 6] = [
    ("the details page is closed", |scene, _| {
        let failed = scene.browser.tabs().into_iter().find(|t| *t != scene.browser.tab()).expect("the failed page");
        scene.browser.close_tab(&failed);
    }),
    ("the background is stopped", |scene, _| scene.browser.stop_background()),
    ("the tab is closed", |scene, still| {
        in_failed_tab(scene, still, "await api.tabs.remove(tab.id)");
        wait_for_sheet(&scene.browser, "ended");
    }),
    ("the visitor goes elsewhere", |scene, still| {
        in_failed_tab(scene, still, "await api.tabs.update(tab.id, { url: arguments[1] })");
    }),
    ("three minutes have passed", |scene, _| {
        let late = "(() => { const now = Date.now.bind(Date); Date.now = () => now() + 170_000; faultline.send('tick', {}); return true })()";
        scene.browser.in_background(late).expect("the background runs");
        let said = wait_for_sheet(&scene.browser, "ended");
        assert!(said.contains("took too long"), "{said}");
        // With its own clock again.
        scene.browser.stop_background();
    }),
    ("everything is deleted, and the background is stopped", |scene, _| {
        let delete = "(() => { faultline.send('do', { action: 'forget-everything' }); return true })()";
        scene.browser.in_background(delete).expect("the background runs");
        wait_for("nothing but the ledger to be stored", || {
            let left = scene.browser.try_api("return Object.keys(await api.storage.local.get())", &[])?;
            if left == serde_json::json!(["off"]) { Ok(()) } else { Err(left.to_string()) }
        });
        scene.browser.stop_background();
    }),
];

/// Does something to the tab of the page that failed.
fn in_failed_tab(scene: &Scene, still: &Still, what: &str) {
    let find = "const tab = (await api.tabs.query({})).find(t => t.url === arguments[0]);";
    scene.browser.api(&format!("{find} {what}"), &[still.url.clone().into(), still.elsewhere.clone().into()]);
}

fn wait_until_held(browser: &Browser) {
    wait_for("a switch to be held", || match browser.in_background("faultlineHeld()")? {
        Value::Number(n) if n.as_u64() > Some(0) => Ok(()),
        other => Err(other.to_string()),
    });
}
