//! The scoreboard: what was said of each scenario, held against what was so.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::etiquette::{Counted, Limits};
use super::row::{Row, Truth};
use crate::browser::{Browser, Kind, Report, Shown};

/// How a scenario came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Side and place are right.
    Right,
    /// The side is right, the place is another.
    OtherPlace,
    /// It said that it does not know.
    Unclear,
    /// It blamed the wrong side, or spoke where it had to be silent.
    Wrong,
    /// It said nothing.
    Silent,
    /// The scenario itself could not be played.
    Broken,
}

impl Mark {
    /// For the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::OtherPlace => "other place",
            Self::Unclear => "unclear",
            Self::Wrong => "WRONG",
            Self::Silent => "SILENT",
            Self::Broken => "BROKEN",
        }
    }
}

/// What came of one scenario in one browser.
#[derive(Debug, Clone)]
pub struct Score {
    /// Name of the scenario.
    pub name: String,
    /// What is really broken.
    pub about: &'static str,
    /// The browser.
    pub browser: Kind,
    /// What is so.
    pub truth: Truth,
    /// Why nobody could tell it apart here; none where one could.
    pub alike: Option<&'static str>,
    /// How it came out.
    pub mark: Mark,
    /// Side and place that were said.
    pub said: (String, String),
    /// Producer and failure kind that were said.
    pub read: (String, String),
    /// Status code.
    pub status: u16,
    /// How sure.
    pub confidence: f64,
    /// Milliseconds from the failing response to the first word, and to the verdict.
    pub times: (Option<f64>, Option<f64>),
    /// How the checks ended.
    pub checks: String,
    /// What reached the site.
    pub counted: Counted,
    /// What else is not as it must be: manners, producer, failure kind.
    pub wrongs: Vec<String>,
    /// Why there is no verdict.
    pub why: String,
    /// Whether there is a picture of the popup.
    pub picture: bool,
}

impl Score {
    /// Of a scenario that is about to be played.
    pub(super) fn of(row: &Row, browser: Kind) -> Self {
        Self {
            name: row.name.clone(),
            about: row.about,
            browser,
            truth: row.truth,
            alike: row.is_alike(browser),
            mark: Mark::Silent,
            said: Default::default(),
            read: Default::default(),
            status: 0,
            confidence: 0.0,
            times: (None, None),
            checks: String::new(),
            counted: Counted::default(),
            wrongs: Vec::new(),
            why: String::new(),
            picture: false,
        }
    }

    /// It could not be played.
    pub(super) fn broken(self, why: &str) -> Self {
        Self { mark: Mark::Broken, why: why.to_owned(), ..self }
    }

    /// No verdict came.
    pub(super) fn silent(self, why: &str) -> Self {
        Self { mark: Mark::Silent, why: why.to_owned(), ..self }
    }

    /// Nothing may have been said.
    pub(super) fn quiet(self, browser: &Browser) -> Self {
        let said = browser.popup().or_else(|_| browser.card());
        let badges =
            browser.api("return Promise.all((await api.tabs.query({})).map(t => api.action.getBadgeText({ tabId: t.id })))", &[]);
        let badge = badges.as_array().is_some_and(|all| all.iter().any(|b| b != ""));
        match said {
            Err(_) if !badge => Self { mark: Mark::Right, ..self },
            Err(_) => Self { mark: Mark::Wrong, why: "a badge where nothing had to be said".to_owned(), ..self },
            Ok(shown) => Self { mark: Mark::Wrong, said: (shown.side, shown.place), why: shown.text, ..self },
        }
    }

    /// A verdict came.
    pub(super) fn told(mut self, shown: &Shown, report: &Report, picture: bool) -> Self {
        let truth = &self.truth;
        self.mark = if shown.side == truth.side {
            if truth.places.contains(&shown.place.as_str()) { Mark::Right } else { Mark::OtherPlace }
        } else if shown.side == "unclear" {
            Mark::Unclear
        } else {
            Mark::Wrong
        };
        let pairs = [("producer", &shown.producer, truth.producers), ("failure", &shown.failure, truth.failures)];
        for (name, said, right) in pairs {
            if !right.is_empty() && !right.contains(&said.as_str()) {
                self.wrongs.push(format!("{name} {said}, which is not {}", right.join(" or ")));
            }
        }
        if report.text("/verdict/side") != shown.side || report.text("/verdict/place") != shown.place {
            self.wrongs.push("popup and report differ".to_owned());
        }
        let checks = report.0["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
        let check = |c: &serde_json::Value| {
            let status = c["status"].as_u64().map(|s| format!(" {s}")).unwrap_or_default();
            format!("{} {}{status}", c["id"].as_str().unwrap_or_default(), c["outcome"].as_str().unwrap_or_default())
        };
        self.checks = checks.iter().filter(|c| c["outcome"] != "skipped").map(check).collect::<Vec<_>>().join(", ");
        self.said = (shown.side.clone(), shown.place.clone());
        self.read = (shown.producer.clone(), shown.failure.clone());
        self.status = shown.status.parse().unwrap_or_default();
        self.confidence = report.number("/verdict/confidence").unwrap_or_default();
        self.times = (report.number("/timing/first_word_ms"), report.number("/timing/verdict_ms"));
        self.picture = picture;
        self
    }

    /// What reached the site meanwhile.
    pub(super) fn counted(mut self, counted: Counted, limits: Limits) -> Self {
        self.wrongs.extend(counted.wrongs(limits));
        self.counted = counted;
        self
    }

    /// Whether this is a failure of the extension or of the lab: a wrong side, silence, bad manners, a wrong name.
    /// What nobody can tell apart is none, whatever was said.
    #[must_use]
    pub fn fails(&self) -> bool {
        let told = matches!(self.mark, Mark::Wrong | Mark::Silent) && self.alike.is_none();
        told || self.mark == Mark::Broken || !self.wrongs.is_empty()
    }
}

/// All scores.
#[derive(Debug, Clone, Default)]
pub struct Board(pub Vec<Score>);

impl Board {
    /// Those that could be told apart, and were played.
    fn counted(&self) -> impl Iterator<Item = &Score> {
        self.0.iter().filter(|s| s.alike.is_none() && s.mark != Mark::Broken)
    }

    /// How many have one of these marks, among those that could be told apart.
    #[must_use]
    pub fn count(&self, marks: &[Mark]) -> usize {
        self.counted().filter(|s| marks.contains(&s.mark)).count()
    }

    /// Of the verdicts that `browser` gave with a confidence from `low` to `high`, how many there are and how many name the right side.
    #[must_use]
    pub fn calibration(&self, browser: Kind, low: f64, high: f64) -> (usize, usize) {
        // Where there is rightly no word there is no confidence either.
        let is_verdict = |s: &&Score| !matches!(s.said.0.as_str(), "" | "unclear");
        let sure = |s: &&Score| s.browser == browser && s.confidence >= low && s.confidence < high;
        let given = || self.counted().filter(is_verdict).filter(sure);
        (given().count(), given().filter(|s| matches!(s.mark, Mark::Right | Mark::OtherPlace)).count())
    }

    /// The checks that `browser` was never led to make.
    #[must_use]
    pub fn untouched(&self, browser: Kind) -> Vec<&'static str> {
        let made = |id: &&str| {
            let mut checks = self.0.iter().filter(|s| s.browser == browser).flat_map(|s| s.checks.split(", "));
            checks.any(|check| check.split(' ').next() == Some(*id))
        };
        let all = ["cache", "fresh", "home", "control", "in-page", "again", "as-navigation", "cookies"];
        all.into_iter().filter(|id| !made(id)).collect()
    }

    /// Whether nothing failed.
    #[must_use]
    pub fn is_good(&self) -> bool {
        !self.0.iter().any(Score::fails)
    }

    /// One line of the table.
    #[must_use]
    pub fn line(score: &Score) -> String {
        let ms = |time: Option<f64>| time.map_or_else(|| "–".to_owned(), |t| format!("{t:.0}"));
        let pair = |(a, b): (&str, &str)| if a.is_empty() { "nothing".to_owned() } else { format!("{a}/{b}") };
        let mut line = format!(
            "{:<34} {:<9} {:<11} {:<24} {:<24} {:>4} {:>5.2} {:>6} {:>7} {:>3}",
            score.name,
            score.browser.as_str(),
            score.mark.as_str(),
            pair((score.truth.side, &score.truth.places.join("|"))),
            pair((&score.said.0, &score.said.1)),
            score.status,
            score.confidence,
            ms(score.times.0),
            ms(score.times.1),
            score.counted.requests,
        );
        if score.alike.is_some() {
            line.push_str("  (cannot be told apart)");
        }
        for wrong in &score.wrongs {
            let _ = write!(line, "\n    {wrong}");
        }
        if score.mark > Mark::Right && !score.checks.is_empty() {
            let _ = write!(line, "\n    {} {} | {}", score.read.0, score.read.1, score.checks);
        }
        if !score.why.is_empty() {
            let _ = write!(line, "\n    {}", score.why.chars().take(600).collect::<String>());
        }
        line
    }

    /// Head of the table.
    #[must_use]
    pub fn head() -> String {
        format!(
            "{:<34} {:<9} {:<11} {:<24} {:<24} {:>4} {:>5} {:>6} {:>7} {:>3}",
            "scenario", "browser", "mark", "so", "said", "code", "sure", "word", "verdict", "asked"
        )
    }

    /// The sum under the table.
    #[must_use]
    pub fn sum(&self) -> String {
        let mut out = String::new();
        let mut sides: BTreeMap<(&str, Kind), [usize; 5]> = BTreeMap::new();
        for score in self.counted() {
            let cell =
                sides.entry((if score.truth.side.is_empty() { "silence" } else { score.truth.side }, score.browser)).or_default();
            let at = match score.mark {
                Mark::Right => 0,
                Mark::OtherPlace => 1,
                Mark::Unclear => 2,
                Mark::Wrong => 3,
                Mark::Silent | Mark::Broken => 4,
            };
            cell[at] += 1;
        }
        let _ = writeln!(
            out,
            "{:<10} {:<9} {:>6} {:>12} {:>8} {:>6} {:>7}",
            "so", "browser", "right", "other place", "unclear", "wrong", "silent"
        );
        for ((side, browser), c) in &sides {
            let _ =
                writeln!(out, "{side:<10} {:<9} {:>6} {:>12} {:>8} {:>6} {:>7}", browser.as_str(), c[0], c[1], c[2], c[3], c[4]);
        }
        let all = self.counted().count().max(1);
        let percent = |n: usize| 100.0 * n as f64 / all as f64;
        let sided = self.count(&[Mark::Right, Mark::OtherPlace]);
        let _ = writeln!(
            out,
            "sides right or unclear {:.1} %, wrong {}, silent {}; places right {:.1} % of the right sides; unclear {:.1} %",
            percent(sided + self.count(&[Mark::Unclear])),
            self.count(&[Mark::Wrong]),
            self.count(&[Mark::Silent]),
            100.0 * self.count(&[Mark::Right]) as f64 / sided.max(1) as f64,
            percent(self.count(&[Mark::Unclear])),
        );
        for browser in Kind::ALL.into_iter().filter(|kind| self.0.iter().any(|s| s.browser == *kind)) {
            let of = |(low, high): (f64, f64)| {
                let (given, right) = self.calibration(browser, low, high);
                format!("{low:.1}–{:.1} {right} of {given}", f64::min(high, 1.0))
            };
            let all: Vec<_> = [(0.9, 1.01), (0.8, 0.9), (0.7, 0.8), (0.0, 0.7)].map(of).into();
            let _ = writeln!(out, "right side by confidence, {browser}: {}", all.join(", "));
        }
        let median = |mut times: Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times.get(times.len() / 2).copied().unwrap_or_default()
        };
        let _ = writeln!(
            out,
            "first word {:.0} ms, verdict {:.0} ms (medians, with this machine's load); at most {} requests to a site, {:.1} on average",
            median(self.counted().filter_map(|s| s.times.0).collect()),
            median(self.counted().filter_map(|s| s.times.1).collect()),
            self.counted().map(|s| s.counted.requests).max().unwrap_or_default(),
            self.counted().map(|s| s.counted.requests).sum::<usize>() as f64 / all as f64,
        );
        let names = |fits: &dyn Fn(&&Score) -> bool| {
            let list: Vec<String> = self.0.iter().filter(fits).map(|s| format!("{} ({})", s.name, s.browser)).collect();
            list.join(", ")
        };
        let alike = names(&|s| s.alike.is_some() && s.mark > Mark::OtherPlace);
        if !alike.is_empty() {
            let _ = writeln!(out, "not to be told apart, and not found: {alike}");
        }
        let failed = names(&|s| s.fails());
        if !failed.is_empty() {
            let _ = writeln!(out, "FAILED: {failed}");
        }
        out
    }
}
