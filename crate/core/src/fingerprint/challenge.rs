//! Whether an answer asks for a proof that a browser, or a person, asks, in place of the page.
//!
//! Such gates let in whoever has their cookie. A request without cookies gets their question, often with 200, and would seem to work
//! while what is behind the gate fails for everybody.

use faultline_search::Normal;

use super::scan::behind;
use crate::page::Header;

/// Fields that gates send with their question, and with nothing else.
const FIELDS: [&str; 4] = ["cf-mitigated", "x-amzn-waf-action", "x-vercel-mitigated", "sg-captcha"];

/// What only the pages of gates contain: Anubis, go-away, Cloudflare, AWS WAF, Fastly, Akamai, Imperva, Bunny Shield, DDoS-Guard, Sucuri,
/// F5, `DataDome`, HUMAN, `SiteGround`, `BitNinja`, `InfinityFree`.
const MARKS: [&str; 16] = [
    "/.within.website/x/",
    "/.well-known/.git.gammaspectra.live/git/go-away/",
    "window._cf_chl_opt",
    "window.gokuProps",
    "/_fs-ch-",
    "sec-if-cpt-container",
    "id=main-iframe src=/_Incapsula_Resource",
    "/.bunny-shield/",
    "/.well-known/ddos-guard/",
    "sucuri_cloudproxy_js",
    "bobcmn",
    "captcha-delivery.com/",
    "px-captcha",
    "/.well-known/sgcaptcha/",
    "Waiting for the redirectiron",
    "slowAES.decrypt(",
];

/// More text than this has something else to say: some pages tell of gates.
const MOST_TEXT: usize = 3_000;
/// A page that only sets a cookie and loads again has next to nothing to read.
const LITTLE_TEXT: usize = 300;

/// Whether it is such a question, whatever its number.
pub(crate) fn is_asked(headers: &[Header], normal: &Normal) -> bool {
    let has = |what: &str| behind(&normal.markup, what.as_bytes()).is_some();
    headers.iter().any(|h| FIELDS.iter().any(|name| h.name.eq_ignore_ascii_case(name)))
        || (normal.text.len() <= MOST_TEXT && MARKS.into_iter().any(has))
        || (normal.text.len() <= LITTLE_TEXT && has("document.cookie") && ["location", "http-equiv=refresh"].into_iter().any(has))
}

#[cfg(test)]
mod tests {
    use super::is_asked;
    use crate::page::Header;
    use faultline_search::Normal;

    fn page(body: &str) -> bool {
        is_asked(&[], &Normal::of(body.as_bytes(), false))
    }

    #[test]
    fn gates_are_known_by_their_own_marks() {
        for body in [
            r#"<html lang="en"><head><title>Making sure you're not a bot!</title></head><body><main><h1 id="title">Making sure you're not a bot!</h1><img id="image" src="/.within.website/x/cmd/anubis/static/img/pensive.webp?cacheBuster=v1.21.0"></main></body></html>"#,
            r#"<html><head><title>Client Challenge</title><link rel="stylesheet" href="/_fs-ch-1T1wmsGaOgGaSxcX/assets/styles.css"></head><body>JavaScript is disabled in your browser.</body></html>"#,
            r#"<html style="height:100%"><head><META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW"></head><body style="margin:0px;height:100%"><iframe id="main-iframe" src="/_Incapsula_Resource?SWUDNSAI=31&xinfo=1" frameborder=0 width="100%">Request unsuccessful.</iframe></body></html>"#,
            r#"<html><head><link rel="icon" href="data:,"><meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/?r=%2F&y=ipc:192.0.2.7"></meta></head></html>"#,
            r#"<html><body><script src="/aes.js"></script><script>var a=toNumbers("f6");document.cookie="__test="+toHex(slowAES.decrypt(c,2,a,b))+"; path=/"; location.href="http://shop.test/?i=1";</script><noscript>This site requires Javascript to work</noscript></body></html>"#,
        ] {
            assert!(page(body), "{body}");
        }
    }

    #[test]
    fn gates_that_nobody_knows_set_a_cookie_and_load_again() {
        assert!(page("<html><script>document.cookie='pass=1;path=/';location.reload()</script></html>"));
        assert!(page(
            "<p>One moment</p><script>document.cookie = 'k=' + solve(7); window.location.replace(window.location)</script>"
        ));
        let page_of_a_shop =
            format!("<script>document.cookie='seen=1'; track(location.href)</script><p>{}</p>", "Shoes. ".repeat(60));
        assert!(!page(&page_of_a_shop));
        assert!(!page("<script src=/app.js></script><div id=root></div>"), "an application that draws itself");
        assert!(!page("<p>Welcome</p>"));
        assert!(!page(""));
    }

    #[test]
    fn a_field_of_the_header_tells_as_well() {
        let normal = Normal::of(b"", false);
        assert!(is_asked(&[Header::new("X-Amzn-Waf-Action", "challenge")], &normal));
        assert!(!is_asked(&[Header::new("X-Cache", "Miss from cloudfront")], &normal));
    }

    #[test]
    fn an_article_about_gates_is_none() {
        let article = format!(
            "<h1>How Anubis works</h1><p>{}</p><img src=/.within.website/x/cmd/anubis/x>",
            "It asks for work. ".repeat(200)
        );
        assert!(!page(&article));
    }
}
