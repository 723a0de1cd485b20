//! What the checks rule out: the places where nobody has to look any more.

use crate::case::{Answer, Case, Control};
use crate::net::{self, Reach};
use crate::terms::{CheckId, Outcome, Place, Side};
use crate::words::Word;

/// One sentence for each place, for whoever runs the site. Nothing is ruled out by a check that was not made.
#[must_use]
pub fn by_checks(case: &Case) -> Vec<Word> {
    let works = |check| case.outcome(check) == Some(Outcome::Works);
    let fails = |check| case.answer(check).is_some_and(Answer::fails);
    let online = case.answer(CheckId::Control).and_then(|a| a.control) == Some(Control::Online);
    let address = case.visit.address.as_deref().filter(|a| !case.visit.proxied && net::reach(a) == Some(Reach::Public));
    // Something on the way may have answered in the site's place.
    let between = matches!(case.verdict.place, Place::Proxy | Place::Portal | Place::Network | Place::Dns | Place::Device)
        || case.reading.producer.as_ref().is_some_and(|p| p.role.is_on_visitors_side());
    let direct = !between && !case.visit.from_cache && !case.visit.from_service_worker && case.visit.asked.is_none();
    let same = case.fails_plainly() && case.verdict.side != Side::Yours;
    let home = case.answer(CheckId::Home).is_some_and(Answer::is_page);
    let all = [
        (same, Word::new("out_visitor")),
        (online, Word::new("out_connection")),
        (address.is_some() && direct, Word::new("out_route")),
        (fails(CheckId::Home), Word::new("out_one_page")),
        (same && home, Word::new("out_whole_site")),
        (works(CheckId::InPage), Word::new("out_extensions")),
        (works(CheckId::Fresh) && works(CheckId::Cookies), Word::new("out_cookies")),
    ];
    all.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect()
}
