//! The verdict for a person: the sentences of the extension, in the order in which a reader wants them.

use std::fmt::{self, Write};

use faultline_core::case::{Case, Check};
use faultline_core::report::Report;
use faultline_core::terms::{HopState, Outcome};
use faultline_core::view;
use faultline_core::words::{Speaker, Word, percent};

use crate::terminal;

/// Everything worth saying about `case`.
pub(crate) fn text(case: &Case, report: &Report, words: &dyn Speaker) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut out, case, report, words);
    out
}

fn write(out: &mut String, case: &Case, report: &Report, words: &dyn Speaker) -> fmt::Result {
    let say = |key: &str| words.say(&Word::new(key));
    let sure = words.say(&Word::new("sure").with(percent(case.verdict.confidence).to_string()));
    writeln!(out, "{} ({sure})", words.say(&view::headline(case)))?;
    if case.visit.status > 0 {
        writeln!(out, "{}", words.say(&view::why(case)))?;
        writeln!(out)?;
        response(out, report)?;
    } else {
        writeln!(out, "The first load got no answer.")?;
        writeln!(out)?;
    }
    writeln!(out, "  {}", chain(report))?;
    let checks: Vec<_> = case.checks.iter().filter(|(_, check)| !is_skipped(check)).collect();
    if !checks.is_empty() {
        writeln!(out, "\n{}", say("checks_label"))?;
    }
    for (id, check) in checks {
        let (name, _, outcome) = view::check_row(id, check, words);
        let error = match check {
            Check::Ended(answer) => answer.error.as_deref().map_or_else(String::new, |e| format!(" ({e})")),
            Check::Asked { .. } => String::new(),
        };
        writeln!(out, "  {name}: {outcome}{error}")?;
    }
    list(out, &say("details_do"), terminal::advice(case, words))?;
    list(out, &say("details_reasons"), case.verdict.reasons.iter().map(|r| words.say(&r.word)))?;
    if case.visit.status == 0 {
        // Nothing was written that could tell an administrator where to look.
        return Ok(());
    }
    list(out, "For whoever runs the site", report.advice.admin.iter().map(|a| a.as_str().to_owned()))?;
    list(out, "References", report.references.iter().map(|r| format!("{}: {}", r.kind, r.value.as_str())))
}

fn response(out: &mut String, report: &Report) -> fmt::Result {
    let r = &report.response;
    let status = r.status_line.as_ref().map_or_else(|| r.status.to_string(), |s| s.as_str().to_owned());
    let address = r.address.as_ref().map_or_else(String::new, |a| format!(" from {}", a.as_str()));
    let after = r.first_byte_ms.map_or_else(String::new, |ms| format!(" after {ms} ms"));
    writeln!(out, "  {}: {status}{address}{after}", report.page.url.as_str())?;
    let producer = report.producer.as_ref().map_or_else(
        || "nobody that is known".to_owned(),
        |p| format!("{}{}", p.name, p.version.as_ref().map_or_else(String::new, |v| format!(" {}", v.as_str()))),
    );
    writeln!(out, "  page written by {producer}; what happened: {}", report.failure.kind)
}

fn chain(report: &Report) -> String {
    let hops = report.hops.iter().map(|hop| {
        let name = hop.name.as_ref().map_or_else(|| hop.kind.to_string(), |n| format!("{} ({})", hop.kind, n.as_str()));
        if hop.state == HopState::Failed { format!("[{name}: failed]") } else { name }
    });
    hops.collect::<Vec<_>>().join(" – ")
}

/// What was left out is in the JSON; a person is told what was done.
fn is_skipped(check: &Check) -> bool {
    matches!(check, Check::Ended(answer) if answer.outcome == Outcome::Skipped)
}

fn list(out: &mut String, title: &str, mut items: impl Iterator<Item = String>) -> fmt::Result {
    let Some(first) = items.next() else { return Ok(()) };
    writeln!(out, "\n{title}")?;
    std::iter::once(first).chain(items).try_for_each(|item| writeln!(out, "  - {item}"))
}
