//! What coverage-guided input has found, told as stories. Each was a case that stayed open, or worse.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod world;

use faultline_core::case::Check;
use faultline_core::desk::Desk;
use faultline_core::event::{Event, Millis, Seen, What};
use faultline_core::page::Header;
use faultline_core::terms::{CheckId, Outcome};
use world::{START, Script, World};

/// A day.
const DAY: Millis = 86_400_000;

/// A case in the middle of its checks: nobody has answered anything.
fn in_the_middle() -> World {
    let mut world = World::new(Script::default());
    world.fail();
    // The response, and the document.
    world.stops = vec![2];
    world.desk.handle(Event::new(START, What::Answered(Box::new(world.script.answered.clone()))));
    let shown = faultline_core::event::Shown {
        tab: world::TAB,
        url: world::URL.into(),
        document: Some("doc".into()),
        settings: Box::new(world.script.settings.clone()),
        ..Default::default()
    };
    world.desk.handle(Event::new(START + 30, What::Shown(shown)));
    assert!(!world.case().done);
    world
}

/// Nothing answers any more: only time goes by.
fn wait(desk: &mut Desk, from: Millis) {
    for n in 1..10 {
        desk.handle(Event::new(from + n * 30_000, What::Tick));
    }
}

/// What is saved like this comes to its end.
#[track_caller]
fn ends(saved: serde_json::Value) {
    let mut desk: Desk = serde_json::from_value(saved).expect("it is still a desk");
    desk.judge();
    wait(&mut desk, START);
    assert!(desk.latest().is_some_and(|c| c.done), "{desk:#?}");
}

#[test]
fn a_clock_that_is_set_back_a_day_holds_no_case_open() {
    let mut world = in_the_middle();
    wait(&mut world.desk, START - DAY);
    assert!(world.case().done, "{:#?}", world.case().checks);
    // What nobody measured is no evidence against the site.
    assert!(world.case().verdict.confidence < 0.9, "{:?}", world.case().verdict);
}

#[test]
fn a_computer_that_was_asleep_has_seen_no_silence() {
    let mut world = in_the_middle();
    wait(&mut world.desk, START + DAY);
    assert!(world.case().done, "{:#?}", world.case().checks);
    assert_eq!(world.case().outcome(CheckId::Fresh), Some(Outcome::Skipped));
    assert!(world.case().verdict.confidence < 0.8, "{:?}", world.case().verdict);
}

#[test]
fn a_saved_address_that_is_none_any_more_holds_no_case_open() {
    let world = in_the_middle();
    let saved = serde_json::to_string(&world.desk).expect("the desk can be saved");
    let broken = saved.replace(world::URL, "https:\\u0000/shop.example/cart");
    assert_ne!(saved, broken);
    let mut desk: Desk = serde_json::from_str(&broken).expect("it is still a desk");
    desk.judge();
    wait(&mut desk, START);
    assert!(desk.latest().is_some_and(|c| c.done), "{desk:#?}");
}

#[test]
fn a_check_that_was_saved_twice_holds_no_case_open() {
    let world = in_the_middle();
    let mut saved = serde_json::to_value(&world.desk).expect("the desk can be saved");
    let checks = saved["cases"][0]["checks"].as_array_mut().expect("a list of checks");
    let asked = checks.iter().find(|c| !c[1]["Asked"].is_null()).cloned().expect("something is asked");
    checks.push(asked);
    ends(saved);
}

#[test]
fn two_cases_that_were_saved_with_one_number_hold_none_open() {
    let world = in_the_middle();
    let mut saved = serde_json::to_value(&world.desk).expect("the desk can be saved");
    let cases = saved["cases"].as_array_mut().expect("a list of cases");
    cases.push(cases[0].clone());
    ends(saved);
}

#[test]
fn numbers_that_are_used_up_begin_anew() {
    let world = in_the_middle();
    let mut saved = serde_json::to_value(&world.desk).expect("the desk can be saved");
    saved["last"] = u32::MAX.into();
    let mut desk: Desk = serde_json::from_value(saved).expect("it is still a desk");
    desk.judge();
    assert!(!desk.is_busy() && desk.tabs().is_empty(), "{desk:#?}");
    let mut world = World::new(Script::default());
    world.desk = desk;
    world.fail();
    world.run();
    assert_eq!(world.case().id.0, 1);
}

#[test]
fn a_site_that_asks_to_wait_at_the_end_of_time_is_no_trouble() {
    let mut world = in_the_middle();
    let asked = world.case().checks.iter().find_map(|(id, check)| match check {
        Check::Asked { attempt, .. } if id != CheckId::Control => Some((id, *attempt)),
        _ => None,
    });
    let (check, attempt) = asked.expect("the site is asked");
    let seen = Seen { status: Some(503), headers: Some(vec![Header::new("Retry-After", "120")]), ..Seen::default() };
    let case = world.case().id;
    world.desk.handle(Event::new(Millis::MAX, What::Checked { case, check, attempt, seen: Box::new(seen) }));
    wait(&mut world.desk, START);
    assert!(world.case().done, "{:#?}", world.case().checks);
}

#[test]
fn the_end_of_time_is_no_trouble() {
    let mut world = in_the_middle();
    for at in [Millis::MAX, Millis::MAX - 1, 0] {
        for what in [What::Woke, What::Tick, What::Visited { tab: world::TAB }] {
            world.desk.handle(Event::new(at, what));
        }
    }
    wait(&mut world.desk, START);
    assert!(world.case().done, "{:#?}", world.case().checks);
}
