//! Writes the error pages of the installed servers again, as fixtures: `tests/pages/<rule>/captured-<fault>/page.http`.
//!
//! `cargo run -p faultline-tests -- capture [product…]`, or `cargo xtask capture`, which installs what is missing.
//!
//! Git shows what another version of a server says otherwise. `expect.toml` is kept where it is, since somebody has thought about it; a new
//! one is a draft of what the core reads, to be held against what really happened. A server that is not installed, or that this user may
//! not start, is named and left out. Ends with 1 when a page that was asked for is not there any more, with 2 for a product without a name here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use faultline_core::fingerprint;
use faultline_tests::capture::{Picture, Shot, take};
use faultline_tests::servers::{Product, Seen};

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let wanted: Vec<String> = arguments.collect();
    let known = |name: &String| Product::ALL.iter().any(|product| product.id() == name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        eprintln!("`{unknown}` is none of {}", Product::ALL.map(Product::id).join(", "));
        return ExitCode::from(2);
    }
    let mut missed = 0;
    for product in Product::ALL.into_iter().filter(|product| wanted.is_empty() || wanted.iter().any(|name| name == product.id()))
    {
        match take(product) {
            Err(why) => println!("{}: left out: {why}", product.id()),
            Ok(pictures) => missed += pictures.iter().filter(|picture| !keep(picture)).count(),
        }
    }
    if missed > 0 {
        println!("{missed} pages could not be captured");
    }
    println!(
        "`git diff tests/pages` shows what is new; `cargo test -p faultline-tests --test pages` whether it is still read right"
    );
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Writes one page and tells what became of it; `false` where there is none.
fn keep(picture: &Picture) -> bool {
    let (rule, case) = (picture.shot.rule, picture.shot.case());
    match write(picture) {
        Ok(what) => {
            println!("{rule}/{case}: {what}");
            true
        }
        Err(why) => {
            println!("{rule}/{case}: NOT CAPTURED: {why}");
            false
        }
    }
}

fn write(picture: &Picture) -> Result<&'static str, String> {
    let page = picture.page()?;
    let folder = pages().join(picture.shot.rule).join(picture.shot.case());
    let trouble = |why: std::io::Error| format!("{}: {why}", folder.display());
    fs::create_dir_all(&folder).map_err(trouble)?;
    let (file, expect) = (folder.join("page.http"), folder.join("expect.toml"));
    let earlier = fs::read(&file).ok();
    fs::write(&file, &page).map_err(trouble)?;
    if !expect.exists() {
        let seen = picture.seen.as_ref().map_err(Clone::clone)?;
        fs::write(&expect, draft(seen, &picture.shot)).map_err(trouble)?;
        return Ok("new; look at its expect.toml");
    }
    Ok(match earlier {
        Some(bytes) if bytes == page => "as before",
        Some(_) => "CHANGED",
        None => "page written again",
    })
}

fn pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pages")
}

/// What the core reads in a page, as an `expect.toml`.
fn draft(seen: &Seen, shot: &Shot) -> String {
    let host = shot.host();
    let reading = fingerprint::read(&seen.page(&host));
    let mut lines = vec![
        format!("note = \"{}\"", shot.story()),
        format!("producer = \"{}\"", shot.rule),
        format!("failure = \"{}\"", reading.failure.kind),
        format!("first_byte_ms = {}", seen.first_byte.as_millis()),
        format!("host = \"{host}\""),
    ];
    lines.extend(reading.usual.map(|(side, place)| format!("usual = \"{side}/{place}\"")));
    lines.extend(reading.retry_after_s.map(|seconds| format!("retry_after_s = {seconds}")));
    let version = reading.producer.and_then(|producer| producer.version);
    lines.extend(version.map(|version| format!("version = \"{version}\"")));
    if !reading.references.is_empty() {
        lines.push("\n[references]".to_owned());
        lines.extend(reading.references.iter().map(|found| format!("{:?} = {:?}", found.kind, found.value)));
    }
    lines.join("\n") + "\n"
}
