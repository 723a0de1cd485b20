//! What a visitor does with what is on screen.

use faultline_tests::browser::Launch;
use faultline_tests::servers::{Answer, Fault, Gate, Origin, Product, Site, Upstream};
use faultline_tests::stage::fixture;
use faultline_tests::wait::wait_for;
use serde_json::json;

use crate::scene::Scene;

/// The popup's buttons.
const COPY: &str = "[data-do=copy]";
const AGAIN: &str = "[data-do=again]";
const DETAILS: &str = "[data-do=details]";

scenarios! {
    one_click_copies_the_report => |scene| {
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = scene.gateway(Product::Nginx, Site::new("copy.test", nowhere.port()));
        let shown = scene.verdict_on(&gateway.url("copy.test", "/cart?session=s3cr3t#top"));
        assert_eq!(shown.side, "site", "{shown:?}");
        scene.browser.click_in_popup(COPY);
        let text = wait_for("the report on the clipboard", || {
            let text = scene.browser.clipboard();
            if text.contains("copy.test") { Ok(text) } else { Err(text) }
        });
        for part in ["502", "nginx", "/cart"] {
            assert!(text.contains(part), "no {part} in {text}");
        }
        assert!(!text.contains("s3cr3t"), "the query's value was copied: {text}");
    };
    check_again_sees_that_it_works_again => |scene| {
        let site = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let mended = std::sync::Arc::clone(&site);
        let upstream = Upstream::from(Origin::start(move |_| {
            if mended.load(std::sync::atomic::Ordering::SeqCst) { Answer::fine("All is well") } else { Answer::hang_up() }
        }));
        let gateway = scene.gateway(Product::Nginx, Site::new("mended.test", upstream.port()));
        scene.browser.visit(&gateway.url("mended.test", "/page"));
        assert_eq!(scene.browser.verdict().side, "site");
        site.store(true, std::sync::atomic::Ordering::SeqCst);
        scene.browser.click_in_popup(AGAIN);
        wait_for("the other verdict", || {
            let shown = scene.browser.popup()?;
            if shown.state == "done" && shown.side == "passed" { Ok(()) } else { Err(format!("{shown:?}")) }
        });
    };
    reload_with_the_popup_open => |scene| {
        let upstream = Upstream::with(Fault::Closes);
        let gateway = scene.gateway(Product::Nginx, Site::new("reload.test", upstream.port()));
        scene.browser.visit(&gateway.url("reload.test", "/page"));
        let first = scene.browser.verdict();
        let before = upstream.origin().map_or(0, |o| o.hits("/page"));
        scene.browser.reload();
        wait_for("the second visit", || {
            let now = upstream.origin().map_or(0, |o| o.hits("/page"));
            if now > before { Ok(()) } else { Err(format!("{now} requests")) }
        });
        // One of the two says it: a popup that is just closing can keep the next from opening.
        let again = wait_for("the verdict on the second visit", || {
            let shown = scene.browser.popup().or_else(|_| scene.browser.card())?;
            if shown.state == "done" { Ok(shown) } else { Err(format!("{shown:?}")) }
        });
        assert_eq!((again.case.as_str(), again.side.as_str()), (first.case.as_str(), "site"), "{again:?}");
    };
    the_whole_report_is_one_click_away => |scene| {
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = scene.gateway(Product::Nginx, Site::new("whole.test", nowhere.port()));
        scene.browser.visit(&gateway.url("whole.test", "/page"));
        let shown = scene.browser.verdict();
        scene.browser.click_in_popup(DETAILS);
        let details = format!("{}extension/details.html#{}", scene.browser.extension_origin(), shown.case);
        wait_for("the details page in front", || {
            let front = scene.browser.try_api("return (await api.tabs.query({ active: true })).map(t => t.url)", &[])?;
            if front[0] == details.as_str() { Ok(()) } else { Err(front.to_string()) }
        });
        let report = scene.browser.report(&shown.case);
        assert_eq!(report.text("/verdict/side"), shown.side);
    };
    a_card_for_those_who_like_no_popup => |scene| {
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = scene.gateway(Product::Nginx, Site::new("card.test", nowhere.port()));
        scene.set("show", json!("card"));
        scene.browser.visit(&gateway.url("card.test", "/page"));
        let card = wait_for("the card with a verdict", || {
            let card = scene.browser.card()?;
            if card.state == "done" { Ok(card) } else { Err(format!("{card:?}")) }
        });
        assert_eq!((card.producer.as_str(), card.side.as_str()), ("nginx", "site"), "{card:?}");
        assert!(!scene.browser.popup_is_open(), "a popup that nobody wanted");
        let visible = scene.browser.run("return [...document.querySelectorAll('*')].some(e => e.shadowRoot)", &[]);
        assert_eq!(visible, false, "the page can look into the card");
    };
    a_card_on_a_page_that_never_ends => |scene| {
        scene.set("show", json!("card"));
        scene.name("half.test");
        let gate = Gate::shut();
        let end = gate.clone();
        let origin = Origin::start(move |r| match r.target.as_str() {
            "/page" => Answer::new(502, "Bad Gateway").html(&"<h1>502 Bad Gateway</h1>".repeat(100)).second_half_behind(&end),
            _ => fixture("nginx/502-refused"),
        });
        scene.browser.visit(&origin.url("half.test", "/page"));
        wait_for("the card", || scene.browser.card());
        gate.open();
    };
    a_card_where_the_popup_may_not_open => |scene| {
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = scene.gateway(Product::Nginx, Site::new("refused.test", nowhere.port()));
        scene.browser.refuse_popups(|| {
            scene.browser.visit(&gateway.url("refused.test", "/page"));
            let card = wait_for("the card with a verdict", || {
                let card = scene.browser.card()?;
                if card.state == "done" { Ok(card) } else { Err(format!("{card:?}")) }
            });
            assert_eq!((card.producer.as_str(), card.side.as_str()), ("nginx", "site"), "{card:?}");
            assert!(!scene.browser.popup_is_open());
        });
    };
    only_a_badge => |scene| {
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = scene.gateway(Product::Nginx, Site::new("badge.test", nowhere.port()));
        scene.set("show", json!("badge"));
        let url = gateway.url("badge.test", "/page");
        scene.browser.visit(&url);
        wait_for("the badge", || match scene.browser.try_badge(&url)? {
            badge if badge.is_empty() => Err("no badge".to_owned()),
            _ => Ok(()),
        });
        assert!(!scene.browser.popup_is_open(), "a popup that nobody wanted");
        assert!(scene.browser.card().is_err(), "a card that nobody wanted");
        scene.browser.press_button();
        assert_eq!(scene.browser.verdict().side, "site");
    };
}

scenarios! { firefox:
    who_may_not_see_pages_says_so_and_asks_for_it: alone => |kind| {
        // The browser's own question, answered with yes.
        let mut own = Scene::start(Launch::new(kind).pref("extensions.webextOptionalPermissionPrompts", false));
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = own.gateway(Product::Nginx, Site::new("unseen.test", nowhere.port()));
        let everywhere = [json!({ "origins": ["<all_urls>"] })];
        own.browser.api("await api.permissions.remove(arguments[0])", &everywhere);
        own.browser.visit("about:blank");
        own.browser.press_button();
        let title = || own.browser.in_popup("document.querySelector('main:not([hidden]) h1')?.textContent ?? ''");
        wait_for("the popup to say that it sees nothing", || match title()? {
            said if said == "Faultline may not see this page." => Ok(()),
            said => Err(said.to_string()),
        });
        own.browser.click_in_popup("#access");
        wait_for("the access to be given", || match own.browser.try_api("return api.permissions.contains(arguments[0])", &everywhere)? {
            given if given == true => Ok(()),
            given => Err(given.to_string()),
        });
        own.browser.close_popup();
        let shown = own.verdict_on(&gateway.url("unseen.test", "/other"));
        assert_eq!((shown.producer.as_str(), shown.side.as_str()), ("nginx", "site"), "{shown:?}");
    };
}
