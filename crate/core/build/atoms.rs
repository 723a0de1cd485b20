//! The literals of all rules, each once, and the tables by which they are found.

use std::collections::{BTreeMap, BTreeSet};

use faultline_search::{UNHASHED, key};

use super::kinds::{Field, Op};
use super::marker;
use super::record::Record;
use super::tables::Tables;

/// More literals under the same four bytes would make a page's cost grow with the rules.
const MAX_BUCKET: usize = 24;

/// Of so many places in the filter one is taken: most words of a page are passed over after one look.
const PLACES_PER_LITERAL: usize = 8;

/// Sorted as they are numbered: header fields last and together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Atom {
    field: Field,
    header: String,
    op: Op,
    literal: String,
}

#[derive(Debug, Default)]
struct Use {
    number: u16,
    /// Offset of the four bytes by which it is found.
    at: u8,
    rules: BTreeSet<u16>,
}

#[derive(Debug, Default)]
pub struct Atoms {
    all: BTreeMap<Atom, Use>,
}

impl Atoms {
    /// The number of the literal, which is final after [`Atoms::settle`]; `rule` is noted as a user of it.
    pub fn add(&mut self, rule: Option<u16>, field: Field, header: &str, op: Op, literal: &str) -> u16 {
        let atom = Atom { field, header: header.to_ascii_lowercase(), op, literal: literal.to_owned() };
        let next = self.all.len();
        let usage =
            self.all.entry(atom).or_insert_with(|| Use { number: u16::try_from(next).unwrap_or(u16::MAX), ..Use::default() });
        usage.rules.extend(rule);
        usage.number
    }

    /// The words of a literal, by its number.
    pub fn literal(&self, number: u16) -> &str {
        self.all.iter().find(|(_, usage)| usage.number == number).map_or("", |(atom, _)| &atom.literal)
    }

    /// Gives every literal its final number, and writes the tables of all of them.
    pub fn settle(&mut self, rules: usize) -> Result<Tables, String> {
        let mut tables = Tables::default();
        let searched = self.all.keys().filter(|a| a.field != Field::Header).count();
        if self.all.len() >= usize::from(u16::MAX) {
            return Err(format!("{} literals are more than two bytes can count", self.all.len()));
        }
        let bits = (searched * PLACES_PER_LITERAL).next_power_of_two().ilog2().clamp(6, 24);
        tables.shift = 32 - bits;
        self.file(&mut tables, bits)?;
        self.header_fields(&mut tables, searched)?;
        // In the order of their numbers.
        let mut numbered: Vec<(&Atom, &Use)> = self.all.iter().collect();
        numbered.sort_by_key(|(_, usage)| usage.number);
        for (atom, usage) in numbered {
            let kept = atom.field == Field::Header || atom.op == Op::Like;
            let value = if kept { tables.text(&atom.literal) } else { key::hash(atom.literal.as_bytes()) };
            let gram = key::gram(atom.literal.as_bytes(), usize::from(usage.at));
            let tag = gram.filter(|_| atom.field != Field::Header).map_or(0, key::tag);
            let len = u8::try_from(atom.literal.len()).map_err(|_| format!("\"{}\" is too long", atom.literal))?;
            let unhashed = if kept { UNHASHED } else { 0 };
            tables.shapes.push([tag, len, usage.at, (atom.field as u8) << 4 | unhashed | atom.op as u8]);
            tables.values.push(value);
            let user = tables.user(&usage.rules, rules)?;
            tables.users.push(user);
        }
        Ok(tables)
    }

    /// Files the literals that are searched for, and numbers them in the order of their places.
    fn file(&mut self, tables: &mut Tables, bits: u32) -> Result<(), String> {
        let mut used = BTreeMap::new();
        let mut places = Vec::new();
        let mut searched: Vec<_> = self.all.iter_mut().filter(|(a, _)| a.field != Field::Header).collect();
        // Who has no choice comes first.
        searched.sort_by_key(|(atom, _)| marker::places(&atom.literal).count());
        for (atom, usage) in searched {
            let at = marker::key_at(&atom.literal, atom.op, &used);
            let gram = at.and_then(|at| key::gram(atom.literal.as_bytes(), at)).ok_or_else(|| marker::no_word(&atom.literal))?;
            usage.at = u8::try_from(at.unwrap_or(0)).map_err(|_| format!("\"{}\" is too long", atom.literal))?;
            let count = used.entry(gram).or_insert(0);
            *count += 1;
            if *count > MAX_BUCKET {
                return Err(format!("more than {MAX_BUCKET} markers have no rarer bytes than those of \"{}\"", atom.literal));
            }
            places.push((key::place(gram, tables.shift), usage));
        }
        places.sort_by_key(|(place, _)| *place);
        // Room behind the last place for what does not find its own one free.
        tables.filter = vec![0; (1 << bits) / 64 + 2 + places.len() / 64];
        let mut free = 0;
        for (number, (place, usage)) in places.into_iter().enumerate() {
            let place = place.max(free);
            tables.filter[place / 64] |= 1 << (place % 64);
            usage.number = u16::try_from(number).unwrap_or(u16::MAX);
            free = place + 1;
        }
        while tables.filter.len() > (1 << bits) / 64 + 1 && tables.filter.last() == Some(&0) {
            tables.filter.pop();
        }
        let mut before = 0;
        for word in &tables.filter {
            tables.before.push(before);
            before += u16::try_from(word.count_ones()).unwrap_or(0);
        }
        Ok(())
    }

    /// Numbers the literals of header fields, field by field in the order of the hashes of their names.
    fn header_fields(&mut self, tables: &mut Tables, first: usize) -> Result<(), String> {
        let mut fields: BTreeMap<u32, Vec<(&Atom, &mut Use)>> = BTreeMap::new();
        for (atom, usage) in self.all.iter_mut().filter(|(a, _)| a.field == Field::Header) {
            fields.entry(key::hash(atom.header.as_bytes())).or_default().push((atom, usage));
        }
        let mut names = Record::default();
        let mut number = u16::try_from(first).unwrap_or(u16::MAX);
        for (hash, atoms) in fields {
            let name = atoms.first().map_or("", |(atom, _)| &atom.header);
            if let Some((other, _)) = atoms.iter().find(|(atom, _)| atom.header != name) {
                return Err(format!("the header fields {name} and {} have the same hash", other.header));
            }
            names.part(name.as_bytes())?;
            tables.field_hashes.push(hash);
            tables.field_starts.push(number);
            for (atom, usage) in atoms {
                if atom.op == Op::Absent {
                    tables.absent.push(number);
                }
                usage.number = number;
                number += 1;
            }
        }
        tables.field_starts.push(number);
        tables.fields = names.0;
        Ok(())
    }
}
