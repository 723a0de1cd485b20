//! Programs that come as packages: under which names they are known, and in which package each is.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;

use super::apt::Distribution;

/// One program that a command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// What people call it.
    pub(crate) name: &'static str,
    /// The file names under which it may be installed; one of them is enough.
    any_of: &'static [&'static str],
    debian: &'static [&'static str],
    ubuntu: &'static [&'static str],
}

const fn program(name: &'static str, any_of: &'static [&'static str], package: &'static [&'static str]) -> Program {
    Program { name, any_of, debian: package, ubuntu: package }
}

/// Makes the wasm small. The rest of the build comes from crates.io.
pub(crate) const BUILD: &[Program] = &[program("wasm-opt", &["wasm-opt"], &["binaryen"])];

/// Runs the tools that come from npm.
pub(crate) const NODE: &[Program] = &[program("Node.js", &["node"], &["nodejs"]), program("npm", &["npm"], &["npm"])];

/// Compiles libFuzzer.
pub(crate) const CXX: &[Program] = &[program("a C++ compiler", &["c++"], &["g++"])];

/// Chromium and its driver.
pub(crate) const CHROMIUM: &[Program] = &[
    Program {
        name: "Chromium",
        any_of: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
        debian: &["chromium"],
        ubuntu: &["chromium-browser"],
    },
    Program { name: "chromedriver", any_of: &["chromedriver"], debian: &["chromium-driver"], ubuntu: &["chromium-chromedriver"] },
];

/// Firefox; its driver is one of [`super::tools`].
pub(crate) const FIREFOX: &[Program] =
    &[Program { name: "Firefox", any_of: &["firefox-esr", "firefox"], debian: &["firefox-esr"], ubuntu: &["firefox"] }];

/// A display and a window manager: an automatic popup opens only in a window that has the focus.
pub(crate) const DISPLAY: &[Program] = &[program("Xvfb", &["Xvfb"], &["xvfb"]), program("openbox", &["openbox"], &["openbox"])];

/// What an administrator asks a server with: the command of a report is run by it.
pub(crate) const CURL: &[Program] = &[program("curl", &["curl"], &["curl"])];

/// The servers whose real error pages the tests use.
pub(crate) const SERVERS: &[Program] = &[
    program("nginx", &["nginx"], &["nginx-light"]),
    program("Apache httpd", &["apache2", "httpd"], &["apache2"]),
    program("HAProxy", &["haproxy"], &["haproxy"]),
    program("Varnish", &["varnishd"], &["varnish"]),
    program("Caddy", &["caddy"], &["caddy"]),
    program("lighttpd", &["lighttpd"], &["lighttpd"]),
    program("h2o", &["h2o"], &["h2o"]),
    program("Squid", &["squid"], &["squid"]),
];

/// What gives the fault lab a network of its own.
pub(crate) const NETWORK: &[Program] = &[
    program("ip", &["ip"], &["iproute2"]),
    program("unshare", &["unshare"], &["util-linux"]),
    program("mount", &["mount"], &["mount"]),
];

/// What the whole of the fault lab starts beside [`SERVERS`].
pub(crate) const LAB: &[Program] = &[
    program("Traffic Server", &["traffic_server"], &["trafficserver"]),
    program("mitmproxy", &["mitmdump"], &["mitmproxy"]),
    program("Privoxy", &["privoxy"], &["privoxy"]),
    program("tinyproxy", &["tinyproxy"], &["tinyproxy"]),
];

/// The services that the packages of [`SERVERS`] and [`LAB`] bring along.
pub(crate) const SERVICES: &[(&str, &[&str])] = &[
    ("nginx-light", &["nginx"]),
    ("apache2", &["apache2"]),
    ("haproxy", &["haproxy"]),
    ("varnish", &["varnish", "varnishncsa"]),
    ("caddy", &["caddy"]),
    ("lighttpd", &["lighttpd"]),
    ("h2o", &["h2o"]),
    ("squid", &["squid"]),
    ("trafficserver", &["trafficserver"]),
    ("mitmproxy", &[]),
    ("privoxy", &["privoxy"]),
    ("tinyproxy", &["tinyproxy"]),
];

impl Program {
    /// Whether one of its names is an executable on this path.
    pub(crate) fn is_on(&self, path: &OsStr) -> bool {
        self.any_of.iter().any(|name| find(name, path).is_some())
    }

    /// What to install for it.
    pub(crate) fn packages(&self, distribution: Distribution) -> &'static [&'static str] {
        match distribution {
            Distribution::Debian => self.debian,
            Distribution::Ubuntu => self.ubuntu,
        }
    }
}

/// The first executable file of this name on a path.
pub(crate) fn find(name: &str, path: &OsStr) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let executable = |file: &PathBuf| file.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0);
    env::split_paths(path).map(|directory| directory.join(name)).find(executable)
}

#[cfg(test)]
mod tests {
    use super::{LAB, SERVERS, SERVICES};

    #[test]
    fn every_packaged_server_has_its_services_listed() {
        for server in SERVERS.iter().chain(LAB) {
            for package in server.debian {
                assert!(SERVICES.iter().any(|(name, _)| name == package), "{package} would be left enabled as a system service");
            }
        }
    }
}
