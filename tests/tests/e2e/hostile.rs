//! A page, a server or another extension that means harm: what it writes stays text, what it sends is bounded, and nobody
//! but our own pages is listened to.

use std::path::Path;
use std::time::Duration;

use faultline_tests::browser::Launch;
use faultline_tests::servers::{Answer, Origin};
use faultline_tests::stage::{CONTROL, fixture, online};
use faultline_tests::wait::wait_for;
use flate2::{Compress, Compression, FlushCompress};
use serde_json::{Value, json};

use crate::scene::Scene;

/// One gigabyte.
const GIGABYTE: usize = 1 << 30;

/// Most of a gigabyte that may leave the server for one question: what the two ends keep in flight, and then somebody must have hung up.
const IN_FLIGHT: usize = 64 << 20;

/// By how much the background may grow over a gigabyte of a page: the whole process of all extensions in Firefox.
const MOST_MEMORY: u64 = 128 << 20;

/// Everything that wants to be more than text, somewhere. `EVIL` becomes the address of a server that nobody has a reason to ask.
const ATTACKS: [&str; 9] = [
    "<img id=evil src=//EVIL/img onerror=globalThis.pwned=1>",
    "\"><svg id=evil onload=globalThis.pwned=1>",
    "' onmouseover='globalThis.pwned=1' id='evil",
    "</pre></script><script id=evil>globalThis.pwned=1</script>",
    "javascript:globalThis.pwned=1",
    "[click](javascript:globalThis.pwned=1) ![](//EVIL/markdown)",
    "=HYPERLINK(\"//EVIL/csv\",\"x\")",
    "\u{202e}\u{2066}drowssap\u{202c}",
    "\u{1b}[31m\u{1b}]8;;//EVIL/ansi\u{7}red",
];

scenarios! {
    what_a_page_writes_stays_text => |scene| {
        scene.name("evil.test");
        scene.name("writes.test");
        let evil = Origin::start(|_| Answer::fine("evil"));
        let address = evil.url("evil.test", "").trim_start_matches("http:").trim_start_matches('/').to_owned();
        for (n, attack) in ATTACKS.iter().enumerate() {
            let attack = attack.replace("EVIL", &address);
            let origin = writes(&attack);
            let url = origin.url("writes.test", &format!("/{n}?{}", "q"));
            scene.browser.close_popup();
            scene.browser.visit(&url);
            let shown = scene.verdict_of(&url);
            assert_eq!((shown.status.as_str(), shown.side.as_str()), ("502", "site"), "{attack:?}: {shown:?}");
            let look = "[document.querySelectorAll('#evil, img, iframe, object, [onload], [onerror], [onmouseover], [href^=javascript]').length,
                typeof globalThis.pwned, /[\\u202a-\\u202e\\u2066-\\u2069\\u001b\\u0007]/.test(document.documentElement.textContent)]";
            let clean = json!([0, "undefined", false]);
            assert_eq!(scene.browser.in_popup(look), Ok(clean.clone()), "{attack:?} in the popup");
            let details = scene.browser.try_api(DETAILS, &[json!(shown.case), json!(look)]);
            assert_eq!(details, Ok(clean), "{attack:?} on the details page");
            let report = scene.browser.report(&shown.case);
            assert!(!report.0.to_string().contains(['\u{202e}', '\u{1b}']), "{attack:?} in the report");
        }
        assert_eq!(evil.requests().len(), 0, "somebody followed what a page wrote: {:?}", evil.requests());
    };
    the_card_stays_text_too => |scene| {
        scene.name("writes.test");
        scene.set("show", json!("card"));
        let origin = writes("</title><b id=evil>x</b> \u{202e}card");
        scene.browser.visit(&origin.url("writes.test", "/card"));
        let card = wait_for("the card with a verdict", || {
            let card = scene.browser.card()?;
            if card.state == "done" { Ok(card) } else { Err(format!("{card:?}")) }
        });
        assert_eq!(card.side, "site", "{card:?}");
        // The page has a tag of this name itself, in its body; the card adds none, and no global of it is the page's.
        let found = scene.browser.run("return [document.querySelectorAll('#faultline, .fl-card').length, typeof faultlinePaint, typeof faultlineCard]", &[]);
        assert_eq!(found, json!([0, "undefined", "undefined"]), "the page reaches into the card");
    };
    a_gigabyte_for_every_question => |scene| {
        let origin = pours(scene, "pours.test", |chunk| Answer::new(502, "Bad Gateway").html("").pouring(chunk, GIGABYTE / chunk.len()));
        let shown = scene.verdict_on(&origin.url("pours.test", "/page"));
        assert_eq!((shown.status.as_str(), shown.side.as_str()), ("502", "site"), "{shown:?}");
        let sent = origin.poured();
        let questions = origin.requests().iter().filter(|r| r.host() == "pours.test").count() - 1;
        assert!(questions >= 2 && sent < questions * IN_FLIGHT, "{sent} bytes for {questions} questions");
    };
    a_gigabyte_for_the_visit_itself => |scene| {
        // It comes as fast as the browser takes it, while the first word and the verdict are made.
        scene.name("flood.test");
        let chunk = b"<p>lorem ipsum dolor sit amet</p>\n".repeat(1 << 11);
        let origin = Origin::start(move |r| match (r.target.as_str(), r.earlier) {
            ("/page", 0) => Answer::new(502, "Bad Gateway").html("<title>502 Bad Gateway</title>").pouring(&chunk, GIGABYTE / chunk.len()),
            ("/fine", _) => Answer::fine("All is well"),
            _ => fixture("nginx/502-refused"),
        });
        endures(scene, &origin, "flood.test");
        assert!(origin.poured() > 1 << 20, "{} bytes were a page like any other", origin.poured());
    };
    a_gigabyte_in_a_megabyte_for_the_visit_itself => |scene| {
        let bomb = bomb(GIGABYTE);
        scene.name("blast.test");
        let origin = Origin::start(move |r| match (r.target.as_str(), r.earlier) {
            ("/page", 0) => Answer::new(502, "Bad Gateway").header("Content-Encoding", "gzip").body("text/html", bomb.clone()),
            ("/fine", _) => Answer::fine("All is well"),
            _ => fixture("nginx/502-refused"),
        });
        endures(scene, &origin, "blast.test");
    };
    a_gigabyte_in_a_megabyte => |scene| {
        let bomb = bomb(GIGABYTE);
        assert!(bomb.len() < 4 << 20, "{} bytes", bomb.len());
        scene.name("bomb.test");
        let origin = Origin::start(move |r| match (r.target.as_str(), r.earlier) {
            ("/page", 0) => fixture("nginx/502-refused"),
            _ => Answer::new(502, "Bad Gateway").header("Content-Encoding", "gzip").body("text/html", bomb.clone()),
        });
        let shown = scene.verdict_on(&origin.url("bomb.test", "/page"));
        assert_eq!((shown.status.as_str(), shown.producer.as_str(), shown.side.as_str()), ("502", "nginx", "site"), "{shown:?}");
    };
    a_page_that_never_ends => |scene| {
        scene.name("endless.test");
        // A kilobyte now and then, for as long as anybody listens.
        let origin = Origin::start(|r| match (r.target.as_str(), r.earlier) {
            ("/page", 0) => {
                Answer::new(502, "Bad Gateway").html("<title>502 Bad Gateway</title>").dripping(&b"<p>lorem</p>".repeat(90), Duration::from_millis(100))
            }
            _ => fixture("nginx/502-refused"),
        });
        let url = origin.url("endless.test", "/page");
        scene.browser.visit(&url);
        let shown = scene.verdict_of(&url);
        assert_eq!((shown.status.as_str(), shown.side.as_str()), ("502", "site"), "{shown:?}");
    };
    a_title_of_ten_megabytes => |scene| {
        let page = format!("<html><head><title>{}</title></head><body><h1>502</h1>", "secret of the gateway ".repeat(10 * 1024 * 1024 / 22));
        scene.name("title.test");
        let origin = Origin::start(move |_| Answer::new(502, "Bad Gateway").html(&page));
        let shown = scene.verdict_on(&origin.url("title.test", "/page"));
        assert_eq!((shown.status.as_str(), shown.side.as_str()), ("502", "site"), "{shown:?}");
        assert!(scene.browser.report(&shown.case).text("/page/title").chars().count() <= 300);
    };
    more_header_than_anybody_needs => |scene| {
        // Just below what the browsers themselves give up at; beyond it there is no status, and no case.
        scene.name("header.test");
        let origin = Origin::start(|_| {
            let many = (0..400).fold(Answer::new(502, "Bad Gateway"), |a, n| a.header(&format!("X-Field-{n}"), &"v".repeat(400)));
            many.header("Server", "nginx/1.22.1").html("<hr><center>nginx/1.22.1</center>")
        });
        let shown = scene.verdict_on(&origin.url("header.test", "/page"));
        assert_eq!((shown.status.as_str(), shown.side.as_str()), ("502", "site"), "{shown:?}");
    };
    a_header_that_never_ends => |scene| {
        scene.name("more.test");
        let line = b"X-More: lorem ipsum dolor\r\n".repeat(1 << 11);
        let origin = Origin::start(move |r| match (r.target.as_str(), r.earlier) {
            ("/page", 0) => fixture("nginx/502-refused"),
            ("/fine", _) => Answer::fine("All is well"),
            _ => Answer::raw("HTTP/1.1 502 Bad Gateway\r\n").pouring(&line, GIGABYTE / line.len()),
        });
        let shown = scene.verdict_on(&origin.url("more.test", "/page"));
        assert_eq!((shown.status.as_str(), shown.producer.as_str()), ("502", "nginx"), "{shown:?}");
        assert_ne!(shown.side, "yours", "{shown:?}");
        let questions = origin.requests().len() - 1;
        assert!(questions >= 2 && origin.poured() < questions * IN_FLIGHT, "{} bytes for {questions} questions", origin.poured());
        // The browsers themselves give up on such a page: there is no status, and so no case.
        scene.browser.close_popup();
        scene.browser.visit(&origin.url("more.test", "/endless"));
        wait_for("the browser to hang up", || if origin.hits("/endless") > 0 && origin.poured() > 0 { Ok(()) } else { Err(String::new()) });
        scene.browser.visit(&origin.url("more.test", "/fine"));
        scene.browser.arrive(&origin.url("more.test", "/fine"));
        assert_eq!(scene.browser.report("latest").text("/case"), shown.case, "a case without a status");
    };
    what_no_event_looks_like => |scene| {
        scene.browser.visit("about:blank");
        let before = fails(scene);
        let odd = "['answered', 'shown', 'error-page', 'unannounced', 'visited', 'closed', 'do', 'tick', 'nonsense', '']
            .map(kind => [5, null, 'text', {}, [], { tabId: 'x', url: 7, responseHeaders: 3, timeStamp: {} }, { tabId: NaN, url: {}, statusCode: 1e99 }]
                .map(raw => globalThis.faultline.send(kind, raw))).length";
        assert_eq!(scene.browser.in_background(odd).ok().and_then(|n| n.as_u64()), Some(10));
        let after = fails(scene);
        assert_eq!(after, before + 1, "something of it became a case");
    };
    other_extensions_are_not_listened_to: alone => |kind| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("extensions/talks-to-others");
        let mut own = Scene::start(Launch::new(kind).beside(dir));
        let before = fails(&mut own);
        own.browser.close_popup();
        own.name("talks.test");
        let origin = Origin::start(|_| Answer::fine("Talks"));
        let id = own.browser.api("return api.runtime.id", &[]);
        own.browser.visit(&origin.url("talks.test", &format!("/#{}", id.as_str().unwrap_or_default())));
        let answers = wait_for("what it was told", || {
            let answers = own.browser.try_run("return document.documentElement.dataset.answers ?? null", &[])?;
            answers.as_str().map(str::to_owned).ok_or_else(|| "nothing yet".to_owned())
        });
        assert_eq!(answers, "[]", "another extension was answered");
        assert_eq!(own.browser.report("latest").text("/case"), before.to_string());
    };
    pages_do_not_reach_in => |scene| {
        let origin_of_ours = scene.browser.extension_origin();
        fails(scene);
        scene.name("reaches.test");
        let origin = Origin::start(|_| Answer::fine("Reaches"));
        let url = origin.url("reaches.test", "/");
        scene.browser.visit(&url);
        scene.browser.arrive(&url);
        let tries = "const ours = arguments[0];
            const files = ['manifest.json', 'extension/popup.html', 'extension/background.js', 'extension/icons/16.png', 'extension/wasm/faultline_shell_bg.wasm', '_locales/en/messages.json'];
            const open = [];
            const image = (url) => new Promise((done) => { const i = new Image(); i.onload = () => done(true); i.onerror = () => done(false); i.src = url; });
            return (async () => {
              for (const file of files) {
                if (await fetch(ours + file).then(() => true, () => false)) open.push('fetch ' + file);
                if (await image(ours + file)) open.push('image ' + file);
              }
              window.postMessage({ do: 'dismiss', want: { case: 'latest' } }, '*');
              if (typeof chrome === 'object' && chrome.runtime?.sendMessage) open.push('runtime');
              if (typeof browser === 'object') open.push('browser');
              return open;
            })()";
        let open = wait_for("the page's tries", || scene.browser.try_run(tries, &[json!(origin_of_ours)]));
        assert_eq!(open, Value::Array(Vec::new()), "a page reaches into the extension");
    };
}

/// Runs an expression in the details page of a case.
const DETAILS: &str = "const frame = document.createElement('iframe');
    frame.src = api.runtime.getURL('extension/details.html#' + arguments[0]);
    document.documentElement.append(frame);
    for (;;) {
      await new Promise((done) => setTimeout(done, 50));
      const page = frame.contentWindow;
      const json = page?.document?.getElementById('report-json')?.textContent;
      if (!json) continue;
      const { document, globalThis } = { document: page.document, globalThis: page };
      return [
        document.querySelectorAll('#evil, img, iframe, object, [onload], [onerror], [onmouseover], [href^=javascript]').length,
        typeof globalThis.pwned,
        /[\\u202a-\\u202e\\u2066-\\u2069\\u001b\\u0007]/.test(document.documentElement.textContent),
      ];
    }";

/// A site that writes `attack` wherever it can.
fn writes(attack: &str) -> Origin {
    let inside = attack.to_owned();
    // A header field holds no control characters; the browsers would refuse the whole response.
    let field: String = attack.chars().filter(|c| !c.is_control() && c.is_ascii()).collect();
    Origin::start(move |_| {
        let html = inside.replace('&', "&amp;").replace('<', "&lt;");
        let page = format!(
            "<html><head><title>{html}</title></head><body><h1>{html}</h1><p>Ray ID: {html}</p><hr><center>nginx/{html}</center><b id=evil>x</b>"
        );
        let answer = Answer::new(502, &field)
            .html(&page)
            .header("Server", &field)
            .header("Via", &format!("1.1 {field}"))
            .header("X-Request-Id", &field);
        answer
            .header("Proxy-Status", &format!("{field}; error={field}"))
            .header("Retry-After", &field)
            .header("X-Powered-By", &field)
    })
}

/// A page that wants to be too much: there is a verdict on it, the background stays small, and the visitor goes on.
fn endures(scene: &mut Scene, origin: &Origin, host: &str) {
    fails(scene);
    let before = scene.browser.background_memory().unwrap();
    let shown = scene.verdict_on(&origin.url(host, "/page"));
    assert_eq!((shown.status.as_str(), shown.side.as_str()), ("502", "site"), "{shown:?}");
    let grown = scene.browser.background_memory().unwrap().saturating_sub(before);
    assert!(grown < MOST_MEMORY, "the background has grown by {grown} bytes");
    scene.browser.close_popup();
    let fine = origin.url(host, "/fine");
    scene.browser.visit(&fine);
    scene.browser.arrive(&fine);
    fails(scene);
}

/// A site whose first page is small; what every question after it gets is `answer`'s.
fn pours(scene: &mut Scene, host: &str, answer: impl Fn(&[u8]) -> Answer + Send + Sync + 'static) -> Origin {
    scene.name(host);
    let chunk = b"lorem ipsum dolor ".repeat(1 << 12);
    Origin::start(move |r| match (r.host(), r.target.as_str(), r.earlier) {
        (CONTROL, ..) => online(),
        (_, "/page", 0) => fixture("nginx/502-refused"),
        _ => answer(&chunk),
    })
}

/// `length` spaces in gzip. One megabyte is compressed and said again and again: after a full flush a block stands alone.
fn bomb(length: usize) -> Vec<u8> {
    let mut deflate = Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(1 << 16);
    deflate.compress_vec(&vec![b' '; 1 << 20], &mut block, FlushCompress::Full).expect("spaces can be compressed");
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    for _ in 0..length >> 20 {
        gzip.extend_from_slice(&block);
    }
    // The last block, empty; the sum is wrong, which nobody gets to see.
    gzip.extend_from_slice(&[3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    gzip
}

/// Lets a page fail, and gives the number of its case.
fn fails(scene: &mut Scene) -> u32 {
    scene.name("fails.test");
    let origin = Origin::start(|_| fixture("nginx/502-refused"));
    let shown = scene.verdict_on(&origin.url("fails.test", "/page"));
    scene.browser.close_popup();
    shown.case.parse().unwrap_or_else(|e| panic!("case {:?}: {e}", shown.case))
}
