//! Faults of the site that are not as simple as "all of it is down", and edges before it.

use crate::browser::Kind;
use crate::lab::apps;
use crate::lab::row::{Behind, Line, Row, Step, Truth, Unlucky};
use crate::servers::Fault::{Closes, Refuses};
use crate::servers::Product::{Apache, Nginx};
use crate::servers::{Answer, Request};
use crate::stage::fixture;

use Behind::{App, Http, Page};

/// Whether the first hop behind the edge or the application is meant, nobody outside can see.
const ORIGIN: &[&str] = &["gateway", "app"];
const EDGE: &[&str] = &["edge"];
/// An edge that cannot reach the site: the words fit both.
const BETWEEN: &[&str] = &["edge", "gateway"];

const CONNECTIONS: &str = "a page has connections of its own, which it keeps, and so have we; whether its cookies, another extension or \
                           the server at the other end breaks it, only a new connection of its own would tell";

pub(super) fn rows() -> Vec<Row> {
    [edges(), blocks(), times(), answers()].concat()
}

/// Pages and headers of edges, as the fixtures have them.
fn edges() -> Vec<Row> {
    let edge = |name: &str, about, fixture, truth: Truth| Row::new(name, about, None, Page(fixture), truth);
    let alive = "The edge's own data centre has a fault; the site behind it is well.";
    let dead = "The edge is well, and what is behind it is not.";
    vec![
        edge("cloudflare-own", alive, "cloudflare/own-502", Truth::site(EDGE).by(&["cloudflare"])),
        edge("cloudflare-origin-502", dead, "cloudflare/502", Truth::site(ORIGIN).by(&["cloudflare"])),
        edge("cloudflare-520", dead, "cloudflare/520", Truth::site(ORIGIN).by(&["cloudflare"])),
        edge("cloudflare-521", dead, "cloudflare/521", Truth::site(ORIGIN).by(&["cloudflare"]).kind(&["refused"])),
        edge("cloudflare-522", dead, "cloudflare/522", Truth::site(ORIGIN).by(&["cloudflare"]).kind(&["timeout"])),
        edge("cloudflare-525", dead, "cloudflare/525", Truth::site(ORIGIN).by(&["cloudflare"]).kind(&["tls"])),
        edge("cloudflare-530", dead, "cloudflare/530-1016", Truth::site(ORIGIN).by(&["cloudflare"]).kind(&["dns"])),
        edge("nginx-behind-cloudflare", dead, "nginx/502-behind-cloudflare", Truth::site(ORIGIN).by(&["nginx"])).part(),
        edge("cloudfront-504", dead, "aws-cloudfront/504-silent", Truth::site(ORIGIN).by(&["aws-cloudfront"])),
        edge("cloudfront-capacity", alive, "aws-cloudfront/503-capacity", Truth::site(EDGE).by(&["aws-cloudfront"])),
        edge("fastly-refused", dead, "fastly/503-refused", Truth::site(ORIGIN).by(&["fastly"])),
        edge("akamai-dns", dead, "akamai/503-dns", Truth::site(BETWEEN).by(&["akamai"]).kind(&["dns"])),
        edge("akamai-connect", dead, "akamai/503-fail-to-connect", Truth::site(ORIGIN).by(&["akamai"])),
        edge("google-robot", alive, "google-gfe-robot/502", Truth::site(EDGE).by(&["google-gfe-robot"])),
        edge("google-balancer", dead, "google-gclb/502", Truth::site(ORIGIN).by(&["google-gclb"])),
        edge("aws-balancer", dead, "aws-alb/503", Truth::site(ORIGIN).by(&["aws-alb"]).kind(&["no-backend"])),
        edge("heroku-crashed", dead, "heroku-router/503-crashed", Truth::site(&["app"]).by(&["heroku-router"])),
        edge(
            "azure-front-door",
            dead,
            "azure-front-door/503",
            Truth::site(&["edge", "gateway", "app"]).by(&["azure-front-door"]),
        ),
        edge("imperva-origin", dead, "imperva/503-edet-8", Truth::site(ORIGIN).by(&["imperva"])),
    ]
}

/// Refusals that look like an outage.
fn blocks() -> Vec<Row> {
    let about = "A firewall of the site refuses the request, with the number of an outage.";
    let address = "The site refuses this visitor's address, in the very words of an outage; everybody else is served.";
    vec![
        Row::new(
            "blocked-by-akamai",
            about,
            None,
            App(akamai_block),
            Truth::site(&["blocked"]).by(&["akamai"]).kind(&["blocked"]),
        ),
        Row::new(
            "blocked-by-sucuri",
            about,
            None,
            App(sucuri_block),
            Truth::site(&["blocked"]).by(&["sucuri"]).kind(&["blocked"]),
        ),
        Row::new("refuses-this-address", address, None, App(apps::refuses_the_address), Truth::unclear())
            .alike(&Kind::ALL, "one place sees one answer; whether others get another, only somebody elsewhere can tell"),
    ]
}

fn akamai_block(_: &Request, _: usize) -> Answer {
    fixture("akamai/403-denied").status(503, "Service Unavailable")
}

fn sucuri_block(_: &Request, _: usize) -> Answer {
    fixture("sucuri/403-block").status(503, "Service Unavailable")
}

/// What changes while it is looked at.
fn times() -> Vec<Row> {
    let site = |name: &str, about, app, truth| Row::new(name, about, Some(Nginx), App(app), truth);
    let kept = |name: &str, unlucky| {
        let about = "A balancer gives each connection to one of two servers, and those that stay open lead to the dead one.";
        let row = Row::new(name, about, Some(Nginx), Http(Refuses), Truth::site(&["app"]));
        row.unlucky(unlucky).alike(&Kind::ALL, CONNECTIONS)
    };
    vec![
        site("one-of-two", "One of two servers behind the balancer is dead.", apps::one_of_two, Truth::site(&["app"])),
        site("one-of-five", "One of five servers behind the balancer is dead.", apps::one_of_five, Truth::site(&["app"])),
        kept("dead-server-for-the-visit", Unlucky::Visit),
        kept("dead-server-for-the-page", Unlucky::Page),
        site("four-of-five", "Four of five servers behind the balancer are dead.", apps::four_of_five, Truth::site(&["app"])),
        site("recovers", "The application crashed once and came up again.", apps::recovers, Truth::passed()).part(),
        site("recovers-slowly", "The application comes up while it is asked again.", apps::recovers_soon, Truth::passed()),
        Row::new("maintenance", "The site is closed for ten minutes, and says so.", None, App(apps::maintenance), {
            Truth::site(&["app", "gateway"]).kind(&["maintenance", "overloaded"])
        }),
        Row::new("wordpress-maintenance", "The site updates itself.", None, Page("wordpress/503-maintenance"), {
            Truth::site(&["app"]).by(&["wordpress"]).kind(&["maintenance"])
        }),
        Row::new(
            "limits-askers",
            "The site is down, and takes whoever asks three times for an attack.",
            None,
            App(apps::limits_askers),
            Truth::site(&["app"]).by(&["nginx"]),
        ),
        Row::new(
            "limits-everybody",
            "The site has too many visitors and turns some away for half a minute.",
            None,
            App(apps::limits_everybody),
            Truth::site(&["app", "gateway"]).kind(&["overloaded", "rate-limited", "maintenance"]),
        ),
    ]
}

/// What depends on who asks, and for what.
fn answers() -> Vec<Row> {
    const FORM: &[Step] = &[Step::Visit("/"), Step::Arrive("/"), Step::Submit("/order")];
    const SIGNED_IN: &[Step] = &[Step::Visit("/"), Step::Arrive("/"), Step::Visit("/page")];
    vec![
        Row::new(
            "one-page-nginx",
            "One page is broken, the rest works.",
            Some(Nginx),
            App(apps::one_page),
            Truth::site(&["page"]),
        )
        .part(),
        Row::new(
            "one-page-apache",
            "One page is broken, the rest works.",
            Some(Apache),
            App(apps::one_page),
            Truth::site(&["page"]),
        ),
        Row::new("form-fails", "The shop dies over an order.", Some(Nginx), App(apps::form_fails), Truth::site(&["page", "app"]))
            .steps(FORM)
            .part(),
        Row::new(
            "signed-in-only",
            "A page for members is broken; everybody else is sent to the sign-in.",
            Some(Nginx),
            App(apps::signed_in_only),
            Truth::site(&["page", "app"]),
        )
        .steps(SIGNED_IN)
        .alike(&Kind::ALL, "a page that only fails for this visitor's session may be the page's fault or the session's"),
        Row::new(
            "down-and-wary",
            "The site is down, and answers whatever does not look like a visit with another error.",
            None,
            App(apps::down_and_wary),
            Truth::site(&["app", "gateway"]).by(&["nginx"]),
        ),
        Row::new(
            "control-refused",
            "The site is down, and a filter refuses the control endpoint.",
            Some(Nginx),
            Http(Refuses),
            Truth::site(&["app"]).by(&["nginx"]),
        )
        .line(Line::ControlRefused),
        Row::new("control-silent", "The site is down, and a filter swallows the control endpoint.", Some(Nginx), Http(Closes), {
            Truth::site(&["app"]).by(&["nginx"])
        })
        .line(Line::ControlSilent),
        Row::new("control-down", "The site is down, and so is the control endpoint.", Some(Nginx), Http(Refuses), {
            Truth::site(&["app"]).by(&["nginx"])
        })
        .line(Line::ControlDown),
        Row::new(
            "worker-passes-on",
            "The site is down; its service worker shows what it says.",
            Some(Nginx),
            App(apps::worker_passes_on),
            Truth::site(&["app", "page"]).by(&["nginx"]),
        )
        .steps(&[Step::AtHome, Step::Visit("/page")]),
    ]
}
