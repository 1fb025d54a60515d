//! Connections that read, side by side: searches of several threads wait neither for each other
//! nor for the writer.

use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::database;
use super::errors::Outcome;
use super::types::StoreOptions;
use crate::error::Error;

/// A pool that opens connections as they are needed, up to a limit.
pub(super) struct Readers {
    path: PathBuf,
    options: StoreOptions,
    limit: usize,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Connection>,
    open: usize,
    closed: bool,
}

impl Readers {
    pub(super) fn new(path: PathBuf, options: StoreOptions) -> Readers {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let limit = cores.clamp(2, 8);
        Readers { path, options, limit, pool: Mutex::default(), returned: Condvar::new() }
    }

    /// Runs `read` with a connection; each statement sees the newest commits.
    pub(super) fn with<T>(&self, read: impl FnOnce(&Connection) -> Outcome<T>) -> Outcome<T> {
        let lent = Lent { conn: Some(self.take()?), readers: self };
        lent.conn.as_ref().map_or_else(|| Err(Error::Closed.into()), read)
    }

    /// As [`Readers::with`] when a connection is idle; none when one would have to be waited for.
    pub(super) fn with_idle<T>(
        &self,
        read: impl FnOnce(&Connection) -> Outcome<T>,
    ) -> Option<Outcome<T>> {
        let idle = self.pool.try_lock().ok()?.idle.pop()?;
        let lent = Lent { conn: Some(idle), readers: self };
        lent.conn.as_ref().map(read)
    }

    /// Runs `read` with a connection whose statements all see the same commits.
    pub(super) fn snapshot<T>(&self, read: impl FnOnce(&Connection) -> Outcome<T>) -> Outcome<T> {
        self.with(|conn| {
            let tx = conn.unchecked_transaction()?;
            read(&tx)
        })
    }

    /// Closes idle connections now and lent ones as they return.
    pub(super) fn close(&self) {
        let mut pool = self.lock();
        pool.closed = true;
        pool.open -= pool.idle.len();
        pool.idle.clear();
        self.returned.notify_all();
        while pool.open > 0 {
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn take(&self) -> Outcome<Connection> {
        let mut pool = self.lock();
        loop {
            if pool.closed {
                return Err(Error::Closed.into());
            }
            if let Some(conn) = pool.idle.pop() {
                return Ok(conn);
            }
            if pool.open < self.limit {
                pool.open += 1;
                drop(pool);
                return self.open_one();
            }
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn open_one(&self) -> Outcome<Connection> {
        database::open_reader(&self.path, &self.options).inspect_err(|_| {
            self.lock().open -= 1;
            self.returned.notify_all();
        })
    }

    fn put_back(&self, conn: Connection) {
        let mut pool = self.lock();
        if pool.closed {
            drop(conn);
            pool.open -= 1;
        } else {
            pool.idle.push(conn);
        }
        self.returned.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the connection when dropped, in a panic too.
struct Lent<'a> {
    conn: Option<Connection>,
    readers: &'a Readers,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            self.readers.put_back(conn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::types::ModelId;

    fn readers(folder: &std::path::Path) -> Readers {
        let model = ModelId { name: "m".into(), fingerprint: "f".into(), dims: 4 };
        let options = StoreOptions::new(model);
        let path = folder.join("a.db");
        drop(database::open_writer(&path, &options).expect("a store"));
        Readers::new(path, options)
    }

    fn generation(conn: &Connection) -> Outcome<i64> {
        super::super::schema::setting(conn, "generation")
    }

    #[test]
    fn more_threads_than_connections() {
        let folder = tempfile::tempdir().expect("a folder");
        let readers = readers(folder.path());
        std::thread::scope(|scope| {
            for _ in 0..32 {
                scope.spawn(|| assert_eq!(readers.with(generation).expect("read"), 0));
            }
        });
        assert!(readers.lock().open <= readers.limit);
    }

    #[test]
    fn readers_cannot_write() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |conn: &Connection| Ok(conn.execute("DELETE FROM settings", [])?);
        readers(folder.path()).with(write).expect_err("query_only");
    }

    #[test]
    fn a_panic_gives_the_connection_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let readers = readers(folder.path());
        for _ in 0..20 {
            let call = || readers.with(|_| -> Outcome<()> { panic!("as a caller may") });
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).expect_err("panicked");
        }
        assert_eq!(readers.with(generation).expect("read"), 0);
    }

    #[test]
    fn closed_is_closed() {
        let folder = tempfile::tempdir().expect("a folder");
        let readers = readers(folder.path());
        readers.with(generation).expect("read");
        readers.close();
        readers.with(generation).expect_err("closed");
    }
}
