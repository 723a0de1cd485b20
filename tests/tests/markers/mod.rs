//! What is known of error pages, row by row: each row of `rows.tsv` is a page made of one known variant's markers and header. A
//! row is read as its product, or says why it is not, and `docs/rows.md` lists those.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use faultline_core::fingerprint;
use faultline_core::page::{Header, Page};

struct Row {
    id: String,
    product: String,
    page: Page,
    /// Why it is not read as its product; empty where it is.
    unread: String,
}

fn rows() -> Vec<Row> {
    let rows: Vec<Row> = include_str!("rows.tsv").lines().skip(1).map(row).collect();
    assert!(rows.len() > 250, "only {} rows", rows.len());
    rows
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.split('\t').collect();
    let [id, product, status, reason, header, body, unread] = cells[..] else { panic!("seven cells, not {line}") };
    let fields = header.split(" || ").filter_map(|field| field.split_once(':'));
    Row {
        id: id.to_owned(),
        product: product.to_owned(),
        page: Page {
            status: status.parse().unwrap(),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
            headers: Some(fields.map(|(name, value)| Header::new(name, value.trim())).collect()),
            body: Some(body.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t")),
            ..Page::default()
        },
        unread: unread.to_owned(),
    }
}

#[test]
fn every_known_row_is_read_or_says_why_not() {
    let mut wrong = Vec::new();
    for row in rows() {
        let got = fingerprint::read(&row.page).producer.map_or("unknown".to_owned(), |p| p.id);
        if (got == row.product) != row.unread.is_empty() {
            wrong.push(format!("{}: read as {got}, not {} ({})", row.id, row.product, row.unread));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_document_lists_the_rows_that_are_not_read() {
    let rows = rows();
    let unread: Vec<&Row> = rows.iter().filter(|r| !r.unread.is_empty()).collect();
    let mut table = format!(
        "Of {} rows {} are read as their product and {} are not:\n\n",
        rows.len(),
        rows.len() - unread.len(),
        unread.len()
    );
    table.push_str("| row | class | why it is not read as its product |\n|---|---|---|\n");
    for row in unread {
        let (class, why) = row.unread.split_once(": ").unwrap();
        writeln!(table, "| `{}` | {class} | {why} |", row.id).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rows.md");
    let text = fs::read_to_string(&path).unwrap();
    let from = text.find("\nOf ").unwrap() + 1;
    if std::env::var_os("FAULTLINE_UPDATE").is_some() {
        fs::write(&path, format!("{}{table}", &text[..from])).unwrap();
    } else {
        assert_eq!(
            &text[from..],
            table,
            "FAULTLINE_UPDATE=1 cargo test -p faultline-tests --test pages writes {}",
            path.display()
        );
    }
}
