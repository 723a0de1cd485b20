//! The report as plain text, for a stranger who runs the site. It stays English whatever the visitor reads.

use core::fmt::Write;

use crate::report::Report;
use crate::terms::{HopState, Outcome};

/// The report as lines of text, ready for a mail or a ticket.
#[must_use]
pub fn plain(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut out, report);
    out
}

fn write(out: &mut String, r: &Report) -> core::fmt::Result {
    let status = r.response.status_line.as_ref().map_or_else(|| r.response.status.to_string(), |s| s.as_str().to_owned());
    writeln!(out, "{} {} failed: {status}", r.page.method, r.page.url.as_str())?;
    writeln!(out, "Time: {} (UTC), {} (visitor)", r.time.utc, r.time.local)?;
    if r.visits > 1 {
        writeln!(out, "Seen: {} times", r.visits)?;
    }
    writeln!(out, "Verdict: {} / {} ({} %)", r.verdict.side, r.verdict.place, sure(r.verdict.confidence))?;
    for reason in &r.verdict.reasons {
        writeln!(out, "  - {}", reason.as_str())?;
    }
    match &r.producer {
        Some(p) => {
            let version = p.version.as_ref().map_or_else(String::new, |v| format!(" {}", v.as_str()));
            writeln!(out, "Page written by: {}{version} ({}, {} %)", p.name, p.role, sure(p.confidence))?;
        }
        None => writeln!(out, "Page written by: unknown")?,
    }
    writeln!(out, "What happened: {} ({} %)", r.failure.kind, sure(r.failure.confidence))?;
    for because in &r.failure.because {
        writeln!(out, "  - {}", because.as_str())?;
    }
    let chain: Vec<_> = r
        .hops
        .iter()
        .map(|h| {
            let name = h.name.as_ref().map_or_else(|| h.kind.to_string(), |n| format!("{} ({})", h.kind, n.as_str()));
            if h.state == HopState::Failed { format!("[{name}: FAILED]") } else { name }
        })
        .collect();
    writeln!(out, "Chain: {}", chain.join(" -> "))?;
    if let Some(address) = &r.response.address {
        writeln!(out, "Server address: {}", address.as_str())?;
    }
    if let Some(ms) = r.response.first_byte_ms {
        writeln!(out, "First byte after: {ms} ms")?;
    }
    for reference in &r.references {
        writeln!(out, "Reference: {} {}", reference.kind, reference.value.as_str())?;
    }
    writeln!(out, "Checks from the visitor's browser:")?;
    for c in r.checks.iter().filter(|c| c.outcome != Outcome::Skipped) {
        let status = c.status.map_or_else(String::new, |s| format!(" {s}"));
        let ms = c.ms.map_or_else(String::new, |ms| format!(" in {ms} ms"));
        let why = c.why.as_ref().map_or_else(String::new, |w| format!(" – {}", w.as_str()));
        writeln!(out, "  {}: {}{status}{ms}{why}", c.id, c.outcome)?;
    }
    if !r.advice.admin.is_empty() {
        writeln!(out, "Where to look:")?;
        for line in &r.advice.admin {
            writeln!(out, "  - {}", line.as_str())?;
        }
    }
    writeln!(out, "Made by {} {} in {}", r.generator.name, r.generator.version, r.generator.browser)
}

/// Whole per cent.
fn sure(confidence: f64) -> u32 {
    crate::words::percent(confidence as f32)
}
