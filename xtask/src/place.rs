//! Where things are: the checkout, what is built in it, and what is kept for all checkouts together.

use std::env;
use std::path::{Path, PathBuf};

use crate::process::Outcome;

/// The directories that every command works with.
pub(crate) struct Place {
    /// The root of the checkout, which is also the extension as the browsers load it.
    pub(crate) root: PathBuf,
    /// Cargo's build directory.
    pub(crate) target: PathBuf,
    /// Tools that took minutes to build, shared by all checkouts: `$XDG_CACHE_HOME/faultline`, else `~/.cache/faultline`.
    pub(crate) cache: PathBuf,
    /// Where cargo unpacks the crates that it downloaded.
    pub(crate) downloads: PathBuf,
}

impl Place {
    /// Finds them from the environment that cargo gives to `cargo xtask`.
    pub(crate) fn find() -> Outcome<Self> {
        // The value at run time comes first: the one at compile time is stale in a checkout that was moved.
        let own = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&own).parent().map(Path::to_path_buf).ok_or("the checkout has no root")?;
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(directory) => root.join(directory),
            None => root.join("target"),
        };
        let home = env::var_os("HOME").map(PathBuf::from).ok_or("HOME is not set")?;
        let cargo = env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
        // The XDG rules say that a relative path is to be ignored.
        let caches = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let cache = caches.unwrap_or_else(|| home.join(".cache")).join("faultline");
        Ok(Self { root, target, cache, downloads: cargo.join("registry/src") })
    }

    /// Whether cargo-deny has fetched the database of known flaws: <https://github.com/RustSec/advisory-db>.
    pub(crate) fn has_advisories(&self) -> bool {
        // Its folder stands beside the registry.
        let folder = self.downloads.parent().and_then(Path::parent).map(|cargo| cargo.join("advisory-dbs"));
        let mut databases = folder.and_then(|folder| folder.read_dir().ok()).into_iter().flatten().flatten();
        databases.any(|database| database.path().join(".git").is_dir())
    }

    /// The version that a `name = "=1.2.3"` line of the workspace manifest pins, so that no second place repeats it.
    pub(crate) fn pinned(&self, name: &str) -> Outcome<String> {
        let path = self.root.join("Cargo.toml");
        let manifest = std::fs::read_to_string(&path).map_err(|why| format!("cannot read {}: {why}", path.display()))?;
        pinned_in(&manifest, name).ok_or_else(|| format!("{} does not pin {name} with \"=\"", path.display()))
    }
}

fn pinned_in(manifest: &str, name: &str) -> Option<String> {
    manifest.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let version = value.trim().strip_prefix("\"=")?.strip_suffix('"')?;
        (key.trim() == name).then(|| version.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::pinned_in;

    #[test]
    fn only_an_exact_pin_of_that_very_name_counts() {
        let manifest = "wasm-bindgen-futures = \"=0.4.1\"\nserde = \"1.0\"\nwasm-bindgen = \"=0.2.3\"\n";
        assert_eq!(pinned_in(manifest, "wasm-bindgen").as_deref(), Some("0.2.3"));
        assert_eq!(pinned_in(manifest, "serde"), None);
        assert_eq!(pinned_in(manifest, "wasm"), None);
    }
}
