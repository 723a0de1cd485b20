//! The way to the site, the etiquette, and evidence that looks like more than it is, on a virtual clock.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod world;

use faultline_core::case::MAX_REQUESTS;
use faultline_core::event::{End, Read, Seen, What};
use faultline_core::page::Header;
use faultline_core::terms::{CheckId, Place, Side};
use faultline_core::view::headline;
use world::{Reply, START, Script, World, all_work, says};

#[test]
fn a_server_of_ones_own_is_nobody_elses_fault() {
    for (host, place) in [
        ("http://localhost:3000/", Place::Device),
        ("http://127.0.0.1:8080/x", Place::Device),
        ("http://[::1]/", Place::Device),
        ("http://192.168.1.20/", Place::Network),
        ("http://nas/", Place::Network),
        ("http://wiki.intranet/", Place::Network),
    ] {
        let mut script = Script::default();
        script.answered.url = host.into();
        script.answered.address = Some("127.0.0.1".into());
        let world = says(script.clone(), Side::Yours, place);
        assert!(world.case().verdict.confidence > 0.9, "{host}");
        let advice = faultline_core::advice::visitor(world.case());
        assert!(advice[0].key.starts_with("advice_own_"), "{host}: no antivirus and no cable is to be looked at: {advice:?}");
        // Without the internet it is as much the visitor's own.
        says(script.with(CheckId::Control, Reply::error("net::ERR_NAME_NOT_RESOLVED")), Side::Yours, place);
    }
}

#[test]
fn a_network_that_wants_a_log_in_and_lets_nothing_else_out() {
    // It answers for every name, and refuses what is no page: the browser maker's test page too.
    let mut script = Script::default().with(CheckId::Fresh, Reply::status(511)).with(CheckId::Home, Reply::status(511));
    script.answered.status = 511;
    script.answered.address = Some("192.168.1.1".into());
    script.read = Some(Read { status: 511, body: "<h1>Sign in</h1>".into(), ..Read::default() });
    says(script.with(CheckId::Control, Reply::error("NS_ERROR_CONNECTION_REFUSED")), Side::Yours, Place::Portal);
}

#[test]
fn a_name_of_the_internet_that_leads_home() {
    let mut script = Script::default();
    script.answered.address = Some("127.0.0.1".into());
    let control = |address: &str| {
        let mut reply = Reply { seen: Seen { body: Some(String::new()), ..Reply::status(204).seen }, after: 20 };
        reply.seen.address = Some(address.into());
        reply
    };
    let world = says(script.clone().with(CheckId::Control, control("198.51.100.9")), Side::Yours, Place::Dns);
    assert!(world.case().verdict.confidence >= 0.8);
    // In the local network it may be where it belongs: a company's own site.
    let mut company = script.clone();
    company.answered.address = Some("10.20.0.5".into());
    let world = says(company.with(CheckId::Control, control("198.51.100.9")), Side::Yours, Place::Network);
    assert_eq!(headline(world.case()).key, "verdict_own_network");
    // Firefox tells of its proxies, so that there is none; which address the control has is not always known.
    let mut nowhere = control("127.0.0.1");
    nowhere.seen.address = None;
    let mut bare = script.clone().with(CheckId::Control, nowhere);
    bare.answered.headers.clear();
    bare.read = Some(Read { status: 502, body: "<h1>Sorry</h1>".into(), ..Read::default() });
    for (firefox, said) in [(true, (Side::Yours, Place::Dns)), (false, (Side::Unclear, Place::None))] {
        let mut world = World::new(bare.clone());
        world.desk.firefox = firefox;
        world.fail();
        world.run();
        assert_eq!((world.case().verdict.side, world.case().verdict.place), said, "{firefox}");
    }
    // Everything comes from there: a proxy carries it all, and passes the site's own page on.
    says(script.clone().with(CheckId::Control, control("127.0.0.1")), Side::Site, Place::App);
    // In the name that is set aside for tests nothing is remarkable.
    script.answered.url = "http://shop.test/".into();
    says(script, Side::Site, Place::App);
}

#[test]
fn a_copy_that_a_cache_keeps_speaks_for_nobody_behind_it() {
    let copy = |name: &str, value: &str| {
        let mut reply = Reply::status(200);
        reply.seen.headers = Some(vec![Header::new(name, value)]);
        reply
    };
    let with_cookies = all_work().with(CheckId::Cookies, Reply::status(502));
    says(with_cookies.clone(), Side::Yours, Place::Cookies);
    for (name, value) in [
        ("Age", "3"),
        ("X-Cache", "HIT"),
        ("X-Cache", "Hit from cloudfront"),
        ("CF-Cache-Status", "HIT"),
        ("X-Varnish", "5 2"),
        ("Cache-Status", "edge; hit"),
        ("X-Proxy-Cache", "STALE"),
    ] {
        let script = with_cookies.clone().with(CheckId::Fresh, copy(name, value));
        let world = says(script, Side::Unclear, Place::None);
        assert!(world.case().verdict.reasons.iter().any(|r| r.word.key == "reason_stored"), "{name}: {value}");
        // The rest of the site may be as broken as the page.
        says(Script::default().with(CheckId::Home, copy(name, value)), Side::Site, Place::App);
    }
    for (name, value) in [("Age", "0"), ("X-Cache", "MISS"), ("X-Varnish", "5"), ("Cache-Tag", "architecture")] {
        says(with_cookies.clone().with(CheckId::Fresh, copy(name, value)), Side::Yours, Place::Cookies);
        says(Script::default().with(CheckId::Home, copy(name, value)), Side::Site, Place::Page);
    }
}

#[test]
fn what_is_behind_a_log_in_may_fail_for_everybody() {
    let guests = |home: Reply| {
        let away = || Reply::end(End::Redirect, 20);
        all_work()
            .with(CheckId::Fresh, away())
            .with(CheckId::AsNavigation, away())
            .with(CheckId::Home, home)
            .with(CheckId::Cookies, Reply::status(502))
    };
    for home in [Reply::end(End::Redirect, 20), Reply::status(401), Reply::status(403)] {
        says(guests(home), Side::Unclear, Place::None);
    }
    // The front page itself works without cookies, and fails with them.
    says(guests(Reply::status(200)), Side::Yours, Place::Cookies);
}

#[test]
fn a_proxy_that_lets_nothing_through() {
    let tunnel = "net::ERR_TUNNEL_CONNECTION_FAILED";
    let barred =
        |error: &str| Script { barred: Some(error.into()), ..Script::default() }.with(CheckId::Fresh, Reply::error(error));
    let world = says(barred(tunnel), Side::Unclear, Place::None);
    assert_eq!(world.site_requests(), 1, "the front page is behind the same proxy");
    says(barred("net::ERR_PROXY_CONNECTION_FAILED"), Side::Yours, Place::Proxy);
    says(barred("NS_ERROR_PROXY_CONNECTION_REFUSED"), Side::Yours, Place::Proxy);
    says(barred(tunnel).with(CheckId::Control, Reply::error(tunnel)), Side::Yours, Place::Proxy);
    let world = says(barred("NS_ERROR_PROXY_BAD_GATEWAY"), Side::Unclear, Place::None);
    assert_eq!(world.case().visit.status, 502, "Firefox tells the number");
    says(barred("NS_ERROR_PROXY_FORBIDDEN"), Side::Yours, Place::Proxy);
    // A refused connection, where the browser says that a proxy was in between, is a tunnel refused with 503.
    says(barred("NS_ERROR_CONNECTION_REFUSED"), Side::Unclear, Place::None);
    // An unknown host, where the browser looks none up itself, is one refused with 400, 404 or 500.
    says(barred("NS_ERROR_UNKNOWN_HOST"), Side::Unclear, Place::None);
    // The proxy has come back.
    let back = all_work().with(CheckId::Fresh, Reply::status(200));
    says(Script { barred: Some(tunnel.into()), ..back }, Side::Passed, Place::None);
}

#[test]
fn unrelated_sites_behind_the_same_barrier() {
    let tunnel = "net::ERR_TUNNEL_CONNECTION_FAILED";
    let script = Script { barred: Some(tunnel.into()), ..Script::default() }.with(CheckId::Fresh, Reply::error(tunnel));
    let mut world = World::play(script);
    world.now = START + 8_000;
    world.script.answered.url = "https://www.shop.example/".into();
    world.fail();
    world.run();
    assert_eq!(world.case().verdict.side, Side::Unclear, "the same site twice is one site");
    world.now = START + 60_000;
    world.script.answered.url = "https://news.other.org/".into();
    world.fail();
    world.run();
    assert_eq!(world.case().verdict.side, Side::Unclear, "two names that are mistyped are unrelated too");
    world.now = START + 90_000;
    world.script.answered.url = "https://third.net/".into();
    world.fail();
    world.run();
    assert_eq!((world.case().verdict.side, world.case().verdict.place), (Side::Yours, Place::Proxy));
}

#[test]
fn a_proxy_that_speaks_for_a_site() {
    let squid =
        r#"<body id=ERR_CONNECT_FAIL><div id="titles"></div><p>x</p><!-- ERR_CONNECT_FAIL --><div id="footer"></div></body>"#;
    let mut script = Script::default();
    script.answered.status = 503;
    script.answered.headers = vec![Header::new("Server", "squid/5.7"), Header::new("X-Squid-Error", "ERR_CONNECT_FAIL 111")];
    script.answered.address = Some("192.168.1.1".into());
    script.answered.url = "http://shop.test/".into();
    script.read = Some(Read { status: 503, body: squid.into(), ..Read::default() });
    let (headers, body) = (Some(script.answered.headers.clone()), Some(squid.into()));
    let seen = Seen { status: Some(503), body, headers, ..Seen::default() };
    let others = script.replies.iter_mut().filter(|(id, _)| **id != CheckId::Control);
    others.for_each(|(_, reply)| reply.seen = seen.clone());
    // It can't reach this site, and can reach others: its own fault or the site's.
    says(script.clone(), Side::Unclear, Place::None);
    let alike = script.replies.get(&CheckId::Fresh).cloned().expect("there is one");
    says(script.clone().with(CheckId::Control, alike), Side::Yours, Place::Proxy);
    // On the port of a web server it may be the site's own as well: what fails beside is no proof.
    let (mut either, dead) = (script.clone(), Reply::error("net::ERR_NAME_NOT_RESOLVED"));
    says(script.clone().with(CheckId::Control, dead.clone()), Side::Yours, Place::Proxy);
    either.answered.headers.push(Header::new("X-Cache-Lookup", "NONE from front:80"));
    says(either.with(CheckId::Control, dead), Side::Unclear, Place::None);
    says(script.with(CheckId::Control, Reply::error("net::ERR_PROXY_CONNECTION_FAILED")), Side::Yours, Place::Proxy);
}

#[test]
fn an_unknown_page_behind_a_proxy_is_anybodys() {
    let mut script = Script::default();
    script.answered.headers.clear();
    script.answered.proxied = true;
    let body = "<h1>Sorry</h1>";
    script.read = Some(Read { status: 502, body: body.into(), ..Read::default() });
    script
        .replies
        .values_mut()
        .for_each(|r| r.seen.body = r.seen.body.as_ref().map(|b| if b.is_empty() { b.clone() } else { body.into() }));
    says(script.clone(), Side::Unclear, Place::None);
    let page = script.replies.get(&CheckId::Fresh).cloned().expect("there is one");
    says(script.with(CheckId::Control, page), Side::Yours, Place::Proxy);
}

#[test]
fn a_visit_that_something_in_the_browser_turned_elsewhere() {
    let wanted = "https://wanted.example/page?id=7";
    let mut script = all_work();
    script.answered.asked = Some(wanted.into());
    let world = says(script.clone(), Side::Yours, Place::Extension);
    assert_eq!(world.credentialed(), 0);
    assert!(world.asked.iter().filter(|q| q.check != CheckId::Control).all(|q| q.url.starts_with("https://wanted.example/")));
    // What was asked for fails as well.
    let fails = [CheckId::Fresh, CheckId::Home].into_iter().fold(script, |s, id| s.with(id, Reply::status(502)));
    assert_eq!(World::play(fails).case().verdict.side, Side::Site);
}

#[test]
fn a_site_that_asks_to_be_left_alone_is_left_alone() {
    let asks = |s: &str| {
        let mut script = Script::default();
        script.answered.headers.push(Header::new("Retry-After", s));
        script
    };
    let world = says(asks("30"), Side::Site, Place::App);
    assert_eq!(world.site_requests(), 0, "it was asked before the time that it gave");
    let world = says(asks("4"), Side::Site, Place::App);
    // What comes after the first question comes after the time as well.
    let first = world.asked.iter().find(|q| q.check != CheckId::Control);
    assert!(first.is_some_and(|q| q.after_ms >= 3_900), "{:?}", world.asked);
    let mut copy = asks("30");
    copy.answered.from_cache = true;
    assert!(World::play(copy).site_requests() > 0, "an old copy says nothing about now");
    let mut world = World::play(asks("30"));
    world.at(100, true, What::CheckAgain { case: world.case().id });
    world.run();
    assert!(world.site_requests() > 0, "the visitor may ask");
}

#[test]
fn checks_that_trip_a_limit_stop_and_claim_nothing() {
    let limit = || {
        let mut reply = Reply::status(429);
        reply.seen.headers = Some(vec![Header::new("Retry-After", "60")]);
        reply
    };
    let world = says(all_work().with(CheckId::InPage, limit()), Side::Passed, Place::None);
    assert!(world.site_requests() <= 3, "asked on after it had been sent away");
    says(all_work().with(CheckId::Again, limit()), Side::Passed, Place::None);
    let world = says(Script::default().with(CheckId::Fresh, limit()), Side::Site, Place::App);
    assert!(world.case().verdict.confidence <= 0.7);
    let mut unknown = Script::default().with(CheckId::Fresh, limit());
    unknown.answered.headers.clear();
    unknown.read = Some(Read { status: 502, body: "<h1>Oh no</h1>".into(), ..Read::default() });
    says(unknown, Side::Unclear, Place::None);
}

#[test]
fn a_site_that_fails_for_whatever_is_no_page_load() {
    let picky = |status| {
        let only = [CheckId::Fresh, CheckId::Home, CheckId::InPage, CheckId::Again];
        only.into_iter()
            .fold(Script::default(), |s, id| s.with(id, Reply::status(status)))
            .with(CheckId::AsNavigation, Reply::status(200))
    };
    says(picky(503), Side::Unclear, Place::None);
    says(picky(403), Side::Unclear, Place::None);
    let mut same = picky(502);
    same.answered.headers.clear();
    same.read = Some(Read { status: 502, body: "<h1>Oh no</h1>".into(), ..Read::default() });
    same.replies.values_mut().filter(|r| r.seen.status == Some(502)).for_each(|r| r.seen.body = Some("<h1>Oh no</h1>".into()));
    says(same, Side::Unclear, Place::None);
    // And the other way round: what is no page load works.
    let visit = all_work().with(CheckId::AsNavigation, Reply::status(502));
    says(visit, Side::Site, Place::App);
}

#[test]
fn a_document_that_the_browser_showed_again() {
    let script = Script {
        unannounced: true,
        back: true,
        read: Some(Read { status: 502, body: world::NGINX_502.into(), ..Read::default() }),
        ..all_work()
    };
    let world = says(script, Side::Yours, Place::Cache);
    assert_eq!(world.credentialed(), 0);
}

#[test]
fn the_jar_that_was_asked_is_named() {
    let jar = |change: fn(&mut Script)| {
        let mut script = all_work().with(CheckId::Cookies, Reply::status(502));
        change(&mut script);
        let world = says(script, Side::Yours, Place::Cookies);
        let words: Vec<_> = world.case().verdict.reasons.iter().map(|r| r.word.key.clone()).collect();
        (world.case().answer(CheckId::Cookies).and_then(|a| a.why.clone()).map(|w| w.key), words.join(" "))
    };
    assert_eq!(jar(|_| ()).0.as_deref(), Some("why_jar"));
    let (why, reasons) = jar(|s| s.answered.private = true);
    assert!(why.as_deref() == Some("why_jar_private") && reasons.contains("reason_jar_private"));
    let (why, reasons) = jar(|s| s.answered.container = true);
    assert!(why.as_deref() == Some("why_jar_container") && reasons.contains("reason_jar_container"));
    let cookies =
        |count, bytes| move |s: &mut Script| s.read.iter_mut().for_each(|r| (r.cookies, r.cookie_bytes) = (count, bytes));
    let mut script = all_work().with(CheckId::Cookies, Reply::status(502));
    cookies(40, 12_000)(&mut script);
    let world = says(script, Side::Yours, Place::Cookies);
    assert!(world.case().verdict.reasons.iter().any(|r| r.word.key == "reason_jar_heavy"));
}

#[test]
fn one_answer_of_many_is_no_proof_against_an_extension() {
    // It fails from within the page once, and not the next time: one bad server of several.
    struct Flaps(u8);
    impl world::Net for Flaps {
        fn reply(&mut self, question: &faultline_core::command::Question, _: u64) -> Reply {
            self.0 += u8::from(question.check == CheckId::InPage);
            match question.check {
                CheckId::Control => Reply { seen: Seen { body: Some(String::new()), ..Reply::status(204).seen }, after: 20 },
                CheckId::InPage if self.0 == 1 => Reply::status(502),
                _ => Reply::status(200),
            }
        }
    }
    let mut world = World::new(Script::default());
    world.net = Some(Box::new(Flaps(0)));
    world.fail();
    world.run();
    assert_eq!((world.case().verdict.side, world.case().verdict.place), (Side::Site, Place::App));
    assert!(world.site_requests() <= MAX_REQUESTS.into());
}

#[test]
fn silence_from_a_slow_site_is_no_proof_against_the_connection() {
    let silent = |s: Script| {
        s.with(CheckId::Fresh, Reply::end(End::Silent, 20_000))
            .with(CheckId::Home, Reply::end(End::Silent, 20_000))
            .with(CheckId::Control, Reply::end(End::Silent, 8_000))
    };
    let mut slow = silent(Script::default());
    (slow.answered.status, slow.answered.first_byte_ms) = (504, Some(61_000));
    says(slow, Side::Site, Place::App);
    says(silent(Script::default()), Side::Yours, Place::Network);
}

#[test]
fn a_page_that_nothing_may_enter_is_no_proof_that_it_is_over() {
    // Nothing was asked with cookies or past other extensions.
    let sealed = Script { error_page: Some("net::ERR_HTTP_RESPONSE_CODE_FAILURE".into()), ..all_work() };
    says(sealed, Side::Unclear, Place::None);
    says(all_work().with(CheckId::InPage, Reply::end(End::NotAllowed, 1)), Side::Unclear, Place::None);
    says(all_work(), Side::Passed, Place::None);
}

#[test]
fn no_cookie_makes_a_server_refuse_connections() {
    let page = "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n";
    let mut script = all_work().with(CheckId::Cookies, Reply::status(503));
    (script.answered.status, script.answered.first_byte_ms) = (503, Some(10));
    script.answered.status_line = Some("HTTP/1.1 503 Service Unavailable".into());
    script.answered.headers = vec![Header::new("Content-Type", "text/html"), Header::new("Cache-Control", "no-cache")];
    script.read = Some(Read { status: 503, body: page.into(), ..Read::default() });
    says(script.clone(), Side::Site, Place::App);
    script.read = Some(Read { status: 503, body: "<h1>Oops</h1>".into(), ..Read::default() });
    says(script.clone(), Side::Yours, Place::Cookies);
    // The front page of a slow site is asked at once, and too few requests are left for the page itself.
    script.answered.first_byte_ms = Some(3_010);
    says(script.clone(), Side::Unclear, Place::None);
}
