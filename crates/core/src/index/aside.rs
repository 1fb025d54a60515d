//! The name a file has while it is written, and what becomes of it when the process dies.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A rename is safe from a power cut once the folder is. Windows has no such call and needs none.
#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> std::io::Result<()> {
    File::open(folder(path))?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where to write: a name that no other process and no other save of ours uses.
pub(super) fn aside(path: &Path) -> PathBuf {
    static SAVES: AtomicU64 = AtomicU64::new(0);
    let mut name = prefix(path);
    let number = SAVES.fetch_add(1, Ordering::Relaxed);
    name.push(format!("{}-{number}.tmp", std::process::id()));
    path.with_file_name(name)
}

fn prefix(path: &Path) -> OsString {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name
}

/// Deletes what a killed process left beside: it may hold vectors that were erased since. A save
/// takes seconds, so an older one is not being written. Failing here harms nothing.
pub(super) fn sweep(path: &Path) {
    let prefix = prefix(path);
    let ours = |name: OsString| {
        let name = name.as_encoded_bytes();
        name.starts_with(prefix.as_encoded_bytes()) && name.ends_with(b".tmp")
    };
    for entry in fs::read_dir(folder(path)).into_iter().flatten().flatten() {
        let age =
            entry.metadata().and_then(|data| data.modified()).ok().and_then(|at| at.elapsed().ok());
        if ours(entry.file_name()) && age.is_some_and(|age| age > LEFT_BEHIND) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

const LEFT_BEHIND: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;

    #[test]
    fn names_differ_and_are_swept_when_old() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mémoire.index");
        let (old, new) = (aside(&path), aside(&path));
        assert_ne!(old, new);
        let long_ago = std::time::SystemTime::now() - 2 * LEFT_BEHIND;
        let others = [path.clone(), path.with_extension("index.bak"), path.with_extension("tmp")];
        for file in others.iter().chain([&old]) {
            File::create(file).unwrap().set_modified(long_ago).unwrap();
        }
        File::create(&new).unwrap();
        sweep(&path);
        assert!(!old.exists() && new.exists());
        assert!(others.iter().all(|file| file.exists()), "files of others, however old");
    }

    #[test]
    fn a_bare_name_lies_in_the_folder_at_hand() {
        assert_eq!(folder(Path::new("x.index")), Path::new("."));
        assert_eq!(folder(Path::new("a/x.index")), Path::new("a"));
    }
}
