//! Plays a scenario in a browser and writes down what came of it.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use super::board::{Mark, Score};
use super::cast::{Cast, PROXY_PORT};
use super::etiquette::{Counted, Limits};
use super::island::Island;
use super::row::{Line, Row, Step, Way};
use super::rows;
use crate::browser::{Browser, Kind, Launch, Shown};
use crate::process::Scratch;
use crate::wait::{try_for, wait_for};

/// How long a verdict may take beyond what the site itself takes. It bounds a hang and judges no speed.
const PATIENCE: Duration = Duration::from_secs(45);

/// What a shared browser is started with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seat {
    /// Nothing special.
    Plain,
    /// The company's proxy in the system's settings.
    Proxied,
    /// Pages from the past are loaded anew.
    Forgetful,
    /// Its own, with another extension, used once.
    Own,
}

/// A browser with what it was started from.
#[derive(Debug)]
struct Seated {
    // The browser goes before the files that it reads.
    browser: Browser,
    _extension: Option<Scratch>,
}

/// The lab in one browser.
#[derive(Debug)]
pub struct Stage<'a> {
    island: &'a Island,
    kind: Kind,
    pictures: PathBuf,
    shared: Option<(Seat, Seated)>,
    /// Sites whose service worker the browser looks after even later.
    tended: Vec<String>,
    played: usize,
}

impl<'a> Stage<'a> {
    /// A stage on `island`; pictures go to `folder`.
    #[must_use]
    pub fn new(island: &'a Island, kind: Kind, folder: &Path) -> Self {
        Self { island, kind, pictures: folder.join(kind.as_str()), shared: None, tended: Vec::new(), played: 0 }
    }

    /// Plays one scenario. One that cannot be played is written down as such; the next starts with a new browser.
    #[must_use]
    pub fn play(&mut self, row: &Row) -> Score {
        self.played += 1;
        let played = catch_unwind(AssertUnwindSafe(|| self.try_play(row)));
        let why = match played {
            Ok(Ok(score)) => return score,
            Ok(Err(why)) => why,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                text.or_else(|| panic.downcast_ref::<&str>().map(|&t| t.to_owned())).unwrap_or_else(|| "stopped".to_owned())
            }
        };
        // Nobody knows what it left behind.
        self.shared = None;
        Score::of(row, self.kind).broken(&why)
    }

    fn try_play(&mut self, row: &Row) -> Result<Score, String> {
        let mut cast = Cast::of(row, self.played, self.island)?;
        let seated = self.seat(row, &cast)?;
        let browser = &seated.1.browser;
        let _ = self.island.names().take_asked();
        let quiet = row.truth.side.is_empty();
        let steps = row.steps;
        let last = steps.iter().rposition(|s| matches!(s, Step::Visit(_) | Step::Submit(_) | Step::Back | Step::Duplicate));
        let mut before = 0;
        let mut limits = Limits { posts: 0 };
        for (n, step) in steps.iter().enumerate() {
            if Some(n) == last {
                // The popup of an earlier page would otherwise stay until this page is there.
                browser.close_popup();
                before = cast.entries().len();
            }
            limits.posts += usize::from(matches!(step, Step::Submit(_)));
            take(*step, browser, &mut cast);
        }
        let score = if quiet { Score::of(row, self.kind).quiet(browser) } else { self.watch(row, browser) };
        let entries = cast.entries();
        if row.steps.iter().any(|s| matches!(s, Step::AtHome)) {
            self.tended.push(cast.host().to_owned());
        }
        // Pictures and styles are asked for by the page itself; what is left of it in the end may be less than what came.
        let left = browser.try_run("return document.documentElement.outerHTML", &[]);
        let page = format!("{}{}", cast.page(), left.unwrap_or_default());
        let known = [cast.known(), self.tended.clone()].concat();
        let counted = Counted::of(entries.get(before..).unwrap_or_default(), &self.island.names().take_asked(), &known, &page);
        let score = score.counted(counted, limits);
        drop(cast);
        if seated.0 != Seat::Own && score.mark != Mark::Silent {
            self.shared = Some(seated);
        }
        Ok(score)
    }

    /// Waits for the verdict, and keeps its picture.
    fn watch(&self, row: &Row, browser: &Browser) -> Score {
        let score = Score::of(row, self.kind);
        // A site that takes a minute is asked once more by the extension, which gives up sooner.
        let patience = PATIENCE + row.patience + Duration::from_secs(if matches!(row.line, Line::Silent) { 30 } else { 0 });
        let shown: Result<Shown, String> = try_for(patience, || {
            let shown = browser.popup().or_else(|popup| browser.card().map_err(|card| format!("{popup}; {card}")))?;
            if shown.state == "done" { Ok(shown) } else { Err(format!("{shown:?}")) }
        });
        let shown = match shown {
            Ok(shown) => shown,
            Err(why) => {
                let page = browser.try_run("return [location.href, document.title, document.body?.innerText.slice(0, 200)]", &[]);
                return score.silent(&format!("{}\n    {why}", page.map_or_else(|e| e, |p| p.to_string())));
            }
        };
        let picture = self.pictures.join(format!("{}.png", row.name));
        let kept = browser.popup_is_open()
            && fs::create_dir_all(&self.pictures).and_then(|()| fs::write(&picture, browser.popup_picture())).is_ok();
        score.told(&shown, &browser.report(&shown.case), kept)
    }

    /// The browser for `row`, at rest.
    fn seat(&mut self, row: &Row, cast: &Cast<'_>) -> Result<(Seat, Seated), String> {
        let wanted = match row.way {
            Way::Plain => Seat::Plain,
            Way::System(_) => Seat::Proxied,
            Way::Forgetful => Seat::Forgetful,
            Way::Beside(_) | Way::Everything(_) | Way::OnlyThis(_) | Way::OnlyThisFar(_) => Seat::Own,
        };
        if let Some((seat, seated)) = self.shared.take()
            && seat == wanted
        {
            seated.browser.tidy_up();
            return Ok((seat, seated));
        }
        let launch = self.launch();
        let seated = match row.way {
            Way::Plain => Seated { browser: launch.start(), _extension: None },
            Way::System(_) => Seated { browser: launch.proxy("10.20.0.3", PROXY_PORT).start(), _extension: None },
            Way::Forgetful => {
                // Chromium keeps no page that failed; Firefox keeps some, and loads the others again as here.
                let launch =
                    if self.kind == Kind::Firefox { launch.pref("browser.sessionhistory.max_total_viewers", 0) } else { launch };
                Seated { browser: launch.start(), _extension: None }
            }
            Way::Beside(name) => {
                let dir = copy_of(name)?;
                Seated { browser: launch.beside(dir.path()).start(), _extension: Some(dir) }
            }
            Way::Everything(_) | Way::OnlyThis(_) | Way::OnlyThisFar(_) => {
                let dir = copy_of("uses-a-proxy")?;
                let at = if matches!(row.way, Way::OnlyThisFar(_)) { "198.51.100.77" } else { "127.0.0.1" };
                let only = if matches!(row.way, Way::Everything(_)) { String::new() } else { cast.host().to_owned() };
                dir.write("choice.js", &format!("export default {};\n", json!({ "host": at, "port": PROXY_PORT, "only": only })));
                let browser = launch.beside(dir.path()).start();
                wait_for("the other extension's proxy", || cast.is_ready().then_some(()).ok_or_else(|| "not set".to_owned()));
                Seated { browser, _extension: Some(dir) }
            }
        };
        // An extension that has just been installed hears nothing before its background has run once.
        wait_for("the background", || seated.browser.in_background("globalThis.faultline.loaded"));
        Ok((wanted, seated))
    }

    /// A browser that resolves names as the system does.
    fn launch(&self) -> Launch {
        let launch = Launch::new(self.kind).resolver();
        // Service workers need a secure place, and no site of the lab speaks TLS.
        let homes: Vec<String> =
            rows::all().iter().filter(|r| r.steps.iter().any(|s| matches!(s, Step::AtHome))).map(|r| r.host(0)).collect();
        match self.kind {
            Kind::Chromium => {
                let origins: Vec<String> = homes.iter().map(|h| format!("http://{h}")).collect();
                launch.flag(&format!("--unsafely-treat-insecure-origin-as-secure={}", origins.join(",")))
            }
            Kind::Firefox => {
                launch.pref("dom.serviceWorkers.testing.enabled", true).pref("dom.securecontext.allowlist", homes.join(","))
            }
        }
    }
}

/// Does what the visitor does.
#[track_caller]
fn take(step: Step, browser: &Browser, cast: &mut Cast<'_>) {
    match step {
        Step::Visit(path) => browser.visit(&cast.url(path)),
        Step::Elsewhere(path) => {
            browser.visit(&cast.elsewhere(path));
            wait_for("what is said of the other site", || {
                let shown = browser.popup().or_else(|_| browser.card())?;
                if shown.state == "done" { Ok(()) } else { Err(format!("{shown:?}")) }
            });
        }
        Step::Arrive(path) => browser.arrive(&cast.url(path)),
        Step::AtHome => {
            browser.visit(&cast.url("/"));
            wait_for("the service worker", || {
                let title = browser.try_run("return document.title", &[])?;
                if title == "ready" { Ok(()) } else { Err(title.to_string()) }
            });
        }
        Step::Submit(path) => browser.submit(&cast.url(path), "name", "somebody"),
        Step::Back => browser.back(),
        Step::Duplicate => {
            let script = "const tab = (await api.tabs.query({})).find(t => t.url.startsWith(arguments[0])); await api.tabs.duplicate(tab.id)";
            drop(browser.api(script, &[json!(cast.url("/"))]));
        }
        Step::Act(act) => cast.play(act),
        Step::Unplug => cast.unplug(),
        Step::Hush(on) => {
            let never = if on { vec![cast.host().to_owned()] } else { Vec::new() };
            browser.set_settings(&json!({ "never": never }));
        }
        Step::Cookies(count, bytes) => {
            let script = "for (let n = 0; n < arguments[0]; n++) document.cookie = `c${n}=${'x'.repeat(arguments[1])}; path=/`";
            drop(browser.run(script, &[json!(count), json!(bytes)]));
        }
    }
}

/// A copy of an extension in `tests/extensions`: Chromium writes into what it loads.
fn copy_of(name: &str) -> Result<Scratch, String> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("extensions").join(name);
    let to = Scratch::new(name);
    let trouble = |e: std::io::Error| format!("{}: {e}", from.display());
    for entry in fs::read_dir(&from).map_err(trouble)? {
        let entry = entry.map_err(trouble)?;
        if entry.path().is_file() {
            fs::copy(entry.path(), to.path().join(entry.file_name())).map_err(trouble)?;
        }
    }
    Ok(to)
}
