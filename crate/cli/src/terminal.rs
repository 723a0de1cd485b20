//! What to do, for somebody at a terminal: what the extension says, without what only a browser can.

use faultline_core::advice;
use faultline_core::case::Case;
use faultline_core::words::{Speaker, Word};

/// The sentences, what helps most first. The report keeps those of the extension: it is read by visitors.
pub(crate) fn advice(case: &Case, words: &dyn Speaker) -> impl Iterator<Item = String> {
    advice::visitor(case).into_iter().filter_map(|word| say(&word, words))
}

fn say(word: &Word, words: &dyn Speaker) -> Option<String> {
    let here = match word.key.as_str() {
        // Nothing stays here that could watch, and whoever runs a site needs no copy of it.
        "advice_watch" | "advice_watching" | "advice_archive" => return None,
        "advice_reload" | "advice_unclear_wait" => "Wait a minute and check once more.",
        "advice_private_window" => {
            "Open the page in a browser. If it fails only there, its cookies or extensions are in the way: the Faultline extension tells which."
        }
        "advice_tell" => "If it lasts, send the report to whoever runs the site: --json writes it.",
        "advice_blocked" => "If this machine should have access, send the report to whoever runs the site: --json writes it.",
        "advice_network" => "Check the connection of this machine, then check once more.",
        "advice_dns" => "Ask whoever runs the network or the resolver of this machine.",
        _ => return Some(words.say(word)),
    };
    Some(here.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Word, say};
    use crate::english;

    /// What a case can lead to that has no page on a screen.
    const POSSIBLE: [&str; 24] = [
        "unclear_wait",
        "private_window",
        "reload",
        "proxy",
        "portal",
        "dns",
        "device",
        "own_device",
        "network",
        "own_network",
        "wait",
        "wait_seconds",
        "wait_minutes",
        "wait_limit",
        "wait_maintenance",
        "wait_load",
        "wait_mend",
        "watch",
        "watching",
        "blocked",
        "other_pages",
        "archive",
        "tell",
        "flush",
    ];

    #[test]
    fn nobody_at_a_terminal_is_sent_to_a_button() {
        let words = english::words();
        for key in POSSIBLE {
            let Some(said) = say(&Word::new(format!("advice_{key}")).with("30").with("x"), &words) else { continue };
            assert!(!said.starts_with("advice_"), "no such message: {said}");
            for thing in [
                "Reload",
                "reload the page",
                "private window",
                "click",
                "Click",
                "press",
                "Faultline watch",
                "copy the report",
                "Restart the browser",
            ] {
                assert!(!said.contains(thing), "{key}: {said}");
            }
        }
    }
}
