//! What redaction takes away although it is nobody's secret: counted, and held in `removed.tsv`.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use faultline_core::fingerprint;
use faultline_core::redact::{REMOVED, Safe};

use crate::cases::english;
use crate::fixture;

#[test]
fn every_identifier_and_version_of_every_fixture_stays() {
    let mut lost = BTreeSet::new();
    for fixture in fixture::all() {
        let reading = fingerprint::read(&fixture.page);
        for reference in &reading.references {
            let safe = Safe::reference(&reference.value);
            if safe.as_str() != reference.value {
                lost.insert(format!("{}: {} {} → {}", fixture.name, reference.kind, reference.value, safe.as_str()));
            }
        }
        for version in reading.producer.iter().filter_map(|p| p.version.as_ref()) {
            if Safe::version(version).as_str() != version {
                lost.insert(format!("{}: version {version}", fixture.name));
            }
        }
    }
    assert!(lost.is_empty(), "an administrator would miss these:\n{}", lost.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_our_own_sentences_say_is_never_removed() {
    let words = english();
    let lost: Vec<_> = words
        .keys()
        .filter_map(|key| {
            let message = words.message(key)?;
            // What does not fit is cut; longer sentences do not go through here as one.
            let safe = Safe::sentence(message);
            safe.as_str().contains(REMOVED).then(|| format!("{key}: {message} → {}", safe.as_str()))
        })
        .collect();
    assert!(lost.is_empty(), "our own words look like secrets:\n{}", lost.join("\n"));
}

/// Titles, reason phrases and names of hops of all fixtures that lose something.
#[test]
fn what_is_removed_wrongly_is_known() {
    let mut lines = BTreeSet::new();
    let mut looked_at = 0;
    for fixture in fixture::all() {
        let reading = fingerprint::read(&fixture.page);
        let title = fixture.page.body.as_deref().and_then(title).unwrap_or_default();
        let hops = reading.relays.iter().map(|r| ("hop", r.name.as_str()));
        let reason = fixture.page.reason.iter().map(|r| ("reason", r.as_str()));
        for (what, text) in hops.chain(reason).chain([("title", title.as_str())]) {
            looked_at += 1;
            let safe = Safe::text(text);
            if safe.as_str().contains(REMOVED) {
                lines.insert(format!("{}\t{what}\t{}\n", fixture.name, safe.as_str()));
            }
        }
    }
    assert!(looked_at > 500, "only {looked_at} texts were looked at");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/leaks/removed.tsv");
    let now: String = lines.into_iter().collect();
    if env::var_os("FAULTLINE_UPDATE").is_some() {
        fs::write(&file, &now).expect("removed.tsv can be written");
    }
    let known = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(now, known, "of {looked_at} texts of real pages; look at each, then run with FAULTLINE_UPDATE=1");
}

fn title(body: &str) -> Option<String> {
    let at = body.to_ascii_lowercase().find("<title>")?;
    let rest = body.get(at + 7..)?;
    Some(rest.get(..rest.find('<')?)?.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn what_an_administrator_needs_stays_in_a_text() {
    for text in [
        "shop.example | 502: Bad gateway",
        "Error 502 (Server Error)!!1",
        "H12 Request timeout",
        "HTTP Error 502.3 - Bad Gateway",
        "Error code: 502",
        "nginx/1.22.1 on web-07.shop.test",
        "openresty/1.21.4.1",
        "Apache/2.4.66 (Debian) mod_wsgi/5.0.0 Python/3.11",
        "cache-fra-eddf8230020-FRA",
        "500 502 503 504 errors explained",
        "Sun, 22 Nov 2026 02:56:13 GMT",
        "2026-11-22 10:15:30",
        "ERR_CONNECT_FAIL 111",
        "upstream 127.0.0.1:9000 refused",
        "java.lang.NullPointerException at com.example.Shop.pay",
        "Windows error 0x80072efd",
        "express@4.18.2 failed",
        "Basic Authentication required",
        "Session expired, sign in again",
        "10-best-laptops-of-2026-under-500-dollars",
        "web01.fra2.eu-central-1a.shop.test",
        "PHP 8.2.7, MySQL 8.0.33, Ubuntu 22.04.3",
        "障害が発生しました（502）",
    ] {
        let plain = text.replace('（', "(").replace('）', ")");
        assert_eq!(Safe::text(text).as_str(), plain);
    }
    for url in [
        "https://shop.example/cart/42",
        "https://shop.example/2026/11/22/why-502",
        "https://shop.example/p/20261122",
        "https://shop.example/wp-content/plugins/shop/v2/index.php",
        "https://shop.example/user/login",
        "https://shop.example/wiki/Gateway_(telecommunications)",
        "https://shop.example/%E9%9A%9C%E5%AE%B3",
        "https://192.168.1.1:8443/status",
        "https://shop.example/docs/1.21.4.1/",
    ] {
        if url.contains("1.21.4.1") {
            // An address in a path cannot be told from a version: it goes, and the visitor can put the path back.
            assert!(Safe::url(url).as_str().contains(REMOVED));
        } else {
            assert_eq!(Safe::url(url).as_str(), url);
        }
    }
}
