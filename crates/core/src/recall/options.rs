//! How recall is asked.

use serde::Deserialize;

use super::given;
use crate::error::{Error, Result};
use crate::options::parse_object;
use crate::store::Scope;

/// Most tokens a prompt may be asked for.
const MAX_TOKENS: usize = 10_000;

/// Whose facts, and of when.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ReadOptions {
    /// Exactly this scope; none means the one the memory was opened with.
    pub scope: Option<Scope>,
    /// As things stood then, in milliseconds since 1970; none means now.
    pub at: Option<i64>,
}

/// How to say what is known.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct PromptOptions {
    /// Exactly this scope; none means the one the memory was opened with.
    pub scope: Option<Scope>,
    /// As things stood then, in milliseconds since 1970; none means now.
    pub at: Option<i64>,
    /// Most tokens of the text, by the model's tokenizer, 1 to 10000.
    pub max_tokens: usize,
}

/// Which projects.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct HistoryOptions {
    /// Exactly this scope; none means the one the memory was opened with.
    pub scope: Option<Scope>,
    /// The most to return; none means all.
    #[serde(deserialize_with = "given::at_most")]
    pub limit: Option<usize>,
    /// Only those before, in milliseconds since 1970.
    pub before: Option<i64>,
}

/// How many, and whose.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct SimilarOptions {
    /// Exactly this scope; none means the one the memory was opened with.
    pub scope: Option<Scope>,
    /// The most hits, 1 to 1000.
    pub limit: usize,
    /// Hits less similar than this are left out, -1 to 1.
    pub threshold: Option<f32>,
}

/// Whose facts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScopeOption {
    /// Exactly this scope; none means the one the memory was opened with.
    pub scope: Option<Scope>,
}

impl Default for PromptOptions {
    fn default() -> PromptOptions {
        PromptOptions { scope: None, at: None, max_tokens: 200 }
    }
}

impl Default for SimilarOptions {
    fn default() -> SimilarOptions {
        SimilarOptions { scope: None, limit: 10, threshold: None }
    }
}

impl PromptOptions {
    /// # Errors
    /// `PM_BAD_OPTION` when `max_tokens` is out of range.
    pub fn check(&self) -> Result<()> {
        if (1..=MAX_TOKENS).contains(&self.max_tokens) {
            return Ok(());
        }
        Err(Error::BadOption {
            what: "options.maxTokens".to_owned(),
            found: self.max_tokens.to_string(),
            advice: "give a whole number from 1 to 10000".to_owned(),
        })
    }
}

macro_rules! from_json {
    ($($options:ty),*) => {$(
        impl $options {
            /// Reads options from JSON.
            ///
            /// # Errors
            /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`.
            pub fn from_json(json: &str) -> Result<Self> {
                parse_object("options", json)
            }
        }
    )*};
}

from_json!(ReadOptions, PromptOptions, HistoryOptions, SimilarOptions, ScopeOption);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    #[test]
    fn a_limit_below_zero_is_told_what_it_may_be() {
        let err = HistoryOptions::from_json(r#"{"limit":-1}"#).unwrap_err();
        assert_eq!(err.to_string(), "options.limit: -1; give a whole number from 0");
        assert_eq!(HistoryOptions::from_json(r#"{"limit":0}"#).unwrap().limit, Some(0));
        assert_eq!(HistoryOptions::from_json("{}").unwrap().limit, None);
    }
}
