//! Which question comes next. Few, paired, polite: what is not needed is not asked.
//!
//! | check | asked | left out |
//! |---|---|---|
//! | `cache` | never: the response event has it | |
//! | `fresh` | at once | |
//! | `home` | at once | the page is the front page |
//! | `control` | at once | no endpoint is configured |
//! | `in-page` | when `fresh` works | it fails: the others are not in the way; a form's answer; no script may enter |
//! | `cookies` | when `fresh` and `in-page` work | the URL looks as if it works once; an old copy or a service worker explains it |
//! | `again` | when everything works | something explains the failure already |

use crate::case::{Answer, Case, Check, MAX_REQUESTS, Sight};
use crate::command::{From, Question};
use crate::event::Millis;
use crate::net::Url;
use crate::terms::{CheckId, Outcome};
use crate::words::Word;

/// How long a probe of the site may take. A site that needs a minute to say 504 will not answer a probe sooner:
/// silence for so long is an answer.
pub const SITE_CAP_MS: u32 = 20_000;

/// How long the connectivity endpoint may take.
pub const CONTROL_CAP_MS: u32 = 8_000;

/// Pause before the page is asked for once more.
pub const AGAIN_AFTER_MS: u32 = 800;

/// Most tries of one check. A second one is made only when the first was lost with the background.
pub const MAX_ATTEMPTS: u8 = 2;

/// What to do about one check.
enum Step {
    Ask(Box<Question>),
    Skip(Word),
    Later,
}

/// Writes the next questions into the case and returns them.
pub fn advance(case: &mut Case, at: Millis, firefox: bool) -> Vec<Question> {
    let mut questions = Vec::new();
    // A check that is left out may decide about the next one: go round until nothing changes.
    loop {
        let mut changed = false;
        for check in
            [CheckId::Cache, CheckId::Fresh, CheckId::Home, CheckId::Control, CheckId::InPage, CheckId::Cookies, CheckId::Again]
        {
            if case.checks.get(check).is_some() {
                continue;
            }
            if check == CheckId::Cache {
                case.checks.insert(check, Check::Ended(cache(case)));
                changed = true;
                continue;
            }
            match step(case, check, firefox) {
                Step::Later => {}
                Step::Skip(why) => {
                    case.checks.insert(check, Check::Ended(Answer::plain(Outcome::Skipped, why)));
                    changed = true;
                }
                Step::Ask(question) => {
                    questions.extend(ask(case, *question, at));
                    changed = true;
                }
            }
        }
        if !changed {
            return questions;
        }
    }
}

/// Writes down that `question` is being asked, if the site may be asked once more.
pub fn ask(case: &mut Case, question: Question, at: Millis) -> Option<Question> {
    let to_site = question.check != CheckId::Control;
    if to_site && case.requests >= MAX_REQUESTS {
        case.checks.insert(question.check, Check::Ended(Answer::plain(Outcome::Skipped, Word::new("why_enough_requests"))));
        return None;
    }
    case.requests += u8::from(to_site);
    case.checks.insert(question.check, Check::Asked { attempt: question.attempt, at });
    Some(question)
}

/// The question of a check, whether it was asked already or not; none where this case has none to ask.
#[must_use]
pub fn question(case: &Case, check: CheckId, attempt: u8, firefox: bool) -> Option<Question> {
    let url = Url::split(&case.visit.url)?;
    let page = |cookies| From::Page { tab: case.tab, document: case.document.clone(), cookies };
    let (url, from, cap_ms, after_ms) = match check {
        CheckId::Fresh => (case.visit.url.clone(), From::Background, SITE_CAP_MS, 0),
        CheckId::Home => (url.home(), From::Background, SITE_CAP_MS, 0),
        CheckId::Control => (case.settings.controls(firefox).into_iter().next()?.url, From::Background, CONTROL_CAP_MS, 0),
        CheckId::InPage => (case.visit.url.clone(), page(false), SITE_CAP_MS, 0),
        CheckId::Cookies => (case.visit.url.clone(), page(true), SITE_CAP_MS, 0),
        CheckId::Again => (case.visit.url.clone(), From::Background, SITE_CAP_MS, AGAIN_AFTER_MS),
        _ => return None,
    };
    Some(Question { case: case.id, check, attempt, url, from, cap_ms, after_ms })
}

fn step(case: &Case, check: CheckId, firefox: bool) -> Step {
    let Some(url) = Url::split(&case.visit.url) else { return Step::Skip(Word::new("why_not_http")) };
    let now = || question(case, check, 1, firefox).map(|q| Step::Ask(Box::new(q)));
    let now_or = |why: &str| now().unwrap_or_else(|| Step::Skip(Word::new(why)));
    match check {
        CheckId::Fresh => now_or("why_not_http"),
        CheckId::Home if url.is_home() => Step::Skip(Word::new("why_is_home")),
        CheckId::Home => now_or("why_not_http"),
        CheckId::Control => now_or("why_no_control"),
        CheckId::InPage => only_if_fresh_works(case).unwrap_or_else(|| now_or("why_not_http")),
        CheckId::Cookies => only_if_fresh_works(case).unwrap_or_else(|| match case.outcome(CheckId::InPage) {
            None => Step::Later,
            Some(Outcome::Works) if case.visit.from_cache || case.visit.from_service_worker => {
                Step::Skip(Word::new("why_explained"))
            }
            Some(Outcome::Works) if url.looks_one_time() => Step::Skip(Word::new("why_one_time")),
            Some(Outcome::Works) => now_or("why_not_http"),
            Some(_) => Step::Skip(Word::new("why_explained")),
        }),
        CheckId::Again => match (case.outcome(CheckId::Fresh), case.outcome(CheckId::InPage), case.outcome(CheckId::Cookies)) {
            (None, ..) => Step::Later,
            (Some(Outcome::Works), ..) if !case.visit.is_get() => Step::Skip(Word::new("why_form")),
            (Some(Outcome::Works), ..) if case.visit.from_cache || case.visit.from_service_worker => {
                Step::Skip(Word::new("why_explained"))
            }
            (Some(Outcome::Works), None, _) | (Some(Outcome::Works), _, None) => Step::Later,
            (Some(Outcome::Works), Some(p), Some(c)) if is_fine(p) && is_fine(c) => now_or("why_not_http"),
            _ => Step::Skip(Word::new("why_explained")),
        },
        _ => Step::Later,
    }
}

fn is_fine(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Works | Outcome::Skipped)
}

/// The reasons for not asking from within the page, or for waiting; none when it is time to ask.
fn only_if_fresh_works(case: &Case) -> Option<Step> {
    match case.outcome(CheckId::Fresh) {
        None => Some(Step::Later),
        Some(Outcome::Works) if !case.visit.is_get() => Some(Step::Skip(Word::new("why_form"))),
        Some(Outcome::Works) => match case.sight {
            Sight::Pending => Some(Step::Later),
            Sight::Sealed => Some(Step::Skip(Word::new("why_sealed"))),
            Sight::Part | Sight::Whole if !case.shown => Some(Step::Skip(Word::new("why_gone"))),
            Sight::Part | Sight::Whole => None,
        },
        Some(_) => Some(Step::Skip(Word::new("why_not_needed"))),
    }
}

/// `cache` is a look at what the browser has told already.
fn cache(case: &Case) -> Answer {
    let (outcome, why) = if case.visit.from_cache {
        (Outcome::Same, "check_cache_copy")
    } else if case.visit.from_service_worker {
        (Outcome::Same, "check_cache_worker")
    } else if case.visit.headers.is_none() {
        (Outcome::Skipped, "check_cache_unseen")
    } else {
        (Outcome::Works, "check_cache_network")
    };
    Answer { status: Some(case.visit.status), ..Answer::plain(outcome, Word::new(why)) }
}
