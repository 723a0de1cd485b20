//! Documents that point at what is there.

use std::collections::BTreeSet;

use faultline_core::net::Url;
use faultline_core::settings::Settings;

use crate::tree::{between, code, files, has, text};

fn documents() -> Vec<String> {
    files().into_iter().filter(|f| f.ends_with(".md")).collect()
}

/// The text without its blocks of code, in which brackets mean something else.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// The part of an address that a heading is known by.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || *c == ' ' || *c == '-' || *c == '_';
    heading.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut dead = Vec::new();
    for document in documents() {
        let folder = document.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let text = prose(&text(&document));
        for link in between(&text, "](", ")").into_iter().filter(|l| !l.contains("://") && !l.starts_with("mailto:")) {
            let (file, heading) = link.split_once('#').map_or((link.as_str(), None), |(f, h)| (f, Some(h)));
            let target = if file.is_empty() { document.clone() } else { resolve(&folder, file) };
            let found = has(&target)
                && heading.is_none_or(|h| crate::tree::text(&target).lines().any(|l| l.starts_with('#') && anchor(l) == h));
            if !found {
                dead.push(format!("{document}: {link}"));
            }
        }
    }
    assert!(dead.is_empty(), "these links lead nowhere:\n{}", dead.join("\n"));
}

/// `folder` and `file` with every `..` taken.
fn resolve(folder: &str, file: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in file.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A promise is worth the test that holds it: `worlds::a_form_is_never_sent_again` names file (or folder) and function.
#[test]
fn tests_that_the_architecture_names_exist() {
    tests_exist("ARCHITECTURE.md", 20);
}

#[test]
fn tests_that_the_threats_name_exist() {
    tests_exist("docs/threats.md", 40);
}

/// A row of a table whose last column says what holds it names a test there.
#[test]
fn no_promise_and_no_threat_is_without_a_test() {
    let mut rows = 0;
    let mut bare = Vec::new();
    for document in ["ARCHITECTURE.md", "docs/threats.md"] {
        let text = text(document);
        let table = text.split("| held by |\n").nth(1).and_then(|t| t.split("\n\n").next()).expect("a table of what holds what");
        for row in table.lines().skip(1) {
            rows += 1;
            let column = row.trim_end_matches('|').rsplit_once(" | ").map_or(row, |(_, column)| column);
            if names_of_tests(column).is_empty() {
                bare.push(format!("{document}: {row}"));
            }
        }
    }
    assert!(rows > 80, "only {rows} rows");
    assert!(bare.is_empty(), "no test holds these:\n{}", bare.join("\n"));
}

/// File (or folder) and function of every test that a text names.
fn names_of_tests(text: &str) -> BTreeSet<(String, String)> {
    let mut named = BTreeSet::new();
    for name in text.split('`').skip(1).step_by(2).filter(|n| n.contains("::") && !n.contains(' ')) {
        let parts: Vec<&str> = name.split("::").collect();
        // Types and functions of the crates are named with `::` too, but begin in another way.
        if parts.len() == 2
            && (parts[1].contains('_') || parts[0] == "fuzz")
            && parts.iter().all(|p| p.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
        {
            named.insert((parts[0].to_owned(), parts[1].to_owned()));
        }
    }
    named
}

#[track_caller]
fn tests_exist(document: &str, at_least: usize) {
    let named = names_of_tests(&text(document));
    assert!(named.len() > at_least, "{document} names only {} tests", named.len());
    let sources: Vec<_> = files().into_iter().filter(|f| f.ends_with(".rs")).map(|f| (text(&f), f)).collect();
    let exists = |(place, function): &(String, String)| {
        sources.iter().any(|(text, path)| {
            let here = path.trim_end_matches(".rs").split('/').any(|part| part == place);
            here && (text.contains(&format!("fn {function}("))
                || text.contains(&format!(" {function} => "))
                || text.contains(&format!(" {function}: alone => ")))
        })
    };
    let missing: Vec<_> = named.iter().filter(|n| !exists(n)).collect();
    assert!(
        missing.is_empty(),
        "{document} names tests that are not there; name the ones that hold the promise now: {missing:?}"
    );
}

#[test]
fn the_stages_of_the_test_command_are_the_described_ones() {
    let code = code("xtask/src/stages.rs");
    let contributing = text("CONTRIBUTING.md");
    let mut tables = contributing.split("| stage |").skip(1).filter_map(|t| t.split("\n\n").next());
    // Those of every run, and those that run by name only.
    for (list, next) in [("const STAGES", "const APART"), ("const APART", "pub(crate) fn names")] {
        let listed = between(&code, list, next).pop().expect("a list of stages");
        // One that needs more than one line is written with its name on a line of its own.
        let [short, long] = ["Stage { name: \"", "Stage {\n        name: \""].map(|before| between(&listed, before, "\""));
        let real: BTreeSet<_> = short.into_iter().chain(long).collect();
        let table = tables.next().expect("CONTRIBUTING.md has a table of these stages");
        let described: BTreeSet<_> = between(table, "\n| `", "` |").into_iter().collect();
        assert!(real.len() > 1, "{list}: {real:?}");
        assert_eq!(described, real, "the table of stages in CONTRIBUTING.md tells of those in xtask/src/stages.rs");
    }
}

#[test]
fn keys_that_packages_leave_out_are_told() {
    let code = code("xtask/src/dist.rs");
    let lists = between(&code, "dropped: &[\"", "\"]");
    let dropped: BTreeSet<_> = lists.iter().flat_map(|list| list.split("\", \"")).map(str::to_owned).collect();
    let releasing = text("docs/releasing.md");
    let table =
        releasing.split("| key |").nth(1).and_then(|t| t.split("\n\n").next()).expect("docs/releasing.md has a table of keys");
    let told: BTreeSet<_> = between(table, "\n| `", "` |").into_iter().collect();
    assert!(dropped.len() > 2, "{dropped:?}");
    assert_eq!(told, dropped, "the table of docs/releasing.md tells of the lists in xtask/src/dist.rs");
}

#[test]
fn every_host_that_may_be_asked_stands_in_the_privacy_statement() {
    let settings = Settings::default();
    let mut urls: Vec<String> = [true, false].iter().flat_map(|firefox| settings.controls(*firefox)).map(|c| c.url).collect();
    urls.extend([settings.outside.globalping, settings.outside.doh]);
    let privacy = text("PRIVACY.md");
    let hosts: BTreeSet<_> = urls.iter().filter_map(|u| Url::split(u)).map(|u| u.host.to_owned()).collect();
    let silent: Vec<_> = hosts.iter().filter(|h| !privacy.contains(&format!("`{h}`"))).collect();
    assert!(silent.is_empty(), "PRIVACY.md does not name {silent:?}");

    // And no other host stands in what is shipped, but for names of formats, documents and the project's own home.
    let formats = ["www.w3.org", "developer.chrome.com", "github.com"];
    let shipped = ["crate/shell/src/", "crate/core/src/", "crate/search/src/", "extension/", "_locales/", "manifest.json"];
    let written = [".rs", ".js", ".html", ".css", ".json"];
    let mut found = hosts;
    for path in files() {
        if !shipped.iter().any(|start| path.starts_with(start)) || !written.iter().any(|end| path.ends_with(end)) {
            continue;
        }
        for scheme in ["http://", "https://"] {
            let hosts = code(&path)
                .split(scheme)
                .skip(1)
                .map(|rest| rest.split(['/', '"', '\'', '`', ' ', '*', '{']).next().unwrap_or_default().to_owned())
                .collect::<Vec<_>>();
            for host in
                hosts.into_iter().filter(|h| h.contains('.') && !h.ends_with(".example") && !formats.contains(&h.as_str()))
            {
                assert!(privacy.contains(&format!("`{host}`")), "{path} names {host}, and PRIVACY.md does not");
                found.insert(host);
            }
        }
    }

    // Nor does the statement name one that nobody asks any more.
    let is_host = |word: &&str| {
        let letters = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-');
        letters && word.contains('.') && !word.starts_with("storage.")
    };
    let told: BTreeSet<_> = privacy.split('`').skip(1).step_by(2).filter(is_host).map(str::to_owned).collect();
    assert!(told.len() > 4, "{told:?}");
    assert_eq!(told, found, "the hosts of PRIVACY.md are those of the sources");
}
