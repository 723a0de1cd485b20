//! What a test sees and does of the extension itself: popup, card, badge, settings, background, report.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::{BARE, Browser, DETAILS, EMPTY, Engine, Report, STOPPED, Shown, WELCOME};
use crate::wait::{DEADLINE, try_for, wait_for};

impl Browser {
    /// Where the extension's own pages are, with a slash at its end.
    #[must_use]
    pub fn extension_origin(&self) -> String {
        match &self.engine {
            Engine::Chromium(c) => c.origin(),
            Engine::Firefox(f) => f.origin(),
        }
    }

    /// Runs a function body in a document of the extension, where `api` is the browser's extension interface, in a tab that nobody looks at.
    /// What it returns is awaited.
    ///
    /// # Errors
    /// What it threw.
    pub fn try_api(&self, body: &str, args: &[Value]) -> Result<Value, String> {
        // Firefox keeps `browser` from scripts of others, and objects made by them from the interface: so both are taken from the page.
        let args = json!(json!(args).to_string());
        let expression = format!(
            "(async () => {{
              const page = window.wrappedJSObject ?? window, api = page.browser ?? page.chrome;
              const value = await (async function () {{ {body} }}).apply(null, page.JSON.parse({args}));
              return JSON.stringify(value ?? null);
            }})()"
        );
        let answer = self.on_page(BARE, &expression, |_| Ok(()))?;
        serde_json::from_str(answer.as_str().unwrap_or_default()).map_err(|e| format!("{e} in {answer}"))
    }

    /// [`Self::try_api`] that must succeed.
    ///
    /// # Panics
    /// With what it threw.
    #[track_caller]
    pub fn api(&self, body: &str, args: &[Value]) -> Value {
        self.try_api(body, args).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Opens a page of the extension in a tab that nobody looks at, asks it until `enough`, and closes it.
    fn on_page(&self, path: &str, expression: &str, enough: impl Fn(&Value) -> Result<(), String>) -> Result<Value, String> {
        match &self.engine {
            Engine::Chromium(c) => c.on_page(path, expression, enough),
            Engine::Firefox(f) => f.on_page(path, expression, enough),
        }
    }

    /// Puts one value into the extension's lasting storage.
    ///
    /// # Panics
    /// When the storage refuses.
    #[track_caller]
    pub fn store(&self, key: &str, value: &Value) {
        self.api("await api.storage.local.set({ [arguments[0]]: arguments[1] })", &[json!(key), value.clone()]);
    }

    /// The settings of the options page.
    ///
    /// # Panics
    /// When the storage refuses.
    #[track_caller]
    pub fn set_settings(&self, settings: &Value) {
        self.store("settings", settings);
    }

    /// Whether the toolbar popup is open.
    #[must_use]
    pub fn popup_is_open(&self) -> bool {
        match &self.engine {
            Engine::Chromium(c) => c.popup_is_open(),
            Engine::Firefox(f) => f.popup_is_open(),
        }
    }

    /// Lets the browser itself count from now on how often the toolbar popup opens, wherever and for however short.
    ///
    /// # Panics
    /// When the browser does not take the command.
    #[track_caller]
    pub fn watch_popups(&self) {
        let watched = match &self.engine {
            Engine::Chromium(c) => c.watch_popups(),
            Engine::Firefox(f) => f.popups_seen().map(drop),
        };
        watched.unwrap_or_else(|e| panic!("{e}"));
    }

    /// How often the toolbar popup has opened since [`Self::watch_popups`].
    ///
    /// # Panics
    /// When the browser does not tell.
    #[must_use]
    #[track_caller]
    pub fn popups_seen(&self) -> usize {
        let seen = match &self.engine {
            Engine::Chromium(c) => c.popups_seen(),
            Engine::Firefox(f) => f.popups_seen(),
        };
        seen.unwrap_or_else(|e| panic!("{e}"))
    }

    /// The value of an expression in the open popup.
    ///
    /// # Errors
    /// When no popup is open, or what the expression threw.
    pub fn in_popup(&self, expression: &str) -> Result<Value, String> {
        match &self.engine {
            Engine::Chromium(c) => c.in_popup(expression),
            Engine::Firefox(f) => f.in_popup(expression),
        }
    }

    /// What the popup says now.
    ///
    /// # Errors
    /// When no popup is open, or it says nothing yet.
    pub fn popup(&self) -> Result<Shown, String> {
        Shown::read(self.in_popup(Shown::OF_PAGE)?)
    }

    /// Waits for the popup to come by itself and to have a verdict.
    ///
    /// # Panics
    /// When it does not come, or never gets done.
    #[must_use]
    #[track_caller]
    pub fn verdict(&self) -> Shown {
        let done = || {
            let shown = self.popup()?;
            if shown.state == "done" { Ok(shown) } else { Err(format!("{shown:?}")) }
        };
        try_for(DEADLINE, done)
            .unwrap_or_else(|why| panic!("no popup with a verdict within {DEADLINE:?}: {why}; {}", self.circumstances()))
    }

    /// What there is in place of a popup, for whoever has to find out why.
    pub(crate) fn circumstances(&self) -> String {
        let panels = match &self.engine {
            Engine::Chromium(_) => String::new(),
            Engine::Firefox(f) => f.panels(),
        };
        // Before anything is asked of it: whether it was told of a failure at all, and has come as far as to save it.
        let core = self.in_background("globalThis.faultline?.loaded ?? null");
        let saved = self.try_api("return Object.keys(await api.storage.session.get())", &[]);
        // The browser's own page over a failure has none.
        let page =
            self.try_run("return performance.getEntriesByType('navigation')[0]?.responseStatus + ' ' + document.title", &[]);
        let latest = "document.getElementById('report-json')?.textContent ?? ''";
        let report =
            self.on_page(&format!("{DETAILS}#latest"), latest, |text| Report::parse(text.as_str().unwrap_or_default()).map(drop));
        format!(
            "page: {page:?}; panels: {panels}; card: {:?}; core in use: {core:?}; saved: {saved:?}; latest report: {report:?}",
            self.card()
        )
    }

    /// The whole of the current page as a picture (PNG), however long it is.
    ///
    /// # Panics
    /// When the browser takes none.
    #[must_use]
    #[track_caller]
    pub fn picture(&self) -> Vec<u8> {
        let picture = match &self.engine {
            Engine::Chromium(c) => c.picture(),
            Engine::Firefox(f) => f.picture(),
        };
        picture.unwrap_or_else(|e| panic!("{e}"))
    }

    /// Turns to a page of the extension in the current tab, and waits until it is there.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub fn open_page(&self, path: &str) {
        let url = format!("{}extension/{path}", self.extension_origin());
        // Another part of the same page is not loaded again by itself.
        self.visit(EMPTY);
        self.visit(&url);
        self.arrive(&url);
    }

    /// Waits until a background that is new to the browser answers, and with that has its listeners: it is there before, and would
    /// miss what is visited.
    pub(super) fn await_background(&self) {
        let asked = "return new Promise((done) => {
            const port = api.runtime.connect({ name: 'card' });
            port.onMessage.addListener(() => done(true));
            port.onDisconnect.addListener(() => done(false));
            port.postMessage({ want: { tab: -1 } });
        })";
        wait_for("an answer of the background", || match self.try_api(asked, &[])? {
            Value::Bool(true) => Ok(()),
            other => Err(other.to_string()),
        });
    }

    /// Waits for the extension's first page and closes it.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub(super) fn close_welcome(&self) {
        let url = format!("{}{WELCOME}", self.extension_origin());
        wait_for("the first page", || match &self.engine {
            Engine::Chromium(c) => c.close_page(&url),
            Engine::Firefox(f) => f.close_page(&url),
        });
    }

    /// The value of an expression over `root`, the root element of the card in the current page.
    ///
    /// # Errors
    /// When the page has none.
    pub fn in_card(&self, expression: &str) -> Result<Value, String> {
        match &self.engine {
            Engine::Chromium(c) => c.in_card(expression),
            Engine::Firefox(f) => f.in_card(expression),
        }
    }

    /// What the card in the current page says.
    ///
    /// # Errors
    /// When the page has none.
    pub fn card(&self) -> Result<Shown, String> {
        Shown::read(self.in_card(Shown::FACTS)?)
    }

    /// The badge over the button for the tab that shows `url`.
    ///
    /// # Errors
    /// When no tab shows it.
    pub fn try_badge(&self, url: &str) -> Result<String, String> {
        let body = "const tab = (await api.tabs.query({})).find(t => t.url === arguments[0]);
            if (!tab) throw new Error('no tab shows ' + arguments[0]);
            return api.action.getBadgeText({ tabId: tab.id })";
        self.try_api(body, &[json!(url)]).map(|b| b.as_str().unwrap_or_default().to_owned())
    }

    /// [`Self::try_badge`] of a tab that must be there.
    ///
    /// # Panics
    /// When no tab shows `url`.
    #[must_use]
    #[track_caller]
    pub fn badge(&self, url: &str) -> String {
        self.try_badge(url).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Does `work` while the browser refuses to open popups by itself: Chromium in full screen, where there is no toolbar;
    /// Firefox because another panel is open.
    ///
    /// # Panics
    /// When the browser does not get into that state.
    #[track_caller]
    pub fn refuse_popups(&self, work: impl FnOnce()) {
        let refuse = |on| match &self.engine {
            Engine::Chromium(c) => c.fill_screen(on),
            Engine::Firefox(f) => f.open_menu(on),
        };
        refuse(true).unwrap_or_else(|e| panic!("{e}"));
        work();
        refuse(false).unwrap_or_else(|e| panic!("{e}"));
    }

    /// The text on the clipboard.
    ///
    /// # Panics
    /// When the browser does not give it.
    #[must_use]
    #[track_caller]
    pub fn clipboard(&self) -> String {
        let text = match &self.engine {
            Engine::Chromium(c) => c.clipboard(),
            Engine::Firefox(f) => f.clipboard(),
        };
        text.unwrap_or_else(|e| panic!("{e}"))
    }

    /// The report of a case (its id, or `latest`), from the details page.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[track_caller]
    pub fn report(&self, case: &str) -> Report {
        let expression = "document.getElementById('report-json')?.textContent ?? ''";
        let report = |text: &Value| Report::parse(text.as_str().unwrap_or_default());
        let text = self.on_page(&format!("{DETAILS}#{case}"), expression, |text| report(text).map(drop));
        text.and_then(|t| report(&t)).unwrap_or_else(|e| panic!("report of {case}: {e}"))
    }

    /// Whether the background runs now.
    #[must_use]
    pub fn background_runs(&self) -> bool {
        match &self.engine {
            Engine::Chromium(c) => c.background_runs(),
            Engine::Firefox(f) => f.background_runs(),
        }
    }

    /// Bytes that the background holds: its heap in Chromium with what hangs on it, WebAssembly's memory among it; all of its process in
    /// Firefox.
    ///
    /// # Errors
    /// When it does not run.
    pub fn background_memory(&self) -> Result<u64, String> {
        let parts = ["usedSize", "embedderHeapUsedSize", "backingStorageSize"];
        match &self.engine {
            Engine::Chromium(c) => {
                let usage = c.ask_worker("Runtime.getHeapUsage")?;
                Ok(parts.iter().filter_map(|part| usage[part].as_f64()).sum::<f64>() as u64)
            }
            Engine::Firefox(f) => f.background_memory(),
        }
    }

    /// The background forgets what nothing holds any more, as it would in a while.
    ///
    /// # Errors
    /// When it does not run.
    pub fn collect_garbage(&self) -> Result<(), String> {
        match &self.engine {
            Engine::Chromium(c) => c.ask_worker("HeapProfiler.collectGarbage").map(drop),
            Engine::Firefox(f) => f.collect_garbage(),
        }
    }

    /// Stops the background as the browser does when it has been idle; with everything that it was about to do.
    ///
    /// # Panics
    /// When it did not run.
    #[track_caller]
    pub fn stop_background(&self) {
        let stopped = match &self.engine {
            Engine::Chromium(c) => c.stop_background(),
            Engine::Firefox(f) => f.stop_background(),
        };
        stopped.unwrap_or_else(|e| panic!("{e}"));
    }

    /// From here on the background stays the one that it is, whatever the environment says: for a scenario that has changed it, or is about
    /// what goes with it.
    pub fn keep_background(&self) {
        self.is_background_kept.store(true, Ordering::Relaxed);
    }

    /// Before each thing that a visitor does: the background may be stopped at any time, and where the environment says so, it is.
    pub(super) fn step(&self) {
        if std::env::var_os(STOPPED).is_none() || self.is_background_kept.load(Ordering::Relaxed) || !self.background_runs() {
            return;
        }
        // One that only starts is not stopped by any browser, for events wait for it. It may stop by itself at this very moment.
        let _ = self.in_background("faultline.loaded").and_then(|_| match &self.engine {
            Engine::Chromium(c) => c.stop_background(),
            Engine::Firefox(f) => f.stop_background(),
        });
    }

    /// Whether the background that runs now has loaded the WebAssembly core. One that does not run has not.
    ///
    /// # Panics
    /// When the background runs and does not tell.
    #[must_use]
    #[track_caller]
    pub fn core_is_loaded(&self) -> bool {
        if !self.background_runs() {
            return false;
        }
        wait_for("the background's answer", || {
            let answer = self.in_background("globalThis.faultline.loaded")?;
            answer.as_bool().ok_or_else(|| answer.to_string())
        })
    }

    /// The value of an expression in the background that runs now.
    ///
    /// # Errors
    /// When none runs, or what the expression threw.
    pub fn in_background(&self, expression: &str) -> Result<Value, String> {
        match &self.engine {
            Engine::Chromium(c) => c.in_background(expression),
            Engine::Firefox(f) => f.in_background(expression),
        }
    }
}
