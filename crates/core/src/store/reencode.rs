//! From one model to another: every text is encoded again, memory by memory. The store stays bound
//! to the old model until all are done, so a job that was killed goes on where it stopped.

use rusqlite::{Connection, params};

use super::errors::{Outcome, damaged};
use super::schema;
use super::store::Store;
use super::text::unpack;
use super::vectors::{PackedTokens, model_of};
use super::writer::Tx;
use crate::error::{Error, Result};
use crate::tokens::{MemoryTokens, Ratio};

/// A memory whose memory tokens are of another model, or damaged and dropped.
#[derive(Debug, Clone, PartialEq)]
pub struct Reencode {
    /// The memory.
    pub row: u64,
    /// Its state when it was read: see [`Store::replace_tokens`].
    pub changed: u64,
    /// Its text.
    pub text: String,
    /// The ratio it was encoded with; 16 if that is not known.
    pub ratio: Ratio,
}

/// New memory tokens for a [`Reencode`].
#[derive(Debug, Clone)]
pub struct Reencoded {
    /// The memory.
    pub row: u64,
    /// As read.
    pub changed: u64,
    /// The memory tokens of its text, of the opened model.
    pub tokens: MemoryTokens,
}

/// What is left to do, or was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReencodeReport {
    /// Memories with text that are to be encoded again.
    pub waiting: u64,
    /// Memories that have vectors of another model and no text: they lose them at the end.
    pub without_text: u64,
}

const WAITING: &str = "FROM memories m JOIN contents c ON c.row = m.row
    LEFT JOIN tokens t ON t.row = m.row
    WHERE c.text IS NOT NULL AND ifnull(t.model, 0) <> ?1";
const WITHOUT_TEXT: &str = "FROM tokens t LEFT JOIN contents c ON c.row = t.row
    WHERE c.text IS NULL AND t.model <> ?1";

impl Store {
    /// What re-encoding has to do.
    pub fn reencode_report(&self) -> Result<ReencodeReport> {
        self.read_snapshot(|conn| report(conn, self.model_row))
    }

    /// The next texts to encode, at most `limit`, after row `after_row` (0 at first).
    pub fn reencode_batch(&self, after_row: u64, limit: usize) -> Result<Vec<Reencode>> {
        let sql = format!(
            "SELECT m.row, m.changed, c.text, t.ratio {WAITING} AND m.row > ?2
            ORDER BY m.row LIMIT ?3"
        );
        self.read(|conn| {
            let mut select = conn.prepare_cached(&sql)?;
            let mut rows = select.query(params![self.model_row, after_row as i64, limit as i64])?;
            let mut batch = Vec::new();
            while let Some(columns) = rows.next()? {
                let text = columns.get_ref(2)?.as_blob().map_err(|err| damaged(err.to_string()))?;
                let ratio = columns.get::<_, Option<u16>>(3)?.map(Ratio::new).transpose()?;
                batch.push(Reencode {
                    row: columns.get::<_, i64>(0)? as u64,
                    changed: columns.get::<_, i64>(1)? as u64,
                    text: unpack(text)?,
                    ratio: ratio.unwrap_or_default(),
                });
            }
            Ok(batch)
        })
    }

    /// Writes new memory tokens, all or none; how many. A memory that was removed, or changed since
    /// it was read, is left out: its tokens would be those of another text.
    ///
    /// # Errors
    /// As [`Store::insert`].
    pub fn replace_tokens(&self, batch: Vec<Reencoded>) -> Result<usize> {
        let packed = batch.into_iter().map(|one| {
            let tokens = PackedTokens::new(&one.tokens, self)?;
            Ok((one.row as i64, one.changed as i64, one.tokens.source_tokens as i64, tokens))
        });
        let packed = packed.collect::<Result<Vec<_>>>()?;
        let (guard, model) = (self.model_guard(), self.model_row);
        self.writer.call(move |tx| {
            guard(tx)?;
            tx.erases();
            let generation = tx.next_generation()?;
            let mut replaced = 0;
            for (row, changed, source_tokens, tokens) in &packed {
                let sql = "UPDATE memories SET changed = ?3, source_tokens = ?4
                    WHERE row = ?1 AND changed = ?2";
                let values = params![row, changed, generation, source_tokens];
                if model_of(tx, *row)? != Some(model)
                    && tx.prepare_cached(sql)?.execute(values)? > 0
                {
                    tokens.write(tx, *row)?;
                    replaced += 1;
                }
            }
            Ok(replaced)
        })
    }

    /// Binds the store to the opened model once no text is waiting. Memories without text lose the
    /// vectors they have of other models.
    ///
    /// # Errors
    /// `PM_BAD_OPTION` while texts are waiting.
    pub fn finish_reencode(&self) -> Result<ReencodeReport> {
        let (guard, model) = (self.model_guard(), self.model_row);
        let report = self.writer.call(move |tx| {
            guard(tx)?;
            finish(tx, model)
        })?;
        self.bound_model.store(model, std::sync::atomic::Ordering::Relaxed);
        Ok(report)
    }
}

fn finish(tx: &Tx<'_>, model: i64) -> Outcome<ReencodeReport> {
    let report = report(tx, model)?;
    if report.waiting > 0 {
        let found = format!("{} memories still have to be encoded again", report.waiting);
        let advice = "encode them first; memories may have been added meanwhile".to_owned();
        return Err(Error::BadOption { what: "reindex".to_owned(), found, advice }.into());
    }
    tx.erases();
    let generation = tx.next_generation()?;
    let sql =
        "UPDATE memories SET changed = ?2 WHERE row IN (SELECT row FROM tokens WHERE model <> ?1)";
    tx.execute(sql, params![model, generation])?;
    tx.execute("DELETE FROM tokens WHERE model <> ?1", [model])?;
    schema::set_setting(tx, "model", model)?;
    tx.execute("DELETE FROM models WHERE id <> ?1", [model])?;
    Ok(report)
}

fn report(conn: &Connection, model: i64) -> Outcome<ReencodeReport> {
    let count = |from: &str| {
        conn.query_row(&format!("SELECT count(*) {from}"), [model], |row| row.get::<_, i64>(0))
    };
    Ok(ReencodeReport {
        waiting: count(WAITING)? as u64,
        without_text: count(WITHOUT_TEXT)? as u64,
    })
}
