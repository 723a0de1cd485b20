//! Where other extensions cannot be turned off: what Firefox offers in its place, and the private window in both browsers.

use faultline_tests::browser::{Browser, Kind, Launch};
use faultline_tests::servers::{Answer, Origin};
use faultline_tests::stage::online;
use faultline_tests::wait::wait_for;

use crate::off::{broken_if, other, wait_for_sheet};
use crate::pages::words;
use crate::scene::Scene;

/// The details page of a case, in a tab of its own in front.
fn open_details(browser: &Browser, case: &str) {
    browser.close_popup();
    browser.open_tab();
    browser.visit(&format!("{}extension/details.html#{case}", browser.extension_origin()));
    wait_for_sheet(browser, "idle");
}

/// Waits until the part about the private window is in a state, and gives what it says.
fn wait_for_private(browser: &Browser, state: &str) -> String {
    wait_for(&format!("the private window to be {state}"), || {
        let panel = "const p = document.querySelector('[data-private]'); return [p?.dataset.private, p?.innerText]";
        let now = browser.try_run(panel, &[])?;
        if now[0] == state { Ok(now[1].as_str().unwrap_or_default().to_owned()) } else { Err(now.to_string()) }
    })
}

/// A page that fails with a cookie that an earlier page has left. Gives the id of its case.
fn fails_with_a_cookie(scene: &mut Scene, host: &str) -> (Origin, String) {
    scene.name(host);
    let origin = Origin::start(|r| match r.target.as_str() {
        "/welcome" => Answer::fine("Come in").header("Set-Cookie", "poison=1; Path=/"),
        _ => broken_if(r.header("cookie").is_some_and(|c| c.contains("poison=1"))),
    });
    let welcome = origin.url(host, "/welcome");
    scene.browser.visit(&welcome);
    scene.browser.arrive(&welcome);
    let shown = scene.verdict_on(&origin.url(host, "/page"));
    assert_eq!(shown.verdict(), ("yours", "cookies"), "{shown:?}");
    (origin, shown.case)
}

/// What the report says of the private window.
fn outcome(browser: &Browser, case: &str) -> String {
    wait_for("the private window in the report", || {
        let report = browser.report(case);
        let checks = report.0["checks"].as_array().cloned().unwrap_or_default();
        let check = checks.into_iter().find(|c| c["id"] == "private-window").ok_or_else(|| report.0["checks"].to_string())?;
        Ok(check["outcome"].as_str().unwrap_or_default().to_owned())
    })
}

scenarios! { firefox:
    it_says_that_it_cannot_and_lists_what_could_be_in_the_way: alone => |_kind| {
        let others = Launch::new(Kind::Firefox).beside(other("adds-a-header")).beside(other("rewrites-pages"));
        // The browser's own question, answered with yes.
        let mut own = Scene::start(others.pref("extensions.webextOptionalPermissionPrompts", false));
        own.name("firm.test");
        let origin = Origin::start(|_| broken_if(true));
        let shown = own.verdict_on(&origin.url("firm.test", "/page"));
        open_details(&own.browser, &shown.case);
        own.browser.click("[data-do=off]");
        let said = wait_for_sheet(&own.browser, "offered");
        for part in ["In Firefox no extension can turn another one off", "Adds a header", "Rewrites pages", "Troubleshoot Mode", "about:addons"] {
            assert!(said.contains(part), "{part} is missing in {said}");
        }
        let suspects = own.browser.run("return document.querySelector('.fl-suspects').innerText", &[]);
        assert!(!suspects.to_string().contains("Faultline"), "it suspects itself: {suspects}");
        let buttons = own.browser.run("return [...document.querySelectorAll('[data-test] [data-do]')].map(b => b.dataset.do)", &[]);
        assert_eq!(buttons, serde_json::json!(["copy-addons"]), "a button for what Firefox does not let us do");
        own.browser.click("[data-do=copy-addons]");
        wait_for("the address on the clipboard", || match own.browser.clipboard() {
            text if text == "about:addons" => Ok(()),
            other => Err(other),
        });
        let note = own.browser.run("return document.querySelector('[data-note]').textContent", &[]);
        assert_eq!(note, words("en")["copied_text"]["message"], "it is no message to the site");
        let stored = own.browser.api("return JSON.stringify(await api.storage.local.get()) + JSON.stringify(await api.storage.session.get())", &[]);
        assert!(!stored.to_string().contains("Adds a header"), "the list is stored: {stored}");
    };
    where_it_may_open_no_private_window_the_popup_stays_and_says_how: alone => |kind| {
        let mut own = Scene::start(Launch::new(kind));
        let (_origin, _case) = fails_with_a_cookie(&mut own, "alone.test");
        own.browser.click_in_popup("[data-do=private]");
        wait_for("the steps in the popup", || {
            let said = own.browser.in_popup("document.querySelector('[data-private=by-hand]')?.innerText ?? ''")?;
            if said.as_str().is_some_and(|s| s.contains("Open a private window yourself")) { Ok(()) } else { Err(said.to_string()) }
        });
    };
    past_the_proxy_nobody_else_is_asked: alone => |_kind| {
        let site = Origin::start(|_| Answer::fine("All is well"));
        let proxy = Origin::start(|r| match r.host() {
            "control.example" => online(),
            _ => Answer::new(502, "Bad Gateway").html("<h1>Sorry</h1>"),
        });
        let launch = Launch::new(Kind::Firefox).proxy("127.0.0.1", proxy.port()).granted("proxy");
        let mut own = Scene::start(launch);
        own.set("control", serde_json::json!([{ "url": "http://control.example/", "status": 204, "body": "" }]));
        let fails = |own: &mut Scene, host: &str| {
            own.name(host);
            own.verdict_on(&site.url(host, "/page")).case
        };
        let wanted = fails(&mut own, "wanted.test");
        own.browser.open_tab();
        fails(&mut own, "latest.test");
        // The permission is given in the browser's own list of extensions.
        let given = "faultline.send('do', { action: 'past-proxy-allowed' })";
        own.browser.in_background(given).expect("a background");
        // Events are worked off in their order: what that one asks for is asked by now.
        own.browser.open_tab();
        let case = fails(&mut own, "later.test");
        assert_eq!(site.requests().len(), 0, "nobody has clicked");
        assert_eq!(own.browser.report(&case).text("/verdict/side"), "unclear");
        // The click of one case, and the answer to the browser's question, which may close the page with the button.
        let wish = "const port = api.runtime.connect({ name: 'details' });
            port.postMessage({ want: { case: arguments[0] }, do: 'past-proxy-wanted' });
            while (!(await api.storage.session.get('past-proxy'))['past-proxy']) await new Promise(done => setTimeout(done, 20));";
        own.browser.api(wish, &[serde_json::json!(wanted)]);
        own.browser.in_background(given).expect("a background");
        wait_for("the request past the proxy", || if site.requests().is_empty() { Err("none".to_owned()) } else { Ok(()) });
        assert_eq!(site.requests()[0].host(), "wanted.test");
        own.browser.in_background(given).expect("a background");
        own.browser.open_tab();
        fails(&mut own, "last.test");
        assert_eq!(site.requests().len(), 1, "one click, one request");
    };
    past_the_proxy_the_page_is_asked_for_on_a_click_alone: alone => |_kind| {
        let site = Origin::start(|_| Answer::fine("All is well"));
        let proxy = Origin::start(|r| match r.host() {
            "control.example" => online(),
            _ => Answer::new(502, "Bad Gateway").html("<h1>Sorry</h1>"),
        });
        let launch = Launch::new(Kind::Firefox).proxy("127.0.0.1", proxy.port());
        let mut own = Scene::start(launch.pref("extensions.webextOptionalPermissionPrompts", false));
        own.name("behind.test");
        own.set("control", serde_json::json!([{ "url": "http://control.example/", "status": 204, "body": "" }]));
        let shown = own.verdict_on(&site.url("behind.test", "/page"));
        assert_eq!(shown.side, "unclear", "{shown:?}");
        assert_eq!(site.requests().len(), 0, "past the proxy before anybody wanted that");
        // What the click gives away is said before it, and to a screen reader with the button.
        let told = own.browser.in_popup(
            "document.getElementById(document.querySelector('[data-do=past-proxy]').getAttribute('aria-describedby')).textContent",
        );
        assert_eq!(told, Ok(words("en")["action_past_proxy_note"]["message"].clone()));
        own.browser.click_in_popup("[data-do=past-proxy]");
        wait_for("the verdict with the answer past the proxy", || {
            let report = own.browser.report(&shown.case);
            let verdict = (report.text("/verdict/side"), report.text("/verdict/place"));
            if verdict == ("yours", "proxy") { Ok(()) } else { Err(format!("{verdict:?}")) }
        });
        assert_eq!(site.requests().len(), 1, "one click, one request");
    };
}

scenarios! {
    a_private_window_where_it_is_allowed_compares_by_itself: alone => |kind| {
        let mut own = Scene::start(Launch::new(kind).private_windows());
        let (_origin, case) = fails_with_a_cookie(&mut own, "clean.test");
        open_details(&own.browser, &case);
        own.browser.click("[data-do=private]");
        let works = "In a private window the page works.";
        wait_for("the answer", || {
            let said = wait_for_private(&own.browser, "idle");
            if said.contains(works) { Ok(()) } else { Err(said) }
        });
        assert_eq!(outcome(&own.browser, &case), "works");
        assert_eq!(own.browser.report(&case).text("/verdict/place"), "cookies");
    };
    a_private_window_where_it_is_not_allowed_asks_the_visitor: alone => |kind| {
        let mut own = Scene::start(Launch::new(kind));
        let (_origin, case) = fails_with_a_cookie(&mut own, "stranger.test");
        open_details(&own.browser, &case);
        let details = own.browser.tab();
        own.browser.click("[data-do=private]");
        // Chromium opens the window without us; Firefox leaves it to the visitor.
        let said = wait_for_private(&own.browser, if kind == Kind::Chromium { "asking" } else { "by-hand" });
        assert!(said.contains("Does the page work in the private window?"), "{said}");
        own.browser.show(&details);
        own.browser.click("[data-do=private-no]");
        assert_eq!(outcome(&own.browser, &case), "same");
        let report = own.browser.report(&case);
        assert_eq!((report.text("/verdict/side"), report.text("/verdict/place")), ("unclear", "none"), "cookies are not in a private window");
    };
}
