//! The part of the benchmark that runs in node: WebAssembly, and a fingerprint tool from npm.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::Line;
use crate::pages::{self, Work};

/// Lines by the name of their work.
pub(crate) fn run(
    root: &Path,
    works: &[Work],
    wasm: Option<&Path>,
    wappalyzer: Option<&Path>,
) -> Result<Vec<(String, Line)>, String> {
    let file = std::env::temp_dir().join(format!("faultline-bench-{}.json", std::process::id()));
    fs::write(&file, Value::from_iter(works.iter().map(sent)).to_string()).map_err(|why| format!("{}: {why}", file.display()))?;
    let mut node = Command::new("node");
    node.arg(root.join("crate/bench/node/run.cjs")).arg(&file);
    node.arg(wasm.unwrap_or(Path::new(""))).arg(wappalyzer.unwrap_or(Path::new("")));
    let output = node.output().map_err(|why| format!("cannot start node: {why}"));
    // A file that stays behind in the folder for such files does no harm.
    let _ = fs::remove_file(&file);
    let output = output?;
    if !output.status.success() {
        return Err(format!("node: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let lines: Vec<Value> = serde_json::from_slice(&output.stdout).map_err(|why| format!("node: {why}"))?;
    let text = |line: &Value, key: &str| line.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(lines
        .iter()
        .map(|l| (text(l, "work"), (text(l, "name"), l.get("us").and_then(Value::as_f64).unwrap_or(f64::NAN))))
        .collect())
}

fn sent(work: &Work) -> Value {
    let page = |p: &faultline_core::page::Page| json!({ "status": p.status, "reason": p.reason.as_deref().unwrap_or_default(), "header": pages::header(p), "body": p.body });
    json!({ "name": work.name, "pages": work.pages.iter().map(page).collect::<Vec<_>>() })
}
