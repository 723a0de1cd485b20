//! The pages: every fixture of the tests, and one page of 16 KiB.

use std::fs;
use std::path::{Path, PathBuf};

use faultline_core::page::{Header, Page, reason_of};

use crate::words::Words;

/// Size of the large page, as in the budget.
const LARGE: usize = 16 * 1024;

/// Pages that are measured together.
pub(crate) struct Work {
    pub(crate) name: &'static str,
    pub(crate) pages: Vec<Page>,
}

/// All of them.
pub(crate) fn all(root: &Path) -> Result<Vec<Work>, String> {
    Ok(vec![
        Work { name: "fixtures", pages: fixtures(&root.join("tests/pages"))? },
        Work { name: "16 KiB page", pages: vec![large()] },
    ])
}

/// `tests/pages/<product>/<case>/page.http`.
fn fixtures(folder: &Path) -> Result<Vec<Page>, String> {
    let mut pages = Vec::new();
    for case in folders(folder)?.iter().map(|product| folders(product)).collect::<Result<Vec<_>, _>>()?.concat() {
        let file = case.join("page.http");
        let raw = fs::read(&file).map_err(|why| format!("cannot read {}: {why}", file.display()))?;
        let text = String::from_utf8_lossy(&raw).replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").ok_or_else(|| format!("{}: not a response", file.display()))?;
        pages.push(page(head, body).ok_or_else(|| format!("{}: no status", file.display()))?);
    }
    if pages.is_empty() { Err(format!("no pages in {}", folder.display())) } else { Ok(pages) }
}

fn folders(of: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(of).map_err(|why| format!("cannot read {}: {why}", of.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| p.is_dir()).collect();
    paths.sort();
    Ok(paths)
}

fn page(head: &str, body: &str) -> Option<Page> {
    let mut lines = head.lines();
    let status_line = lines.next()?;
    let headers = lines.filter_map(|l| l.split_once(':')).map(|(n, v)| Header::new(n, v.trim())).collect();
    Some(Page {
        status: status_line.split(' ').nth(1)?.parse().ok()?,
        reason: reason_of(status_line).map(str::to_owned),
        headers: Some(headers),
        body: Some(body.to_owned()),
        ..Page::default()
    })
}

/// What a site's own error page is like: styles, a script, a menu, some prose, and nginx's mark at the very end.
pub(crate) fn large() -> Page {
    const END: &str = "</main>\n<hr><center>nginx</center>\n</body>\n</html>\n";
    let mut w = Words::new(7);
    let mut html = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>502 Bad Gateway</title>\n<style>\n",
    );
    for n in 0..40 {
        html += &format!(
            ".{}-{} {{ margin: 0 auto; padding: {n}px 12px; color: #{:06x}; }}\n",
            w.word(),
            w.word(),
            w.number() & 0xFF_FFFF
        );
    }
    html += "</style>\n<script>\nwindow.dataLayer = window.dataLayer || [];\nfunction gtag() { dataLayer.push(arguments); }\n";
    for n in 0..20 {
        html += &format!("  track('{}', {{ id: {n}, name: \"{}\", value: null }});\n", w.word(), w.word());
    }
    html += "</script>\n</head>\n<body class=\"home page\">\n<nav><ul>\n";
    for n in 0..25 {
        let (a, b, c) = (w.word(), w.word(), w.word());
        html += &format!("  <li class=\"item item-{n}\"><a href=\"/{a}/{b}\" title=\"{c}\">{b} &amp; {c}</a></li>\n");
    }
    html += "</ul></nav>\n<main>\n";
    loop {
        let (head, a, b, c) = (w.words(4), w.words(25), w.words(8), w.words(12));
        let card = format!("<div class=\"card\"><h2>{head}</h2>\n  <p>{a}, {b}. {c} <b>{}</b>.</p>\n</div>\n", w.word());
        if html.len() + card.len() + END.len() > LARGE {
            break;
        }
        html += &card;
    }
    while html.len() + END.len() < LARGE {
        html.push('\n');
    }
    html += END;
    let head = "HTTP/1.1 502 Bad Gateway\nServer: nginx\nDate: Sun, 22 Nov 2026 10:00:00 GMT\nContent-Type: text/html\nContent-Length: 16384\nConnection: keep-alive";
    page(head, &html).unwrap_or_default()
}

/// A page as it was sent: what those search who know nothing of pages.
pub(crate) fn raw(page: &Page) -> String {
    format!("{}\n{}", header(page), page.body.as_deref().unwrap_or_default())
}

/// The header, a field on each line.
pub(crate) fn header(page: &Page) -> String {
    page.headers.iter().flatten().map(|h| format!("{}: {}\n", h.name, h.value)).collect()
}
