//! Ordinary pages, with and without the extension.
//!
//! Two browsers of one kind run side by side and take turns, so that whatever else the machine does meets both. Which of the two was started
//! first, and which goes first, changes as well: the browsers are started anew several times.

use serde_json::json;

use super::Spread;
use crate::browser::{Browser, Kind, Launch};
use crate::servers::{Answer, Origin};
use crate::wait::wait_for;

/// A page of ordinary size: some text and a few pictures.
const PICTURES: usize = 8;

/// What was measured of one kind of browser.
#[derive(Debug, Clone)]
pub struct Ordinary {
    /// Pages that each of the two browsers loaded.
    pub pages: usize,
    /// From the start of the navigation to its request, in milliseconds: without, and with.
    pub request: [Spread; 2],
    /// From the start of the navigation to the end of the load, in milliseconds: without, and with.
    pub load: [Spread; 2],
    /// The middle of the differences between two loads of one turn, in milliseconds.
    pub difference: f64,
    /// Whether the WebAssembly was loaded in any of these pages.
    pub woke: bool,
}

impl Ordinary {
    /// The median load with the extension, over the one without.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.load[1].median / self.load[0].median
    }
}

/// Loads `turns` pages in each of two browsers, in `starts` pairs of browsers. With a cold background it is stopped before each page.
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
    let mut times: [Vec<[f64; 2]>; 2] = Default::default();
    let mut woke = false;
    for start in 0..starts {
        let mut pair = [None, None];
        for which in if start % 2 == 0 { [0, 1] } else { [1, 0] } {
            let launch = Launch::new(kind).hosts(["ordinary.test"]).pref("privacy.reduceTimerPrecision", false);
            pair[which] = Some(if which == 0 { launch.without_extension() } else { launch }.start());
        }
        for turn in 0..turns + 3 {
            for which in if turn % 2 == 0 { [0, 1] } else { [1, 0] } {
                let Some(browser) = &pair[which] else { continue };
                if which == 1 && cold && browser.background_runs() {
                    browser.stop_background();
                }
                let time = load(browser, &origin.url("ordinary.test", &format!("/{start}/{turn}/{which}")));
                // The first ones warm up the browser itself.
                if turn >= 3 {
                    times[which].push(time);
                }
            }
        }
        woke |= pair[1].as_ref().is_some_and(Browser::core_is_loaded);
    }
    let column = |which: usize, what: usize| times[which].iter().map(|t| t[what]).collect::<Vec<_>>();
    let spread = |which, what| Spread::of(&column(which, what)).unwrap_or(Spread { median: 0.0, p90: 0.0 });
    let differences: Vec<f64> = times[0].iter().zip(&times[1]).map(|(without, with)| with[1] - without[1]).collect();
    Ordinary {
        pages: times[0].len(),
        request: [spread(0, 0), spread(1, 0)],
        load: [spread(0, 1), spread(1, 1)],
        difference: Spread::of(&differences).map_or(0.0, |s| s.median),
        woke,
    }
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
