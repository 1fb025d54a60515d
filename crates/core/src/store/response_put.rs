//! Keeping a cached answer, and making room for it.

use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, OptionalExtension, params};

use super::access::now_ms;
use super::calls::Tx;
use super::errors::Outcome;
use super::handle::Store;
use super::response_counts::{add_count, scope_row};
use super::responses::Packed;
use super::schema;
use super::types::Scope;
use crate::error::Result;
use crate::tokens::Dtype;

/// Entries past their expiry that one write removes at most.
const PURGE: i64 = 64;

/// An answer to keep.
#[derive(Debug, Clone)]
pub struct NewResponse {
    /// Hash of the whole request.
    pub key: [u8; 32],
    /// Hash of everything that must be equal before meaning is looked at.
    pub compartment: [u8; 32],
    /// Hash of request and answer: see [`Store::forget_response`].
    pub mark: [u8; 32],
    /// Whose it is.
    pub scope: Scope,
    /// What was asked.
    pub prompt: String,
    /// The answer.
    pub content: String,
    /// The context as JSON.
    pub context: Option<String>,
    /// The recall facts as JSON.
    pub recall: Option<String>,
    /// The model that answered; empty when not known.
    pub model: String,
    /// US dollars.
    pub cost: f64,
    /// Whether `cost` rests on estimated tokens.
    pub is_estimated: bool,
    /// What one hit of it is worth per byte: see `cache/evict.rs`.
    pub worth: f64,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub expires_at: Option<i64>,
    /// The vector of its prompt, of the opened model; without one it is found by its key only.
    pub vector: Option<Vec<f32>>,
}

/// How much the cache may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseLimits {
    /// Entries.
    pub entries: u64,
    /// Bytes of their texts and vectors.
    pub bytes: u64,
}

/// What became of a [`NewResponse`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// Kept, under this id.
    Kept {
        /// Its id.
        id: String,
    },
    /// Its answer was forgotten for this very request, so it was not kept.
    Forgotten,
}

impl Store {
    /// Keeps an answer in place of the one its request had. The same answer again only becomes
    /// young: id, hits and what feedback taught stay. What is past its expiry goes, then what is
    /// worth least, until the rest is within `limits`.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn put_response(&self, new: NewResponse, limits: ResponseLimits) -> Result<Put> {
        let (prompt, content) = (Packed::new(&new.prompt)?, Packed::new(&new.content)?);
        let vector = new.vector.as_ref().map(|v| Dtype::F16.encode(v, v.len()));
        let model = self.model_row;
        let packed = PackedResponse { new, prompt, content, vector, model };
        self.writer.call(move |tx| {
            let put = packed.put(tx)?;
            if let Put::Kept { id } = &put {
                purge(tx)?;
                evict(tx, limits, id)?;
            }
            Ok(put)
        })
    }
}

struct PackedResponse {
    new: NewResponse,
    prompt: Packed,
    content: Packed,
    vector: Option<Vec<u8>>,
    model: i64,
}

impl PackedResponse {
    fn put(&self, tx: &Tx<'_>) -> Outcome<Put> {
        if is_forgotten(tx, &self.new.mark)? {
            return Ok(Put::Forgotten);
        }
        let sql = "SELECT r.row, r.id, t.content FROM responses r
            JOIN response_texts t ON t.row = r.row WHERE r.key = ?1";
        let known = tx.prepare_cached(sql)?.query_row([self.new.key], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, SqlValue>(2)?))
        });
        match known.optional()? {
            Some((row, id, content)) if self.content.is(&content) => {
                self.renew(tx, row)?;
                return Ok(Put::Kept { id });
            }
            Some((row, ..)) => remove_row(tx, row)?,
            None => {}
        }
        self.insert(tx).map(|id| Put::Kept { id })
    }

    fn renew(&self, tx: &Tx<'_>, row: i64) -> Outcome<()> {
        let new = &self.new;
        let sql = "UPDATE responses SET created_at = ?2, expires_at = ?3, model = ?4, cost = ?5,
            is_estimated = ?6, bytes = ?7, changed = ?8, worth = ?9,
            priority = (SELECT value FROM settings WHERE name = 'responses_clock')
                + ?9 * (1 + hits) WHERE row = ?1";
        tx.prepare_cached(sql)?.execute(params![
            row,
            new.created_at,
            new.expires_at,
            new.model,
            new.cost,
            new.is_estimated,
            self.bytes(),
            next_generation(tx)?,
            new.worth
        ])?;
        let sql = "UPDATE response_texts SET prompt = ?2, context = ?3, recall = ?4 WHERE row = ?1";
        let values = params![row, self.prompt, new.context, new.recall];
        tx.prepare_cached(sql)?.execute(values)?;
        self.write_vector(tx, row)
    }

    fn insert(&self, tx: &Tx<'_>) -> Outcome<String> {
        let new = &self.new;
        let compartment = compartment_row(tx, &new.compartment, &new.scope)?;
        let id = uuid::Uuid::now_v7().to_string();
        let sql =
            "INSERT INTO responses (id, key, compartment, model, created_at, expires_at, cost,
            is_estimated, worth, priority, bytes, changed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
                (SELECT value FROM settings WHERE name = 'responses_clock') + ?9, ?10, ?11)";
        tx.prepare_cached(sql)?.execute(params![
            id,
            new.key,
            compartment,
            new.model,
            new.created_at,
            new.expires_at,
            new.cost,
            new.is_estimated,
            new.worth,
            self.bytes(),
            next_generation(tx)?
        ])?;
        let row = tx.last_insert_rowid();
        let sql = "INSERT INTO response_texts (row, prompt, content, context, recall)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![row, self.prompt, self.content, new.context, new.recall];
        tx.prepare_cached(sql)?.execute(values)?;
        self.write_vector(tx, row)?;
        Ok(id)
    }

    fn write_vector(&self, tx: &Tx<'_>, row: i64) -> Outcome<()> {
        if let Some(vector) = &self.vector {
            // Another process may have bound the store to another model: then it is found by its key.
            let sql = "INSERT OR REPLACE INTO response_vectors (row, model, data)
                SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM models WHERE id = ?2)";
            tx.prepare_cached(sql)?.execute(params![row, self.model, vector])?;
        }
        Ok(())
    }

    fn bytes(&self) -> i64 {
        let json = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let texts = self.prompt.len() + self.content.len();
        let more = json(&self.new.context) + json(&self.new.recall);
        (texts + more + self.vector.as_ref().map_or(0, Vec::len)) as i64
    }
}

/// One more than ever before: memory elsewhere has something to read.
pub(super) fn next_generation(tx: &Tx<'_>) -> Outcome<i64> {
    schema::advance(tx, "responses_generation")
}

/// Whether an answer was forgotten for its request.
pub(super) fn is_forgotten(conn: &Connection, mark: &[u8; 32]) -> Outcome<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM response_tombstones WHERE mark = ?1)";
    Ok(conn.prepare_cached(sql)?.query_row([mark], |row| row.get(0))?)
}

pub(super) fn remove_row(tx: &Tx<'_>, row: i64) -> Outcome<()> {
    // Texts, vector and bars go with it (ON DELETE CASCADE).
    tx.prepare_cached("DELETE FROM responses WHERE row = ?1")?.execute([row])?;
    Ok(())
}

fn compartment_row(tx: &Tx<'_>, key: &[u8; 32], scope: &Scope) -> Outcome<i64> {
    let known = "SELECT id FROM compartments WHERE key = ?1";
    if let Some(id) = tx.prepare_cached(known)?.query_row([key], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    let scope = scope_row(tx, scope)?;
    let sql = "INSERT INTO compartments (scope, key) VALUES (?1, ?2) RETURNING id";
    Ok(tx.prepare_cached(sql)?.query_row(params![scope, key], |row| row.get(0))?)
}

/// Removes what is past its expiry, the oldest first.
fn purge(tx: &Tx<'_>) -> Outcome<()> {
    let sql = "SELECT row FROM responses WHERE expires_at IS NOT NULL AND expires_at <= ?1
        ORDER BY expires_at LIMIT ?2";
    let mut select = tx.prepare_cached(sql)?;
    let rows = select.query_map(params![now_ms(), PURGE], |row| row.get(0))?;
    let rows: Vec<i64> = rows.collect::<rusqlite::Result<_>>()?;
    rows.into_iter().try_for_each(|row| remove_counted(tx, row, "expired"))
}

/// `GreedyDual-Size-Frequency`: what is worth least goes, and the clock moves up to its priority,
/// so that what was worth much long ago grows old beside what is used now. What was put just now
/// goes last: it has had no time to be asked for.
fn evict(tx: &Tx<'_>, limits: ResponseLimits, newest: &str) -> Outcome<()> {
    loop {
        let entries = schema::setting(tx, "responses_entries")? as u64;
        let bytes = schema::setting(tx, "responses_bytes")? as u64;
        if entries <= limits.entries && bytes <= limits.bytes {
            return Ok(());
        }
        let least = |which: &str| {
            let sql = format!(
                "SELECT row, priority FROM responses WHERE id {which} ?1
                ORDER BY priority, row LIMIT 1"
            );
            let found = tx
                .prepare_cached(&sql)?
                .query_row([newest], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, f64>(1)?)));
            found.optional()
        };
        let another = least("<>")?;
        let Some((row, priority)) = another.map_or_else(|| least("="), |row| Ok(Some(row)))? else {
            return Ok(());
        };
        let sql = "UPDATE settings SET value = max(value, ?1) WHERE name = 'responses_clock'";
        tx.prepare_cached(sql)?.execute([priority])?;
        remove_counted(tx, row, "evicted")?;
    }
}

fn remove_counted(tx: &Tx<'_>, row: i64, name: &str) -> Outcome<()> {
    let sql = "SELECT c.scope FROM responses r JOIN compartments c ON c.id = r.compartment
        WHERE r.row = ?1";
    let scope = tx.prepare_cached(sql)?.query_row([row], |row| row.get(0))?;
    add_count(tx, scope, name, 1.0)?;
    remove_row(tx, row)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::testing::{Folder, UNLIMITED, response};
    use super::*;

    fn id(put: Put) -> String {
        let Put::Kept { id } = put else { panic!("not kept") };
        id
    }

    #[test]
    fn an_answer_comes_back_whole() {
        let folder = Folder::new();
        let store = folder.open();
        for (key, content) in [(1, "short".to_owned()), (2, "long words ".repeat(500))] {
            let new = NewResponse {
                context: Some(r#"{"bpm":120}"#.to_owned()),
                recall: Some("{}".to_owned()),
                expires_at: Some(i64::MAX),
                scope: Scope { user: Some("ana".into()), project: None },
                compartment: [key; 32],
                ..response(key, &content)
            };
            let id = id(store.put_response(new.clone(), UNLIMITED).unwrap());
            let found = store.response_by_key(&[key; 32]).unwrap().unwrap();
            assert_eq!(store.response_by_id(&id).unwrap().as_ref(), Some(&found));
            assert_eq!(store.response_at(found.row).unwrap().as_ref(), Some(&found));
            assert_eq!(store.response_by_key_now(&[key; 32]).as_ref(), Some(&found));
            assert_eq!((found.id, found.content, found.prompt), (id, content, new.prompt));
            assert_eq!((found.context, found.recall), (new.context, new.recall));
            assert_eq!((found.scope, found.expires_at), (new.scope, new.expires_at));
        }
        assert_eq!(store.response_by_key(&[9; 32]).unwrap(), None);
    }

    #[test]
    fn the_clock_lets_old_worth_go() {
        let folder = Folder::new();
        let store = folder.open();
        let limits = ResponseLimits { entries: 3, bytes: u64::MAX };
        let put = |key: u8, worth: f64| {
            let new = NewResponse { worth, ..response(key, "x") };
            store.put_response(new, limits).unwrap();
        };
        let is_there = |key: u8| store.response_by_key(&[key; 32]).unwrap().is_some();
        put(1, 5.0);
        (2..5).for_each(|key| put(key, 1.0));
        assert!(is_there(1) && !is_there(2), "the cheap one goes");
        // Each round of those that go moves the clock up by one: what was worth 5 once is the least.
        (5..20).for_each(|key| put(key, 1.0));
        assert!(!is_there(1) && is_there(19));
        put(20, 0.0);
        assert!(is_there(20), "what was put just now has its chance");
        let totals = store.response_totals(&Scope::default()).unwrap();
        assert_eq!((totals.entries, totals.counts["evicted"]), (3, 17.0));
    }

    #[test]
    fn hits_make_an_entry_worth_more_and_are_written_later() {
        let folder = Folder::new();
        let store = folder.open();
        let limits = ResponseLimits { entries: 2, bytes: u64::MAX };
        store.put_response(response(1, "x"), limits).unwrap();
        let row = store.response_by_key(&[1; 32]).unwrap().unwrap().row;
        (0..10).for_each(|_| store.touch_response(row));
        store.count_responses(&Scope::default(), &[("exactHits", 10.0)]);
        (2..8).for_each(|key| drop(store.put_response(response(key, "x"), limits).unwrap()));
        assert!(store.response_by_key(&[1; 32]).unwrap().is_some());
        store.count_responses(&Scope::default(), &[("exactHits", 1.0)]);
        drop(store);
        let totals = folder.open().response_totals(&Scope::default()).unwrap();
        assert!((totals.counts["exactHits"] - 11.0).abs() < f64::EPSILON);
    }

    #[test]
    fn totals_are_kept_whoever_writes() {
        let folder = Folder::new();
        let store = folder.open();
        (1..6).for_each(|key| drop(store.put_response(response(key, "x"), UNLIMITED).unwrap()));
        store.put_response(response(3, &"other ".repeat(1000)), UNLIMITED).unwrap();
        store.put_response(response(4, "x"), UNLIMITED).unwrap();
        let row = store.response_by_key(&[1; 32]).unwrap().unwrap().row;
        store.forget_response(vec![row], vec![[1; 32]]).unwrap();
        let counted = store.read(|conn| schema::setting(conn, "responses_bytes")).unwrap();
        let totals = store.response_totals(&Scope::default()).unwrap();
        assert_eq!((totals.entries, store.response_count().unwrap()), (4, 4));
        assert_eq!(totals.bytes, counted as u64);
    }

    #[test]
    fn a_forgotten_answer_is_not_kept_again() {
        let folder = Folder::new();
        let store = folder.open();
        store.put_response(response(1, "wrong"), UNLIMITED).unwrap();
        let row = store.response_by_key(&[1; 32]).unwrap().unwrap().row;
        assert!(store.forget_response(vec![row], vec![[1; 32]]).unwrap());
        assert!(!store.forget_response(vec![row], vec![[1; 32]]).unwrap());
        assert_eq!(store.put_response(response(1, "wrong"), UNLIMITED).unwrap(), Put::Forgotten);
        let other = NewResponse { mark: [77; 32], ..response(1, "right") };
        assert!(matches!(store.put_response(other, UNLIMITED).unwrap(), Put::Kept { .. }));
        assert!(store.is_forgotten(&[1; 32]).unwrap() && !store.is_forgotten(&[77; 32]).unwrap());
    }

    #[test]
    fn a_vector_is_told_once_it_is_new() {
        let folder = Folder::new();
        let store = folder.open();
        store.put_response(response(1, "x"), UNLIMITED).unwrap();
        let generation = store.responses_generation().unwrap();
        assert_eq!(store.response_vectors_since(0, 0, 9).unwrap().len(), 1);
        assert!(store.response_vectors_since(generation, 0, 9).unwrap().is_empty());
        store.put_response(NewResponse { vector: None, ..response(2, "x") }, UNLIMITED).unwrap();
        assert!(store.response_vectors_since(generation, 0, 9).unwrap().is_empty());
        let waiting = store.responses_to_encode(0, 9).unwrap();
        let row = store.response_by_key(&[2; 32]).unwrap().unwrap().row;
        assert_eq!(waiting, [(row, "prompt 2".to_owned())]);
        store.set_response_vectors(vec![(row, vec![0.5; super::super::testing::DIMS])]).unwrap();
        let told = store.response_vectors_since(generation, 0, 9).unwrap();
        assert_eq!(told.iter().map(|item| item.row).collect::<Vec<_>>(), [row]);
        assert!(store.responses_to_encode(0, 9).unwrap().is_empty());
    }
}
