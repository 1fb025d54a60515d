//! Is it something that can be learned, and in which form is it kept?

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::observation::{Observation, Preset};
use crate::error::{Error, Result};

/// Most facts of one observation.
const MAX_FACTS: usize = 2_000;
/// Most characters of one name.
const MAX_NAME_CHARS: usize = 1_000;
/// Names that a category or state of the caller's own cannot have.
const TAKEN: [&str; 11] = [
    "state", "project", "genre", "bpm", "key", "scale", "lufs", "plugin", "preset", "setting",
    "favourite",
];
/// Highest tempo that is taken for one, in beats per minute.
const MAX_BPM: f64 = 1_000.0;
/// Loudness that is taken for one, in LUFS.
const LUFS: std::ops::RangeInclusive<f64> = -100.0..=20.0;

impl Observation {
    /// In the form it is kept: names on one line and each once, what is unknown left out.
    ///
    /// # Errors
    /// `PM_BAD_OPTION` for a value out of range or a time in the future of `now`, `PM_EMPTY_TEXT`
    /// when nothing is left.
    pub(crate) fn checked(mut self, now: i64) -> Result<Observation> {
        self.project = self.project.and_then(|name| one_line(&name));
        self.scale = self.scale.and_then(|name| one_line(&name));
        for names in [&mut self.genre, &mut self.key, &mut self.plugins] {
            *names = each_once(names);
        }
        self.presets = std::mem::take(&mut self.presets).into_iter().filter_map(tidy).collect();
        // Names that are one on one line: what they hold goes together.
        self.favourites = one_line_names(self.favourites, |one, other| *one |= other);
        let settings = one_line_names(self.settings, |one, other| one.extend(other));
        let parameters = |list| one_line_names(list, |one, other| *one = other);
        self.settings = settings.into_iter().map(|(name, list)| (name, parameters(list))).collect();
        self.facts = one_line_names(self.facts, |one, other| one.extend(other));
        self.states = one_line_names(self.states, |one, other| *one = other);
        self.bpm = self.bpm.filter(|bpm| *bpm != 0.0);
        self.check_ranges(now)?;
        let count = self.count();
        if count == 0 {
            return Err(Error::EmptyText { what: "the observation" });
        }
        if count > MAX_FACTS {
            return Err(bad("", format!("{count} facts"), "give at most 2000 at a time"));
        }
        Ok(self)
    }

    fn check_ranges(&self, now: i64) -> Result<()> {
        if let Some(bpm) = self.bpm.filter(|bpm| !(0.0..=MAX_BPM).contains(bpm)) {
            return Err(bad("bpm", bpm.to_string(), "give beats per minute from 0 to 1000"));
        }
        if let Some(lufs) = self.lufs.filter(|lufs| !LUFS.contains(lufs)) {
            return Err(bad("lufs", lufs.to_string(), "give LUFS from -100 to 20"));
        }
        if let Some(at) = self.at {
            check_time("observation.at", at, now)?;
        }
        let facts = self.facts.iter().map(|(name, list)| ("facts", name, list.as_slice()));
        let states = self.states.iter();
        let states = states.map(|(name, value)| ("states", name, std::slice::from_ref(value)));
        for (field, name, values) in facts.chain(states) {
            let refuse = |found, advice| Err(bad(&format!("{field}.{name}"), found, advice));
            if TAKEN.contains(&name.as_str()) {
                let found = "a category that is not yours to define".to_owned();
                return refuse(found, "give it in its own field of the observation");
            }
            let is_scalar = |value: &&Value| {
                matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_))
            };
            if let Some(value) = values.iter().find(|value| !is_scalar(value)) {
                return refuse(value.to_string(), "give a text, a number, true or false");
            }
        }
        let long = self.names().into_iter().find(|name| name.chars().count() > MAX_NAME_CHARS);
        long.map_or(Ok(()), |name| {
            let found = format!("a name of {} characters", name.chars().count());
            Err(bad("", found, "give names of at most 1000 characters"))
        })
    }

    /// Every text in it.
    fn names(&self) -> Vec<&str> {
        let lists = [&self.genre, &self.key, &self.plugins].into_iter().flatten();
        let presets = self.presets.iter().flat_map(|preset| [&preset.name, &preset.plugin]);
        let maps = self.favourites.keys().chain(self.settings.keys()).chain(self.facts.keys());
        let parameters = self.settings.values().flat_map(BTreeMap::keys);
        let values = self.facts.values().flatten().chain(self.states.values());
        let values = values.filter_map(Value::as_str);
        let names = lists.chain(presets).chain(maps).chain(parameters).chain(self.states.keys());
        let names = names.chain(&self.project).chain(&self.scale);
        names.map(String::as_str).chain(values).collect()
    }

    fn count(&self) -> usize {
        let one = [self.project.is_some(), self.bpm.is_some(), self.lufs.is_some()];
        one.into_iter().filter(|there| *there).count()
            + self.genre.len()
            + self.key.len()
            + self.plugins.len()
            + self.presets.len()
            + self.settings.values().map(BTreeMap::len).sum::<usize>()
            + self.favourites.len()
            + self.facts.values().map(Vec::len).sum::<usize>()
            + self.states.len()
    }
}

/// # Errors
/// `PM_BAD_OPTION` for a time before 1970 or later than a day after `now`: clocks differ, but a
/// time far off is one in microseconds, or a mistake.
pub(crate) fn check_time(what: &str, at: i64, now: i64) -> Result<()> {
    if (0..=now.saturating_add(24 * 3_600 * 1_000)).contains(&at) {
        return Ok(());
    }
    let advice = "give milliseconds since 1970, not in the future".to_owned();
    Err(Error::BadOption { what: what.to_owned(), found: at.to_string(), advice })
}

fn bad(field: &str, found: String, advice: &str) -> Error {
    let dot = if field.is_empty() { "" } else { "." };
    let what = format!("observation{dot}{field}");
    Error::BadOption { what, found, advice: advice.to_owned() }
}

/// A name on one line: it stands in a line of the prompt one day. None when nothing is left.
pub(super) fn one_line(name: &str) -> Option<String> {
    let words = name.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn each_once(names: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let names = names.iter().filter_map(|name| one_line(name));
    names.filter(|name| seen.insert(name.clone())).collect()
}

fn one_line_names<T>(map: BTreeMap<String, T>, join: impl Fn(&mut T, T)) -> BTreeMap<String, T> {
    let mut named = BTreeMap::new();
    for (name, value) in map {
        let Some(name) = one_line(&name) else { continue };
        match named.entry(name) {
            Entry::Vacant(free) => drop(free.insert(value)),
            Entry::Occupied(mut taken) => join(taken.get_mut(), value),
        }
    }
    named
}

fn tidy(preset: Preset) -> Option<Preset> {
    let plugin = one_line(&preset.plugin).unwrap_or_else(Preset::unknown_plugin);
    let named = Preset::new(one_line(&preset.name)?, plugin);
    Some(named.with_settings(preset.settings))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    const NOW: i64 = 1_750_000_000_000;

    fn read(json: &str) -> Result<Observation> {
        Observation::from_json(json)?.checked(NOW)
    }

    #[track_caller]
    fn refuse(json: &str, code: &str, says: &str) {
        let err = read(json).unwrap_err();
        assert_eq!(err.code(), code, "{err}");
        assert!(err.to_string().contains(says), "{err}");
    }

    #[test]
    fn the_studio_s_shapes() {
        let map = r#"{"bpm":"128","favorites":{"mixx-eq8":true,"mixx-clip":false},"presets":{"mixx-verb":
            [{"id":"mixx-verb-17","label":"Hall","params":{"mix":0.3},"savedAt":17,"trackContext":"Lead"}]}}"#;
        let observation = read(map).unwrap();
        assert_eq!(observation.bpm, Some(128.0));
        assert_eq!(
            (observation.presets[0].name.as_str(), observation.presets[0].plugin.as_str()),
            ("Hall", "mixx-verb")
        );
        assert!(!observation.favourites["mixx-clip"]);
        let list = read(
            r#"{"presets":[{"name":"Air","plugin":"mixx-eq8"}],"genre":"Trap","favourites":["x"]}"#,
        )
        .unwrap();
        assert_eq!(list.presets, [Preset::new("Air", "mixx-eq8")]);
        assert_eq!(list.genre, ["Trap"]);
    }

    #[test]
    fn names_are_on_one_line_and_there_once() {
        let observation =
            read(r#"{"plugins":["eq\n\n8","eq 8"," "],"project":" Night\t7 "}"#).unwrap();
        assert_eq!(observation.plugins, ["eq 8"]);
        assert_eq!(observation.project.as_deref(), Some("Night 7"));
        let observation = read(
            r#"{"facts":{"mi c":["U87"],"mi  c":["C414"]},"favourites":{"eq 8":true,"eq  8":false},
            "settings":{"co mp":{"a\nb":1," ":2},"co  mp":{"c":3}}}"#,
        )
        .unwrap();
        assert_eq!(observation.facts["mi c"].len(), 2);
        assert!(observation.favourites["eq 8"]);
        let parameters: Vec<&str> =
            observation.settings["co mp"].keys().map(String::as_str).collect();
        assert_eq!(parameters, ["a b", "c"]);
    }

    #[test]
    fn what_is_unknown_is_left_out() {
        let observation =
            read(r#"{"genre":null,"bpm":0,"key":"Am","lufs":0,"plugins":null}"#).unwrap();
        assert_eq!(
            serde_json::to_string(&observation.to_data().unwrap()).unwrap(),
            r#"{"key":["Am"],"lufs":0.0}"#
        );
        refuse(r#"{"bpm":0,"genre":""}"#, "PM_EMPTY_TEXT", "observation is empty");
    }

    #[test]
    fn kept_and_read_again_it_is_the_same() {
        let json = r#"{"project":"P","genre":["Trap"],"bpm":119.99,"key":["C"],"scale":"minor","lufs":-9.5,"plugins":["a"],
            "presets":[{"name":"Air","plugin":"eq","settings":{"gain":-2}}],"settings":{"eq":{"gain":1.5}},
            "favourites":{"eq":true},"facts":{"mic":["U87",3]},"states":{"room":"B"}}"#;
        let observation = read(json).unwrap();
        let kept = serde_json::to_string(&observation.to_data().unwrap()).unwrap();
        assert_eq!(read(&kept).unwrap(), observation);
    }

    #[test]
    fn mistakes_are_named() {
        refuse(r#"{"gerne":"Trap"}"#, "PM_UNKNOWN_OPTION", "did you mean \"genre\"");
        refuse(r#"{"bpm":-3}"#, "PM_BAD_OPTION", "observation.bpm");
        refuse(r#"{"bpm":"fast"}"#, "PM_BAD_OPTION", "observation.bpm");
        refuse(r#"{"lufs":99}"#, "PM_BAD_OPTION", "LUFS from -100 to 20");
        refuse(r#"{"bpm":90,"at":1750000000000000}"#, "PM_BAD_OPTION", "milliseconds");
        refuse(r#"{"facts":{"mic":{"a":1}}}"#, "PM_BAD_OPTION", "observation.facts.mic: ");
        refuse(r#"{"states":{"room":[1]}}"#, "PM_BAD_OPTION", "observation.states.room: ");
        refuse(r#"{"facts":{"plugin":"x"}}"#, "PM_BAD_OPTION", "observation.facts.plugin: ");
        refuse(r#"{"facts":{"genre":"Trap"}}"#, "PM_BAD_OPTION", "its own field");
        refuse(r#"{"plugins":[7]}"#, "PM_BAD_OPTION", "observation.plugins");
        refuse("[]", "PM_BAD_OPTION", "give an object");
    }
}
