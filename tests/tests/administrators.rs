//! What a report tells an administrator: a guess is called one, what is over still has its log, and only what was seen is ruled out.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]
#![allow(dead_code, unreachable_pub, reason = "the modules are shared with other tests")]

mod cases;
mod world;

use cases::case;
use faultline_core::advice;
use faultline_core::case::Case;
use faultline_core::hops;
use faultline_core::letter::Format;
use faultline_core::report::Report;
use faultline_core::terms::{FailureKind, HopKind, Role, Side};
use faultline_core::words::Catalogue;

fn admin(case: &Case) -> Vec<String> {
    advice::admin(case, &cases::english()).iter().map(|s| s.as_str().to_owned()).collect()
}

/// Below seven of ten a kind of failure is a guess, and whoever reads of it is told so; a sure one is not hedged.
#[test]
fn an_administrator_is_told_what_is_a_guess() {
    let guess = "likely, not certain";
    let mut case = case("the whole site");
    for (confidence, is) in [(0.6, true), (0.95, false)] {
        case.reading.failure.confidence = confidence;
        assert_eq!(admin(&case).iter().any(|l| l.contains(guess)), is, "{confidence}: {:#?}", admin(&case));
    }
    (case.reading.failure.kind, case.reading.failure.confidence) = (FailureKind::Unknown, 0.3);
    assert!(!admin(&case).iter().any(|l| l.contains(guess)), "nothing is claimed that could be doubted");
}

/// What works again has left its line in the log, and nobody is told to mend what runs; what came out of the browser's cache has not.
#[test]
fn the_logs_still_have_what_is_over() {
    let mut passed = case("passed");
    let lines = admin(&passed);
    assert!(lines.iter().any(|l| l.contains("/var/log/nginx/error.log")), "{lines:#?}");
    assert!(!lines.iter().any(|l| l.contains("Nothing accepts") || l.contains("Address and port")), "{lines:#?}");
    passed.visit.from_cache = true;
    assert!(admin(&passed).is_empty());
}

/// Where it is open, or the visitor's, whoever runs the site is told how to see whether the request came to him, and to mend nothing.
#[test]
fn whose_it_is_the_access_log_tells() {
    let (mut yours, mut open) = (0, 0);
    for (name, case) in cases::cases() {
        let lines = admin(&case);
        match case.verdict.side {
            Side::Yours => yours += 1,
            Side::Unclear => open += 1,
            _ => continue,
        }
        let first = lines.first().unwrap_or_else(|| panic!("{name}: nothing"));
        for part in ["access log, by time (UTC), path and status", "In no log:", "With this status:", "With another:"] {
            assert!(first.contains(part), "{name}: {first}");
        }
        assert!(case.verdict.side == Side::Unclear || lines.len() == 1, "{name}: {lines:#?}");
        assert!(!lines.iter().any(|l| l.contains("Nothing accepts") || l.contains("Address and port")), "{name}: {lines:#?}");
    }
    assert!(yours > 5 && open > 2, "{yours} and {open} cases");
    // What may have come from the site has left its line in the log of who wrote it.
    let mut case = case("the whole site");
    case.verdict.side = Side::Unclear;
    assert!(admin(&case).iter().any(|l| l.contains("/var/log/nginx/error.log")), "{:#?}", admin(&case));
    case.visit.from_cache = true;
    assert_eq!(admin(&case).len(), 1, "a copy in the browser has no line of that moment");
}

/// What is switched off on purpose stands in no log, and no plug-in is to blame.
#[test]
fn maintenance_is_ended_by_its_switch() {
    let mut case = case("the whole site");
    case.reading.failure.kind = FailureKind::Maintenance;
    case.reading.producer.iter_mut().for_each(|p| "wordpress".clone_into(&mut p.id));
    let lines = admin(&case);
    assert!(lines.iter().any(|l| l.contains("the file .maintenance beside")), "{lines:#?}");
    assert!(!lines.iter().any(|l| l.contains("debug.log") || l.contains("Plug-ins")), "{lines:#?}");
}

/// Where something on the way may have answered, the way is not ruled out.
#[test]
fn the_way_is_ruled_out_only_where_the_site_itself_answered() {
    let words = cases::english();
    let text = |name: &str| Format::Text.write(&Report::of(&case(name), &cases::maker(), &words), &words);
    let rules_out = |name: &str| text(name).contains("Name and route");
    for name in ["the whole site", "passed", "cookies"] {
        assert!(rules_out(name), "{name}");
    }
    for name in ["a portal", "a proxy for every host", "a dead proxy", "silence everywhere", "an old copy", "behind a proxy"] {
        assert!(!rules_out(name), "{name}");
    }
}

/// Every cause that is usual for a kind of failure is asked after, and one that cannot be it is not.
#[test]
fn every_usual_cause_is_asked_after_where_it_can_be_it() {
    use FailureKind as Kind;
    let all = [
        ("Address and port:", &[Kind::Refused, Kind::NoBackend, Kind::InvalidResponse][..]),
        ("Firewall,", &[Kind::Refused, Kind::Timeout, Kind::Blocked]),
        ("Memory and disk:", &[Kind::Refused, Kind::Reset, Kind::Overloaded, Kind::NoBackend]),
        ("Workers:", &[Kind::Timeout, Kind::Overloaded, Kind::RateLimited]),
        ("Database and cache services", &[Kind::Timeout, Kind::Overloaded, Kind::AppError]),
        ("Plug-ins, themes and modules:", &[Kind::AppError]),
        ("Time limits must agree", &[Kind::Timeout]),
        ("resolve the name of its upstream", &[Kind::Dns]),
        ("TLS handshake with the upstream", &[Kind::Tls]),
        ("quota or plan limit", &[Kind::Limit]),
        ("anti-DDoS", &[Kind::Refused, Kind::Timeout, Kind::Blocked]),
        ("limits of the plan", &[Kind::Unknown]),
        ("deployed, updated or restarted", Kind::ALL),
        ("hosting support", Kind::ALL),
    ];
    let mut case = case("the whole site");
    for &kind in Kind::ALL {
        case.reading.failure.kind = kind;
        let lines = admin(&case).join("\n");
        for (cause, kinds) in all {
            assert_eq!(lines.contains(cause), kinds.contains(&kind), "{kind}: {cause}\n{lines}");
        }
    }
    // What stands in front has settings of its own.
    case.reading.failure.kind = Kind::Refused;
    case.reading.producer.iter_mut().for_each(|p| (p.role, p.name) = (Role::Cdn, "Edgy".to_owned()));
    assert!(admin(&case).iter().any(|l| l.starts_with("Edgy stands in front: check the origin")), "{:#?}", admin(&case));
}

/// What is known of the failing response beside its first line stands in the letter.
#[test]
fn a_letter_has_how_often_by_which_protocol_until_when_and_by_whom() {
    let words = cases::english();
    let mut case = case("the whole site");
    case.visits = 3;
    case.visit.protocol = "h2".to_owned();
    case.reading.retry_after_s = Some(120);
    let text = Format::Text.write(&Report::of(&case, &cases::maker(), &words), &words);
    for line in ["Times in a row: 3", "Protocol: h2", "The site asks to wait: 120 s"] {
        assert!(text.contains(line), "`{line}` is missing:\n{text}");
    }
    let chain = text.lines().find(|l| l.contains(" → ")).unwrap_or_else(|| panic!("no chain:\n{text}"));
    let stations: Vec<_> = chain.split(" → ").collect();
    assert!(stations.len() >= 4, "{chain}");
    assert!(stations.iter().all(|s| s.ends_with(')')), "a station without its state: {chain}");
    assert!(chain.contains("nginx") && chain.contains("problem here"), "{chain}");
}

/// A visitor may have the report in a language of his own, as a letter to a site of his country: all of it but what logs say.
#[test]
fn a_report_is_also_in_the_visitors_language() {
    let case = case("the whole site");
    let letter = |words: &Catalogue| Format::Text.write(&Report::of(&case, &cases::maker(), words), words);
    let english = cases::english();
    for language in cases::languages() {
        let words = cases::language(&language);
        let text = letter(&words);
        assert!(
            text.contains("“failed (111: Connection refused) while connecting to upstream”"),
            "{language}: what a log says\n{text}"
        );
        for key in [
            "letter_look",
            "letter_because",
            "letter_rules_out",
            "letter_checks",
            "term_page",
            "term_time",
            "term_place",
            "term_chain",
            "place_app",
            "kind_refused",
            "hop_state_failed",
            "station_app",
            "check_home",
            "out_connection",
            "admin_refused",
            "look_changes",
            "look_support",
        ] {
            let said = words.message(key).expect("a word");
            assert!(text.contains(said), "{language}: `{said}` is missing:\n{text}");
            let foreign = english.message(key).filter(|english| *english != said && english.contains(' ') && english.len() > 12);
            assert!(!foreign.is_some_and(|english| text.contains(english)), "{language}: {key} is in English:\n{text}");
        }
        // A key that no language has would stand there as it is.
        let keys: Vec<_> = words.keys().filter(|key| key.contains('_') && text.contains(*key)).collect();
        assert!(keys.is_empty(), "{language}: {keys:?}\n{text}");
    }
}

/// A proxy that was made for a developer's desk stands before the application where a site on the internet runs it, and not with the visitor.
#[test]
fn a_proxy_of_a_desk_in_production_stands_with_the_site() {
    let mut case = case("the whole site");
    let producer = case.reading.producer.as_mut().expect("nginx wrote it");
    (producer.id, producer.name, producer.role) = ("cra-proxy".into(), "create-react-app's proxy".into(), Role::DevServer);
    let at = |case: &Case| hops::chain(case).into_iter().find(|hop| hop.id.as_deref() == Some("cra-proxy")).map(|hop| hop.kind);
    assert_eq!(at(&case), Some(HopKind::Gateway));
    case.verdict.side = Side::Yours;
    assert_eq!(at(&case), Some(HopKind::Network));
}
