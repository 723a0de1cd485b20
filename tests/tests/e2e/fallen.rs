//! The core crashes, the storage is full, broken, of another version or gone: the same verdict, or an honest new start.

use faultline_tests::browser::{Kind, Launch};
use faultline_tests::servers::{Gate, Origin};
use faultline_tests::stage::{CONTROL, fixture, online};
use faultline_tests::wait::{at_rest, wait_for};
use serde_json::{Value, json};

use crate::scene::Scene;

scenarios! {
    a_crash_between_two_cases => |scene| {
        let before = fails(scene, "before.test");
        fall(scene);
        let after = fails(scene, "after.test");
        assert_eq!(after, before + 1, "the saved cases were lost in the crash");
    };
    crash_after_crash => |scene| {
        fails(scene, "first.test");
        for _ in 0..13 {
            fall(scene);
        }
        // What was saved may be gone by now; the extension is not.
        fails(scene, "last.test");
    };
    a_call_that_throws_stops_no_event => |scene| {
        // In the middle of the event that shows the page: it is neither lost nor stuck, nor is what comes after it.
        let before = fails(scene, "clock.test");
        sabotage(scene, "const real = Date.now; Date.now = () => { Date.now = real; throw new Error('no clock') }");
        let after = fails(scene, "throws.test");
        assert_eq!(after, before + 1, "the saved cases were lost");
        assert_eq!(fails(scene, "goes-on.test"), after + 1);
    };
    a_call_that_throws_stops_no_check => |scene| {
        let before = fails(scene, "question.test");
        sabotage(scene, "const of = AbortController.prototype; const real = of.abort;
            of.abort = () => { of.abort = real; throw new Error('no end') }");
        assert_eq!(fails(scene, "asked.test"), before + 1, "the saved cases were lost");
    };
    a_call_that_always_throws_leaves_nothing_open => |scene| {
        fails(scene, "works.test");
        sabotage(scene, "AbortController.prototype.abort = () => { throw new Error('no end') }");
        scene.name("never.test");
        let origin = Origin::start(|_| fixture("nginx/502-refused"));
        let shown = scene.verdict_on(&origin.url("never.test", "/page"));
        assert_eq!(shown.status, "502", "{shown:?}");
        assert_ne!(shown.side, "yours", "nothing was found out: {shown:?}");
        scene.browser.close_popup();
        // What became of the announcement may have been lost with an instance: as long as the page is there, it may be announced again.
        scene.browser.visit("about:blank");
        scene.browser.stop_background();
        fails(scene, "mended.test");
    };
    the_saved_cases_are_garbage => |s| broken(s, "return 'gar' + String.fromCharCode(0, 255, 1) + 'bage'");
    the_saved_cases_are_of_a_newer_version => |s| broken(s, "return String.fromCharCode(saved.charCodeAt(0) + 1) + saved.slice(1)");
    the_saved_cases_are_of_an_older_version => |s| broken(s, "return String.fromCharCode(saved.charCodeAt(0) - 1) + saved.slice(1)");
    the_saved_cases_are_cut => |s| broken(s, "return saved.slice(0, saved.length / 2)");
    the_saved_cases_are_no_text => |s| broken(s, "return { not: ['a', 'text'] }");
    the_saved_cases_are_gone => |s| broken(s, "return undefined");
    a_press_that_meets_unreadable_cases_opens_a_popup_that_stays => |scene| {
        fails(scene, "pressed.test");
        scene.browser.stop_background();
        scene.browser.api("await api.storage.session.set({ desk: 'garbage', busy: false })", &[]);
        // The popup itself is what has them read.
        scene.browser.press_button();
        let title = || scene.browser.in_popup("document.querySelector('main:not([hidden]) h1')?.textContent ?? ''");
        let stays = at_rest(20, |title| *title == "No error on this page.", title);
        assert_eq!(stays, Ok(Value::from("No error on this page.")));
        scene.browser.close_popup();
    };
    the_settings_are_garbage => |scene| {
        scene.browser.store("settings", &json!({
            "show": 7, "never": "all", "control": [{ "url": 5 }, null, "x", { "url": scene.settings()["control"][0]["url"], "status": 204, "body": "" }],
            "outside": [], "keep_history": "perhaps", "unknown": { "deep": [1, 2, 3] }
        }));
        fails(scene, "settings.test");
    };
    the_clock_is_set_back_in_the_middle_of_a_case => |scene| {
        scene.browser.keep_background();
        let (origin, gate) = held(scene, "set-back.test");
        let url = origin.url("set-back.test", "/page");
        scene.browser.visit(&url);
        wait_for("the question", || if gate.arrivals() > 0 { Ok(()) } else { Err("nobody at the gate".to_owned()) });
        wait_for("the first word", || scene.browser.popup().map(drop));
        let a_day_back = "(() => { const real = Date.now; Date.now = () => real.call(Date) - 86400000; return true })()";
        assert_eq!(scene.browser.in_background(a_day_back), Ok(Value::from(true)));
        gate.open();
        let shown = scene.verdict_of(&url);
        assert_eq!((shown.status.as_str(), shown.side.as_str()), ("502", "site"), "{shown:?}");
        scene.browser.close_popup();
        // And forward again: the next background has the true one.
        scene.browser.visit("about:blank");
        scene.browser.stop_background();
        fails(scene, "set-forward.test");
    };
    the_browser_ends_in_the_middle_of_a_case: alone => |kind| {
        // Firefox shows the first page in front of what is visited, once; in Chromium's profile it was installed long ago.
        let first = Launch::new(kind).installed();
        let mut own = Scene::start(if kind == Kind::Chromium { first.welcome() } else { first });
        let (origin, gate) = held(&mut own, "killed.test");
        let url = origin.url("killed.test", "/page");
        own.browser.visit(&url);
        wait_for("the question", || if gate.arrivals() > 0 { Ok(()) } else { Err("nobody at the gate".to_owned()) });
        wait_for("the first word", || own.browser.popup().map(drop));
        let Scene { browser, .. } = own;
        let profile = browser.leave();
        gate.open();
        // What was known of the case went with the browser: the next start begins anew, and nothing is stuck.
        let mut own = Scene::start(Launch::new(kind).installed().profile(profile).welcome());
        own.name("killed.test");
        own.browser.press_button();
        wait_for("a popup without a case", || {
            let title = own.browser.in_popup("document.querySelector('main:not([hidden]) h1')?.textContent ?? ''")?;
            if title == "No error on this page." { Ok(()) } else { Err(title.to_string()) }
        });
        let shown = own.verdict_on(&url);
        assert_eq!((shown.case.as_str(), shown.status.as_str(), shown.verdict()), ("1", "502", ("site", "app")), "{shown:?}");
    };
}

/// The core panics, as a mistake of ours would make it.
fn fall(scene: &Scene) {
    wait_for("a background that falls", || {
        if !scene.browser.background_runs() {
            // Any look at it starts one.
            let _ = scene.browser.try_badge("about:blank");
        }
        // Taken, and with that fallen: one that still waits would take the next page along.
        scene.browser.in_background("globalThis.faultline.send('fall', {}).then(() => true)")
    });
}

/// The background is stopped in the middle of a case, and what it had saved is changed. Whatever it makes of that, nothing stays open.
fn broken(scene: &mut Scene, change: &str) {
    let (origin, gate) = held(scene, "broken.test");
    let url = origin.url("broken.test", "/page");
    scene.browser.visit(&url);
    wait_for("the question", || if gate.arrivals() > 0 { Ok(()) } else { Err("nobody at the gate".to_owned()) });
    wait_for("the first word", || scene.browser.popup().map(drop));
    scene.browser.close_popup();
    scene.browser.stop_background();
    let body = format!(
        "const {{ desk: saved }} = await api.storage.session.get('desk');
        const desk = (() => {{ {change} }})();
        if (desk === undefined) await api.storage.session.clear(); else await api.storage.session.set({{ desk }});
        return typeof saved"
    );
    assert_eq!(scene.browser.api(&body, &[]), Value::from("string"), "nothing was saved");
    gate.open();
    // The visitor looks again.
    scene.browser.press_button();
    wait_for("a popup that is not stuck", || {
        let state = scene.browser.in_popup(
            "[document.getElementById('faultline')?.dataset.state ?? '', document.querySelector('h1')?.textContent ?? '']",
        )?;
        let stuck = state[0] == "checking" || state[1] == "";
        if stuck { Err(state.to_string()) } else { Ok(()) }
    });
    scene.browser.close_popup();
    // With everything else the list of its tabs is gone, as after a restart of the browser, which takes the badges along itself.
    if !change.contains("undefined") {
        wait_for("a badge that is not stuck", || match scene.browser.try_badge(&url)?.as_str() {
            "" | "!" => Ok(()),
            stuck => Err(stuck.to_owned()),
        });
    }
    // And loads it again.
    scene.browser.reload();
    let shown = scene.verdict_of(&url);
    assert_eq!((shown.status.as_str(), shown.verdict()), ("502", ("site", "app")), "{shown:?}");
}

/// Changes the background's world.
fn sabotage(scene: &Scene, how: &str) {
    scene.browser.keep_background();
    // Whatever was asked before has to be over, or it would be what falls.
    scene.browser.visit("about:blank");
    assert!(scene.browser.background_runs(), "nobody to be sabotaged");
    scene.browser.in_background(&format!("(async () => {{ {how}; return true }})()")).unwrap();
}

/// A site that fails as nginx does, and lets the first question after the visit wait.
fn held(scene: &mut Scene, host: &str) -> (Origin, Gate) {
    let gate = Gate::shut();
    let held = gate.clone();
    scene.name(host);
    let origin = Origin::start(move |r| match (r.host(), r.target.as_str(), r.earlier) {
        (CONTROL, ..) => online(),
        (_, "/page", 1) => fixture("nginx/502-refused").behind(&held),
        _ => fixture("nginx/502-refused"),
    });
    (origin, gate)
}

fn fails(scene: &mut Scene, host: &str) -> u32 {
    scene.name(host);
    let origin = Origin::start(|_| fixture("nginx/502-refused"));
    let shown = scene.verdict_on(&origin.url(host, "/page"));
    assert_eq!((shown.status.as_str(), shown.side.as_str()), ("502", "site"), "{shown:?}");
    scene.browser.close_popup();
    shown.case.parse().unwrap_or_else(|e| panic!("case {:?}: {e}", shown.case))
}
