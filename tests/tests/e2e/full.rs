//! The browser gives no more room: what it keeps for us is really full, to the last hundred bytes.

use faultline_tests::browser::Launch;
use faultline_tests::servers::Origin;
use faultline_tests::stage::fixture;
use faultline_tests::wait::wait_for;
use serde_json::{Value, json};

use crate::pages::{press, wait_until, words};
use crate::scene::Scene;

/// Fills an area until it takes not even a hundred bytes more, and gives how often it has refused.
const FILL: &str = "let refused = 0;
    for (let size = 1 << 20, n = 0; size >= 100;) {
      const refusal = await api.storage[arguments[0]].set({ [`ballast${n++}`]: 'x'.repeat(size) }).then(() => '', String);
      if (refusal) { refused += 1; size /= 2 }
      if (n > 60) break;
    }
    return refused";

/// What is written now is refused.
const REFUSES: &str = "return await api.storage[arguments[0]].set({ ballast: 'x'.repeat(200) }).then(() => false, () => true)";

scenarios! {
    a_session_storage_without_room_for_a_case: alone => |kind| {
        let mut scene = Scene::start(Launch::new(kind));
        scene.browser.keep_background();
        fill(&scene, "session");
        for host in ["full.test", "still-full.test"] {
            fails(&mut scene, host);
        }
        assert_eq!(scene.browser.api(REFUSES, &[json!("session")]), true, "there was room");
        // What could not be saved goes with its background, and nothing is stuck.
        scene.browser.visit("about:blank");
        scene.browser.stop_background();
        fails(&mut scene, "next.test");
    };
}

// Firefox takes as much as the disk holds.
scenarios! { chromium:
    a_local_storage_without_room_for_a_setting: alone => |kind| {
        let mut scene = Scene::start(Launch::new(kind));
        fill(&scene, "local");
        fails(&mut scene, "unkept.test");
        let browser = &scene.browser;
        browser.open_page("options.html");
        wait_until(browser, "document.querySelector('[value=popup]').checked");
        // Each name makes what is written longer.
        browser.run(
            "const never = document.getElementById('never');
             never.value = Array.from({ length: 40 }, (_, n) => `never-${n}.test`).join('\\n');
             never.dispatchEvent(new Event('change', { bubbles: true }))",
            &[],
        );
        let said = words("en")["options_not_saved"]["message"].clone();
        wait_until(browser, &format!("document.querySelector('[data-note]').textContent === {said}"));
        // Everything that is kept can be thrown away, and then there is room.
        press(browser, ".fl-ask summary");
        press(browser, "#delete");
        wait_for("room", || {
            let left = browser.try_api("return Object.keys(await api.storage.local.get())", &[])?;
            if left == json!([]) { Ok(()) } else { Err(left.to_string()) }
        });
    };
}

#[track_caller]
fn fill(scene: &Scene, area: &str) {
    let refused = scene.browser.api(FILL, &[json!(area)]);
    assert!(refused.as_u64() > Some(10), "{area} has no end: {refused}");
    assert_eq!(scene.browser.api(REFUSES, &[json!(area)]), Value::from(true), "{area} has room");
}

fn fails(scene: &mut Scene, host: &str) {
    scene.name(host);
    let origin = Origin::start(|_| fixture("nginx/502-refused"));
    let shown = scene.verdict_on(&origin.url(host, "/page"));
    assert_eq!((shown.status.as_str(), shown.side.as_str()), ("502", "site"), "{shown:?}");
    scene.browser.close_popup();
}
