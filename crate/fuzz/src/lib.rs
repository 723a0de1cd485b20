//! What hostile input may never do, as functions over bytes: one for each reader of foreign input.
//!
//! Each panics where a promise is broken. `targets/` hands them to libFuzzer, and `cargo xtask fuzz` runs them from the kept
//! inputs in `corpus/`. Bytes are taken apart in the simplest way that lets the fuzzer reach everything.

#[path = "../../cli/src/body.rs"]
#[allow(dead_code, reason = "the command line needs more of it")]
mod body;
#[path = "../../cli/src/har.rs"]
#[allow(dead_code, reason = "the command line needs more of it")]
mod har;
#[path = "../../cli/src/line.rs"]
#[allow(dead_code, reason = "the command line needs more of it")]
mod line;
#[path = "../../cli/src/response.rs"]
#[allow(dead_code, reason = "the command line needs more of it")]
mod response;
#[path = "../../cli/src/shorten.rs"]
#[allow(dead_code, reason = "the command line needs more of it")]
mod shorten;

mod story;

use std::net::IpAddr;

use faultline_core::desk::Desk;
use faultline_core::event::{CaseId, Event, What};
use faultline_core::fingerprint;
use faultline_core::letter::Format;
use faultline_core::page::{Header, Page};
use faultline_core::reading::Reading;
use faultline_core::redact::Safe;
use faultline_core::report::{Maker, Report};
use faultline_core::view;
use faultline_core::words::Catalogue;

/// A page: its first two bytes are the status, the rest is the body.
pub fn page(data: &[u8]) {
    let Some((status, body)) = data.split_at_checked(2) else { return };
    let status = 200 + u16::from(status[0]) * 2 + u16::from(status[1] & 1);
    let body = String::from_utf8_lossy(body).into_owned();
    let title = body.get(..body.len().min(40)).map(str::to_owned);
    for headers in [None, Some(vec![Header::new("Content-Type", "text/plain")]), Some(Vec::new())] {
        read(&Page { status, headers, title: title.clone(), body: Some(body.clone()), ..Page::default() });
    }
}

/// A response header: a status line, then one field a line.
pub fn headers(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.lines();
    let reason = lines.next().map(str::to_owned);
    let headers: Vec<_> = lines.map(|l| l.split_once(':').unwrap_or((l, ""))).map(|(n, v)| Header::new(n, v)).collect();
    let host = headers.first().map(|h| h.value.clone());
    read(&Page { status: 503, reason, headers: Some(headers), host, first_byte_ms: Some(30_000), ..Page::default() });
}

/// Values of `Proxy-Status`, one a line.
pub fn proxy_status(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let fields = text.lines().map(|l| Header::new("Proxy-Status", l)).collect();
    let reading = read(&Page { status: 502, headers: Some(fields), body: Some(String::new()), ..Page::default() });
    // An honest hop can be taken at its word; a hostile one can at most name itself.
    assert!(reading.producer.is_none_or(|p| p.confidence <= 1.0));
}

/// Reads a response twice: in the same way, and within bounds.
fn read(page: &Page) -> Reading {
    let reading = fingerprint::read(page);
    assert_eq!(reading, fingerprint::read(page), "read in another way the second time");
    assert!((0.0..=1.0).contains(&reading.failure.confidence), "{}", reading.failure.confidence);
    if let Some(producer) = &reading.producer {
        assert!((0.0..=1.0).contains(&producer.confidence), "{}", producer.confidence);
        assert!(fingerprint::rules().any(|rule| rule.id == producer.id), "there is no {}", producer.id);
    }
    assert!(reading.references.iter().all(|r| r.value.len() <= 1024), "an endless identifier");
    reading
}

/// A story of events, told to a desk. See [`story`].
pub fn events(data: &[u8]) {
    story::tell(data);
}

/// A saved desk, as another version, a broken disk or somebody else may have written it: the first half of the bytes is a story
/// that makes a desk, the second changes what is saved of it. So no kept input goes stale with the shape of the desk.
pub fn snapshot(data: &[u8]) {
    let (told, changes) = data.split_at(data.len() / 2);
    let mut saved = postcard::to_allocvec(&story::desk(told)).expect("any desk can be saved");
    for change in changes.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % saved.len().max(1);
        match change[2] {
            255 => saved.truncate(at),
            254 => saved.insert(at, 255),
            byte => saved[at] = byte,
        }
        if saved.is_empty() {
            return;
        }
    }
    let Ok(mut desk) = postcard::from_bytes::<Desk>(&saved) else { return };
    desk.judge();
    let now = 1_800_000_000_000;
    for what in [What::Woke, What::Tick, What::Visited { tab: 1 }, What::CheckAgain { case: CaseId(1) }, What::Closed { tab: 1 }] {
        desk.handle(Event::new(now, what));
        look(&desk);
    }
    story::settle(&mut desk, now);
}

/// Everything that can be shown of a desk.
fn look(desk: &Desk) {
    let words = Catalogue::default();
    for case in (0..40).filter_map(|n| desk.case(CaseId(n))).chain(desk.latest()) {
        let report = report(case, &words);
        for format in Format::ALL {
            let _ = format.write(&report, &words);
        }
        let _ = view::face(case, &words);
    }
    let saved = postcard::to_allocvec(desk).expect("any desk can be saved");
    let mut again: Desk = postcard::from_bytes(&saved).expect("what was saved can be read");
    again.judge();
    let twice = postcard::to_allocvec(&again).expect("any desk can be saved");
    assert_eq!(saved, twice, "saving changes it");
}

fn report(case: &faultline_core::case::Case, words: &Catalogue) -> Report {
    let maker = Maker { version: "0".into(), browser: "Chromium 156".into(), offset_min: -90 };
    Report::of(case, &maker, words)
}

/// A HAR of somebody else's browser.
pub fn har(data: &[u8]) {
    let _ = har::entries(data, |_, _, entry| {
        if let Ok(har::Entry { response, .. }) = entry {
            let (headers, title, body) = (response.headers, response.title, response.body);
            read(&Page { status: response.status, headers, title, body, ..Page::default() });
        }
        Ok(())
    });
}

/// A text of a page, on its way into a report.
pub fn redaction(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for safe in [Safe::text(&text), Safe::sentence(&text), Safe::reference(&text), Safe::version(&text), Safe::url(&text)] {
        assert!(safe.as_str().len() <= text.len() * 10 + 100, "it grows to {}", safe.as_str().len());
    }
    for safe in [Safe::text(&text), Safe::url(&format!("https://shop.example/{text}"))] {
        let safe = safe.as_str();
        assert!(!safe.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)), "{safe:?}");
        for word in safe.split([' ', '"', ',', '<', '>']) {
            let address = word.parse::<IpAddr>().is_ok_and(|a| !a.to_canonical().is_loopback());
            assert!(!address, "{word} is left in {safe:?}");
            let mail = word.split_once('@').is_some_and(|(user, host)| {
                let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase());
                plain(user) && plain(host.trim_end_matches(".example"))
            });
            assert!(!mail, "{word} is left in {safe:?}");
        }
    }
}
