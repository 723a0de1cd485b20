//! A scenario as data.

use std::time::Duration;

use crate::browser::Kind;
use crate::servers::{Answer, Fault, Forward, Product, Request};

/// An application: the request, and the act of the scenario that is on ([`Step::Act`]).
pub type App = fn(&Request, usize) -> Answer;

/// What answers at the end of the way.
#[derive(Debug, Clone, Copy)]
pub enum Behind {
    /// An upstream that fails so, or works.
    Http(Fault),
    /// The same, spoken to in `FastCGI`.
    FastCgi(Fault),
    /// The same, spoken to in TLS, which none of them speaks.
    Tls(Fault),
    /// The gateway has no server to ask.
    Nobody,
    /// A fixture of `tests/pages`, for every page.
    Page(&'static str),
    /// A program.
    App(App),
}

/// Where the site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// On the internet.
    Public,
    /// In the visitor's network, under a name of the internet: an entry in the hosts file, a name server that is wrong.
    Lan,
    /// On the visitor's computer, under a name of the internet.
    Here,
    /// On the visitor's computer, as `localhost` with a port of its own.
    Localhost,
    /// A device in the visitor's network, by its address.
    Device,
}

/// Which connections a balancer gives to the dead one of two servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlucky {
    /// The visit's.
    Visit,
    /// The visit's and its page's.
    Page,
}

/// What the internet is like.
#[derive(Debug, Clone, Copy)]
pub enum Line {
    /// As it should be.
    Open,
    /// No name is known.
    NoNames,
    /// Every connection is refused.
    Refuses,
    /// Every connection is taken, and nothing comes.
    Silent,
    /// Every connection is closed.
    Cuts,
    /// A filter lets the control endpoint alone be refused.
    ControlRefused,
    /// A filter lets the control endpoint alone be silent.
    ControlSilent,
    /// The control endpoint itself is down.
    ControlDown,
    /// Somebody on the way answers for everybody.
    Taken(App),
}

/// A proxy on the visitor's side.
#[derive(Debug, Clone, Copy)]
pub enum Proxy {
    /// A real one.
    Real(Forward),
    /// A real one that asks a parent, which is not there.
    Orphan(Forward),
    /// One that answers by itself.
    Says(App),
    /// Nobody listens.
    Dead,
}

/// The visitor's way to the site.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    /// The browser as it is.
    Plain,
    /// The system's settings name a proxy in the company's network.
    System(Proxy),
    /// Another extension, from `tests/extensions`.
    Beside(&'static str),
    /// Another extension sends everything to a proxy on this computer.
    Everything(Proxy),
    /// Another extension sends this site alone to a proxy on this computer.
    OnlyThis(Proxy),
    /// Another extension sends this site alone to a proxy somewhere on the internet.
    OnlyThisFar(Proxy),
    /// Pages from the past are loaded anew, as they are when there are many.
    Forgetful,
}

/// What the visitor does. Where a scenario has none, it is one visit of `/page`.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// Goes to a page of the site.
    Visit(&'static str),
    /// Goes to a page of another site, and waits for nothing.
    Elsewhere(&'static str),
    /// Waits until it is there, whole.
    Arrive(&'static str),
    /// Goes to the site's front page and waits until its service worker has taken over.
    AtHome,
    /// Sends a form to a page of the site.
    Submit(&'static str),
    /// The Back button.
    Back,
    /// Opens the tab once more, as the browser restores one.
    Duplicate,
    /// From here on the application plays this act.
    Act(usize),
    /// From here on nothing of the internet answers.
    Unplug,
    /// The extension says nothing of this site, or something again.
    Hush(bool),
    /// The site has left so many cookies of so many bytes.
    Cookies(usize, usize),
}

/// What is really so.
#[derive(Debug, Clone, Copy)]
pub struct Truth {
    /// `site`, `yours`, `passed`, `unclear`; empty where nothing may be said at all.
    pub side: &'static str,
    /// The places that are right; more than one where the words fit equally.
    pub places: &'static [&'static str],
    /// The producers that are right; none asks for none in particular.
    pub producers: &'static [&'static str],
    /// The failure kinds that are right; none asks for none in particular.
    pub failures: &'static [&'static str],
}

/// One scenario.
#[derive(Debug, Clone)]
pub struct Row {
    /// Short name, also of its host.
    pub name: String,
    /// What is really broken, in one sentence.
    pub about: &'static str,
    /// The gateway before the site, if any.
    pub front: Option<Product>,
    /// What is behind it.
    pub behind: Behind,
    /// Whether there is a second gateway, with a site that works, and which connections do not lead to it.
    pub unlucky: Option<Unlucky>,
    /// How long the gateway waits (nginx).
    pub patience: Duration,
    /// Where the site is.
    pub address: Address,
    /// Whether the page is asked for over TLS. No site of the lab speaks it: for proxies that refuse tunnels.
    pub secure: bool,
    /// The visitor's way.
    pub way: Way,
    /// The internet.
    pub line: Line,
    /// What the visitor does.
    pub steps: &'static [Step],
    /// The browsers that can have this fault.
    pub browsers: &'static [Kind],
    /// What is so.
    pub truth: Truth,
    /// The browsers in which it looks exactly like something else from within the browser, and why.
    pub alike: Option<(&'static [Kind], &'static str)>,
    /// Whether the part that CI runs has it.
    pub part: bool,
}

const PAGE: &[Step] = &[Step::Visit("/page")];

impl Row {
    /// A site, visited once, in both browsers.
    #[must_use]
    pub fn new(name: impl Into<String>, about: &'static str, front: Option<Product>, behind: Behind, truth: Truth) -> Self {
        Self {
            name: name.into(),
            about,
            front,
            behind,
            unlucky: None,
            patience: Duration::from_secs(2),
            address: Address::Public,
            secure: false,
            way: Way::Plain,
            line: Line::Open,
            steps: PAGE,
            browsers: &Kind::ALL,
            truth,
            alike: None,
            part: false,
        }
    }

    /// With another way.
    #[must_use]
    pub fn way(mut self, way: Way) -> Self {
        self.way = way;
        self
    }

    /// With another internet.
    #[must_use]
    pub fn line(mut self, line: Line) -> Self {
        self.line = line;
        self
    }

    /// With other steps.
    #[must_use]
    pub fn steps(mut self, steps: &'static [Step]) -> Self {
        self.steps = steps;
        self
    }

    /// At another address.
    #[must_use]
    pub fn at(mut self, address: Address) -> Self {
        self.address = address;
        self
    }

    /// One of two servers, behind a balancer of connections.
    #[must_use]
    pub fn unlucky(mut self, unlucky: Unlucky) -> Self {
        self.unlucky = Some(unlucky);
        self
    }

    /// Asked for over TLS.
    #[must_use]
    pub fn secure(mut self) -> Self {
        self.secure = true;
        self
    }

    /// With a gateway that waits so many seconds.
    #[must_use]
    pub fn patience(mut self, seconds: u64) -> Self {
        self.patience = Duration::from_secs(seconds);
        self
    }

    /// In one browser: the other cannot have this fault.
    #[must_use]
    pub fn only(mut self, browsers: &'static [Kind]) -> Self {
        self.browsers = browsers;
        self
    }

    /// In these browsers nobody could tell it apart, for this reason.
    #[must_use]
    pub fn alike(mut self, browsers: &'static [Kind], why: &'static str) -> Self {
        self.alike = Some((browsers, why));
        self
    }

    /// In the part that CI runs.
    #[must_use]
    pub fn part(mut self) -> Self {
        self.part = true;
        self
    }

    /// Its host, with the port where it is not the scheme's own.
    #[must_use]
    pub fn host(&self, port: u16) -> String {
        match self.address {
            Address::Localhost => format!("localhost:{port}"),
            Address::Device => super::cast::DEVICE.to_string(),
            _ => format!("{}.example", self.name),
        }
    }

    /// Whether it cannot be told apart in `browser`.
    #[must_use]
    pub fn is_alike(&self, browser: Kind) -> Option<&'static str> {
        self.alike.filter(|(kinds, _)| kinds.contains(&browser)).map(|(_, why)| why)
    }
}

impl Truth {
    /// The site's fault, at one of `places`.
    #[must_use]
    pub const fn site(places: &'static [&'static str]) -> Self {
        Self { side: "site", places, producers: &[], failures: &[] }
    }

    /// The visitor's side, at one of `places`.
    #[must_use]
    pub const fn yours(places: &'static [&'static str]) -> Self {
        Self { side: "yours", places, producers: &[], failures: &[] }
    }

    /// Nobody can know.
    #[must_use]
    pub const fn unclear() -> Self {
        Self { side: "unclear", places: &["none"], producers: &[], failures: &[] }
    }

    /// It is over.
    #[must_use]
    pub const fn passed() -> Self {
        Self { side: "passed", places: &["none"], producers: &[], failures: &[] }
    }

    /// Nothing has failed as far as the extension is concerned, and it must stay silent.
    #[must_use]
    pub const fn quiet() -> Self {
        Self { side: "", places: &[], producers: &[], failures: &[] }
    }

    /// And the page is one of these producers'.
    #[must_use]
    pub const fn by(mut self, producers: &'static [&'static str]) -> Self {
        self.producers = producers;
        self
    }

    /// And what happened is one of these.
    #[must_use]
    pub const fn kind(mut self, failures: &'static [&'static str]) -> Self {
        self.failures = failures;
        self
    }
}
