//! The response cache of an open memory: the order of work of each call.
//!
//! `get.rs` looks up, `judge.rs` decides on one candidate, `set.rs` stores, `learn.rs` takes
//! feedback, forgets and configures, `explain.rs` and `stats.rs` tell. `state.rs` is what is kept in
//! memory and how it follows the store. The decisions themselves are in the room `cache/`.

mod explain;
mod get;
mod judge;
mod learn;
mod set;
mod state;
mod stats;

use super::PrimeMemory;

pub use get::CacheQuestion;
pub(super) use state::State;

/// The response cache of a memory. Cheap: all of them are the same cache.
#[derive(Debug, Clone, Copy)]
pub struct Cache<'a> {
    memory: &'a PrimeMemory,
}

impl PrimeMemory {
    /// Cached answers of language models.
    pub fn cache(&self) -> Cache<'_> {
        Cache { memory: self }
    }
}
