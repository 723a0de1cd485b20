//! The form of a rule file. `crate/rules/README.md` explains it to people.

use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub id: Spanned<String>,
    pub name: String,
    pub vendor: String,
    pub role: Spanned<String>,
    pub side: Spanned<String>,
    pub place: Spanned<String>,
    pub docs: Spanned<String>,
    #[serde(default)]
    pub limits: Vec<f64>,
    #[serde(default)]
    pub vendor_headers: Vec<String>,
    #[serde(default)]
    pub yields_to: Vec<Spanned<String>>,
    #[serde(default)]
    pub sign: Vec<Spanned<Sign>>,
    #[serde(default)]
    pub meaning: Vec<Spanned<Meaning>>,
    #[serde(default)]
    pub reference: Vec<Spanned<Extract>>,
    #[serde(default)]
    pub version: Vec<Spanned<Extract>>,
    #[serde(default)]
    pub host: Vec<Spanned<Extract>>,
}

/// One text, or several of which one is enough.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Texts {
    One(String),
    Some(Vec<String>),
}

impl Texts {
    pub fn list(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Some(texts) => texts,
        }
    }
}

/// `502`, `"5xx"`, `"520-526"`, or a list of these.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Status {
    Code(u16),
    Range(String),
    Some(Vec<Status>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    pub id: Option<String>,
    pub class: String,
    #[serde(rename = "where")]
    pub place: Option<String>,
    pub has: Option<Texts>,
    pub is: Option<Texts>,
    pub prefix: Option<Texts>,
    pub suffix: Option<Texts>,
    pub like: Option<Texts>,
    pub present: Option<bool>,
    #[serde(default)]
    pub and: Vec<Condition>,
    pub status: Option<Status>,
    #[serde(default)]
    pub empty: bool,
    #[serde(default)]
    pub weak: bool,
    #[serde(default)]
    pub long_page: bool,
}

impl Sign {
    /// The sign's own condition, if it has one.
    pub fn own(&self) -> Option<Condition> {
        let place = self.place.clone()?;
        let (has, is, prefix) = (self.has.clone(), self.is.clone(), self.prefix.clone());
        Some(Condition { place, has, is, prefix, suffix: self.suffix.clone(), like: self.like.clone(), present: self.present })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    #[serde(rename = "where")]
    pub place: String,
    pub has: Option<Texts>,
    pub is: Option<Texts>,
    pub prefix: Option<Texts>,
    pub suffix: Option<Texts>,
    pub like: Option<Texts>,
    pub present: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    pub status: Option<Status>,
    pub sign: Option<Texts>,
    pub has: Option<Texts>,
    #[serde(default)]
    pub any: Vec<Condition>,
    pub reason: Option<Texts>,
    pub min_ms: Option<u32>,
    pub max_ms: Option<u32>,
    pub kind: String,
    pub side: Option<String>,
    pub place: Option<String>,
    pub confidence: f32,
    pub retry_after: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extract {
    pub kind: Option<String>,
    pub header: Option<String>,
    #[serde(rename = "where")]
    pub place: Option<String>,
    pub after: Option<String>,
    #[serde(default)]
    pub prefix: String,
    pub chars: Option<String>,
    pub min: Option<u8>,
    pub max: Option<u8>,
}
