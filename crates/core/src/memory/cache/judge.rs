//! One candidate: may its answer be given? From the cheapest test to the dearest.

use std::sync::Arc;

use super::state::Known;
use crate::cache::guard::{Reading, Verdict, compare};
use crate::cache::{Asked, By, Route, changed_fact, trusts_entry};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::memory::open::Open;
use crate::store::Response;

/// A request as near as this to one that was judged wrong is barred with it.
const AS_GOOD_AS_BARRED: f32 = 0.9;

/// One lookup under way.
pub(super) struct Lookup<'a> {
    pub(super) open: &'a Open,
    pub(super) asked: &'a Asked,
    pub(super) now: i64,
    /// The oldest answer accepted, in milliseconds.
    pub(super) ttl_ms: f64,
}

/// What is decided about a candidate.
#[derive(Debug, Clone)]
pub(super) struct Judgement {
    pub(super) outcome: Outcome,
    pub(super) by: By,
    /// A stable short code.
    pub(super) reason: String,
    pub(super) sentence: String,
    pub(super) score: Option<f32>,
    /// What the rules saw, for the pair model to weigh.
    pub(super) seen: Seen,
}

/// What the rules saw of two requests that they leave open.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    near: bool,
    evidence: Vec<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Serve,
    Refuse,
    /// The pair model has to be asked.
    Open,
}

impl Judgement {
    fn new(outcome: Outcome, by: By, reason: &str, sentence: impl Into<String>) -> Judgement {
        let (reason, sentence) = (reason.to_owned(), sentence.into());
        Judgement { outcome, by, reason, sentence, score: None, seen: Seen::default() }
    }

    pub(super) fn refuse(by: By, reason: &str, sentence: impl Into<String>) -> Judgement {
        Judgement::new(Outcome::Refuse, by, reason, sentence)
    }

    pub(super) fn exact() -> Judgement {
        Judgement::new(Outcome::Serve, By::Exact, "equal", "It is the same request.")
    }

    /// The way by which it is served.
    pub(super) fn route(&self) -> Option<Route> {
        match (self.by, self.score) {
            (By::Rules, _) => Some(Route::Rule(self.reason.clone())),
            (By::PairModel, Some(score)) => Some(Route::PairModel(score)),
            _ => None,
        }
    }
}

impl Lookup<'_> {
    /// What keeps an entry from being served even to an equal request; none when nothing does.
    pub(super) fn obstacle(&self, entry: &Response) -> Result<Option<Judgement>> {
        if let Some(judgement) = self.too_old(entry) {
            return Ok(Some(judgement));
        }
        if entry.bars > 0 && self.is_barred(entry, None)? {
            let sentence = "This answer was judged wrong for this request.";
            return Ok(Some(Judgement::refuse(By::Feedback, "barred", sentence)));
        }
        Ok(self.changed_recall(entry))
    }

    fn too_old(&self, entry: &Response) -> Option<Judgement> {
        let expired = |sentence: &str| Some(Judgement::refuse(By::Expired, "expired", sentence));
        if entry.expires_at.is_some_and(|at| at <= self.now) {
            return expired("This answer has expired.");
        }
        let age = (self.now - entry.created_at).max(0) as f64;
        // A limit of 0 or less accepts nothing, one that is no number neither.
        let is_young = self.ttl_ms > 0.0 && age <= self.ttl_ms;
        if is_young { None } else { expired("This answer is older than was asked for.") }
    }

    fn is_barred(&self, entry: &Response, vector: Option<&[f32]>) -> Result<bool> {
        let bars = self.open.store.response_bars(entry.row)?;
        Ok(bars.iter().any(|bar| {
            let near = bar.vector.as_deref().zip(vector).is_some_and(|(a, b)| {
                a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>() >= AS_GOOD_AS_BARRED
            });
            // Wrong for its own request, it is wrong for those that mean the same.
            near || bar.key.is_none_or(|key| key == self.asked.key || key == entry.key)
        }))
    }

    fn changed_recall(&self, entry: &Response) -> Option<Judgement> {
        let stored = entry.recall.as_ref().and_then(|json| serde_json::from_str(json).ok());
        let asked = self.asked.recall.as_ref();
        let prompts = [entry.prompt.as_str(), &self.asked.prompt];
        let fact = changed_fact(stored.as_ref(), asked, prompts, &entry.content)?;
        let sentence = format!("What is known of the user has changed: {fact}.");
        Some(Judgement::refuse(By::Recall, "recall", sentence))
    }

    /// The rules on a candidate that is near but not equal.
    pub(super) fn judge(
        &self,
        entry: &Response,
        (reading, stored): (&Reading, &Reading),
        vector: &[f32],
        known: &Known,
    ) -> Result<Judgement> {
        let most = known.settings.max_error_rate;
        if let Some(judgement) = self.too_old(entry) {
            return Ok(judgement);
        }
        let barred = |reason, sentence| Ok(Judgement::refuse(By::Feedback, reason, sentence));
        if entry.bars > 0 && self.is_barred(entry, Some(vector))? {
            return barred("barred", "This answer was judged wrong for such a request.");
        }
        if !trusts_entry(entry.judged_right, entry.judged_wrong, most) {
            return barred("distrusted", "This answer was judged wrong for others too often.");
        }
        if let Some(judgement) = self.changed_recall(entry) {
            return Ok(judgement);
        }
        let judgement = match compare(reading, stored) {
            Verdict::Refuse(reason) => Judgement::refuse(By::Rules, reason.code, reason.sentence),
            Verdict::Serve(reason) if known.evidence.trusts_rule(reason.code, most) => {
                Judgement::new(Outcome::Serve, By::Rules, reason.code, reason.sentence)
            }
            Verdict::Serve(reason) => {
                let seen = Seen { near: true, evidence: Vec::new() };
                Judgement {
                    seen,
                    ..Judgement::new(Outcome::Open, By::Rules, reason.code, reason.sentence)
                }
            }
            Verdict::Open { near, evidence, reason } => {
                let seen = Seen { near, evidence };
                Judgement {
                    seen,
                    ..Judgement::new(Outcome::Open, By::Rules, reason.code, reason.sentence)
                }
            }
        };
        // Last, for it reads the store: what was forgotten for this request stays forgotten.
        let may_be_served = judgement.outcome != Outcome::Refuse;
        if may_be_served && self.open.store.is_forgotten(&self.asked.mark(&entry.content))? {
            return barred("forgotten", "This answer was forgotten for this request.");
        }
        Ok(judgement)
    }

    /// The pair model on a candidate that the rules leave open. A model that fails is a refusal.
    pub(super) fn ask_pair_model(
        &self,
        entry: &Response,
        seen: &Seen,
        known: &Known,
        control: &Control,
    ) -> Result<Judgement> {
        let refuse = |reason, sentence: String| Judgement::refuse(By::PairModel, reason, sentence);
        let pair = match self.open.cache.pair_model() {
            Ok(pair) => pair,
            Err(why) => {
                return Ok(refuse("no-pair-model", format!("The rules leave it open: {why}.")));
            }
        };
        let (asked, stored) = (&self.asked.prompt, &entry.prompt);
        let score = match pair.score(asked, stored, seen.near, &seen.evidence, control) {
            Ok(score) => score,
            Err(Error::Aborted) => return Err(Error::Aborted),
            Err(err) => {
                tracing::warn!(code = err.code(), "the pair model: {err}");
                return Ok(refuse("pair-model-failed", "The pair model failed.".to_owned()));
            }
        };
        let needed = known.threshold(pair);
        let share = format!("{:.0} % sure, {:.0} % are needed", score * 100.0, needed * 100.0);
        if score >= needed {
            let sentence = format!("The pair model takes them for the same: {share}.");
            let serve = Judgement::new(Outcome::Serve, By::PairModel, "same-meaning", sentence);
            return Ok(Judgement { score: Some(score), ..serve });
        }
        let sentence = format!("The pair model does not take them for the same: {share}.");
        Ok(Judgement { score: Some(score), ..refuse("other-meaning", sentence) })
    }

    /// The reading of an entry.
    pub(super) fn stored_reading(&self, entry: &Response) -> Arc<Reading> {
        let context = || entry.context.as_ref().and_then(|json| serde_json::from_str(json).ok());
        let read = || Reading::of(&entry.prompt, context().as_ref());
        self.open.cache.shelf.reading(entry.row, read)
    }
}
