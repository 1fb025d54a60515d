//! Automation lanes: `{ lane: points[] }`, or nested by track, plugin and parameter.

use std::collections::HashMap;

use serde_json::Value;

use super::change::Change;
use super::pairing::Pairing;
use super::report::{Report, joined};
use super::tracks::Tracks;
use super::value::{first, hash, label, same, same_option};
use crate::describe::phrase;

/// Track, plugin, parameter: what lies deeper is told by its path.
const MAX_DEPTH: usize = 4;

/// A lane of one version: its keys from the outside, the first in its newer form.
struct Lane<'a> {
    keys: Vec<String>,
    value: &'a Value,
    renewed: bool,
}

/// Compares `automationData`.
pub(super) fn compare(
    tracks: &Tracks<'_>,
    before: Option<&Value>,
    after: Option<&Value>,
    report: &mut Report,
) {
    let (Some(was), Some(is)) = (lanes(before, |key| renewed(key, tracks)), lanes(after, |_| None))
    else {
        return;
    };
    let newer: HashMap<&[String], &Lane<'_>> =
        is.iter().map(|lane| (lane.keys.as_slice(), lane)).collect();
    let older: HashMap<&[String], &Lane<'_>> =
        was.iter().map(|lane| (lane.keys.as_slice(), lane)).collect();
    for lane in &was {
        let now = newer.get(lane.keys.as_slice()).map(|lane| lane.value);
        report.ids += usize::from(lane.renewed);
        one(lane, tracks, Some(lane.value), now, report);
    }
    for lane in is.iter().filter(|lane| !older.contains_key(lane.keys.as_slice())) {
        one(lane, tracks, None, Some(lane.value), report);
    }
}

fn one(
    lane: &Lane<'_>,
    tracks: &Tracks<'_>,
    before: Option<&Value>,
    after: Option<&Value>,
    report: &mut Report,
) {
    if same_option(before, after) {
        return;
    }
    let path = lane.keys.iter().fold("automationData".to_owned(), |path, key| joined(&path, key));
    let name = name(&lane.keys, tracks);
    report.sure(&path, None, before, after, |report| match (filled(before), filled(after)) {
        (Some(was), Some(is)) => between(name, was, is, report),
        (None, Some(is)) if before.is_none_or(Value::is_array) => {
            report.say(Change::AutomationAdded { lane: name, points: count(is) });
        }
        (Some(was), None) if after.is_none_or(Value::is_array) => {
            report.say(Change::AutomationRemoved { lane: name, points: count(was) });
        }
        _ => {}
    });
}

fn filled(value: Option<&Value>) -> Option<&Vec<Value>> {
    value?.as_array().filter(|points| !points.is_empty())
}

fn between(lane: String, was: &[Value], is: &[Value], report: &mut Report) {
    let pairs = Pairing::new(was.len(), is.len())
        .equal_ends(|i, j| same(&was[i], &is[j]))
        .by_key(|i| Some(hash(&was[i], &[])), |j| Some(hash(&is[j], &[])))
        .by_key(|i| time(&was[i]), |j| time(&is[j]))
        .by_key(|i| level(&was[i]), |j| level(&is[j]))
        .finish();
    let pick = |list: &[Value], places: &[usize]| places.iter().map(|i| points(&list[*i])).sum();
    let (added, removed) = (pick(is, &pairs.added), pick(was, &pairs.removed));
    let changed = pairs.both.iter().filter(|(i, j)| !same(&was[*i], &is[*j])).count();
    if added + removed + changed > 0 {
        report.say(Change::AutomationChanged { lane, added, removed, changed });
    }
}

/// What tells a point from another: its id, its time, or the first of a pair.
fn time(point: &Value) -> Option<String> {
    match point {
        Value::Object(map) => first(map, &["id", "time", "start", "x", "t", "position"])
            .and_then(|(name, value)| Some(format!("{name}={}", label(value)?))),
        Value::Array(pair) => pair.first().and_then(label),
        _ => None,
    }
}

/// The value of a point: one that keeps it has moved in time.
fn level(point: &Value) -> Option<String> {
    match point {
        Value::Object(map) => first(map, &["value", "y", "v"]).and_then(|(_, value)| label(value)),
        Value::Array(pair) => pair.get(1).and_then(label),
        _ => None,
    }
}

fn count(list: &[Value]) -> usize {
    list.iter().map(points).sum()
}

/// A point, or a segment of several.
fn points(value: &Value) -> usize {
    value.get("points").and_then(Value::as_array).map_or(1, |points| points.len().max(1))
}

fn lanes(value: Option<&Value>, renewed: impl Fn(&str) -> Option<String>) -> Option<Vec<Lane<'_>>> {
    let mut found = Vec::new();
    for (key, value) in super::value::object(value)? {
        let newer = renewed(key);
        let renewed = newer.is_some();
        collect(vec![newer.unwrap_or_else(|| key.clone())], renewed, value, &mut found);
    }
    Some(found)
}

fn collect<'a>(keys: Vec<String>, renewed: bool, value: &'a Value, found: &mut Vec<Lane<'a>>) {
    match value {
        Value::Object(map) if !map.is_empty() && keys.len() < MAX_DEPTH => {
            for (key, value) in map {
                let keys = keys.iter().chain([key]).cloned().collect();
                collect(keys, renewed, value, found);
            }
        }
        _ => found.push(Lane { keys, value, renewed }),
    }
}

/// A track id that `key` is or begins with, and what follows it.
fn split(key: &str, knows: impl Fn(&str) -> bool) -> Option<(&str, &str)> {
    if knows(key) {
        return Some((key, ""));
    }
    let signs = key.char_indices().rev().filter(|(_, c)| !c.is_alphanumeric());
    signs.map(|(at, _)| key.split_at(at)).find(|(id, _)| knows(id))
}

/// `key` with the newer id of its track, where that is another.
fn renewed(key: &str, tracks: &Tracks<'_>) -> Option<String> {
    let (id, rest) = split(key, |id| tracks.knew(id))?;
    let newer = tracks.renewed(id);
    (newer != id).then(|| format!("{newer}{rest}"))
}

/// "Lead volume": the track's name and what is moved.
fn name(keys: &[String], tracks: &Tracks<'_>) -> String {
    let known = |id: &str| tracks.knows(id) || tracks.knew(id);
    let first = split(&keys[0], known).map_or_else(
        || phrase::readable(&keys[0]),
        |(id, rest)| {
            let track = tracks.refer(id).name;
            Some(phrase::readable(rest).map_or(track.clone(), |rest| format!("{track} {rest}")))
        },
    );
    let rest = keys[1..].iter().filter_map(|key| phrase::readable(key));
    let words: Vec<String> = first.into_iter().chain(rest).collect();
    let name = if words.is_empty() { "unnamed".to_owned() } else { words.join(" ") };
    phrase::shortened(&name, phrase::MAX_NAME_CHARS)
}
