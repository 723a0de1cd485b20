//! "Tell me when it is back": which sites are looked at from time to time, when next, and when enough is enough.
//!
//! | a look finds | then |
//! |---|---|
//! | an answer below 500 that the failure had not shown before | once more, soon: one good answer of a site that flaps is none |
//! | the same a second time | back: the visitor is told, and the watch ends |
//! | the failure, no answer, "too many requests", an error page under a good number | again later, twice as long each time, and never before `Retry-After` |
//! | nothing good within [`MAX_LOOKS`] or [`MAX_MS`] | given up: the visitor is told once, and the watch ends |
//!
//! No clock and no dice: the time comes with each call, and so does the number that spreads the looks of many visitors.
//! The list is kept in `storage.local`, where it outlives the browser's session; private tabs are never in it.

use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::event::{End, Millis, Seen};
use crate::fingerprint;
use crate::net::{Url, without_fragment};
use crate::page::Page;
use crate::terms::CheckId;

/// Most sites at a time: the oldest watch gives way.
pub const MAX_WATCHES: usize = 10;

/// Most looks of one watch.
pub const MAX_LOOKS: u32 = 40;

/// Longest watch, in milliseconds: a day.
pub const MAX_MS: Millis = 24 * 60 * 60 * 1000;

/// First pause, and the one before a second look at a good answer, in milliseconds. Browsers keep alarms to half a minute.
pub const FIRST_MS: Millis = 60_000;

/// Longest pause that we choose ourselves, in milliseconds.
pub const LONGEST_MS: Millis = 45 * 60_000;

/// How long one look may take, in milliseconds.
pub const LOOK_CAP_MS: u32 = 30_000;

/// A look that was sent and never came back counts as lost after this time, in milliseconds.
const LOST_MS: Millis = 90_000;

/// One site that is being looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watch {
    /// Its number.
    pub id: u32,
    /// What is asked for: the failed page without fragment, or the front page where that one is not asked again.
    pub url: String,
    /// Status with which the plain request of the case was answered: the same number again is no news. 0 for none.
    pub was: u16,
    /// Since when.
    pub since: Millis,
    /// When to look next.
    pub next: Millis,
    /// Looks so far.
    pub looks: u32,
    /// Whether the last look was good.
    pub good: bool,
    /// A look is under way since then; 0 while none is.
    pub asked: Millis,
}

impl Watch {
    /// The host, for people.
    #[must_use]
    pub fn host(&self) -> &str {
        Url::split(&self.url).map_or(self.url.as_str(), |u| u.host)
    }
}

/// How a watch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It works again.
    Back(Watch),
    /// It still does not, and nobody looks any more.
    GivenUp(Watch),
}

/// Every watch. A plain list: `storage.local` keeps it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Watches(pub Vec<Watch>);

impl Watches {
    /// Begins to watch the site of `case`. `dice` is any number, the same for nobody else. None where it makes no sense.
    pub fn begin(&mut self, case: &Case, at: Millis, dice: u32) -> Option<u32> {
        if !crate::advice::can_watch(case) {
            return None;
        }
        let url = Url::split(&case.visit.url)?;
        let repeatable = case.visit.is_get() && !url.looks_one_time();
        let target = if repeatable { without_fragment(&case.visit.url).to_owned() } else { url.home() };
        if let Some(same) = self.0.iter().find(|w| w.url == target) {
            return Some(same.id);
        }
        let check = if repeatable { CheckId::Fresh } else { CheckId::Home };
        let was = case.answer(check).filter(|a| !a.fails()).and_then(|a| a.status).unwrap_or(0);
        let id = self.0.iter().map(|w| w.id).max().unwrap_or(0).saturating_add(1);
        let asked_to_wait = Millis::from(case.reading.retry_after_s.unwrap_or(0)).saturating_mul(1000);
        let next = at.saturating_add(spread(FIRST_MS.max(asked_to_wait.min(MAX_MS)), dice));
        if self.0.len() >= MAX_WATCHES {
            self.0.remove(0);
        }
        self.0.push(Watch { id, url: target, was, since: at, next, ..Watch::default() });
        Some(id)
    }

    /// Whether the page of `case` is being watched.
    #[must_use]
    pub fn of(&self, case: &Case) -> Option<&Watch> {
        let url = Url::split(&case.visit.url)?;
        let home = url.home();
        self.0.iter().find(|w| w.url == without_fragment(&case.visit.url) || w.url == home)
    }

    /// Ends a watch without a word.
    pub fn stop(&mut self, id: u32) {
        self.0.retain(|w| w.id != id);
    }

    /// The watches whose time has come, each marked as asked: save before asking. A clock that went back makes them wait
    /// no longer than the longest pause.
    pub fn due(&mut self, at: Millis) -> Vec<Watch> {
        let mut due = Vec::new();
        for watch in &mut self.0 {
            if watch.since > at {
                watch.since = at;
            }
            if watch.next > at.saturating_add(MAX_MS) {
                watch.next = at.saturating_add(LONGEST_MS);
            }
            let lost = watch.asked == 0 || watch.asked > at || at - watch.asked > LOST_MS;
            if watch.next <= at && lost {
                watch.asked = at;
                watch.looks += 1;
                due.push(watch.clone());
            }
        }
        due
    }

    /// When to look at the clock again; none while nothing is watched.
    #[must_use]
    pub fn next(&self) -> Option<Millis> {
        self.0.iter().map(|w| if w.asked > 0 { w.asked + LOST_MS + 1_000 } else { w.next }).min()
    }

    /// Takes in what a look brought. The news where it ends the watch.
    pub fn looked(&mut self, id: u32, seen: &Seen, at: Millis, dice: u32) -> Option<News> {
        let watch = self.0.iter_mut().find(|w| w.id == id)?;
        watch.asked = 0;
        let page = page_of(watch, seen);
        let reading = fingerprint::read(&page);
        let good = is_good(watch, seen, page.status) && !reading.soft && !fingerprint::is_challenge(&page);
        if good && watch.good {
            let watch = watch.clone();
            self.stop(id);
            return Some(News::Back(watch));
        }
        watch.good = good;
        let wait = if good { spread(FIRST_MS / 2, dice) } else { pause(watch.looks, reading.retry_after_s, dice) };
        watch.next = at.saturating_add(wait);
        let over = watch.looks >= MAX_LOOKS || watch.next.saturating_sub(watch.since) > MAX_MS;
        if over && !good {
            let watch = watch.clone();
            self.stop(id);
            return Some(News::GivenUp(watch));
        }
        None
    }
}

fn page_of(watch: &Watch, seen: &Seen) -> Page {
    Page {
        // Of a redirect that is not followed some browsers tell not even the number.
        status: seen.status.unwrap_or(if seen.end == End::Redirect { 302 } else { 0 }),
        headers: seen.headers.clone(),
        body: seen.body.clone(),
        host: Some(watch.host().to_owned()),
        ..Page::default()
    }
}

/// Whether the site has answered as a working site does. 408, 425 and 429 ask to come later, and what the plain request
/// met while the visit failed is no change.
fn is_good(watch: &Watch, seen: &Seen, status: u16) -> bool {
    let answers = matches!(seen.end, End::Answer | End::Redirect) && (200..500).contains(&status);
    answers && !matches!(status, 408 | 425 | 429) && status != watch.was
}

/// The pause after so many looks: a minute, doubled each time, at most [`LONGEST_MS`]; never shorter than the site asks.
fn pause(looks: u32, retry_after_s: Option<u32>, dice: u32) -> Millis {
    let ours = FIRST_MS.saturating_mul(1 << looks.min(16)).min(LONGEST_MS);
    spread(ours.max(Millis::from(retry_after_s.unwrap_or(0)) * 1000), dice)
}

/// Up to a quarter longer, never shorter: a site that comes back is not met by everybody at once.
fn spread(ms: Millis, dice: u32) -> Millis {
    ms.saturating_add(ms / 4 * Millis::from(dice % 1024) / 1024)
}
