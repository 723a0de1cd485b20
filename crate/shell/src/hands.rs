//! What Rust cannot do itself: the functions that `background.js` hands over.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// The object `hands` of `background.js`.
    pub type Hands;

    #[wasm_bindgen(catch, method, js_name = read)]
    fn read_raw(this: &Hands, tab: i32, document: Option<&str>, whole: bool) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, method, js_name = ask)]
    fn ask_raw(this: &Hands, tab: i32, document: Option<&str>, url: &str, cookies: bool, cap: u32) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, method, js_name = card)]
    fn card_raw(this: &Hands, tab: i32, document: Option<&str>) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, method, js_name = busy)]
    fn busy_raw(this: &Hands, busy: bool) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, method, js_name = tabs)]
    fn tabs_raw(this: &Hands, tabs: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, method, js_name = taken)]
    fn taken_raw(this: &Hands) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, method, js_name = repaint)]
    fn repaint_raw(this: &Hands) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, method, js_name = popups)]
    fn popups_raw(this: &Hands) -> Result<u32, JsValue>;
    #[wasm_bindgen(catch, method, js_name = watched)]
    fn watched_raw(this: &Hands) -> Result<bool, JsValue>;
    #[wasm_bindgen(catch, method, js_name = withdraw)]
    fn withdraw_raw(this: &Hands, tab: i32) -> Result<(), JsValue>;
}

impl Hands {
    /// Reads the document; rejected where no script may enter.
    pub(crate) async fn read(&self, tab: i32, document: Option<&str>, whole: bool) -> Result<JsValue, JsValue> {
        JsFuture::from(self.read_raw(tab, document, whole)?).await
    }

    /// Asks from within the page.
    pub(crate) async fn ask(
        &self,
        tab: i32,
        document: Option<&str>,
        url: &str,
        cookies: bool,
        cap: u32,
    ) -> Result<JsValue, JsValue> {
        JsFuture::from(self.ask_raw(tab, document, url, cookies, cap)?).await
    }

    /// Puts the card into the page.
    pub(crate) async fn card(&self, tab: i32, document: Option<&str>) -> Result<JsValue, JsValue> {
        JsFuture::from(self.card_raw(tab, document)?).await
    }

    /// Keeps the background awake while something is asked.
    pub(crate) fn busy(&self, busy: bool) -> Result<(), JsValue> {
        self.busy_raw(busy)
    }

    /// Tells the listeners which tabs are worth waking the WebAssembly for.
    pub(crate) fn tabs(&self, tabs: &JsValue) -> Result<(), JsValue> {
        self.tabs_raw(tabs)
    }

    /// Tells that the oldest event need not be handed over again.
    #[inline(never)]
    pub(crate) fn taken(&self) {
        // It counts, and cannot fail.
        let _ = self.taken_raw();
    }

    /// Brings everything that shows a case up to date.
    pub(crate) fn repaint(&self) -> Result<(), JsValue> {
        self.repaint_raw()
    }

    /// How many popups have opened so far.
    pub(crate) fn popups(&self) -> u32 {
        self.popups_raw().unwrap_or(0)
    }

    /// Whether a popup or a details page is open.
    pub(crate) fn watched(&self) -> bool {
        self.watched_raw().unwrap_or(false)
    }

    /// Closes what shows the case of `tab`.
    pub(crate) fn withdraw(&self, tab: i32) -> Result<(), JsValue> {
        self.withdraw_raw(tab)
    }
}
