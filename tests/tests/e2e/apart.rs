//! Programs that go to a network of their own, which a thread of a test cannot.

use std::io::Write as _;
use std::process::Command;

/// What they end with where the machine gives them none.
const NO_NETWORK: i32 = 3;

/// Runs a command of the stage and holds it to ending well; where there is no network for it, says so and fails nothing.
#[track_caller]
pub(crate) fn ends_well(arguments: &[&str]) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_faultline-tests"));
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let ended = program.args(arguments).current_dir(root).output().expect("the program");
    let [said, cried] = [ended.stdout, ended.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    if ended.status.code() == Some(NO_NETWORK) {
        // Past the capture of the test: nobody shall take it for played.
        let _ = writeln!(std::io::stderr(), "\n{}: NOT RUN. {}", arguments.join(" "), cried.trim());
        return;
    }
    assert!(ended.status.success(), "{said}{cried}");
    println!("{said}");
}
