//! The open store: what its parts share, opening and closing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Instant;

use rusqlite::types::FromSql;
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
    /// The number of the model that the store was bound to when it was opened, or that it was
    /// re-encoded with since.
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

    /// Whether all vectors of the store are of the model it was opened with. If not, it is waiting
    /// to be re-encoded.
    pub fn model_matches(&self) -> bool {
        self.refuse_other_model().is_ok()
    }

    /// Asks the file each time, which takes microseconds: another process may have re-encoded it.
    ///
    /// # Errors
    /// `PM_MODEL_MISMATCH` when the store is bound to another model than the opened one, or holds
    /// vectors of two because a re-encoding is not through.
    pub fn refuse_other_model(&self) -> Result<()> {
        self.read(|conn| {
            let binding = Binding::of(conn)?;
            if binding.bound == self.model_row && binding.target == 0 {
                return Ok(());
            }
            Err(binding.mismatch(conn, &self.options.model)?.into())
        })
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

    /// Drops the access counts that are not written yet.
    pub fn drop_counts(&self) {
        self.touches.clear();
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
    let id = kept(&conn, "id")?;
    kept::<i64>(&conn, "generation")?;
    let bound_model = kept(&conn, "model")?;
    note_half_reencoded(&conn, bound_model)?;
    let (binding, stored) = (Binding::of(&conn)?, model_at(&conn, bound_model)?);
    let is_other = stored.fingerprint != options.model.fingerprint;
    if (is_other || binding.target != 0) && !options.accept_other_model {
        return Err(binding.mismatch(&conn, &options.model)?.into());
    }
    let model_row = schema::model_row(&conn, &options.model)?;
    Ok(Opened { conn, id, model_row, bound_model })
}

/// A setting that every store has; one that lost it is damaged.
fn kept<T: FromSql>(conn: &Connection, name: &str) -> Outcome<T> {
    let sql = "SELECT value FROM settings WHERE name = ?1";
    let found = conn.query_row(sql, [name], |row| row.get(0)).optional()?;
    found.ok_or_else(|| super::errors::damaged(format!("its setting \"{name}\" is gone")))
}

/// Which models' vectors the store holds, by their numbers in `models`.
struct Binding {
    bound: i64,
    /// The model that re-encoding leads to; 0 unless it has begun and is not through.
    target: i64,
}

impl Binding {
    fn of(conn: &Connection) -> Outcome<Binding> {
        let sql = "SELECT (SELECT value FROM settings WHERE name = 'model'),
            ifnull((SELECT value FROM settings WHERE name = 'reencoding'), 0)";
        let mut select = conn.prepare_cached(sql)?;
        Ok(select.query_row([], |row| Ok(Binding { bound: row.get(0)?, target: row.get(1)? }))?)
    }

    /// Why it cannot be used with the model `given`.
    fn mismatch(&self, conn: &Connection, given: &ModelId) -> Outcome<Error> {
        let stored = model_at(conn, self.bound)?.to_string();
        if self.target != 0 {
            let target = model_at(conn, self.target)?.to_string();
            return Ok(Error::HalfReencoded { stored, target });
        }
        Ok(Error::ModelMismatch { stored, given: given.to_string() })
    }
}

/// Says in the file that it holds, or (0) no longer holds, vectors of two models.
pub(super) fn note_reencoding(conn: &Connection, target: i64) -> Outcome<()> {
    let sql = "INSERT INTO settings (name, value) VALUES ('reencoding', ?1)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    conn.prepare_cached(sql)?.execute([target])?;
    Ok(())
}

/// A version that did not note it may have left the store half re-encoded: looked for once, and only
/// where the store knows of a second model.
fn note_half_reencoded(conn: &Connection, bound: i64) -> Outcome<()> {
    let is_known = "SELECT EXISTS (SELECT 1 FROM settings WHERE name = 'reencoding')
        OR (SELECT count(*) FROM models) = 1";
    if conn.query_row(is_known, [], |row| row.get(0))? {
        return Ok(());
    }
    let sql = "INSERT OR IGNORE INTO settings (name, value)
        SELECT 'reencoding', ifnull((SELECT id FROM models WHERE id <> ?1
            AND EXISTS (SELECT 1 FROM tokens WHERE model = models.id)), 0)";
    conn.execute(sql, [bound])?;
    Ok(())
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

/// Refuses to write vectors once another process bound the store to a model that is neither the one
/// expected nor the one given.
pub(super) fn check_bound_model(tx: &Tx<'_>, expected: i64, given: &ModelId) -> Outcome<()> {
    let bound = schema::setting(tx, "model")?;
    if bound == expected {
        return Ok(());
    }
    let stored = model_at(tx, bound)?;
    if stored.fingerprint == given.fingerprint {
        return Ok(());
    }
    Err(Error::ModelMismatch { stored: stored.to_string(), given: given.to_string() }.into())
}
