//! Addresses of machines, in the notations that pages write them in.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::net::{self, Reach};

/// An address in any of its usual notations, with or without a port, a zone, or a name around it.
pub(super) fn is_address(text: &str) -> bool {
    let text = text.split('%').next().unwrap_or_default();
    let host =
        text.rsplit_once(':').map_or(text, |(host, port)| if port.bytes().all(|b| b.is_ascii_digit()) { host } else { text });
    let other = |reach| reach != Reach::Loopback;
    // `client:2001:db8::7`
    let named = text.split_once(':').map_or("", |(_, rest)| rest);
    if let Some(reach) = net::reach(text).or_else(|| net::reach(host)).or_else(|| net::reach(named)) {
        return other(reach);
    }
    // `0xC0A80001`, but not an error number of Windows, which begins with 8 or 0.
    let hex = match host.as_bytes() {
        [b'0', b'x' | b'X', first, rest @ ..] => {
            rest.len() == 7 && !b"08".contains(first) && u32::from_str_radix(host.get(2..).unwrap_or_default(), 16).is_ok()
        }
        _ => false,
    };
    let hardware =
        |by| text.len() == 17 && text.split(by).filter(|p| p.len() == 2 && u8::from_str_radix(p, 16).is_ok()).count() == 6;
    let quads = |part: &str| ['.', '-', '_'].into_iter().any(|by| quad(part, by).is_some_and(|a| !a.is_loopback()));
    hex || hardware(':') || hardware('-') || text.split(':').any(quads) || is_name_of_v6(host)
}

/// The name of an IPv6 address: in the reverse zone (RFC 3596), as Windows takes it (`2001-db8--7.ipv6-literal.net`), or as a provider names
/// its customers (`2001-db8--7.dyn.provider.example`).
fn is_name_of_v6(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let label = host.split('.').next().unwrap_or_default();
    if ["ip6.arpa", "ipv6-literal.net"].iter().any(|end| net::is_below(host, end)) {
        return true;
    }
    // The blocks that providers have; a year before a day and a time is in none of them.
    let given = |v6: Ipv6Addr| v6.segments().first().is_some_and(|block| matches!(block, 0x2001..=0x2003 | 0x2400..=0x3fff));
    label.contains('-') && label.replace('-', ":").parse().is_ok_and(given)
}

/// Four numbers in a row, no more and no fewer: `203-0-113-9.provider.example`, `0313.0.0161.011`, `0xcb.0.0x71.9`.
fn quad(text: &str, by: char) -> Option<Ipv4Addr> {
    let mut run = [0_u8; 4];
    let mut length = 0;
    for part in text.split(by) {
        // What stands around the numbers may hang on the first and the last by another mark: `ip-203.0.113.9-static`.
        let marks = ['.', '-', '_'];
        let (number, tail) = match length {
            0 => (part.rsplit(marks).next().unwrap_or_default(), false),
            3 => part.split_once(marks).map_or((part, false), |(number, _)| (number, true)),
            _ => (part, false),
        };
        match octet(number) {
            Some(_) if length == 4 => return None,
            Some(value) => {
                if let Some(slot) = run.get_mut(length) {
                    *slot = value;
                }
                length += 1;
            }
            None if length == 4 => break,
            None => length = 0,
        }
        if tail && length == 4 {
            break;
        }
    }
    (length == 4).then(|| Ipv4Addr::from(run))
}

/// A number up to 255, decimal, octal or hexadecimal, as `inet_aton` takes it.
fn octet(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => u8::from_str_radix(text.get(2..)?, 16).ok(),
        // `009` is what some logs make of 9.
        [b'0', _, ..] => u8::from_str_radix(text, 8).or_else(|_| text.parse()).ok(),
        [b'0'..=b'9', ..] => text.parse().ok(),
        _ => None,
    }
}
