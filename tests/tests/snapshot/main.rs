//! The shape of what is saved: the desk, as `storage.session` has it.
//!
//! A background of a new version may meet what an old one has saved. It is told apart by its version, so that version must go up
//! whenever the shape changes. The shape of the last version is in `golden.txt`.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

#[path = "../cases/mod.rs"]
mod cases;
mod filled;
mod shape;
#[path = "../world/mod.rs"]
mod world;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use faultline_core::desk::Desk;
use faultline_core::event::{Announcement, CaseId, Event, What};
use shape::Shape;
use world::World;

/// Desks of every kind: each script at its end, and one in the middle.
fn desks() -> Vec<(&'static str, Desk)> {
    let mut desks: Vec<_> = cases::scripts().into_iter().map(|(name, script)| (name, World::play(script).desk)).collect();
    let World { mut desk, now, .. } = cases::checking();
    // An announcement under way ends with the background, and is not saved.
    let _ = desk.handle(Event::new(now, What::Announced { case: CaseId(1), visit: 1, how: Announcement::Popup }));
    desks.push(("checking", desk));
    desks
}

/// Every place and every variant, whichever of them the scripts and the rules of today come by.
fn shape() -> String {
    let mut shape = Shape::default();
    desks().iter().for_each(|(_, desk)| shape.merge(Shape::of(desk)));
    shape.merge(Shape::of(&filled::desk()));
    shape.lines()
}

/// `VERSION` as it stands in the shell, which only compiles for WebAssembly.
fn version() -> u32 {
    let source = fs::read_to_string(folder().join("../../crate/shell/src/store.rs")).expect("crate/shell/src/store.rs is there");
    let line = source.lines().find_map(|l| l.split_once("const VERSION: ")).expect("store.rs has `const VERSION: … = …;`");
    let number = line.1.split_once(" = ").and_then(|(_, n)| n.trim_end_matches(';').parse().ok());
    number.expect("VERSION is a number")
}

fn folder() -> PathBuf {
    // What cargo says at run time comes first: a build directory may serve several checkouts.
    let tests = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&tests).join("tests")
}

#[test]
fn the_saved_shape_is_the_one_of_its_version() {
    let path = folder().join("snapshot/golden.txt");
    let (now, version) = (shape(), version());
    let golden = || {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let (first, shape) = text.split_once('\n').unwrap_or_default();
        (first.strip_prefix("version ").and_then(|n| n.parse::<u32>().ok()).unwrap_or(0), shape.to_owned())
    };
    let old = golden();
    // Without a new version no other shape is taken over.
    if env::var_os("FAULTLINE_UPDATE").is_some() && (version > old.0 || old.1 == now) {
        fs::write(&path, format!("version {version}\n{now}")).expect("tests/tests/snapshot/golden.txt can be written");
    }
    let golden = golden();
    let accept = "FAULTLINE_UPDATE=1 cargo test -p faultline-tests --test snapshot";
    assert!(
        golden.1 == now,
        "what is saved has another shape than version {} had. Raise VERSION in crate/shell/src/store.rs, then accept it with `{accept}`.\n{}",
        golden.0,
        differences(&golden.1, &now)
    );
    assert_eq!(golden.0, version, "the shape is the one of golden.txt, its version is not: `{accept}`");
}

/// The lines that only one of the two has.
fn differences(old: &str, new: &str) -> String {
    let only = |a: &str, b: &str, sign: &str| {
        a.lines().filter(|l| !b.lines().any(|m| m == *l)).map(|l| format!("{sign} {l}\n")).collect::<String>()
    };
    let lines = only(old, new, "-") + &only(new, old, "+");
    if lines.is_empty() { "the same lines in another order".to_owned() } else { lines }
}

#[test]
fn what_is_saved_can_be_read_again() {
    for (name, desk) in desks() {
        let bytes = postcard::to_allocvec(&desk).expect("the desk can be saved");
        let mut again: Desk = postcard::from_bytes(&bytes).unwrap_or_else(|why| panic!("{name}: {why}"));
        again.judge();
        assert_eq!(again, desk, "{name}");
    }
}
