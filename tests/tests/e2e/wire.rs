//! With its own settings the extension speaks to the failing site and the control, and to nobody else.

use faultline_tests::browser::Kind;

use crate::apart::ends_well;

#[test]
fn chromium_speaks_to_nobody_else() {
    is_silent(Kind::Chromium);
}

#[test]
fn firefox_speaks_to_nobody_else() {
    is_silent(Kind::Firefox);
}

#[track_caller]
fn is_silent(kind: Kind) {
    ends_well(&["wire", "--browser", kind.as_str()]);
}
