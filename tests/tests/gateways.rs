//! The same fault behind real gateways: which number and text each one answers with, and what the core reads in them.
//!
//! A row fails when the program answers otherwise than the rules were written for (a new version, then), or when the reading names another
//! producer or another failure. Some products say the same for different faults; there the reading has to admit that it is a guess.

// A row that cannot be asked has failed.
#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::thread;

use faultline_core::fingerprint;
use faultline_core::reading::Reading;
use faultline_core::terms::FailureKind;
use faultline_core::terms::FailureKind::{Dns, InvalidResponse, NoBackend, Refused, Reset, Timeout, Tls};
use faultline_core::words::Runbook;
use faultline_tests::servers::{Fault, Gateway, Product, Seen, Site, Upstream, ask, ask_through};
use faultline_tests::wait::wait_for;

/// More than this is no guess any more.
const GUESS: f32 = 0.7;

/// What is behind the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// An upstream that fails so.
    Http(Fault),
    /// The same, spoken to in FastCGI.
    FastCgi(Fault),
    /// Nothing is configured.
    Nobody,
    /// A name that does not resolve (forward proxy).
    NoSuchName,
}

/// What the reading has to say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Exactly this.
    As(FailureKind),
    /// This happened, but the product does not tell it apart: this or a guess.
    Hidden(FailureKind),
    /// The gateway took it for an answer: no error page at all.
    PassedOn,
}

struct Row(Behind, u16, &'static str, Told);

use Behind::{FastCgi, Http, NoSuchName, Nobody};
use Fault::{Closes, Garbage, HugeHeader, Refuses, Resets, Silent, Works};
use Told::{As, Hidden, PassedOn};

/// The lines that a report tells an administrator to search for stand in the log of the real program.
#[test]
fn the_log_has_the_line_that_a_report_names() {
    let runbook: Runbook = serde_json::from_str(include_str!("../../extension/runbook.json")).expect("a runbook");
    for (product, id, faults) in [
        (Product::Nginx, "nginx", &[(Refuses, Refused), (Silent, Timeout), (Closes, Reset), (HugeHeader, InvalidResponse)][..]),
        (Product::Apache, "apache-mod-proxy", &[(Refuses, Refused), (Silent, Timeout), (Closes, Reset)]),
        (Product::Haproxy, "haproxy", &[(Refuses, Refused), (Silent, Timeout), (Closes, Reset), (Garbage, InvalidResponse)]),
        (Product::Caddy, "caddy", &[(Refuses, Refused), (Silent, Timeout), (Closes, Reset), (Garbage, InvalidResponse)]),
        (Product::Lighttpd, "lighttpd", &[(Refuses, Refused), (Silent, Timeout)]),
        (Product::H2o, "h2o", &[(Refuses, Refused), (Silent, Timeout), (Closes, Reset), (Garbage, InvalidResponse)]),
        (Product::Squid, "squid", &[(Refuses, Refused), (Silent, Timeout), (Closes, Reset), (HugeHeader, InvalidResponse)]),
    ] {
        for (fault, kind) in faults {
            let upstream = Upstream::with(*fault);
            let gateway = Gateway::start(product, &[Site::new("log.test", upstream.port())]);
            if product == Product::Squid {
                ask_through(gateway.port(), &format!("http://127.0.0.1:{}/", upstream.port())).expect("an answer");
            } else {
                ask(gateway.port(), "log.test", "/").expect("an answer");
            }
            wait_for_line(&runbook, id, *kind, &gateway);
        }
    }
}

/// The same where the encryption is at fault.
#[test]
fn the_log_has_the_line_of_a_handshake() {
    let runbook: Runbook = serde_json::from_str(include_str!("../../extension/runbook.json")).expect("a runbook");
    for (product, id) in [(Product::Nginx, "nginx"), (Product::Haproxy, "haproxy")] {
        // A server that speaks without any, and says at once what it does not understand.
        let plain = Gateway::start(Product::Nginx, &[Site::new("plain.test", Upstream::with(Works).port())]);
        let gateway = Gateway::start(product, &[Site::new("log.test", plain.port()).tls()]);
        ask(gateway.port(), "log.test", "/").expect("an answer");
        wait_for_line(&runbook, id, Tls, &gateway);
    }
}

#[track_caller]
fn wait_for_line(runbook: &Runbook, id: &str, kind: FailureKind, gateway: &Gateway) {
    let facts = &runbook[id];
    let fact = facts.get(kind.as_str()).or_else(|| runbook.get(facts.get("like")?)?.get(kind.as_str()));
    let lines = fact.unwrap_or_else(|| panic!("{id} has no line for {kind}"));
    let quoted: Vec<_> = lines.split('“').skip(1).filter_map(|rest| rest.split('”').next()).collect();
    wait_for(&format!("{id}: one of `{lines}` after {kind}"), || {
        let log = gateway.log();
        if quoted.iter().any(|line| log.contains(line)) { Ok(()) } else { Err(log) }
    });
}

#[test]
fn nginx() {
    check(
        Product::Nginx,
        &[
            Row(Http(Refuses), 502, "nginx", Hidden(Refused)),
            Row(Http(Silent), 504, "nginx", As(Timeout)),
            Row(Http(Closes), 502, "nginx", Hidden(Reset)),
            Row(Http(Resets), 502, "nginx", Hidden(Reset)),
            Row(Http(Garbage), 200, "", PassedOn),
            Row(Http(HugeHeader), 502, "nginx", Hidden(InvalidResponse)),
            Row(Http(Works), 200, "", PassedOn),
        ],
    );
}

#[test]
fn apache() {
    check(
        Product::Apache,
        &[
            Row(Http(Refuses), 503, "apache-httpd", As(Refused)),
            Row(Http(Silent), 502, "apache-mod-proxy", As(Timeout)),
            Row(Http(Closes), 502, "apache-mod-proxy", As(Reset)),
            Row(Http(Resets), 502, "apache-mod-proxy", As(Reset)),
            Row(Http(Garbage), 200, "", PassedOn),
            Row(Http(HugeHeader), 502, "apache-httpd", As(InvalidResponse)),
            Row(FastCgi(Refuses), 503, "apache-httpd", As(Refused)),
            Row(Http(Works), 200, "", PassedOn),
        ],
    );
}

#[test]
fn haproxy() {
    check(
        Product::Haproxy,
        &[
            Row(Http(Refuses), 503, "haproxy", As(Refused)),
            Row(Nobody, 503, "haproxy", As(NoBackend)),
            Row(Http(Silent), 504, "haproxy", As(Timeout)),
            Row(Http(Closes), 502, "haproxy", Hidden(Reset)),
            Row(Http(Resets), 502, "haproxy", Hidden(Reset)),
            Row(Http(Garbage), 502, "haproxy", Hidden(InvalidResponse)),
            Row(Http(HugeHeader), 502, "haproxy", Hidden(InvalidResponse)),
            Row(Http(Works), 200, "", PassedOn),
        ],
    );
}

#[test]
fn varnish() {
    check(
        Product::Varnish,
        &[
            Row(Http(Refuses), 503, "varnish", Hidden(Refused)),
            Row(Http(Silent), 503, "varnish", As(Timeout)),
            Row(Http(Closes), 503, "varnish", Hidden(Reset)),
            Row(Http(Resets), 503, "varnish", Hidden(Reset)),
            Row(Http(Garbage), 503, "varnish", Hidden(InvalidResponse)),
            Row(Http(Works), 200, "", PassedOn),
        ],
    );
}

#[test]
fn caddy() {
    check(
        Product::Caddy,
        &[
            Row(Http(Refuses), 502, "caddy", Hidden(Refused)),
            Row(Http(Silent), 504, "caddy", As(Timeout)),
            Row(Http(Closes), 502, "caddy", Hidden(Reset)),
            Row(Http(Resets), 502, "caddy", Hidden(Reset)),
            Row(Http(Garbage), 502, "caddy", Hidden(InvalidResponse)),
            Row(Http(Works), 200, "", PassedOn),
        ],
    );
}

#[test]
fn lighttpd() {
    check(
        Product::Lighttpd,
        &[
            Row(Http(Refuses), 503, "lighttpd", As(Refused)),
            Row(Http(Silent), 504, "lighttpd", As(Timeout)),
            Row(Http(Closes), 500, "lighttpd", As(Reset)),
            Row(Http(Resets), 500, "lighttpd", As(Reset)),
            Row(Http(Garbage), 502, "lighttpd", As(InvalidResponse)),
            Row(Http(Works), 200, "", PassedOn),
        ],
    );
}

#[test]
fn h2o() {
    check(
        Product::H2o,
        &[
            Row(Http(Refuses), 502, "h2o", As(Refused)),
            Row(Http(Silent), 502, "h2o", As(Timeout)),
            Row(Http(Closes), 502, "h2o", As(Reset)),
            Row(Http(Resets), 502, "h2o", As(Reset)),
            Row(Http(Garbage), 502, "h2o", As(InvalidResponse)),
            Row(Http(Works), 200, "", PassedOn),
        ],
    );
}

#[test]
fn squid_as_the_visitor_s_proxy() {
    check(
        Product::Squid,
        &[
            Row(Http(Refuses), 503, "squid", As(Refused)),
            Row(Http(Silent), 504, "squid", As(Timeout)),
            Row(Http(Closes), 502, "squid", As(Reset)),
            Row(Http(Resets), 502, "squid", As(Reset)),
            Row(Http(Garbage), 200, "", PassedOn),
            Row(Http(HugeHeader), 502, "squid", As(InvalidResponse)),
            // Squid 5.7 answers this as an error of reading, without a number of an error; other versions with 503 and ERR_DNS_FAIL.
            Row(NoSuchName, 502, "squid", Hidden(Dns)),
            Row(Http(Works), 200, "", PassedOn),
        ],
    );
}

/// Asks every row at once, since some of them take their time.
#[track_caller]
fn check(product: Product, rows: &[Row]) {
    let upstreams: Vec<_> = rows.iter().map(|row| upstream(row.0)).collect();
    let sites: Vec<_> = rows.iter().zip(&upstreams).enumerate().map(|(n, (row, up))| site(n, row.0, up.as_ref())).collect();
    let gateway = Gateway::start(product, &sites);
    let port = gateway.port();

    let answers: Vec<_> = thread::scope(|scope| {
        let asked: Vec<_> = sites
            .iter()
            .map(|site| {
                scope.spawn(move || match (product, site.upstream) {
                    (Product::Squid, Some(upstream)) => ask_through(port, &format!("http://127.0.0.1:{upstream}/")),
                    (Product::Squid, None) => ask_through(port, "http://nowhere.test/"),
                    _ => ask(port, &site.host, "/"),
                })
            })
            .collect();
        asked.into_iter().map(|a| a.join().unwrap()).collect()
    });

    let wrong: Vec<String> = rows
        .iter()
        .zip(answers)
        .zip(&sites)
        .filter_map(|((row, answer), site)| judge(row, answer, &site.host).err().map(|why| format!("{:?}: {why}", row.0)))
        .collect();
    assert!(wrong.is_empty(), "{}\n{}\nits log:\n{}", product.id(), wrong.join("\n"), gateway.log());
}

fn upstream(behind: Behind) -> Option<Upstream> {
    match behind {
        Http(fault) | FastCgi(fault) => Some(Upstream::with(fault)),
        Nobody | NoSuchName => None,
    }
}

fn site(n: usize, behind: Behind, upstream: Option<&Upstream>) -> Site {
    let host = format!("row{n}.test");
    match (behind, upstream) {
        (FastCgi(_), Some(upstream)) => Site::new(&host, upstream.port()).fastcgi(),
        (_, Some(upstream)) => Site::new(&host, upstream.port()),
        _ => Site::empty(&host),
    }
}

fn judge(row: &Row, answer: Result<Seen, String>, host: &str) -> Result<(), String> {
    let Row(_, status, producer, told) = row;
    let seen = answer?;
    if seen.status != *status {
        return Err(format!("status {} in place of {status}", seen.status));
    }
    let reading = fingerprint::read(&seen.page(host));
    let named = reading.producer.as_ref().map_or("", |p| p.id.as_str());
    if named != *producer {
        return Err(format!("producer {named:?} in place of {producer:?}: {}", first_bytes(&seen)));
    }
    match *told {
        As(kind) if reading.failure.kind != kind => Err(format!("{} in place of {kind}: {}", read(&reading), first_bytes(&seen))),
        Hidden(kind) if reading.failure.kind != kind && reading.failure.confidence > GUESS => {
            Err(format!("{}, which is more than a guess, and it was {kind}", read(&reading)))
        }
        PassedOn if reading.soft => Err("an answer was taken for an error page".to_owned()),
        _ => Ok(()),
    }
}

fn read(reading: &Reading) -> String {
    format!("{} ({:.2})", reading.failure.kind, reading.failure.confidence)
}

fn first_bytes(seen: &Seen) -> String {
    format!(
        "{} after {:?}, {:?}",
        seen.status_line,
        seen.first_byte,
        String::from_utf8_lossy(&seen.body).chars().take(200).collect::<String>()
    )
}
