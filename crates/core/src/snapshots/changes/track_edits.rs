//! What became of the tracks themselves: come, gone, moved, named, coloured, grouped.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::change::{Change, TrackRef};
use super::report::{Report, joined};
use super::tracks::{NAME, Track, Tracks};
use super::value::{differing, first, label, same, values};
use super::{inserts, mixer};

const COLOUR: &[&str] = &["trackColor", "color"];
const ROLE: &[&str] = &["role", "instrument"];
const LOCKED: &[&str] = &["locked", "isLocked"];

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
        let owns = track.owns(|id| tracks.knows(id));
        let (clips, plugins) = if owns { held.of_track(track) } else { Default::default() };
        report.say(Change::TrackRemoved {
            track: track.refer(),
            group: track.group.clone(),
            clips,
            notes: if owns { track.notes.len() } else { 0 },
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
        let owns = track.owns(|id| tracks.knew(id));
        let (clips, plugins) = if owns { held.of_track(track) } else { Default::default() };
        report.say(Change::TrackAdded {
            track: track.refer(),
            group: track.group.clone(),
            copy_of: copied(track, owns, &tracks.before),
            clips,
            notes: if owns { track.notes.len() } else { 0 },
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
fn copied(track: &Track<'_>, owns: bool, before: &[Track<'_>]) -> Option<String> {
    let lower = track.name.to_lowercase();
    let original = lower.strip_suffix("copy").map(|name| name.trim_end_matches([' ', '(', '-']));
    let named = before.iter().find(|other| original == Some(other.name.to_lowercase().as_str()));
    let played = || {
        let notes = track.notes_hash().filter(|_| owns && track.notes.len() > 3)?;
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
