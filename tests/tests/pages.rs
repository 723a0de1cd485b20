//! Every page of `tests/pages` is read as its `expect.toml` says, in each form in which a page can arrive.

// A failed expectation must stop the test: that is what it is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, unreachable_pub, dead_code)]

mod fixture;
mod markers;

use faultline_core::fingerprint;
use faultline_core::page::{Header, Page};
use faultline_core::reading::Reading;
use fixture::Fixture;
use proptest::prelude::*;

/// What differs from what was expected.
fn differences(fixture: &Fixture, form: &str, reading: &Reading) -> Vec<String> {
    let e = &fixture.expect;
    let mut wrong = Vec::new();
    let mut check = |what: &str, got: String, wanted: String| {
        if got != wanted {
            wrong.push(format!("{} ({form}): {what} is {got}, not {wanted}", fixture.name));
        }
    };
    check("producer", reading.producer.as_ref().map_or("unknown".into(), |p| p.id.clone()), e.producer.clone());
    check("soft", reading.soft.to_string(), e.soft.to_string());
    // Without the header there is less to tell.
    let whole = form != "text";
    if let Some(failure) = e.failure.as_ref().filter(|_| whole) {
        check("failure", reading.failure.kind.to_string(), failure.clone());
    }
    if let Some(usual) = e.usual.as_ref().filter(|_| whole) {
        check("usual", reading.usual.map_or("none".into(), |(s, p)| format!("{s}/{p}")), usual.clone());
    }
    if let Some(version) = e.version.as_ref().filter(|_| whole) {
        check(
            "version",
            format!("{:?}", reading.producer.as_ref().and_then(|p| p.version.clone())),
            format!("{:?}", Some(version)),
        );
    }
    if whole {
        check("copy_of", format!("{:?}", reading.copy_of), format!("{:?}", e.copy_of));
    }
    if let Some(relays) = e.relays.as_ref().filter(|_| whole) {
        let got: Vec<String> = reading.relays.iter().map(|r| r.id.clone().unwrap_or_else(|| r.name.clone())).collect();
        check("relays", format!("{got:?}"), format!("{relays:?}"));
    }
    if whole && (e.retry_after_s.is_some() || reading.retry_after_s.is_some()) {
        check("retry_after_s", format!("{:?}", reading.retry_after_s), format!("{:?}", e.retry_after_s));
    }
    for (kind, value) in e.references.iter().filter(|_| whole && form != "cut") {
        let got: Vec<&str> = reading.references.iter().filter(|r| r.kind == *kind).map(|r| r.value.as_str()).collect();
        check(&format!("reference {kind}"), format!("{got:?}"), format!("{:?}", [value]));
    }
    wrong
}

#[test]
fn every_fixture_is_read_right_in_every_form() {
    let fixtures = fixture::all();
    let wrong: Vec<String> = fixtures
        .iter()
        .flat_map(|f| f.forms().into_iter().flat_map(move |(form, page)| differences(f, &form, &fingerprint::read(&page))))
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_product_is_named_with_confidence_and_a_reason() {
    for fixture in fixture::all() {
        let reading = fingerprint::read(&fixture.page);
        if let Some(producer) = &reading.producer {
            assert!(producer.confidence >= 0.5 && producer.confidence < 1.0, "{}: {}", fixture.name, producer.confidence);
            assert!(!producer.signs.is_empty(), "{}: no signs", fixture.name);
        }
        assert!(
            !reading.failure.because.is_empty() || fixture.page.status == 0,
            "{}: no reason for {}",
            fixture.name,
            reading.failure.kind
        );
    }
}

/// How many lose what, when nothing but their first 512 bytes is known: DESIGN.md says why.
#[test]
fn few_pages_lose_their_producer_or_their_kind_when_they_are_cut() {
    let (mut cut, mut producer, mut kind) = (0, Vec::new(), Vec::new());
    for fixture in fixture::all() {
        let body = fixture.page.body.clone().unwrap_or_default();
        if fixture.expect.producer == "unknown" || body.len() <= 512 {
            continue;
        }
        cut += 1;
        let head = String::from_utf8_lossy(&body.as_bytes()[..512]).trim_end_matches('\u{fffd}').to_owned();
        let reading = fingerprint::read(&Page { body: Some(head), ..fixture.page.clone() });
        if reading.producer.is_none_or(|p| p.id != fixture.expect.producer) {
            producer.push(fixture.name);
        } else if fixture.expect.failure.is_some_and(|f| f != reading.failure.kind.to_string()) {
            kind.push(fixture.name);
        }
    }
    println!("of {cut} cut pages {} lose the producer: {producer:?}, and {} the kind: {kind:?}", producer.len(), kind.len());
    assert!(producer.len() * 12 <= cut, "{producer:?}");
    assert!(kind.len() * 10 <= cut, "{kind:?}");
}

#[test]
fn a_foreign_script_or_style_does_not_change_the_producer() {
    for fixture in fixture::all() {
        let body = fixture.page.body.clone().unwrap_or_default();
        // Only in the middle of a page: one that is told by being nothing but its words is no longer that.
        let Some(at) = body.find("</body>").filter(|_| !fixture.expect.soft && fixture.expect.producer != "unknown") else {
            continue;
        };
        let injected =
            "<script src=\"https://gc.kis.v2.scr.kaspersky-labs.com/x/main.js\"></script><style>.darkreader{color:#fff}</style>";
        let page = Page { body: Some(format!("{}{injected}{}", &body[..at], &body[at..])), ..fixture.page.clone() };
        let id = fingerprint::read(&page).producer.map(|p| p.id);
        assert_eq!(id.as_deref(), Some(fixture.expect.producer.as_str()), "{}", fixture.name);
    }
}

fn any_page() -> impl Strategy<Value = Page> {
    let pieces = prop::sample::select(vec![
        "<hr><center>nginx</center>",
        "<",
        ">",
        "<!--",
        "-->",
        "<title>",
        "</title>",
        "<script>",
        "</script>",
        "&#60;",
        "&lt;",
        "&amp;",
        "502 Bad Gateway",
        "<body id=ERR_",
        "Reason: <strong>",
        "\u{feff}",
        "\u{2019}",
        "\"",
        "'",
        "=",
        " ",
        "\n",
        "é",
        "Guru Meditation: XID:",
        "error code: 502",
    ]);
    let text =
        prop::collection::vec(prop_oneof![pieces.prop_map(str::to_owned), any::<String>()], 0..12).prop_map(|p| p.concat());
    let header = (
        prop::sample::select(vec![
            "Server",
            "Via",
            "Content-Type",
            "Retry-After",
            "Date",
            "Proxy-Status",
            "CF-RAY",
            "X-Squid-Error",
            "X-Varnish",
        ]),
        any::<String>(),
    )
        .prop_map(|(name, value)| Header::new(name, value));
    let headers = prop::option::of(prop::collection::vec(header, 0..6));
    (
        any::<u16>(),
        prop::option::of(any::<String>()),
        headers,
        prop::option::of(any::<String>()),
        prop::option::of(text),
        prop::option::of(any::<u32>()),
        prop::option::of("[a-z.:0-9\\[\\]]{0,20}"),
    )
        .prop_map(|(status, reason, headers, title, body, first_byte_ms, host)| Page {
            status,
            reason,
            headers,
            title,
            body,
            first_byte_ms,
            host,
        })
}

proptest! {
    #[test]
    fn any_page_is_read_and_always_in_the_same_way(page in any_page()) {
        let reading = fingerprint::read(&page);
        prop_assert_eq!(&reading, &fingerprint::read(&page));
        prop_assert!((0.0..=1.0).contains(&reading.failure.confidence));
        prop_assert!(reading.producer.is_none() || reading.copy_of.is_none());
    }

    #[test]
    fn prose_that_quotes_escaped_source_names_nobody(words in "[a-z .,]{0,80}", status in prop::sample::select(vec![200_u16, 404, 500, 502])) {
        let quoted = "&lt;hr&gt;&lt;center&gt;nginx/1.18.0&lt;/center&gt; &lt;body id=ERR_DNS_FAIL&gt; &lt;h1&gt;Error: Server Error&lt;/h1&gt;";
        let body = format!("<html><head><title>About 502</title></head><body><p>{words}</p><pre>{quoted}</pre><p>{words}</p></body></html>");
        let page = Page { status, body: Some(body), ..Page::default() };
        prop_assert_eq!(fingerprint::read(&page).producer, None);
    }
}
