//! A Rust compiler that knows wasm32.
//!
//! On an ordinary machine that is `rustup target add`. Where rustup cannot download, Debian's `rustc-web` steps in: its packages hold
//! the compiler, a linker for wasm and the source of the standard library, but no library for wasm32, so that is built once.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{apt, is_root};
use crate::place::Place;
use crate::process::{self, Outcome};

/// What the shell is compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// The name under which rustup knows Debian's compiler.
pub(crate) const LINKED: &str = "debian";

/// How long a slow line may take for the 20 MB of a downloaded target. A closed one fails sooner.
const DOWNLOAD: Duration = Duration::from_secs(180);
/// Names the compiler that built a library, since no other version can use it. Beside the `lib` directory.
const BUILT_BY: &str = "built-by";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"];
const DEBIAN_CLIPPY: &str = "rust-web-clippy";

/// Which compiler builds for wasm32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compiler {
    /// The one that builds everything else.
    Active,
    /// Debian's, by way of rustup.
    Linked,
}

/// The compiler that is ready now, if one is.
pub(crate) fn ready(with_clippy: bool) -> Option<Compiler> {
    if has_library(&|| Command::new("rustc")) {
        return Some(Compiler::Active);
    }
    let linked = || {
        let mut command = Command::new("rustc");
        command.env("RUSTUP_TOOLCHAIN", LINKED);
        command
    };
    let clippy = !with_clippy || Path::new("/usr/bin/cargo-clippy").exists();
    (clippy && has_library(&linked)).then_some(Compiler::Linked)
}

/// The ordinary way. Whether it worked.
pub(crate) fn add_by_rustup() -> bool {
    println!("set-up: adding the target {TARGET} to the toolchain");
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "1");
    let added = process::succeeds_within(&mut command, DOWNLOAD);
    if !added {
        println!("set-up: rustup cannot download it; Debian's compiler will do");
    }
    added
}

/// The packages that the other way needs, or none when they are all there.
pub(crate) fn packages(with_clippy: bool) -> Outcome<Vec<String>> {
    let mut packages = DEBIAN_PACKAGES.map(str::to_owned).to_vec();
    packages.extend(with_clippy.then(|| DEBIAN_CLIPPY.to_owned()));
    let linker = match fs::read_link("/usr/bin/rust-lld") {
        Ok(target) => target.file_name().map(|name| name.to_string_lossy().into_owned()),
        // Not installed yet: the linker has to be of the version of LLVM that its package depends on.
        Err(_) => apt::description("rust-web-llvm").as_deref().and_then(linker_of),
    };
    packages.push(linker.ok_or_else(|| {
        format!(
            "rustup could not add the target {TARGET}, and this distribution has no rustc-web to step in.\n\
             Run `rustup target add {TARGET}` where the network allows it, then this command again."
        )
    })?);
    // All or none: packages of one compiler have to be of one version.
    let complete = packages.iter().all(|package| apt::has(package));
    Ok(if complete { Vec::new() } else { packages })
}

/// Builds the standard library for Debian's compiler, puts it where that compiler looks, and tells rustup of it.
pub(crate) fn build_library(place: &Place) -> Outcome {
    let home = process::answer(Command::new(DEBIAN_RUSTC).args(["--print", "target-libdir", "--target", TARGET]))
        .and_then(|directory| Path::new(&directory).parent().map(Path::to_path_buf))
        .ok_or_else(|| format!("{DEBIAN_RUSTC} does not say where its library for {TARGET} belongs"))?;
    if !has_library(&|| Command::new(DEBIAN_RUSTC)) {
        let staged = place.cache.join("wasm-library").join(TARGET);
        if !is_current(&staged, &|| Command::new(DEBIAN_RUSTC)) {
            compile_library(place, &staged)?;
        }
        if !is_root() {
            let (from, to) = (staged.display(), home.display());
            return Err(format!("run this line, then the command again:\n\n  sudo sh -c 'rm -rf {to} && cp -r {from} {to}'\n"));
        }
        put_in_place(&staged, &home).map_err(|why| format!("cannot put the library into {}: {why}", home.display()))?;
    }
    let mut rustup = Command::new("rustup");
    if process::answer(rustup.arg("--version")).is_none() {
        // Then /usr/bin/rustc is the active compiler, and knows the library already.
        return Ok(());
    }
    process::quietly(Command::new("rustup").args(["toolchain", "link", LINKED, "/usr"]))
}

fn compile_library(place: &Place, staged: &Path) -> Outcome {
    println!("set-up: building the standard library for {TARGET} (about a minute, once)");
    let start = Instant::now();
    let package = place.cache.join("wasm-library").join("build");
    let manifest = "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                    [workspace]\n\n[profile.release]\npanic = \"abort\"\n";
    let trouble = |why: std::io::Error| format!("cannot write {}: {why}", package.display());
    fs::create_dir_all(package.join("src")).map_err(trouble)?;
    fs::write(package.join("Cargo.toml"), manifest).map_err(trouble)?;
    fs::write(package.join("src/lib.rs"), "").map_err(trouble)?;

    let mut command = Command::new("/usr/bin/cargo");
    command.current_dir(&package).args(["build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort"]);
    // A stable compiler builds its own library only when it is told that it may; the bitcode is what fat LTO needs later.
    command.envs([("RUSTC", DEBIAN_RUSTC), ("RUSTC_BOOTSTRAP", "1"), ("RUSTFLAGS", "-Cembed-bitcode=yes")]);
    command.env("CARGO_TARGET_DIR", package.join("target"));
    command.env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("RUSTC_WRAPPER").env_remove("CARGO_BUILD_TARGET");
    process::quietly(&mut command)?;

    let built = package.join("target").join(TARGET).join("release/deps");
    stage_library(&built, staged).map_err(|why| format!("cannot collect the library in {}: {why}", staged.display()))?;
    // 150 MB that nothing needs again.
    let _ = fs::remove_dir_all(&package);
    println!("set-up: built the standard library in {} s", start.elapsed().as_secs());
    Ok(())
}

fn stage_library(built: &Path, staged: &Path) -> std::io::Result<()> {
    if staged.exists() {
        fs::remove_dir_all(staged)?;
    }
    let library = staged.join("lib");
    fs::create_dir_all(&library)?;
    for file in fs::read_dir(built)? {
        let file = file?.path();
        let name = file.file_name().unwrap_or_default();
        let empty = name.to_string_lossy().starts_with("libempty-");
        if file.extension() == Some(OsStr::new("rlib")) && !empty {
            fs::copy(&file, library.join(name))?;
        }
    }
    // Last, so that half a copy is never taken for a whole one.
    let version = version_of(&|| Command::new(DEBIAN_RUSTC)).unwrap_or_default();
    fs::write(staged.join(BUILT_BY), version)
}

/// Puts the library there in one step, since another build may be looking at this very moment.
fn put_in_place(staged: &Path, home: &Path) -> std::io::Result<()> {
    let [new, old]: [PathBuf; 2] = ["new", "old"].map(|extension| home.with_extension(extension));
    for leftover in [&new, &old] {
        if leftover.exists() {
            fs::remove_dir_all(leftover)?;
        }
    }
    fs::create_dir_all(new.join("lib"))?;
    for file in fs::read_dir(staged.join("lib"))? {
        let file = file?;
        fs::copy(file.path(), new.join("lib").join(file.file_name()))?;
    }
    fs::copy(staged.join(BUILT_BY), new.join(BUILT_BY))?;
    if home.exists() {
        fs::rename(home, &old)?;
    }
    fs::rename(&new, home)?;
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    Ok(())
}

/// Whether this compiler has a library for wasm32 that it can use.
fn has_library(rustc: &dyn Fn() -> Command) -> bool {
    let Some(library) = process::answer(rustc().args(["--print", "target-libdir", "--target", TARGET])) else {
        return false;
    };
    let library = Path::new(&library);
    let standard = |name: &OsStr| name.to_string_lossy().starts_with("libstd-");
    let there = fs::read_dir(library).is_ok_and(|files| files.flatten().any(|file| standard(&file.file_name())));
    let home = library.parent().unwrap_or(library);
    // A library that came with the compiler, by rustup or as a package, has no such file.
    there && (!home.join(BUILT_BY).exists() || is_current(home, rustc))
}

/// Whether the library that was built here is one for this version of the compiler.
fn is_current(home: &Path, rustc: &dyn Fn() -> Command) -> bool {
    fs::read_to_string(home.join(BUILT_BY)).is_ok_and(|built_by| version_of(rustc).is_some_and(|version| version == built_by))
}

fn version_of(rustc: &dyn Fn() -> Command) -> Option<String> {
    process::answer(rustc().arg("-vV"))
}

/// `lld-22` for a package that depends on `llvm-22`.
fn linker_of(description: &str) -> Option<String> {
    let depends = description.lines().find_map(|line| line.strip_prefix("Depends:"))?;
    let llvm = depends.split(',').map(str::trim).find_map(|name| name.strip_prefix("llvm-"))?;
    Some(format!("lld-{}", llvm.split_whitespace().next()?))
}

#[cfg(test)]
mod tests {
    use super::linker_of;

    #[test]
    fn the_linker_follows_the_compilers_llvm() {
        let description =
            "Package: rust-web-llvm\nDepends: libc6 (>= 2.34), libgcc-s1 (>= 4.2), llvm-22 (>= 1:22)\nConflicts: rust-llvm\n";
        assert_eq!(linker_of(description).as_deref(), Some("lld-22"));
        assert_eq!(linker_of("Package: x\nDepends: libc6\n"), None);
    }
}
