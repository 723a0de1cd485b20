//! "Tell me when it is back", the browser's part: the list in `storage.local`, an alarm for the next look, the look itself,
//! and the news as a notification or, without that permission, on the toolbar button.
//!
//! The list is read before each change and written after it, so that what another page deletes stays deleted, and a
//! background that was stopped goes on with what is stored. Jobs come one by one, so no two changes cross.

use std::rc::Rc;

use faultline_core::command::{From, Question};
use faultline_core::event::{CaseId, Seen};
use faultline_core::terms::CheckId;
use faultline_core::watch::{LOOK_CAP_MS, News, Watch, Watches};
use faultline_core::words::{Speaker, Word};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use crate::chrome::{self, field};
use crate::speak::Visitor;
use crate::{Inner, Job, decode, now, probe, store, trouble};

/// Key in `storage.local`, and name of the alarm.
pub(crate) const WATCHES: &str = "watches";

/// Something to do with the list.
pub(crate) enum Turn {
    /// The visitor wants to be told about this case.
    Begin(CaseId),
    /// The visitor does not want it any more.
    Stop(CaseId),
    /// The alarm rang, or the browser was started.
    Look,
    /// A look is over.
    Seen(u32, Box<Seen>),
}

impl Inner {
    /// Carries out one turn: decided by the core, saved, and only then acted upon.
    pub(crate) async fn watch(self: &Rc<Self>, turn: Turn) {
        let mut watches = load().await;
        let (at, dice) = (now(), (js_sys::Math::random() * 1024.0) as u32);
        let mut due = Vec::new();
        let mut news = None;
        match turn {
            Turn::Begin(case) => {
                if let Some(case) = self.desk.borrow().case(case) {
                    watches.begin(case, at, dice);
                }
            }
            Turn::Stop(case) => {
                let id = self.desk.borrow().case(case).and_then(|case| watches.of(case)).map(|w| w.id);
                id.into_iter().for_each(|id| watches.stop(id));
            }
            Turn::Look => due = watches.due(at),
            Turn::Seen(id, seen) => news = watches.looked(id, &seen, at, dice),
        }
        self.keep(&watches).await;
        for watch in due {
            let this = Rc::clone(self);
            spawn_local(async move { this.look(watch).await });
        }
        if let Some(news) = news {
            tell(&news).await;
        }
    }

    /// Reads which sites are watched and marks their cases: what was begun before goes on.
    pub(crate) async fn recall(&self) {
        let watches = load().await;
        self.desk.borrow_mut().watched(&watches);
    }

    async fn keep(&self, watches: &Watches) {
        let saved = async { chrome::save_local(&chrome::object(&[(WATCHES, store::to_js(watches)?)])).await };
        trouble::noted("save the watches", saved.await);
        let alarm = match watches.next() {
            Some(at) => chrome::alarm(WATCHES, at as f64),
            None => chrome::no_alarm(WATCHES).await,
        };
        trouble::noted("set the alarm of the watches", alarm);
        self.desk.borrow_mut().watched(watches);
        trouble::noted("repaint", self.hands.repaint());
    }

    async fn look(self: &Rc<Self>, watch: Watch) {
        let question = Question {
            case: CaseId(0),
            check: CheckId::Fresh,
            attempt: 1,
            url: watch.url,
            from: From::Background,
            cap_ms: LOOK_CAP_MS,
            after_ms: 0,
        };
        self.asks(1);
        let seen = probe::ask(&question, js_sys::Date::now).await;
        self.asks(-1);
        self.jobs.borrow_mut().push_back(Job::Watch(Turn::Seen(watch.id, Box::new(seen))));
        self.pump();
    }
}

async fn load() -> Watches {
    let raw = trouble::noted("load the watches", chrome::local(WATCHES).await).unwrap_or_default();
    let list: js_sys::Array = raw.dyn_into().unwrap_or_default();
    Watches(list.iter().map(|raw| read(&raw)).filter(|w| w.url.starts_with("http")).collect())
}

/// One of the list; what is missing or odd is its default.
fn read(raw: &JsValue) -> Watch {
    let number = |name: &str| decode::number(raw, name).unwrap_or(0);
    let time = |name: &str| decode::millis(field(raw, name).as_f64().unwrap_or(0.0));
    Watch {
        id: number("id"),
        url: decode::text(raw, "url"),
        was: u16::try_from(number("was")).unwrap_or(0),
        since: time("since"),
        next: time("next"),
        looks: number("looks"),
        good: field(raw, "good").is_truthy(),
        asked: time("asked"),
    }
}

/// Tells the visitor: by a notification that opens the page, else on the toolbar button of every tab.
async fn tell(news: &News) {
    let (watch, title, text) = match news {
        News::Back(watch) => (watch, "watch_back_title", "watch_back_text"),
        News::GivenUp(watch) => (watch, "watch_over_title", "watch_over_text"),
    };
    let host = || Word::new(title).with(watch.host());
    let shown = chrome::notify(&watch.url, &Visitor.say(&host()), &Visitor.say(&Word::new(text))).await;
    if shown.is_err() && matches!(news, News::Back(_)) {
        let title = Visitor.say(&Word::new("badge_back").with(watch.host()));
        trouble::noted("mark the button", chrome::badge_everywhere("ok", "#146c2e", &title).await);
    }
}
