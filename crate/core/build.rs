//! Compiles `crate/rules/*.toml` to static tables. A rule that cannot be right is an error with file, line and the mend.

// A build script has no public face, and its only reader of a failed index is the person who changes it.
#![allow(missing_docs, unreachable_pub, clippy::indexing_slicing)]

#[path = "build/compile.rs"]
mod compile;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let rules = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../rules");
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default());
    for source in ["build", "build.rs", "src/fingerprint", "src/terms.rs"] {
        println!("cargo::rerun-if-changed={source}");
    }
    println!("cargo::rerun-if-changed={}", rules.display());
    let mut paths: Vec<PathBuf> = fs::read_dir(&rules)?.map(|e| e.map(|e| e.path())).collect::<io::Result<_>>()?;
    paths.retain(|p| p.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    let mut files = Vec::new();
    for path in &paths {
        println!("cargo::rerun-if-changed={}", path.display());
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        files.push((id, fs::read_to_string(path)?));
    }
    match compile::compile(&files) {
        Ok(tables) => {
            fs::write(out.join("tables.rs"), tables.source())?;
            fs::write(out.join("catalogue.rs"), tables.catalogue())?;
        }
        Err(troubles) => {
            for trouble in troubles {
                println!("cargo::error={trouble}");
            }
        }
    }
    Ok(())
}
