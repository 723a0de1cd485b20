//! A `mailto:` address (RFC 6068) with subject and text.

/// Longest address: some mail programs cut what is longer than 2,083 characters, the oldest limit of browsers.
const MAX_ADDRESS: usize = 2_000;

/// Longest subject, in characters.
const MAX_SUBJECT: usize = 120;

/// What stands where the text was too long.
const MORE: &str = "%E2%80%A6";

/// The address, nobody in it yet. A text that does not fit ends with its last whole line that does, and a mark.
pub(super) fn address(subject: &str, text: &str) -> String {
    let subject: String = subject.chars().take(MAX_SUBJECT).collect();
    let mut out = String::from("mailto:?subject=");
    encode(&subject, &mut out);
    out.push_str("&body=");
    for line in text.lines() {
        let before = out.len();
        encode(line, &mut out);
        out.push_str("%0D%0A");
        if out.len() > MAX_ADDRESS - MORE.len() {
            out.truncate(before);
            out.push_str(MORE);
            break;
        }
    }
    out
}

/// Everything but letters, digits and `-._~` becomes `%XX`.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_adds_a_field_or_grows_without_end() {
        let text = "Status: 502 & more\n".repeat(500);
        let address = address("shop.example?cc=a@b.example&body=x\r\nBcc: c", &text);
        assert!(address.len() <= MAX_ADDRESS && address.ends_with(MORE), "{}", address.len());
        assert_eq!(address.matches('&').count(), 1);
        assert_eq!(address.matches('?').count(), 1);
        assert!(!address.contains(['@', '\n', ' ', ':']) || address.matches(':').count() == 1, "{address}");
    }
}
