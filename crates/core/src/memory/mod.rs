//! The façade that the binding and Rust hosts use: one open store with its model and its index.
//!
//! `cache/` is the response cache, `open.rs` opens and closes, `remember.rs` writes, `get.rs` reads
//! one back, `find.rs` searches for what `question.rs` prepares, `recall.rs` learns, `snapshots/` keeps
//! projects, `tiers*.rs` move to smaller tiers, `report/` measures, `upkeep.rs` keeps the derived index in
//! step with SQLite, `health.rs` tells and mends the state. No SQL, no vector arithmetic: those live in `store/`, `index/` and `search/`.

mod cache;
mod find;
mod get;
mod health;
mod nul;
mod open;
mod pace;
mod question;
mod recall;
mod recall_rows;
mod remember;
mod report;
mod snapshots;
mod tiers;
mod tiers_forecast;
mod upkeep;
mod warming;

use std::sync::atomic::Ordering;
use std::sync::{Arc, RwLock};

use crate::error::{Error, Result};
use crate::store::{Scope, ScopeFilter};

pub use cache::{Cache, CacheQuestion};
pub use find::{Explanation, Hit};
pub use get::Found;
pub use health::{
    IndexReport, KindReport, ModelReport, Report, RuntimeReport, Stats, TierCounts, WithoutText,
};
pub use open::{MismatchPolicy, OpenOptions};
pub use recall::{LearnReport, Recall, Superseded};
pub use remember::{MemoryChange, NewItem};
pub use report::StoreReport;
pub use snapshots::{Diff, Snapshots};
pub use tiers::Tiers;

/// A studio's memory: remembers, finds by meaning, forgets. Cheap to clone; all clones are the
/// same open store, usable from any thread.
///
/// Dropping the last clone stops the upkeep thread; everything acknowledged is on disk already.
/// [`PrimeMemory::close`] also saves the index, which makes the next open faster.
#[derive(Clone)]
pub struct PrimeMemory {
    open: Arc<RwLock<Option<Arc<open::Open>>>>,
}

impl PrimeMemory {
    /// What is open, for the time of one call.
    fn open_parts(&self) -> Result<Arc<open::Open>> {
        let guard = self.open.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let open = guard.as_ref().map(Arc::clone).ok_or(Error::Closed)?;
        open.calls.fetch_add(1, Ordering::Relaxed);
        Ok(open)
    }
}

impl std::fmt::Debug for PrimeMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PrimeMemory").field("closed", &self.open_parts().is_err()).finish()
    }
}

/// The scopes a call may see: those it names, else the one the memory was opened with.
fn visible(asked: &[ScopeFilter], opened_with: &Scope) -> Vec<ScopeFilter> {
    if asked.is_empty() { vec![ScopeFilter::from(opened_with.clone())] } else { asked.to_vec() }
}
