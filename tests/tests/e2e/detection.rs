//! What is a failed load, what is not, and on whose page the popup belongs.

use faultline_tests::browser::Launch;
use faultline_tests::servers::{Answer, Fault, Gate, Origin, Product, Request, Site, Upstream};
use faultline_tests::stage::fixture;
use faultline_tests::wait::wait_for;
use serde_json::json;

use crate::scene::{Scene, wait_for_hits};

/// A page with a link that fails.
const LINK: &str = "<!doctype html><html lang=en><title>Fine</title><p><a id=failing href=/failing>Onwards</a>";

scenarios! {
    a_form_that_fails_is_never_sent_again => |scene| {
        let origin = shop(scene, "form.test");
        scene.browser.visit(&origin.url("form.test", "/"));
        scene.browser.arrive(&origin.url("form.test", "/"));
        scene.browser.submit(&origin.url("form.test", "/failing"), "card", "4111111111111111");
        let shown = scene.verdict_of(&origin.url("form.test", "/failing"));
        assert_eq!((shown.status.as_str(), shown.side.as_str()), ("502", "site"), "{shown:?}");
        let requests = origin.requests();
        assert_eq!(requests.iter().filter(|r| r.method == "POST").count(), 1, "the form was sent again");
        assert!(requests.iter().filter(|r| r.method != "POST").all(|r| r.method == "GET" && r.body.is_empty()));
        assert_eq!(scene.browser.report(&shown.case).text("/page/method"), "POST");
    };
    the_end_of_a_chain_of_redirects => |scene| {
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = scene.gateway(Product::Nginx, Site::new("end.test", nowhere.port()));
        let target = gateway.url("end.test", "/page");
        scene.name("start.test");
        let start = Origin::start(move |r| match r.target.as_str() {
            "/one" => Answer::new(302, "Found").header("Location", "/two"),
            _ => Answer::new(301, "Moved Permanently").header("Location", &target),
        });
        scene.browser.visit(&start.url("start.test", "/one"));
        let shown = scene.verdict_of(&gateway.url("end.test", "/page"));
        assert_eq!((shown.status.as_str(), shown.producer.as_str(), shown.side.as_str()), ("502", "nginx", "site"), "{shown:?}");
    };
    a_page_that_works_wakes_nothing => |scene| {
        let origin = shop(scene, "well.test");
        if scene.browser.background_runs() {
            scene.browser.stop_background();
        }
        for page in ["/", "/again", "/missing"] {
            scene.browser.visit(&origin.url("well.test", page));
            scene.browser.arrive(&origin.url("well.test", page));
        }
        assert!(!scene.browser.popup_is_open(), "a popup over a page that works");
        assert!(!scene.browser.core_is_loaded(), "the core was loaded for pages below 500");
    };
    a_tab_in_the_background_waits_for_the_visitor => |scene| {
        let origin = shop(scene, "tabs.test");
        let front = origin.url("tabs.test", "/");
        scene.browser.visit(&front);
        scene.browser.arrive(&front);
        let behind = scene.browser.open_behind("#failing");
        let failing = origin.url("tabs.test", "/failing");
        wait_for("the badge of the tab behind", || {
            let badge = scene.browser.try_badge(&failing)?;
            if badge.is_empty() { Err("no badge".to_owned()) } else { Ok(()) }
        });
        assert!(!scene.browser.popup_is_open(), "a popup over the wrong page");
        assert_eq!(scene.browser.badge(&front), "", "a badge on the wrong tab");
        scene.browser.show(&behind);
        let shown = scene.verdict_of(&failing);
        assert_eq!(shown.side, "site", "{shown:?}");
    };
    a_reload_that_is_overtaken_hides_no_failure => |scene| {
        scene.name("overtaken.test");
        let origin = Origin::start(|r| if r.target.starts_with("/down") { fixture("nginx/502-refused") } else { Answer::fine("All is well") });
        // Firefox tells of the reload's response after the commit of the page that overtook it: in seven of ten.
        for round in 0..4 {
            let [well, next, down] = ["well", "next", "down"].map(|page| origin.url("overtaken.test", &format!("/{page}{round}")));
            scene.browser.close_popup();
            for page in [&well, &next] {
                scene.browser.visit(page);
                scene.browser.arrive(page);
            }
            scene.browser.back();
            scene.browser.arrive(&well);
            scene.browser.reload();
            scene.browser.visit(&down);
            let shown = scene.verdict_of(&down);
            assert_eq!((shown.status.as_str(), shown.producer.as_str()), ("502", "nginx"), "{shown:?}");
        }
    };
    back_takes_the_popup_away => |scene| {
        let origin = shop(scene, "back.test");
        let front = origin.url("back.test", "/");
        scene.browser.visit(&front);
        scene.browser.arrive(&front);
        scene.browser.click("#failing");
        let first = scene.browser.verdict();
        scene.browser.back();
        scene.browser.arrive(&front);
        wait_for("the popup to go", || if scene.browser.popup_is_open() { Err("still open".to_owned()) } else { Ok(()) });
        assert_eq!(scene.browser.badge(&front), "", "a badge on a page that works");
        assert!(scene.browser.card().is_err(), "a card on a page that works");
        no_case_since(scene, &first.case);
    };
    stop_means_that_nothing_failed => |scene| {
        let gate = Gate::shut();
        let held = gate.clone();
        scene.name("stop.test");
        let origin = Origin::start(move |r| match r.target.as_str() {
            "/held" => fixture("nginx/502-refused").behind(&held),
            _ => Answer::fine("Fine"),
        });
        let before = fail_once(scene);
        scene.browser.visit(&origin.url("stop.test", "/"));
        scene.browser.arrive(&origin.url("stop.test", "/"));
        scene.browser.visit(&origin.url("stop.test", "/held"));
        wait_for_hits(&origin, "/held", 1);
        scene.browser.stop();
        gate.open();
        no_case_since(scene, &before);
        assert_eq!(origin.hits("/held"), 1, "a page that the visitor gave up was asked for");
    };
    somewhere_else_before_the_answer => |scene| {
        let gate = Gate::shut();
        let held = gate.clone();
        scene.name("else.test");
        let origin = Origin::start(move |r| match r.target.as_str() {
            "/held" => fixture("nginx/502-refused").behind(&held),
            _ => Answer::fine("Fine"),
        });
        let before = fail_once(scene);
        scene.browser.visit(&origin.url("else.test", "/held"));
        wait_for_hits(&origin, "/held", 1);
        scene.browser.visit(&origin.url("else.test", "/"));
        scene.browser.arrive(&origin.url("else.test", "/"));
        gate.open();
        assert!(!scene.browser.popup_is_open(), "a popup over a page that works");
        no_case_since(scene, &before);
    };
    a_host_that_the_visitor_does_not_want_to_hear_of => |scene| {
        let origin = shop(scene, "never.test");
        let before = fail_once(scene);
        scene.set("never", json!(["never.test"]));
        scene.browser.visit(&origin.url("never.test", "/failing"));
        scene.browser.arrive(&origin.url("never.test", "/failing"));
        no_case_since(scene, &before);
        assert_eq!(origin.hits("/failing"), 1, "the host was asked nevertheless");
    };
}

scenarios! { chromium:
    a_popup_that_is_closed_at_once_stays_closed: alone => |kind| {
        // The browser says so when a popup is closed before it has its place on screen. Here it is said in any case, once the popup is there.
        let said = "(() => {
            const real = chrome.action.openPopup.bind(chrome.action);
            globalThis.faultlineOpened = 0;
            chrome.action.openPopup = async (where) => {
              faultlineOpened += 1;
              const there = new Promise((done) => chrome.runtime.onConnect.addListener((port) => port.name === 'popup' && done()));
              await Promise.all([real(where), there]);
              throw new Error('Failed to open popup.');
            };
            return true;
          })()";
        let mut own = Scene::start(Launch::new(kind));
        fail_once(&mut own);
        own.browser.close_popup();
        own.browser.keep_background();
        wait_for("the browser to say so", || own.browser.in_background(said));
        let upstream = Upstream::with(Fault::Closes);
        let gateway = own.gateway(Product::Nginx, Site::new("closed.test", upstream.port()));
        let shown = own.verdict_on(&gateway.url("closed.test", "/page"));
        own.browser.close_popup();
        let shown_after = || own.browser.report(&shown.case).0.pointer("/timing/shown_ms").is_some_and(serde_json::Value::is_number);
        wait_for("the announcement to be over", || if shown_after() { Ok(()) } else { Err("not yet".to_owned()) });
        assert_eq!(own.browser.in_background("faultlineOpened"), Ok(json!(1)), "the popup came again");
    };
    a_guess_of_the_browser_is_no_visit: alone => |kind| {
        // Debian's Chromium guesses no visits ahead, and neither does chromedriver's.
        let launch = Launch::new(kind).pref("net.network_prediction_options", 0).without_switch("disable-background-networking");
        let mut own = Scene::start(launch);
        let rules = r#"<script type=speculationrules>{ "prefetch": [{ "urls": ["/failing"], "eagerness": "immediate" }] }</script>"#;
        let origin = Origin::start(move |r| match r.target.as_str() {
            "/" => Answer::new(200, "OK").html(&format!("{LINK}{rules}")),
            _ => fixture("nginx/502-refused"),
        });
        let before = fail_once(&mut own);
        own.browser.visit(&origin.url("guess.localhost", "/"));
        wait_for_hits(&origin, "/failing", 1);
        let guess = origin.requests().into_iter().find(|r| r.target == "/failing");
        assert!(guess.is_some_and(|r| r.header("sec-purpose").is_some()), "that was no prefetch");
        own.browser.arrive(&origin.url("guess.localhost", "/"));
        assert!(!own.browser.popup_is_open(), "a popup for a page that nobody visited");
        no_case_since(&mut own, &before);
    };
}

scenarios! { firefox:
    a_file_that_fails_says_nothing_of_the_page_with_the_link => |scene| {
        // Firefox shows what became of the file in a tab of its own, in front.
        scene.name("file.test");
        let origin = Origin::start(|r| match r.target.as_str() {
            "/failing" => fixture("nginx/502-refused").header("Content-Disposition", "attachment; filename=a.bin"),
            _ => Answer::new(200, "OK").html(LINK),
        });
        let before = fail_once(scene);
        let front = origin.url("file.test", "/");
        scene.browser.visit(&front);
        scene.browser.arrive(&front);
        let page = scene.browser.tab();
        scene.browser.click("#failing");
        wait_for("a tab for the file", || if scene.browser.tabs().len() > 1 { Ok(()) } else { Err("one tab".to_owned()) });
        scene.browser.show(&page);
        assert_eq!(scene.browser.badge(&front), "", "a badge on a page that works");
        assert!(!scene.browser.popup_is_open(), "a popup over a page that works");
        no_case_since(scene, &before);
        assert_eq!(origin.hits("/failing"), 1, "a file was asked for again");
    };
    an_empty_answer_is_firefox_s_own_page => |scene| {
        // WebDriver's recommended preferences would have shown a blank page here, which no visitor ever sees.
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = scene.gateway(Product::Caddy, Site::new("nothing.test", nowhere.port()));
        let shown = scene.verdict_on(&gateway.url("nothing.test", "/"));
        assert_eq!((shown.producer.as_str(), shown.side.as_str()), ("caddy", "site"), "{shown:?}");
        let page = scene.browser.run("return document.documentURI", &[]);
        assert!(page.as_str().is_some_and(|p| p.starts_with("about:neterror")), "the page is {page}");
    };
}

/// A site whose `/failing` fails.
fn shop(scene: &mut Scene, host: &str) -> Origin {
    scene.name(host);
    Origin::start(|r: &Request| match r.target.as_str() {
        "/failing" => fixture("nginx/502-refused"),
        "/missing" => Answer::new(404, "Not Found").html("<h1>404 Not Found</h1>"),
        _ => Answer::new(200, "OK").html(LINK),
    })
}

/// Lets one page fail, and gives its case: the fence before something that must not be a case.
fn fail_once(scene: &mut Scene) -> String {
    let nowhere = Upstream::with(Fault::Refuses);
    let gateway = scene.gateway(Product::Nginx, Site::new("fence.test", nowhere.port()));
    let shown = scene.verdict_on(&gateway.url("fence.test", "/"));
    scene.browser.close_popup();
    shown.case
}

/// The next failure is the next case: there was none since `before`.
fn no_case_since(scene: &mut Scene, before: &str) {
    let after = fail_once(scene);
    let number = |case: &str| case.parse::<u32>().unwrap_or_else(|e| panic!("case {case:?}: {e}"));
    assert_eq!(number(&after), number(before) + 1, "something else became a case");
}
