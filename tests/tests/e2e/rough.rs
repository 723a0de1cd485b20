//! Bad input: what a hostile or broken site sends. The case goes on with what is known.

use faultline_tests::browser::Kind;
use faultline_tests::servers::{Answer, Gate, Origin};
use faultline_tests::stage::fixture;
use faultline_tests::wait::wait_for;
use serde_json::json;

use crate::scene::Scene;

scenarios! {
    a_body_of_50_megabytes => |scene| {
        let page = format!("<html><head><title>502 Bad Gateway</title></head><body><p>{}", "lorem ipsum ".repeat(50 * 1024 * 1024 / 12));
        let shown = fails_with(scene, "large.test", move || Answer::new(502, "Bad Gateway").html(&page));
        assert_eq!(shown, ("502".to_owned(), "site".to_owned()));
    };
    a_body_in_another_charset => |scene| {
        // "Сервис недоступен" in windows-1251.
        let body = b"<html><head><title>502</title></head><body><h1>\xd1\xe5\xf0\xe2\xe8\xf1 \xed\xe5\xe4\xee\xf1\xf2\xf3\xef\xe5\xed</h1>";
        let shown = fails_with(scene, "charset.test", || Answer::new(502, "Bad Gateway").body("text/html; charset=windows-1251", body.to_vec()));
        assert_eq!(shown, ("502".to_owned(), "site".to_owned()));
    };
    a_header_that_is_not_utf_8 => |scene| {
        let bytes = b"HTTP/1.1 503 Caf\xe9\r\nServer: \xff\xfe\xfd\r\nContent-Type: text/html\r\nContent-Length: 15\r\nConnection: close\r\n\r\n<h1>closed</h1>";
        let shown = fails_with(scene, "bytes.test", || Answer::raw(bytes.to_vec()));
        assert_eq!(shown, ("503".to_owned(), "site".to_owned()));
    };
    a_storage_that_refuses => |scene| {
        // Whatever was asked before has to be over, or the background is not the one that is broken here.
        scene.browser.visit("about:blank");
        let refuse = "(async () => { chrome.storage.session.set = () => Promise.reject(new Error('QUOTA_BYTES quota exceeded')); return true })()";
        fails_with(scene, "wakes.test", || fixture("nginx/502-refused"));
        scene.browser.close_popup();
        scene.browser.keep_background();
        scene.browser.in_background(refuse).expect("a background that runs");
        let shown = fails_with(scene, "full.test", || fixture("nginx/502-refused"));
        assert_eq!(shown, ("502".to_owned(), "site".to_owned()));
        scene.browser.stop_background();
    };
    a_browser_that_finds_no_words => |scene| {
        scene.name("speechless.test");
        let origin = Origin::start(|r| if r.target == "/well" { Answer::fine("Well") } else { fixture("nginx/502-refused") });
        scene.browser.visit("about:blank");
        if scene.browser.background_runs() {
            scene.browser.stop_background();
        }
        scene.browser.keep_background();
        // A page that works starts a background and leaves it without its core, which would have looked for the words.
        scene.browser.visit(&origin.url("speechless.test", "/well"));
        let lose = "(chrome.i18n.getMessage = () => '', !faultline.loaded)";
        assert_eq!(wait_for("a background", || scene.browser.in_background(lose)), json!(true), "it has words already");
        let shown = scene.verdict_on(&origin.url("speechless.test", "/page"));
        let sentence = "It's not you. speechless.test can't reach its own application.";
        assert!(shown.text.contains(sentence) && shown.text.contains("Check again"), "{shown:?}");
        scene.browser.stop_background();
    };
    a_page_that_breaks_off => |scene| {
        let gate = Gate::shut();
        let held = gate.clone();
        let page = "<html><head><title>502 Bad Gateway</title></head><body>".to_owned() + &"<p>half</p>".repeat(2000);
        scene.name("half.test");
        let origin = Origin::start(move |_| Answer::new(502, "Bad Gateway").html(&page).second_half_behind(&held).broken_off());
        scene.browser.visit(&origin.url("half.test", "/page"));
        // Half of it is there, and the first word on it; then the connection breaks.
        wait_for("the first word", || scene.browser.popup().map(drop));
        gate.open();
        let shown = scene.verdict_of(&origin.url("half.test", "/page"));
        assert_eq!((shown.status.as_str(), shown.side.as_str()), ("502", "site"), "{shown:?}");
    };
    a_page_that_breaks_off_at_once => |scene| {
        // Firefox puts a page of its own in place of what little there was, some moments after the popup: the case is the same.
        scene.name("cut.test");
        let origin = Origin::start(|_| fixture("nginx/502-refused").broken_off());
        let url = origin.url("cut.test", "/page");
        let shown = scene.verdict_on(&url);
        if scene.browser.kind() == Kind::Firefox {
            wait_for("the browser's own page", || {
                let here = scene.browser.try_run("return document.documentURI", &[])?;
                if here.as_str().is_some_and(|uri| uri.starts_with("about:neterror")) { Ok(()) } else { Err(here.to_string()) }
            });
        }
        // Later than all that the background has put off by then.
        wait_for("the background", || scene.browser.in_background("new Promise(done => setTimeout(() => done(true), 1000))"));
        assert_eq!(scene.browser.popup().map(|now| (now.case, now.state)), Ok((shown.case.clone(), "done".to_owned())), "{shown:?}");
        assert_ne!(scene.browser.badge(&url), "", "the badge is gone");
    };
    markup_that_wants_in => |scene| {
        // A hostile page puts itself into everything that is shown: as text it must stay text.
        let page = "<html><head><title>&lt;img src=x onerror=alert(1)&gt;</title></head><body><h1>502</h1><script>document.title = '<b id=evil>x</b>'</script>";
        let shown = fails_with(scene, "hostile.test", move || {
            Answer::new(502, "<b id=evil>").html(page).header("Server", "<b id=evil>evil</b>").header("Via", "1.1 <img id=evil src=x>")
        });
        assert_eq!(shown.0, "502");
        let found = scene.browser.in_popup("document.querySelectorAll('#evil, img').length");
        assert_eq!(found.map(|n| n.as_u64()), Ok(Some(0)), "markup of the page is in the popup");
    };
    a_tab_that_closes_in_the_middle => |scene| {
        let gate = Gate::shut();
        let held = gate.clone();
        scene.name("closes.test");
        let origin = Origin::start(move |r| match (r.target.as_str(), r.earlier) {
            ("/page", 1) => fixture("nginx/502-refused").behind(&held),
            _ => fixture("nginx/502-refused"),
        });
        let stays = scene.browser.tab();
        scene.browser.open_tab();
        scene.browser.visit(&origin.url("closes.test", "/page"));
        wait_for("the question", || if gate.arrivals() > 0 { Ok(()) } else { Err("nobody at the gate".to_owned()) });
        scene.browser.close_tab(&stays);
        gate.open();
        let shown = fails_with(scene, "next.test", || fixture("nginx/502-refused"));
        assert_eq!(shown, ("502".to_owned(), "site".to_owned()));
    };
}

/// Visits a site where every page is `answer`; gives status and side. The popup stays open.
fn fails_with(scene: &mut Scene, host: &str, answer: impl Fn() -> Answer + Send + Sync + 'static) -> (String, String) {
    scene.name(host);
    let origin = Origin::start(move |_| answer());
    let url = origin.url(host, "/page");
    scene.browser.visit(&url);
    let shown = scene.verdict_of(&url);
    let report = scene.browser.report(&shown.case);
    assert!(report.text("/page/url").contains(host));
    (shown.status, shown.side)
}
