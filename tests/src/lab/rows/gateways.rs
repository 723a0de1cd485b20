//! Every fault behind every gateway.

use crate::lab::row::{Behind, Row, Truth};
use crate::servers::Fault::{Closes, Garbage, HugeHeader, Refuses, Resets, Silent, Works};
use crate::servers::Product;
use crate::servers::Product::{Apache, Caddy, H2o, Haproxy, Lighttpd, Nginx, TrafficServer, Varnish};

use Behind::{FastCgi, Http, Nobody, Tls};

/// The gateway, what is behind it, its rules, and the kinds that it tells apart.
type Line = (Product, Behind, &'static [&'static str], &'static [&'static str]);

/// nginx says the same of an upstream that refuses and one that closes.
const BROKEN: &[&str] = &["refused", "reset", "invalid-response"];
const TIMEOUT: &[&str] = &["timeout"];
const NGINX: &[&str] = &["nginx"];
const APACHE: &[&str] = &["apache-httpd", "apache-mod-proxy"];
const HAPROXY: &[&str] = &["haproxy"];
const VARNISH: &[&str] = &["varnish"];
const CADDY: &[&str] = &["caddy"];
const LIGHTTPD: &[&str] = &["lighttpd"];
const H2O: &[&str] = &["h2o"];
const TRAFFIC: &[&str] = &["trafficserver"];

const LINES: &[Line] = &[
    (Nginx, Http(Refuses), NGINX, BROKEN),
    (Nginx, Http(Silent), NGINX, TIMEOUT),
    (Nginx, Http(Closes), NGINX, BROKEN),
    (Nginx, Http(Resets), NGINX, BROKEN),
    (Nginx, Http(HugeHeader), NGINX, &[]),
    (Nginx, Tls(Works), NGINX, &[]),
    (Apache, Http(Refuses), APACHE, &["refused", "no-backend"]),
    (Apache, Http(Silent), APACHE, TIMEOUT),
    (Apache, Http(Closes), APACHE, &["reset"]),
    (Apache, Http(HugeHeader), APACHE, &["invalid-response"]),
    (Apache, FastCgi(Refuses), APACHE, &["refused", "no-backend"]),
    (Haproxy, Http(Refuses), HAPROXY, &["refused", "no-backend"]),
    (Haproxy, Nobody, HAPROXY, &["no-backend"]),
    (Haproxy, Http(Silent), HAPROXY, TIMEOUT),
    (Haproxy, Http(Closes), HAPROXY, &[]),
    (Haproxy, Http(Garbage), HAPROXY, &[]),
    (Haproxy, Tls(Works), HAPROXY, &[]),
    (Varnish, Http(Refuses), VARNISH, &[]),
    (Varnish, Http(Silent), VARNISH, TIMEOUT),
    (Varnish, Http(Closes), VARNISH, &[]),
    (Varnish, Http(Garbage), VARNISH, &[]),
    (Caddy, Http(Refuses), CADDY, &[]),
    (Caddy, Http(Silent), CADDY, TIMEOUT),
    (Caddy, Http(Closes), CADDY, &[]),
    (Lighttpd, Http(Refuses), LIGHTTPD, &["refused", "no-backend"]),
    (Lighttpd, Http(Silent), LIGHTTPD, TIMEOUT),
    (Lighttpd, Http(Closes), LIGHTTPD, &[]),
    (H2o, Http(Refuses), H2O, &["refused"]),
    (H2o, Http(Silent), H2O, TIMEOUT),
    (H2o, Http(Closes), H2O, &["reset"]),
    (TrafficServer, Http(Refuses), TRAFFIC, &["refused"]),
    (TrafficServer, Http(Silent), TRAFFIC, TIMEOUT),
    (TrafficServer, Http(Closes), TRAFFIC, &["reset", "invalid-response"]),
];

pub(super) fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = LINES.iter().map(row).collect();
    for (name, seconds) in [("slow-20", 20), ("slow-31", 31), ("slow-61", 61)] {
        let truth = Truth::site(&["app"]).by(NGINX).kind(TIMEOUT);
        let about = "The application hangs, and nginx gives it up only after its own long limit.";
        rows.push(Row::new(name, about, Some(Nginx), Http(Silent), truth).patience(seconds));
    }
    rows
}

fn row(&(product, behind, producers, kinds): &Line) -> Row {
    let (fault, about) = match behind {
        Nobody => ("nobody", "The gateway has no server to ask."),
        FastCgi(_) => ("fastcgi-refuses", "The FastCGI application is not running."),
        Tls(_) => ("tls", "The gateway speaks TLS to an application that does not."),
        Http(Refuses) => ("refuses", "The application is not running."),
        Http(Silent) => ("silent", "The application takes requests and never answers."),
        Http(Closes) => ("closes", "The application dies over each request."),
        Http(Resets) => ("resets", "The application's connections are reset."),
        Http(Garbage) => ("garbage", "What answers the gateway does not speak HTTP."),
        Http(HugeHeader) => ("huge-header", "The application's header is larger than the gateway takes."),
        _ => ("works", "Nothing."),
    };
    let row = Row::new(
        format!("{}-{fault}", product.id()),
        about,
        Some(product),
        behind,
        Truth::site(&["app"]).by(producers).kind(kinds),
    );
    // One with a body, one without.
    if matches!((product, behind), (Nginx | Caddy, Http(Refuses))) { row.part() } else { row }
}
