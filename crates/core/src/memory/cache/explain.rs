//! Why a request is, or is not, served. Counts nothing.

use super::Cache;
use super::get::Judged;
use super::judge::{Judgement, Lookup, Outcome};
use crate::cache::{
    Asked, CacheExplanation, CacheGetOptions, CacheRequest, Decision, ExplainedCandidate,
    ExplainedRequest,
};
use crate::control::Control;
use crate::error::Result;
use crate::store::now_ms;

impl Cache<'_> {
    /// The nearest entries with similarity, facts of both sides, and what is decided and why, as a
    /// guarded lookup now would.
    ///
    /// # Errors
    /// Those of [`Cache::get`].
    pub fn explain(&self, request: CacheRequest, control: &Control) -> Result<CacheExplanation> {
        let open = self.memory.open_parts()?;
        let asked = Asked::new(request, &open.scope)?;
        let ttl_ms = CacheGetOptions::default().ttl_ms;
        let lookup = Lookup { open: &open, asked: &asked, now: now_ms(), ttl_ms };
        let known = open.cache_known()?;
        let mut judged = lookup.find(&known, control)?.judged;
        let equal = open.store.response_by_key(&asked.key)?;
        let exact = equal.is_some();
        if let Some(entry) = equal {
            let judgement = lookup.obstacle(&entry)?.unwrap_or_else(Judgement::exact);
            judged.insert(0, Judged { entry, similarity: 1.0, judgement });
        }
        let candidates = judged.iter().map(|one| lookup.explained(one)).collect();
        let facts = asked.reading().facts();
        let request = ExplainedRequest { prompt: asked.prompt.clone(), facts };
        Ok(CacheExplanation::new(request, exact, candidates))
    }
}

impl Lookup<'_> {
    fn explained(&self, one: &Judged) -> ExplainedCandidate {
        let Judgement { outcome, by, reason, sentence, score } = one.judgement.clone();
        let decision = if outcome == Outcome::Serve { Decision::Serve } else { Decision::Refuse };
        ExplainedCandidate {
            id: one.entry.id.clone(),
            prompt: one.entry.prompt.clone(),
            similarity: one.similarity,
            facts: self.stored_reading(&one.entry).facts(),
            decision,
            reason,
            by,
            score,
            sentence,
        }
    }
}
