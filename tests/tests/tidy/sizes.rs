//! What a visitor downloads, within its budgets. Looked at only where the extension has been built: `cargo xtask build`.

use std::fs;
use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use crate::tree::{files, root};

/// Most bytes of WebAssembly, with every rule. The aim is 250,000 and 100,000: ARCHITECTURE.md says what stands in the way.
const MAX_WASM: usize = 505_500;
/// Most bytes of it with gzip.
const MAX_WASM_GZIP: usize = 235_000;
/// Most bytes of a store package.
const MAX_PACKAGE: usize = 454_000;

const WASM: &str = "extension/wasm/faultline_shell_bg.wasm";
const GLUE: &str = "extension/wasm/faultline_shell.js";

fn built(path: &str) -> Option<Vec<u8>> {
    let bytes = fs::read(root().join(path)).ok();
    if bytes.is_none() {
        println!("{path} is not built, so there is nothing to measure");
    }
    bytes
}

fn gzipped(bytes: &[u8]) -> usize {
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap().len()
}

#[test]
fn the_wasm_is_small() {
    let Some(wasm) = built(WASM) else { return };
    assert!(wasm.starts_with(b"\0asm"), "{WASM} is no WebAssembly: `cargo xtask build`");
    let (raw, gzip) = (wasm.len(), gzipped(&wasm));
    assert!(
        raw <= MAX_WASM && gzip <= MAX_WASM_GZIP,
        "{raw} bytes ({MAX_WASM} allowed), {gzip} with gzip ({MAX_WASM_GZIP} allowed). After `build --dev`, build for release; else see what grew: `twiggy top`"
    );
}

#[test]
fn the_package_is_small() {
    let (Some(wasm), Some(glue)) = (built(WASM), built(GLUE)) else { return };
    let packaged = |f: &String| ["extension/", "_locales/", "LICENSE", "manifest.json"].iter().any(|start| f.starts_with(start));
    let rest: usize = files().iter().filter(|f| packaged(f)).map(|f| gzipped(&fs::read(root().join(f)).unwrap())).sum();
    let package = rest + gzipped(&wasm) + gzipped(&glue);
    assert!(
        package <= MAX_PACKAGE,
        "{package} bytes compressed, {MAX_PACKAGE} are allowed: look at `cargo xtask dist` and leave something out"
    );
}
