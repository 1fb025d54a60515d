//! The tracks of both versions, and what the states keep under their ids.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::change::TrackRef;
use super::pairing::Paired;
use super::report::Report;
use super::track_pairs::pair;
use super::value::{first, hash, label, mixed, object};
use crate::describe::phrase;
use crate::snapshots::buffers::is_taken_out;

pub(super) const NAME: &[&str] = &["trackName", "name"];

/// One track of one version.
pub(super) struct Track<'a> {
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) group: Option<String>,
    pub(super) value: &'a Value,
    pub(super) notes: &'a [Value],
    /// Whether another track of this version has its id.
    is_shared: bool,
    /// Whether it is the first track with its id.
    is_first: bool,
    notes_hash: OnceCell<Option<u64>>,
}

impl<'a> Track<'a> {
    fn read(value: &'a Value, sketches: Option<&'a Map<String, Value>>) -> Track<'a> {
        let text = |names: &[&str]| {
            value.as_object().and_then(|map| first(map, names)).and_then(|(_, text)| label(text))
        };
        let id = text(&["id"]);
        let notes = id.as_ref().and_then(|id| sketches?.get(id)?.as_array());
        let name = text(NAME).filter(|name| !is_taken_out(name));
        let name = name.and_then(|name| phrase::clean(&name));
        Track {
            name: name.unwrap_or_else(|| "unnamed".to_owned()),
            group: text(&["group"]),
            value,
            notes: notes.map_or(&[], Vec::as_slice),
            is_shared: false,
            is_first: true,
            notes_hash: OnceCell::new(),
            id,
        }
    }

    /// Whether what stands under its id came or went with it. Of tracks with one id that is the first,
    /// unless the other version has the id too.
    pub(super) fn owns(&self, is_elsewhere: impl Fn(&str) -> bool) -> bool {
        let id = self.id.as_deref();
        self.is_first && !(self.is_shared && id.is_some_and(is_elsewhere))
    }

    pub(super) fn refer(&self) -> TrackRef {
        TrackRef { id: self.id.clone(), name: self.name.clone() }
    }

    /// The same for the same notes in any order, whatever their ids. None without notes.
    pub(super) fn notes_hash(&self) -> Option<u64> {
        *self.notes_hash.get_or_init(|| {
            let hashes = self.notes.iter().map(|note| hash(note, &["id"]));
            (!self.notes.is_empty()).then(|| hashes.fold(0, u64::wrapping_add))
        })
    }

    /// All it is but for its id.
    pub(super) fn content(&self) -> u64 {
        mixed(hash(self.value, &["id"]), self.notes_hash().unwrap_or(0))
    }
}

/// The tracks of both versions.
pub(super) struct Tracks<'a> {
    pub(super) before: Vec<Track<'a>>,
    pub(super) after: Vec<Track<'a>>,
    pub(super) pairs: Paired,
    /// The newer place of the track that had this id.
    newer: HashMap<String, Option<usize>>,
    /// The newer place of the track that has this id.
    now: HashMap<String, usize>,
    added: HashSet<usize>,
}

/// What two versions keep under the id of one track or channel.
pub(super) struct Channel<'a> {
    pub(super) track: TrackRef,
    pub(super) key: String,
    pub(super) before: Option<&'a Value>,
    pub(super) after: Option<&'a Value>,
}

impl<'a> Tracks<'a> {
    pub(super) fn read(before: &'a Map<String, Value>, after: &'a Map<String, Value>) -> Self {
        let (before, after) = (list(before), list(after));
        let pairs = pair(&before, &after);
        let mut tracks = Tracks {
            newer: HashMap::new(),
            now: HashMap::new(),
            added: pairs.added.iter().copied().collect(),
            before,
            after,
            pairs,
        };
        for (i, j) in &tracks.pairs.both {
            if let Some(id) = &tracks.before[*i].id {
                tracks.newer.entry(id.clone()).or_insert(Some(*j));
            }
        }
        for i in &tracks.pairs.removed {
            if let Some(id) = &tracks.before[*i].id {
                tracks.newer.entry(id.clone()).or_insert(None);
            }
        }
        for (j, track) in tracks.after.iter().enumerate() {
            if let Some(id) = &track.id {
                tracks.now.entry(id.clone()).or_insert(j);
            }
        }
        tracks
    }

    /// The id that the track with this older id has now; any other key is itself.
    pub(super) fn renewed<'k>(&'k self, key: &'k str) -> &'k str {
        match self.newer.get(key) {
            Some(Some(at)) => self.after[*at].id.as_deref().unwrap_or(key),
            _ => key,
        }
    }

    pub(super) fn knew(&self, key: &str) -> bool {
        self.newer.contains_key(key)
    }

    pub(super) fn knows(&self, key: &str) -> bool {
        self.now.contains_key(key)
    }

    /// The track or channel with this newer id.
    pub(super) fn refer(&self, key: &str) -> TrackRef {
        match self.now.get(key) {
            Some(at) => self.after[*at].refer(),
            None => self.referred(key),
        }
    }

    /// The track or channel with this older id.
    pub(super) fn refer_older(&self, key: &str) -> TrackRef {
        match self.newer.get(key) {
            Some(Some(at)) => self.after[*at].refer(),
            _ => self.referred(key),
        }
    }

    fn referred(&self, key: &str) -> TrackRef {
        let gone = self.before.iter().find(|track| track.id.as_deref() == Some(key));
        gone.map_or_else(
            || TrackRef {
                id: Some(key.to_owned()),
                name: phrase::readable(key).unwrap_or_else(|| "another channel".to_owned()),
            },
            Track::refer,
        )
    }

    pub(super) fn is_added(&self, key: &str) -> bool {
        self.now.get(key).is_some_and(|at| self.added.contains(at))
    }

    pub(super) fn is_removed(&self, key: &str) -> bool {
        self.newer.get(key).is_some_and(Option::is_none)
    }

    /// The channels of two maps by track id that differ by `differ`. What only an added or a removed track has is
    /// covered by that. None when one of the two is no map.
    pub(super) fn channels(
        &self,
        before: Option<&'a Value>,
        after: Option<&'a Value>,
        differ: impl Fn(&'a Value, &'a Value) -> bool,
        report: &mut Report,
    ) -> Option<Vec<Channel<'a>>> {
        let (before, after) = (object(before)?, object(after)?);
        let mut older: HashMap<&str, (&str, &Value)> = HashMap::with_capacity(before.len());
        let mut channels = Vec::new();
        for (key, value) in before {
            let now = self.renewed(key);
            // Two older ids of one newer track: the second is told under its own name.
            if after.contains_key(now) && !older.contains_key(now) {
                older.insert(now, (key, value));
            } else if self.is_removed(key) {
                report.covered += 1;
            } else {
                let (track, key) = (self.refer_older(key), key.clone());
                channels.push(Channel { track, key, before: Some(value), after: None });
            }
        }
        for (key, value) in after {
            let was = older.get(key.as_str());
            report.ids += usize::from(was.is_some_and(|(id, _)| id != key));
            if was.is_none() && self.is_added(key) {
                report.covered += 1;
            } else if was.is_none_or(|(_, was)| differ(was, value)) {
                let (track, key) = (self.refer(key), key.clone());
                channels.push(Channel {
                    track,
                    key,
                    before: was.map(|(_, was)| *was),
                    after: Some(value),
                });
            }
        }
        Some(channels)
    }
}

fn list(state: &Map<String, Value>) -> Vec<Track<'_>> {
    let sketches = state.get("pianoRollSketches").and_then(Value::as_object);
    let items = state.get("tracks").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut tracks: Vec<Track<'_>> = items.iter().map(|one| Track::read(one, sketches)).collect();
    let mut firsts: HashMap<String, usize> = HashMap::new();
    for at in 0..tracks.len() {
        let Some(id) = tracks[at].id.clone() else { continue };
        let first = *firsts.entry(id).or_insert(at);
        if first != at {
            tracks[first].is_shared = true;
            (tracks[at].is_shared, tracks[at].is_first) = (true, false);
        }
    }
    tracks
}
