//! What the pages of the extension show, and what their buttons do.

use std::rc::Rc;

use faultline_core::advice;
use faultline_core::case::Case;
use faultline_core::event::{Announcement, CaseId, Millis, TabId, What};
use faultline_core::letter::Format;
use faultline_core::net::Url;
use faultline_core::redact::Include;
use faultline_core::report::Report;
use faultline_core::sample::{self, Scene};
use faultline_core::view::{self, Sheet};
use faultline_core::words::Speaker;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use crate::chrome::{self, field};
use crate::{Inner, Job, decode, now, past, speak, store, watch};

/// A popup that opened by itself asks sooner than this what to show, in milliseconds.
const OPENING_MS: Millis = 5_000;

/// Where the case is kept whose button asks for the permission to go past the proxy.
const PAST_PROXY: &str = "past-proxy";

/// How long a visitor may think about that, in milliseconds.
const ANSWER_MS: Millis = 5 * 60_000;

/// Pages of the extension that a button may open.
const PAGES: [&str; 3] = ["options", "history", "welcome"];

/// A popup that was opened by itself, until it asks what to show.
#[derive(Clone, Copy)]
pub(crate) struct Opening {
    pub(crate) tab: TabId,
    pub(crate) case: CaseId,
    pub(crate) visit: u32,
    pub(crate) at: Millis,
    /// It came up over another tab, and has asked already.
    pub(crate) missed: bool,
}

impl Inner {
    /// The page `name` as a message: `tree`, and `copy` with what its buttons copy or save. None where there is nothing.
    pub(crate) async fn face(self: &Rc<Self>, name: &str, wants: &JsValue) -> Result<Option<JsValue>, JsValue> {
        match name {
            "history" => return self.past().await.map(Some),
            "sample" => {
                let scene = if field(wants, "done").is_truthy() { Scene::Done } else { Scene::Checking };
                return sample::case(scene, now()).map(|case| message(&view::sample(&case, &speak::Visitor), &[])).transpose();
            }
            _ => {}
        }
        let late = name == "popup" && self.opened_by_itself(wants);
        let desk = self.desk.borrow();
        let Some(case) = self.wanted(&desk, wants) else {
            // The page went while the popup was opening over it.
            return Ok(if late { Some(chrome::object(&[("gone", true.into())])) } else { self.show_banner() });
        };
        self.show(case, (name == "details").then_some(wants)).map(Some)
    }

    /// Whether this is the first that the popup asks which we have opened: nobody has clicked for it. Where the visitor has turned to
    /// another tab in that moment it came up there: its own tab waits for the visitor to come back.
    fn opened_by_itself(self: &Rc<Self>, wants: &JsValue) -> bool {
        let Some(opening) = self.opening.take().filter(|o| !o.missed && now() < o.at + OPENING_MS) else { return false };
        if field(wants, "tab").as_f64() != Some(f64::from(opening.tab)) {
            self.opening.set(Some(Opening { missed: true, ..opening }));
            self.push(What::Announced { case: opening.case, visit: opening.visit, how: Announcement::Waiting });
        }
        true
    }

    fn show(&self, case: &Case, wants: Option<&JsValue>) -> Result<JsValue, JsValue> {
        let defaults = case.settings.report;
        let wish = |name: &str, default: bool| wants.and_then(|w| field(w, name).as_bool()).unwrap_or(default);
        let include = Include { path: wish("path", defaults.path), query: wish("query", defaults.query) };
        let translated = wish("translated", false);
        let english = self.english.borrow();
        let native = speak::Translated(&english);
        let speaker: &dyn Speaker = if translated { &native } else { &*english };
        let report = Report::with(case, &self.maker, speaker, include);
        let text = Format::Text.write(&report, speaker);
        if wants.is_none() {
            let [maker, url, addons] = self.copies(case, &text);
            return message(
                &self.with_off(view::face(case, &speak::Visitor), case, false),
                &[("copy", text.into()), maker, url, addons],
            );
        }
        let [markdown, curl, mail] = [Format::Markdown, Format::Curl, Format::Mail].map(|form| form.write(&report, speaker));
        let sheet = Sheet { text: &text, mail: &mail, curl: &curl, include, translated };
        let tree = self.with_off(view::details(case, &report, &sheet, &speak::Visitor), case, true);
        let [maker, url, addons] = self.copies(case, &text);
        let json = pretty(&store::to_js(&report)?)?;
        let copies = [
            ("copy", text.into()),
            ("copy-markdown", markdown.into()),
            ("copy-curl", curl.into()),
            ("copy-json", json),
            maker,
            url,
            addons,
        ];
        message(&tree, &copies)
    }

    async fn past(&self) -> Result<JsValue, JsValue> {
        let history = past::load().await?;
        let tree = view::history(&history, now(), self.maker.offset_min, &speak::Visitor);
        message(&tree, &[("save-csv", history.csv().into()), ("save-json", pretty(&past::stored(&history)?)?)])
    }

    /// The case that a page wants: that of its tab, one by its number, or the latest.
    pub(crate) fn wanted<'a>(&self, desk: &'a faultline_core::desk::Desk, wants: &JsValue) -> Option<&'a Case> {
        match (field(wants, "tab").as_f64(), field(wants, "case").as_string().as_deref()) {
            (Some(tab), _) => desk.case_in(tab as i32),
            (None, Some("latest")) => desk.latest(),
            (None, id) => desk.case(CaseId(id?.parse().ok()?)),
        }
    }

    /// The test page that a network with a log-in answers in place of its owner.
    fn portal(&self, case: CaseId) -> Option<String> {
        let desk = self.desk.borrow();
        let controls = desk.case(case)?.settings.controls(desk.firefox);
        controls.into_iter().next().map(|control| control.url)
    }

    /// A button: what the desk has to know of it, after what the shell has to do itself.
    pub(crate) async fn wish(&self, raw: &JsValue) -> Result<Option<What>, JsValue> {
        let action = field(raw, "action").as_string().unwrap_or_default();
        if PAGES.contains(&action.as_str()) {
            chrome::open_page(&format!("extension/{action}.html")).await?;
            return Ok(None);
        }
        if action == "clear" {
            return self.forget(None).await.map(|()| None);
        }
        if action == "forget-everything" {
            return self.forget_everything().await.map(|()| None);
        }
        if action == "past-proxy-allowed" {
            return Ok(past_proxy_wanted().await?.map(|case| What::PastProxy { case }));
        }
        if let Some(id) = action.strip_prefix("forget:") {
            return self.forget(Some(id)).await.map(|()| None);
        }
        let found = self.wanted(&self.desk.borrow(), raw).map(|case| (case.id, case.host().to_owned()));
        let Some((case, host)) = found else { return Ok(None) };
        Ok(match action.as_str() {
            "again" => Some(What::CheckAgain { case }),
            "past-proxy-wanted" => {
                let wanted = Array::of2(&case.0.into(), &js_sys::Date::now().into());
                chrome::save_session(&chrome::object(&[(PAST_PROXY, wanted.into())])).await?;
                None
            }
            "past-proxy" => {
                chrome::session_take(PAST_PROXY).await?;
                Some(What::PastProxy { case })
            }
            "site-data" => {
                let home = self.desk.borrow().case(case).and_then(|c| Url::split(&c.visit.url).map(|url| url.home()));
                let home = js_sys::encode_uri_component(&home.unwrap_or_default());
                chrome::open_tab(&format!("chrome://settings/content/siteDetails?site={home}")).await?;
                None
            }
            "dismiss" => Some(What::Dismissed { case }),
            "never" => {
                if !self.desk.borrow().case(case).is_some_and(|c| c.visit.private) {
                    never(&host).await?;
                }
                Some(What::Dismissed { case })
            }
            "watch" | "unwatch" => {
                let turn = if action == "watch" { watch::Turn::Begin(case) } else { watch::Turn::Stop(case) };
                self.jobs.borrow_mut().push_back(Job::Watch(turn));
                None
            }
            "archive" => {
                let archive = self.desk.borrow().case(case).and_then(advice::archive);
                if let Some(archive) = archive {
                    chrome::open_tab(&archive).await?;
                }
                None
            }
            "portal" => {
                // Any plain page will do: the network answers it with its own.
                let page = self.portal(case);
                if let Some(page) = page {
                    chrome::open_tab(&page).await?;
                }
                None
            }
            "details" => {
                chrome::open_page(&format!("extension/details.html#{case}")).await?;
                None
            }
            _ => None,
        })
    }
}

/// The case whose button has asked for the permission that was just given. One that was given elsewhere was not meant for any.
async fn past_proxy_wanted() -> Result<Option<CaseId>, JsValue> {
    let wanted: Array = chrome::session_take(PAST_PROXY).await?.dyn_into().unwrap_or_default();
    let (case, at) = (wanted.get(0).as_f64(), wanted.get(1).as_f64().map_or(0, decode::millis));
    Ok(case.filter(|_| now().abs_diff(at) < ANSWER_MS).map(|case| CaseId(case as u32)))
}

/// Puts `host` on the never list. Whatever else the settings hold stays as it is.
async fn never(host: &str) -> Result<(), JsValue> {
    let stored = chrome::local("settings").await?;
    let settings = if stored.is_object() { stored } else { chrome::object(&[]) };
    let hosts: Array = field(&settings, "never").dyn_into().unwrap_or_default();
    let host = JsValue::from_str(host);
    if !hosts.includes(&host, 0) {
        hosts.push(&host);
    }
    js_sys::Reflect::set(&settings, &"never".into(), &hosts)?;
    chrome::save_local(&chrome::object(&[("settings", settings)])).await.map(drop)
}

fn message(tree: &view::Node, texts: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    Ok(chrome::object(&[("tree", store::to_js(tree)?), ("copy", chrome::object(texts))]))
}

fn pretty(value: &JsValue) -> Result<JsValue, JsValue> {
    js_sys::JSON::stringify_with_replacer_and_space(value, &JsValue::NULL, &2.into()).map(JsValue::from)
}
