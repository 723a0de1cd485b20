//! The words of the product, as types: they mean the same in code, on screen and in the report.

use serde::{Deserialize, Serialize};

/// Declares an enum whose variants are written in kebab-case wherever they leave the program.
macro_rules! terms {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text that stands for this value in reports, attributes and rules.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value that `text` stands for.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.as_str() == text)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

terms! {
    /// What happened at the hop that failed.
    FailureKind {
        /// Nothing accepted the connection.
        Refused = "refused",
        /// The next hop stayed silent for too long.
        Timeout = "timeout",
        /// The next hop closed the connection before it had answered.
        Reset = "reset",
        /// The next hop answered something that is not HTTP, or broken HTTP.
        InvalidResponse = "invalid-response",
        /// The gateway knows of no healthy server that it could ask.
        NoBackend = "no-backend",
        /// The server is there and says that it has too much to do.
        Overloaded = "overloaded",
        /// This visitor, or everybody together, has asked too often.
        RateLimited = "rate-limited",
        /// Switched off on purpose, for a while.
        Maintenance = "maintenance",
        /// A name on the server's side does not resolve.
        Dns = "dns",
        /// Encryption between two hops could not be set up.
        Tls = "tls",
        /// A policy refused the request; nothing is broken.
        Blocked = "blocked",
        /// The application itself failed.
        AppError = "app-error",
        /// A plan or quota of the hosting is used up.
        Limit = "limit",
        /// The evidence does not say.
        Unknown = "unknown",
    }
}

terms! {
    /// Whose fault it is.
    Side {
        /// The site's: nothing that the visitor does will mend it.
        Site = "site",
        /// Something on the visitor's side of the wire.
        Yours = "yours",
        /// It works again.
        Passed = "passed",
        /// The evidence does not decide, and a guess would be worse.
        Unclear = "unclear",
    }
}

terms! {
    /// Where, on that side.
    Place {
        /// The site's application, behind its gateway.
        App = "app",
        /// The site's own gateway: reverse proxy, load balancer, origin server.
        Gateway = "gateway",
        /// The network in front of the site: CDN, cloud front end.
        Edge = "edge",
        /// This one page of a site that works otherwise.
        Page = "page",
        /// The site, or something before it, refuses on purpose.
        Blocked = "blocked",
        /// Another extension of this browser.
        Extension = "extension",
        /// This browser's cache.
        Cache = "cache",
        /// This site's cookies in this browser.
        Cookies = "cookies",
        /// The site's own program in this browser.
        ServiceWorker = "service-worker",
        /// This computer.
        Device = "device",
        /// A proxy, VPN or filter on the way.
        Proxy = "proxy",
        /// The name resolves to the wrong address here.
        Dns = "dns",
        /// The connection to the internet.
        Network = "network",
        /// A network that wants a log-in first.
        Portal = "portal",
        /// No place to point at.
        None = "none",
    }
}

terms! {
    /// What a product does on the way between visitor and application.
    Role {
        /// Serves pages itself.
        OriginServer = "origin-server",
        /// Hands requests to an application.
        ReverseProxy = "reverse-proxy",
        /// Spreads requests over servers.
        LoadBalancer = "load-balancer",
        /// Content delivery network.
        Cdn = "cdn",
        /// Web application firewall.
        Waf = "waf",
        /// Router of a hosting platform.
        PaasRouter = "paas-router",
        /// Framework that the application is written in.
        AppFramework = "app-framework",
        /// Content management system or shop.
        Cms = "cms",
        /// Mesh or API gateway between services.
        ServiceMesh = "service-mesh",
        /// Proxy on the visitor's computer or in the visitor's network.
        LocalProxy = "local-proxy",
        /// Filter of a company, school or antivirus.
        SecurityGateway = "security-gateway",
        /// Log-in page of a network.
        CaptivePortal = "captive-portal",
        /// Server on a developer's own machine.
        DevServer = "dev-server",
        /// Drawn by the browser itself.
        BrowserGenerated = "browser-generated",
    }
}

impl Role {
    /// Whether this stands between the visitor and the internet, and so answers for every site.
    #[must_use]
    pub const fn is_on_visitors_side(self) -> bool {
        matches!(self, Self::LocalProxy | Self::SecurityGateway | Self::CaptivePortal | Self::DevServer)
    }
}

terms! {
    /// A station between the visitor and the application.
    HopKind {
        /// The visitor's browser and computer.
        You = "you",
        /// The visitor's way to the internet.
        Network = "network",
        /// CDN or cloud front end.
        Edge = "edge",
        /// The site's reverse proxy or web server.
        Gateway = "gateway",
        /// What makes the pages.
        App = "app",
    }
}

terms! {
    /// What is known of a hop.
    HopState {
        /// It did its work.
        Ok = "ok",
        /// It works, and told of a fault behind it.
        Reported = "reported",
        /// This is where it broke.
        Failed = "failed",
        /// Nothing is known.
        Unknown = "unknown",
    }
}

terms! {
    /// The system that the browser runs on, as far as advice depends on it.
    #[derive(Default)]
    Platform {
        /// Windows.
        Windows = "windows",
        /// macOS.
        Mac = "mac",
        /// Linux on a computer.
        Linux = "linux",
        /// A telephone, a Chromebook, or not known: no commands to type.
        #[default]
        Other = "other",
    }
}

impl Platform {
    /// The system behind the name that `runtime.getPlatformInfo` has for it.
    #[must_use]
    pub fn of_os(os: &str) -> Self {
        match os {
            "win" => Self::Windows,
            "mac" => Self::Mac,
            "linux" | "openbsd" => Self::Linux,
            _ => Self::Other,
        }
    }
}

terms! {
    /// One question put to the world. The text is the id of the report contract.
    CheckId {
        /// Did this very answer come from the browser's cache or a service worker?
        Cache = "cache",
        /// Does the failing URL fail for a plain request, past every cache and every other extension?
        Fresh = "fresh",
        /// And with the other extensions in the way?
        InPage = "in-page",
        /// And with the visitor's cookies?
        Cookies = "cookies",
        /// Does the site treat a probe otherwise than a visit?
        AsNavigation = "as-navigation",
        /// Is it intermittent?
        Again = "again",
        /// Only this page, or the whole site?
        Home = "home",
        /// Is the visitor online at all, and unhijacked?
        Control = "control",
        /// Is there a proxy, VPN, antivirus or gateway on the way?
        Proxy = "proxy",
        /// Does the page load with the other extensions really off?
        ExtensionsOff = "extensions-off",
        /// Does it load in a clean window?
        PrivateWindow = "private-window",
        /// Does it fail for others?
        World = "world",
    }
}

terms! {
    /// How a check ended.
    Outcome {
        /// The same failure as the visit.
        Same = "same",
        /// An answer, but neither the same failure nor the page.
        OtherError = "other-error",
        /// The page, or what was asked, is fine.
        Works = "works",
        /// No answer within the cap.
        Silent = "silent",
        /// No connection, or it broke.
        Refused = "refused",
        /// Not asked; the reason stands beside it.
        Skipped = "skipped",
    }
}
