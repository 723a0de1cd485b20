//! The command that asks for the page once more. It has no cookies, and whatever the URL, it is one word of one command.

use crate::net::{Reach, Url, reach};
use crate::redact::REMOVED;
use crate::report::Report;

/// The line; empty for what is not sent again, and for what is no web address.
pub(super) fn line(report: &Report) -> String {
    let url = report.page.url.as_str();
    let bare = url.replace(&format!("?{REMOVED}"), "").replace(&format!("#{REMOVED}"), "").replace(&format!("{REMOVED}@"), "");
    let Some(parts) = Url::split(&bare).filter(|_| report.page.method == "GET") else { return String::new() };
    let mut line = "curl --globoff --silent --show-error --include --max-time 130".to_owned();
    // The same server that answered, whatever the name says elsewhere.
    let address = report.response.address.as_ref().map(crate::redact::Safe::as_str).filter(|a| reach(a) == Some(Reach::Public));
    if let Some(address) = address.filter(|_| reach(parts.host).is_none()) {
        let port = parts.authority.rsplit_once(':').map_or(if parts.scheme == "https" { "443" } else { "80" }, |(_, port)| port);
        let address = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
        line.push_str(&format!(" --resolve {}", word(&format!("{}:{port}:{address}", parts.host))));
    }
    line.push_str(&format!(" {}", word(&bare)));
    line
}

/// `text` in single quotes, within which a shell reads nothing; what would end them is percent-encoded, as a URL may be.
fn word(text: &str) -> String {
    let mut out = String::from("'");
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'\'' {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn nothing_ends_the_quotes() {
        assert_eq!(
            word("https://shop.example/a'; rm -rf ~ $(id) `id` \\ \n€"),
            "'https://shop.example/a%27;%20rm%20-rf%20~%20$(id)%20`id`%20\\%20%0A%E2%82%AC'"
        );
    }
}
