//! What the programs behind the lab's sites do: one function per behaviour, told by the request and the act that is on.

use std::time::Duration;

use crate::servers::{Answer, Request};
use crate::stage::{Worker, fixture, worker_site};

/// A page that works, and that nobody keeps.
pub(super) fn fine() -> Answer {
    Answer::fine("All is well").header("Cache-Control", "no-store")
}

fn is_page(request: &Request) -> bool {
    request.target.starts_with("/page")
}

fn cookies(request: &Request) -> &str {
    request.header("cookie").unwrap_or_default()
}

/// Whether it looks like what a person does, and not like what a program asks.
pub(super) fn looks_like_a_visit(request: &Request) -> bool {
    request.header("accept").is_some_and(|a| a.contains("text/html")) && request.header("upgrade-insecure-requests").is_some()
}

/// An application that crashes, or one that answers.
fn crash_if(broken: bool) -> Answer {
    if broken { Answer::hang_up() } else { fine() }
}

/// Works, always.
pub(super) fn works(_: &Request, _: usize) -> Answer {
    fine()
}

/// Works until the first act is over, and is dead then.
pub(super) fn dies(_: &Request, act: usize) -> Answer {
    crash_if(act > 0)
}

/// One page is broken.
pub(super) fn one_page(request: &Request, _: usize) -> Answer {
    crash_if(is_page(request))
}

/// Every second request for the page meets a dead server.
pub(super) fn one_of_two(request: &Request, _: usize) -> Answer {
    crash_if(is_page(request) && request.earlier.is_multiple_of(2))
}

/// Every fifth request for the page meets a dead server, the visit among them.
pub(super) fn one_of_five(request: &Request, _: usize) -> Answer {
    crash_if(is_page(request) && request.earlier.is_multiple_of(5))
}

/// Four of five servers are dead.
pub(super) fn four_of_five(request: &Request, _: usize) -> Answer {
    crash_if(request.earlier % 5 != 3)
}

/// Crashed once, and came up again.
pub(super) fn recovers(request: &Request, _: usize) -> Answer {
    crash_if(is_page(request) && request.earlier == 0)
}

/// Comes up again while the visitor waits for the second answer.
pub(super) fn recovers_soon(request: &Request, _: usize) -> Answer {
    if is_page(request) && request.earlier == 0 { Answer::hang_up() } else { fine().after(Duration::from_millis(900)) }
}

/// Is down for maintenance, and says for how long.
pub(super) fn maintenance(_: &Request, _: usize) -> Answer {
    let page = "<!doctype html><title>Maintenance</title><h1>We are making things better</h1><p>Back in ten minutes.";
    Answer::new(503, "Service Unavailable").html(page).header("Retry-After", "600")
}

/// Is broken, and takes whoever asks three times for an attack.
pub(super) fn limits_askers(request: &Request, _: usize) -> Answer {
    if request.earlier < 2 {
        return fixture("nginx/502-refused");
    }
    Answer::new(429, "Too Many Requests").header("Retry-After", "60").html("<h1>429 Too Many Requests</h1>")
}

/// Limits everybody, the visit too.
pub(super) fn limits_everybody(_: &Request, _: usize) -> Answer {
    let page = "<html><head><title>503 Service Temporarily Unavailable</title></head><body><center><h1>503 Service Temporarily Unavailable</h1></center><hr><center>nginx</center></body></html>";
    Answer::new(503, "Service Temporarily Unavailable").header("Server", "nginx").header("Retry-After", "30").html(page)
}

/// Is down for visitors, and turns programs away with another error.
pub(super) fn down_and_wary(request: &Request, _: usize) -> Answer {
    if looks_like_a_visit(request) {
        fixture("nginx/502-refused")
    } else {
        Answer::new(503, "Service Unavailable").html("<h1>No</h1>")
    }
}

/// Works for visitors whose browser is as it came; turns programs away with a 503.
pub(super) fn wary_and_picky(request: &Request, _: usize) -> Answer {
    if !looks_like_a_visit(request) {
        return Answer::new(503, "Service Unavailable").html("<h1>No</h1>");
    }
    if request.header("x-added").is_some() { Answer::new(500, "Internal Server Error").html("<h1>Oops</h1>") } else { fine() }
}

/// Works for visitors without an old cookie; turns programs away with a 503.
pub(super) fn wary_and_poisoned(request: &Request, _: usize) -> Answer {
    if !is_page(request) {
        return fine().header("Set-Cookie", "session=broken; Path=/");
    }
    if !looks_like_a_visit(request) {
        return Answer::new(503, "Service Unavailable").html("<h1>No</h1>");
    }
    if cookies(request).contains("broken") { Answer::new(500, "Internal Server Error").html("<h1>Oops</h1>") } else { fine() }
}

/// Fails for a form alone.
pub(super) fn form_fails(request: &Request, _: usize) -> Answer {
    crash_if(request.method == "POST")
}

/// Shows what only those who are signed in may see, and is broken for them.
pub(super) fn signed_in_only(request: &Request, _: usize) -> Answer {
    match (request.target.as_str(), cookies(request).contains("session")) {
        ("/page", true) => Answer::hang_up(),
        ("/page", false) => Answer::new(302, "Found").header("Location", "/login"),
        ("/login", _) => fine(),
        _ => fine().header("Set-Cookie", "session=7; Path=/"),
    }
}

/// An error that may be kept, and then a page that works.
fn kept(request: &Request, status: u16, reason: &str) -> Answer {
    if !is_page(request) || request.earlier > 0 {
        return fine();
    }
    Answer::new(status, reason).html("<h1>We are down</h1>").header("Cache-Control", "max-age=600")
}

/// A 502 that the browser keeps.
pub(super) fn kept_502(request: &Request, _: usize) -> Answer {
    kept(request, 502, "Bad Gateway")
}

/// A 503 that the browser keeps.
pub(super) fn kept_503(request: &Request, _: usize) -> Answer {
    kept(request, 503, "Service Unavailable")
}

/// A 504 that the browser keeps.
pub(super) fn kept_504(request: &Request, _: usize) -> Answer {
    kept(request, 504, "Gateway Timeout")
}

/// A 500 that the browser keeps, although the site is still broken.
pub(super) fn kept_and_still_down(request: &Request, _: usize) -> Answer {
    if !is_page(request) {
        return fine();
    }
    fixture("nginx/502-refused").header("Cache-Control", "max-age=600")
}

/// Sets a cookie that its own next version cannot read.
pub(super) fn poisons(request: &Request, _: usize) -> Answer {
    if !is_page(request) {
        return fine().header("Set-Cookie", "session=broken; Path=/");
    }
    if cookies(request).contains("broken") { Answer::new(500, "Internal Server Error").html("<h1>Oops</h1>") } else { fine() }
}

/// Crashes over such a cookie.
pub(super) fn poisons_and_crashes(request: &Request, _: usize) -> Answer {
    if !is_page(request) {
        return fine().header("Set-Cookie", "basket=%7B%22v%22%3A1; Path=/").header("Set-Cookie", "lang=de; Path=/");
    }
    crash_if(cookies(request).contains("basket"))
}

/// Sets a cookie for one page alone.
pub(super) fn poisons_one_page(request: &Request, _: usize) -> Answer {
    if !is_page(request) {
        return fine().header("Set-Cookie", "step=9; Path=/page");
    }
    crash_if(cookies(request).contains("step"))
}

/// Reads no more than 4 KiB of cookies, as some application servers do.
pub(super) fn small_jar(request: &Request, _: usize) -> Answer {
    crash_if(cookies(request).len() > 4096)
}

/// Answers too many cookies with a 502 of its own.
pub(super) fn small_jar_502(request: &Request, _: usize) -> Answer {
    if cookies(request).len() > 4096 { Answer::new(502, "Bad Gateway").html("<h1>Bad Gateway</h1>") } else { fine() }
}

/// Cannot bear a header that it does not know.
pub(super) fn picky(request: &Request, _: usize) -> Answer {
    crash_if(request.header("x-added").is_some())
}

/// Cannot do without a language.
pub(super) fn polyglot(request: &Request, _: usize) -> Answer {
    if request.header("accept-language").is_none() && is_page(request) {
        return Answer::new(500, "Internal Server Error").html("<h1>Internal Server Error</h1>");
    }
    fine()
}

/// Knows every browser of the last ten years.
pub(super) fn modern(request: &Request, _: usize) -> Answer {
    crash_if(request.header("user-agent").is_some_and(|u| u.contains("MSIE")))
}

/// Needs its parameter.
pub(super) fn needs_ref(request: &Request, _: usize) -> Answer {
    crash_if(request.target == "/page")
}

/// Has a mirror that is down.
pub(super) fn mirror(request: &Request, _: usize) -> Answer {
    crash_if(request.target == "/mirror")
}

/// A worker that makes up a 503, before a site that works.
pub(super) fn worker_makes_up(request: &Request, _: usize) -> Answer {
    worker_site(Worker::MakesUp, request).unwrap_or_else(fine)
}

/// A worker that passes on what a dead site says.
pub(super) fn worker_passes_on(request: &Request, _: usize) -> Answer {
    worker_site(Worker::PassesOn, request).unwrap_or_else(Answer::hang_up)
}

/// A worker that makes up a 504, before a site that works.
pub(super) fn worker_gives_up(request: &Request, _: usize) -> Answer {
    worker_site(Worker::GivesUp, request).unwrap_or_else(fine)
}

/// A worker that shows an answer of last week, before a site that works.
pub(super) fn worker_replays(request: &Request, _: usize) -> Answer {
    worker_site(Worker::Replays, request).unwrap_or_else(|| match request.earlier {
        0 => Answer::new(502, "Bad Gateway").html("<h1>Last week</h1>"),
        _ => fine(),
    })
}

/// A proxy, or whoever took the line, that answers everything with a 502 of its own.
pub(super) fn all_502(_: &Request, _: usize) -> Answer {
    Answer::new(502, "Bad Gateway")
        .html("<html><head><title>502</title></head><body><h1>Bad Gateway</h1><p>Our node is down.</p></body></html>")
}

/// A proxy that is nginx, with nothing behind it.
pub(super) fn all_nginx(_: &Request, _: usize) -> Answer {
    fixture("nginx/502-refused")
}

/// Passes the browser makers' endpoints, and refuses tunnels and pages with a number.
fn refuse(request: &Request, status: u16, reason: &str) -> Answer {
    match request.host() {
        "connectivitycheck.gstatic.com" => Answer::new(204, "No Content"),
        "detectportal.firefox.com" => Answer::new(200, "OK").body("text/plain", "success\n"),
        _ => Answer::new(status, reason).html("<h1>The proxy cannot do that</h1>"),
    }
}

/// Refuses with 403.
pub(super) fn refuse_403(request: &Request, _: usize) -> Answer {
    refuse(request, 403, "Forbidden")
}

/// Refuses with 502.
pub(super) fn refuse_502(request: &Request, _: usize) -> Answer {
    refuse(request, 502, "Bad Gateway")
}

/// Refuses with 503.
pub(super) fn refuse_503(request: &Request, _: usize) -> Answer {
    refuse(request, 503, "Service Unavailable")
}

/// Refuses with 504.
pub(super) fn refuse_504(request: &Request, _: usize) -> Answer {
    refuse(request, 504, "Gateway Timeout")
}

/// A hotel's portal as RFC 6585 has it.
pub(super) fn portal_511(_: &Request, _: usize) -> Answer {
    let page = "<!doctype html><title>Network Authentication Required</title><h1>Please sign in</h1><p><a href=http://10.20.0.1/>Sign in to the Wi-Fi</a>";
    Answer::new(511, "Network Authentication Required").html(page)
}

/// A portal that sends the endpoints to its sign-in page and has a 503 for the rest.
pub(super) fn portal_redirects(request: &Request, _: usize) -> Answer {
    if request.host().ends_with(".gstatic.com") || request.host().ends_with(".firefox.com") {
        return Answer::new(302, "Found").header("Location", "http://10.20.0.1/login");
    }
    Answer::new(503, "Service Unavailable").html("<!doctype html><title>Hotspot</title><h1>Access is not available</h1>")
}

/// A portal that shows its sign-in page as an answer of the endpoints, and fails over everything else.
pub(super) fn portal_page(request: &Request, _: usize) -> Answer {
    if request.host().ends_with(".gstatic.com") || request.host().ends_with(".firefox.com") {
        return Answer::new(200, "OK")
            .html("<!doctype html><title>Welcome</title><h1>Welcome to our Wi-Fi</h1><form action=/login></form>");
    }
    Answer::new(502, "Bad Gateway").html("<!doctype html><title>Gateway</title><h1>502</h1>")
}

/// A router whose own line is down.
pub(super) fn router(_: &Request, _: usize) -> Answer {
    let page = "<!doctype html><title>No internet</title><h1>The router is not connected to the internet</h1><p>Check the cable.";
    Answer::new(503, "Service Unavailable").header("Server", "router").html(page)
}

/// Refuses this visitor's address, in the words of an outage.
pub(super) fn refuses_the_address(_: &Request, _: usize) -> Answer {
    fixture("nginx/503-return")
}
