//! The command of a report, run in a shell as the site's administrator runs it.

use std::process::Command;

use faultline_tests::browser::Browser;
use faultline_tests::process::Scratch;
use faultline_tests::servers::{Fault, Origin, Product, Request, Site, Upstream};
use faultline_tests::stage::fixture;
use faultline_tests::wait::wait_for;

use crate::pages::{press, wait_until};

/// The command that a click on the details page copies, with the whole path.
fn copied(browser: &Browser, host: &str) -> String {
    browser.close_popup();
    browser.open_page("details.html#latest");
    wait_until(browser, "document.querySelector('[data-state=done]')");
    press(browser, "[data-do='switch:path']");
    wait_until(browser, "document.querySelector('[data-do=\"switch:path\"]').ariaPressed === 'true'");
    press(browser, "[data-do=copy-curl]");
    wait_for("the command", || {
        let text = browser.clipboard();
        if text.starts_with("curl ") && text.contains(host) { Ok(text) } else { Err(text) }
    })
}

/// Runs it in an empty directory, where `host` is this machine, and gives what it prints.
fn run(line: &str, host: &str, port: u16) -> String {
    let home = Scratch::new("curl");
    // Whatever this machine's own settings say, proxies among them.
    home.write(".curlrc", &format!("noproxy = \"*\"\nresolve = \"{host}:{port}:127.0.0.1\"\n"));
    let ran = Command::new("sh").args(["-c", line]).current_dir(home.path()).env("CURL_HOME", home.path()).output();
    let ran = ran.expect("there is a shell");
    let errors = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success() && errors.is_empty(), "{line}: {errors}");
    let left: Vec<_> = std::fs::read_dir(home.path()).expect("it is there").flatten().map(|e| e.file_name()).collect();
    assert_eq!(left, [".curlrc"], "{line} has done something else");
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

scenarios! {
    the_command_meets_the_status_and_the_server_of_the_report => |scene| {
        let nowhere = Upstream::with(Fault::Refuses);
        let gateway = scene.gateway(Product::Nginx, Site::new("curl.test", nowhere.port()));
        let shown = scene.verdict_on(&gateway.url("curl.test", "/a/c"));
        let report = scene.browser.report(&shown.case);
        let said = run(&copied(&scene.browser, "curl.test"), "curl.test", gateway.port());
        assert!(said.starts_with(&format!("HTTP/1.1 {} ", shown.status)), "{said}");
        let server = format!("\r\nServer: {}", report.text("/producer/id"));
        assert!(said.contains(&server), "no {server:?} in {said}");
    };
    an_address_that_would_be_a_command_is_asked_for_and_not_run => |scene| {
        let origin = Origin::start(|_| fixture("nginx/502-refused"));
        scene.name("shell.test");
        let hostile = "/a'b;touch${IFS}one;'\"$(touch two)`touch three`|touch four&&touch five\\\\é*[1-3]{a,b}/c";
        scene.verdict_on(&origin.url("shell.test", hostile));
        let asked = origin.requests().into_iter().find(|r| r.target.starts_with("/a")).expect("the visit").target;
        let line = copied(&scene.browser, "shell.test");
        run(&line, "shell.test", origin.port());
        // A check may still be asking as well.
        let by_curl = |r: &Request| r.header("user-agent").is_some_and(|agent| agent.starts_with("curl/"));
        let again: Vec<_> = origin.requests().into_iter().filter(by_curl).map(|r| r.target).collect();
        assert_eq!(again, [asked.replace('\'', "%27")], "{line}");
    };
}
