//! Reading the states of versions: one by one, by the chains that tell them, or only where they stand.

use rusqlite::{Connection, OptionalExtension, Row};

use super::errors::{Outcome, damaged};
use super::handle::Store;
use super::snapshots::{StateFields, hash_of};
use crate::error::Result;
use crate::snapshots::Place;

/// A state as it stands in the store.
#[derive(Debug, Clone)]
pub struct StateRow {
    /// Its row.
    pub row: i64,
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
    /// Whether the row is as it was written.
    pub is_whole: bool,
}

impl Store {
    /// A state and those it is told by, down to one that stands alone or, not included, one that
    /// `is_known`.
    ///
    /// # Errors
    /// `PM_STORE_CORRUPT` when a row is missing, `PM_IO`, `PM_CLOSED`.
    pub fn state_chain(&self, row: i64, is_known: impl Fn(i64) -> bool) -> Result<Vec<StateRow>> {
        self.read_snapshot(|conn| {
            let mut chain: Vec<StateRow> = Vec::new();
            let mut next = Some(row);
            while let Some(row) = next.filter(|row| !is_known(*row)) {
                // A base is always older: a damaged one must not lead in circles.
                if chain.last().is_some_and(|state| state.row <= row) {
                    return Err(damaged("a state is told by a later one"));
                }
                let state = state_at(conn, row)?.ok_or_else(|| damaged("a state is missing"))?;
                next = state.base;
                chain.push(state);
            }
            Ok(chain)
        })
    }

    /// Where a state stands in its chain; none when it is gone.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn place_of(&self, state: i64) -> Result<Option<Place>> {
        self.read(|conn| {
            let sql = "SELECT depth, block FROM snapshot_states WHERE row = ?1";
            let mut select = conn.prepare_cached(sql)?;
            let place = |row: &Row<'_>| Ok(Place { depth: row.get(0)?, block: row.get(1)? });
            Ok(select.query_row([state], place).optional()?)
        })
    }

    /// The first state of the block that a state stands in.
    ///
    /// # Errors
    /// `PM_STORE_CORRUPT` when there is none, `PM_IO`, `PM_CLOSED`.
    pub fn leader_of(&self, state: i64) -> Result<i64> {
        self.read(|conn| {
            let sql = "WITH RECURSIVE chain (row, base, depth) AS (
                    SELECT row, base, depth FROM snapshot_states WHERE row = ?1
                    UNION SELECT s.row, s.base, s.depth FROM chain
                    JOIN snapshot_states s ON s.row = chain.base WHERE chain.depth > 0)
                SELECT row FROM chain WHERE depth = 0";
            let found = conn.prepare_cached(sql)?.query_row([state], |row| row.get(0));
            found.optional()?.ok_or_else(|| damaged("a block of states has no first one"))
        })
    }

    /// The rows and hashes of states of a project's versions up to `last`, newest first: as many as
    /// are found among the newest rows of all projects.
    ///
    /// # Errors
    /// `PM_IO`, `PM_CLOSED`.
    pub fn recent_states(
        &self,
        project: i64,
        last: i64,
        rows: i64,
    ) -> Result<Vec<(i64, [u8; 32])>> {
        self.read(|conn| {
            let sql = "SELECT s.row, s.hash FROM snapshot_versions v
                CROSS JOIN snapshot_branches b ON b.id = v.branch AND b.project = ?1
                CROSS JOIN snapshot_states s ON s.row = v.state
                WHERE v.row > ?2 - ?3 AND v.row <= ?2 ORDER BY v.row DESC";
            let mut select = conn.prepare_cached(sql)?;
            let mut rows = select.query([project, last, rows])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push((row.get(0)?, hash_of(blob(row, 1)?)?));
            }
            Ok(found)
        })
    }
}

pub(super) const SELECT_STATE: &str =
    "SELECT row, base, depth, block, bytes, mark, hash, data FROM snapshot_states";

/// The state in this row.
pub(super) fn state_at(conn: &Connection, row: i64) -> Outcome<Option<StateRow>> {
    let mut select = conn.prepare_cached(&format!("{SELECT_STATE} WHERE row = ?1"))?;
    let mut rows = select.query([row])?;
    rows.next()?.map(state_of).transpose()
}

pub(super) fn state_of(row: &Row<'_>) -> Outcome<StateRow> {
    let place = Place { depth: row.get(2)?, block: row.get(3)? };
    let fields = StateFields {
        row: row.get(0)?,
        base: row.get(1)?,
        place,
        bytes: row.get::<_, i64>(4)? as u64,
        hash: hash_of(blob(row, 6)?)?,
    };
    let data = blob(row, 7)?.to_vec();
    let is_whole = fields.mark(&data) == row.get::<_, i64>(5)?;
    let StateFields { row: number, base, place, bytes, hash } = fields;
    Ok(StateRow { row: number, base, place, bytes, hash, data, is_whole })
}

fn blob<'a>(row: &'a Row<'_>, column: usize) -> Outcome<&'a [u8]> {
    row.get_ref(column)?.as_blob().map_err(|err| damaged(err.to_string()))
}
