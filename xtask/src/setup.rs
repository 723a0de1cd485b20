//! Set-up: from a clean clone to everything that a command needs, without a word when it is all there.
//!
//! 1. Look: files on `PATH`, and one question each to rustc and to the tools whose version matters. No stamp says that a machine
//!    was once complete, so that nothing can be stale.
//! 2. As root on Debian or Ubuntu: install what is missing. Otherwise: print the one line that does it, and stop.
//! 3. Build the tools that no distribution packages, once for all checkouts.
//!
//! Nothing that was installed before is removed or stopped, and no server that comes as a package is left running.

mod apt;
mod programs;
mod rust;
mod tools;
mod wasm;

pub(crate) use wasm::TARGET;

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use crate::place::Place;
use crate::process::{self, Outcome};
use programs::Program;
use wasm::Compiler;

/// What a command needs from the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// rustfmt and clippy.
    lints: bool,
    /// A compiler for wasm32.
    wasm: bool,
    /// Packaged programs.
    programs: Vec<&'static Program>,
    /// Tools that are built from crates.io or fetched from npm, by name.
    tools: Vec<&'static str>,
}

impl Needs {
    /// `cargo fmt` and `cargo clippy`.
    pub(crate) fn lints() -> Self {
        Self { lints: true, ..Self::default() }
    }

    /// A compiler for wasm32, for a check without a build.
    pub(crate) fn wasm() -> Self {
        Self { wasm: true, ..Self::default() }
    }

    /// All that turns the checkout into an extension.
    pub(crate) fn build() -> Self {
        Self {
            wasm: true,
            programs: programs::BUILD.iter().collect(),
            tools: vec!["wasm-pack", "wasm-bindgen-cli"],
            ..Self::default()
        }
    }

    /// A build, and one browser with its driver.
    pub(crate) fn run(browser: &str) -> Outcome<Self> {
        let mut needs = Self::build();
        match browser {
            "chromium" => needs.programs.extend(programs::CHROMIUM),
            "firefox" => {
                needs.programs.extend(programs::FIREFOX);
                needs.tools.push("geckodriver");
            }
            other => {
                return Err(format!("`{other}` is no browser that this can start: chromium or firefox"));
            }
        }
        Ok(needs)
    }

    /// The real servers that the tests start by themselves.
    pub(crate) fn servers() -> Self {
        Self { programs: programs::SERVERS.iter().collect(), ..Self::default() }
    }

    /// What plays `background.js` without a browser.
    pub(crate) fn node() -> Self {
        Self { programs: programs::NODE.iter().take(1).collect(), ..Self::default() }
    }

    /// Mozilla's own look at a package.
    pub(crate) fn web_ext() -> Self {
        Self { programs: programs::NODE.iter().collect(), tools: vec!["web-ext"], ..Self::default() }
    }

    /// libFuzzer, which comes as C++.
    pub(crate) fn fuzz() -> Self {
        Self { programs: programs::CXX.iter().collect(), ..Self::default() }
    }

    /// What looks over the dependencies.
    pub(crate) fn deny() -> Self {
        Self { tools: vec!["cargo-deny"], ..Self::default() }
    }

    /// A build, both browsers, the servers, and a display for windows that must have the focus.
    pub(crate) fn browsers() -> Self {
        let mut needs = Self::build().and(Self::servers());
        for programs in
            [programs::CHROMIUM, programs::FIREFOX, programs::DISPLAY, programs::CURL, programs::NETWORK, programs::NODE]
        {
            needs.programs.extend(programs);
        }
        needs.tools.extend(["geckodriver", "axe-core"]);
        needs
    }

    /// The whole of the fault lab.
    pub(crate) fn lab() -> Self {
        let mut needs = Self::browsers();
        needs.programs.extend(programs::LAB);
        needs
    }

    /// What the whole of `cargo xtask test` needs.
    pub(crate) fn everything() -> Self {
        Self::lints().and(Self::browsers()).and(Self::web_ext()).and(Self::fuzz()).and(Self::deny())
    }

    /// Both together.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.lints |= other.lints;
        self.wasm |= other.wasm;
        self.programs.extend(other.programs);
        self.tools.extend(other.tools);
        self.programs.sort_by_key(|program| program.name);
        self.programs.dedup_by_key(|program| program.name);
        self.tools.sort_unstable();
        self.tools.dedup();
        self
    }
}

/// The way to start programs once the set-up is done.
pub(crate) struct Tools {
    path: OsString,
    compiler: Compiler,
}

impl Tools {
    /// A program in the root of the checkout, with every tool on its `PATH`.
    pub(crate) fn command(&self, place: &Place, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&place.root).env("PATH", &self.path);
        command
    }

    /// The same, with a compiler that knows wasm32.
    pub(crate) fn wasm_command(&self, place: &Place, program: &str) -> Command {
        let mut command = self.command(place, program);
        if let Compiler::Linked = self.compiler {
            command.env("RUSTUP_TOOLCHAIN", wasm::LINKED);
        }
        command
    }
}

/// What a look at the machine found missing.
struct Missing {
    lints: bool,
    compiler: Option<Compiler>,
    wasm: bool,
    programs: Vec<&'static Program>,
    tools: Vec<tools::Tool>,
    path: OsString,
}

impl Missing {
    fn look(place: &Place, needs: &Needs) -> Outcome<Self> {
        let wanted = tools::wanted(place, &needs.tools)?;
        let path = search_path(place, &tools::all(place)?)?;
        let compiler = if needs.wasm { wasm::ready(needs.lints) } else { None };
        Ok(Self {
            lints: needs.lints && !rust::has_lints(),
            wasm: needs.wasm && compiler.is_none(),
            compiler,
            programs: needs.programs.iter().copied().filter(|program| !program.is_on(&path)).collect(),
            tools: wanted.into_iter().filter(|tool| !tool.is_there(place, &path)).collect(),
            path,
        })
    }

    fn nothing(&self) -> bool {
        !self.lints && !self.wasm && self.programs.is_empty() && self.tools.is_empty()
    }

    fn names(&self) -> String {
        let mut names: Vec<String> = self.programs.iter().map(|program| program.name.to_owned()).collect();
        names.extend(self.tools.iter().map(|tool| format!("{} {}", tool.package, tool.version)));
        if self.wasm {
            names.push("a Rust compiler for wasm32".to_owned());
        }
        if self.lints {
            names.push("rustfmt and clippy".to_owned());
        }
        names.join(", ")
    }
}

/// Makes sure that all needs are met.
///
/// The error is what the person has to do: for somebody who is not root, one line to run.
pub(crate) fn prepare(place: &Place, needs: &Needs) -> Outcome<Tools> {
    let missing = Missing::look(place, needs)?;
    if missing.nothing() {
        return Ok(Tools { path: missing.path, compiler: missing.compiler.unwrap_or(Compiler::Active) });
    }
    let _alone = lock(place)?;
    // Another set-up may have done it all while this one waited.
    let missing = Missing::look(place, needs)?;
    install(place, needs, &missing)?;
    let missing = Missing::look(place, needs)?;
    if !missing.nothing() {
        return Err(format!("set-up ran to its end, and this is still missing: {}", missing.names()));
    }
    println!("set-up: done");
    Ok(Tools { path: missing.path, compiler: missing.compiler.unwrap_or(Compiler::Active) })
}

fn install(place: &Place, needs: &Needs, missing: &Missing) -> Outcome {
    if missing.lints {
        rust::add_lints()?;
    }
    let mut packages: Vec<String> = Vec::new();
    let by_rustup = missing.wasm && wasm::add_by_rustup();
    if missing.wasm && !by_rustup {
        packages.extend(wasm::packages(needs.lints)?);
    }
    let distribution = apt::Distribution::of_this_machine();
    for program in &missing.programs {
        match &distribution {
            Some(distribution) => packages.extend(program.packages(*distribution).iter().map(|&name| name.to_owned())),
            None => {
                return Err(format!("this machine has no apt-get; install these and run the command again: {}", missing.names()));
            }
        }
    }
    if !packages.is_empty() {
        apt::install(&packages)?;
    }
    if missing.wasm && !by_rustup {
        wasm::build_library(place)?;
    }
    for tool in &missing.tools {
        tool.install(place)?;
    }
    tools::tidy_up(place);
    Ok(())
}

/// Two set-ups at the same time would install over each other; the second waits.
fn lock(place: &Place) -> Outcome<File> {
    let path = place.cache.join("set-up.lock");
    let trouble = |why: std::io::Error| format!("cannot lock {}: {why}", path.display());
    fs::create_dir_all(&place.cache).map_err(trouble)?;
    let file = File::create(&path).map_err(trouble)?;
    if file.try_lock().is_err() {
        println!("set-up: waiting for another set-up that is running");
        file.lock().map_err(trouble)?;
    }
    Ok(file)
}

/// Our own tools first; the places of servers last, since the `PATH` of an ordinary user leaves them out.
fn search_path(place: &Place, tools: &[tools::Tool]) -> Outcome<OsString> {
    let mut directories: Vec<PathBuf> = tools.iter().map(|tool| tool.directory(place).join("bin")).collect();
    directories.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    directories.extend(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from));
    env::join_paths(directories).map_err(|why| format!("PATH cannot be extended: {why}"))
}

/// Whether this process may write where packages go.
fn is_root() -> bool {
    process::answer(Command::new("id").arg("-u")).as_deref() == Some("0")
}
