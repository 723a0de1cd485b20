//! "Tell me when it is back": kept by the browser, looked at by an alarm, told when it is so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use faultline_tests::browser::Browser;
use faultline_tests::process::Scratch;
use faultline_tests::servers::{Answer, Fault, Origin, Product, Site, Upstream};
use faultline_tests::wait::wait_for;
use serde_json::{Value, json};

use crate::scene::Scene;

scenarios! {
    a_stopped_background_still_tells_when_a_site_is_back => |scene| {
        let mended = Arc::new(AtomicBool::new(false));
        let works = Arc::clone(&mended);
        let origin = Origin::start(move |_| {
            if works.load(Ordering::SeqCst) { Answer::fine("All is well") } else { Answer::new(502, "Bad Gateway").with_body("down") }
        });
        scene.name("back.test");
        let url = origin.url("back.test", "/page?q=1");
        let shown = scene.verdict_on(&url);
        assert_eq!(shown.side, "site", "{shown:?}");
        wish(scene, &shown.case, "watch");
        let begun = list_of(scene, 1);
        assert_eq!(begun[0]["url"], url.as_str());

        // While it fails, each look is one request without cookies, and the next comes later.
        let before = origin.hits("/page?q=1");
        ring(&scene.browser);
        wait_for("the first look", || looks(&scene.browser, 1));
        assert_eq!(origin.hits("/page?q=1"), before + 1);
        assert!(origin.requests().last().is_some_and(|r| r.header("cookie").is_none()));

        mended.store(true, Ordering::SeqCst);
        if scene.browser.background_runs() {
            scene.browser.stop_background();
        }
        ring(&scene.browser);
        wait_for("the first good look", || looks(&scene.browser, 2));
        assert_eq!(list_of(scene, 1)[0]["good"], true, "one good answer is none");
        ring(&scene.browser);
        wait_for("the end of the watch", || match list(&scene.browser)?.as_array().map_or(0, Vec::len) {
            0 => Ok(()),
            n => Err(format!("{n} watches")),
        });
        // Nobody has allowed notifications here: the button tells.
        wait_for("the mark on the button", || {
            let said = scene.browser.try_api("return [await api.action.getBadgeText({}), await api.action.getTitle({})]", &[])?;
            if said[0] == "ok" && said[1].as_str().is_some_and(|t| t.contains("back.test")) { Ok(()) } else { Err(said.to_string()) }
        });
        scene.browser.api("await api.action.setBadgeText({ text: '' }); await api.action.setTitle({ title: 'Faultline' })", &[]);
    };
    a_watch_that_is_not_wanted_any_more_asks_nothing => |scene| {
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = scene.gateway(Product::Nginx, Site::new("unwatch.test", nowhere.port()));
        let shown = scene.verdict_on(&gateway.url("unwatch.test", "/page"));
        wish(scene, &shown.case, "watch");
        list_of(scene, 1);
        wish(scene, &shown.case, "unwatch");
        list_of(scene, 0);
        wait_for("no alarm", || {
            let alarm = scene.browser.try_api("return await api.alarms.get('watches') ?? null", &[])?;
            if alarm.is_null() { Ok(()) } else { Err(alarm.to_string()) }
        });
    };
}

/// What the button of the details page sends.
pub(crate) fn wish(scene: &Scene, case: &str, action: &str) {
    let body = "const port = api.runtime.connect({ name: 'details' });
        const done = new Promise(done => port.onMessage.addListener(done));
        port.postMessage({ want: { case: arguments[0] } });
        await done;
        port.postMessage({ do: arguments[1] });
        await new Promise(done => port.onMessage.addListener(done));";
    scene.browser.api(body, &[json!(case), json!(action)]);
}

pub(crate) fn list(browser: &Browser) -> Result<Value, String> {
    browser.try_api("return (await api.storage.local.get('watches')).watches ?? []", &[])
}

/// The list, once it has so many entries.
pub(crate) fn list_of(scene: &Scene, length: usize) -> Value {
    wait_for(&format!("{length} watches"), || {
        let list = list(&scene.browser)?;
        if list.as_array().map_or(0, Vec::len) == length { Ok(list) } else { Err(list.to_string()) }
    })
}

/// The visitor wants to be told, and closes the browser; the time of the next look comes meanwhile, and the alarm goes with the browser.
pub(crate) fn due_while_closed(own: Scene, case: &str) -> Scratch {
    wish(&own, case, "watch");
    list_of(&own, 1);
    own.browser.api(
        "const { watches } = await api.storage.local.get('watches');
         for (const watch of watches) watch.next = Date.now();
         await api.alarms.clearAll();
         await api.storage.local.set({ watches });",
        &[],
    );
    let Scene { browser, .. } = own;
    browser.leave()
}

/// The time of the next look comes now.
pub(crate) fn ring(browser: &Browser) {
    let body = "const { watches } = await api.storage.local.get('watches');
        for (const watch of watches) watch.next = Date.now();
        await api.storage.local.set({ watches });
        await api.alarms.create('watches', { when: Date.now() });";
    browser.api(body, &[]);
}

/// Whether so many looks are over.
pub(crate) fn looks(browser: &Browser, looks: u64) -> Result<(), String> {
    let list = list(browser)?;
    if list[0]["looks"] == looks && list[0]["asked"] == 0 { Ok(()) } else { Err(list.to_string()) }
}
