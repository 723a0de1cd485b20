//! One browser on its walk, and what is expected of it by now.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;

use super::kinds::Errand;
use super::site::{Ground, HOSTS};
use super::{Chance, Tally};
use crate::browser::{Browser, Display, Kind, Launch, Shown};
use crate::process::Scratch;
use crate::servers::{Gate, Origin};
use crate::stage::{CONTROL, online, settings};
use crate::wait::{DEADLINE, try_for, wait_for};

/// A browser on a busy machine takes no longer than this to open a popup that it was told to open.
const OPENING: Duration = Duration::from_secs(5);

/// What is said about a step that broke off in the middle.
struct Where(String);

impl Drop for Where {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("this was {}", self.0);
        }
    }
}

/// The number of the case that is shown, when it is not an older one and has this status.
fn right(shown: &Shown, wanted: u32, status: u16) -> Result<u32, String> {
    let case = shown.case.parse::<u32>().unwrap_or_default();
    if case >= wanted && shown.status == status.to_string() { Ok(case) } else { Err(format!("{shown:?}")) }
}

/// A browser, the site that it walks on, and the account of popups.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) browser: Browser,
    ground: Ground,
    _control: Origin,
    _downloads: Scratch,
    tally: Tally,
    /// The kind of the step and its number, for what is written down.
    now: String,
    step: u32,
    /// Popups that must have opened by now.
    expected: usize,
    /// The number of the newest case that there must be.
    case: u32,
    /// A failure had no popup, so that the numbers of cases may have a gap.
    lost: bool,
    /// Until when a popup of a page that was there for a moment may have opened.
    fleeting: Option<Instant>,
    /// Pages that the browser was let ask for ahead of time.
    ahead: BTreeSet<String>,
}

impl Walk {
    pub(super) fn begin(kind: Kind) -> Self {
        let ground = Ground::open();
        let control = Origin::start(|_| online());
        let downloads = Scratch::new("downloads");
        let folder = downloads.path().to_string_lossy().into_owned();
        let launch = Launch::new(kind).on(Display::start()).hosts(HOSTS).hosts([CONTROL]);
        let launch = match kind {
            // Debian's Chromium guesses no visits ahead, and neither does chromedriver's.
            Kind::Chromium => launch
                .pref("net.network_prediction_options", 0)
                .without_switch("disable-background-networking")
                // Its list of downloads opens by itself for some seconds, and has the focus: then the window counts as one behind.
                .pref("download_bubble.partial_view_enabled", false)
                .pref("download.default_directory", folder),
            // Firefox stops asking for a password after a few refusals; and while its list of downloads is open, no popup may open: there is a
            // card then, which another test holds.
            Kind::Firefox => launch
                .pref("browser.download.alwaysOpenPanel", false)
                .pref("browser.download.panel.shown", true)
                .pref("prompts.authentication_dialog_abuse_limit", -1)
                .pref("browser.download.folderList", 2)
                .pref("browser.download.dir", folder),
        };
        let browser = launch.start();
        browser.set_settings(&settings(&control.url(CONTROL, "/generate_204")));
        browser.watch_popups();
        let walk = Self {
            browser,
            ground,
            _control: control,
            _downloads: downloads,
            tally: Tally::default(),
            now: String::new(),
            step: 0,
            expected: 0,
            case: 0,
            lost: false,
            fleeting: None,
            ahead: BTreeSet::new(),
        };
        walk.browser.tidy_up();
        walk
    }

    /// Runs one errand and settles the account.
    pub(super) fn go(&mut self, step: u32, errand: &Errand, chance: &mut Chance) {
        self.step = step;
        self.now = format!("step {step}, {}", errand.name);
        let _where = Where(self.now.clone());
        *self.tally.kinds.entry(errand.name).or_default() += 1;
        let start = Instant::now();
        // A step may take longer than that: what was still to come when it began may come until its end.
        self.fleeting = self.fleeting.filter(|until| start < *until);
        if self.browser.popup_is_open() {
            self.leave_popup(chance);
        }
        (errand.run)(self, chance);
        self.settle();
        *self.tally.spent.entry(errand.name).or_default() += start.elapsed();
        if chance.once_in(50) {
            self.look_for_badges();
        }
    }

    /// The last look, and the result.
    pub(super) fn end(mut self, steps: u32) -> Tally {
        // One more failure: its number tells of every case before it that nobody saw.
        self.step = steps + 1;
        self.now = "the end".to_owned();
        self.browser.close_popup();
        let path = self.path("fails", "0");
        self.fail_at(&path, 502);
        self.settle();
        self.tally.popups = self.browser.popups_seen();
        self.tally.ahead = self.ahead.iter().filter(|path| self.ground.hits(path) > 0).count().try_into().unwrap_or(u32::MAX);
        self.tally
    }

    /// A page of this step.
    pub(super) fn path(&self, kind: &str, what: &str) -> String {
        format!("/{kind}/{what}/{}", self.step)
    }

    pub(super) fn url(&self, path: &str) -> String {
        self.ground.url(path)
    }

    /// Shuts a page until the gate is opened.
    pub(super) fn hold(&self, path: &str) -> Gate {
        self.ground.hold(path)
    }

    /// Waits until a page was asked for.
    pub(super) fn asked(&self, path: &str) {
        wait_for(&format!("a request for {path}"), || (self.ground.hits(path) > 0).then_some(()).ok_or_else(String::new));
    }

    /// The browser may ask for this page before anybody goes there.
    pub(super) fn may_come_ahead(&mut self, path: &str) {
        self.ahead.insert(path.to_owned());
    }

    /// Goes to a page, and does not wait for it.
    pub(super) fn set_out(&mut self, path: &str) {
        self.tally.navigations += 1;
        let name = self.now.split(": ").next().unwrap_or_default();
        self.now = format!("{name}: {path}");
        self.browser.visit(&self.url(path));
    }

    /// Goes to a page that works, and waits until it is there.
    pub(super) fn go_to(&mut self, path: &str) {
        self.set_out(path);
        self.browser.arrive(&self.url(path));
    }

    /// Goes to a page that fails, and waits for its popup.
    pub(super) fn fail_at(&mut self, path: &str, status: u16) -> bool {
        self.set_out(path);
        self.must_show(status)
    }

    /// Clicks a link of the page, and counts it as a navigation.
    pub(super) fn follow(&mut self, css: &str) {
        self.tally.navigations += 1;
        self.browser.click(css);
    }

    /// Notes whether the page came out of the browser's memory.
    pub(super) fn note_memory(&mut self) {
        let kept = self.browser.try_run("return document.documentElement.dataset.persisted", &[]);
        self.tally.from_memory += u32::from(kept.is_ok_and(|v| v == "yes"));
    }

    /// A failure that is a case of its own and must be shown over this tab, now.
    pub(super) fn must_show(&mut self, status: u16) -> bool {
        self.case += 1;
        self.await_popup(status)
    }

    /// The page of the newest case failed once more: the same case, and a popup again.
    pub(super) fn must_show_again(&mut self, status: u16) -> bool {
        self.await_popup(status)
    }

    /// A failure that the visitor has not come to yet: a case, and no popup.
    pub(super) fn must_wait(&mut self) {
        self.case += 1;
        self.settle();
    }

    /// The failure of [`Self::must_wait`] is in front of the visitor now.
    pub(super) fn must_show_now(&mut self, status: u16) -> bool {
        self.await_popup(status)
    }

    /// Whether a popup came, which can be looked at further.
    fn await_popup(&mut self, status: u16) -> bool {
        self.tally.failures += 1;
        let wanted = self.case;
        let mut looks = 0_u32;
        let shown = try_for(DEADLINE, || {
            let popup = self.browser.popup().and_then(|shown| right(&shown, wanted, status));
            looks += 1;
            // Where the browser lets no popup open there is a card; looking for it takes longer.
            match popup {
                Err(why) if looks.is_multiple_of(25) => match self.browser.card().and_then(|shown| right(&shown, wanted, status))
                {
                    Ok(case) => Ok((case, true)),
                    Err(_) => Err(why),
                },
                popup => popup.map(|case| (case, false)),
            }
        });
        match shown {
            Ok((case, card)) => {
                self.tally.shown += 1;
                self.tally.cards += u32::from(card);
                if case > wanted && !std::mem::take(&mut self.lost) {
                    self.tally.false_cases.push(format!("{}: {} before case {case}", self.now, case - wanted));
                }
                self.case = case;
                self.expected += usize::from(!card);
                !card
            }
            Err(seen) => {
                let windows = self.browser.try_api("return (await api.windows.getAll({ populate: true })).map(w => [w.type, w.state, w.focused, w.tabs.map(t => [t.url, t.active])])", &[]);
                let around = format!("windows: {windows:?}; {}", self.browser.circumstances());
                let here = self.browser.try_run("return [location.href, document.readyState]", &[]);
                let line =
                    format!("{}: no popup of case {wanted} with {status} at {here:?}; last seen: {seen}; {around}", self.now);
                // At once: a long soak is watched, and what it prints in the end may never come.
                eprintln!("{line}");
                self.tally.missed.push(line);
                // Whether there was a case is not known: the next one tells the number from which it goes on.
                self.case -= 1;
                self.lost = true;
                false
            }
        }
    }

    /// Waits for the verdict of the popup that is open.
    pub(super) fn await_verdict(&mut self) {
        let done = try_for(DEADLINE, || {
            let shown = self.browser.popup()?;
            if shown.state == "done" { Ok(()) } else { Err(format!("{shown:?}")) }
        });
        match done {
            Ok(()) => self.tally.verdicts += 1,
            Err(seen) => self.tally.missed.push(format!("{}: no verdict; last seen: {seen}", self.now)),
        }
    }

    /// No popup more and none less than there must be by now.
    pub(super) fn settle(&mut self) {
        let seen = self.browser.popups_seen();
        if seen == self.expected + 1 && self.fleeting.take().is_some() {
            self.tally.fleeting += 1;
        } else if seen > self.expected {
            let says = self.browser.popup().map_or_else(|why| why, |shown| format!("{shown:?}"));
            let line = format!("{}, or the one before it: {} too many; {says}", self.now, seen - self.expected);
            self.tally.false_popups.push(line);
        } else if seen < self.expected {
            self.tally.missed.push(format!("{}: {} fewer than were seen", self.now, self.expected - seen));
        }
        self.expected = seen;
    }

    /// A failure that was there for a moment may have its popup, which goes with it: nobody can take back what the browser is opening.
    pub(super) fn may_have_shown(&mut self) {
        self.fleeting = Some(Instant::now() + OPENING);
        self.popup_goes();
    }

    /// Whether the popup went with its page.
    fn popup_goes(&mut self) -> bool {
        let gone = try_for(DEADLINE, || if self.browser.popup_is_open() { Err("still open".to_owned()) } else { Ok(()) });
        if let Err(why) = &gone {
            self.tally.left_behind.push(format!("{}: the popup of the page before: {why}", self.now));
        }
        gone.is_ok()
    }

    /// A popup that stayed open is closed by the visitor, or must go by itself with its page.
    fn leave_popup(&mut self, chance: &mut Chance) {
        if chance.once_in(2) {
            return self.browser.close_popup();
        }
        let path = self.path("well", "leave");
        self.go_to(&path);
        if !self.popup_goes() {
            self.browser.close_popup();
        }
    }

    /// No badge stays on a page that works.
    fn look_for_badges(&mut self) {
        self.browser.close_popup();
        let path = self.path("well", "badge");
        self.go_to(&path);
        let url = self.url(&path);
        let gone = try_for(OPENING, || match self.browser.try_badge(&url)? {
            badge if badge.is_empty() => Ok(()),
            badge => Err(badge),
        });
        if let Err(badge) = gone {
            self.tally.left_behind.push(format!("{}: a badge {badge:?} on a page that works", self.now));
        }
    }

    /// Moves the tab that shows a page into a window of its own, in front.
    pub(super) fn move_to_window(&self, path: &str) {
        let body = "const tab = (await api.tabs.query({})).find(t => t.url === arguments[0]);
            if (!tab) throw new Error('no tab shows ' + arguments[0]);
            await api.windows.create({ tabId: tab.id, focused: true })";
        wait_for("the tab in its own window", || self.browser.try_api(body, &[json!(self.url(path))]));
    }

    /// Waits until some tab shows a page.
    pub(super) fn await_tab(&self, path: &str) {
        wait_for(&format!("a tab with {path}"), || self.browser.try_badge(&self.url(path)));
    }

    /// Brings the window with this page to the front. When another window closes, the browser's driver turns to this one, and the window manager
    /// may not: then the extension rightly waits for the visitor.
    pub(super) fn come_back(&self, path: &str) {
        let body = "const tab = (await api.tabs.query({})).find(t => t.url === arguments[0]);
            if (!tab) throw new Error('no tab shows ' + arguments[0]);
            await api.windows.update(tab.windowId, { focused: true });
            if (!(await api.windows.get(tab.windowId)).focused) throw new Error('the window is still behind')";
        wait_for("the window in front", || self.browser.try_api(body, &[json!(self.url(path))]));
    }

    /// Closes a tab without looking at it, and its window when it has no other: Firefox is set up to keep such a window.
    pub(super) fn close_unseen(&self, path: &str) {
        let body = "for (const tab of (await api.tabs.query({})).filter(t => t.url === arguments[0])) {
              const beside = await api.tabs.query({ windowId: tab.windowId });
              await (beside.length > 1 ? api.tabs.remove(tab.id) : api.windows.remove(tab.windowId));
            }";
        self.browser.api(body, &[json!(self.url(path))]);
    }

    /// Waits for the badge of a tab behind: its failure is known by then.
    pub(super) fn await_badge(&self, path: &str) {
        wait_for("the badge of the tab behind", || match self.browser.try_badge(&self.url(path))? {
            badge if badge.is_empty() => Err("no badge".to_owned()),
            _ => Ok(()),
        });
    }
}
