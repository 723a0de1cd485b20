//! Tools that no distribution packages in the version that is needed: built from crates.io, or taken from npm, once for all checkouts.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use super::programs;
use crate::place::Place;
use crate::process::{self, Outcome};

/// The version that the build was written against.
const WASM_PACK: &str = "0.15.1";
/// Mozilla's own look at an extension. The last one that runs with the Node.js of Debian 12.
const WEB_EXT: &str = "9.4.0";
/// Finds what keeps people out of a page. Only the tests put it into one.
const AXE: &str = "4.14.1";
/// Needs `--allow-system-access`, which came with 0.36.
const GECKODRIVER: &str = "0.37.1";
/// The version that deny.toml was written for.
const CARGO_DENY: &str = "0.20.2";

/// How well the version of a tool that somebody else installed has to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// The very same: generated glue and library are of one version.
    Exact,
    /// This or anything newer.
    AtLeast(u32, u32),
}

/// Where a tool comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    CratesIo,
    Npm,
    /// From npm too: one file of the package, and no program.
    NpmFile,
}

/// One tool, and the version that is wanted of it.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    /// Its name where it comes from.
    pub(crate) package: &'static str,
    pub(crate) version: String,
    from: From,
    program: &'static str,
    fit: Fit,
}

/// Every tool there is. The version of wasm-bindgen is read from the workspace, so that the two cannot drift apart.
pub(crate) fn all(place: &Place) -> Outcome<Vec<Tool>> {
    let bindgen = place.pinned("wasm-bindgen")?;
    let crates_io =
        |package, version: &str, program, fit| Tool { package, version: version.to_owned(), from: From::CratesIo, program, fit };
    Ok(vec![
        crates_io("wasm-pack", WASM_PACK, "wasm-pack", Fit::Exact),
        crates_io("wasm-bindgen-cli", &bindgen, "wasm-bindgen", Fit::Exact),
        crates_io("cargo-deny", CARGO_DENY, "cargo-deny", Fit::AtLeast(0, 18)),
        crates_io("geckodriver", GECKODRIVER, "geckodriver", Fit::AtLeast(0, 36)),
        Tool { package: "web-ext", version: WEB_EXT.to_owned(), from: From::Npm, program: "web-ext", fit: Fit::Exact },
        Tool { package: "axe-core", version: AXE.to_owned(), from: From::NpmFile, program: "axe.min.js", fit: Fit::Exact },
    ])
}

/// The tools of these names.
pub(crate) fn wanted(place: &Place, names: &[&str]) -> Outcome<Vec<Tool>> {
    Ok(all(place)?.into_iter().filter(|tool| names.contains(&tool.package)).collect())
}

impl Tool {
    /// Where the set-up keeps it.
    pub(crate) fn directory(&self, place: &Place) -> PathBuf {
        place.cache.join("tools").join(format!("{}-{}", self.package, self.version))
    }

    fn file(&self, place: &Place) -> PathBuf {
        let home = self.directory(place);
        match self.from {
            From::CratesIo | From::Npm => home.join("bin").join(self.program),
            From::NpmFile => home.join("lib/node_modules").join(self.package).join(self.program),
        }
    }

    /// Whether a program that fits is there: our own, or one that came in another way.
    pub(crate) fn is_there(&self, place: &Place, path: &OsStr) -> bool {
        // Cargo moves a program into place when it is complete, so that its presence is enough.
        if self.file(place).exists() {
            return true;
        }
        let Some(file) = programs::find(self.program, path) else {
            return false;
        };
        process::answer(Command::new(file).arg("--version")).is_some_and(|text| self.fits(&text))
    }

    /// Judges the output of `--version`, of which the second word of the first line is the version.
    fn fits(&self, text: &str) -> bool {
        let Some(version) = text.split_whitespace().nth(1) else {
            return false;
        };
        match self.fit {
            Fit::Exact => version == self.version,
            Fit::AtLeast(major, minor) => {
                let mut parts = version.split('.').map_while(|part| part.parse::<u32>().ok());
                matches!((parts.next(), parts.next()), (Some(one), Some(two)) if (one, two) >= (major, minor))
            }
        }
    }

    /// Builds or fetches it.
    pub(crate) fn install(&self, place: &Place) -> Outcome {
        match self.from {
            From::CratesIo => self.build(place),
            From::Npm | From::NpmFile => self.fetch(place),
        }
    }

    fn fetch(&self, place: &Place) -> Outcome {
        println!("set-up: fetching {} {} (once)", self.package, self.version);
        let mut command = Command::new("npm");
        // What is installed "globally" below a folder has its programs in `bin`, as cargo's have. No script of a package is run.
        command.args(["install", "--global", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]);
        command.arg(self.directory(place)).arg(format!("{}@{}", self.package, self.version));
        process::quietly(&mut command)
    }

    fn build(&self, place: &Place) -> Outcome {
        println!("set-up: building {} {} (a minute or two, once)", self.package, self.version);
        let start = Instant::now();
        let build = place.cache.join("tools").join("build");
        fs::create_dir_all(&build).map_err(|why| format!("cannot create {}: {why}", build.display()))?;
        let mut command = Command::new("cargo");
        command.args(["install", "--locked", "--quiet", "--force", "--root"]).arg(self.directory(place));
        command.arg(format!("{}@={}", self.package, self.version));
        // Outside the checkout no cargo configuration of this workspace is in force. One build directory serves all tools, since
        // they share dependencies; and what works for a second at a time is not worth minutes of optimising.
        command.current_dir(&build).env("CARGO_TARGET_DIR", &build);
        command.envs([("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")]);
        command.envs([("CARGO_PROFILE_RELEASE_LTO", "false"), ("CARGO_PROFILE_RELEASE_STRIP", "true")]);
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("CARGO_BUILD_TARGET");
        process::quietly(&mut command)?;
        println!("set-up: built {} in {} s", self.package, start.elapsed().as_secs());
        Ok(())
    }
}

/// Removes what was only needed while building. The tools stay.
pub(crate) fn tidy_up(place: &Place) {
    // Leftovers cost disk space and nothing else.
    let _ = fs::remove_dir_all(place.cache.join("tools").join("build"));
}

#[cfg(test)]
mod tests {
    use super::{Fit, Tool};

    fn tool(fit: Fit) -> Tool {
        Tool { package: "p", version: "0.36.0".to_owned(), from: super::From::CratesIo, program: "p", fit }
    }

    #[test]
    fn an_exact_version_is_exact() {
        assert!(tool(Fit::Exact).fits("wasm-bindgen 0.36.0"));
        assert!(tool(Fit::Exact).fits("wasm-bindgen 0.36.0 (1a2b3c4d5)"));
        assert!(!tool(Fit::Exact).fits("wasm-bindgen 0.36.01"));
        assert!(!tool(Fit::Exact).fits(""));
    }

    #[test]
    fn newer_is_compared_by_number_and_not_by_text() {
        let fits = |text| tool(Fit::AtLeast(0, 36)).fits(text);
        assert!(fits("geckodriver 0.36.0 (hash 2025)\n\nmore"));
        assert!(fits("geckodriver 0.100.0"));
        assert!(fits("geckodriver 1.0.0"));
        assert!(!fits("geckodriver 0.9.9"));
        assert!(!fits("geckodriver unknown"));
    }
}
