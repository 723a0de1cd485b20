//! Saved, then acted: the background may be stopped after any step, twice, and the verdict stays the same.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod world;

use faultline_core::case::MAX_REQUESTS;
use faultline_core::event::Read;
use faultline_core::terms::{CheckId, Side};
use world::{Reply, Script, World};

fn scripts() -> Vec<(&'static str, Script)> {
    let works = |s: Script, ids: &[CheckId]| ids.iter().fold(s, |s, id| s.with(*id, Reply::status(200)));
    let all = [CheckId::Fresh, CheckId::Home, CheckId::InPage, CheckId::Cookies, CheckId::Again, CheckId::AsNavigation];
    let mut cached = works(Script::default(), &all);
    cached.answered.from_cache = true;
    vec![
        ("site", Script::default()),
        ("page", works(Script::default(), &[CheckId::Home])),
        ("passed", works(Script::default(), &all)),
        ("extension", works(Script::default(), &all).with(CheckId::InPage, Reply::status(502))),
        ("cookies", works(Script::default(), &all).with(CheckId::Cookies, Reply::status(502))),
        ("some servers", works(Script::default(), &all).with(CheckId::Again, Reply::status(502))),
        ("probes differ", works(Script::default(), &[CheckId::AsNavigation]).with(CheckId::Fresh, Reply::status(403))),
        (
            "barred",
            Script { barred: Some("net::ERR_TUNNEL_CONNECTION_FAILED".into()), ..Script::default() }
                .with(CheckId::Fresh, Reply::error("net::ERR_TUNNEL_CONNECTION_FAILED")),
        ),
        ("cache", cached),
        ("empty", Script { error_page: Some("net::ERR_HTTP_RESPONSE_CODE_FAILURE".into()), ..Script::default() }),
        ("slow", Script::default().with(CheckId::Fresh, Reply::status(504).later(60_000))),
        (
            "worker",
            Script {
                unannounced: true,
                read: Some(Read { status: 503, controlled: true, ..Read::default() }),
                ..works(Script::default(), &all)
            },
        ),
    ]
}

fn told(world: &World) -> (String, String, Option<String>, String, bool) {
    let case = world.case();
    let producer = case.reading.producer.as_ref().map(|p| p.id.clone());
    (case.verdict.side.to_string(), case.verdict.place.to_string(), producer, case.kind().to_string(), case.announced.is_some())
}

#[test]
fn stopped_after_any_one_step_the_verdict_is_the_same() {
    for (name, script) in scripts() {
        let whole = World::play(script.clone());
        for (stop, alarm_only) in (1..=whole.steps + 2).flat_map(|stop| [(stop, false), (stop, true)]) {
            let mut world = World::new(script.clone());
            world.alarm_only = alarm_only;
            world.stops = vec![stop];
            world.fail();
            world.run();
            assert!(world.case().done, "{name}, stopped after step {stop}: stuck");
            // What was lost may have been the last request that the site can bear: then it stays open.
            if world.case().verdict.side == Side::Unclear && world.case().requests == MAX_REQUESTS {
                continue;
            }
            assert_eq!(told(&world), told(&whole), "{name}, stopped after step {stop}: {:#?}", world.case());
            assert!(world.site_requests() <= MAX_REQUESTS.into(), "{name}, stopped after step {stop}: too many requests");
        }
    }
}

#[test]
fn stopped_again_and_again_no_case_is_stuck_and_the_site_is_left_alone() {
    for (name, script) in scripts() {
        for first in 1..12 {
            for every in 1..4 {
                let mut world = World::new(script.clone());
                world.stops = (first..60).step_by(every).collect();
                world.fail();
                world.run();
                let requests = world.site_requests();
                assert!(world.desk.latest().is_none_or(|c| c.done), "{name}: stuck");
                assert!(requests <= MAX_REQUESTS.into(), "{name}: {requests} requests");
                assert!(world.credentialed() <= 2, "{name}: cookies sent too often");
            }
        }
    }
}
