//! Versions of projects as rows: what one save does to the tables. `snapshots_read.rs` reads them,
//! `snapshots_states.rs` what they hold, `snapshots_prune.rs` removes them, `snapshots_check.rs` looks for damage.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};
use xxhash_rust::xxh3::xxh3_64;

use super::calls::Tx;
use super::errors::{Outcome, damaged};
use super::handle::Store;
use super::rows::{PackedMemory, add_words};
use super::snapshot_buffers::{self, NewBuffer};
use super::types::NewMemory;
use crate::error::{Error, Result};
use crate::snapshots::{Place, SnapshotType};

/// A version to keep.
#[derive(Debug, Clone)]
pub struct NewVersion {
    /// Whose; none: nobody's.
    pub user: Option<String>,
    /// The project.
    pub project: String,
    /// The branch, which becomes this version's; made where it does not exist yet.
    pub branch: String,
    /// The row of the version it was made from.
    pub parent: Option<i64>,
    /// Who caused it.
    pub kind: SnapshotType,
    /// Its name.
    pub name: Option<String>,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its state.
    pub state: VersionState,
    /// What changed since its parent; none: nothing did.
    pub note: Option<NewNote>,
}

/// What changed in a version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewNote {
    /// How many changes.
    pub changes: u64,
    /// In words.
    pub summary: String,
}

/// The state of a version to keep.
#[derive(Debug, Clone)]
pub enum VersionState {
    /// The row of a state of the same project that is equal.
    Same(i64),
    /// One that is not kept yet.
    New(Arc<NewState>),
}

/// A state to keep.
#[derive(Debug, Clone)]
pub struct NewState {
    /// The row of the state it is told by.
    pub base: Option<i64>,
    /// Where it stands in the chain.
    pub place: Place,
    /// Bytes of its whole text.
    pub bytes: u64,
    /// BLAKE3 of its whole text.
    pub hash: [u8; 32],
    /// What differs from the base.
    pub data: Vec<u8>,
    /// The audio in it: each buffer once, with its bytes where the store had none.
    pub buffers: Vec<NewBuffer>,
}

/// Set in `type` when an earlier version has the same state.
pub(super) const SHARED: i64 = 4;

/// What was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The row of the version.
    pub version: i64,
    /// The row of its state.
    pub state: i64,
}

impl Store {
    /// Keeps a version, durable once this returns. None: what it stands on was removed meanwhile;
    /// look again and try again.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_IO`, `PM_CLOSED`.
    pub fn keep_version(&self, version: NewVersion) -> Result<Option<Kept>> {
        let kept = self.writer.call(move |tx| {
            // An error takes back what was written before it was noticed.
            keep(tx, &version)?.ok_or_else(|| Error::SnapshotNotFound { id: String::new() }.into())
        });
        match kept {
            Err(Error::SnapshotNotFound { .. }) => Ok(None),
            kept => kept.map(Some),
        }
    }

    /// Keeps the memory made for a version with this summary, or that there is none. False: the version
    /// is gone, was told already, or is summed up otherwise since what it followed was removed.
    ///
    /// # Errors
    /// As [`Store::insert`].
    pub fn tell_version(
        &self,
        version: i64,
        summary: String,
        memory: Option<NewMemory>,
    ) -> Result<bool> {
        let memory = memory.map(|memory| self.pack_memory(memory)).transpose()?;
        let guard = self.model_guard();
        self.writer.call(move |tx| {
            let untold = "SELECT 1 FROM snapshot_notes
                WHERE version = ?1 AND is_told = 0 AND summary = ?2";
            if !tx.prepare_cached(untold)?.exists(params![version, summary])? {
                return Ok(false);
            }
            let row =
                memory.as_ref().map(|memory| insert_memory(tx, memory, &guard)).transpose()?;
            let sql = "UPDATE snapshot_notes SET memory = ?2, is_told = 1 WHERE version = ?1";
            tx.prepare_cached(sql)?.execute(params![version, row])?;
            if let (Some(row), Some(memory)) = (row, &memory) {
                add_words(tx, row, &memory.text.text)?;
            }
            Ok(true)
        })
    }

    /// Versions that changed something and have no memory yet, oldest first.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn untold_versions(&self) -> Result<Vec<i64>> {
        self.read(|conn| {
            let sql = "SELECT version FROM snapshot_notes WHERE is_told = 0 ORDER BY version";
            let mut select = conn.prepare_cached(sql)?;
            let rows = select.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Makes a branch of a project that begins at `version`. False: it exists, or the version is
    /// gone.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_IO`, `PM_CLOSED`.
    pub fn make_branch(&self, project: i64, name: String, version: i64) -> Result<bool> {
        self.writer.call(move |tx| {
            let known = "SELECT 1 FROM snapshot_branches WHERE project = ?1 AND name = ?2";
            let is_known = tx.prepare_cached(known)?.exists(params![project, name])?;
            if is_known || !exists(tx, "SELECT 1 FROM snapshot_versions WHERE row = ?1", version)? {
                return Ok(false);
            }
            let sql = "INSERT INTO snapshot_branches (project, name, head, origin)
                VALUES (?1, ?2, ?3, ?3)";
            tx.prepare_cached(sql)?.execute(params![project, name, version])?;
            Ok(true)
        })
    }

    /// Sets or removes a tag of a version. False: the version is gone.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_IO`, `PM_CLOSED`.
    pub fn tag_version(&self, version: i64, tag: String, set: bool) -> Result<bool> {
        self.writer.call(move |tx| {
            if !exists(tx, "SELECT 1 FROM snapshot_versions WHERE row = ?1", version)? {
                return Ok(false);
            }
            let sql = if set {
                "INSERT OR IGNORE INTO snapshot_tags (version, tag) VALUES (?1, ?2)"
            } else {
                tx.erases();
                "DELETE FROM snapshot_tags WHERE version = ?1 AND tag = ?2"
            };
            tx.prepare_cached(sql)?.execute(params![version, tag])?;
            Ok(true)
        })
    }
}

fn insert_memory(
    tx: &Tx<'_>,
    memory: &PackedMemory,
    guard: &impl Fn(&Tx<'_>) -> Outcome<()>,
) -> Outcome<i64> {
    guard(tx)?;
    memory.insert(tx, tx.next_generation()?)
}

fn keep(tx: &Tx<'_>, version: &NewVersion) -> Outcome<Option<Kept>> {
    if let Some(parent) = version.parent
        && !exists(tx, "SELECT 1 FROM snapshot_versions WHERE row = ?1", parent)?
    {
        return Ok(None);
    }
    let project = project_row(tx, version.user.as_deref(), &version.project)?;
    let Some(state) = keep_state(tx, project, &version.state)? else { return Ok(None) };
    let branch = branch_row(tx, project, &version.branch, version.parent)?;
    let row = next_row(tx, "snapshot_versions")?;
    let shared = if matches!(version.state, VersionState::Same(_)) { SHARED } else { 0 };
    let fields = VersionFields {
        row,
        branch,
        parent: version.parent,
        state,
        kind: version.kind.number() | shared,
        created_at: version.created_at,
        name: version.name.clone(),
    };
    let sql =
        "INSERT INTO snapshot_versions (row, branch, parent, state, type, created_at, mark, name)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    tx.prepare_cached(sql)?.execute(params![
        row,
        branch,
        fields.parent,
        state,
        fields.kind,
        fields.created_at,
        fields.mark(),
        fields.name
    ])?;
    for tag in &version.tags {
        let sql = "INSERT OR IGNORE INTO snapshot_tags (version, tag) VALUES (?1, ?2)";
        tx.prepare_cached(sql)?.execute(params![row, tag])?;
    }
    if let Some(note) = &version.note {
        let sql = "INSERT INTO snapshot_notes (version, is_told, changes, summary)
            VALUES (?1, 0, ?2, ?3)";
        tx.prepare_cached(sql)?.execute(params![row, note.changes as i64, note.summary])?;
    }
    let sql = "UPDATE snapshot_branches SET head = ?2 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute([branch, row])?;
    Ok(Some(Kept { version: row, state }))
}

/// The row of the state; none when its base, or audio it counted on, is gone.
fn keep_state(tx: &Tx<'_>, project: i64, state: &VersionState) -> Outcome<Option<i64>> {
    const KNOWN: &str = "SELECT 1 FROM snapshot_states WHERE row = ?1";
    let new = match state {
        VersionState::Same(row) => {
            return Ok(exists(tx, KNOWN, *row)?.then_some(*row));
        }
        VersionState::New(new) => new,
    };
    if let Some(base) = new.base
        && !exists(tx, KNOWN, base)?
    {
        return Ok(None);
    }
    if !snapshot_buffers::keep(tx, project, &new.buffers)? {
        return Ok(None);
    }
    let row = next_row(tx, "snapshot_states")?;
    let fields =
        StateFields { row, base: new.base, place: new.place, bytes: new.bytes, hash: new.hash };
    let sql = "INSERT INTO snapshot_states (row, base, depth, block, bytes, mark, hash, data)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    tx.prepare_cached(sql)?.execute(params![
        row,
        new.base,
        new.place.depth,
        new.place.block,
        new.bytes as i64,
        fields.mark(&new.data),
        &new.hash[..],
        new.data
    ])?;
    Ok(Some(row))
}

/// What `mark` of a version is a checksum of.
pub(super) struct VersionFields {
    pub(super) row: i64,
    pub(super) branch: i64,
    pub(super) parent: Option<i64>,
    pub(super) state: i64,
    pub(super) kind: i64,
    pub(super) created_at: i64,
    pub(super) name: Option<String>,
}

impl VersionFields {
    pub(super) fn mark(&self) -> i64 {
        let parent = self.parent.unwrap_or(0);
        let numbers = [self.row, self.branch, parent, self.state, self.kind, self.created_at];
        mark(&numbers, self.name.as_deref().unwrap_or_default().as_bytes())
    }
}

/// What `mark` of a state is a checksum of.
pub(super) struct StateFields {
    pub(super) row: i64,
    pub(super) base: Option<i64>,
    pub(super) place: Place,
    pub(super) bytes: u64,
    pub(super) hash: [u8; 32],
}

impl StateFields {
    pub(super) fn mark(&self, data: &[u8]) -> i64 {
        let place = i64::from(self.place.depth) << 32 | i64::from(self.place.block);
        let data = xxh3_64(data) as i64;
        mark(&[self.row, self.base.unwrap_or(0), place, self.bytes as i64, data], &self.hash)
    }
}

/// 32 bits are enough to notice damage, and are five bytes in a row.
fn mark(numbers: &[i64], bytes: &[u8]) -> i64 {
    let mut all: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    all.extend_from_slice(bytes);
    i64::from(xxh3_64(&all) as u32)
}

/// The number that the next row of an `AUTOINCREMENT` table gets.
fn next_row(tx: &Tx<'_>, table: &str) -> Outcome<i64> {
    let sql = "SELECT seq + 1 FROM sqlite_sequence WHERE name = ?1";
    Ok(tx.prepare_cached(sql)?.query_row([table], |row| row.get(0)).optional()?.unwrap_or(1))
}

pub(super) fn exists(conn: &Connection, sql: &str, row: i64) -> Outcome<bool> {
    Ok(conn.prepare_cached(sql)?.exists([row])?)
}

/// The number of a project; a new one gets the next.
fn project_row(tx: &Tx<'_>, user: Option<&str>, project: &str) -> Outcome<i64> {
    if let Some(id) = known_project(tx, user, project)? {
        return Ok(id);
    }
    let sql = "INSERT INTO snapshot_projects (user, project) VALUES (?1, ?2) RETURNING id";
    Ok(tx.prepare_cached(sql)?.query_row(params![user, project], |row| row.get(0))?)
}

/// The number of a project, if anything was saved of it.
pub(super) fn known_project(
    conn: &Connection,
    user: Option<&str>,
    project: &str,
) -> Outcome<Option<i64>> {
    // Spelled as in the index `snapshot_projects_key`, so that it is used.
    let sql = "SELECT id FROM snapshot_projects WHERE ifnull(user, '') = ifnull(?1, '')
        AND (user IS NULL) = (?1 IS NULL) AND project = ?2";
    let values = params![user, project];
    Ok(conn.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?)
}

/// The number of a branch; a new one begins at `origin`.
fn branch_row(tx: &Tx<'_>, project: i64, name: &str, origin: Option<i64>) -> Outcome<i64> {
    let sql = "SELECT id FROM snapshot_branches WHERE project = ?1 AND name = ?2";
    let known = tx.prepare_cached(sql)?.query_row(params![project, name], |row| row.get(0));
    if let Some(id) = known.optional()? {
        return Ok(id);
    }
    let sql =
        "INSERT INTO snapshot_branches (project, name, origin) VALUES (?1, ?2, ?3) RETURNING id";
    Ok(tx.prepare_cached(sql)?.query_row(params![project, name, origin], |row| row.get(0))?)
}

/// The 32 bytes of a hash.
pub(super) fn hash_of(bytes: &[u8]) -> Outcome<[u8; 32]> {
    bytes.try_into().map_err(|_| damaged("a hash has not 32 bytes"))
}
