//! The English words of the extension. A report for a stranger is in English wherever it is made.

use faultline_core::words::Catalogue;

const MESSAGES: &str = include_str!("../../../_locales/en/messages.json");
const RUNBOOK: &str = include_str!("../../../extension/runbook.json");

/// The words by key. A file that could not be read would show keys in place of sentences; a test holds that it can.
pub(crate) fn words() -> Catalogue {
    let words: Catalogue = serde_json::from_str(MESSAGES).unwrap_or_default();
    words.with(serde_json::from_str(RUNBOOK).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn the_words_are_there() {
        assert!(words().message("verdict_site_app").is_some());
    }
}
