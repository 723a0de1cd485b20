//! How a browser is started.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

use serde_json::{Map, Value};

use super::chromium::Chromium;
use super::firefox::Firefox;
use super::{Browser, Display, Engine, Kind, extension_root};
use crate::process::{Process, Scratch};
use crate::wait::wait_for;

/// What a browser shall be started with.
#[derive(Debug)]
pub struct Launch {
    pub(super) kind: Kind,
    /// None: a browser without it, to compare with.
    pub(super) extension: Option<PathBuf>,
    pub(super) others: Vec<PathBuf>,
    /// Those of them that are off.
    pub(super) asleep: Vec<PathBuf>,
    pub(super) hosts: Vec<String>,
    pub(super) prefs: Map<String, Value>,
    pub(super) flags: Vec<String>,
    pub(super) without: Vec<String>,
    pub(super) private: bool,
    pub(super) welcome: bool,
    pub(super) language: Option<String>,
    pub(super) installed: bool,
    pub(super) granted: Vec<String>,
    pub(super) forced: Option<PathBuf>,
    pub(super) profile: Option<Scratch>,
    pub(super) headless: bool,
    pub(super) resolver: bool,
    pub(super) proxy: Option<(String, u16)>,
    pub(super) display: Option<Display>,
}

impl Launch {
    /// `kind` with this repository's extension, headless.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            extension: Some(extension_root()),
            others: Vec::new(),
            asleep: Vec::new(),
            hosts: Vec::new(),
            prefs: Map::new(),
            flags: Vec::new(),
            without: Vec::new(),
            private: false,
            welcome: false,
            language: None,
            installed: false,
            granted: Vec::new(),
            forced: None,
            profile: None,
            headless: true,
            resolver: crate::wire::is_watched(),
            proxy: None,
            display: None,
        }
    }

    /// Another directory as the extension under test.
    #[must_use]
    pub fn extension(mut self, dir: impl Into<PathBuf>) -> Self {
        self.extension = Some(dir.into());
        self
    }

    /// Without the extension, to compare with.
    #[must_use]
    pub fn without_extension(mut self) -> Self {
        self.extension = None;
        self
    }

    /// One more extension beside it.
    #[must_use]
    pub fn beside(mut self, dir: impl Into<PathBuf>) -> Self {
        self.others.push(dir.into());
        self
    }

    /// One more extension, installed in the profile and turned off (Chromium).
    #[must_use]
    pub fn asleep(mut self, dir: impl Into<PathBuf>) -> Self {
        let dir = dir.into();
        self.asleep.push(dir.clone());
        self.beside(dir).installed()
    }

    /// Names that shall be this machine. (Chromium takes every name under `.test` anyway.)
    #[must_use]
    pub fn hosts<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.hosts.extend(hosts.into_iter().map(Into::into));
        self
    }

    /// Every name is asked for where the system asks: on a network of the lab's own.
    #[must_use]
    pub fn resolver(mut self) -> Self {
        self.resolver = true;
        self
    }

    /// Everything through an HTTP proxy, as the system's settings say.
    #[must_use]
    pub fn proxy(mut self, host: &str, port: u16) -> Self {
        self.proxy = Some((host.to_owned(), port));
        self
    }

    /// A preference: `about:config` in Firefox, the profile's `Preferences` in Chromium.
    #[must_use]
    pub fn pref(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.prefs.insert(name.to_owned(), value.into());
        self
    }

    /// A command line argument.
    #[must_use]
    pub fn flag(mut self, flag: &str) -> Self {
        self.flags.push(flag.to_owned());
        self
    }

    /// Which browser it will be.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// One of chromedriver's own switches that shall be left out.
    #[must_use]
    pub fn without_switch(mut self, switch: &str) -> Self {
        self.without.push(switch.to_owned());
        self
    }

    /// The extension may see private windows.
    #[must_use]
    pub fn private_windows(mut self) -> Self {
        self.private = true;
        self
    }

    /// The extension's first page, which opens behind the others, stays. Otherwise it is closed before anything else happens.
    #[must_use]
    pub fn welcome(mut self) -> Self {
        self.welcome = true;
        self
    }

    /// In this language (`de`, `ar`, `pt-BR` …), with what the browser has of it; what the extension has of it is spoken in any case.
    #[must_use]
    pub fn language(mut self, language: &str) -> Self {
        self.language = Some(language.to_owned());
        self
    }

    /// For people who like dark pages.
    #[must_use]
    pub fn dark(self) -> Self {
        match self.kind {
            Kind::Chromium => self.flag("--force-dark-mode"),
            Kind::Firefox => self.pref("ui.systemUsesDarkTheme", 1).pref("layout.css.prefers-color-scheme.content-override", 0),
        }
    }

    /// With the extensions installed in the profile (in Firefox the one under test alone), so that they are there after a restart too. Static rules of
    /// `declarativeNetRequest` do not come with them.
    #[must_use]
    pub fn installed(mut self) -> Self {
        self.installed = true;
        self
    }

    /// With an optional permission that the visitor has given before.
    #[must_use]
    pub fn granted(mut self, permission: &str) -> Self {
        self.granted.push(permission.to_owned());
        self
    }

    /// One more extension, which a policy installs and keeps on (Chromium). It comes a moment after the start.
    ///
    /// # Errors
    /// Why this machine cannot give a browser a policy of its own.
    pub fn forced(mut self, dir: impl Into<PathBuf>) -> Result<Self, String> {
        self.forced = Some(dir.into());
        // Without what this switch forbids, nothing is installed.
        super::policy::Policy::missing().map_or(Ok(self.without_switch("disable-background-networking")), Err)
    }

    /// With the profile that [`Browser::crash`] has left.
    #[must_use]
    pub fn profile(mut self, profile: Scratch) -> Self {
        self.profile = Some(profile);
        self
    }

    /// In windows on the screen that the environment names.
    #[must_use]
    pub fn visible(mut self) -> Self {
        self.headless = false;
        self
    }

    /// In windows on a screen that nobody sees.
    #[must_use]
    pub fn on(mut self, display: Display) -> Self {
        self.headless = false;
        self.display = Some(display);
        self
    }

    /// Starts it, loads the extensions and waits until they are up.
    ///
    /// # Panics
    /// When browser or driver is missing, or the extension does not load.
    #[must_use]
    #[track_caller]
    pub fn start(mut self) -> Browser {
        let display = self.display.take();
        let screen = display.as_ref().map(Display::name);
        // It knows the extension, and starts its background for what comes: nobody else shall.
        let again = self.profile.is_some();
        let engine = match self.kind {
            Kind::Chromium => Chromium::start(&mut self, screen).map(|c| Engine::Chromium(Box::new(c))),
            Kind::Firefox => Firefox::start(&mut self, screen).map(|f| Engine::Firefox(Box::new(f))),
        };
        let engine = engine.unwrap_or_else(|e| panic!("{}: {e}", self.kind));
        let browser = Browser { engine, kind: self.kind, is_background_kept: AtomicBool::default(), display };
        // An extension that is let into private windows is started anew, which may take its first page away.
        if self.extension.is_some() && !self.welcome && !self.private {
            browser.close_welcome();
        } else if self.extension == Some(extension_root()) && !again {
            browser.await_background();
        }
        browser
    }
}

/// The first of `names` that the `PATH` has.
///
/// # Errors
/// When it has none of them.
pub(super) fn program(names: &[&str]) -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates = names.iter().flat_map(|n| std::env::split_paths(&path).map(move |d| d.join(n)));
    candidates.find(|p| p.is_file()).ok_or_else(|| format!("none of {names:?} is on the PATH"))
}

/// Starts a driver, and reads its port after `marker` in what it prints: it may pick one itself.
#[track_caller]
pub(super) fn driver(
    name: &str,
    dir: &Scratch,
    command: &mut Command,
    launch: &Launch,
    screen: Option<&str>,
    marker: &str,
) -> (Process, u16) {
    if let Some(screen) = screen {
        command.env("DISPLAY", screen).env_remove("WAYLAND_DISPLAY");
        // Notifications come on that screen, and not on the desk of whoever runs this.
        command.env("DBUS_SESSION_BUS_ADDRESS", "disabled:");
    }
    if let Some(language) = &launch.language {
        // Chromium on Linux goes by this, whatever its switch says.
        command.env("LANGUAGE", language.replace('-', "_"));
    }
    // Whatever a driver or browser leaves behind in case of a crash goes with the directory.
    command.env("TMPDIR", dir.path());
    let mut process = Process::start(name, dir.path(), command);
    let log = dir.path().join(format!("{name}.log"));
    let port = wait_for(&format!("{name}'s port"), || {
        if !process.is_running() {
            panic!("{}", process.last_words());
        }
        port_in(&log, marker)
    });
    (process, port)
}

fn port_in(log: &Path, marker: &str) -> Result<u16, String> {
    let text = std::fs::read_to_string(log).map_err(|e| e.to_string())?;
    let (_, rest) = text.split_once(marker).ok_or_else(|| text.clone())?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(|| text.clone())?;
    rest.get(..end).and_then(|n| n.parse().ok()).ok_or_else(|| text.clone())
}
