//! Whole cases on a virtual clock: what the desk asks, when it stops, and what it says in the end.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod world;

use faultline_core::case::{MAX_REQUESTS, SAME_CASE_MS};
use faultline_core::desk::Desk;
use faultline_core::event::{Answered, End, Read, Seen, Shown, What};
use faultline_core::history::Entry;
use faultline_core::page::Header;
use faultline_core::settings::{KeepHistory, Settings};
use faultline_core::terms::{CheckId, Outcome, Place, Side};
use faultline_core::trial::{Ending, Tried};
use faultline_core::view::headline;
use world::{Reply, START, Script, TAB, World, all_work, says};

#[test]
fn a_site_that_fails_for_everybody() {
    let world = says(Script::default(), Side::Site, Place::App);
    assert!(world.case().verdict.confidence >= 0.95);
    assert_eq!(world.site_requests(), 2, "nothing more is asked than is needed");
    assert_eq!(world.announced.iter().filter(|(_, first)| *first).count(), 1, "announced once");
}

#[test]
fn only_one_page_fails() {
    says(Script::default().with(CheckId::Home, Reply::status(200)), Side::Site, Place::Page);
}

#[test]
fn a_development_servers_page_is_the_visitors_own_only_from_near() {
    let mut script = Script::default();
    script.answered.status = 504;
    script.answered.headers.clear();
    let body = "Error occurred while trying to proxy: shop.example/cart";
    script.read = Some(Read { status: 504, body: body.into(), ..Read::default() });
    for (id, reply) in &mut script.replies {
        if *id != CheckId::Control {
            reply.seen.status = Some(504);
            reply.seen.body = Some(body.into());
        }
    }
    says(script.clone(), Side::Site, Place::App);
    script.answered.address = Some("127.0.0.1".into());
    says(script, Side::Yours, Place::Device);
}

#[test]
fn a_front_page_that_sends_its_visitors_on_tells_nothing_of_the_rest() {
    // A gateway does that by itself, whatever has become of the application behind it.
    for home in [Reply::end(End::Redirect, 20), Reply::status(404), Reply::status(401)] {
        says(Script::default().with(CheckId::Home, home), Side::Site, Place::App);
    }
    says(Script::default().with(CheckId::Home, Reply::status(200)), Side::Site, Place::Page);
}

#[test]
fn a_log_in_in_place_of_the_page_is_no_proof_against_the_visitor() {
    let script = Script::default()
        .with(CheckId::Fresh, Reply::end(End::Redirect, 20))
        .with(CheckId::Home, Reply::status(200))
        .with(CheckId::Again, Reply::end(End::Redirect, 20))
        .with(CheckId::AsNavigation, Reply::end(End::Redirect, 20));
    let world = says(script.clone().with(CheckId::Cookies, Reply::end(End::Redirect, 20)), Side::Site, Place::Page);
    assert!(world.case().verdict.confidence <= 0.7);
    assert_eq!(world.asked.iter().find(|q| q.check == CheckId::Cookies).map(|q| q.url.as_str()), Some("https://shop.example/"));
    says(script.clone(), Side::Yours, Place::Cookies);
    // One that fails without cookies as well is one server of several, and cookies stay at home.
    let some = says(script.clone().with(CheckId::Again, Reply::status(502)), Side::Site, Place::App);
    assert_eq!(some.credentialed(), 0);
    // With no front page to compare, nothing tells a poisoned log-in from a broken page behind it.
    says(script.with(CheckId::Cookies, Reply::end(End::NotAllowed, 1)), Side::Unclear, Place::None);
}

#[test]
fn a_site_that_recovers_during_the_checks() {
    let world = says(all_work(), Side::Passed, Place::None);
    assert_eq!(world.credentialed(), 1);
    assert!(world.site_requests() <= MAX_REQUESTS.into());
}

#[test]
fn another_extension_in_the_way() {
    says(all_work().with(CheckId::InPage, Reply::status(502)), Side::Yours, Place::Extension);
}

#[test]
fn cookies_in_the_way() {
    says(all_work().with(CheckId::Cookies, Reply::status(502)), Side::Yours, Place::Cookies);
}

#[test]
fn one_bad_server_behind_a_balancer() {
    says(all_work().with(CheckId::Again, Reply::status(502)), Side::Site, Place::App);
}

#[test]
fn an_old_copy_of_an_error() {
    let mut script = all_work();
    script.answered.from_cache = true;
    let world = says(script.clone(), Side::Yours, Place::Cache);
    assert_eq!(world.credentialed(), 0, "an old copy needs no cookies to be explained");
    says(script.with(CheckId::Fresh, Reply::status(502)).with(CheckId::Again, Reply::status(502)), Side::Site, Place::Page);
}

#[test]
fn a_service_workers_own_error() {
    let script = Script {
        unannounced: true,
        read: Some(Read { status: 503, controlled: true, body: "<h1>offline</h1>".into(), ..Read::default() }),
        ..all_work()
    };
    says(script.clone(), Side::Yours, Place::ServiceWorker);
    says(script.clone().with(CheckId::Fresh, Reply::status(503)).with(CheckId::Home, Reply::status(503)), Side::Site, Place::App);
    // A worker that passes on what came over the network has made nothing: it was the site, a moment ago.
    let passed_on = Read { transferred: true, ..script.read.clone().unwrap_or_default() };
    let script = Script { read: Some(passed_on), ..script };
    says(script.clone(), Side::Passed, Place::None);
    says(script.clone().with(CheckId::Again, Reply::status(503)), Side::Site, Place::App);
    // Firefox does not tell: a page that only servers write, or a wait, may have come over the network.
    let in_firefox = |change: fn(&mut Read)| {
        let mut script = script.clone();
        script.read.iter_mut().for_each(|read| read.transferred = false);
        script.read.iter_mut().for_each(change);
        let mut world = World::new(script);
        world.desk.firefox = true;
        world.fail();
        world.run();
        world.case().verdict.side
    };
    assert_eq!(in_firefox(|_| ()), Side::Yours);
    assert_eq!(in_firefox(|read| read.body = world::NGINX_502.into()), Side::Unclear);
    assert_eq!(in_firefox(|read| read.first_byte_ms = Some(80)), Side::Unclear);
}

#[test]
fn a_form_of_which_nothing_was_told_is_not_called_well() {
    let mut world = World::play(Script { unannounced: true, form: true, ..all_work() });
    assert_eq!(world.case().verdict.side, Side::Site, "{:?}", world.case().verdict);
    // Its response comes in the end: it was a search, and that works now.
    world.script.unannounced = false;
    world.fail();
    world.run();
    assert_eq!((world.case().id.0, world.case().visits), (1, 1));
    assert_eq!(world.case().verdict.side, Side::Passed, "{:?}", world.case().verdict);
}

#[test]
fn a_response_that_is_announced_after_its_document_is_the_same_visit() {
    let mut world = World::play(Script { unannounced: true, ..Script::default() });
    assert_eq!(world.case().visit.headers, None);
    world.script.unannounced = false;
    world.fail();
    world.run();
    assert_eq!((world.case().id.0, world.case().visits), (1, 1));
    assert!(world.case().done && world.case().visit.headers.is_some(), "{:?}", world.case().visit);
    assert_eq!(world.announced.iter().filter(|(_, first)| *first).count(), 1, "one failure, one popup");
}

#[test]
fn the_connection_broke_between_the_load_and_the_check() {
    let gone = |s: Script| {
        s.with(CheckId::Fresh, Reply::error("net::ERR_CONNECTION_REFUSED"))
            .with(CheckId::Home, Reply::error("net::ERR_CONNECTION_REFUSED"))
    };
    says(
        gone(Script::default()).with(CheckId::Control, Reply::error("net::ERR_CONNECTION_REFUSED")),
        Side::Yours,
        Place::Network,
    );
    says(gone(Script::default()), Side::Site, Place::Gateway);
}

#[test]
fn an_unreachable_control_is_no_claim_against_an_answer_from_the_internet() {
    let offline = Script::default().with(CheckId::Control, Reply::error("net::ERR_NAME_NOT_RESOLVED"));
    let world = says(offline.clone(), Side::Site, Place::App);
    assert!(world.case().verdict.confidence <= 0.85, "no control, no certainty");
    let mut near = offline;
    near.answered.address = Some("192.168.1.1".into());
    says(near, Side::Yours, Place::Network);
}

#[test]
fn a_portal_answers_in_place_of_the_control() {
    let portal =
        Reply { seen: Seen { body: Some("<h1>Welcome to the hotel</h1>".into()), ..Reply::status(200).seen }, after: 20 };
    let mut plain = Script::default();
    plain.answered.url = "http://shop.example/cart".into();
    let away = Reply::end(End::Redirect, 20);
    says(plain.clone().with(CheckId::Control, portal), Side::Yours, Place::Portal);
    says(plain.with(CheckId::Control, away), Side::Yours, Place::Portal);
}

#[test]
fn the_same_page_from_an_unrelated_host_is_a_proxys() {
    says(Script::default().with(CheckId::Control, Reply::status(502)), Side::Yours, Place::Proxy);
}

#[test]
fn a_control_that_is_itself_in_trouble_claims_nothing() {
    says(Script::default().with(CheckId::Control, Reply::status(429)), Side::Site, Place::App);
}

#[test]
fn silence_is_a_slow_site_when_the_connection_works() {
    let mut script = Script::default()
        .with(CheckId::Fresh, Reply::status(504).later(60_000))
        .with(CheckId::Home, Reply::status(504).later(60_000));
    script.answered.status = 504;
    let world = says(script, Side::Site, Place::App);
    assert_eq!(world.case().outcome(CheckId::Fresh), Some(Outcome::Silent));
}

#[test]
fn a_form_is_never_sent_again() {
    let mut script = all_work();
    script.answered.method = "POST".into();
    // That a plain request works says nothing of the rest of the site.
    let world = says(script, Side::Site, Place::App);
    assert_eq!(world.credentialed(), 0);
    assert!(world.asked.iter().all(|q| q.check != CheckId::InPage && q.check != CheckId::Cookies));
}

#[test]
fn a_url_that_works_once_is_not_asked_with_cookies() {
    let mut script = all_work();
    script.answered.url = "https://shop.example/callback?code=abc".into();
    assert_eq!(World::play(script).credentialed(), 0);
}

#[test]
fn the_browsers_own_page_is_told_from_the_response_alone() {
    let script = Script { error_page: Some("net::ERR_HTTP_RESPONSE_CODE_FAILURE".into()), ..Script::default() };
    let world = says(script, Side::Site, Place::App);
    assert!(world.asked.iter().all(|q| q.check != CheckId::InPage), "no script may enter that page");
}

/// Seen in Firefox 153: the visitor comes back to the page with the link, and it is as it was.
#[test]
fn a_file_that_fails_in_firefox_is_no_case_of_the_page_with_the_link() {
    for (firefox, disposition, cases) in
        [(true, "attachment; filename=a.bin", 0), (true, "inline", 1), (false, "attachment; filename=a.bin", 1)]
    {
        let mut script = Script { error_page: Some("NS_ERROR_NET_ERROR_RESPONSE".into()), ..Script::default() };
        script.answered.headers.push(Header::new("Content-Disposition", disposition));
        let mut world = World::new(script);
        world.desk = Desk::new(firefox);
        world.fail();
        world.run();
        assert_eq!(world.announced.iter().filter(|(_, first)| *first).count(), cases, "Firefox {firefox}, {disposition}");
        assert_eq!(world.desk.latest().is_some(), cases > 0);
        assert_eq!(world.asked.is_empty(), cases == 0, "nobody asks for a file again");
    }
}

#[test]
fn a_reload_within_half_a_minute_is_the_same_case_and_asks_nothing_new() {
    let mut world = World::play(Script::default());
    let asked = world.asked.len();
    world.now = START + SAME_CASE_MS - 5_000;
    world.fail();
    world.run();
    assert_eq!((world.case().id.0, world.case().visits, world.asked.len()), (1, 2, asked));
    assert_eq!(world.announced.iter().filter(|(_, first)| *first).count(), 2, "each failure is shown");
    world.now += SAME_CASE_MS * 3;
    world.fail();
    world.run();
    assert_eq!(world.case().id.0, 2);
}

#[test]
fn an_extension_that_could_not_be_turned_off_is_not_cleared() {
    let after = |untested: &[&str]| {
        let mut world = World::play(all_work().with(CheckId::InPage, Reply::status(502)));
        let before = world.case().verdict.confidence;
        let untested = untested.iter().map(ToString::to_string).collect();
        let tried = Box::new(Tried { untested, ..Tried::plain(Ending::NoneOfThem, 1) });
        world.at(0, true, What::Tried { case: world.case().id, tried, document: None });
        world.run();
        let verdict = &world.case().verdict;
        (verdict.side, verdict.place, verdict.confidence < before)
    };
    assert_eq!(after(&[]), (Side::Unclear, Place::None, true));
    assert_eq!(after(&["of the school"]), (Side::Yours, Place::Extension, true));
}

#[test]
fn what_passed_and_fails_again_is_unclear() {
    let mut world = World::play(all_work());
    assert_eq!(world.case().verdict.side, Side::Passed);
    world.now = START + 8_000;
    world.fail();
    world.run();
    assert_eq!(world.case().verdict.side, Side::Unclear, "{:?}", world.case().verdict.reasons);
    assert!(world.case().requests <= MAX_REQUESTS);
}

#[test]
fn another_document_in_the_tab_closes_the_case() {
    let mut world = World::new(Script::default());
    world.fail();
    world.at(40, true, What::Shown(Shown { tab: TAB, url: "https://other.example/".into(), ..Shown::default() }));
    world.run();
    assert!(world.desk.case_in(TAB).is_none());
    assert!(world.case().done);
}

#[test]
fn never_means_never() {
    let settings = Settings { never: vec!["example".into(), "shop.example".into()], ..Script::default().settings };
    let world = World::play(Script { settings, ..Script::default() });
    assert!(world.desk.latest().is_none() && world.asked.is_empty());
}

#[test]
fn a_clock_that_jumps_back_does_no_harm() {
    let mut world = World::play(Script::default());
    world.now = START - 3_600_000;
    world.fail();
    world.run();
    assert!(world.case().done);
}

#[test]
fn only_what_may_be_kept_is_kept() {
    let world = World::play(Script::default());
    assert_eq!(world.kept, [world.case().id], "once, when the verdict is there");
    let private = Script { answered: Answered { private: true, ..Script::default().answered }, ..Script::default() };
    assert_eq!(World::play(private).kept, [], "a private tab");
    let settings = Settings { keep_history: KeepHistory(false), ..Settings::default() };
    assert_eq!(World::play(Script { settings, ..Script::default() }).kept, [], "no history wanted");
}

/// The last part of a slow page may come after the last check, and name another place.
#[test]
fn the_history_says_what_the_popup_says_in_the_end() {
    let part = Read { status: 502, body: "<h1>502".into(), loading: true, ..Read::default() };
    let mut world = World::play(Script { read: Some(part), ..Script::default() });
    let (case, before) = (world.case().id, Entry::of(world.case()));
    assert!(world.case().done);
    let whole = Script::default().read.map(|r| Box::new(Read { loading: false, ..r }));
    world.at(100, false, What::Read { case, read: whole });
    world.run();
    assert_ne!(Entry::of(world.case()), before, "the whole page says more");
    assert_eq!(world.kept, [case, case], "and that is written down in place of the first");
}

#[test]
fn a_redirect_that_the_browser_has_kept() {
    let first = "https://first.example/page";
    let mut script = Script::default();
    script.answered.moved_from = Some(first.into());
    let world = says(script.clone().with(CheckId::Again, Reply::status(200)), Side::Yours, Place::Cache);
    assert!(world.asked.iter().any(|q| q.check == CheckId::Again && q.url == first));
    assert_eq!(headline(world.case()).key, "verdict_old_redirect");
    assert_eq!(faultline_core::advice::visitor(world.case())[0].key, "advice_old_redirect");
    // The redirect is as true as ever, or what is before it fails as well: then it is the site, and all of it.
    for again in [Reply::end(End::Redirect, 20), Reply::status(502), Reply::error("net::ERR_CONNECTION_REFUSED")] {
        let world = says(script.clone().with(CheckId::Again, again), Side::Site, Place::App);
        assert_ne!(headline(world.case()).key, "verdict_site_some");
    }
    // An address that works once is not asked for again.
    script.answered.moved_from = Some("https://first.example/log-in?code=7".into());
    let world = says(script.with(CheckId::Again, Reply::status(200)), Side::Site, Place::App);
    assert!(world.asked.iter().all(|q| !q.url.contains("code=")));
}
