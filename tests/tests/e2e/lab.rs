//! The part of the fault lab that is meant for every change: scenarios that lead to every check, in both browsers.

use faultline_tests::browser::Kind;

use crate::apart::ends_well;

#[test]
fn chromium() {
    plays_well(Kind::Chromium);
}

#[test]
fn firefox() {
    plays_well(Kind::Firefox);
}

#[track_caller]
fn plays_well(kind: Kind) {
    ends_well(&["lab", "--part", "--browser", kind.as_str()]);
}
