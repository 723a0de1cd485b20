//! Faults of the visitor's network and computer.

use crate::browser::Kind;
use crate::lab::apps;
use crate::lab::row::{Address, Behind, Line, Row, Truth};
use crate::servers::Fault::{Closes, Refuses, Silent};
use crate::servers::Product::Nginx;

use Behind::{App, Http, Page};

/// The visitor's own network or computer: said without blame.
const OWN: Truth = Truth::yours(&["device", "network"]);

pub(super) fn rows() -> Vec<Row> {
    [taken(), addresses(), own()].concat()
}

/// Somebody on the way answers for everybody.
fn taken() -> Vec<Row> {
    const PORTAL: Truth = Truth::yours(&["portal"]);
    const OFFLINE: Truth = Truth::yours(&["network", "portal", "proxy"]);
    let row = |name: &str, about, app, truth| Row::new(name, about, Some(Nginx), App(apps::works), truth).line(Line::Taken(app));
    let portal = "The visitor has not signed in to the Wi-Fi yet.";
    let router = "The router has no line, and says so in the place of every site.";
    let firewall = "A firewall of the visitor's own network blocks the page, with the number of an outage.";
    let block = |name: &str, fixture, rule| {
        Row::new(name, firewall, None, Page(fixture), Truth::yours(&["proxy", "network", "portal"]).by(rule))
    };
    let all = "A filter on the way answers for every host, with an error of its own.";
    vec![
        row("portal-511", portal, apps::portal_511, PORTAL).part(),
        row("portal-redirects", portal, apps::portal_redirects, PORTAL),
        row("portal-page", portal, apps::portal_page, PORTAL),
        row(
            "portal-names",
            "Every name leads to the Wi-Fi's sign-in, and the visitor has not signed in.",
            apps::portal_511,
            PORTAL,
        )
        .at(Address::Lan),
        row("router-without-line", router, apps::router, OFFLINE),
        row("router-names", router, apps::router, OFFLINE).at(Address::Lan),
        block("blocked-by-paloalto", "paloalto/503-url", &["paloalto"]),
        block("blocked-by-fortigate", "fortigate/503-category", &["fortigate"]),
        row("filter-502", all, apps::all_502, OFFLINE),
        row("filter-nginx", all, apps::all_nginx, OFFLINE),
    ]
}

/// Names that lead to the wrong place.
fn addresses() -> Vec<Row> {
    const NAMES: Truth = Truth::yours(&["dns", "device", "network"]);
    let here = "The hosts file leads the site's name to this computer, where something else answers.";
    let lan = "The name server gives an old address in the company's network for the site.";
    let stale = "The hosts file leads the site's name to a server that it has left.";
    vec![
        Row::new("hosts-entry-here", here, Some(Nginx), Http(Refuses), NAMES).at(Address::Here),
        Row::new("hosts-entry-here-bare", here, None, App(apps::all_502), NAMES).at(Address::Here),
        Row::new("hosts-entry-company", lan, Some(Nginx), Http(Closes), NAMES)
            .at(Address::Lan)
            .alike(&Kind::ALL, "a company's own site under a name of the internet has such an address too, and may just be down"),
        Row::new("hosts-entry-old-server", stale, None, Page("nginx/503-return"), NAMES).alike(
            &Kind::ALL,
            "an old server on the internet answers as a present one does; only another name server could tell, and none is asked",
        ),
    ]
}

/// The visitor's own servers.
fn own() -> Vec<Row> {
    let local = |name: &str, about, behind, front| Row::new(name, about, front, behind, OWN).at(Address::Localhost);
    let dev = "The development server on this computer does not reach its back end.";
    let device = "A device in the visitor's own network is broken.";
    vec![
        local("localhost-vite", dev, Page("vite/500"), None).part(),
        local("localhost-create-react-app", dev, Page("cra-proxy/500-econnrefused"), None),
        local("localhost-middleware", dev, Page("http-proxy-middleware/504-refused"), None),
        local("localhost-nginx", "The web server on this computer does not reach its application.", Http(Refuses), Some(Nginx)),
        local("localhost-slow", "The application on this computer hangs.", Http(Silent), Some(Nginx)),
        Row::new("device-502", device, Some(Nginx), Http(Closes), OWN).at(Address::Device),
        Row::new("device-500", device, None, App(apps::all_502), OWN).at(Address::Device),
    ]
}
