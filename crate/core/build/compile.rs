//! Rules in, tables out; or everything that is wrong with the rules.

#[path = "atoms.rs"]
mod atoms;
#[path = "form.rs"]
pub(crate) mod form;
#[path = "../src/fingerprint/kinds.rs"]
mod kinds;
#[path = "marker.rs"]
mod marker;
#[path = "pieces.rs"]
mod pieces;
#[path = "record.rs"]
mod record;
#[path = "tables.rs"]
mod tables;
#[allow(dead_code)]
#[path = "../src/terms.rs"]
mod terms;

use std::collections::BTreeMap;
use std::ops::Range;

use atoms::Atoms;
use form::{Rule, Sign};
use kinds::Class;
use pieces::{placed, role};
use record::Record;
pub use tables::Tables;

/// Compiles the files, given as (file name without `.toml`, text) in the order of their names.
pub fn compile(files: &[(String, String)]) -> Result<Tables, Vec<String>> {
    let mut troubles = Vec::new();
    let mut rules = Vec::new();
    for (name, text) in files {
        let file = File { name, text };
        match toml::from_str::<Rule>(text) {
            Ok(rule) => rules.push((file, rule)),
            Err(error) => troubles.push(file.at(error.span().unwrap_or(0..0), error.message())),
        }
    }
    let ids = rules.iter().zip(0..).map(|((f, _), n)| (f.name, n)).collect();
    let mut book = Book { atoms: Atoms::default(), owners: BTreeMap::new(), ids, troubles };
    // The first round collects the literals and what is wrong, the second writes, knowing the number of each literal.
    book.records(&rules);
    book.duplicates(&rules);
    if !book.troubles.is_empty() {
        return Err(book.troubles);
    }
    let mut tables = book.atoms.settle(rules.len()).map_err(|what| vec![format!("crate/rules: {what}")])?;
    for ((_, rule), record) in rules.iter().zip(book.records(&rules)) {
        tables.starts.push(u32::try_from(tables.rules.len()).unwrap_or(u32::MAX));
        tables.rules.extend(record);
        let signs = rule.sign.iter().enumerate().map(|(n, s)| s.get_ref().id.clone().unwrap_or_else(|| format!("{}", n + 1)));
        tables.catalogue.push((rule.vendor.clone(), rule.docs.get_ref().clone(), signs.collect()));
    }
    Ok(tables)
}

struct File<'a> {
    name: &'a str,
    text: &'a str,
}

impl File<'_> {
    fn at(&self, span: Range<usize>, what: impl std::fmt::Display) -> String {
        let line = self.text.get(..span.start).unwrap_or_default().matches('\n').count() + 1;
        format!("crate/rules/{}.toml:{line}: {what}", self.name)
    }
}

/// Who uses a naming marker: (rule, line of the sign).
type Owners = BTreeMap<u16, Vec<(usize, Range<usize>)>>;

struct Book<'a> {
    atoms: Atoms,
    owners: Owners,
    ids: BTreeMap<&'a str, u16>,
    troubles: Vec<String>,
}

impl<'a> Book<'a> {
    fn records(&mut self, rules: &[(File<'a>, Rule)]) -> Vec<Vec<u8>> {
        rules.iter().zip(0..).map(|((file, rule), number)| self.rule(number, file, rule)).collect()
    }

    fn rule(&mut self, number: u16, file: &File<'a>, rule: &Rule) -> Vec<u8> {
        let mut wrong = |span: Range<usize>, what: String| self.troubles.push(file.at(span, what));
        if rule.id.get_ref() != file.name {
            let what = format!("id \"{}\" is not the name of the file: they must be equal", rule.id.get_ref());
            wrong(rule.id.span(), what);
        }
        if !rule.docs.get_ref().starts_with("https://") {
            wrong(rule.docs.span(), "docs must be an https address where the page or its source is described".into());
        }
        let role = role(rule.role.get_ref()).unwrap_or_else(|what| {
            wrong(rule.role.span(), what);
            0
        });
        let usual = placed(rule.side.get_ref(), rule.place.get_ref()).unwrap_or_else(|what| {
            wrong(rule.side.span(), what);
            0
        });
        if rule.sign.is_empty() || rule.sign.len() > 64 {
            wrong(0..0, format!("{} [[sign]]: a rule needs at least one, and has at most 64", rule.sign.len()));
        }
        let mut yields = Vec::new();
        for other in &rule.yields_to {
            match self.ids.get(other.get_ref().as_str()) {
                Some(at) => yields.push(*at),
                None => wrong(other.span(), format!("there is no rule \"{}\" to yield to", other.get_ref())),
            }
        }
        let limits: Vec<u16> = rule.limits.iter().map(|seconds| (seconds * 10.0).round() as u16).collect();
        if limits.iter().zip(&rule.limits).any(|(tenths, seconds)| (f64::from(*tenths) - seconds * 10.0).abs() > 0.01) {
            wrong(0..0, "limits are seconds, to a tenth, up to 6553".into());
        }
        let mut lists: [Vec<Vec<u8>>; 5] = Default::default();
        for sign in &rule.sign {
            let record = self.sign(number, sign.get_ref(), sign.span());
            self.add(file, sign.span(), record, &mut lists[0]);
        }
        for meaning in &rule.meaning {
            let record = pieces::meaning(&mut self.atoms, number, rule, meaning.get_ref());
            self.add(file, meaning.span(), record, &mut lists[1]);
        }
        for (list, part) in [(&rule.reference, 2), (&rule.version, 3), (&rule.host, 4)] {
            for extract in list {
                let record = pieces::extract(&mut self.atoms, extract.get_ref(), ["reference", "version", "host"][part - 2]);
                self.add(file, extract.span(), record, &mut lists[part]);
            }
        }
        let vendor: Vec<Vec<u8>> = rule.vendor_headers.iter().map(|h| h.to_ascii_lowercase().into_bytes()).collect();
        let mut record = Record::of(&[role, usual]);
        let written = record
            .part(file.name.as_bytes())
            .and_then(|()| record.part(rule.name.as_bytes()))
            .and_then(|()| record.numbers(&limits))
            .and_then(|()| record.parts(&vendor))
            .and_then(|()| record.numbers(&yields))
            .and_then(|()| lists.iter().try_for_each(|list| record.parts(list)));
        if let Err(what) = written {
            self.troubles.push(file.at(0..0, what));
        }
        record.0
    }

    fn add(&mut self, file: &File<'_>, span: Range<usize>, record: Result<Record, String>, to: &mut Vec<Vec<u8>>) {
        match record {
            Ok(record) => to.push(record.0),
            Err(what) => self.troubles.push(file.at(span, what)),
        }
    }

    fn sign(&mut self, rule: u16, sign: &Sign, span: Range<usize>) -> Result<Record, String> {
        let class = pieces::code("class", &sign.class, Class::ALL, Class::as_str)?;
        let names = Class::ALL[usize::from(class)].names() && !sign.weak;
        let own = sign.own().ok_or("a sign needs `where` with one of has, is, prefix, suffix, like, present")?;
        let alone = sign.and.is_empty() && !sign.empty;
        let flags = class | u8::from(sign.empty) << 3 | u8::from(sign.weak) << 4 | u8::from(sign.long_page) << 5;
        let mut record = Record::of(&[flags]);
        record.numbers(&pieces::statuses(sign.status.as_ref())?)?;
        for condition in std::iter::once(&own).chain(&sign.and) {
            let atoms = pieces::condition(&mut self.atoms, rule, condition, names && alone)?;
            if names && alone {
                for atom in &atoms {
                    self.owners.entry(*atom).or_default().push((usize::from(rule), span.clone()));
                }
            }
            record.numbers(&atoms)?;
        }
        if sign.class == "header" && !own.place.starts_with("header:") {
            return Err("class \"header\" is for `where = \"header:Name\"`".into());
        }
        Ok(record)
    }

    /// A marker that names two products names none, unless one of them yields.
    fn duplicates(&mut self, rules: &[(File<'_>, Rule)]) {
        let yields = |a: usize, b: usize| rules[a].1.yields_to.iter().any(|y| y.get_ref() == rules[b].1.id.get_ref());
        for (atom, owners) in &self.owners {
            for pair in owners.windows(2) {
                let ((a, _), (b, span)) = (&pair[0], &pair[1]);
                if a != b && !yields(*a, *b) && !yields(*b, *a) {
                    let what = format!(
                        "\"{}\" names {} too: take what only this product has, or let one rule yield_to the other",
                        self.atoms.literal(*atom),
                        rules[*a].1.id.get_ref()
                    );
                    self.troubles.push(rules[*b].0.at(span.clone(), what));
                }
            }
        }
    }
}
