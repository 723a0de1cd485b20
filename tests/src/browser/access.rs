//! What people need who cannot see well or use no mouse: axe-core over a page, keys, a narrow window.

use serde_json::{Value, json};

use super::{Browser, Engine};
use crate::wait::wait_for;

/// The rules of WCAG 2.2 A and AA, and what axe-core itself calls good practice.
const RULES: &str = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";

/// Where the set-up keeps axe-core. Its version stands in one place, with those of the other tools.
///
/// # Panics
/// When the set-up has not been made.
fn axe() -> String {
    let tools = include_str!("../../../xtask/src/setup/tools.rs");
    let version = tools.split_once("AXE: &str = \"").and_then(|(_, rest)| rest.split_once('"')).map_or("", |(v, _)| v);
    let home = || std::env::var_os("HOME").map(|home| std::path::PathBuf::from(home).join(".cache"));
    let caches = std::env::var_os("XDG_CACHE_HOME").map(std::path::PathBuf::from).filter(|p| p.is_absolute()).or_else(home);
    let file =
        caches.unwrap_or_default().join(format!("faultline/tools/axe-core-{version}/lib/node_modules/axe-core/axe.min.js"));
    std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}; `cargo xtask setup test` fetches it", file.display()))
}

/// Begins a run over the elements `within`, and leaves what it finds on the root element, since the page of the next question may not know this one's variables.
fn begin(axe: &str, within: &str) -> String {
    format!(
        "(() => {{ delete document.documentElement.dataset.axe; {axe};
          (window.axe ?? globalThis.axe).run({within}, {{ runOnly: {RULES}, resultTypes: ['violations'] }}).then(
            result => [
              // Who has seen no text has seen nothing, and is no witness.
              ...([...result.passes, ...result.violations].some(v => v.id === 'color-contrast') ? [] : ['axe-core saw no text']),
              ...result.violations.map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.html + ' ' + n.any.map(c => c.message).join(' ')).join(' | ')),
            ],
            error => ['axe-core failed: ' + error],
          ).then(found => {{ document.documentElement.dataset.axe = JSON.stringify(found) }});
          return true }})()"
    )
}

const FOUND: &str = "document.documentElement.dataset.axe ?? null";

impl Browser {
    /// What axe-core finds wrong with the current page.
    ///
    /// # Panics
    /// When it does not come to an end.
    #[must_use]
    #[track_caller]
    pub fn barriers(&self) -> Vec<String> {
        self.run(&format!("return {}", begin(&axe(), "document")), &[]);
        found(|| self.try_run(&format!("return {FOUND}"), &[]))
    }

    /// What axe-core finds wrong with the open popup.
    ///
    /// # Panics
    /// When there is no popup, or it does not come to an end.
    #[must_use]
    #[track_caller]
    pub fn barriers_in_popup(&self) -> Vec<String> {
        self.in_popup(&begin(&axe(), "document")).unwrap_or_else(|e| panic!("{e}"));
        found(|| self.in_popup(FOUND))
    }

    /// What axe-core finds wrong with the card in the current page.
    ///
    /// # Panics
    /// When there is no card, or it does not come to an end.
    #[must_use]
    #[track_caller]
    pub fn barriers_in_card(&self) -> Vec<String> {
        // axe-core goes into a shadow root by its host's property, which a closed one has not got, and weighs colours within the body
        // alone, beside which the card stands.
        let open = "(r => (Object.defineProperty(r.host, 'shadowRoot', { value: r, configurable: true }), document.body.append(r.host)))(root.getRootNode())";
        let run = begin(&axe(), "root.parentNode");
        let begun = self.in_card(&format!("({open}, {run})")).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(begun, true, "axe-core in the card");
        found(|| self.try_run(&format!("return {FOUND}"), &[]))
    }

    /// Clicks a place of the current page, in pixels from its upper left corner, as a hand does.
    ///
    /// # Panics
    /// When the browser does not take it.
    #[track_caller]
    pub fn click_at(&self, x: f64, y: f64) {
        let pointer = json!([
            { "type": "pointerMove", "origin": "viewport", "x": x.round() as i64, "y": y.round() as i64 },
            { "type": "pointerDown", "button": 0 },
            { "type": "pointerUp", "button": 0 },
        ]);
        let actions = json!({ "actions": [{ "type": "pointer", "id": "mouse", "actions": pointer }] });
        self.session().post("/actions", &actions).unwrap_or_else(|e| panic!("{e}"));
    }

    /// Presses a key in the current page: a character, or WebDriver's code of it.
    ///
    /// # Panics
    /// When the browser does not take it.
    #[track_caller]
    pub fn press_key(&self, key: &str) {
        let keys = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": keys }] });
        self.session().post("/actions", &actions).unwrap_or_else(|e| panic!("{e}"));
    }
}

/// What a system tells the browser of somebody who sees badly, or cannot bear what moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Few colours, all of them the system's (`forced-colors: active`).
    FewColours,
    /// Nothing that moves (`prefers-reduced-motion: reduce`).
    Stillness,
}

impl Browser {
    /// The system has this wish from now on, in the current tab at least.
    ///
    /// # Panics
    /// When the browser does not take it.
    #[track_caller]
    pub fn respect(&self, wish: Wish) {
        let told = match (&self.engine, wish) {
            (Engine::Chromium(_), _) => {
                let (name, value) =
                    if wish == Wish::FewColours { ("forced-colors", "active") } else { ("prefers-reduced-motion", "reduce") };
                let params = json!({ "features": [{ "name": name, "value": value }] });
                let command = json!({ "cmd": "Emulation.setEmulatedMedia", "params": params });
                self.session().post("/goog/cdp/execute", &command).map(drop)
            }
            (Engine::Firefox(f), Wish::FewColours) => f.set_pref("browser.display.document_color_use", 2),
            (Engine::Firefox(f), Wish::Stillness) => f.set_pref("ui.prefersReducedMotion", 1),
        };
        told.unwrap_or_else(|e| panic!("{e}"));
    }

    /// Presses Tab or Enter in the popup, which has the keyboard.
    ///
    /// # Panics
    /// When there is no popup.
    #[track_caller]
    pub fn press_key_in_popup(&self, key: &str) {
        let code = if key == "Enter" { 13 } else { 9 };
        let pressed = match &self.engine {
            Engine::Chromium(c) => c.press_key_in_popup(key, code),
            Engine::Firefox(f) => f.press_key_in_popup(key, code),
        };
        pressed.unwrap_or_else(|e| panic!("{e}"));
    }
}

#[track_caller]
fn found(look: impl Fn() -> Result<Value, String>) -> Vec<String> {
    wait_for("the end of axe-core", || {
        let text = look()?;
        let text = text.as_str().ok_or("it still looks")?;
        serde_json::from_str(text).map_err(|e| e.to_string())
    })
}
