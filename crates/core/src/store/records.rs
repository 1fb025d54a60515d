//! Memories as they are read: by id within scopes, or by the rows that a search found.

use rusqlite::{Connection, Row};
use serde_json::{Map, Value};

use super::errors::{Outcome, damaged};
use super::handle::Store;
use super::rows::find;
use super::text::unpack;
use super::types::{Listing, Record, Retention, Scope, ScopeFilter, Tier};
use crate::error::Result;
use crate::tokens::Dtype;

const SELECT_RECORD: &str = "SELECT m.row, m.id, p.kind, p.user, p.project, m.tier, c.text, c.data,
    m.metadata, m.source_tokens, m.source_bytes, m.created_at, m.updated_at, m.accessed_at,
    m.access_count, t.ratio, t.count, t.dims, t.dtype, length(t.whole), length(t.data),
    m.disposable, m.importance, m.text_dropped_at
    FROM memories m JOIN partitions p ON p.id = m.partition
    LEFT JOIN contents c ON c.row = m.row LEFT JOIN tokens t ON t.row = m.row
    WHERE m.row = ?1";

/// What a search shows: the vectors were looked at before, and JSON may be long.
const SELECT_LISTING: &str = "SELECT m.row, m.id, p.kind, p.user, p.project, m.tier, c.text,
    m.metadata, m.created_at, m.text_dropped_at
    FROM memories m JOIN partitions p ON p.id = m.partition LEFT JOIN contents c ON c.row = m.row
    WHERE m.row = ?1";

impl Store {
    /// The memory with this id, if it is in one of the scopes.
    pub fn get(&self, id: &str, scope: &[ScopeFilter]) -> Result<Option<Record>> {
        self.read_snapshot(|conn| match find(conn, id, scope)? {
            Some(place) => record(conn, place.row),
            None => Ok(None),
        })
    }

    /// The memories at `rows`, in their order; none for a row that is gone.
    pub fn records(&self, rows: &[u64]) -> Result<Vec<Option<Record>>> {
        self.read_snapshot(|conn| rows.iter().map(|row| record(conn, *row as i64)).collect())
    }

    /// What a search shows of the memories at `rows`, in their order; none for a row that is gone.
    pub fn listings(&self, rows: &[u64]) -> Result<Vec<Option<Listing>>> {
        self.read_snapshot(|conn| {
            let mut select = conn.prepare_cached(SELECT_LISTING)?;
            let mut found = Vec::with_capacity(rows.len());
            for row in rows {
                let mut columns = select.query([*row as i64])?;
                found.push(columns.next()?.map(read_listing).transpose()?);
            }
            Ok(found)
        })
    }

    /// The row of the memory with this id, if it is in one of the scopes.
    pub fn row_of(&self, id: &str, scope: &[ScopeFilter]) -> Result<Option<u64>> {
        self.read(|conn| Ok(find(conn, id, scope)?.map(|place| place.row as u64)))
    }
}

pub(super) fn record(conn: &Connection, row: i64) -> Outcome<Option<Record>> {
    let mut select = conn.prepare_cached(SELECT_RECORD)?;
    let mut rows = select.query([row])?;
    rows.next()?.map(read_record).transpose()
}

fn read_listing(row: &Row<'_>) -> Outcome<Listing> {
    Ok(Listing {
        row: count(row, 0)? as u64,
        id: row.get(1)?,
        kind: row.get(2)?,
        scope: Scope { user: row.get(3)?, project: row.get(4)? },
        tier: tier(row, 5)?,
        text: blob(row, 6)?.map(unpack).transpose()?,
        metadata: metadata(row, 7)?,
        created_at: row.get(8)?,
        text_dropped_at: row.get(9)?,
    })
}

fn read_record(row: &Row<'_>) -> Outcome<Record> {
    let text = blob(row, 6)?;
    Ok(Record {
        row: count(row, 0)? as u64,
        id: row.get(1)?,
        kind: row.get(2)?,
        scope: Scope { user: row.get(3)?, project: row.get(4)? },
        tier: tier(row, 5)?,
        text: text.map(unpack).transpose()?,
        data: blob(row, 7)?.map(unpack).transpose()?,
        metadata: metadata(row, 8)?,
        ratio: count(row, 15)? as u16,
        token_count: count(row, 16)?,
        dims: count(row, 17)?,
        dtype: dtype(row, 18)?,
        source_tokens: count(row, 9)?,
        source_bytes: count(row, 10)?,
        text_bytes: text.map_or(0, <[u8]>::len),
        token_bytes: count(row, 19)? + count(row, 20)?,
        created_at: row.get(11)?,
        updated_at: row.get(12)?,
        accessed_at: row.get(13)?,
        access_count: count(row, 14)? as u64,
        retention: Retention { disposable: row.get(21)?, importance: row.get(22)? },
        text_dropped_at: row.get(23)?,
    })
}

fn tier(row: &Row<'_>, column: usize) -> Outcome<Tier> {
    let name = string(row, column)?;
    Tier::from_name(name).ok_or_else(|| damaged(format!("tier {name:?}")))
}

fn metadata(row: &Row<'_>, column: usize) -> Outcome<Map<String, Value>> {
    serde_json::from_str(string(row, column)?)
        .map_err(|err| damaged(format!("metadata do not parse: {err}")))
}

fn string<'a>(row: &'a Row<'_>, column: usize) -> Outcome<&'a str> {
    row.get_ref(column)?.as_str().map_err(|err| damaged(err.to_string()))
}

fn blob<'a>(row: &'a Row<'_>, column: usize) -> Outcome<Option<&'a [u8]>> {
    row.get_ref(column)?.as_blob_or_null().map_err(|err| damaged(err.to_string()))
}

/// A number that is absent counts as zero.
fn count(row: &Row<'_>, column: usize) -> Outcome<usize> {
    Ok(row.get::<_, Option<i64>>(column)?.unwrap_or(0).max(0) as usize)
}

fn dtype(row: &Row<'_>, column: usize) -> Outcome<Dtype> {
    match row.get::<_, Option<String>>(column)? {
        None => Ok(Dtype::F16),
        Some(name) => Dtype::from_name(&name).ok_or_else(|| damaged(format!("dtype {name:?}"))),
    }
}
