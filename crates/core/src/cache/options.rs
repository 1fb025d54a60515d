//! What calls take and give.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::settings::CacheMode;
use crate::error::{Error, Result};
use crate::options::parse_object;
use crate::store::Scope;

/// The oldest answer a reader accepts unless it says otherwise: a day, in milliseconds.
const TTL_MS: f64 = 86_400_000.0;

/// How to look up.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct CacheGetOptions {
    /// The oldest answer accepted, in milliseconds; 0 or less accepts nothing.
    pub ttl_ms: f64,
    /// Instead of the mode set by `configure`.
    pub mode: Option<CacheMode>,
}

impl Default for CacheGetOptions {
    fn default() -> CacheGetOptions {
        CacheGetOptions { ttl_ms: TTL_MS, mode: None }
    }
}

impl CacheGetOptions {
    /// Reads options from JSON.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`.
    pub fn from_json(json: &str) -> Result<CacheGetOptions> {
        if json == "{}" {
            return Ok(CacheGetOptions::default());
        }
        parse_object("options", json)
    }
}

/// How an answer was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// The request is equal.
    Exact,
    /// The request means the same by the guard.
    Meaning,
}

/// A cached answer that was served.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheHit {
    /// Its id.
    pub id: String,
    /// The answer.
    pub content: String,
    /// How it was found.
    #[serde(rename = "match")]
    pub matched: Match,
    /// Cosine of the two prompts; 1 for an equal request.
    pub similarity: f32,
    /// Milliseconds since it was stored.
    pub age: i64,
    /// The model that answered.
    pub model: String,
    /// What the answer cost, in US dollars.
    pub cost: f64,
}

/// An answer that was kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CacheKept {
    /// Its id.
    pub id: String,
    /// The model that answered.
    pub model: String,
    /// US dollars.
    pub cost: f64,
}

/// Which answers to remove: those that fulfil all of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct InvalidateOptions {
    /// What their context must say: see [`crate::store::Where::parse`].
    #[serde(rename = "where")]
    pub condition: Option<Value>,
    /// Those of this project of the scope's user.
    pub project: Option<String>,
    /// Those stored before this, in milliseconds since 1970.
    pub older_than: Option<f64>,
    /// Those of this model.
    pub model: Option<String>,
    /// Whose; none means the scope the memory was opened with.
    pub scope: Option<Scope>,
}

impl InvalidateOptions {
    /// Reads a filter from JSON; one that asks nothing is most likely a mistake.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`.
    pub fn from_json(json: &str) -> Result<InvalidateOptions> {
        let filter: InvalidateOptions = parse_object("filter", json)?;
        let is_empty = |condition: &Value| condition.as_object().is_some_and(Map::is_empty);
        let asks = filter.condition.as_ref().is_some_and(|condition| !is_empty(condition))
            || filter.project.is_some()
            || filter.older_than.is_some()
            || filter.model.is_some();
        if asks {
            return Ok(filter);
        }
        Err(Error::BadOption {
            what: "filter".to_owned(),
            found: "neither where, project, olderThan nor model".to_owned(),
            advice: "give at least one, or call clear()".to_owned(),
        })
    }
}

/// What the cache did in one scope.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheStats {
    /// Lookups that were served.
    pub hits: u64,
    /// Of these, by an equal request.
    pub exact_hits: u64,
    /// Of these, by meaning.
    pub meaning_hits: u64,
    /// Lookups that were not.
    pub misses: u64,
    /// Misses with an entry near by, by why that was not served.
    pub refusals: BTreeMap<String, u64>,
    /// Answers kept.
    pub entries: u64,
    /// Bytes of their texts and vectors.
    pub bytes: u64,
    /// What the hits would have cost, in US dollars.
    pub saved: f64,
    /// The part of `saved` that rests on estimated tokens.
    pub saved_estimated: f64,
    /// Judgements given.
    pub feedback: Feedback,
    /// What shadow mode counted.
    pub shadow: Shadow,
    /// Answers removed to stay within the limits.
    pub evicted: u64,
    /// Answers removed past their own expiry.
    pub expired: u64,
    /// The mode at work.
    pub mode: CacheMode,
    /// The highest share of wrong answers.
    pub max_error_rate: f64,
    /// The pair model's name; none when the rules decide alone.
    pub pair_model: Option<String>,
    /// Why there is no pair model.
    pub pair_model_missing: Option<String>,
    /// The score from which the pair model is believed; none without one, or when evidence leaves
    /// no score to be believed.
    pub threshold: Option<f32>,
}

/// Judgements of served answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Feedback {
    /// Right.
    pub right: u64,
    /// Wrong.
    pub wrong: u64,
}

/// What shadow mode counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Shadow {
    /// Lookups that meaning would have served.
    pub would: u64,
    /// Of these, the fresh answer said the same.
    pub agreed: u64,
    /// Of these, it did not.
    pub disagreed: u64,
}
