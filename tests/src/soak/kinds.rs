//! What a visitor does, kind by kind, and what has to come of it.

use serde_json::json;

use super::Chance;
use super::site::FAILURES;
use super::walk::Walk;
use crate::browser::Kind;
use crate::wait::wait_for;

/// One kind of step.
pub(super) struct Errand {
    pub(super) name: &'static str,
    /// How often it comes, beside the others.
    weight: usize,
    pub(super) run: fn(&mut Walk, &mut Chance),
}

/// How many kinds of steps there are: a soak of so many steps has each of them once.
pub const KINDS: usize = ERRANDS.len();

const ERRANDS: [Errand; 32] = [
    Errand { name: "a page that works", weight: 30, run: |w, _| well(w) },
    Errand { name: "a link", weight: 14, run: |w, _| link(w) },
    Errand { name: "404", weight: 4, run: |w, _| missing(w) },
    Errand { name: "back and forward", weight: 8, run: |w, _| back_and_forward(w) },
    Errand { name: "stop", weight: 4, run: |w, _| stop(w) },
    Errand { name: "reload of a page that works", weight: 5, run: |w, _| reload(w) },
    Errand { name: "redirects to a page that works", weight: 5, run: redirects },
    Errand { name: "routes of a page's own", weight: 5, run: |w, _| routes(w) },
    Errand { name: "ahead of time, and not visited", weight: 3, run: ahead_unvisited },
    Errand { name: "ahead of time, then visited", weight: 2, run: |w, _| ahead_visited(w) },
    Errand { name: "failure ahead of time, then visited", weight: 2, run: |w, _| failing_ahead_visited(w) },
    Errand { name: "failure in a tab behind, then looked at", weight: 3, run: |w, _| behind_then_shown(w) },
    Errand { name: "failure in a tab behind, closed unseen", weight: 2, run: |w, _| behind_then_closed(w) },
    Errand { name: "tab that works moved to another window", weight: 2, run: |w, _| moved(w) },
    Errand { name: "failing tab moved to another window", weight: 2, run: |w, _| moved_failing(w) },
    Errand { name: "frames and parts that fail", weight: 5, run: |w, _| parts(w) },
    Errand { name: "download", weight: 3, run: |w, _| download(w) },
    Errand { name: "file that fails", weight: 2, run: |w, _| failing_file(w) },
    Errand { name: "source of a page that works", weight: 2, run: |w, _| source(w) },
    Errand { name: "204", weight: 3, run: |w, _| nothing(w) },
    Errand { name: "password asked for", weight: 2, run: |w, _| password(w) },
    Errand { name: "PDF", weight: 2, run: |w, _| paper(w) },
    Errand { name: "slow failure replaced by a page that works", weight: 4, run: |w, _| replaced_by_well(w) },
    Errand { name: "slow page replaced by a failure", weight: 3, run: replaced_by_failure },
    Errand { name: "reload overtaken by a failure", weight: 3, run: overtaken_by_failure },
    Errand { name: "reload of a failure overtaken by a page that works", weight: 3, run: |w, _| overtaken_by_well(w) },
    Errand { name: "failure", weight: 14, run: failure },
    Errand { name: "failure that breaks off", weight: 2, run: |w, _| broken_off(w) },
    Errand { name: "failure at the end of redirects", weight: 3, run: redirected_failure },
    Errand { name: "failure, then reload", weight: 3, run: |w, _| failure_reloaded(w) },
    Errand { name: "failure, then back", weight: 4, run: |w, _| failure_back(w) },
    Errand { name: "failure of a form", weight: 2, run: |w, _| form(w) },
];

/// What is done, step by step: every kind once, so that a short soak has them all, and then as they come in a visitor's day.
/// With names of kinds, and ` + ` between them: those in turns.
pub(super) fn plan(chance: &mut Chance, steps: usize, only: Option<&str>) -> Vec<&'static Errand> {
    let names = only.into_iter().flat_map(|names| names.split(" + "));
    let only: Vec<&Errand> = names.filter_map(|name| ERRANDS.iter().find(|e| e.name == name)).collect();
    if !only.is_empty() {
        return only.into_iter().cycle().take(steps).collect();
    }
    let mut plan: Vec<&Errand> = ERRANDS.iter().collect();
    chance.shuffle(&mut plan);
    let all: usize = ERRANDS.iter().map(|e| e.weight).sum();
    while plan.len() < steps {
        let mut at = chance.below(all);
        let fits = |errand: &&Errand| {
            let fits = at < errand.weight;
            at = at.saturating_sub(errand.weight);
            fits
        };
        plan.extend(ERRANDS.iter().find(fits));
    }
    plan.truncate(steps);
    plan
}

fn well(walk: &mut Walk) {
    walk.go_to(&walk.path("well", "x"));
}

fn link(walk: &mut Walk) {
    well(walk);
    walk.follow("#on");
    walk.browser.arrive(&walk.url(&format!("{}-on", walk.path("well", "on"))));
}

fn missing(walk: &mut Walk) {
    walk.go_to(&walk.path("missing", "x"));
}

fn back_and_forward(walk: &mut Walk) {
    let [one, two] = [walk.path("well", "one"), walk.path("well", "two")];
    walk.go_to(&one);
    walk.go_to(&two);
    walk.browser.back();
    walk.browser.arrive(&walk.url(&one));
    walk.note_memory();
    walk.browser.run("history.forward()", &[]);
    walk.browser.arrive(&walk.url(&two));
    walk.note_memory();
}

fn stop(walk: &mut Walk) {
    well(walk);
    let held = walk.path("fails", "0");
    let gate = walk.hold(&held);
    walk.set_out(&held);
    walk.asked(&held);
    walk.browser.stop();
    gate.open();
    // The page that was there is there still.
    walk.browser.arrive(&walk.url(&walk.path("well", "x")));
}

fn reload(walk: &mut Walk) {
    let path = walk.path("well", "x");
    walk.go_to(&path);
    walk.browser.run("document.title = 'old'", &[]);
    walk.browser.reload();
    wait_for("the page anew", || {
        let title = walk.browser.try_run("return document.title", &[])?;
        if title == "old" || title == "" { Err(title.to_string()) } else { Ok(()) }
    });
    walk.browser.arrive(&walk.url(&path));
}

fn redirects(walk: &mut Walk, chance: &mut Chance) {
    let hops = 1 + chance.below(4);
    let end = walk.path("well", "end");
    walk.set_out(&format!("/hop/{hops}{end}"));
    arrive_on_either(walk, &end);
}

/// The names take turns, so that the end is on one or the other.
fn arrive_on_either(walk: &Walk, path: &str) {
    wait_for(&format!("the page {path}"), || {
        let here = walk.browser.try_run("return [location.pathname, document.readyState]", &[])?;
        if here == json!([path, "complete"]) { Ok(()) } else { Err(here.to_string()) }
    });
}

fn routes(walk: &mut Walk) {
    well(walk);
    let number = walk.path("routes", "x");
    walk.browser.run(
        "history.pushState(1, '', arguments[0]); history.replaceState(2, '', arguments[0] + '?two'); location.hash = 'three'",
        &[json!(number)],
    );
    walk.browser.arrive(&walk.url(&format!("{number}?two#three")));
    walk.browser.run("history.back()", &[]);
    wait_for("the way back", || {
        let hash = walk.browser.try_run("return location.hash", &[])?;
        if hash == "" { Ok(()) } else { Err(hash.to_string()) }
    });
}

fn ahead_unvisited(walk: &mut Walk, chance: &mut Chance) {
    let what = *chance.one(&["well", "fails"]);
    let target = ahead_target(walk, what);
    walk.may_come_ahead(&target);
    walk.go_to(&walk.path("ahead", what));
    walk.asked(&target);
}

fn ahead_target(walk: &Walk, what: &str) -> String {
    format!("{}-ahead", walk.path(what, if what == "fails" { "0" } else { "x" }))
}

fn ahead_visited(walk: &mut Walk) {
    let target = ahead_target(walk, "well");
    walk.may_come_ahead(&target);
    walk.go_to(&walk.path("ahead", "well"));
    walk.asked(&target);
    walk.follow("#ahead");
    walk.browser.arrive(&walk.url(&target));
}

fn failing_ahead_visited(walk: &mut Walk) {
    let target = ahead_target(walk, "fails");
    walk.may_come_ahead(&target);
    walk.go_to(&walk.path("ahead", "fails"));
    walk.asked(&target);
    walk.settle();
    walk.follow("#ahead");
    walk.must_show(502);
}

fn behind_then_shown(walk: &mut Walk) {
    well(walk);
    let front = walk.browser.tab();
    let behind = walk.browser.open_behind("#fails");
    walk.await_badge(&format!("{}-link", walk.path("fails", "0")));
    walk.must_wait();
    walk.browser.show(&behind);
    walk.must_show_now(502);
    walk.browser.close_popup();
    walk.browser.close_tab(&front);
}

fn behind_then_closed(walk: &mut Walk) {
    well(walk);
    let failing = format!("{}-link", walk.path("fails", "0"));
    walk.browser.open_behind("#fails");
    walk.await_badge(&failing);
    walk.must_wait();
    walk.close_unseen(&failing);
    well(walk);
}

fn moved(walk: &mut Walk) {
    let front = walk.browser.tab();
    let path = walk.path("well", "moved");
    walk.browser.open_tab();
    walk.go_to(&path);
    walk.browser.show(&front);
    walk.move_to_window(&path);
    // Firefox's driver loses sight of a tab that has moved; the browser does not.
    walk.close_unseen(&path);
    walk.browser.show(&front);
    well(walk);
    walk.come_back(&walk.path("well", "x"));
}

fn moved_failing(walk: &mut Walk) {
    well(walk);
    let front = walk.browser.tab();
    walk.browser.open_behind("#fails");
    let failing = format!("{}-link", walk.path("fails", "0"));
    walk.await_badge(&failing);
    walk.must_wait();
    // In a window of its own it is in front of the visitor.
    walk.move_to_window(&failing);
    walk.must_show_now(502);
    walk.browser.close_popup();
    walk.close_unseen(&failing);
    walk.browser.show(&front);
    well(walk);
    walk.come_back(&walk.path("well", "x"));
}

fn parts(walk: &mut Walk) {
    walk.go_to(&walk.path("parts", "x"));
}

fn download(walk: &mut Walk) {
    well(walk);
    walk.follow("#file");
    walk.asked(&walk.path("file", "x"));
    walk.browser.arrive(&walk.url(&walk.path("well", "x")));
}

fn failing_file(walk: &mut Walk) {
    let path = walk.path("refused-file", "x");
    if walk.browser.kind() == Kind::Chromium {
        // The browser's own page, in place of the one that was there.
        walk.fail_at(&path, 502);
        return;
    }
    // Firefox shows what became of the file in a tab of its own, in front, and the page with the link is as it was.
    well(walk);
    let page = walk.browser.tab();
    walk.set_out(&path);
    walk.asked(&path);
    walk.await_tab(&path);
    walk.settle();
    walk.close_unseen(&path);
    walk.browser.show(&page);
    walk.settle();
}

fn source(walk: &mut Walk) {
    well(walk);
    let path = walk.path("well", "source");
    walk.browser.visit(&format!("view-source:{}", walk.url(&path)));
    walk.asked(&path);
    well(walk);
}

fn nothing(walk: &mut Walk) {
    well(walk);
    walk.follow("#nothing");
    walk.asked(&walk.path("nothing", "x"));
    walk.browser.arrive(&walk.url(&walk.path("well", "x")));
}

fn password(walk: &mut Walk) {
    let path = walk.path("secret", "x");
    walk.set_out(&path);
    walk.asked(&path);
    walk.browser.refuse_prompt();
    well(walk);
}

fn paper(walk: &mut Walk) {
    walk.go_to(&walk.path("paper", "x"));
}

fn replaced_by_well(walk: &mut Walk) {
    let held = walk.path("fails", "1");
    let gate = walk.hold(&held);
    walk.set_out(&held);
    walk.asked(&held);
    well(walk);
    gate.open();
}

fn replaced_by_failure(walk: &mut Walk, chance: &mut Chance) {
    let held = walk.path("well", "slow");
    let gate = walk.hold(&held);
    walk.set_out(&held);
    walk.asked(&held);
    failure(walk, chance);
    gate.open();
}

/// Nobody waits for the reload.
fn overtaken_by_failure(walk: &mut Walk, chance: &mut Chance) {
    well(walk);
    walk.browser.reload();
    failure(walk, chance);
}

fn overtaken_by_well(walk: &mut Walk) {
    walk.fail_at(&walk.path("fails", "0"), 502);
    walk.browser.close_popup();
    walk.settle();
    walk.browser.reload();
    well(walk);
    walk.may_have_shown();
}

fn failure(walk: &mut Walk, chance: &mut Chance) {
    let which = chance.below(FAILURES.len());
    let shown = walk.fail_at(&walk.path("fails", &which.to_string()), FAILURES[which].1);
    if shown && chance.once_in(4) {
        walk.await_verdict();
    }
}

/// Half of the page, and then the connection is gone.
fn broken_off(walk: &mut Walk) {
    walk.fail_at(&walk.path("broken", "x"), 502);
}

fn redirected_failure(walk: &mut Walk, chance: &mut Chance) {
    let hops = 1 + chance.below(4);
    let end = walk.path("fails", "1");
    walk.fail_at(&format!("/hop/{hops}{end}"), 504);
}

fn failure_reloaded(walk: &mut Walk) {
    walk.fail_at(&walk.path("fails", "2"), 503);
    walk.browser.close_popup();
    walk.settle();
    walk.browser.reload();
    walk.must_show_again(503);
}

fn failure_back(walk: &mut Walk) {
    let front = walk.path("well", "x");
    walk.go_to(&front);
    walk.follow("#fails");
    walk.must_show(502);
    walk.browser.back();
    walk.browser.arrive(&walk.url(&front));
    let gone = || if walk.browser.popup_is_open() { Err("still open".to_owned()) } else { Ok(()) };
    wait_for("the popup to go with its page", gone);
}

fn form(walk: &mut Walk) {
    well(walk);
    walk.follow("#send");
    walk.must_show(503);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Chance, ERRANDS, plan};

    #[test]
    fn a_plan_has_every_kind_and_its_length() {
        let names = |steps| plan(&mut Chance::of(7), steps, None).iter().map(|e| e.name).collect::<Vec<_>>();
        assert_eq!(names(ERRANDS.len()).iter().collect::<BTreeSet<_>>().len(), ERRANDS.len());
        assert_eq!(names(300).len(), 300);
        assert_eq!(names(3), names(300)[..3]);
        let of = |name: &str| names(5000).iter().filter(|n| **n == name).count();
        assert!(of("a page that works") > of("PDF") * 5, "{} and {}", of("a page that works"), of("PDF"));
    }
}
