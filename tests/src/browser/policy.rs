//! An extension that the visitor's company has put there (Chromium): installed by a policy, and not to be turned off.
//!
//! Chromium reads policies from one place for all, which nobody's test may write to. So the browser gets a file system of its own, in which
//! that place is another one; it is gone with the browser.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::process::{Scratch, apart, is_root, try_apart};
use crate::servers::{Answer, Origin};

/// Where Chromium looks for policies, below.
const PLACE: &str = "/etc/chromium";

/// What the browser has for itself.
const APART: [&str; 1] = ["--mount"];

/// What stands before the id in a packed extension: field 10000 of its header, with field 1 of what is signed.
const BEFORE_ID: [u8; 6] = [0x82, 0xf1, 0x04, 0x12, 0x0a, 0x10];

/// The policy, and the server that the extension comes from.
#[derive(Debug)]
pub(super) struct Policy {
    browser: PathBuf,
    _store: Origin,
}

impl Policy {
    /// Why this machine has no file system of its own for a browser; none where it has.
    pub(super) fn missing() -> Option<String> {
        if !Path::new(PLACE).is_dir() {
            return Some(format!("there is no {PLACE}"));
        }
        try_apart(&APART).err()
    }

    /// One that installs `extension`. Everything that it needs is below `dir`.
    pub(super) fn new(extension: &Path, chromium: &Path, dir: &Scratch) -> Result<Self, String> {
        let dir = dir.path().join("policy");
        let packed = pack(extension, chromium, &dir)?;
        let at = packed.windows(BEFORE_ID.len()).position(|w| w == BEFORE_ID).ok_or("no id in the packed extension")?;
        let bytes = packed.iter().skip(at + BEFORE_ID.len()).take(16);
        let id: String = bytes.flat_map(|b| [b >> 4, b & 15]).map(|half| char::from(b'a' + half)).collect();
        let named = id.clone();
        let store = Origin::start(move |r| {
            if r.target == "/packed.crx" {
                return Answer::new(200, "OK").body("application/x-chrome-extension", packed.clone());
            }
            let update =
                format!("<updatecheck codebase='http://{}/packed.crx' version='1.0'/>", r.header("host").unwrap_or_default());
            let list = "<gupdate xmlns='http://www.google.com/update2/response' protocol='2.0'>";
            Answer::new(200, "OK").body("text/xml", format!("{list}<app appid='{named}'>{update}</app></gupdate>"))
        });
        let forced = json!({ "ExtensionInstallForcelist": [format!("{id};http://127.0.0.1:{}/updates.xml", store.port())] });
        let policy = dir.join("policy.json");
        std::fs::write(&policy, forced.to_string()).map_err(|e| e.to_string())?;

        let browser = dir.join("chromium");
        let inside = format!(
            "mount -t tmpfs policy {PLACE} && mkdir -p {PLACE}/policies/managed && cp '{}' {PLACE}/policies/managed && exec '{}' \"$@\"",
            policy.display(),
            chromium.display()
        );
        std::fs::write(dir.join("inside"), inside).map_err(|e| e.to_string())?;
        // One program after the other in the same process, so that ending it ends the browser.
        let apart = apart(&APART);
        let words: Vec<_> = std::iter::once(apart.get_program()).chain(apart.get_args()).map(|w| w.to_string_lossy()).collect();
        let script = format!("#!/bin/sh\nexec {} sh '{}' \"$@\"\n", words.join(" "), dir.join("inside").display());
        std::fs::write(&browser, script).map_err(|e| e.to_string())?;
        std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).map_err(|e| e.to_string())?;
        Ok(Self { browser, _store: store })
    }

    /// What starts the browser under this policy.
    pub(super) fn browser(&self) -> PathBuf {
        self.browser.clone()
    }
}

/// The extension as one file, as a shop would have it.
fn pack(extension: &Path, chromium: &Path, dir: &Path) -> Result<Vec<u8>, String> {
    let copy = dir.join("packed");
    super::profile::copy_all(extension, &copy).map_err(|e| format!("{}: {e}", extension.display()))?;
    let mut command = Command::new(chromium);
    command.arg(format!("--pack-extension={}", copy.display())).arg(format!("--user-data-dir={}", dir.join("profile").display()));
    command.args(["--headless=new", "--no-message-box"]);
    if is_root() {
        command.arg("--no-sandbox");
    }
    let done = command.output().map_err(|e| e.to_string())?;
    std::fs::read(copy.with_extension("crx")).map_err(|e| format!("{e}: {}", String::from_utf8_lossy(&done.stderr)))
}
