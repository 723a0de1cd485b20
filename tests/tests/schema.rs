//! The JSON Schemas of `docs/` against real reports and settings, in both directions: what we make is allowed, and what the schema
//! allows is what we make.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]
#![allow(dead_code, unreachable_pub, reason = "the modules are shared with other tests")]

mod cases;
mod fixture;
mod world;

use std::collections::BTreeSet;

use faultline_core::case::Case;
use faultline_core::event::{Answered, Read};
use faultline_core::report::Report;
use faultline_core::settings::Settings;
use faultline_core::terms::{CheckId, FailureKind, HopKind, HopState, Outcome, Place, Role, Side};
use jsonschema::Validator;
use serde_json::{Value, json};
use world::{Script, World};

const REPORT: &str = include_str!("../../docs/report.schema.json");
const SETTINGS: &str = include_str!("../../docs/settings.schema.json");

fn schema(text: &str) -> Value {
    serde_json::from_str(text).expect("a schema is JSON")
}

fn validator(text: &str) -> Validator {
    let schema = schema(text);
    jsonschema::draft202012::meta::validate(&schema).unwrap_or_else(|why| panic!("this is no JSON Schema: {why}"));
    jsonschema::draft202012::new(&schema).unwrap_or_else(|why| panic!("this schema cannot be used: {why}"))
}

fn report(case: &Case) -> Value {
    serde_json::to_value(Report::of(case, &cases::maker(), &cases::english())).expect("a report is JSON")
}

fn complaints(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

/// The report of every script, and of every error page that the fixtures have.
fn reports() -> Vec<(String, Value)> {
    let mut reports: Vec<_> = cases::cases().iter().map(|(name, case)| ((*name).to_owned(), report(case))).collect();
    for fixture in fixture::all().into_iter().filter(|f| f.page.status >= 500) {
        let page = fixture.page;
        let answered = Answered {
            status: page.status,
            status_line: page.reason.map(|reason| format!("HTTP/1.1 {} {reason}", page.status)),
            headers: page.headers.unwrap_or_default(),
            first_byte_ms: page.first_byte_ms,
            ..Script::default().answered
        };
        let read = Some(Read { status: page.status, body: page.body.unwrap_or_default(), ..Read::default() });
        let world = World::play(Script { answered, read, ..Script::default() });
        reports.push((fixture.name, report(world.case())));
    }
    reports
}

#[test]
fn every_report_is_allowed() {
    let validator = validator(REPORT);
    let reports = reports();
    assert!(reports.len() > 60, "only {} reports", reports.len());
    for (name, report) in reports {
        let complaints = complaints(&validator, &report);
        assert!(
            complaints.is_empty(),
            "{name}: change docs/report.schema.json or crate/core/src/report.rs: {complaints:#?}\n{report:#}"
        );
    }
}

#[test]
fn a_broken_report_is_refused() {
    let validator = validator(REPORT);
    let whole = reports()
        .into_iter()
        .map(|(_, r)| r)
        .find(|r| r["producer"].is_object() && !r["references"][0].is_null())
        .expect("a full report");
    assert!(validator.is_valid(&whole));
    let mut answer = whole.clone();
    answer["id"] = json!("line 7");
    assert!(validator.is_valid(&answer), "the command line keeps the id of the line that it answers");
    let mut broken = 0;
    for path in objects(&whole, String::new()) {
        let object = whole.pointer(&path).and_then(Value::as_object).expect("a path to an object").clone();
        for key in object.keys() {
            let mut without = whole.clone();
            without.pointer_mut(&path).and_then(Value::as_object_mut).unwrap().remove(key);
            assert!(!validator.is_valid(&without), "{path}/{key} may be missing: put it into `required`");
            let mut other = whole.clone();
            other.pointer_mut(&path).unwrap()[key] = json!({ "of": ["another", "type"] });
            assert!(!validator.is_valid(&other), "{path}/{key} may be anything: give it a type");
            broken += 2;
        }
        let mut more = whole.clone();
        more.pointer_mut(&path).unwrap()["more"] = json!(1);
        assert!(!validator.is_valid(&more), "{path} may have more keys: `additionalProperties` must be false");
    }
    assert!(broken > 80, "only {broken} ways to break a report were tried");
    for (path, value) in [
        ("/schema", json!("faultline.report/2")),
        ("/state", json!("open")),
        ("/visits", json!(0)),
        ("/time/utc", json!("yesterday")),
        ("/response/status", json!("502")),
        ("/verdict/side", json!("mine")),
        ("/verdict/confidence", json!(1.5)),
        ("/verdict/reasons", json!([])),
        ("/producer/id", json!("Not An Id")),
        ("/hops", json!([])),
    ] {
        let mut wrong = whole.clone();
        *wrong.pointer_mut(path).unwrap() = value.clone();
        assert!(!validator.is_valid(&wrong), "{path} may be {value}");
    }
}

/// JSON pointers of every object within `value`.
fn objects(value: &Value, path: String) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let below = fields.iter().flat_map(|(key, v)| objects(v, format!("{path}/{key}")));
            [path.clone()].into_iter().chain(below).collect()
        }
        Value::Array(items) => items.iter().enumerate().flat_map(|(n, v)| objects(v, format!("{path}/{n}"))).collect(),
        _ => Vec::new(),
    }
}

/// A new term must come into the schema, and a term that is gone must leave it.
#[test]
fn the_schema_has_the_terms_of_the_core() {
    let schema = schema(REPORT);
    let listed = |path: &str| {
        let list =
            schema.pointer(&format!("{path}/enum")).and_then(Value::as_array).unwrap_or_else(|| panic!("no list at {path}"));
        list.iter().map(|v| v.as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    macro_rules! same {
        ($path:literal, $term:ty) => {
            let real: Vec<String> = <$term>::ALL.iter().map(|t| t.as_str().to_owned()).collect();
            assert_eq!(listed($path), real, "{} and crate/core/src/terms.rs", $path);
        };
    }
    same!("/properties/producer/oneOf/1/properties/role", Role);
    same!("/properties/hops/items/properties/kind", HopKind);
    same!("/properties/hops/items/properties/state", HopState);
    same!("/properties/failure/properties/kind", FailureKind);
    same!("/properties/checks/items/properties/id", CheckId);
    same!("/properties/checks/items/properties/outcome", Outcome);
    same!("/properties/verdict/properties/side", Side);
    same!("/properties/verdict/properties/place", Place);
}

#[test]
fn the_cases_meet_every_side_and_outcome() {
    let reports = reports();
    let met = |pointer: &str| {
        reports.iter().filter_map(|(_, r)| r.pointer(pointer)?.as_str().map(str::to_owned)).collect::<BTreeSet<_>>()
    };
    assert_eq!(met("/verdict/side").len(), Side::ALL.len(), "{:?}", met("/verdict/side"));
    assert_eq!(met("/state"), BTreeSet::from(["checking".to_owned(), "done".to_owned()]));
    let checks = reports.iter().flat_map(|(_, r)| r["checks"].as_array().unwrap().clone());
    let outcomes: BTreeSet<_> = checks.filter_map(|c| c["outcome"].as_str().map(str::to_owned)).collect();
    assert_eq!(outcomes.len(), Outcome::ALL.len(), "{outcomes:?}");
}

#[test]
fn the_settings_that_we_write_and_read_are_allowed() {
    let validator = validator(SETTINGS);
    let defaults = serde_json::to_value(Settings::default()).unwrap();
    let some = cases::scripts().into_iter().map(|(_, s)| serde_json::to_value(s.settings).unwrap());
    let written = json!({ "show": "card", "never": ["shop.example"], "control": [{ "url": "http://127.0.0.1:8080/204", "status": 204, "body": "" }] });
    for settings in
        some.filter(|s| s["control"][0]["url"] != "").chain([defaults, written, json!({}), json!({ "of_a_later_version": 1 })])
    {
        assert!(validator.is_valid(&settings), "{settings}: {:?}", complaints(&validator, &settings));
        serde_json::from_value::<Settings>(settings.clone()).unwrap_or_else(|why| panic!("{settings} cannot be read: {why}"));
    }
    for wrong in [
        json!([]),
        json!({ "show": "loud" }),
        json!({ "never": "shop.example" }),
        json!({ "control": [{ "url": "x" }] }),
        json!({ "keep_history": 1 }),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn the_schema_tells_the_defaults_and_every_key() {
    let (schema, defaults) = (schema(SETTINGS), serde_json::to_value(Settings::default()).unwrap());
    let told = |schema: &Value| {
        let properties = schema["properties"].as_object().unwrap().iter();
        properties.map(|(key, p)| (key.clone(), p["default"].clone())).collect::<serde_json::Map<_, _>>()
    };
    assert_eq!(Value::Object(told(&schema)), defaults, "docs/settings.schema.json and crate/core/src/settings.rs");
    assert_eq!(Value::Object(told(&schema["properties"]["outside"])), defaults["outside"]);
}

/// A server that wrote the page is one that is known of, whoever is to blame.
#[test]
fn the_server_that_wrote_the_page_has_told_of_it_also_on_ones_own_computer() {
    let mut own = Script::default();
    own.answered.url = "http://localhost:3000/".into();
    own.answered.address = Some("127.0.0.1".into());
    let station = |script: Script, kind: &str| {
        let report = report(World::play(script).case());
        report["hops"].as_array().unwrap().iter().find(|hop| hop["kind"] == kind).cloned().unwrap()
    };
    for script in [own, cases::script("an extension")] {
        assert_eq!(station(script.clone(), "you")["state"], "failed");
        assert_eq!(station(script.clone(), "network")["state"], "ok", "the connection works");
        let gateway = station(script, "gateway");
        assert_eq!((gateway["name"].as_str(), gateway["state"].as_str()), (Some("nginx"), Some("reported")));
    }
    // An old copy says nothing of the server as it is now.
    assert_eq!(station(cases::script("an old copy"), "gateway")["state"], "unknown");
}
