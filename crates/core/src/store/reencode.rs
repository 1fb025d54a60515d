//! From one model to another: every text is encoded again, memory by memory. The store stays bound
//! to the old model until all are done, so a job that was killed goes on where it stopped.

use rusqlite::{Connection, params};

use super::calls::Tx;
use super::errors::{Outcome, damaged};
use super::handle::Store;
use super::schema;
use super::text::unpack;
use super::vectors::{PackedTokens, model_of};
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
                let sql = "UPDATE memories SET changed = ?3, source_tokens = ?4,
                    tier = CASE tier WHEN 'warm' THEN 'hot' ELSE tier END
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
    // Those of answers that were not encoded again are found by their key only.
    tx.execute("DELETE FROM response_vectors WHERE model <> ?1", [model])?;
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::testing::{Folder, memory, model, nobody, tokens};
    use super::super::types::{Change, StoreOptions};
    use super::*;

    fn open_other(folder: &Folder) -> Store {
        let options = StoreOptions { accept_other_model: true, ..StoreOptions::new(model("two")) };
        Store::open(&folder.path(), options).unwrap()
    }

    fn encode(one: &Reencode) -> Reencoded {
        let tokens = tokens(one.row, 2, &model("two"));
        Reencoded { row: one.row, changed: one.changed, tokens }
    }

    fn make_cold(store: &Store, row: i64) {
        store
            .writer
            .call(move |tx| {
                super::super::rows::remove_words(tx, row)?;
                tx.execute("UPDATE contents SET text = NULL WHERE row = ?1", [row])?;
                tx.execute("UPDATE memories SET tier = 'cold' WHERE row = ?1", [row])?;
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn another_model_is_refused_with_both_names() {
        let folder = Folder::new();
        drop(folder.open());
        let err = Store::open(&folder.path(), StoreOptions::new(model("two"))).unwrap_err();
        let Error::ModelMismatch { stored, given } = err else { panic!("{err}") };
        assert_eq!((&*stored, &*given), ("one (one-fingerpr)", "two (two-fingerpr)"));
    }

    #[test]
    fn a_job_goes_on_where_it_stopped() {
        let folder = Folder::new();
        let store = folder.open();
        store.insert((0..10).map(|i| memory(&format!("text {i}"))).collect()).unwrap();
        make_cold(&store, 4);
        drop(store);
        for done in [0, 4, 8] {
            let store = open_other(&folder);
            assert!(!store.model_matches());
            let report = store.reencode_report().unwrap();
            assert_eq!(report, ReencodeReport { waiting: 9 - done, without_text: 1 });
            assert_eq!(store.finish_reencode().unwrap_err().code(), "PM_BAD_OPTION");
            let batch = store.reencode_batch(0, 4).unwrap();
            let encoded: Vec<_> = batch.iter().map(encode).collect();
            assert_eq!(store.replace_tokens(encoded).unwrap(), batch.len());
        }
        let store = open_other(&folder);
        assert!(store.tokens(4).unwrap().is_some(), "kept to the end");
        assert_eq!(store.finish_reencode().unwrap().without_text, 1);
        assert!(store.model_matches());
        assert_eq!(store.tokens(4).unwrap(), None);
        assert_eq!(store.tokens(1).unwrap().unwrap().model, model("two").fingerprint);
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
        drop(store);
        assert!(Store::open(&folder.path(), StoreOptions::new(model("two"))).is_ok());
    }

    #[test]
    fn spaces_are_never_mixed() {
        let folder = Folder::new();
        folder.open().insert(vec![memory("old")]).unwrap();
        let store = open_other(&folder);
        let item = crate::store::NewMemory { tokens: tokens(1, 1, &model("two")), ..memory("new") };
        store.insert(vec![item]).unwrap();
        let mut seen = Vec::new();
        let mut see = |row, _: crate::store::TokenBlob<'_>| {
            seen.push(row);
            Ok(std::ops::ControlFlow::Continue(()))
        };
        store.for_each_tokens(&[1, 2, 3], &mut see).unwrap();
        assert_eq!(seen, [2]);
        let crate::store::Changes::Page { changes, .. } = store.changes_since(0, 0, 9).unwrap()
        else {
            panic!("too old")
        };
        assert_eq!(changes.len(), 1);
    }

    #[test]
    fn a_text_changed_meanwhile_keeps_its_own_tokens() {
        let folder = Folder::new();
        let id = folder.open().insert(vec![memory("old")]).unwrap().remove(0);
        let store = open_other(&folder);
        let batch = store.reencode_batch(0, 9).unwrap();
        let text = Some(("new".to_owned(), tokens(77, 1, &model("two"))));
        store.update(&id, &nobody(), Change { text, ..Change::default() }).unwrap();
        assert_eq!(store.replace_tokens(batch.iter().map(encode).collect()).unwrap(), 0);
        assert_eq!(store.tokens(1).unwrap().unwrap().count(), 1);
        store.finish_reencode().unwrap();
    }

    #[test]
    fn a_process_with_the_old_model_can_no_longer_write() {
        let folder = Folder::new();
        let old = folder.open();
        open_other(&folder).finish_reencode().unwrap();
        assert_eq!(old.insert(vec![memory("late")]).unwrap_err().code(), "PM_MODEL_MISMATCH");
    }
}
