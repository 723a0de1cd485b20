//! The panel for the test without other extensions and for the private window, and the banner while anything is off.

use super::button;
use super::node::{Element, Node, el};
use crate::case::Case;
use crate::terms::{CheckId, Place, Side};
use crate::trial::{Beside, Ending, Lineup, Power, Run, Stand, Suspect, Trials, Tried};
use crate::words::{Speaker, Word};

/// Adds the panel to the tree of a face or a details page: open where the evidence points to it, closed elsewhere, left
/// out where nothing on the visitor's side is in question and `whole` does not ask for everything.
#[must_use]
pub fn with_off(tree: Node, case: &Case, trials: &Trials, firefox: bool, whole: bool, speaker: &dyn Speaker) -> Node {
    let Node::Element(mut root) = tree else { return tree };
    let panel = Panel { case, trials, firefox, speaker };
    if let Some(banner) = banner(trials, speaker) {
        root.kids.insert(0, banner.into());
    }
    if whole || panel.is_of_use() {
        root.kids.push(panel.off().into());
        if case.done && panel.why_not().is_none() {
            root.kids.push(panel.beside().into());
        }
    }
    root.into()
}

/// What every popup says while extensions are off through us, whatever its tab shows.
#[must_use]
pub fn banner(trials: &Trials, speaker: &dyn Speaker) -> Option<Element> {
    if trials.off() == 0 {
        return None;
    }
    let banner = el("div").class("fl-banner").attr("role", "status").attr("data-off", trials.off().to_string());
    Some(if trials.is_stuck() { stuck(banner, speaker) } else { banner.kid(el("p").kid(speaker.say(&Word::new("off_banner")))) })
}

/// Says that not everything could be turned on again, and offers to ask the browser for leave once more.
fn stuck(within: Element, speaker: &dyn Speaker) -> Element {
    within
        .kid(el("p").kid(speaker.say(&Word::new("off_stuck"))))
        .kid(button("off-again", &speaker.say(&Word::new("off_permit"))).attr("data-ask", "management"))
}

/// What the toolbar button says of itself, in tabs that have nothing else to say.
#[must_use]
pub fn title(off: bool) -> Word {
    Word::new(if off { "badge_off" } else { "action_title" })
}

struct Panel<'a> {
    case: &'a Case,
    trials: &'a Trials,
    firefox: bool,
    speaker: &'a dyn Speaker,
}

impl Panel<'_> {
    fn say(&self, key: &str) -> String {
        self.speaker.say(&Word::new(key))
    }

    fn line(&self, word: &Word) -> Element {
        el("p").kid(self.speaker.say(word))
    }

    /// In the popup only where an extension may be the reason: no chores for a visitor whose side is fine.
    fn is_of_use(&self) -> bool {
        let begun = !matches!(self.trials.stand(self.case.id), Stand::Idle) || self.case.tried.is_some();
        let verdict = &self.case.verdict;
        let may_be = match verdict.side {
            Side::Yours => matches!(verdict.place, Place::Extension | Place::Proxy | Place::Cookies | Place::None),
            Side::Unclear => true,
            Side::Site | Side::Passed => false,
        };
        begun || self.case.done && may_be
    }

    /// Why the page cannot be loaded again and again.
    fn why_not(&self) -> Option<&'static str> {
        let visit = &self.case.visit;
        if !visit.is_get() {
            Some("off_not_form")
        } else if visit.is_one_time() {
            Some("off_not_once")
        } else {
            None
        }
    }

    fn off(&self) -> Element {
        let stand = self.trials.stand(self.case.id);
        let state = match stand {
            Stand::Idle if self.case.tried.is_none() => "idle",
            Stand::Asking => "asking",
            Stand::Offered(_) => "offered",
            Stand::Waiting => "waiting",
            Stand::Running(_) => "running",
            Stand::PuttingBack => "back",
            Stand::Idle | Stand::Ended(_) => "ended",
        };
        let panel = el("section").class("fl-off").attr("data-test", state).kid(el("h2").kid(self.say("off_title")));
        if let Some(why) = self.why_not() {
            let panel = panel.kid(self.line(&Word::new(why)));
            let form = !self.case.visit.is_get() && self.case.shown;
            return if form { panel.kid(button("off-before", &self.say("off_go_back"))) } else { panel };
        }
        let tried = self.case.tried.as_ref();
        match stand {
            Stand::Asking => panel.kid(self.line(&Word::new("off_ask"))).kid(self.offer()),
            Stand::Offered(lineup) if self.firefox => self.firefox(panel, lineup),
            Stand::Offered(lineup) => self.lineup(panel, lineup),
            Stand::Waiting => panel.kid(self.line(&Word::new("off_waiting"))).kid(self.cancel()),
            Stand::Running(run) => panel.kid(self.running(run)).kid(self.cancel()),
            Stand::PuttingBack if self.trials.is_stuck() => stuck(panel, self.speaker),
            Stand::PuttingBack => panel.kid(self.line(&Word::new("off_back"))),
            Stand::Idle | Stand::Ended(_) => {
                let ended = match (tried, stand) {
                    (Some(tried), _) => self.ended(panel, tried),
                    (None, Stand::Ended(ending)) => panel.kid(self.ending(ending)),
                    _ => panel.kid(self.line(&Word::new(if self.firefox { "off_firefox" } else { "off_why" }))),
                };
                if self.case.done { ended.kid(self.offer()) } else { ended }
            }
        }
    }

    /// The browser asks for the permission in the click itself.
    fn offer(&self) -> Element {
        let again = self.case.tried.is_some() || matches!(self.trials.stand(self.case.id), Stand::Ended(_));
        let key = match (self.firefox, again) {
            (true, _) => "off_list",
            (false, true) => "off_test_again",
            (false, false) => "off_test",
        };
        button("off", &self.say(key)).attr("data-ask", "management")
    }

    fn cancel(&self) -> Element {
        button("off-cancel", &self.say("off_cancel"))
    }

    fn suspects(&self, lineup: &Lineup) -> Element {
        el("ul").class("fl-suspects").kids(lineup.suspects.iter().map(|s| {
            let power = match s.power {
                Power::Proxy => "power_proxy",
                Power::Requests => "power_requests",
                Power::Site => "power_site",
                Power::Settings => "power_settings",
                Power::Unknown => "power_unknown",
            };
            el("li").kid(el("strong").kid(s.name.clone())).kid(" ").kid(el("span").kid(self.say(power)))
        }))
    }

    fn fixed(&self, lineup: &Lineup) -> Option<Element> {
        let names = lineup.fixed.join(", ");
        (!names.is_empty()).then(|| self.line(&Word::new("off_fixed").with(names)))
    }

    fn lineup(&self, panel: Element, lineup: &Lineup) -> Element {
        if lineup.suspects.is_empty() {
            return panel.kid(self.line(&Word::new("off_nobody"))).kids(self.fixed(lineup)).kid(self.cancel());
        }
        let what = Word::new("off_what").with(lineup.loads().to_string());
        panel
            .kid(self.line(&what))
            .kids(lineup.has_proxy().then(|| self.line(&Word::new("off_proxy"))))
            .kid(self.suspects(lineup))
            .kids(self.fixed(lineup))
            .kid(button("off-begin", &self.say("off_begin")).class("fl-main"))
            .kid(self.cancel())
    }

    /// Firefox lets no extension turn another off: the list, and the two ways to do it by hand.
    fn firefox(&self, panel: Element, lineup: &Lineup) -> Element {
        let list = if lineup.suspects.is_empty() { self.line(&Word::new("off_nobody")) } else { self.suspects(lineup) };
        panel
            .kid(self.line(&Word::new("off_firefox")))
            .kid(list)
            .kid(self.line(&Word::new("off_firefox_all")))
            .kid(self.line(&Word::new("off_firefox_one")))
            .kid(button("copy-addons", &self.say("off_copy_addons")).attr("data-kind", "text"))
    }

    fn running(&self, run: &Run) -> Element {
        let word = Word::new("off_running")
            .with((u32::from(run.count()) + 1).to_string())
            .with(run.expected().to_string())
            .with(run.off().to_string())
            .with(run.suspects().to_string());
        self.line(&word).attr("role", "status")
    }

    fn ended(&self, panel: Element, tried: &Tried) -> Element {
        if tried.ending != Ending::Culprits {
            let untested = (!tried.untested.is_empty()).then(|| Word::new("off_fixed").with(tried.untested.join(", ")));
            return match untested {
                // It may be one of those: not said to be none.
                Some(word) => panel.kid(self.line(&Word::new("reason_tried_none"))).kid(self.line(&word)),
                None => panel.kid(self.ending(tried.ending)),
            };
        }
        let name = |s: &Suspect| format!("{} {}", s.name, s.version);
        let list = |all: &[Suspect]| all.iter().map(name).collect::<Vec<_>>().join(", ");
        let one = tried.culprits.len() == 1;
        let found = Word::new(if one { "off_found" } else { "off_found_more" }).with(list(&tried.culprits));
        let with = (!tried.with.is_empty()).then(|| self.line(&Word::new("off_found_with").with(list(&tried.with))));
        panel
            .kid(self.line(&found).attr("class", "fl-found"))
            .kids(with)
            // Another test, in another tab, has them at its disposal and turns them on again.
            .kids(
                self.trials
                    .is_idle()
                    .then(|| button("off-keep", &self.say(if one { "off_keep" } else { "off_keep_more" })).class("fl-main")),
            )
            .kid(button("off-settings", &self.say("off_settings")))
            .kid(button("copy-extension", &self.say("off_copy")).attr("data-kind", "text"))
    }

    fn ending(&self, ending: Ending) -> Element {
        let word = match ending {
            Ending::Culprits => Word::new("off_found"),
            Ending::NoneOfThem => Word::new("off_none"),
            Ending::Recovered => Word::new("off_recovered"),
            Ending::Unsteady => Word::new("off_unsteady"),
            Ending::Differs(status) => Word::new("off_differs").with(status.to_string()),
            Ending::Nobody => Word::new("off_nobody"),
            Ending::Cancelled => Word::new("off_cancelled"),
            Ending::Left => Word::new("off_left"),
            Ending::Unwatched => Word::new("off_unwatched"),
            Ending::TimeUp => Word::new("off_time_up"),
            Ending::Disturbed => Word::new("off_disturbed"),
            Ending::Trouble => Word::new("off_trouble"),
            Ending::Interrupted => Word::new("off_interrupted"),
        };
        self.line(&word)
    }

    /// The page in a private window.
    fn beside(&self) -> Element {
        let state = self.trials.beside(self.case.id);
        let panel = el("section")
            .class("fl-off")
            .attr("data-private", state.map_or("idle", Beside::as_str))
            .kid(el("h2").kid(self.say("beside_title")));
        let answer = self.case.outcome(CheckId::PrivateWindow);
        match (state, answer) {
            (Some(Beside::Looking), _) => panel.kid(self.line(&Word::new("beside_looking"))),
            (Some(state), _) => {
                let copy = || button("copy-url", &self.say("beside_copy")).attr("data-kind", "text");
                let hand = (state == Beside::ByHand).then(|| [self.line(&Word::new("beside_by_hand")), copy()]);
                panel
                    .kids(hand.into_iter().flatten())
                    .kid(self.line(&Word::new("beside_ask")))
                    .kid(button("private-yes", &self.say("beside_yes")))
                    .kid(button("private-no", &self.say("beside_no")))
            }
            (None, answer) => panel
                .kid(self.line(&match answer {
                    Some(crate::terms::Outcome::Works) => Word::new("reason_private_works"),
                    Some(crate::terms::Outcome::Same) => Word::new("reason_private_fails"),
                    _ => Word::new("beside_why"),
                }))
                .kid(button("private", &self.say("beside_open"))),
        }
    }
}
