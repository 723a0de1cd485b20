//! `faultline check`: loads a page, and if it fails has the same desk work on it as the extension has.
//!
//! The desk decides what to ask and when it has heard enough. This carries its commands out: questions go to threads of their
//! own, answers and the alarm come back as events. There is no page on screen, so what only a page could ask is left out.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use faultline_core::case::Case;
use faultline_core::command::{Command, Question};
use faultline_core::desk::Desk;
use faultline_core::event::{Answered, End, Event, Millis, Read, Seen, Shown, TabId, What};
use faultline_core::net;
use faultline_core::settings::Settings;
use faultline_core::terms::{CheckId, Side};
use faultline_core::words::Catalogue;
use url::Url;

use crate::BAD_INPUT;
use crate::args::Check;
use crate::client::{Client, Reply};
use crate::connection::Trouble;
use crate::english;
use crate::person;
use crate::response::{Labelled, Moment, Response, now};
use crate::unanswered;

/// The one tab of this browser.
const TAB: TabId = 1;

/// The site works, and refuses this page.
const REFUSED: u8 = 5;
/// The evidence does not decide.
const UNCLEAR: u8 = 4;

/// Checks one page. The exit code; an error only where the answer cannot be written.
pub(crate) fn run(what: &Check) -> io::Result<u8> {
    let url = match address(&what.url) {
        Ok(url) => url,
        Err(wrong) => {
            eprintln!("faultline: {wrong}");
            return Ok(BAD_INPUT);
        }
    };
    let settings = Settings { control: what.control.iter().cloned().collect(), ..Settings::default() };
    match Client.visit(url.clone(), what.timeout) {
        Ok((url, reply)) if reply.head.status >= 500 => match work(&url, reply, settings) {
            Some(case) => tell(&case, what.json),
            None => say(what.json, UNCLEAR, &format!("{url} failed, but nothing can be said about it.")),
        },
        Ok((url, reply)) => works(&url, reply, what.json),
        Err(Trouble::Silent | Trouble::Broken(_)) => tell(&unanswered::examine(&url, settings), what.json),
        Err(trouble) => say(what.json, UNCLEAR, &format!("Can't tell about {url}: {}.", trouble.text())),
    }
}

/// The address as it was typed; without a scheme it is a page of the web of today.
fn address(typed: &str) -> Result<Url, String> {
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let mut url = Url::parse(&whole).map_err(|error| format!("{typed}: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("{typed}: only http and https can be checked"));
    }
    url.set_fragment(None);
    // An address that has a host takes both; they are never sent and must not get into a report.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Ok(url)
}

/// The page did not fail by its status. It may be an error page all the same.
fn works(url: &Url, reply: Reply, json: bool) -> io::Result<u8> {
    let status = reply.head.status;
    let mut case = response(url, reply).case(1, now());
    if case.reading.soft {
        case.operator = true;
        case.judge();
        return tell(&case, json);
    }
    match status {
        400..=499 => say(json, REFUSED, &format!("{url} answers with {status}: the site works, but not for this request.")),
        _ => say(json, 0, &format!("{url} works: {status}.")),
    }
}

fn response(url: &Url, reply: Reply) -> Response {
    Response {
        url: url.to_string(),
        method: "GET".to_owned(),
        status: reply.head.status,
        status_line: Some(reply.head.status_line),
        headers: Some(reply.head.headers),
        body: reply.body,
        title: None,
        first_byte_ms: Some(reply.first_byte_ms),
        address: Some(reply.address.ip().to_string()),
        from_cache: false,
    }
}

/// Has the desk work on a failed load until it has nothing more to ask.
fn work(url: &Url, reply: Reply, settings: Settings) -> Option<Case> {
    let page = response(url, reply);
    let read = page.read();
    let answered = Answered {
        tab: TAB,
        url: page.url.clone(),
        method: page.method,
        status: page.status,
        status_line: page.status_line,
        headers: page.headers.unwrap_or_default(),
        address: page.address,
        first_byte_ms: page.first_byte_ms,
        ..Answered::default()
    };
    let asks_control = asks_control(&page.url, &settings);
    let shown = Shown { tab: TAB, url: page.url, settings: Box::new(settings), operator: true, ..Shown::default() };
    let mut desk = Desk::new(false);
    let (answers, answer) = mpsc::channel();
    let mut events = VecDeque::from([What::Answered(Box::new(answered)), What::Shown(shown)]);
    let mut alarm: Option<Millis> = None;
    loop {
        while let Some(what) = events.pop_front() {
            for command in desk.handle(Event::new(now(), what)) {
                carry_out(command, asks_control, read.as_ref(), &answers, &mut events, &mut alarm);
            }
        }
        if !desk.is_busy() {
            return desk.latest().cloned();
        }
        let wait = alarm.map_or(u64::from(u32::MAX), |at| at.saturating_sub(now()));
        match answer.recv_timeout(Duration::from_millis(wait)) {
            Ok(what) => events.push_back(what),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                alarm = Some(now() + 1_000);
                events.push_back(What::Tick);
            }
        }
    }
}

/// Whether a control endpoint on the internet says anything about the way to this address: not about one on the machine or in the
/// network where this runs, unless somebody names an endpoint for it.
pub(crate) fn asks_control(url: &str, settings: &Settings) -> bool {
    let host = net::Url::split(url).map_or("", |u| u.host);
    !settings.control.is_empty() || net::reach_of_name(host).is_none()
}

/// Asks one question.
pub(crate) fn ask(question: &Question, asks_control: bool) -> Seen {
    if question.check == CheckId::Control && !asks_control {
        return Seen { end: End::NotAllowed, ..Seen::default() };
    }
    Client.ask(question)
}

fn carry_out(
    command: Command,
    asks_control: bool,
    read: Option<&Read>,
    answers: &Sender<What>,
    events: &mut VecDeque<What>,
    alarm: &mut Option<Millis>,
) {
    match command {
        Command::Ask(question) => {
            let answers = answers.clone();
            thread::spawn(move || {
                let seen = Box::new(ask(&question, asks_control));
                // Whoever asked may have given up.
                let _ =
                    answers.send(What::Checked { case: question.case, check: question.check, attempt: question.attempt, seen });
            });
        }
        Command::Read { case, tab, .. } => {
            events.push_back(What::Read { case, read: read.cloned().map(Box::new) });
            // It has been read, and it is on no screen from which anybody could ask.
            events.push_back(What::Closed { tab });
        }
        Command::Wake { at } => *alarm = Some(at),
        Command::Announce { .. } | Command::Badge { .. } | Command::Withdraw { .. } | Command::Keep { .. } => {}
    }
}

/// Tells the verdict and turns it into the exit code.
fn tell(case: &Case, json: bool) -> io::Result<u8> {
    let words: Catalogue = english::words();
    let report = Labelled::of(None, case, Moment::now().offset_min, &words);
    let text = if json { serde_json::to_string_pretty(&report)? + "\n" } else { person::text(case, report.report(), &words) };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(match case.verdict.side {
        Side::Passed => 0,
        Side::Site => 2,
        Side::Yours => 3,
        Side::Unclear => UNCLEAR,
    })
}

/// Says something about a page of which there is no case.
fn say(json: bool, code: u8, text: &str) -> io::Result<u8> {
    if json {
        eprintln!("faultline: {text}");
    }
    let text = if json { "null" } else { text };
    io::stdout().lock().write_all(format!("{text}\n").as_bytes())?;
    Ok(code)
}
