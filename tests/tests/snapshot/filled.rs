//! Cases in which every optional thing is there, with every variant of every term.

use faultline_core::case::{Answer, Case, Check, Control};
use faultline_core::event::Announcement;
use faultline_core::reading::{Reference, Relay};
use faultline_core::terms::{CheckId, FailureKind, Outcome, Place, Role, Side};
use faultline_core::words::Word;
use serde::Serialize;

use crate::cases;

/// The part of a desk that has so much to it; its other fields are for the real one to show.
#[derive(Serialize)]
pub(crate) struct Desk {
    cases: Vec<Case>,
}

pub(crate) fn desk() -> Desk {
    let whole = whole();
    let mut all = Vec::new();
    let mut each = |change: &dyn Fn(&mut Case)| {
        let mut case = whole.clone();
        change(&mut case);
        all.push(case);
    };
    FailureKind::ALL.iter().for_each(|kind| each(&|case| case.reading.failure.kind = *kind));
    for role in Role::ALL {
        each(&|case| {
            case.reading.relays = vec![Relay { id: Some("x".into()), name: "x".into(), role: Some(*role), told_by: "x".into() }];
            if let Some(producer) = &mut case.reading.producer {
                producer.role = *role;
            }
        });
    }
    Side::ALL.iter().for_each(|side| each(&|case| case.reading.usual = Some((*side, Place::None))));
    Place::ALL.iter().for_each(|place| each(&|case| case.reading.usual = Some((Side::Unclear, *place))));
    for check in CheckId::ALL {
        Outcome::ALL.iter().for_each(|outcome| each(&|case| case.checks.insert(*check, Check::Ended(answer(*outcome)))));
    }
    each(&|case| {
        let earlier = Some(Box::new(answer(Outcome::Same)));
        case.checks.insert(CheckId::Fresh, Check::Asked { attempt: 1, at: 1, earlier });
    });
    for how in [Announcement::Popup, Announcement::Card, Announcement::Badge, Announcement::Waiting] {
        each(&|case| case.announced = Some(how));
    }
    Desk { cases: all }
}

fn whole() -> Case {
    let (_, mut case) = cases::cases().into_iter().next().expect("there are cases");
    let reading = &mut case.reading;
    reading.references = vec![Reference { kind: "x".into(), value: "x".into() }];
    reading.copy_of = Some("x".into());
    reading.retry_after_s = Some(1);
    reading.failure.because = vec![Word::new("x").with("x")];
    case.visit.error = Some("x".into());
    case.settings.never = vec!["x".into()];
    case
}

fn answer(outcome: Outcome) -> Answer {
    let text = || Some("x".to_owned());
    Answer {
        outcome,
        status: Some(502),
        ms: Some(1),
        why: Some(Word::new("x").with("x")),
        producer: text(),
        error: text(),
        address: text(),
        control: Some(Control::Online),
        wait_s: Some(1),
        mark: Some(1),
        asked: Some(1),
        ..Answer::plain(outcome, Word::new("x"))
    }
}
