//! Child processes that never outlive the test, not even one that is killed.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process};

use crate::wait::try_for;

/// How long a process may take to end by itself once it was told to.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether this process runs as root, which Chromium's sandbox and several servers refuse.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// What starts the program that is given to it with `parts` of the system of its own, such as `--net`.
pub(crate) fn apart(parts: &[&str]) -> Command {
    let mut unshare = Command::new("unshare");
    unshare.args(parts);
    if !is_root() {
        unshare.args(["--user", "--map-current-user", "--keep-caps"]);
    }
    unshare.arg("--");
    unshare
}

/// Tries [`apart`].
///
/// # Errors
/// Why this machine gives this user no such parts.
pub(crate) fn try_apart(parts: &[&str]) -> Result<(), String> {
    let tried = apart(parts).arg("true").output().map_err(|why| format!("unshare (util-linux) cannot be started: {why}"))?;
    if tried.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&tried.stderr).trim().to_owned()) }
}

/// A running program in a process group of its own. Dropping it ends the whole group.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; what it prints goes to `<dir>/<name>.log`.
    ///
    /// # Panics
    /// When it cannot be started.
    #[track_caller]
    pub fn start(name: &str, dir: &Path, command: &mut Command) -> Self {
        let log = dir.join(format!("{name}.log"));
        let out = File::create(&log).unwrap_or_else(|e| panic!("{}: {e}", log.display()));
        let err = out.try_clone().unwrap_or_else(|e| panic!("{}: {e}", log.display()));
        let child = command
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {name} ({:?}): {e}", command.get_program()));
        keeper(&format!("kill {}", child.id()));
        Self { name: name.to_owned(), child, log }
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Everything that it has printed.
    #[must_use]
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// The last lines that it printed, for a failure message.
    #[must_use]
    pub fn last_words(&self) -> String {
        let text = self.said();
        let lines: Vec<&str> = text.lines().collect();
        format!("{} said:\n{}", self.name, lines.get(lines.len().saturating_sub(12)..).unwrap_or_default().join("\n"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(group) = pid(self.child.id()) {
            let _ = kill_process_group(group, Signal::TERM);
            let _ = try_for(PATIENCE, || matches!(self.child.try_wait(), Ok(Some(_))).then_some(()).ok_or_else(String::new));
            // Workers that did not follow their leader.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
        keeper(&format!("spare {}", self.child.id()));
    }
}

fn pid(id: u32) -> Option<Pid> {
    i32::try_from(id).ok().and_then(Pid::from_raw)
}

/// A process that something else has started for us (a driver its browser): ended by its id when dropped.
#[derive(Debug)]
pub struct Guest(u32);

impl Guest {
    /// Takes charge of the process `id`.
    #[must_use]
    pub fn adopt(id: u32) -> Self {
        keeper(&format!("kill {id}"));
        Self(id)
    }
}

impl Guest {
    /// Kills it as a crash does: it gets no word in.
    pub fn kill(self) {
        if let Some(pid) = pid(self.0) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if let Some(pid) = pid(self.0) {
            // It has normally been told to quit already, and is given the time to do so.
            let left = try_for(PATIENCE, || test_kill_process(pid).map_or(Ok(()), |()| Err(String::new())));
            if left.is_err() {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        keeper(&format!("spare {}", self.0));
    }
}

/// A directory of its own for one server or browser, removed when dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new directory that servers which give up root can still enter and write to.
    ///
    /// # Panics
    /// When the system has no place for temporary files.
    #[must_use]
    #[track_caller]
    pub fn new(name: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::Builder::new()
            .prefix(&format!("faultline-{name}-"))
            .permissions(std::fs::Permissions::from_mode(0o777))
            .tempdir()
            .unwrap_or_else(|e| panic!("no temporary directory: {e}"));
        // The process mask has cut the mode that was asked for.
        let open = std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777));
        open.unwrap_or_else(|e| panic!("{}: {e}", dir.path().display()));
        keeper(&format!("remove {}", dir.path().display()));
        Self(dir.keep())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file into it and gives its path.
    ///
    /// # Panics
    /// When the file cannot be written.
    #[track_caller]
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The children of a browser that has quit may still be writing. What stays behind in the end, the keeper removes.
        let _ = try_for(PATIENCE, || match std::fs::remove_dir_all(&self.0) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(e.to_string()),
            _ => Ok(()),
        });
    }
}

/// Ports below those that Linux gives to whoever wants any (`/proc/sys/net/ipv4/ip_local_port_range`), and above those that browsers refuse.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A loopback port for a program that has to be told one. Nobody uses it now, neither of IPv4 nor of IPv6, since some programs want the same
/// one of both; and until the program has it, it goes to no server beside it that takes whatever port it gets.
///
/// # Panics
/// When there is none left.
#[must_use]
#[track_caller]
pub fn free_port() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let free = || {
        // Processes that run side by side begin apart from each other.
        let turn = std::process::id().wrapping_mul(997).wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed));
        let port = PORTS.start + u16::try_from(turn % PORTS.len() as u32).map_err(|e| e.to_string())?;
        let _four = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|e| format!("{port}: {e}"))?;
        match TcpListener::bind((Ipv6Addr::LOCALHOST, port)) {
            Err(e) if e.kind() == ErrorKind::AddrInUse => Err(format!("{port} is taken")),
            // A machine without IPv6 has nobody there either.
            _ => Ok(port),
        }
    };
    try_for(PATIENCE, free).unwrap_or_else(|e| panic!("no free port: {e}"))
}

/// A test that is killed runs no destructor, so a shell holds the other end of a pipe: when the pipe closes, it ends what is
/// left on its list. It leads its own process group, where Ctrl-C does not reach it.
const KEEPER: &str = r#"
trap '' INT TERM HUP
pids=
while IFS=' ' read -r verb what; do
  case $verb in
    kill) pids="$pids $what" ;;
    spare) left=; for p in $pids; do [ "$p" = "$what" ] || left="$left $p"; done; pids=$left ;;
    remove) set -- "$@" "$what" ;;
  esac
done
for p in $pids; do kill -s KILL -- "-$p" 2>/dev/null || kill -s KILL "$p" 2>/dev/null; done
# The children of a browser that was killed may still be writing.
for dir; do
  for again in 1 2 3 4 5 6 7 8 9; do rm -rf -- "$dir" 2>/dev/null && break; sleep 1; done
done
"#;

fn keeper(line: &str) {
    static PIPE: OnceLock<Mutex<ChildStdin>> = OnceLock::new();
    let pipe = PIPE.get_or_init(|| {
        let child = Command::new("sh")
            .args(["-c", KEEPER])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        let stdin = child.ok().and_then(|mut c| c.stdin.take());
        Mutex::new(stdin.unwrap_or_else(|| panic!("cannot start sh, which cleans up after a killed test")))
    });
    let mut pipe = pipe.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = writeln!(pipe, "{line}");
}
