//! Stores in temporary folders and small memories, for the tests of this room.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use serde_json::Map;

use super::handle::Store;
use super::types::{Filter, ModelId, NewMemory, Retention, Scope, ScopeFilter, StoreOptions};
use crate::tokens::{MemoryTokens, Ratio};

pub(super) const DIMS: usize = 8;

/// A folder with one store in it, gone when dropped.
pub(super) struct Folder(tempfile::TempDir);

impl Folder {
    pub(super) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.path().join("studio.db")
    }

    pub(super) fn open(&self) -> Store {
        self.open_with(|_| {})
    }

    pub(super) fn open_with(&self, set: impl FnOnce(&mut StoreOptions)) -> Store {
        let mut options = StoreOptions::new(model("one"));
        set(&mut options);
        Store::open(&self.path(), options).unwrap()
    }

    /// Whether the bytes stand anywhere in the files of the store.
    pub(super) fn holds(&self, bytes: &[u8]) -> bool {
        !self.left_of(&[bytes.to_vec()]).is_empty()
    }

    /// Those of `traces` that stand anywhere in the files of the store.
    pub(super) fn left_of(&self, traces: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let files = std::fs::read_dir(self.0.path()).unwrap();
        let files: Vec<_> =
            files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
        let mut by_length: HashMap<usize, HashSet<&[u8]>> = HashMap::new();
        for trace in traces {
            by_length.entry(trace.len()).or_default().insert(trace);
        }
        let found = by_length.iter().flat_map(|(length, wanted)| {
            let windows = files.iter().flat_map(|file| file.windows(*length));
            windows.filter(|window| wanted.contains(window))
        });
        found.map(<[u8]>::to_vec).collect()
    }
}

pub(super) fn model(name: &str) -> ModelId {
    ModelId { name: name.to_owned(), fingerprint: format!("{name}-fingerprint"), dims: DIMS }
}

/// `count` memory tokens that `seed` determines.
pub(super) fn tokens(seed: u64, count: usize, model: &ModelId) -> MemoryTokens {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    let mut number = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f32::from((state >> 40) as u16 as i16) / 32_768.0
    };
    let data: Vec<f32> = (0..count * DIMS).map(|_| number()).collect();
    let whole = if count == 1 { data.clone() } else { (0..DIMS).map(|_| number()).collect() };
    let ratio = Ratio::default();
    let (source_tokens, source_bytes) = (count * 16, 0);
    MemoryTokens {
        dims: DIMS,
        ratio,
        data,
        whole,
        source_tokens,
        source_bytes,
        model: model.fingerprint.clone(),
    }
}

/// A note of nobody's, with as many memory tokens as its text has words.
pub(super) fn memory(text: &str) -> NewMemory {
    let seed = text.bytes().fold(7_u64, |seed, byte| seed.wrapping_mul(31) + u64::from(byte));
    NewMemory {
        kind: "note".to_owned(),
        scope: Scope::default(),
        text: text.to_owned(),
        data: None,
        metadata: Map::new(),
        tokens: tokens(seed, text.split_whitespace().count().max(1), &model("one")),
        retention: Retention::default(),
    }
}

/// Memories that are nobody's.
pub(super) fn nobody() -> Vec<ScopeFilter> {
    vec![ScopeFilter::default()]
}

/// All partitions of nobody's memories.
pub(super) fn partitions(store: &Store) -> Vec<u32> {
    store.partitions(&Filter { scopes: nobody(), ..Filter::default() }).unwrap()
}

/// An answer of nobody's, found by the first byte of its key.
pub(super) fn response(key: u8, content: &str) -> super::response_put::NewResponse {
    super::response_put::NewResponse {
        key: [key; 32],
        compartment: [1; 32],
        mark: [key; 32],
        scope: Scope::default(),
        prompt: format!("prompt {key}"),
        content: content.to_owned(),
        context: None,
        recall: None,
        model: "m".to_owned(),
        cost: 0.5,
        is_estimated: false,
        worth: 1.0,
        created_at: 1_000,
        expires_at: None,
        vector: Some(vec![f32::from(key); DIMS]),
    }
}

/// Room for everything.
pub(super) const UNLIMITED: super::response_put::ResponseLimits =
    super::response_put::ResponseLimits { entries: u64::MAX, bytes: u64::MAX };
