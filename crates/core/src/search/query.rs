//! What is looked for, and how.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::options::{OneOrMany, at_least_one, parse_object};
use crate::store::{ScopeFilter, Where};

/// What to look for.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// A question or a description.
    Text(String),
    /// Memories like this one, itself left out.
    Id(String),
    /// Memory tokens made earlier: their whole-text vector, and the fingerprint of their model.
    Tokens {
        /// As in [`crate::MemoryTokens::whole`].
        whole: Vec<f32>,
        /// As in [`crate::MemoryTokens::model`].
        model: String,
    },
}

/// The parts of memory tokens beside the whole, as far as they were given.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokenParts<'a> {
    /// As in [`crate::MemoryTokens::dims`].
    pub dims: Option<f64>,
    /// As [`crate::MemoryTokens::count`] gives it.
    pub count: Option<f64>,
    /// As in [`crate::MemoryTokens::data`].
    pub data: Option<&'a [f32]>,
}

impl Query {
    /// The query that memory tokens stand for. Their whole is what is compared; the other parts must fit it.
    ///
    /// # Errors
    /// `PM_BAD_VECTOR` when they do not, or hold NaN or infinity.
    pub fn from_tokens(whole: Vec<f32>, model: String, parts: TokenParts<'_>) -> Result<Query> {
        let bad = |found: String| Error::BadVector {
            what: "query.tokens",
            found,
            advice: "give the tokens as compress() returned them",
        };
        let is = |given: f64, wanted: usize| given.fract() == 0.0 && given as usize == wanted;
        let dims = whole.len();
        if let Some(given) = parts.dims.filter(|given| !is(*given, dims)) {
            return Err(bad(format!("has dims {given}, but {dims} numbers in whole")));
        }
        if let Some(data) = parts.data {
            if let Some(at) = data.iter().position(|number| !number.is_finite()) {
                return Err(bad(format!("holds {} at {at} of data", data[at])));
            }
            let count = data.len() / dims.max(1);
            if data.len() != count * dims || parts.count.is_some_and(|given| !is(given, count)) {
                let of = parts.count.map_or(String::new(), |count| format!(" for count {count}"));
                return Err(bad(format!("has {} numbers in data{of}, dims is {dims}", data.len())));
            }
        }
        Ok(Query::Tokens { whole, model })
    }

    /// The query that `{ "text": … }` or `{ "id": … }` stands for.
    ///
    /// # Errors
    /// `PM_BAD_OPTION` unless exactly one of the two is given.
    pub fn from_json(json: &str) -> Result<Query> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            text: Option<String>,
            id: Option<String>,
            tokens: Option<Value>,
        }
        let fields: Fields = parse_object("query", json)?;
        match (fields.text, fields.id, fields.tokens) {
            (Some(text), None, None) => Ok(Query::Text(text)),
            (None, Some(id), None) => Ok(Query::Id(id)),
            (text, id, tokens) => Err(Error::BadOption {
                what: "query".to_owned(),
                found: format!(
                    "{} of text, id and tokens given",
                    usize::from(text.is_some())
                        + usize::from(id.is_some())
                        + usize::from(tokens.is_some())
                ),
                advice: "give exactly one; tokens as compress() returned them".to_owned(),
            }),
        }
    }
}

/// Which of the two searches decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Meaning and keywords together.
    #[default]
    Hybrid,
    /// Meaning alone.
    Semantic,
    /// Keywords (BM25) alone.
    Keyword,
}

/// How to look.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct SearchOptions {
    /// Only these kinds; empty means every kind.
    #[serde(deserialize_with = "at_least_one")]
    pub kind: OneOrMany<String>,
    /// Whose memories; empty means the scope the memory was opened with.
    #[serde(deserialize_with = "at_least_one")]
    pub scope: OneOrMany<ScopeFilter>,
    /// Only memories whose metadata fulfil this: see [`Where::parse`].
    #[serde(rename = "where")]
    pub condition: Option<Value>,
    /// Which search decides.
    pub mode: Mode,
    /// The most hits to return, 1 to 1000.
    pub limit: usize,
    /// Hits whose meaning is less similar than this are left out, -1 to 1.
    pub threshold: Option<f32>,
    /// Whether each hit carries the parts of its score.
    pub explain: bool,
}

impl Default for SearchOptions {
    fn default() -> SearchOptions {
        SearchOptions {
            kind: OneOrMany::default(),
            scope: OneOrMany::default(),
            condition: None,
            mode: Mode::Hybrid,
            limit: 10,
            threshold: None,
            explain: false,
        }
    }
}

impl SearchOptions {
    /// Reads options from JSON.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`.
    pub fn from_json(json: &str) -> Result<SearchOptions> {
        let options: SearchOptions = parse_object("options", json)?;
        options.check().map(|()| options)
    }

    /// # Errors
    /// `PM_BAD_OPTION` for a limit or threshold out of range, or a threshold on keywords.
    pub fn check(&self) -> Result<()> {
        let bad = |what: &str, found: String, advice: &str| {
            Err(Error::BadOption { what: what.to_owned(), found, advice: advice.to_owned() })
        };
        if !(1..=1000).contains(&self.limit) {
            return bad(
                "options.limit",
                self.limit.to_string(),
                "give a whole number from 1 to 1000",
            );
        }
        match self.threshold {
            Some(t) if !(-1.0..=1.0).contains(&t) => {
                bad("options.threshold", t.to_string(), "give a cosine similarity from -1 to 1")
            }
            Some(_) if self.mode == Mode::Keyword => bad(
                "options.threshold",
                "given with mode \"keyword\"".to_owned(),
                "leave it out, it is a similarity of meaning",
            ),
            _ => Ok(()),
        }
    }

    /// The metadata condition, parsed; keys are meant in any spelling.
    pub(crate) fn parsed_condition(&self) -> Result<Option<Where>> {
        let parsed = self.condition.as_ref().map(Where::parse).transpose()?;
        Ok(parsed.map(|condition| Where { keys_in_any_spelling: true, ..condition }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    #[test]
    fn exactly_one_query() {
        assert_eq!(Query::from_json(r#"{"text":"a"}"#).unwrap(), Query::Text("a".into()));
        for json in [r#"{"text":"a","id":"b"}"#, "{}"] {
            assert_eq!(Query::from_json(json).unwrap_err().code(), "PM_BAD_OPTION", "{json}");
        }
        assert_eq!(Query::from_json(r#"{"txt":"a"}"#).unwrap_err().code(), "PM_UNKNOWN_OPTION");
    }

    #[test]
    fn ranges() {
        for json in [
            r#"{"limit":0}"#,
            r#"{"limit":1001}"#,
            r#"{"threshold":2}"#,
            r#"{"mode":"keyword","threshold":0.1}"#,
            r#"{"mode":"fuzzy"}"#,
        ] {
            assert_eq!(
                SearchOptions::from_json(json).unwrap_err().code(),
                "PM_BAD_OPTION",
                "{json}"
            );
        }
    }

    #[test]
    fn tokens_whose_parts_do_not_fit_are_no_query() {
        let data = [1.0, 0.0, 0.0, 1.0];
        let whole = TokenParts { dims: Some(2.0), count: Some(2.0), data: Some(&data) };
        let query = |parts| Query::from_tokens(vec![0.6, 0.8], "m".to_owned(), parts);
        assert!(query(whole).is_ok());
        assert!(query(TokenParts::default()).is_ok());
        for parts in [
            TokenParts { dims: Some(3.0), ..whole },
            TokenParts { dims: Some(f64::NAN), ..whole },
            TokenParts { count: Some(1.0), ..whole },
            TokenParts { count: Some(2.5), ..whole },
            TokenParts { data: Some(&data[..3]), count: None, ..whole },
            TokenParts { data: Some(&[1.0, f32::NAN, 0.0, 1.0]), ..whole },
        ] {
            assert_eq!(query(parts).unwrap_err().code(), "PM_BAD_VECTOR", "{parts:?}");
        }
    }

    #[test]
    fn an_empty_list_is_no_filter() {
        for json in [r#"{"kind":[]}"#, r#"{"scope":[]}"#] {
            let err = SearchOptions::from_json(json).unwrap_err();
            assert_eq!(err.code(), "PM_BAD_OPTION", "{err}");
            assert!(err.to_string().contains("an empty list; give at least one"), "{err}");
        }
    }

    #[test]
    fn nested_misspellings_are_named() {
        let err = SearchOptions::from_json(r#"{"scope":{"usr":"ana"}}"#).unwrap_err();
        assert_eq!(err.code(), "PM_UNKNOWN_OPTION", "{err}");
        assert!(err.to_string().contains("did you mean \"user\"?"), "{err}");
    }
}
