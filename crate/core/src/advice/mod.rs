//! What is worth doing, and nothing else: no chores for a visitor whose side is fine.

mod admin;
mod tried;

pub use admin::admin;
pub use tried::{Tried, Worth, tried};

use crate::case::{Answer, Case};
use crate::net::{self, Url};
use crate::terms::{CheckId, FailureKind, Outcome, Place, Platform, Side};
use crate::view::is_last_reason;
use crate::words::Word;

/// Something that the visitor can have done by a click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Look at the site from time to time, and tell when it is back.
    Watch,
    /// Stop that.
    Unwatch,
    /// Open the page's newest copy in a web archive.
    Archive,
    /// Copy the report.
    Copy,
    /// Open a page that a network which wants a log-in answers itself.
    Portal,
}

impl Act {
    /// Its name in buttons (`data-do`).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Unwatch => "unwatch",
            Self::Archive => "archive",
            Self::Copy => "copy",
            Self::Portal => "portal",
        }
    }
}

/// What can be done by a click in this case, what helps most first.
#[must_use]
pub fn acts(case: &Case) -> Vec<Act> {
    let all = [
        (Act::Watch, can_watch(case) && !case.watched),
        (Act::Unwatch, case.watched),
        (Act::Portal, case.verdict.place == Place::Portal),
        (Act::Archive, archive(case).is_some()),
        (Act::Copy, case.done && case.verdict.side == Side::Site),
    ];
    all.into_iter().filter(|(_, is)| *is).map(|(act, _)| act).collect()
}

/// For the visitor, what helps most first. Never empty.
#[must_use]
pub fn visitor(case: &Case) -> Vec<Word> {
    match (case.verdict.side, case.verdict.place) {
        // The headline still asks whose fault it is: nobody is sent anywhere, or told that all is well, before it is answered.
        _ if !case.done => vec![Word::new("advice_checking")],
        // To load it once more would be to send it once more.
        (Side::Unclear, _) if !case.visit.is_get() => vec![Word::new("advice_form")],
        (Side::Unclear, _) if case.visit.private => vec![Word::new("advice_unclear_wait")],
        (Side::Unclear, _) => vec![Word::new("advice_unclear_wait"), Word::new("advice_private_window")],
        (Side::Passed, _) => vec![Word::new(if case.visit.is_get() { "advice_reload" } else { "advice_form_again" })],
        (Side::Yours, place) => yours(case, place),
        (Side::Site, place) => site(case, place),
    }
}

/// The one thing that the evidence points to, and the way there.
fn yours(case: &Case, place: Place) -> Vec<Word> {
    let host = case.host();
    match place {
        Place::Cache if is_last_reason(case, "reason_old_redirect") => vec![Word::new("advice_old_redirect")],
        Place::Cache => vec![Word::new("advice_cache")],
        Place::Cookies => vec![Word::new("advice_cookies").with(host)],
        Place::Extension if case.tried.is_some() => vec![Word::new("advice_extension_named")],
        Place::Extension if can_test(case) => vec![Word::new("advice_extension_test")],
        Place::Extension => vec![Word::new("advice_extension")],
        Place::ServiceWorker => vec![Word::new("advice_service_worker").with(host)],
        Place::Proxy => vec![Word::new("advice_proxy")],
        Place::Portal => vec![Word::new("advice_portal")],
        Place::Device if case.own() == Some(place) => vec![Word::new("advice_own_device")],
        Place::Device => vec![Word::new("advice_device")],
        Place::Network if case.own() == Some(place) => vec![Word::new("advice_own_network")],
        Place::Dns => {
            let commands = flush_commands(case.platform).iter();
            let flush = commands.map(|(name, command)| Word::new("advice_flush").with(*name).with(*command));
            flush.chain([Word::new("advice_dns")]).collect()
        }
        Place::None => vec![Word::new("advice_private_works")],
        _ => vec![Word::new("advice_network")],
    }
}

/// Whether the page can be loaded again with the other extensions off: Firefox lets none turn another off, and a form, or an address
/// that works once, is not sent again.
fn can_test(case: &Case) -> bool {
    !case.can_pass_proxy && case.visit.is_get() && !case.visit.is_one_time()
}

/// Whether the page may be asked for past the proxy: where that would change the verdict, and never what is sent but once.
#[must_use]
pub fn can_pass_proxy(case: &Case) -> bool {
    let wanted = case.verdict.would_change.iter().any(|word| word.key == "change_past_proxy");
    case.done && wanted && case.can_pass_proxy && case.visit.is_get() && !case.visit.is_one_time()
}

fn site(case: &Case, place: Place) -> Vec<Word> {
    if place == Place::Blocked || case.kind() == FailureKind::Blocked {
        return vec![Word::new("advice_blocked"), Word::new("advice_tell")];
    }
    let mut advice = Vec::new();
    if case.answer(CheckId::Again).is_some_and(Answer::breaks) && case.visit.moved_from.is_none() {
        advice.push(Word::new("advice_reload"));
    }
    advice.push(wait(case));
    if !case.visit.is_get() {
        advice.push(Word::new("advice_form"));
    }
    if case.watched {
        advice.push(Word::new("advice_watching"));
    } else if can_watch(case) {
        advice.push(Word::new("advice_watch"));
    }
    if place == Place::Page {
        advice.push(Word::new("advice_other_pages").with(case.host()));
    }
    if archive(case).is_some() {
        advice.push(Word::new("advice_archive"));
    }
    advice.push(Word::new("advice_tell"));
    advice
}

/// How long to wait: what the site asks for, or what such a failure usually takes.
fn wait(case: &Case) -> Word {
    match (case.reading.retry_after_s, case.kind()) {
        // Rounded up: nobody is sent back too early.
        (Some(s), _) if s >= 7_200 => Word::new("advice_wait_hours").with(s.div_ceil(3_600).to_string()),
        (Some(s), _) if s >= 120 => Word::new("advice_wait_minutes").with(s.div_ceil(60).to_string()),
        (Some(s), _) if s > 0 => Word::new("advice_wait_seconds").with(s.to_string()),
        (_, FailureKind::RateLimited) => Word::new("advice_wait_limit"),
        (_, FailureKind::Maintenance) => Word::new("advice_wait_maintenance"),
        (_, FailureKind::Overloaded | FailureKind::NoBackend) => Word::new("advice_wait_load"),
        (_, FailureKind::Limit | FailureKind::Tls | FailureKind::Dns) => Word::new("advice_wait_mend"),
        _ => Word::new("advice_wait"),
    }
}

/// Whether "tell me when it is back" makes sense: the site is at fault, it will not stay so on purpose, and something
/// may be written down.
#[must_use]
pub fn can_watch(case: &Case) -> bool {
    let mends = case.verdict.place != Place::Blocked && case.kind() != FailureKind::Blocked;
    // A gate would answer each look, and nothing of what is behind it; nor is there news where such a look works already.
    let open = case.answer(CheckId::Fresh).is_none_or(|a| !a.is_challenge() && a.outcome != Outcome::Works);
    case.done && case.verdict.side == Side::Site && mends && open && !case.visit.private
}

/// Address of the newest copy of the page in the Internet Archive, without query and fragment; none for a page that no
/// archive can have. It is opened by a click alone, since it tells the archive which page it is.
#[must_use]
pub fn archive(case: &Case) -> Option<String> {
    let url = Url::split(&case.visit.url)?;
    let public = net::is_public_name(url.host) && url.host.contains('.');
    let fits = case.done && case.verdict.side == Side::Site && case.visit.is_get() && !case.visit.private;
    (public && fits).then(|| format!("https://web.archive.org/web/{}://{}{}", url.scheme, url.authority, url.path))
}

/// How to make a computer forget the addresses that it has learnt: who may keep them, and the command.
const fn flush_commands(platform: Platform) -> &'static [(&'static str, &'static str)] {
    match platform {
        Platform::Windows => &[("Windows", "ipconfig /flushdns")],
        Platform::Mac => &[("macOS", "sudo dscacheutil -flushcache; sudo killall -HUP mDNSResponder")],
        Platform::Linux => &[
            ("systemd-resolved", "resolvectl flush-caches"),
            ("nscd", "sudo nscd -i hosts"),
            ("dnsmasq", "sudo systemctl restart dnsmasq"),
            ("BIND", "sudo rndc flush"),
        ],
        Platform::Other => &[],
    }
}
