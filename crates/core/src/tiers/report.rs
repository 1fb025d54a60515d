//! What is told of a move that was made, or would be.

use std::collections::BTreeMap;

use serde::Serialize;

use super::plan::Plan;
use crate::store::Tier;

/// Memories and bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// How many memories.
    pub memories: u64,
    /// Bytes that would be free but for this reason.
    pub bytes: u64,
}

/// What stays as it is, and why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Importance 1 (or no vectors, by which alone a text-less memory is found): never moved.
    pub important: Amount,
    /// Used too recently for the days the policy gives.
    pub recent: Amount,
    /// Texts and data that nobody marked disposable.
    pub undisposable: Amount,
}

/// What moved of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KindMoves {
    /// Memories that became warm.
    pub warm: u64,
    /// Memories that became cold: their text is gone.
    pub cold: u64,
    /// Bytes freed by those that became warm.
    pub warm_freed_bytes: u64,
    /// Bytes freed by those that became cold.
    pub cold_freed_bytes: u64,
}

/// Moves added up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub(crate) kinds: BTreeMap<String, KindMoves>,
    pub(crate) moved: u64,
    pub(crate) texts_dropped: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, kind: &str, to: Tier, freed: u64) {
        let moves = self.kinds.entry(kind.to_owned()).or_default();
        self.moved += 1;
        if to == Tier::Cold {
            moves.cold += 1;
            moves.cold_freed_bytes += freed;
            self.texts_dropped += 1;
        } else {
            moves.warm += 1;
            moves.warm_freed_bytes += freed;
        }
    }
}

/// What a policy did.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TierReport {
    /// Memories the policy covers.
    pub memories: u64,
    /// Memories that moved.
    pub moved: u64,
    /// By kind: how many became warm and cold, and the bytes that freed.
    pub kinds: BTreeMap<String, KindMoves>,
    /// Memories left alone because they were found, changed or removed meanwhile, or are damaged.
    pub skipped: u64,
    /// Bytes of text, data and vectors before.
    pub bytes_before: u64,
    /// The same now.
    pub bytes_after: u64,
    /// The budget given.
    pub budget_bytes: Option<u64>,
    /// Whether it holds; true without one.
    pub budget_reached: bool,
    /// Bytes over the budget.
    pub missing_bytes: u64,
    /// Why it does not hold, in words.
    pub why: Option<String>,
    /// What stays as it is, and why.
    pub kept: Kept,
    /// Whether traces of dropped texts still stand in the files, because a reader holds them; it is
    /// tried again until they are gone.
    pub pending_erase: bool,
    /// How long it took.
    pub duration_ms: u64,
}

/// What a policy would do.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TierForecast {
    /// Memories the policy covers.
    pub memories: u64,
    /// Memories that would move.
    pub moved: u64,
    /// By kind: how many would become warm and cold, and the bytes that would free.
    pub kinds: BTreeMap<String, KindMoves>,
    /// Bytes of text, data and vectors now.
    pub bytes_before: u64,
    /// The same afterwards.
    pub bytes_after: u64,
    /// The budget given.
    pub budget_bytes: Option<u64>,
    /// Whether it would hold; true without one.
    pub budget_reached: bool,
    /// Bytes over the budget afterwards.
    pub missing_bytes: u64,
    /// Why it would not hold, in words.
    pub why: Option<String>,
    /// What would stay as it is, and why.
    pub kept: Kept,
    /// What it would cost in finding things; none when nothing moves or nothing was tried.
    pub quality: Option<Quality>,
    /// How long the forecast took.
    pub duration_ms: u64,
}

/// How well memories that would move are found, by a part of their own text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quality {
    /// Memories that were tried.
    pub sample: u64,
    /// Memories that would move.
    pub of: u64,
    /// As they are stored now, by meaning and keywords.
    pub now: Retrieval,
    /// As they would be stored.
    pub then: Retrieval,
    /// The same by meaning alone, now.
    pub meaning_now: Retrieval,
    /// By meaning alone, as they would be stored.
    pub meaning_then: Retrieval,
    /// By how much a similarity moves on average, between 0 and 2.
    pub similarity_error: f64,
    /// By how much at most.
    pub most_similarity_error: f64,
}

/// How well questions find what they are about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Retrieval {
    /// Share of questions whose memory comes first.
    #[serde(rename = "recallAt1")]
    pub recall_at_1: f64,
    /// Mean of one over the place of the memory; 0 for one that is not among the candidates.
    pub mrr: f64,
}

/// Bytes over the budget.
pub(crate) fn missing(budget: Option<u64>, bytes: u64) -> u64 {
    budget.map_or(0, |budget| bytes.saturating_sub(budget))
}

/// Why a budget does not hold.
pub(crate) fn why(missing_bytes: u64, kept: &Kept, skipped: u64) -> Option<String> {
    if missing_bytes == 0 {
        return None;
    }
    let reasons = [
        (kept.undisposable, "of text and data are not marked disposable"),
        (kept.recent, "were used too recently for the days given"),
        (kept.important, "belong to memories of importance 1"),
    ];
    let told = reasons.iter().filter(|(amount, _)| amount.bytes > 0);
    let mut told: Vec<String> =
        told.map(|(amount, reason)| format!("{} bytes {reason}", amount.bytes)).collect();
    if skipped > 0 {
        told.push(format!("{skipped} memories were used or changed meanwhile"));
    }
    told.push("memory tokens and metadata always stay".to_owned());
    Some(format!("{missing_bytes} bytes over the budget: {}", told.join(", ")))
}

impl TierForecast {
    /// What `plan` would do; the quality is filled in by who measures it.
    pub(crate) fn of(plan: &Plan, tally: Tally, budget: Option<u64>) -> TierForecast {
        let missing_bytes = missing(budget, plan.after);
        TierForecast {
            memories: plan.memories,
            moved: tally.moved,
            kinds: tally.kinds,
            bytes_before: plan.before,
            bytes_after: plan.after,
            budget_bytes: budget,
            budget_reached: missing_bytes == 0,
            missing_bytes,
            why: why(missing_bytes, &plan.kept, 0),
            kept: plan.kept,
            quality: None,
            duration_ms: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_that_does_not_hold_says_why() {
        assert_eq!(why(0, &Kept::default(), 3), None);
        assert_eq!(missing(Some(10), 25), 15);
        assert_eq!(missing(None, 25), 0);
        let kept = Kept {
            undisposable: Amount { memories: 2, bytes: 700 },
            important: Amount { memories: 1, bytes: 9 },
            ..Kept::default()
        };
        let told = why(15, &kept, 1).unwrap_or_default();
        assert_eq!(
            told,
            "15 bytes over the budget: 700 bytes of text and data are not marked disposable, \
            9 bytes belong to memories of importance 1, 1 memories were used or changed \
            meanwhile, memory tokens and metadata always stay"
        );
    }
}
