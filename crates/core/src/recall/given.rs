//! The shapes in which an observation's fields may come.

use std::collections::BTreeMap;

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::observation::Preset;
use crate::options::OneOrMany;

/// A field that may also be null.
pub(super) fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: DeserializeOwned + Default,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// One text or a list of them, null ones left out.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let given = OneOrMany::<Option<String>>::deserialize(deserializer)?;
    Ok(given.0.into_iter().flatten().collect())
}

/// A number, or a text that holds one: the Studio keeps both. An empty text is none.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(D::Error::custom(format!("\"{text}\", expected a number"))),
        },
        Value::Number(number) => Ok(number.as_f64()),
        other => Err(D::Error::custom(format!("{other}, expected a number"))),
    }
}

/// How many at most; none is no limit.
pub(super) fn at_most<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<usize>, D::Error> {
    let refuse = |found| D::Error::custom(format!("{found}, expected a whole number from 0"));
    let given = Option::<i64>::deserialize(deserializer)?;
    given.map(|found| usize::try_from(found).map_err(|_| refuse(found))).transpose()
}

/// A list of `{ name, plugin }`, or the Studio's map of plugin id to `{ label, params }[]`.
pub(super) fn presets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Preset>, D::Error> {
    let by_plugin: BTreeMap<String, Vec<Preset>> = match Value::deserialize(deserializer)? {
        Value::Null => return Ok(Vec::new()),
        list @ Value::Array(_) => return serde_json::from_value(list).map_err(D::Error::custom),
        map => serde_json::from_value(map).map_err(D::Error::custom)?,
    };
    // The map's key is the true id, `trackContext` beside the label is the track's name.
    let named = |(plugin, list): (String, Vec<Preset>)| {
        list.into_iter().map(move |mut preset| {
            preset.plugin.clone_from(&plugin);
            preset
        })
    };
    Ok(by_plugin.into_iter().flat_map(named).collect())
}

/// `{ plugin: true }`, or a list of plugin ids.
pub(super) fn favourites<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, bool>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(BTreeMap::new()),
        list @ Value::Array(_) => {
            let ids: Vec<String> = serde_json::from_value(list).map_err(D::Error::custom)?;
            Ok(ids.into_iter().map(|id| (id, true)).collect())
        }
        map => serde_json::from_value(map).map_err(D::Error::custom),
    }
}

/// Scalars by name, each one or several.
pub(super) fn scalars<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<Value>>, D::Error> {
    let given: Option<BTreeMap<String, OneOrMany<Value>>> = Option::deserialize(deserializer)?;
    Ok(given.unwrap_or_default().into_iter().map(|(name, list)| (name, list.0)).collect())
}
