//! Extensions as a visitor has them: installed in the profile, so that after a restart they are there again, on or off as they were.
//!
//! What the drivers load is gone with the session. So the profile's `Preferences` are written before Chromium's first start, as "Load unpacked"
//! would have left them.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::launch::Launch;
use crate::process::Scratch;

/// Chromium's number for "loaded from a directory by hand".
const UNPACKED: u8 = 4;

/// Bits of such an extension: access to files, and no key in its manifest.
const FLAGS: u8 = 38;

/// Chromium's number for an extension that its visitor has turned off.
const BY_THE_VISITOR: u8 = 1;

/// The id of an unpacked extension: half of the hash of its path, in letters from `a` to `p`.
pub(super) fn id(dir: &Path) -> String {
    let hash = Sha256::digest(dir.as_os_str().as_encoded_bytes());
    hash.iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]).map(|half| char::from(b'a' + half)).collect()
}

/// Puts the extensions of `launch`, where they are to be installed, into its profile: a new one, or the one that is there `already`.
///
/// # Errors
/// When a manifest cannot be read, or that profile.
pub(super) fn furnish(launch: &mut Launch, already: Option<&Scratch>) -> Result<(), String> {
    let Some(extension) = launch.extension.clone().filter(|_| launch.installed) else { return Ok(()) };
    match already {
        Some(dir) => give(&dir.path().join("profile"), &extension, &launch.granted)?,
        None => {
            let preferences = preferences(&extension, launch)?;
            launch.prefs.extend(preferences);
        }
    }
    Ok(())
}

/// The preferences of a profile with this extension and its optional permissions, and with the others that `launch` names.
///
/// # Errors
/// When a manifest cannot be read.
fn preferences(extension: &Path, launch: &Launch) -> Result<Map<String, Value>, String> {
    let mut settings = Map::new();
    settings.insert(id(extension), entry(extension, &launch.granted)?);
    for other in &launch.others {
        let mut entry = entry(other, &[])?;
        if launch.asleep.contains(other) {
            entry["disable_reasons"] = json!([BY_THE_VISITOR]);
        }
        settings.insert(id(other), entry);
    }
    let mut preferences = Map::new();
    preferences.insert("extensions.settings".to_owned(), Value::Object(settings));
    preferences.insert("extensions.ui.developer_mode".to_owned(), json!(true));
    Ok(preferences)
}

/// Gives the extension the permissions that were taken from it since, as its visitor would.
///
/// # Errors
/// When `profile` is not one that [`preferences`] were written for.
fn give(profile: &Path, extension: &Path, granted: &[String]) -> Result<(), String> {
    let (file, mut all) = kept(profile)?;
    let active = format!("/extensions/settings/{}/active_permissions/api", id(extension));
    let active = all.pointer_mut(&active).and_then(Value::as_array_mut).ok_or("no permissions")?;
    let gone: Vec<_> = granted.iter().map(|g| json!(g)).filter(|g| !active.contains(g)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    active.extend(gone);
    std::fs::write(&file, all.to_string()).map_err(|e| e.to_string())
}

/// How many extensions are off according to the disk.
///
/// # Errors
/// When nothing was written yet.
pub(super) fn off(profile: &Path) -> Result<usize, String> {
    let (_, all) = kept(profile)?;
    let settings = all.pointer("/extensions/settings").and_then(Value::as_object).ok_or("no extensions")?;
    let is_off = |e: &&Value| e["disable_reasons"].as_array().is_some_and(|r| !r.is_empty());
    Ok(settings.values().filter(is_off).count())
}

fn kept(profile: &Path) -> Result<(PathBuf, Value), String> {
    let file = profile.join("Default/Preferences");
    let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok((file, serde_json::from_str(&text).map_err(|e| e.to_string())?))
}

/// A copy of the extension below `dir` that asks for optional permissions at once: what is loaded for a session cannot be given one without a
/// dialog that no program can press.
///
/// # Errors
/// When it cannot be copied.
pub(super) fn with_granted(extension: &Path, granted: &[String], dir: &Path) -> Result<PathBuf, String> {
    let copy = dir.join("granted");
    for part in ["_locales", "extension"] {
        copy_all(&extension.join(part), &copy.join(part)).map_err(|e| format!("{part}: {e}"))?;
    }
    let text = std::fs::read_to_string(extension.join("manifest.json")).map_err(|e| e.to_string())?;
    let mut manifest: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let wanted = granted.iter().map(|g| json!(g));
    manifest["permissions"].as_array_mut().ok_or("no permissions")?.extend(wanted);
    manifest.as_object_mut().ok_or("no manifest")?.remove("optional_permissions");
    std::fs::write(copy.join("manifest.json"), manifest.to_string()).map_err(|e| e.to_string())?;
    Ok(copy)
}

/// The id under which Firefox knows the extension.
///
/// # Errors
/// When its manifest has none.
pub(super) fn gecko_id(extension: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(extension.join("manifest.json")).map_err(|e| e.to_string())?;
    let manifest: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let id = manifest.pointer("/browser_specific_settings/gecko/id").and_then(Value::as_str);
    id.map(str::to_owned).ok_or_else(|| "the manifest has no id for Firefox".to_owned())
}

/// The extension as one file below `dir`, as Firefox installs it for good.
///
/// # Errors
/// When it cannot be read or written.
pub(super) fn packed(extension: &Path, dir: &Path) -> Result<PathBuf, String> {
    let package = dir.join("installed.xpi");
    let pack = || -> std::io::Result<()> {
        let mut zip = ZipWriter::new(std::fs::File::create(&package)?);
        pack_all(&mut zip, extension, Path::new("manifest.json"))?;
        for part in ["_locales", "extension"] {
            pack_all(&mut zip, extension, Path::new(part))?;
        }
        zip.finish().map(drop).map_err(std::io::Error::other)
    };
    pack().map_err(|e| format!("{}: {e}", package.display()))?;
    Ok(package)
}

fn pack_all(zip: &mut ZipWriter<std::fs::File>, root: &Path, path: &Path) -> std::io::Result<()> {
    let full = root.join(path);
    if full.is_dir() {
        for entry in std::fs::read_dir(full)? {
            pack_all(zip, root, &path.join(entry?.file_name()))?;
        }
        return Ok(());
    }
    let name = path.to_string_lossy().into_owned();
    zip.start_file(name, SimpleFileOptions::default()).map_err(std::io::Error::other)?;
    zip.write_all(&std::fs::read(full)?)
}

pub(super) fn copy_all(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let (entry, to) = (entry?, to);
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn entry(dir: &Path, granted: &[String]) -> Result<Value, String> {
    let path = dir.join("manifest.json");
    let manifest = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let manifest: Value = serde_json::from_str(&manifest).map_err(|e| format!("{}: {e}", path.display()))?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut apis = list(&manifest["permissions"]);
    apis.extend(granted.iter().map(|g| json!(g)));
    let scripts = list(&manifest["content_scripts"]);
    let scripted: Vec<_> = scripts.iter().flat_map(|s| list(&s["matches"])).collect();
    let permissions = json!({
        "api": apis, "explicit_host": manifest["host_permissions"].as_array().cloned().unwrap_or_default(),
        "manifest_permissions": [], "scriptable_host": scripted,
    });
    Ok(json!({
        "active_permissions": permissions, "granted_permissions": permissions, "creation_flags": FLAGS, "disable_reasons": [],
        "from_webstore": false, "location": UNPACKED, "newAllowFileAccess": true, "path": dir,
    }))
}
