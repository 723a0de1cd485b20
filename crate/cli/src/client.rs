//! Makes the requests of `check`: one GET at a time on a connection of its own, HTTP/1.1, without cookies and caches.
//!
//! The libraries that would do this hide what the fingerprint reads: the reason phrase, the header as it was sent, the
//! address that answered, an answer that breaks off. TLS is rustls's, names and addresses are the system's.

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

use faultline_core::command::{From, Question};
use faultline_core::event::{End, Seen};
use faultline_core::net::{Reach, reach};
use url::{Position, Url};

use crate::body;
use crate::connection::{Stream, Trouble};
use crate::raw::{self, Head};

/// Most bytes of a body that are taken: a diagnosis must not become a load on a site that is down.
const MAX_BODY: u64 = 64 * 1024;

/// Browsers follow 20; nobody means more than a few.
const MAX_REDIRECTS: usize = 10;

/// Makes requests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client;

/// What came back.
pub(crate) struct Reply {
    /// Status line and header.
    pub(crate) head: Head,
    /// Start of the body, at most [`MAX_BODY`]; none where it is compressed in a way that cannot be undone.
    pub(crate) body: Option<String>,
    /// Who answered.
    pub(crate) address: SocketAddr,
    /// Milliseconds from the request to the first byte of the answer.
    pub(crate) first_byte_ms: u32,
    /// Milliseconds from the start of everything to the end of the header.
    pub(crate) ms: u32,
}

impl Client {
    /// Loads a page as a visit does, redirects included, and tells where it ended.
    ///
    /// A redirect is not followed to a private address or to this computer unless the visit has been there already: a page
    /// on the internet must not be able to send us around in the local network.
    pub(crate) fn visit(self, url: Url, cap: Duration) -> Result<(Url, Reply), Trouble> {
        let until = Instant::now() + cap;
        let mut url = url;
        let mut been: Vec<IpAddr> = Vec::new();
        for hop in 0..=MAX_REDIRECTS {
            let allowed = |ip: IpAddr| hop == 0 || been.contains(&ip) || reach(&ip.to_string()) == Some(Reach::Public);
            let reply = get(&url, until, &allowed)?;
            let Some(next) = target(&url, &reply.head) else { return Ok((url, reply)) };
            if !matches!(next.scheme(), "http" | "https") {
                return Err(Trouble::NotFollowed(format!("the redirect to a {}: address was not followed", next.scheme())));
            }
            been.push(reply.address.ip());
            url = next;
        }
        Err(Trouble::NotFollowed(format!("more than {MAX_REDIRECTS} redirects")))
    }

    /// Asks a question of the core. It follows nothing.
    pub(crate) fn ask(self, question: &Question) -> Seen {
        // All requests of a command line are alike: it sends the fields of neither a script nor a page load.
        if !matches!(question.from, From::Background | From::Visit) {
            // There is no page here from which anything could be asked.
            return Seen { end: End::NotAllowed, ..Seen::default() };
        }
        thread::sleep(Duration::from_millis(question.after_ms.into()));
        let started = Instant::now();
        let url = Url::parse(&question.url).map_err(|e| Trouble::Broken(e.to_string()));
        let got = url.and_then(|url| Ok((get(&url, started + Duration::from_millis(question.cap_ms.into()), &|_| true)?, url)));
        match got {
            Ok((reply, url)) => Seen {
                end: if target(&url, &reply.head).is_some() { End::Redirect } else { End::Answer },
                status: Some(reply.head.status),
                status_line: Some(reply.head.status_line),
                headers: Some(reply.head.headers),
                body: reply.body,
                address: Some(reply.address.ip().to_string()),
                ms: Some(reply.ms),
                ..Seen::default()
            },
            Err(Trouble::Silent) => Seen { end: End::Silent, ms: Some(since(started)), ..Seen::default() },
            Err(trouble) => {
                Seen { end: End::Error, ms: Some(since(started)), error: Some(trouble.text().to_owned()), ..Seen::default() }
            }
        }
    }
}

/// Where a redirect points to; none where it is none.
fn target(url: &Url, head: &Head) -> Option<Url> {
    let location = body::value(&head.headers, "location").filter(|_| matches!(head.status, 301 | 302 | 303 | 307 | 308))?;
    let mut next = url.join(location).ok()?;
    next.set_fragment(None);
    Some(next)
}

fn get(url: &Url, until: Instant, allowed: &dyn Fn(IpAddr) -> bool) -> Result<Reply, Trouble> {
    let started = Instant::now();
    let (mut stream, address) = Stream::connect(url, until, allowed)?;
    stream.write_all(request(url).as_bytes())?;
    stream.flush()?;
    let sent = Instant::now();
    let mut input = BufReader::new(stream);
    input.fill_buf()?;
    let first_byte_ms = since(sent);
    let head = loop {
        let head = Head::read(&mut input).map_err(|trouble| match trouble {
            raw::Trouble::Io(error) => error.into(),
            raw::Trouble::Nothing => Trouble::Broken("connection closed before an answer".to_owned()),
            raw::Trouble::NotHttp(why) => Trouble::Broken(why),
        })?;
        if !head.is_interim() {
            break head;
        }
    };
    let ms = since(started);
    let body = head.body_on_the_wire(input, MAX_BODY);
    Ok(Reply { head, body, address, first_byte_ms, ms })
}

fn request(url: &Url) -> String {
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let path = &url[Position::BeforePath..Position::AfterQuery];
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0 (compatible; faultline/{})\r\n\
         Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en\r\n\
         Accept-Encoding: identity\r\nCache-Control: no-cache\r\nPragma: no-cache\r\nConnection: close\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    )
}

fn since(start: Instant) -> u32 {
    u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX)
}
