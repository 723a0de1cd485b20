//! The report, as somebody outside reads it: from its text alone, without the types that wrote it.

use serde_json::Value;

/// One report of the schema `faultline.report/1`.
#[derive(Debug, Clone, PartialEq)]
pub struct Report(pub Value);

impl Report {
    /// From the text of `#report-json`.
    ///
    /// # Errors
    /// When it is not JSON or not of this schema.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|e| format!("{e} in {text:?}"))?;
        match value["schema"].as_str() {
            Some("faultline.report/1") => Ok(Self(value)),
            other => Err(format!("schema {other:?}")),
        }
    }

    /// The text at a JSON pointer, such as `/verdict/side`; empty where there is none.
    #[must_use]
    pub fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The number at a JSON pointer.
    #[must_use]
    pub fn number(&self, pointer: &str) -> Option<f64> {
        self.0.pointer(pointer).and_then(Value::as_f64)
    }

    /// How the check `id` ended; empty where it was not made.
    #[must_use]
    pub fn outcome(&self, id: &str) -> &str {
        let checks = self.0["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
        checks.iter().find(|c| c["id"] == id).and_then(|c| c["outcome"].as_str()).unwrap_or_default()
    }

    /// Values of the identifiers of one kind.
    #[must_use]
    pub fn references(&self, kind: &str) -> Vec<&str> {
        let all = self.0["references"].as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|r| r["kind"] == kind).filter_map(|r| r["value"].as_str()).collect()
    }
}
