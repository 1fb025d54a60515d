//! Memories: insert, update, remove. What is slow is done before a call waits for the writer.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::value::RawValue;

use super::access::now_ms;
use super::errors::Outcome;
use super::partitions::{drop_if_empty, partition_row};
use super::store::{Store, check_bound_model};
use super::text::{pack, unpack};
use super::types::{Change, NewMemory, Scope, ScopeFilter, Tier};
use super::vectors::PackedTokens;
use super::writer::Tx;
use crate::error::{Error, Result};
use crate::tokens::MemoryTokens;

/// A text as it is written: for `contents`, for `words`, and its memory tokens.
struct PackedText {
    text: String,
    packed: Vec<u8>,
    tokens: PackedTokens,
    source_tokens: i64,
    source_bytes: i64,
}

/// A memory as it is written.
struct PackedMemory {
    id: String,
    kind: String,
    scope: Scope,
    metadata: String,
    data: Option<Vec<u8>>,
    text: PackedText,
}

/// A change as it is written.
struct PackedChange {
    text: Option<PackedText>,
    data: Option<Option<Vec<u8>>>,
    metadata: Option<String>,
}

/// Where a memory was found.
pub(super) struct Place {
    pub(super) row: i64,
    partition: i64,
}

impl Store {
    /// Keeps all of `items` or none; their ids (`UUIDv7`) in the same order, once committed.
    ///
    /// # Errors
    /// `PM_DIMS_MISMATCH`, `PM_MODEL_MISMATCH`, `PM_BAD_VECTOR`, `PM_BAD_OPTION` (no kind, data
    /// that is no JSON), `PM_BUSY`, `PM_DISK_FULL`, `PM_IO`.
    pub fn insert(&self, items: Vec<NewMemory>) -> Result<Vec<String>> {
        let packed = items.into_iter().map(|item| self.pack_memory(item));
        let packed = packed.collect::<Result<Vec<_>>>()?;
        if packed.is_empty() {
            return Ok(Vec::new());
        }
        let ids = packed.iter().map(|memory| memory.id.clone()).collect();
        let guard = self.model_guard();
        self.writer.call(move |tx| {
            guard(tx)?;
            let generation = tx.next_generation()?;
            let rows = packed.iter().map(|memory| memory.insert(tx, generation));
            let rows = rows.collect::<Outcome<Vec<_>>>()?;
            // Words last: FTS5 writes a segment whenever a statement on another table comes between.
            let mut words = rows.iter().zip(&packed);
            words.try_for_each(|(row, memory)| add_words(tx, *row, &memory.text.text))
        })?;
        Ok(ids)
    }

    /// Changes a memory. False: none with this id is in these scopes. What it replaces is erased.
    ///
    /// # Errors
    /// As [`Store::insert`].
    pub fn update(&self, id: &str, scope: &[ScopeFilter], change: Change) -> Result<bool> {
        let change = self.pack_change(change)?;
        let (id, scope) = (id.to_owned(), scope.to_vec());
        let guard = self.model_guard();
        self.writer.call(move |tx| match find(tx, &id, &scope)? {
            Some(place) => {
                guard(tx)?;
                change.apply(tx, place.row)?;
                Ok(true)
            }
            None => Ok(false),
        })
    }

    /// Erases the memories with these ids that are in these scopes; how many there were. Their
    /// text, vectors, metadata, ids and words leave the file and the WAL.
    pub fn remove(&self, ids: &[String], scope: &[ScopeFilter]) -> Result<usize> {
        let (ids, scope) = (ids.to_vec(), scope.to_vec());
        self.writer.call(move |tx| {
            let mut removed = 0;
            for id in &ids {
                if let Some(place) = find(tx, id, &scope)? {
                    remove_one(tx, &place)?;
                    removed += 1;
                }
            }
            Ok(removed)
        })
    }

    fn pack_memory(&self, item: NewMemory) -> Result<PackedMemory> {
        if item.kind.is_empty() {
            return Err(bad_option("kind", "it is empty", "name what the memory is"));
        }
        Ok(PackedMemory {
            id: uuid::Uuid::now_v7().to_string(),
            kind: item.kind,
            scope: item.scope,
            metadata: metadata_text(&item.metadata)?,
            data: item.data.map(|data| pack_data(&data)).transpose()?,
            text: self.pack_text(item.text, &item.tokens)?,
        })
    }

    fn pack_change(&self, change: Change) -> Result<PackedChange> {
        let text = change.text.map(|(text, tokens)| self.pack_text(text, &tokens));
        let data = change.data.map(|data| data.map(|data| pack_data(&data)).transpose());
        Ok(PackedChange {
            text: text.transpose()?,
            data: data.transpose()?,
            metadata: change.metadata.map(|metadata| metadata_text(&metadata)).transpose()?,
        })
    }

    fn pack_text(&self, text: String, tokens: &MemoryTokens) -> Result<PackedText> {
        Ok(PackedText {
            packed: pack(&text)?,
            tokens: PackedTokens::new(tokens, self)?,
            source_tokens: tokens.source_tokens as i64,
            source_bytes: text.len() as i64,
            text,
        })
    }

    /// A check for transactions that write vectors: the store is still bound to the model that it
    /// was bound to.
    pub(super) fn model_guard(&self) -> impl Fn(&Tx<'_>) -> Outcome<()> + Send + 'static {
        let (bound, model) = (std::sync::Arc::clone(&self.bound_model), self.options.model.clone());
        move |tx| check_bound_model(tx, bound.load(std::sync::atomic::Ordering::Relaxed), &model)
    }
}

impl PackedMemory {
    /// All of it but its words; its row.
    fn insert(&self, tx: &Tx<'_>, generation: i64) -> Outcome<i64> {
        let partition = partition_row(tx, &self.kind, &self.scope)?;
        let sql =
            "INSERT INTO memories (id, partition, tier, metadata, source_tokens, source_bytes,
            created_at, updated_at, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)";
        tx.prepare_cached(sql)?.execute(params![
            self.id,
            partition,
            Tier::Hot.name(),
            self.metadata,
            self.text.source_tokens,
            self.text.source_bytes,
            now_ms(),
            generation
        ])?;
        let row = tx.last_insert_rowid();
        let sql = "INSERT INTO contents (row, text, data) VALUES (?1, ?2, ?3)";
        tx.prepare_cached(sql)?.execute(params![row, self.text.packed, self.data])?;
        self.text.tokens.write(tx, row)?;
        Ok(row)
    }
}

impl PackedChange {
    fn apply(&self, tx: &Tx<'_>, row: i64) -> Outcome<()> {
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
        let sql = "UPDATE memories SET updated_at = ?2 WHERE row = ?1";
        tx.prepare_cached(sql)?.execute(params![row, now_ms()])?;
        Ok(())
    }
}

fn replace_text(tx: &Tx<'_>, row: i64, text: &PackedText) -> Outcome<()> {
    remove_words(tx, row)?;
    let sql = "UPDATE contents SET text = ?2 WHERE row = ?1";
    tx.prepare_cached(sql)?.execute(params![row, text.packed])?;
    add_words(tx, row, &text.text)?;
    text.tokens.write(tx, row)?;
    let sql = "UPDATE memories SET tier = ?2, source_tokens = ?3, source_bytes = ?4, changed = ?5
        WHERE row = ?1";
    let (tier, generation) = (Tier::Hot.name(), tx.next_generation()?);
    let values = params![row, tier, text.source_tokens, text.source_bytes, generation];
    tx.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

fn remove_one(tx: &Tx<'_>, place: &Place) -> Outcome<()> {
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

/// Makes a text findable by its words.
pub(super) fn add_words(conn: &Connection, row: i64, text: &str) -> Outcome<()> {
    let sql = "INSERT INTO words (rowid, text) VALUES (?1, ?2)";
    conn.prepare_cached(sql)?.execute(params![row, text])?;
    Ok(())
}

/// `words` keeps no text, so it has to be told again what it is to forget.
pub(super) fn remove_words(tx: &Tx<'_>, row: i64) -> Outcome<()> {
    let Some(text) = text_of(tx, row)? else { return Ok(()) };
    tx.erases_words(&text);
    let sql = "INSERT INTO words (words, rowid, text) VALUES ('delete', ?1, ?2)";
    tx.prepare_cached(sql)?.execute(params![row, text])?;
    Ok(())
}

fn text_of(conn: &Connection, row: i64) -> Outcome<Option<String>> {
    let mut select = conn.prepare_cached("SELECT text FROM contents WHERE row = ?1")?;
    let mut rows = select.query([row])?;
    let Some(columns) = rows.next()? else { return Ok(None) };
    columns.get_ref(0)?.as_blob_or_null().ok().flatten().map(unpack).transpose()
}

fn metadata_text(metadata: &serde_json::Map<String, serde_json::Value>) -> Result<String> {
    serde_json::to_string(metadata).map_err(Error::internal)
}

fn pack_data(data: &str) -> Result<Vec<u8>> {
    if let Err(err) = serde_json::from_str::<&RawValue>(data) {
        return Err(bad_option("data", &format!("it is no JSON: {err}"), "give JSON text"));
    }
    pack(data)
}

fn bad_option(what: &str, found: &str, advice: &str) -> Error {
    Error::BadOption { what: what.to_owned(), found: found.to_owned(), advice: advice.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::super::testing::{Folder, memory, model, nobody, partitions, tokens};
    use super::*;

    fn with_everything(text: &str, secret: &str) -> NewMemory {
        let metadata = json!({ "singer": format!("singer-{secret}") });
        NewMemory {
            data: Some(format!("{{ \"lyric\":\t\"lyric-{secret}\" }}")),
            metadata: metadata.as_object().unwrap().clone(),
            scope: Scope { user: Some(format!("user-{secret}")), project: None },
            ..memory(text)
        }
    }

    #[test]
    fn what_went_in_comes_out() {
        let folder = Folder::new();
        let id = {
            let store = folder.open();
            let item = with_everything("warm analogue pad", "x");
            store.insert(vec![item]).unwrap().remove(0)
        };
        let store = folder.open();
        let scope = [ScopeFilter { user: Some("user-x".into()), ..ScopeFilter::default() }];
        let record = store.get(&id, &scope).unwrap().unwrap();
        let expected = with_everything("warm analogue pad", "x");
        assert_eq!(record.text.as_deref(), Some("warm analogue pad"));
        assert_eq!(record.data, expected.data, "byte for byte");
        assert_eq!(record.metadata, expected.metadata);
        assert_eq!((record.token_count, record.ratio, record.source_bytes), (3, 16, 17));
        assert_eq!(record.token_bytes, 4 * 16, "three tokens and the whole, f16");
        assert_eq!(store.row_of(&id, &scope).unwrap(), Some(record.row));
        assert_eq!(store.get(&id, &nobody()).unwrap(), None, "another scope");
        assert_eq!(store.get(&id, &[]).unwrap(), None, "no scope");
        assert_eq!(store.records(&[record.row, 99]).unwrap(), vec![Some(record), None]);
    }

    #[test]
    fn all_or_nothing() {
        let folder = Folder::new();
        let store = folder.open();
        let mut bad = memory("bad");
        bad.tokens.data[3] = f32::NAN;
        let err = store.insert(vec![memory("good"), bad]).unwrap_err();
        assert_eq!(err.code(), "PM_BAD_VECTOR");
        assert_eq!(store.kinds().unwrap(), Vec::<String>::new());
        assert_eq!(store.generation().unwrap(), 0);
    }

    #[track_caller]
    fn refuse(spoil: impl FnOnce(&mut NewMemory), code: &str) {
        let (folder, mut item) = (Folder::new(), memory("one two"));
        spoil(&mut item);
        assert_eq!(folder.open().insert(vec![item]).unwrap_err().code(), code);
    }

    #[test]
    fn bad_memories_are_refused() {
        refuse(|item| item.kind.clear(), "PM_BAD_OPTION");
        refuse(|item| item.data = Some("{".into()), "PM_BAD_OPTION");
        refuse(|item| item.tokens.dims = 4, "PM_DIMS_MISMATCH");
        refuse(|item| item.tokens.model = "other".into(), "PM_MODEL_MISMATCH");
        refuse(|item| item.tokens.data.clear(), "PM_BAD_VECTOR");
        refuse(|item| item.tokens.whole.truncate(2), "PM_BAD_VECTOR");
        refuse(|item| item.tokens.data.truncate(9), "PM_BAD_VECTOR");
        refuse(|item| item.tokens.whole[0] = f32::INFINITY, "PM_BAD_VECTOR");
    }

    #[test]
    fn an_update_changes_what_it_names() {
        let folder = Folder::new();
        let store = folder.open();
        let id = store.insert(vec![with_everything("old text", "x")]).unwrap().remove(0);
        let scope = [ScopeFilter { user: Some("user-x".into()), ..ScopeFilter::default() }];
        let before = store.get(&id, &scope).unwrap().unwrap();
        let generation = store.generation().unwrap();

        let change = Change { data: Some(None), ..Change::default() };
        assert!(store.update(&id, &scope, change).unwrap());
        let after = store.get(&id, &scope).unwrap().unwrap();
        assert_eq!((after.data, after.text), (None, before.text));
        assert_eq!(store.generation().unwrap(), generation, "no vector changed");

        let text = ("entirely new words".to_owned(), tokens(9, 5, &model("one")));
        let change = Change { text: Some(text), ..Change::default() };
        assert!(store.update(&id, &scope, change.clone()).unwrap());
        let after = store.get(&id, &scope).unwrap().unwrap();
        assert_eq!((after.token_count, after.source_bytes), (5, 18));
        assert!(store.generation().unwrap() > generation);
        assert!(!store.update(&id, &nobody(), change.clone()).unwrap(), "another scope");
        assert!(!store.update("no such id", &scope, change).unwrap());
    }

    #[test]
    fn removing_counts_what_was_there() {
        let folder = Folder::new();
        let store = folder.open();
        let ids = store.insert(vec![memory("a"), memory("b")]).unwrap();
        let asked = [ids[0].clone(), ids[0].clone(), "unknown".to_owned()];
        assert_eq!(store.remove(&asked, &[]).unwrap(), 0);
        assert_eq!(store.remove(&asked, &nobody()).unwrap(), 1);
        assert_eq!(store.remove(&ids, &nobody()).unwrap(), 1);
        assert_eq!(partitions(&store), Vec::<u32>::new());
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    }

    /// Bytes that only one memory has: its own words, metadata, user, id and vectors.
    fn traces(secret: &str, id: &str, tokens: &MemoryTokens) -> Vec<Vec<u8>> {
        let blob = crate::tokens::Dtype::F16.encode(&tokens.data, tokens.dims);
        let words = ["singer-", "user-", ""].map(|prefix| format!("{prefix}{secret}").into_bytes());
        words.into_iter().chain([id.as_bytes().to_vec(), blob]).collect()
    }

    #[test]
    fn removing_erases() {
        let folder = Folder::new();
        let store = folder.open();
        let item = with_everything("zyxophone qwlarp secretly", "zyxophon");
        let traces_of = |id: &str| traces("zyxophon", id, &item.tokens);
        let others = (0..300).map(|i| memory(&format!("ordinary words number{i}"))).collect();
        store.insert(others).unwrap();
        let id = store.insert(vec![item.clone()]).unwrap().remove(0);
        for trace in traces_of(&id) {
            assert!(folder.holds(&trace), "the search finds {trace:?} while it is there");
        }
        let scope = [ScopeFilter { user: Some("user-zyxophon".into()), ..ScopeFilter::default() }];
        assert_eq!(store.remove(&[id.clone()], &scope).unwrap(), 1);
        for trace in traces_of(&id) {
            assert!(!folder.holds(&trace), "{}", String::from_utf8_lossy(&trace));
        }
        assert!(!store.stats().unwrap().pending_erase);
    }

    #[test]
    fn an_update_erases_the_old_text() {
        let folder = Folder::new();
        let store = folder.open();
        let item = memory("qwlarp secretly");
        let old = crate::tokens::Dtype::F16.encode(&item.tokens.data, item.tokens.dims);
        let id = store.insert(vec![item]).unwrap().remove(0);
        assert!(folder.holds(b"qwlarp") && folder.holds(&old));
        let text = ("plain".to_owned(), tokens(3, 1, &model("one")));
        let change = Change { text: Some(text), ..Change::default() };
        store.update(&id, &nobody(), change).unwrap();
        assert!(!folder.holds(b"qwlarp") && !folder.holds(&old));
    }

    #[test]
    fn erasing_waits_for_a_reader_and_says_so() {
        let folder = Folder::new();
        let store = folder.open();
        let id = store.insert(vec![memory("qwlarp")]).unwrap().remove(0);
        let reader = Connection::open(folder.path()).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM memories").unwrap();
        assert_eq!(store.remove(&[id], &nobody()).unwrap(), 1);
        assert!(store.stats().unwrap().pending_erase);
        reader.execute_batch("COMMIT").unwrap();
        for _ in 0..100 {
            if !store.stats().unwrap().pending_erase {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert!(!store.stats().unwrap().pending_erase);
        assert!(!folder.holds(b"qwlarp"));
    }

    /// Inserts, updates and removes in an order that `seed` determines, then looks for what is gone.
    fn churn(word: impl Fn(u64) -> String, seed: u64) {
        let folder = Folder::new();
        let store = folder.open();
        let mut state = seed;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        let (mut next, mut live, mut gone) = (0_u64, Vec::new(), Vec::new());
        let mut fresh = || {
            next += 1;
            (memory(&format!("shared {} words", word(next))), word(next))
        };
        for _ in 0..400 {
            let (items, words): (Vec<_>, Vec<_>) = (0..random(20)).map(|_| fresh()).unzip();
            live.extend(store.insert(items).unwrap().into_iter().zip(words));
            for _ in 0..random(4).min(live.len()) {
                let at = random(live.len());
                let (item, word) = fresh();
                let change = Change { text: Some((item.text, item.tokens)), ..Change::default() };
                assert!(store.update(&live[at].0, &nobody(), change).unwrap());
                gone.push(std::mem::replace(&mut live[at].1, word));
            }
            let removed =
                (0..random(8).min(live.len())).map(|_| live.swap_remove(random(live.len())));
            let (ids, words): (Vec<_>, Vec<_>) = removed.unzip();
            assert_eq!(store.remove(&ids, &nobody()).unwrap(), ids.len());
            gone.extend(ids.into_iter().chain(words));
        }
        let traces: Vec<_> = gone.into_iter().map(String::into_bytes).collect();
        let left = folder.left_of(&traces);
        let sample = left.first().map(|trace| String::from_utf8_lossy(trace));
        assert!(left.is_empty(), "{} of {} are left: {sample:?}", left.len(), traces.len());
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn erasing_among_thousands_leaves_nothing() {
        churn(|i| format!("w{:016x}", i.wrapping_mul(0x9E37_79B9_7F4A_7C15)), 1);
    }

    #[test]
    fn erasing_among_words_that_begin_alike_leaves_nothing() {
        churn(|i| format!("session{i:05}"), 2);
    }
}
