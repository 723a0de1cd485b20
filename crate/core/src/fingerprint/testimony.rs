//! `Proxy-Status`: what a hop says of itself. RFC 9209 on top of the lists of RFC 8941.

use crate::page::Page;
use crate::terms::FailureKind;

/// One hop's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Testimony {
    /// How the hop calls itself.
    pub(crate) name: String,
    /// Its error type.
    pub(crate) error: Option<String>,
}

/// Every hop that spoke, in the order of the field: the one nearest to the origin first.
pub(crate) fn read(page: &Page) -> Vec<Testimony> {
    let mut told = Vec::new();
    for field in page.headers.iter().flatten().filter(|h| h.name.eq_ignore_ascii_case("proxy-status")) {
        told.extend(split(&field.value, b',').into_iter().filter_map(one));
    }
    told
}

fn one(member: &str) -> Option<Testimony> {
    let parts = split(member, b';');
    let name = unquoted(parts.first()?.trim());
    let error = parts.iter().find_map(|p| p.trim().strip_prefix("error=").map(unquoted));
    (!name.is_empty()).then_some(Testimony { name, error })
}

/// Parts between `by`, except inside a quoted string.
fn split(text: &str, by: u8) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if byte == by && !quoted {
            parts.extend(text.get(start..at));
            start = at + 1;
        }
        quoted ^= byte == b'"' && !escaped;
        escaped = quoted && byte == b'\\' && !escaped;
    }
    parts.extend(text.get(start..));
    parts
}

fn unquoted(text: &str) -> String {
    let Some(inside) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) else { return text.to_owned() };
    let mut escaped = false;
    inside
        .chars()
        .filter(|c| {
            escaped = *c == '\\' && !escaped;
            !escaped
        })
        .collect()
}

/// What an error type of RFC 9209 section 2.3 means.
pub(crate) fn kind(error: &str) -> FailureKind {
    match error {
        "dns_timeout" | "dns_error" => FailureKind::Dns,
        "destination_not_found" | "destination_unavailable" => FailureKind::NoBackend,
        "destination_ip_prohibited" | "http_request_denied" => FailureKind::Blocked,
        "destination_ip_unroutable" | "connection_refused" => FailureKind::Refused,
        "connection_terminated" | "http_response_incomplete" => FailureKind::Reset,
        "connection_timeout" | "connection_read_timeout" | "connection_write_timeout" | "http_response_timeout" => {
            FailureKind::Timeout
        }
        "connection_limit_reached" => FailureKind::Overloaded,
        _ if error.starts_with("tls_") => FailureKind::Tls,
        _ if error.starts_with("http_response_") || error == "http_protocol_error" || error == "http_upgrade_failed" => {
            FailureKind::InvalidResponse
        }
        _ => FailureKind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{Testimony, read};
    use crate::page::{Header, Page};

    #[test]
    fn lists_with_parameters_and_quotes() {
        let headers = vec![
            Header::new(
                "Proxy-Status",
                "\"a, b\"; error=connection_timeout; details=\"x; error=y\", edge.example;received-status=503",
            ),
            Header::new("proxy-status", ";, "),
        ];
        let told = read(&Page { headers: Some(headers), ..Page::default() });
        let expected = [("a, b", Some("connection_timeout")), ("edge.example", None)];
        let expected = expected.map(|(name, error)| Testimony { name: name.to_owned(), error: error.map(str::to_owned) });
        assert_eq!(told, expected);
    }
}
