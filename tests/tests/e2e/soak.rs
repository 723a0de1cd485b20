//! No popup without a failure and none twice: every kind of step once, one after the other. Thousands of them: `cargo xtask soak`.

use faultline_tests::browser::Kind;
use faultline_tests::soak::{KINDS, soak};

#[test]
fn every_kind_once_in_chromium() {
    every_kind_once(Kind::Chromium);
}

#[test]
fn every_kind_once_in_firefox() {
    every_kind_once(Kind::Firefox);
}

#[track_caller]
fn every_kind_once(kind: Kind) {
    let steps = u32::try_from(KINDS).expect("a small number");
    let tally = soak(kind, 1, steps, None);
    println!("{kind}: {tally}");
    assert_eq!(tally.kinds.len(), KINDS, "{tally}");
    assert!(tally.failures > 10 && tally.is_clean(), "{tally}");
    // Or two of the kinds were like any other: the browser kept no page in its memory, or loaded none ahead of time.
    assert!(tally.from_memory > 0 && tally.ahead > 0, "{tally}");
}
