//! The desk: every open case, and the one place where an event turns into commands.
//!
//! ```text
//!             Answered (5xx)              Shown / ErrorPage of the same tab and URL
//!  (nothing) ───────────────▶ sighting ───────────────────────────────────────────▶ case: checking
//!                                │ another document is shown: dropped                  │  ▲
//!            Unannounced (5xx by the page's own word) ────────────────────────────────▶│  │ Read, Checked: judge again,
//!                                                                                      │  │ ask what is needed next
//!                                                                                      ▼  │
//!                              Shown (another document) / Closed ◀──────────────── checking
//!                                │                                                     │ nothing is under way
//!                                ▼                                                     ▼
//!                          not shown any more ◀──────────────────────────────────── done
//!                                                                                      │ the same page fails again within 30 s
//!                                                                                      └──▶ checking (same case, one visit more)
//! ```
//!
//! What is under way is a [`Check::Asked`] in its case: data, saved before it is acted upon. When the background was
//! stopped, [`What::Woke`] asks again what got no answer, within the limits of [`plan`].

mod open;
mod resume;
mod tried;

use serde::{Deserialize, Serialize};

use crate::advice;
use crate::answer;
use crate::case::{Announcing, Answer, Case, Check, MAX_REQUESTS, SAME_CASE_MS, Sight};
use crate::command::{Badge, Command};
use crate::event::{Announcement, Answered, CaseId, End, Event, Millis, Read, Seen, Shown, TabId, What};
use crate::net::without_fragment;
use crate::plan;
use crate::settings::Show;
use crate::terms::{CheckId, Outcome, Platform, Side};
use crate::watch::Watches;
use crate::words::Word;

/// Most cases that are kept; the oldest finished one goes first.
pub const MAX_CASES: usize = 20;

/// A response whose document was not shown within this time is forgotten, in milliseconds.
pub const SIGHTING_MS: Millis = 90_000;

/// Added to the cap of a question before it counts as lost, in milliseconds.
const LOST_AFTER_MS: Millis = 5_000;

/// Every open case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Desk {
    /// Whether the browser is Firefox, whose own control endpoint is another.
    pub firefox: bool,
    /// The system that the browser runs on.
    pub platform: Platform,
    /// In the order of their numbers.
    cases: Vec<Case>,
    sightings: Vec<Sighting>,
    last: u32,
}

/// A failed response whose document is not shown yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Sighting {
    at: Millis,
    answered: Answered,
}

impl Sighting {
    /// Whether it is of the page that is shown, in whichever tab.
    fn is_of(&self, shown: &Shown) -> bool {
        without_fragment(&self.answered.url) == without_fragment(&shown.url)
    }
}

impl Desk {
    /// An empty desk.
    #[must_use]
    pub fn new(firefox: bool) -> Self {
        Self { firefox, ..Self::default() }
    }

    /// The same on this system.
    #[must_use]
    pub fn on(self, platform: Platform) -> Self {
        Self { platform, ..self }
    }

    /// The same desk with nothing on it. Numbers go on, so that a late answer to a forgotten case meets no new one.
    #[must_use]
    pub fn cleared(&self) -> Self {
        Self { last: self.last, ..Self::new(self.firefox).on(self.platform) }
    }

    /// Takes in one event. Total: whatever the event, there is an answer, and nothing panics.
    pub fn handle(&mut self, event: Event) -> Vec<Command> {
        let at = event.at;
        match event.what {
            What::Answered(answered) => self.answered(at, *answered),
            What::Shown(shown) => self.shown(at, shown),
            What::ErrorPage { tab, url, error, settings } => {
                self.error_page(at, Shown { tab, url, settings, ..Shown::default() }, &error)
            }
            What::Unannounced { shown, read, private } => self.unannounced(at, shown, &read, private),
            What::Barred { shown, error, private } => self.barred(at, shown, error, private),
            What::Read { case, read } => self.read(at, case, read.as_deref()),
            What::Checked { case, check, attempt, seen } => self.checked(at, case, check, attempt, &seen),
            What::Announced { case, visit, how } => self.announced(at, case, visit, how),
            What::Visited { tab } => self.visited(tab),
            What::Closed { tab } => self.closed(at, tab),
            What::CheckAgain { case } => self.check_again(at, case),
            What::PastProxy { case } => self.past_proxy(at, case),
            What::Dismissed { case } => self.dismissed(case),
            What::Tried { case, tried, document } => self.tried(case, *tried, document),
            What::Beside { case, loaded, told } => self.beside(case, &loaded, told),
            What::Woke => self.woke(at),
            What::Tick => self.tick(at),
        }
    }

    /// The case with this number.
    #[must_use]
    pub fn case(&self, id: CaseId) -> Option<&Case> {
        self.cases.iter().find(|c| c.id == id)
    }

    fn case_mut(&mut self, id: CaseId) -> Option<&mut Case> {
        self.cases.iter_mut().find(|c| c.id == id)
    }

    /// Folds the evidence of every case once more: a verdict is not part of what is saved.
    pub fn judge(&mut self) {
        self.mend();
        for case in &mut self.cases {
            case.checks.mend();
            case.judge();
        }
    }

    /// Each number once, and upwards: what was saved may be broken, and of two cases with one number the second would never get an
    /// answer.
    fn mend(&mut self) {
        let mut last = None;
        self.cases.retain(|case| {
            let follows = last < Some(case.id);
            if follows {
                last = Some(case.id);
            }
            follows
        });
        self.last = self.last.max(last.map_or(0, |id| id.0));
        if self.last == u32::MAX {
            // The numbers are used up.
            *self = self.cleared();
            self.last = 0;
        }
    }

    /// Marks the cases whose site is being watched.
    pub fn watched(&mut self, watches: &Watches) {
        self.cases.iter_mut().for_each(|case| case.watched = watches.of(case).is_some());
    }

    /// The newest case.
    #[must_use]
    pub fn latest(&self) -> Option<&Case> {
        self.cases.last()
    }

    /// The case that this tab shows now.
    #[must_use]
    pub fn case_in(&self, tab: TabId) -> Option<&Case> {
        self.cases.iter().rev().find(|c| c.tab == tab && c.shown)
    }

    /// Tabs that show a failed page, or are about to. One may be named twice.
    #[must_use]
    pub fn tabs(&self) -> Vec<TabId> {
        self.cases.iter().filter(|c| c.shown).map(|c| c.tab).chain(self.sightings.iter().map(|s| s.answered.tab)).collect()
    }

    /// What is to outlive a background that is stopped: of private tabs only what they show, since nobody can forget it later.
    #[must_use]
    pub fn kept(&self) -> Self {
        let mut desk = self.clone();
        desk.cases.retain(|c| c.shown || !c.visit.private);
        desk.sightings.retain(|s| !s.answered.private);
        desk
    }

    /// Whether anything is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.cases.iter().any(|c| !c.done)
    }

    fn read(&mut self, at: Millis, id: CaseId, read: Option<&Read>) -> Vec<Command> {
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        if matches!(case.sight, Sight::Whole | Sight::Sealed) {
            return Vec::new();
        }
        let (was, ended) = (case.sight, case.done);
        match read {
            // The second reading came back empty-handed: the first part stands.
            None if was == Sight::Part => case.sight = Sight::Whole,
            read => case.take(read),
        }
        let mut commands = Vec::new();
        if case.sight == Sight::Part && was == Sight::Pending {
            commands.push(read_command(case));
        }
        // The rest of a slow page may say more than its beginning, on which the history was written.
        if ended && may_be_kept(case) {
            commands.push(Command::Keep { case: id });
        }
        commands.extend(self.advance(id, at));
        commands
    }

    fn checked(&mut self, at: Millis, id: CaseId, check: CheckId, attempt: u8, seen: &Seen) -> Vec<Command> {
        let firefox = self.firefox;
        let lost = Seen { end: End::Lost, ..Seen::default() };
        let interrupted = seen.is_interrupted();
        let seen = if interrupted { &lost } else { seen };
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        // A late answer to an earlier try is as good as one to the last; after the first answer none counts.
        let Some(Check::Asked { attempt: last, at: asked, earlier }) = case.checks.get(check) else { return Vec::new() };
        let (last, asked, earlier) = (*last, *asked, earlier.as_deref().cloned());
        if seen.end == End::Lost && attempt < last {
            return Vec::new();
        }
        let Some(question) = plan::question(case, check, last.saturating_add(1), firefox) else {
            // What was saved is no longer what was asked.
            case.checks.insert(check, Check::Ended(Answer::plain(Outcome::Skipped, Word::new("why_not_http"))));
            case.judge();
            return self.advance(id, at);
        };
        if seen.end == End::Lost && last < plan::MAX_ATTEMPTS && at.saturating_sub(asked) < SAME_CASE_MS && case.shown {
            // What has come since the background was stopped may have made it needless.
            if check == CheckId::Home && !interrupted {
                case.checks.remove(check);
                return self.advance(id, at);
            }
            let again = plan::ask(case, question, earlier, at).map(Command::Ask);
            return again.into_iter().chain(self.advance(id, at)).collect();
        }
        let answer = Answer { asked: Some(asked), ..answer::read(case, check, seen, &question.url, firefox).after(earlier) };
        if check != CheckId::Control && (answer.wait_s.is_some() || answer.status == Some(429)) {
            let wait = answer.wait_s.map_or(QUIET_MS, |s| Millis::from(s) * 1_000);
            case.quiet_until = case.quiet_until.max(at.saturating_add(wait));
        }
        case.checks.insert(check, Check::Ended(answer));
        case.judge();
        self.advance(id, at)
    }

    fn announced(&mut self, at: Millis, id: CaseId, visit: u32, how: Announcement) -> Vec<Command> {
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        // What was opened for a visit that is over has been closed with it.
        let how = if visit == case.visits { how } else { Announcement::Waiting };
        let again = std::mem::take(&mut case.announcing) == Announcing::Again;
        case.announced = Some(how);
        if case.timing.shown_ms.is_none() && matches!(how, Announcement::Popup | Announcement::Card) {
            case.timing.shown_ms = ms_between(case.opened, at);
        }
        let wanted = again && how == Announcement::Waiting && case.shown;
        if wanted { vec![announce_once(case)] } else { Vec::new() }
    }

    fn visited(&mut self, tab: TabId) -> Vec<Command> {
        let waits = |c: &&mut Case| c.tab == tab && c.shown && matches!(c.announced, None | Some(Announcement::Waiting));
        self.cases.iter_mut().find(waits).map(announce_once).into_iter().collect()
    }

    fn check_again(&mut self, at: Millis, id: CaseId) -> Vec<Command> {
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        if case.is_waiting() {
            return Vec::new();
        }
        // A click is a new question: the limits hold for what is asked without one.
        case.checks.clear();
        case.tried = None;
        case.requests = 0;
        case.clicked = true;
        case.done = false;
        case.judge();
        let mut commands = vec![Command::Badge { tab: case.tab, badge: badge(case) }];
        commands.extend(self.advance(id, at));
        commands
    }

    fn past_proxy(&mut self, at: Millis, id: CaseId) -> Vec<Command> {
        let firefox = self.firefox;
        let Some(case) = self.case_mut(id).filter(|case| advice::can_pass_proxy(case)) else { return Vec::new() };
        let Some(question) = plan::question(case, CheckId::Proxy, 1, firefox) else { return Vec::new() };
        // Both ways are asked at the same time: what was found earlier may have changed. A click is a request more, whatever was asked before.
        let is_old = |a: &Answer| a.asked.is_none_or(|asked| at.saturating_sub(asked) > SAME_CASE_MS);
        for check in [CheckId::Fresh, CheckId::Control] {
            if case.answer(check).is_some_and(is_old) {
                case.checks.remove(check);
            }
        }
        (case.clicked, case.requests, case.done) = (true, case.requests.min(MAX_REQUESTS - 2), false);
        let asked = plan::ask(case, question, None, at).map(Command::Ask);
        asked.into_iter().chain(self.advance(id, at)).collect()
    }

    fn dismissed(&mut self, id: CaseId) -> Vec<Command> {
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        case.shown = false;
        vec![Command::Withdraw { tab: case.tab }, Command::Badge { tab: case.tab, badge: Badge::None }]
    }

    /// Asks what is needed next, and closes the checks when nothing is.
    fn advance(&mut self, id: CaseId, at: Millis) -> Vec<Command> {
        let (firefox, company) = (self.firefox, self.company_of(id));
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        case.company = case.company.max(company);
        let questions = plan::advance(case, at, firefox);
        let busy = case.is_waiting();
        let ends = !busy && !case.done;
        if ends {
            case.done = true;
            case.timing.verdict_ms = ms_between(case.opened, at);
        }
        case.judge();
        let mut commands: Vec<_> = questions.into_iter().map(Command::Ask).collect();
        if case.shown {
            commands.push(Command::Badge { tab: case.tab, badge: badge(case) });
            commands.push(announce(case, false));
        }
        if ends && may_be_kept(case) {
            commands.push(Command::Keep { case: id });
        }
        if busy {
            commands.push(wake_later(at));
        }
        commands
    }
}

/// How long a site is left alone that sends us away without saying for how long, in milliseconds.
const QUIET_MS: Millis = 60_000;

/// Most pauses and caps that lie between asking a question and its answer, in milliseconds.
const LONGEST_MS: u32 = plan::SITE_CAP_MS + plan::MAX_PAUSE_MS;

/// A look at the clock after everything that is asked now must have ended.
fn wake_later(at: Millis) -> Command {
    Command::Wake { at: at.saturating_add(Millis::from(plan::SITE_CAP_MS) + LOST_AFTER_MS + 1_000) }
}

fn may_be_kept(case: &Case) -> bool {
    case.settings.keep_history.0 && !case.visit.private
}

fn read_command(case: &Case) -> Command {
    Command::Read { case: case.id, tab: case.tab, document: case.document.clone(), whole: case.sight == Sight::Part }
}

/// Announces the case, unless that is under way: a visitor who comes to a tab is told of by several events, and each would open a popup,
/// the last one after the visitor has closed it, or over another page.
fn announce_once(case: &mut Case) -> Command {
    let first = case.announcing == Announcing::No;
    case.announcing = if first { Announcing::Once } else { Announcing::Again };
    announce(case, first)
}

fn announce(case: &Case, first: bool) -> Command {
    Command::Announce {
        case: case.id,
        visit: case.visits,
        tab: case.tab,
        show: case.settings.show,
        first,
        card: case.sight != Sight::Sealed && case.settings.show != Show::Badge,
        document: case.document.clone(),
    }
}

fn badge(case: &Case) -> Badge {
    if !case.done {
        return Badge::Checking;
    }
    match case.verdict.side {
        Side::Site => Badge::Site,
        Side::Yours => Badge::Yours,
        Side::Passed => Badge::Passed,
        Side::Unclear => Badge::Unclear,
    }
}

fn ms_between(from: Millis, to: Millis) -> Option<u32> {
    // The clock may jump back: then there is no honest number.
    to.checked_sub(from).and_then(|ms| u32::try_from(ms).ok())
}
