//! The gateways that stand before applications everywhere, and what stands behind them failing.

use faultline_tests::servers::{Fault, Product, Site, Upstream};

use crate::scene::{MOST_REQUESTS, Scene};

/// What the popup must say.
struct Said {
    status: u16,
    producer: &'static str,
    failures: &'static [&'static str],
    place: &'static str,
}

scenarios! {
    nginx_upstream_refuses => |s| fails(s, Product::Nginx, Fault::Refuses, &Said { status: 502, producer: "nginx", failures: &["refused", "reset"], place: "app" });
    nginx_upstream_never_answers => |s| fails(s, Product::Nginx, Fault::Silent, &Said { status: 504, producer: "nginx", failures: &["timeout"], place: "app" });
    nginx_upstream_closes => |s| fails(s, Product::Nginx, Fault::Closes, &Said { status: 502, producer: "nginx", failures: &["refused", "reset"], place: "app" });
    apache_upstream_refuses => |s| fails(s, Product::Apache, Fault::Refuses, &Said { status: 503, producer: "apache-httpd", failures: &["refused", "no-backend", "overloaded"], place: "app" });
    apache_upstream_resets => |s| fails(s, Product::Apache, Fault::Resets, &Said { status: 502, producer: "apache-mod-proxy", failures: &["reset"], place: "app" });
    apache_upstream_never_answers => |s| fails(s, Product::Apache, Fault::Silent, &Said { status: 502, producer: "apache-mod-proxy", failures: &["timeout"], place: "app" });
    haproxy_without_a_server => |s| {
        let site = Site::empty("empty.haproxy.test");
        fails_at(s, Product::Haproxy, site, &Said { status: 503, producer: "haproxy", failures: &["no-backend"], place: "app" });
    };
    varnish_upstream_refuses => |s| fails(s, Product::Varnish, Fault::Refuses, &Said { status: 503, producer: "varnish", failures: &["refused", "no-backend", "unknown"], place: "app" });
    caddy_upstream_refuses_and_the_body_is_empty => |s| fails(s, Product::Caddy, Fault::Refuses, &Said { status: 502, producer: "caddy", failures: &["refused", "reset"], place: "app" });
    varnish_s_number_is_in_the_report => |scene| {
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = scene.gateway(Product::Varnish, Site::new("number.varnish.test", nowhere.port()));
        let shown = scene.verdict_on(&gateway.url("number.varnish.test", "/"));
        let page = scene.browser.run("return document.body.innerText", &[]);
        let report = scene.browser.report(&shown.case);
        let numbers = report.references("varnish-xid");
        assert!(numbers.len() == 1 && page.as_str().is_some_and(|p| p.contains(numbers[0])), "{numbers:?} of {page}");
    };
    lighttpd_upstream_never_answers => |s| fails(s, Product::Lighttpd, Fault::Silent, &Said { status: 504, producer: "lighttpd", failures: &["timeout"], place: "app" });
    h2o_upstream_never_answers => |s| fails(s, Product::H2o, Fault::Silent, &Said { status: 502, producer: "h2o", failures: &["timeout"], place: "app" });
}

fn fails(scene: &mut Scene, product: Product, fault: Fault, said: &Said) {
    let upstream = Upstream::with(fault);
    let host = format!("{fault:?}.{}.test", product.id()).to_lowercase();
    fails_at(scene, product, Site::new(&host, upstream.port()), said);
    if let Some(origin) = upstream.origin() {
        let asked = origin.requests();
        // The first is the visit itself. Chromium asks for an icon of its own accord.
        let ours = asked.iter().filter(|r| r.target != "/favicon.ico").count() - 1;
        assert!(ours <= MOST_REQUESTS, "{ours} requests to a site that is down");
        assert!(asked.iter().all(|r| r.method == "GET"), "something other than GET was sent");
    }
}

fn fails_at(scene: &mut Scene, product: Product, site: Site, said: &Said) {
    let host = site.host.clone();
    let gateway = scene.gateway(product, site);
    let shown = scene.verdict_on(&gateway.url(&host, "/page?order=4711"));
    assert_eq!(shown.status, said.status.to_string());
    assert_eq!(shown.producer, said.producer);
    assert!(said.failures.contains(&shown.failure.as_str()), "failure {:?}, not one of {:?}", shown.failure, said.failures);
    assert_eq!(shown.verdict(), ("site", said.place), "{shown:?}");

    let report = scene.browser.report(&shown.case);
    assert!(matches!(report.outcome("fresh"), "same" | "other-error"), "{}", report.0);
    assert_eq!(report.outcome("control"), "works");
    assert!(!report.0.to_string().contains("4711"), "the query's value is in the report");
}
