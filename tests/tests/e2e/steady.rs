//! What stays while something else changes: things on screen in their places, the keyboard where it was, a site that is waited for, settings.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use faultline_tests::browser::{Kind, Launch};
use faultline_tests::servers::{Answer, Gate, Origin};
use faultline_tests::stage::fixture;
use faultline_tests::wait::wait_for;
use serde_json::{Value, json};

use crate::pages::{press, wait_until};
use crate::scene::Scene;
use crate::watch::{due_while_closed, list};

/// Where things are in the popup that somebody may be about to press or to read.
const PLACES: &str = "['.fl-chain', '[data-do=copy]', '[data-do=again]', '[data-do=details]'].map(css => Math.round(document.querySelector(css).getBoundingClientRect().top))";

/// Writes down whatever a screen reader would say by itself from now on.
const LISTEN: &str = "(() => {
    window.said = [];
    const live = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest('[role=status]');
    new MutationObserver((changes) => {
        for (const at of new Set(changes.map((c) => live(c.target)).filter(Boolean))) if (at.textContent) said.push(at.textContent);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
    document.querySelector('[data-do=copy]').focus();
    return true;
})()";

/// A page that fails for a visit at once, and for whoever asks again when the gate opens.
fn held(gate: &Gate) -> Origin {
    let held = gate.clone();
    Origin::start(move |r| {
        let page = fixture("nginx/502-refused");
        if (r.target.as_str(), r.earlier) == ("/page", 0) { page } else { page.behind(&held) }
    })
}

scenarios! {
    the_popup_changes_in_its_place_and_says_its_verdict_once => |scene| {
        let gate = Gate::shut();
        let origin = held(&gate);
        scene.name("steady.test");
        scene.browser.visit(&origin.url("steady.test", "/page"));
        // The page is read: what is left is to be answered.
        wait_for("the first word", || {
            let shown = scene.browser.popup()?;
            if shown.state == "checking" && shown.producer == "nginx" && gate.arrivals() > 0 { Ok(()) } else { Err(format!("{shown:?}")) }
        });
        let before = scene.browser.in_popup(PLACES).unwrap();
        scene.browser.in_popup(LISTEN).unwrap();
        gate.open();
        assert_eq!(scene.browser.verdict().side, "site");
        let after = scene.browser.in_popup(&format!("[{PLACES}, said, document.activeElement.dataset.do, document.querySelector('h1').textContent]")).unwrap();
        assert_eq!(after[0], before, "what somebody was about to press has moved");
        assert_eq!(after[1], json!([after[3]]), "said by itself");
        assert_eq!(after[2], "copy", "the keyboard is elsewhere");
        scene.browser.open_tab();
        wait_for("the popup to go with its tab", || if scene.browser.popup_is_open() { Err("open".to_owned()) } else { Ok(()) });
    };
    whoever_checks_again_without_a_mouse_stays_where_he_is => |scene| {
        let (gate, again) = (Gate::shut(), Arc::new(AtomicBool::new(false)));
        let (held, slow) = (gate.clone(), Arc::clone(&again));
        let origin = Origin::start(move |_| {
            let page = fixture("nginx/502-refused");
            if slow.load(Ordering::SeqCst) { page.behind(&held) } else { page }
        });
        scene.name("stay.test");
        scene.verdict_on(&origin.url("stay.test", "/page"));
        again.store(true, Ordering::SeqCst);
        scene.browser.in_popup("document.querySelector('[data-do=again]').focus()").unwrap();
        scene.browser.press_key_in_popup("Enter");
        let here = |state: &str, waits: bool| {
            wait_for(&format!("the popup to be {state}"), || {
                let seen = scene.browser.in_popup("[document.querySelector('[data-state]').dataset.state, document.activeElement.dataset.do, document.activeElement.ariaDisabled === 'true']")?;
                if seen == json!([state, "again", waits]) { Ok(()) } else { Err(seen.to_string()) }
            });
        };
        here("checking", true);
        gate.open();
        here("done", false);
    };
    a_card_leaves_the_keyboard_to_a_page_that_forbids_everything => |scene| {
        let gate = Gate::shut();
        let held = gate.clone();
        let origin = Origin::start(move |r| match (r.target.as_str(), r.earlier) {
            ("/page", 0) => Answer::new(502, "Bad Gateway")
                .html("<!doctype html><title>502</title><h1>Bad Gateway</h1><input>")
                .header("Content-Security-Policy", "default-src 'none'; style-src 'none'; script-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"),
            _ => Answer::new(502, "Bad Gateway").behind(&held),
        });
        scene.name("strict.test");
        scene.set("show", json!("card"));
        scene.browser.visit(&origin.url("strict.test", "/page"));
        // The page before may have a field as well.
        scene.browser.arrive(&origin.url("strict.test", "/page"));
        scene.browser.run("document.querySelector('input').focus()", &[]);
        let card = |state: &str| {
            wait_for(&format!("the card to be {state}"), || {
                let card = scene.browser.card()?;
                if card.state == state { Ok(()) } else { Err(format!("{card:?}")) }
            });
        };
        card("checking");
        assert_eq!(scene.browser.run("return document.activeElement.localName", &[]), "input", "the card came and took the keyboard");
        scene.browser.click("input");
        scene.browser.press_key("x");
        gate.open();
        card("done");
        scene.browser.press_key("y");
        assert_eq!(scene.browser.run("return document.querySelector('input').value", &[]), "xy", "the card changed and took the keyboard");
        let style = scene.browser.in_card("[getComputedStyle(root.parentNode).width, getComputedStyle(root.querySelector('h1')).fontSize]");
        assert_eq!(style, Ok(json!(["392px", "17px"])), "the card without its style");
    };
    a_site_is_waited_for_also_by_a_browser_that_was_restarted: alone => |kind| {
        let launch = || Launch::new(kind).installed().hosts(["again.test"]);
        let origin = Origin::start(|r| if r.target == "/works" { Answer::fine("All is well") } else { fixture("nginx/502-refused") });
        let own = Scene::start(if kind == Kind::Chromium { launch().welcome() } else { launch() });
        let shown = own.verdict_on(&origin.url("again.test", "/page"));
        let before = origin.hits("/page");
        let profile = due_while_closed(own, &shown.case);
        let own = Scene::start(launch().profile(profile).welcome());
        // At the latest when a page is loaded.
        own.browser.visit(&origin.url("again.test", "/works"));
        wait_for("a look at the site", || {
            let list = list(&own.browser)?;
            if list[0]["looks"].as_u64() >= Some(1) && origin.hits("/page") > before { Ok(()) } else { Err(list.to_string()) }
        });
        wait_for("the next alarm", || {
            let alarm = own.browser.try_api("return await api.alarms.get('watches') ?? null", &[])?;
            if alarm.is_null() { Err("none".to_owned()) } else { Ok(()) }
        });
    };
    settings_travel_where_the_visitor_wants_it_and_sites_stay => |scene| {
        let browser = &scene.browser;
        scene.set("never", json!(["secret.test"]));
        browser.open_page("options.html");
        wait_until(browser, "document.getElementById('never').value === 'secret.test'");
        let sync = "return (await api.storage.sync.get('settings')).settings ?? {}";
        press(browser, "[value=badge]");
        wait_until(browser, "document.querySelector('[data-note]').textContent");
        assert_eq!(browser.api(sync, &[]), json!({}), "before anybody wanted that");
        press(browser, "#sync");
        let sent = wait_for("the settings to be sent", || {
            let sent = browser.try_api(sync, &[])?;
            if sent["show"] == "badge" { Ok(sent) } else { Err(sent.to_string()) }
        });
        assert!(sent.get("never").is_none() && sent.get("control").is_none(), "names of sites have left: {sent}");
        // What another browser of the same account has chosen.
        browser.api("await api.storage.sync.set({ settings: { show: 'card' } })", &[]);
        let here = wait_for("the choice of another browser", || {
            let here = browser.try_api("return (await api.storage.local.get('settings')).settings", &[])?;
            if here["show"] == "card" { Ok(here) } else { Err(here.to_string()) }
        });
        assert_eq!((&here["never"], &here["control"]), (&json!(["secret.test"]), &scene.settings()["control"]));
        // Whoever does not want it any more leaves nothing there, and keeps what he has.
        browser.open_page("options.html");
        wait_until(browser, "document.getElementById('sync').checked");
        press(browser, "#sync");
        wait_for("nothing with the account", || {
            let left = browser.try_api(sync, &[])?;
            if left == json!({}) { Ok(()) } else { Err(left.to_string()) }
        });
        let here = browser.api("return (await api.storage.local.get('settings')).settings", &[]);
        assert_eq!(here["show"], "card", "what was chosen here");
    };
    every_setting_is_set_on_its_page => |scene| {
        let browser = &scene.browser;
        browser.open_page("options.html");
        wait_until(browser, "document.querySelector('[value=popup]').checked");
        browser.run("document.querySelectorAll('details').forEach(d => { d.open = true })", &[]);
        for css in ["#path", "#query", "#keep", "#private"] {
            press(browser, css);
        }
        let fill = |id: &str, text: &str| {
            let enter = "const e = document.getElementById(arguments[0]); e.value = arguments[1]; e.dispatchEvent(new Event('change', { bubbles: true }))";
            browser.run(enter, &[json!(id), json!(text)]);
        };
        fill("control-url", "http://online.test/ok");
        fill("control-status", "200");
        fill("control-body", "success");
        let wanted = json!({
            "never": ["private-hosts"], "keep_history": false, "report": { "path": true, "query": true },
            "control": [{ "url": "http://online.test/ok", "status": 200, "body": "success" }],
        });
        wait_for("all of them to be saved", || {
            let saved = browser.try_api("return (await api.storage.local.get('settings')).settings", &[])?;
            let same = wanted.as_object().is_some_and(|w| w.iter().all(|(key, value): (_, &Value)| saved[key] == *value));
            if same { Ok(()) } else { Err(saved.to_string()) }
        });
    };
}
