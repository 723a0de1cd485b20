//! What leaves the browser, in every form: what it says, and that nobody can write commands into it.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]
#![allow(dead_code, unreachable_pub, reason = "the modules are shared with other tests")]

mod cases;
mod world;

use std::collections::BTreeSet;

use cases::case;
use faultline_core::advice::{self, Worth};
use faultline_core::case::Case;
use faultline_core::event::What;
use faultline_core::history::Entry;
use faultline_core::hops;
use faultline_core::letter::{self, Format};
use faultline_core::page::Header;
use faultline_core::redact::{Include, REMOVED};
use faultline_core::report::Report;
use faultline_core::terms::{FailureKind, HopState, Place, Platform, Side};
use faultline_core::trial::{Ending, Power, Suspect, Tried};
use faultline_core::view;
use faultline_core::words::{Runbook, Speaker, Word};
use world::{Script, World};

fn write(format: Format, case: &Case) -> String {
    let words = cases::english();
    format.write(&Report::of(case, &cases::maker(), &words), &words)
}

fn admin(case: &Case) -> Vec<String> {
    advice::admin(case, &cases::english()).iter().map(|s| s.as_str().to_owned()).collect()
}

/// One who does not have to ask back: what, where, when on both clocks, who wrote it, what is ruled out, where to look.
#[test]
fn a_stranger_need_not_ask_back() {
    let text = write(Format::Text, &case("the whole site"));
    for part in [
        "shop.example fails with error 502",
        "GET https://shop.example/cart",
        "HTTP/1.1 502 Bad Gateway",
        "2027-01-15T08:00:00Z",
        "2027-01-15T13:30:00+05:30",
        "the site's application (site/app, ",
        "nginx 1.22.1",
        "203.0.113.7",
        "3 ms",
        "A fresh request (fresh): fails the same way (502)",
        "The visitor's connection: the browser maker's test page answers.",
        "/var/log/nginx/error.log",
        "“failed (111: Connection refused) while connecting to upstream”",
        "hosting support",
    ] {
        assert!(text.contains(part), "`{part}` is missing:\n{text}");
    }
    for (name, case) in cases::cases() {
        let text = write(Format::Text, &case);
        let lines: Vec<_> = text.lines().filter_map(|l| l.strip_prefix("  - ")).collect();
        let once: BTreeSet<_> = lines.iter().collect();
        assert_eq!(once.len(), lines.len(), "{name}: said twice:\n{text}");
    }
    // A mail that is cut has lost the evidence, not what to do.
    assert!(text.find("Where to look") < text.find("Evidence"), "{text}");
}

/// A report says what fits: no time limits where nothing ran out of time, no chain of a visitor's own trouble.
#[test]
fn only_what_fits_the_case_is_said() {
    let refused = admin(&case("the whole site"));
    assert!(refused.iter().any(|l| l.contains("Address and port")), "{refused:#?}");
    assert!(!refused.iter().any(|l| l.contains("Time limits")), "{refused:#?}");
    let mut slow = case("the whole site");
    slow.reading.failure.kind = FailureKind::Timeout;
    let slow = admin(&slow);
    assert!(slow.iter().any(|l| l.contains("proxy_read_timeout")), "{slow:#?}");
    assert!(slow.iter().any(|l| l.contains("upstream timed out")), "{slow:#?}");
    for (name, case) in cases::cases() {
        let lines = admin(&case);
        assert!(lines.len() <= 14, "{name}: nobody reads {} lines: {lines:#?}", lines.len());
        assert_eq!(lines.iter().collect::<BTreeSet<_>>().len(), lines.len(), "{name}: said twice: {lines:#?}");
    }
}

/// What the runbook knows of what runs around a failing hop, besides the lines of logs.
const AROUND: [&str; 6] = ["databases", "firewall", "listens", "memory", "plugins", "request"];

/// Every product of the runbook has a rule, every fact a name that is asked for, and none is taken for a secret.
#[test]
fn the_runbook_is_about_products_that_are_known() {
    let runbook: Runbook = serde_json::from_str(include_str!("../../extension/runbook.json")).expect("a runbook");
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../crate/rules");
    for (product, facts) in &runbook {
        assert!(
            product.starts_with("behind") || std::path::Path::new(rules).join(format!("{product}.toml")).is_file(),
            "no rule {product}"
        );
        for (name, fact) in facts {
            let asked = if product.starts_with("behind") { &AROUND[..] } else { &["log", "like", "limits", "plugins", "family"] };
            let asked = asked.contains(&name.as_str()) || FailureKind::parse(name).is_some();
            assert!(asked, "{product}: nobody asks for `{name}`");
            if name == "like" {
                assert!(
                    runbook.get(fact).is_some_and(|f| !f.contains_key("like")),
                    "{product}: like {fact}, which is like another"
                );
            }
            assert!(name != "family" || runbook.contains_key(fact), "{product}: no family {fact}");
            let safe = faultline_core::redact::Safe::word(&Word::new("look_line").with(fact.clone()), &cases::english());
            assert!(!safe.as_str().contains(REMOVED), "{product}/{name} loses a part: {}", safe.as_str());
            assert!(fact.chars().count() <= 300, "{product}/{name} is cut off");
            assert!(!fact.contains(" | "), "{product}/{name}: each line in quotes of its own");
            let (opened, closed) = (fact.matches('“').count(), fact.matches('”').count());
            assert_eq!(opened, closed, "{product}/{name}: a quote that is not closed");
        }
    }
    let known: Vec<_> = runbook.values().filter(|f| f.contains_key("log")).collect();
    assert!(known.len() > 40, "logs of only {} products", known.len());
}

/// What an administrator reads is there where he is: no shell of Unix on Windows, none at all on somebody else's platform, and no other
/// language's log beside his own.
#[test]
fn nobody_reads_of_machines_that_he_has_not_got() {
    let (whole, words) = (case("the whole site"), cases::english());
    let of = |id: &str, kind: FailureKind| {
        let mut case = whole.clone();
        case.reading.relays.clear();
        case.reading.producer.iter_mut().for_each(|p| id.clone_into(&mut p.id));
        case.reading.failure.kind = kind;
        advice::admin(&case, &words).iter().map(|s| s.as_str()).collect::<Vec<_>>().join("\n")
    };
    let all: Vec<_> = FailureKind::ALL.iter().copied().filter(|kind| *kind != FailureKind::InvalidResponse).collect();
    let unix = ["dmesg", "fail2ban", "ss -", "/var/log", "kernel", "systemd", "PHP-FPM", "Gunicorn", "Redis,", "bin/"];
    let shell = ["dmesg", "fail2ban", "ss -", "/var/log", "kernel", "systemd", "PHP-FPM"];
    for kind in all {
        for id in ["iis", "iis-arr-502-3", "httpsys", "aspnet"] {
            unix.iter().for_each(|word| assert!(!of(id, kind).contains(word), "{id}, {kind}: {word}\n{}", of(id, kind)));
        }
        shell
            .iter()
            .for_each(|word| assert!(!of("heroku-router", kind).contains(word), "{kind}: {word}\n{}", of("heroku-router", kind)));
    }
    assert!(of("iis-arr-502-3", FailureKind::Refused).contains("is being automatically disabled"));
    assert!(of("ingress-nginx", FailureKind::NoBackend).contains("endpointslices"));
    assert!(of("nginx", FailureKind::Refused).contains("dmesg"));
    let wordpress = of("wordpress", FailureKind::AppError);
    assert!(wordpress.contains("debug.log") && !wordpress.contains("Java") && !wordpress.contains("Magento"), "{wordpress}");
}

/// Where the extension finds the one in the way by itself, nobody is sent to turn them off one by one; where it cannot, nobody is sent to it.
#[test]
fn nobody_does_by_hand_what_a_click_does() {
    let words = cases::english();
    let button = words.message("off_test").expect("a button").to_owned();
    let offers = |case: &Case| advice::visitor(case).iter().any(|word| words.say(word).contains(&button));
    let chromium = case("an extension");
    assert!(offers(&chromium), "{:?}", advice::visitor(&chromium));
    let firefox = Case { can_pass_proxy: true, ..chromium.clone() };
    assert!(!offers(&firefox), "Firefox lets no extension turn another off");
    let mut once = chromium;
    once.visit.url = "https://shop.example/log-in?code=4711".into();
    assert!(!offers(&once), "an address that works once");
}

/// Cloudflare's 522 is no slow application: there was no connection.
#[test]
fn who_was_never_asked_was_not_slow() {
    let mut case = case("the whole site");
    case.reading.failure.kind = FailureKind::Timeout;
    let slow = admin(&case);
    assert!(view::why(&case).key.ends_with("_timeout"), "{:?}", view::why(&case));
    assert!(slow[0].contains("took the request") && slow.iter().any(|l| l.contains("WORKER TIMEOUT")), "{slow:#?}");
    case.visit.status = 522;
    let unreached = admin(&case);
    assert!(view::why(&case).key.ends_with("_unreached"), "{:?}", view::why(&case));
    assert!(unreached[0].contains("No connection") && !unreached.iter().any(|l| l.contains("WORKER TIMEOUT")), "{unreached:#?}");
}

#[test]
fn what_a_page_writes_is_no_markdown_no_command_and_no_address() {
    let evil =
        "x`](https://evil.example)![p](https://evil.example/p) <img src=//evil.example> @everyone #1 **b** | www.evil.example";
    let mut script = Script::default();
    script.answered.url = "https://shop.example/a'b`$(id)`/\"c\"?q=';id;'".into();
    script.answered.status_line = Some(format!("HTTP/1.1 502 {evil}"));
    script.answered.headers.push(Header::new("Via", format!("1.1 {evil}")));
    if let Some(read) = &mut script.read {
        read.title = evil.into();
    }
    let world = World::play(script);
    let markdown = write(Format::Markdown, world.case());
    let bare = without_code(&markdown);
    for mark in ["](", "![", "<img", "@everyone", "#1", "**b**", "www.evil", "//evil"] {
        assert!(!bare.contains(mark), "{mark} is active:\n{markdown}");
    }
    let curl = write(Format::Curl, world.case());
    assert_eq!(curl.matches('\'').count() % 2, 0, "{curl}");
    assert_eq!(curl.matches('\'').count(), 4, "two quoted words: {curl}");
    assert!(!curl.contains(['\n', '\r']), "{curl}");
    let mail = write(Format::Mail, world.case());
    assert!(mail.len() <= 2_000 && mail.starts_with("mailto:?subject=") && mail.matches('&').count() == 1, "{mail}");
}

#[test]
fn a_shell_finds_one_word_in_every_address() {
    let (words, include) = (cases::english(), Include { query: true, path: true });
    for path in ["';id;'?q=';id;'", "$(id)`id`$HOME", "a b\"c|id&&id>e", "\\'é\u{202e}\nid\n*[a]{b,c}~!"] {
        let mut script = Script::default();
        script.answered.url = format!("https://shop.example/{path}");
        let line = Format::Curl.write(&Report::with(World::play(script).case(), &cases::maker(), &words, include), &words);
        let address = line.rsplit(' ').next().unwrap().trim_matches(['\'', '"']);
        let shell = format!("curl() {{ printf '<%s>' \"$@\"; }}; exec 2>&1\n{line}");
        let said = std::process::Command::new("sh").args(["-c", &shell]).output().expect("a shell").stdout;
        let one = said.ends_with(format!("<{address}>").as_bytes()) && !said.contains(&b'\n') && !line.contains(REMOVED);
        assert!(one, "{line}: {}", String::from_utf8_lossy(&said));
    }
}

/// What is outside of code spans: a fence of backticks closes with as many.
fn without_code(markdown: &str) -> String {
    let mut out = String::new();
    for line in markdown.lines() {
        let mut rest = line;
        while let Some(at) = rest.find('`') {
            let (before, from) = rest.split_at(at);
            if before.ends_with('\\') {
                out.push_str(before);
                rest = &from[1..];
                continue;
            }
            out.push_str(before);
            let fence: String = from.chars().take_while(|c| *c == '`').collect();
            let inner = &from[fence.len()..];
            let mut end = None;
            let mut search = 0;
            while let Some(found) = inner[search..].find(&fence) {
                let start = search + found;
                let run = inner[start..].chars().take_while(|c| *c == '`').count();
                if run == fence.len() {
                    end = Some(start);
                    break;
                }
                search = start + run;
            }
            match end {
                Some(end) => rest = &inner[end + fence.len()..],
                None => {
                    out.push_str(&fence);
                    rest = inner;
                }
            }
        }
        out.push_str(rest);
        out.push('\n');
    }
    out
}

#[test]
fn a_command_asks_the_same_server_without_cookies_and_sends_no_form() {
    let curl = write(Format::Curl, &case("the whole site"));
    assert!(curl.starts_with("curl --globoff "), "{curl}");
    assert!(
        curl.contains("--resolve 'shop.example:443:203.0.113.7'") && curl.ends_with(" 'https://shop.example/cart'"),
        "{curl}"
    );
    assert!(!curl.to_ascii_lowercase().contains("cookie"), "{curl}");
    assert_eq!(write(Format::Curl, &case("a form")), "", "a form is not sent again");
}

#[test]
fn the_visitor_may_add_the_query_back() {
    let case = case("a log-out");
    let words = cases::english();
    let include = Include { query: true, path: false };
    for format in [Format::Text, Format::Markdown, Format::Curl] {
        assert!(!write(format, &case).contains("token=abc"), "{}", format.as_str());
        let with = format.write(&Report::with(&case, &cases::maker(), &words, include), &words);
        assert!(with.contains("/logout?token=abc&next=1"), "{}: {with}", format.as_str());
    }
    assert_eq!(Report::of(&case, &cases::maker(), &words).page.removed, ["query"]);
}

#[test]
fn commands_against_old_addresses_come_only_when_the_address_is_the_trouble() {
    let flush = |platform, place| {
        let mut case = case("the whole site");
        case.verdict.side = Side::Yours;
        case.verdict.place = place;
        case.platform = platform;
        advice::visitor(&case).iter().map(|w| cases::english().say(w)).collect::<Vec<_>>().join("\n")
    };
    assert!(flush(Platform::Windows, Place::Dns).contains("ipconfig /flushdns"));
    assert!(flush(Platform::Mac, Place::Dns).contains("dscacheutil"));
    for command in ["resolvectl", "nscd", "dnsmasq", "rndc"] {
        assert!(flush(Platform::Linux, Place::Dns).contains(command));
    }
    assert!(!flush(Platform::Other, Place::Dns).contains('“'));
    // Whoever is at fault, and wherever: in no other case.
    for (name, mut case) in cases::cases() {
        for (side, place) in Side::ALL.iter().flat_map(|side| Place::ALL.iter().map(move |place| (*side, *place))) {
            for platform in [Platform::Windows, Platform::Mac, Platform::Linux, Platform::Other] {
                (case.platform, case.verdict.side, case.verdict.place) = (platform, side, place);
                let flushes = advice::visitor(&case).iter().any(|word| word.key == "advice_flush");
                let is = case.done && (side, place) == (Side::Yours, Place::Dns) && platform != Platform::Other;
                assert_eq!(flushes, is, "{name}: {side}/{place} on {platform:?}");
            }
        }
    }
}

/// No chores for a visitor whose side is fine: of what people try, nothing on the visitor's computer is said to help.
#[test]
fn nothing_at_home_helps_against_a_dead_site() {
    let home =
        ["cookies", "extensions", "past_cache", "router", "computer", "dns_flush", "dns_server", "firewall", "other_browser"];
    let worth = |name: &str, id: &str| advice::tried(&case(name)).into_iter().find(|t| t.id == id).expect("a step").worth;
    for id in home {
        assert!(worth("the whole site", id) >= Worth::Useless, "{id}");
    }
    assert_eq!(worth("the whole site", "wait"), Worth::Helps);
    assert_eq!(worth("the whole site", "tell"), Worth::Helps);
    assert_eq!(worth("cookies", "cookies"), Worth::Helps);
    assert_eq!(worth("an extension", "extensions"), Worth::Helps);
    assert_eq!(worth("an old copy", "past_cache"), Worth::Helps);
    assert_eq!(worth("no connection anywhere", "router"), Worth::Helps);
    assert_eq!(worth("a form", "reload"), Worth::Harmful);
    for (name, case) in cases::cases() {
        let steps = advice::tried(&case);
        let once: BTreeSet<_> = steps.iter().map(|s| s.id).collect();
        assert_eq!(once.len(), steps.len(), "{name}");
    }
}

/// An archived copy is offered for pages of the public web alone, without the query.
#[test]
fn an_archive_learns_no_query_and_no_private_host() {
    let archived = |url: &str| {
        let mut script = Script::default();
        script.answered.url = url.into();
        advice::archive(World::play(script).case())
    };
    assert_eq!(
        archived("https://shop.example/a?token=1#x").as_deref(),
        Some("https://web.archive.org/web/https://shop.example/a")
    );
    for private in ["http://localhost/a", "http://192.168.1.1/a", "http://intranet/a", "http://[fd00::1]/a"] {
        assert_eq!(archived(private), None, "{private}");
    }
    assert_eq!(advice::archive(&case("a private tab")), None);
}

/// As long as the headline asks whose fault it is, nothing under it has answered.
#[test]
fn nobody_is_blamed_or_cleared_while_checks_run() {
    for (name, mut case) in cases::cases() {
        case.done = false;
        let states: Vec<_> = hops::chain(&case).iter().map(|hop| hop.state).collect();
        assert!(!states.contains(&HopState::Failed), "{name}: {states:?}");
        let advice = advice::visitor(&case);
        assert!(matches!(&advice[..], [only] if only.key == "advice_checking"), "{name}: {advice:?}");
    }
}

/// Which extensions somebody has is told to the maker of the one that breaks the page, if the visitor likes, and to nobody else.
#[test]
fn an_extension_is_named_to_its_maker_alone_and_forgotten_with_the_tab() {
    let suspect =
        |name: &str| Suspect { id: "abcdefgh".into(), name: name.into(), version: "4.2".into(), power: Power::Requests };
    let (culprits, with) = (vec![suspect("Shop Helper")], vec![suspect("Coupon Finder")]);
    let tried = Box::new(Tried { ending: Ending::Culprits, culprits, with, untested: Vec::new(), loads: 5 });
    let mut world = World::new(Script::default());
    world.fail();
    world.run();
    let id = world.desk.latest().unwrap().id;
    world.at(0, true, What::Tried { case: id, tried, document: None });
    world.run();

    let names = |text: &str| ["Shop Helper", "Coupon Finder", "abcdefgh"].iter().filter(|n| text.contains(**n)).count();
    let case = world.desk.latest().unwrap();
    assert_eq!((case.verdict.side, case.verdict.place), (Side::Yours, Place::Extension));
    let text = write(Format::Text, case);
    assert!(text.contains("A browser extension on the visitor's side"), "{text}");
    for format in [Format::Text, Format::Markdown, Format::Curl, Format::Mail] {
        assert_eq!(names(&write(format, case)), 0, "{format:?} names somebody's extension");
    }
    let report = serde_json::to_string(&Report::of(case, &cases::maker(), &cases::english())).unwrap();
    assert_eq!(names(&report), 0, "{report}");
    assert_eq!(names(&serde_json::to_string(&Entry::of(case)).unwrap()), 0, "the history names it");
    let maker = letter::to_maker(&text, case);
    assert!(maker.contains("Shop Helper 4.2") && maker.contains("Coupon Finder 4.2") && maker.ends_with(&text), "{maker}");

    let kept = |world: &World| String::from_utf8_lossy(&postcard::to_allocvec(&world.desk).unwrap()).into_owned();
    assert_eq!(names(&kept(&world)), 3, "this test would not see a name that is kept");
    world.at(0, true, What::Closed { tab: world::TAB });
    world.run();
    assert_eq!(names(&kept(&world)), 0, "the name outlives the tab");
    assert_eq!(world.desk.latest().unwrap().verdict.place, Place::Extension, "and the verdict stands");
}
