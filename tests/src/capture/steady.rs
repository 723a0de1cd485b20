//! What differs between two runs of the same server, replaced by something that does not.
//!
//! Everything takes as many bytes as before wherever it can, and `Content-Length` is put right where it could not.

use crate::servers::Seen;

/// Stands for the port of the gateway; as long as the ports that systems give away.
pub(super) const GATEWAY: u16 = 48080;
/// Stands for the port of the upstream.
pub(super) const UPSTREAM: u16 = 49090;

/// A date as HTTP writes it: `a` is a letter, `0` a digit. A blank and a colon may be percent-encoded.
const DATE: &str = "aaa, 00 aaa 0000 00:00:00 GMT";
/// What stands in its place.
const THEN: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

/// Numbers of a transaction: what stands before them, and what comes in their place.
const NUMBERS: [(&str, &str); 2] = [("XID: ", "32771"), ("XID:", "32771")];

/// Ports of one run.
#[derive(Debug, Clone, Copy)]
pub struct Steady {
    /// Where the gateway listened.
    pub gateway: u16,
    /// Where its upstream was.
    pub upstream: Option<u16>,
}

impl Steady {
    /// The answer without what only this run had.
    #[must_use]
    pub fn answer(&self, mut seen: Seen) -> Seen {
        let length = seen.body.len().to_string();
        let body = String::from_utf8_lossy(&seen.body);
        seen.body = style(&numbers(&self.text(&body))).into_bytes();
        for (name, value) in &mut seen.headers {
            *value = self.text(value);
            if name.eq_ignore_ascii_case("x-varnish") {
                "32770".clone_into(value);
            }
            if name.eq_ignore_ascii_case("content-length") && *value == length {
                *value = seen.body.len().to_string();
            }
        }
        // The body is put together.
        seen.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("transfer-encoding"));
        seen
    }

    fn text(&self, text: &str) -> String {
        let mut text = dates(text);
        let ports = [(Some(self.gateway), GATEWAY), (self.upstream, UPSTREAM)];
        for (port, name) in ports.into_iter().filter_map(|(port, name)| Some((port?, name))) {
            text = port_in(&text, &port.to_string(), &name.to_string());
        }
        text
    }
}

/// The first stylesheet of the page cut to its title: it is somebody's work under a licence of its own, and says nothing.
fn style(body: &str) -> String {
    const SQUID: &str = "<!--\n /*\n * Stylesheet for Squid Error pages\n */\nbody { font-family: sans-serif; }\n-->";
    let parts = body.split_once("<style").and_then(|(before, rest)| {
        let (open, rest) = rest.split_once('>')?;
        let (style, after) = rest.split_once("</style>")?;
        style.contains("Stylesheet for Squid").then_some((before, open, after))
    });
    parts.map_or_else(|| body.to_owned(), |(before, open, after)| format!("{before}<style{open}>{SQUID}</style>{after}"))
}

/// Every date replaced, with its blanks and colons written as they were.
fn dates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = date_at(rest).unwrap_or(0);
        if length > 0 {
            out.push_str(&dressed(THEN, &rest[..length]));
            rest = &rest[length..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// How many bytes the date takes that `text` begins with.
fn date_at(text: &str) -> Option<usize> {
    let mut at = 0;
    for wanted in DATE.chars() {
        let rest = text.get(at..)?;
        let next = rest.chars().next()?;
        at += match wanted {
            'a' if next.is_ascii_alphabetic() => 1,
            '0' if next.is_ascii_digit() => 1,
            ' ' if rest.starts_with("%20") => 3,
            ':' if rest.starts_with("%3A") => 3,
            _ if next == wanted => 1,
            _ => return None,
        };
    }
    Some(at)
}

/// `date` with blanks and colons as `like` has them.
fn dressed(date: &str, like: &str) -> String {
    let blank = if like.contains("%20") { "%20" } else { " " };
    let colon = if like.contains("%3A") { "%3A" } else { ":" };
    date.replace(' ', blank).replace(':', colon)
}

/// `port` replaced where it stands alone: after a colon, plain or encoded, or a blank.
fn port_in(text: &str, port: &str, name: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(port) {
        let (before, after) = (&rest[..at], &rest[at + port.len()..]);
        let alone =
            [":", "%3A", "Port "].iter().any(|lead| before.ends_with(lead)) && !after.starts_with(|c: char| c.is_ascii_digit());
        out.push_str(before);
        out.push_str(if alone { name } else { port });
        rest = after;
    }
    out + rest
}

/// Every number of a transaction replaced.
fn numbers(text: &str) -> String {
    let mut text = text.to_owned();
    for (lead, number) in NUMBERS {
        let mut parts = text.split(lead);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
            out.push_str(lead);
            out.push_str(if rest.len() < part.len() { number } else { "" });
            out.push_str(rest);
        }
        text = out;
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Steady, dates};
    use crate::servers::Seen;

    const RUN: Steady = Steady { gateway: 33333, upstream: Some(44444) };

    fn seen(headers: &[(&str, &str)], body: &str) -> Seen {
        Seen {
            status_line: "HTTP/1.1 503 Backend fetch failed".to_owned(),
            status: 503,
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: body.as_bytes().to_vec(),
            first_byte: Duration::ZERO,
        }
    }

    #[test]
    fn two_runs_of_one_server_give_the_same() {
        let other = Steady { gateway: 55555, upstream: Some(60001) };
        let page = |gateway: u16, upstream: u16, hour: u8, xid: u32| {
            let body = format!(
                "at a.test Port {gateway}, http://127.0.0.1:{upstream}/, XID: {xid}, Sun, 22 Nov 2026 {hour:02}:00:01 GMT"
            );
            let date = format!("Sun, 22 Nov 2026 {hour:02}:00:01 GMT");
            seen(&[("Date", &date), ("X-Varnish", &xid.to_string()), ("Content-Length", &body.len().to_string())], &body)
        };
        let (one, two) = (RUN.answer(page(33333, 44444, 3, 5)), other.answer(page(55555, 60001, 17, 98306)));
        assert_eq!(String::from_utf8_lossy(&one.body), String::from_utf8_lossy(&two.body));
        assert_eq!(one.headers, two.headers);
        assert_eq!(one.headers[2].1, one.body.len().to_string());
        assert!(!String::from_utf8_lossy(&one.body).contains("33333"));
    }

    #[test]
    fn what_says_something_of_the_server_stays() {
        let body = "nginx/1.22.1 333331 in 33333 bytes :444440 on Sun, 22 November";
        let same = RUN.answer(seen(&[("Server", "nginx/1.22.1"), ("Retry-After", "5"), ("Content-Length", "7")], body));
        assert_eq!(String::from_utf8_lossy(&same.body), body);
        // A wrong length is the server's own, and is kept.
        assert_eq!(same.headers[2].1, "7");
    }

    #[test]
    fn an_encoded_date_stays_encoded() {
        assert_eq!(
            dates("x%20Sun,%2022%20Nov%202026%2002%3A56%3A07%20GMT%0D"),
            "x%20Thu,%2001%20Jan%202026%2000%3A00%3A00%20GMT%0D"
        );
        assert_eq!(dates("é Sun, 22 Nov 2026"), "é Sun, 22 Nov 2026");
    }
}
