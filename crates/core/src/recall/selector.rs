//! Which facts a caller means.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::facts::{counted_key, favourite_key};
use crate::error::{Error, Result};
use crate::options::{parse, parse_object};
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
        Ok(Selector::Category { category, value })
    }

    /// Whether it means this fact.
    pub(crate) fn means(&self, fact: &FactRow) -> bool {
        match self {
            Selector::Key(key) => fact.key == *key || fact.identity == *key,
            Selector::Category { category, value } => {
                fact.category == *category
                    && value.as_ref().is_none_or(|value| has_value(fact, value))
            }
        }
    }

    /// Whether forgetting it takes this fact along: what hangs on a plugin goes with it.
    pub(crate) fn takes_along(&self, plugins: &[&str], fact: &FactRow) -> bool {
        self.means(fact)
            || matches!(fact.category.as_str(), "preset" | "setting" | "favourite")
                && text(fact, "plugin").is_some_and(|plugin| plugins.contains(&plugin))
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

fn has_value(fact: &FactRow, value: &Value) -> bool {
    if fact.value == *value {
        return true;
    }
    match (fact.category.as_str(), value) {
        ("preset", Value::String(name)) => text(fact, "name") == Some(name),
        ("setting", Value::String(plugin)) => text(fact, "plugin") == Some(plugin),
        ("favourite", Value::String(plugin)) => fact.key == favourite_key(plugin),
        (_, Value::Object(part)) => {
            !part.is_empty() && part.iter().all(|(name, value)| same(fact.value.get(name), value))
        }
        _ if fact.is_state => same(Some(&fact.value), value),
        (category, value) => fact.key == counted_key(category, value),
    }
}

/// 4 and 4.0 are the same.
fn same(one: Option<&Value>, other: &Value) -> bool {
    one == Some(other) || one.and_then(Value::as_f64).is_some_and(|one| Some(one) == other.as_f64())
}

fn text<'a>(fact: &'a FactRow, name: &str) -> Option<&'a str> {
    fact.value.get(name).and_then(Value::as_str)
}
