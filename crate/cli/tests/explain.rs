//! `faultline explain` on the fixtures, in every form, and on input that is not as it should be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod lab;

use std::fmt::Write as _;
use std::io::Write;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use faultline_core::desk::Desk;
use faultline_core::event::{Answered, CaseId, Event, Read, Shown, What};
use faultline_core::page::Header;
use faultline_core::report::{Maker, Report};
use faultline_core::words::Catalogue;
use lab::server::NGINX_502;
use lab::{Fixture, faultline, faultline_reads, fixtures, program, run_fed};
use serde_json::{Value, json};

fn lines(fixtures: &[Fixture]) -> String {
    fixtures.iter().fold(String::new(), |all, f| all + &f.line().to_string() + "\n")
}

#[test]
fn every_fixture_is_explained_as_it_says() {
    let fixtures = fixtures();
    let ran = faultline_reads(&["explain"], lines(&fixtures).as_bytes());
    let reports = ran.reports();
    assert_eq!((ran.code, ran.err.as_str(), reports.len()), (0, "", fixtures.len()));
    let mut wrong = Vec::new();
    for (fixture, report) in fixtures.iter().zip(&reports) {
        assert_eq!(report["id"], json!(fixture.name));
        assert_eq!((&report["schema"], &report["state"]), (&json!("faultline.report/1"), &json!("done")), "{}", fixture.name);
        wrong.extend(fixture.differences(report));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fixture_is_explained_as_a_raw_response() {
    let mut wrong = Vec::new();
    for fixture in fixtures().iter().filter(|f| !f.is("no_headers")) {
        let (file, url) = (fixture.file.display().to_string(), fixture.url().unwrap_or_default());
        let ms = fixture.number("first_byte_ms").map(|ms| ms.to_string());
        let mut args = vec!["explain", "--http", &file, "--url", &url];
        args.extend(ms.iter().flat_map(|ms| ["--first-byte-ms", ms.as_str()]));
        let ran = faultline(&args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", fixture.name);
        wrong.extend(fixture.differences(&ran.report()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every other body is kept as base64, as browsers do it with what they take for binary.
fn entry(number: usize, fixture: &Fixture) -> Value {
    let headers: Vec<Value> = fixture.headers.iter().map(|(n, v)| json!({ "name": n, "value": v })).collect();
    let content = if number.is_multiple_of(2) {
        json!({ "size": fixture.body.len(), "mimeType": "", "text": fixture.text() })
    } else {
        json!({ "size": fixture.body.len(), "mimeType": "", "text": BASE64_STANDARD.encode(&fixture.body), "encoding": "base64" })
    };
    json!({
        "startedDateTime": "2026-11-22T05:00:00.250+02:00",
        "request": { "method": "GET", "url": fixture.url().unwrap_or_default() },
        "response": {
            "status": fixture.status, "httpVersion": "HTTP/1.1", "headers": headers, "content": content,
            "statusText": fixture.status_line.splitn(3, ' ').nth(2).unwrap_or_default(),
        },
        "timings": { "wait": fixture.number("first_byte_ms").unwrap_or(-1) },
    })
}

#[test]
fn the_failed_responses_of_a_har_are_explained() {
    let mut fixtures = fixtures();
    fixtures.retain(|f| !f.is("no_headers"));
    let entries: Vec<Value> = fixtures.iter().enumerate().map(|(n, f)| entry(n, f)).collect();
    let har = json!({ "log": { "version": "1.2", "pages": [{ "entries": [] }], "entries": entries, "comment": "" } });
    let ran = faultline_reads(&["explain", "--har", "-"], serde_json::to_string_pretty(&har).unwrap().as_bytes());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let reports = ran.reports();
    let failed: Vec<usize> = (0..fixtures.len()).filter(|n| fixtures[*n].status >= 500 || fixtures[*n].is("soft")).collect();
    assert_eq!(reports.iter().map(|r| r["id"].as_u64().unwrap() as usize).collect::<Vec<_>>(), failed);
    let wrong: Vec<String> = failed.iter().zip(&reports).flat_map(|(n, report)| fixtures[*n].differences(report)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(reports[0]["time"], json!({ "utc": "2026-11-22T03:00:00Z", "local": "2026-11-22T05:00:00+02:00" }));
}

/// What the extension knows of the same response before its first check has ended.
fn in_a_browser(fixture: &Fixture) -> Value {
    let url = fixture.url().unwrap_or_else(|| "https://shop.example/".to_owned());
    let answered = Answered {
        tab: 1,
        url: url.clone(),
        method: "GET".into(),
        status: fixture.status,
        status_line: Some(fixture.status_line.clone()),
        headers: fixture.headers.iter().map(|(n, v)| Header::new(n, v)).collect(),
        first_byte_ms: fixture.number("first_byte_ms").map(|ms| u32::try_from(ms).unwrap()),
        ..Answered::default()
    };
    let mut desk = Desk::new(false);
    desk.handle(Event::new(0, What::Answered(Box::new(answered))));
    desk.handle(Event::new(0, What::Shown(Shown { tab: 1, url, ..Shown::default() })));
    let read = Read { status: fixture.status, body: fixture.text(), ..Read::default() };
    desk.handle(Event::new(0, What::Read { case: CaseId(1), read: Some(Box::new(read)) }));
    let words: Catalogue = serde_json::from_str(include_str!("../../../_locales/en/messages.json")).unwrap();
    let words = words.with(serde_json::from_str(include_str!("../../../extension/runbook.json")).unwrap());
    let maker = Maker { version: String::new(), browser: String::new(), offset_min: 0 };
    serde_json::to_value(Report::of(desk.latest().unwrap(), &maker, &words)).unwrap()
}

/// Who stands on the way. Which of them failed is said when the checks have ended, and there they run.
fn stations(report: &Value) -> Vec<Value> {
    let hops = report["hops"].as_array().expect("a list of hops");
    hops.iter().map(|hop| json!([hop["kind"], hop["id"], hop["name"]])).collect()
}

#[test]
fn the_same_response_gets_the_same_report_as_in_a_browser() {
    let mut fixtures = fixtures();
    fixtures.retain(|f| f.status >= 500 && !f.is("no_headers"));
    let lines: String = fixtures.iter().fold(String::new(), |all, f| {
        let mut line = f.line();
        line["url"] = json!(f.url().unwrap_or_else(|| "https://shop.example/".to_owned()));
        line["method"] = json!("GET");
        line["title"] = json!("");
        all + &line.to_string() + "\n"
    });
    for (fixture, report) in fixtures.iter().zip(faultline_reads(&["explain"], lines.as_bytes()).reports()) {
        let browser = in_a_browser(fixture);
        for part in ["schema", "page", "visits", "response", "producer", "failure", "references"] {
            assert_eq!(report[part], browser[part], "{} in {}", part, fixture.name);
        }
        assert_eq!(stations(&report), stations(&browser), "{}", fixture.name);
        // What would change a verdict is another matter while checks run, as they do there.
        for part in ["side", "place", "confidence", "reasons"] {
            assert_eq!(report["verdict"][part], browser["verdict"][part], "{} in {}", part, fixture.name);
        }
    }
}

#[test]
fn a_response_without_an_address_is_no_reason_to_blame_the_visitor() {
    let input: String = [
        json!({ "status": 502 }),
        json!({ "status": 500, "body": "<h1>Oops</h1>" }),
        json!({ "status": 503, "headers": {}, "body": "" }),
    ]
    .iter()
    .fold(String::new(), |all, line| all + &line.to_string() + "\n");
    for report in faultline_reads(&["explain"], input.as_bytes()).reports() {
        assert_eq!((&report["producer"], &report["page"]["url"]), (&Value::Null, &json!("")));
        assert_ne!(report["verdict"]["side"], "yours", "{}", report["verdict"]);
    }
}

#[test]
fn a_bad_line_is_named_and_the_others_are_answered() {
    let good = |id: Value| json!({ "id": id, "status": 502, "status_line": "HTTP/1.1 502 Bad Gateway", "headers": { "Server": "nginx" }, "body": NGINX_502 });
    let mut input = Vec::new();
    input.extend(b"\xef\xbb\xbf");
    writeln!(input, "{}", good(json!(7))).unwrap();
    input.extend(b"not json\n\n");
    writeln!(input, "{}", good(json!({ "a": [1] }))).unwrap();
    input.extend(b"{\"status\": 1000, \"body\": \"\"}\n[]\n{\"body\": \n\xff\xfe\n{\"status\": 502, \"headers\": 5}\n");
    input.extend(vec![b'['; 100_000]);
    input.extend(b"\n{\"id\": \"bytes\", \"status\": 502, \"body\": \"\xe9\xff <hr><center>nginx</center>\"}\n");
    write!(input, "{}", good(Value::Null)).unwrap();
    let ran = faultline_reads(&["explain"], &input);
    assert_eq!(ran.code, 1);
    let ids: Vec<Value> = ran.reports().iter().map(|r| r["id"].clone()).collect();
    assert_eq!(ids, [json!(7), json!({ "a": [1] }), json!("bytes"), Value::Null]);
    let said: Vec<&str> = ran.err.lines().collect();
    let wanted = [
        "line 2: not JSON",
        "line 5: `status` 1000 is out of range: 100 to 999",
        "line 6: not a JSON object",
        "line 7: not JSON",
        "line 8: not JSON",
        "line 9: `headers` is a number",
        "line 10: not JSON: recursion limit",
        "line 11: it has bytes that are not UTF-8",
    ];
    assert_eq!(said.len(), wanted.len(), "{}", ran.err);
    for (said, wanted) in said.iter().zip(wanted) {
        assert!(said.starts_with(&format!("faultline: {wanted}")), "{said}, not {wanted}");
    }
}

#[test]
fn a_line_cut_or_broken_anywhere_is_a_message_and_no_crash() {
    let whole = json!({ "id": 1, "status": 502, "headers": { "Via": ["1.1 é"] }, "body": "<title>\u{1f600} \"502\\</title>", "first_byte_ms": 3 });
    let escaped = whole.to_string().replace('\u{1f600}', "\\ud83d\\ude00");
    let mut input = Vec::new();
    for text in [whole.to_string(), escaped] {
        let bytes = text.as_bytes();
        for at in 0..bytes.len() {
            input.extend([&bytes[..at], b"\n", &bytes[at..], b"\n"].concat());
            for odd in [b'\\', b'"', 0, 0xff, b'{'] {
                let mut broken = bytes.to_vec();
                broken[at] = odd;
                input.extend(broken.into_iter().chain([b'\n']));
            }
        }
    }
    let total = input.iter().filter(|b| **b == b'\n').count();
    let ran = faultline_reads(&["explain"], &input);
    assert_eq!(ran.code, 1);
    // A line that was repaired is named, and answered too.
    let refused = ran.err.lines().filter(|l| !l.contains("not UTF-8")).count();
    // The empty start of a line cut at 0 is a blank line, twice.
    assert_eq!(ran.reports().len() + refused, total - 2);
    assert!(ran.err.lines().all(|l| l.starts_with("faultline: line ")), "{}", ran.err);
}

/// A shell that lets a program have so many KiB of memory and no more.
fn within(kib: u32, args: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -v {kib}; exec \"$0\" {args}"), program().get_program().to_str().unwrap()]);
    shell
}

/// A body that nobody should have to keep.
const MANY: usize = 100 * 1024 * 1024;

/// Writes a body of 100 MB: all of `filler` between `before` and `after`.
fn long_body(out: &mut impl Write, before: &str, filler: &str, after: &str) {
    let chunk = filler.repeat(64 * 1024 / filler.len());
    write!(out, "{before}").unwrap();
    (0..MANY / chunk.len()).for_each(|_| out.write_all(chunk.as_bytes()).unwrap());
    writeln!(out, "{after}").unwrap();
}

#[test]
fn bodies_of_100_mb_are_read_in_little_memory_and_not_without_a_word() {
    // The product is named at the very end, and only a whole page names it.
    let (head, tail) = NGINX_502.split_once("<hr>").unwrap();
    let escaped = |text: &str| serde_json::to_string(text).unwrap().trim_matches('"').to_owned();
    let ran = run_fed(&mut within(48 * 1024, "explain"), |mut stdin| {
        let before =
            format!("{{\"id\": 1, \"status\": 502, \"headers\": {{\"Server\": \"nginx\"}}, \"body\": \"{}", escaped(head));
        long_body(&mut stdin, &before, &format!("\\u000a{}", " ".repeat(250)), &format!("<hr>{}\"}}", escaped(tail)));
        writeln!(stdin, "{{\"id\": 2, \"status\": 503, \"body\": \"\"}}").unwrap();
    });
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (1, "faultline: line 1: a text in it is longer than 16 MiB; only its start and its end were read\n")
    );
    let reports = ran.reports();
    assert_eq!(
        (&reports[0]["id"], &reports[0]["producer"]["version"], &reports[1]["id"]),
        (&json!(1), &json!("1.22.1"), &json!(2))
    );

    let ran = run_fed(&mut within(48 * 1024, "explain --http -"), |mut stdin| {
        long_body(
            &mut stdin,
            &format!("HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\n\r\n{head}"),
            "   \n",
            &format!("<hr>{tail}"),
        );
    });
    assert_eq!((ran.code, ran.report()["producer"]["version"].as_str()), (1, Some("1.22.1")), "{}", ran.err);
    assert_eq!(ran.err, "faultline: line 4: the body is longer than 16 MiB; only its start and its end were read\n");
}

#[test]
fn a_har_with_a_body_of_100_mb_is_answered_and_said() {
    let entry = |content: &str| {
        format!(
            "{{\"request\": {{\"url\": \"http://a.test/\"}}, \"response\": {{\"status\": 502, \"headers\": [], \"content\": {{\"text\": \"{content}"
        )
    };
    let ran = run_fed(&mut within(64 * 1024, "explain --har -"), |mut stdin| {
        long_body(&mut stdin, &format!("{{\"log\": {{\"entries\": [\n{}", entry("")), "aaaa", "\"}}},");
        writeln!(stdin, "{}\"}}}}}}]}}}}", entry("b")).unwrap();
    });
    assert_eq!((ran.code, ran.reports().len()), (1, 2), "{}", ran.err);
    assert_eq!(ran.err, "faultline: line 2: entry 0: a text in it is longer than 16 MiB; only its start and its end were read\n");
}

#[test]
fn a_raw_body_that_is_no_text_is_answered_and_said() {
    let ran = run_fed(program().args(["explain", "--http", "-"]), |mut stdin| {
        write!(stdin, "HTTP/1.1 502 Bad Gateway\r\n\r\n").unwrap();
        stdin.write_all(b"\xff\xfa\xfb ").unwrap();
        write!(stdin, "{NGINX_502}").unwrap();
    });
    assert_eq!((ran.code, ran.report()["producer"]["id"].as_str()), (1, Some("nginx")), "{}", ran.err);
    assert!(ran.err.contains("line 3: the body has bytes that are not UTF-8"), "{}", ran.err);
}

#[test]
fn a_har_that_lacks_something_is_answered_as_far_as_it_goes() {
    let good = json!({ "request": { "url": "https://shop.example/a" }, "response": { "status": 502, "headers": [], "content": { "text": NGINX_502 } } });
    let mut bare = good.clone();
    bare["response"]["content"] = json!({ "size": 300, "mimeType": "text/html" });
    let mut none = good.clone();
    none["response"].as_object_mut().unwrap().remove("content");
    let mut odd = good.clone();
    odd["response"]["content"] = json!({ "text": "!!!", "encoding": "base64" });
    let mut range = good.clone();
    range["response"]["status"] = json!(42);
    let har = json!({ "log": { "entries": [good, bare, none, odd, range, 5, {}, good] } });
    let ran = faultline_reads(&["explain", "--har", "-"], har.to_string().as_bytes());
    assert_eq!(ran.code, 1);
    assert_eq!(ran.reports().iter().map(|r| r["id"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 1, 2, 3, 7]);
    for says in [
        "entry 1: its content was not saved; only its header was read",
        "entry 2: it has no content; only",
        "entry 3: its content is not base64",
        "entry 4: `status` 42 is out of range",
        "entry 5: it has no response",
        "entry 6: it has no response",
    ] {
        assert!(ran.err.contains(&format!("line 1: {says}")), "{says}: {}", ran.err);
    }
    for (text, says) in [
        ("{}", "line 1: not a HAR: it has no log.entries"),
        ("{\"log\":\n{\"entries\": [", "line 2: not a HAR: EOF"),
        ("[1]", "not a HAR"),
        ("", "not a HAR"),
    ] {
        let ran = faultline_reads(&["explain", "--har", "-"], text.as_bytes());
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{text}");
        assert!(ran.err.contains(says), "{text}: {}", ran.err);
    }
}

#[test]
fn a_wrong_call_is_explained() {
    for (args, says) in [
        (vec![], "a command is missing"),
        (vec!["explian"], "no command"),
        (vec!["explain", "--htpp", "x"], "--htpp"),
        (vec!["explain", "a", "b"], "one file"),
        (vec!["explain", "--url", "x"], "--url and --first-byte-ms go with --http"),
        (vec!["explain", "/nonexistent/file"], "/nonexistent/file: "),
        (vec!["explain", "--http", "/"], "faultline: "),
        (vec!["check"], "needs a URL"),
        (vec!["check", "ftp://shop.example/"], "only http and https"),
        (vec!["check", "http://"], "empty host"),
    ] {
        let ran = faultline(&args);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{args:?}");
        assert!(ran.err.contains(says), "{args:?}: {}", ran.err);
    }
    for args in [["--help"].as_slice(), &["explain", "-h"], &["check", "--help"]] {
        let ran = faultline(args);
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("exit code"), "{}", ran.out);
    }
}

#[test]
fn the_rules_are_listed_with_their_fixtures_inside_the_checkout() {
    let outside: Vec<Value> = serde_json::from_str(&faultline(&["rules", "--json"]).out).unwrap();
    assert!(outside.len() > 10 && outside.iter().all(|r| r["fixtures"].is_null() && !r["signs"].as_array().unwrap().is_empty()));
    let ran = lab::run(program().args(["rules", "--json"]).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), b"");
    let inside: Vec<Value> = serde_json::from_str(&ran.out).unwrap();
    let nginx = inside.iter().find(|r| r["id"] == "nginx").unwrap();
    let pages = fixtures().iter().filter(|f| f.name.starts_with("nginx/")).count();
    assert_eq!((&nginx["fixtures"], &nginx["role"]), (&json!(pages), &json!("reverse-proxy")));
    assert_eq!((&nginx["side"], nginx["meanings"].as_array().unwrap().contains(&json!("refused"))), (&json!("site"), true));
    let mut summary = String::new();
    write!(summary, "{} products", inside.len()).unwrap();
    assert!(faultline(&["rules"]).out.contains(&summary));
}
