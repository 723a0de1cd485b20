//! A part of the fault lab, in both browsers. It joins the other scenarios when every row is right; until then: `cargo xtask lab --part`.

use std::process::Command;

use faultline_tests::browser::Kind;

#[test]
#[ignore = "not every row is right yet: `cargo xtask lab --part` says which"]
fn chromium() {
    plays_well(Kind::Chromium);
}

#[test]
#[ignore = "not every row is right yet: `cargo xtask lab --part` says which"]
fn firefox() {
    plays_well(Kind::Firefox);
}

/// The lab is a program of its own, since it goes to a network of its own.
#[track_caller]
fn plays_well(kind: Kind) {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_faultline-tests"));
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let played = lab.args(["lab", "--part", "--browser", kind.as_str()]).current_dir(root).output().expect("the lab");
    let [said, cried] = [played.stdout, played.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(played.status.success(), "{said}{cried}");
    println!("{said}");
}
