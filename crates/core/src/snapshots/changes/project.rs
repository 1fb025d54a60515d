//! A whole project state: which reader compares which of its fields.

use serde_json::{Map, Value};

use super::change::{Change, TrackRef, Values};
use super::report::{Report, joined};
use super::tracks::Tracks;
use super::value::{differ, differing, number, object, respelled, values};
use super::{audio, automation, bypass, clips, inserts, mixer, notes, track_edits};

/// The state inside a record about it, as in `{ name, bpm, projectData: state }`.
const STATE: [&str; 3] = ["projectData", "project_data", "state"];

/// Where one looks, not what one hears. They change all the time.
pub(super) const VIEW: [&str; 13] = [
    "scrollX",
    "scrollY",
    "ppsValue",
    "zoom",
    "zoomX",
    "zoomY",
    "pianoRollZoom",
    "pianoRollScroll",
    "bloomPosition",
    "floatingBloomPosition",
    "bloomDockPosition",
    "visibleAutomationLanes",
    "followPlayhead",
];

type Named = fn(Values) -> Change;

/// Fields that are one setting of the project.
fn setting(name: &str) -> Option<Named> {
    Some(match name {
        "name" | "projectName" | "project" | "snapshot_name" | "snapshotName" => {
            Change::ProjectName
        }
        "bpm" | "tempo" => Change::Tempo,
        "timeSignature" | "time_signature" => Change::Meter,
        "key" => Change::Key,
        "scale" => Change::Scale,
        "genre" | "genres" => Change::Genre,
        "mood" => Change::Mood,
        "masterVolume" => Change::MasterVolume,
        "masterBalance" | "masterPan" => Change::MasterPan,
        "isLooping" | "loopEnabled" | "looping" => Change::Loop,
        _ => return None,
    })
}

/// Compares two records: their own fields, and those of the state inside them.
pub(super) fn record(before: &Value, after: &Value, report: &mut Report) {
    let (Some(was), Some(is)) = (before.as_object(), after.as_object()) else {
        return report.fields("", None, Some(before), Some(after));
    };
    for name in STATE {
        if let (Some(Value::Object(was)), Some(Value::Object(is))) = (was.get(name), is.get(name)) {
            state(name, was, is, report);
        }
    }
    state("", was, is, report);
}

fn state(path: &str, was: &Map<String, Value>, is: &Map<String, Value>, report: &mut Report) {
    let tracks = Tracks::read(was, is);
    let buffers = audio::renewed(was.get("audioBuffers"), is.get("audioBuffers"));
    let list = |state: &Map<String, Value>| state.get("tracks").is_none_or(Value::is_array);
    let chains = (was.get("inserts"), is.get("inserts"));
    let beat = is.get("bpm").and_then(number).filter(|bpm| *bpm > 0.0).map(|bpm| 60.0 / bpm);
    for (name, before, after) in differing(was, is) {
        let own = joined(path, name);
        let inner = matches!((before, after), (Some(Value::Object(_)), Some(Value::Object(_))));
        if path.is_empty() && inner && STATE.contains(&name) {
            continue;
        }
        if let Some(change) = setting(name) {
            set(change, before, after, report);
            continue;
        }
        report.sure(&own, None, before, after, |report| match name {
            name if VIEW.contains(&name) && !respelled(before, after) => {
                report.view.push(name.to_owned());
            }
            "musicalContext" | "musical_context" => context(&own, before, after, report),
            "tracks" if list(was) && list(is) => track_edits::compare(&tracks, was, is, report),
            "mixerSettings" => mixer::compare(&tracks, before, after, report),
            "inserts" => inserts::compare(&tracks, before, after, report),
            "master" | "plugins" => {
                let track = TrackRef { id: None, name: name.to_owned() };
                inserts::chain(&own, &track, before, after, report);
            }
            "fxBypassState" => bypass::compare(&tracks, before, after, chains, report),
            "pianoRollSketches" => sketches(&tracks, before, after, beat, report),
            "clips" | "regions" => {
                clips::compare(&own, &tracks, &buffers, before, after, report);
            }
            "automationData" => automation::compare(&tracks, before, after, report),
            "audioBuffers" => audio::compare(before, after, &buffers, report),
            "ingestHistoryEntries" => audio::ingested(before, after, report),
            _ => {}
        });
    }
}

/// One setting, unless the record around the state said the same.
fn set(change: Named, before: Option<&Value>, after: Option<&Value>, report: &mut Report) {
    if respelled(before, after) {
        report.respelled += 1;
        return;
    }
    let change = change(values(before, after));
    if report.changes.contains(&change) {
        report.covered += 1;
    } else {
        report.say(change);
    }
}

fn context(path: &str, before: Option<&Value>, after: Option<&Value>, report: &mut Report) {
    let (Some(was), Some(is)) = (object(before), object(after)) else { return };
    for (name, before, after) in differing(was, is) {
        match setting(name) {
            Some(change) => set(change, before, after, report),
            None => report.fields(&joined(path, name), None, before, after),
        }
    }
}

/// Compares `pianoRollSketches`.
fn sketches<'a>(
    tracks: &Tracks<'a>,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
    beat: Option<f64>,
    report: &mut Report,
) {
    let list = |notes: Option<&'a Value>| {
        notes.map_or(Some(&[][..]), |notes| notes.as_array().map(Vec::as_slice))
    };
    // Lists are compared once, when their equal ends are left out.
    let lists = |was: &Value, is: &Value| (was.is_array() && is.is_array()) || differ(was, is);
    for found in tracks.channels(before, after, lists, report).into_iter().flatten() {
        let lists = list(found.before).zip(list(found.after));
        let lists = lists.map(|(was, is)| notes::unequal(was, is));
        if lists.is_some_and(|(was, is)| was.is_empty() && is.is_empty())
            && found.before.is_some() == found.after.is_some()
        {
            continue;
        }
        let path = joined("pianoRollSketches", &found.key);
        report.sure(&path, Some(&found.track), found.before, found.after, |report| {
            if let Some((was, is)) = lists {
                notes::compare(&found.track, was, is, beat, report);
            }
        });
    }
}
