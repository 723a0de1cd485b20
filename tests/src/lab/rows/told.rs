//! Faults as people tell of them in forums: limits, copies of errors, deployments, old redirects, addresses that are too long.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::lab::apps;
use crate::lab::row::{App, Behind, Row, Step, Truth};
use crate::servers::Product::{Apache, Nginx};
use crate::servers::{Answer, Request};
use crate::stage::fixture;

use Step::{Act, Arrive, Hush, Visit};

/// Another name of the same site, which the lab knows as well.
const OTHER_NAME: &str = "www.";

pub(super) fn rows() -> Vec<Row> {
    let site =
        |name: &str, about, front, app: App| Row::new(name, about, front, Behind::App(app), Truth::site(&["app", "gateway"]));
    vec![
        Row::new(
            "too-fast",
            "The site takes two requests a second from each address, and turns the rest away with 503.",
            None,
            Behind::App(too_fast),
            Truth::site(&["app", "gateway", "edge", "page"]),
        ),
        Row::new(
            "an-error-that-an-edge-keeps",
            "The edge keeps an error for browsers that want a page, and the site has long been well.",
            None,
            Behind::App(kept_for_pages),
            Truth::site(&["app", "gateway", "edge", "page"]),
        ),
        site("sign-in-is-dead", "The page sends everybody to a sign-in at another name, which is down.", None, sign_in_is_dead),
        Row::new(
            "address-too-long",
            "The application cannot bear an address of six thousand characters.",
            Some(Apache),
            Behind::App(long_address),
            Truth::site(&["page", "app"]),
        )
        .steps(LONG),
        Row::new(
            "well-but-for-its-number",
            "A page that is whole and well says 503, since somebody forgot to end a maintenance.",
            Some(Nginx),
            Behind::App(whole_page),
            Truth::site(&["page", "app"]),
        ),
        site("deployed-just-now", "A new version is started, which takes five seconds.", Some(Nginx), deployed),
        Row::new(
            "old-redirect",
            "The browser keeps a redirect to a page that is dead by now; the page is back at its own address.",
            None,
            Behind::App(old_redirect),
            Truth::yours(&["cache"]),
        )
        .steps(BY_A_KEPT_REDIRECT)
        .part(),
        Row::new(
            "dead-since-it-moved",
            "The browser keeps a redirect, which is as true as ever, and where it leads to the site is down.",
            None,
            Behind::App(moved_and_dead),
            Truth::site(&["app", "gateway", "page"]),
        )
        .steps(BY_A_KEPT_REDIRECT),
        Row::new(
            "crash-behind-a-redirect",
            "The browser keeps a redirect, which is as true as ever, and where it leads the application crashed once.",
            None,
            Behind::App(moved_and_crashed),
            Truth::passed(),
        )
        .steps(BY_A_KEPT_REDIRECT)
        .part(),
    ]
}

macro_rules! ten {
    ($text:expr) => {
        concat!($text, $text, $text, $text, $text, $text, $text, $text, $text, $text)
    };
}

/// The redirect is kept at the first visit, when all was well.
const BY_A_KEPT_REDIRECT: &[Step] =
    &[Hush(true), Visit("/page"), Arrive("/moved"), Visit("/"), Arrive("/"), Hush(false), Act(1), Visit("/page")];

const LONG: &[Step] = &[Visit(concat!("/page?next=", ten!(ten!(ten!("there.")))))];

fn is_other(request: &Request) -> bool {
    request.host().starts_with(OTHER_NAME)
}

/// Half a second between two requests, and the visit comes too early.
fn too_fast(request: &Request, _: usize) -> Answer {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if request.target == "/page" && request.earlier == 0 {
        *last = Some(Instant::now());
        return fixture("nginx/503-return");
    }
    if last.is_some_and(|last| last.elapsed() < Duration::from_millis(500)) {
        return fixture("nginx/503-return");
    }
    *last = Some(Instant::now());
    apps::fine()
}

fn kept_for_pages(request: &Request, _: usize) -> Answer {
    if !request.header("accept").is_some_and(|a| a.contains("text/html")) {
        return apps::fine();
    }
    Answer::new(503, "Service Unavailable")
        .html("<!doctype html><title>Unavailable</title><h1>Unavailable</h1>")
        .header("Vary", "Accept")
        .header("X-Cache", "HIT")
        .header("Age", "40")
}

fn sign_in_is_dead(request: &Request, _: usize) -> Answer {
    if is_other(request) {
        return fixture("nginx/502-refused");
    }
    Answer::new(302, "Found").header("Location", &format!("http://{OTHER_NAME}{}/sign-in", request.host()))
}

fn long_address(request: &Request, _: usize) -> Answer {
    if request.target.len() > 4_000 { Answer::hang_up() } else { apps::fine() }
}

fn whole_page(request: &Request, _: usize) -> Answer {
    if request.target != "/page" {
        return apps::fine();
    }
    Answer::new(503, "Service Unavailable").html(
        "<!doctype html><title>Garden chairs</title><h1>Garden chairs</h1><p>Twelve kinds of chairs, from 30 to 300.</p><p>Delivery within two days.</p>",
    )
}

fn deployed(_: &Request, _: usize) -> Answer {
    static SINCE: Mutex<Option<Instant>> = Mutex::new(None);
    let since = *SINCE.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
    if since.elapsed() < Duration::from_secs(5) { Answer::hang_up() } else { apps::fine() }
}

fn moved() -> Answer {
    Answer::new(301, "Moved Permanently").header("Location", "/moved").header("Cache-Control", "max-age=3600")
}

fn old_redirect(request: &Request, act: usize) -> Answer {
    match (request.target.as_str(), act) {
        ("/page", 0) => moved(),
        ("/moved", 1) => fixture("nginx/502-refused"),
        _ => apps::fine(),
    }
}

fn moved_and_dead(request: &Request, act: usize) -> Answer {
    match (request.target.as_str(), act) {
        ("/page", _) => moved(),
        ("/moved", 1) => fixture("nginx/502-refused"),
        _ => apps::fine(),
    }
}

fn moved_and_crashed(request: &Request, act: usize) -> Answer {
    match (request.target.as_str(), act) {
        ("/page", _) => moved(),
        // The first visit was the first request.
        ("/moved", 1) if request.earlier == 1 => fixture("nginx/502-refused"),
        _ => apps::fine(),
    }
}
