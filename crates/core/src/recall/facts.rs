//! The facts that an observation holds, each under a key of its own.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::fact::kept;
use super::observation::Observation;
use crate::describe::key::Key;
use crate::describe::number;
use crate::store::Sighting;

/// The facts in `observation`, each identity once.
pub(crate) fn sightings(observation: &Observation) -> Vec<Sighting> {
    let mut all = Vec::new();
    all.extend(observation.project.iter().map(|name| counted("project", name.as_str())));
    all.extend(observation.genre.iter().map(|name| counted("genre", name.as_str())));
    all.extend(observation.bpm.map(|bpm| counted("bpm", number::json(bpm))));
    all.extend(keys(observation).into_iter().map(|key| counted("key", key)));
    all.extend(observation.lufs.map(|lufs| state("lufs".to_owned(), "lufs", &number::json(lufs))));
    all.extend(observation.plugins.iter().map(|id| counted("plugin", id.as_str())));
    for preset in &observation.presets {
        all.push(counted("preset", json!({ "name": preset.name, "plugin": preset.plugin })));
    }
    for (plugin, parameters) in &observation.settings {
        for (parameter, value) in parameters {
            let value = number::json(*value);
            let value = json!({ "plugin": plugin, "parameter": parameter, "value": value });
            all.push(counted("setting", value));
        }
    }
    for (plugin, marked) in &observation.favourites {
        let value = json!({ "plugin": plugin, "favourite": marked });
        all.push(state(favourite_key(plugin), "favourite", &value));
    }
    for (category, values) in &observation.facts {
        all.extend(values.iter().map(|value| counted(category, value.clone())));
    }
    for (name, value) in &observation.states {
        all.push(state(format!("state:{}", part(name)), name, value));
    }
    let mut seen = HashSet::new();
    all.retain(|one| seen.insert(one.identity.clone()));
    all
}

/// The value of a fact as the observation with this data has it, JSON text.
pub(crate) fn spelling(data: &str, identity: &str) -> Option<String> {
    let observation = kept(data).ok()?;
    sightings(&observation).into_iter().find(|one| one.identity == identity).map(|one| one.value)
}

/// The observation without the facts that `gone` names by identity; none when nothing is left, or
/// when its project is to be forgotten: all of it was learned there.
pub(crate) fn without(mut from: Observation, gone: &HashSet<&str>) -> Option<Observation> {
    let is_gone = |one: &Sighting| gone.contains(one.identity.as_str());
    let kept = |category: &str, value: Value| !is_gone(&counted(category, value));
    if from.project.as_deref().is_some_and(|name| !kept("project", name.into())) {
        return None;
    }
    from.genre.retain(|name| kept("genre", name.as_str().into()));
    from.bpm = from.bpm.filter(|bpm| kept("bpm", number::json(*bpm)));
    if keys(&from).iter().any(|key| !kept("key", key.as_str().into())) {
        from.key = keys(&from).into_iter().filter(|key| kept("key", key.as_str().into())).collect();
        from.scale = None;
    }
    let lufs = |lufs| state("lufs".to_owned(), "lufs", &number::json(lufs));
    from.lufs = from.lufs.filter(|value| !is_gone(&lufs(*value)));
    from.plugins.retain(|id| kept("plugin", id.as_str().into()));
    from.presets.retain(|one| kept("preset", json!({ "name": one.name, "plugin": one.plugin })));
    for (plugin, parameters) in &mut from.settings {
        parameters.retain(|parameter, value| {
            let value = number::json(*value);
            kept("setting", json!({ "plugin": plugin, "parameter": parameter, "value": value }))
        });
    }
    from.settings.retain(|_, parameters| !parameters.is_empty());
    from.favourites.retain(|plugin, marked| {
        let value = json!({ "plugin": plugin, "favourite": marked });
        !is_gone(&state(favourite_key(plugin), "favourite", &value))
    });
    for (category, values) in &mut from.facts {
        values.retain(|value| kept(category, value.clone()));
    }
    from.facts.retain(|_, values| !values.is_empty());
    from.states
        .retain(|name, value| !is_gone(&state(format!("state:{}", part(name)), name, value)));
    (!sightings(&from).is_empty()).then_some(from)
}

/// Keys as they are said: a scale given beside a single key belongs to it.
fn keys(observation: &Observation) -> Vec<String> {
    let [only] = observation.key.as_slice() else { return observation.key.clone() };
    vec![key_spoken(only, observation.scale.as_deref())]
}

/// A key with the scale given beside it, as it is said.
pub(super) fn key_spoken(key: &str, scale: Option<&str>) -> String {
    match scale {
        None => key.to_owned(),
        scale => Key::of(key, scale).map_or_else(|| key.to_owned(), |key| key.spoken()),
    }
}

fn counted(category: &str, value: impl Into<Value>) -> Sighting {
    let value = value.into();
    let key = counted_key(category, &value);
    let (identity, category) = (key.clone(), category.to_owned());
    Sighting { identity, key, category, value: value.to_string(), is_state: false }
}

fn state(key: String, category: &str, value: &Value) -> Sighting {
    let (value, category) = (value.to_string(), category.to_owned());
    Sighting { identity: format!("{key}={value}"), key, category, value, is_state: true }
}

/// The key of a counted fact: spellings that mean the same share it.
pub(super) fn counted_key(category: &str, value: &Value) -> String {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let what = match (category, value) {
        ("genre", Value::String(name)) => name.to_lowercase(),
        ("key", Value::String(name)) => {
            Key::parse(name).map_or_else(|| name.to_lowercase(), |key| key.canonical())
        }
        ("preset", Value::Object(_)) => format!("{}/{}", part(text("plugin")), text("name")),
        ("setting", Value::Object(_)) => {
            let number = value.get("value").map(scalar).unwrap_or_default();
            format!("{}/{}={number}", part(text("plugin")), part(text("parameter")))
        }
        (_, value) => scalar(value),
    };
    format!("{}:{what}", part(category))
}

/// The key of whether a plugin is a favourite.
fn favourite_key(plugin: &str) -> String {
    format!("favourite:{plugin}")
}

/// A scalar in plain words.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(given) => number::as_given(given),
        other => other.to_string(),
    }
}

/// A name inside a key, its separators escaped: no two facts share a key.
fn part(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2F").replace(':', "%3A").replace('=', "%3D")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    fn observation(json: &str) -> Observation {
        Observation::from_json(json).unwrap().checked(i64::MAX / 2).unwrap()
    }

    fn identities(json: &str) -> Vec<String> {
        sightings(&observation(json)).into_iter().map(|one| one.identity).collect()
    }

    const ALL: &str = r#"{"project":"Night","genre":["Trap","R&B"],"bpm":119.99,"key":"A#m","lufs":-14,"plugins":["eq8"],
        "presets":[{"name":"Air","plugin":"eq8"}],"settings":{"comp":{"ratio":4}},"favourites":{"eq8":true},
        "facts":{"mic":["U87"]},"states":{"room":"B"}}"#;

    #[test]
    fn every_kind_has_its_key() {
        let expected = [
            "project:Night",
            "genre:trap",
            "genre:r&b",
            "bpm:119.99",
            "key:Bb minor",
            "lufs=-14",
            "plugin:eq8",
            "preset:eq8/Air",
            "setting:comp/ratio=4",
            r#"favourite:eq8={"plugin":"eq8","favourite":true}"#,
            "mic:U87",
            r#"state:room="B""#,
        ];
        assert_eq!(identities(ALL), expected);
    }

    #[test]
    fn spellings_meet() {
        assert_eq!(
            identities(r#"{"key":["Am","A minor"],"genre":["Trap","TRAP"]}"#),
            ["genre:trap", "key:A minor"]
        );
        assert_eq!(identities(r#"{"key":"A","scale":"minor"}"#), ["key:A minor"]);
        assert_eq!(identities(r#"{"bpm":128.0}"#), identities(r#"{"bpm":"128"}"#));
    }

    #[test]
    fn different_facts_never_share_a_key() {
        let one =
            identities(r#"{"presets":[{"name":"b/c","plugin":"a"},{"name":"c","plugin":"a/b"}]}"#);
        assert_eq!(one.len(), 2);
        assert_eq!(identities(r#"{"facts":{"a:b":["c"],"a":["b:c"]}}"#).len(), 2);
        assert_eq!(identities(r#"{"key":["Am","A major"]}"#).len(), 2);
    }

    #[test]
    fn each_fact_can_be_taken_out() {
        let all = identities(ALL);
        for gone in all.iter().filter(|one| *one != "project:Night") {
            let left = without(observation(ALL), &HashSet::from([gone.as_str()])).unwrap();
            let left: Vec<String> = sightings(&left).into_iter().map(|one| one.identity).collect();
            let expected: Vec<String> = all.iter().filter(|one| *one != gone).cloned().collect();
            assert_eq!(left, expected);
        }
        assert_eq!(without(observation(ALL), &HashSet::from(["project:Night"])), None);
        assert_eq!(without(observation(r#"{"bpm":90}"#), &HashSet::from(["bpm:90"])), None);
    }
}
