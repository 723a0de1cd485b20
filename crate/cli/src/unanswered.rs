//! A page that gives no answer at all. The extension leaves this to the browser, which has a page of its own for it; a command
//! line has nobody to leave it to. Questions, answers and verdict are the core's here too.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use faultline_core::case::{Case, Check, Sight, Visit};
use faultline_core::event::{CaseId, Shown};
use faultline_core::settings::Settings;
use faultline_core::{answer, plan};
use url::Url;

use crate::check;
use crate::response::now;

/// Added to the cap of a question before its answer counts as lost.
const LOST_AFTER: Duration = Duration::from_secs(5);

/// Asks what there is to ask about a page that did not answer.
pub(crate) fn examine(url: &Url, settings: Settings) -> Case {
    let asks_control = check::asks_control(url.as_str(), &settings);
    let visit = Visit { url: url.to_string(), method: "GET".to_owned(), ..Visit::default() };
    let shown = Shown { url: url.to_string(), settings: Box::new(settings), operator: true, ..Shown::default() };
    let mut case = Case::open(CaseId(1), now(), visit, shown, Sight::Sealed);
    let (answers, answered) = mpsc::channel();
    let mut waiting = 0_usize;
    loop {
        for question in plan::advance(&mut case, now(), false) {
            let answers = answers.clone();
            waiting += 1;
            thread::spawn(move || {
                let seen = check::ask(&question, asks_control);
                // Whoever asked may have given up.
                let _ = answers.send((question, seen));
            });
        }
        if waiting == 0 {
            break;
        }
        let cap = Duration::from_millis(u64::from(plan::SITE_CAP_MS + plan::AGAIN_AFTER_MS));
        let Ok((question, seen)) = answered.recv_timeout(cap + LOST_AFTER) else { break };
        waiting -= 1;
        let read = answer::read(&case, question.check, &seen, &question.url, false);
        case.checks.insert(question.check, Check::Ended(read));
        case.judge();
    }
    case.done = true;
    case.judge();
    case
}
