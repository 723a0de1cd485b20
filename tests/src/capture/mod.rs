//! Real servers' error pages as fixtures, in a form that is the same in every run.
//!
//! What differs between two runs of the same server (times, ports, numbers of a transaction) is replaced, so that a difference in git is a
//! difference of the server: a new version that says something else.

mod steady;

use std::thread;

use crate::servers::{Fault, Gateway, Product, Seen, Site, Upstream, ask, ask_through};
pub use steady::Steady;

/// What stands behind the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// An upstream that fails so.
    Http(Fault),
    /// The same, spoken to in FastCGI.
    FastCgi(Fault),
    /// No server is configured.
    Nobody,
}

/// One page to capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shot {
    /// The program.
    pub product: Product,
    /// What is behind it.
    pub behind: Behind,
    /// The rule whose page it is; one program may have several.
    pub rule: &'static str,
}

use Behind::{FastCgi, Http, Nobody};
use Fault::{Closes, Garbage, HugeHeader, Refuses, Resets, Silent};

/// All pages of a program. A fault that it passes on as if it were an answer has none.
#[must_use]
pub fn shots(product: Product) -> Vec<Shot> {
    let of = |rule: &'static str, behind: &[Behind]| {
        behind.iter().map(|behind| Shot { product, behind: *behind, rule }).collect::<Vec<_>>()
    };
    let common = [Http(Refuses), Http(Silent), Http(Closes), Http(Resets)];
    match product {
        Product::Nginx => of("nginx", &[&common[..], &[Http(HugeHeader)]].concat()),
        Product::Apache => [
            of("apache-httpd", &[Http(Refuses), FastCgi(Refuses), Http(HugeHeader)]),
            of("apache-mod-proxy", &[Http(Silent), Http(Closes), Http(Resets)]),
        ]
        .concat(),
        Product::Haproxy => of("haproxy", &[&common[..], &[Http(Garbage), Http(HugeHeader), Nobody]].concat()),
        Product::Varnish => of("varnish", &[&common[..], &[Http(Garbage)]].concat()),
        Product::Caddy => of("caddy", &[&common[..], &[Http(Garbage)]].concat()),
        Product::Lighttpd => of("lighttpd", &[&common[..], &[Http(Garbage)]].concat()),
        Product::H2o => of("h2o", &[&common[..], &[Http(Garbage)]].concat()),
        Product::TrafficServer => of("trafficserver", &common),
        Product::Squid => of("squid", &[&common[..], &[Http(HugeHeader)]].concat()),
    }
}

impl Shot {
    /// Name of the fixture's folder in that of its rule.
    #[must_use]
    pub fn case(&self) -> String {
        format!("captured-{}", self.fault())
    }

    /// The host that is asked, which some pages repeat.
    #[must_use]
    pub fn host(&self) -> String {
        match self.product {
            // A forward proxy would have to resolve a name.
            Product::Squid => format!("127.0.0.1:{}", steady::UPSTREAM),
            _ => self.name(),
        }
    }

    fn name(&self) -> String {
        format!("{}.shop.test", self.fault())
    }

    fn fault(&self) -> String {
        let word = |fault| match fault {
            Fault::Refuses => "refuses",
            Fault::Silent => "silent",
            Fault::Closes => "closes",
            Fault::Resets => "resets",
            Fault::Garbage => "garbage",
            Fault::HugeHeader => "huge-header",
            Fault::HalfBody => "half-body",
            Fault::Works => "works",
        };
        match self.behind {
            Http(fault) => word(fault).to_owned(),
            FastCgi(fault) => format!("fastcgi-{}", word(fault)),
            Nobody => "no-server".to_owned(),
        }
    }

    /// What really happened, as a sentence: the page need not tell.
    #[must_use]
    pub fn story(&self) -> String {
        let what = match self.behind {
            Nobody => "no server is configured",
            Http(fault) | FastCgi(fault) => match fault {
                Fault::Refuses => "nothing listens at the upstream",
                Fault::Silent => "the upstream takes the request and never answers",
                Fault::Closes => "the upstream takes the request and closes the connection",
                Fault::Resets => "the upstream takes the request and resets the connection",
                Fault::Garbage => "the upstream answers something that is not HTTP",
                Fault::HugeHeader => "the upstream answers with a header of 96 KiB",
                Fault::HalfBody => "the upstream breaks off in the middle of a page",
                Fault::Works => "the upstream works",
            },
        };
        format!("Captured from the real server on loopback: {what}.")
    }

    fn upstream(&self) -> Option<Upstream> {
        match self.behind {
            Http(fault) | FastCgi(fault) => Some(Upstream::with(fault)),
            Nobody => None,
        }
    }

    fn site(&self, upstream: Option<&Upstream>) -> Site {
        let Some(upstream) = upstream else { return Site::empty(&self.name()) };
        let site = Site::new(&self.name(), upstream.port());
        if matches!(self.behind, FastCgi(_)) { site.fastcgi() } else { site }
    }
}

/// A page as it was answered, with what differs between runs replaced.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Which.
    pub shot: Shot,
    /// The answer; `Err` says why there is none.
    pub seen: Result<Seen, String>,
}

/// Starts a program with all of its faults, and asks it for each page. The pages are in the order of [`shots`].
///
/// # Errors
/// When it is not installed, or does not come up for this user: with its last words.
pub fn take(product: Product) -> Result<Vec<Picture>, String> {
    let shots = shots(product);
    let upstreams: Vec<_> = shots.iter().map(Shot::upstream).collect();
    let sites: Vec<_> = shots.iter().zip(&upstreams).map(|(shot, upstream)| shot.site(upstream.as_ref())).collect();
    let gateway = Gateway::try_start(product, &sites)?;
    let port = gateway.port();
    let answers: Vec<Result<Seen, String>> = thread::scope(|scope| {
        let asked: Vec<_> = sites
            .iter()
            .map(|site| {
                scope.spawn(move || match (product, site.upstream) {
                    (Product::Squid, Some(upstream)) => ask_through(port, &format!("http://127.0.0.1:{upstream}/")),
                    _ => ask(port, &site.host, "/"),
                })
            })
            .collect();
        asked.into_iter().map(|answer| answer.join().unwrap_or_else(|_| Err("the asking thread failed".to_owned()))).collect()
    });
    let pictures = shots.into_iter().zip(answers).zip(sites).map(|((shot, seen), site)| {
        let steady = Steady { gateway: port, upstream: site.upstream };
        Picture { shot, seen: seen.map(|seen| steady.answer(seen)) }
    });
    Ok(pictures.collect())
}

impl Picture {
    /// The bytes of `page.http`.
    ///
    /// # Errors
    /// What there is in place of an error page.
    pub fn page(&self) -> Result<Vec<u8>, String> {
        let seen = self.seen.as_ref().map_err(Clone::clone)?;
        if seen.status < 500 {
            return Err(format!("answers {} now, which is no error page", seen.status));
        }
        let mut page = format!("{}\n", seen.status_line).into_bytes();
        seen.headers.iter().for_each(|(name, value)| page.extend(format!("{name}: {value}\n").bytes()));
        page.push(b'\n');
        page.extend(&seen.body);
        Ok(page)
    }
}
