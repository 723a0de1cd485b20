//! Sites that fail in unusual words: half a page, none at all, header fields that nobody expects, data in place of a page.

use crate::lab::row::{App, Behind, Row, Truth};
use crate::servers::{Answer, Request};

pub(super) fn rows() -> Vec<Row> {
    let row = |name: &str, about, app: App| Row::new(name, about, None, Behind::App(app), Truth::site(&["app", "gateway"]));
    vec![
        row("half-a-page", "The connection is reset in the middle of the error page.", half_a_page),
        row("short-page", "The error page ends before the length that it has told.", short_page),
        row("odd-header", "The error page comes with header fields that are no text, and with very long ones.", odd_header),
        row("bare-500", "The application says 500, and nothing else.", bare),
        row("problem-json", "The application says what is wrong to programs alone.", problem),
    ]
}

const PAGE: &str = "<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1><p>The shop does not answer.";

fn half_a_page(_: &Request, _: usize) -> Answer {
    Answer::new(502, "Bad Gateway").html(&PAGE.repeat(20)).broken_off()
}

fn short_page(_: &Request, _: usize) -> Answer {
    Answer::raw(format!(
        "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 4000\r\nConnection: close\r\n\r\n{PAGE}"
    ))
}

fn odd_header(_: &Request, _: usize) -> Answer {
    let mut bytes =
        b"HTTP/1.1 503 \xdcberlastet\r\nServer: \xff\xfe\xfd\r\nContent-Type: text/html\r\nX-Empty:\r\nX-Long: ".to_vec();
    bytes.extend("long ".repeat(2_000).bytes());
    bytes.extend(format!("\r\nX-Twice: 1\r\nX-Twice: 2\r\nConnection: close\r\n\r\n{PAGE}").bytes());
    Answer::raw(bytes)
}

fn bare(_: &Request, _: usize) -> Answer {
    Answer::new(500, "Internal Server Error")
}

fn problem(_: &Request, _: usize) -> Answer {
    let problem = r#"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The order service is down."}"#;
    Answer::new(503, "Service Unavailable").body("application/problem+json", problem)
}
