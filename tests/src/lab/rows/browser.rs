//! Faults in the visitor's own browser, before sites that are well.

use crate::browser::Kind;
use crate::lab::apps;
use crate::lab::row::{App, Behind, Row, Step, Truth, Way};
use crate::servers::Product::{Apache, Haproxy, Nginx};

use Step::{Act, Arrive, AtHome, Back, Cookies, Duplicate, Hush, Unplug, Visit};

const CHROMIUM: &[Kind] = &[Kind::Chromium];

/// The visit on which the site really was down is not what these are about.
const KEPT: &[Step] = &[Hush(true), Visit("/page"), Arrive("/page"), Visit("/"), Arrive("/"), Hush(false), Visit("/page")];
const WENT_BACK: &[Step] = &[Hush(true), Visit("/page"), Arrive("/page"), Visit("/"), Arrive("/"), Hush(false), Back];
const RESTORED: &[Step] = &[Hush(true), Visit("/page"), Arrive("/page"), Hush(false), Duplicate];
const AFTER_HOME: &[Step] = &[Visit("/"), Arrive("/"), Visit("/page")];

pub(super) fn rows() -> Vec<Row> {
    [copies(), cookies(), workers(), extensions()].concat()
}

fn well(name: &str, about: &'static str, app: App, truth: Truth) -> Row {
    Row::new(name, about, Some(Nginx), Behind::App(app), truth)
}

fn copies() -> Vec<Row> {
    const CACHE: Truth = Truth::yours(&["cache"]);
    let about = "The browser shows an old error from its cache; the site has long been well.";
    let back = "The Back button shows an old error; the site has long been well.";
    let restored = "A tab that is opened again shows an old error; the site has long been well.";
    vec![
        well("kept-502", about, apps::kept_502, CACHE).steps(KEPT).only(CHROMIUM).part(),
        well("kept-503", about, apps::kept_503, CACHE).steps(KEPT).only(CHROMIUM),
        well("kept-504", about, apps::kept_504, CACHE).steps(KEPT).only(CHROMIUM),
        well("back-502", back, apps::kept_502, CACHE).steps(WENT_BACK).way(Way::Forgetful),
        well("back-503", back, apps::kept_503, CACHE).steps(WENT_BACK).way(Way::Forgetful),
        well("restored-502", restored, apps::kept_502, CACHE).steps(RESTORED),
        well("restored-504", restored, apps::kept_504, CACHE).steps(RESTORED),
        well(
            "kept-and-still-down",
            "The browser shows an old error from its cache, and the site is still down.",
            apps::kept_and_still_down,
            Truth::site(&["app", "page"]),
        )
        .steps(KEPT)
        .only(CHROMIUM),
    ]
}

fn cookies() -> Vec<Row> {
    const COOKIES: Truth = Truth::yours(&["cookies"]);
    let about = "The site cannot read a cookie of its own; without it everything works.";
    let jar = "The site has left more cookies than its server takes.";
    const MANY: &[Step] = &[Visit("/"), Arrive("/"), Cookies(10, 600), Visit("/page")];
    const FEW_AND_LARGE: &[Step] = &[Visit("/"), Arrive("/"), Cookies(2, 3000), Visit("/page")];
    vec![
        well("poisoned-cookie", about, apps::poisons, COOKIES).steps(AFTER_HOME).part(),
        well("poisoned-basket", about, apps::poisons_and_crashes, COOKIES).steps(AFTER_HOME),
        Row::new("poisoned-apache", about, Some(Apache), Behind::App(apps::poisons_and_crashes), COOKIES).steps(AFTER_HOME),
        Row::new("poisoned-haproxy", about, Some(Haproxy), Behind::App(apps::poisons_and_crashes), COOKIES).steps(AFTER_HOME),
        well("poisoned-one-page", about, apps::poisons_one_page, COOKIES).steps(AFTER_HOME),
        well("jar-of-many", jar, apps::small_jar, COOKIES).steps(MANY),
        well("jar-of-few", jar, apps::small_jar, COOKIES).steps(FEW_AND_LARGE),
        well("jar-502", jar, apps::small_jar_502, COOKIES).steps(MANY),
        Row::new("jar-apache", jar, Some(Apache), Behind::App(apps::small_jar), COOKIES).steps(MANY),
        well(
            "wary-and-poisoned",
            "The site cannot read its own cookie, and turns away whatever does not look like a visit.",
            apps::wary_and_poisoned,
            COOKIES,
        )
        .steps(AFTER_HOME),
    ]
}

fn workers() -> Vec<Row> {
    const WORKER: Truth = Truth::yours(&["service-worker"]);
    const HOME: &[Step] = &[AtHome, Visit("/page")];
    const REPLAYED: &[Step] = &[AtHome, Visit("/page")];
    const PULLED: &[Step] = &[AtHome, Unplug, Visit("/page")];
    vec![
        well("worker-makes-up", "The site's service worker makes up a 503; the site is well.", apps::worker_makes_up, WORKER)
            .steps(HOME)
            .part(),
        well("worker-gives-up", "The site's service worker makes up a 504; the site is well.", apps::worker_gives_up, WORKER)
            .steps(HOME),
        well(
            "worker-replays",
            "The site's service worker shows an error of last week; the site is well.",
            apps::worker_replays,
            WORKER,
        )
        .steps(REPLAYED),
        well("worker-offline", "The visitor is offline, and the site's service worker says 503.", apps::worker_makes_up, {
            Truth::yours(&["network", "service-worker"])
        })
        .steps(PULLED),
    ]
}

fn extensions() -> Vec<Row> {
    const EXTENSION: Truth = Truth::yours(&["extension"]);
    let row = |name: &str, about, app, with| well(name, about, app, EXTENSION).way(Way::Beside(with));
    vec![
        row("adds-a-header", "Another extension adds a header that the site cannot bear.", apps::picky, "adds-a-header").part(),
        row("strips-a-header", "Another extension takes a header away that the site needs.", apps::polyglot, "strips-a-header"),
        row("says-another-name", "Another extension gives the browser out for an old one.", apps::modern, "says-another-name"),
        row(
            "cleans-addresses",
            "Another extension takes a parameter away that the page needs.",
            apps::needs_ref,
            "cleans-addresses",
        )
        .steps(&[Visit("/page?ref=1")]),
        row("sends-elsewhere", "Another extension sends the visit to a mirror that is down.", apps::mirror, "sends-elsewhere"),
        row(
            "visits-only",
            "Another extension adds a header to visits alone, and the site cannot bear it.",
            apps::picky,
            "visits-only",
        )
        .alike(
            &Kind::ALL,
            "everything that is asked works, as after a short outage; only the next visit tells, and a reload is what is advised",
        ),
        row(
            "wary-and-picky",
            "Another extension adds a header; the site turns away whatever does not look like a visit.",
            apps::wary_and_picky,
            "adds-a-header",
        ),
        well("blocked-page", "Another extension blocks the page: the browser says so itself.", apps::works, Truth::quiet())
            .way(Way::Beside("blocks-pages")),
        well(
            "rewritten-page",
            "Another extension writes the words of an outage over a page that works.",
            apps::works,
            Truth::quiet(),
        )
        .way(Way::Beside("rewrites-pages"))
        .steps(&[Visit("/page"), Arrive("/page")]),
        well("died-since", "The site died between two visits.", apps::dies, Truth::site(&["app"])).steps(&[
            Visit("/"),
            Arrive("/"),
            Act(1),
            Visit("/page"),
        ]),
    ]
}
