//! A browser of data on a virtual clock: it carries out the desk's commands with scripted answers, and can lose its
//! background at any step.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::BTreeMap;

use faultline_core::case::Case;
use faultline_core::command::{Command, From, Question};
use faultline_core::desk::Desk;
use faultline_core::event::{Announcement, Answered, CaseId, End, Event, Millis, Read, Seen, Shown, TabId, What};
use faultline_core::page::Header;
use faultline_core::settings::{Control, Settings};
use faultline_core::terms::{CheckId, Place, Side};

pub(crate) const TAB: TabId = 7;
pub(crate) const URL: &str = "https://shop.example/cart";
pub(crate) const CONTROL: &str = "http://control.example/204";
pub(crate) const START: Millis = 1_800_000_000_000;

/// nginx's own page, as it has been since 2018.
pub(crate) const NGINX_502: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n";

/// How one question is answered, and after how many milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) after: Millis,
    pub(crate) seen: Seen,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        let body = if status == 502 { NGINX_502 } else { "" };
        let seen =
            Seen { status: Some(status), body: Some(body.into()), headers: Some(Vec::new()), ms: Some(20), ..Seen::default() };
        Self { after: 20, seen }
    }

    pub(crate) fn error(name: &str) -> Self {
        Self { after: 5, seen: Seen { end: End::Error, error: Some(name.into()), ms: Some(5), ..Seen::default() } }
    }

    pub(crate) fn end(end: End, after: Millis) -> Self {
        Self { after, seen: Seen { end, ms: Some(after as u32), ..Seen::default() } }
    }

    pub(crate) fn later(mut self, after: Millis) -> Self {
        self.after = after;
        self.seen.ms = Some(after as u32);
        self
    }
}

/// What the world does. Everything that is not said is a site that fails for everybody, and a connection that works.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) answered: Answered,
    pub(crate) replies: BTreeMap<CheckId, Reply>,
    pub(crate) read: Option<Read>,
    pub(crate) read_after: Millis,
    pub(crate) unannounced: bool,
    /// The visitor came by Back.
    pub(crate) back: bool,
    /// The visitor came by a form.
    pub(crate) form: bool,
    /// The proxy let nothing through, and the browser calls it so.
    pub(crate) barred: Option<String>,
    pub(crate) error_page: Option<String>,
    pub(crate) settings: Settings,
    pub(crate) popup: Announcement,
}

impl Default for Script {
    fn default() -> Self {
        let answered = Answered {
            tab: TAB,
            url: URL.into(),
            method: "GET".into(),
            status: 502,
            status_line: Some("HTTP/1.1 502 Bad Gateway".into()),
            headers: vec![Header::new("Server", "nginx/1.22.1"), Header::new("Content-Type", "text/html")],
            address: Some("203.0.113.7".into()),
            first_byte_ms: Some(3),
            ..Answered::default()
        };
        let all = [CheckId::Fresh, CheckId::Home, CheckId::InPage, CheckId::Cookies, CheckId::Again, CheckId::AsNavigation];
        let mut replies: BTreeMap<_, _> = all.into_iter().map(|id| (id, Reply::status(502))).collect();
        replies
            .insert(CheckId::Control, Reply { seen: Seen { body: Some(String::new()), ..Reply::status(204).seen }, after: 20 });
        Self {
            answered,
            replies,
            read: Some(Read { status: 502, title: "502 Bad Gateway".into(), body: NGINX_502.into(), ..Read::default() }),
            read_after: 12,
            unannounced: false,
            back: false,
            form: false,
            barred: None,
            error_page: None,
            settings: Settings {
                control: vec![Control { url: CONTROL.into(), status: 204, body: Some(String::new()) }],
                ..Settings::default()
            },
            popup: Announcement::Popup,
        }
    }
}

impl Script {
    pub(crate) fn with(mut self, check: CheckId, reply: Reply) -> Self {
        self.replies.insert(check, reply);
        self
    }
}

/// Servers, and what lies between them and the visitor.
pub(crate) trait Net {
    /// What becomes of a question that is asked now.
    fn reply(&mut self, question: &Question, now: Millis) -> Reply;
}

/// The world itself.
pub(crate) struct World {
    pub(crate) desk: Desk,
    pub(crate) now: Millis,
    pub(crate) script: Script,
    /// Events to come. What a stopped background waits for is lost with it; what the browser itself does comes anyway.
    queue: Vec<(Millis, bool, Event)>,
    pub(crate) asked: Vec<Question>,
    pub(crate) announced: Vec<(CaseId, bool)>,
    /// Cases that went into the history, once for each time.
    pub(crate) kept: Vec<CaseId>,
    pub(crate) steps: usize,
    /// Servers that answer in place of the script.
    pub(crate) net: Option<Box<dyn Net>>,
    /// Stop the background after each of these steps: saved, but nothing of it done.
    pub(crate) stops: Vec<usize>,
    /// Nothing wakes a stopped background but its own alarm.
    pub(crate) alarm_only: bool,
}

impl World {
    pub(crate) fn new(script: Script) -> Self {
        Self {
            desk: Desk::new(false),
            now: START,
            script,
            queue: Vec::new(),
            asked: Vec::new(),
            announced: Vec::new(),
            kept: Vec::new(),
            steps: 0,
            net: None,
            stops: Vec::new(),
            alarm_only: false,
        }
    }

    /// The visitor's load fails now.
    pub(crate) fn fail(&mut self) {
        let settings = Box::new(self.script.settings.clone());
        let url = self.script.answered.url.clone();
        let shown =
            Shown { tab: TAB, url: url.clone(), document: Some("doc".into()), settings: settings.clone(), ..Shown::default() };
        if self.script.unannounced {
            let read = Box::new(self.script.read.clone().unwrap_or_default());
            let shown = Shown { back: self.script.back, form: self.script.form, ..shown };
            self.at(30, true, What::Unannounced { shown, read, private: false });
            return;
        }
        if let Some(error) = self.script.barred.clone() {
            self.at(30, true, What::Barred { shown, error, private: false });
            return;
        }
        self.at(0, true, What::Answered(Box::new(self.script.answered.clone())));
        match self.script.error_page.clone() {
            Some(error) => self.at(30, true, What::ErrorPage { tab: TAB, url, error, settings }),
            None => self.at(30, true, What::Shown(shown)),
        }
    }

    pub(crate) fn at(&mut self, after: Millis, by_browser: bool, what: What) {
        self.queue.push((self.now + after, by_browser, Event::new(self.now + after, what)));
    }

    /// Runs until nothing is to come.
    pub(crate) fn run(&mut self) {
        for _ in 0..10_000 {
            let Some(next) = self.queue.iter().enumerate().min_by_key(|(n, (at, ..))| (*at, *n)).map(|(n, _)| n) else { return };
            let (at, _, event) = self.queue.remove(next);
            self.now = self.now.max(at);
            self.step(event);
        }
        panic!("the world never comes to rest");
    }

    /// One event: decided, saved, and then either acted upon or lost with the background.
    pub(crate) fn step(&mut self, event: Event) {
        let commands = self.desk.handle(event);
        let saved = serde_json::to_string(&self.desk).expect("the desk can be saved");
        self.steps += 1;
        if self.stops.contains(&self.steps) {
            self.queue.retain(|(_, by_browser, _)| *by_browser);
            self.desk = serde_json::from_str(&saved).expect("the desk can be read again");
            self.desk.judge();
            // The shell starts again: at once, since something else woke it, or by its alarm.
            self.now += if self.alarm_only { 27_000 } else { 100 };
            // What the browser tells it in the meantime waits until it has started.
            for (at, _, event) in &mut self.queue {
                *at = self.now.max(*at);
                event.at = *at;
            }
            self.queue.insert(0, (self.now, true, Event::new(self.now, What::Woke)));
            if self.alarm_only {
                self.at(0, true, What::Tick);
            }
            return;
        }
        for command in commands {
            self.act(command);
        }
    }

    fn act(&mut self, command: Command) {
        match command {
            Command::Read { case, .. } => {
                let read = self.script.error_page.is_none().then(|| self.script.read.clone().map(Box::new)).flatten();
                self.at(self.script.read_after, false, What::Read { case, read });
            }
            Command::Ask(question) => {
                let now = self.now + Millis::from(question.after_ms);
                let scripted = || self.script.replies.get(&question.check).cloned();
                let reply = match &mut self.net {
                    Some(net) => net.reply(&question, now),
                    None => scripted().unwrap_or_else(|| Reply::end(End::Silent, 20_000)),
                };
                let (case, check, attempt) = (question.case, question.check, question.attempt);
                let after = reply.after.min(Millis::from(question.cap_ms)) + Millis::from(question.after_ms);
                let seen = Box::new(if reply.after > Millis::from(question.cap_ms) {
                    Seen { end: End::Silent, ms: Some(question.cap_ms), ..Seen::default() }
                } else {
                    reply.seen
                });
                self.at(after, false, What::Checked { case, check, attempt, seen });
                self.asked.push(question);
            }
            Command::Announce { case, visit, first, .. } => {
                if first {
                    self.at(300, false, What::Announced { case, visit, how: self.script.popup });
                }
                self.announced.push((case, first));
            }
            Command::Wake { at } => {
                // Nothing else may wake a background that was stopped.
                assert!(at <= self.now + 30_000, "an alarm in {} ms", at - self.now);
                self.queue.push((at, true, Event::new(at, What::Tick)));
            }
            Command::Keep { case } => self.kept.push(case),
            Command::Badge { .. } | Command::Withdraw { .. } => {}
        }
    }

    pub(crate) fn case(&self) -> &Case {
        self.desk.latest().expect("a case was opened")
    }

    /// Requests that went to the failing site.
    pub(crate) fn site_requests(&self) -> usize {
        self.asked.iter().filter(|q| q.check != CheckId::Control).count()
    }

    pub(crate) fn credentialed(&self) -> usize {
        self.asked.iter().filter(|q| matches!(q.from, From::Page { cookies: true, .. })).count()
    }

    /// Plays a script from the failing load to the end.
    pub(crate) fn play(script: Script) -> Self {
        let mut world = Self::new(script);
        world.fail();
        world.run();
        world
    }
}

/// Plays a script and holds its verdict.
#[track_caller]
pub(crate) fn says(script: Script, side: Side, place: Place) -> World {
    let world = World::play(script);
    let case = world.case();
    assert_eq!((case.verdict.side, case.verdict.place), (side, place), "{:#?}", case.verdict.reasons);
    assert!(case.done, "no case stays open");
    assert!(!case.verdict.reasons.is_empty());
    world
}

/// A site that works for every question, whatever the visit met.
pub(crate) fn all_work() -> Script {
    [CheckId::Fresh, CheckId::Home, CheckId::InPage, CheckId::Cookies, CheckId::Again, CheckId::AsNavigation]
        .into_iter()
        .fold(Script::default(), |s, id| s.with(id, Reply::status(200)))
}
