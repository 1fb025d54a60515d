//! Why a request is, or is not, served: as data, and in words for a producer.

use serde::Serialize;

use super::guard::Fact;

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The request is equal.
    Exact,
    /// The guard's rules.
    Rules,
    /// The pair model.
    PairModel,
    /// What feedback taught.
    Feedback,
    /// A recall fact that changed.
    Recall,
    /// The answer's age.
    Expired,
}

/// A lookup explained.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheExplanation {
    /// The request.
    pub request: ExplainedRequest,
    /// Whether an equal request is stored.
    pub exact: bool,
    /// The nearest entries, best first, an equal one before all.
    pub candidates: Vec<ExplainedCandidate>,
    /// Whether one would be served.
    pub decision: Decision,
    /// All of it in one sentence.
    pub sentence: String,
}

/// The request that is explained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedRequest {
    /// As it is compared.
    pub prompt: String,
    /// Its facts.
    pub facts: Vec<Fact>,
}

/// One entry that was near.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedCandidate {
    /// Its id.
    pub id: String,
    /// Its prompt.
    pub prompt: String,
    /// Cosine of the two prompts, 1 for an equal request.
    pub similarity: f32,
    /// Its facts.
    pub facts: Vec<Fact>,
    /// Whether it may be served.
    pub decision: Decision,
    /// A stable short code, such as `number`.
    pub reason: String,
    /// Who decided.
    pub by: By,
    /// The pair model's score, 0 to 1, when it was asked.
    pub score: Option<f32>,
    /// Why, in words.
    pub sentence: String,
}

/// Serve or refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// The answer may be given.
    Serve,
    /// It may not.
    Refuse,
}

/// The longest part of a prompt quoted in a sentence, in characters.
const QUOTED: usize = 80;

impl CacheExplanation {
    pub(crate) fn new(
        request: ExplainedRequest,
        exact: bool,
        candidates: Vec<ExplainedCandidate>,
    ) -> CacheExplanation {
        let served = candidates.iter().find(|candidate| candidate.decision == Decision::Serve);
        let decision = if served.is_some() { Decision::Serve } else { Decision::Refuse };
        let sentence = match (served, candidates.first()) {
            (Some(one), _) => format!("Served from {}: {}", quoted(&one.prompt), one.sentence),
            (None, Some(one)) => {
                format!("Not served; the nearest is {}: {}", quoted(&one.prompt), one.sentence)
            }
            (None, None) => "Not served: nothing like it is stored.".to_owned(),
        };
        CacheExplanation { request, exact, candidates, decision, sentence }
    }
}

fn quoted(prompt: &str) -> String {
    match prompt.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("“{}…”", &prompt[..end]),
        None => format!("“{prompt}”"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_prompts_are_cut_between_characters() {
        assert_eq!(quoted("kick"), "“kick”");
        let cut = quoted(&"ü".repeat(100));
        assert_eq!(cut.chars().filter(|c| *c == 'ü').count(), QUOTED);
    }
}
