//! What a visitor does in a whole session: pages that work, pages that fail in every way that has checks of its own, every page of the
//! extension, and the buttons that send nothing.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use faultline_core::net::Url;
use faultline_core::settings::Settings;

use super::{STRANGER, STRANGER_AT};
use crate::browser::{Browser, Kind, Launch};
use crate::lab::{Door, Island};
use crate::servers::{Answer, Origin, Request};
use crate::stage::{fixture, online};
use crate::wait::wait_for;

/// The failing sites.
const SITES: [(&str, Ipv4Addr); 2] =
    [("shop.example", Ipv4Addr::new(203, 0, 113, 10)), ("news.example", Ipv4Addr::new(203, 0, 113, 11))];

/// Where the browser makers' endpoints are.
const CONTROL: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 20);

/// Somewhere that a failing page names and that nobody has a reason to ask.
const NAMED: &str = "named-in-the-page.example";

/// The controls that a browser has by default. Another test holds them against the statement on privacy.
fn controls(kind: Kind) -> impl Iterator<Item = String> {
    let controls = Settings::default().controls(kind == Kind::Firefox);
    controls.into_iter().filter_map(|control| Url::split(&control.url).map(|url| url.host.to_owned()))
}

/// Every name that a session has a reason to ask for.
pub(super) fn names(kind: Kind) -> Vec<String> {
    SITES.iter().map(|(name, _)| (*name).to_owned()).chain(controls(kind)).collect()
}

/// Everybody whom a session has a reason to speak to.
pub(super) fn peers() -> Vec<SocketAddr> {
    let addresses = SITES.iter().map(|(_, at)| *at).chain([CONTROL]);
    addresses.map(|at| SocketAddr::new(IpAddr::V4(at), 80)).collect()
}

/// A browser, the sites and the control.
#[derive(Debug)]
pub(super) struct Session {
    // The browser goes first.
    browser: Browser,
    sites: Vec<Door>,
    control: Door,
    _servers: [Origin; 2],
}

impl Session {
    pub(super) fn begin(island: &Island, kind: Kind) -> Result<Self, String> {
        for (name, at) in SITES {
            island.take(at)?;
            island.names().set(name, at);
        }
        island.take(CONTROL)?;
        controls(kind).for_each(|name| island.names().set(&name, CONTROL));
        let site = Origin::start(answer);
        let online = Origin::start(|r| match r.target.as_str() {
            "/generate_204" => online(),
            _ => Answer::new(200, "OK").body("text/plain", "success\n"),
        });
        let sites = SITES.iter().map(|(_, at)| Door::of_site(*at, 80, site.port())).collect();
        let control = Door::of_site(CONTROL, 80, online.port());
        // Firefox looks up the names in a page's links before anybody follows one.
        let browser = Launch::new(kind).resolver().welcome().pref("network.dns.disablePrefetch", true).start();
        Ok(Self { browser, sites, control, _servers: [site, online] })
    }

    /// How many requests came to the sites, and to the control.
    pub(super) fn requests(&self) -> [usize; 2] {
        [self.sites.iter().map(|door| door.entries().len()).sum(), self.control.entries().len()]
    }

    /// All of it.
    pub(super) fn whole(&self) {
        let browser = &self.browser;
        self.works("/");
        self.works("/two");
        browser.back();
        browser.arrive(&url(0, "/"));
        browser.reload();

        // The site is down; it works again; it sends its questions elsewhere; it asks to be left alone; nothing is in the answer.
        for path in ["/down", "/once", "/elsewhere", "/later", "/empty"] {
            self.fails(0, path);
            self.works("/between");
        }
        browser.submit(&url(0, "/down"), "name", "somebody");
        self.verdict();
        self.fails(1, "/down");
        // What a visitor looks at and takes along.
        let case = browser.verdict().case;
        browser.click_in_popup("[data-do=copy]");
        browser.close_popup();
        browser.open_page(&format!("details.html#{case}"));
        for page in ["history.html", "options.html", "welcome.html"] {
            browser.open_page(page);
        }
        // Stopped and started again.
        if browser.background_runs() {
            browser.stop_background();
        }
        self.fails(1, "/again");
        browser.close_popup();
        browser.visit("about:blank");
    }

    /// A page asks two who are heard if anybody is.
    pub(super) fn ask_strangers(&self, heard: &dyn Fn() -> Result<(), String>) {
        self.works("/strangers");
        wait_for("the strangers to be heard", heard);
    }

    fn works(&self, path: &str) {
        self.browser.visit(&url(0, path));
        self.browser.arrive(&url(0, path));
    }

    fn fails(&self, site: usize, path: &str) {
        self.browser.close_popup();
        self.browser.visit(&url(site, path));
        self.verdict();
    }

    fn verdict(&self) {
        let shown = self.browser.verdict();
        // What is made of the report is text, and asks nobody either.
        drop(self.browser.report(&shown.case));
    }
}

fn url(site: usize, path: &str) -> String {
    SITES.get(site).map_or_else(String::new, |(name, _)| format!("http://{name}{path}"))
}

fn answer(request: &Request) -> Answer {
    let page = || {
        Answer::new(502, "Bad Gateway").html(&format!(
        "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx/1.22.1</center>
        <p>See http://{NAMED}/status or <a href=http://{NAMED}/>this</a>. Ray ID: 8a5c2b1d9e0f7a63</p></body></html>"
    ))
    };
    match (request.target.as_str(), request.earlier) {
        ("/down" | "/again", _) | ("/once" | "/elsewhere", 0) => page().header("Server", "nginx/1.22.1"),
        ("/elsewhere", _) => Answer::new(302, "Found").header("Location", &format!("http://{NAMED}/login")),
        ("/later", _) => fixture("nginx/503-return").header("Retry-After", "3600"),
        ("/empty", _) => fixture("caddy/502-refused"),
        ("/favicon.ico", _) => Answer::new(404, "Not Found"),
        ("/strangers", _) => Answer::new(200, "OK")
            .html(&format!("<title>Strangers</title><img alt='' src=http://{STRANGER}/><img alt='' src=http://{STRANGER_AT}/>")),
        _ => Answer::fine("All is well"),
    }
}
