//! Which facts a caller means.

use std::collections::HashSet;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

use super::check::one_line;
use super::facts::{counted_key, key_spoken, scalar};
use super::given;
use crate::error::{Error, Result};
use crate::options::{parse, parse_object, unknown};
use crate::store::FactRow;

/// A fact by its key, or all facts of a category, or those of them with a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Selector {
    /// As in [`super::RecallFact::key`].
    Key(String),
    /// A category, and a value in any spelling that means the same.
    Category {
        /// As in [`super::RecallFact::category`].
        category: String,
        /// None means every value. A preset may be named by its name, a setting or favourite by
        /// its plugin, or both by part of their value: `{ plugin }`.
        value: Option<Value>,
    },
}

impl Selector {
    /// Reads a key, or `{ category, value? }`.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`.
    pub fn from_json(json: &str) -> Result<Selector> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            category: String,
            #[serde(default, deserialize_with = "given")]
            value: Option<Value>,
        }
        let empty = |what: &str| Error::BadOption {
            what: what.to_owned(),
            found: "empty".to_owned(),
            advice: "give a key as facts() lists them, or { category, value }".to_owned(),
        };
        if json.trim_start().starts_with('"') {
            let key: String = parse("fact", json)?;
            return if key.is_empty() { Err(empty("fact")) } else { Ok(Selector::Key(key)) };
        }
        let Fields { category, value } = parse_object("fact", json)?;
        if category.is_empty() {
            return Err(empty("fact.category"));
        }
        let value = match value {
            Some(Value::Object(parts)) => Some(as_learned(&category, parts)?),
            value => value,
        };
        Ok(Selector::Category { category, value })
    }

    /// Whether it means this fact.
    pub(crate) fn means(&self, fact: &FactRow) -> bool {
        match self {
            Selector::Key(key) => fact.key == *key || fact.identity == *key,
            Selector::Category { category, value } => {
                spelled(&fact.category) == spelled(category)
                    && value.as_ref().is_none_or(|value| has_value(fact, value))
            }
        }
    }

    /// The facts that forgetting it erases: what hangs on a plugin goes with it.
    pub(crate) fn takes<'a>(&self, facts: &'a [FactRow]) -> Vec<&'a FactRow> {
        let plugins = facts.iter().filter(|fact| fact.category == "plugin" && self.means(fact));
        let plugins: HashSet<String> =
            plugins.filter_map(|fact| fact.value.as_str()).map(spelled).collect();
        let hangs_on_one = |fact: &FactRow| {
            let plugin = fact.value.get("plugin").and_then(Value::as_str);
            matches!(fact.category.as_str(), "preset" | "setting" | "favourite")
                && plugin.is_some_and(|plugin| plugins.contains(&spelled(plugin)))
        };
        facts.iter().filter(|fact| self.means(fact) || hangs_on_one(fact)).collect()
    }
}

/// A value that is null is not the same as none: it must not mean a whole category.
fn given<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Selector::Key(key) => f.write_str(key),
            Selector::Category { category, value: None } => f.write_str(category),
            Selector::Category { category, value: Some(value) } => write!(f, "{category} {value}"),
        }
    }
}

/// A value in parts under the names and in the form that `learn` keeps of it; null stays, and means
/// nothing.
///
/// # Errors
/// `PM_UNKNOWN_OPTION` for a part that no value of the category has: it would quietly mean nothing.
fn as_learned(category: &str, parts: Map<String, Value>) -> Result<Value> {
    // Parts of a preset that are told in its memory but not counted.
    const NOT_COUNTED: [&str; 5] = ["settings", "params", "id", "savedAt", "trackContext"];
    let known: &[&str] = match category {
        "preset" => &["name", "plugin"],
        "setting" => &["plugin", "parameter", "value"],
        "favourite" => &["plugin", "favourite"],
        "key" => &["key", "scale"],
        _ => return Ok(Value::Object(parts)),
    };
    let mut kept = Map::new();
    for (name, value) in parts {
        let name = match (category, name.as_str()) {
            ("preset", "label") => "name",
            ("preset", "pluginId") => "plugin",
            ("preset", name) if NOT_COUNTED.contains(&name) => continue,
            (_, name) if known.contains(&name) => name,
            (_, name) => {
                let known: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
                return Err(unknown(name, &known));
            }
        };
        kept.insert(name.to_owned(), value);
    }
    let text = |name: &str| kept.get(name).and_then(Value::as_str);
    match text("key").filter(|_| category == "key") {
        Some(key) => Ok(json!(key_spoken(key, text("scale")))),
        None => Ok(Value::Object(kept)),
    }
}

fn has_value(fact: &FactRow, given: &Value) -> bool {
    let has = |part: &str, given: &Value| fact.value.get(part).is_some_and(|one| same(one, given));
    match (fact.category.as_str(), given) {
        ("preset", Value::String(_)) => has("name", given),
        ("setting" | "favourite", Value::String(_)) => has("plugin", given),
        (_, Value::Object(parts)) => {
            !parts.is_empty() && parts.iter().all(|(name, given)| has(name, given))
        }
        _ if fact.is_state => same(&fact.value, given),
        (category, given) => {
            let key = |value: &Value| counted_key(category, &spelled_value(value));
            key(&fact.value) == key(given) || same(&fact.value, given)
        }
    }
}

/// Whether two scalars are one as `learn` reads them: 4, 4.0 and "4" where a number was learned, texts
/// on one line and in one normal form.
fn same(known: &Value, given: &Value) -> bool {
    match known {
        Value::Number(number) => {
            given::number(given.clone()).ok().flatten().is_some_and(|n| Some(n) == number.as_f64())
        }
        known => scalar(&spelled_value(known)) == scalar(&spelled_value(given)),
    }
}

fn spelled_value(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| spelled(text).into())
}

/// A text as it is learned, in normal form C. Both sides are brought to it: a store may hold texts in
/// any normal form.
fn spelled(text: &str) -> String {
    one_line(text).unwrap_or_default().nfc().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::{Observation, sightings};
    use super::*;

    /// The keys of the facts in `observation` that `selector` means.
    fn meant(observation: &str, selector: &str) -> Vec<String> {
        let seen = Observation::from_json(observation).unwrap().checked(i64::MAX / 2).unwrap();
        let facts = sightings(&seen).into_iter().map(|one| FactRow {
            row: 0,
            identity: one.identity,
            key: one.key,
            category: one.category,
            value: serde_json::from_str(&one.value).unwrap(),
            is_state: one.is_state,
            count: 1,
            first_at: 0,
            last_at: 0,
            weight: 1.0,
            valid: None,
        });
        let selector = Selector::from_json(selector).unwrap();
        facts.filter(|fact| selector.means(fact)).map(|fact| fact.key).collect()
    }

    #[track_caller]
    fn check(observation: &str, category: &str, value: &str, is_meant: bool) {
        let selector = format!(r#"{{"category":"{category}","value":{value}}}"#);
        let found = meant(observation, &selector);
        assert_eq!(found.len(), usize::from(is_meant), "{observation} by {selector}: {found:?}");
    }

    #[test]
    fn a_value_is_meant_by_every_spelling_that_learning_reads_as_it() {
        for (observation, category, spellings) in [
            (r#"{"bpm":128}"#, "bpm", &[r#""128.0""#, r#"" 128 ""#, r#""1.28e2""#, "128.0"][..]),
            (r#"{"lufs":-9}"#, "lufs", &[r#""-9""#, r#"" -9.0 ""#, "-9.0"]),
            (r#"{"genre":"Caf\u00e9"}"#, "genre", &[r#""cafe\u0301""#, r#"" CAF\u00c9 ""#]),
            (r#"{"genre":"Drum  & Bass"}"#, "genre", &[r#""Drum  & Bass""#, r#""drum &\nbass""#]),
            (r#"{"project":"A\nB"}"#, "project", &[r#""A\nB""#, r#"" A  B ""#]),
            (r#"{"plugins":"U\u0308ni"}"#, "plugin", &[r#""\u00dcni""#, r#""U\u0308ni""#]),
            (
                r#"{"key":"A","scale":"minor"}"#,
                "key",
                &[r#"" Am ""#, r#"{"key":"A","scale":"minor"}"#, r#"{"key":"A minor"}"#],
            ),
            (r#"{"favourites":["\u00dcni"]}"#, "favourite", &[r#"" U\u0308ni""#]),
            (
                r#"{"presets":[{"name":"Air","plugin":"eq","settings":{"gain":2}}]}"#,
                "preset",
                &[
                    r#"" Air ""#,
                    r#"{"name":" Air"}"#,
                    r#"{"label":"Air","pluginId":"eq"}"#,
                    r#"{"name":"Air","plugin":"eq","settings":{"gain":2}}"#,
                ],
            ),
            (
                r#"{"settings":{"comp":{"ratio":4}}}"#,
                "setting",
                &[r#"{"parameter":"ratio","value":"4.0"}"#],
            ),
            (r#"{"facts":{"mic":" U  87 "}}"#, " mic ", &[r#"" U  87 ""#, r#""U 87""#]),
            (r#"{"facts":{"takes":5}}"#, "takes", &[r#""5""#, r#""5.0""#, "5.0"]),
            (r#"{"states":{"room":5}}"#, "room", &[r#""5""#, "5.0"]),
            (r#"{"states":{"room":true}}"#, "room", &[r#""true""#]),
        ] {
            for value in spellings {
                check(observation, category, value, true);
            }
        }
    }

    #[test]
    fn another_value_is_not_meant() {
        check(r#"{"bpm":128}"#, "bpm", r#""129""#, false);
        check(r#"{"bpm":128}"#, "bpm", "null", false);
        check(r#"{"states":{"room":0}}"#, "room", r#""""#, false);
        check(r#"{"project":"Night"}"#, "project", r#""night""#, false);
        check(
            r#"{"presets":[{"name":"Air","plugin":"eq"}]}"#,
            "preset",
            r#"{"name":"air"}"#,
            false,
        );
        check(r#"{"key":"Am"}"#, "key", r#"{"key":"A","scale":"major"}"#, false);
        check(r#"{"plugins":["eq"]}"#, "plugin", "{}", false);
    }

    #[test]
    fn a_part_that_no_value_has_is_named() {
        let err = Selector::from_json(r#"{"category":"preset","value":{"plugn":"eq"}}"#);
        let err = err.unwrap_err();
        assert_eq!(err.code(), "PM_UNKNOWN_OPTION");
        assert!(err.to_string().contains("did you mean \"plugin\"?"), "{err}");
    }
}
