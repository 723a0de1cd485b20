//! Which question comes next. Few, paired, polite: what is not needed is not asked.
//!
//! | check | asked | left out |
//! |---|---|---|
//! | `cache` | never: the response event has it | |
//! | `fresh` | at once | |
//! | `home` | when `fresh` fails; at once where the visit was a long wait | the page is the front page; the proxy let nothing through; `fresh` works |
//! | `control` | at once | no endpoint is configured |
//! | `in-page` | when `fresh` works; a second time at once and a third time after `again`, as long as it fails | `fresh` fails: the others are not in the way; a form's answer; no script may enter |
//! | `cookies` | last of all, when everything else works; at the front page when `fresh` is sent elsewhere and `home` works | the URL looks as if it works once; an old copy or a service worker explains it; asked before in this case |
//! | `again` | when `fresh` works, as often as there is room; when only the front page works; before cookies go to the front page; at the address whose kept redirect has led here, when `fresh` does not work | an old copy or a service worker explains the failure |
//! | `as-navigation` | when `fresh` and the visit differ, or nobody knows who wrote the page | `fresh` fails as the visit did, no answer at all |
//! | `proxy` | never: the answers have it; a request past the proxy on a click | |
//!
//! A site that asks to be left alone for a while (`Retry-After`, 429) is left alone: what would come sooner is left out, unless the
//! time is short enough to wait for. Nothing goes to the site more than [`MAX_REQUESTS`] times before the visitor clicks.

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

/// Pause before the same is asked once more.
pub const AGAIN_AFTER_MS: u32 = 600;

/// A visit that took so long is a long wait, in milliseconds.
const LONG_MS: u32 = 2_000;

/// Longest pause before a question: a site that asks for more is not asked at all.
pub const MAX_PAUSE_MS: u32 = 5_000;

/// Most tries of one check. A second one is made only when the first was lost with the background.
pub const MAX_ATTEMPTS: u8 = 2;

/// How often the page is asked for once more when everything works: with the other checks five requests, so that one bad server
/// of five that take turns is met.
const MAX_AGAIN: u8 = 3;

/// How often the page is asked for from within itself as long as that fails.
const MAX_IN_PAGE: u8 = 3;

/// The checks in the order in which they are looked at.
const ORDER: [CheckId; 8] = [
    CheckId::Cache,
    CheckId::Fresh,
    CheckId::Home,
    CheckId::Control,
    CheckId::InPage,
    CheckId::Again,
    CheckId::AsNavigation,
    CheckId::Cookies,
];

/// What to do about one check.
enum Step {
    Ask,
    Skip(&'static str),
    Later,
}

/// Writes the next questions into the case and returns them.
pub fn advance(case: &mut Case, at: Millis, firefox: bool) -> Vec<Question> {
    let mut questions = Vec::new();
    // A check that is left out may decide about the next one: go round until nothing changes.
    loop {
        let mut changed = false;
        for check in ORDER {
            let earlier = match case.checks.get(check) {
                Some(Check::Asked { .. }) => continue,
                Some(Check::Ended(answer)) if wants_more(case, check, answer, at) => Some(answer.clone()),
                Some(Check::Ended(_)) => continue,
                None => None,
            };
            if check == CheckId::Cache {
                case.checks.insert(check, Check::Ended(cache(case)));
                changed = true;
                continue;
            }
            let step = if earlier.is_some() { Step::Ask } else { step(case, check) };
            let why = match step {
                Step::Later => continue,
                Step::Skip(why) => why,
                Step::Ask => match question(case, check, 1, firefox) {
                    Some(question) => {
                        questions.extend(ask(case, question, earlier, at));
                        changed = true;
                        continue;
                    }
                    None if check == CheckId::Control => "why_no_control",
                    None => "why_not_http",
                },
            };
            skip(case, check, why, None);
            changed = true;
        }
        if !changed {
            return questions;
        }
    }
}

/// Writes down that `question` is being asked, if the site may be asked once more.
pub fn ask(case: &mut Case, mut question: Question, earlier: Option<Answer>, at: Millis) -> Option<Question> {
    if question.check != CheckId::Control {
        let wait = case.must_wait_ms(at);
        let why = if case.requests >= MAX_REQUESTS {
            Some("why_enough_requests")
        } else if wait > Millis::from(MAX_PAUSE_MS) {
            Some("why_asked_to_wait")
        } else {
            None
        };
        if let Some(why) = why {
            skip(case, question.check, why, earlier);
            return None;
        }
        question.after_ms = question.after_ms.max(u32::try_from(wait).unwrap_or(MAX_PAUSE_MS));
        case.requests = case.requests.saturating_add(1);
    }
    let earlier = earlier.map(Box::new);
    case.checks.insert(question.check, Check::Asked { attempt: question.attempt, at, earlier });
    Some(question)
}

/// Ends a check that is not asked (any more). What came of asking it before stays.
fn skip(case: &mut Case, check: CheckId, why: &str, earlier: Option<Answer>) {
    let skipped = Answer::plain(Outcome::Skipped, Word::new(why));
    case.checks.insert(check, Check::Ended(skipped.after(earlier)));
}

/// The question of a check, whether it was asked already or not; none where this case has none to ask.
#[must_use]
pub fn question(case: &Case, check: CheckId, attempt: u8, firefox: bool) -> Option<Question> {
    let url = Url::split(case.visit.wanted())?;
    let from = match check {
        CheckId::Fresh | CheckId::Home | CheckId::Control | CheckId::Again => From::Background,
        CheckId::AsNavigation => From::Visit,
        CheckId::Proxy => From::Direct,
        CheckId::InPage | CheckId::Cookies => {
            From::Page { tab: case.tab, document: case.document.clone(), cookies: check == CheckId::Cookies }
        }
        _ => return None,
    };
    let address = match check {
        CheckId::Home => url.home(),
        // The page itself sends those without cookies elsewhere: its front page tells whether the cookies are in the way.
        CheckId::Cookies if case.outcome(CheckId::Fresh) != Some(Outcome::Works) => url.home(),
        CheckId::Control => case.settings.controls(firefox).into_iter().next()?.url,
        CheckId::Again if asks_the_old_address(case) => case.visit.moved_from.clone()?,
        _ => case.visit.wanted().to_owned(),
    };
    let cap_ms = if check == CheckId::Control { CONTROL_CAP_MS } else { SITE_CAP_MS };
    let is_repeated = check == CheckId::Again || (check == CheckId::InPage && case.answer(CheckId::InPage).is_some());
    let after_ms = if is_repeated { AGAIN_AFTER_MS } else { 0 };
    Some(Question { case: case.id, check, attempt, url: address, from, cap_ms, after_ms })
}

/// Whether a check that has ended is to be asked once more, to see whether its answer is steady.
fn wants_more(case: &Case, check: CheckId, answer: &Answer, at: Millis) -> bool {
    if case.must_wait_ms(at) > Millis::from(MAX_PAUSE_MS) || case.requests >= MAX_REQUESTS {
        return false;
    }
    let is_fine = (answer.outcome == Outcome::Works || is_elsewhere(answer)) && !answer.is_turned_away();
    match check {
        // Servers that take turns never fail twice in a row: the second request comes next, with nothing in between. Where chance decides,
        // three that fail beside three that work are rarest. The third comes after one from outside: a site that was down for a moment
        // fails for both.
        CheckId::InPage => {
            let is_its_turn = answer.tries < 2 || case.answer(CheckId::Again).is_some_and(|a| a.tries > 0);
            answer.tries < MAX_IN_PAGE && answer.fails > 0 && answer.is_steady() && is_its_turn
        }
        CheckId::Again if !is_fine || case.answer(CheckId::Fresh).is_none_or(Answer::fails) => false,
        CheckId::Again if case.answer(CheckId::InPage).is_some_and(Answer::fails) => answer.tries < MAX_AGAIN,
        // The last two are kept for `as-navigation` and for `cookies`, where there is something to ask.
        CheckId::Again if case.checks.get(CheckId::AsNavigation).is_none() && cookies_are_open(case) => {
            case.requests < MAX_REQUESTS - 2
        }
        CheckId::Again => answer.tries < MAX_AGAIN && case.requests < MAX_REQUESTS - 1,
        _ => false,
    }
}

/// Whether a request with cookies may still come.
fn cookies_are_open(case: &Case) -> bool {
    case.outcome(CheckId::InPage) == Some(Outcome::Works)
        && Url::split(case.visit.wanted()).is_some_and(|url| !url.looks_one_time())
        && case.checks.get(CheckId::Cookies).is_none()
        && matches!(from_the_page(case), Step::Ask)
}

fn step(case: &Case, check: CheckId) -> Step {
    let Some(url) = Url::split(case.visit.wanted()) else { return Step::Skip("why_not_http") };
    match check {
        CheckId::Fresh | CheckId::Control => Step::Ask,
        CheckId::Home if url.is_home() => Step::Skip("why_is_home"),
        CheckId::Home if case.visit.error.is_some() => Step::Skip("why_not_needed"),
        // Worth a request only when `fresh` fails: one more is left for the page then, so that of five servers that take turns the dead
        // one is met before cookies go out. A site that keeps everybody waiting is asked both at once.
        CheckId::Home if case.requests > 1 || !waited_long(case) => match case.outcome(CheckId::Fresh) {
            None => Step::Later,
            Some(Outcome::Works) => Step::Skip("why_not_needed"),
            Some(_) => Step::Ask,
        },
        CheckId::Home => Step::Ask,
        CheckId::InPage => match case.outcome(CheckId::Fresh) {
            None => Step::Later,
            Some(Outcome::Works) if case.visit.asked.is_some() => Step::Skip("why_explained"),
            Some(Outcome::Works) => from_the_page(case),
            Some(_) => Step::Skip("why_not_needed"),
        },
        CheckId::Cookies => cookies(case, &url),
        CheckId::Again => again(case, &url),
        CheckId::AsNavigation => as_navigation(case),
        _ => Step::Later,
    }
}

/// Whether the answers of this site take so long that one after the other would be too long a wait for the visitor.
fn waited_long(case: &Case) -> bool {
    case.visit.first_byte_ms.is_some_and(|ms| ms >= LONG_MS)
}

/// Whether a question can be asked from within the page now.
fn from_the_page(case: &Case) -> Step {
    if !case.visit.is_get() {
        return Step::Skip("why_form");
    }
    match case.sight {
        Sight::Pending => Step::Later,
        Sight::Sealed => Step::Skip("why_sealed"),
        Sight::Part | Sight::Whole if !case.shown => Step::Skip("why_gone"),
        Sight::Part | Sight::Whole => Step::Ask,
    }
}

fn cookies(case: &Case, url: &Url<'_>) -> Step {
    let is_explained = case.visit.is_second_hand();
    let ready = match (case.answer(CheckId::Fresh), case.outcome(CheckId::InPage)) {
        (None, _) => return Step::Later,
        (Some(fresh), in_page) if fresh.outcome == Outcome::Works => match in_page {
            None => return Step::Later,
            // The last of all: of servers that take turns, up to five have answered by then, and all of them well.
            Some(Outcome::Works) => match (case.answer(CheckId::Again), case.answer(CheckId::AsNavigation)) {
                (Some(again), Some(visit)) => !(again.fails > 0 || again.is_turned_away() || visit.fails()),
                _ if is_explained => false,
                _ => return Step::Later,
            },
            // A page whose policy forbids it forbids this too.
            Some(_) => false,
        },
        (Some(fresh), _) if is_elsewhere(fresh) && !url.is_home() => {
            match (cookies_at_home(case, url), case.answer(CheckId::Again)) {
                (Step::Ask, Some(again)) => !(again.fails > 0 || again.is_turned_away()),
                (Step::Ask, None) => return Step::Later,
                (step, _) => return step,
            }
        }
        _ => return Step::Skip("why_not_needed"),
    };
    if !ready || is_explained {
        return Step::Skip("why_explained");
    }
    if url.looks_one_time() {
        return Step::Skip("why_one_time");
    }
    from_the_page(case)
}

/// Whether the front page is worth a request with cookies: the page itself sends those without any elsewhere, and whoever is logged in
/// sees something else at both.
fn cookies_at_home(case: &Case, url: &Url<'_>) -> Step {
    match (case.outcome(CheckId::Home), case.answer(CheckId::AsNavigation)) {
        _ if url.looks_one_time() => Step::Skip("why_one_time"),
        (None, _) | (_, None) => Step::Later,
        (Some(Outcome::Works), Some(visit)) if !visit.fails() && !case.visit.is_second_hand() => from_the_page(case),
        _ => Step::Skip("why_explained"),
    }
}

fn again(case: &Case, url: &Url<'_>) -> Step {
    let Some(fresh) = case.answer(CheckId::Fresh) else { return Step::Later };
    if asks_the_old_address(case) {
        return Step::Ask;
    }
    if fresh.fails() {
        return match case.outcome(CheckId::Home) {
            None => Step::Later,
            Some(Outcome::Works) if case.visit.is_get() => Step::Ask,
            Some(_) => Step::Skip("why_not_needed"),
        };
    }
    // Before cookies go to the front page: one bad server of several is to be met first.
    if is_elsewhere(fresh) && !url.is_home() {
        return match cookies_at_home(case, url) {
            Step::Skip(_) => Step::Skip("why_not_needed"),
            step => step,
        };
    }
    if fresh.outcome != Outcome::Works {
        return Step::Skip("why_not_needed");
    }
    if !case.visit.is_get() {
        return Step::Skip("why_form");
    }
    if case.visit.is_second_hand() {
        return Step::Skip("why_explained");
    }
    match case.answer(CheckId::InPage) {
        None => Step::Later,
        Some(in_page) if in_page.fails() && !in_page.is_steady() => Step::Skip("why_explained"),
        Some(_) => Step::Ask,
    }
}

/// Whether the browser followed a redirect that it had kept to a page that fails: the address before it may be served again.
fn asks_the_old_address(case: &Case) -> bool {
    let visit = &case.visit;
    let is_safe = visit.is_get() && !visit.is_one_time() && !visit.is_second_hand();
    let fails = |fresh: &Answer| !matches!(fresh.outcome, Outcome::Works | Outcome::Skipped);
    visit.moved_from.is_some() && is_safe && case.answer(CheckId::Fresh).is_some_and(fails)
}

fn as_navigation(case: &Case) -> Step {
    let Some(fresh) = case.answer(CheckId::Fresh) else { return Step::Later };
    if !case.visit.is_get() {
        return Step::Skip("why_form");
    }
    if case.visit.is_second_hand() || case.visit.error.is_some() {
        return Step::Skip("why_explained");
    }
    match fresh.outcome {
        Outcome::Works => {
            let fails = |check| case.answer(check).is_some_and(|a| a.fails() || a.fails > 0);
            match (case.outcome(CheckId::InPage), case.outcome(CheckId::Again)) {
                (Some(_), Some(_)) if fails(CheckId::InPage) || fails(CheckId::Again) => Step::Skip("why_explained"),
                (Some(_), Some(_)) if case.requests + 1 >= MAX_REQUESTS && cookies_are_open(case) => {
                    Step::Skip("why_enough_requests")
                }
                (Some(_), Some(_)) => Step::Ask,
                _ => Step::Later,
            }
        }
        Outcome::Same if fresh.producer.is_some() && !differs(case, fresh) => Step::Skip("why_not_needed"),
        // The page itself tells who wrote it, and that may be the one who knows no probes.
        Outcome::Same | Outcome::OtherError if matches!(case.sight, Sight::Pending) => Step::Later,
        Outcome::Same | Outcome::OtherError => Step::Ask,
        Outcome::Silent | Outcome::Refused | Outcome::Skipped => Step::Skip("why_not_needed"),
    }
}

/// Whether another program answered the probe than the visit.
fn differs(case: &Case, answer: &Answer) -> bool {
    case.reading.producer.as_ref().is_some_and(|p| answer.producer.as_ref() != Some(&p.id))
}

/// An answer that is neither the page nor a failure: a log-in, a refusal.
fn is_elsewhere(answer: &Answer) -> bool {
    answer.outcome == Outcome::OtherError && !answer.fails() && !answer.is_turned_away()
}

/// `cache` is a look at what the browser has told already.
fn cache(case: &Case) -> Answer {
    let (outcome, why) = if case.visit.from_cache || case.visit.revived {
        (Outcome::Same, "check_cache_copy")
    } else if case.visit.from_service_worker {
        (Outcome::Same, "check_cache_worker")
    } else if case.visit.headers.is_none() {
        (Outcome::Skipped, "check_cache_unseen")
    } else {
        (Outcome::Works, "check_cache_network")
    };
    let status = Some(case.visit.status).filter(|s| *s > 0);
    Answer { status, ..Answer::plain(outcome, Word::new(why)) }
}
