//! What may be observed of a user: a project's tempo, key, genre and loudness, plugins and presets
//! in use, settings, favourites, and whatever else the caller counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::given;
use crate::error::{Error, Result};
use crate::options::{ObjectOnly, parse, parse_object};
use crate::store::Scope;

/// Something seen of a user at one time. Everything may be left out, but not all of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Observation {
    /// The project's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Genres, by name; case makes no difference.
    #[serde(
        alias = "genres",
        deserialize_with = "given::texts",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub genre: Vec<String>,
    /// Beats per minute, up to 1000; 0 is unknown.
    #[serde(deserialize_with = "given::number", skip_serializing_if = "Option::is_none")]
    pub bpm: Option<f64>,
    /// Keys in any usual spelling: `Am`, `A minor`.
    #[serde(
        alias = "keys",
        deserialize_with = "given::texts",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub key: Vec<String>,
    /// The scale of a single key given without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<String>,
    /// Loudness mixed to, in LUFS, -100 to 20. A state: the newest supersedes.
    #[serde(deserialize_with = "given::number", skip_serializing_if = "Option::is_none")]
    pub lufs: Option<f64>,
    /// Ids of plugins in use.
    #[serde(deserialize_with = "given::texts", skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<String>,
    /// Presets in use.
    #[serde(deserialize_with = "given::presets", skip_serializing_if = "Vec::is_empty")]
    pub presets: Vec<Preset>,
    /// Settings in use: plugin, parameter, value.
    #[serde(deserialize_with = "given::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, BTreeMap<String, f64>>,
    /// Plugins marked as favourites, or unmarked. A state for each plugin.
    #[serde(
        alias = "favorites",
        deserialize_with = "given::favourites",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub favourites: BTreeMap<String, bool>,
    /// Other facts to count, by a category of the caller's: texts, numbers or flags.
    #[serde(deserialize_with = "given::scalars", skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Vec<Value>>,
    /// Other states, by a name of the caller's: the newest value supersedes.
    #[serde(deserialize_with = "given::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub states: BTreeMap<String, Value>,
    /// When it was seen, in milliseconds since 1970; none means now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// Whose; none means the scope the memory was opened with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

/// A preset and the plugin it is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Preset {
    /// Its name.
    #[serde(alias = "label")]
    pub name: String,
    /// The plugin's id.
    #[serde(default = "Preset::unknown_plugin", alias = "pluginId")]
    pub plugin: String,
    /// Its parameters; told in the memory, not counted.
    #[serde(
        default,
        alias = "params",
        deserialize_with = "given::or_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub settings: BTreeMap<String, Value>,
    /// The Studio's own id of the preset; not kept.
    #[serde(default, skip_serializing)]
    id: Value,
    /// When the Studio saved it; not kept.
    #[serde(default, skip_serializing)]
    saved_at: Value,
    /// The track it was saved on; not kept.
    #[serde(default, skip_serializing)]
    track_context: Value,
}

impl Preset {
    /// What stands for a plugin that is not told.
    pub(super) fn unknown_plugin() -> String {
        "unknown".to_owned()
    }

    /// A preset without settings.
    pub fn new(name: impl Into<String>, plugin: impl Into<String>) -> Preset {
        Preset {
            name: name.into(),
            plugin: plugin.into(),
            settings: BTreeMap::new(),
            id: Value::Null,
            saved_at: Value::Null,
            track_context: Value::Null,
        }
    }

    /// The same preset with these parameters.
    #[must_use]
    pub fn with_settings(self, settings: BTreeMap<String, Value>) -> Preset {
        Preset { settings, ..self }
    }
}

impl Observation {
    /// Reads one observation.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`, `PM_BAD_TEXT`.
    pub fn from_json(json: &str) -> Result<Observation> {
        parse_object("observation", json)
    }

    /// Reads a list of observations.
    ///
    /// # Errors
    /// As [`Observation::from_json`].
    pub fn list_from_json(json: &str) -> Result<Vec<Observation>> {
        let list: Vec<ObjectOnly<Observation>> = parse("observations", json)?;
        Ok(list.into_iter().map(|one| one.0).collect())
    }

    /// Whether it says something of a project as a whole.
    pub(crate) fn is_project(&self) -> bool {
        let music = !self.genre.is_empty() || !self.key.is_empty();
        music || self.project.is_some() || self.bpm.is_some() || self.lufs.is_some()
    }

    /// As JSON of the kind `mixx_recall`, to be kept: without scope and time, which stand beside it.
    pub(crate) fn to_data(&self) -> Result<Map<String, Value>> {
        let bare = Observation { at: None, scope: None, ..self.clone() };
        match serde_json::to_value(bare).map_err(Error::internal)? {
            Value::Object(map) => Ok(map),
            _ => Err(Error::internal("an observation is no object")),
        }
    }

    /// The data with facts and states of the caller's own beside the others, as they are described.
    pub(crate) fn to_told(&self) -> Result<Value> {
        let mut told = self.to_data()?;
        told.remove("facts");
        told.remove("states");
        let unmarked = self.favourites.iter().filter(|(_, marked)| !**marked);
        let unmarked: Vec<&str> = unmarked.map(|(plugin, _)| plugin.as_str()).collect();
        if !unmarked.is_empty() {
            told.insert("No longer a favourite".to_owned(), unmarked.into());
        }
        for (name, values) in &self.facts {
            tell(&mut told, name, values);
        }
        for (name, value) in &self.states {
            tell(&mut told, name, std::slice::from_ref(value));
        }
        Ok(Value::Object(told))
    }
}

/// Says values of the caller's own under a name that others may be said under.
fn tell(told: &mut Map<String, Value>, name: &str, values: &[Value]) {
    let alone = || match values {
        [only] => only.clone(),
        several => Value::from(several.to_vec()),
    };
    let name = match told.get(name) {
        Some(Value::Object(_)) => format!("{name} said"),
        _ => name.to_owned(),
    };
    match told.get_mut(&name) {
        None => drop(told.insert(name, alone())),
        Some(Value::Array(before)) => before.extend(values.iter().cloned()),
        Some(before) => *before = [&[before.clone()], values].concat().into(),
    }
}
