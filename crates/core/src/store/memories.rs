//! Memories: insert, update, remove. What is slow is done before a call waits for the writer.

use serde_json::value::RawValue;

use super::calls::Tx;
use super::errors::Outcome;
use super::handle::{Store, check_bound_model};
use super::rows::{PackedChange, PackedMemory, PackedText, add_words, find, remove_one};
use super::text::pack;
use super::types::{Change, NewMemory, ScopeFilter};
use super::vectors::PackedTokens;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::tokens::MemoryTokens;

impl Store {
    /// Keeps all of `items` or none; their ids (`UUIDv7`) in the same order, once committed.
    ///
    /// # Errors
    /// `PM_DIMS_MISMATCH`, `PM_MODEL_MISMATCH`, `PM_BAD_VECTOR`, `PM_BAD_OPTION` (no kind, data
    /// that is no JSON), `PM_BUSY`, `PM_DISK_FULL`, `PM_IO`.
    pub fn insert(&self, items: Vec<NewMemory>) -> Result<Vec<String>> {
        self.insert_under(items, &Control::new())
    }

    /// As [`Store::insert`]; can be stopped while another process writes.
    ///
    /// # Errors
    /// `PM_ABORTED`, and nothing is kept; else as [`Store::insert`].
    pub fn insert_under(&self, items: Vec<NewMemory>, control: &Control) -> Result<Vec<String>> {
        let packed = items.into_iter().map(|item| self.pack_memory(item));
        let packed = packed.collect::<Result<Vec<_>>>()?;
        if packed.is_empty() {
            return Ok(Vec::new());
        }
        let ids = packed.iter().map(|memory| memory.id.clone()).collect();
        let guard = self.model_guard();
        self.writer.call_under(control, move |tx| {
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
        self.update_under(id, scope, change, &Control::new())
    }

    /// As [`Store::update`]; can be stopped while another process writes.
    ///
    /// # Errors
    /// `PM_ABORTED`, and nothing is changed; else as [`Store::insert`].
    pub fn update_under(
        &self,
        id: &str,
        scope: &[ScopeFilter],
        change: Change,
        control: &Control,
    ) -> Result<bool> {
        let change = self.pack_change(change)?;
        let (id, scope) = (id.to_owned(), scope.to_vec());
        let guard = self.model_guard();
        self.writer.call_under(control, move |tx| match find(tx, &id, &scope)? {
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

    pub(super) fn pack_memory(&self, item: NewMemory) -> Result<PackedMemory> {
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
            retention: item.retention,
        })
    }

    pub(super) fn pack_change(&self, change: Change) -> Result<PackedChange> {
        let text = change.text.map(|(text, tokens)| self.pack_text(text, &tokens));
        let data = change.data.map(|data| data.map(|data| pack_data(&data)).transpose());
        Ok(PackedChange {
            text: text.transpose()?,
            data: data.transpose()?,
            metadata: change.metadata.map(|metadata| metadata_text(&metadata)).transpose()?,
            disposable: change.disposable,
            importance: change.importance,
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
    use super::super::types::Scope;
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
}
