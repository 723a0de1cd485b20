//! The browser side of Faultline: hands raw events to the core and carries out its commands.
//!
//! It decides nothing about a case. It never makes a request that no [`Command`] asked for, never reads a cookie, and
//! never acts before the state that led to the act is saved. The two types that matter are [`Shell`], which
//! `background.js` holds, and [`Hands`], what the shell needs from it.

mod announce;
mod beside;
mod chrome;
mod decode;
mod direct;
mod dress;
mod hands;
mod past;
mod probe;
mod screen;
mod speak;
mod store;
mod trial;
mod trouble;
mod watch;
mod wire;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use faultline_core::case::Case;
use faultline_core::command::{Badge, Command, From, Question};
use faultline_core::desk::Desk;
use faultline_core::event::{Announcement, CaseId, End, Event, Millis, Read, Seen, TabId, What};
use faultline_core::report::Maker;
use faultline_core::settings::{Settings, Show};
use faultline_core::terms::{CheckId, Platform};
use faultline_core::trial::Told;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

pub use hands::Hands;

/// What comes in: raw from a listener, or an answer of our own.
enum Job {
    Raw(String, JsValue),
    Event(Event),
    Watch(watch::Turn),
    Told(Told),
}

struct Inner {
    hands: Hands,
    maker: Maker,
    desk: RefCell<Desk>,
    english: RefCell<speak::English>,
    jobs: RefCell<VecDeque<Job>>,
    running: RefCell<bool>,
    asking: RefCell<u32>,
    opening: Cell<Option<screen::Opening>>,
    bench: trial::Bench,
}

/// What every new instance does first.
#[wasm_bindgen(start)]
pub fn begin() {
    std::panic::set_hook(Box::new(|info| web_sys::console::error_1(&info.to_string().into())));
}

/// The engine that `background.js` starts at the first failure.
#[wasm_bindgen]
pub struct Shell(Rc<Inner>);

#[wasm_bindgen]
impl Shell {
    /// Starts the engine and restores what an earlier background left behind, before anything is taken or shown.
    pub async fn start(hands: Hands, firefox: bool, version: String, browser: String, os: String) -> Self {
        let offset_min = -js_sys::Date::new_0().get_timezone_offset() as i32;
        let shell = Self(Rc::new(Inner {
            hands,
            maker: Maker { version, browser: decode::browser_name(&browser), offset_min },
            desk: RefCell::new(Desk::new(firefox).on(Platform::of_os(&os))),
            english: RefCell::default(),
            jobs: RefCell::default(),
            running: RefCell::new(false),
            asking: RefCell::new(0),
            opening: Cell::default(),
            bench: trial::Bench::new(),
        }));
        shell.0.restore().await;
        shell
    }

    /// Gives this instance up: the next call is answered by a new one.
    pub fn retire() {
        wasm_bindgen::handler::schedule_reinit();
    }

    /// Does nothing but be that next call: the arguments of another one would be written into the old memory and read from the new.
    pub fn renew() {}

    /// Takes one raw event. Events are worked off in the order in which they came.
    pub fn take(&self, kind: String, details: JsValue) {
        self.0.jobs.borrow_mut().push_back(Job::Raw(kind, details));
        self.0.pump();
    }

    /// What the page `name` shows (`popup`, `card`, `details`, `history`, `sample`), with its `wants`: a tree, and texts
    /// to copy or to save. Undefined where there is nothing.
    pub async fn face(&self, name: String, wants: JsValue) -> JsValue {
        trouble::noted("show the page", self.0.face(&name, &wants).await).flatten().unwrap_or(JsValue::UNDEFINED)
    }
}

impl Inner {
    /// Works off the jobs one by one; a second call while it runs adds nothing.
    fn pump(self: &Rc<Self>) {
        if self.running.replace(true) {
            return;
        }
        let this = Rc::clone(self);
        spawn_local(async move {
            loop {
                let job = this.jobs.borrow_mut().pop_front();
                let Some(job) = job else { break };
                let event = match job {
                    Job::Event(event) => Some(event),
                    Job::Watch(turn) => {
                        this.watch(turn).await;
                        None
                    }
                    Job::Told(told) => {
                        this.told(told).await;
                        None
                    }
                    // One event that cannot be read must not stop the others.
                    Job::Raw(kind, details) => {
                        match trouble::noted("read an event", this.decode(&kind, details).await).flatten() {
                            Some(event) => this.handle(event, true).await,
                            None => this.hands.taken(),
                        }
                        None
                    }
                };
                if let Some(event) = event {
                    this.handle(event, false).await;
                }
            }
            this.running.replace(false);
        });
    }

    async fn restore(self: &Rc<Self>) {
        if let Some(english) = trouble::noted("read the English words", speak::english().await) {
            self.english.replace(english);
        }
        trouble::noted("undress", dress::take_all_off().await);
        let saved = store::load().await;
        let (any, unreadable) = (matches!(saved, store::Saved::Desk(_)), matches!(saved, store::Saved::Unreadable));
        if let store::Saved::Desk(desk) = saved {
            self.desk.replace(*desk);
        }
        self.recall().await;
        if any {
            self.handle(Event::new(now(), What::Woke), false).await;
        }
        self.recover().await;
        if unreadable {
            // What was shown of those cases cannot go on: an honest new start. What is open asks again, and only what shows a case
            // closes: a popup that the visitor has just opened stays.
            for tab in store::tabs().await {
                announce::badge(tab, Badge::None).await;
            }
            trouble::noted("repaint", self.hands.repaint());
            let items = store::items(&self.desk.borrow(), &self.tabs());
            store::save(items).await;
        }
    }

    /// The heart of it: the core decides, the result is saved, and only then is anything done. `told` is false for what comes from within.
    async fn handle(self: &Rc<Self>, event: Event, told: bool) {
        let commands = self.desk.borrow_mut().handle(event);
        let (tabs, busy, items) = {
            let desk = self.desk.borrow();
            let tabs = self.tabs();
            let items = store::items(&desk, &tabs);
            (tabs, desk.is_busy(), items)
        };
        // Before anything else: a background that is stopped in the middle of the rest is woken by nothing but this.
        let wake = |command: &Command| if let Command::Wake { at } = command { Some(*at) } else { None };
        if let Some(at) = commands.iter().find_map(wake) {
            trouble::noted("set the alarm", chrome::alarm("tick", at as f64));
        }
        store::save(items).await;
        if told {
            self.hands.taken();
        }
        trouble::noted("tell the tabs", self.hands.tabs(&tabs));
        if !busy {
            trouble::noted("take the alarm back", chrome::no_alarm("tick").await);
        }
        let mut keep = None;
        for command in commands {
            if let Command::Keep { case } = command {
                keep = Some(case);
                continue;
            }
            let this = Rc::clone(self);
            spawn_local(async move { this.act(command).await });
        }
        // Here and not beside the others: two that read and write the history at once would lose an entry.
        if let Some(case) = keep {
            trouble::noted("write the history", self.remember(case).await);
        }
    }

    fn push(self: &Rc<Self>, what: What) {
        self.jobs.borrow_mut().push_back(Job::Event(Event::new(now(), what)));
        self.pump();
    }

    async fn act(self: &Rc<Self>, command: Command) {
        match command {
            Command::Read { case, tab, document, whole } => {
                let read = match self.hands.read(tab, document.as_deref(), whole).await {
                    Ok(raw) if raw.is_object() => Some(Box::new(decode::read(&raw))),
                    // The browser's own error page, or a document that is gone: an answer, not trouble.
                    _ => None,
                };
                self.push(What::Read { case, read });
            }
            Command::Ask(question) => {
                self.asks(1);
                let seen = Box::new(self.ask(&question).await);
                self.asks(-1);
                self.push(What::Checked { case: question.case, check: question.check, attempt: question.attempt, seen });
            }
            Command::Announce { case, visit, tab, show, first, card, document } => {
                if first {
                    let how = self.announce(case, visit, tab, show, card, document.as_deref()).await;
                    self.push(What::Announced { case, visit, how });
                }
                trouble::noted("repaint", self.hands.repaint());
            }
            Command::Badge { tab, badge } => announce::badge(tab, badge).await,
            Command::Withdraw { tab } => {
                trouble::noted("withdraw", self.hands.withdraw(tab));
                announce::badge(tab, Badge::None).await;
            }
            // Done where it was decided.
            Command::Wake { .. } | Command::Keep { .. } => {}
        }
    }

    /// Shows the case to the visitor.
    async fn announce(
        &self,
        case: CaseId,
        visit: u32,
        tab: TabId,
        show: Show,
        card: bool,
        document: Option<&str>,
    ) -> Announcement {
        // The system keeps notifications, and shows them over everything: not a word of a private tab.
        let told = |c: &&Case| !c.visit.private;
        let failure = self.desk.borrow().case(case).filter(told).map(|c| (c.host().to_owned(), c.visit.status));
        let still = || self.desk.borrow().case(case).is_some_and(|c| c.shown);
        self.opening.set(Some(screen::Opening { tab, case, visit, at: now(), missed: false }));
        let how = announce::announce(&self.hands, tab, show, card, document, failure, &still).await;
        // It may have asked already.
        let missed = self.opening.get().is_some_and(|opening| opening.case == case && opening.missed);
        if how != Announcement::Popup || missed {
            self.opening.set(None);
        }
        if missed { Announcement::Waiting } else { how }
    }

    fn asks(&self, change: i32) {
        let before = *self.asking.borrow();
        let after = before.saturating_add_signed(change);
        self.asking.replace(after);
        if (before == 0) != (after == 0) {
            trouble::noted("stay awake", self.hands.busy(after > 0));
        }
    }

    async fn ask(&self, question: &Question) -> Seen {
        match &question.from {
            From::Background | From::Visit | From::Direct => {
                let mut seen = probe::ask(question, js_sys::Date::now).await;
                seen.portal = question.check == CheckId::Control && chrome::is_portal().await;
                seen
            }
            From::Page { tab, document, cookies } => self.ask_in_page(question, *tab, document.as_deref(), *cookies).await,
        }
    }

    async fn ask_in_page(&self, question: &Question, tab: i32, document: Option<&str>, cookies: bool) -> Seen {
        let watch = wire::Watch::new(tab);
        let asked = self.hands.ask(tab, document, &question.url, cookies, question.cap_ms).await;
        let Some(raw) = asked.ok().filter(JsValue::is_object) else {
            return Seen { end: End::NotAllowed, ..Seen::default() };
        };
        let mut end = decode::end(&decode::text(&raw, "end"));
        let trace = if end == End::Error { watch.rest(&question.url).await } else { watch.trace(&question.url) };
        if end == End::Error && trace.is_none() {
            // No request left the page: its own policy forbids it, or its service worker refused.
            end = End::NotAllowed;
        }
        let trace = trace.unwrap_or_default();
        Seen {
            end,
            status: decode::number(&raw, "status").and_then(|s| u16::try_from(s).ok()).or(trace.status),
            status_line: trace.status_line,
            address: trace.address,
            proxied: trace.proxied,
            error: trace.error.filter(|_| end == End::Error),
            ms: decode::number(&raw, "ms"),
            ..Seen::default()
        }
    }

    /// Turns a raw event into one of the core's. None where it means nothing.
    async fn decode(self: &Rc<Self>, kind: &str, raw: JsValue) -> Result<Option<Event>, JsValue> {
        if kind == "do" && self.panel_wish(&raw).await || kind != "do" && self.overheard(kind, &raw).await {
            return Ok(None);
        }
        if kind == "do" {
            return Ok(self.wish(&raw).await?.map(|what| Event::new(now(), what)));
        }
        if kind == watch::WATCHES {
            self.jobs.borrow_mut().push_back(Job::Watch(watch::Turn::Look));
            return Ok(None);
        }
        if kind == "fall" {
            fall();
        }
        let details = decode::Details::new(raw)?;
        let (tab, at) = (details.tab(), details.at());
        let opens = matches!(kind, "shown" | "error-page" | "barred" | "unannounced");
        let settings = if opens { settings().await } else { Settings::default() };
        let private = matches!(kind, "answered" | "barred" | "unannounced") && is_private(tab).await;
        let what = match kind {
            "answered" => {
                // The start of a slow load was written down by a background that has been stopped since.
                let key = format!("start:{}", details.request());
                let start = match details.start() {
                    Some(start) => Some(start),
                    None => chrome::session_take(&key).await?.as_f64(),
                };
                return Ok(Some(Event::new(at, What::Answered(Box::new(details.answered(start, private))))));
            }
            "shown" => What::Shown(details.shown(settings)),
            "error-page" => What::ErrorPage { tab, url: details.url(), error: details.error(), settings: Box::new(settings) },
            "barred" => What::Barred { error: details.error(), private, shown: details.shown(settings) },
            "unannounced" => {
                // A page that tells no more than its status has failed all the same.
                let raw = self.hands.read(tab, details.document().as_deref(), false).await.unwrap_or_default();
                let read = decode::read(&raw);
                // Another document is there by now: Firefox has no ids of them.
                if read.status != 0 && read.status != details.own_status() {
                    return Ok(None);
                }
                let read = Read { status: details.own_status(), ..read };
                What::Unannounced { read: Box::new(read), private, shown: details.shown(settings) }
            }
            "visited" => What::Visited { tab },
            "closed" => What::Closed { tab },
            "tick" => What::Tick,
            _ => return Ok(None),
        };
        Ok(Some(Event::new(now(), what)))
    }
}

/// What a mistake of ours would do, for the test that sees it survived. Only `background.js` sends events, and never this one.
#[allow(clippy::panic, reason = "that is what it is for")]
fn fall() {
    panic!("asked to fall");
}

async fn settings() -> Settings {
    decode::settings(&trouble::noted("load the settings", chrome::local("settings").await).unwrap_or_default())
}

async fn is_private(tab: i32) -> bool {
    // A tab that is gone by now was read to nobody.
    chrome::tab(tab).await.is_ok_and(|tab| chrome::field(&tab, "incognito").is_truthy())
}

fn now() -> Millis {
    decode::millis(js_sys::Date::now())
}
