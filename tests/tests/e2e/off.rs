//! Really off: the page without the other extensions, in Chromium, which lets one extension turn off others.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use faultline_tests::browser::{Browser, Kind, Launch, Shown};
use faultline_tests::servers::{Answer, Gate, Origin, Request};
use faultline_tests::wait::wait_for;

use crate::scene::Scene;

/// A small extension of `tests/extensions`.
pub(crate) fn other(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/extensions")).join(name)
}

/// Chromium with these extensions beside ours, which may manage them.
pub(crate) fn beside(names: &[&str]) -> Scene {
    let launch = Launch::new(Kind::Chromium).granted("management");
    start(names.iter().fold(launch, |launch, name| launch.beside(other(name))))
}

/// A test that a background has begun ends with it. What becomes of that is told in `off_interrupted`; elsewhere it is kept.
pub(crate) fn start(launch: Launch) -> Scene {
    let scene = Scene::start(launch);
    scene.browser.keep_background();
    scene
}

/// Names of all extensions, and whether they are on.
pub(crate) fn states(browser: &Browser) -> BTreeMap<String, bool> {
    let list = browser.api("return (await api.management.getAll()).map(e => [e.name, e.enabled])", &[]);
    let pairs = list.as_array().map(Vec::as_slice).unwrap_or_default().iter();
    pairs.map(|p| (p[0].as_str().unwrap_or_default().to_owned(), p[1] == true)).collect()
}

/// Waits until the panel of the open popup is in a state, and gives what it says.
pub(crate) fn wait_for_panel(browser: &Browser, state: &str) -> String {
    wait_for(&format!("the panel to be {state}"), || {
        let panel = "(p => p && [p.dataset.test, p.innerText])(document.querySelector('[data-test]'))";
        let now = browser.in_popup(panel)?;
        if now[0] == state { Ok(now[1].as_str().unwrap_or_default().to_owned()) } else { Err(now.to_string()) }
    })
}

/// From the popup on screen to the end of the test: three clicks at most, as a visitor makes them.
pub(crate) fn test_without(browser: &Browser) -> (String, Shown) {
    browser.click_in_popup("[data-do=off]");
    wait_for_panel(browser, "offered");
    browser.click_in_popup("[data-do=off-begin]");
    let said = wait_for_panel(browser, "ended");
    (said, browser.popup().expect("the popup is open"))
}

/// The page that `answer` makes, in the browser of `scene`, tested where the popup offers it.
fn tested(scene: &mut Scene, host: &str, answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> (String, Shown) {
    scene.name(host);
    let origin = Origin::start(answer);
    let before = states(&scene.browser);
    let url = origin.url(host, "/page");
    let shown = scene.verdict_on(&url);
    assert_ne!(shown.side, "site", "{shown:?}");
    let (said, shown) = test_without(&scene.browser);
    as_it_was(scene, &before);
    (said, shown)
}

/// The same from the details page, where it is offered whatever the verdict.
fn tested_anyway(scene: &mut Scene, host: &str, answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> (String, Shown) {
    scene.name(host);
    let origin = Origin::start(answer);
    let before = states(&scene.browser);
    let shown = scene.verdict_on(&origin.url(host, "/page"));
    let failed = scene.browser.tab();
    begin_from_details(&scene.browser, &shown.case);
    let said = wait_for_sheet(&scene.browser, "ended");
    let facts =
        scene.browser.run("const r = document.getElementById('faultline'); return { ...r.dataset, text: r.innerText }", &[]);
    scene.browser.show(&failed);
    as_it_was(scene, &before);
    (said, serde_json::from_value(facts).expect("the facts of a case"))
}

/// Starts the test from the details page of a case, in a tab of its own.
pub(crate) fn begin_from_details(browser: &Browser, case: &str) {
    browser.close_popup();
    browser.open_tab();
    browser.visit(&format!("{}extension/details.html#{case}", browser.extension_origin()));
    // Ended: one that was interrupted before is told of.
    wait_for_one_of(browser, &["idle", "ended"]);
    browser.click("[data-do=off]");
    wait_for_sheet(browser, "offered");
    browser.click("[data-do=off-begin]");
}

/// Waits until the panel of the details page in front is in a state, and gives what it says.
pub(crate) fn wait_for_sheet(browser: &Browser, state: &str) -> String {
    wait_for_one_of(browser, &[state])
}

fn wait_for_one_of(browser: &Browser, states: &[&str]) -> String {
    wait_for(&format!("the panel to be {states:?}"), || {
        let panel = "const p = document.querySelector('[data-test]'); return [p?.dataset.test, p?.innerText]";
        let now = browser.try_run(panel, &[])?;
        if states.iter().any(|state| now[0] == *state) {
            Ok(now[1].as_str().unwrap_or_default().to_owned())
        } else {
            Err(now.to_string())
        }
    })
}

fn as_it_was(scene: &Scene, before: &BTreeMap<String, bool>) {
    assert_eq!(states(&scene.browser), *before, "not everything is as it was");
    let ledger = scene.browser.api("return (await api.storage.session.get('off')).off ?? ''", &[]);
    assert_eq!(ledger, "", "the ledger still says that something is off");
}

pub(crate) fn broken_if(broken: bool) -> Answer {
    if broken { Answer::new(502, "Bad Gateway").html("<title>502</title><h1>It broke</h1>") } else { Answer::fine("All is well") }
}

scenarios! { chromium:
    one_that_adds_a_header: alone => |_kind| {
        let mut own = beside(&["harmless", "adds-a-header", "bystander"]);
        let (said, shown) = tested(&mut own, "picky.test", |r| broken_if(r.header("x-added").is_some()));
        assert!(said.contains("Adds a header 1.0"), "{said}");
        assert_eq!(shown.verdict(), ("yours", "extension"), "{shown:?}");
        assert!(shown.text.contains("Adds a header"), "{shown:?}");
        let report = own.browser.report(&shown.case);
        assert!(!report.0.to_string().contains("Adds a header"), "the report for the site names somebody's extension");
    };
    one_that_strips_a_cookie: alone => |_kind| {
        let mut own = beside(&["bystander", "strips-a-cookie", "harmless"]);
        let (said, shown) = tested_anyway(&mut own, "members.test", |r| {
            let known = r.header("cookie").is_some_and(|c| c.contains("member=1"));
            broken_if(!known && r.target == "/page").header("Set-Cookie", "member=1; Path=/")
        });
        assert!(said.contains("Strips a cookie 1.2"), "{said}");
        assert_eq!(shown.verdict(), ("yours", "extension"), "{shown:?}");
    };
    one_that_sends_the_page_elsewhere: alone => |_kind| {
        let mut own = beside(&["redirects", "harmless"]);
        let (said, shown) = tested_anyway(&mut own, "elsewhere.test", |r| broken_if(r.target == "/mirror"));
        assert!(said.contains("Redirects 2.0"), "{said}");
        assert_eq!(shown.verdict(), ("yours", "extension"), "{shown:?}");
    };
    one_that_blocks_the_script_that_lets_in: alone => |_kind| {
        let mut own = beside(&["harmless", "blocks-a-script", "bystander"]);
        let pass = Mutex::new(false);
        let (said, shown) = tested_anyway(&mut own, "doorman.test", move |r| match r.target.as_str() {
            "/pass.js" => {
                *pass.lock().expect("no other holder") = true;
                Answer::new(200, "OK").body("text/javascript", "location.reload()")
            }
            "/page" if !std::mem::take(&mut *pass.lock().expect("no other holder")) => {
                Answer::new(503, "Service Unavailable").html("<title>One moment</title><script src=/pass.js></script>")
            }
            _ => Answer::fine("All is well"),
        });
        assert!(said.contains("Blocks a script 3.1"), "{said}");
        assert_eq!(shown.verdict(), ("yours", "extension"), "{shown:?}");
    };
    one_that_rewrites_the_page_by_a_script_alone: alone => |_kind| {
        let mut own = beside(&["rewrites-the-page", "bystander"]);
        let (said, shown) = tested_anyway(&mut own, "hidden.test", |r| match r.target.as_str() {
            "/page" if !r.header("cookie").is_some_and(|c| c.contains("pass=1")) => {
                let page = "<title>One moment</title><body><input type=hidden value='pass=1'><script>
                    setTimeout(() => { const field = document.querySelector('input');
                        if (field) { document.cookie = field.value; location.reload() } }, 200)</script>";
                Answer::new(503, "Service Unavailable").html(page)
            }
            // A pass is good for one page.
            "/page" => Answer::fine("All is well").header("Set-Cookie", "pass=; Max-Age=0"),
            _ => Answer::fine("All is well"),
        });
        assert!(said.contains("Rewrites the page 0.9"), "{said}");
        assert_eq!(shown.verdict(), ("yours", "extension"), "{shown:?}");
    };
    two_that_break_it_only_together: alone => |_kind| {
        let mut own = beside(&["together-a", "bystander", "together-b"]);
        let (said, shown) = tested(&mut own, "pair.test", |r| {
            broken_if(r.header("x-together-a").is_some() && r.header("x-together-b").is_some())
        });
        assert!(said.contains("Together A 1.0") && said.contains("Together B 1.0"), "{said}");
        assert_eq!(shown.verdict(), ("yours", "extension"), "{shown:?}");
    };
    one_that_proxies: alone => |_kind| {
        let mut own = beside(&["harmless", "proxies"]);
        let proxy = Origin::start(|_| broken_if(true));
        let ids = own.browser.api("return (await api.management.getAll()).filter(e => e.name === 'Proxies').map(e => e.id)", &[]);
        own.browser.visit(&format!("chrome-extension://{}/set.html#{}", ids[0].as_str().expect("its id"), proxy.port()));
        wait_for("the proxy to be set", || {
            let title = own.browser.try_run("return document.title", &[])?;
            if title == "done" { Ok(()) } else { Err(title.to_string()) }
        });
        let (said, shown) = tested_anyway(&mut own, "proxied.test", |_| broken_if(false));
        assert!(said.contains("Proxies 5.0"), "{said}");
        assert_eq!(shown.verdict(), ("yours", "extension"), "{shown:?}");
    };
    the_visitor_keeps_off_what_was_found: alone => |_kind| {
        let mut own = beside(&["adds-a-header", "bystander"]);
        own.name("kept.test");
        let origin = Origin::start(|r| broken_if(r.header("x-added").is_some()));
        let url = origin.url("kept.test", "/page");
        let _ = own.verdict_on(&url);
        test_without(&own.browser);
        let failed = own.browser.tab();
        let find = "return (await api.management.getAll()).find(e => e.name === 'Adds a header').id";
        let id = own.browser.api(find, &[]).as_str().unwrap_or_default().to_owned();
        own.browser.click_in_popup("[data-do=off-settings]");
        wait_for("the settings of the one that was found", || {
            let settings = own.browser.tabs().into_iter().find(|tab| *tab != failed).ok_or("no other tab")?;
            own.browser.show(&settings);
            let here = own.browser.try_run("return location.href", &[])?;
            if here == format!("chrome://extensions/?id={id}") { Ok(()) } else { Err(here.to_string()) }
        });
        // Back to the page, whose case is as it was.
        own.browser.show(&failed);
        own.browser.press_button();
        wait_for_panel(&own.browser, "ended");
        own.browser.click_in_popup("[data-do=off-keep]");
        wait_for("the page that works", || {
            let title = own.browser.try_run("return document.title", &[])?;
            if title == "All is well" { Ok(()) } else { Err(title.to_string()) }
        });
        let now = states(&own.browser);
        assert_eq!((now.get("Adds a header"), now.get("Bystander")), (Some(&false), Some(&true)), "{now:?}");
        // The next background must not turn it on again.
        own.browser.stop_background();
        own.browser.reload();
        let (kept, id) = {
            let look = "const [e] = (await api.management.getAll()).filter(e => e.name === 'Adds a header');
                return [(await api.storage.local.get('off')).off ?? '', e.id, e.enabled]";
            let look = own.browser.api(look, &[]);
            assert_eq!(look[2], false, "it was turned on again");
            (look[0].as_str().unwrap_or_default().to_owned(), look[1].as_str().unwrap_or_default().to_owned())
        };
        assert!(!kept.contains(&id), "the ledger would turn it on: {kept}");
    };
    one_behind_which_the_browser_shows_its_own_page: alone => |_kind| {
        let mut own = beside(&["harmless", "adds-a-header"]);
        let (said, shown) = tested_anyway(&mut own, "bare.test", |r| {
            let broken = r.header("x-added").is_some();
            if broken { Answer::new(502, "Bad Gateway") } else { Answer::fine("All is well") }
        });
        assert!(said.contains("Adds a header 1.0"), "{said}");
        assert_eq!(shown.verdict(), ("yours", "extension"), "{shown:?}");
    };
    one_that_a_policy_keeps_on_is_named_and_left_alone: alone => |_kind| {
        let launch = Launch::new(Kind::Chromium).granted("management").beside(other("adds-a-header"));
        let launch = match launch.forced(other("bystander")) {
            Ok(launch) => launch,
            Err(why) => {
                // Past the capture of the test: nobody shall take it for played.
                let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("\nNOT RUN: {why}\n").as_bytes());
                return;
            }
        };
        let mut own = start(launch);
        wait_for("the policy's extension", || {
            let find = "return (await api.management.getAll()).some(e => e.name === 'Bystander' && e.enabled && !e.mayDisable)";
            if own.browser.try_api(find, &[])? == true { Ok(()) } else { Err("not yet".to_owned()) }
        });
        // The one that may be turned off breaks the page.
        let (said, shown) = tested_anyway(&mut own, "firm.test", |r| broken_if(r.header("x-added").is_some()));
        assert!(said.contains("Adds a header 1.0"), "{said}");
        assert_eq!(shown.verdict(), ("yours", "extension"), "{shown:?}");
        // Something else does: it may be the other one.
        let (said, _) = tested_anyway(&mut own, "firmer.test", |_| broken_if(true));
        assert!(said.contains("can't be turned off here: Bystander"), "{said}");
        assert!(!said.contains("not an extension"), "{said}");
    };
    nobody_is_blamed_for_a_site_that_is_down: alone => |_kind| {
        let mut own = beside(&["harmless", "bystander"]);
        let (said, shown) = tested_anyway(&mut own, "down.test", |_| broken_if(true));
        assert!(said.contains("not an extension"), "{said}");
        assert_eq!(shown.side, "site", "{shown:?}");
    };
    the_answer_to_a_form_is_not_tested: alone => |_kind| {
        let mut own = beside(&["adds-a-header"]);
        own.name("form.test");
        let form = "<!doctype html><html lang=en><title>Order</title><form method=post action=/send><button name=order>Order</button></form>";
        let origin = Origin::start(move |r| match (r.method.as_str(), r.target.as_str()) {
            ("GET", "/") => Answer::new(200, "OK").html(form),
            _ => broken_if(r.method == "POST"),
        });
        own.browser.visit(&origin.url("form.test", "/"));
        own.browser.arrive(&origin.url("form.test", "/"));
        // By a real click: Chromium's way back leaves out pages that nobody has touched.
        own.browser.click("button");
        let shown = own.browser.verdict();
        let failed = own.browser.tab();
        own.browser.close_popup();
        own.browser.open_tab();
        own.browser.visit(&format!("{}extension/details.html#{}", own.browser.extension_origin(), shown.case));
        let said = wait_for_sheet(&own.browser, "idle");
        assert!(said.contains("send the form again"), "{said}");
        own.browser.click("[data-do=off-before]");
        own.browser.show(&failed);
        wait_for("the page before the form was sent", || {
            let here = own.browser.try_run("return location.pathname", &[])?;
            if here == "/" { Ok(()) } else { Err(here.to_string()) }
        });
        assert_eq!(origin.requests().iter().filter(|r| r.method == "POST").count(), 1);
    };
    cancel_or_a_closed_popup_puts_everything_back: alone => |_kind| {
        let mut own = beside(&["adds-a-header", "bystander"]);
        own.name("slow.test");
        let before = states(&own.browser);
        for way in ["cancel", "close"] {
            let gate = Gate::shut();
            let begun = Arc::new(AtomicBool::new(false));
            let (held, hangs) = (gate.clone(), Arc::clone(&begun));
            // Once begun, the page hangs: the test stands still with everything off.
            let origin = Origin::start(move |r| {
                let answer = broken_if(r.header("x-added").is_some());
                if hangs.load(Ordering::SeqCst) && r.target == "/page" { answer.behind(&held) } else { answer }
            });
            let _ = own.verdict_on(&origin.url("slow.test", "/page"));
            own.browser.click_in_popup("[data-do=off]");
            wait_for_panel(&own.browser, "offered");
            begun.store(true, Ordering::SeqCst);
            own.browser.click_in_popup("[data-do=off-begin]");
            // In one look, so that nothing can come in between.
            wait_for("everything to be off, and the badge to say so", || {
                let look = "const off = (await api.management.getAll()).filter(e => !e.enabled).length;
                    return [off, await api.action.getBadgeText({})]";
                let now = own.browser.try_api(look, &[])?;
                let panel = || own.browser.in_popup("document.querySelector('[data-test]')?.innerText");
                if now == serde_json::json!([2, "off"]) { Ok(()) } else { Err(format!("{now}, {:?}", panel())) }
            });
            wait_for_panel(&own.browser, "running");
            if way == "cancel" {
                own.browser.click_in_popup("[data-do=off-cancel]");
                wait_for_panel(&own.browser, "ended");
            } else {
                own.browser.close_popup();
            }
            wait_for(&format!("everything to be on after {way}"), || {
                let now = states(&own.browser);
                if now == before { Ok(()) } else { Err(format!("{now:?}")) }
            });
            gate.open();
        }
    };
}
