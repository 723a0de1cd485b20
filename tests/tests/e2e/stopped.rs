//! The browser stops the background whenever it likes. The verdict is the same.

use faultline_tests::servers::{Answer, Gate, Origin, Request};
use faultline_tests::stage::{CONTROL, fixture, online};
use faultline_tests::wait::{DEADLINE, try_for, wait_for};
use serde_json::json;

use crate::scene::Scene;

/// When the background is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// The page has been asked for, and nothing has come.
    BeforeTheAnswer,
    /// Half of the failing page is there, and the first word is on screen.
    HalfThePage,
    /// The page was asked for once more, and nothing has come.
    Fresh,
    /// The front page was asked for.
    Home,
    /// The control endpoint was asked.
    Control,
    /// It works again, and is asked for from within the page.
    InPage,
    /// And with the visitor's cookies.
    Cookies,
    /// And once more.
    Again,
    /// Everything is known.
    Done,
}

impl At {
    /// Which request for the page waits at the gate, where only the first fails.
    fn of_a_page_that_works_again(self) -> Option<usize> {
        [Self::InPage, Self::Cookies, Self::Again].iter().position(|at| *at == self).map(|n| n + 2)
    }
}

scenarios! {
    before_the_answer => |s| stopped(s, At::BeforeTheAnswer);
    with_half_the_page => |s| stopped(s, At::HalfThePage);
    while_the_page_is_asked_for_again => |s| stopped(s, At::Fresh);
    while_the_front_page_is_asked_for => |s| stopped(s, At::Home);
    while_the_control_is_asked => |s| stopped(s, At::Control);
    while_the_page_is_asked_from_within => |s| stopped(s, At::InPage);
    while_the_page_is_asked_with_cookies => |s| stopped(s, At::Cookies);
    while_the_page_is_asked_once_more => |s| stopped(s, At::Again);
    after_the_verdict => |s| stopped(s, At::Done);
    a_click_in_that_moment_is_heard => |scene| {
        let (_origin, url) = down(scene, "click.stopped.test");
        let shown = scene.verdict_on(&url);
        scene.browser.stop_background();
        scene.browser.click_in_popup("[data-do=details]");
        let details = format!("{}extension/details.html#{}", scene.browser.extension_origin(), shown.case);
        wait_for("the details page in front", || {
            let front = scene.browser.try_api("return (await api.tabs.query({ active: true })).map(t => t.url)", &[])?;
            if front[0] == details.as_str() { Ok(()) } else { Err(front.to_string()) }
        });
    };
    a_page_that_is_left_in_that_moment_takes_its_popup_along => |scene| {
        let (origin, url) = down(scene, "left.stopped.test");
        let well = origin.url("left.stopped.test", "/well");
        scene.verdict_on(&url);
        scene.browser.stop_background();
        scene.browser.visit(&well);
        scene.browser.arrive(&well);
        wait_for("the popup to go", || if scene.browser.popup_is_open() { Err("still open".to_owned()) } else { Ok(()) });
        assert_eq!(scene.browser.badge(&well), "", "a badge on a page that works");
    };
    a_tab_that_is_left_in_that_moment_takes_its_popup_along => |scene| {
        let (origin, url) = down(scene, "turned.stopped.test");
        let well = origin.url("turned.stopped.test", "/well");
        scene.browser.visit(&well);
        scene.browser.arrive(&well);
        let other = scene.browser.tab();
        scene.browser.open_tab();
        scene.verdict_on(&url);
        scene.browser.stop_background();
        scene.browser.show(&other);
        wait_for("the popup to go", || if scene.browser.popup_is_open() { Err("still open".to_owned()) } else { Ok(()) });
    };
    a_card_that_is_closed_in_that_moment_is_gone => |scene| {
        scene.set("show", json!("card"));
        let (_origin, url) = down(scene, "card.stopped.test");
        scene.browser.visit(&url);
        wait_for("the card with a verdict", || match scene.browser.card()? {
            card if card.state == "done" => Ok(()),
            card => Err(format!("{card:?}")),
        });
        scene.browser.stop_background();
        let closed = scene.browser.in_card("root.parentNode.querySelector('.fl-close').click()");
        assert_eq!(closed, Ok(json!(null)));
        wait_for("the badge to go", || match scene.browser.try_badge(&url)? {
            badge if badge.is_empty() => Ok(()),
            badge => Err(badge),
        });
        assert!(scene.browser.card().is_err(), "the card stays");
    };
}

fn stopped(scene: &mut Scene, at: At) {
    let gate = Gate::shut();
    let host = format!("{at:?}.stopped.test").to_lowercase();
    scene.name(&host);
    let held = gate.clone();
    let origin = Origin::start(move |request| answer(at, request, &held));
    let control = format!("http://{CONTROL}:{}/", origin.port());
    scene.set("control", json!([{ "url": control, "status": 204, "body": "" }]));

    let url = origin.url(&host, "/page");
    scene.browser.visit(&url);
    if at == At::Done {
        let shown = scene.verdict_of(&url);
        assert_eq!(shown.verdict(), ("site", "app"));
        stop(scene);
        let report = scene.browser.report(&shown.case);
        assert_eq!(
            (report.text("/verdict/side"), report.text("/producer/id")),
            ("site", "nginx"),
            "forgotten with the background"
        );
        return;
    }
    let works = at.of_a_page_that_works_again().is_some();
    wait_for("somebody at the gate", || if gate.arrivals() > 0 { Ok(()) } else { Err(format!("{at:?}: nobody")) });
    if at == At::HalfThePage {
        wait_for("the first word", || scene.browser.popup().map(drop));
    }
    stop(scene);
    gate.open();
    // The popup keeps what the stopped background told it last, until the next one tells it more.
    // One that was stopped before its popup was open is woken by an alarm, which browsers hold back for half a minute.
    let shown = try_for(DEADLINE * 2, || {
        let shown = scene.browser.popup()?;
        let same = (shown.state.as_str(), shown.status.as_str(), shown.producer.as_str(), shown.verdict());
        let wanted = match at {
            _ if works => ("passed", "none"),
            _ => ("site", "app"),
        };
        if same == ("done", "502", "nginx", wanted) { Ok(shown) } else { Err(format!("{shown:?}")) }
    });
    let shown = shown.unwrap_or_else(|last| panic!("waited for the same verdict; last seen: {last}"));
    scene.agrees(&shown, &url);
}

/// Everything fails as nginx does; what `at` is about waits at the gate.
fn answer(at: At, request: &Request, gate: &Gate) -> Answer {
    let page = || fixture("nginx/502-refused");
    if let Some(held) = at.of_a_page_that_works_again().filter(|_| request.host() != CONTROL) {
        return match (request.target.as_str(), request.earlier) {
            ("/page", 0) => page(),
            ("/page", n) if n == held => Answer::fine("Well again").header("Set-Cookie", "seen=1").behind(gate),
            _ => Answer::fine("Well again").header("Set-Cookie", "seen=1"),
        };
    }
    match (at, request.host(), request.target.as_str(), request.earlier) {
        (At::Control, CONTROL, ..) => online().behind(gate),
        (_, CONTROL, ..) => online(),
        (At::BeforeTheAnswer, _, "/page", 0) | (At::Fresh, _, "/page", 1) => page().behind(gate),
        (At::HalfThePage, _, "/page", 0) => page().second_half_behind(gate),
        (At::Home, _, "/", _) => page().behind(gate),
        _ => page(),
    }
}

/// A site that is down but for one page, and the page that fails.
fn down(scene: &mut Scene, host: &str) -> (Origin, String) {
    scene.name(host);
    let origin = Origin::start(|r| if r.target == "/well" { Answer::fine("Well") } else { fixture("nginx/502-refused") });
    let url = origin.url(host, "/page");
    (origin, url)
}

/// Stops the background, which may have been idle before the page failed.
fn stop(scene: &Scene) {
    if scene.browser.background_runs() {
        scene.browser.stop_background();
    }
}
