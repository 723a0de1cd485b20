//! The tables of all rules, and their Rust source. `src/fingerprint/table.rs` says what each of them means.

use std::collections::BTreeSet;
use std::fmt::Write as _;

#[derive(Debug, Default)]
pub struct Tables {
    pub shift: u32,
    pub filter: Vec<u64>,
    pub before: Vec<u16>,
    pub shapes: Vec<[u8; 4]>,
    pub values: Vec<u32>,
    pub users: Vec<u16>,
    pub shared: Vec<u16>,
    pub texts: Vec<u8>,
    pub fields: Vec<u8>,
    pub field_hashes: Vec<u32>,
    pub field_starts: Vec<u16>,
    pub absent: Vec<u16>,
    pub starts: Vec<u32>,
    pub rules: Vec<u8>,
    /// What people read about each rule: vendor, docs, ids of the signs.
    pub catalogue: Vec<(String, String, Vec<String>)>,
}

impl Tables {
    /// The offset of these bytes in the pool of texts, which has each of them once.
    pub fn text(&mut self, text: &str) -> u32 {
        let known = self.texts.windows(text.len().max(1)).position(|w| w == text.as_bytes());
        let at = known.filter(|_| !text.is_empty()).unwrap_or(self.texts.len());
        if at == self.texts.len() {
            self.texts.extend(text.as_bytes());
        }
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// What stands in `users` for these rules: one by its number, several by their place in `shared`, none as the greatest number.
    pub fn user(&mut self, users: &BTreeSet<u16>, rules: usize) -> Result<u16, String> {
        let mut users = users.iter();
        let first = match (users.next(), users.len()) {
            (None, _) => return Ok(u16::MAX),
            (Some(one), 0) => return Ok(*one),
            (Some(first), _) => *first,
        };
        let at = u16::try_from(rules + self.shared.len()).ok().filter(|at| *at != u16::MAX);
        let list: Vec<u16> = std::iter::once(first).chain(users.copied()).collect();
        self.shared.push(u16::try_from(list.len()).unwrap_or(u16::MAX));
        self.shared.extend(list);
        at.ok_or_else(|| "too many rules share their literals".to_owned())
    }

    /// Source of the tables that a page is matched with.
    pub fn source(&self) -> String {
        let mut source =
            String::from("/// The rules of this build.\nstatic BUILT_IN: Tables<'static> = Tables {\n    index: Index {\n");
        let _ = writeln!(source, "        shift: {}, filter: &{:?}, before: &{:?},", self.shift, self.filter, self.before);
        let _ = writeln!(source, "        shapes: &{:?}, values: &{:?},\n    }},", self.shapes, self.values);
        let numbers = [
            ("users", format!("{:?}", self.users)),
            ("shared", format!("{:?}", self.shared)),
            ("field_hashes", format!("{:?}", self.field_hashes)),
            ("field_starts", format!("{:?}", self.field_starts)),
            ("absent", format!("{:?}", self.absent)),
            ("starts", format!("{:?}", self.starts)),
        ];
        for (name, list) in numbers {
            let _ = writeln!(source, "    {name}: &{list},");
        }
        for (name, bytes) in [("texts", &self.texts), ("fields", &self.fields), ("rules", &self.rules)] {
            let _ = writeln!(source, "    {name}: b\"{}\",", bytes.escape_ascii());
        }
        source + "};\n"
    }

    /// Source of what only people read.
    pub fn catalogue(&self) -> String {
        let mut source =
            String::from("/// What people read about each rule, in the order of the rules.\nstatic CATALOGUE: &[Entry] = &[\n");
        for (vendor, docs, signs) in &self.catalogue {
            let _ = writeln!(source, "    Entry {{ vendor: {vendor:?}, docs: {docs:?}, signs: &{signs:?} }},");
        }
        source + "];\n"
    }
}
