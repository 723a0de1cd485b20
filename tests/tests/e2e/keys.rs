//! Every page, and the card in a page that failed, without a mouse; and what a screen reader says by itself.

use faultline_tests::browser::{Browser, Launch, Wish};
use faultline_tests::servers::{Gate, Origin};
use faultline_tests::stage::fixture;
use faultline_tests::wait::wait_for;
use serde_json::{Value, json};

use crate::pages::{wait_until, words};
use crate::scene::Scene;

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const DOWN: &str = "\u{e015}";

/// How a control is called here.
const NAME: &str =
    "e => e.id || e.dataset.do || e.value || e.getAttribute('href')?.slice(0, 12) || e.parentNode.dataset.key || e.localName";

/// What the keyboard can come to, in its order. Of a group of radio buttons that is the one that is chosen.
const CONTROLS: &str =
    "[...document.querySelectorAll('a[href], button:not(:disabled), summary, input, textarea, select, [tabindex]')]
    .filter(e => e.checkVisibility() && !(e.type === 'radio' && !e.checked))";

/// What somebody says of the card who looks at it, and what has the keyboard in it.
const CARD_CONTROLS: &str = "[...root.parentNode.querySelectorAll('a[href], button:not(:disabled), summary')].filter(e => e.checkVisibility()).map(e => e.dataset.do || e.className || e.localName)";
const IN_CARD: &str = "(e => e && [e.dataset.do || e.className || e.localName, getComputedStyle(e).outlineStyle])(root.getRootNode().activeElement)";

/// Goes through the current page with the Tab key alone: everything is reached in its order, and is seen to be.
#[track_caller]
pub(crate) fn walk(browser: &Browser) -> Vec<String> {
    let all = browser.run(&format!("return {CONTROLS}.map({NAME})"), &[]);
    let expected: Vec<_> = all.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect();
    for wanted in &expected {
        browser.press_key(TAB);
        let here = browser.run(
            &format!("return [({NAME})(document.activeElement), getComputedStyle(document.activeElement).outlineStyle]"),
            &[],
        );
        assert_eq!(here[0], wanted.as_str(), "of {expected:?}");
        assert_ne!(here[1], "none", "no focus to be seen on {wanted}");
    }
    expected
}

/// Puts the keyboard on something, as Tab would.
fn focus(browser: &Browser, css: &str) {
    browser.run("document.querySelector(arguments[0]).focus()", &[json!(css)]);
}

/// A page that fails for a visit at once, and for whoever asks again when the gate opens.
fn down(scene: &mut Scene, host: &str, gate: &Gate) -> (Origin, String) {
    scene.name(host);
    let held = gate.clone();
    let origin = Origin::start(move |r| {
        let page = fixture("nginx/502-refused");
        if (r.target.as_str(), r.earlier) == ("/page", 0) { page } else { page.behind(&held) }
    });
    let url = origin.url(host, "/page");
    (origin, url)
}

fn opened() -> Gate {
    let gate = Gate::shut();
    gate.open();
    gate
}

/// A page that failed, with the verdict in its card.
fn card(scene: &mut Scene, host: &str) -> (Origin, String) {
    scene.set("show", json!("card"));
    let (origin, url) = down(scene, host, &opened());
    scene.browser.visit(&url);
    card_is(&scene.browser, "done");
    (origin, url)
}

fn card_is(browser: &Browser, state: &str) {
    wait_for(&format!("the card to be {state}"), || match browser.card()? {
        card if card.state == state => Ok(()),
        card => Err(format!("{card:?}")),
    });
}

#[track_caller]
fn copied(browser: &Browser, host: &str) {
    wait_for("the report on the clipboard", || {
        let text = browser.clipboard();
        if text.contains(host) && text.contains("502") { Ok(()) } else { Err(text) }
    });
    wait_for("the word that it is copied", || {
        let note = browser.in_card("root.querySelector('[data-note]').textContent")?;
        if note == words("en")["copied"]["message"] { Ok(()) } else { Err(note.to_string()) }
    });
}

scenarios! {
    settings_are_changed_without_a_mouse => |scene| {
        let browser = &scene.browser;
        browser.open_page("options.html");
        wait_until(browser, "document.querySelector('[value=popup]').checked");
        browser.run("document.querySelectorAll('details').forEach(d => { d.open = true })", &[]);
        let reached = walk(browser);
        assert!(reached.len() >= 12 && reached.iter().any(|name| name == "delete"), "{reached:?}");
        let saved = |key: &str, value: Value| wait_for(key, || {
            let settings = browser.try_api("return (await api.storage.local.get('settings')).settings", &[])?;
            if settings[key] == value { Ok(()) } else { Err(settings.to_string()) }
        });
        focus(browser, "[value=popup]");
        browser.press_key(DOWN);
        saved("show", json!("card"));
        focus(browser, "#keep");
        browser.press_key(" ");
        saved("keep_history", json!(false));
        wait_until(browser, "document.querySelector('[data-note]').textContent");
    };
    the_past_is_read_and_deleted_without_a_mouse => |scene| {
        scene.browser.api("await api.storage.local.remove('history')", &[]);
        let (_origin, url) = down(scene, "forget.test", &opened());
        scene.verdict_on(&url);
        let browser = &scene.browser;
        browser.close_popup();
        browser.open_page("history.html");
        wait_until(browser, "document.querySelector('.fl-past')");
        browser.run("document.querySelector('.fl-past details').open = true", &[]);
        let reached = walk(browser);
        assert!(reached.iter().any(|name| name.starts_with("forget:")), "{reached:?}");
        focus(browser, ".fl-past summary");
        for open in [false, true] {
            browser.press_key(ENTER);
            wait_until(browser, &format!("document.querySelector('.fl-past details').open === {open}"));
        }
        focus(browser, "[data-do^='forget:']");
        browser.press_key(ENTER);
        wait_until(browser, "!document.querySelector('.fl-past')");
    };
    the_first_page_is_used_without_a_mouse => |scene| {
        let browser = &scene.browser;
        browser.open_page("welcome.html");
        wait_until(browser, "document.querySelector('h1').textContent");
        let reached = walk(browser);
        assert!(reached.iter().any(|name| name == "try"), "{reached:?}");
        focus(browser, "#try");
        browser.press_key(ENTER);
        wait_until(browser, "document.querySelector('#sample [data-state=done][data-side=site]')");
    };
    a_card_is_used_without_a_mouse => |scene| {
        let (_origin, url) = card(scene, "keyed.test");
        let browser = &scene.browser;
        let all = browser.in_card(CARD_CONTROLS).unwrap();
        let expected: Vec<_> = all.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect();
        assert!(expected.len() >= 6 && expected.iter().any(|name| name == "copy"), "{expected:?}");
        for wanted in &expected {
            browser.press_key(TAB);
            let here = browser.in_card(IN_CARD).unwrap();
            assert_eq!(here[0], wanted.as_str(), "of {expected:?}");
            assert_ne!(here[1], "none", "no focus to be seen on {wanted}");
            if wanted == "copy" {
                browser.press_key(ENTER);
                copied(browser, "keyed.test");
            }
        }
        browser.in_card("root.parentNode.querySelector('.fl-close').focus()").unwrap();
        browser.press_key(ENTER);
        wait_for("the badge to go", || match browser.try_badge(&url)? {
            badge if badge.is_empty() => Ok(()),
            badge => Err(badge),
        });
        assert!(browser.card().is_err(), "the card stays");
    };
    the_report_is_copied_from_the_card_by_one_click => |scene| {
        let (_origin, _url) = card(scene, "clicked.test");
        let browser = &scene.browser;
        let middle = browser.in_card("(r => [r.x + r.width / 2, r.y + r.height / 2])(root.querySelector('[data-do=copy]').getBoundingClientRect())").unwrap();
        browser.click_at(middle[0].as_f64().unwrap(), middle[1].as_f64().unwrap());
        copied(browser, "clicked.test");
    };
    a_card_says_its_verdict_once => |scene| {
        scene.set("show", json!("card"));
        let gate = Gate::shut();
        let (_origin, url) = down(scene, "spoken.test", &gate);
        let browser = &scene.browser;
        browser.visit(&url);
        wait_for("the first word", || match browser.card()? {
            card if card.state == "checking" && card.producer == "nginx" && gate.arrivals() > 0 => Ok(()),
            card => Err(format!("{card:?}")),
        });
        browser.in_card(&listen("root.parentNode", "root.getRootNode().host")).unwrap();
        gate.open();
        card_is(browser, "done");
        let said = wait_for("the verdict to be said", || {
            let said = browser.in_card("[root.getRootNode().host.dataset.said, root.querySelector('h1').textContent]")?;
            if said[0].is_string() { Ok(said) } else { Err(said.to_string()) }
        });
        assert_eq!(said[0].as_str().and_then(|s| serde_json::from_str::<Value>(s).ok()), Some(json!([said[1]])), "said by itself");
    };
    the_details_say_their_verdict_once => |scene| {
        let gate = Gate::shut();
        let (_origin, url) = down(scene, "told.test", &gate);
        scene.browser.visit(&url);
        let shown = wait_for("the first word", || match scene.browser.popup()? {
            shown if shown.state == "checking" && shown.producer == "nginx" && gate.arrivals() > 0 => Ok(shown),
            shown => Err(format!("{shown:?}")),
        });
        let browser = &scene.browser;
        browser.close_popup();
        browser.open_tab();
        browser.open_page(&format!("details.html#{}", shown.case));
        wait_until(browser, "document.querySelector('[data-state=checking]')");
        browser.run(&format!("return {}", listen("document.body", "document.body")), &[]);
        gate.open();
        wait_until(browser, "document.querySelector('[data-state=done]')");
        wait_until(browser, "document.body.dataset.said");
        let said = browser.run("return [JSON.parse(document.body.dataset.said), document.querySelector('h1').textContent]", &[]);
        assert_eq!(said[0], json!([said[1]]), "said by itself");
    };
    the_popup_says_its_verdict_from_right_to_left: alone => |kind| {
        let mut scene = Scene::start(Launch::new(kind).language("ar"));
        let (_origin, url) = down(&mut scene, "arabic.test", &opened());
        let said = scene.verdict_on(&url).text;
        let words = words("ar");
        for key in ["action_copy", "hop_state_failed"] {
            let word = words[key]["message"].as_str().unwrap();
            assert!(said.contains(word), "`{word}` is not in {said}");
        }
        wait_for("all of it at a glance, from the right", || {
            let seen = scene.browser.in_popup(
                "[document.documentElement.dir, document.querySelector('[data-do=copy]').getBoundingClientRect().bottom <= innerHeight,
                  document.documentElement.scrollWidth <= document.documentElement.clientWidth, getComputedStyle(document.querySelector('h1')).direction]",
            )?;
            if seen == json!(["rtl", true, true, "rtl"]) { Ok(()) } else { Err(seen.to_string()) }
        });
    };
    a_card_has_room_for_letters_twice_as_large_and_does_with_few_colours: alone => |kind| {
        let mut scene = Scene::start(Launch::new(kind));
        let (_origin, _url) = card(&mut scene, "wide.test");
        let browser = &scene.browser;
        browser.in_card("(root.parentNode.style.zoom = 2, true)").unwrap();
        let cut = browser.in_card(
            "[...root.querySelectorAll('h1, p, button, li, svg')].filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline').map(e => e.outerHTML.slice(0, 80))",
        );
        assert_eq!(cut, Ok(json!([])), "cut off");
        browser.in_card("(root.parentNode.style.zoom = '', true)").unwrap();
        browser.respect(Wish::FewColours);
        wait_until(browser, "matchMedia('(forced-colors: active)').matches");
        let colours = browser
            .in_card("((of) => [of('.fl-diamond', 'fill'), of('.fl-mark-ok circle, .fl-mark circle', 'fill'), getComputedStyle(root.parentNode).backgroundColor, of('.fl-wire', 'stroke')])((css, what) => getComputedStyle(root.querySelector(css))[what])")
            .unwrap();
        let [diamond, circle, paper, wire] = [0, 1, 2, 3].map(|n| colours[n].as_str().unwrap().to_owned());
        assert!(diamond != paper && circle != paper && wire != paper && diamond != circle, "{colours}");
    };
}

/// Writes down, in an attribute of `at`, whatever a screen reader would say by itself of what is in `within` from now on.
fn listen(within: &str, at: &str) -> String {
    format!(
        "((within, at) => {{
            const live = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest('[role=status]');
            const said = [];
            new MutationObserver((changes) => {{
                for (const status of new Set(changes.map((c) => live(c.target)).filter(Boolean))) if (status.textContent) said.push(status.textContent);
                if (said.length) at.dataset.said = JSON.stringify(said);
            }}).observe(within, {{ subtree: true, childList: true, characterData: true }});
            return true;
        }})({within}, {at})"
    )
}
