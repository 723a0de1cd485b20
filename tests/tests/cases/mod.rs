//! Cases of every kind, played to their end: what tests over reports, words and saved states look at.

#![allow(dead_code, reason = "each test binary uses its part")]

use faultline_core::case::Case;
use faultline_core::event::{Announcement, End, Read, Seen};
use faultline_core::page::Header;
use faultline_core::report::Maker;
use faultline_core::settings::{Control, Settings, Show};
use faultline_core::terms::CheckId;
use faultline_core::words::Catalogue;

use crate::world::{Reply, Script, World};

/// The English words of the package.
pub(crate) fn english() -> Catalogue {
    let words: Catalogue = serde_json::from_str(include_str!("../../../_locales/en/messages.json"))
        .expect("_locales/en/messages.json is a catalogue");
    words
        .with(serde_json::from_str(include_str!("../../../extension/runbook.json")).expect("extension/runbook.json is a runbook"))
}

/// Every language of the package, by the name of its folder.
pub(crate) fn languages() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../_locales");
    let names = std::fs::read_dir(folder).expect("_locales").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().expect("a name")).collect();
    names.sort();
    names
}

/// The words of one of them, with the runbook, which is the same for all: what the page of details makes a report of.
pub(crate) fn language(name: &str) -> Catalogue {
    let path = format!("{}/../_locales/{name}/messages.json", env!("CARGO_MANIFEST_DIR"));
    let words: Catalogue = serde_json::from_str(&std::fs::read_to_string(path).expect("a language")).expect("a catalogue");
    words
        .with(serde_json::from_str(include_str!("../../../extension/runbook.json")).expect("extension/runbook.json is a runbook"))
}

/// Somebody east of UTC.
pub(crate) fn maker() -> Maker {
    Maker { version: env!("CARGO_PKG_VERSION").into(), browser: "Chromium 156".into(), offset_min: 330 }
}

/// Every script, by a name for messages.
pub(crate) fn scripts() -> Vec<(&'static str, Script)> {
    let works = |ids: &[CheckId]| ids.iter().fold(Script::default(), |s, id| s.with(*id, Reply::status(200)));
    let all = [CheckId::Fresh, CheckId::Home, CheckId::InPage, CheckId::Cookies, CheckId::Again, CheckId::AsNavigation];
    let every = |reply: &Reply| all.iter().fold(Script::default(), |s, id| s.with(*id, reply.clone()));
    let answered = |change: fn(&mut faultline_core::event::Answered), mut script: Script| {
        change(&mut script.answered);
        script
    };
    let control = |reply: Reply| Script::default().with(CheckId::Control, reply);
    let gone = || Reply::error("net::ERR_CONNECTION_REFUSED");
    let portal = Reply { seen: Seen { body: Some("<h1>Welcome</h1>".into()), ..Reply::status(200).seen }, after: 20 };
    let worker = Read { status: 503, controlled: true, body: "<h1>offline</h1>".into(), ..Read::default() };
    let settings = |settings: Settings| Script { settings, ..Script::default() };
    vec![
        ("the whole site", Script::default()),
        ("one page", works(&[CheckId::Home])),
        ("passed", works(&all)),
        ("an extension", works(&all).with(CheckId::InPage, Reply::status(502))),
        ("cookies", works(&all).with(CheckId::Cookies, Reply::status(502))),
        ("some servers", works(&all).with(CheckId::Again, Reply::status(502))),
        ("an old copy", answered(|a| a.from_cache = true, works(&all))),
        ("a worker", Script { unannounced: true, read: Some(worker), ..works(&all) }),
        ("a redirect", every(&Reply::end(End::Redirect, 20))),
        ("a log-in", every(&Reply::status(403))),
        ("a log-in here only", every(&Reply::status(403)).with(CheckId::Fresh, Reply::status(401))),
        ("silence", every(&Reply::status(504).later(60_000))),
        ("silence everywhere", every(&Reply::end(End::Silent, 20_000)).with(CheckId::Control, Reply::end(End::Silent, 8_000))),
        ("no connection", every(&gone())),
        ("no connection anywhere", every(&gone()).with(CheckId::Control, gone())),
        ("only this is refused", Script::default().with(CheckId::Fresh, gone())),
        ("no network", every(&Reply::error("net::ERR_INTERNET_DISCONNECTED"))),
        ("a dead proxy", every(&Reply::error("net::ERR_PROXY_CONNECTION_FAILED"))),
        ("a portal", answered(|a| a.url = "http://shop.example/cart".into(), control(portal))),
        ("a proxy for every host", control(Reply::status(502))),
        ("a control in trouble", control(Reply::status(429))),
        ("a blocked control", control(gone())),
        ("near and offline", answered(|a| a.address = Some("192.168.1.1".into()), control(gone()))),
        ("no control", settings(Settings { control: vec![Control::default()], ..Settings::default() })),
        ("a lost background", every(&Reply::end(End::Lost, 5))),
        ("a strict page", works(&all).with(CheckId::InPage, Reply::end(End::NotAllowed, 1))),
        ("an empty body", Script { error_page: Some("net::ERR_HTTP_RESPONSE_CODE_FAILURE".into()), ..works(&[CheckId::Fresh]) }),
        ("an unreadable page", Script { read: None, ..Script::default() }),
        ("half a page", Script { read: Script::default().read.map(|r| Read { loading: true, ..r }), ..Script::default() }),
        ("a form", answered(|a| a.method = "POST".into(), works(&all))),
        ("a front page", answered(|a| a.url = "https://shop.example/".into(), Script::default())),
        ("a log-out", answered(|a| a.url = "https://shop.example/logout?token=abc&next=1".into(), works(&all))),
        ("a private tab", answered(|a| a.private = true, Script::default())),
        ("behind a proxy", answered(|a| a.proxied = true, Script::default())),
        ("asks to wait", answered(|a| a.headers.push(Header::new("Retry-After", "30")), Script::default())),
        ("asks to wait long", answered(|a| a.headers.push(Header::new("Retry-After", "3600")), Script::default())),
        ("a strange number", answered(|a| a.status = 567, Script::default())),
        ("no reason phrase", answered(|a| a.status_line = Some("HTTP/2 502".into()), Script::default())),
        ("a hostile title", Script { read: Some(hostile()), ..Script::default() }),
        ("a badge only", settings(Settings { show: Show::Badge, ..Script::default().settings })),
        ("a card", Script { popup: Announcement::Card, ..settings(Settings { show: Show::Card, ..Script::default().settings }) }),
        ("not looked at", Script { popup: Announcement::Waiting, ..Script::default() }),
    ]
}

/// One of them.
pub(crate) fn script(name: &str) -> Script {
    scripts().into_iter().find(|(n, _)| *n == name).map(|(_, script)| script).expect("there is such a script")
}

fn hostile() -> Read {
    let title = "</title><script>\u{202e}jane@mail.example token=c2VjcmV0 203.0.113.9 \u{0}\"é\" ".repeat(40);
    Read {
        status: 502,
        body: format!("<title>{title}</title>"),
        title,
        first_byte_ms: Some(u32::MAX),
        protocol: "h3".into(),
        ..Read::default()
    }
}

/// The case of that name.
pub(crate) fn case(name: &str) -> Case {
    cases().into_iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("no script {name}")).1
}

/// Every script at its end; one that fails again after it had passed; and one that is still being checked.
pub(crate) fn cases() -> Vec<(&'static str, Case)> {
    let mut cases: Vec<_> = scripts().into_iter().map(|(name, script)| (name, World::play(script).case().clone())).collect();
    let mut again = World::play(script("passed"));
    again.now += 2_000;
    again.fail();
    again.run();
    cases.push(("fails again", again.case().clone()));
    cases.push(("checking", checking().desk.latest().expect("a case is open").clone()));
    cases
}

/// A world in the middle of its checks: questions are asked, and no answer is there yet. Another tab's response is announced.
pub(crate) fn checking() -> World {
    use faultline_core::event::{Event, Shown, What};
    let mut world = World::new(Script::default());
    let (url, now) = (world.script.answered.url.clone(), world.now);
    let shown = Shown {
        tab: crate::world::TAB,
        url,
        document: Some("doc".into()),
        settings: Box::new(world.script.settings.clone()),
        ..Shown::default()
    };
    let other = faultline_core::event::Answered { tab: crate::world::TAB + 1, ..world.script.answered.clone() };
    for what in [What::Answered(Box::new(world.script.answered.clone())), What::Shown(shown), What::Answered(Box::new(other))] {
        world.desk.handle(Event::new(now, what));
    }
    world
}
