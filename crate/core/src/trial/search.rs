//! Which extension it is, in as few page loads as possible. Pure: from the loads so far to the next one, or to the end.
//!
//! A load is known by the set of suspects that were off during it. First everything off and everything on (A–B–A: the
//! visit itself was the first A), so that a site that has just recovered costs two loads and blames nobody. Then the
//! shortest head of the ranked list that has to be off, by halving; its last one is needed. Where that one does not do
//! alone, the same again for the rest. At the end once more with only the culprits off, and once more with everything on.

use serde::{Deserialize, Serialize};

/// Which suspects are off, by their place in the list: bit 0 is the first.
pub type Off = u64;

/// Most suspects of one test: one bit each, and more than anybody has.
pub const MAX_SUSPECTS: usize = 60;

/// Most page loads of one test. Eight suspects take seven, sixty take ten.
pub const MAX_LOADS: usize = 24;

/// Most extensions that are found one by one: with more, the page is better opened without any.
const MAX_CULPRITS: u32 = 4;

/// One load of the page and how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// What was off.
    pub off: Off,
    /// Whether the page worked.
    pub works: bool,
}

/// What the loads say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Finding {
    /// The page works exactly as long as these are off.
    Culprits {
        /// All of these have to be off.
        off: Off,
        /// These break the page only together with the former: one of them off is enough.
        with: Off,
    },
    /// The page fails with everything off: it is none of them.
    NoneOfThem,
    /// The page works with everything on: it has recovered.
    Recovered,
    /// The same set worked once and failed once, or there are too many culprits: nobody is blamed.
    Unsteady,
}

/// The next set to be off for one more load, or the finding.
///
/// # Errors
/// The set of the next load, while more are needed.
pub fn search(suspects: usize, loads: &[Load]) -> Result<Finding, Off> {
    match look(suspects, loads) {
        Err(_) if loads.len() >= MAX_LOADS => Ok(Finding::Unsteady),
        next => next,
    }
}

fn look(suspects: usize, loads: &[Load]) -> Result<Finding, Off> {
    let suspects = u32::try_from(suspects.min(MAX_SUSPECTS)).unwrap_or(0);
    let all = head(suspects);
    let mut past = Past { loads, at: 0 };
    if !past.fresh(all)? {
        return Ok(Finding::NoneOfThem);
    }
    if past.fresh(0)? {
        return Ok(Finding::Recovered);
    }
    let (mut off, mut found) = (0, suspects);
    while off == 0 || !past.known(off)? {
        // The shortest head that has to be off beside what is found already: never as long as the last one.
        let (mut fails, mut works) = (0, found);
        while works - fails > 1 {
            let middle = fails + (works - fails) / 2;
            if past.known(off | head(middle))? { works = middle } else { fails = middle }
        }
        found = works;
        let culprit = head(works) & !head(works.saturating_sub(1));
        if off & culprit != 0 || off.count_ones() >= MAX_CULPRITS {
            return Ok(Finding::Unsteady);
        }
        off |= culprit;
    }
    let mut with = 0;
    if off.count_ones() == 1 {
        // On alone, it breaks the page alone; or it takes another one to do so.
        while past.known(all & !off & !with)? {
            let others = all & !off & !with;
            let (mut works, mut fails) = (0, suspects);
            while fails - works > 1 {
                let middle = works + (fails - works) / 2;
                if past.known(others & !head(middle))? { works = middle } else { fails = middle }
            }
            let partner = head(fails) & !head(fails.saturating_sub(1));
            if partner & others == 0 || with.count_ones() >= MAX_CULPRITS {
                return Ok(Finding::Unsteady);
            }
            with |= partner;
        }
    }
    // Everything off was loaded before everything on: that is not yet a second time.
    let again = if off == all { past.fresh(off)? } else { past.known(off)? };
    if !again || past.fresh(0)? {
        return Ok(Finding::Unsteady);
    }
    Ok(Finding::Culprits { off, with })
}

/// The first `n` suspects.
fn head(n: u32) -> Off {
    (1 << n.min(63)) - 1
}

/// The loads in the order in which the search asked for them.
struct Past<'a> {
    loads: &'a [Load],
    at: usize,
}

impl Past<'_> {
    /// A load of its own, even if the same set was loaded before.
    fn fresh(&mut self, off: Off) -> Result<bool, Off> {
        let load = self.loads.get(self.at).filter(|l| l.off == off).ok_or(off)?;
        self.at += 1;
        Ok(load.works)
    }

    /// How the page did with this set off, from memory where it can be.
    fn known(&mut self, off: Off) -> Result<bool, Off> {
        let past = self.loads.get(..self.at).unwrap_or_default();
        match past.iter().rev().find(|l| l.off == off) {
            Some(load) => Ok(load.works),
            None => self.fresh(off),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Plays the search against a page that works exactly when `works` says so.
    fn play(suspects: usize, mut works: impl FnMut(Off) -> bool) -> (Finding, Vec<Load>) {
        let mut loads = Vec::new();
        loop {
            match search(suspects, &loads) {
                Ok(finding) => return (finding, loads),
                Err(off) => loads.push(Load { off, works: works(off) }),
            }
        }
    }

    #[test]
    fn one_suspect_takes_four_loads() {
        let (finding, loads) = play(1, |off| off == 1);
        assert_eq!(finding, Finding::Culprits { off: 1, with: 0 });
        assert_eq!(loads.iter().map(|l| l.off).collect::<Vec<_>>(), [1, 0, 1, 0]);
    }

    #[test]
    fn nobody_is_blamed_for_a_page_that_fails_without_them_or_works_with_them() {
        assert_eq!(play(9, |_| false).0, Finding::NoneOfThem);
        let (finding, loads) = play(9, |_| true);
        assert_eq!((finding, loads.len()), (Finding::Recovered, 2));
    }

    #[test]
    fn sixty_suspects_take_no_more_than_eleven_loads() {
        for guilty in 0..60 {
            let (finding, loads) = play(60, |off| off & (1 << guilty) != 0);
            assert_eq!(finding, Finding::Culprits { off: 1 << guilty, with: 0 });
            assert!(loads.len() <= 11, "{} loads for {guilty}", loads.len());
        }
    }

    #[test]
    fn two_that_act_together_are_both_found() {
        let (finding, _) = play(8, |off| off & 0b10 != 0 || off & 0b100_0000 != 0);
        assert_eq!(finding, Finding::Culprits { off: 0b10, with: 0b100_0000 });
    }

    proptest! {
        #[test]
        fn each_of_several_that_break_it_alone_is_found(suspects in 1usize..60, guilty in prop::collection::btree_set(0usize..60, 1..=3)) {
            let guilty: Off = guilty.into_iter().filter(|g| *g < suspects).map(|g| 1 << g).sum();
            prop_assume!(guilty != 0);
            let (finding, loads) = play(suspects, |off| off & guilty == guilty);
            prop_assert_eq!(finding, Finding::Culprits { off: guilty, with: 0 });
            prop_assert!(loads.len() <= 4 + 8 * guilty.count_ones() as usize);
        }

        #[test]
        fn those_that_act_together_are_found_together(suspects in 2usize..60, a in 0usize..60, b in 0usize..60) {
            prop_assume!(a < suspects && b < suspects && a != b);
            let both: Off = 1 << a | 1 << b;
            let (finding, loads) = play(suspects, |off| off & both != 0);
            match finding {
                Finding::Culprits { off, with } => prop_assert!(off | with == both && off & with == 0 && off.count_ones() == 1),
                other => prop_assert!(false, "{:?}", other),
            }
            prop_assert!(loads.len() <= MAX_LOADS);
        }

        /// Whatever a page does: the search ends, and whoever is named was seen to matter, twice off and twice on.
        #[test]
        fn a_page_that_does_as_it_likes_ends_the_search_and_blames_only_what_was_seen(suspects in 1usize..20, coin in prop::collection::vec(any::<bool>(), MAX_LOADS)) {
            let mut coin = coin.into_iter();
            let (finding, loads) = play(suspects, |_| coin.next().unwrap_or(false));
            prop_assert!(loads.len() <= MAX_LOADS);
            if let Finding::Culprits { off, .. } = finding {
                prop_assert!(loads.iter().any(|l| l.off == off && l.works));
                prop_assert!(loads.iter().filter(|l| l.off == 0).all(|l| !l.works));
                prop_assert!(loads.iter().filter(|l| l.off == 0).count() >= 2);
                prop_assert!(loads.last().is_some_and(|l| l.off == 0), "it must end with everything on");
            }
        }
    }
}
