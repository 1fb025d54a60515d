//! What is known of a user in the shape the Studio's assistant reads: `MixxRecallData`.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fact::{Project, RecallFact};
use super::usual::{strongest, usual_bpm, usual_settings};

/// Most genres, keys and recent projects.
const FEW: usize = 5;
/// Most plugins, presets, favourites shown at once, and plugins with settings.
const MANY: usize = 10;

/// What the assistant remembers of this user; strongest first in every list. Left out: unknown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct RecallData {
    /// Genres worked in, at most 5.
    #[serde(deserialize_with = "super::given::or_default", skip_serializing_if = "Vec::is_empty")]
    pub preferred_genres: Vec<String>,
    /// Plugins used most, at most 10.
    #[serde(deserialize_with = "super::given::or_default", skip_serializing_if = "Vec::is_empty")]
    pub preferred_plugins: Vec<String>,
    /// Presets used most, at most 10.
    #[serde(deserialize_with = "super::given::or_default", skip_serializing_if = "Vec::is_empty")]
    pub common_presets: Vec<PresetName>,
    /// Beats per minute worked at most.
    #[serde(rename = "typicalBPM", skip_serializing_if = "Option::is_none")]
    pub typical_bpm: Option<Value>,
    /// Keys worked in, as given, at most 5.
    #[serde(deserialize_with = "super::given::or_default", skip_serializing_if = "Vec::is_empty")]
    pub common_keys: Vec<String>,
    /// LUFS mixed to now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_mix_level: Option<Value>,
    /// The last five projects, newest last.
    #[serde(deserialize_with = "super::given::or_default", skip_serializing_if = "Vec::is_empty")]
    pub recent_projects: Vec<RecentProject>,
    /// Plugins marked as favourites, most used first.
    #[serde(deserialize_with = "super::given::or_default", skip_serializing_if = "Vec::is_empty")]
    pub favorite_plugins: Vec<String>,
    /// The usual value of each parameter, of at most 10 plugins.
    #[serde(deserialize_with = "super::given::or_default", skip_serializing_if = "Map::is_empty")]
    pub common_settings: Map<String, Value>,
}

/// A preset by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PresetName {
    /// Its name.
    pub name: String,
    /// The plugin's id.
    pub plugin: String,
}

/// A project in a few facts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecentProject {
    /// Its first genre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub genre: Option<String>,
    /// Beats per minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bpm: Option<Value>,
    /// Its first key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// What `facts` and the history, newest first, say of a user.
pub(crate) fn context(facts: &[RecallFact], history: &[Project]) -> RecallData {
    let names = |category, limit| {
        let found = strongest(facts, category, limit).into_iter();
        found.filter_map(|fact| fact.value.as_str().map(str::to_owned)).collect()
    };
    let presets = strongest(facts, "preset", MANY).into_iter().map(|fact| PresetName {
        name: fact.text("name").to_owned(),
        plugin: fact.text("plugin").to_owned(),
    });
    RecallData {
        preferred_genres: names("genre", FEW),
        preferred_plugins: names("plugin", MANY),
        common_presets: presets.collect(),
        typical_bpm: usual_bpm(facts).map(|(fact, _)| fact.value.clone()),
        common_keys: names("key", FEW),
        preferred_mix_level: strongest(facts, "lufs", 1).first().map(|fact| fact.value.clone()),
        recent_projects: recent(history),
        favorite_plugins: favourites(facts).into_iter().map(str::to_owned).collect(),
        common_settings: settings(facts),
    }
}

/// The plugins marked as favourites: most used first, then the one marked last.
pub(super) fn favourites(facts: &[RecallFact]) -> Vec<&str> {
    let use_of: BTreeMap<&str, f64> = facts
        .iter()
        .filter(|fact| fact.category == "plugin")
        .filter_map(|fact| Some((fact.value.as_str()?, fact.weight)))
        .collect();
    let marked = |fact: &&RecallFact| {
        fact.category == "favourite" && fact.value.get("favourite") == Some(&Value::Bool(true))
    };
    let mut found: Vec<&RecallFact> = facts.iter().filter(marked).collect();
    let weight = |fact: &RecallFact| use_of.get(fact.text("plugin")).copied().unwrap_or(0.0);
    found.sort_by(|a, b| {
        weight(b)
            .total_cmp(&weight(a))
            .then(b.valid_from.cmp(&a.valid_from))
            .then(a.key.cmp(&b.key))
    });
    found.into_iter().map(|fact| fact.text("plugin")).collect()
}

/// The last projects, newest last; one that was seen several times stands there once.
pub(crate) fn recent(history: &[Project]) -> Vec<RecentProject> {
    let mut names = HashSet::new();
    let said = |one: &Project| RecentProject {
        genre: one.genre.clone(),
        bpm: one.bpm.clone(),
        key: one.key.clone(),
    };
    let mut recent: Vec<RecentProject> = history
        .iter()
        .map(|one| (one.project.as_ref(), said(one)))
        .filter(|(_, said)| *said != RecentProject::default())
        .filter(|(name, _)| name.is_none_or(|name| names.insert(name)))
        .map(|(_, said)| said)
        .take(FEW)
        .collect();
    recent.reverse();
    recent
}

fn settings(facts: &[RecallFact]) -> Map<String, Value> {
    let usual = usual_settings(facts);
    let weight = |parameters: &BTreeMap<&str, &RecallFact>| {
        parameters.values().map(|fact| fact.weight).fold(0.0, f64::max)
    };
    let mut plugins: Vec<_> = usual.iter().collect();
    plugins.sort_by(|a, b| weight(b.1).total_cmp(&weight(a.1)).then(a.0.cmp(b.0)));
    let values = |parameters: &BTreeMap<&str, &RecallFact>| -> Map<String, Value> {
        let value = |fact: &RecallFact| fact.value.get("value").cloned().unwrap_or_default();
        parameters.iter().map(|(name, fact)| ((*name).to_owned(), value(fact))).collect()
    };
    let plugins = plugins.into_iter().take(MANY);
    plugins.map(|(plugin, list)| ((*plugin).to_owned(), values(list).into())).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::super::usual::tests::fact;
    use super::*;

    fn favourite(plugin: &str, marked: bool) -> RecallFact {
        fact("favourite", json!({ "plugin": plugin, "favourite": marked }), 1.0)
    }

    #[test]
    fn nothing_known_is_an_empty_object() {
        assert_eq!(serde_json::to_string(&context(&[], &[])).unwrap(), "{}");
    }

    #[test]
    fn favourites_in_use_come_first() {
        let facts = [
            favourite("a", true),
            favourite("b", true),
            favourite("c", false),
            fact("plugin", json!("b"), 2.0),
            fact("plugin", json!("c"), 9.0),
        ];
        assert_eq!(favourites(&facts), ["b", "a"]);
    }

    #[test]
    fn a_named_project_is_recent_once() {
        let project = |name: Option<&str>, bpm: i64| Project {
            project: name.map(str::to_owned),
            genre: None,
            genres: Vec::new(),
            bpm: Some(bpm.into()),
            key: None,
            lufs: None,
            at: 0,
            memory: None,
        };
        let history =
            [project(Some("A"), 4), project(None, 3), project(Some("A"), 2), project(None, 1)];
        let bpm: Vec<_> = recent(&history).into_iter().map(|one| one.bpm.unwrap()).collect();
        assert_eq!(bpm, [1, 3, 4]);
    }
}
