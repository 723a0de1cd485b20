//! Which window has the focus matters only where there are windows: on a screen that nobody sees, with a window manager.

use faultline_tests::browser::{Display, Launch};
use faultline_tests::servers::{Answer, Gate, Origin};
use faultline_tests::stage::fixture;
use faultline_tests::wait::wait_for;

use crate::scene::Scene;

/// Goes on to a page that fails when the server says so, whatever window is in front by then.
const LATER: &str = "<!doctype html><html lang=en><title>Later</title><script>fetch('/signal').then(() => { location.href = '/failing' })</script>";

scenarios! {
    a_window_behind_waits_for_the_visitor: alone => |kind| {
        let mut own = Scene::start(Launch::new(kind).on(Display::start()));
        let gate = Gate::shut();
        let held = gate.clone();
        own.name("windows.test");
        let origin = Origin::start(move |r| match r.target.as_str() {
            "/" => Answer::new(200, "OK").html(LATER),
            "/signal" => Answer::new(204, "No Content").behind(&held),
            _ => fixture("nginx/502-refused"),
        });
        own.browser.visit(&origin.url("windows.test", "/"));
        wait_for("the page", || if gate.arrivals() > 0 { Ok(()) } else { Err("not there".to_owned()) });
        let first = own.browser.tab();
        own.browser.open_window();
        gate.open();

        let failing = origin.url("windows.test", "/failing");
        wait_for("the badge in the window behind", || match own.browser.try_badge(&failing)? {
            badge if badge.is_empty() => Err("no badge".to_owned()),
            _ => Ok(()),
        });
        assert!(!own.browser.popup_is_open(), "a popup over a window that is well");
        own.browser.show(&first);
        let shown = own.verdict_of(&failing);
        assert_eq!(shown.side, "site", "{shown:?}");
    };
}
