//! The part of the fault lab that is meant for every change: scenarios that lead to every check, in both browsers.

use std::io::Write as _;
use std::process::Command;

use faultline_tests::browser::Kind;

#[test]
fn chromium() {
    plays_well(Kind::Chromium);
}

#[test]
fn firefox() {
    plays_well(Kind::Firefox);
}

/// What the lab ends with where the machine gives it no network of its own.
const NO_NETWORK: i32 = 3;

/// The lab is a program of its own, since it goes to a network of its own.
#[track_caller]
fn plays_well(kind: Kind) {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_faultline-tests"));
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let played = lab.args(["lab", "--part", "--browser", kind.as_str()]).current_dir(root).output().expect("the lab");
    let [said, cried] = [played.stdout, played.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    if played.status.code() == Some(NO_NETWORK) {
        // Past the capture of the test: nobody shall take it for played.
        let _ = writeln!(std::io::stderr(), "\nlab::{kind}: NOT RUN. {}", cried.trim());
        return;
    }
    assert!(played.status.success(), "{said}{cried}");
    println!("{said}");
}
