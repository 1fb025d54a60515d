//! From SQLite's errors to ours. Inside this folder a call fails with [`Fail`]; the file's path is
//! added once, where the call leaves the folder.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::error::Error;

/// Why a call inside the store failed.
#[derive(Debug)]
pub(super) enum Fail {
    /// SQLite refused.
    Sql(SqlFail),
    /// Everything that has its code already.
    Ours(Error),
}

pub(super) type Outcome<T> = Result<T, Fail>;

/// What SQLite said; cloned to every caller whose transaction was lost.
#[derive(Debug, Clone)]
pub(super) struct SqlFail {
    code: ErrorCode,
    reason: String,
}

impl From<rusqlite::Error> for SqlFail {
    fn from(err: rusqlite::Error) -> SqlFail {
        use rusqlite::Error as Sql;
        let code = match &err {
            Sql::FromSqlConversionFailure(..)
            | Sql::IntegralValueOutOfRange(..)
            | Sql::InvalidColumnType(..)
            // A row that every store has: who looks for one that may be missing says so.
            | Sql::QueryReturnedNoRows
            | Sql::Utf8Error(..) => ErrorCode::DatabaseCorrupt,
            other => other.sqlite_error_code().unwrap_or(ErrorCode::Unknown),
        };
        SqlFail { code, reason: err.to_string() }
    }
}

impl From<rusqlite::Error> for Fail {
    fn from(err: rusqlite::Error) -> Fail {
        Fail::Sql(err.into())
    }
}

impl From<SqlFail> for Fail {
    fn from(fail: SqlFail) -> Fail {
        Fail::Sql(fail)
    }
}

impl From<Error> for Fail {
    fn from(err: Error) -> Fail {
        Fail::Ours(err)
    }
}

impl SqlFail {
    /// Whether another connection held the lock.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    }

    /// SQLite's words.
    pub(super) fn reason(&self) -> &str {
        &self.reason
    }

    fn into_error(self, path: &Path, waited_ms: u64) -> Error {
        let path_buf = path.to_path_buf();
        match self.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Busy { waited_ms },
            ErrorCode::DiskFull => Error::DiskFull { path: path_buf },
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Error::ReadOnly { path: path_buf },
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                Error::StoreCorrupt { reason: self.reason }
            }
            ErrorCode::CannotOpen => Error::BadPath { path: path_buf, reason: self.reason },
            ErrorCode::SystemIoFailure => {
                Error::io("reading or writing", path, std::io::Error::other(self.reason))
            }
            _ => Error::Sqlite { reason: self.reason },
        }
    }
}

impl Fail {
    /// The error for the caller. `waited_ms` is how long the call took, should it have been busy.
    pub(super) fn into_error(self, path: &Path, waited_ms: u64) -> Error {
        match self {
            Fail::Sql(fail) => fail.into_error(path, waited_ms),
            Fail::Ours(err) => err,
        }
    }
}

/// A stored value that does not decode.
pub(super) fn damaged(reason: impl Into<String>) -> Fail {
    Fail::Ours(Error::StoreCorrupt { reason: reason.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(result_code: i32, expected: &str) {
        let err = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(result_code), None);
        assert_eq!(Fail::from(err).into_error(Path::new("a.db"), 7).code(), expected);
    }

    #[test]
    fn every_result_code_has_ours() {
        use rusqlite::ffi;
        check(ffi::SQLITE_BUSY, "PM_BUSY");
        check(ffi::SQLITE_BUSY_SNAPSHOT, "PM_BUSY");
        check(ffi::SQLITE_FULL, "PM_DISK_FULL");
        check(ffi::SQLITE_IOERR_FSYNC, "PM_IO");
        check(ffi::SQLITE_READONLY_DIRECTORY, "PM_READ_ONLY");
        check(ffi::SQLITE_CORRUPT, "PM_STORE_CORRUPT");
        check(ffi::SQLITE_NOTADB, "PM_STORE_CORRUPT");
        check(ffi::SQLITE_CANTOPEN, "PM_BAD_PATH");
        check(ffi::SQLITE_CONSTRAINT_UNIQUE, "PM_SQLITE");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_damage() {
        let conn = rusqlite::Connection::open_in_memory().expect("a connection");
        let err = conn.query_row("SELECT 'x'", [], |row| row.get::<_, i64>(0)).expect_err("text");
        assert_eq!(Fail::from(err).into_error(Path::new("a.db"), 0).code(), "PM_STORE_CORRUPT");
    }
}
