//! Options from outside, as JSON: strict about names, clear about types.
//!
//! A misspelled option must never be ignored in silence, so every options struct denies unknown
//! fields, and this module turns serde's refusal into one that names the nearest right option.

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};
use serde_json::Value;

use crate::error::{Error, Result};

/// Reads `json` as `T`.
///
/// # Errors
/// `PM_UNKNOWN_OPTION` with the nearest right name, `PM_BAD_TEXT` for lone surrogates,
/// `PM_BAD_OPTION` with the path of the value for everything else.
pub fn parse<T: DeserializeOwned>(what: &str, json: &str) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(&mut reader)
        .map_err(|err| refusal(what, &err.path().to_string(), &err.inner().to_string()))
}

/// Our error for serde's words about the value at `path`.
fn refusal(what: &str, path: &str, words: &str) -> Error {
    let words = words.split(" at line ").next().unwrap_or(words);
    if let Some(rest) = words.strip_prefix("unknown field `") {
        let mut quoted = rest.split('`').step_by(2).map(str::to_owned);
        let name = quoted.next().unwrap_or_default();
        let known: Vec<String> = quoted.collect();
        return unknown(&name, &known);
    }
    let place = if path == "." { what.to_owned() } else { format!("{what}.{path}") };
    if words.contains("surrogate") || words.contains("hex escape") {
        let found = "holds a lone surrogate, half of a character".to_owned();
        return Error::BadText { what: place, found };
    }
    let (found, advice) = words.split_once(", expected ").unwrap_or((words, "another value"));
    Error::BadOption { what: place, found: found.to_owned(), advice: format!("give {advice}") }
}

/// The refusal of the option `name` where only `known` are allowed.
pub(crate) fn unknown(name: &str, known: &[String]) -> Error {
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    Error::UnknownOption {
        name: name.to_owned(),
        nearest: nearest(name, &names),
        known: known.to_vec(),
    }
}

/// The name in `known` that is nearest to `name`, when near enough to be a misspelling of it.
pub(crate) fn nearest(name: &str, known: &[&str]) -> Option<String> {
    let lower = name.to_lowercase();
    let (distance, best) =
        known.iter().map(|k| (edits(&lower, &k.to_lowercase()), *k)).min_by_key(|(d, _)| *d)?;
    (distance <= best.chars().count().div_ceil(3)).then(|| best.to_owned())
}

/// Levenshtein distance in characters.
pub(crate) fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// One `T` or a list of them; null is an empty list.
#[derive(Debug, Clone, PartialEq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> OneOrMany<T> {
        OneOrMany(Vec::new())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let items = match Value::deserialize(deserializer)? {
            Value::Null => Vec::new(),
            Value::Array(items) => items,
            one => vec![one],
        };
        let read = |item| serde_json::from_value(item).map_err(D::Error::custom);
        items.into_iter().map(read).collect::<std::result::Result<_, _>>().map(OneOrMany)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Example {
        #[allow(dead_code, reason = "read by serde only")]
        limit: Option<u32>,
        #[serde(default)]
        kind: OneOrMany<String>,
    }

    #[track_caller]
    fn check(json: &str, code: &str, says: &str) {
        let err = parse::<Example>("options", json).unwrap_err();
        assert_eq!(err.code(), code, "{err}");
        assert!(err.to_string().contains(says), "{err}");
    }

    #[test]
    fn misspelled_names_get_the_right_one() {
        check(r#"{"limt": 3}"#, "PM_UNKNOWN_OPTION", "did you mean \"limit\"?");
        check(r#"{"zzz": 3}"#, "PM_UNKNOWN_OPTION", "known here: limit, kind");
    }

    #[test]
    fn wrong_types_get_their_path() {
        check(r#"{"limit": "3"}"#, "PM_BAD_OPTION", "options.limit");
        check(r#"{"limit": -1}"#, "PM_BAD_OPTION", "u32");
        check(r#"{"kind": [1]}"#, "PM_BAD_OPTION", "string");
        check(r#"{"kind": "\ud800"}"#, "PM_BAD_TEXT", "surrogate");
    }

    #[test]
    fn one_or_a_list() {
        for (json, kinds) in [
            (r#"{"kind":"a"}"#, 1),
            (r#"{"kind":["a","b"]}"#, 2),
            (r#"{"kind":null}"#, 0),
            ("{}", 0),
        ] {
            assert_eq!(parse::<Example>("options", json).unwrap().kind.0.len(), kinds, "{json}");
        }
    }
}
