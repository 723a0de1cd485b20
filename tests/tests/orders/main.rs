//! In whatever order a browser tells of a load: a page that failed is shown once, and no other.
//!
//! Requests and documents are told of by two sources. Each keeps its own order, and neither waits for the other: on a busy machine a
//! document may come before its response, and the end of a load that was overtaken after that of the load that overtook it. Here the
//! orders that two such sources can make of up to three loads go through the real `background.js` and the real core, with each of those
//! who may be slow.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod loads;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use faultline_core::case::Case;
use faultline_core::command::Command as Told;
use faultline_core::desk::Desk;
use faultline_core::event::{Announcement, Answered, CaseId, Event, Millis, Read, Shown, What};
use loads::{DOWN, End, Load, Raw, TAB, WELL, orders};
use serde::Serialize;
use serde_json::{Value, json};

/// What a page does after its load, or instead.
const ENDS: [End; 6] = [End::Commits, End::Aborts, End::AbortsComplete, End::AbortsUnanswered, End::BreaksOff, End::Drawn];

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
const LAST: [Load; 6] = [
    Load { url: DOWN, status: 502, end: End::Commits },
    Load { url: DOWN, status: 502, end: End::Drawn },
    Load { url: DOWN, status: 200, end: End::Commits },
    Load { url: WELL, status: 200, end: End::Commits },
    Load { url: DOWN, status: 502, end: End::DrawnOverFile },
    Load { url: DOWN, status: 502, end: End::BreaksOff },
];

const OPENINGS: [Opening; 3] = [Opening::AtOnce, Opening::ToldLater, Opening::Slow];

/// Who is slow.
#[derive(Clone, Copy, Debug, Serialize)]
enum Pace {
    Nobody,
    /// The core starts after everything has been told.
    Core,
    /// The browser: our timers run out before it tells of the next thing.
    Browser,
    /// A page, which answers after the next thing.
    Page,
}

/// When a popup that is being opened is there, and when the core hears of it.
#[derive(Clone, Copy, Debug)]
enum Opening {
    AtOnce,
    /// It is there at once, and the core hears of it after everything else.
    ToldLater,
    /// It takes longer than all of this.
    Slow,
}

/// A page after one load that is over, and one that may still be under way.
fn plays(firefox: bool, last: Load, pace: Pace) -> Vec<(String, Vec<Raw>)> {
    let mut plays = Vec::new();
    for first in before() {
        for second in before() {
            // No browser is that late with all of several loads.
            let is_possible = !matches!(pace, Pace::Browser) || (first.is_none() && second.is_none());
            // The others would make very many more.
            let is_long = last.end == End::BreaksOff || !matches!(pace, Pace::Nobody);
            if is_possible && (!is_long || first.is_none()) {
                let name = format!("{first:?}, {second:?}, {last:?}");
                plays.extend(orders(firefox, first, second, last).into_iter().map(|order| (name.clone(), order)));
            }
        }
    }
    plays
}

/// What `background.js` hands on in each of these orders.
fn handed_on(firefox: bool, pace: Pace, plays: &[(String, Vec<Raw>)]) -> Vec<Vec<(String, Value)>> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(tests.join("../extension/background.js")).expect("background.js can be read");
    let orders: Vec<_> = plays.iter().map(|(_, order)| order).collect();
    let input = json!({ "source": source, "firefox": firefox, "pace": pace, "orders": orders }).to_string();
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

/// What the visitor sees.
struct Screen {
    desk: Desk,
    opening: Opening,
    /// Announcements that the core has not heard the end of.
    under_way: Vec<(CaseId, u32)>,
    /// The case whose popup is open.
    popup: Option<CaseId>,
    /// How often one opened over each page.
    popups: BTreeMap<String, u32>,
}

impl Screen {
    fn new(firefox: bool, opening: Opening) -> Self {
        Self { desk: Desk::new(firefox), opening, under_way: Vec::new(), popup: None, popups: BTreeMap::new() }
    }

    fn case(&self, id: CaseId) -> &Case {
        self.desk.case(id).expect("a case that is announced is there")
    }

    fn handle(&mut self, event: Event) {
        for command in self.desk.handle(event) {
            match command {
                Told::Announce { case, visit, first: true, .. } => {
                    if !matches!(self.opening, Opening::Slow) {
                        self.open(case);
                    }
                    self.under_way.push((case, visit));
                }
                Told::Withdraw { .. } => self.popup = None,
                _ => {}
            }
        }
        if matches!(self.opening, Opening::AtOnce) {
            self.hear();
        }
    }

    fn open(&mut self, case: CaseId) {
        if self.popup.replace(case) != Some(case) {
            *self.popups.entry(self.case(case).visit.url.clone()).or_default() += 1;
        }
    }

    /// The core hears what became of every announcement.
    fn hear(&mut self) {
        while !self.under_way.is_empty() {
            let (case, visit) = self.under_way.remove(0);
            let mut how = Announcement::Popup;
            if matches!(self.opening, Opening::Slow) {
                // As the shell does: not over a page that is gone.
                match self.case(case).shown {
                    true => self.open(case),
                    false => how = Announcement::Waiting,
                }
            }
            self.handle(Event::new(LATER, What::Announced { case, visit, how }));
        }
    }
}

/// After everything else.
const LATER: Millis = 2_000;

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
            let status = details["status"].as_u64()?.try_into().ok()?;
            What::Unannounced { shown: shown(), read: Box::new(Read { status, ..Read::default() }), private: false }
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
    let failed = (last.status >= 500).then_some(last.url);
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut played = 0;
    for pace in [Pace::Nobody, Pace::Core, Pace::Browser, Pace::Page] {
        let plays = plays(firefox, last, pace);
        played += plays.len();
        for ((name, order), events) in plays.iter().zip(handed_on(firefox, pace, &plays)) {
            let most = loads::failures_on_screen(order);
            let openings: &[_] = if matches!(pace, Pace::Nobody) { &OPENINGS } else { &OPENINGS[..1] };
            for opening in openings.iter().copied() {
                let why = mistakes(firefox, opening, &events, failed, &most);
                if !why.is_empty() {
                    let kinds: Vec<_> = events.iter().map(|(kind, details)| format!("{kind} {}", details["url"])).collect();
                    let told = loads::told(order);
                    let text = format!("{name}, {pace:?}, {opening:?}:\n  {told}\n  handed on: {}", kinds.join(", "));
                    wrong.entry(why.join(", ")).or_default().push(text);
                }
            }
        }
    }
    assert!(played > 500, "only {played} orders");
    let report: Vec<_> = wrong.iter().map(|(why, texts)| format!("{} times: {why}. {}", texts.len(), texts[0])).collect();
    assert!(wrong.is_empty(), "of {played} orders\n{}", report.join("\n"));
}

/// What is wrong with what the visitor sees of these events, when the page that is on screen in the end `failed` or did not.
fn mistakes(
    firefox: bool,
    opening: Opening,
    events: &[(String, Value)],
    failed: Option<&str>,
    most: &BTreeMap<&str, u32>,
) -> Vec<String> {
    let mut screen = Screen::new(firefox, opening);
    for (kind, details) in events {
        if let Some(event) = event(kind, details) {
            screen.handle(event);
        }
    }
    screen.hear();
    let mut why = Vec::new();
    let shown = screen.desk.case_in(TAB).map(|case| case.visit.url.as_str());
    if shown != failed {
        why.push(format!("what is shown in the end is {shown:?}"));
    }
    let popup = screen.popup.map(|case| screen.case(case).visit.url.as_str());
    if popup != failed {
        why.push(format!("the popup in the end is of {popup:?}"));
    }
    for (url, times) in screen.popups.iter().filter(|(url, times)| **times > most.get(url.as_str()).copied().unwrap_or_default())
    {
        why.push(format!("{times} popups over {url}"));
    }
    why
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
    a_failure_that_breaks_off_in_chromium: false, 5;
    a_failure_in_firefox: true, 0;
    a_failure_that_firefox_draws_over: true, 1;
    a_page_that_is_well_again_in_firefox: true, 2;
    a_page_that_works_in_firefox: true, 3;
    a_failure_that_breaks_off_in_firefox: true, 5;
}
