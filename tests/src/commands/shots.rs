//! Pictures of every page and state of the extension, to be looked at: both browsers, light and dark, in every language that is asked for.
//!
//! `cargo run -p faultline-tests -- shots [--browser chromium|firefox] [--language LANGUAGE]… [--only WORD] [--to FOLDER]`
//!
//! Without arguments: both browsers, in English, German and Arabic as far as `_locales` has them. The pages fail on this machine's
//! loopback. One folder for each browser, language and scheme; ends with 1 when a state did not come, with 2 for unknown arguments.

// A picture that cannot be taken is told at the end; the browser is closed on the way out.
#![allow(clippy::panic, clippy::indexing_slicing)]

mod off;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use faultline_tests::browser::{Browser, Kind, Launch, extension_root};
use faultline_tests::stage::{Exhibit, Stage, exhibits};
use faultline_tests::wait::{DEADLINE, try_for};
use serde_json::json;

const USAGE: &str = "usage: shots [--browser chromium|firefox] [--language LANGUAGE]… [--only WORD] [--to FOLDER]";

struct Options {
    kinds: Vec<Kind>,
    languages: Vec<String>,
    only: String,
    to: PathBuf,
}

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let Some(options) = options(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let stage = Stage::open();
    let (mut taken, mut missing) = (0, Vec::new());
    for kind in &options.kinds {
        for language in &options.languages {
            for dark in [false, true] {
                let folder = options.to.join(kind.as_str()).join(format!("{language}-{}", if dark { "dark" } else { "light" }));
                let launch = || {
                    let launch = Launch::new(*kind).hosts(stage.hosts()).language(language);
                    if dark { launch.dark() } else { launch }
                };
                let album = |launch: Launch| Album {
                    browser: launch.start(),
                    stage: &stage,
                    folder: folder.clone(),
                    only: &options.only,
                };
                let mut all = album(launch()).fill();
                if off::is_wanted(&options.only) {
                    all.extend(off::fill(&album(off::launch(launch()))));
                }
                for (name, outcome) in all {
                    match outcome {
                        Ok(()) => taken += 1,
                        Err(why) => missing.push(format!("{kind} {language} {name}: {why}")),
                    }
                }
            }
        }
    }
    println!("{taken} pictures in {}", options.to.display());
    missing.iter().for_each(|line| println!("MISSING {line}"));
    ExitCode::from(u8::from(!missing.is_empty()))
}

fn options(mut args: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options { kinds: Vec::new(), languages: Vec::new(), only: String::new(), to: "target/shots".into() };
    while let Some(arg) = args.next() {
        let value = args.next()?;
        match arg.as_str() {
            "--browser" => options.kinds.push(value.parse().ok()?),
            "--language" => options.languages.push(value),
            "--only" => options.only = value,
            "--to" => options.to = value.into(),
            _ => return None,
        }
    }
    if options.kinds.is_empty() {
        options.kinds = Kind::ALL.to_vec();
    }
    if options.languages.is_empty() {
        let there = |language: &&&str| extension_root().join("_locales").join(language).join("messages.json").exists();
        options.languages = ["en", "de", "ar"].iter().filter(there).map(|language| (*language).to_owned()).collect();
    }
    Some(options)
}

struct Album<'a> {
    browser: Browser,
    stage: &'a Stage,
    folder: PathBuf,
    only: &'a str,
}

type Outcome = Result<(), String>;

impl Album<'_> {
    /// Every state, in an order in which each finds what it needs.
    fn fill(&self) -> Vec<(&'static str, Outcome)> {
        let browser = &self.browser;
        browser.set_settings(&self.stage.settings());
        let popups: [(&str, &str); 6] = [
            ("popup-site", "nginx-502"),
            ("popup-edge", "cloudflare-own"),
            ("popup-gateway", "cloudflare-522"),
            ("popup-wait", "retry-after"),
            ("popup-yours", "worker-makes-up"),
            ("popup-page", "worker-passes-on"),
        ];
        let mut all = vec![
            ("welcome", self.page("welcome", "welcome.html", "", "true")),
            (
                "welcome-sample",
                self.page(
                    "welcome-sample",
                    "welcome.html",
                    "document.getElementById('try').click()",
                    "document.querySelector('[data-state=done]')",
                ),
            ),
            ("history-empty", self.page("history-empty", "history.html", "", "document.querySelector('.fl-why')")),
            ("popup-nothing", self.nothing()),
            ("popup-checking", self.checking()),
        ];
        all.extend(popups.map(|(name, exhibit)| (name, self.popup(name, exhibit, ""))));
        let open = "document.querySelectorAll('details').forEach(d => { d.open = true })";
        let done = "document.querySelector('[data-state=done]')";
        all.extend([
            ("popup-checks", self.popup("popup-checks", "apache-503", "document.querySelector('summary').click()")),
            ("details", self.page("details", "details.html#latest", "", done)),
            ("details-open", self.page("details-open", "details.html#latest", open, done)),
            (
                "history",
                self.page(
                    "history",
                    "history.html",
                    "document.querySelector('.fl-past details').open = true",
                    "document.querySelector('.fl-bars')",
                ),
            ),
            ("options", self.page("options", "options.html", "", "true")),
            ("options-open", self.page("options-open", "options.html", open, "true")),
            ("card", self.card()),
        ]);
        all
    }

    fn wants(&self, name: &str) -> bool {
        name.contains(self.only)
    }

    fn keep(&self, name: &str, picture: &[u8]) -> Outcome {
        let file = self.folder.join(format!("{name}.png"));
        let write = |file: &Path| {
            std::fs::create_dir_all(&self.folder)?;
            std::fs::write(file, picture)
        };
        write(&file).map_err(|e| format!("{}: {e}", file.display()))
    }

    /// A page of the extension, after `script` and once `there` is true.
    fn page(&self, name: &str, path: &str, script: &str, there: &str) -> Outcome {
        if !self.wants(name) {
            return Ok(());
        }
        self.browser.close_popup();
        self.browser.open_page(path);
        let ready = |what: &str| {
            try_for(DEADLINE, || {
                let value = self.browser.try_run(&format!("return !!({what})"), &[])?;
                if value == true { Ok(()) } else { Err(format!("never: {what}")) }
            })
        };
        if script.is_empty() || !there.contains("done") || !name.contains("sample") {
            ready(there)?;
        }
        if !script.is_empty() {
            self.browser.try_run(script, &[])?;
            ready(there)?;
        }
        self.keep(name, &self.browser.picture())
    }

    fn exhibit(&self, name: &str) -> Result<Exhibit, String> {
        exhibits().into_iter().find(|e| e.name == name).ok_or_else(|| format!("no exhibit {name}"))
    }

    fn visit(&self, exhibit: &Exhibit) -> Outcome {
        self.browser.close_popup();
        if let Some(front) = self.stage.front_page(exhibit) {
            self.browser.visit(&front);
            try_for(DEADLINE, || {
                let title = self.browser.try_run("return document.title", &[])?;
                if title == "ready" { Ok(()) } else { Err(title.to_string()) }
            })?;
        }
        self.browser.visit(&self.stage.url(exhibit));
        Ok(())
    }

    /// The popup over a failed page, with its verdict.
    fn popup(&self, name: &str, exhibit: &str, script: &str) -> Outcome {
        if !self.wants(name) {
            return Ok(());
        }
        self.visit(&self.exhibit(exhibit)?)?;
        try_for(DEADLINE, || {
            let shown = self.browser.popup()?;
            if shown.state == "done" { Ok(()) } else { Err(format!("no verdict: {shown:?}")) }
        })?;
        if !script.is_empty() {
            self.browser.in_popup(&format!("(() => {{ {script} }})()"))?;
            try_for(DEADLINE, || {
                let open = self.browser.in_popup("!!document.querySelector('details[open]')")?;
                if open == true { Ok(()) } else { Err("closed".to_owned()) }
            })?;
        }
        self.keep(name, &self.browser.popup_picture())
    }

    /// The popup while the slow page's checks are under way.
    fn checking(&self) -> Outcome {
        let name = "popup-checking";
        if !self.wants(name) {
            return Ok(());
        }
        self.visit(&self.exhibit("slow-504")?)?;
        try_for(DEADLINE, || {
            let shown = self.browser.popup()?;
            if shown.state == "checking" { Ok(()) } else { Err(format!("{shown:?}")) }
        })?;
        self.keep(name, &self.browser.popup_picture())
    }

    /// The popup over a page that works.
    fn nothing(&self) -> Outcome {
        let name = "popup-nothing";
        if !self.wants(name) {
            return Ok(());
        }
        let works = self.exhibit("works")?;
        self.visit(&works)?;
        self.browser.arrive(&self.stage.url(&works));
        self.browser.press_button();
        try_for(DEADLINE, || {
            let there = self.browser.in_popup("!document.getElementById('nothing').hidden")?;
            if there == true { Ok(()) } else { Err("something".to_owned()) }
        })?;
        self.keep(name, &self.browser.popup_picture())
    }

    /// The card within the page.
    fn card(&self) -> Outcome {
        let name = "card";
        if !self.wants(name) {
            return Ok(());
        }
        let mut settings = self.stage.settings();
        settings["show"] = json!("card");
        self.browser.set_settings(&settings);
        self.visit(&self.exhibit("haproxy-503")?)?;
        try_for(DEADLINE, || {
            let shown = self.browser.card()?;
            if shown.state == "done" { Ok(()) } else { Err(format!("no verdict: {shown:?}")) }
        })?;
        // The card is as high as it is, and the page may be shorter; a picture ends with the page.
        self.browser.try_run("document.documentElement.style.minHeight = '100vh'", &[])?;
        self.keep(name, &self.browser.picture())
    }
}
