//! What the visitor's own tests have brought: without other extensions, and in a private window.

use super::{Desk, announce, badge};
use crate::case::{Answer, Case, Check};
use crate::command::Command;
use crate::event::CaseId;
use crate::terms::CheckId;
use crate::trial::{self, Loaded, Target, Tried};
use crate::words::Word;

impl Desk {
    /// A test has ended and everything is on again. The tab shows the page once more, in another document.
    pub(super) fn tried(&mut self, id: CaseId, tried: Tried, document: Option<String>) -> Vec<Command> {
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        case.document = document.or(case.document.take());
        if let Some(answer) = trial::answer(case, &tried) {
            case.checks.insert(CheckId::ExtensionsOff, Check::Ended(answer));
            case.tried = Some(Box::new(tried));
        }
        refresh(case)
    }

    /// The page was seen in a private window, by us or (`told`) by the visitor.
    pub(super) fn beside(&mut self, id: CaseId, loaded: &Loaded, told: bool) -> Vec<Command> {
        let Some(case) = self.case_mut(id) else { return Vec::new() };
        let outcome = trial::compare(&target(case), loaded);
        let status = Some(loaded.status).filter(|s| *s > 0 && !told);
        let answer = Answer { status, why: None, ..Answer::plain(outcome, Word::new("beside_title")) };
        case.checks.insert(CheckId::PrivateWindow, Check::Ended(answer));
        refresh(case)
    }

    /// Every case that is kept.
    pub fn all(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter()
    }
}

fn target(case: &Case) -> Target {
    Target { title: case.title.clone(), producer: case.reading.producer.as_ref().map(|p| p.id.clone()), ..Target::default() }
}

fn refresh(case: &mut Case) -> Vec<Command> {
    case.judge();
    if !case.shown {
        return Vec::new();
    }
    vec![Command::Badge { tab: case.tab, badge: badge(case) }, announce(case, false)]
}
