//! Makes the repository root loadable: compiles the shell to wasm, generates its glue, and makes it small.
//!
//! Everything is made in the build directory; only the two files that the extension loads come to `extension/wasm`, and only when they
//! changed, so that a browser that has the checkout loaded sees no half-written file.

mod exports;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::{Compression, write::GzEncoder};

use crate::place::Place;
use crate::process::{self, Outcome};
use crate::setup::Tools;

/// Base name of what is generated.
const NAME: &str = "faultline_shell";
/// The oldest binaryen that understands what the compiler emits.
const OLDEST_WASM_OPT: u32 = 108;
/// Besides: what rustc's wasm32 target emits by default, of which an older binaryen has to be told.
const WASM_OPT: [&str; 9] = [
    // What was instantiated for several types and differs in a constant alone.
    "--merge-similar-functions",
    "-Oz",
    // The stack lies lowest, and its last 1024 bytes are never reached: a field's place within them may go into the instruction.
    "--low-memory-unused",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-mutable-globals",
];

/// How much care goes into the wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// What users get.
    Release,
    /// Quick to build, with names in its stack traces.
    Dev,
}

/// Builds the extension in place, and says how large it came out.
pub(crate) fn extension(place: &Place, tools: &Tools, profile: Profile) -> Outcome {
    let Module { glue, wasm } = module(place, tools, profile)?;
    let home = place.root.join("extension/wasm");
    let files = [(glue, format!("{NAME}.js")), (wasm, format!("{NAME}_bg.wasm"))];
    install(&files, &home)?;
    for (_, name) in &files {
        let bytes = read(&home.join(name))?;
        println!("extension/wasm/{name}: {} bytes, {} with gzip", thousands(bytes.len()), thousands(gzipped(&bytes)?));
    }
    Ok(())
}

/// The two files that a browser loads, in the build directory.
pub(crate) struct Module {
    glue: PathBuf,
    pub(crate) wasm: PathBuf,
}

/// Compiles the shell of a checkout.
pub(crate) fn module(place: &Place, tools: &Tools, profile: Profile) -> Outcome<Module> {
    let made = place.target.join("extension");
    let glue = made.join("glue");
    generate(place, tools, profile, &glue)?;
    let wasm = glue.join(format!("{NAME}_bg.wasm"));
    let wasm = match profile {
        Profile::Release => optimised(place, tools, &wasm, &made)?,
        Profile::Dev => wasm,
    };
    Ok(Module { glue: glue.join(format!("{NAME}.js")), wasm })
}

/// Makes a module of another package small, in the way of the one that ships.
pub(crate) fn optimise_in_place(place: &Place, tools: &Tools, wasm: &Path) -> Outcome {
    process::run(tools.command(place, "wasm-opt").args(WASM_OPT).arg(wasm).arg("-o").arg(wasm))
}

fn generate(place: &Place, tools: &Tools, profile: Profile, glue: &Path) -> Outcome {
    // A file of an earlier build must not pass for one of this build.
    if glue.exists() {
        fs::remove_dir_all(glue).map_err(|why| format!("cannot empty {}: {why}", glue.display()))?;
    }
    let mut command = tools.wasm_command(place, "wasm-pack");
    command.args(["--quiet", "--log-level", "warn", "build"]).arg(place.root.join("crate/shell"));
    command.args(["--target", "web", "--mode", "no-install", "--no-typescript", "--no-pack", "--no-opt"]);
    command.arg("--out-dir").arg(glue).args(["--out-name", NAME]);
    command.arg(match profile {
        Profile::Release => "--release",
        Profile::Dev => "--dev",
    });
    // The place of cargo's downloads on this machine is nobody's business, and would make the package depend on who built it.
    command.env("CARGO_TARGET_DIR", &place.target);
    command.env("CARGO_ENCODED_RUSTFLAGS", format!("--remap-path-prefix={}=deps", place.downloads.display()));
    process::run(&mut command)?;
    let snippets = glue.join("snippets");
    if snippets.exists() {
        return Err("the shell has inline JavaScript, which neither the packages nor the line budget know of".to_owned());
    }
    Ok(())
}

/// The smaller form of `wasm`, from an earlier build when nothing changed since.
fn optimised(place: &Place, tools: &Tools, wasm: &Path, made: &Path) -> Outcome<PathBuf> {
    let version =
        process::answer(tools.command(place, "wasm-opt").arg("--version")).ok_or("wasm-opt does not tell its version")?;
    if release_of(&version).is_some_and(|release| release < OLDEST_WASM_OPT) {
        return Err(format!("binaryen {OLDEST_WASM_OPT} or newer is needed for wasm-opt, and this is {version}"));
    }
    let [input, recipe, output] = ["input.wasm", "recipe.txt", "output.wasm"].map(|name| made.join(name));
    let wanted = format!("{version}\n{}", WASM_OPT.join(" "));
    let same_recipe = fs::read_to_string(&recipe).is_ok_and(|earlier| earlier == wanted);
    let bytes = read(wasm)?;
    if same_recipe && output.exists() && fs::read(&input).is_ok_and(|earlier| earlier == bytes) {
        return Ok(output);
    }
    let trouble = |why: std::io::Error| format!("cannot write to {}: {why}", made.display());
    // Gone until the new output is there: what says that it is current comes last.
    if recipe.exists() {
        fs::remove_file(&recipe).map_err(trouble)?;
    }
    let mut command: Command = tools.command(place, "wasm-opt");
    process::run(command.args(WASM_OPT).arg(wasm).arg("-o").arg(&output))?;
    let same =
        exports::exports(&bytes).is_some_and(|before| exports::exports(&read(&output).unwrap_or_default()) == Some(before));
    if !same {
        let mend = "remove reference types from the build (a stripped release has none), or use a newer binaryen";
        return Err(format!("{version} changed what the module exports, so that it could not start; {mend}"));
    }
    fs::write(&input, &bytes).map_err(trouble)?;
    fs::write(&recipe, wanted).map_err(trouble)?;
    Ok(output)
}

/// `108` of `wasm-opt version 108` or `wasm-opt version 108 (version_108)`.
fn release_of(version: &str) -> Option<u32> {
    version.split_whitespace().find_map(|word| word.parse().ok())
}

/// Makes `home` hold these files and no others.
fn install(files: &[(PathBuf, String)], home: &Path) -> Outcome {
    let trouble = |why: std::io::Error| format!("cannot write to {}: {why}", home.display());
    fs::create_dir_all(home).map_err(trouble)?;
    for file in fs::read_dir(home).map_err(trouble)?.flatten() {
        if !files.iter().any(|(_, name)| file.file_name() == name.as_str()) {
            fs::remove_file(file.path()).map_err(trouble)?;
        }
    }
    for (from, name) in files {
        let bytes = read(from)?;
        let to = home.join(name);
        if fs::read(&to).is_ok_and(|earlier| earlier == bytes) {
            continue;
        }
        let new = home.join(format!("{name}.new"));
        fs::write(&new, bytes).and_then(|()| fs::rename(&new, &to)).map_err(trouble)?;
    }
    Ok(())
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|why| format!("cannot read {}: {why}", path.display()))
}

/// The size after gzip, as a measure of what a store and a disk see.
pub(crate) fn gzipped(bytes: &[u8]) -> Outcome<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .map(|packed| packed.len())
        .map_err(|why| format!("cannot compress: {why}"))
}

/// `1234567` as `1 234 567`.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{release_of, thousands};

    #[test]
    fn numbers_are_grouped_from_the_right() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(1234), "1 234");
        assert_eq!(thousands(1_234_567), "1 234 567");
    }

    #[test]
    fn both_ways_in_which_binaryen_writes_its_version_are_read() {
        assert_eq!(release_of("wasm-opt version 108"), Some(108));
        assert_eq!(release_of("wasm-opt version 120 (version_120-15-g1)"), Some(120));
        assert_eq!(release_of("wasm-opt"), None);
    }
}
