//! "Tell me when it is back" on a virtual clock: how often a site is asked, when it counts as back, and when enough is enough.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]
#![allow(dead_code, unreachable_pub, reason = "the modules are shared with other tests")]

mod cases;
mod world;

use cases::case;
use faultline_core::case::Case;
use faultline_core::event::{End, Millis, Seen};
use faultline_core::page::Header;
use faultline_core::watch::{FIRST_MS, LONGEST_MS, MAX_LOOKS, MAX_MS, MAX_WATCHES, News, Watches};
use world::{Reply, START, Script, World};

fn failing() -> Case {
    case("the whole site")
}

fn seen(status: u16) -> Seen {
    Reply::status(status).seen
}

/// The alarm rings whenever it was asked for, and `answer` says what the n-th look finds. Ends with the news and the times
/// of the looks; saved and read again after each step, as a browser that is restarted would.
fn run(mut watches: Watches, dice: u32, mut answer: impl FnMut(usize) -> Seen) -> (Option<News>, Vec<Millis>) {
    let mut looks = Vec::new();
    for _ in 0..1_000 {
        watches = serde_json::from_str(&serde_json::to_string(&watches).unwrap()).unwrap();
        let Some(at) = watches.next() else { return (None, looks) };
        for watch in watches.due(at) {
            looks.push(at);
            let news = watches.looked(watch.id, &answer(looks.len()), at + 20, dice);
            if news.is_some() {
                return (news, looks);
            }
        }
    }
    panic!("nobody ever stops looking");
}

fn begun(case: &Case, dice: u32) -> Watches {
    let mut watches = Watches::default();
    assert!(watches.begin(case, START, dice).is_some());
    watches
}

#[test]
fn a_site_that_stays_down_is_asked_ever_more_rarely_and_then_left_alone() {
    for dice in [0, 511, 1_023, u32::MAX] {
        let (news, looks) = run(begun(&failing(), dice), dice, |_| seen(502));
        assert!(matches!(news, Some(News::GivenUp(_))), "{news:?}");
        assert!(looks.len() <= MAX_LOOKS as usize && looks.len() > 20, "{} looks", looks.len());
        assert!(looks.last().unwrap() - START <= MAX_MS, "longer than a day");
        assert!(looks[0] - START >= FIRST_MS);
        let pauses: Vec<_> = looks.windows(2).map(|w| w[1] - w[0]).collect();
        assert!(pauses.is_sorted(), "{pauses:?}");
        assert!(*pauses.last().unwrap() >= LONGEST_MS, "{pauses:?}");
    }
}

#[test]
fn visitors_do_not_come_back_all_at_once() {
    let first = |dice| run(begun(&failing(), dice), dice, |_| seen(502)).1[0];
    let times: std::collections::BTreeSet<_> = (0..1_024).step_by(64).map(first).collect();
    assert_eq!(times.len(), 16, "{times:?}");
    assert!(times.last().unwrap() - times.first().unwrap() > FIRST_MS / 5);
}

#[test]
fn one_good_answer_of_a_site_that_flaps_is_no_news() {
    let (news, looks) = run(begun(&failing(), 7), 7, |n| seen(if n == 3 || n >= 6 { 200 } else { 502 }));
    assert!(matches!(&news, Some(News::Back(w)) if w.host() == "shop.example"), "{news:?}");
    assert_eq!(looks.len(), 7, "good at the third, bad at the fourth, good at the sixth and the seventh");
    assert!(looks[6] - looks[5] >= 30_000, "a second look comes soon, and not at once");
}

#[test]
fn what_is_no_working_answer_does_not_count() {
    let maintenance = |status, body: &str| Seen { body: Some(body.into()), ..seen(status) };
    for bad in [
        seen(429),
        seen(503),
        Seen { end: End::Silent, ..Seen::default() },
        Seen { end: End::Error, error: Some("net::ERR_CONNECTION_REFUSED".into()), ..Seen::default() },
        Seen { end: End::NotAllowed, ..Seen::default() },
        // nginx's error page under a number that says that all is well.
        maintenance(200, world::NGINX_502),
    ] {
        let (news, _) = run(begun(&failing(), 0), 0, |_| bad.clone());
        assert!(matches!(news, Some(News::GivenUp(_))), "{bad:?}");
    }
    for good in [seen(200), seen(304), seen(404), Seen { end: End::Redirect, ..Seen::default() }] {
        let (news, looks) = run(begun(&failing(), 0), 0, |_| good.clone());
        assert!(matches!(news, Some(News::Back(_))) && looks.len() == 2, "{good:?}");
    }
    // A plain request was sent to the log-in all the while: that it still is says nothing.
    let behind_a_login = case("a log-in here only");
    if let Some(id) = Watches::default().begin(&behind_a_login, START, 0) {
        let (news, _) = run(begun(&behind_a_login, 0), 0, |_| seen(401));
        assert!(matches!(news, Some(News::GivenUp(_))), "watch {id}");
    }
}

#[test]
fn the_site_is_never_asked_before_it_wants_to_be() {
    let mut wait = seen(503);
    wait.headers = Some(vec![Header::new("Retry-After", "7200")]);
    let (news, looks) = run(begun(&failing(), 3), 3, |_| wait.clone());
    assert!(matches!(news, Some(News::GivenUp(_))));
    assert!(looks.windows(2).all(|w| w[1] - w[0] >= 7_200_000), "{looks:?}");
    let (_, looks) = run(begun(&case("asks to wait long"), 3), 3, |_| seen(502));
    assert!(looks[0] - START >= 3_600_000, "the failed answer itself asked for an hour");
}

#[test]
fn only_what_can_come_back_is_watched() {
    for name in ["cookies", "passed", "no connection anywhere", "a portal", "checking", "a private tab"] {
        assert_eq!(Watches::default().begin(&case(name), START, 0), None, "{name}");
    }
    let mut form = failing();
    form.visit.method = "POST".into();
    assert_eq!(begun(&form, 0).0[0].url, "https://shop.example/", "a form is never sent again");
    let mut once = failing();
    once.visit.url = "https://shop.example/login?code=1".into();
    assert_eq!(begun(&once, 0).0[0].url, "https://shop.example/", "an address that works once is not asked");
}

#[test]
fn a_look_that_was_lost_with_the_background_is_made_again() {
    let mut watches = begun(&failing(), 0);
    let at = watches.next().unwrap();
    assert_eq!(watches.due(at).len(), 1);
    assert!(watches.due(at + 1).is_empty(), "it is under way");
    let later = watches.next().unwrap();
    assert!(later > at + 30_000);
    assert_eq!(watches.due(later).len(), 1, "nobody answered");
}

#[test]
fn a_clock_that_jumps_does_no_harm() {
    let mut watches = begun(&failing(), 0);
    watches.due(START - 400 * MAX_MS);
    assert!(watches.next().unwrap() <= START - 400 * MAX_MS + LONGEST_MS);
    let mut watches = begun(&failing(), 0);
    assert_eq!(watches.due(START + 400 * MAX_MS).len(), 1, "the machine slept for a year: one look");
    let id = watches.0[0].id;
    assert!(matches!(watches.looked(id, &seen(502), START + 400 * MAX_MS, 0), Some(News::GivenUp(_))));
}

#[test]
fn the_list_is_short_and_one_page_is_in_it_once() {
    let mut watches = Watches::default();
    for n in 0..30 {
        let mut case = failing();
        case.visit.url = format!("https://shop-{n}.example/");
        watches.begin(&case, START, 0);
        watches.begin(&case, START, 0);
    }
    assert_eq!(watches.0.len(), MAX_WATCHES);
    assert_eq!(watches.0.last().unwrap().url, "https://shop-29.example/");
    let mut ids: Vec<_> = watches.0.iter().map(|w| w.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), MAX_WATCHES);
}

#[test]
fn the_button_turns_round() {
    let mut world = World::play(Script::default());
    let mut watches = Watches::default();
    watches.begin(world.case(), START, 0).unwrap();
    world.desk.watched(&watches);
    assert!(world.case().watched);
    let acts = |world: &World| faultline_core::advice::acts(world.case()).iter().map(|a| a.as_str()).collect::<Vec<_>>();
    assert!(acts(&world).contains(&"unwatch") && !acts(&world).contains(&"watch"));
    watches.stop(watches.of(world.case()).unwrap().id);
    world.desk.watched(&watches);
    assert!(acts(&world).contains(&"watch") && !acts(&world).contains(&"unwatch"));
}
