//! From one model to another: every text is encoded again, memory by memory. The store stays bound
//! to the old model until all are done, so a job that was killed goes on where it stopped. From the
//! first to the last of them it holds vectors of two models, which its settings say: a search with
//! either would miss memories, so none is made.

use rusqlite::{Connection, params};

use super::calls::Tx;
use super::errors::{Outcome, damaged};
use super::handle::{Store, note_reencoding};
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
            if replaced > 0 && schema::setting(tx, "model")? != model {
                note_reencoding(tx, model)?;
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
    // The old model stays in the list of models: a store opened with it before goes by its number,
    // which must not become another model's.
    schema::set_setting(tx, "model", model)?;
    note_reencoding(tx, 0)?;
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

    /// Encodes the first `count` texts with the second model.
    fn encode_some(store: &Store, count: usize) {
        let batch = store.reencode_batch(0, count).unwrap();
        store.replace_tokens(batch.iter().map(encode).collect()).unwrap();
    }

    /// What opening with the model `name` is refused with.
    fn refusal(folder: &Folder, name: &str) -> String {
        let err = Store::open(&folder.path(), StoreOptions::new(model(name))).unwrap_err();
        assert_eq!(err.code(), "PM_MODEL_MISMATCH");
        err.to_string()
    }

    #[test]
    fn a_store_half_re_encoded_is_of_neither_model() {
        let folder = Folder::new();
        let old = folder.open();
        old.insert((0..6).map(|i| memory(&format!("text {i}"))).collect()).unwrap();
        let new = open_other(&folder);
        assert!(old.model_matches(), "nothing is encoded yet");
        encode_some(&new, 4);
        assert!(!old.model_matches() && !new.model_matches());
        for name in ["one", "two"] {
            let said = refusal(&folder, name);
            assert!(said.contains("one (one-") && said.contains("two (two-"), "{said}");
        }
        // By a call that was under way.
        old.insert(vec![memory("late")]).unwrap();
        drop(new);
        let new = open_other(&folder);
        assert_eq!(new.reencode_report().unwrap().waiting, 3);
        encode_some(&new, 9);
        new.finish_reencode().unwrap();
        assert!(new.model_matches() && !old.model_matches());
        assert_eq!(new.rows_with_tokens().unwrap().len(), 7);
        assert!(Store::open(&folder.path(), StoreOptions::new(model("two"))).is_ok());
        assert!(!refusal(&folder, "one").contains("until reindex() is through"));
    }

    #[test]
    fn a_store_that_nobody_noted_as_half_re_encoded_is_found_out_on_opening() {
        let folder = Folder::new();
        folder.open().insert(vec![memory("a"), memory("b")]).unwrap();
        drop(open_other(&folder));
        drop(folder.open());
        let forget = "DELETE FROM settings WHERE name = 'reencoding'";
        let new = open_other(&folder);
        encode_some(&new, 1);
        new.writer.call(move |tx| Ok(tx.execute_batch(forget)?)).unwrap();
        drop(new);
        assert!(refusal(&folder, "one").contains("until reindex() is through"));
    }

    #[test]
    fn who_was_there_before_the_re_encoding_follows_it() {
        let folder = Folder::new();
        let old = folder.open();
        old.insert(vec![memory("a"), memory("b")]).unwrap();
        let (new, second) = (open_other(&folder), open_other(&folder));
        encode_some(&new, 9);
        new.finish_reencode().unwrap();
        assert!(second.model_matches());
        let item = crate::store::NewMemory { tokens: tokens(1, 1, &model("two")), ..memory("c") };
        second.insert(vec![item]).unwrap();
        // And back: the first model has the number that `old` knows.
        let back = folder.open_with(|options| options.accept_other_model = true);
        let again = |one: &Reencode| {
            let tokens = tokens(one.row, 1, &model("one"));
            Reencoded { row: one.row, changed: one.changed, tokens }
        };
        let batch = back.reencode_batch(0, 9).unwrap();
        back.replace_tokens(batch.iter().map(again).collect()).unwrap();
        back.finish_reencode().unwrap();
        assert!(old.model_matches() && !second.model_matches());
        assert_eq!(old.rows_with_tokens().unwrap().len(), 3);
    }
}
