//! Whether a page that nobody is known to write says that its site is being worked on.
//!
//! A site that is closed on purpose mostly says so itself, in a page of its own and in its own language. The words have to be an
//! announcement: "overloaded or down for maintenance" is what anybody says who explains the number 503.

use faultline_search::Normal;

use super::scan::behind;

/// Announcements come first and are short; in more text than this maintenance may be the subject.
const MAX_TEXT: usize = 1_500;
/// Words so near before or behind make of an announcement a guess.
const NEAR: usize = 28;

/// How sites announce it, between bars. Compared without case in ASCII; of other letters the first is left out where it may be a capital.
const WORDS: &str = "under maintenance|in maintenance|for maintenance|scheduled maintenance|planned maintenance|routine maintenance|\
ing maintenance|some maintenance|maintenance mode|maintenance in progress|site maintenance|system maintenance|server maintenance|\
maintenance break|maintenance work|wartungsarbeiten|wartungsmodus|en maintenance|maintenance en cours|en mantenimiento|em manuten|\
in manutenzione|in onderhoud|onderhoudswerk|przerwa techniczna|prace konserwacyjne|dalam pemeliharaan|ехнические работы|\
ехнических работ|ехнічні роботи|ехнічних робіт|维护中|系统维护|正在维护|メンテナンス中|점검 중|تحت الصيانة";

/// What makes a guess of it, near the words.
const GUESSES: &str = " or |not |n't |may |might |could | no |perhaps|?| oder | ou | или ";

/// The words by which title or text announce it, as the page has them.
pub(crate) fn announced(normal: &Normal) -> Option<&str> {
    if normal.text.len() > MAX_TEXT {
        return None;
    }
    [&normal.title, &normal.text].into_iter().find_map(|text| between_bars(WORDS).find_map(|words| said(text, words)))
}

fn between_bars(list: &str) -> impl Iterator<Item = &[u8]> {
    list.as_bytes().split(|b| *b == b'|')
}

fn said<'t>(text: &'t [u8], words: &[u8]) -> Option<&'t str> {
    let end = behind(text, words)?;
    let start = end - words.len();
    let before = text.get(start.saturating_sub(NEAR)..start).unwrap_or_default();
    let after = text.get(end..text.len().min(end + NEAR)).unwrap_or_default();
    // A sentence that has ended says nothing of the next.
    let dot = |b: &u8| *b == b'.';
    let before = before.rsplit(dot).next().unwrap_or_default();
    let after = after.split(dot).next().unwrap_or_default();
    let is_guess = between_bars(GUESSES).any(|g| behind(before, g).is_some() || behind(after, g).is_some());
    core::str::from_utf8(text.get(start..end)?).ok().filter(|_| !is_guess)
}

#[cfg(test)]
mod tests {
    use super::announced;
    use faultline_search::Normal;

    fn says(page: &str) -> bool {
        announced(&Normal::of(page.as_bytes(), false)).is_some()
    }

    #[test]
    fn an_announcement_is_known() {
        for page in [
            "<title>Under maintenance</title><h1>Back soon</h1>",
            "<h1>Back soon</h1><p>We are performing some maintenance.",
            "The shop is closed for maintenance until six.",
            "<h1>Wartungsarbeiten</h1>",
            "<title>Технические работы</title>",
            "Ведутся технические работы",
            "Le site est en maintenance.",
            "系统维护中",
        ] {
            assert!(says(page), "{page}");
        }
    }

    #[test]
    fn a_guess_is_none() {
        for page in [
            "The server is overloaded or down for maintenance.",
            "due to a temporary overloading or maintenance of the server",
            "due to maintenance downtime or capacity problems",
            "Our servers are currently under maintenance or experiencing a technical problem.",
            "The server is temporarily busy, or under maintenance, try again later!",
            "This is not scheduled maintenance.",
            "It may be in maintenance mode.",
            "Is it scheduled maintenance?",
            "503 Service Unavailable",
        ] {
            assert!(!says(page), "{page}");
        }
        assert!(!says(&format!("Under maintenance. {}", "Much more text. ".repeat(100))));
    }
}
