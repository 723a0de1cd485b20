//! How likely chance alone makes the difference that was seen: sites have several servers, and one of them may fail.

use super::facts::Facts;
use crate::answer;
use crate::case::Check;
use crate::terms::CheckId;

/// More answers than this of one kind make no difference.
const MOST_SEEN: u32 = 8;

/// How likely servers that fail with the share that was seen make these answers.
fn chance(fails: u32, works: u32) -> f32 {
    let (fails, works) = (fails.min(MOST_SEEN), works.min(MOST_SEEN));
    let all = (fails + works).max(1) as f32;
    [fails, works].into_iter().flat_map(|part| (0..part).map(move |_| part as f32 / all)).product()
}

impl Facts<'_> {
    /// How sure a difference makes us between what the visitor's things touch, which failed `fails` times and at each visit, and the
    /// plain requests, which worked. Servers of which some fail make the same answers by chance, most easily where the share of
    /// those that fail is the share of failures seen; such sites are a good deal more common than what the visitor is blamed for.
    pub(super) fn sure_of_a_difference(&self, fails: u8) -> f32 {
        const MORE_COMMON: f32 = 5.0;
        // The visit that opened the case has failed, or there would be none.
        let fails = u32::from(fails).saturating_add(self.case.visits.saturating_sub(1));
        // The front page may come from elsewhere, and is half of the difference only where the page sends us away.
        let is_plain = |id| match id {
            CheckId::Fresh | CheckId::InPage | CheckId::Again | CheckId::AsNavigation => true,
            CheckId::Home => !self.works(CheckId::Fresh),
            _ => false,
        };
        let plain = self.case.checks.iter().filter(|(id, _)| is_plain(*id)).map(|(_, check)| match check {
            Check::Ended(a) => u32::from(a.tries.saturating_sub(a.fails)),
            Check::Asked { .. } => 0,
        });
        let works = plain.sum();
        (1.0 - MORE_COMMON * chance(fails, works) - self.chance_of_connections(fails, works)).min(0.93)
    }

    /// The same where a balancer gives whole connections to servers, or a server to its processes: however often is asked, a page and
    /// its visit have one connection each that stays open, and so have we. Cookies go out on the visit's, and are more often to blame
    /// than other extensions.
    fn chance_of_connections(&self, fails: u32, works: u32) -> f32 {
        let visit = &self.case.visit;
        let is_kept = answer::stays_open(visit.status_line.as_deref(), visit.headers.as_deref());
        let (is_page, ours_kept) = (self.fails(CheckId::InPage), self.fresh.is_some_and(|a| a.kept));
        let fails = if is_kept { 1 + u32::from(is_page) } else { 1 + fails };
        let works = if ours_kept { 1 + u32::from(self.works(CheckId::InPage)) } else { works };
        chance(fails, works) * if is_page { 1.0 } else { 0.25 }
    }

    /// Whether the difference may be one between servers, whatever it looks like: one of them is busy, one may have had its turn unseen,
    /// or a cache before them keeps the failure for some of those who ask.
    pub(super) fn may_be_servers(&self) -> bool {
        let is_kept = self.case.visit.headers.iter().flatten().any(answer::is_of_a_copy);
        is_kept || self.is_one_server_busy() || self.has_lost_answers()
    }

    /// Whether the site was asked more often than it has answered: of servers that take turns, one may have had its turn unseen.
    pub(super) fn has_lost_answers(&self) -> bool {
        let site = self.case.checks.iter().filter(|(id, _)| *id != CheckId::Control);
        let answered: u32 = site.map(|(_, check)| if let Check::Ended(a) = check { u32::from(a.tries) } else { 0 }).sum();
        self.case.visits < 2 && u32::from(self.case.requests) > answered
    }
}
