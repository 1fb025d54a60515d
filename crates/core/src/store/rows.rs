//! A memory as rows: what one write does to the tables and to the word index.

use rusqlite::{Connection, OptionalExtension, params};

use super::access::now_ms;
use super::calls::Tx;
use super::errors::Outcome;
use super::partitions::{drop_if_empty, partition_row};
use super::text::unpack;
use super::types::{Retention, Scope, ScopeFilter, Tier};
use super::vectors::PackedTokens;

/// A text as it is written: for `contents`, for `words`, and its memory tokens.
pub(super) struct PackedText {
    pub(super) text: String,
    pub(super) packed: Vec<u8>,
    pub(super) tokens: PackedTokens,
    pub(super) source_tokens: i64,
    pub(super) source_bytes: i64,
}

/// A memory as it is written.
pub(super) struct PackedMemory {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) scope: Scope,
    pub(super) metadata: String,
    pub(super) data: Option<Vec<u8>>,
    pub(super) text: PackedText,
    pub(super) retention: Retention,
}

/// A change as it is written.
#[allow(clippy::option_option, reason = "no change, and a change to nothing, differ")]
pub(super) struct PackedChange {
    pub(super) text: Option<PackedText>,
    pub(super) data: Option<Option<Vec<u8>>>,
    pub(super) metadata: Option<String>,
    pub(super) disposable: Option<bool>,
    pub(super) importance: Option<f64>,
}

/// Where a memory was found.
pub(super) struct Place {
    pub(super) row: i64,
    partition: i64,
}

impl PackedMemory {
    /// All of it but its words; its row.
    pub(super) fn insert(&self, tx: &Tx<'_>, generation: i64) -> Outcome<i64> {
        let partition = partition_row(tx, &self.kind, &self.scope)?;
        let sql =
            "INSERT INTO memories (id, partition, tier, metadata, source_tokens, source_bytes,
            created_at, updated_at, changed, disposable, importance)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10)";
        tx.prepare_cached(sql)?.execute(params![
            self.id,
            partition,
            Tier::Hot.name(),
            self.metadata,
            self.text.source_tokens,
            self.text.source_bytes,
            now_ms(),
            generation,
            self.retention.disposable,
            self.retention.importance
        ])?;
        let row = tx.last_insert_rowid();
        let sql = "INSERT INTO contents (row, text, data) VALUES (?1, ?2, ?3)";
        tx.prepare_cached(sql)?.execute(params![row, self.text.packed, self.data])?;
        self.text.tokens.write(tx, row)?;
        Ok(row)
    }
}

impl PackedChange {
    pub(super) fn apply(&self, tx: &Tx<'_>, row: i64) -> Outcome<()> {
        tx.erases();
        if let Some(text) = &self.text {
            replace_text(tx, row, text)?;
        }
        if let Some(data) = &self.data {
            let sql = "UPDATE contents SET data = ?2 WHERE row = ?1";
            tx.prepare_cached(sql)?.execute(params![row, data])?;
        }
        if let Some(metadata) = &self.metadata {
            let sql = "UPDATE memories SET metadata = ?2 WHERE row = ?1";
            tx.prepare_cached(sql)?.execute(params![row, metadata])?;
        }
        let sql = "UPDATE memories SET updated_at = ?2, disposable = ifnull(?3, disposable),
            importance = ifnull(?4, importance) WHERE row = ?1";
        let values = params![row, now_ms(), self.disposable, self.importance];
        tx.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}

fn replace_text(tx: &Tx<'_>, row: i64, text: &PackedText) -> Outcome<()> {
    remove_words(tx, row)?;
    let sql = "UPDATE contents SET text = ?2 WHERE row = ?1";
    tx.prepare_cached(sql)?.execute(params![row, text.packed])?;
    add_words(tx, row, &text.text)?;
    text.tokens.write(tx, row)?;
    let sql = "UPDATE memories SET tier = ?2, source_tokens = ?3, source_bytes = ?4, changed = ?5,
        text_dropped_at = NULL WHERE row = ?1";
    let (tier, generation) = (Tier::Hot.name(), tx.next_generation()?);
    let values = params![row, tier, text.source_tokens, text.source_bytes, generation];
    tx.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

pub(super) fn remove_one(tx: &Tx<'_>, place: &Place) -> Outcome<()> {
    tx.erases();
    remove_words(tx, place.row)?;
    // `contents` and `tokens` go with it (ON DELETE CASCADE).
    tx.prepare_cached("DELETE FROM memories WHERE row = ?1")?.execute([place.row])?;
    let sql = "INSERT INTO tombstones (row, generation) VALUES (?1, ?2)";
    tx.prepare_cached(sql)?.execute(params![place.row, tx.next_generation()?])?;
    drop_if_empty(tx, place.partition)
}

/// The memory with this id, if one of the scopes admits it.
pub(super) fn find(conn: &Connection, id: &str, scope: &[ScopeFilter]) -> Outcome<Option<Place>> {
    let sql = "SELECT m.row, m.partition, p.user, p.project
        FROM memories m JOIN partitions p ON p.id = m.partition WHERE m.id = ?1";
    let found = conn.prepare_cached(sql)?.query_row([id], |row| {
        let place = Place { row: row.get(0)?, partition: row.get(1)? };
        Ok((place, row.get::<_, Option<String>>(2)?, row.get::<_, Option<String>>(3)?))
    });
    let admitted = found.optional()?.filter(|(_, user, project)| {
        scope.iter().any(|one| one.admits(user.as_deref(), project.as_deref()))
    });
    Ok(admitted.map(|(place, ..)| place))
}

/// The memory in this row.
pub(super) fn place_of(conn: &Connection, row: i64) -> Outcome<Option<Place>> {
    let sql = "SELECT partition FROM memories WHERE row = ?1";
    let place = |columns: &rusqlite::Row<'_>| Ok(Place { row, partition: columns.get(0)? });
    Ok(conn.prepare_cached(sql)?.query_row([row], place).optional()?)
}

/// Makes a text findable by its words.
pub(super) fn add_words(conn: &Connection, row: i64, text: &str) -> Outcome<()> {
    let sql = "INSERT INTO words (rowid, text) VALUES (?1, ?2)";
    conn.prepare_cached(sql)?.execute(params![row, text])?;
    Ok(())
}

/// `words` keeps no text, so it has to be told again what it is to forget.
pub(super) fn remove_words(tx: &Tx<'_>, row: i64) -> Outcome<()> {
    if let Some(text) = forget_words(tx, row)? {
        tx.erases_words(&text);
    }
    Ok(())
}

/// As [`remove_words`], its traces to be overwritten later: see [`Tx::erases_later`].
pub(super) fn remove_words_later(tx: &Tx<'_>, row: i64) -> Outcome<()> {
    match forget_words(tx, row)? {
        Some(text) => tx.erases_later(&text),
        None => Ok(()),
    }
}

fn forget_words(tx: &Tx<'_>, row: i64) -> Outcome<Option<String>> {
    let text = text_of(tx, row)?;
    if let Some(text) = &text {
        let sql = "INSERT INTO words (words, rowid, text) VALUES ('delete', ?1, ?2)";
        tx.prepare_cached(sql)?.execute(params![row, text])?;
    }
    Ok(text)
}

fn text_of(conn: &Connection, row: i64) -> Outcome<Option<String>> {
    let mut select = conn.prepare_cached("SELECT text FROM contents WHERE row = ?1")?;
    let mut rows = select.query([row])?;
    let Some(columns) = rows.next()? else { return Ok(None) };
    columns.get_ref(0)?.as_blob_or_null().ok().flatten().map(unpack).transpose()
}
