//! The open store: what its parts share, opening and closing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use rusqlite::{Connection, OptionalExtension};

use super::access::Touches;
use super::calls::Tx;
use super::claims::Claim;
use super::errors::{Fail, Outcome};
use super::partitions::PartitionCache;
use super::readers::Readers;
use super::types::{ModelId, StoreOptions};
use super::writer::Writer;
use super::{database, probe, schema};
use crate::error::{Error, Result};

/// A store of memories in one SQLite file. Shared between threads by reference; several processes
/// may open the same file.
///
/// A call that returned is durable: it survives a kill of the process always, a power cut with
/// [`Durability::Full`](super::Durability::Full).
pub struct Store {
    pub(super) path: PathBuf,
    pub(super) options: StoreOptions,
    pub(super) readers: Readers,
    pub(super) writer: Writer,
    pub(super) touches: Arc<Touches>,
    pub(super) partitions: PartitionCache,
    /// The number of the opened model in `models`.
    pub(super) model_row: i64,
    /// The number of the model that the store is bound to, as last seen.
    pub(super) bound_model: Arc<AtomicI64>,
    id: String,
    /// Dropped after the connections, being the last field.
    _claim: Claim,
}

impl Store {
    /// Opens the store at `path`, or makes one where there is nothing or a file of zero bytes.
    ///
    /// # Errors
    /// `PM_BAD_PATH`, `PM_READ_ONLY`, `PM_NOT_A_STORE`, `PM_STORE_TOO_NEW` (the file is left
    /// untouched), `PM_STORE_CORRUPT`, `PM_MODEL_MISMATCH`, `PM_BUSY`, `PM_DISK_FULL`, `PM_IO`.
    pub fn open(path: &Path, options: StoreOptions) -> Result<Store> {
        // Absolute, so that SQLite takes no name for a URI or for a database in memory.
        let path = std::path::absolute(path).map_err(|err| Error::io("finding", path, err))?;
        let claim = Claim::new(&path, || probe::probe(&path, schema::FORMAT).map(drop))?;
        let begun = Instant::now();
        let opened = open_database(&path, &options);
        let opened =
            opened.map_err(|fail| fail.into_error(&path, begun.elapsed().as_millis() as u64))?;
        let touches = Arc::new(Touches::default());
        Ok(Store {
            writer: Writer::start(opened.conn, &path, &options, Arc::clone(&touches))?,
            readers: Readers::new(path.clone(), options.clone()),
            path,
            options,
            touches,
            partitions: PartitionCache::default(),
            model_row: opened.model_row,
            bound_model: Arc::new(AtomicI64::new(opened.bound_model)),
            id: opened.id,
            _claim: claim,
        })
    }

    /// The store's own id, a UUID given when it was made.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The model it was opened with.
    pub fn model(&self) -> &ModelId {
        &self.options.model
    }

    /// Whether the store is bound to the model it was opened with. If not, it is waiting to be
    /// re-encoded.
    pub fn model_matches(&self) -> bool {
        self.bound_model.load(Ordering::Relaxed) == self.model_row
    }

    /// The model the store is bound to, which may be another than the opened one.
    pub fn bound_model(&self) -> Result<ModelId> {
        self.read(|conn| model_at(conn, schema::setting(conn, "model")?))
    }

    /// Counts an access of each of `rows`. Kept in memory, written with the next write, by
    /// [`Store::flush`] or when the store is closed.
    pub fn touch(&self, rows: &[u64]) {
        self.touches.add(rows);
    }

    /// Writes the access counts.
    pub fn flush(&self) -> Result<()> {
        if self.touches.is_empty() { Ok(()) } else { self.writer.call(|_| Ok(())) }
    }

    /// Moves the WAL into the file and empties it. False: a reader still holds it, it will be tried
    /// again.
    pub fn checkpoint(&self) -> Result<bool> {
        self.writer.call(|tx| {
            tx.erases();
            Ok(())
        })?;
        Ok(!self.writer.pending_erase())
    }

    /// As [`Store::checkpoint`], without waiting for it.
    pub fn checkpoint_soon(&self) -> Result<()> {
        self.writer.post(|tx| {
            tx.erases();
            Ok(())
        })
    }

    /// Writes that wait for their commit now: who has time lets them go first.
    pub fn waiting_writes(&self) -> usize {
        self.writer.waiting()
    }

    /// Lets running calls finish and closes the file; later calls fail with `PM_CLOSED`. Dropping
    /// does the same.
    pub fn close(&self) {
        self.readers.close();
        self.writer.stop();
    }

    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        let begun = Instant::now();
        self.readers.with(read).map_err(|fail| self.fail(fail, begun))
    }

    pub(super) fn read_snapshot<T>(
        &self,
        read: impl FnOnce(&Connection) -> Outcome<T>,
    ) -> Result<T> {
        let begun = Instant::now();
        self.readers.snapshot(read).map_err(|fail| self.fail(fail, begun))
    }

    fn fail(&self, fail: Fail, begun: Instant) -> Error {
        fail.into_error(&self.path, begun.elapsed().as_millis() as u64)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.path).finish_non_exhaustive()
    }
}

struct Opened {
    conn: Connection,
    id: String,
    model_row: i64,
    bound_model: i64,
}

fn open_database(path: &Path, options: &StoreOptions) -> Outcome<Opened> {
    let conn = database::open_writer(path, options)?;
    let id = conn.query_row("SELECT value FROM settings WHERE name = 'id'", [], |r| r.get(0))?;
    let bound_model = schema::setting(&conn, "model")?;
    let stored = model_at(&conn, bound_model)?;
    if stored.fingerprint != options.model.fingerprint && !options.accept_other_model {
        let (stored, given) = (stored.to_string(), options.model.to_string());
        return Err(Error::ModelMismatch { stored, given }.into());
    }
    let model_row = schema::model_row(&conn, &options.model)?;
    Ok(Opened { conn, id, model_row, bound_model })
}

fn model_at(conn: &Connection, row: i64) -> Outcome<ModelId> {
    let sql = "SELECT name, fingerprint, dims FROM models WHERE id = ?1";
    let found = conn.query_row(sql, [row], |row| {
        let dims = row.get::<_, i64>(2)? as usize;
        Ok(ModelId { name: row.get(0)?, fingerprint: row.get(1)?, dims })
    });
    found
        .optional()?
        .ok_or_else(|| super::errors::damaged("its model is not in its list of models"))
}

/// Refuses to write vectors once another process bound the store to another model.
pub(super) fn check_bound_model(tx: &Tx<'_>, expected: i64, given: &ModelId) -> Outcome<()> {
    let bound = schema::setting(tx, "model")?;
    if bound == expected {
        return Ok(());
    }
    let stored = model_at(tx, bound)?.to_string();
    Err(Error::ModelMismatch { stored, given: given.to_string() }.into())
}
