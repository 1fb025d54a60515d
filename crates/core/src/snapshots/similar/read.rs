//! What a project state holds that music can be compared by. Never fails: what is missing or of
//! another type says nothing.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::music::Note;

/// Most notes read of one project, most clips, most tracks: a real one has a hundredth.
const MAX_NOTES: usize = 200_000;
const MAX_CLIPS: usize = 20_000;
const MAX_TRACKS: usize = 2_000;

/// One track and what it plays.
#[derive(Debug, Default)]
pub(super) struct Track {
    pub(super) name: String,
    pub(super) group: String,
    pub(super) role: String,
    pub(super) plugins: Vec<String>,
    pub(super) notes: Vec<Note>,
    pub(super) clips: Vec<Clip>,
}

/// Where a clip lies, in seconds or beats.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clip {
    pub(super) start: f64,
    pub(super) length: f64,
}

impl Track {
    /// Whether its pitches name drums and not tones.
    pub(super) fn is_drums(&self) -> bool {
        self.group.eq_ignore_ascii_case("drums")
    }
}

/// A state, read.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) bpm: Option<f64>,
    pub(super) key: String,
    pub(super) scale: String,
    /// Genre and mood.
    pub(super) moods: Vec<String>,
    pub(super) tracks: Vec<Track>,
    /// Plugins of buses and of the master.
    pub(super) buses: Vec<String>,
    pub(super) clip_names: Vec<String>,
}

impl Project {
    /// Reads a state, or `{ projectData: state, … }` around one.
    pub(super) fn read(state: &Value) -> Project {
        let Some(outer) = state.as_object() else { return Project::default() };
        let inner = ["projectData", "project_data", "state"]
            .iter()
            .find_map(|name| outer.get(*name)?.as_object())
            .unwrap_or(outer);
        let music = [inner, outer]
            .into_iter()
            .find_map(|map| map.get("musicalContext").or(map.get("musical_context"))?.as_object());
        let layers: Vec<&Map<String, Value>> =
            [Some(inner), music, Some(outer)].into_iter().flatten().collect();
        let mut project = Project {
            bpm: find(&layers, &["bpm", "tempo"])
                .and_then(number)
                .filter(|bpm| (10.0..=999.0).contains(bpm)),
            key: text(&layers, &["key"]),
            scale: text(&layers, &["scale"]),
            moods: [text(&layers, &["genre"]), text(&layers, &["mood"])]
                .into_iter()
                .filter(|word| !word.is_empty())
                .collect(),
            ..Project::default()
        };
        project.read_tracks(inner);
        project
    }

    /// The ids of all plugins, as often as they are there.
    pub(super) fn plugins(&self) -> impl Iterator<Item = &String> + Clone {
        self.tracks.iter().flat_map(|track| &track.plugins).chain(&self.buses)
    }

    fn read_tracks(&mut self, state: &Map<String, Value>) {
        let mut places: HashMap<&str, usize> = HashMap::new();
        for value in list(state, "tracks").iter().take(MAX_TRACKS) {
            let Some(track) = value.as_object() else { continue };
            let of = |names: &[&str]| text(&[track], names);
            if let Some(id) = track.get("id").and_then(Value::as_str) {
                places.insert(id, self.tracks.len());
            }
            let mut read = Track {
                name: of(&["trackName", "name"]),
                group: of(&["group"]),
                role: of(&["role", "instrument"]),
                ..Track::default()
            };
            for name in ["inserts", "plugins", "chain"] {
                read.plugins.extend(track.get(name).map(plugins).unwrap_or_default());
            }
            read.notes.extend(
                ["notes", "midiNotes"].iter().filter_map(|name| track.get(*name)).flat_map(notes),
            );
            self.tracks.push(read);
        }
        for (id, chain) in map(state, "inserts") {
            match places.get(id.as_str()) {
                Some(at) => self.tracks[*at].plugins.extend(plugins(chain)),
                None => self.buses.extend(plugins(chain)),
            }
        }
        for name in ["master", "plugins"] {
            self.buses.extend(state.get(name).map(plugins).unwrap_or_default());
        }
        let mut left = MAX_NOTES;
        for (id, sketch) in map(state, "pianoRollSketches") {
            let read: Vec<Note> = notes(sketch).take(left).collect();
            left -= read.len();
            let at = places.get(id.as_str()).copied().unwrap_or_else(|| {
                self.tracks.push(Track::default());
                self.tracks.len() - 1
            });
            self.tracks[at].notes.extend(read);
        }
        for clip in list(state, "clips").iter().chain(list(state, "regions")).take(MAX_CLIPS) {
            self.read_clip(clip, &places);
        }
    }

    fn read_clip(&mut self, clip: &Value, places: &HashMap<&str, usize>) {
        let Some(clip) = clip.as_object() else { return };
        let name = text(&[clip], &["name"]);
        if !name.is_empty() {
            self.clip_names.push(name);
        }
        let id = clip.get("trackId").or(clip.get("track")).and_then(Value::as_str);
        let Some(track) = id.and_then(|id| places.get(id)).and_then(|at| self.tracks.get_mut(*at))
        else {
            return;
        };
        let time =
            |names: &[&str]| find(&[clip], names).and_then(number).filter(|time| time.abs() < 1e7);
        if let (Some(start), Some(length)) =
            (time(&["start", "startTime"]), time(&["duration", "length"]))
        {
            track.clips.push(Clip { start, length: length.max(0.0) });
        }
        track.notes.extend(
            ["notes", "midiNotes"].iter().filter_map(|name| clip.get(*name)).flat_map(notes),
        );
    }
}

fn list<'a>(map: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    map.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn map<'a>(
    of: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    of.get(name).and_then(Value::as_object).into_iter().flatten()
}

fn find<'a>(layers: &[&'a Map<String, Value>], names: &[&str]) -> Option<&'a Value> {
    let said = |value: &&Value| !value.is_null() && value.as_str() != Some("");
    layers.iter().find_map(|map| names.iter().find_map(|name| map.get(*name).filter(said)))
}

fn text(layers: &[&Map<String, Value>], names: &[&str]) -> String {
    find(layers, names)
        .and_then(Value::as_str)
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .filter(|number| number.is_finite())
}

/// Ids of a chain: strings, or objects that name a plugin.
fn plugins(chain: &Value) -> Vec<String> {
    let id = |insert: &Value| match insert {
        Value::String(id) => Some(id.trim().to_owned()),
        Value::Object(insert) => Some(text(&[insert], &["pluginId", "plugin", "name"])),
        _ => None,
    };
    chain.as_array().into_iter().flatten().filter_map(id).filter(|id| !id.is_empty()).collect()
}

fn notes(sketch: &Value) -> impl Iterator<Item = Note> + '_ {
    let list = sketch.as_array().or_else(|| sketch.get("notes")?.as_array());
    list.into_iter().flatten().filter_map(note)
}

fn note(value: &Value) -> Option<Note> {
    let note = value.as_object()?;
    let of = |names: &[&str]| find(&[note], names).and_then(number);
    let pitch = of(&["pitch", "note", "midi"]).filter(|pitch| (0.0..=127.0).contains(pitch))?;
    let start = of(&["start", "startTime", "time"]).filter(|start| start.abs() < 1e7)?;
    let duration = of(&["duration", "length"]).unwrap_or(0.0).clamp(0.0, 1e7);
    Some(Note { pitch: pitch as u8, start, duration })
}
