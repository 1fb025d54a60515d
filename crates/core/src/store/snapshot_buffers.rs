//! Audio of project states: kept once for all projects, freed when the last one lets go.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::calls::Tx;
use super::errors::{Outcome, damaged};
use super::handle::Store;
use crate::error::Result;

/// How far apart the pieces of two buffers begin: so many a buffer has at most.
const PIECES: i64 = 1 << 16;

/// A buffer of a state to keep.
#[derive(Debug, Clone)]
pub struct NewBuffer {
    /// BLAKE3 of its bytes.
    pub hash: [u8; 32],
    /// How many there are.
    pub bytes: u64,
    /// The bytes, packed in pieces; none where the store was seen to have them.
    pub pieces: Option<Arc<Vec<Vec<u8>>>>,
}

impl Store {
    /// Whether the store has a buffer.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn has_buffer(&self, hash: &[u8; 32]) -> Result<bool> {
        self.read(|conn| Ok(id_of(conn, hash)?.is_some()))
    }

    /// The pieces of a buffer, each given to `read` in order.
    ///
    /// # Errors
    /// `PM_STORE_CORRUPT` when it is not there, `PM_IO`, `PM_CLOSED`, or what `read` gives.
    pub fn read_buffer(
        &self,
        hash: &[u8; 32],
        mut read: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.read_snapshot(|conn| {
            let id = id_of(conn, hash)?.ok_or_else(|| damaged("audio is missing"))?;
            let sql = "SELECT data FROM snapshot_pieces WHERE row >= ?1 AND row < ?2 ORDER BY row";
            let mut select = conn.prepare_cached(sql)?;
            let mut rows = select.query([id * PIECES, (id + 1) * PIECES])?;
            while let Some(row) = rows.next()? {
                read(row.get_ref(0)?.as_blob().map_err(|err| damaged(err.to_string()))?)?;
            }
            Ok(())
        })
    }
}

fn id_of(conn: &Connection, hash: &[u8; 32]) -> Outcome<Option<i64>> {
    let sql = "SELECT id FROM snapshot_buffers WHERE hash = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([&hash[..]], |row| row.get(0)).optional()?)
}

/// Keeps the buffers of a state of `project`. False: one that was there is gone.
pub(super) fn keep(tx: &Tx<'_>, project: i64, buffers: &[NewBuffer]) -> Outcome<bool> {
    for buffer in buffers {
        let id = match (id_of(tx, &buffer.hash)?, &buffer.pieces) {
            (Some(id), _) => id,
            (None, Some(pieces)) => insert(tx, buffer, pieces)?,
            (None, None) => return Ok(false),
        };
        let sql = "INSERT OR IGNORE INTO snapshot_uses (project, buffer) VALUES (?1, ?2)";
        tx.prepare_cached(sql)?.execute([project, id])?;
    }
    Ok(true)
}

fn insert(tx: &Tx<'_>, buffer: &NewBuffer, pieces: &[Vec<u8>]) -> Outcome<i64> {
    let stored: usize = pieces.iter().map(Vec::len).sum();
    let sql = "INSERT INTO snapshot_buffers (hash, bytes, stored_bytes) VALUES (?1, ?2, ?3)";
    let values = params![&buffer.hash[..], buffer.bytes as i64, stored as i64];
    tx.prepare_cached(sql)?.execute(values)?;
    let id = tx.last_insert_rowid();
    let sql = "INSERT INTO snapshot_pieces (row, data) VALUES (?1, ?2)";
    for (no, piece) in pieces.iter().enumerate() {
        tx.prepare_cached(sql)?.execute(params![id * PIECES + no as i64, piece])?;
    }
    Ok(id)
}

/// Takes the buffers away from `project` that it no longer has, which are all but `used`, and frees
/// those that no project has. Returns the bytes freed.
pub(super) fn release(tx: &Tx<'_>, project: i64, used: &[[u8; 32]]) -> Outcome<u64> {
    let mut kept = Vec::new();
    for hash in used {
        kept.extend(id_of(tx, hash)?);
    }
    let sql = "SELECT buffer FROM snapshot_uses WHERE project = ?1";
    let mut select = tx.prepare_cached(sql)?;
    let had = select.query_map([project], |row| row.get(0))?;
    let had = had.collect::<rusqlite::Result<Vec<i64>>>()?;
    let mut freed = 0;
    for id in had.into_iter().filter(|id| !kept.contains(id)) {
        let sql = "DELETE FROM snapshot_uses WHERE project = ?1 AND buffer = ?2";
        tx.prepare_cached(sql)?.execute([project, id])?;
        if !tx.prepare_cached("SELECT 1 FROM snapshot_uses WHERE buffer = ?1")?.exists([id])? {
            freed += free(tx, id)?;
        }
    }
    Ok(freed)
}

fn free(tx: &Tx<'_>, id: i64) -> Outcome<u64> {
    tx.erases();
    let sql = "DELETE FROM snapshot_pieces WHERE row >= ?1 AND row < ?2";
    tx.prepare_cached(sql)?.execute([id * PIECES, (id + 1) * PIECES])?;
    let sql = "DELETE FROM snapshot_buffers WHERE id = ?1 RETURNING stored_bytes";
    let freed: i64 = tx.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
    Ok(freed as u64)
}
