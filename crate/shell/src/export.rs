//! The report of a case in every form that it can leave the browser in.

use faultline_core::case::Case;
use faultline_core::letter::Format;
use faultline_core::redact::Include;
use faultline_core::report::Report;
use faultline_core::words::Speaker;
use wasm_bindgen::JsValue;

use crate::{Inner, chrome, speak, store};

impl Inner {
    /// An object of texts by the names of the forms, and `removed`.
    pub(crate) fn export(&self, case: &Case, include: Include, translated: bool) -> Result<JsValue, JsValue> {
        let english = self.english.borrow();
        let native = speak::Translated(&english);
        let speaker: &dyn Speaker = if translated { &native } else { &*english };
        let report = Report::with(case, &self.maker, speaker, include);
        let mut fields: Vec<(&str, JsValue)> =
            Format::ALL.iter().map(|format| (format.as_str(), format.write(&report, speaker).into())).collect();
        fields.push(("json", json(&report)?));
        fields.push(("removed", store::to_js(&report.page.removed)?));
        Ok(chrome::object(&fields))
    }
}

/// The report as people read JSON.
pub(crate) fn json(report: &Report) -> Result<JsValue, JsValue> {
    Ok(js_sys::JSON::stringify_with_replacer_and_space(&store::to_js(report)?, &JsValue::NULL, &2.into())?.into())
}
