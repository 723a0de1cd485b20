//! The browser's side of the test without other extensions, and of the private window.
//!
//! The machine is [`Trials`]; what it wants done is done here in its order, each thing after the one before it. Nothing
//! here touches `chrome.management` before the permission is there: Chromium never fills in a namespace that was looked
//! at too early.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use faultline_core::case::Case;
use faultline_core::event::{Millis, TabId, What};
use faultline_core::fingerprint;
use faultline_core::letter;
use faultline_core::net::without_fragment;
use faultline_core::page::Page;
use faultline_core::settings::Show;
use faultline_core::trial::{Do, Extension, Loaded, Stand, Target, Told, Trials};
use faultline_core::view;
use gloo_timers::future::TimeoutFuture;
use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::chrome::{self, field};
use crate::decode::{self, Details, text};
use crate::{Inner, announce, now, speak, store, trouble};

/// Key of the ledger's two pages: what is off now in `storage.session`, what may be off on the browser's disk in `storage.local`.
pub(crate) const LEDGER: &str = "off";

/// What is known of the test that runs, beside the machine.
pub(crate) struct Bench {
    pub(crate) trials: RefCell<Trials>,
    /// Counts the documents of the tab, so that a late reading of an earlier one is not taken for this one's.
    turn: Cell<u32>,
    /// Status of the response that the tab is about to show.
    status: Cell<u16>,
    document: RefCell<Option<String>>,
    busy: Cell<bool>,
    /// Whether the button says in every tab that extensions are off.
    badged: Cell<bool>,
    /// The tab of a private window that is being looked at.
    pub(crate) beside: Cell<Option<TabId>>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let id = chrome::id().unwrap_or_default();
        Self {
            trials: RefCell::new(Trials::new(id)),
            turn: Cell::new(0),
            status: Cell::new(0),
            document: RefCell::default(),
            busy: Cell::new(false),
            badged: Cell::new(false),
            beside: Cell::new(None),
        }
    }
}

impl Inner {
    /// Puts back what an earlier background has left off.
    pub(crate) async fn recover(self: &Rc<Self>) {
        let kept = trouble::noted("load the ledger", chrome::local(LEDGER).await).and_then(|l| l.as_string());
        let Some(kept) = kept.filter(|k| !k.is_empty()) else { return };
        let off = trouble::noted("load the ledger", chrome::session(LEDGER).await).and_then(|l| l.as_string());
        let ids = |page: String| page.split(' ').filter(|id| !id.is_empty()).map(str::to_owned).collect();
        self.told(Told::Woke { off: off.map(ids), kept: ids(kept) }).await;
    }

    /// Tells the machine, and does what it wants.
    pub(crate) async fn told(self: &Rc<Self>, told: Told) {
        let todo = self.bench.trials.borrow_mut().handle(now(), told);
        let busy = self.bench.trials.borrow().is_busy();
        if busy != self.bench.busy.replace(busy) {
            self.asks(if busy { 1 } else { -1 });
        }
        for what in todo {
            self.carry(what).await;
        }
    }

    async fn carry(self: &Rc<Self>, what: Do) {
        match what {
            Do::Look => {
                let list = if chrome::may_manage().await {
                    chrome::call("management", "getAll", &Array::new()).await.ok()
                } else {
                    None
                };
                let list = list.map(|l| chrome::items(&l).iter().map(extension).collect());
                self.tell(Told::Listed(list));
            }
            Do::Note { off, kept } => {
                let noted = note(&off, &kept).await;
                self.tell(Told::Noted(trouble::noted("write the ledger", noted).is_some()));
            }
            Do::Switch { id, on } => {
                let ok = switch(&id, on).await;
                self.tell(Told::Switched { id, ok });
            }
            Do::Load { tab, url } => {
                self.bench.status.set(0);
                let url = chrome::object(&[("url", without_fragment(&url).into())]);
                let loading = chrome::call("tabs", "update", &Array::of2(&tab.into(), &url)).await;
                if trouble::noted("load the page", loading).is_none() {
                    self.tell(Told::Closed { tab });
                }
            }
            Do::Wake(at) => self.wake(at),
            Do::Tried { case, tried } => {
                let document = self.bench.document.borrow_mut().take();
                self.push(What::Tried { case, tried, document });
            }
            Do::Show => self.show_test().await,
        }
    }

    pub(crate) fn tell(self: &Rc<Self>, told: Told) {
        self.jobs.borrow_mut().push_back(crate::Job::Told(told));
        self.pump();
    }

    /// A timer for as long as this background lives, and an alarm for when it does not.
    fn wake(self: &Rc<Self>, at: Millis) {
        let ms = at.saturating_sub(now()).min(300_000) as u32;
        if ms >= 25_000 {
            let name = if ms > 60_000 { "trial-end" } else { "trial" };
            trouble::noted("set the alarm", chrome::alarm(name, at as f64));
        }
        let this = Rc::clone(self);
        spawn_local(async move {
            TimeoutFuture::new(ms + 1).await;
            this.tell(Told::Tick);
        });
    }

    async fn show_test(self: &Rc<Self>) {
        let (off, idle) = {
            let trials = self.bench.trials.borrow();
            (trials.off() > 0 || trials.target().is_some(), trials.is_idle())
        };
        // For every tab: extensions are off in all of them.
        if off != self.bench.badged.replace(off) {
            trouble::noted("show that extensions are off", announce::badge_everywhere(off).await);
        }
        if idle {
            for name in ["trial", "trial-end"] {
                trouble::noted("take the alarm back", chrome::no_alarm(name).await);
            }
        }
        trouble::noted("tell the tabs", self.hands.tabs(&self.tabs()));
        trouble::noted("repaint", self.hands.repaint());
    }

    /// A raw event that belongs to the test. True where no case is to hear of it.
    pub(crate) async fn overheard(self: &Rc<Self>, kind: &str, raw: &JsValue) -> bool {
        match kind {
            "granted" => self.granted().await,
            "withdrawn" => self.told(Told::Withdrawn).await,
            "watched" => self.told(Told::Watched(field(raw, "on").is_truthy())).await,
            "tick" | "trial" | "trial-end" => self.told(Told::Tick).await,
            _ => return self.loaded(kind, raw).await,
        }
        kind != "tick"
    }

    /// The browser's own question takes the focus from the popup, which closes it.
    async fn granted(self: &Rc<Self>) {
        self.told(Told::Granted).await;
        let asked = {
            let (trials, desk) = (self.bench.trials.borrow(), self.desk.borrow());
            desk.all().find(|c| matches!(trials.stand(c.id), Stand::Asking | Stand::Offered(_))).map(|c| (c.id, c.tab))
        };
        let Some((case, tab)) = asked.filter(|_| !self.hands.watched()) else { return };
        let how = announce::announce(&self.hands, tab, Show::Popup, false, None, None, &|| true).await;
        if how != faultline_core::event::Announcement::Popup {
            trouble::noted("open the details", chrome::open_page(&format!("extension/details.html#{case}")).await);
        }
    }

    async fn loaded(self: &Rc<Self>, kind: &str, raw: &JsValue) -> bool {
        let Ok(details) = Details::new(raw.clone()) else { return false };
        let tab = details.tab();
        if kind == "closed" {
            self.told(Told::Closed { tab }).await;
            return false;
        }
        let url = {
            let trials = self.bench.trials.borrow();
            trials.target().filter(|t| t.tab == tab).map(|t| t.url.clone())
        };
        // A page that is only looked at for comparison is no case of its own.
        let beside = self.bench.beside.get() == Some(tab)
            && matches!(kind, "answered" | "shown" | "unannounced" | "error-page" | "barred");
        let Some(url) = url else { return beside || kind == "broken" };
        match kind {
            "answered" => self.bench.status.set(details.status()),
            "shown" | "unannounced" | "error-page" | "barred" | "broken" => {
                let ours = is_ours(&url, &details.url(), raw);
                let turn = self.bench.turn.get().wrapping_add(1);
                self.bench.turn.set(turn);
                self.told(Told::Moved { tab, ours }).await;
                let status = decode::number(raw, "status").and_then(|s| u16::try_from(s).ok()).unwrap_or(0);
                let status = status.max(self.bench.status.replace(0));
                if matches!(kind, "error-page" | "barred" | "broken") {
                    // The browser's own page: nothing of the site is in it.
                    self.told(Told::Loaded { tab, loaded: Loaded { status, still: true, ..Loaded::default() } }).await;
                } else {
                    self.bench.document.replace(details.document());
                    let (this, document) = (Rc::clone(self), details.document());
                    spawn_local(async move {
                        let loaded = this.read_loaded(tab, document.as_deref(), status).await;
                        if this.bench.turn.get() == turn {
                            this.tell(Told::Loaded { tab, loaded });
                        }
                    });
                }
            }
            _ => return false,
        }
        true
    }

    /// Status, title and producer of the document that the tab shows.
    pub(crate) async fn read_loaded(&self, tab: TabId, document: Option<&str>, status: u16) -> Loaded {
        let raw = self.hands.read(tab, document, true).await.unwrap_or_default();
        let read = decode::read(&raw);
        let status = if read.status > 0 { read.status } else { status };
        let still = !read.body.is_empty() && !["<script", "http-equiv", " on"].iter().any(|how| read.body.contains(how));
        let page = Page { status, title: Some(read.title.clone()), body: Some(read.body), ..Page::default() };
        Loaded { status, title: read.title, producer: fingerprint::read(&page).producer.map(|p| p.id), still }
    }

    /// Tabs whose events are worth waking for.
    pub(crate) fn tabs(&self) -> JsValue {
        let trials = self.bench.trials.borrow();
        let tested = trials.target().map(|t| t.tab);
        self.desk.borrow().tabs().into_iter().chain(tested).map(JsValue::from).collect::<Array>().into()
    }

    /// The page with the panel on it.
    pub(crate) fn with_off(&self, tree: view::Node, case: &Case, whole: bool) -> view::Node {
        let firefox = self.desk.borrow().firefox;
        view::with_off(tree, case, &self.bench.trials.borrow(), firefox, whole, &speak::Visitor)
    }

    /// What the panel's buttons copy.
    pub(crate) fn copies(&self, case: &Case, letter: &str) -> [(&'static str, JsValue); 3] {
        [
            ("copy-extension", letter::to_maker(letter, case).into()),
            ("copy-url", target(case).url.into()),
            ("copy-addons", "about:addons".into()),
        ]
    }

    /// What a popup says over a page that has not failed, while extensions are off through us.
    pub(crate) fn show_banner(&self) -> Option<JsValue> {
        let banner = view::banner(&self.bench.trials.borrow(), &speak::Visitor)?;
        let tree: view::Node = view::el("main").attr("id", "faultline").attr("class", "fl").kid(banner).into();
        let tree = store::to_js(&tree).ok()?;
        Some(chrome::object(&[("tree", tree), ("copy", chrome::object(&[]))]))
    }

    /// A button of the panel. False for any other.
    pub(crate) async fn panel_wish(self: &Rc<Self>, raw: &JsValue) -> bool {
        let action = text(raw, "action");
        if action == "off-again" {
            if chrome::may_manage().await {
                self.told(Told::Granted).await;
            }
            return true;
        }
        if !action.starts_with("off") && !action.starts_with("private") {
            return false;
        }
        let case = self.wanted(&self.desk.borrow(), raw).cloned();
        let Some(case) = case else { return true };
        let (id, tab) = (case.id, case.tab);
        match action.as_str() {
            // A page cannot ask for a permission, and its card goes with the first load.
            "off" | "private" if field(raw, "card").is_truthy() => {
                trouble::noted("open the details", chrome::open_page(&format!("extension/details.html#{id}")).await);
            }
            "off" => {
                let granted = chrome::may_manage().await;
                self.told(Told::Wanted { target: Box::new(target(&case)), granted }).await;
            }
            "off-refused" => self.told(Told::Refused { case: id }).await,
            "off-begin" => self.told(Told::Begin { case: id }).await,
            "off-cancel" => self.told(Told::Cancel { case: id }).await,
            "off-keep" => {
                let ids = case.tried.iter().flat_map(|t| &t.culprits).map(|c| c.id.clone()).collect();
                self.told(Told::Keep { ids }).await;
                let url = chrome::object(&[("url", target(&case).url.into())]);
                trouble::noted("load the page", chrome::call("tabs", "update", &Array::of2(&tab.into(), &url)).await);
            }
            "off-settings" => {
                let first = case.tried.as_ref().and_then(|t| t.culprits.first()).map_or("", |c| c.id.as_str());
                let url = chrome::object(&[("url", format!("chrome://extensions/?id={first}").into())]);
                trouble::noted("open the settings", chrome::call("tabs", "create", &Array::of1(&url)).await);
            }
            "off-before" => {
                trouble::noted("go back", chrome::call("tabs", "goBack", &Array::of1(&tab.into())).await);
            }
            "private" => self.look_beside(&case).await,
            "private-yes" => self.said_beside(id, 200),
            "private-no" => self.said_beside(id, 0),
            _ => {}
        }
        true
    }
}

/// What is loaded for a case: the address that the visitor asked for, before it was sent elsewhere.
pub(crate) fn target(case: &Case) -> Target {
    Target {
        case: case.id,
        tab: case.tab,
        url: case.visit.asked.clone().unwrap_or_else(|| case.visit.url.clone()),
        title: case.title.clone(),
        producer: case.reading.producer.as_ref().map(|p| p.id.clone()),
    }
}

/// Whether a document comes of the load of `url`, and not of something that the visitor did in that tab.
fn is_ours(url: &str, now: &str, raw: &JsValue) -> bool {
    let by_hand = |q: &JsValue| matches!(q.as_string().as_deref(), Some("from_address_bar" | "forward_back"));
    let on_its_way = |q: &JsValue| matches!(q.as_string().as_deref(), Some("client_redirect" | "server_redirect"));
    let qualifiers = chrome::items(&field(raw, "transitionQualifiers"));
    without_fragment(url) == without_fragment(now) || qualifiers.iter().any(on_its_way) && !qualifiers.iter().any(by_hand)
}

/// What outlives the browser comes first, and goes last.
async fn note(off: &[String], kept: &[String]) -> Result<JsValue, JsValue> {
    if kept.is_empty() {
        return chrome::forget_local(&LEDGER.into()).await;
    }
    let page = |ids: &[String]| chrome::object(&[(LEDGER, ids.join(" ").into())]);
    chrome::save_local(&page(kept)).await?;
    chrome::save_session(&page(off)).await
}

async fn switch(id: &str, on: bool) -> bool {
    let switched = chrome::call("management", "setEnabled", &Array::of2(&id.into(), &on.into())).await;
    trouble::noted("turn an extension on or off", switched).is_some()
}

/// One entry of `management.getAll`.
fn extension(raw: &JsValue) -> Extension {
    let list = |name: &str| chrome::items(&field(raw, name)).iter().filter_map(JsValue::as_string).collect();
    Extension {
        id: text(raw, "id"),
        name: text(raw, "name"),
        version: text(raw, "version"),
        kind: text(raw, "type"),
        enabled: field(raw, "enabled").is_truthy(),
        may_disable: field(raw, "mayDisable").is_truthy(),
        permissions: list("permissions"),
        hosts: list("hostPermissions"),
    }
}
