//! Where a secret can stand: in everything that comes from a page, a server, or the visitor's own address bar.

use faultline_core::case::Case;
use faultline_core::event::{Answered, Read, Seen};
use faultline_core::page::Header;
use faultline_core::terms::CheckId;

use crate::secrets::Secret;
use crate::world::{Reply, Script, World};

/// Cases with the secret in them: in the address and the title; in every header field; in the page of each product that quotes the
/// visitor's address or request, and of two that tell too much.
pub(crate) fn planted(secret: &Secret) -> Vec<(&'static str, Case)> {
    let text = secret.text.as_str();
    let scripts = [
        ("the address", address(text)),
        ("the header", header(text)),
        ("Cloudflare's page", cloudflare(text)),
        ("Imperva's page", imperva(text)),
        ("Squid's page", squid(text)),
        ("Akamai's page", akamai(text)),
        ("a gateway's page", gateway(text)),
        ("an application's page", application(text)),
    ];
    scripts.into_iter().map(|(place, script)| (place, World::play(script).case().clone())).collect()
}

fn encoded(text: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.~+:@;=!$&'()*,".contains(b);
    text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// In the path as a segment, once more encoded, as a parameter; in query, fragment and user; and in the title.
fn address(secret: &str) -> Script {
    let segment = encoded(secret);
    let hidden = segment.replace('@', "%40").replace('.', "%2E").replace('=', "%3D");
    let url = format!(
        "https://{}:pw@shop.example/a/{segment}/b/{hidden};p={segment}?q={segment}&r={hidden}#{segment}",
        hidden.replace(':', "%3A")
    );
    let read = Read { title: format!("Hello {secret} – 502 Bad Gateway"), ..page("<h1>502</h1>") };
    let mut script = Script { read: Some(read), ..Script::default() };
    script.answered.url = url;
    script
}

fn page(body: &str) -> Read {
    Read { status: 502, title: "502 Bad Gateway".into(), body: body.into(), ..Read::default() }
}

fn with_page(headers: &[(&str, String)], title: &str, body: &str) -> Script {
    let body = format!("<html><head><title>{title}</title></head><body>{body}</body></html>");
    let answered = Answered { headers: fields(headers), ..Script::default().answered };
    // The same page comes back to every question of the background.
    let same =
        Reply { seen: Seen { body: Some(body.clone()), headers: Some(fields(headers)), ..Reply::status(502).seen }, after: 20 };
    let script = Script { answered, read: Some(Read { title: title.into(), ..page(&body) }), ..Script::default() };
    [CheckId::Fresh, CheckId::Home].into_iter().fold(script, |s, id| s.with(id, same.clone()))
}

fn fields(headers: &[(&str, String)]) -> Vec<Header> {
    headers.iter().map(|(n, v)| Header::new(*n, v.replace(['\r', '\n'], " "))).collect()
}

/// Whether it could be an identifier just as well. One ends at the sign of per cent: what was before it could be one.
fn is_bare(secret: &str) -> bool {
    secret.contains("%40")
        || secret.chars().all(|c| c.is_ascii_alphanumeric() || "-_.=/:".contains(c))
            && secret.chars().filter(|c| ".:".contains(*c)).count() < 3
}

/// Every field that anything reads, and some that nothing should. An identifier that is a bare token is what such a field is for, so
/// those have what an identifier never is.
fn header(secret: &str) -> Script {
    let bare = is_bare(secret);
    let mut headers: Vec<(&str, String)> = [
        "Server",
        "X-Powered-By",
        "Set-Cookie",
        "Location",
        "Content-Type",
        "Retry-After",
        "X-Forwarded-For",
        "X-Client-IP",
        "WWW-Authenticate",
        "Proxy-Authenticate",
        "X-Cache",
        "X-Debug",
        "Alt-Svc",
        "Link",
        "Refresh",
        "Content-Location",
        "X-Real-IP",
    ]
    .iter()
    .map(|name| (*name, secret.to_owned()))
    .collect();
    headers.push(("Via", format!("1.1 {secret} (squid/5.7)")));
    headers.push(("Via", format!("1.1 gate.example:3128 ({secret})")));
    headers.push(("Proxy-Status", format!("\"{secret}\"; error=\"{secret}\"; details=\"{secret}\"")));
    headers.push(("Server", format!("Gate/{secret}")));
    if !bare {
        for name in [
            "X-Request-Id",
            "X-Correlation-Id",
            "CF-Ray",
            "X-Amz-Cf-Id",
            "X-Varnish",
            "X-Served-By",
            "X-B3-TraceId",
            "X-Iinfo",
            "X-Squid-Error",
        ] {
            headers.push((name, secret.to_owned()));
        }
    }
    let mut script = with_page(&headers, &format!("Error at {}", html(secret)), &format!("<h1>{}</h1>", html(secret)));
    script.answered.status_line = Some(format!("HTTP/1.1 502 Bad {secret}"));
    script.read = script.read.map(|r| Read { protocol: secret.to_owned(), ..r });
    let error = Reply { seen: Seen { error: Some(format!("NS_ERROR {secret}")), ..Reply::error("").seen }, after: 5 };
    let again = Reply {
        seen: Seen {
            status_line: Some(format!("HTTP/1.1 502 {secret}")),
            address: Some(secret.to_owned()),
            ..Reply::status(502).seen
        },
        after: 5,
    };
    script.with(CheckId::Home, error).with(CheckId::Fresh, again)
}

/// Quotes the visitor's address in its footer.
fn cloudflare(secret: &str) -> Script {
    let fields = [("Server", "cloudflare".to_owned()), ("CF-RAY", "8c1f0a2b3c4d5e6f-FRA".to_owned())];
    let body = format!(
        "<div id=\"cf-wrapper\"><div id=\"cf-error-details\"><h1><span>Bad gateway</span> <span>Error code 502</span></h1>
        <p>{0}</p><div class=\"cf-error-footer\">Cloudflare Ray ID: <strong>8c1f0a2b3c4d5e6f</strong> &bull; <span>Your IP:</span> {0}
        &bull; <span>Performance &amp; security by Cloudflare</span></div></div></div>",
        html(secret)
    );
    with_page(&fields, &format!("shop.example | 502: Bad gateway {}", html(secret)), &body)
}

/// Quotes the visitor's address beside its incident.
fn imperva(secret: &str) -> Script {
    let fields = [("X-CDN", "Imperva".to_owned()), ("X-Iinfo", format!("8-1234-0 0NNN RT({secret}) q(0 -1 -1 -1)"))];
    let incident = if is_bare(secret) { "1168000290027278954-138522509372819277" } else { secret };
    let body = format!(
        "<iframe src=\"/_Incapsula_Resource?edet=20&incident_id=1168000290027278954-138522509372819277&ip={0}\">Request unsuccessful.
        Incapsula incident ID: {1}</iframe><p>Your IP: {0}</p><p>Proxy IP: {0} (ID 100117-100)</p>",
        html(secret),
        html(incident)
    );
    with_page(&fields, "", &body)
}

/// Writes the whole request into a link for a letter to its administrator.
fn squid(secret: &str) -> Script {
    let fields = [
        ("Server", "squid/5.7".to_owned()),
        ("X-Squid-Error", "ERR_CONNECT_FAIL 111".to_owned()),
        ("Via", "1.1 proxy.example (squid/5.7)".to_owned()),
    ];
    let letter = format!(
        "CacheHost: proxy.example\r\nErrPage: ERR_CONNECT_FAIL\r\nErr: (111) Connection refused\r\nTimeStamp: Sun, 22 Nov 2026 02:56:13 GMT\r\n\r\n
        ClientIP: {secret}\r\nServerIP: shop.example\r\n\r\nHTTP Request:\r\nGET /{secret} HTTP/1.1\r\nProxy-Authorization: Basic {secret}\r\nCookie: {secret}\r\n"
    );
    let body = format!(
        "<div id=\"titles\"><h1>ERROR</h1><h2>The requested URL could not be retrieved</h2></div><hr><div id=\"content\">
        <p>The following error was encountered while trying to retrieve the URL: <a href=\"{1}\">{1}</a></p>
        <blockquote id=\"error\"><p><b>Connection to {0} failed.</b></p></blockquote><p id=\"sysmsg\">The system returned: <i>(111) Connection refused {0}</i></p>
        <p>Your cache administrator is <a href=\"mailto:{0}?subject=CacheErrorInfo%20-%20ERR_CONNECT_FAIL&amp;body={2}\">{0}</a>.</p></div>
        <div id=\"footer\"><p>Generated Sun, 22 Nov 2026 02:56:13 GMT by {0} (squid/5.7)</p><!-- ERR_CONNECT_FAIL --></div>",
        html(secret),
        html(&format!("http://shop.example/{}", encoded(secret))),
        encoded(&letter)
    );
    with_page(&fields, &format!("ERROR: {}", html(secret)), &body).with(CheckId::Control, Reply::status(502))
}

/// Writes the address of the page and a reference that begins with who asked.
fn akamai(secret: &str) -> Script {
    let body = format!(
        "<H1>Service Unavailable</H1>An error occurred while processing your request to {0}.<P>Reference&#32;&#35;30&#46;3598c0ba&#46;1795317026&#46;87201000
        <P>https&#58;&#47;&#47;errors&#46;edgesuite&#46;net&#47;30&#46;3598c0ba&#46;1795317026&#46;87201000 {0}",
        html(secret)
    );
    with_page(&[("Server", "AkamaiGHost".to_owned())], &format!("Service Unavailable {}", html(secret)), &body)
}

/// A gateway that tells too much.
fn gateway(secret: &str) -> Script {
    let body = format!(
        "<h1>502 Bad Gateway</h1><p>upstream {0} refused, request id: {0}, client {0}</p><p>Error 503 Backend fetch failed</p><p>XID: 1057850940 {0}</p><hr>
        <center>nginx/1.22.1</center>",
        html(secret)
    );
    with_page(&[("Server", "nginx/1.22.1".to_owned())], &format!("502 Bad Gateway: {}", html(secret)), &body)
}

/// An application that shows its visitor.
fn application(secret: &str) -> Script {
    let body = format!(
        "<h1>Whoops</h1><pre>Error: connect {0}\n  at {0}</pre><input value=\"{0}\"><p>Signed in as {0}</p>",
        html(secret)
    );
    with_page(&[("X-Powered-By", "Express".to_owned())], &format!("{} – Account", html(secret)), &body)
}
