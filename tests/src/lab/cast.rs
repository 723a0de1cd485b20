//! The servers of one scenario, each at its address.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::door::{Door, Entry};
use super::island::Island;
use super::row::{Address, App, Behind, Line, Proxy, Row, Unlucky, Way};
use crate::servers::{Answer, Fault, Gateway, Origin, Product, Request, Site, Upstream};
use crate::stage::{fixture, online};

/// A device in the visitor's network.
pub(super) const DEVICE: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 50);
/// The visitor's router.
const ROUTER: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 1);
/// Some server in the company's network.
const COMPANY: Ipv4Addr = Ipv4Addr::new(10, 20, 0, 5);
/// The company's proxy.
const COMPANY_PROXY: Ipv4Addr = Ipv4Addr::new(10, 20, 0, 3);
/// A proxy that somebody sells.
const FAR_PROXY: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 77);
/// Where the browser makers' endpoints are.
const CONTROL: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 20);
/// Where the lab's own extensions say that they are ready.
const READY: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 30);

/// Port of every proxy.
pub(super) const PROXY_PORT: u16 = 3128;
/// The browser makers' endpoints.
const CONTROLS: [&str; 2] = ["connectivitycheck.gstatic.com", "detectportal.firefox.com"];
/// A site that has nothing to do with that of the scenario.
const ELSEWHERE: &str = "elsewhere.example";
/// The name under [`READY`].
const READY_NAME: &str = "ready.example";

/// Everything that a scenario has beside the browser. Dropping it stops it all.
#[derive(Debug)]
pub(super) struct Cast<'a> {
    island: &'a Island,
    host: String,
    scheme: &'static str,
    page: String,
    act: Arc<AtomicUsize>,
    site: Option<Door>,
    control: Option<Door>,
    ready: Door,
    _proxy: Option<Door>,
    _servers: Vec<Upstream>,
    _gateways: Vec<Gateway>,
}

impl<'a> Cast<'a> {
    /// Starts everything for `row`, the `number`th of the lab.
    ///
    /// # Errors
    /// When a program is missing or does not come up.
    pub(super) fn of(row: &Row, number: usize, island: &'a Island) -> Result<Self, String> {
        let act = Arc::new(AtomicUsize::new(0));
        let mut servers = Vec::new();
        let mut gateways = Vec::new();
        let mut serve = |upstream: Upstream| {
            let port = upstream.port();
            servers.push(upstream);
            port
        };

        let upstream = behind(row.behind, &act).map(&mut serve);
        let inner = match row.front {
            // Where nothing listens there is no door either.
            None => upstream.filter(|_| !matches!(row.behind, Behind::Http(Fault::Refuses))),
            Some(product) => {
                let gateway = Gateway::try_start(product, &[behind_gateway(row, product, upstream)])?;
                gateways.push(gateway);
                gateways.last().map(Gateway::port)
            }
        };
        let well = match (row.unlucky, row.front) {
            (Some(_), Some(product)) => {
                let app = serve(Upstream::from(Origin::start(|_| super::apps::fine())));
                gateways.push(Gateway::try_start(product, &[behind_gateway(row, product, Some(app))])?);
                gateways.last().map(Gateway::port)
            }
            _ => None,
        };
        let genuine = serve(Upstream::from(Origin::start(control)));
        let (to_site, to_control) = match row.line {
            Line::Open => (inner, Some(genuine)),
            Line::NoNames | Line::Refuses => (None, None),
            Line::Silent => (Some(serve(Upstream::with(Fault::Silent))), Some(serve(Upstream::with(Fault::Silent)))),
            Line::Cuts => (Some(serve(Upstream::with(Fault::Closes))), Some(serve(Upstream::with(Fault::Closes)))),
            Line::ControlRefused => (inner, None),
            Line::ControlSilent => (inner, Some(serve(Upstream::with(Fault::Silent)))),
            Line::ControlDown => {
                let down = |_: &Request| Answer::new(503, "Service Unavailable").html("<h1>Our services are down</h1>");
                (inner, Some(serve(Upstream::from(Origin::start(down)))))
            }
            Line::Taken(app) => {
                let taken = serve(Upstream::from(play(app, &act)));
                (Some(taken), Some(taken))
            }
        };
        let ready = serve(Upstream::from(Origin::start(|_| online())));

        // Whoever answers for everybody does so at every address, or has every name point at itself.
        let hijacked = matches!(row.line, Line::Taken(_)) && row.address == Address::Lan;
        let address = match row.address {
            Address::Public => Ipv4Addr::new(203, 0, 113, u8::try_from(10 + number % 200).unwrap_or(10)),
            Address::Lan if hijacked => ROUTER,
            Address::Lan => COMPANY,
            Address::Here | Address::Localhost => Ipv4Addr::LOCALHOST,
            Address::Device => DEVICE,
        };
        let control_address = if hijacked { ROUTER } else { CONTROL };
        for address in [address, control_address, READY, COMPANY_PROXY, FAR_PROXY] {
            island.take(address)?;
        }
        let port = if row.address == Address::Localhost { 0 } else { 80 };
        let site = to_site.map(|to| match well {
            Some(well) if row.unlucky == Some(Unlucky::Visit) => Door::of_two(address, port, [to, well], |e| e.navigation),
            Some(well) => Door::of_two(address, port, [to, well], |e| e.navigation || e.of_page),
            None => Door::of_site(address, port, to),
        });
        // One door is enough for both where both are at one address.
        let control = to_control.filter(|_| control_address != address).map(|to| Door::of_site(control_address, 80, to));
        let ready = Door::of_site(READY, 80, ready);

        let proxy = match row.way {
            Way::System(proxy) => Some((COMPANY_PROXY, proxy)),
            Way::Everything(proxy) | Way::OnlyThis(proxy) => Some((Ipv4Addr::LOCALHOST, proxy)),
            Way::OnlyThisFar(proxy) => Some((FAR_PROXY, proxy)),
            Way::Plain | Way::Beside(_) | Way::Forgetful => None,
        };
        let proxy = match proxy {
            Some((at, proxy)) => proxy_port(proxy, &act, &mut serve, &mut gateways)?.map(|to| Door::of_proxy(at, PROXY_PORT, to)),
            None => None,
        };

        let host = row.host(site.as_ref().map_or(port, Door::port));
        let cast = Self {
            island,
            host,
            scheme: if row.secure { "https" } else { "http" },
            page: match row.behind {
                Behind::Page(name) => fixture(name).text(),
                _ => String::new(),
            },
            act,
            site,
            control,
            ready,
            _proxy: proxy,
            _servers: servers,
            _gateways: gateways,
        };
        if !matches!(row.line, Line::NoNames) {
            for host in [cast.host(), &format!("www.{}", cast.host())] {
                island.names().set(host, address);
            }
            for control in CONTROLS {
                island.names().set(control, control_address);
            }
        }
        island.names().set(READY_NAME, READY);
        Ok(cast)
    }

    /// The address of a page of the site.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.host)
    }

    /// The address of a page of another site, which only a proxy has to find.
    pub(super) fn elsewhere(&self, path: &str) -> String {
        format!("{}://{ELSEWHERE}{path}", self.scheme)
    }

    /// The name of the site.
    pub(super) fn host(&self) -> &str {
        self.host.split(':').next().unwrap_or_default()
    }

    /// Names that somebody may ask for in this scenario.
    pub(super) fn known(&self) -> Vec<String> {
        let mut known: Vec<String> = CONTROLS.into_iter().chain([READY_NAME, ELSEWHERE]).map(str::to_owned).collect();
        // Firefox tries a name that it does not find with "www." before it.
        known.extend([self.host().to_owned(), format!("www.{}", self.host())]);
        known
    }

    /// The text of the page that the site shows, where it is a fixture.
    pub(super) fn page(&self) -> &str {
        &self.page
    }

    /// Everybody who came to the site so far.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.site.as_ref().map(Door::entries).unwrap_or_default()
    }

    /// Whether the lab's own extension has said that it is ready.
    pub(super) fn is_ready(&self) -> bool {
        !self.ready.entries().is_empty()
    }

    /// The application plays this act from now on.
    pub(super) fn play(&self, act: usize) {
        self.act.store(act, Ordering::SeqCst);
    }

    /// Nothing of the internet answers any more.
    pub(super) fn unplug(&mut self) {
        self.site = None;
        self.control = None;
        self.forget();
    }

    fn forget(&self) {
        for name in self.known() {
            self.island.names().forget(&name);
        }
    }
}

impl Drop for Cast<'_> {
    fn drop(&mut self) {
        self.forget();
    }
}

/// The genuine answers of the browser makers' endpoints.
fn control(request: &Request) -> Answer {
    match request.target.as_str() {
        "/generate_204" => online(),
        _ => Answer::new(200, "OK").body("text/plain", "success\n"),
    }
}

/// A program that knows which act is on.
fn play(app: App, act: &Arc<AtomicUsize>) -> Origin {
    let act = Arc::clone(act);
    Origin::start(move |request| app(request, act.load(Ordering::SeqCst)))
}

fn behind(behind: Behind, act: &Arc<AtomicUsize>) -> Option<Upstream> {
    match behind {
        Behind::Http(fault) | Behind::FastCgi(fault) | Behind::Tls(fault) => Some(Upstream::with(fault)),
        Behind::Nobody => None,
        Behind::Page(name) => {
            let page = fixture(name);
            Some(Upstream::from(Origin::start(move |_| page.clone())))
        }
        Behind::App(app) => Some(Upstream::from(play(app, act))),
    }
}

fn behind_gateway(row: &Row, product: Product, upstream: Option<u16>) -> Site {
    let host = row.host(0);
    let host = if product == Product::TrafficServer { host.as_str() } else { host.split(':').next().unwrap_or_default() };
    let site = upstream.map_or_else(|| Site::empty(host), |port| Site::new(host, port)).patience(row.patience);
    match row.behind {
        Behind::FastCgi(_) => site.fastcgi(),
        Behind::Tls(_) => site.tls(),
        _ => site,
    }
}

/// Starts a proxy and gives its port on loopback; none where nobody is to listen.
fn proxy_port(
    proxy: Proxy,
    act: &Arc<AtomicUsize>,
    serve: &mut impl FnMut(Upstream) -> u16,
    gateways: &mut Vec<Gateway>,
) -> Result<Option<u16>, String> {
    let gateway = match proxy {
        Proxy::Real(program) => Gateway::forward(program, None)?,
        Proxy::Orphan(program) => Gateway::forward(program, Some(serve(Upstream::with(Fault::Refuses))))?,
        Proxy::Says(app) => return Ok(Some(serve(Upstream::from(play(app, act))))),
        Proxy::Dead => return Ok(None),
    };
    let port = gateway.port();
    gateways.push(gateway);
    Ok(Some(port))
}
