//! What the cache did and how it decides.

use super::Cache;
use crate::cache::{CacheStats, Feedback, Shadow};
use crate::error::Result;
use crate::store::Scope;

impl Cache<'_> {
    /// What was counted in a scope, none means the one the memory was opened with.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn stats(&self, scope: Option<Scope>) -> Result<CacheStats> {
        let open = self.memory.open_parts()?;
        let known = open.cache_known()?;
        let totals = open.store.response_totals(&scope.unwrap_or_else(|| open.scope.clone()))?;
        let sum = |name: &str| totals.counts.get(name).copied().unwrap_or_default();
        let count = |name: &str| sum(name) as u64;
        let refusals = totals.counts.iter().filter_map(|(name, value)| {
            Some((name.strip_prefix("refused:")?.to_owned(), *value as u64))
        });
        let pair_model = open.cache.pair_model();
        let threshold = pair_model.ok().map(|pair| known.threshold(pair));
        Ok(CacheStats {
            hits: count("exactHits") + count("meaningHits"),
            exact_hits: count("exactHits"),
            meaning_hits: count("meaningHits"),
            misses: count("misses"),
            refusals: refusals.collect(),
            entries: totals.entries,
            bytes: totals.bytes,
            saved: sum("saved"),
            saved_estimated: sum("savedEstimated"),
            feedback: Feedback { right: count("feedbackRight"), wrong: count("feedbackWrong") },
            shadow: Shadow {
                would: count("shadowWould"),
                agreed: count("shadowAgreed"),
                disagreed: count("shadowDisagreed"),
            },
            evicted: count("evicted"),
            expired: count("expired"),
            mode: known.settings.mode,
            max_error_rate: known.settings.max_error_rate,
            pair_model: pair_model.ok().map(|pair| pair.name().to_owned()),
            pair_model_missing: pair_model.err().map(str::to_owned),
            threshold: threshold.filter(|threshold| threshold.is_finite()),
        })
    }
}
