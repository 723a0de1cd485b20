//! In whatever order a browser tells of a load: a page that failed is shown once, and no other.
//!
//! Requests and documents are told of by two sources. Each keeps its own order, and neither waits for the other: on a busy machine a
//! document may come before its response, and the end of a load that was overtaken after that of the load that overtook it. Here every
//! order that two such sources can make of a few loads goes through the real `background.js` and the real core.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod loads;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use faultline_core::command::Command as Told;
use faultline_core::desk::Desk;
use faultline_core::event::{Answered, Event, Read, Shown, What};
use loads::{DOWN, End, Load, Raw, TAB, WELL, orders};
use serde_json::{Value, json};

/// What a page does after its load, or instead.
const ENDS: [End; 4] = [End::Commits, End::Aborts, End::AbortsUnanswered, End::Drawn];

/// Every load before the last one.
fn before() -> Vec<Option<Load>> {
    let mut all = vec![None];
    for (url, status) in [(WELL, 200), (DOWN, 502), (DOWN, 200), (WELL, 502)] {
        for end in ENDS.into_iter().filter(|end| *end != End::Drawn || status >= 500) {
            all.push(Some(Load { url, status, end }));
        }
    }
    all
}

/// The load that is on screen in the end.
const LAST: [Load; 5] = [
    Load { url: DOWN, status: 502, end: End::Commits },
    Load { url: DOWN, status: 502, end: End::Drawn },
    Load { url: DOWN, status: 200, end: End::Commits },
    Load { url: WELL, status: 200, end: End::Commits },
    Load { url: DOWN, status: 502, end: End::DrawnOverFile },
];

/// A page after one load that is over, and one that may still be under way.
fn plays(firefox: bool, last: Load) -> Vec<(String, Vec<Raw>)> {
    let mut plays = Vec::new();
    for first in before() {
        for second in before() {
            let name = format!("{first:?}, {second:?}, {last:?}");
            plays.extend(orders(firefox, first, second, last).into_iter().map(|order| (name.clone(), order)));
        }
    }
    plays
}

/// What `background.js` hands on in each of these orders.
fn handed_on(firefox: bool, plays: &[(String, Vec<Raw>)]) -> Vec<Vec<(String, Value)>> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(tests.join("../extension/background.js")).expect("background.js can be read");
    let orders: Vec<_> = plays.iter().map(|(_, order)| order).collect();
    let input = json!({ "source": source, "firefox": firefox, "orders": orders }).to_string();
    let mut node = Command::new("node")
        .arg(tests.join("tests/orders/browser.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is there: `cargo xtask setup test`");
    let mut stdin = node.stdin.take().expect("it reads");
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let out = node.wait_with_output().expect("it ends");
    writer.join().expect("the writer does not panic").expect("it reads to the end");
    assert!(out.status.success(), "browser.mjs failed");
    serde_json::from_slice(&out.stdout).expect("it prints JSON")
}

/// How often a popup opened over each page, and over which it is in the end.
fn shown(firefox: bool, events: &[(String, Value)]) -> (BTreeMap<String, u32>, Option<String>) {
    let mut desk = Desk::new(firefox);
    let mut popups = BTreeMap::new();
    for (kind, details) in events {
        let Some(event) = event(kind, details) else { continue };
        for command in desk.handle(event) {
            // A popup takes longer to open than all of this.
            let Told::Announce { case, first: true, .. } = command else { continue };
            let url = desk.case(case).expect("a case that is announced is there").visit.url.clone();
            *popups.entry(url).or_default() += 1;
        }
    }
    let over = desk.case_in(TAB).filter(|case| case.shown).map(|case| case.visit.url.clone());
    (popups, over)
}

fn event(kind: &str, details: &Value) -> Option<Event> {
    let text = |key: &str| details[key].as_str().unwrap_or_default().to_owned();
    let (tab, url, at) = (TAB, text("url"), millis(details));
    let document = details["documentId"].as_str().map(str::to_owned);
    let healthy = details["status"].as_u64().is_some_and(|status| (100..500).contains(&status));
    let shown = || Shown { tab, url: url.clone(), document: document.clone(), committed: Some(at), healthy, ..Shown::default() };
    let what = match kind {
        "answered" => {
            let status = details["statusCode"].as_u64()?.try_into().ok()?;
            What::Answered(Box::new(Answered { tab, url, method: "GET".into(), status, ..Answered::default() }))
        }
        "shown" => What::Shown(shown()),
        "error-page" => What::ErrorPage { tab, url, error: text("error"), settings: Box::default() },
        "unannounced" => {
            What::Unannounced { shown: shown(), read: Box::new(Read { status: 502, ..Read::default() }), private: false }
        }
        _ => return None,
    };
    Some(Event::new(at, what))
}

fn millis(details: &Value) -> u64 {
    details["timeStamp"].as_u64().expect("every event has its time")
}

#[track_caller]
fn every_order_is_read_right(firefox: bool, last: Load) {
    let plays = plays(firefox, last);
    let failed = (last.status >= 500).then_some(last.url);
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ((name, order), events) in plays.iter().zip(handed_on(firefox, &plays)) {
        let (popups, over) = shown(firefox, &events);
        let most = loads::failures_on_screen(order);
        let mut why = Vec::new();
        if over.as_deref() != failed {
            why.push(format!("what is shown in the end is {over:?}"));
        }
        for (url, times) in popups.iter().filter(|(url, times)| **times > most.get(url.as_str()).copied().unwrap_or_default()) {
            why.push(format!("{times} popups over {url}"));
        }
        if !why.is_empty() {
            let kinds: Vec<_> = events.iter().map(|(kind, details)| format!("{kind} {}", details["url"])).collect();
            let text = format!("{name}:\n  {}\n  handed on: {}", loads::told(order), kinds.join(", "));
            wrong.entry(why.join(", ")).or_default().push(text);
        }
    }
    assert!(plays.len() > 500, "only {} orders", plays.len());
    let report: Vec<_> = wrong.iter().map(|(why, texts)| format!("{} times: {why}. {}", texts.len(), texts[0])).collect();
    assert!(wrong.is_empty(), "of {} orders\n{}", plays.len(), report.join("\n"));
}

macro_rules! browsers {
    ($($name:ident: $firefox:expr, $last:expr;)+) => { $(#[test] fn $name() { every_order_is_read_right($firefox, LAST[$last]); })+ };
}

browsers! {
    a_failure_in_chromium: false, 0;
    a_failure_that_chromium_draws_over: false, 1;
    a_page_that_is_well_again_in_chromium: false, 2;
    a_page_that_works_in_chromium: false, 3;
    a_file_that_fails_in_chromium: false, 4;
    a_failure_in_firefox: true, 0;
    a_failure_that_firefox_draws_over: true, 1;
    a_page_that_is_well_again_in_firefox: true, 2;
    a_page_that_works_in_firefox: true, 3;
}
