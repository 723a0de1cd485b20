//! The show: a real browser with the extension visits failing pages, and says what came of it.
//!
//! `cargo run -p faultline-tests -- show [--browser chromium|firefox] [--headless]`
//!
//! Every page is served by this very program on loopback, under a name of its own. With a screen the browser is visible and, when somebody
//! sits before it, stays open in the end. One line per page; a picture of each popup that opened by itself in `shots/<browser>/`. Ends with
//! 1 when a verdict is missing or another than it must be, and with 2 when it does not know its arguments.

// A show that cannot go on says why and stops; the browser is closed on the way out.
#![allow(clippy::panic)]

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use faultline_tests::browser::{Browser, Kind, Launch, Report};
use faultline_tests::stage::{Exhibit, Expected, Stage, exhibits};
use faultline_tests::wait::{try_for, wait_for};

/// How long one page may take: the slow one 3 s, and as long again for every question that is asked about it.
const PATIENCE: Duration = Duration::from_secs(30);

const USAGE: &str = "usage: show [--browser chromium|firefox] [--headless]";

struct Options {
    kind: Kind,
    headless: bool,
}

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let Some(options) = options(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let stage = Stage::open();
    let launch = Launch::new(options.kind).hosts(stage.hosts());
    let browser = if options.headless { launch } else { launch.visible() }.start();
    browser.set_settings(&stage.settings());

    println!(
        "{:<22} {:>6}  {:<18} {:<16} {:<8} {:<15} {:>5} {:>10} {:>8}",
        "page", "status", "producer", "failure", "side", "place", "sure", "first word", "verdict"
    );
    let shots = Path::new("shots").join(options.kind.as_str());
    let mut wrong = 0;
    let all = exhibits();
    for exhibit in &all {
        if let Err(why) = visit(&browser, &stage, exhibit, &shots) {
            wrong += 1;
            println!("{:<22} WRONG: {why}", exhibit.name);
        }
    }
    println!("{} pages, {wrong} wrong; pictures in {}", all.len(), shots.display());

    if !options.headless && std::io::stdin().is_terminal() {
        println!("The browser stays open. Enter closes it.");
        // Whatever comes instead of a line means the same.
        let _ = std::io::stdin().read_line(&mut String::new());
    }
    drop(browser);
    ExitCode::from(u8::from(wrong > 0))
}

fn options(mut args: impl Iterator<Item = String>) -> Option<Options> {
    let screen = ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(|v| std::env::var_os(v).is_some_and(|d| !d.is_empty()));
    let mut options = Options { kind: Kind::Chromium, headless: !screen };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--browser" => {
                let name = args.next()?;
                options.kind = name.parse().ok()?;
            }
            "--headless" => options.headless = true,
            _ => return None,
        }
    }
    Some(options)
}

/// Visits one page, prints its line and keeps its picture.
fn visit(browser: &Browser, stage: &Stage, exhibit: &Exhibit, shots: &Path) -> Result<(), String> {
    if let Some(front) = stage.front_page(exhibit) {
        browser.visit(&front);
        wait_for("the site's service worker", || {
            let title = browser.try_run("return document.title", &[])?;
            if title == "ready" { Ok(()) } else { Err(title.to_string()) }
        });
    }
    let url = stage.url(exhibit);
    // The popup of the last page would otherwise stay until this page is there.
    browser.close_popup();
    browser.visit(&url);
    let Expected::Verdict { producer, failure, side, place } = exhibit.expected else {
        browser.arrive(&url);
        if browser.popup_is_open() {
            return Err("a popup over a page that works".to_owned());
        }
        println!("{:<22} {:>6}  nothing to say, and nothing was said", exhibit.name, 200);
        return Ok(());
    };

    let shown = try_for(PATIENCE, || {
        let shown = browser.popup()?;
        if shown.state == "done" { Ok(shown) } else { Err(format!("no verdict: {shown:?}")) }
    })?;
    std::fs::create_dir_all(shots).map_err(|e| format!("{}: {e}", shots.display()))?;
    let shot = shots.join(format!("{}.png", exhibit.name));
    std::fs::write(&shot, browser.popup_picture()).map_err(|e| format!("{}: {e}", shot.display()))?;

    let report = browser.report(&shown.case);
    println!("{}", line(exhibit.name, &report));
    let expected = [producer, failure, side, place];
    let said = [&shown.producer, &shown.failure, &shown.side, &shown.place];
    if said != expected {
        return Err(format!("{said:?} in place of {expected:?}"));
    }
    Ok(())
}

fn line(name: &str, report: &Report) -> String {
    let or = |text: &str, none: &'static str| if text.is_empty() { none.to_owned() } else { text.to_owned() };
    let number = |pointer| report.number(pointer);
    let ms = |pointer| number(pointer).map_or_else(|| "–".to_owned(), |n| format!("{n:.0} ms"));
    format!(
        "{name:<22} {:>6}  {:<18} {:<16} {:<8} {:<15} {:>4.0}% {:>10} {:>8}",
        number("/response/status").unwrap_or_default(),
        or(report.text("/producer/id"), "unknown"),
        report.text("/failure/kind"),
        report.text("/verdict/side"),
        report.text("/verdict/place"),
        number("/verdict/confidence").unwrap_or_default() * 100.0,
        ms("/timing/first_word_ms"),
        ms("/timing/verdict_ms"),
    )
}
