//! The promises of the verdict, over evidence of every kind.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod world;

use faultline_core::case::{Answer, Case, Check, Control, Sight, Visit};
use faultline_core::event::{Answered, CaseId, Read, Shown};
use faultline_core::reading::Reading;
use faultline_core::terms::{CheckId, Outcome, Place, Side};
use faultline_core::verdict::{MAX_WITHOUT_CONTROL, Verdict, fold};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const SITE_CHECKS: [CheckId; 7] =
    [CheckId::Fresh, CheckId::Home, CheckId::InPage, CheckId::Cookies, CheckId::Again, CheckId::AsNavigation, CheckId::Proxy];

fn outcome() -> impl Strategy<Value = Answer> {
    let answers = vec![
        (Outcome::Same, Some(502)),
        (Outcome::OtherError, Some(504)),
        (Outcome::OtherError, Some(403)),
        (Outcome::OtherError, Some(302)),
        (Outcome::Works, Some(200)),
        (Outcome::Silent, None),
        (Outcome::Refused, None),
        (Outcome::Skipped, None),
    ];
    let errors = vec![
        None,
        Some("net::ERR_CONNECTION_REFUSED"),
        Some("net::ERR_PROXY_CONNECTION_FAILED"),
        Some("net::ERR_INTERNET_DISCONNECTED"),
    ];
    (select(answers), select(errors)).prop_map(|((outcome, status), error)| Answer {
        outcome,
        status,
        error: error.filter(|_| outcome == Outcome::Refused).map(str::to_owned),
        ..Answer::plain(outcome, faultline_core::words::Word::new("x"))
    })
}

fn control() -> impl Strategy<Value = Option<Control>> {
    select(vec![
        None,
        Some(Control::Online),
        Some(Control::Hijacked),
        Some(Control::Portal),
        Some(Control::Offline),
        Some(Control::Unusable),
    ])
}

/// What the response is like: cached, made by a service worker, from a public address, a form's answer, read or not.
fn visit() -> impl Strategy<Value = (Visit, Option<Read>)> {
    let bodies =
        vec![None, Some(""), Some(world::NGINX_502), Some("<body id=ERR_CONNECT_FAIL><p>x</p><!-- ERR_CONNECT_FAIL --></body>")];
    (
        any::<[bool; 5]>(),
        select(vec![500_u16, 502, 503, 504, 522]),
        select(bodies),
        select(vec!["203.0.113.7", "127.0.0.1", "10.0.0.1"]),
    )
        .prop_map(|([cached, worker, form, seen, proxied], status, body, address)| {
            let answered = Answered {
                tab: world::TAB,
                url: world::URL.into(),
                method: if form { "POST" } else { "GET" }.into(),
                status,
                from_cache: cached && !worker,
                address: Some(address.into()),
                proxied,
                ..Answered::default()
            };
            let mut visit = Visit::from(answered);
            visit.from_service_worker = worker;
            if worker || !seen {
                visit.headers = None;
            }
            (visit, body.map(|b| Read { status, body: b.into(), ..Read::default() }))
        })
}

prop_compose! {
    fn evidence()(
        (visit, read) in visit(),
        answers in vec((select(SITE_CHECKS.to_vec()), outcome()), 0..8),
        control in control(),
        done in any::<bool>(),
        relapsed in any::<bool>(),
        swap in any::<prop::sample::Index>(),
    ) -> (Case, Vec<(CheckId, Answer)>, usize) {
        let mut case = Case::open(CaseId(1), world::START, visit, Shown { tab: world::TAB, ..Shown::default() }, Sight::Pending);
        case.take(read.as_ref());
        case.done = done;
        case.relapsed = relapsed;
        let mut unique: Vec<(CheckId, Answer)> = Vec::new();
        for (id, answer) in answers {
            if unique.iter().all(|(have, _)| *have != id) {
                unique.push((id, answer));
            }
        }
        if let Some(control) = control {
            let outcome = match control { Control::Online => Outcome::Works, Control::Offline => Outcome::Refused, _ => Outcome::OtherError };
            unique.push((CheckId::Control, Answer { control: Some(control), ..Answer::plain(outcome, faultline_core::words::Word::new("x")) }));
        }
        let at = if unique.is_empty() { 0 } else { swap.index(unique.len()) };
        (case, unique, at)
    }
}

fn judged(case: &Case, answers: &[(CheckId, Answer)]) -> Verdict {
    let mut case = case.clone();
    for (id, answer) in answers {
        case.checks.insert(*id, Check::Ended(answer.clone()));
    }
    fold(&case)
}

fn find(answers: &[(CheckId, Answer)], id: CheckId) -> Option<&Answer> {
    answers.iter().find(|(have, _)| *have == id).map(|(_, a)| a)
}

fn says_yours(reading: &Reading) -> bool {
    reading.usual.is_some_and(|(side, _)| side == Side::Yours)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn yours_needs_a_difference_or_a_positive_sign((case, answers, _) in evidence()) {
        let verdict = judged(&case, &answers);
        if verdict.side == Side::Yours {
            let fresh_works = find(&answers, CheckId::Fresh).is_some_and(|a| a.outcome == Outcome::Works);
            let control = find(&answers, CheckId::Control).and_then(|a| a.control);
            // A name of the internet that leads to this computer or network.
            let near = case.visit.address.as_deref() != Some("203.0.113.7");
            let sign = matches!(control, Some(Control::Hijacked | Control::Portal | Control::Offline))
                || says_yours(&case.reading)
                || find(&answers, CheckId::Fresh).is_some_and(|a| a.error.is_some())
                || find(&answers, CheckId::Proxy).is_some_and(|a| a.outcome == Outcome::Works)
                || near;
            let outcome = |id| find(&answers, id).map(|a| a.outcome);
            let at_home = outcome(CheckId::Home) == Some(Outcome::Works) && outcome(CheckId::Cookies).is_some_and(|o| o != Outcome::Works);
            prop_assert!(fresh_works || sign || at_home, "{verdict:#?}");
            if verdict.place == Place::Extension {
                prop_assert!(fresh_works && find(&answers, CheckId::InPage).is_some_and(Answer::fails));
            }
        }
    }

    #[test]
    fn never_the_site_while_the_control_claims_otherwise((case, answers, _) in evidence()) {
        let verdict = judged(&case, &answers);
        let control = find(&answers, CheckId::Control).and_then(|a| a.control);
        let public = !case.visit.proxied && case.visit.address.as_deref() == Some("203.0.113.7");
        match control {
            Some(Control::Hijacked | Control::Portal) => prop_assert_ne!(verdict.side, Side::Site),
            // An answer from a public address is itself a proof that the visitor is online; so is a page that works.
            Some(Control::Offline) if !public => {
                let online = find(&answers, CheckId::Fresh).is_some_and(|a| a.outcome == Outcome::Works);
                prop_assert!(verdict.side != Side::Site || online, "{verdict:#?}");
            }
            _ => {}
        }
    }

    #[test]
    fn no_control_no_certainty((case, answers, _) in evidence()) {
        let verdict = judged(&case, &answers);
        if find(&answers, CheckId::Control).and_then(|a| a.control) != Some(Control::Online) {
            prop_assert!(verdict.confidence <= MAX_WITHOUT_CONTROL);
        }
        prop_assert!((0.0..=0.98).contains(&verdict.confidence));
        prop_assert!(!verdict.reasons.is_empty());
    }

    #[test]
    fn the_order_of_answers_does_not_matter((case, mut answers, at) in evidence()) {
        let before = judged(&case, &answers);
        answers.rotate_left(at);
        prop_assert_eq!(&before, &judged(&case, &answers));
        answers.reverse();
        prop_assert_eq!(&before, &judged(&case, &answers));
    }

    #[test]
    fn more_failing_answers_never_speak_for_the_site_less((case, answers, _) in evidence()) {
        // A front page that fails as well is one more failure of the same side.
        let without: Vec<_> = answers.iter().filter(|(id, _)| *id != CheckId::Home).cloned().collect();
        let before = judged(&case, &without);
        let mut with = without;
        let fails = Answer { status: Some(502), ..Answer::plain(Outcome::Same, faultline_core::words::Word::new("x")) };
        with.push((CheckId::Home, fails));
        let after = judged(&case, &with);
        if before.side == Side::Site {
            let refused = find(&answers, CheckId::Fresh).is_some_and(|a| a.outcome == Outcome::Refused);
            // No connection for the page while the front page answers: then the site is not simply gone.
            prop_assert!(refused || (after.side == Side::Site && after.confidence >= before.confidence), "{before:#?} {after:#?}");
        }
    }

    #[test]
    fn the_fold_is_a_function((case, answers, _) in evidence()) {
        prop_assert_eq!(judged(&case, &answers), judged(&case, &answers));
    }
}
