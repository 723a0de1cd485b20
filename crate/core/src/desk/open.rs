//! From a failed response to an open case, and from another document to a closed one.

use super::{Desk, MAX_CASES, SIGHTING_MS, Sighting, announce_once, badge, ms_between, read_command};
use crate::case::{Case, Check, Control, MAX_REQUESTS, SAME_CASE_MS, Sight, Timing, Visit};
use crate::command::Command;
use crate::event::{Answered, CaseId, Millis, Read, Shown, TabId};
use crate::net::{Url, are_unrelated};
use crate::terms::{CheckId, Outcome, Side};
use crate::trial;

/// Failures that are no further apart than this have one cause, when they look alike, in milliseconds.
const COMPANY_MS: Millis = 120_000;

impl Desk {
    pub(super) fn answered(&mut self, at: Millis, answered: Answered) -> Vec<Command> {
        self.sightings.retain(|s| at.saturating_sub(s.at) < SIGHTING_MS && s.answered.tab != answered.tab);
        if answered.tab >= 0 && answered.status >= 500 {
            self.sightings.push(Sighting { at, answered });
        }
        Vec::new()
    }

    pub(super) fn shown(&mut self, at: Millis, shown: Shown) -> Vec<Command> {
        // A failure that was announced may be of the page that is still to come.
        if shown.healthy {
            self.sightings.retain(|s| s.answered.tab != shown.tab || at.saturating_sub(s.at) < SIGHTING_MS);
        }
        let sighting = if shown.healthy { None } else { self.take_sighting(&shown) };
        match sighting {
            Some(sighting) => self.open(sighting.at, at, sighting.answered.into(), shown, Sight::Pending, None),
            None => self.superseded(shown.tab),
        }
    }

    pub(super) fn error_page(&mut self, at: Millis, shown: Shown, error: &str) -> Vec<Command> {
        let Some(sighting) = self.take_sighting(&shown) else { return Vec::new() };
        let mut visit = Visit::from(sighting.answered);
        // Firefox opens a tab of its own for a file that failed: what this tab shows has not changed.
        if self.firefox && is_attachment(&visit) {
            return Vec::new();
        }
        visit.empty = is_empty_body_error(error, &visit);
        self.open(sighting.at, at, visit, shown, Sight::Sealed, None)
    }

    pub(super) fn unannounced(&mut self, at: Millis, shown: Shown, read: &Read, private: bool) -> Vec<Command> {
        // One of another page may be of the one that is still to come.
        self.sightings.retain(|s| s.answered.tab != shown.tab || !s.is_of(&shown));
        if read.status < 500 {
            return self.superseded(shown.tab);
        }
        let visit = Visit {
            url: shown.url.clone(),
            // Nobody has told. A form may be a search as well, but what a form has ordered must not be asked for by a GET and be called well.
            method: if shown.form { "POST" } else { "GET" }.to_owned(),
            status: read.status,
            // One that only passes on what the site says has made nothing.
            from_service_worker: read.controlled && !read.transferred,
            // Back, and nobody was asked: the document of an earlier visit.
            revived: shown.back && !read.controlled,
            first_byte_ms: read.first_byte_ms,
            private,
            ..Visit::default()
        };
        self.open(at, at, visit, shown, Sight::Pending, Some(read))
    }

    pub(super) fn barred(&mut self, at: Millis, shown: Shown, error: String, private: bool) -> Vec<Command> {
        self.take_sighting(&shown);
        let visit = Visit {
            url: shown.url.clone(),
            method: "GET".to_owned(),
            // Firefox tells what the proxy answered by a name of its own.
            status: match error.as_str() {
                e if e.contains("BAD_GATEWAY") => 502,
                e if e.contains("GATEWAY_TIMEOUT") => 504,
                _ => 0,
            },
            proxied: true,
            error: Some(error),
            private,
            ..Visit::default()
        };
        self.open(at, at, visit, shown, Sight::Sealed, None)
    }

    /// How many other sites met the same behind the same proxy, a moment ago.
    pub(super) fn company_of(&self, id: CaseId) -> u8 {
        let Some(case) = self.case(id) else { return 0 };
        let mark = |case: &Case| case.answer(CheckId::Fresh).and_then(|fresh| fresh.mark);
        let alike = |other: &Case| {
            let barred = case.visit.error.is_some() && other.visit.error.is_some();
            let page = case.visit.proxied && other.visit.proxied && mark(case).is_some() && mark(case) == mark(other);
            (barred || page) && other.outcome(CheckId::Fresh) != Some(Outcome::Works)
        };
        let now = |other: &&Case| case.opened.abs_diff(other.opened) < COMPANY_MS && alike(other);
        let mut sites = vec![case.host()];
        for other in self.cases.iter().filter(now).map(Case::host) {
            if sites.iter().all(|site| are_unrelated(site, other)) {
                sites.push(other);
            }
        }
        u8::try_from(sites.len() - 1).unwrap_or(u8::MAX)
    }

    /// The failed response that the document came from. One of another address is of a load that came to nothing, unless it is younger
    /// than the document: a browser may tell of the next page's response before it tells of this document.
    fn take_sighting(&mut self, shown: &Shown) -> Option<Sighting> {
        let at = self.sightings.iter().position(|s| s.answered.tab == shown.tab)?;
        let to_come =
            self.sightings.get(at).is_some_and(|s| !s.is_of(shown) && shown.committed.is_some_and(|committed| s.at > committed));
        if to_come {
            return None;
        }
        let sighting = self.sightings.remove(at);
        sighting.is_of(shown).then_some(sighting)
    }

    /// Another document has taken the place of the tab's failed one.
    pub(super) fn superseded(&mut self, tab: TabId) -> Vec<Command> {
        let mut commands = Vec::new();
        for case in self.cases.iter_mut().filter(|c| c.tab == tab && c.shown) {
            case.shown = false;
            commands.push(Command::Withdraw { tab });
        }
        commands
    }

    pub(super) fn open(
        &mut self,
        opened: Millis,
        at: Millis,
        visit: Visit,
        shown: Shown,
        sight: Sight,
        read: Option<&Read>,
    ) -> Vec<Command> {
        let tab = shown.tab;
        let host = Url::split(&visit.url).map(|u| u.host.to_owned()).unwrap_or_default();
        if host.is_empty() || shown.settings.is_never(&host) {
            return self.superseded(tab);
        }
        let again = self.cases.iter().rev().find(|c| {
            c.tab == tab
                && c.visit.url == visit.url
                // Without a response the method was a guess.
                && (c.visit.method == visit.method || c.visit.headers.is_none())
                && at.saturating_sub(c.opened) < SAME_CASE_MS
        });
        let id = match again.map(|c| c.id) {
            Some(id) => {
                if let Some(case) = self.case_mut(id).filter(|case| is_late(case, &shown)) {
                    case.visit = visit;
                    case.checks.remove(CheckId::Cache);
                    case.sight = Sight::Pending;
                    case.read_at = at;
                    case.done = false;
                    let mut commands = vec![read_command(case)];
                    commands.extend(self.advance(id, at));
                    return commands;
                }
                self.superseded(tab);
                if let Some(case) = self.case_mut(id) {
                    reopen(case, opened, visit, shown, sight);
                }
                id
            }
            None => {
                self.superseded(tab);
                self.last = self.last.saturating_add(1);
                let id = CaseId(self.last);
                let case = Case::open(id, opened, visit, shown, sight);
                self.cases.push(Case { platform: self.platform, ..case });
                self.make_room();
                id
            }
        };
        let firefox = self.firefox;
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        case.can_pass_proxy = firefox;
        case.read_at = at;
        case.timing.first_word_ms = ms_between(case.opened, at);
        let mut commands = vec![Command::Badge { tab, badge: badge(case) }, announce_once(case)];
        if let Some(read) = read {
            case.take(Some(read));
        }
        if matches!(case.sight, Sight::Pending | Sight::Part) {
            commands.push(read_command(case));
        }
        commands.extend(self.advance(id, at));
        commands
    }

    pub(super) fn make_room(&mut self) {
        while self.cases.len() > MAX_CASES {
            let oldest = self.cases.iter().position(|c| c.done || !c.shown).unwrap_or(0);
            self.cases.remove(oldest);
        }
    }

    pub(super) fn closed(&mut self, at: Millis, tab: TabId) -> Vec<Command> {
        self.sightings.retain(|s| s.answered.tab != tab);
        for case in self.cases.iter_mut().filter(|c| c.tab == tab) {
            case.shown = false;
            // Nobody can do anything about that page any more: which extensions there are is no longer our business.
            if case.tried.take().is_some() {
                for reason in &mut case.verdict.reasons {
                    reason.word = trial::unnamed(&reason.word);
                }
            }
            if case.sight == Sight::Pending {
                case.sight = Sight::Sealed;
            }
        }
        let ids: Vec<_> = self.cases.iter().filter(|c| c.tab == tab && !c.done).map(|c| c.id).collect();
        ids.into_iter().flat_map(|id| self.advance(id, at)).collect()
    }
}

/// Whether this is the response of a document that was taken for unannounced: a browser may tell of it later than we wait.
fn is_late(case: &Case, shown: &Shown) -> bool {
    // Firefox has no ids of documents: there the time of the commit tells.
    let was_there = case.document.is_some() || shown.committed.is_some_and(|committed| committed <= case.opened);
    case.shown && was_there && case.document == shown.document && case.visit.headers.is_none() && case.visit.error.is_none()
}

/// The same page failed once more, soon after: the same case, one visit more.
fn reopen(case: &mut Case, opened: Millis, visit: Visit, shown: Shown, sight: Sight) {
    // What came from a cache or from the past is no visit to the site.
    let settled = case.done && case.verdict.side == Side::Site && !visit.is_second_hand();
    case.relapsed = case.relapsed || (case.done && case.outcome(CheckId::Fresh) == Some(Outcome::Works));
    case.visits = case.visits.saturating_add(1);
    case.document = shown.document;
    case.settings = *shown.settings;
    case.opened = opened;
    case.visit = visit;
    case.sight = sight;
    case.shown = true;
    case.announced = None;
    case.timing = Timing::default();
    case.clicked = false;
    for check in [CheckId::Cache, CheckId::ExtensionsOff, CheckId::PrivateWindow] {
        case.checks.remove(check);
    }
    case.tried = None;
    // A visitor who has logged in to the network is on the internet now.
    if case.answer(CheckId::Control).is_some_and(|a| a.control != Some(Control::Online)) {
        case.checks.remove(CheckId::Control);
    }
    if !settled {
        // Cookies go out once for a case, and what may not be asked any more keeps its answer.
        let asked = [CheckId::Fresh, CheckId::InPage, CheckId::Again, CheckId::AsNavigation];
        for check in asked.into_iter().filter(|_| case.requests < MAX_REQUESTS) {
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
    let is_download = header(visit, "content-disposition").is_some()
        || header(visit, "content-type").is_some_and(|v| v.to_ascii_lowercase().starts_with("application/octet-stream"));
    error.contains("HTTP_RESPONSE_CODE_FAILURE") || (error.contains("NET_ERROR_RESPONSE") && !is_download)
}

/// Whether the answer is a file to keep, by its own word.
fn is_attachment(visit: &Visit) -> bool {
    let disposition = header(visit, "content-disposition").map(|v| v.trim_start().to_ascii_lowercase());
    disposition.is_some_and(|v| v.starts_with("attachment"))
}

fn header<'a>(visit: &'a Visit, name: &str) -> Option<&'a str> {
    visit.headers.iter().flatten().find(|h| h.name.eq_ignore_ascii_case(name)).map(|h| h.value.as_str())
}
