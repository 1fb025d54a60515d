//! The tracks of both versions: which is which, and what became of each.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::change::{Change, TrackRef};
use super::pairing::{Paired, Pairing};
use super::report::{Report, joined};
use super::value::{differing, first, hash, label, mixed, object, same, values};
use super::{inserts, mixer};
use crate::describe::phrase;

const NAME: &[&str] = &["trackName", "name"];
const COLOUR: &[&str] = &["trackColor", "color"];
const ROLE: &[&str] = &["role", "instrument"];
const LOCKED: &[&str] = &["locked", "isLocked"];
/// Tracks that may share one note before it tells nothing about which track is which.
const MAX_SHARING: usize = 8;

/// One track of one version.
pub(super) struct Track<'a> {
    pub(super) id: Option<String>,
    pub(super) name: String,
    group: Option<String>,
    value: &'a Value,
    notes: &'a [Value],
    notes_hash: OnceCell<Option<u64>>,
}

impl<'a> Track<'a> {
    fn read(value: &'a Value, sketches: Option<&'a Map<String, Value>>) -> Track<'a> {
        let text = |names: &[&str]| {
            value.as_object().and_then(|map| first(map, names)).and_then(|(_, text)| label(text))
        };
        let id = text(&["id"]);
        let notes = id.as_ref().and_then(|id| sketches?.get(id)?.as_array());
        let name = text(NAME).and_then(|name| phrase::clean(&name));
        Track {
            name: name.unwrap_or_else(|| "unnamed".to_owned()),
            group: text(&["group"]),
            value,
            notes: notes.map_or(&[], Vec::as_slice),
            notes_hash: OnceCell::new(),
            id,
        }
    }

    pub(super) fn refer(&self) -> TrackRef {
        TrackRef { id: self.id.clone(), name: self.name.clone() }
    }

    /// The same for the same notes in any order, whatever their ids. None without notes.
    fn notes_hash(&self) -> Option<u64> {
        *self.notes_hash.get_or_init(|| {
            let hashes = self.notes.iter().map(|note| hash(note, &["id"]));
            (!self.notes.is_empty()).then(|| hashes.fold(0, u64::wrapping_add))
        })
    }

    /// All it is but for its id.
    fn content(&self) -> u64 {
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
    items.iter().map(|track| Track::read(track, sketches)).collect()
}

/// By id; then by what the tracks are: notes, name and group, in falling order of evidence.
fn pair(before: &[Track<'_>], after: &[Track<'_>]) -> Paired {
    let key = |track: &Track<'_>| track.id.clone();
    let named = |track: &Track<'_>| (track.name.to_lowercase(), track.group.clone());
    let mut pairing = Pairing::new(before.len(), after.len())
        .equal_ends(|i, j| same(before[i].value, after[j].value));
    if renumbered(before, after) {
        pairing = pairing.by_key(|i| Some(before[i].content()), |j| Some(after[j].content()));
    }
    let whole = |track: &Track<'_>| Some((track.id.clone()?, track.content()));
    pairing = pairing
        .by_key(|i| whole(&before[i]), |j| whole(&after[j]))
        .by_key(|i| key(&before[i]), |j| key(&after[j]))
        .by_key(|i| Some(before[i].content()), |j| Some(after[j].content()));
    let full = |track: &Track<'_>| Some((named(track), track.notes_hash()?));
    let played = |track: &Track<'_>| track.notes_hash().filter(|_| track.notes.len() > 3);
    pairing = pairing
        .by_key(|i| full(&before[i]), |j| full(&after[j]))
        .by_key(|i| played(&before[i]), |j| played(&after[j]))
        .by_key(|i| Some(named(&before[i])), |j| Some(named(&after[j])))
        .by_similarity(before, after)
        .by_key(|i| Some(named(&before[i]).0), |j| Some(named(&after[j]).0));
    let ids: HashSet<&Option<String>> = after.iter().map(|track| &track.id).collect();
    if !before.iter().any(|track| track.id.is_some() && ids.contains(&track.id)) {
        // All ids are new: what is like another but for its name was renamed.
        let unnamed = |track: &Track<'_>| Some(hash(track.value, &["id", NAME[0], NAME[1]]));
        pairing = pairing.by_key(|i| unnamed(&before[i]), |j| unnamed(&after[j]));
    }
    pairing.finish()
}

/// Whether ids are only positions: content says that tracks went on under another's id.
fn renumbered(before: &[Track<'_>], after: &[Track<'_>]) -> bool {
    if before.len() == after.len() {
        return false;
    }
    let by_id: HashMap<Option<&str>, u64> =
        before.iter().map(|track| (track.id.as_deref(), track.content())).collect();
    let kept = |track: &&Track<'_>| by_id.get(&track.id.as_deref()) == Some(&track.content());
    let contents: HashSet<u64> = by_id.values().copied().collect();
    let by_content = after.iter().filter(|track| contents.contains(&track.content())).count();
    by_content > 2 * after.iter().filter(kept).count() + 2
}

impl Pairing {
    /// Links tracks that share at least half of their notes, best first.
    fn by_similarity(mut self, before: &[Track<'_>], after: &[Track<'_>]) -> Pairing {
        let open = self.open();
        let mut sharing: HashMap<u64, Vec<usize>> = HashMap::new();
        for j in open.1 {
            for note in after[j].notes {
                let list = sharing.entry(hash(note, &["id", "velocity"])).or_default();
                if list.len() <= MAX_SHARING && list.last() != Some(&j) {
                    list.push(j);
                }
            }
        }
        let mut found: Vec<(usize, usize, usize)> = Vec::new();
        for i in open.0 {
            let mut shared: HashMap<usize, usize> = HashMap::new();
            for note in before[i].notes {
                let list = sharing.get(&hash(note, &["id", "velocity"]));
                for j in list.into_iter().flatten() {
                    *shared.entry(*j).or_default() += 1;
                }
            }
            let enough =
                |j: usize, count| 2 * count > before[i].notes.len().max(after[j].notes.len());
            let close = shared.into_iter().filter(|(j, count)| enough(*j, *count));
            found.extend(close.map(|(j, count)| (count, i, j)));
        }
        found.sort_unstable_by_key(|(count, i, j)| (usize::MAX - count, *i, *j));
        for (_, i, j) in found {
            if self.is_open(i, j) {
                self.link(i, j);
            }
        }
        self
    }
}

/// Tells what became of the tracks themselves.
pub(super) fn compare(
    tracks: &Tracks<'_>,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    report: &mut Report,
) {
    gone(tracks, before, report);
    new(tracks, after, report);
    for (i, j) in tracks.pairs.moved() {
        let track = tracks.after[j].refer();
        report.say(Change::TrackMoved { track, before: i + 1, after: j + 1 });
    }
    for (i, j) in &tracks.pairs.both {
        let (was, is) = (&tracks.before[*i], &tracks.after[*j]);
        if same(was.value, is.value) {
            continue;
        }
        let path = format!("tracks[{j}]");
        let track = is.refer();
        report.sure(&path, Some(&track), Some(was.value), Some(is.value), |report| {
            if let (Some(was), Some(is)) = (was.value.as_object(), is.value.as_object()) {
                one(&path, &track, was, is, report);
            }
        });
    }
}

fn gone(tracks: &Tracks<'_>, before: &Map<String, Value>, report: &mut Report) {
    if tracks.pairs.removed.is_empty() {
        return;
    }
    let held = Holdings::of(before);
    for track in tracks.pairs.removed.iter().map(|i| &tracks.before[*i]) {
        let (clips, plugins) = held.of_track(track);
        report.say(Change::TrackRemoved {
            track: track.refer(),
            group: track.group.clone(),
            clips,
            notes: track.notes.len(),
            plugins,
        });
    }
}

fn new(tracks: &Tracks<'_>, after: &Map<String, Value>, report: &mut Report) {
    if tracks.pairs.added.is_empty() {
        return;
    }
    let held = Holdings::of(after);
    for track in tracks.pairs.added.iter().map(|j| &tracks.after[*j]) {
        let (clips, plugins) = held.of_track(track);
        report.say(Change::TrackAdded {
            track: track.refer(),
            group: track.group.clone(),
            copy_of: copied(track, &tracks.before),
            clips,
            notes: track.notes.len(),
            plugins,
        });
    }
}

/// How many clips and which plugins each track id holds.
struct Holdings<'a> {
    clips: HashMap<String, usize>,
    inserts: Option<&'a Map<String, Value>>,
}

impl<'a> Holdings<'a> {
    fn of(state: &'a Map<String, Value>) -> Holdings<'a> {
        let mut clips: HashMap<String, usize> = HashMap::new();
        let list = first(state, &["clips", "regions"]).and_then(|(_, list)| list.as_array());
        for clip in list.into_iter().flatten().filter_map(Value::as_object) {
            if let Some(id) = first(clip, &["trackId", "track"]).and_then(|(_, id)| label(id)) {
                *clips.entry(id).or_default() += 1;
            }
        }
        Holdings { clips, inserts: state.get("inserts").and_then(Value::as_object) }
    }

    fn of_track(&self, track: &Track<'_>) -> (usize, Vec<String>) {
        let Some(id) = &track.id else { return (0, Vec::new()) };
        let chain = self.inserts.and_then(|inserts| inserts.get(id));
        (self.clips.get(id).copied().unwrap_or(0), inserts::plugins(chain))
    }
}

/// The track that `track` repeats: the same notes, or the same name and "copy".
fn copied(track: &Track<'_>, before: &[Track<'_>]) -> Option<String> {
    let lower = track.name.to_lowercase();
    let original = lower.strip_suffix("copy").map(|name| name.trim_end_matches([' ', '(', '-']));
    let named = before.iter().find(|other| original == Some(other.name.to_lowercase().as_str()));
    let played = || {
        let notes = track.notes_hash().filter(|_| track.notes.len() > 3)?;
        let alike = |other: &&Track<'_>| other.notes.len() == track.notes.len();
        before.iter().filter(alike).find(|other| other.notes_hash() == Some(notes))
    };
    named.or_else(played).map(|other| other.name.clone())
}

fn one(
    path: &str,
    track: &TrackRef,
    was: &Map<String, Value>,
    is: &Map<String, Value>,
    report: &mut Report,
) {
    for (name, before, after) in differing(was, is) {
        let (track, path) = (track.clone(), joined(path, name));
        let values = || values(before, after);
        match name {
            "id" => report.id(&path, Some(&track), before, after),
            name if NAME.contains(&name) => {
                report.say(Change::TrackRenamed { track, values: values() });
            }
            name if COLOUR.contains(&name) => {
                report.say(Change::TrackRecoloured { track, values: values() });
            }
            "group" => report.say(Change::TrackRegrouped { track, values: values() }),
            name if ROLE.contains(&name) => {
                report.say(Change::TrackRole { track, values: values() });
            }
            name if LOCKED.contains(&name) => {
                report.say(Change::TrackLocked { track, values: values() });
            }
            "inserts" | "plugins" | "chain" => {
                inserts::chain(&path, &track, before, after, report);
            }
            name => mixer::field(&path, name, &track, before, after, report),
        }
    }
}
