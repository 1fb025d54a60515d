//! What lies at a path, found out without SQLite: opening somebody else's database with SQLite may
//! already write to it (recovery, a `-wal` beside it), and theirs must stay untouched.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::error::{Error, Result};

/// "PMEM", in the header of every store (`PRAGMA application_id`).
pub(super) const APPLICATION_ID: u32 = 0x504D_454D;
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEADER_BYTES: u64 = 100;

/// What can be opened.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing, or a file of zero bytes: a store can be made there.
    Nothing,
    /// A store.
    Store,
}

/// # Errors
/// `PM_BAD_PATH`, `PM_READ_ONLY`, `PM_NOT_A_STORE`, `PM_STORE_TOO_NEW`, `PM_IO`.
pub(super) fn probe(path: &Path, newest_format: u32) -> Result<Found> {
    check_folder(path)?;
    let found = match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => return Err(bad_path(path, "it is a folder")),
        Ok(meta) => check_header(path, &meta, newest_format)?,
        Err(err) if err.kind() == ErrorKind::NotFound => return check_creatable(path),
        Err(err) => return Err(denied_or_io(path, err)),
    };
    check_writable(path)?;
    Ok(found)
}

fn check_folder(path: &Path) -> Result<()> {
    let folder = folder_of(path);
    match fs::metadata(folder) {
        Ok(meta) if meta.is_dir() => Ok(()),
        Ok(_) => Err(bad_path(path, &format!("{} is no folder", folder.display()))),
        Err(_) => Err(bad_path(path, &format!("there is no folder {}", folder.display()))),
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn check_header(path: &Path, meta: &Metadata, newest_format: u32) -> Result<Found> {
    if meta.len() == 0 {
        return Ok(Found::Nothing);
    }
    let mut header = Vec::new();
    let file = File::open(path).map_err(|err| denied_or_io(path, err))?;
    file.take(HEADER_BYTES)
        .read_to_end(&mut header)
        .map_err(|err| Error::io("reading", path, err))?;
    judge_header(&header, newest_format).map_err(|refusal| refusal.into_error(path))
}

/// Why a header is refused.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    Foreign(&'static str),
    TooNew { found: u32, known: u32 },
}

impl Refusal {
    fn into_error(self, path: &Path) -> Error {
        let path = path.to_path_buf();
        match self {
            Refusal::Foreign(reason) => Error::NotAStore { path, reason: reason.to_owned() },
            Refusal::TooNew { found, known } => Error::StoreTooNew { path, found, known },
        }
    }
}

/// Offsets 60 and 68 of SQLite's header: `user_version` and `application_id`, big-endian.
fn judge_header(header: &[u8], newest_format: u32) -> std::result::Result<Found, Refusal> {
    if !header.starts_with(MAGIC) {
        return Err(Refusal::Foreign("it is no SQLite database"));
    }
    let (Some(format), Some(application)) = (number_at(header, 60), number_at(header, 68)) else {
        return Err(Refusal::Foreign("it ends within SQLite's header"));
    };
    if application != APPLICATION_ID {
        return Err(Refusal::Foreign("it is a SQLite database of another program"));
    }
    if format > newest_format {
        return Err(Refusal::TooNew { found: format, known: newest_format });
    }
    Ok(Found::Store)
}

fn number_at(header: &[u8], offset: usize) -> Option<u32> {
    let bytes = header.get(offset..offset + 4)?;
    Some(bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// The mark counts even for a user who could write all the same: somebody set it on purpose.
fn check_writable(path: &Path) -> Result<()> {
    let file = OpenOptions::new().write(true).open(path);
    let meta = file.and_then(|file| file.metadata()).map_err(|err| denied_or_io(path, err))?;
    if meta.permissions().readonly() || folder_is_marked(path) {
        return Err(Error::ReadOnly { path: path.to_path_buf() });
    }
    Ok(())
}

fn check_creatable(path: &Path) -> Result<Found> {
    if folder_is_marked(path) {
        return Err(Error::ReadOnly { path: path.to_path_buf() });
    }
    Ok(Found::Nothing)
}

/// On Windows the mark on a folder says nothing about the files in it.
fn folder_is_marked(path: &Path) -> bool {
    cfg!(unix) && fs::metadata(folder_of(path)).is_ok_and(|meta| meta.permissions().readonly())
}

fn bad_path(path: &Path, reason: &str) -> Error {
    Error::BadPath { path: path.to_path_buf(), reason: reason.to_owned() }
}

fn denied_or_io(path: &Path, err: std::io::Error) -> Error {
    match err.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Error::ReadOnly { path: path.to_path_buf() }
        }
        ErrorKind::NotADirectory | ErrorKind::InvalidInput | ErrorKind::InvalidFilename => {
            bad_path(path, &err.to_string())
        }
        _ => Error::io("opening", path, err),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(format: u8, application: u32) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.resize(100, 0);
        bytes[63] = format;
        for (byte, shift) in bytes[68..72].iter_mut().zip([24, 16, 8, 0]) {
            *byte = (application >> shift) as u8;
        }
        bytes
    }

    #[test]
    fn headers() {
        assert_eq!(judge_header(&header(1, APPLICATION_ID), 1), Ok(Found::Store));
        let too_new = Refusal::TooNew { found: 2, known: 1 };
        assert_eq!(judge_header(&header(2, APPLICATION_ID), 1), Err(too_new));
        for foreign in [&header(1, 0), &b"PK\x03\x04 a zip file".to_vec(), &MAGIC.to_vec()] {
            assert!(matches!(judge_header(foreign, 1), Err(Refusal::Foreign(_))));
        }
    }

    #[track_caller]
    fn check(path: &Path, code: &str) {
        let before = fs::read(path).ok();
        assert_eq!(probe(path, 1).expect_err("refused").code(), code);
        assert_eq!(fs::read(path).ok(), before, "untouched");
    }

    #[test]
    fn paths() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        check(folder.path(), "PM_BAD_PATH");
        check(&at("missing/a.db"), "PM_BAD_PATH");
        fs::write(at("song.txt"), "la la la").expect("written");
        check(&at("song.txt"), "PM_NOT_A_STORE");
        check(&at("song.txt/a.db"), "PM_BAD_PATH");
        fs::write(at("empty.db"), "").expect("written");
        assert_eq!(probe(&at("empty.db"), 1).expect("fine"), Found::Nothing);
        assert_eq!(probe(&at("absent.db"), 1).expect("fine"), Found::Nothing);
    }

    #[cfg(unix)]
    #[test]
    fn marked_read_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        fs::write(&path, header(1, APPLICATION_ID)).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("marked");
        check(&path, "PM_READ_ONLY");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("unmarked");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).expect("marked");
        check(&path, "PM_READ_ONLY");
        check(&folder.path().join("new.db"), "PM_READ_ONLY");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("unmarked");
    }
}
