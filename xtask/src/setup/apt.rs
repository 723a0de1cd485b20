//! Packages of Debian and Ubuntu.
//!
//! apt may be busy with somebody else's work, so this waits for it; and a package of a server would start that server, now and at
//! every boot, which nobody who runs a test wants.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::{is_root, programs};
use crate::process::{self, Outcome};

/// Lists older than this are fetched anew before the first attempt.
const LISTS_ARE_OLD: Duration = Duration::from_secs(24 * 60 * 60);
/// How long another apt may take.
const BUSY_LIMIT: Duration = Duration::from_secs(15 * 60);
const BUSY_PAUSE: Duration = Duration::from_secs(5);
/// What apt says when another one is at work.
const BUSY: [&str; 3] = ["Could not get lock", "Unable to acquire the dpkg frontend lock", "Unable to lock directory"];

/// Runs its arguments while no package may start a service. An administrator's own policy is left as it is, and counts.
const WITHOUT_SERVICES: &str = r#"
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' HUP INT TERM
    printf '#!/bin/sh\n# Here only while a set-up installs packages, so that none of them starts a service.\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
"$@"
"#;

/// The two families that name some packages differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distribution {
    Debian,
    Ubuntu,
}

impl Distribution {
    /// The family of this machine, if it has apt at all.
    pub(crate) fn of_this_machine() -> Option<Self> {
        process::answer(Command::new("apt-get").arg("--version"))?;
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        Some(Self::of_release(&release))
    }

    fn of_release(release: &str) -> Self {
        let value = |key| release.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim_matches('"');
        let ubuntu = value("ID=") == "ubuntu" || value("ID_LIKE=").split(' ').any(|family| family == "ubuntu");
        if ubuntu { Self::Ubuntu } else { Self::Debian }
    }
}

/// Whether a package is installed.
pub(crate) fn has(package: &str) -> bool {
    process::answer(Command::new("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", package])).as_deref()
        == Some("installed")
}

/// What the lists say of a package that may not be installed.
pub(crate) fn description(package: &str) -> Option<String> {
    let show = || process::answer(Command::new("apt-cache").args(["show", package])).filter(|text| !text.is_empty());
    show().or_else(|| {
        // A bare machine has no lists yet.
        if is_root() {
            update();
        }
        show()
    })
}

/// Installs packages; for somebody who is not root, the error is the line to run.
pub(crate) fn install(packages: &[String]) -> Outcome {
    let mut packages = packages.to_vec();
    packages.sort_unstable();
    packages.dedup();
    let services = services_of(&packages);
    if !is_root() {
        return Err(format!("run this line, then the command again:\n\n  {}\n", line_to_run(&packages, &services)));
    }
    println!("set-up: installing {}", packages.join(" "));
    let fresh = !lists_are_old();
    if !fresh {
        update();
    }
    let first = patiently(&|| install_command(&packages));
    if first.is_err() && fresh {
        // The lists may name a version that the archive has replaced since.
        update();
        patiently(&|| install_command(&packages))?;
    } else {
        first?;
    }
    if !services.is_empty() && process::answer(Command::new("systemctl").arg("--version")).is_some() {
        // Not started now, and not at the next boot either.
        process::quietly(Command::new("systemctl").args(["disable", "--quiet"]).args(&services))?;
    }
    Ok(())
}

fn install_command(packages: &[String]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", WITHOUT_SERVICES, "sh", "apt-get", "install", "--yes", "--no-install-recommends"]).args(packages);
    in_plain_words(command)
}

fn update() {
    println!("set-up: apt-get update");
    let update = || {
        let mut command = Command::new("apt-get");
        command.arg("update");
        in_plain_words(command)
    };
    // One source of many may be out of reach; what matters is whether the packages can be installed.
    if let Err(trouble) = patiently(&update) {
        eprintln!("{trouble}");
    }
}

fn in_plain_words(mut command: Command) -> Command {
    command.env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C");
    command
}

/// Tries again as long as another apt holds a lock.
fn patiently(command: &dyn Fn() -> Command) -> Outcome {
    let start = Instant::now();
    let mut told = false;
    loop {
        match process::quietly(&mut command()) {
            Err(trouble) if BUSY.iter().any(|words| trouble.contains(words)) && start.elapsed() < BUSY_LIMIT => {
                if !told {
                    println!("set-up: waiting for another apt that is running");
                    told = true;
                }
                thread::sleep(BUSY_PAUSE);
            }
            outcome => return outcome,
        }
    }
}

fn lists_are_old() -> bool {
    let lists = Path::new("/var/lib/apt/lists");
    let any = fs::read_dir(lists)
        .is_ok_and(|files| files.flatten().any(|file| file.file_name().to_string_lossy().contains("_Packages")));
    // A list carries the time at which its archive was written; when it was fetched is told by the directory it passed through.
    let fetched = fs::metadata(lists.join("partial")).and_then(|directory| directory.modified());
    let age = fetched.ok().and_then(|then| SystemTime::now().duration_since(then).ok());
    !any || age.is_none_or(|age| age > LISTS_ARE_OLD)
}

fn services_of(packages: &[String]) -> Vec<&'static str> {
    let ours = programs::SERVICES.iter().filter(|(package, _)| packages.iter().any(|name| name == package));
    ours.flat_map(|(_, services)| services.iter().copied()).collect()
}

fn line_to_run(packages: &[String], services: &[&str]) -> String {
    let mut line = format!("sudo apt-get update && sudo apt-get install --yes --no-install-recommends {}", packages.join(" "));
    if !services.is_empty() {
        line.push_str(&format!(" && sudo systemctl disable --now {}", services.join(" ")));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{Distribution, line_to_run, services_of};

    #[test]
    fn derivatives_belong_to_their_family() {
        assert_eq!(Distribution::of_release("ID=debian\nVERSION_ID=\"12\"\n"), Distribution::Debian);
        assert_eq!(Distribution::of_release("NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n"), Distribution::Ubuntu);
        assert_eq!(Distribution::of_release("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), Distribution::Ubuntu);
        assert_eq!(Distribution::of_release(""), Distribution::Debian);
    }

    #[test]
    fn the_line_to_run_leaves_no_server_running() {
        let packages = ["binaryen".to_owned(), "varnish".to_owned()];
        let line = line_to_run(&packages, &services_of(&packages));
        assert_eq!(line.lines().count(), 1);
        assert!(line.ends_with(
            "install --yes --no-install-recommends binaryen varnish && sudo systemctl disable --now varnish varnishncsa"
        ));
        assert!(!line_to_run(&packages[..1], &services_of(&packages[..1])).contains("systemctl"));
    }
}
