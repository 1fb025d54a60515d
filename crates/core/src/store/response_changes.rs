//! What memory has to read of the cache after a write, re-encoding its vectors, and erasing.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use super::calls::Tx;
use super::condition::Where;
use super::errors::Outcome;
use super::filter::Sql;
use super::handle::Store;
use super::response_counts::known_scope;
use super::response_put::{is_forgotten, next_generation, remove_row};
use super::responses::text;
use super::schema;
use super::types::Scope;
use crate::error::Result;
use crate::index::Item;
use crate::tokens::Dtype;

/// Which answers to remove: those that fulfil all of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Invalidation {
    /// Whose.
    pub scope: Scope,
    /// What their context must say.
    pub condition: Option<Where>,
    /// Stored before this, in milliseconds since 1970.
    pub older_than: Option<i64>,
    /// The model that answered.
    pub model: Option<String>,
}

impl Store {
    /// How often the cache changed in a way that memory has to read.
    pub fn responses_generation(&self) -> Result<u64> {
        self.read(|conn| Ok(schema::setting(conn, "responses_generation")? as u64))
    }

    /// The vectors of the opened model that were written after `generation`, at most `limit`, from
    /// the row after `after_row` on. Rows that were removed are not told: whoever finds one that is
    /// gone drops it.
    pub fn response_vectors_since(
        &self,
        generation: u64,
        after_row: u64,
        limit: usize,
    ) -> Result<Vec<Item>> {
        let sql = "SELECT r.row, r.compartment, v.data FROM responses r
            JOIN response_vectors v ON v.row = r.row
            WHERE r.changed > ?1 AND r.row > ?2 AND v.model = ?3 ORDER BY r.row LIMIT ?4";
        self.read(|conn| {
            let mut select = conn.prepare_cached(sql)?;
            let values = params![generation as i64, after_row as i64, self.model_row, limit as i64];
            let mut rows = select.query(values)?;
            let mut items = Vec::new();
            while let Some(row) = rows.next()? {
                let vectors = self.vector_of(&row.get::<_, Vec<u8>>(2)?)?;
                let (row, partition) = (row.get::<_, i64>(0)? as u64, row.get(1)?);
                items.push(Item { row, partition, vectors });
            }
            Ok(items)
        })
    }

    pub(super) fn vector_of(&self, data: &[u8]) -> Outcome<Vec<f32>> {
        Ok(Dtype::F16.decode(data, self.options.model.dims)?)
    }

    /// The number of a compartment; none while it holds nothing.
    pub fn compartment(&self, key: &[u8; 32]) -> Result<Option<u32>> {
        let sql = "SELECT id FROM compartments WHERE key = ?1";
        self.read(|conn| {
            Ok(conn.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?)
        })
    }

    /// The compartment of an entry.
    pub fn compartment_of(&self, row: u64) -> Result<Option<u32>> {
        let sql = "SELECT compartment FROM responses WHERE row = ?1";
        self.read(|conn| {
            Ok(conn.prepare_cached(sql)?.query_row([row as i64], |row| row.get(0)).optional()?)
        })
    }

    /// Entries without a vector of the opened model, after `after_row`: row and prompt.
    pub fn responses_to_encode(&self, after_row: u64, limit: usize) -> Result<Vec<(u64, String)>> {
        let sql = "SELECT r.row, t.prompt FROM responses r JOIN response_texts t ON t.row = r.row
            LEFT JOIN response_vectors v ON v.row = r.row
            WHERE r.row > ?1 AND ifnull(v.model, 0) <> ?2 ORDER BY r.row LIMIT ?3";
        self.read(|conn| {
            let mut select = conn.prepare_cached(sql)?;
            let mut rows = select.query(params![after_row as i64, self.model_row, limit as i64])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push((row.get::<_, i64>(0)? as u64, text(row.get_ref(1)?)?));
            }
            Ok(found)
        })
    }

    /// Writes vectors of the opened model.
    pub fn set_response_vectors(&self, vectors: Vec<(u64, Vec<f32>)>) -> Result<()> {
        let model = self.model_row;
        let packed: Vec<_> = vectors
            .into_iter()
            .map(|(row, vector)| (row as i64, Dtype::F16.encode(&vector, vector.len())))
            .collect();
        self.writer.call(move |tx| {
            let generation = next_generation(tx)?;
            for (row, data) in &packed {
                let sql = "UPDATE responses SET changed = ?2 WHERE row = ?1";
                if tx.prepare_cached(sql)?.execute([*row, generation])? > 0 {
                    let sql = "INSERT OR REPLACE INTO response_vectors (row, model, data)
                        VALUES (?1, ?2, ?3)";
                    tx.prepare_cached(sql)?.execute(params![row, model, data])?;
                }
            }
            Ok(())
        })
    }

    /// Erases one answer, and every answer of `alike` that says the same. Of each only `marks`, made
    /// from its request and its answer, stays: it is never kept for that request again.
    pub fn forget_response(&self, rows: Vec<u64>, marks: Vec<[u8; 32]>) -> Result<bool> {
        self.writer.call(move |tx| {
            let mut found = false;
            for row in &rows {
                let sql = "SELECT EXISTS (SELECT 1 FROM responses WHERE row = ?1)";
                let is_there: bool =
                    tx.prepare_cached(sql)?.query_row([*row as i64], |row| row.get(0))?;
                found |= is_there;
                remove_row(tx, *row as i64)?;
            }
            for mark in &marks {
                let sql = "INSERT OR IGNORE INTO response_tombstones (mark) VALUES (?1)";
                tx.prepare_cached(sql)?.execute([mark])?;
            }
            drop_empty(tx)?;
            tx.erases();
            Ok(found)
        })
    }

    /// Erases the answers of a user with which one of `values` was told as a recall fact; how many.
    pub fn erase_responses_told(&self, user: Option<String>, values: Vec<Value>) -> Result<usize> {
        self.writer.call(move |tx| {
            let sql = "SELECT r.row, t.recall FROM responses r
                JOIN response_texts t ON t.row = r.row
                JOIN compartments c ON c.id = r.compartment
                JOIN response_scopes s ON s.id = c.scope
                WHERE s.user IS ?1 AND t.recall IS NOT NULL";
            let mut told = Vec::new();
            let mut select = tx.prepare_cached(sql)?;
            let mut rows = select.query([&user])?;
            while let Some(row) = rows.next()? {
                let recall: String = row.get(1)?;
                let recall = serde_json::from_str(&recall).unwrap_or(Value::String(recall));
                if values.iter().any(|value| tells(&recall, value)) {
                    told.push(row.get(0)?);
                }
            }
            drop(rows);
            told.iter().try_for_each(|row| remove_row(tx, *row))?;
            if !told.is_empty() {
                drop_empty(tx)?;
                tx.erases();
            }
            Ok(told.len())
        })
    }

    /// Whether an answer was forgotten for its request.
    pub fn is_forgotten(&self, mark: &[u8; 32]) -> Result<bool> {
        self.read(|conn| is_forgotten(conn, mark))
    }

    /// Erases the answers that fulfil all of `filter`; how many.
    pub fn invalidate_responses(&self, filter: Invalidation) -> Result<usize> {
        self.writer.call(move |tx| {
            let Some(scope) = known_scope(tx, &filter.scope)? else { return Ok(0) };
            let rows = matching(tx, scope, &filter)?;
            rows.iter().try_for_each(|row| remove_row(tx, *row as i64))?;
            if !rows.is_empty() {
                drop_empty(tx)?;
                tx.erases();
            }
            Ok(rows.len())
        })
    }

    /// Erases all answers of a scope and all that was counted in it; how many answers.
    pub fn clear_responses(&self, scope: Scope) -> Result<usize> {
        self.flush()?;
        self.writer.call(move |tx| {
            let Some(id) = known_scope(tx, &scope)? else { return Ok(0) };
            let sql = "DELETE FROM responses WHERE compartment IN
                (SELECT id FROM compartments WHERE scope = ?1)";
            let removed = tx.prepare_cached(sql)?.execute([id])?;
            tx.execute("DELETE FROM response_counts WHERE scope = ?1", [id])?;
            drop_empty(tx)?;
            tx.erases();
            Ok(removed)
        })
    }
}

/// Whether `told` holds a value somewhere: also as the name of a field, as part of a text, or as a
/// number in one.
fn tells(told: &Value, value: &Value) -> bool {
    match (told, value) {
        (Value::Array(items), _) => items.iter().any(|item| tells(item, value)),
        (Value::Object(fields), _) => {
            fields.iter().any(|(name, field)| names(name, value) || tells(field, value))
        }
        (Value::String(told), Value::String(value)) => {
            told.to_lowercase().contains(&value.to_lowercase())
        }
        (Value::String(told), Value::Number(value)) => {
            numbers_in(told).any(|told| Some(told) == value.as_f64())
        }
        (Value::Number(told), Value::Number(value)) => told.as_f64() == value.as_f64(),
        _ => false,
    }
}

/// Whether a field is named by a value. Not by a part of it: `plugin` is in `favouritePlugins`.
fn names(field: &str, value: &Value) -> bool {
    value.as_str().is_some_and(|value| field.to_lowercase() == value.to_lowercase())
}

fn numbers_in(text: &str) -> impl Iterator<Item = f64> {
    let is_apart = |c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '\u{2212}'));
    let number = |word: &str| {
        let word = word.replace(',', ".").replace('\u{2212}', "-");
        word.trim_end_matches(['.', '-']).parse().ok()
    };
    text.split(is_apart).filter_map(number)
}

fn matching(conn: &Connection, scope: i64, filter: &Invalidation) -> Outcome<Vec<u64>> {
    let mut sql = Sql::default();
    sql.push(
        "SELECT m.row FROM (SELECT r.row, r.created_at, r.model,
        ifnull(t.context, '{}') AS metadata FROM responses r
        JOIN response_texts t ON t.row = r.row JOIN compartments c ON c.id = r.compartment
        WHERE c.scope = ",
    );
    sql.bind(scope);
    sql.push(") m WHERE 1");
    if let Some(before) = filter.older_than {
        sql.push(" AND m.created_at < ");
        sql.bind(before);
    }
    if let Some(model) = &filter.model {
        sql.push(" AND m.model = ");
        sql.bind(model.clone());
    }
    if let Some(condition) = &filter.condition {
        sql.condition(condition);
    }
    sql.rows(conn)
}

/// Drops compartments without answers, and scopes without compartments and counts: their user and
/// project must not stay behind.
fn drop_empty(tx: &Tx<'_>) -> Outcome<()> {
    tx.execute_batch(
        "DELETE FROM compartments WHERE NOT EXISTS
            (SELECT 1 FROM responses r WHERE r.compartment = compartments.id);
        DELETE FROM response_scopes WHERE NOT EXISTS
            (SELECT 1 FROM compartments c WHERE c.scope = response_scopes.id)
            AND NOT EXISTS
            (SELECT 1 FROM response_counts n WHERE n.scope = response_scopes.id)",
    )?;
    Ok(())
}
