//! The verdicts that are not "the whole site is down".

use faultline_tests::browser::Launch;
use faultline_tests::servers::{Answer, Origin, Product, Request, Site, Upstream};
use faultline_tests::stage::{Worker, worker_site};
use faultline_tests::wait::wait_for;
use serde_json::json;

use crate::scene::Scene;

scenarios! {
    it_works_again => |scene| {
        let (gateway, _upstream) = behind_nginx(scene, "recovers.test", |r| broken_if(r.target == "/page" && r.earlier == 0));
        let shown = scene.verdict_on(&gateway.url("recovers.test", "/page"));
        assert_eq!(shown.verdict(), ("passed", "none"), "{shown:?}");
    };
    some_of_its_servers_fail => |scene| {
        // The visit, and then every fourth request: what a balancer with one bad server looks like.
        let (gateway, _upstream) = behind_nginx(scene, "flaky.test", |r| broken_if(r.target == "/page" && r.earlier % 4 == 0));
        let shown = scene.verdict_on(&gateway.url("flaky.test", "/page"));
        assert_eq!(shown.verdict(), ("site", "app"), "{shown:?}");
    };
    only_this_page_fails => |scene| {
        let (gateway, _upstream) = behind_nginx(scene, "one-page.test", |r| broken_if(r.target.starts_with("/broken")));
        let shown = scene.verdict_on(&gateway.url("one-page.test", "/broken"));
        assert_eq!(shown.verdict(), ("site", "page"), "{shown:?}");
    };
    a_gate_that_loads_again_at_once_meets_a_background_that_starts => |scene| {
        // In a tab that has shown a failure before: the events of both loads are told at once, and in any order.
        for n in 0..8 {
            let gate = "<script>document.cookie = 'passed=1; path=/'; location.reload()</script><noscript>Scripts, please.</noscript>";
            let host = format!("gate{n}.test");
            let (gateway, _upstream) = behind_nginx(scene, &host, move |r| {
                let passed = r.header("cookie").is_some_and(|c| c.contains("passed=1"));
                if passed { Answer::hang_up() } else { Answer::new(200, "OK").html(gate) }
            });
            if scene.browser.background_runs() {
                scene.browser.stop_background();
            }
            let shown = scene.verdict_on(&gateway.url(&host, "/page"));
            assert_eq!((shown.status.as_str(), shown.verdict()), ("502", ("site", "app")), "{shown:?}");
        }
    };
    a_gate_lets_nobody_in_without_its_cookie => |scene| {
        // As hosts and shields against robots do: the first page sets a cookie by a script and loads again.
        let gate = "<script>document.cookie = 'passed=1; path=/'; location.reload()</script><noscript>Scripts, please.</noscript>";
        let (gateway, upstream) = behind_nginx(scene, "gated.test", move |r| {
            let passed = r.header("cookie").is_some_and(|c| c.contains("passed=1"));
            if passed { Answer::hang_up() } else { Answer::new(200, "OK").html(gate) }
        });
        let shown = scene.verdict_on(&gateway.url("gated.test", "/page"));
        assert_eq!((shown.status.as_str(), shown.verdict()), ("502", ("site", "app")), "{shown:?}");
        let asked = upstream.origin().map(Origin::requests).unwrap_or_default();
        let with_cookies = asked.iter().filter(|r| r.header("cookie").is_some() && r.target == "/page").count();
        assert_eq!(with_cookies, 1, "the visit's own");
    };
    the_visitor_is_offline => |scene| {
        scene.go_offline();
        let (gateway, _upstream) = behind_nginx(scene, "far-away.test", |_| Answer::hang_up());
        let shown = scene.verdict_on(&gateway.url("far-away.test", "/page"));
        assert_eq!(shown.verdict(), ("yours", "network"), "{shown:?}");
    };
    another_extension_breaks_it: alone => |kind| {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("extensions/adds-a-header");
        let mut own = Scene::start(Launch::new(kind).beside(dir));
        let (gateway, upstream) = behind_nginx(&mut own, "picky.test", |r| broken_if(r.header("x-added").is_some()));
        let shown = own.verdict_on(&gateway.url("picky.test", "/page"));
        assert_eq!(shown.verdict(), ("yours", "extension"), "{shown:?}");
        let asked = upstream.origin().map(Origin::requests).unwrap_or_default();
        assert!(asked.iter().any(|r| r.header("x-added").is_none()), "no request went past the other extension");
    };
    a_service_worker_makes_it_up => |scene| {
        let (gateway, _upstream) = behind_nginx(scene, "made-up.localhost", |r| {
            worker_site(Worker::MakesUp, r).unwrap_or_else(|| Answer::fine("All is well"))
        });
        at_home(scene, &gateway.url("made-up.localhost", "/"));
        let shown = scene.verdict_on(&gateway.url("made-up.localhost", "/page"));
        assert_eq!((shown.status.as_str(), shown.verdict()), ("503", ("yours", "service-worker")), "{shown:?}");
    };
    a_service_worker_passes_it_on => |scene| {
        let (gateway, _upstream) = behind_nginx(scene, "passed-on.localhost", |r| {
            worker_site(Worker::PassesOn, r).unwrap_or_else(Answer::hang_up)
        });
        at_home(scene, &gateway.url("passed-on.localhost", "/"));
        let shown = scene.verdict_on(&gateway.url("passed-on.localhost", "/page"));
        assert_eq!((shown.status.as_str(), shown.producer.as_str()), ("502", "nginx"));
        // A name under `localhost` is the visitor's own machine; the worker is not to blame.
        assert_eq!(shown.verdict(), ("yours", "device"), "{shown:?}");
    };
}

scenarios! { chromium:
    an_old_copy_from_the_cache => |scene| {
        let (gateway, _upstream) = behind_nginx(scene, "kept.test", |r| match (r.target.as_str(), r.earlier) {
            ("/page", 0) => Answer::new(502, "Bad Gateway").html("<h1>We are down</h1>").header("Cache-Control", "max-age=600"),
            _ => Answer::fine("All is well").header("Cache-Control", "no-store"),
        });
        let url = gateway.url("kept.test", "/page");
        // The visit on which the site really was down is not what this is about.
        scene.set("never", json!(["kept.test"]));
        scene.browser.visit(&url);
        scene.browser.arrive(&url);
        scene.browser.visit("about:blank");
        scene.browser.set_settings(&scene.settings());
        let shown = scene.verdict_on(&url);
        assert_eq!((shown.status.as_str(), shown.verdict()), ("502", ("yours", "cache")), "{shown:?}");
    };
}

fn behind_nginx(
    scene: &mut Scene,
    host: &str,
    application: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> (faultline_tests::servers::Gateway, Upstream) {
    let upstream = Upstream::from(Origin::start(application));
    (scene.gateway(Product::Nginx, Site::new(host, upstream.port())), upstream)
}

/// An application that dies, or one that answers.
fn broken_if(broken: bool) -> Answer {
    if broken { Answer::hang_up() } else { Answer::fine("All is well") }
}

/// Visits the front page and waits until the site's service worker has taken over.
fn at_home(scene: &Scene, url: &str) {
    scene.browser.visit(url);
    wait_for("the service worker", || {
        let title = scene.browser.try_run("return document.title", &[])?;
        if title == "ready" { Ok(()) } else { Err(title.to_string()) }
    });
}
