//! The pages of the extension as people use them: by hand, by keyboard, in the dark, narrow, in another language.

use faultline_tests::browser::{Browser, Kind, Launch};
use faultline_tests::servers::{Fault, Product, Site, Upstream};
use faultline_tests::wait::wait_for;
use serde_json::json;

use crate::keys;
use crate::scene::Scene;

const ENTER: &str = "\u{e007}";

/// A failed page with its popup, and the gateway that must stay until the end.
macro_rules! failed {
    ($scene:ident, $host:literal) => {{
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = $scene.gateway(Product::Nginx, Site::new($host, nowhere.port()));
        let shown = $scene.verdict_on(&gateway.url($host, "/cart"));
        (nowhere, gateway, shown)
    }};
}

/// Waits until something is true of the current page.
#[track_caller]
pub(crate) fn wait_until(browser: &Browser, what: &str) {
    wait_for(what, || {
        let value = browser.try_run(&format!("return !!({what})"), &[])?;
        if value == true { Ok(()) } else { Err(value.to_string()) }
    });
}

/// Clicks what may be further down.
#[track_caller]
pub(crate) fn press(browser: &Browser, css: &str) {
    browser.run("document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })", &[json!(css)]);
    browser.click(css);
}

/// Every page with everything open, and the popup: without a barrier that axe-core knows.
fn no_barriers(scene: &mut Scene) {
    let (_nowhere, _gateway, _) = failed!(scene, "axe.test");
    let browser = &scene.browser;
    let mut found = Vec::new();
    let mut note = |place: &str, barriers: Vec<String>| found.extend(barriers.into_iter().map(|b| format!("{place}: {b}")));
    note("popup", browser.barriers_in_popup());
    browser.in_popup("document.querySelectorAll('details').forEach(d => { d.open = true })").unwrap();
    note("popup, open", browser.barriers_in_popup());
    browser.close_popup();
    for (page, there) in [
        ("details.html#latest", "document.querySelector('[data-state=done]')"),
        ("history.html", "document.querySelector('.fl-past')"),
        ("options.html", "document.querySelector('h1').textContent"),
        ("welcome.html", "document.querySelector('h1').textContent"),
    ] {
        browser.open_page(page);
        wait_until(browser, there);
        note(page, browser.barriers());
        browser.run(
            "document.querySelectorAll('details').forEach(d => { d.open = true }); document.getElementById('try')?.click()",
            &[],
        );
        if page == "welcome.html" {
            wait_until(browser, "document.querySelector('[data-state=done]')");
        }
        note(&format!("{page}, open"), browser.barriers());
    }
    browser.visit("about:blank");
    browser.press_button();
    wait_for("a popup with nothing to say", || {
        let there = browser.in_popup("!document.getElementById('nothing').hidden")?;
        if there == true { Ok(()) } else { Err("something".to_owned()) }
    });
    note("popup, nothing", browser.barriers_in_popup());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every page with everything open, as wide as a phone, or as a window at 400 %.
fn narrow(scene: &mut Scene) {
    let (_nowhere, _gateway, _) = failed!(scene, "narrow.test");
    let browser = &scene.browser;
    browser.close_popup();
    for page in ["details.html#latest", "history.html", "options.html", "welcome.html"] {
        browser.open_page("options.html");
        browser.run(
            "const frame = document.createElement('iframe'); frame.width = 320; frame.height = 900; frame.id = 'narrow';
             frame.src = arguments[0]; document.body.append(frame)",
            &[json!(page)],
        );
        let inside = "document.getElementById('narrow').contentDocument";
        wait_until(
            browser,
            &format!(
                "{inside}.readyState === 'complete' && {inside}.querySelector('h1')?.textContent && ({page:?}.startsWith('d') ? {inside}.querySelector('[data-state=done]') : true)"
            ),
        );
        browser.run(&format!("{inside}.querySelectorAll('details').forEach(d => {{ d.open = true }})"), &[]);
        let width = browser.run(&format!("return {inside}.documentElement.scrollWidth"), &[]);
        assert!(width.as_u64().is_some_and(|w| w <= 320), "{page} is {width} wide");
    }
}

/// The language of the package that needs the most letters.
fn longest() -> String {
    let folder = faultline_tests::browser::extension_root().join("_locales");
    let languages = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let letters = |language: &String| -> usize {
        let words = words(language);
        words.as_object().unwrap().values().map(|w| w["message"].as_str().unwrap().chars().count()).sum()
    };
    languages.max_by_key(letters).unwrap().replace('_', "-")
}

scenarios! {
    nothing_stands_in_anybodys_way => no_barriers;
    nor_in_the_dark: alone => |kind| {
        no_barriers(&mut Scene::start(Launch::new(kind).dark()));
    };
    every_control_is_reached_by_keyboard_in_its_order => |scene| {
        let (_nowhere, _gateway, shown) = failed!(scene, "keys.test");
        let browser = &scene.browser;
        browser.close_popup();
        browser.open_page(&format!("details.html#{}", shown.case));
        wait_until(browser, "document.querySelector('[data-state=done]')");
        let reached = keys::walk(browser);
        assert!(reached.len() > 12, "{reached:?}");
    };
    the_report_is_copied_without_a_mouse => |scene| {
        let (_nowhere, _gateway, shown) = failed!(scene, "enter.test");
        let browser = &scene.browser;
        browser.close_popup();
        browser.open_page(&format!("details.html#{}", shown.case));
        wait_until(browser, "document.querySelector('[data-state=done]')");
        browser.run("document.querySelector('[data-do=copy]').focus()", &[]);
        browser.press_key(ENTER);
        wait_for("the report on the clipboard", || {
            let text = browser.clipboard();
            if text.contains("enter.test") { Ok(()) } else { Err(text) }
        });
        wait_until(browser, "document.querySelector('[data-note]').textContent");
    };
    what_is_open_stays_open_when_the_case_changes => |scene| {
        let (_nowhere, _gateway, shown) = failed!(scene, "open.test");
        let browser = &scene.browser;
        browser.close_popup();
        browser.open_page(&format!("details.html#{}", shown.case));
        wait_until(browser, "document.querySelector('[data-state=done]')");
        browser.run(
            "document.querySelector('[data-key=json]').open = true;
             window.kept = document.querySelector('[data-do=again]'); window.kept.focus(); window.kept.click();
             window.seen = new Promise(done => new MutationObserver((_, o) => {
               if (document.getElementById('faultline').dataset.state === 'checking') { o.disconnect(); done(true) }
             }).observe(document.getElementById('faultline'), { attributes: true }))",
            &[],
        );
        wait_until(browser, "document.querySelector('[data-state=done]') && !document.querySelector('[data-do=again]').hasAttribute('aria-disabled')");
        let kept = browser.run("return [document.querySelector('[data-key=json]').open, document.querySelector('[data-do=again]') === window.kept]", &[]);
        assert_eq!(kept, json!([true, true]), "open, and the same button");
    };
    nothing_is_cut_off_in_a_narrow_window => narrow;
    nor_in_the_language_with_the_longest_words: alone => |kind| {
        narrow(&mut Scene::start(Launch::new(kind).language(&longest())));
    };
    nor_from_right_to_left: alone => |kind| narrow(&mut Scene::start(Launch::new(kind).language("ar")));
    never_here_is_never_here => |scene| {
        let (_nowhere, gateway, _) = failed!(scene, "quiet.test");
        scene.browser.click_in_popup("[data-do=never]");
        wait_for("the popup to go", || if scene.browser.popup_is_open() { Err("open".to_owned()) } else { Ok(()) });
        let url = gateway.url("quiet.test", "/cart");
        wait_for("the badge to go", || {
            let badge = scene.browser.try_badge(&url)?;
            if badge.is_empty() { Ok(()) } else { Err(badge) }
        });
        scene.browser.open_page("options.html");
        wait_until(&scene.browser, "document.getElementById('never').value === 'quiet.test'");
        scene.browser.visit(&url);
        scene.browser.arrive(&url);
        // Whatever was to come of it has come before the verdict on the next site.
        let (_elsewhere, _other, shown) = failed!(scene, "loud.test");
        assert_eq!(shown.side, "site", "{shown:?}");
        let cases = scene.browser.api("return (await api.storage.local.get('history')).history.cases.map(c => c.url)", &[]);
        let quiet = cases.as_array().unwrap().iter().filter(|u| u.as_str().unwrap().contains("quiet.test")).count();
        assert_eq!(quiet, 1, "the first failure alone: {cases}");
    };
    what_failed_is_listed_and_deleted => |scene| {
        scene.browser.api("await api.storage.local.remove('history')", &[]);
        let (_nowhere, _gateway, _) = failed!(scene, "past.test");
        let browser = &scene.browser;
        browser.close_popup();
        browser.open_page("history.html");
        wait_until(browser, "document.querySelectorAll('.fl-past > li').length === 1");
        let text = browser.run("return document.getElementById('faultline').textContent", &[]);
        assert!(text.as_str().unwrap().contains("past.test"), "{text}");
        let drawn = browser.run("return [...document.querySelectorAll('.fl-bars .fl-bar')].filter(bar => bar.getBoundingClientRect().height > 0).length", &[]);
        assert_eq!(drawn, 1, "one day of the chart has a failure");
        press(browser, ".fl-past summary");
        press(browser, "[data-do^='forget:']");
        wait_until(browser, "!document.querySelector('.fl-past')");
        let left = browser.api("return (await api.storage.local.get('history')).history.cases.length", &[]);
        assert_eq!(left, 0);
    };
    the_whole_past_is_deleted_by_a_click_and_a_yes => |scene| {
        scene.browser.api("await api.storage.local.remove('history')", &[]);
        let (_nowhere, _gateway, _) = failed!(scene, "one.test");
        let (_elsewhere, _other, _) = failed!(scene, "two.test");
        let browser = &scene.browser;
        browser.close_popup();
        browser.open_page("history.html");
        wait_until(browser, "document.querySelectorAll('.fl-past').length === 2");
        let asked = browser.run("return document.querySelector('[data-do=clear]').checkVisibility()", &[]);
        assert_eq!(asked, false, "one click deletes everything");
        press(browser, ".fl-ask summary");
        press(browser, "[data-do=clear]");
        wait_until(browser, "!document.querySelector('.fl-past')");
        let left = browser.api("return JSON.stringify((await api.storage.local.get('history')).history ?? '')", &[]);
        assert!(!left.to_string().contains(".test"), "{left}");
        // What was not asked for stays.
        let settings = browser.api("return (await api.storage.local.get('settings')).settings", &[]);
        assert_eq!(settings["control"], scene.settings()["control"]);
    };
    settings_are_saved_and_everything_is_deleted => |scene| {
        let (_nowhere, _gateway, _) = failed!(scene, "gone.test");
        let browser = &scene.browser;
        browser.close_popup();
        browser.open_page("options.html");
        wait_until(browser, "document.querySelector('[value=popup]').checked");
        press(browser, "[value=card]");
        wait_until(browser, "document.querySelector('[data-note]').textContent");
        let settings = browser.api("return (await api.storage.local.get('settings')).settings", &[]);
        assert_eq!(settings["show"], "card", "{settings}");
        assert_eq!(settings["control"], scene.settings()["control"], "what nobody touched");
        let kept = "return JSON.stringify(await api.storage.session.get())";
        assert!(browser.api(kept, &[]).as_str().unwrap().contains("gone.test"), "it has something to delete");
        press(browser, ".fl-ask summary");
        press(browser, "#delete");
        // What the browser tells of its tabs after that makes a new desk, an empty one.
        wait_for("an empty storage", || {
            let left = browser.try_api("return [Object.keys(await api.storage.local.get()), JSON.stringify(await api.storage.session.get())]", &[])?;
            let gone = left[0] == json!([]) && left[1].as_str().is_some_and(|kept| !kept.contains("gone.test"));
            if gone { Ok(()) } else { Err(left.to_string()) }
        });
    };
    the_first_page_comes_once_and_shows_a_sample: alone => |kind| {
        let scene = Scene::start(Launch::new(kind).welcome());
        let browser = &scene.browser;
        let welcome = "return (await api.tabs.query({})).filter(t => t.url?.endsWith('/extension/welcome.html')).length";
        wait_for("the first page", || {
            let count = browser.try_api(welcome, &[])?;
            if count == 1 { Ok(()) } else { Err(count.to_string()) }
        });
        browser.open_page("welcome.html");
        press(browser, "#try");
        wait_until(browser, "document.querySelector('#sample [data-state=done][data-side=site][data-producer=nginx]')");
        assert!(!browser.popup_is_open(), "a sample is no failure");
        let history = browser.api("return await api.storage.local.get('history')", &[]);
        assert_eq!(history, json!({}), "a sample is not kept");
    };
    a_language_that_nobody_has_translated_is_english: alone => |kind| speaks(kind, "fi", "en", "ltr");
    nor_does_it_run_the_way_of_the_browsers_language: alone => |kind| speaks(kind, "fa", "en", "ltr");
    german_is_german: alone => |kind| speaks(kind, "de", "de", "ltr");
    arabic_runs_from_right_to_left: alone => |kind| speaks(kind, "ar", "ar", "rtl");
}

/// The words of a language as the package has them.
pub(crate) fn words(language: &str) -> serde_json::Value {
    let path = faultline_tests::browser::extension_root().join("_locales").join(language).join("messages.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A browser in another language speaks it; one whose language is not there speaks English.
fn speaks(kind: Kind, language: &str, expected: &str, direction: &str) {
    let scene = Scene::start(Launch::new(kind).language(language));
    scene.browser.open_page("history.html");
    let none = words(expected)["history_none"]["message"].clone();
    wait_for("the words", || {
        let text = scene.browser.try_run(
            "return [document.querySelector('.fl-why')?.textContent, document.dir, document.documentElement.lang]",
            &[],
        )?;
        if text == json!([none, direction, expected]) { Ok(()) } else { Err(text.to_string()) }
    });
}
