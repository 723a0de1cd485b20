//! A page that fails in a private window: the visitor is told as anywhere, and nothing of it stays.

use faultline_tests::browser::{Kind, Launch, Tab};
use faultline_tests::servers::Origin;
use faultline_tests::stage::fixture;
use faultline_tests::wait::wait_for;
use serde_json::{Value, json};

use crate::scene::Scene;

/// Everything that the extension has written down, anywhere.
const WRITTEN: &str = "return JSON.stringify([await api.storage.session.get(), await api.storage.local.get()])";

scenarios! {
    a_failure_lasts_as_long_as_its_page_and_no_longer: alone => |kind| {
        let mut own = Scene::start(Launch::new(kind).private_windows());
        own.name("hidden.test");
        let origin = Origin::start(|_| fixture("nginx/502-refused"));
        let first = own.browser.tab();
        let url = origin.url("hidden.test", "/page");
        let hidden = private_window(&own, &url);
        let shown = own.verdict_of(&url);
        assert_eq!(shown.side, "site", "{shown:?}");
        let never = own.browser.in_popup("document.querySelector('[data-do=never]') === null");
        assert_eq!(never, Ok(json!(true)), "a button that would write the site down");
        assert_eq!(own.browser.api("return (await api.storage.local.get('history')).history ?? null", &[]), Value::Null);

        own.browser.stop_background();
        own.browser.close_popup();
        own.browser.show(&hidden);
        own.browser.press_button();
        let again = own.verdict_of(&url);
        assert_eq!((&again.case, &again.side), (&shown.case, &shown.side), "forgotten with the background");

        own.browser.close_popup();
        own.browser.close_tab(&first);
        wait_for("nothing of it to be written down", || {
            let written = own.browser.try_api(WRITTEN, &[])?;
            if written.to_string().contains("hidden.test") { Err(written.to_string()) } else { Ok(()) }
        });
    };
}

/// Opens the page in a private window in front, and turns to it.
fn private_window(own: &Scene, url: &str) -> Tab {
    let before = own.browser.tabs();
    own.browser.api("await api.windows.create({ incognito: true, url: arguments[0] })", &[json!(url)]);
    let tab = wait_for("the private window", || {
        let now = own.browser.tabs();
        now.into_iter().find(|tab| !before.contains(tab)).ok_or_else(|| "no new tab".to_owned())
    });
    if own.browser.kind() == Kind::Firefox {
        own.browser.show(&tab);
    }
    tab
}
