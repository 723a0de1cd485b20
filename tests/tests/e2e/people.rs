//! People who see, type and read otherwise than whoever wrote this: without a mouse, with few colours, with large letters, in their own language;
//! and what they take away with them.

use faultline_tests::browser::{Browser, Launch, Wish};
use faultline_tests::process::Scratch;
use faultline_tests::servers::{Answer, Fault, Gateway, Origin, Product, Site, Upstream};
use faultline_tests::stage::{fixture, online};
use faultline_tests::wait::wait_for;
use serde_json::json;

use crate::pages::{press, wait_until, words};
use crate::scene::Scene;

/// What has the keyboard in the popup, and how that is shown.
const HERE: &str = "(e => [e.dataset?.do ?? e.localName, getComputedStyle(e).outlineStyle])(document.activeElement)";

/// A site whose application refuses, with the verdict in its popup.
fn failed(scene: &mut Scene, host: &str) -> (Upstream, Gateway) {
    let nowhere = Upstream::with(Fault::Refuses);
    let gateway = scene.gateway(Product::Nginx, Site::new(host, nowhere.port()));
    let shown = scene.verdict_on(&gateway.url(host, "/cart"));
    assert_eq!(shown.verdict(), ("site", "app"), "{shown:?}");
    (nowhere, gateway)
}

/// Waits for a tab whose address, there or on the way, begins so.
#[track_caller]
pub(crate) fn wait_for_tab(browser: &Browser, start: &str) {
    wait_for(&format!("a tab at {start}"), || {
        let tabs = browser.try_api("return (await api.tabs.query({})).flatMap(t => [t.url, t.pendingUrl, t.title])", &[])?;
        let there = tabs.as_array().is_some_and(|all| all.iter().filter_map(|t| t.as_str()).any(|t| t.starts_with(start)));
        if there { Ok(()) } else { Err(tabs.to_string()) }
    });
}

scenarios! {
    the_popup_is_used_without_a_mouse => |scene| {
        let _site = failed(scene, "tab.test");
        let browser = &scene.browser;
        let all = browser.in_popup("[...document.querySelectorAll('button:not(:disabled), summary')].filter(e => e.checkVisibility()).map(e => e.dataset.do ?? e.localName)").unwrap();
        let expected: Vec<_> = all.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect();
        assert_eq!(expected.first().map(String::as_str), Some("copy"), "what most people want comes first: {expected:?}");
        assert!(expected.len() >= 6, "{expected:?}");
        for wanted in &expected {
            browser.press_key_in_popup("Tab");
            wait_for(&format!("the keyboard on {wanted}"), || {
                let here = browser.in_popup(HERE)?;
                if here[0] == wanted.as_str() && here[1] != "none" { Ok(()) } else { Err(here.to_string()) }
            });
        }
        browser.in_popup("document.querySelector('[data-do=copy]').focus()").unwrap();
        browser.press_key_in_popup("Enter");
        wait_for("the report on the clipboard", || {
            let text = browser.clipboard();
            if text.contains("tab.test") { Ok(()) } else { Err(text) }
        });
        wait_for("the word that it is copied", || {
            let note = browser.in_popup("document.querySelector('[data-note]').textContent")?;
            if note == words("en")["copied"]["message"] { Ok(()) } else { Err(note.to_string()) }
        });
    };
    the_popup_says_its_verdict_in_german: alone => |kind| {
        let mut scene = Scene::start(Launch::new(kind).language("de"));
        let _site = failed(&mut scene, "sprache.test");
        let words = words("de");
        let said = scene.browser.popup().unwrap().text;
        for key in ["verdict_site_app", "action_copy", "hop_state_failed"] {
            let word = words[key]["message"].as_str().unwrap().replace("$1", "sprache.test");
            assert!(said.contains(&word), "`{word}` is not in {said}");
        }
        // Long words take many lines; the verdict, the way and the report are there at a glance all the same.
        wait_for("the report's button without scrolling", || {
            let edges = scene.browser.in_popup("[document.querySelector('[data-do=copy]').getBoundingClientRect().bottom, innerHeight, scrollY]")?;
            let [button, window, scrolled] = [0, 1, 2].map(|n| edges[n].as_f64().unwrap_or(f64::MAX));
            if button <= window && scrolled == 0.0 { Ok(()) } else { Err(edges.to_string()) }
        });
    };
    the_popup_has_room_for_letters_twice_as_large => |scene| {
        let _site = failed(scene, "large.test");
        // Open, it is higher than a popup may be: beside the bar nothing is cut off.
        scene.browser.in_popup("document.querySelector('summary').click()").unwrap();
        wait_for("nothing to the side of the bar", || {
            let widths = scene.browser.in_popup("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")?;
            if widths[0] == widths[1] { Ok(()) } else { Err(widths.to_string()) }
        });
        scene.browser.in_popup("document.documentElement.style.zoom = 2").unwrap();
        wait_for("everything within its width", || {
            let widths = scene.browser.in_popup("[document.documentElement.scrollWidth, document.documentElement.clientWidth, document.querySelector('h1').clientWidth]")?;
            let [all, window] = [&widths[0], &widths[1]].map(|w| w.as_f64().unwrap_or_default());
            // At twice the size it is about twice as wide, and nothing is to the side.
            if window > 700.0 && all <= window + 1.0 { Ok(()) } else { Err(widths.to_string()) }
        });
    };
    few_colours_are_enough: alone => |kind| {
        let mut scene = Scene::start(Launch::new(kind));
        let _site = failed(&mut scene, "colours.test");
        let browser = &scene.browser;
        browser.close_popup();
        browser.respect(Wish::FewColours);
        for (page, there) in [
            ("details.html#latest", "document.querySelector('[data-state=done]')"),
            ("history.html", "document.querySelector('.fl-past')"),
            ("options.html", "document.querySelector('h1').textContent"),
            ("welcome.html", "document.querySelector('h1').textContent"),
        ] {
            browser.open_page(page);
            browser.respect(Wish::FewColours);
            wait_until(browser, there);
            wait_until(browser, "matchMedia('(forced-colors: active)').matches");
            let found = browser.barriers();
            assert!(found.is_empty(), "{page}: {}", found.join("\n"));
            if page.starts_with("details") {
                let colours = browser.run(
                    "const of = (css, what) => getComputedStyle(document.querySelector(css))[what];
                     return [of('.fl-diamond', 'fill'), of('.fl-mark-ok circle, .fl-mark circle', 'fill'), of('body', 'backgroundColor'), of('.fl-wire', 'stroke')]",
                    &[],
                );
                let [diamond, circle, paper, wire] = [0, 1, 2, 3].map(|n| colours[n].as_str().unwrap().to_owned());
                assert!(diamond != paper && circle != paper && wire != paper && diamond != circle, "{colours}");
            }
        }
    };
    nothing_moves_for_somebody_who_cannot_bear_it: alone => |kind| {
        let mut scene = Scene::start(Launch::new(kind));
        let _site = failed(&mut scene, "still.test");
        let browser = &scene.browser;
        browser.close_popup();
        for page in ["details.html#latest", "history.html", "options.html", "welcome.html"] {
            browser.open_page(page);
            browser.respect(Wish::Stillness);
            wait_until(browser, "document.querySelector('h1')?.textContent");
            wait_until(browser, "matchMedia('(prefers-reduced-motion: reduce)').matches");
            let moving = browser.run(
                "const moves = e => { const s = getComputedStyle(e); return s.transitionDuration !== '0s' || s.animationName !== 'none' || s.scrollBehavior === 'smooth' };
                 return [...document.querySelectorAll('*')].filter(moves).map(e => e.outerHTML.slice(0, 80))",
                &[],
            );
            assert_eq!(moving, json!([]), "{page}");
        }
    };
    the_history_is_taken_away_as_a_file: alone => |kind| {
        let folder = Scratch::new("downloads");
        let to = folder.path().to_str().unwrap();
        let launch = Launch::new(kind);
        let mut scene = Scene::start(match launch.kind() {
            faultline_tests::browser::Kind::Chromium => launch.pref("download.default_directory", to).pref("download.prompt_for_download", false),
            faultline_tests::browser::Kind::Firefox => launch.pref("browser.download.folderList", 2).pref("browser.download.dir", to),
        });
        let _site = failed(&mut scene, "kept.test");
        let browser = &scene.browser;
        browser.close_popup();
        browser.open_page("history.html");
        wait_until(browser, "document.querySelector('.fl-past')");
        for (button, file) in [("save-csv", "faultline.csv"), ("save-json", "faultline.json")] {
            press(browser, &format!("[data-do={button}]"));
            let text = wait_for(file, || {
                let text = std::fs::read_to_string(folder.path().join(file)).map_err(|e| e.to_string())?;
                if text.contains("kept.test") { Ok(text) } else { Err(text) }
            });
            if file.ends_with("json") {
                let kept: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                assert_eq!(kept["cases"][0]["status"], 502, "{text}");
            } else {
                assert!(text.lines().count() >= 2 && text.contains("502"), "a head and a line: {text}");
            }
        }
    };
    a_copy_in_an_archive_is_one_click_away_and_nobody_is_asked_before: alone => |kind| {
        // A proxy stands for the internet: no archive has a page of this machine.
        let internet = Origin::start(|r| match r.host() {
            "control.example" => online(),
            "shop.example" => fixture("nginx/502-refused"),
            _ => Answer::new(502, "Bad Gateway"),
        });
        let scene = Scene::start(Launch::new(kind).proxy("127.0.0.1", internet.port()));
        scene.set("control", json!([{ "url": "http://control.example/", "status": 204, "body": "" }]));
        let asked = || internet.requests().into_iter().filter(|r| r.host() == "web.archive.org").count();
        let shown = scene.verdict_on("http://shop.example/cart?session=s3cr3t#top");
        assert_eq!(shown.side, "site", "{shown:?}");
        assert_eq!(asked(), 0, "an archive was told of the page before anybody wanted that");
        scene.browser.click_in_popup("[data-do=archive]");
        wait_for("the archive", || if asked() > 0 { Ok(()) } else { Err("not asked".to_owned()) });
        wait_for_tab(&scene.browser, "https://web.archive.org/web/http://shop.example/cart");
        let tabs = scene.browser.api("return (await api.tabs.query({})).flatMap(t => [t.url, t.pendingUrl])", &[]);
        let archive: Vec<_> = tabs.as_array().unwrap().iter().filter_map(|t| t.as_str()).filter(|t| t.contains("archive")).collect();
        assert!(archive.iter().all(|t| !t.contains("s3cr3t")), "{archive:?}");
    };
    the_report_is_one_click_away_from_being_a_letter => |scene| {
        let _site = failed(scene, "letter.test");
        let browser = &scene.browser;
        browser.close_popup();
        browser.open_page("details.html#latest");
        wait_until(browser, "document.querySelector('[data-state=done]')");
        let letter = browser.run(
            "const link = document.querySelector('a[href^=\"mailto:\"]');
             const fields = new URLSearchParams(link.href.split('?')[1]);
             return [link.checkVisibility(), link.href.split('?')[0], fields.get('subject'), fields.get('body'), link.href.length]",
            &[],
        );
        let [subject, body] = [2, 3].map(|n| letter[n].as_str().unwrap_or_default());
        // Nobody to send it to: the visitor knows the site's address, or looks for it there.
        assert_eq!((letter[0].as_bool(), letter[1].as_str()), (Some(true), Some("mailto:")), "{letter}");
        assert!(subject.contains("letter.test") && subject.contains("502"), "{subject}");
        for part in ["letter.test", "nginx", "Where to look"] {
            assert!(body.contains(part), "no {part} in {body}");
        }
        assert!(letter[4].as_u64().is_some_and(|length| length <= 2_083), "some mail programs cut it: {letter}");
    };
    what_was_left_out_comes_back_by_a_click_and_goes_by_the_next: alone => |kind| {
        let mut scene = Scene::start(Launch::new(kind).language("de"));
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = scene.gateway(Product::Nginx, Site::new("preview.test", nowhere.port()));
        scene.verdict_on(&gateway.url("preview.test", "/u/jane@mail.example/cart?session=s3cr3t#top"));
        let browser = &scene.browser;
        browser.close_popup();
        browser.open_page("details.html#latest");
        wait_until(browser, "document.querySelector('[data-state=done]')");
        let shows = |part: &str, is: bool| wait_until(browser, &format!("document.getElementById('report-text').textContent.includes({part:?}) === {is}"));
        for (switch, part) in [("query", "?session=s3cr3t"), ("path", "jane@mail.example")] {
            shows(part, false);
            press(browser, &format!("[data-do='switch:{switch}']"));
            shows(part, true);
            shows("#top", false);
            press(browser, &format!("[data-do='switch:{switch}']"));
            shows(part, false);
        }
        let [english, german] = ["en", "de"].map(|language| words(language)["letter_look"]["message"].as_str().unwrap().to_owned());
        shows(&english, true);
        press(browser, "[data-do='switch:translated']");
        shows(&german, true);
        shows(&english, false);
        for (form, start) in [("markdown", "### "), ("json", "{"), ("curl", "curl ")] {
            press(browser, &format!("[data-do=copy-{form}]"));
            wait_for(form, || {
                let text = browser.clipboard();
                if text.starts_with(start) && text.contains("preview.test") && !text.contains("s3cr3t") { Ok(()) } else { Err(text) }
            });
        }
    };
    the_network_that_wants_a_log_in_is_one_click_away => |scene| {
        let hotel = Origin::start(|_| Answer::new(200, "OK").html("<!doctype html><title>Hotel</title><h1>Welcome to the hotel</h1>"));
        scene.name("hotel.test");
        let page = hotel.url("hotel.test", "/check");
        scene.set("control", json!([{ "url": page, "status": 204, "body": "" }]));
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = scene.gateway(Product::Nginx, Site::new("abroad.test", nowhere.port()));
        let shown = scene.verdict_on(&gateway.url("abroad.test", "/page"));
        assert_eq!(shown.verdict(), ("yours", "portal"), "{shown:?}");
        scene.browser.click_in_popup("[data-do=portal]");
        wait_for_tab(&scene.browser, &page);
    };
}
