//! Sites behind a gate that lets in whoever has its cookie, and asks everybody else for a proof: often with 200, on a virtual clock.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod world;

use faultline_core::advice;
use faultline_core::event::Read;
use faultline_core::terms::{CheckId, Outcome, Place, Side};
use world::{Reply, Script, all_work, says};

const ANUBIS: &str = r#"<!doctype html><html lang="en"><head><title>Making sure you're not a bot!</title></head><body id="top"><main>
<h1 id="title" class="centered-div">Making sure you're not a bot!</h1>
<img id="image" src="/.within.website/x/cmd/anubis/static/img/pensive.webp?cacheBuster=v1.21.0"></main></body></html>"#;

fn gate(status: u16) -> Reply {
    let mut reply = Reply::status(status);
    reply.seen.body = Some(ANUBIS.into());
    reply
}

/// The visitor was let in and got 502; nobody else gets further than the gate.
fn gated() -> Script {
    [CheckId::Fresh, CheckId::Home, CheckId::Again, CheckId::AsNavigation]
        .into_iter()
        .fold(Script::default(), |s, id| s.with(id, gate(200)))
        .with(CheckId::InPage, Reply::status(200))
        .with(CheckId::Cookies, Reply::status(502))
}

#[test]
fn a_gate_that_answers_is_no_page_that_works() {
    let world = says(gated(), Side::Site, Place::App);
    let case = world.case();
    assert_eq!(world.credentialed(), 0, "what cookies open is not the gate's to tell");
    assert_eq!(case.outcome(CheckId::Fresh), Some(Outcome::OtherError));
    assert!(case.verdict.confidence <= 0.7, "{}", case.verdict.confidence);
    assert!(case.verdict.reasons.iter().any(|r| r.word.key == "reason_challenge"), "{:?}", case.verdict);
    assert!(!advice::can_watch(case), "each look would meet the gate");
}

#[test]
fn nor_is_it_where_nobody_knows_who_wrote_the_page() {
    for status in [200, 202, 403] {
        let mut script = gated().with(CheckId::Fresh, gate(status)).with(CheckId::Home, gate(status));
        script.read = Some(Read { status: 502, body: "<h1>Sorry</h1>".into(), ..Read::default() });
        let world = says(script, Side::Unclear, Place::None);
        assert_eq!(world.credentialed(), 0, "{status}");
    }
}

#[test]
fn what_the_gate_lets_through_tells_of_the_page() {
    let world = says(gated().with(CheckId::AsNavigation, Reply::status(502)), Side::Site, Place::App);
    assert!(world.case().verdict.confidence >= 0.8);
    let world = says(gated().with(CheckId::Home, Reply::status(502)), Side::Site, Place::App);
    assert!(world.case().verdict.confidence >= 0.8);
    // A page load passes where a plain request does not: the visitor's things may be in the way, or it was a moment.
    says(gated().with(CheckId::AsNavigation, Reply::status(200)), Side::Unclear, Place::None);
}

#[test]
fn a_gate_proves_nothing_while_nothing_else_answers() {
    says(gated().with(CheckId::Control, Reply::error("net::ERR_NAME_NOT_RESOLVED")), Side::Unclear, Place::None);
}

#[test]
fn a_refusal_in_the_middle_is_no_failure_of_a_server() {
    for refused in [Reply::status(403), Reply::end(faultline_core::event::End::Redirect, 20)] {
        says(all_work().with(CheckId::Again, refused.clone()), Side::Unclear, Place::None);
        // What the visitor's cookies do is still seen.
        says(all_work().with(CheckId::Again, refused).with(CheckId::Cookies, Reply::status(502)), Side::Yours, Place::Cookies);
    }
    says(all_work().with(CheckId::Again, Reply::status(503)), Side::Site, Place::App);
}

#[test]
fn a_gate_that_closes_in_the_middle_is_no_failure() {
    // Some ask for a proof only after a few requests: neither the site's servers nor the visitor's cookies are to blame for that.
    let script = all_work().with(CheckId::Again, gate(200)).with(CheckId::Cookies, Reply::status(502));
    let world = says(script, Side::Passed, Place::None);
    assert_eq!(world.credentialed(), 0);
    let home = Script::default().with(CheckId::Home, gate(200));
    assert!(!says(home, Side::Site, Place::App).case().verdict.reasons.iter().any(|r| r.word.key == "reason_home_works"));
}
