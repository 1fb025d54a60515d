//! Options from outside, as JSON: strict about names, clear about types.
//!
//! A misspelled option must never be ignored in silence, so every options struct denies unknown
//! fields, and this module turns serde's refusal into one that names the nearest right option.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

use crate::error::{Error, Result};

/// Reads `json`, which must be an object, as `T`.
///
/// # Errors
/// As [`parse`].
pub fn parse_object<T: DeserializeOwned>(what: &str, json: &str) -> Result<T> {
    parse::<ObjectOnly<T>>(what, json).map(|object| object.0)
}

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
    let place = match path {
        "." => what.to_owned(),
        list if list.starts_with('[') => format!("{what}{list}"),
        field => format!("{what}.{field}"),
    };
    if words.contains("surrogate") || words.contains("hex escape") {
        let found = "holds a lone surrogate, half of a character".to_owned();
        return Error::BadText { what: place, found };
    }
    if let Some(name) = words.strip_prefix("missing field `") {
        let advice = format!("give a value for {}", name.trim_end_matches('`'));
        return Error::BadOption { what: place, found: words.to_owned(), advice };
    }
    // What serde says of a null, a number or a list where one of several names is meant.
    let words = if words == "expected value" { NO_NAME } else { words };
    let (found, advice) = words.split_once(", expected ").unwrap_or((words, "another value"));
    let advice =
        if advice.contains("struct ") { "an object".to_owned() } else { in_json_words(advice) };
    Error::BadOption { what: place, found: in_json_words(found), advice: format!("give {advice}") }
}

const NO_NAME: &str = "no string was given, expected one of its names, or leave it out";

/// Serde speaks of Rust's types where it means what they are in JSON.
fn in_json_words(words: &str) -> String {
    let in_json = |word: &str| match word {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i64" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "sequence" => "list".to_owned(),
        "map" => "object".to_owned(),
        "unit" | "null" => "null".to_owned(),
        "variant" => "value".to_owned(),
        other => other.to_owned(),
    };
    words.split(' ').map(in_json).collect::<Vec<_>>().join(" ")
}

/// The refusal of the option `name` where only `known` are allowed.
pub fn unknown(name: &str, known: &[String]) -> Error {
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

/// A `T` from an object. Serde would read a struct from a list of its fields too.
#[derive(Debug, Clone)]
pub(crate) struct ObjectOnly<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ObjectOnly<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Object<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
            type Value = ObjectOnly<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                map: A,
            ) -> std::result::Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(ObjectOnly)
            }
        }
        deserializer.deserialize_map(Object(PhantomData))
    }
}

/// What is to change: null would change nothing where something was meant to.
///
/// # Errors
/// Null.
pub(crate) fn not_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<T>, D::Error> {
    match Option::<T>::deserialize(deserializer)? {
        None => Err(D::Error::custom("null was given, expected a new value, or leave it out")),
        given => Ok(given),
    }
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

/// As [`OneOrMany`] where nothing said means everything: an empty list would say everything too, and is
/// most likely one that was meant to hold something.
///
/// # Errors
/// An empty list.
pub fn at_least_one<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<OneOrMany<T>, D::Error> {
    let given = Option::<OneOrMany<T>>::deserialize(deserializer)?;
    match given {
        Some(given) if given.0.is_empty() => {
            Err(D::Error::custom("an empty list, expected at least one, or leave it out"))
        }
        given => Ok(given.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
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
        check(r#"{"limit": -1}"#, "PM_BAD_OPTION", "give a whole number");
        check(r#"{"kind": [1]}"#, "PM_BAD_OPTION", "string");
        check(r#"{"kind": "\ud800"}"#, "PM_BAD_TEXT", "surrogate");
    }

    #[test]
    fn what_is_missing_or_no_name_is_told_with_what_to_give() {
        #[derive(Debug, serde::Deserialize)]
        struct Item {
            #[allow(dead_code, reason = "read by serde only")]
            kind: String,
        }
        let err = parse::<Item>("item", r#"{"text": "a"}"#).unwrap_err();
        assert_eq!(err.to_string(), "item: missing field `kind`; give a value for kind");
        let err = parse::<Vec<crate::search::Mode>>("modes", "[null]").unwrap_err();
        let says = "modes[0]: no string was given; give one of its names, or leave it out";
        assert_eq!(err.to_string(), says);
    }

    #[test]
    fn a_list_is_no_object() {
        let err = parse_object::<Example>("item", r#"[3, "a"]"#).unwrap_err();
        assert!(err.to_string().starts_with("item: invalid type: list; give an object"), "{err}");
        let err = parse::<Vec<ObjectOnly<Example>>>("items", r"[{}, []]").unwrap_err();
        assert!(err.to_string().starts_with("items[1]: "), "{err}");
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
