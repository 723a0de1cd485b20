//! Ordinary pages, with and without the extension, and with one that only listens.
//!
//! Three browsers of one kind run side by side and take turns, so that whatever else the machine does meets all of them. Which of them was
//! started first, and which goes first, changes as well: the browsers are started anew several times.

use std::path::Path;

use serde_json::json;

use super::Spread;
use crate::browser::{Browser, Kind, Launch};
use crate::servers::{Answer, Origin};
use crate::wait::wait_for;

/// A page of ordinary size: some text and a few pictures.
const PICTURES: usize = 8;

/// The browsers that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// No extension at all.
    Nothing,
    /// One that hears of each page and does nothing: what the browser itself takes for any extension that listens.
    Listener,
    /// The extension under test.
    Faultline,
}

impl Beside {
    const ALL: [Self; 3] = [Self::Nothing, Self::Listener, Self::Faultline];

    fn launch(self, kind: Kind) -> Launch {
        let launch = Launch::new(kind).hosts(["ordinary.test"]).pref("privacy.reduceTimerPrecision", false);
        match self {
            Self::Nothing => launch.without_extension(),
            // It has no first page that could be closed.
            Self::Listener => launch.extension(Path::new(env!("CARGO_MANIFEST_DIR")).join("extensions/listens")).welcome(),
            Self::Faultline => launch,
        }
    }
}

/// What was measured of one kind of browser. Three values are of nothing, of the listener, and of the extension.
#[derive(Debug, Clone)]
pub struct Ordinary {
    /// Pages that each of the browsers loaded.
    pub pages: usize,
    /// From the start of the navigation to its request, in milliseconds.
    pub request: [Spread; 3],
    /// From the start of the navigation to the end of the load, in milliseconds.
    pub load: [Spread; 3],
    /// The middle of the differences between two loads of one turn, in milliseconds: with the listener, and with the extension, instead of nothing.
    pub difference: [f64; 2],
    /// Whether the WebAssembly was loaded in any of these pages.
    pub woke: bool,
}

impl Ordinary {
    /// The median load with the extension, over the one with nothing or with the listener.
    #[must_use]
    pub fn ratio(&self, to: Beside) -> f64 {
        self.load[Beside::Faultline as usize].median / self.load[to as usize].median
    }
}

/// Loads `turns` pages in each of three browsers, in `starts` sets of browsers. Cold, what listens is stopped before each page.
///
/// # Panics
/// When a browser does not do what it is told.
#[must_use]
pub fn ordinary(kind: Kind, starts: usize, turns: usize, cold: bool) -> Ordinary {
    let origin = Origin::start(|request| match request.target.rsplit_once('.') {
        Some((_, "svg")) => {
            Answer::new(200, "OK").body("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")
        }
        _ => Answer::new(200, "OK").html(&page(&request.target)),
    });
    let mut times: [Vec<[f64; 2]>; 3] = Default::default();
    let mut woke = false;
    for start in 0..starts {
        let mut browsers = [None, None, None];
        for beside in in_turn(start) {
            browsers[beside as usize] = Some(beside.launch(kind).start());
        }
        for turn in 0..turns + 3 {
            for beside in in_turn(turn) {
                let Some(browser) = &browsers[beside as usize] else { continue };
                if beside != Beside::Nothing && cold && browser.background_runs() {
                    browser.stop_background();
                }
                let time = load(browser, &origin.url("ordinary.test", &format!("/{start}/{turn}/{}", beside as usize)));
                // The first ones warm up the browser itself.
                if turn >= 3 {
                    times[beside as usize].push(time);
                }
            }
        }
        woke |= browsers[Beside::Faultline as usize].as_ref().is_some_and(Browser::core_is_loaded);
    }
    let column = |which: Beside, what: usize| times[which as usize].iter().map(|t| t[what]).collect::<Vec<_>>();
    let spreads = |what| Beside::ALL.map(|which| Spread::of(&column(which, what)).unwrap_or(Spread { median: 0.0, p90: 0.0 }));
    let difference = |which: Beside| {
        let [nothing, some] = [Beside::Nothing, which].map(|which| column(which, 1));
        let differences: Vec<f64> = nothing.iter().zip(&some).map(|(nothing, some)| some - nothing).collect();
        Spread::of(&differences).map_or(0.0, |s| s.median)
    };
    Ordinary {
        pages: times[0].len(),
        request: spreads(0),
        load: spreads(1),
        difference: [Beside::Listener, Beside::Faultline].map(difference),
        woke,
    }
}

/// Each of them is the first as often as the others.
fn in_turn(turn: usize) -> [Beside; 3] {
    let mut order = Beside::ALL;
    order.rotate_left(turn % 3);
    order
}

/// Loads one page, and gives when its request went out and when it was there.
fn load(browser: &Browser, url: &str) -> [f64; 2] {
    browser.visit(url);
    let script = "const n = performance.getEntriesByType('navigation')[0];
        return location.href === arguments[0] && n && n.loadEventEnd > 0 ? [n.requestStart, n.loadEventEnd] : null";
    wait_for(url, || {
        let times = browser.try_run(script, &[json!(url)])?;
        match (times[0].as_f64(), times[1].as_f64()) {
            (Some(request), Some(load)) => Ok([request, load]),
            _ => Err(times.to_string()),
        }
    })
}

fn page(target: &str) -> String {
    let pictures: String = (0..PICTURES).map(|n| format!("<img alt='' src='{target}-{n}.svg'>")).collect();
    let text = "<p>A paragraph as it stands on many a page, of no importance to anybody.".repeat(60);
    format!("<!doctype html><html lang=en><title>Ordinary</title><h1>Ordinary</h1>{pictures}{text}")
}
