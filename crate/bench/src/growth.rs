//! What more rules cost: the same page read with 10, 100, 1,000 and 10,000 rules that somebody might have written.

use std::hint::black_box;

use faultline_core::fingerprint::Tables;
use faultline_core::page::Page;

use faultline_search::Index;

use crate::clock::{self, Way};
use crate::compile;
use crate::words::Words;

/// Microseconds for one page, and bytes of the tables, by number of rules.
pub(crate) fn table(page: &Page) -> Result<Vec<(usize, f64, usize)>, String> {
    let sizes = [10, 100, 1_000, 10_000];
    let compiled =
        sizes.into_iter().map(|n| compile::compile(&rules(n)).map_err(|t| t.join("\n"))).collect::<Result<Vec<_>, _>>()?;
    let tables: Vec<Tables<'_>> = compiled.iter().map(borrowed).collect();
    let ways: Vec<Way<'_>> = tables
        .iter()
        .map(|tables| Way { name: String::new(), work: Box::new(|| drop(black_box(tables.read(black_box(page))))) })
        .collect();
    let took = clock::measure(&ways);
    Ok(sizes.into_iter().zip(took).zip(&tables).map(|((n, us), t)| (n, us, bytes(t))).collect())
}

/// Rules in the form of `crate/rules`, each with the signs that rules have.
fn rules(count: usize) -> Vec<(String, String)> {
    let mut w = Words::new(11);
    let rule = |n: usize| {
        let id = format!("made-up-{n}");
        let (name, maker) = (format!("{}{n}", w.name()), format!("{}{n}", w.name()));
        let (a, b, c) = (w.words(2), w.name(), w.words(3));
        let text = format!(
            "id = \"{id}\"\nname = \"{name}\"\nvendor = \"{maker}\"\nrole = \"cdn\"\nside = \"site\"\nplace = \"edge\"\ndocs = \"https://example.org/{n}\"\n\
             [[sign]]\nclass = \"tail\"\nwhere = \"markup\"\nhas = \"<hr><center>{name}</center>\"\n\
             [[sign]]\nclass = \"sentence\"\nwhere = \"text\"\nhas = \"{a} {b} {c}.\"\n\
             [[sign]]\nclass = \"vendor-id\"\nwhere = \"header:X-{maker}-Error\"\npresent = true\n\
             [[sign]]\nclass = \"title\"\nwhere = \"title\"\nis = \"502 | {name}\"\n\
             [[meaning]]\nstatus = 502\nkind = \"refused\"\nconfidence = 0.5\n"
        );
        (id, text)
    };
    let mut files: Vec<_> = (0..count).map(rule).collect();
    files.sort();
    files
}

fn borrowed(t: &compile::Tables) -> Tables<'_> {
    Tables {
        index: Index { shift: t.shift, filter: &t.filter, before: &t.before, shapes: &t.shapes, values: &t.values },
        users: &t.users,
        shared: &t.shared,
        texts: &t.texts,
        fields: &t.fields,
        field_hashes: &t.field_hashes,
        field_starts: &t.field_starts,
        absent: &t.absent,
        starts: &t.starts,
        rules: &t.rules,
    }
}

/// How many bytes a build carries for these rules.
pub(crate) fn bytes(t: &Tables<'_>) -> usize {
    let index =
        size_of_val(t.index.filter) + size_of_val(t.index.before) + size_of_val(t.index.shapes) + size_of_val(t.index.values);
    let numbers = size_of_val(t.users) + size_of_val(t.shared) + size_of_val(t.field_hashes) + size_of_val(t.field_starts);
    index + numbers + size_of_val(t.absent) + size_of_val(t.starts) + t.texts.len() + t.fields.len() + t.rules.len()
}
