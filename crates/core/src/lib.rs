//! A music studio's memory: text in, memory tokens out, one SQLite file, found again by meaning.
//!
//! [`PrimeMemory`] is the way in; `examples/studio.rs` opens a store and searches it.
//! `docs/architecture.md` of the repository tells which room to enter for which change.

pub mod cache;
pub mod control;
pub mod describe;
pub mod error;
pub mod index;
mod memory;
pub mod model;
mod music;
pub mod options;
pub mod recall;
pub mod report;
mod search;
pub mod snapshots;
pub mod store;
pub mod tiers;
pub mod tokens;

pub use cache::guard;
pub use cache::{
    CacheAnswer, CacheExplanation, CacheGetOptions, CacheHit, CacheRequest, CacheSettings,
    CacheStats, InvalidateOptions,
};
pub use control::{Control, Progress};
pub use error::{Error, Result};
pub use memory::{
    Cache, CacheQuestion, Diff, Explanation, Found, Hit, IndexReport, KindReport, LearnReport,
    MemoryChange, MismatchPolicy, ModelReport, NewItem, OpenOptions, PrimeMemory, Recall, Report,
    RuntimeReport, Snapshots, Stats, StoreReport, Superseded, TierCounts, Tiers, WithoutText,
};
pub use report::ReportOptions;
pub use search::{Mode, Query, SearchOptions, TokenParts};
pub use store::{Durability, Scope, ScopeFilter, Tier};
pub use tiers::{TierForecast, TierPolicy, TierReport};
pub use tokens::{Dtype, MemoryTokens, Ratio};

/// The example of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
