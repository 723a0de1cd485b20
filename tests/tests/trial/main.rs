//! Nothing that was on stays off, nothing that was off gets on: whatever a page does, and whenever the browser dies.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod room;

use std::collections::BTreeSet;

use faultline_core::event::CaseId;
use faultline_core::trial::{Ending, Loaded, MAX_LOADS, MAX_MS, Stand, Told};
use room::{CASE, Room, TAB};

fn answer(works: bool) -> Loaded {
    Loaded { status: if works { 200 } else { 502 }, ..Loaded::default() }
}

/// A page that fails while any of these is on.
fn broken_by(guilty: &'static [&'static str]) -> impl Fn(&BTreeSet<String>) -> Loaded {
    move |on| answer(!guilty.iter().any(|g| on.contains(*g)))
}

fn names(list: &[faultline_core::trial::Suspect]) -> Vec<&str> {
    list.iter().map(|s| s.id.as_str()).collect()
}

#[test]
fn the_one_that_breaks_the_page_is_found_and_everything_is_on_again() {
    let mut room = Room::new(9, broken_by(&["e6"]));
    let before = room.on();
    room.ask(CASE, TAB);
    room.run();
    let [tried] = room.tried.as_slice() else { panic!("{:?}", room.tried) };
    assert_eq!((tried.ending, names(&tried.culprits), names(&tried.with)), (Ending::Culprits, vec!["e6"], vec![]));
    assert!(room.loads <= 9, "{} loads", room.loads);
    assert_eq!((room.on(), room.ledger.len()), (before, 0));
}

#[test]
fn one_that_may_not_be_turned_off_is_left_on_and_not_cleared() {
    for (guilty, untested) in [("e0", vec!["E0"]), ("e2", vec![])] {
        let mut room = Room::new(4, move |on| answer(!on.contains(guilty)));
        room.list.get_mut("e0").unwrap().may_disable = false;
        let before = room.on();
        room.ask(CASE, TAB);
        room.run();
        let ending = if guilty == "e0" { Ending::NoneOfThem } else { Ending::Culprits };
        assert_eq!(
            (room.tried[0].ending, room.tried[0].untested.clone()),
            (ending, untested.iter().map(|n| (*n).to_owned()).collect())
        );
        assert_eq!(room.on(), before);
    }
}

#[test]
fn two_that_act_together_are_named_together() {
    let mut room = Room::new(6, |on| answer(!(on.contains("e1") && on.contains("e4"))));
    room.ask(CASE, TAB);
    room.run();
    let tried = &room.tried[0];
    assert_eq!((tried.ending, names(&tried.culprits), names(&tried.with)), (Ending::Culprits, vec!["e1"], vec!["e4"]));
}

#[test]
fn two_that_break_it_each_are_both_found() {
    let mut room = Room::new(8, broken_by(&["e0", "e5"]));
    room.ask(CASE, TAB);
    room.run();
    assert_eq!((room.tried[0].ending, names(&room.tried[0].culprits)), (Ending::Culprits, vec!["e0", "e5"]));
}

#[test]
fn a_site_that_is_down_or_well_again_blames_nobody() {
    for (works, ending, loads) in [(false, Ending::NoneOfThem, 1), (true, Ending::Recovered, 2)] {
        let mut room = Room::new(5, move |_| answer(works));
        room.ask(CASE, TAB);
        room.run();
        assert_eq!((room.tried[0].ending, room.loads), (ending, loads));
        assert!(room.tried[0].culprits.is_empty());
    }
}

#[test]
fn a_page_that_lets_the_visitor_in_at_the_second_try_works() {
    // A first answer of 503 whose script loads the page once more, unless an extension keeps it from doing so.
    let mut room = Room::new(1, broken_by(&["e0"]));
    room.ask(CASE, TAB);
    while room.step() {}
    room.tell(Told::Loaded { tab: TAB, loaded: answer(false) });
    while room.step() {}
    room.tell(Told::Moved { tab: TAB, ours: true });
    room.run();
    assert_eq!(room.tried[0].ending, Ending::Culprits, "{:?}", room.tried);
}

#[test]
fn another_answer_than_the_page_proves_nothing() {
    let mut room = Room::new(3, |on| Loaded { status: if on.contains("e1") { 502 } else { 403 }, ..Loaded::default() });
    room.ask(CASE, TAB);
    room.run();
    assert_eq!((room.tried[0].ending, room.loads), (Ending::Differs(403), 1));
}

/// How many steps a whole test takes, from the start to its end.
fn steps(mut room: Room) -> usize {
    room.ask(CASE, TAB);
    let mut steps = 0;
    while room.step() || room.wait() {
        steps += 1;
    }
    steps
}

#[test]
fn the_background_may_die_after_any_step() {
    let whole = steps(Room::new(5, broken_by(&["e3"])));
    assert!(whole > 40, "{whole} steps are no test");
    for death in 0..=whole {
        for second in [None, Some(1), Some(4)] {
            let mut room = Room::new(5, broken_by(&["e3"]));
            let before = room.on();
            room.ask(CASE, TAB);
            for _ in 0..death {
                let _ = room.step() || room.wait();
            }
            room.die();
            // And once more while it is being put back.
            if let Some(second) = second {
                for _ in 0..second {
                    let _ = room.step();
                }
                room.die();
            }
            room.run();
            assert_eq!(room.on(), before, "dead after step {death}, and {second:?}");
            assert!(room.ledger.is_empty(), "the ledger stayed: {:?}", room.ledger);
        }
    }
}

#[test]
fn the_browser_may_be_killed_after_any_step_and_its_disk_be_behind() {
    let whole = steps(Room::new(5, broken_by(&["e3"])));
    let mut disks = 0;
    for death in 0..=whole {
        let there = || {
            let mut room = Room::new(5, broken_by(&["e3"]));
            room.ask(CASE, TAB);
            for _ in 0..death {
                let _ = room.step() || room.wait();
            }
            room
        };
        for disk in there().disks() {
            let mut room = there();
            let before = Room::new(5, broken_by(&["e3"])).on();
            room.crash(&disk);
            room.run();
            assert_eq!(room.on(), before, "killed after step {death}, with {disk:?} on its disk");
            assert!(room.ledger.is_empty(), "the ledger stayed: {:?}", room.ledger);
            disks += 1;
        }
    }
    assert!(disks > 3 * whole, "{disks} disks in {whole} steps are no test");
}

#[test]
fn what_the_visitor_keeps_off_stays_off_whatever_dies() {
    let keep = || {
        let mut room = Room::new(4, broken_by(&["e2"]));
        room.ask(CASE, TAB);
        while room.tried.is_empty() && (room.step() || room.wait()) {}
        while room.step() {}
        room.tell(Told::Keep { ids: vec!["e2".to_owned()] });
        while room.step() {}
        room
    };
    let mut wanted = Room::new(4, broken_by(&["e2"])).on();
    wanted.remove("e2");
    for how in ["nothing", "the background", "the browser"] {
        let mut room = keep();
        match how {
            "nothing" => {}
            "the background" => room.die(),
            _ => room.crash(&wanted),
        }
        room.run();
        assert_eq!((room.on(), room.ledger.len()), (wanted.clone(), 0), "{how} died");
    }
}

#[test]
fn every_way_out_puts_everything_back() {
    type Way = (&'static str, fn(&mut Room));
    let ways: [Way; 8] = [
        ("cancel", |r| r.tell(Told::Cancel { case: CASE })),
        ("elsewhere", |r| r.tell(Told::Moved { tab: TAB, ours: false })),
        ("closed", |r| r.tell(Told::Closed { tab: TAB })),
        ("nobody looks", |r| r.tell(Told::Watched(false))),
        ("a clock that jumps back", |r| {
            r.now -= 900_000;
            r.tell(Told::Tick);
        }),
        ("time", |r| {
            r.now += MAX_MS;
            r.tell(Told::Tick);
        }),
        ("storage refuses", |r| r.storage_works = false),
        ("an extension that does not let go", |r| r.stubborn.extend(["e2".to_owned()])),
    ];
    let whole = steps(Room::new(5, broken_by(&["e3"])));
    for (name, way) in ways {
        for moment in 0..whole {
            let mut room = Room::new(5, broken_by(&["e3"]));
            let before = room.on();
            room.ask(CASE, TAB);
            for _ in 0..moment {
                let _ = room.step() || room.wait();
            }
            way(&mut room);
            room.run();
            // What the browser refused is tried again when it does not.
            room.storage_works = true;
            room.stubborn.clear();
            room.now += 120_000;
            room.tell(Told::Tick);
            room.run();
            assert_eq!(room.on(), before, "{name} at {moment}");
            assert!(room.ledger.is_empty(), "{name} at {moment}: the ledger stayed: {:?}", room.trials);
        }
    }
}

#[test]
fn a_permission_that_is_withdrawn_leaves_the_ledger_until_it_comes_back() {
    let whole = steps(Room::new(4, broken_by(&["e3"])));
    for moment in 0..whole {
        let mut room = Room::new(4, broken_by(&["e3"]));
        let before = room.on();
        room.ask(CASE, TAB);
        for _ in 0..moment {
            let _ = room.step() || room.wait();
        }
        room.granted = false;
        room.tell(Told::Withdrawn);
        room.run();
        let off = before.len() - room.on().len();
        assert!(room.trials.off() >= off, "the visitor is not told of {off} that are off");
        if moment % 2 == 0 {
            room.die();
            room.run();
        }
        room.granted = true;
        room.tell(Told::Granted);
        room.run();
        assert_eq!(room.on(), before, "withdrawn at {moment}");
        assert!(room.ledger.is_empty());
    }
}

#[test]
fn what_the_visitor_turns_off_meanwhile_stays_off() {
    let whole = steps(Room::new(5, broken_by(&["e3"])));
    for moment in 0..whole {
        let mut room = Room::new(5, broken_by(&["e3"]));
        let mut before = room.on();
        room.ask(CASE, TAB);
        for _ in 0..moment {
            let _ = room.step() || room.wait();
        }
        // Between two steps of ours nobody could tell whose doing it was: while a page loads, it can be told.
        if room.is_loading() && room.on().contains("e4") {
            room.turn("e4", false);
            before.remove("e4");
        }
        room.turn("asleep", true);
        room.turn("asleep", false);
        room.run();
        assert_eq!(room.on(), before, "turned off at {moment}");
        assert!(room.tried.iter().all(|t| t.culprits.iter().all(|c| c.id == "e3")), "{:?}", room.tried);
    }
}

#[test]
fn an_offer_stays_for_as_long_as_it_is_looked_at() {
    let mut room = Room::new(3, broken_by(&["e1"]));
    room.tell(Told::Watched(true));
    assert!(!room.trials.is_busy(), "nothing is asked for");
    room.want(CASE, TAB);
    assert!(matches!(room.trials.stand(CASE), Stand::Offered(_)));
    assert!(room.trials.is_busy(), "the background may be stopped, and the offer with it");
    room.tell(Told::Watched(false));
    assert!(!room.trials.is_busy(), "nobody looks");
    room.tell(Told::Watched(true));
    room.tell(Told::Cancel { case: CASE });
    assert!(!room.trials.is_busy(), "nothing is offered");
}

#[test]
fn one_test_at_a_time() {
    let mut room = Room::new(3, broken_by(&["e1"]));
    let before = room.on();
    room.ask(CASE, TAB);
    while room.step() {}
    let other = CaseId(2);
    room.ask(other, TAB + 1);
    assert_eq!(room.trials.stand(other), Stand::Waiting);
    assert!(matches!(room.trials.stand(CASE), Stand::Running(_)));
    room.run();
    assert_eq!(room.tried.len(), 2, "{:?}", room.tried);
    assert!(room.tried.iter().all(|t| names(&t.culprits) == ["e1"]), "{:?}", room.tried);
    assert_eq!(room.on(), before);
}

#[test]
fn a_page_that_never_answers_costs_no_more_than_the_time_there_is() {
    let mut room = Room::new(6, |_| Loaded::default());
    let start = room.now;
    room.ask(CASE, TAB);
    // Nothing ever comes of a load: only alarms ring.
    loop {
        while room.step() {}
        if !room.silent() {
            break;
        }
    }
    let on = room.past.last().map_or(room.now, |(since, _)| *since);
    assert!(on - start <= MAX_MS, "{} ms", on - start);
    assert!(room.loads <= MAX_LOADS && room.ledger.is_empty(), "{} loads, {:?}", room.loads, room.ledger);
}
