//! How soon a failed page is explained, and what the background holds in memory meanwhile.

use std::time::Duration;

use super::Spread;
use crate::browser::{Browser, Kind, Launch};
use crate::servers::Origin;
use crate::stage::{CONTROL, fixture, online, settings};
use crate::wait::wait_for;

/// What was measured of one kind of browser. Times are from the response's header to the moment, in milliseconds.
#[derive(Debug, Clone)]
pub struct Words {
    /// Failing pages that were visited.
    pub pages: usize,
    /// The first word was computed.
    pub first_word: Option<Spread>,
    /// The popup was on screen.
    pub shown: Option<Spread>,
    /// The verdict was final. The site answers at once.
    pub verdict: Option<Spread>,
    /// Bytes of the background before it had a case, after the last, and what of these is held: its heap in Chromium, its whole process in
    /// Firefox.
    pub memory: [Option<u64>; 3],
}

/// Visits `pages` pages of nginx that fail. With a cold background it is stopped before each.
///
/// # Panics
/// When a browser does not do what it is told, or a page gets no verdict.
#[must_use]
pub fn words(kind: Kind, pages: usize, cold: bool) -> Words {
    let control = Origin::start(|_| online());
    let site = Origin::start(|_| fixture("nginx/502-refused"));
    let browser = Launch::new(kind).hosts(["failing.test", CONTROL]).start();
    browser.set_settings(&settings(&control.url(CONTROL, "/generate_204")));
    browser.tidy_up();
    let before = browser.background_memory().ok();
    let [mut first_word, mut shown, mut verdict] = [Vec::new(), Vec::new(), Vec::new()];
    // The first one warms up the browser itself.
    for page in 0..=pages {
        browser.close_popup();
        if cold {
            wait_for("the last case to be over", || if browser.popup_is_open() { Err("a popup".to_owned()) } else { Ok(()) });
            if browser.background_runs() {
                browser.stop_background();
            }
        }
        browser.visit(&site.url("failing.test", &format!("/{page}")));
        let case = browser.verdict().case;
        let report = browser.report(&case);
        if page > 0 {
            first_word.extend(report.number("/timing/first_word_ms"));
            shown.extend(report.number("/timing/shown_ms"));
            verdict.extend(report.number("/timing/verdict_ms"));
        }
    }
    Words {
        pages,
        first_word: Spread::of(&first_word),
        shown: Spread::of(&shown),
        verdict: Spread::of(&verdict),
        memory: [before, browser.background_memory().ok(), held(&browser).ok()],
    }
}

/// What is left when everything that nothing holds has been collected, which takes a process some moments and more than one turn.
fn held(browser: &Browser) -> Result<u64, String> {
    let mut least = browser.background_memory()?;
    loop {
        browser.collect_garbage()?;
        std::thread::sleep(Duration::from_secs(1));
        let now = browser.background_memory()?;
        if now.saturating_add(least / 100) >= least {
            return Ok(least.min(now));
        }
        least = now;
    }
}
