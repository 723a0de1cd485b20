//! One handle for both browsers, with the extension in them.
//!
//! A [`Browser`] does what a visitor does (visit, go back, stop, click, look at the popup) and what only a test may do (stop the
//! background, set the settings). Every look at the page, the popup or the card is a question with an answer now; waiting for the right
//! answer is [`crate::wait::wait_for`]'s work.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

mod access;
mod cdp;
mod chromium;
mod display;
mod firefox;
mod kind;
mod launch;
mod notice;
mod pointer;
mod policy;
mod popup;
mod profile;
mod report;
mod shown;
mod webdriver;

pub use access::Wish;
pub use display::Display;
pub use kind::Kind;
pub use launch::Launch;
pub use report::Report;
pub use shown::Shown;
pub use webdriver::Tab;

use crate::process::Scratch;
use crate::wait::wait_for;
use chromium::Chromium;
use firefox::Firefox;
use webdriver::Session;

/// Pages of the extension, from its root.
const POPUP: &str = "extension/popup.html";
const DETAILS: &str = "extension/details.html";
const OPTIONS: &str = "extension/options.html";
const WELCOME: &str = "extension/welcome.html";
/// What a browser opens as a document of the extension at the least cost: it has the extension's interface as any other has.
const BARE: &str = "extension/icons/16.png";
const EMPTY: &str = "about:blank";

/// WebDriver's code of the Control key.
const CONTROL: &str = "\u{e009}";

/// Names another directory as the extension under test: an unpacked store package, say.
const EXTENSION: &str = "FAULTLINE_EXTENSION";

/// Set, the browser has stopped the background before each thing that a visitor does.
const STOPPED: &str = "FAULTLINE_STOPPED";

/// The extension under test: the repository's root, as the browsers load it, unless the environment names another directory.
#[must_use]
pub fn extension_root() -> PathBuf {
    let root = || Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf);
    std::env::var_os(EXTENSION).map_or_else(root, PathBuf::from)
}

#[derive(Debug)]
enum Engine {
    Chromium(Box<Chromium>),
    Firefox(Box<Firefox>),
}

/// A running browser. Dropping it closes it and removes its profile.
#[derive(Debug)]
pub struct Browser {
    // Order matters: fields are dropped from the top, and the browser goes before the display that it is shown on.
    engine: Engine,
    kind: Kind,
    /// Whether a scenario has made something of the background that another one would not have.
    is_background_kept: AtomicBool,
    display: Option<Display>,
}

impl Browser {
    /// Which browser this is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Kills Chromium as a crash does, and gives its profile for [`Launch::profile`].
    ///
    /// # Panics
    /// In Firefox.
    #[must_use]
    #[track_caller]
    pub fn crash(self) -> Scratch {
        assert!(self.kind == Kind::Chromium, "Firefox would start no extension after it");
        self.leave()
    }

    /// Ends the browser in whatever it is doing, and gives its profile for [`Launch::profile`]: Chromium as a crash does, Firefox in order.
    /// What is to be there again must be [`Launch::installed`].
    ///
    /// # Panics
    /// When there is no profile.
    #[must_use]
    #[track_caller]
    pub fn leave(self) -> Scratch {
        let profile = match self.engine {
            Engine::Chromium(chromium) => chromium.crash(),
            Engine::Firefox(firefox) => firefox.leave(),
        };
        profile.unwrap_or_else(|| panic!("the profile is gone"))
    }

    /// Waits until Chromium's profile says of so many extensions that they are off.
    ///
    /// # Panics
    /// When it never does, or in Firefox.
    #[track_caller]
    pub fn wait_until_off_is_kept(&self, at_least: usize) {
        let Engine::Chromium(chromium) = &self.engine else { panic!("only Chromium has extensions that survive it") };
        wait_for("the profile to be written", || {
            let off = chromium.kept_off()?;
            if off > at_least { Ok(()) } else { Err(format!("{off} are off")) }
        });
    }

    fn session(&self) -> &Session {
        match &self.engine {
            Engine::Chromium(c) => &c.session,
            Engine::Firefox(f) => &f.session,
        }
    }

    /// Goes to `url` in the current tab, as if typed. Does not wait for the page, but for an empty one; and a page that fails is no
    /// error here.
    ///
    /// # Panics
    /// When the browser does not take the command.
    #[track_caller]
    pub fn visit(&self, url: &str) {
        self.step();
        match self.session().post("/url", &json!({ "url": url })) {
            // How the drivers tell of the browser's own error page: Firefox's seldom by the name of the page's kind alone.
            Err(why) if ["net::ERR_", "about:neterror", "Error: serverError"].iter().any(|own| why.contains(own)) => {}
            other => drop(other.unwrap_or_else(|e| panic!("{e}"))),
        }
        if url == EMPTY {
            // Firefox forgets a visit that begins before the empty page is there (one of seven, measured).
            self.arrive(url);
        }
    }

    /// Runs a function body in the current page, as the page would.
    ///
    /// # Errors
    /// What it threw.
    pub fn try_run(&self, script: &str, args: &[Value]) -> Result<Value, String> {
        self.session().run(script, args)
    }

    /// [`Self::try_run`] that must succeed.
    ///
    /// # Panics
    /// With what the script threw.
    #[track_caller]
    pub fn run(&self, script: &str, args: &[Value]) -> Value {
        self.try_run(script, args).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Waits until the current page is `url` (its start is enough), loaded to the end.
    ///
    /// # Panics
    /// When that page does not come.
    #[track_caller]
    pub fn arrive(&self, url: &str) {
        wait_for(&format!("the page {url}"), || {
            let here = self.try_run("return [location.href, document.readyState]", &[])?;
            let there = here[0].as_str().is_some_and(|h| h.starts_with(url)) && here[1] == "complete";
            there.then_some(()).ok_or_else(|| here.to_string())
        });
    }

    /// The Back button.
    ///
    /// # Panics
    /// When the browser does not take the command.
    #[track_caller]
    pub fn back(&self) {
        self.step();
        let gone = match &self.engine {
            Engine::Chromium(c) => c.back(),
            Engine::Firefox(f) => f.session.post("/back", &json!({})).map(drop),
        };
        gone.unwrap_or_else(|e| panic!("{e}"));
    }

    /// The Reload button.
    ///
    /// # Panics
    /// When the browser does not take the command.
    #[track_caller]
    pub fn reload(&self) {
        self.step();
        let reloaded = match &self.engine {
            Engine::Chromium(c) => c.reload(),
            Engine::Firefox(f) => f.session.post("/refresh", &json!({})).map(drop),
        };
        reloaded.unwrap_or_else(|e| panic!("{e}"));
    }

    /// The Stop button.
    ///
    /// # Panics
    /// When the browser does not take the command.
    #[track_caller]
    pub fn stop(&self) {
        self.step();
        let stopped = match &self.engine {
            Engine::Chromium(c) => c.stop_loading(),
            Engine::Firefox(f) => f.stop_loading(),
        };
        stopped.unwrap_or_else(|e| panic!("{e}"));
    }

    /// Submits a form by POST from the current page.
    ///
    /// # Panics
    /// When the page cannot be scripted.
    #[track_caller]
    pub fn submit(&self, url: &str, field: &str, value: &str) {
        self.step();
        let script = "const form = document.createElement('form'); form.method = 'post'; form.action = arguments[0];
            const input = form.appendChild(document.createElement('input')); input.name = arguments[1]; input.value = arguments[2];
            document.documentElement.append(form); form.submit()";
        self.run(script, &[json!(url), json!(field), json!(value)]);
    }

    /// The tab that commands go to.
    ///
    /// # Panics
    /// When it is gone.
    #[must_use]
    #[track_caller]
    pub fn tab(&self) -> Tab {
        self.session().tab().unwrap_or_else(|e| panic!("{e}"))
    }

    /// Every open tab.
    ///
    /// # Panics
    /// When the browser does not tell.
    #[must_use]
    #[track_caller]
    pub fn tabs(&self) -> Vec<Tab> {
        self.session().tabs().unwrap_or_else(|e| panic!("{e}"))
    }

    /// Opens a tab in front and turns to it.
    ///
    /// # Panics
    /// When the browser does not take the command.
    #[track_caller]
    pub fn open_tab(&self) -> Tab {
        let tab = self.session().new_tab("tab").unwrap_or_else(|e| panic!("{e}"));
        self.show(&tab);
        tab
    }

    /// Opens a window in front of this one and turns to it.
    ///
    /// # Panics
    /// When the browser does not take the command.
    #[track_caller]
    pub fn open_window(&self) -> Tab {
        let window = self.session().new_tab("window").unwrap_or_else(|e| panic!("{e}"));
        self.show(&window);
        window
    }

    /// Opens the link that matches `css` in a tab behind this one, with Control and a click, and gives that tab. Stays here.
    ///
    /// # Panics
    /// When no tab comes.
    #[track_caller]
    pub fn open_behind(&self, css: &str) -> Tab {
        self.step();
        let before = self.tabs();
        self.session().click(css, Some(CONTROL)).unwrap_or_else(|e| panic!("{e}"));
        wait_for("the tab behind", || {
            let now = self.session().tabs()?;
            now.into_iter().find(|t| !before.contains(t)).ok_or_else(|| "no new tab".to_owned())
        })
    }

    /// Turns to `tab` and brings it to the front, where the visitor sees it. In this order: a popup that opens then would lose the focus to
    /// whatever is done to the tab after that.
    ///
    /// # Panics
    /// When it is gone.
    #[track_caller]
    pub fn show(&self, tab: &Tab) {
        self.step();
        let shown = match &self.engine {
            Engine::Chromium(c) => c.show(tab),
            Engine::Firefox(f) => f.session.switch(tab),
        };
        shown.unwrap_or_else(|e| panic!("{e}"));
    }

    /// Closes the current tab and shows `then`.
    ///
    /// # Panics
    /// When the browser does not take the command.
    #[track_caller]
    pub fn close_tab(&self, then: &Tab) {
        self.session().delete("/window").unwrap_or_else(|e| panic!("{e}"));
        self.show(then);
    }

    /// Refuses what the browser asks in a box of its own over the page, such as a password, and goes on once it is gone. Chromium's box goes
    /// with the next page, and is unknown to its driver.
    ///
    /// # Panics
    /// When no box comes.
    #[track_caller]
    pub fn refuse_prompt(&self) {
        if self.kind == Kind::Firefox {
            wait_for("the box", || self.session().post("/alert/dismiss", &json!({})));
        }
    }

    /// Clicks an element of the current page as a hand does.
    ///
    /// # Panics
    /// When it is not there.
    #[track_caller]
    pub fn click(&self, css: &str) {
        self.step();
        self.session().click(css, None).unwrap_or_else(|e| panic!("{e}"));
    }

    /// The current page as a picture (PNG) of exactly this size. Chromium alone.
    ///
    /// # Panics
    /// In Firefox, or when the browser gives none.
    #[must_use]
    #[track_caller]
    pub fn page_picture(&self, width: u32, height: u32) -> Vec<u8> {
        match &self.engine {
            Engine::Chromium(c) => c.page_picture(width, height).unwrap_or_else(|e| panic!("{e}")),
            Engine::Firefox(_) => panic!("only Chromium takes pictures of a size"),
        }
    }

    /// Makes `hosts` names of this machine.
    ///
    /// # Panics
    /// When the browser does not take the command.
    #[track_caller]
    pub fn map_hosts(&self, hosts: &[String]) {
        // Chromium maps every name under .test from the start.
        if let Engine::Firefox(f) = &self.engine {
            f.map_hosts(hosts).unwrap_or_else(|e| panic!("{e}"));
        }
    }

    /// Leaves one tab, empty, with no popup over it: as a scenario finds it.
    ///
    /// # Panics
    /// When the browser does not come to rest.
    #[track_caller]
    pub fn tidy_up(&self) {
        self.is_background_kept.store(false, Ordering::Relaxed);
        self.close_popup();
        let fresh = self.open_tab();
        let alone = match &self.engine {
            Engine::Chromium(c) => c.close_all_but(&fresh),
            Engine::Firefox(f) => f.close_all_but(&fresh),
        };
        alone.unwrap_or_else(|e| panic!("{e}"));
        self.show(&fresh);
        self.visit(EMPTY);
        self.close_popup();
    }
}

mod extension;
