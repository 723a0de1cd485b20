//! The gateway programs, and the smallest configuration of each that shows its own error pages. Read timeouts are 2 s where there is one.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Site;
use crate::process::{Scratch, is_root};

/// A program that stands before applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// <https://nginx.org/>
    Nginx,
    /// <https://httpd.apache.org/> with `mod_proxy`.
    Apache,
    /// <https://www.haproxy.org/>
    Haproxy,
    /// <https://varnish-cache.org/>
    Varnish,
    /// <https://caddyserver.com/>
    Caddy,
    /// <https://www.lighttpd.net/>
    Lighttpd,
    /// <https://h2o.examp1e.net/>
    H2o,
    /// <https://trafficserver.apache.org/>
    TrafficServer,
    /// <http://www.squid-cache.org/>, as the visitor's forward proxy: it has no sites.
    Squid,
}

impl Product {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Nginx,
        Self::Apache,
        Self::Haproxy,
        Self::Varnish,
        Self::Caddy,
        Self::Lighttpd,
        Self::H2o,
        Self::TrafficServer,
        Self::Squid,
    ];

    /// Short name, for files and host names.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "apache",
            Self::Haproxy => "haproxy",
            Self::Varnish => "varnish",
            Self::Caddy => "caddy",
            Self::Lighttpd => "lighttpd",
            Self::H2o => "h2o",
            Self::TrafficServer => "trafficserver",
            Self::Squid => "squid",
        }
    }

    /// Names of its program.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Nginx => &["nginx"],
            Self::Apache => &["apache2", "httpd"],
            Self::Haproxy => &["haproxy"],
            Self::Varnish => &["varnishd"],
            Self::Caddy => &["caddy"],
            Self::Lighttpd => &["lighttpd"],
            Self::H2o => &["h2o"],
            Self::TrafficServer => &["traffic_server"],
            Self::Squid => &["squid"],
        }
    }

    /// Its program; none where it is not installed.
    #[must_use]
    pub fn program(self) -> Option<PathBuf> {
        installed(self.names())
    }

    /// The command that runs it in the foreground for `sites`, with everything that it writes in `dir`.
    #[track_caller]
    pub(super) fn command(self, dir: &Scratch, port: u16, sites: &[Site]) -> Command {
        let config = match self {
            Self::Nginx => nginx(dir.path(), port, sites),
            Self::Apache => apache(dir.path(), port, sites),
            Self::Haproxy => haproxy(port, sites),
            Self::Varnish => varnish(sites),
            Self::Caddy => caddy(port, sites),
            Self::Lighttpd => lighttpd(dir.path(), port, sites),
            Self::H2o => h2o(dir.path(), port, sites),
            Self::TrafficServer => trafficserver(dir, port, sites),
            Self::Squid => squid(dir.path(), port),
        };
        let file = dir.write(self.id(), &config);
        let args: Vec<String> = match self {
            Self::Nginx => words(["-p", &text(dir.path()), "-e", "stderr", "-c", &text(&file)]),
            Self::Apache => words(["-DFOREGROUND", "-d", &text(dir.path()), "-f", &text(&file)]),
            Self::Haproxy => words(["-db", "-f", &text(&file)]),
            Self::Varnish => varnish_args(dir.path(), &file, port),
            Self::Caddy => words(["run", "--adapter", "caddyfile", "--config", &text(&file)]),
            Self::Lighttpd => words(["-D", "-f", &text(&file)]),
            Self::H2o => words(["-c", &text(&file)]),
            Self::TrafficServer => vec![format!("--run-root={}", text(&file))],
            Self::Squid => words(["--foreground", "-N", "-f", &text(&file)]),
        };
        let mut command = Command::new(self.program().unwrap_or_else(|| panic!("none of {:?} is installed", self.names())));
        command
            .args(args)
            .current_dir(dir.path())
            .env("HOME", dir.path())
            .env("XDG_DATA_HOME", dir.path())
            .env("XDG_CONFIG_HOME", dir.path());
        command
    }
}

/// The first of `names` that is installed, where systems keep programs: `sbin` is not on everybody's `PATH`.
pub(super) fn installed(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    places.extend(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from));
    names.iter().flat_map(|n| places.iter().map(move |d| d.join(n))).find(|p| p.is_file())
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// `if_root` when this runs as root, where some programs want to be told who to be.
fn as_root(if_root: &str) -> &str {
    if is_root() { if_root } else { "" }
}

fn each(sites: &[Site], line: impl Fn(usize, &str, u16) -> String) -> String {
    sites.iter().enumerate().filter_map(|(n, s)| Some(line(n, &s.host, s.upstream?))).collect()
}

fn nginx(dir: &Path, port: u16, sites: &[Site]) -> String {
    let user = as_root("user root;");
    let dir = dir.display();
    let wait = sites.iter().map(|s| s.patience.as_secs()).max().unwrap_or(2);
    let servers: String = sites
        .iter()
        .filter_map(|site| {
            let (host, upstream, scheme) = (&site.host, site.upstream?, if site.tls { "https" } else { "http" });
            Some(format!(
                "  server {{ listen 127.0.0.1:{port}; server_name {host};
    location / {{ proxy_pass {scheme}://127.0.0.1:{upstream}; proxy_set_header Host $http_host; }} }}\n"
            ))
        })
        .collect();
    format!(
        "{user} daemon off; worker_processes 1; pid {dir}/pid; error_log stderr;
events {{ worker_connections 256; }}
http {{
  access_log off; proxy_connect_timeout 2s; proxy_read_timeout {wait}s; large_client_header_buffers 4 32k;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
{servers}}}\n"
    )
}

fn apache(dir: &Path, port: u16, sites: &[Site]) -> String {
    let modules = ["/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules"];
    let modules = modules.into_iter().find(|m| Path::new(m).is_dir()).unwrap_or("modules");
    // Whether these are built in differs between systems, and loading one twice is an error.
    let load: String = ["mpm_event", "authz_core", "proxy", "proxy_http", "proxy_fcgi", "unixd"]
        .into_iter()
        .filter(|m| Path::new(&format!("{modules}/mod_{m}.so")).exists())
        .map(|m| format!("LoadModule {m}_module {modules}/mod_{m}.so\n"))
        .collect();
    let user = as_root("User www-data\nGroup www-data\n");
    let dir = dir.display();
    let hosts: String = sites
        .iter()
        .filter_map(|site| {
            let (host, upstream) = (&site.host, site.upstream?);
            let scheme = if site.fastcgi { "fcgi" } else { "http" };
            // Without retry=0 a backend that once refused is not asked again for a minute.
            Some(format!(
                "<VirtualHost 127.0.0.1:{port}>\nServerName {host}\nProxyPreserveHost On\nProxyPass / {scheme}://127.0.0.1:{upstream}/ retry=0\n</VirtualHost>\n"
            ))
        })
        .collect();
    format!(
        "{load}{user}ServerRoot {dir}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {dir}/pid\nDefaultRuntimeDir {dir}\n\
         Mutex file:{dir} default\nErrorLog /dev/stderr\nTimeout 10\nProxyTimeout 2\n{hosts}"
    )
}

fn haproxy(port: u16, sites: &[Site]) -> String {
    let routes: String = sites
        .iter()
        .enumerate()
        .map(|(n, s)| format!("  use_backend b{n} if {{ req.hdr(host),word(1,:) -i {} }}\n", s.host))
        .collect();
    let backends: String = sites
        .iter()
        .enumerate()
        .map(|(n, s)| {
            let tls = if s.tls { " ssl verify none" } else { "" };
            let server = s.upstream.map(|p| format!("  server s 127.0.0.1:{p}{tls}\n")).unwrap_or_default();
            format!("backend b{n}\n{server}")
        })
        .collect();
    format!(
        "global\n  maxconn 200\n  log stdout format raw daemon\ndefaults\n  mode http\n  log global\n  option httplog\n  timeout connect 2s\n  timeout client 20s\n  timeout server 2s\n\
         frontend f\n  bind 127.0.0.1:{port}\n{routes}{backends}"
    )
}

fn varnish(sites: &[Site]) -> String {
    let backends = each(sites, |n, _, port| {
        format!(
            "backend b{n} {{ .host = \"127.0.0.1\"; .port = \"{port}\"; .connect_timeout = 2s; .first_byte_timeout = 2s; }}\n"
        )
    });
    let routes =
        each(sites, |n, host, _| format!("  if (req.http.host ~ \"^{host}(:|$)\") {{ set req.backend_hint = b{n}; }}\n"));
    // Kept is only what says that it may be: most of what is played here changes from one request to the next.
    let keeps = "sub vcl_backend_response {\n  if (beresp.http.cache-control !~ \"s-maxage\") { set beresp.ttl = 0s; set beresp.uncacheable = true; }\n}\n";
    format!("vcl 4.1;\nbackend default none;\n{backends}sub vcl_recv {{\n{routes}}}\n{keeps}")
}

fn varnish_args(dir: &Path, file: &Path, port: u16) -> Vec<String> {
    let state = text(&dir.join("state"));
    let bind = format!("127.0.0.1:{port}");
    words([
        "-F",
        "-j",
        "none",
        "-n",
        &state,
        "-a",
        &bind,
        "-T",
        "none",
        "-s",
        "malloc,16m",
        "-p",
        "vsl_space=1m",
        "-f",
        &text(file),
    ])
}

fn caddy(port: u16, sites: &[Site]) -> String {
    let sites = each(sites, |_, host, upstream| {
        format!(
            "http://{host}:{port} {{\n  bind 127.0.0.1\n  reverse_proxy 127.0.0.1:{upstream} {{\n    transport http {{\n      dial_timeout 2s\n      response_header_timeout 2s\n    }}\n  }}\n}}\n"
        )
    });
    format!("{{\n  admin off\n  auto_https off\n}}\n{sites}")
}

fn lighttpd(dir: &Path, port: u16, sites: &[Site]) -> String {
    let dir = dir.display();
    let sites = each(sites, |_, host, upstream| {
        format!(
            "$HTTP[\"host\"] =~ \"^{host}(:|$)\" {{\n  proxy.server = (\"\" => ((\"host\" => \"127.0.0.1\", \"port\" => {upstream}, \
             \"connect-timeout\" => 2, \"read-timeout\" => 2)))\n}}\n"
        )
    });
    format!(
        "server.modules = (\"mod_proxy\")\nserver.document-root = \"{dir}\"\nserver.bind = \"127.0.0.1\"\nserver.port = {port}\n{sites}"
    )
}

fn h2o(dir: &Path, port: u16, sites: &[Site]) -> String {
    let user = as_root("user: root\n");
    let hosts = each(sites, |_, host, upstream| {
        format!(
            "  \"{host}:{port}\":\n    paths:\n      \"/\":\n        proxy.reverse.url: \"http://127.0.0.1:{upstream}/\"\n        proxy.preserve-host: ON\n"
        )
    });
    format!(
        "{user}num-threads: 1\npid-file: {}/pid\nlisten:\n  host: 127.0.0.1\n  port: {port}\nproxy.timeout.io: 2000\nhosts:\n{hosts}",
        dir.display()
    )
}

/// Its settings are told in a directory of their own, and every path of the system's service is turned there.
#[track_caller]
fn trafficserver(dir: &Scratch, port: u16, sites: &[Site]) -> String {
    let [etc, run, cache] = ["etc", "run", "cache"].map(|name| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        path.display().to_string()
    });
    let user = as_root("CONFIG proxy.config.admin.user_id STRING #-1\n");
    dir.write(
        "etc/records.config",
        &format!(
            "{user}CONFIG proxy.config.http.server_ports STRING {port}:ip-in=127.0.0.1\nCONFIG proxy.config.http.cache.http INT 0\n\
             CONFIG proxy.config.url_remap.pristine_host_hdr INT 1\nCONFIG proxy.config.http.connect_attempts_max_retries INT 0\n\
             CONFIG proxy.config.http.connect_attempts_timeout INT 2\nCONFIG proxy.config.http.transaction_no_activity_timeout_out INT 2\n\
             CONFIG proxy.config.body_factory.template_sets_dir STRING /etc/trafficserver/body_factory\n\
             CONFIG proxy.config.exec_thread.autoconfig INT 0\nCONFIG proxy.config.exec_thread.limit INT 2\n\
             CONFIG proxy.config.crash_log_helper STRING NULL\nCONFIG proxy.config.log.logging_enabled INT 0\n"
        ),
    );
    dir.write("etc/remap.config", &each(sites, |_, host, upstream| format!("map http://{host}/ http://127.0.0.1:{upstream}/\n")));
    dir.write("etc/storage.config", "");
    dir.write("etc/plugin.config", "");
    dir.write("etc/ip_allow.yaml", "ip_allow:\n  - apply: in\n    ip_addrs: 127.0.0.1\n    action: allow\n    methods: ALL\n");
    let usr = |name: &str, path: &str| format!("{name}: {path}\n");
    [
        usr("prefix", "/usr"),
        usr("exec_prefix", "/usr"),
        usr("bindir", "/usr/bin"),
        usr("sbindir", "/usr/bin"),
        usr("sysconfdir", &etc),
        usr("datadir", &cache),
        usr("includedir", "/usr/include"),
        usr("libdir", "/usr/lib/trafficserver"),
        usr("libexecdir", "/usr/lib/trafficserver/modules"),
        usr("localstatedir", &run),
        usr("runtimedir", &run),
        usr("logdir", &run),
        usr("cachedir", &cache),
    ]
    .concat()
}

pub(super) fn squid(dir: &Path, port: u16) -> String {
    let user = as_root("cache_effective_user proxy\n");
    let dir = dir.display();
    format!(
        "http_port 127.0.0.1:{port}\n{user}visible_hostname proxy.test\nhttp_access allow all\ncache deny all\npid_filename none\n\
         cache_log {dir}/cache.log\nlogformat why %Ss/%03>Hs %err_code %ru\naccess_log stdio:{dir}/access.log why\ncoredump_dir {dir}\nshutdown_lifetime 0 seconds\n\
         connect_timeout 2 seconds\nread_timeout 2 seconds\ndns_nameservers 127.0.0.1\ndns_timeout 2 seconds\npinger_enable off\n"
    )
}
