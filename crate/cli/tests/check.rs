//! `faultline check` against servers on loopback that fail in several ways.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod lab;

use std::collections::BTreeSet;
use std::io::Write;

use faultline_core::answer;
use faultline_core::command::{Command, From};
use faultline_core::desk::Desk;
use faultline_core::event::{Answered, Event, Read, Seen, Shown, What};
use faultline_core::page::Header;
use faultline_core::report::{Maker, Report};
use faultline_core::settings::{Control, Settings};
use faultline_core::terms::CheckId;
use faultline_core::words::Catalogue;
use lab::server::{NGINX_502, Server, fine, nginx_502, online, refusing, response};
use lab::{Ran, faultline, program, run};
use serde_json::{Value, json};

/// Checks `path` of `site` while the control endpoint works.
fn check(site: &Server, path: &str, args: &[&str]) -> Ran {
    let control = Server::start(|_, _| online());
    check_with(&control.url("/204"), &site.url(path), args)
}

fn check_with(control: &str, url: &str, args: &[&str]) -> Ran {
    faultline(&[&["check", url, "--control", control], args].concat())
}

fn verdict(report: &Value) -> (&str, &str) {
    (report["verdict"]["side"].as_str().unwrap(), report["verdict"]["place"].as_str().unwrap())
}

fn outcome<'a>(report: &'a Value, check: &str) -> &'a str {
    let line = report["checks"].as_array().unwrap().iter().find(|c| c["id"] == check);
    line.map_or("none", |c| c["outcome"].as_str().unwrap())
}

#[test]
fn a_site_that_fails_for_everybody_is_the_sites() {
    let site = Server::start(|_, _| nginx_502());
    let ran = check(&site, "/cart?id=secret", &["--json"]);
    let report = ran.report();
    assert_eq!((ran.code, verdict(&report)), (2, ("site", "app")));
    assert_eq!((&report["producer"]["id"], &report["producer"]["version"]), (&json!("nginx"), &json!("1.22.1")));
    assert_eq!(report["response"]["status_line"], json!("HTTP/1.1 502 Bad Gateway"));
    assert_eq!((outcome(&report, "fresh"), outcome(&report, "home"), outcome(&report, "control")), ("same", "same", "works"));
    assert!(!ran.out.contains("secret"), "{}", ran.out);
    let asked = site.asked();
    assert!(asked.len() <= 7, "{} requests", asked.len());
    assert!(asked.iter().all(|r| r.starts_with("GET /") && !r.to_ascii_lowercase().contains("cookie")));
}

#[test]
fn a_person_reads_sentences() {
    let site = Server::start(|_, _| nginx_502());
    let ran = check(&site, "/cart", &[]);
    assert_eq!(ran.code, 2);
    for says in [
        "It's not you. 127.0.0.1 can't reach its own application.",
        "nginx 1.22.1",
        "A fresh request: fails the same way (502)",
        "[app: failed]",
        "What to do",
    ] {
        assert!(ran.out.contains(says), "{says}: {}", ran.out);
    }
}

#[test]
fn a_site_that_recovers_has_passed() {
    let site = Server::start(|_, before| if before == 0 { nginx_502() } else { fine() });
    let ran = check(&site, "/cart", &["--json"]);
    let report = ran.report();
    assert_eq!((ran.code, verdict(&report)), (0, ("passed", "none")));
    assert_eq!(
        (outcome(&report, "fresh"), outcome(&report, "again"), outcome(&report, "in-page")),
        ("works", "works", "skipped")
    );
}

#[test]
fn one_bad_server_behind_a_balancer_is_found_by_asking_again() {
    let site = Server::start(|path, before| if path == "/cart" && before != 1 { nginx_502() } else { fine() });
    let ran = check(&site, "/cart", &["--json"]);
    assert_eq!((ran.code, verdict(&ran.report())), (2, ("site", "app")), "{}", ran.out);
}

#[test]
fn one_page_of_a_site_that_works_otherwise() {
    let site = Server::start(|path, _| if path == "/cart" { nginx_502() } else { fine() });
    let ran = check(&site, "/cart", &["--json"]);
    assert_eq!((ran.code, verdict(&ran.report())), (2, ("site", "page")));
}

#[test]
fn without_an_open_way_it_is_this_side() {
    // The failing answer comes from this computer and the control endpoint cannot be reached.
    let site = Server::start(|_, _| nginx_502());
    let ran = check_with(&refusing("/204"), &site.url("/"), &["--json"]);
    assert_eq!((ran.code, verdict(&ran.report())), (3, ("yours", "network")), "{}", ran.out);
    let portal = Server::start(|_, _| response("302 Found", "Location: http://login.portal.example/\r\n", ""));
    let ran = check_with(&portal.url("/204"), &site.url("/"), &["--json"]);
    assert_eq!((ran.code, verdict(&ran.report())), (3, ("yours", "portal")), "{}", ran.out);
}

#[test]
fn a_server_of_this_machine_is_judged_without_the_internet() {
    let site = Server::start(|_, _| nginx_502());
    let ran = faultline(&["check", &site.url("/cart"), "--json"]);
    let report = ran.report();
    assert_eq!((ran.code, verdict(&report), outcome(&report, "control")), (2, ("site", "app"), "skipped"), "{}", ran.out);
    let ran = faultline(&["check", &refusing("/"), "--json"]);
    assert_eq!((ran.code, verdict(&ran.report()).0), (4, "unclear"), "{}", ran.out);
}

#[test]
fn a_genuine_answer_of_the_control_endpoint_may_have_a_body() {
    let site = Server::start(|_, _| nginx_502());
    let control = Server::start(|_, _| response("200 OK", "", "success\n"));
    let args = ["--json", "--control-status", "200", "--control-body", "success"];
    let ran = check_with(&control.url("/success.txt"), &site.url("/cart"), &args);
    assert_eq!((ran.code, outcome(&ran.report(), "control")), (2, "works"));
    let args = ["--json", "--control-status", "200", "--control-body", "failure"];
    assert_eq!(check_with(&control.url("/success.txt"), &site.url("/cart"), &args).code, 3);
}

#[test]
fn a_page_that_works_or_is_refused_is_no_failure() {
    let site = Server::start(|path, _| {
        match path {
        "/gone" => response("404 Not Found", "", "no"),
        "/moved" => response("302 Found", "Location: /cart\r\n", ""),
        "/chunks" => b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n".to_vec(),
        _ => fine(),
    }
    });
    for (path, code, says) in
        [("/", 0, "works: 200"), ("/moved", 0, "/cart works: 200"), ("/chunks", 0, "works: 200"), ("/gone", 5, "404")]
    {
        let ran = check(&site, path, &[]);
        assert_eq!(ran.code, code, "{path}");
        assert!(ran.out.contains(says), "{}", ran.out);
        assert_eq!(check(&site, path, &["--json"]).out, "null\n");
    }
    assert!(site.asked().iter().all(|r| !r.contains("/204")));
}

#[test]
fn an_error_page_under_a_good_status_is_seen() {
    let site = Server::start(|_, _| response("200 OK", "Server: nginx\r\nContent-Type: text/html\r\n", NGINX_502));
    let ran = check(&site, "/", &["--json"]);
    let report = ran.report();
    assert_eq!((&report["response"]["soft"], &report["producer"]["id"]), (&json!(true), &json!("nginx")), "{}", ran.out);
    assert_eq!((ran.code, verdict(&report).0), (2, "site"));
}

#[test]
fn a_redirect_to_another_private_address_is_not_followed() {
    let inner = Server::start(|_, _| nginx_502());
    let to = format!("http://127.0.0.2:{}/admin", inner.address.port());
    let site = Server::start(move |_, _| response("302 Found", &format!("Location: {to}\r\n"), ""));
    let ran = check(&site, "/", &[]);
    assert_eq!(ran.code, 4);
    assert!(ran.out.contains("private address"), "{}", ran.out);
    let site = Server::start(|_, _| response("302 Found", "Location: file:///etc/passwd\r\n", ""));
    assert!(check(&site, "/", &[]).out.contains("file: address was not followed"));
    let site = Server::start(|_, _| response("302 Found", "Location: /\r\n", ""));
    assert!(check(&site, "/", &[]).out.contains("redirects"));
    assert!(inner.asked().is_empty());
}

#[test]
fn a_site_that_does_not_answer_is_told_from_a_broken_line() {
    let closing = Server::start(|_, _| Vec::new());
    let garbage = Server::start(|_, _| b"SSH-2.0-OpenSSH_9.2\r\n".to_vec());
    let control = Server::start(|_, _| online());
    for url in [refusing("/"), closing.url("/cart"), garbage.url("/")] {
        let ran = check_with(&control.url("/204"), &url, &["--json"]);
        let report = ran.report();
        assert_eq!((ran.code, verdict(&report).0, outcome(&report, "fresh")), (2, "site", "refused"), "{url}: {}", ran.out);
        let ran = check_with(&refusing("/204"), &url, &["--json"]);
        assert_eq!((ran.code, verdict(&ran.report())), (3, ("yours", "network")), "{url}");
    }
    let ran = check_with(&control.url("/204"), &refusing("/"), &[]);
    assert!(ran.out.contains("connection refused") && ran.out.contains("got no answer"), "{}", ran.out);
}

#[test]
fn a_body_that_never_ends_is_cut() {
    let site = Server::start(|_, _| {
        let mut page =
            format!("HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\nContent-Type: text/html\r\n\r\n{NGINX_502}").into_bytes();
        page.resize(20 * 1024 * 1024, b' ');
        page
    });
    let ran = check(&site, "/cart", &["--json"]);
    assert_eq!((ran.code, &ran.report()["producer"]["id"]), (2, &json!("nginx")));
}

#[test]
fn encrypted_sites_are_checked_and_their_certificates_too() {
    let (site, authority) = Server::start_tls(|_, _| nginx_502());
    let control = Server::start(|_, _| online());
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(authority.as_bytes()).unwrap();
    let url = format!("https://localhost:{}/cart", site.address.port());
    let mut trusting = program();
    trusting.args(["check", &url, "--json", "--control", &control.url("/204")]).env("SSL_CERT_FILE", file.path());
    let ran = run(&mut trusting, b"");
    assert_eq!((ran.code, &ran.report()["producer"]["id"]), (2, &json!("nginx")), "{}", ran.err);
    let (other, _) = Server::start_tls(|_, _| fine());
    let url = format!("https://localhost:{}/", other.address.port());
    let ran = run(program().args(["check", &url]).env("SSL_CERT_FILE", file.path()), b"");
    assert_eq!(ran.code, 4, "{}", ran.out);
    assert!(ran.out.contains("TLS: "), "{}", ran.out);
}

/// The same failure as it goes in the extension: the desk is handed the answers that the servers give.
fn in_a_browser(url: &str, control: &str, first_byte_ms: Option<u32>, answers: &dyn Fn(CheckId) -> Seen) -> Value {
    let headers =
        vec![Header::new("Content-Length", "0"), Header::new("Server", "nginx/1.22.1"), Header::new("Content-Type", "text/html")];
    let control = Control { url: control.into(), status: 204, body: None };
    let settings = Box::new(Settings { control: vec![control], ..Settings::default() });
    let answered = Answered {
        tab: 1,
        url: url.into(),
        method: "GET".into(),
        status: 502,
        status_line: Some("HTTP/1.1 502 Bad Gateway".into()),
        headers,
        address: Some("127.0.0.1".into()),
        first_byte_ms,
        ..Answered::default()
    };
    let mut desk = Desk::new(false);
    let mut events = vec![
        What::Answered(Box::new(answered)),
        What::Shown(Shown { tab: 1, url: url.into(), settings, operator: true, ..Shown::default() }),
    ];
    while !events.is_empty() {
        let what = events.remove(0);
        for command in desk.handle(Event::new(0, what)) {
            match command {
                Command::Read { case, .. } => {
                    let read = Read { status: 502, title: "502 Bad Gateway".into(), body: NGINX_502.into(), ..Read::default() };
                    events.push(What::Read { case, read: Some(Box::new(read)) });
                }
                Command::Ask(q) => {
                    assert_eq!(q.from, From::Background, "nothing is asked from within a page here");
                    let seen = Box::new(answers(q.check));
                    events.push(What::Checked { case: q.case, check: q.check, attempt: q.attempt, seen });
                }
                _ => {}
            }
        }
    }
    let case = desk.latest().unwrap();
    assert!(case.done && answer::read(case, CheckId::Fresh, &Seen::default(), url, false).status.is_none());
    let words: Catalogue = serde_json::from_str(include_str!("../../../_locales/en/messages.json")).unwrap();
    let words = words.with(serde_json::from_str(include_str!("../../../extension/runbook.json")).unwrap());
    serde_json::to_value(Report::of(case, &Maker { version: String::new(), browser: String::new(), offset_min: 0 }, &words))
        .unwrap()
}

fn seen(status: u16, body: &str) -> Seen {
    let line = if status == 502 { "HTTP/1.1 502 Bad Gateway" } else { "HTTP/1.1 200 OK" };
    Seen {
        status: Some(status),
        status_line: Some(line.into()),
        headers: Some(Vec::new()),
        body: Some(body.into()),
        address: Some("127.0.0.1".into()),
        ..Seen::default()
    }
}

#[test]
fn the_same_evidence_gets_the_same_verdict_as_in_a_browser() {
    for home_works in [false, true] {
        let site = Server::start(move |path, _| if home_works && path == "/" { fine() } else { nginx_502() });
        let control = Server::start(|_, _| online());
        let ours = check_with(&control.url("/204"), &site.url("/cart"), &["--json"]).report();
        let ms = ours["response"]["first_byte_ms"].as_u64().and_then(|ms| u32::try_from(ms).ok());
        let theirs = in_a_browser(&site.url("/cart"), &control.url("/204"), ms, &|check| match check {
            CheckId::Control => seen(204, ""),
            CheckId::Home if home_works => seen(200, ""),
            _ => seen(502, NGINX_502),
        });
        for part in ["page", "producer", "hops", "failure", "references", "verdict", "advice"] {
            assert_eq!(ours[part], theirs[part], "{part}, front page works: {home_works}");
        }
        let outcomes = |report: &Value| -> BTreeSet<String> {
            report["checks"].as_array().unwrap().iter().map(|c| format!("{} {} {}", c["id"], c["outcome"], c["status"])).collect()
        };
        assert_eq!(outcomes(&ours), outcomes(&theirs));
    }
}
