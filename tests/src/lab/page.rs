//! The scoreboard as a page with pictures.

use std::fs;
use std::path::Path;

use super::board::{Board, Score};

/// Plain enough for every browser, in light and in dark.
const STYLE: &str =
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color-scheme:light dark}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-top:1px solid #8884}
.right{color:#1a7f37}.unclear,.other-place{color:#9a6700}.wrong,.silent,.broken{color:#cf222e;font-weight:600}
img{width:17rem;border:1px solid #8884;border-radius:6px}pre{overflow:auto}small{opacity:.75}";

/// Writes `index.html` into `folder`, where the pictures are.
///
/// # Errors
/// When it cannot be written.
pub fn write(board: &Board, folder: &Path) -> Result<(), String> {
    let rows: String = board.0.iter().map(row).collect();
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Fault lab</title>\n<style>{STYLE}</style>\n\
         <h1>Fault lab</h1>\n<pre>{}</pre>\n<table>\n<tr><th>Scenario<th>What is broken<th>Said<th>Popup\n{rows}</table>\n</html>\n",
        escape(&board.sum())
    );
    let file = folder.join("index.html");
    fs::create_dir_all(folder).and_then(|()| fs::write(&file, html)).map_err(|e| format!("{}: {e}", file.display()))
}

fn row(score: &Score) -> String {
    let class = score.mark.as_str().to_lowercase().replace(' ', "-");
    let picture = if score.picture {
        format!("<img loading=\"lazy\" alt=\"\" src=\"{}/{}.png\">", score.browser, escape(&score.name))
    } else {
        String::new()
    };
    let so = if score.truth.side.is_empty() {
        "nothing to say".to_owned()
    } else {
        format!("{} / {}", score.truth.side, score.truth.places.join(" or "))
    };
    let more: String =
        score.wrongs.iter().chain([&score.why]).filter(|w| !w.is_empty()).map(|w| format!("<br>{}", escape(w))).collect();
    let alike = score.alike.map(|why| format!("<br>Cannot be told apart: {}", escape(why))).unwrap_or_default();
    format!(
        "<tr><td>{}<br><small>{}</small><td>{}<br><small>{so}{alike}</small><td><span class=\"{class}\">{}</span><br>{} / {}, {:.2}<br>\
         <small>{} {} {}<br>{}<br>{} requests{more}</small><td>{picture}\n",
        escape(&score.name),
        score.browser,
        escape(score.about),
        score.mark.as_str(),
        escape(&score.said.0),
        escape(&score.said.1),
        score.confidence,
        score.status,
        escape(&score.read.0),
        escape(&score.read.1),
        escape(&score.checks),
        score.counted.requests,
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
