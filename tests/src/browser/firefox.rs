//! Firefox: geckodriver, and the browser's own window as a second page that can be scripted.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use super::launch::{Launch, driver, program};
use super::profile;
use super::webdriver::{Session, Tab};
use crate::process::{Guest, Process, Scratch};
use crate::wait::{DEADLINE, try_for};

/// The recommended preferences of WebDriver change what this project is about (an empty 5xx is a blank page, focus is pretended), so
/// they are off, and what is still needed to be quiet on the network is set here one by one.
const PREFS: &str = include_str!("firefox-prefs.json");

/// Finds the popup that is open, wherever it hangs.
const POPUP: &str = "
    const popup = () => {
      for (const win of Services.wm.getEnumerator('navigator:browser')) {
        for (const browser of win.document.querySelectorAll('.webextension-popup-browser')) {
          const panel = browser.closest('panel');
          if (panel?.state === 'open') return { win, browser, panel };
        }
      }
      throw new Error('no popup is open');
    };";

/// Runs a function body inside a page that lives in another process. WebDriver's own actor is the door.
const INSIDE: &str = "
    const inside = (browsingContext, body, system) => browsingContext.currentWindowGlobal.getActor('MarionetteCommands')
      .executeScript(body, [], { async: false, newSandbox: true, sandboxName: system ? 'system' : null, timeout: 5000 });";

/// Counts every popup as it opens, in each window that there is and will be. A preference outlives windows and scripts.
const COUNTED: &str = "
    const count = () => Services.prefs.getIntPref('faultline.popups', 0);
    const watch = win => {
      if (win.faultlineCounts) return;
      win.faultlineCounts = true;
      win.addEventListener('popupshown', event => {
        if (event.target.querySelector?.('.webextension-popup-browser')) Services.prefs.setIntPref('faultline.popups', count() + 1);
      }, true);
    };
    for (const win of Services.wm.getEnumerator('navigator:browser')) watch(win);
    if (!Services.prefs.getBoolPref('faultline.watching', false)) {
      Services.prefs.setBoolPref('faultline.watching', true);
      Services.obs.addObserver(watch, 'browser-delayed-startup-finished');
    }
    return count()";

/// Gives an optional permission, as a yes to the browser's question does.
const GRANT: &str = "
    const { ExtensionPermissions } = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
    const [id, permission] = arguments;
    await ExtensionPermissions.add(id, { permissions: [permission], origins: [], data_collection: [] }, WebExtensionPolicy.getByID(id).extension)";

#[derive(Debug)]
pub(super) struct Firefox {
    pub(super) session: Session,
    id: String,
    uuid: String,
    browser: Option<Guest>,
    _driver: Process,
    dir: Option<Scratch>,
}

impl Firefox {
    pub(super) fn start(launch: &mut Launch, screen: Option<&str>) -> Result<Self, String> {
        let already = launch.profile.take();
        let again = already.is_some();
        let dir = already.unwrap_or_else(|| Scratch::new("firefox"));
        let driver_path = program(&["geckodriver"])?;
        let binary = program(&["firefox-esr", "firefox"])?;
        let mut command = Command::new(driver_path);
        command.args(["--port", "0", "--allow-system-access"]);
        let (driver, port) = driver("geckodriver", &dir, &mut command, launch, screen, "Listening on 127.0.0.1:");

        let mut prefs: Map<String, Value> = serde_json::from_str(PREFS).map_err(|e| e.to_string())?;
        prefs.insert("network.dns.localDomains".to_owned(), json!(launch.hosts.join(",")));
        if let Some((host, port)) = &launch.proxy {
            prefs.insert("network.proxy.type".to_owned(), json!(1));
            for scheme in ["http", "ssl"] {
                prefs.insert(format!("network.proxy.{scheme}"), json!(host));
                prefs.insert(format!("network.proxy.{scheme}_port"), json!(port));
            }
        }
        if launch.installed {
            prefs.insert("xpinstall.signatures.required".to_owned(), json!(false));
            // After a crash that came before Firefox wrote down what is installed it counts as put there by somebody else.
            prefs.insert("extensions.autoDisableScopes".to_owned(), json!(0));
        }
        prefs.extend(launch.prefs.clone());
        let mut args: Vec<String> = vec!["--width=1200".to_owned(), "--height=850".to_owned()];
        args.extend(launch.headless.then(|| "-headless".to_owned()));
        args.extend(launch.flags.iter().cloned());
        if launch.installed {
            let profile = dir.path().join("profile");
            std::fs::create_dir_all(&profile).map_err(|e| e.to_string())?;
            args.extend(["-profile".to_owned(), profile.display().to_string()]);
        }

        let session = Session::open(
            port,
            &json!({
                "browserName": "firefox",
                "pageLoadStrategy": "none",
                "moz:firefoxOptions": { "binary": binary, "args": args, "prefs": prefs },
            }),
        )?;
        let browser = session.capabilities["moz:processID"].as_u64().and_then(|id| u32::try_from(id).ok()).map(Guest::adopt);
        let mut firefox = Self { session, id: String::new(), uuid: String::new(), browser, _driver: driver, dir: Some(dir) };
        if let Some(language) = &launch.language {
            // Its own words stay as they are where it has no others; an extension goes by the language that is asked for.
            let speak =
                "Services.locale.availableLocales = ['en-US', arguments[0]]; Services.locale.requestedLocales = [arguments[0]];
                return Services.locale.appLocaleAsBCP47";
            firefox.chrome(speak, &[json!(language)])?;
        }
        for other in &launch.others {
            firefox.install(other, false)?;
        }
        let Some(extension) = &launch.extension else { return Ok(firefox) };
        firefox.id = match &firefox.dir {
            Some(_) if again => profile::gecko_id(extension)?,
            Some(dir) if launch.installed => firefox.install_for_good(&profile::packed(extension, dir.path())?)?,
            _ => firefox.install(extension, launch.private)?,
        };
        let address = "return WebExtensionPolicy.getByID(arguments[0]).mozExtensionHostname";
        // What is installed comes up by itself, some moments after the first window.
        let uuid = try_for(DEADLINE, || firefox.chrome(address, &[json!(firefox.id)]))?;
        firefox.uuid = uuid.as_str().ok_or("the extension has no address")?.to_owned();
        for permission in &launch.granted {
            firefox.chrome(GRANT, &[json!(firefox.id), json!(permission)])?;
        }
        Ok(firefox)
    }

    /// Ends the browser, and gives what is left of it. Killed, it would start the extension no more under its driver.
    pub(super) fn leave(mut self) -> Option<Scratch> {
        let _ = self.session.delete("");
        drop(self.browser.take());
        self.dir.take()
    }

    fn install_for_good(&self, package: &std::path::Path) -> Result<String, String> {
        let addon = json!({ "path": package, "temporary": false });
        let id = self.session.post("/moz/addon/install", &addon)?;
        id.as_str().map(str::to_owned).ok_or_else(|| format!("no id for {}", package.display()))
    }

    fn install(&self, dir: &std::path::Path, private: bool) -> Result<String, String> {
        let addon = json!({ "path": dir, "temporary": true, "allowPrivateBrowsing": private });
        let id = self.session.post("/moz/addon/install", &addon)?;
        id.as_str().map(str::to_owned).ok_or_else(|| format!("no id for {}", dir.display()))
    }

    /// Runs a function body in the browser's own window. Its promises are awaited.
    pub(super) fn chrome(&self, body: &str, args: &[Value]) -> Result<Value, String> {
        self.session.post("/moz/context", &json!({ "context": "chrome" }))?;
        let result = self.session.run(&format!("return (async function () {{ {body} }}).apply(null, arguments)"), args);
        self.session.post("/moz/context", &json!({ "context": "content" }))?;
        result
    }

    /// With a slash at its end.
    pub(super) fn origin(&self) -> String {
        format!("moz-extension://{}/", self.uuid)
    }

    pub(super) fn map_hosts(&self, hosts: &[String]) -> Result<(), String> {
        self.chrome("Services.prefs.setStringPref('network.dns.localDomains', arguments[0])", &[json!(hosts.join(","))]).map(drop)
    }

    pub(super) fn stop_loading(&self) -> Result<(), String> {
        self.chrome("window.gBrowser.selectedBrowser.stop()", &[]).map(drop)
    }

    pub(super) fn background_runs(&self) -> bool {
        let state = self.chrome("return WebExtensionPolicy.getByID(arguments[0]).extension.backgroundState", &[json!(self.id)]);
        state.is_ok_and(|s| s == "running")
    }

    pub(super) fn stop_background(&self) -> Result<(), String> {
        self.chrome("await WebExtensionPolicy.getByID(arguments[0]).extension.terminateBackground()", &[json!(self.id)]).map(drop)
    }

    /// Bytes of the process that extensions run in.
    pub(super) fn background_memory(&self) -> Result<u64, String> {
        let body = "const { children } = await ChromeUtils.requestProcInfo();
            return children.find(child => child.type === 'extension')?.memory ?? null";
        let memory = self.chrome(body, &[])?;
        memory.as_u64().ok_or_else(|| "no process of extensions".to_owned())
    }

    /// Every process collects what nobody holds any more, as it does when memory is short.
    pub(super) fn collect_garbage(&self) -> Result<(), String> {
        self.chrome("Services.obs.notifyObservers(null, 'memory-pressure', 'heap-minimize')", &[]).map(drop)
    }

    pub(super) fn in_background(&self, expression: &str) -> Result<Value, String> {
        let body = format!(
            "{INSIDE} const page = WebExtensionPolicy.getByID(arguments[0]).extension.backgroundContext;
            if (!page) throw new Error('the background is not there');
            return inside(page.browsingContext, arguments[1])"
        );
        self.chrome(
            &body,
            &[json!(self.id), json!(format!("const globalThis = window.wrappedJSObject ?? window; return {expression}"))],
        )
    }

    pub(super) fn popup_is_open(&self) -> bool {
        self.chrome(&format!("{POPUP} return !!popup()"), &[]).is_ok()
    }

    /// The panels of the window and what state they are in.
    pub(super) fn panels(&self) -> String {
        let body = "return [...document.querySelectorAll('panel')].filter(p => p.state !== 'closed').map(p => `${p.id} ${p.state}`).join(', ')
            + ` focused: ${Services.focus.activeWindow === window}`";
        self.chrome(body, &[]).map_or_else(|why| why, |panels| panels.to_string())
    }

    pub(super) fn popups_seen(&self) -> Result<usize, String> {
        let seen = self.chrome(COUNTED, &[])?;
        seen.as_u64().and_then(|n| usize::try_from(n).ok()).ok_or_else(|| seen.to_string())
    }

    pub(super) fn in_popup(&self, expression: &str) -> Result<Value, String> {
        let body = format!("{POPUP} {INSIDE} return inside(popup().browser.browsingContext, arguments[0])");
        self.chrome(&body, &[json!(format!("return {expression}"))])
    }

    pub(super) fn popup_picture(&self) -> Result<Vec<u8>, String> {
        let body = format!(
            "{POPUP} const {{ win, browser }} = popup();
            const picture = await browser.browsingContext.currentWindowGlobal.drawSnapshot(null, 1, 'white');
            const canvas = win.document.createElementNS('http://www.w3.org/1999/xhtml', 'canvas');
            canvas.width = picture.width; canvas.height = picture.height;
            canvas.getContext('2d').drawImage(picture, 0, 0);
            return canvas.toDataURL('image/png').split(',')[1]"
        );
        BASE64.decode(self.chrome(&body, &[])?.as_str().unwrap_or_default()).map_err(|e| e.to_string())
    }

    /// A click that the browser takes for a person's.
    pub(super) fn click_in_popup(&self, x: f64, y: f64) -> Result<(), String> {
        let body = format!(
            "{POPUP} const {{ win, browser }} = popup();
            const at = browser.getBoundingClientRect();
            for (const kind of ['mousedown', 'mouseup']) {{
              win.synthesizeMouseEvent(kind, at.left + arguments[0], at.top + arguments[1], {{ button: 0, clickCount: 1 }});
            }}"
        );
        self.chrome(&body, &[json!(x), json!(y)]).map(drop)
    }

    pub(super) fn press_key_in_popup(&self, key: &str, code: u32) -> Result<(), String> {
        let body = format!(
            "{POPUP} const {{ win, browser }} = popup();
            browser.focus();
            const tip = Cc['@mozilla.org/text-input-processor;1'].createInstance(Ci.nsITextInputProcessor);
            if (!tip.beginInputTransactionForTests(win)) throw new Error('somebody else is typing');
            const event = new win.KeyboardEvent('', {{ key: arguments[0], code: arguments[0], keyCode: arguments[1] }});
            tip.keydown(event);
            tip.keyup(event);"
        );
        self.chrome(&body, &[json!(key), json!(code)]).map(drop)
    }

    /// A preference from now on.
    pub(super) fn set_pref(&self, name: &str, value: i32) -> Result<(), String> {
        self.chrome("Services.prefs.setIntPref(arguments[0], arguments[1])", &[json!(name), json!(value)]).map(drop)
    }

    /// Opens or closes the browser's main menu.
    pub(super) fn open_menu(&self, on: bool) -> Result<(), String> {
        self.chrome(if on { "await window.PanelUI.show()" } else { "window.PanelUI.hide()" }, &[]).map(drop)
    }

    /// A click on the extension's button in the toolbar.
    pub(super) fn press_button(&self) -> Result<(), String> {
        let body = "for (const button of document.querySelectorAll('toolbarbutton.unified-extensions-item-action-button')) {
              if (button.dataset.extensionid === arguments[0]) return button.click();
            }
            throw new Error('no button in the toolbar')";
        self.chrome(body, &[json!(self.id)]).map(drop)
    }

    /// The value of an expression over the card's `root`. Its shadow root is closed to pages, not to the browser.
    pub(super) fn in_card(&self, expression: &str) -> Result<Value, String> {
        let look = format!(
            "for (const host of document.querySelectorAll('*')) {{
              const root = host.openOrClosedShadowRoot?.getElementById('faultline');
              if (root) return {expression};
            }}
            return null"
        );
        let body = format!("{INSIDE} return inside(window.gBrowser.selectedBrowser.browsingContext, arguments[0], true)");
        self.chrome(&body, &[json!(look)])
    }

    /// Asks a page of the extension in a tab that nobody looks at.
    pub(super) fn on_page(
        &self,
        path: &str,
        expression: &str,
        enough: impl Fn(&Value) -> Result<(), String>,
    ) -> Result<Value, String> {
        let url = format!("{}{path}", self.origin());
        let open = "const triggeringPrincipal = WebExtensionPolicy.getByID(arguments[0]).extension.principal;
            return window.gBrowser.addTab(arguments[1], { inBackground: true, triggeringPrincipal }).linkedPanel";
        let panel = self.chrome(open, &[json!(self.id), json!(url)])?;
        let look = format!(
            "{INSIDE} const tab = window.gBrowser.tabs.find(t => t.linkedPanel === arguments[0]);
            const page = tab.linkedBrowser;
            if (page.currentURI.spec !== arguments[1] || page.webProgress.isLoadingDocument) throw new Error(arguments[1] + ' does not load');
            return inside(page.browsingContext, arguments[2])"
        );
        let args = [panel.clone(), json!(url), json!(format!("return {expression}"))];
        let value = try_for(DEADLINE, || {
            let value = self.chrome(&look, &args)?;
            enough(&value).map(|()| value)
        });
        self.chrome("window.gBrowser.removeTab(window.gBrowser.tabs.find(t => t.linkedPanel === arguments[0]))", &[panel])?;
        value
    }

    pub(super) fn close_page(&self, url: &str) -> Result<(), String> {
        let body = "const tab = window.gBrowser.tabs.find(t => t.linkedBrowser.currentURI.spec === arguments[0]);
            if (!tab) throw new Error('no tab shows ' + arguments[0]);
            window.gBrowser.removeTab(tab)";
        self.chrome(body, &[json!(url)]).map(drop)
    }

    /// The whole of the current page, however long it is.
    pub(super) fn picture(&self) -> Result<Vec<u8>, String> {
        let shot = self.session.get("/moz/screenshot/full")?;
        BASE64.decode(shot.as_str().unwrap_or_default()).map_err(|e| e.to_string())
    }

    /// Closes every other tab.
    pub(super) fn close_all_but(&self, tab: &Tab) -> Result<(), String> {
        for other in self.session.tabs()?.iter().filter(|t| *t != tab) {
            self.session.switch(other)?;
            self.session.delete("/window")?;
        }
        self.session.switch(tab)
    }

    pub(super) fn clipboard(&self) -> Result<String, String> {
        let body = "const box = Cc['@mozilla.org/widget/transferable;1'].createInstance(Ci.nsITransferable);
            box.init(null); box.addDataFlavor('text/plain');
            Services.clipboard.getData(box, Services.clipboard.kGlobalClipboard);
            const data = {};
            try { box.getTransferData('text/plain', data) } catch { return '' } // An empty clipboard.
            return data.value.QueryInterface(Ci.nsISupportsString).data";
        Ok(self.chrome(body, &[])?.as_str().unwrap_or_default().to_owned())
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        let _ = self.session.delete("");
    }
}
