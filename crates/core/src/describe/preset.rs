//! Presets and plugin settings, in each of the shapes the Studio keeps them.

use serde_json::Value;

use super::record::{Field, Record};
use super::{number, phrase};
use crate::error::Result;

/// Most parameters told of one preset.
const MAX_PARAMS: usize = 6;

/// A named set of parameters, and the plugin it is for.
pub(super) struct Preset {
    pub(super) name: String,
    pub(super) plugin: Option<String>,
    params: Vec<String>,
}

impl Preset {
    /// Presets as a list of `{ name, plugin }` or names, or as a map of plugin id to a list of
    /// `{ label, params }`.
    pub(super) fn all(field: &Field<'_>) -> Result<Vec<Preset>> {
        if !field.value.is_object() {
            return listed(field, None);
        }
        let mut presets = Vec::new();
        for (plugin, list) in field.entries()? {
            presets.extend(listed(&list, Some(plugin))?);
        }
        Ok(presets)
    }

    /// "Bright Vocal (mixx eq8: gain -2, high 3.5)".
    pub(super) fn spoken(&self) -> String {
        let plugin = self.plugin.as_deref().and_then(phrase::readable);
        let params = phrase::listed(&self.params, ", ", 200);
        let detail: Vec<String> =
            plugin.into_iter().chain((!params.is_empty()).then_some(params)).collect();
        if detail.is_empty() {
            self.name.clone()
        } else {
            format!("{} ({})", self.name, detail.join(": "))
        }
    }
}

fn listed(field: &Field<'_>, plugin: Option<&str>) -> Result<Vec<Preset>> {
    let read = |item: Field<'_>| match item.value {
        Value::String(_) => {
            let preset =
                |name| Preset { name, plugin: plugin.map(str::to_owned), params: Vec::new() };
            Ok(item.text()?.map(preset))
        }
        _ => one(&item.record()?, plugin),
    };
    field.items()?.into_iter().filter_map(|item| read(item).transpose()).collect()
}

/// The plugin of a list's own entry; the map key is the true one where there is one.
fn one(record: &Record<'_>, plugin: Option<&str>) -> Result<Option<Preset>> {
    let own = record.text(&["plugin", "pluginId", "plugin_type", "trackContext"])?;
    let plugin = plugin.map(str::to_owned).or(own);
    let params = record
        .get(&["params", "parameters", "settings"])
        .map_or(Ok(Vec::new()), |field| params(&field))?;
    Ok(record.text(&["name", "label"])?.map(|name| Preset { name, plugin, params }))
}

/// `gain -2, high 3.5`: by name, scalars only.
fn params(field: &Field<'_>) -> Result<Vec<String>> {
    let spoken = |(name, field): (&str, Field<'_>)| {
        let value = match field.value {
            Value::Number(number) => number::rounded(number.as_f64()?, 3),
            _ => field.scalar()?,
        };
        Some(format!("{} {value}", phrase::readable(name)?))
    };
    Ok(field.entries()?.into_iter().filter_map(spoken).take(MAX_PARAMS).collect())
}

/// "mixx comp: ratio 4, threshold -18" for each plugin of `{ plugin: { parameter: number } }`.
pub(super) fn settings(field: &Field<'_>) -> Result<Vec<String>> {
    let mut spoken = Vec::new();
    for (name, entry) in field.entries()? {
        let Some(name) = phrase::readable(name) else { continue };
        let body = match entry.value {
            Value::Object(_) => phrase::listed(&params(&entry)?, ", ", 300),
            _ => entry.scalar().unwrap_or_default(),
        };
        if !body.is_empty() {
            spoken.push(format!("{name}: {body}"));
        }
    }
    Ok(spoken)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(presets: &Value, spoken: &[&str]) {
        let all = Preset::all(&Field::root(presets)).unwrap();
        assert_eq!(all.iter().map(Preset::spoken).collect::<Vec<_>>(), spoken);
    }

    #[test]
    fn a_flat_list() {
        let list = json!([{ "name": "Air", "plugin": "mixx-eq8" }, { "name": "Bare" }, "Glue", null, { "plugin": "x" }]);
        check(&list, &["Air (mixx eq8)", "Bare", "Glue"]);
    }

    #[test]
    fn a_map_by_plugin() {
        let map = json!({
            "mixx-verb": [{ "id": "mixx-verb-17349", "label": "Hall", "params": { "mix": 0.300_000_000_04, "decay": 2.5 }, "savedAt": 1 }],
            "mixx-comp": [{ "label": "Tight", "trackContext": "Lead" }],
        });
        check(&map, &["Tight (mixx comp)", "Hall (mixx verb: decay 2.5, mix 0.3)"]);
    }

    #[test]
    fn settings_by_plugin() {
        let value =
            json!({ "mixx-comp": { "threshold": -18, "ratio": 4 }, "buffer": 256, "empty": {} });
        assert_eq!(
            settings(&Field::root(&value)).unwrap(),
            ["buffer: 256", "mixx comp: ratio 4, threshold -18"]
        );
    }

    #[test]
    fn wrong_shapes_are_named() {
        let err = Preset::all(&Field::root(&json!([7]))).map(|_| ()).unwrap_err();
        assert_eq!(err.to_string(), "[0]: found number; give an object");
    }
}
