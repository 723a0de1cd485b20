//! Caches, doors and balancers before a site that is down: guests and members, and one request and the next, get different answers.

use std::time::Duration;

use crate::browser::Kind;
use crate::lab::apps;
use crate::lab::row::{App, Behind, Row, Step, Truth};
use crate::servers::Product::{self, Nginx, Varnish};
use crate::servers::{Answer, Request};
use crate::stage::{Worker, fixture, worker_site};

use Step::{Act, Arrive, AtHome, Visit};

/// First well, then dead for whoever is not served out of a cache or sent away at the door.
const DIES: &[Step] = &[Visit("/page"), Arrive("/page"), Visit("/"), Arrive("/"), Act(1), Visit("/page")];
const AFTER_HOME: &[Step] = &[Visit("/"), Arrive("/"), Act(1), Visit("/page")];

const COPY: &str =
    "a cookie that breaks the page leads past the cache just as well, and so may a site that is down for everybody";
const DOOR: &str = "whoever has no cookies is sent away: what is behind the door may fail for everybody or for this session";
const STICKY: &str = "a cookie that leads to a dead server looks like a cookie that the page cannot read, and the same helps";

pub(super) fn rows() -> Vec<Row> {
    let site = |name: &str, about, front: Option<Product>, app: App| {
        Row::new(name, about, front, Behind::App(app), Truth::site(&["app", "gateway"]))
    };
    vec![
        site(
            "copies-for-guests",
            "The site is down; whoever has no cookies gets a copy out of its cache.",
            Some(Varnish),
            copies_for_guests,
        )
        .steps(DIES)
        .alike(&Kind::ALL, COPY),
        site(
            "front-page-is-a-copy",
            "The site is down; its front page still comes out of its cache.",
            Some(Varnish),
            front_page_is_kept,
        )
        .steps(AFTER_HOME),
        site(
            "dead-behind-the-door",
            "The site is down for everybody who has signed in, and sends all others to the sign-in.",
            Some(Nginx),
            behind_a_door,
        )
        .steps(AFTER_HOME)
        .alike(&Kind::ALL, DOOR),
        site("sticky-server", "A cookie of the balancer leads this visitor to the one server that is dead.", Some(Nginx), sticky)
            .steps(AFTER_HOME)
            .alike(&Kind::ALL, STICKY),
        site(
            "sticky-haproxy",
            "A cookie of the balancer leads this visitor to the one server that is dead, and the balancer says that it refuses.",
            None,
            sticky_haproxy,
        )
        .steps(AFTER_HOME),
        site(
            "marked-down",
            "The balancer notices that its server is dead, and says so in other words from then on.",
            None,
            marked_down,
        ),
        site("sheds-load", "Three of four requests are turned away, to come back in a second.", None, sheds_load),
        site(
            "turns-programs-away",
            "The site is down, and tells whatever looks like no visit to come back in half a minute.",
            None,
            turns_programs_away,
        ),
        Row::new(
            "worker-passes-on-a-crash",
            "The application crashed once; the site's service worker showed what it said.",
            Some(Nginx),
            Behind::App(crashes_once),
            Truth::passed(),
        )
        .steps(&[AtHome, Visit("/page")]),
        Row::new(
            "worker-replays-maintenance",
            "The site's service worker shows the maintenance of last week; the site is well.",
            Some(Nginx),
            Behind::App(maintenance_is_over),
            Truth::yours(&["service-worker"]),
        )
        .steps(&[AtHome, Visit("/page")]),
    ]
}

/// Members are served by the application, guests out of the cache.
fn copies_for_guests(request: &Request, act: usize) -> Answer {
    match request.target.as_str() {
        _ if act > 0 => Answer::hang_up(),
        "/page" => Answer::fine("For everybody").header("Cache-Control", "s-maxage=600"),
        _ => apps::fine().header("Set-Cookie", "member=1; Path=/"),
    }
}

/// The front page is the same for everybody, so a cache keeps it.
fn front_page_is_kept(request: &Request, act: usize) -> Answer {
    match request.target.as_str() {
        "/" if act == 0 => Answer::fine("Welcome").header("Cache-Control", "s-maxage=600"),
        _ => Answer::hang_up(),
    }
}

/// A guard sends guests to the sign-in, whatever they ask for.
fn behind_a_door(request: &Request, act: usize) -> Answer {
    match (act, request.header("cookie").is_some_and(|c| c.contains("session"))) {
        (0, _) => apps::fine().header("Set-Cookie", "session=7; Path=/"),
        (_, true) => Answer::hang_up(),
        (_, false) => Answer::new(302, "Found").header("Location", "/sign-in"),
    }
}

/// The balancer's cookie names the server; the second one is dead by now.
fn sticky(request: &Request, act: usize) -> Answer {
    match (act, request.header("cookie").is_some_and(|c| c.contains("server=b"))) {
        (0, _) => apps::fine().header("Set-Cookie", "server=b; Path=/"),
        (_, true) => Answer::hang_up(),
        (_, false) => apps::fine(),
    }
}

/// The same, and the balancer knows that nobody is there.
fn sticky_haproxy(request: &Request, act: usize) -> Answer {
    match (act, request.header("cookie").is_some_and(|c| c.contains("server=b"))) {
        (1, true) => fixture("haproxy/503-refused").after(Duration::from_secs(3)),
        _ => sticky(request, 0),
    }
}

/// A 502 at first, and a 503 when the server is out of the pool.
fn marked_down(request: &Request, _: usize) -> Answer {
    fixture(if request.target == "/page" && request.earlier == 0 { "haproxy/502-closed" } else { "haproxy/503-no-server" })
}

/// Answers every fourth request.
fn sheds_load(request: &Request, _: usize) -> Answer {
    if request.earlier % 4 == 3 {
        return apps::fine();
    }
    Answer::new(503, "Service Unavailable")
        .header("Retry-After", "1")
        .html("<!doctype html><title>Busy</title><h1>We are very busy</h1>")
}

/// A guard against robots before a dead application.
fn turns_programs_away(request: &Request, _: usize) -> Answer {
    if apps::looks_like_a_visit(request) {
        return fixture("nginx/502-refused");
    }
    Answer::new(503, "Service Unavailable")
        .header("Retry-After", "30")
        .html("<!doctype html><title>Checking</title><h1>Please wait</h1>")
}

/// A worker before an application that crashes over the first request for the page.
fn crashes_once(request: &Request, _: usize) -> Answer {
    worker_site(Worker::PassesOn, request).unwrap_or_else(|| if request.earlier == 0 { Answer::hang_up() } else { apps::fine() })
}

/// A worker that keeps the page of the maintenance, before a site that works.
fn maintenance_is_over(request: &Request, _: usize) -> Answer {
    worker_site(Worker::Replays, request).unwrap_or_else(|| match request.earlier {
        0 => Answer::new(503, "Service Unavailable").header("Retry-After", "600").html("<h1>Maintenance</h1>"),
        _ => apps::fine(),
    })
}
