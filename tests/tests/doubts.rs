//! Evidence that speaks for less than it seems to: what the visitor's own computer broke off, what is everybody's, what was met another
//! time. On a virtual clock.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod world;

use faultline_core::advice;
use faultline_core::event::{Answered, CaseId, End, Event, Read, Seen, Shown, What};
use faultline_core::page::Header;
use faultline_core::settings::Control;
use faultline_core::terms::{CheckId, Outcome, Place, Side};
use faultline_core::trial::Loaded;
use faultline_core::view::{headline, why};
use world::{Reply, START, Script, TAB, World, all_work, says};

#[test]
fn a_socks_proxy_that_works_says_of_dead_sites_that_it_failed() {
    let failed = "net::ERR_SOCKS_CONNECTION_FAILED";
    let script = Script { barred: Some(failed.into()), ..Script::default() }.with(CheckId::Fresh, Reply::error(failed));
    says(script.clone(), Side::Unclear, Place::None);
    says(script.with(CheckId::Control, Reply::error(failed)), Side::Yours, Place::Proxy);
}

#[test]
fn a_network_that_changes_in_the_middle_is_nobodys_silence() {
    for error in ["net::ERR_NETWORK_CHANGED", "net::ERR_NETWORK_IO_SUSPENDED", "NS_BINDING_ABORTED"] {
        let broken = || Reply::error(error);
        let both = Script::default().with(CheckId::Fresh, broken()).with(CheckId::Control, broken());
        let world = World::play(both);
        assert_ne!(world.case().verdict.side, Side::Yours, "{error}: {:?}", world.case().verdict);
        assert_eq!(world.case().outcome(CheckId::Fresh), Some(Outcome::Skipped), "{error}");
        assert!(world.asked.iter().filter(|q| q.check == CheckId::Fresh).count() == 2, "{error}: it is asked once more");
        let home = World::play(Script::default().with(CheckId::Home, broken()));
        assert_eq!(home.asked.iter().filter(|q| q.check == CheckId::Home).count(), 2, "{error}: and no more than once");
        let again = World::play(all_work().with(CheckId::Again, broken()));
        assert_ne!(again.case().verdict.side, Side::Site, "{error}: {:?}", again.case().verdict);
    }
}

#[test]
fn a_connection_that_comes_back_in_the_middle_was_not_the_fault() {
    for end in [Reply::error("net::ERR_CONNECTION_RESET"), Reply::end(End::Silent, 20_000)] {
        let offline = Reply::error("net::ERR_NAME_NOT_RESOLVED");
        let script = Script::default().with(CheckId::Fresh, end).with(CheckId::Control, offline);
        says(script.clone().with(CheckId::Home, Reply::status(200)), Side::Unclear, Place::None);
        says(script.with(CheckId::Home, Reply::error("net::ERR_NAME_NOT_RESOLVED")), Side::Yours, Place::Network);
    }
}

/// What the visitor sees in a private window, after the case of `script`.
fn beside(script: Script, status: u16) -> World {
    let mut world = World::play(script);
    let case = world.case().id;
    let loaded = Loaded { status, title: "Shop".into(), still: true, ..Loaded::default() };
    world.at(10, true, What::Beside { case, loaded: Box::new(loaded), told: false });
    world.run();
    world
}

#[test]
fn a_private_window_that_works_blames_nobody_for_what_works_anyway() {
    let sealed = |mut script: Script| {
        script.error_page = Some("net::ERR_HTTP_RESPONSE_CODE_FAILURE".into());
        script
    };
    // A short outage, of a page that lets no script in.
    let world = beside(sealed(all_work()), 200);
    assert_eq!(world.case().verdict.side, Side::Unclear, "{:?}", world.case().verdict);
    // Whoever has no cookies is sent to a log-in, and so is a private window, which works for all that.
    let away = || Reply::end(End::Redirect, 20);
    let door = [CheckId::Fresh, CheckId::Home, CheckId::Again, CheckId::AsNavigation].into_iter();
    let world = beside(door.fold(Script::default(), |s, id| s.with(id, away())), 200);
    assert_eq!(world.case().verdict.side, Side::Unclear, "{:?}", world.case().verdict);
    // Our own plain request fails, and a page load does not: there the private window makes a difference.
    let world = beside(Script::default().with(CheckId::AsNavigation, Reply::status(200)).with(CheckId::Fresh, bare()), 200);
    assert_eq!(world.case().verdict.side, Side::Yours, "{:?}", world.case().verdict);
}

/// The failure once more, in a page that nobody is known to write.
fn bare() -> Reply {
    let mut reply = Reply::status(502);
    reply.seen.body = Some("<h1>Sorry</h1>".into());
    reply
}

#[test]
fn a_control_that_shares_something_with_the_site_is_no_stranger() {
    let control = |url: &str| {
        let mut script = Script::default().with(CheckId::Control, Reply::status(502));
        script.settings.control = vec![Control { url: url.into(), status: 204, body: None }];
        script
    };
    says(control("https://status.shop.example/ok"), Side::Site, Place::App);
    says(control("https://control.other/ok"), Side::Yours, Place::Proxy);
    // One edge before both, as the whole of a CDN fails.
    let mut edge = control("https://control.other/ok");
    let page = "<title>shop.example | 502: Bad gateway</title><div id=\"cf-wrapper\"><div id=\"cf-error-details\">\
                <span class=\"cf-error-code\">Error code 502</span><a href=\"https://www.cloudflare.com/5xx-error-landing\">x</a></div></div>";
    let fields = || vec![Header::new("Server", "cloudflare"), Header::new("CF-RAY", "8a1b2c3d4e5f6789-FRA")];
    edge.answered.headers = fields();
    edge.read.iter_mut().for_each(|r| r.body = page.into());
    for id in [CheckId::Fresh, CheckId::Home, CheckId::Control] {
        let mut reply = Reply::status(502);
        (reply.seen.body, reply.seen.headers) = (Some(page.into()), Some(fields()));
        edge = edge.with(id, reply);
    }
    let world = World::play(edge);
    assert_eq!(world.case().reading.producer.as_ref().map(|p| p.id.as_str()), Some("cloudflare"));
    assert_ne!(world.case().verdict.side, Side::Yours, "{:?}", world.case().verdict);
}

#[test]
fn what_another_address_asks_for_is_not_the_wish_of_the_one_that_was_wanted() {
    let mut script = all_work();
    script.answered.asked = Some("https://wanted.example/".into());
    script.answered.headers.push(Header::new("Retry-After", "600"));
    says(script, Side::Yours, Place::Extension);
}

#[test]
fn another_failure_with_cookies_is_no_failure_of_the_cookies() {
    says(all_work().with(CheckId::Cookies, Reply::status(503)), Side::Unclear, Place::None);
    says(all_work().with(CheckId::Cookies, Reply::status(502)), Side::Yours, Place::Cookies);
}

#[test]
fn nobody_waits_for_news_of_what_works_already() {
    let some = says(all_work().with(CheckId::Again, Reply::status(502)), Side::Site, Place::App);
    assert!(!advice::can_watch(some.case()), "each look may be a good one");
    assert!(advice::can_watch(says(Script::default(), Side::Site, Place::App).case()));
}

#[test]
fn no_portal_answers_over_tls_in_the_name_of_a_site() {
    let mut welcome = Reply::status(200);
    welcome.seen.body = Some("<h1>Welcome to the hotel</h1>".into());
    for control in [welcome, Reply::end(End::Redirect, 20)] {
        says(Script::default().with(CheckId::Control, control.clone()), Side::Unclear, Place::None);
        says(all_work().with(CheckId::Control, control.clone()), Side::Passed, Place::None);
        // Some of its servers, or what stands before the control: nobody can tell.
        says(all_work().with(CheckId::Control, control).with(CheckId::Again, Reply::status(502)), Side::Unclear, Place::None);
    }
}

#[test]
fn a_visitor_who_has_logged_in_to_the_network_is_asked_after_anew() {
    let mut script = Script::default();
    script.answered.url = "http://shop.example/cart".into();
    let mut world = World::play(script.clone().with(CheckId::Control, Reply::end(End::Redirect, 20)));
    assert_eq!(world.case().verdict.place, Place::Portal);
    world.now = START + 15_000;
    world.script = script;
    world.fail();
    world.run();
    assert_eq!((world.case().verdict.side, world.case().verdict.place), (Side::Site, Place::App), "{:?}", world.case().verdict);
}

#[test]
fn where_no_number_was_told_none_is_shown() {
    let tunnel = "net::ERR_TUNNEL_CONNECTION_FAILED";
    let script = Script { barred: Some(tunnel.into()), ..Script::default() }.with(CheckId::Fresh, Reply::error(tunnel));
    let mut world = World::new(script);
    let settings = Box::new(world.script.settings.clone());
    let shown = Shown { tab: TAB, url: "https://shop.example/".into(), settings, ..Shown::default() };
    // Before any answer, and when all is done.
    world.step(Event::new(START, What::Barred { shown, error: tunnel.into(), private: false }));
    let words = |word: &faultline_core::words::Word| word.args.clone();
    for _ in 0..2 {
        let case = world.case();
        assert_eq!(case.visit.status, 0);
        assert!(!words(&headline(case)).contains(&"0".to_owned()));
        assert!(!words(&why(case)).contains(&"0".to_owned()));
        assert!(case.verdict.reasons.iter().all(|r| !words(&r.word).contains(&"0".to_owned())), "{:?}", case.verdict);
        world.run();
    }
}

#[test]
fn past_the_proxy_the_page_tells_on_whose_side_it_broke() {
    let mut script = Script::default();
    script.answered.headers.clear();
    script.answered.proxied = true;
    script.read = Some(Read { status: 502, body: "<h1>Sorry</h1>".into(), ..Read::default() });
    script.replies.values_mut().filter(|r| r.seen.status == Some(502)).for_each(|r| r.seen.body = Some("<h1>Sorry</h1>".into()));
    let past = |direct: Reply, firefox: bool| {
        let mut world = World::new(script.clone().with(CheckId::Proxy, direct));
        world.desk.firefox = firefox;
        world.fail();
        world.run();
        assert_eq!(world.case().verdict.side, Side::Unclear);
        assert!(world.asked.iter().all(|q| q.check != CheckId::Proxy), "only a click asks past the proxy");
        world.at(100, true, What::PastProxy { case: world.case().id });
        world.run();
        (world.case().verdict.side, world.case().verdict.place)
    };
    assert_eq!(past(Reply::status(200), true), (Side::Yours, Place::Proxy));
    assert_eq!(past(Reply::status(502), true).0, Side::Site);
    assert_eq!(past(Reply::end(End::NotAllowed, 1), true).0, Side::Unclear);
    assert_eq!(past(Reply::status(200), false).0, Side::Unclear, "Chromium lets nothing past its proxy");
}

/// A permission may be given anywhere and at any time, and a wish may come late.
#[test]
fn past_the_proxy_nothing_is_asked_that_was_not_offered() {
    let asked = |answered: Answered, early: bool| {
        let mut script = Script::default().with(CheckId::Proxy, Reply::status(200));
        script.answered = Answered { headers: Vec::new(), ..answered };
        script.read = Some(Read { status: 502, body: "<h1>Sorry</h1>".into(), ..Read::default() });
        script
            .replies
            .values_mut()
            .filter(|r| r.seen.status == Some(502))
            .for_each(|r| r.seen.body = Some("<h1>Sorry</h1>".into()));
        let mut world = World::new(script);
        world.desk.firefox = true;
        world.fail();
        if !early {
            world.run();
        }
        world.at(if early { 35 } else { 100 }, true, What::PastProxy { case: CaseId(1) });
        world.run();
        assert_eq!(world.case().id, CaseId(1));
        world.asked.iter().filter(|q| q.check == CheckId::Proxy).count()
    };
    let proxied = || Answered { proxied: true, ..Script::default().answered };
    assert_eq!(asked(proxied(), false), 1, "the button was there");
    assert_eq!(asked(proxied(), true), 0, "before there was a verdict");
    assert_eq!(asked(Script::default().answered, false), 0, "no proxy, no button");
    assert_eq!(asked(Answered { method: "POST".into(), ..proxied() }, false), 0, "a form");
    let url = "https://shop.example/reset?token=abc".into();
    assert_eq!(asked(Answered { url, ..proxied() }, false), 0, "an address that works once");
}

#[test]
fn an_error_page_that_is_sent_as_a_success_is_none() {
    let page = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>";
    let sent = |status| {
        let seen = Seen { body: Some(page.into()), ..Reply::status(status).seen };
        Reply { seen, ..Reply::status(status) }
    };
    // Whoever asks without a browser's header fields gets the page under another number.
    let world = says(all_work().with(CheckId::Fresh, sent(200)).with(CheckId::Home, sent(200)), Side::Unclear, Place::None);
    assert_eq!(world.case().outcome(CheckId::Fresh), Some(Outcome::OtherError));
    assert_eq!(world.case().outcome(CheckId::Home), Some(Outcome::OtherError));
}
