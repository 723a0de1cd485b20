//! Proxies on the visitor's side: the company's, another extension's, broken and well.

use crate::browser::Kind;
use crate::lab::apps;
use crate::lab::row::{Behind, Line, Proxy, Row, Step, Truth, Way};
use crate::servers::Fault::{Closes, Refuses};
use crate::servers::Forward;
use crate::servers::Forward::{Mitmproxy, Privoxy, Squid, Tinyproxy};
use crate::servers::Product::Nginx;

use Proxy::{Dead, Orphan, Real, Says};

const PROXY: Truth = Truth::yours(&["proxy", "network"]);

const DISGUISED: &str = "a proxy that writes for one site what that site's own server would write looks like a proxy that is well, before a \
                         site that is down; past the proxy is asked on a click, and only Firefox can";

pub(super) fn rows() -> Vec<Row> {
    [broken(), tunnels(), behind_good_ones(), extensions()].concat()
}

fn well(name: impl Into<String>, about: &'static str, truth: Truth) -> Row {
    Row::new(name, about, Some(Nginx), Behind::App(apps::works), truth)
}

/// Each real proxy, with each thing that can be broken behind it.
fn broken() -> Vec<Row> {
    let mut rows = Vec::new();
    for proxy in [Squid, Tinyproxy, Privoxy, Mitmproxy] {
        let breaks: &[(&str, &'static str, Line)] = &[
            ("names", "The company's proxy cannot resolve names.", Line::NoNames),
            ("refuses", "The company's proxy cannot connect to anything.", Line::Refuses),
            ("silent", "The company's proxy gets no answers.", Line::Silent),
            ("cuts", "The company's proxy loses every connection.", Line::Cuts),
        ];
        for &(what, about, line) in breaks {
            // mitmproxy waits for ever, and so does the browser; tinyproxy hangs up without a word, and the browser says so
            // itself; Privoxy answers 404 for a name that it cannot resolve.
            if matches!((proxy, what), (Mitmproxy | Tinyproxy, "silent") | (Tinyproxy, "cuts") | (Privoxy, "names")) {
                continue;
            }
            let row = well(format!("{}-{what}", proxy.id()), about, truth_of(proxy)).way(Way::System(Real(proxy))).line(line);
            rows.push(if proxy == Squid && what == "refuses" { row.part() } else { row });
        }
        let about = "The company's proxy asks another one, which is not there.";
        rows.push(well(format!("{}-orphan", proxy.id()), about, truth_of(proxy)).way(Way::System(Orphan(proxy))));
    }
    rows
}

fn truth_of(proxy: Forward) -> Truth {
    match proxy {
        Squid => PROXY.by(&["squid"]),
        Tinyproxy => PROXY.by(&["tinyproxy"]),
        Privoxy => PROXY.by(&["privoxy"]),
        Mitmproxy => PROXY.by(&["mitmproxy"]),
    }
}

/// Proxies that refuse a tunnel: the browser never shows their number.
fn tunnels() -> Vec<Row> {
    let says = "The company's proxy refuses tunnels with this number.";
    let real = "The company's proxy cannot connect to anything, and the page is asked for over TLS.";
    let mut rows = vec![
        well("tunnel-502", says, PROXY).way(Way::System(Says(apps::refuse_502))).secure().part(),
        well("tunnel-503", says, PROXY).way(Way::System(Says(apps::refuse_503))).secure(),
        well("tunnel-504", says, PROXY).way(Way::System(Says(apps::refuse_504))).secure(),
        well("tunnel-502-everywhere", "The company's proxy refuses every tunnel, and the visitor has met that elsewhere.", PROXY)
            .way(Way::System(Says(apps::refuse_502)))
            .steps(&[Step::Elsewhere("/page"), Step::Visit("/page")])
            .secure(),
        well("tunnel-403", "The company's proxy does not let anybody through to this site.", PROXY)
            .way(Way::System(Says(apps::refuse_403)))
            .secure(),
        well("proxy-dead", "The company's proxy is switched off.", PROXY).way(Way::System(Dead)),
        well("proxy-dead-tls", "The company's proxy is switched off, and the page is asked for over TLS.", PROXY)
            .way(Way::System(Dead))
            .secure(),
    ];
    // mitmproxy says yes to every tunnel and opens it with a certificate that no browser trusts.
    for proxy in [Squid, Tinyproxy, Privoxy] {
        rows.push(well(format!("{}-tunnel", proxy.id()), real, PROXY).way(Way::System(Real(proxy))).line(Line::Refuses).secure());
    }
    rows
}

/// A proxy that does its work, before a site that is down.
fn behind_good_ones() -> Vec<Row> {
    let site = Truth::site(&["app", "gateway"]);
    let mut rows = Vec::new();
    for (proxy, fault) in [(Squid, Refuses), (Tinyproxy, Closes), (Privoxy, Closes), (Mitmproxy, Refuses)] {
        let about = "The site is down, and the visitor comes to it through the company's proxy, which is well.";
        let row = Row::new(format!("{}-well", proxy.id()), about, Some(Nginx), Behind::Http(fault), site.by(&["nginx"]));
        rows.push(row.way(Way::System(Real(proxy))));
    }
    let about = "The company's proxy lets nobody through to this site, and says so with the number of an outage.";
    rows.push(well("company-refuses", about, PROXY).way(Way::System(Says(apps::refuse_503))));
    let about = "Nothing listens where the site should be, and the company's proxy, which is well, says so.";
    for proxy in [Squid, Tinyproxy, Privoxy, Mitmproxy] {
        let row = Row::new(format!("{}-site-gone", proxy.id()), about, None, Behind::Http(Refuses), site);
        rows.push(row.way(Way::System(Real(proxy))));
    }
    rows
}

/// Another extension's proxy.
fn extensions() -> Vec<Row> {
    let dead = "Another extension uses a proxy that is not running.";
    let all = "Another extension's proxy answers everything with an error.";
    let this = "Another extension's proxy answers for this site with an error, and leaves the rest alone.";
    vec![
        well("extension-proxy-dead", dead, PROXY).way(Way::Everything(Dead)),
        well("extension-proxy-dead-here", dead, PROXY).way(Way::OnlyThis(Dead)),
        well("extension-proxy-502", all, PROXY).way(Way::Everything(Says(apps::all_502))),
        well("extension-proxy-nginx", all, PROXY).way(Way::Everything(Says(apps::all_nginx))),
        well("extension-proxy-privoxy", all, PROXY).way(Way::Everything(Orphan(Privoxy))),
        well("extension-proxy-this", this, PROXY).way(Way::OnlyThis(Says(apps::all_502))),
        well("extension-proxy-this-nginx", this, PROXY).way(Way::OnlyThis(Says(apps::all_nginx))).alike(&Kind::ALL, DISGUISED),
        well("extension-proxy-tunnel", this, PROXY).way(Way::OnlyThis(Says(apps::refuse_502))).secure(),
        well("extension-proxy-far", this, PROXY).way(Way::OnlyThisFar(Says(apps::all_nginx))).alike(&Kind::ALL, DISGUISED),
    ]
}
