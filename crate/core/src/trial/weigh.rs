//! What the tests that a visitor has started mean for the verdict.
//!
//! | the test | what becomes of the verdict |
//! |---|---|
//! | fails with everything on, works with the culprits off, fails with everything on again | yours / extension, whatever else was found |
//! | works with everything on | passed |
//! | fails with everything off | no extension: `yours / extension` becomes unclear |
//! | fails with everything off but what a policy keeps on | `yours / extension` becomes less sure |
//! | works and fails with the same set | `yours / extension` becomes unclear |
//! | works in a private window | unclear becomes yours, if our own requests fail or visits keep failing; extension and cookies get surer |
//! | fails in a private window as well | neither extension nor cookies: those become unclear |
//!
//! Nothing here ever turns a fault of the site into one of the visitor but the first row, which saw the page work and
//! fail by turns at the visitor's own hand.

use super::{Ending, Loaded, Suspect, Target, Tried};
use crate::case::{Answer, Case};
use crate::terms::{CheckId, Outcome, Place, Side};
use crate::verdict::{Reason, Verdict};
use crate::words::Word;

/// Of a culprit that was seen to make the difference twice.
const SURE: f32 = 0.97;

/// The verdict with what the tests have found.
#[must_use]
pub fn weigh(case: &Case, mut verdict: Verdict) -> Verdict {
    let mine = verdict.side == Side::Yours && matches!(verdict.place, Place::Extension | Place::Cookies);
    let because = |check, word| Reason { check: Some(check), word };
    match case.outcome(CheckId::PrivateWindow) {
        Some(Outcome::Works) => {
            let reason = because(CheckId::PrivateWindow, Word::new("reason_private_works"));
            // What works for our own requests as well may have come back; and whoever is sent elsewhere without cookies, or asked for a
            // proof, is so in a private window, which works for all that.
            let differs = case.relapsed || case.answer(CheckId::Fresh).is_some_and(|a| a.outcome == Outcome::Same);
            if verdict.side == Side::Unclear && !differs {
                verdict.reasons.push(reason);
            } else if verdict.side == Side::Unclear {
                verdict = Verdict { side: Side::Yours, place: Place::None, confidence: 0.6, ..verdict };
                verdict.reasons.push(reason);
            } else if mine {
                // One more answer that works: it may also be another server, or the site has come back.
                verdict.confidence = (verdict.confidence + 0.1).min(0.95);
                verdict.reasons.insert(0, reason);
            }
        }
        Some(Outcome::Same) => {
            if mine {
                verdict = Verdict { side: Side::Unclear, place: Place::None, confidence: 0.5, ..verdict };
            }
            if verdict.side != Side::Yours {
                verdict.reasons.push(because(CheckId::PrivateWindow, Word::new("reason_private_fails")));
            }
        }
        _ => {}
    }
    let Some(tried) = &case.tried else { return verdict };
    let reason = |key| because(CheckId::ExtensionsOff, Word::new(key));
    let is_extension = verdict.side == Side::Yours && verdict.place == Place::Extension;
    match tried.ending {
        Ending::Culprits => {
            let all = |of: &[Suspect]| of.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", ");
            let mut reasons = vec![because(CheckId::ExtensionsOff, Word::new("reason_tried_culprit").with(all(&tried.culprits)))];
            if !tried.with.is_empty() {
                reasons.push(because(CheckId::ExtensionsOff, Word::new("reason_tried_with").with(all(&tried.with))));
            }
            return Verdict { side: Side::Yours, place: Place::Extension, confidence: SURE, reasons, would_change: Vec::new() };
        }
        Ending::Recovered => {
            let reasons = vec![reason("reason_tried_recovered")];
            return Verdict {
                side: Side::Passed,
                place: Place::None,
                confidence: 0.9,
                reasons,
                would_change: verdict.would_change,
            };
        }
        // It may be one that could not be turned off.
        Ending::NoneOfThem if is_extension && !tried.untested.is_empty() => {
            verdict.confidence = verdict.confidence.min(0.7);
            verdict.reasons.push(reason("reason_tried_none"));
        }
        Ending::NoneOfThem if is_extension || verdict.side == Side::Unclear => {
            verdict = Verdict { side: Side::Unclear, place: Place::None, confidence: verdict.confidence.min(0.45), ..verdict };
            verdict.reasons.push(reason("reason_tried_none"));
        }
        Ending::Unsteady if is_extension => {
            verdict = Verdict { side: Side::Unclear, place: Place::None, confidence: 0.4, ..verdict };
            verdict.reasons.push(reason("reason_tried_unsteady"));
        }
        _ => {}
    }
    verdict
}

/// The line that a test gets among the checks; none where it proves nothing.
#[must_use]
pub fn answer(case: &Case, tried: &Tried) -> Option<Answer> {
    let (outcome, status, why) = match tried.ending {
        Ending::Culprits | Ending::Recovered => (Outcome::Works, None, None),
        Ending::NoneOfThem => (Outcome::Same, Some(case.visit.status), None),
        Ending::Unsteady => (Outcome::OtherError, None, Some(Word::new("reason_tried_unsteady"))),
        Ending::Differs(status) => (Outcome::OtherError, Some(status), None),
        _ => return None,
    };
    Some(Answer { status, why, ..Answer::plain(outcome, Word::new("off_title")) })
}

/// How a load compares with the failure: by status, producer and title.
#[must_use]
pub fn compare(target: &Target, loaded: &Loaded) -> Outcome {
    let same_page = target.producer.is_some()
        && !target.title.is_empty()
        && (&loaded.title, &loaded.producer) == (&target.title, &target.producer);
    match loaded.status {
        400..=499 => Outcome::OtherError,
        // The same page under another number is still the same failure.
        200..=399 if !same_page => Outcome::Works,
        _ => Outcome::Same,
    }
}

/// The sentence as it may leave the machine: whose extensions are installed is nobody's business.
#[must_use]
pub fn unnamed(word: &Word) -> Word {
    match word.key.as_str() {
        "reason_tried_culprit" | "reason_tried_with" => Word::new("reason_tried_some"),
        _ => word.clone(),
    }
}
