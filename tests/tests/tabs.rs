//! What a tab shows: which case is its own, and when it is announced, on a virtual clock.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod world;

use faultline_core::desk::{Desk, SIGHTING_MS};
use faultline_core::event::{Announcement, Answered, Read, Shown, What};
use world::{START, Script, TAB, URL, World};

#[test]
fn stop_and_prefetch_open_no_case() {
    let mut world = World::new(Script::default());
    let answered = world.script.answered.clone();
    world.at(0, true, What::Answered(Box::new(answered)));
    world.at(10, true, What::Shown(Shown { tab: TAB, url: "https://other.example/".into(), ..Shown::default() }));
    world.at(20, true, What::Shown(Shown { tab: TAB, url: URL.into(), ..Shown::default() }));
    world.run();
    assert!(world.desk.latest().is_none());
}

#[test]
fn a_page_that_was_overtaken_takes_no_response_of_the_next_one_away() {
    let mut world = World::new(Script::default());
    let answered = world.script.answered.clone();
    let shown = |url: &str, committed| Shown { tab: TAB, url: url.into(), committed: Some(committed), ..Shown::default() };
    world.at(20, true, What::Answered(Box::new(answered)));
    world.at(21, true, What::Shown(shown("https://other.example/", START + 10)));
    world.at(22, true, What::Shown(shown(URL, START + 21)));
    world.run();
    assert!(world.desk.case_in(TAB).is_some());
}

#[test]
fn the_case_of_a_tab_is_the_one_of_the_page_on_screen() {
    let mut world = World::new(Script::default());
    let other = "https://shop.example/other";
    for (after, url) in [(0, URL), (5_000, other), (10_000, URL)] {
        world.at(after, true, What::Answered(Box::new(Answered { url: url.into(), ..world.script.answered.clone() })));
        world.at(after + 20, true, What::Shown(Shown { tab: TAB, url: url.into(), ..Shown::default() }));
    }
    world.run();
    let shown: Vec<_> = world.desk.all().filter(|c| c.shown).map(|c| (c.visit.url.as_str(), c.visits)).collect();
    assert_eq!(shown, [(URL, 2)]);
}

#[test]
fn a_page_that_works_is_not_taken_for_the_failure_that_it_came_before() {
    let mut world = World::new(Script::default());
    world.at(0, true, What::Answered(Box::new(world.script.answered.clone())));
    world.at(10, true, What::Shown(Shown { tab: TAB, url: URL.into(), healthy: true, ..Shown::default() }));
    world.run();
    assert!(world.desk.latest().is_none());
}

#[test]
fn a_failure_that_never_came_wakes_nobody_for_ever() {
    let mut world = World::new(Script::default());
    let well = || Shown { tab: TAB, url: "https://shop.example/well".into(), healthy: true, ..Shown::default() };
    world.at(0, true, What::Answered(Box::new(world.script.answered.clone())));
    world.at(50, true, What::Shown(well()));
    world.run();
    assert_eq!(world.desk.tabs(), [TAB], "it may still come");
    world.at(SIGHTING_MS, true, What::Shown(well()));
    world.run();
    assert!(world.desk.tabs().is_empty());
}

#[test]
fn a_response_that_is_told_very_late_joins_the_visit_that_it_is_of() {
    // Chromium names the document; of Firefox only the time of the commit tells.
    for (documents, committed, visits) in [
        ([None, None], 0, 1),
        ([None, None], 5_000, 2),
        ([Some("doc"), Some("doc")], 0, 1),
        ([Some("doc"), Some("next")], 5_000, 2),
    ] {
        let mut world = World::new(Script::default());
        let shown = |at: usize, committed| Shown {
            tab: TAB,
            url: URL.into(),
            document: documents[at].map(str::to_owned),
            committed: Some(START + committed),
            ..Shown::default()
        };
        let read = Box::new(world.script.read.clone().unwrap());
        world.at(510, true, What::Unannounced { shown: shown(0, 0), read, private: false });
        world.at(5_100, true, What::Answered(Box::new(world.script.answered.clone())));
        world.at(5_101, true, What::Shown(shown(1, committed)));
        world.run();
        assert_eq!(world.case().visits, visits, "{documents:?}");
        assert!(world.case().visit.headers.is_some());
    }
}

#[test]
fn a_background_tab_waits_for_the_visitor() {
    let mut world = World::play(Script { popup: Announcement::Waiting, ..Script::default() });
    world.script.popup = Announcement::Popup;
    world.at(5_000, true, What::Visited { tab: TAB });
    world.at(9_000, true, What::Visited { tab: TAB });
    world.run();
    assert_eq!(world.announced.iter().filter(|(_, first)| *first).count(), 2, "tried once in vain, shown once");
    assert_eq!(world.case().announced, Some(Announcement::Popup));
}

#[test]
fn several_events_of_one_arrival_open_one_popup() {
    let arrives = |then| {
        let mut world = World::play(Script { popup: Announcement::Waiting, ..Script::default() });
        world.script.popup = then;
        // The last one comes in the very moment in which the browser answers.
        for after in [5_000, 5_100, 5_300] {
            world.at(after, true, What::Visited { tab: TAB });
        }
        world.run();
        world.announced.iter().filter(|(_, first)| *first).count()
    };
    assert_eq!(arrives(Announcement::Popup), 2, "tried once in vain, shown once");
    assert_eq!(arrives(Announcement::Waiting), 3, "who came while it was tried in vain is not forgotten");
}

#[test]
fn a_tab_that_closes_in_the_middle_leaves_no_open_case() {
    for after in [0, 31, 45, 60] {
        let mut world = World::new(Script::default());
        world.fail();
        world.at(after, true, What::Closed { tab: TAB });
        world.run();
        assert!(world.desk.latest().is_none_or(|c| c.done), "closed after {after} ms");
    }
}

/// However the failure became known: what is saved of a private tab goes with the page, and only that.
#[test]
fn of_a_private_tab_only_the_page_on_screen_is_saved() {
    let (hidden, open) = ("https://hidden.example/", "https://open.example/");
    let answered = |tab, url: &str, private| Answered { tab, url: url.into(), private, ..Script::default().answered };
    let shown = |tab, url: &str| Shown { tab, url: url.into(), ..Shown::default() };
    let read = || Box::new(Read { status: 502, ..Read::default() });
    let mut world = World::new(Script::default());
    for (tab, private, url) in [(1, true, hidden), (2, false, open)] {
        world.at(0, true, What::Answered(Box::new(answered(tab, url, private))));
        world.at(10, true, What::Shown(shown(tab, url)));
        let other = format!("{url}other");
        world.at(20, true, What::Unannounced { shown: shown(tab + 2, &other), read: read(), private });
        world.at(
            30,
            true,
            What::Barred { shown: shown(tab + 4, &other), error: "net::ERR_TUNNEL_CONNECTION_FAILED".into(), private },
        );
        world.at(40, true, What::Answered(Box::new(answered(tab + 6, &format!("{url}never-shown"), private))));
    }
    world.run();
    let text = |desk: &Desk| serde_json::to_string(desk).expect("a desk can be written");
    let (all, saved) = (text(&world.desk), text(&world.desk.kept()));
    assert!(all.contains("hidden.example/never-shown"), "nothing was there to be left out");
    assert!(!saved.contains("hidden.example/never-shown"), "no page, and nobody to forget it: {saved}");
    assert_eq!([1, 3, 5].map(|tab| world.desk.kept().case_in(tab).is_some()), [true; 3], "what is on screen is kept");
    world.at(50, true, What::Closed { tab: 1 });
    world.at(60, true, What::Shown(shown(3, "https://next.example/")));
    world.at(70, true, What::Dismissed { case: world.desk.case_in(5).expect("it is shown").id });
    world.run();
    let (all, saved) = (text(&world.desk), text(&world.desk.kept()));
    assert!(all.contains("hidden.example/other"), "nothing was there to be left out");
    assert!(!saved.contains("hidden.example"), "{saved}");
    assert_eq!(saved.matches("open.example").count(), all.matches("open.example").count(), "the other tabs are whole");
}
