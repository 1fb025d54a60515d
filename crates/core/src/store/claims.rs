//! Which files this process has open. POSIX drops all locks of a process on a file as soon as it
//! closes any descriptor of it: looking into a file that SQLite has open here would take SQLite's
//! locks away, and another process could then remove the WAL under it. So a file that is open
//! already is not looked into: it passed when it was opened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::handle::Store;
use crate::error::Result;

static OPEN: Mutex<BTreeMap<PathBuf, usize>> = Mutex::new(BTreeMap::new());

/// A file counted as open until this is dropped, which must be after SQLite closed it.
pub(super) struct Claim(PathBuf);

impl Claim {
    /// Runs `look` unless the file is open in this process, and counts it as open.
    pub(super) fn new(path: &Path, look: impl FnOnce() -> Result<()>) -> Result<Claim> {
        let name = real_name(path);
        let mut open = lock();
        if !open.contains_key(&name) {
            look()?;
        }
        *open.entry(name.clone()).or_default() += 1;
        Ok(Claim(name))
    }
}

impl Store {
    /// Whether this process has the file at `path` open as a store.
    pub fn is_open_here(path: &Path) -> bool {
        lock().contains_key(&real_name(path))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut open = lock();
        if let Some(count) = open.get_mut(&self.0) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.0);
            }
        }
    }
}

fn lock() -> MutexGuard<'static, BTreeMap<PathBuf, usize>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The name without links; a file that is still to be made has its folder's.
fn real_name(path: &Path) -> PathBuf {
    if let Ok(name) = path.canonicalize() {
        return name;
    }
    match (path.parent().map(Path::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use std::cell::Cell;

    use super::*;
    use crate::error::Error;

    #[test]
    fn a_file_is_looked_into_once() {
        let folder = tempfile::tempdir().unwrap();
        let (path, looks) = (folder.path().join("a.db"), Cell::new(0));
        let claim = || {
            Claim::new(&path, || {
                looks.set(looks.get() + 1);
                Ok(())
            })
        };
        let first = claim().unwrap();
        std::fs::write(&path, "now it is there").unwrap();
        let second = claim().unwrap();
        assert_eq!(looks.get(), 1, "the same name before and after it is made");
        drop(first);
        drop(claim().unwrap());
        assert_eq!(looks.get(), 1, "the second still has it");
        drop(second);
        drop(claim().unwrap());
        assert_eq!(looks.get(), 2);
    }

    #[test]
    fn a_refused_file_is_not_claimed() {
        let path = Path::new("/nowhere/a.db");
        for _ in 0..2 {
            assert!(Claim::new(path, || Err(Error::Closed)).is_err());
        }
    }
}
