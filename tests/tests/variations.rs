//! Every fault of a site, of a visitor's things and of the way between them, thousands of times: in every order of the answers,
//! with delays, with answers that never come, with a background that is stopped in the middle. Never the wrong side, and the
//! etiquette kept each time.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod net;
mod world;

use faultline_core::case::MAX_REQUESTS;
use faultline_core::event::{End, Read, Seen};
use faultline_core::page::Header;
use faultline_core::terms::{CheckId, Place, Side};
use faultline_core::view::headline;
use net::{BARE, Dice, Fault, Site};
use world::{CONTROL, NGINX_502, Reply, Script, URL, World, all_work, says};

/// Variations of each fault, each with a seed of its own.
const SEEDS: u64 = 32;

/// A fault, the sides that are right for it, and how many of a hundred may stay undecided when nothing disturbs.
struct Row {
    name: &'static str,
    fault: Fault,
    right: &'static [Side],
    /// Whether the undisturbed case must be decided.
    decided: bool,
}

fn row(name: &'static str, right: &'static [Side], fault: Fault) -> Row {
    Row { name, fault, right, decided: true }
}

fn open(name: &'static str, right: &'static [Side], fault: Fault) -> Row {
    Row { name, fault, right, decided: false }
}

fn rows() -> Vec<Row> {
    use Side::{Passed, Site, Yours};
    let well = Fault::default;
    let portal = || Reply { seen: Seen { body: Some("<h1>Welcome</h1>".into()), ..Reply::status(200).seen }, after: 20 };
    vec![
        row("the whole site", &[Site], Fault { site: true, ..well() }),
        row("the whole site, its page by nobody", &[Site], Fault { site: true, bare: true, ..well() }),
        row("the whole site, slowly", &[Site], Fault { site: true, slow: 6_000, ..well() }),
        row("the whole site, a minute each time", &[Site], Fault { site: true, slow: 61_000, ..well() }),
        row("the site, and it is gone by now", &[Site], Fault { gone: true, ..well() }),
        row("only this page", &[Site], Fault { page: true, ..well() }),
        row("only this page, by nobody", &[Site], Fault { page: true, bare: true, ..well() }),
        row("one server of two", &[Site], Fault { one_of: Some(2), ..well() }),
        row("one server of three", &[Site], Fault { one_of: Some(3), ..well() }),
        row("one server of four", &[Site], Fault { one_of: Some(4), ..well() }),
        row("one server of five", &[Site], Fault { one_of: Some(5), ..well() }),
        row("one server of two, but for the front page", &[Site], Fault { one_of: Some(2), but_home: true, ..well() }),
        row("one server of three, but for the front page", &[Site], Fault { one_of: Some(3), but_home: true, ..well() }),
        row("one server of four, but for the front page", &[Site], Fault { one_of: Some(4), but_home: true, ..well() }),
        row("one server of five, but for the front page", &[Site], Fault { one_of: Some(5), but_home: true, ..well() }),
        row("only page loads", &[Site], Fault { visits: true, ..well() }),
        row("asks for peace", &[Site], Fault { site: true, peace: Some(120), ..well() }),
        row("asks for a moment", &[Site], Fault { site: true, peace: Some(2), ..well() }),
        row("works again at once", &[Passed, Site], Fault { site: true, mended_after: Some(40), ..well() }),
        row("works again soon", &[Passed, Site], Fault { site: true, mended_after: Some(500), ..well() }),
        open(
            "works again, and counts who asks",
            &[Passed, Site],
            Fault { site: true, mended_after: Some(40), limit: Some(3), ..well() },
        ),
        open("counts who asks, and fails", &[Site], Fault { site: true, limit: Some(2), ..well() }),
        open("wary of probes", &[Passed, Site], Fault { wary: Some(503), ..well() }),
        open("wary of probes, and the cookies are bad", &[Yours], Fault { wary: Some(503), jar: true, ..well() }),
        open("wary of probes, in the same words", &[Yours], Fault { wary: Some(502), jar: true, bare: true, ..well() }),
        row("behind a log-in, this page", &[Site], Fault { page: true, log_in: true, ..well() }),
        row("the cookies", &[Yours], Fault { jar: true, ..well() }),
        row("the cookies, behind a log-in", &[Yours], Fault { jar: true, lobby: true, ..well() }),
        // What is behind the door may fail for everybody who comes in, and what a cache keeps may be all that is left.
        open("the cookies, or all behind a log-in", &[], Fault { jar: true, log_in: true, ..well() }),
        open("the site, and guests get copies", &[Site], Fault { site: true, copies: true, ..well() }),
        row("an extension", &[Yours], Fault { extension: true, ..well() }),
        row("an extension, by nobody", &[Yours], Fault { extension: true, bare: true, ..well() }),
        row("a proxy that answers for all", &[Yours], Fault { everywhere: true, ..well() }),
        row("a proxy that answers for all, by nobody", &[Yours], Fault { everywhere: true, bare: true, ..well() }),
        // Over TLS no portal answers in the name of a site.
        open("a portal, and a page over TLS", &[], Fault { site: true, control: Some(portal()), ..well() }),
        row(
            "no connection any more",
            &[Yours],
            Fault { gone: true, control: Some(Reply::error("net::ERR_NAME_NOT_RESOLVED")), ..well() },
        ),
        row(
            "the control is blocked",
            &[Site],
            Fault { site: true, control: Some(Reply::error("net::ERR_NAME_NOT_RESOLVED")), ..well() },
        ),
        row("the control is in trouble", &[Site], Fault { site: true, control: Some(Reply::status(429)), ..well() }),
    ]
}

/// What a run may meet.
struct Weather {
    /// Longest delay of an answer, in milliseconds.
    spread: u64,
    /// How many of a hundred answers never come.
    losses: u64,
    /// Whether the background is stopped in the middle.
    stops: bool,
}

fn play(fault: &Fault, seed: u64, weather: &Weather) -> (World, bool) {
    let mut dice = Dice::new(seed ^ 0xfa17);
    let (status, page) = fault.failure();
    let mut script = Script { read_after: dice.below(weather.spread.max(1)), ..Script::default() };
    script.answered.status = status;
    script.answered.first_byte_ms = Some(3 + fault.slow as u32);
    script.answered.headers = if page == NGINX_502 { vec![Header::new("Server", "nginx/1.22.1")] } else { Vec::new() };
    script.answered.headers.extend(fault.peace.map(|s| Header::new("Retry-After", s.to_string())));
    script.read = Some(Read { status, body: page.into(), ..Read::default() });
    let site = std::rc::Rc::new(std::cell::RefCell::new(Site::new(fault.clone(), seed, weather.spread, weather.losses)));
    site.borrow_mut().visited();
    let mut world = World::new(script);
    world.net = Some(Box::new(Shared(std::rc::Rc::clone(&site))));
    if weather.stops {
        world.stops = vec![1 + dice.below(12) as usize];
        world.alarm_only = dice.below(2) == 0;
    }
    world.fail();
    world.run();
    let disturbed = site.borrow().disturbed;
    (world, disturbed)
}

/// The site, which the test looks at afterwards.
struct Shared(std::rc::Rc<std::cell::RefCell<Site>>);

impl world::Net for Shared {
    fn reply(&mut self, question: &faultline_core::command::Question, now: u64) -> Reply {
        self.0.borrow_mut().reply(question, now)
    }
}

/// What holds of every run, whatever the fault.
#[track_caller]
fn polite(name: &str, seed: u64, world: &World, disturbed: bool, weather: &Weather) {
    let at = || format!("{name}, seed {seed}: {:#?}", world.asked);
    assert!(world.case().done, "no end: {}", at());
    assert!(world.site_requests() <= MAX_REQUESTS.into(), "too many: {}", at());
    let most = if weather.stops || weather.losses > 0 { 2 } else { 1 };
    assert!(world.credentialed() <= most, "cookies went out again: {}", at());
    // An answer that was lost has told nobody to stay away.
    assert!(!disturbed || most > 1, "the site wanted peace: {}", at());
    let origin = URL.split("/cart").next().unwrap_or_default();
    assert!(
        world.asked.iter().all(|q| if q.check == CheckId::Control { q.url == CONTROL } else { q.url.starts_with(origin) }),
        "{}",
        at()
    );
}

fn run(weather: &Weather) {
    let mut undecided = 0;
    let rows = rows();
    for row in &rows {
        for seed in 0..SEEDS {
            let (world, disturbed) = play(&row.fault, seed, weather);
            polite(row.name, seed, &world, disturbed, weather);
            let verdict = &world.case().verdict;
            let right = row.right.contains(&verdict.side);
            assert!(right || verdict.side == Side::Unclear, "{}, seed {seed}: {verdict:#?} {:#?}", row.name, world.case().checks);
            undecided += u64::from(!right && row.decided);
        }
    }
    let decided = rows.iter().filter(|r| r.decided).count() as u64 * SEEDS;
    assert!(undecided * 10 <= decided, "{undecided} of {decided} are undecided");
}

#[test]
fn answers_in_any_order() {
    run(&Weather { spread: 1_500, losses: 0, stops: false });
}

#[test]
fn answers_that_never_come() {
    let weather = Weather { spread: 300, losses: 12, stops: false };
    for row in rows() {
        for seed in 0..SEEDS {
            let (world, disturbed) = play(&row.fault, seed, &weather);
            polite(row.name, seed, &world, disturbed, &weather);
            let verdict = &world.case().verdict;
            // What was lost can make a site look mended: `passed` is then a word on what was seen, and blames nobody.
            let right = row.right.contains(&verdict.side) || matches!(verdict.side, Side::Unclear | Side::Passed);
            assert!(right, "{}, seed {seed}: {verdict:#?} {:#?}", row.name, world.case().checks);
        }
    }
}

#[test]
fn a_background_that_is_stopped() {
    let weather = Weather { spread: 300, losses: 0, stops: true };
    for row in rows() {
        for seed in 0..SEEDS {
            let (world, disturbed) = play(&row.fault, seed, &weather);
            polite(row.name, seed, &world, disturbed, &weather);
            let verdict = &world.case().verdict;
            let right = row.right.contains(&verdict.side) || matches!(verdict.side, Side::Unclear | Side::Passed);
            assert!(right, "{}, seed {seed}: {verdict:#?} {:#?}", row.name, world.case().checks);
        }
    }
}

#[test]
fn nothing_in_the_way_and_every_fault_is_decided() {
    let calm = Weather { spread: 1, losses: 0, stops: false };
    for row in rows().iter().filter(|r| r.decided) {
        let (world, _) = play(&row.fault, 1, &calm);
        let verdict = &world.case().verdict;
        assert!(row.right.contains(&verdict.side), "{}: {verdict:#?} {:#?}", row.name, world.case().checks);
    }
}

/// Who answers is chance, and chance can look like anything: the visitor is blamed rarely, and hardly ever with certainty. Every
/// draw of the servers is played once; how likely each one is follows from the share of those that fail.
#[test]
fn bad_servers_by_chance_seldom_look_like_the_visitors_fault() {
    let calm = Weather { spread: 1, losses: 0, stops: false };
    let well = Fault::default;
    for (name, fault) in [
        ("any site", well()),
        ("by nobody", Fault { bare: true, ..well() }),
        ("but for the front page", Fault { but_home: true, ..well() }),
        ("behind a log-in", Fault { log_in: true, ..well() }),
        ("behind a log-in, but for the front page", Fault { lobby: true, ..well() }),
        ("slowly", Fault { slow: 3_000, ..well() }),
        ("copies for guests", Fault { copies: true, ..well() }),
    ] {
        let draws = 0..1 << MAX_REQUESTS;
        let verdict = |drawn| play(&Fault { drawn, ..fault.clone() }, 1, &calm).0.case().verdict.clone();
        let blamed: Vec<_> = draws.map(|drawn| (drawn, verdict(drawn))).filter(|(_, v)| v.side == Side::Yours).collect();
        for share in 1..100 {
            let share = f64::from(share) / 100.0;
            let likely = |least: f32| {
                let draws = blamed.iter().filter(|(_, v)| v.confidence >= least).map(|(drawn, _)| drawn.count_ones());
                draws.map(|bad| share.powi(bad as i32) * (1.0 - share).powi((u32::from(MAX_REQUESTS) - bad) as i32)).sum::<f64>()
            };
            assert!(likely(0.0) < 0.07, "{name}, {share} fail: {:.3} blame the visitor {blamed:#?}", likely(0.0));
            assert!(likely(0.9) < 0.02, "{name}, {share} fail: {:.3} are sure of it {blamed:#?}", likely(0.9));
        }
    }
}

/// What fails, works and fails again within seconds has failures that come together. They are no proof against another extension: it
/// is asked from within and from outside in turns.
#[test]
fn a_site_that_goes_up_and_down_is_no_extensions_fault() {
    let calm = Weather { spread: 1, losses: 0, stops: false };
    let lengths = || (100..4_000).step_by(150);
    for (from, length) in (0..3_000).step_by(50).flat_map(|from| lengths().map(move |length| (from, length))) {
        let fault = Fault { down: Some((from, from + length)), ..Fault::default() };
        let verdict = play(&fault, 1, &calm).0.case().verdict.clone();
        assert_ne!(verdict.place, Place::Extension, "down from {from} ms on for {length} ms: {verdict:#?}");
    }
}

/// A server that has a connection keeps it: the visit and its page have one each, and so have we, however often is asked. Which of
/// them lead to a dead server is chance, and that is no proof against the visitor.
#[test]
fn connections_that_lead_to_one_server_each_are_no_proof() {
    let calm = Weather { spread: 1, losses: 0, stops: false };
    let verdict = |page, ours| {
        let fault = Fault { connections: Some((page, ours)), ..Fault::default() };
        play(&fault, 1, &calm).0.case().verdict.clone()
    };
    assert_eq!(verdict(true, true).side, Side::Site);
    assert_eq!(verdict(false, true).side, Side::Site);
    for page in [true, false] {
        let verdict = verdict(page, false);
        assert!(verdict.side != Side::Yours || verdict.confidence < 0.8, "the page's own fails: {page}: {verdict:#?}");
    }
}

/// A cache may keep the failure for some of those who ask, whatever else they send.
#[test]
fn a_failure_that_a_cache_keeps_is_no_proof() {
    for check in [CheckId::Cookies, CheckId::InPage] {
        let mut script = all_work().with(check, Reply::status(502));
        script.answered.headers.push(Header::new("Age", "40"));
        says(script, Side::Unclear, Place::None);
    }
}

#[test]
fn what_is_only_likely_is_said_so() {
    let cookies = says(all_work().with(CheckId::Cookies, Reply::status(502)), Side::Yours, Place::Cookies);
    assert_eq!(headline(cookies.case()).key, "verdict_likely_cookies");
    // It may be everybody's who is logged in, however often it is seen; cookies that weigh too much are remarkable by themselves.
    let cookies = |bytes| {
        let mut script = all_work().with(CheckId::Cookies, Reply::status(502));
        script.answered.headers.push(Header::new("Connection", "close"));
        script.replies.values_mut().for_each(|reply| reply.seen.headers = Some(vec![Header::new("Connection", "close")]));
        script.read.iter_mut().for_each(|r| r.cookie_bytes = bytes);
        let mut world = world::World::new(script);
        for _ in 0..3 {
            world.fail();
            world.run();
        }
        (headline(world.case()).key, world.case().verdict.would_change.iter().any(|w| w.key == "change_logged_in"))
    };
    assert_eq!(cookies(300), ("verdict_likely_cookies".into(), true));
    assert_eq!(cookies(12_000), ("verdict_yours_cookies".into(), true));
    let extension = says(all_work().with(CheckId::InPage, Reply::status(502)), Side::Yours, Place::Extension);
    assert_eq!(headline(extension.case()).key, "verdict_likely_extension");
    // Where each request has a connection of its own, three that fail beside three that work are more than luck.
    let mut script = all_work().with(CheckId::InPage, Reply::status(502));
    let close = || Header::new("Connection", "close");
    script.answered.headers.push(close());
    script.replies.values_mut().for_each(|reply| reply.seen.headers = Some(vec![close()]));
    let extension = says(script, Side::Yours, Place::Extension);
    assert_eq!(headline(extension.case()).key, "verdict_yours_extension");
}

/// Neither cookies nor extensions make a page wait for a server, but seldom; one server of several that hangs does.
#[test]
fn a_wait_for_a_server_is_nobodys_fault_here() {
    for check in [CheckId::Cookies, CheckId::InPage] {
        is_open_after_a_wait(check);
    }
}

#[track_caller]
fn is_open_after_a_wait(check: CheckId) {
    let mut script = all_work().with(check, Reply::status(504));
    (script.answered.status, script.answered.first_byte_ms) = (504, Some(10));
    script.answered.headers = vec![Header::new("Server", "nginx/1.22.1")];
    let body = NGINX_502.replace("502 Bad Gateway", "504 Gateway Time-out");
    script.read = Some(Read { status: 504, body, ..Read::default() });
    let world = World::play(script);
    assert_eq!(world.case().verdict.side, Side::Unclear, "{check:?}: {:#?}", world.case().verdict);
    assert_eq!(world.credentialed(), usize::from(check == CheckId::Cookies));
}

#[test]
fn a_page_by_nobody_is_a_page() {
    // The words of the model are read as they are meant.
    let (world, _) =
        play(&Fault { site: true, bare: true, ..Fault::default() }, 1, &Weather { spread: 1, losses: 0, stops: false });
    assert!(world.case().reading.producer.is_none() && BARE.contains("Sorry"));
    assert!(matches!(Reply::end(End::Lost, 1).seen.end, End::Lost));
}
