//! The clips of the arrangement.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::change::{Change, ClipRef, TrackRef};
use super::clip_edits::Pair;
use super::cuts;
use super::pairing::{Paired, Pairing};
use super::report::Report;
use super::tracks::Tracks;
use super::value::{self, first, hash, hash_number, label, mixed, number, same};
use crate::describe::phrase;
use crate::snapshots::buffers::is_taken_out;

pub(super) const TRACK: &[&str] = &["trackId", "track"];
pub(super) const START: &[&str] = &["start", "startTime"];
pub(super) const LENGTH: &[&str] = &["duration", "length"];
pub(super) const BUFFER: &[&str] = &["bufferId", "audioBufferId", "bufferKey"];

/// One clip of one version. Times are in the unit of the state.
pub(super) struct Clip<'a> {
    pub(super) value: &'a Value,
    id: Option<String>,
    name: String,
    /// Its track, by its newer id.
    pub(super) track: Option<String>,
    pub(super) buffer: Option<String>,
    pub(super) start: Option<f64>,
    pub(super) length: Option<f64>,
}

impl<'a> Clip<'a> {
    fn read(value: &'a Value, renewed: impl Fn(&str) -> String, buffer: &Renewed) -> Clip<'a> {
        let get = |names: &[&str]| first(value.as_object()?, names).map(|(_, value)| value);
        let text = |names: &[&str]| get(names).and_then(label);
        let name = text(&["name", "clipName"]).filter(|name| !is_taken_out(name));
        let name = name.and_then(|name| phrase::clean(&name));
        let audio = text(BUFFER).map(|id| buffer.get(&id).cloned().unwrap_or(id));
        Clip {
            value,
            id: text(&["id"]),
            name: name.unwrap_or_else(|| "unnamed clip".to_owned()),
            track: text(TRACK).map(|id| renewed(&id)),
            buffer: audio,
            start: get(START).and_then(number),
            length: get(LENGTH).and_then(number),
        }
    }

    pub(super) fn refer(&self) -> ClipRef {
        ClipRef { id: self.id.clone(), name: self.name.clone() }
    }

    pub(super) fn end(&self) -> Option<f64> {
        Some(self.start? + self.length?)
    }

    /// All it is but ids; where it is only when `place`.
    fn content(&self, place: bool) -> u64 {
        const IDS: [&str; 6] = ["id", TRACK[0], TRACK[1], BUFFER[0], BUFFER[1], BUFFER[2]];
        const PLACED: [&str; 8] =
            [IDS[0], IDS[1], IDS[2], IDS[3], IDS[4], IDS[5], START[0], START[1]];
        let own = hash(self.value, if place { &IDS[..] } else { &PLACED[..] });
        let text = |text: &Option<String>| {
            text.as_ref().map_or(0, |text| hash(&Value::String(text.clone()), &[]))
        };
        let audio = mixed(own, text(&self.buffer));
        if place { mixed(audio, text(&self.track)) } else { audio }
    }

    fn keyed(&self, parts: [bool; 4]) -> Option<(u64, String)> {
        let [track, name, start, length] = parts;
        let mut key = 0;
        if start {
            key = mixed(key, hash_number((self.start? * 1e4).round()));
        }
        if length {
            key = mixed(key, hash_number((self.length? * 1e4).round()));
        }
        let track = if track { self.track.as_deref().unwrap_or("") } else { "" };
        let name = if name { self.name.as_str() } else { "" };
        Some((key, format!("{track}\u{0}{name}\u{0}{}", self.buffer.as_deref().unwrap_or(""))))
    }
}

/// The newer ids of audio buffers that were given anew.
pub(super) type Renewed = HashMap<String, String>;

/// Compares the clips below `path`.
pub(super) fn compare<'a>(
    path: &str,
    tracks: &Tracks<'a>,
    buffers: &Renewed,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
    report: &mut Report,
) {
    let list =
        |clips: Option<&'a Value>| clips.map_or(Some(&[][..]), |c| c.as_array().map(Vec::as_slice));
    let (Some(before), Some(after)) = (list(before), list(after)) else { return };
    let was: Vec<Clip<'_>> = before
        .iter()
        .map(|clip| Clip::read(clip, |id| tracks.renewed(id).to_owned(), buffers))
        .collect();
    let none = Renewed::new();
    let is: Vec<Clip<'_>> =
        after.iter().map(|clip| Clip::read(clip, str::to_owned, &none)).collect();
    let pairs = pair(&was, &is);
    let cut = cuts::find(&was, &is, &pairs);
    for split in &cut.splits {
        let clip = &was[split.whole];
        report.say(Change::ClipSplit {
            clip: clip.refer(),
            track: track_of(clip, tracks),
            at: split.at.clone(),
            pieces: split.at.len() + 1,
        });
    }
    for join in &cut.joins {
        let clip = &is[join.whole];
        report.say(Change::ClipsJoined {
            clip: clip.refer(),
            track: track_of(clip, tracks),
            at: join.at.clone(),
            pieces: join.at.len() + 1,
        });
    }
    for i in pairs.removed.iter().filter(|i| !cut.older.contains(i)) {
        let clip = &was[*i];
        if clip.track.as_deref().is_some_and(|track| tracks.is_removed(track)) {
            report.covered += 1;
            continue;
        }
        report.say(Change::ClipRemoved {
            clip: clip.refer(),
            track: track_of(clip, tracks),
            start: field(clip, START).map(value::shown),
        });
    }
    let known: HashMap<u64, usize> =
        was.iter().enumerate().map(|(i, clip)| (clip.content(false), i)).collect();
    for j in pairs.added.iter().filter(|j| !cut.newer.contains(j)) {
        let clip = &is[*j];
        if clip.track.as_deref().is_some_and(|track| tracks.is_added(track)) {
            report.covered += 1;
            continue;
        }
        report.say(Change::ClipAdded {
            clip: clip.refer(),
            track: track_of(clip, tracks),
            start: field(clip, START).map(value::shown),
            copy_of: known.get(&clip.content(false)).map(|i| was[*i].name.clone()),
        });
    }
    for (i, j) in &pairs.both {
        let path = format!("{path}[{j}]");
        let (was, is) = (&was[*i], &is[*j]);
        if same(was.value, is.value) {
            continue;
        }
        let cut = cut.older.contains(i) || cut.newer.contains(j);
        report.sure(&path, None, Some(was.value), Some(is.value), |report| {
            if let (Some(before), Some(after)) = (was.value.as_object(), is.value.as_object()) {
                Pair { path: &path, tracks, was, is, cut }.compare(before, after, report);
            }
        });
    }
}

fn field<'a>(clip: &Clip<'a>, names: &[&str]) -> Option<&'a Value> {
    first(clip.value.as_object()?, names).map(|(_, value)| value)
}

/// The track of a clip of either version, which knows its newer id.
pub(super) fn track_of(clip: &Clip<'_>, tracks: &Tracks<'_>) -> TrackRef {
    match &clip.track {
        Some(id) => tracks.refer(id),
        None => TrackRef { id: None, name: "no track".to_owned() },
    }
}

/// By id; then by content, whole or in parts, in falling order of evidence.
fn pair(was: &[Clip<'_>], is: &[Clip<'_>]) -> Paired {
    let mut pairing =
        Pairing::new(was.len(), is.len()).equal_ends(|i, j| same(was[i].value, is[j].value));
    if !renumbered(was, is) {
        let whole = |clip: &Clip<'_>| Some((clip.id.clone()?, clip.content(true)));
        pairing = pairing
            .by_key(|i| whole(&was[i]), |j| whole(&is[j]))
            .by_key(|i| was[i].id.clone(), |j| is[j].id.clone());
    }
    pairing = pairing.by_key(|i| Some(was[i].content(true)), |j| Some(is[j].content(true)));
    // Track, name, start, length: which of them must agree.
    let keys = [
        [true, true, true, true],
        [true, true, true, false],
        [true, false, true, true],
        [true, true, false, true],
        [false, true, true, true],
    ];
    for parts in keys {
        pairing = pairing.by_key(|i| was[i].keyed(parts), |j| is[j].keyed(parts));
    }
    pairing.finish()
}

/// Whether ids are only positions, given anew when a clip came or went: content says so.
fn renumbered(was: &[Clip<'_>], is: &[Clip<'_>]) -> bool {
    if was.len() == is.len() {
        return false;
    }
    let by_id: HashMap<Option<&str>, u64> =
        was.iter().map(|clip| (clip.id.as_deref(), clip.content(true))).collect();
    let contents: HashSet<u64> = by_id.values().copied().collect();
    let kept = |clip: &&Clip<'_>| by_id.get(&clip.id.as_deref()) == Some(&clip.content(true));
    let found = is.iter().filter(|clip| contents.contains(&clip.content(true))).count();
    found > 2 * is.iter().filter(kept).count() + 2
}
