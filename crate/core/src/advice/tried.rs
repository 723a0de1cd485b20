//! Everything that people try and that help articles list, held against this case: what helps, what is useless here,
//! what does harm, and why.
//!
//! | the case | how a step is judged |
//! |---|---|
//! | a check has done what the step would do | by what came of it: past the cache, without cookies, past other extensions |
//! | the site is at fault | what is done on this computer is useless; what waits or tells helps |
//! | something on the visitor's side | the step that removes that thing helps; nothing points to the others |
//! | it works again | a reload is enough |
//! | unclear | the step that would tell more may help |

use crate::case::{Case, Control};
use crate::terms::{CheckId, FailureKind as Kind, Outcome, Place, Side};
use crate::words::Word;

/// What a step is worth in this case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    /// The evidence says so.
    Helps,
    /// Not known; it costs little.
    Maybe,
    /// The evidence says that it changes nothing.
    Useless,
    /// It makes things worse.
    Harmful,
}

impl Worth {
    /// Its name, for keys and attributes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Helps => "helps",
            Self::Maybe => "maybe",
            Self::Useless => "useless",
            Self::Harmful => "harmful",
        }
    }
}

/// One step, held against the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Its id: the end of the key `try_…` of its name.
    pub id: &'static str,
    /// What it is worth.
    pub worth: Worth,
    /// Why.
    pub why: Word,
}

type Judged = (Worth, &'static str);

/// Every step in the order in which people try them, first those of visitors, then those of whoever runs the site.
#[must_use]
pub fn tried(case: &Case) -> Vec<Tried> {
    let facts = Facts::of(case);
    let steps: [(&'static str, Judged); 23] = [
        ("reload", facts.reload()),
        ("wait", facts.wait()),
        ("past_cache", facts.removes(Place::Cache)),
        ("cookies", facts.removes(Place::Cookies)),
        ("private_window", facts.private_window()),
        ("other_browser", facts.private_window()),
        ("extensions", facts.removes(Place::Extension)),
        ("vpn", facts.vpn()),
        ("router", facts.removes(Place::Network)),
        ("computer", facts.removes(Place::Device)),
        ("dns_flush", facts.removes(Place::Dns)),
        ("dns_server", facts.removes(Place::Dns)),
        ("firewall", facts.firewall()),
        ("update", facts.plain("try_why_site", "try_why_nothing")),
        ("other_network", facts.elsewhere()),
        ("ask_others", facts.elsewhere()),
        ("archive", facts.archive()),
        ("tell", facts.tell()),
        ("server_restart", facts.owner(case.kind() != Kind::Maintenance, "try_why_restart")),
        ("cdn_off", facts.owner(case.verdict.place == Place::Edge, "try_why_cdn")),
        ("plugins", facts.owner(matches!(case.kind(), Kind::AppError | Kind::Timeout | Kind::Reset), "try_why_plugins")),
        ("raise_limits", facts.owner(case.kind() == Kind::Timeout, "try_why_limits")),
        ("ask_host", facts.owner(true, "try_why_host")),
    ];
    steps.into_iter().map(|(id, (worth, why))| Tried { id, worth, why: Word::new(why) }).collect()
}

struct Facts<'a> {
    case: &'a Case,
    side: Side,
    place: Place,
    fails_fresh: bool,
    online: bool,
    answered: bool,
}

impl<'a> Facts<'a> {
    fn of(case: &'a Case) -> Self {
        Self {
            case,
            side: if case.done { case.verdict.side } else { Side::Unclear },
            place: case.verdict.place,
            fails_fresh: case.fails_plainly(),
            online: case.answer(CheckId::Control).and_then(|a| a.control) == Some(Control::Online),
            answered: case.visit.headers.is_some() && !case.visit.from_cache && !case.visit.proxied,
        }
    }

    fn works(&self, check: CheckId) -> bool {
        self.case.outcome(check) == Some(Outcome::Works)
    }

    fn reload(&self) -> Judged {
        let kind = self.case.kind();
        match self.side {
            _ if !self.case.visit.is_get() => (Worth::Harmful, "try_why_form"),
            Side::Passed => (Worth::Helps, "try_why_passed"),
            Side::Site if matches!(kind, Kind::Overloaded | Kind::RateLimited | Kind::NoBackend) => {
                (Worth::Harmful, "try_why_load")
            }
            Side::Site if self.works(CheckId::Fresh) => (Worth::Helps, "try_why_some_servers"),
            Side::Site => (Worth::Useless, "try_why_asked_again"),
            Side::Yours if matches!(self.place, Place::Cache | Place::ServiceWorker) => (Worth::Maybe, "try_why_hard_reload"),
            Side::Yours => (Worth::Useless, "try_why_still_there"),
            Side::Unclear => (Worth::Maybe, "try_why_may_pass"),
        }
    }

    fn wait(&self) -> Judged {
        match self.side {
            Side::Site if self.place == Place::Blocked => (Worth::Useless, "try_why_on_purpose"),
            Side::Site => (Worth::Helps, "try_why_wait"),
            Side::Yours if self.place == Place::Network => (Worth::Maybe, "try_why_may_pass"),
            Side::Yours => (Worth::Useless, "try_why_still_there"),
            Side::Passed => (Worth::Useless, "try_why_passed"),
            Side::Unclear => (Worth::Maybe, "try_why_may_pass"),
        }
    }

    /// A step that takes `place` out of the way.
    fn removes(&self, place: Place) -> Judged {
        let tested = match place {
            Place::Cache | Place::Cookies | Place::Extension => self.fails_fresh,
            _ => false,
        };
        match self.side {
            Side::Yours if self.place == place => (Worth::Helps, "try_why_points_here"),
            Side::Yours if place == Place::Cache && self.place == Place::ServiceWorker => (Worth::Helps, "try_why_points_here"),
            Side::Yours => (Worth::Useless, "try_why_points_elsewhere"),
            Side::Passed => (Worth::Useless, "try_why_passed"),
            _ if tested => (Worth::Useless, "try_why_tested"),
            _ if matches!(place, Place::Network | Place::Device) && self.online => (Worth::Useless, "try_why_online"),
            _ if place == Place::Dns && self.answered => (Worth::Useless, "try_why_found"),
            Side::Site => (Worth::Useless, "try_why_site"),
            Side::Unclear => (Worth::Maybe, "try_why_not_known"),
        }
    }

    /// Without this site's cookies, and mostly without other extensions.
    fn private_window(&self) -> Judged {
        match self.side {
            Side::Yours if matches!(self.place, Place::Cookies | Place::Extension | Place::Cache | Place::ServiceWorker) => {
                (Worth::Helps, "try_why_gets_around")
            }
            Side::Yours => (Worth::Useless, "try_why_points_elsewhere"),
            Side::Passed => (Worth::Useless, "try_why_passed"),
            _ if self.fails_fresh => (Worth::Useless, "try_why_tested"),
            Side::Site => (Worth::Useless, "try_why_site"),
            Side::Unclear => (Worth::Maybe, "try_why_would_tell"),
        }
    }

    fn vpn(&self) -> Judged {
        let refused = self.place == Place::Blocked || matches!(self.case.kind(), Kind::Blocked | Kind::RateLimited);
        match self.side {
            Side::Yours if self.place == Place::Proxy => (Worth::Helps, "try_why_points_here"),
            Side::Site if refused => (Worth::Maybe, "try_why_vpn_refused"),
            Side::Unclear => (Worth::Maybe, "try_why_would_tell"),
            Side::Site => (Worth::Useless, "try_why_site"),
            Side::Yours => (Worth::Useless, "try_why_points_elsewhere"),
            Side::Passed => (Worth::Useless, "try_why_passed"),
        }
    }

    /// To turn off what protects a computer is never worth an error page.
    fn firewall(&self) -> Judged {
        match (self.side, self.place) {
            (Side::Yours, Place::Proxy | Place::Device) => (Worth::Maybe, "try_why_pause_filter"),
            _ => (Worth::Harmful, "try_why_protection"),
        }
    }

    fn elsewhere(&self) -> Judged {
        match self.side {
            Side::Site => (Worth::Maybe, "try_why_others"),
            Side::Unclear => (Worth::Maybe, "try_why_would_tell"),
            Side::Yours => (Worth::Useless, "try_why_points_elsewhere"),
            Side::Passed => (Worth::Useless, "try_why_passed"),
        }
    }

    fn archive(&self) -> Judged {
        if super::archive(self.case).is_some() {
            (Worth::Maybe, "try_why_archive")
        } else {
            (Worth::Useless, "try_why_no_archive")
        }
    }

    fn tell(&self) -> Judged {
        match self.side {
            Side::Site => (Worth::Helps, "try_why_tell"),
            Side::Yours => (Worth::Useless, "try_why_points_elsewhere"),
            Side::Passed => (Worth::Useless, "try_why_passed"),
            Side::Unclear => (Worth::Maybe, "try_why_not_known"),
        }
    }

    /// A step that changes nothing on either side.
    fn plain(&self, site: &'static str, other: &'static str) -> Judged {
        (Worth::Useless, if self.side == Side::Site { site } else { other })
    }

    /// A step for whoever runs the site.
    fn owner(&self, fits: bool, why: &'static str) -> Judged {
        match self.side {
            Side::Site if fits => (Worth::Maybe, why),
            Side::Site => (Worth::Useless, "try_why_points_elsewhere"),
            Side::Passed => (Worth::Useless, "try_why_passed"),
            Side::Yours => (Worth::Useless, "try_why_site_works"),
            Side::Unclear => (Worth::Maybe, "try_why_not_known"),
        }
    }
}
