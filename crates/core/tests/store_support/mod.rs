//! Small memories for the store's tests through the public API.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test uses a part; tests fail loudly"
)]

use std::path::Path;

use prime_memory::store::{ModelId, NewMemory, Scope, ScopeFilter, Store, StoreOptions};
use prime_memory::{MemoryTokens, Ratio};

pub const DIMS: usize = 16;

pub fn model() -> ModelId {
    ModelId { name: "toy".to_owned(), fingerprint: "toy-fingerprint".to_owned(), dims: DIMS }
}

pub fn open(path: &Path) -> Store {
    Store::open(path, StoreOptions { busy_timeout_ms: 30_000, ..StoreOptions::new(model()) })
        .unwrap()
}

pub fn tokens(text: &str) -> MemoryTokens {
    let count = text.split_whitespace().count().max(1);
    let byte = |i: usize| text.as_bytes().get(i % text.len().max(1)).copied().unwrap_or(0);
    let data: Vec<f32> = (0..count * DIMS).map(|i| f32::from(byte(i)) / 64.0 - 1.0).collect();
    let whole = data[..DIMS].to_vec();
    let (source_tokens, source_bytes) = (count, text.len());
    let model = model().fingerprint;
    MemoryTokens {
        dims: DIMS,
        ratio: Ratio::default(),
        data,
        whole,
        source_tokens,
        source_bytes,
        model,
    }
}

pub fn memory(text: &str) -> NewMemory {
    NewMemory {
        kind: "note".to_owned(),
        scope: Scope::default(),
        text: text.to_owned(),
        data: None,
        metadata: serde_json::Map::new(),
        tokens: tokens(text),
        retention: prime_memory::store::Retention::default(),
    }
}

pub fn nobody() -> Vec<ScopeFilter> {
    vec![ScopeFilter::default()]
}
