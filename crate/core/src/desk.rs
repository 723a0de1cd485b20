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

use serde::{Deserialize, Serialize};

use crate::answer;
use crate::case::{Case, Check, SAME_CASE_MS, Sight, Visit};
use crate::command::{Badge, Command};
use crate::event::{Announcement, Answered, CaseId, End, Event, Millis, Read, Seen, Shown, TabId, What};
use crate::net::{Url, without_fragment};
use crate::plan;
use crate::settings::Show;
use crate::terms::{CheckId, Outcome, Side};

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

impl Desk {
    /// An empty desk.
    #[must_use]
    pub fn new(firefox: bool) -> Self {
        Self { firefox, ..Self::default() }
    }

    /// Takes in one event. Total: whatever the event, there is an answer, and nothing panics.
    pub fn handle(&mut self, event: Event) -> Vec<Command> {
        let at = event.at;
        match event.what {
            What::Answered(answered) => self.answered(at, *answered),
            What::Shown(shown) => self.shown(at, shown),
            What::ErrorPage { tab, url, error, settings } => self.error_page(at, Shown { tab, url, document: None, settings }, &error),
            What::Unannounced { shown, read, private } => self.unannounced(at, shown, &read, private),
            What::Read { case, read } => self.read(at, case, read.as_deref()),
            What::Checked { case, check, attempt, seen } => self.checked(at, case, check, attempt, &seen),
            What::Announced { case, how } => self.announced(at, case, how),
            What::Visited { tab } => self.visited(tab),
            What::Closed { tab } => self.closed(at, tab),
            What::CheckAgain { case } => self.check_again(at, case),
            What::Dismissed { case } => self.dismissed(case),
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
        self.cases.iter_mut().for_each(Case::judge);
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

    /// Whether anything is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.cases.iter().any(|c| !c.done)
    }

    fn answered(&mut self, at: Millis, answered: Answered) -> Vec<Command> {
        self.sightings.retain(|s| at.saturating_sub(s.at) < SIGHTING_MS && s.answered.tab != answered.tab);
        if answered.tab >= 0 && answered.status >= 500 {
            self.sightings.push(Sighting { at, answered });
        }
        Vec::new()
    }

    fn shown(&mut self, at: Millis, shown: Shown) -> Vec<Command> {
        match self.take_sighting(&shown) {
            Some(sighting) => self.open(sighting.at, at, sighting.answered.into(), shown, Sight::Pending, None),
            None => self.superseded(shown.tab),
        }
    }

    fn error_page(&mut self, at: Millis, shown: Shown, error: &str) -> Vec<Command> {
        let Some(sighting) = self.take_sighting(&shown) else { return Vec::new() };
        let mut visit = Visit::from(sighting.answered);
        visit.empty = is_empty_body_error(error, &visit);
        self.open(sighting.at, at, visit, shown, Sight::Sealed, None)
    }

    fn unannounced(&mut self, at: Millis, shown: Shown, read: &Read, private: bool) -> Vec<Command> {
        self.forget_sighting(shown.tab);
        if read.status < 500 {
            return self.superseded(shown.tab);
        }
        let visit = Visit {
            url: shown.url.clone(),
            method: "GET".to_owned(),
            status: read.status,
            from_service_worker: read.controlled,
            first_byte_ms: read.first_byte_ms,
            private,
            ..Visit::default()
        };
        self.open(at, at, visit, shown, Sight::Pending, Some(read))
    }

    fn take_sighting(&mut self, shown: &Shown) -> Option<Sighting> {
        let at = self.sightings.iter().position(|s| s.answered.tab == shown.tab)?;
        let sighting = self.sightings.remove(at);
        (without_fragment(&sighting.answered.url) == without_fragment(&shown.url)).then_some(sighting)
    }

    fn forget_sighting(&mut self, tab: TabId) {
        self.sightings.retain(|s| s.answered.tab != tab);
    }

    /// Another document has taken the place of the tab's failed one.
    fn superseded(&mut self, tab: TabId) -> Vec<Command> {
        let mut commands = Vec::new();
        for case in self.cases.iter_mut().filter(|c| c.tab == tab && c.shown) {
            case.shown = false;
            commands.push(Command::Withdraw { tab });
        }
        commands
    }

    fn open(&mut self, opened: Millis, at: Millis, visit: Visit, shown: Shown, sight: Sight, read: Option<&Read>) -> Vec<Command> {
        let tab = shown.tab;
        let host = Url::split(&visit.url).map(|u| u.host.to_owned()).unwrap_or_default();
        if host.is_empty() || shown.settings.is_never(&host) {
            return self.superseded(tab);
        }
        let again = self.cases.iter().rev().find(|c| {
            c.tab == tab && c.visit.url == visit.url && c.visit.method == visit.method && at.saturating_sub(c.opened) < SAME_CASE_MS
        });
        let id = match again.map(|c| c.id) {
            Some(id) => {
                if let Some(case) = self.case_mut(id) {
                    reopen(case, opened, visit, shown, sight);
                }
                id
            }
            None => {
                self.superseded(tab);
                self.last += 1;
                let id = CaseId(self.last);
                self.cases.push(Case::open(id, opened, visit, shown, sight));
                self.make_room();
                id
            }
        };
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        case.timing.first_word_ms = ms_between(case.opened, at);
        let mut commands = vec![Command::Badge { tab, badge: badge(case) }, announce(case, true)];
        if let Some(read) = read {
            case.take(Some(read));
        }
        if matches!(case.sight, Sight::Pending | Sight::Part) {
            commands.push(read_command(case));
        }
        commands.extend(self.advance(id, at));
        commands
    }

    fn make_room(&mut self) {
        while self.cases.len() > MAX_CASES {
            let oldest = self.cases.iter().position(|c| c.done || !c.shown).unwrap_or(0);
            self.cases.remove(oldest);
        }
    }

    fn read(&mut self, at: Millis, id: CaseId, read: Option<&Read>) -> Vec<Command> {
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        if matches!(case.sight, Sight::Whole | Sight::Sealed) {
            return Vec::new();
        }
        let was = case.sight;
        match read {
            // The second reading came back empty-handed: the first part stands.
            None if was == Sight::Part => case.sight = Sight::Whole,
            read => case.take(read),
        }
        let mut commands = Vec::new();
        if case.sight == Sight::Part && was == Sight::Pending {
            commands.push(read_command(case));
        }
        commands.extend(self.advance(id, at));
        commands
    }

    fn checked(&mut self, at: Millis, id: CaseId, check: CheckId, attempt: u8, seen: &Seen) -> Vec<Command> {
        let firefox = self.firefox;
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        // A late answer to an earlier try is as good as one to the last; after the first answer none counts.
        let Some(&Check::Asked { attempt: last, at: asked }) = case.checks.get(check) else { return Vec::new() };
        if seen.end == End::Lost && attempt < last {
            return Vec::new();
        }
        let Some(question) = plan::question(case, check, last.saturating_add(1), firefox) else { return Vec::new() };
        if seen.end == End::Lost && last < plan::MAX_ATTEMPTS && at.saturating_sub(asked) < SAME_CASE_MS && case.shown {
            let again = plan::ask(case, question, at).map(Command::Ask);
            return again.into_iter().chain(self.advance(id, at)).collect();
        }
        let answer = answer::read(case, check, seen, &question.url, firefox);
        case.checks.insert(check, Check::Ended(answer));
        case.judge();
        self.advance(id, at)
    }

    fn announced(&mut self, at: Millis, id: CaseId, how: Announcement) -> Vec<Command> {
        if let Some(case) = self.case_mut(id) {
            case.announced = Some(how);
            if case.timing.shown_ms.is_none() && matches!(how, Announcement::Popup | Announcement::Card) {
                case.timing.shown_ms = ms_between(case.opened, at);
            }
        }
        Vec::new()
    }

    fn visited(&mut self, tab: TabId) -> Vec<Command> {
        let waiting = self.cases.iter().find(|c| c.tab == tab && c.shown && matches!(c.announced, None | Some(Announcement::Waiting)));
        waiting.map(|case| announce(case, true)).into_iter().collect()
    }

    fn closed(&mut self, at: Millis, tab: TabId) -> Vec<Command> {
        self.forget_sighting(tab);
        for case in self.cases.iter_mut().filter(|c| c.tab == tab) {
            case.shown = false;
            if case.sight == Sight::Pending {
                case.sight = Sight::Sealed;
            }
        }
        let ids: Vec<_> = self.cases.iter().filter(|c| c.tab == tab && !c.done).map(|c| c.id).collect();
        ids.into_iter().flat_map(|id| self.advance(id, at)).collect()
    }

    fn check_again(&mut self, at: Millis, id: CaseId) -> Vec<Command> {
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        if case.is_waiting() {
            return Vec::new();
        }
        // A click is a new question: the limits hold for what is asked without one.
        case.checks.clear();
        case.requests = 0;
        case.done = false;
        case.judge();
        let mut commands = vec![Command::Badge { tab: case.tab, badge: badge(case) }];
        commands.extend(self.advance(id, at));
        commands
    }

    fn dismissed(&mut self, id: CaseId) -> Vec<Command> {
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        case.shown = false;
        vec![Command::Withdraw { tab: case.tab }, Command::Badge { tab: case.tab, badge: Badge::None }]
    }

    /// Nothing of what was asked is under way any more: ask again, or give up what was tried often enough.
    fn woke(&mut self, at: Millis) -> Vec<Command> {
        let mut commands = Vec::new();
        let open: Vec<_> = self.cases.iter().filter(|c| !c.done || c.announced.is_none()).map(|c| c.id).collect();
        for id in open {
            let Some(case) = self.case(id) else { continue };
            if case.shown && matches!(case.sight, Sight::Pending | Sight::Part) {
                commands.push(read_command(case));
            }
            if case.shown && case.announced.is_none() {
                commands.push(announce(case, true));
            }
            for (check, attempt, _) in asked(case) {
                let lost = Seen { end: End::Lost, ..Seen::default() };
                commands.extend(self.checked(at, id, check, attempt, &lost));
            }
        }
        commands
    }

    /// Gives up what has had no answer for longer than its cap, so that no case stays open for ever.
    fn tick(&mut self, at: Millis) -> Vec<Command> {
        let mut commands = Vec::new();
        let open: Vec<_> = self.cases.iter().filter(|c| !c.done).map(|c| c.id).collect();
        for id in open {
            let Some(case) = self.case_mut(id) else { continue };
            let opened = case.opened;
            let late = |at: Millis, since: Millis, cap: u32| at.saturating_sub(since) > Millis::from(cap) + LOST_AFTER_MS;
            if matches!(case.sight, Sight::Pending | Sight::Part) && late(at, opened, plan::SITE_CAP_MS) {
                case.sight = if case.sight == Sight::Part { Sight::Whole } else { Sight::Sealed };
                case.judge();
                commands.extend(self.advance(id, at));
            }
            let Some(case) = self.case(id) else { continue };
            let longest = plan::SITE_CAP_MS + plan::AGAIN_AFTER_MS;
            for (check, attempt, _) in asked(case).into_iter().filter(|(.., asked)| late(at, *asked, longest)) {
                let silent = Seen { end: End::Silent, ms: Some(plan::SITE_CAP_MS), ..Seen::default() };
                commands.extend(self.checked(at, id, check, attempt, &silent));
            }
        }
        commands
    }

    /// Asks what is needed next, and closes the checks when nothing is.
    fn advance(&mut self, id: CaseId, at: Millis) -> Vec<Command> {
        let firefox = self.firefox;
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        let questions = plan::advance(case, at, firefox);
        let busy = case.is_waiting();
        if !busy && !case.done {
            case.done = true;
            case.timing.verdict_ms = ms_between(case.opened, at);
        }
        case.judge();
        let mut commands: Vec<_> = questions.into_iter().map(Command::Ask).collect();
        if case.shown {
            commands.push(Command::Badge { tab: case.tab, badge: badge(case) });
            commands.push(announce(case, false));
        }
        if busy {
            commands.push(Command::Wake { at: at + Millis::from(plan::SITE_CAP_MS) + LOST_AFTER_MS + 1_000 });
        }
        commands
    }
}

/// The same page failed once more, soon after: the same case, one visit more.
fn reopen(case: &mut Case, opened: Millis, visit: Visit, shown: Shown, sight: Sight) {
    let settled = case.done && case.verdict.side == Side::Site;
    case.relapsed = case.relapsed || (case.done && case.outcome(CheckId::Fresh) == Some(Outcome::Works));
    case.visits += 1;
    case.document = shown.document;
    case.settings = *shown.settings;
    case.opened = opened;
    case.visit = visit;
    case.sight = sight;
    case.shown = true;
    case.announced = None;
    case.timing = crate::case::Timing::default();
    case.checks.remove(CheckId::Cache);
    if !settled {
        for check in [CheckId::Fresh, CheckId::InPage, CheckId::Cookies, CheckId::Again] {
            if matches!(case.checks.get(check), Some(Check::Ended(_))) {
                case.checks.remove(check);
            }
        }
    }
    case.done = false;
    case.judge();
}

/// Whether the browser drew its own page because there was nothing to show. Firefox has one name for that and for a
/// body that it would download.
fn is_empty_body_error(error: &str, visit: &Visit) -> bool {
    let is_download = visit.headers.iter().flatten().any(|h| {
        h.name.eq_ignore_ascii_case("content-disposition")
            || (h.name.eq_ignore_ascii_case("content-type") && h.value.to_ascii_lowercase().starts_with("application/octet-stream"))
    });
    error.contains("HTTP_RESPONSE_CODE_FAILURE") || (error.contains("NET_ERROR_RESPONSE") && !is_download)
}

/// What is under way: check, try, and when it was asked.
fn asked(case: &Case) -> Vec<(CheckId, u8, Millis)> {
    case.checks
        .iter()
        .filter_map(|(id, check)| match check {
            Check::Asked { attempt, at } => Some((id, *attempt, *at)),
            Check::Ended(_) => None,
        })
        .collect()
}

fn read_command(case: &Case) -> Command {
    Command::Read { case: case.id, tab: case.tab, document: case.document.clone(), whole: case.sight == Sight::Part }
}

fn announce(case: &Case, first: bool) -> Command {
    Command::Announce {
        case: case.id,
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
