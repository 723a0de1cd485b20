//! What a letter says, and in which order: for a stranger who runs the site and has never heard of this program.

use super::Line;
use crate::redact::Safe;
use crate::report::{CheckLine, Hop, Report};
use crate::terms::{CheckId, Outcome, Side};
use crate::words::{Speaker, Word};

/// The letter.
pub(super) fn lines(r: &Report, speaker: &dyn Speaker) -> Vec<Line> {
    let mut letter = Letter { speaker, lines: vec![Line::Subject(subject(r, speaker))] };
    letter.facts(r);
    letter.list("letter_look", texts(&r.advice.admin));
    letter.list("letter_because", evidence(r).into_iter());
    letter.list("letter_rules_out", texts(&r.verdict.rules_out));
    let checks = r.checks.iter().filter(|c| c.outcome != Outcome::Skipped);
    letter.list("letter_checks", checks.map(|c| check(c, speaker)));
    let maker = Word::new("letter_made").with(r.generator.version.clone()).with(r.generator.browser.clone());
    letter.lines.push(Line::Foot(speaker.say(&maker)));
    letter.lines
}

/// The first line, and the subject of a mail.
pub(super) fn subject(r: &Report, speaker: &dyn Speaker) -> String {
    let host = crate::net::Url::split(r.page.url.as_str()).map_or(r.page.url.as_str(), |u| u.host).to_owned();
    let key = if r.verdict.side == Side::Site { "letter_subject" } else { "letter_subject_other" };
    speaker.say(&Word::new(key).with(host).with(r.response.status.to_string()))
}

fn texts(list: &[Safe]) -> impl Iterator<Item = String> {
    list.iter().map(|s| s.as_str().to_owned())
}

/// Why, each once: what speaks to the visitor of the visitor's connection stands in what is ruled out.
fn evidence(r: &Report) -> Vec<String> {
    let reasons = texts(&r.verdict.reasons).filter(|text| r.verdict.side != Side::Site || !text.starts_with("control: "));
    let mut all: Vec<String> = reasons.collect();
    for because in texts(&r.failure.because) {
        if !all.iter().any(|have| have.ends_with(&because)) {
            all.push(because);
        }
    }
    all
}

struct Letter<'a> {
    speaker: &'a dyn Speaker,
    lines: Vec<Line>,
}

impl Letter<'_> {
    fn fact(&mut self, key: &str, value: impl Into<String>) {
        self.lines.push(Line::Fact(self.speaker.say(&Word::new(key)), value.into()));
    }

    fn list(&mut self, key: &str, items: impl Iterator<Item = String>) {
        let mut items = items.map(Line::Item).peekable();
        if items.peek().is_some() {
            self.lines.push(Line::Heading(self.speaker.say(&Word::new(key))));
            self.lines.extend(items);
        }
    }

    fn facts(&mut self, r: &Report) {
        let say = |key: String| self.speaker.say(&Word::new(key.replace('-', "_")));
        let fault = match r.verdict.side {
            Side::Site | Side::Yours => say(format!("place_{}", r.verdict.place)),
            side => say(format!("side_{side}")),
        };
        let kind = say(format!("kind_{}", r.failure.kind));
        self.fact("term_page", format!("{} {}", r.page.method, r.page.url.as_str()));
        self.fact(
            "term_status",
            r.response.status_line.as_ref().map_or_else(|| r.response.status.to_string(), |s| s.as_str().to_owned()),
        );
        self.fact("term_time", r.time.utc.clone());
        if r.time.local != r.time.utc {
            self.fact("term_local_time", r.time.local.clone());
        }
        if r.visits > 1 {
            self.fact("term_visits", r.visits.to_string());
        }
        self.fact("term_place", format!("{fault} ({}/{}, {} %)", r.verdict.side, r.verdict.place, sure(r.verdict.confidence)));
        self.fact("term_failure", format!("{kind} ({}, {} %)", r.failure.kind, sure(r.failure.confidence)));
        if let Some(p) = &r.producer {
            let version = p.version.as_ref().map_or_else(String::new, |v| format!(" {}", v.as_str()));
            self.fact("term_producer", format!("{}{version} ({}, {} %)", p.name, p.role, sure(p.confidence)));
        }
        let chain: Vec<_> = r.hops.iter().map(|hop| station(hop, self.speaker)).collect();
        self.fact("term_chain", chain.join(" → "));
        let ms = r.response.first_byte_ms.map(|ms| format!("{ms} ms"));
        let wait = r.response.retry_after_s.map(|s| format!("{s} s"));
        let text = |safe: &Option<Safe>| safe.as_ref().map(|s| s.as_str().to_owned());
        for (key, value) in [
            ("term_address", text(&r.response.address)),
            ("term_protocol", text(&r.response.protocol)),
            ("term_first_byte", ms),
            ("term_retry_after", wait),
        ] {
            if let Some(value) = value {
                self.fact(key, value);
            }
        }
        for reference in &r.references {
            self.lines.push(Line::Fact(reference.kind.clone(), reference.value.as_str().to_owned()));
        }
    }
}

/// One station of the chain, with its name and what is known of it.
fn station(hop: &Hop, speaker: &dyn Speaker) -> String {
    let kind = speaker.say(&Word::new(format!("station_{}", hop.kind)));
    let state = speaker.say(&Word::new(format!("hop_state_{}", hop.state)));
    match &hop.name {
        Some(name) => format!("{kind} {} ({state})", name.as_str()),
        None => format!("{kind} ({state})"),
    }
}

fn check(c: &CheckLine, speaker: &dyn Speaker) -> String {
    let name = || speaker.say(&Word::new(format!("check_{}", c.id.as_str().replace('-', "_"))));
    if let (CheckId::Cache | CheckId::Control, Some(seen)) = (c.id, &c.why) {
        return format!("{} ({}): {}", name(), c.id, seen.as_str());
    }
    let outcome = Word::new(format!("outcome_{}", c.outcome.as_str().replace('-', "_")))
        .with(c.status.map_or_else(|| "–".to_owned(), |s| s.to_string()));
    let ms = c.ms.map_or_else(String::new, |ms| format!(", {ms} ms"));
    let why = c.why.as_ref().map_or_else(String::new, |w| format!(" – {}", w.as_str()));
    format!("{} ({}): {}{ms}{why}", name(), c.id, speaker.say(&outcome))
}

/// Whole per cent.
fn sure(confidence: f64) -> u32 {
    crate::words::percent(confidence as f32)
}
