//! Notifications, where the visitor has allowed them: on a screen that nobody sees, with a real click of its mouse.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use faultline_tests::browser::{Browser, Display, Kind, Launch};
use faultline_tests::servers::{Answer, Origin};
use faultline_tests::wait::wait_for;
use serde_json::json;

use crate::people::wait_for_tab;
use crate::scene::Scene;
use crate::watch::{due_while_closed, list, list_of, looks, ring, wish};

/// A browser in a window, whose visitor has allowed notifications.
fn start(kind: Kind) -> Scene {
    let scene = Scene::start(Launch::new(kind).granted("notifications").on(Display::start()));
    // That was some time ago: Firefox keeps for a background that is stopped what it has listened to from its start, and nothing later.
    if kind == Kind::Firefox && scene.browser.background_runs() {
        scene.browser.stop_background();
    }
    scene
}

/// A site that fails until `mended`.
fn site(mended: &Arc<AtomicBool>) -> Origin {
    let works = Arc::clone(mended);
    Origin::start(move |_| {
        if works.load(Ordering::SeqCst) { Answer::fine("All is well") } else { Answer::new(502, "Bad Gateway").with_body("down") }
    })
}

/// Two looks find the site well, and the watch ends.
fn comes_back(browser: &Browser) {
    ring(browser);
    wait_for("the first good look", || looks(browser, 1));
    ring(browser);
    wait_for("the end of the watch", || match list(browser)?.as_array().map_or(0, Vec::len) {
        0 => Ok(()),
        n => Err(format!("{n} watches")),
    });
}

/// The mouse goes onto the notification, the background is stopped, as it is after half a minute, and the mouse is pressed.
fn click_after_a_while(browser: &Browser) {
    browser.point_at_notice();
    browser.stop_background();
    browser.press_mouse();
}

fn wait_for_no_notice(browser: &Browser) {
    wait_for("the notification to go", || {
        let left = browser.try_api("return Object.keys(await api.notifications.getAll())", &[])?;
        if left == json!([]) { Ok(()) } else { Err(left.to_string()) }
    });
}

scenarios! {
    a_click_on_the_news_opens_the_page_also_after_the_background_was_stopped: alone => |kind| {
        let mut own = start(kind);
        let mended = Arc::default();
        let origin = site(&mended);
        own.name("news.test");
        let url = origin.url("news.test", "/page?q=1");
        let shown = own.verdict_on(&url);
        wish(&own, &shown.case, "watch");
        list_of(&own, 1);
        let browser = &own.browser;
        browser.tidy_up();

        mended.store(true, Ordering::SeqCst);
        browser.note_notices();
        comes_back(browser);
        browser.wait_for_notice("news.test is back", "The page answers again. Click to open it.");
        assert_eq!(browser.api("return await api.action.getBadgeText({})", &[]), "", "told twice");
        click_after_a_while(browser);
        wait_for_tab(browser, &url);
        wait_for_no_notice(browser);
    };
    where_neither_popup_nor_card_may_be_a_notification_tells_and_turns_to_the_tab: alone => |kind| {
        let mut own = start(kind);
        // An empty body: the page on screen is the browser's own, where no script may enter.
        let origin = Origin::start(|_| Answer::new(502, "Bad Gateway"));
        own.name("notify.test");
        let url = origin.url("notify.test", "/page");
        let browser = &own.browser;
        browser.note_notices();
        browser.refuse_popups(|| {
            browser.visit(&url);
            browser.wait_for_notice("Faultline", "notify.test answered with error 502. Is it you or the site?");
            assert!(!browser.popup_is_open(), "a popup where none may be");
        });
        // Somebody who has gone to another window.
        browser.open_window();
        browser.close_popup();
        click_after_a_while(browser);
        wait_for("the window of the tab in front", || {
            let body = "const tab = (await api.tabs.query({ active: true })).find(t => t.url === arguments[0]);
                return [tab?.id, tab && (await api.windows.get(tab.windowId)).focused]";
            let there = browser.try_api(body, &[json!(url)])?;
            if there[1] == true { Ok(()) } else { Err(there.to_string()) }
        });
        wait_for_no_notice(browser);
    };
    a_watch_goes_on_with_the_start_of_the_browser_alone: alone => |kind| {
        let launch = || Launch::new(kind).installed().granted("notifications").hosts(["early.test"]);
        let mended = Arc::default();
        let origin = site(&mended);
        let own = Scene::start(if kind == Kind::Chromium { launch().welcome() } else { launch() });
        let shown = own.verdict_on(&origin.url("early.test", "/page"));
        let before = origin.hits("/page");
        let profile = due_while_closed(own, &shown.case);
        mended.store(true, Ordering::SeqCst);

        let browser = launch().profile(profile).welcome().start();
        // No page is visited, and nothing is asked of the extension.
        wait_for("a look at the site", || match origin.hits("/page") {
            hits if hits > before => Ok(()),
            hits => Err(format!("{hits} requests")),
        });
        wait_for("its end", || looks(&browser, 1));
        ring(&browser);
        wait_for("the news", || {
            let told = browser.try_api("return Object.keys(await api.notifications.getAll())", &[])?;
            if told == json!([origin.url("early.test", "/page")]) { Ok(()) } else { Err(told.to_string()) }
        });
    };
}
