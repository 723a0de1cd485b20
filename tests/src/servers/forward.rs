//! Programs that stand on the visitor's side of the internet and ask for everything in the visitor's place.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::product::{installed, squid};
use crate::process::Scratch;

/// A forward proxy, as companies and tinkerers run them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Forward {
    /// <http://www.squid-cache.org/>
    Squid,
    /// <https://tinyproxy.github.io/>
    Tinyproxy,
    /// <https://www.privoxy.org/>
    Privoxy,
    /// <https://mitmproxy.org/>, which opens TLS.
    Mitmproxy,
}

impl Forward {
    /// Id of its rule, and short name for files.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Squid => "squid",
            Self::Tinyproxy => "tinyproxy",
            Self::Privoxy => "privoxy",
            Self::Mitmproxy => "mitmproxy",
        }
    }

    /// Its program; none where it is not installed.
    #[must_use]
    pub fn program(self) -> Option<PathBuf> {
        installed(match self {
            Self::Squid => &["squid"],
            Self::Tinyproxy => &["tinyproxy"],
            Self::Privoxy => &["privoxy"],
            Self::Mitmproxy => &["mitmdump"],
        })
    }

    /// The command that runs it in the foreground, with everything that it writes in `dir`.
    #[track_caller]
    pub(super) fn command(self, program: &Path, dir: &Scratch, port: u16, parent: Option<u16>) -> Command {
        let here = dir.path().display();
        let mut command = Command::new(program);
        command.current_dir(dir.path()).env("HOME", dir.path());
        match self {
            Self::Squid => {
                let parent =
                    parent.map(|p| format!("cache_peer 127.0.0.1 parent {p} 0 no-query default\nnever_direct allow all\n"));
                let file = dir.write("config", &format!("{}{}", squid(dir.path(), port), parent.unwrap_or_default()));
                command.args(["--foreground", "-N", "-f"]).arg(file);
            }
            Self::Tinyproxy => {
                let parent = parent.map(|p| format!("Upstream http 127.0.0.1:{p}\n")).unwrap_or_default();
                let config = format!("Port {port}\nListen 127.0.0.1\nTimeout 2\nMaxClients 50\nLogFile \"{here}/log\"\n{parent}");
                command.args(["-d", "-c"]).arg(dir.write("config", &config));
            }
            Self::Privoxy => {
                let parent = parent.map(|p| format!("forward / 127.0.0.1:{p}\n")).unwrap_or_default();
                let config =
                    format!("confdir /etc/privoxy\nlogdir {here}\nlisten-address 127.0.0.1:{port}\nsocket-timeout 2\n{parent}");
                command.arg("--no-daemon").arg(dir.write("config", &config));
            }
            Self::Mitmproxy => {
                let mode = parent.map_or_else(|| "regular".to_owned(), |p| format!("upstream:http://127.0.0.1:{p}"));
                command.args(["-q", "--listen-host", "127.0.0.1", "-p", &port.to_string(), "--mode", &mode]);
                command.args(["--set", "connection_strategy=lazy", "--set", &format!("confdir={here}")]);
            }
        }
        command
    }
}
