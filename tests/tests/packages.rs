//! The packages for the stores, as they are, in the real browsers before a real server. `cargo xtask test packages` makes and names them.

#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used, reason = "a test that meets something else has failed")]

use std::path::PathBuf;

use faultline_tests::browser::{Kind, Launch};
use faultline_tests::servers::{Fault, Gateway, Origin, Product, Site, Upstream};
use faultline_tests::stage::{CONTROL, online, settings};

/// The package under test: a `.xpi`, or the folder that a `.zip` was unpacked to.
fn package(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} names no package: `cargo xtask test packages`"));
    let path = PathBuf::from(path);
    assert!(path.exists(), "{} is not there: `cargo xtask dist`", path.display());
    path
}

/// Installs it, meets a 502 of nginx, and reads the verdict.
fn meets_a_502(kind: Kind, package: PathBuf) {
    let control = Origin::start(|_| online());
    let nobody = Upstream::with(Fault::Refuses);
    let gateway = Gateway::start(Product::Nginx, &[Site::new("packaged.test", nobody.port())]);
    let browser = Launch::new(kind).extension(package).hosts(["packaged.test", CONTROL]).start();
    browser.set_settings(&settings(&control.url(CONTROL, "/generate_204")));
    browser.tidy_up();

    browser.visit(&gateway.url("packaged.test", "/"));
    let shown = browser.verdict();
    assert_eq!(
        (shown.status.as_str(), shown.producer.as_str(), shown.failure.as_str()),
        ("502", "nginx", "refused"),
        "{shown:?}"
    );
    assert_eq!(shown.verdict(), ("site", "app"), "{shown:?}");
    let report = browser.report(&shown.case);
    assert_eq!(report.text("/generator/version"), env!("CARGO_PKG_VERSION"), "the package is of another version");
}

#[test]
fn chromes_package_meets_a_502() {
    meets_a_502(Kind::Chromium, package("FAULTLINE_CHROME_PACKAGE"));
}

#[test]
fn firefoxs_package_meets_a_502() {
    meets_a_502(Kind::Firefox, package("FAULTLINE_FIREFOX_PACKAGE"));
}
