//! An answer as a caller gives it.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::model::MAX_TEXT_BYTES;
use crate::options::{parse, parse_object};

/// What a language model answered.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CacheAnswer {
    /// The answer.
    pub content: String,
    /// Tokens as the provider counted them; left out, they are estimated and marked so.
    #[serde(default)]
    pub usage: Option<Usage>,
    /// US dollars; left out, from `usage` and the price table.
    #[serde(default)]
    pub cost: Option<f64>,
    /// The model that answered; left out, the one asked for.
    #[serde(default)]
    pub model: Option<String>,
    /// Milliseconds until this entry expires, whatever the reader asks.
    #[serde(default)]
    pub ttl_ms: Option<f64>,
    /// Milliseconds since 1970, for imports; left out, now.
    #[serde(default)]
    pub created_at: Option<f64>,
}

/// Tokens of a request and its answer.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Usage {
    /// Of the request.
    pub input_tokens: Option<u64>,
    /// Of the answer.
    pub output_tokens: Option<u64>,
}

/// The largest whole number that every double below it can count to: 2^53 - 1.
const LARGEST: f64 = 9_007_199_254_740_991.0;

impl CacheAnswer {
    /// Reads an answer from JSON: an object, or a string for its content alone.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`, `PM_BAD_TEXT`.
    pub fn from_json(json: &str) -> Result<CacheAnswer> {
        if json.starts_with('"') {
            return parse::<String>("answer", json).map(CacheAnswer::text);
        }
        parse_object("answer", json)
    }

    /// A text by itself.
    pub fn text(content: impl Into<String>) -> CacheAnswer {
        CacheAnswer { content: content.into(), ..CacheAnswer::default() }
    }

    /// # Errors
    /// `PM_EMPTY_TEXT`, `PM_TOO_LONG`, `PM_BAD_OPTION`.
    pub(crate) fn check(&self) -> Result<()> {
        const WHAT: &str = "answer.content";
        if self.content.trim().is_empty() {
            return Err(Error::EmptyText { what: WHAT });
        }
        if self.content.len() > MAX_TEXT_BYTES {
            let (found, limit) = (self.content.len(), MAX_TEXT_BYTES);
            return Err(Error::TooLong { what: WHAT, found, unit: "bytes", limit });
        }
        let numbers = [
            ("answer.cost", self.cost),
            ("answer.ttlMs", self.ttl_ms),
            ("answer.createdAt", self.created_at),
        ];
        for (what, number) in numbers {
            if let Some(number) = number.filter(|n| !(0.0..=LARGEST).contains(n)) {
                let advice = format!("give a number from 0 to {LARGEST}");
                let (what, found) = (what.to_owned(), number.to_string());
                return Err(Error::BadOption { what, found, advice });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    #[test]
    fn a_string_or_an_object() {
        assert_eq!(CacheAnswer::from_json(r#""yes""#).unwrap().content, "yes");
        let json = r#"{"content":"yes","usage":{"inputTokens":3},"cost":0.5}"#;
        assert_eq!(CacheAnswer::from_json(json).unwrap().usage.unwrap().input_tokens, Some(3));
        assert_eq!(
            CacheAnswer::from_json(r#"{"contents":"y"}"#).unwrap_err().code(),
            "PM_UNKNOWN_OPTION"
        );
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let bad = |json: &str| CacheAnswer::from_json(json).unwrap().check().unwrap_err().code();
        assert_eq!(bad(r#""""#), "PM_EMPTY_TEXT");
        assert_eq!(bad(r#""  \n""#), "PM_EMPTY_TEXT");
        assert_eq!(bad(r#"{"content":"a","cost":-1}"#), "PM_BAD_OPTION");
        assert_eq!(bad(r#"{"content":"a","ttlMs":-1}"#), "PM_BAD_OPTION");
    }
}
