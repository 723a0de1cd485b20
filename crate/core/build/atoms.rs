//! The literals of all rules, each once, and the tables by which they are found.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::marker;

/// More literals under the same four bytes would make a page's cost grow with the rules.
const MAX_BUCKET: usize = 24;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Atom {
    field: &'static str,
    header: String,
    op: &'static str,
    literal: String,
}

#[derive(Debug, Default)]
pub struct Atoms {
    numbers: BTreeMap<Atom, u16>,
    list: Vec<Atom>,
    rules: Vec<BTreeSet<usize>>,
}

impl Atoms {
    /// The number of the literal; `rule` is noted as a user of it, unless it is `usize::MAX`.
    pub fn add(&mut self, rule: usize, field: &'static str, header: &str, op: &'static str, literal: &str) -> Result<u16, String> {
        let atom = Atom { field, header: header.to_ascii_lowercase(), op, literal: literal.to_owned() };
        let number = match self.numbers.get(&atom) {
            Some(number) => *number,
            None => {
                let number = u16::try_from(self.list.len()).map_err(|_| "too many literals".to_owned())?;
                self.numbers.insert(atom.clone(), number);
                self.list.push(atom);
                self.rules.push(BTreeSet::new());
                number
            }
        };
        if rule != usize::MAX {
            self.rules[usize::from(number)].insert(rule);
        }
        Ok(number)
    }

    pub fn literal(&self, atom: u16) -> &str {
        &self.list[usize::from(atom)].literal
    }

    /// Source of the tables that `fingerprint/table.rs` includes.
    pub fn tables(&self) -> String {
        let mut used = BTreeMap::new();
        let mut grams = Vec::new();
        let mut atoms = String::new();
        let mut headers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut absent = Vec::new();
        for (number, atom) in self.list.iter().enumerate() {
            let mut at = 0;
            if atom.field != "Header" {
                at = marker::gram_at(&atom.literal, &used).unwrap_or(0);
                let gram = marker::gram(&atom.literal.as_bytes()[at..(at + 4).min(atom.literal.len())]);
                let bucket = used.entry(gram).or_insert(0);
                *bucket += 1;
                assert!(*bucket <= MAX_BUCKET, "too many markers contain the bytes of {:?}", atom.literal);
                grams.push((gram, number));
            } else if atom.op == "Absent" {
                absent.push((atom.header.as_str(), number));
            } else {
                headers.entry(&atom.header).or_default().push(number);
            }
            let _ = writeln!(atoms, "Atom {{ literal: {:?}, field: Field::{}, op: Op::{}, gram_at: {at} }},", atom.literal, atom.field, atom.op);
        }
        grams.sort_unstable();
        // About one slot in 32 taken: most places of a page are passed over after one look.
        let bits = (grams.len() * 32).next_power_of_two().ilog2().clamp(10, 20);
        let mut bitmap = vec![0_u32; (1 << bits) / 32];
        for (gram, _) in &grams {
            let slot = gram.wrapping_mul(0x9E37_79B1) >> (32 - bits);
            bitmap[slot as usize / 32] |= 1 << (slot % 32);
        }
        let rules: Vec<String> = self.rules.iter().map(|r| format!("&{:?}", r.iter().collect::<Vec<_>>())).collect();
        let headers: Vec<String> = headers.iter().map(|(name, atoms)| format!("({name:?}, &{atoms:?})")).collect();
        format!(
            "pub(crate) static ATOMS: &[Atom] = &[\n{atoms}];\n\
             /// The rules that use a literal.\npub(crate) static ATOM_RULES: &[&[u16]] = &[{}];\n\
             /// Header fields by name, with the literals that are looked for in them.\npub(crate) static HEADERS: &[(&str, &[u16])] = &[{}];\n\
             /// Header fields that must not be there.\npub(crate) static ABSENT: &[(&str, u16)] = &{absent:?};\n\
             /// Four bytes of each literal, sorted.\npub(crate) static GRAMS: &[(u32, u16)] = &{grams:?};\n\
             pub(crate) const SHIFT: u32 = {};\npub(crate) static BITMAP: &[u32] = &{bitmap:?};\n",
            rules.join(", "),
            headers.join(", "),
            32 - bits,
        )
    }
}
