//! Cached answers as they are read: by the key of a request, by id, or as a candidate.

use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{Connection, Row, ToSql};

use super::errors::{Outcome, damaged};
use super::handle::Store;
use super::text::{pack, unpack};
use super::types::Scope;
use crate::error::Result;

/// Shorter texts are kept as they are, in bytes: a frame would save little and cost microseconds.
const PACK_FROM: usize = 512;
/// An answer of no more bytes is read in microseconds.
const SMALL: usize = 64 << 10;

/// A cached answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// Its number, never used twice.
    pub row: u64,
    /// Its id, a `UUIDv7`.
    pub id: String,
    /// Hash of the whole request.
    pub key: [u8; 32],
    /// Whose it is.
    pub scope: Scope,
    /// The model that answered.
    pub model: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub expires_at: Option<i64>,
    /// US dollars.
    pub cost: f64,
    /// Whether `cost` rests on estimated tokens.
    pub is_estimated: bool,
    /// Times it was served by meaning and judged right.
    pub judged_right: u64,
    /// Times it was served by meaning and judged wrong.
    pub judged_wrong: u64,
    /// Requests it is barred from.
    pub bars: u64,
    /// What was asked.
    pub prompt: String,
    /// The answer.
    pub content: String,
    /// The context as JSON.
    pub context: Option<String>,
    /// The recall facts as JSON.
    pub recall: Option<String>,
}

const COLUMNS: &str = "SELECT r.row, r.id, r.key, s.user, s.project, r.model, r.created_at,
    r.expires_at, r.cost, r.is_estimated, r.judged_right, r.judged_wrong,
    (SELECT count(*) FROM response_bars b WHERE b.entry = r.row),
    t.prompt, t.content, t.context, t.recall
    FROM responses r JOIN response_texts t ON t.row = r.row
    JOIN compartments c ON c.id = r.compartment JOIN response_scopes s ON s.id = c.scope";

impl Store {
    /// The answer to the request with this key.
    pub fn response_by_key(&self, key: &[u8; 32]) -> Result<Option<Response>> {
        self.read(|conn| one(conn, &format!("{COLUMNS} WHERE r.key = ?1"), key))
    }

    /// As [`Store::response_by_key`] when that takes microseconds: a connection is idle and the
    /// answer is not large. None when it would take longer, or there is none.
    pub fn response_by_key_now(&self, key: &[u8; 32]) -> Option<Response> {
        let sql = format!("{COLUMNS} WHERE r.key = ?1 AND r.bytes <= {SMALL}");
        self.readers.with_idle(|conn| one(conn, &sql, key))?.ok()?
    }

    /// The answer with this id.
    pub fn response_by_id(&self, id: &str) -> Result<Option<Response>> {
        self.read(|conn| one(conn, &format!("{COLUMNS} WHERE r.id = ?1"), id))
    }

    /// The answer at a row.
    pub fn response_at(&self, row: u64) -> Result<Option<Response>> {
        self.read(|conn| one(conn, &format!("{COLUMNS} WHERE r.row = ?1"), row as i64))
    }
}

fn one(conn: &Connection, sql: &str, key: impl ToSql) -> Outcome<Option<Response>> {
    let mut select = conn.prepare_cached(sql)?;
    let mut rows = select.query([key])?;
    rows.next()?.map(read).transpose()
}

fn read(row: &Row<'_>) -> Outcome<Response> {
    Ok(Response {
        row: row.get::<_, i64>(0)? as u64,
        id: row.get(1)?,
        key: row.get(2)?,
        scope: Scope { user: row.get(3)?, project: row.get(4)? },
        model: row.get(5)?,
        created_at: row.get(6)?,
        expires_at: row.get(7)?,
        cost: row.get(8)?,
        is_estimated: row.get(9)?,
        judged_right: row.get::<_, i64>(10)? as u64,
        judged_wrong: row.get::<_, i64>(11)? as u64,
        bars: row.get::<_, i64>(12)? as u64,
        prompt: text(row.get_ref(13)?)?,
        content: text(row.get_ref(14)?)?,
        context: row.get(15)?,
        recall: row.get(16)?,
    })
}

/// A text as it is stored.
pub(super) enum Packed {
    Plain(String),
    Frame(Vec<u8>),
}

impl Packed {
    pub(super) fn new(text: &str) -> Result<Packed> {
        if text.len() >= PACK_FROM {
            let frame = pack(text)?;
            if frame.len() < text.len() {
                return Ok(Packed::Frame(frame));
            }
        }
        Ok(Packed::Plain(text.to_owned()))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Packed::Plain(text) => text.len(),
            Packed::Frame(frame) => frame.len(),
        }
    }

    /// The same text always gives the same bytes.
    pub(super) fn is(&self, stored: &SqlValue) -> bool {
        match (self, stored) {
            (Packed::Plain(text), SqlValue::Text(stored)) => text == stored,
            (Packed::Frame(frame), SqlValue::Blob(stored)) => frame == stored,
            _ => false,
        }
    }
}

impl ToSql for Packed {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Packed::Plain(text) => text.to_sql(),
            Packed::Frame(frame) => frame.to_sql(),
        }
    }
}

/// The text of a [`Packed`].
pub(super) fn text(stored: ValueRef<'_>) -> Outcome<String> {
    match stored {
        ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec())
            .map_err(|err| damaged(format!("a cached text is no UTF-8: {err}"))),
        ValueRef::Blob(frame) => unpack(frame),
        other => Err(damaged(format!("a cached text is {}", other.data_type()))),
    }
}
