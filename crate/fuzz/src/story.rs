//! A story: bytes that become events for a desk, and a world that answers what the desk asks, or not.
//!
//! Promises: never a panic; never more than the allowed requests without a click; a form is never sent again; what is on
//! screen belongs to a tab that failed; and when the world falls silent, no case stays open.

use std::collections::BTreeMap;

use faultline_core::case::MAX_REQUESTS;
use faultline_core::command::{Command, Question};
use faultline_core::desk::{Desk, MAX_CASES};
use faultline_core::event::{Announcement, Answered, CaseId, End, Event, Millis, Read, Seen, Shown, What};
use faultline_core::page::Header;
use faultline_core::settings::{Control, Settings, Show};
use faultline_core::terms::CheckId;

const URLS: [&str; 8] = [
    "https://shop.example/cart",
    "https://shop.example/",
    "https://shop.example/login?token=1",
    "http://192.168.1.1/",
    "http://[::1]:8080/x",
    "https://other.example/a#b",
    "about:blank",
    "",
];

const ERRORS: [&str; 5] = [
    "net::ERR_HTTP_RESPONSE_CODE_FAILURE",
    "NS_ERROR_NET_ERROR_RESPONSE",
    "net::ERR_PROXY_CONNECTION_FAILED",
    "NS_ERROR_UNKNOWN_HOST",
    "",
];

const PAGES: [&str; 4] = [
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>",
    "",
    "no healthy upstream",
    "<html><body><h1>503 Service Unavailable</h1>No server is available to handle this request.</body></html>",
];

/// The last moment that a `Date` holds, in milliseconds since 1970: no clock of a browser shows more, so that time can still go on from
/// there in here.
const LAST: Millis = 8_640_000_000_000_000;

/// Reads the bytes one by one; zeros when they are used up.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[usize::from(self.next()) % list.len()].clone()
    }

    fn tab(&mut self) -> i32 {
        i32::from(self.next() % 4) - 1
    }

    fn settings(&mut self) -> Settings {
        let control = Control { url: "http://control.example/".into(), status: 204, body: Some(String::new()) };
        let byte = self.next();
        Settings {
            show: [Show::Popup, Show::Card, Show::Badge][usize::from(byte) % 3],
            never: if byte & 16 == 0 { Vec::new() } else { vec!["other.example".into()] },
            control: if byte & 32 == 0 { vec![control] } else { vec![Control::default()] },
            ..Settings::default()
        }
    }

    fn shown(&mut self) -> Shown {
        Shown {
            tab: self.tab(),
            url: self.of(&URLS).to_owned(),
            document: Some("d".into()),
            settings: Box::new(self.settings()),
            ..Shown::default()
        }
    }

    fn status(&mut self) -> u16 {
        self.of(&[502_u16, 503, 504, 500, 200, 404, 0, 999, 530, 301, u16::MAX])
    }

    fn read(&mut self) -> Read {
        let byte = self.next();
        Read {
            status: self.status(),
            body: self.of(&PAGES).to_owned(),
            loading: byte & 1 == 1,
            controlled: byte & 2 == 2,
            first_byte_ms: (byte & 8 == 8).then_some(u32::MAX),
            ..Read::default()
        }
    }

    fn seen(&mut self) -> Seen {
        let end = self.of(&[End::Answer, End::Redirect, End::Silent, End::Error, End::NotAllowed, End::Lost]);
        Seen {
            end,
            status: (end == End::Answer).then(|| self.status()),
            headers: (end == End::Answer).then(|| self.headers()),
            body: Some(self.of(&PAGES).to_owned()),
            error: (end == End::Error).then(|| self.of(&ERRORS).to_owned()),
            address: Some(self.of(&["203.0.113.7", "10.0.0.1", "::1", "no address"]).to_owned()),
            ms: Some(u32::from(self.next()) * 1000),
            ..Seen::default()
        }
    }

    fn headers(&mut self) -> Vec<Header> {
        (0..self.next() % 3)
            .map(|_| {
                let (name, value) = self.of(&[
                    ("Server", "nginx"),
                    ("Retry-After", "120"),
                    ("Retry-After", "99999999999999999999"),
                    ("Content-Disposition", "attachment"),
                    ("Proxy-Status", "a; error=dns_error"),
                    ("CF-RAY", "8c1f0a2b3c4d5e6f-FRA"),
                    ("Server", "cloudflare"),
                ]);
                Header::new(name, value)
            })
            .collect()
    }

    fn answered(&mut self) -> Answered {
        let byte = self.next();
        Answered {
            tab: self.tab(),
            url: self.of(&URLS).to_owned(),
            method: self.of(&["GET", "POST", ""]).to_owned(),
            status: self.status(),
            status_line: (byte & 1 == 1).then(|| "HTTP/1.1 502 Bad Gateway".to_owned()),
            headers: self.headers(),
            address: Some(self.of(&["203.0.113.7", "192.168.1.1", ""]).to_owned()),
            from_cache: byte & 2 == 2,
            first_byte_ms: (byte & 4 == 4).then_some(60_000),
            proxied: byte & 8 == 8,
            private: byte & 16 == 16,
            ..Answered::default()
        }
    }
}

/// The desk and what it has asked.
struct Told {
    desk: Desk,
    now: Millis,
    asked: Vec<Question>,
    /// By case: requests to the site since the visitor last clicked.
    requests: BTreeMap<CaseId, u8>,
}

/// Tells a story, and lets it come to its end.
pub(crate) fn tell(data: &[u8]) {
    let mut told = story(data);
    crate::look(&told.desk);
    settle(&mut told.desk, told.now);
}

/// The desk after a story.
pub(crate) fn desk(data: &[u8]) -> Desk {
    story(data).desk
}

fn story(data: &[u8]) -> Told {
    let mut bytes = Bytes(data);
    let firefox = bytes.next() & 1 == 1;
    let mut told = Told { desk: Desk::new(firefox), now: 1_800_000_000_000, asked: Vec::new(), requests: BTreeMap::new() };
    for _ in 0..200 {
        if bytes.0.is_empty() {
            break;
        }
        told.step(&mut bytes);
    }
    told
}

/// Lets time go by until every case must have ended: nobody answers any more.
pub(crate) fn settle(desk: &mut Desk, from: Millis) {
    let mut now = from;
    for _ in 0..20 {
        now = now.saturating_add(60_000);
        desk.handle(Event::new(now, What::Tick));
    }
    // A clock that stood far ahead when the case was saved holds its checks until that time; waking gives them up at once.
    for _ in 0..8 {
        now = now.saturating_add(60_000);
        desk.handle(Event::new(now, What::Woke));
        desk.handle(Event::new(now, What::Tick));
    }
    assert!(desk.latest().is_none_or(|c| c.done), "stuck: {:#?}", desk.latest());
}

impl Told {
    fn step(&mut self, bytes: &mut Bytes<'_>) {
        let kind = bytes.next();
        // Mostly forward, sometimes not at all, and the clock of a machine may be set back.
        self.now = match bytes.next() {
            255 => self.now.saturating_sub(100_000_000),
            254 => LAST,
            n => (self.now + u64::from(n) * 40).min(LAST),
        };
        let case = CaseId(u32::from(bytes.next() % 6));
        let what = match kind % 16 {
            0 | 1 => What::Answered(Box::new(bytes.answered())),
            2 | 3 => What::Shown(bytes.shown()),
            4 => {
                let shown = bytes.shown();
                What::ErrorPage { tab: shown.tab, url: shown.url, error: bytes.of(&ERRORS).to_owned(), settings: shown.settings }
            }
            5 => What::Unannounced { shown: bytes.shown(), read: Box::new(bytes.read()), private: kind & 16 == 16 },
            6 => What::Read { case, read: (kind & 16 == 0).then(|| Box::new(bytes.read())) },
            // An answer to a question that was asked.
            7..=9 if !self.asked.is_empty() => {
                let at = usize::from(bytes.next()) % self.asked.len();
                let question = self.asked.remove(at);
                What::Checked {
                    case: question.case,
                    check: question.check,
                    attempt: question.attempt,
                    seen: Box::new(bytes.seen()),
                }
            }
            // And one to a question that nobody asked.
            7..=9 => What::Checked { case, check: bytes.of(&CheckId::ALL), attempt: bytes.next(), seen: Box::new(bytes.seen()) },
            10 => What::Announced {
                case,
                visit: self.desk.case(case).map_or(0, |case| case.visits),
                how: bytes.of(&[Announcement::Popup, Announcement::Card, Announcement::Badge, Announcement::Waiting]),
            },
            11 => What::Visited { tab: bytes.tab() },
            12 => What::Closed { tab: bytes.tab() },
            13 => {
                self.requests.remove(&case);
                What::CheckAgain { case }
            }
            14 if kind & 16 == 0 => What::Woke,
            14 => What::Dismissed { case },
            _ => What::Tick,
        };
        if matches!(what, What::Woke) {
            // What was under way is lost with the background.
            self.asked.clear();
        }
        for command in self.desk.handle(Event::new(self.now, what)) {
            self.check(command);
        }
    }

    fn check(&mut self, command: Command) {
        match command {
            Command::Ask(question) => {
                let case = self.desk.case(question.case).expect("a question belongs to a case");
                let to_site = question.check != CheckId::Control;
                assert!(!to_site || question.url.starts_with("http"), "asks for {:?}", question.url);
                if to_site {
                    assert!(case.visit.is_get() || question.check != CheckId::Cookies, "cookies for a form");
                    let requests = self.requests.entry(question.case).or_default();
                    *requests += 1;
                    assert!(*requests <= MAX_REQUESTS, "{requests} requests in case {}", question.case);
                }
                self.asked.push(question);
            }
            Command::Announce { case, tab, .. } => {
                let case = self.desk.case(case).expect("what is announced is there");
                assert!(case.tab == tab && case.shown, "announced over another tab");
            }
            Command::Read { case, tab, .. } => {
                assert!(self.desk.case(case).is_none_or(|c| c.tab == tab), "reads another tab");
            }
            Command::Wake { at } => assert!(at >= self.now, "wakes in the past"),
            _ => {}
        }
        assert!(self.desk.tabs().len() <= MAX_CASES * 2 + 8, "remembers too many tabs");
    }
}
