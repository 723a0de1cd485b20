//! The core in WebAssembly, for `node/run.cjs`: pages go in once, and each is then read as often as wanted without crossing the
//! border between JavaScript and WebAssembly.

#[cfg(target_arch = "wasm32")]
mod exports {
    use faultline_core::fingerprint;
    use faultline_core::page::{Header, Page};
    use wasm_bindgen::prelude::wasm_bindgen;

    /// Pages to be read.
    #[wasm_bindgen]
    #[derive(Default)]
    pub struct Pages(Vec<Page>);

    #[wasm_bindgen]
    impl Pages {
        /// No pages.
        #[wasm_bindgen(constructor)]
        pub fn new() -> Self {
            Self::default()
        }

        /// One more page; `header` has a field on each line.
        pub fn add(&mut self, status: u16, reason: &str, header: &str, body: &str) {
            let headers = header.lines().filter_map(|l| l.split_once(": ")).map(|(n, v)| Header::new(n, v)).collect();
            let reason = (!reason.is_empty()).then(|| reason.to_owned());
            self.0.push(Page { status, reason, headers: Some(headers), body: Some(body.to_owned()), ..Page::default() });
        }

        /// Reads every page `times` times; how many readings named a producer.
        pub fn read(&self, times: u32) -> u32 {
            let named = |page: &Page| u32::from(fingerprint::read(page).producer.is_some());
            (0..times).map(|_| self.0.iter().map(named).sum::<u32>()).sum()
        }
    }
}
