//! Chromium: chromedriver for what it can do, the debugging protocol for the rest.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::cdp::{Cdp, Target};
use super::launch::{Launch, driver, program};
use super::policy::Policy;
use super::profile;
use super::webdriver::{Session, Tab};
use super::{OPTIONS, POPUP, WELCOME};
use crate::process::{Guest, Process, Scratch, free_port, is_root};
use crate::wait::{DEADLINE, try_for};

/// No name leaves this machine: .test is us, everything else does not exist.
const NAMES: &str = "MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost";

#[derive(Debug)]
pub(super) struct Chromium {
    pub(super) session: Session,
    cdp: Cdp,
    id: String,
    browser: Option<Guest>,
    _driver: Process,
    dir: Option<Scratch>,
    _policy: Option<Policy>,
}

impl Chromium {
    pub(super) fn start(launch: &mut Launch, screen: Option<&str>) -> Result<Self, String> {
        let again = launch.profile.is_some();
        let dir = launch.profile.take().unwrap_or_else(|| Scratch::new("chromium"));
        profile::furnish(launch, again.then_some(&dir))?;
        let driver_path = program(&["chromedriver"])?;
        let binary = program(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])?;
        let policy = launch.forced.as_deref().map(|forced| Policy::new(forced, &binary, &dir)).transpose()?;
        let binary = policy.as_ref().map_or(binary, Policy::browser);
        let (driver, port) = driver(
            "chromedriver",
            &dir,
            Command::new(driver_path).arg(format!("--port={}", free_port())),
            launch,
            screen,
            "started successfully on port ",
        );

        let mut args = vec![
            format!("--user-data-dir={}", dir.path().join("profile").display()),
            "--enable-unsafe-extension-debugging".to_owned(),
            // The bubble that offers the pages of before a crash comes when it likes, and takes the focus from the window.
            "--hide-crash-restore-bubble".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-domain-reliability".to_owned(),
            "--disable-features=DisableLoadExtensionCommandLineSwitch,HttpsUpgrades,MediaRouter,OptimizationHints,Translate"
                .to_owned(),
            "--no-default-browser-check".to_owned(),
            "--window-size=1200,850".to_owned(),
        ];
        if !launch.resolver {
            args.push(format!("--host-resolver-rules={NAMES}"));
        }
        if launch.headless {
            args.push("--headless=new".to_owned());
        } else if screen.is_some() {
            args.push("--ozone-platform=x11".to_owned());
        }
        if is_root() {
            args.push("--no-sandbox".to_owned());
        }
        args.extend(launch.language.iter().map(|language| format!("--lang={language}")));
        // The one that forbids any proxy wins, wherever it stands.
        args.extend(match &launch.proxy {
            Some((host, port)) => Some(format!("--proxy-server=http://{host}:{port}")),
            None if launch.flags.iter().any(|flag| flag.starts_with("--proxy-server=")) => None,
            None => Some("--no-proxy-server".to_owned()),
        });
        args.extend(launch.flags.iter().cloned());

        let session = Session::open(
            port,
            &json!({
                "browserName": "chrome",
                "pageLoadStrategy": "none",
                "goog:chromeOptions": { "binary": binary, "args": args, "prefs": launch.prefs, "excludeSwitches": launch.without },
            }),
        )?;
        let told = |pointer: &str| session.capabilities.pointer(pointer).cloned().unwrap_or_default();
        let browser = told("/goog:processID").as_u64().and_then(|id| u32::try_from(id).ok()).map(Guest::adopt);
        let debugger = told("/goog:chromeOptions/debuggerAddress");
        let cdp = Cdp::connect(debugger.as_str().ok_or("chromedriver names no debugger")?)?;

        let load = |path: &std::path::Path| {
            let loaded = cdp.call(None, "Extensions.loadUnpacked", &json!({ "path": path }))?;
            loaded["id"].as_str().map(str::to_owned).ok_or_else(|| format!("no id for {}", path.display()))
        };
        let id = match launch.extension.as_deref() {
            None => String::new(),
            Some(extension) if launch.installed => profile::id(extension),
            Some(extension) => {
                for other in &launch.others {
                    load(other)?;
                }
                let granted = (!launch.granted.is_empty()).then(|| profile::with_granted(extension, &launch.granted, dir.path()));
                load(granted.transpose()?.as_deref().unwrap_or(extension))?
            }
        };
        let chromium = Self { session, cdp, id, browser, _driver: driver, dir: Some(dir), _policy: policy };
        if launch.extension.is_none() {
            return Ok(chromium);
        }
        try_for(DEADLINE, || chromium.worker().map(drop))?;
        if launch.private {
            // The extension is started anew, which takes its first page away.
            try_for(DEADLINE, || chromium.close_page(&format!("{}{WELCOME}", chromium.origin())))?;
            chromium.allow_private()?;
        }
        Ok(chromium)
    }

    /// Kills the browser as a crash does, and gives what is left of it.
    pub(super) fn crash(mut self) -> Option<Scratch> {
        self.browser.take().into_iter().for_each(Guest::kill);
        self.dir.take()
    }

    /// How many extensions are off according to the profile on disk.
    pub(super) fn kept_off(&self) -> Result<usize, String> {
        profile::off(&self.dir.as_ref().ok_or("no profile")?.path().join("profile"))
    }

    /// With a slash at its end.
    pub(super) fn origin(&self) -> String {
        format!("chrome-extension://{}/", self.id)
    }

    /// A reload that this brings about leaves an unpacked extension switched off unless developer mode is on.
    fn allow_private(&self) -> Result<(), String> {
        let before = self.worker()?;
        let back = self.session.tab()?;
        let tab = self.session.new_tab("tab")?;
        self.session.switch(&tab)?;
        self.session.post("/url", &json!({ "url": "chrome://extensions" }))?;
        let script = "const dev = chrome.developerPrivate; await dev.updateProfileConfiguration({ inDeveloperMode: true });
            await dev.updateExtensionConfiguration({ extensionId: arguments[0], incognitoAccess: true })";
        try_for(DEADLINE, || self.session.run(&format!("return (async () => {{ {script} }})(...arguments)"), &[json!(self.id)]))?;
        self.session.delete("/window")?;
        self.session.switch(&back)?;
        try_for(DEADLINE, || if self.worker()? == before { Err("the old one still runs".to_owned()) } else { Ok(()) })
    }

    pub(super) fn stop_loading(&self) -> Result<(), String> {
        self.in_tab("Page.stopLoading", &json!({})).map(drop)
    }

    pub(super) fn reload(&self) -> Result<(), String> {
        self.in_tab("Page.reload", &json!({})).map(drop)
    }

    /// chromedriver's own Back waits for a page that may never load.
    pub(super) fn back(&self) -> Result<(), String> {
        let history = self.in_tab("Page.getNavigationHistory", &json!({}))?;
        let here = history["currentIndex"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
        let before = here.checked_sub(1).ok_or("nothing to go back to")?;
        self.in_tab("Page.navigateToHistoryEntry", &json!({ "entryId": history["entries"][before]["id"] })).map(drop)
    }

    fn in_tab(&self, method: &str, params: &Value) -> Result<Value, String> {
        let tab = self.session.tab()?.0;
        // While a navigation moves the tab to another process it has no page, and the call has not been done.
        let moving = "Not attached to an active page";
        try_for(DEADLINE, || match self.cdp.with(&tab, |s| self.cdp.call(Some(s), method, params)) {
            Err(why) if why.contains(moving) => Err(why),
            done => Ok(done),
        })?
    }

    pub(super) fn show(&self, tab: &Tab) -> Result<(), String> {
        self.session.switch(tab)?;
        self.cdp.call(None, "Target.activateTarget", &json!({ "targetId": tab.0 })).map(drop)
    }

    fn target(&self, what: &str, fits: impl Fn(&Target) -> bool) -> Result<Target, String> {
        let targets = self.cdp.targets()?;
        let found = targets.iter().find(|t| fits(t)).cloned();
        found.ok_or_else(|| format!("no {what} among {:?}", targets.iter().map(|t| (&t.kind, &t.url)).collect::<Vec<_>>()))
    }

    fn worker(&self) -> Result<Target, String> {
        let origin = self.origin();
        self.target("service worker", |t| t.kind == "service_worker" && t.url.starts_with(&origin))
    }

    fn popup(&self) -> Result<Target, String> {
        let url = format!("{}{POPUP}", self.origin());
        self.target("popup", |t| t.kind == "page" && t.url.starts_with(&url))
    }

    pub(super) fn background_runs(&self) -> bool {
        self.worker().is_ok()
    }

    pub(super) fn stop_background(&self) -> Result<(), String> {
        let worker = self.worker()?;
        // Something that is open may have started the next one already. One that is still about to start stays: so it is told again.
        try_for(DEADLINE, || {
            if !self.cdp.targets()?.contains(&worker) {
                return Ok(());
            }
            self.cdp.call(None, "Target.closeTarget", &json!({ "targetId": worker.id }))?;
            Err("it still runs".to_owned())
        })
    }

    /// A command of the developer tools for the background.
    pub(super) fn ask_worker(&self, method: &str) -> Result<Value, String> {
        self.cdp.with(&self.worker()?.id, |s| self.cdp.call(Some(s), method, &json!({})))
    }

    pub(super) fn in_background(&self, expression: &str) -> Result<Value, String> {
        self.cdp.with(&self.worker()?.id, |s| self.cdp.evaluate(s, expression))
    }

    pub(super) fn popup_is_open(&self) -> bool {
        self.popup().is_ok()
    }

    pub(super) fn watch_popups(&self) -> Result<(), String> {
        self.cdp.watch(&format!("{}{POPUP}", self.origin()))
    }

    pub(super) fn popups_seen(&self) -> Result<usize, String> {
        self.cdp.watched()
    }

    pub(super) fn in_popup(&self, expression: &str) -> Result<Value, String> {
        self.cdp.with(&self.popup()?.id, |s| self.cdp.evaluate(s, expression))
    }

    pub(super) fn popup_picture(&self) -> Result<Vec<u8>, String> {
        let shot = self
            .cdp
            .with(&self.popup()?.id, |s| self.cdp.call(Some(s), "Page.captureScreenshot", &json!({ "format": "png" })))?;
        BASE64.decode(shot["data"].as_str().unwrap_or_default()).map_err(|e| e.to_string())
    }

    /// The current page as a picture of exactly this size, as if the window were so.
    pub(super) fn page_picture(&self, width: u32, height: u32) -> Result<Vec<u8>, String> {
        let tab = self.session.tab()?.0;
        let shot = self.cdp.with(&tab, |s| {
            let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
            self.cdp.call(Some(s), "Emulation.setDeviceMetricsOverride", &size)?;
            self.cdp.call(Some(s), "Emulation.setScrollbarsHidden", &json!({ "hidden": true }))?;
            self.cdp.evaluate(s, "document.fonts.ready.then(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))).then(() => 1)")?;
            self.cdp.call(Some(s), "Page.captureScreenshot", &json!({ "format": "png" }))
        })?;
        BASE64.decode(shot["data"].as_str().unwrap_or_default()).map_err(|e| e.to_string())
    }

    pub(super) fn click_in_popup(&self, x: f64, y: f64) -> Result<(), String> {
        let event = |kind| json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
        self.send_to_popup("Input.dispatchMouseEvent", &["mousePressed", "mouseReleased"].map(event))
    }

    pub(super) fn press_key_in_popup(&self, key: &str, code: u32) -> Result<(), String> {
        let text = if key == "Enter" { "\r" } else { "" };
        let event = |kind| json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text });
        self.send_to_popup("Input.dispatchKeyEvent", &["keyDown", "keyUp"].map(event))
    }

    fn send_to_popup(&self, method: &str, events: &[Value]) -> Result<(), String> {
        self.cdp.with(&self.popup()?.id, |s| events.iter().try_for_each(|e| self.cdp.call(Some(s), method, e).map(drop)))
    }

    /// Full screen, or a window again.
    pub(super) fn fill_screen(&self, on: bool) -> Result<(), String> {
        let window = self.cdp.call(None, "Browser.getWindowForTarget", &json!({ "targetId": self.session.tab()?.0 }))?;
        let state = if on { "fullscreen" } else { "normal" };
        let bounds = json!({ "windowId": window["windowId"], "bounds": { "windowState": state } });
        self.cdp.call(None, "Browser.setWindowBounds", &bounds)?;
        try_for(DEADLINE, || {
            let now = self.cdp.call(None, "Browser.getWindowBounds", &json!({ "windowId": window["windowId"] }))?;
            if now["bounds"]["windowState"] == state { Ok(()) } else { Err(now.to_string()) }
        })
    }

    /// A click on the extension's button in the toolbar.
    pub(super) fn press_button(&self) -> Result<(), String> {
        let here = self.session.tab()?;
        let info = self.cdp.call(None, "Target.getTargetInfo", &json!({ "targetId": here.0 }))?;
        let url = info["targetInfo"]["url"].as_str().unwrap_or_default().to_owned();
        let twin = self.target("tab", |t| t.kind == "tab" && t.url == url)?;
        self.cdp.call(None, "Extensions.triggerAction", &json!({ "id": self.id, "targetId": twin.id })).map(drop)
    }

    /// The value of an expression over the card's `root`. Its shadow root is closed to scripts, not to the debugger.
    pub(super) fn in_card(&self, expression: &str) -> Result<Value, String> {
        let tab = self.session.tab()?;
        self.cdp.with(&tab.0, |s| {
            let tree = self.cdp.call(Some(s), "DOM.getDocument", &json!({ "depth": -1, "pierce": true }))?;
            let node = find_card(&tree["root"]).ok_or("no card in the page")?;
            let object = self.cdp.call(Some(s), "DOM.resolveNode", &json!({ "nodeId": node }))?;
            let value = json!({
                "objectId": object["object"]["objectId"],
                "functionDeclaration": format!("function () {{ const root = this; return {expression} }}"),
                "returnByValue": true,
            });
            Ok(self.cdp.call(Some(s), "Runtime.callFunctionOn", &value)?["result"]["value"].clone())
        })
    }

    pub(super) fn clipboard(&self) -> Result<String, String> {
        let origin = self.origin();
        let grant = json!({ "permissions": ["clipboardReadWrite"], "origin": origin.trim_end_matches('/') });
        self.cdp.call(None, "Browser.grantPermissions", &grant)?;
        // Only a page that has the focus may read; a popup that is open keeps the real one.
        let focus = |s: &str| self.cdp.call(Some(s), "Emulation.setFocusEmulationEnabled", &json!({ "enabled": true })).map(drop);
        let text = self.page_behind(OPTIONS, |s| {
            focus(s)?;
            try_for(DEADLINE, || self.cdp.evaluate(s, "navigator.clipboard.readText()"))
        });
        Ok(text?.as_str().unwrap_or_default().to_owned())
    }

    /// Asks a page of the extension in a tab that nobody looks at.
    pub(super) fn on_page(
        &self,
        path: &str,
        expression: &str,
        enough: impl Fn(&Value) -> Result<(), String>,
    ) -> Result<Value, String> {
        self.page_behind(path, |s| {
            try_for(DEADLINE, || {
                let value = self.cdp.evaluate(s, expression)?;
                enough(&value).map(|()| value)
            })
        })
    }

    fn page_behind<T>(&self, path: &str, work: impl FnOnce(&str) -> Result<T, String>) -> Result<T, String> {
        let url = format!("{}{path}", self.origin());
        let made = self.cdp.call(None, "Target.createTarget", &json!({ "url": url, "background": true }))?;
        let page = made["targetId"].as_str().ok_or("no tab")?;
        let result = self.cdp.with(page, |s| {
            let here = format!("location.href === {url:?} && document.readyState === 'complete'");
            try_for(
                DEADLINE,
                || if self.cdp.evaluate(s, &here)? == true { Ok(()) } else { Err(format!("{url} does not load")) },
            )?;
            work(s)
        });
        self.cdp.call(None, "Target.closeTarget", &json!({ "targetId": page }))?;
        result
    }

    pub(super) fn close_page(&self, url: &str) -> Result<(), String> {
        let page = self.target(url, |t| t.kind == "page" && t.url == url)?;
        self.cdp.call(None, "Target.closeTarget", &json!({ "targetId": page.id })).map(drop)
    }

    /// The whole of the current page, however long it is.
    pub(super) fn picture(&self) -> Result<Vec<u8>, String> {
        let size = self.in_tab("Page.getLayoutMetrics", &json!({}))?["cssContentSize"].clone();
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let shot = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let taken = self.in_tab("Page.captureScreenshot", &shot)?;
        BASE64.decode(taken["data"].as_str().unwrap_or_default()).map_err(|e| e.to_string())
    }

    /// Closes every other tab, those of the extension too, which the driver does not know of.
    pub(super) fn close_all_but(&self, tab: &Tab) -> Result<(), String> {
        try_for(DEADLINE, || {
            let others: Vec<_> = self.cdp.targets()?.into_iter().filter(|t| t.kind == "page" && t.id != tab.0).collect();
            for other in &others {
                // It may have closed itself by now.
                let _ = self.cdp.call(None, "Target.closeTarget", &json!({ "targetId": other.id }));
            }
            if others.is_empty() { Ok(()) } else { Err(format!("still there: {others:?}")) }
        })
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.session.delete("");
    }
}

/// The node of `#faultline`, in whatever shadow root it is.
fn find_card(node: &Value) -> Option<u64> {
    let attributes = node["attributes"].as_array().map(Vec::as_slice).unwrap_or_default();
    if attributes.chunks(2).any(|pair| pair[0] == "id" && pair.get(1).is_some_and(|v| v == "faultline")) {
        return node["nodeId"].as_u64();
    }
    let below = ["shadowRoots", "children"].into_iter().filter_map(|k| node[k].as_array()).flatten();
    below.into_iter().find_map(find_card)
}
