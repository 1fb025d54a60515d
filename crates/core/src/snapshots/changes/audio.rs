//! Audio buffers, never their samples, and the history of imports.

use std::collections::HashSet;

use serde_json::Value;

use super::change::Change;
use super::clips::Renewed;
use super::pairing::Pairing;
use super::report::{Report, joined};
use super::value::{first, hash, label, number, object, same, same_option};
use crate::describe::phrase;

/// The newer ids of buffers that hold what older ones held.
pub(super) fn renewed(before: Option<&Value>, after: Option<&Value>) -> Renewed {
    let (Some(was), Some(is)) = (object(before), object(after)) else { return Renewed::new() };
    let gone: Vec<_> = was.iter().filter(|(id, _)| !is.contains_key(*id)).collect();
    let new: Vec<_> = is.iter().filter(|(id, _)| !was.contains_key(*id)).collect();
    if gone.is_empty() || new.is_empty() {
        return Renewed::new();
    }
    let hashes = |list: &[(&String, &Value)]| {
        list.iter().map(|(_, buffer)| hash(buffer, &["id"])).collect::<Vec<u64>>()
    };
    let (older, newer) = (hashes(&gone), hashes(&new));
    let pairs =
        Pairing::new(gone.len(), new.len()).by_key(|i| Some(older[i]), |j| Some(newer[j])).finish();
    let pairs = pairs.both.iter().filter(|(i, j)| same(gone[*i].1, new[*j].1));
    pairs.map(|(i, j)| (gone[*i].0.clone(), new[*j].0.clone())).collect()
}

/// Compares `audioBuffers`.
pub(super) fn compare(
    before: Option<&Value>,
    after: Option<&Value>,
    renewed: &Renewed,
    report: &mut Report,
) {
    let (Some(was), Some(is)) = (object(before), object(after)) else { return };
    report.ids += renewed.len();
    for (id, buffer) in was.iter().filter(|(id, _)| !renewed.contains_key(*id)) {
        match is.get(id) {
            None => {
                let seconds = seconds(buffer);
                report.say(Change::AudioRemoved { buffer: name(id), seconds });
            }
            Some(now) if !same(buffer, now) => replaced(id, buffer, now, report),
            Some(_) => {}
        }
    }
    let newer: HashSet<&str> = renewed.values().map(String::as_str).collect();
    for (id, buffer) in is {
        if !was.contains_key(id) && !newer.contains(id.as_str()) {
            report.say(Change::AudioAdded { buffer: name(id), seconds: seconds(buffer) });
        }
    }
}

/// Other samples are other audio; anything else of a buffer is told by its path.
fn replaced(id: &str, was: &Value, is: &Value, report: &mut Report) {
    let (before, after) = (was.get("channelData"), is.get("channelData"));
    if !was.is_object() || !is.is_object() || !same_option(before, after) {
        report.say(Change::AudioReplaced { buffer: name(id), seconds: seconds(is) });
    } else {
        report.fields(&joined("audioBuffers", id), None, Some(was), Some(is));
    }
}

fn name(id: &str) -> String {
    phrase::shortened(id, phrase::MAX_NAME_CHARS)
}

/// Its length, rounded to a thousandth.
fn seconds(buffer: &Value) -> Option<f64> {
    let read = |name: &str| buffer.get(name).and_then(number);
    let seconds = read("length")? / read("sampleRate").filter(|rate| *rate > 0.0)?;
    Some((seconds * 1e3).round() / 1e3).filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
}

/// Compares `ingestHistoryEntries`.
pub(super) fn ingested(before: Option<&Value>, after: Option<&Value>, report: &mut Report) {
    let list = |value: Option<&'_ Value>| value.is_none_or(Value::is_array);
    if !list(before) || !list(after) {
        return;
    }
    let items =
        |value| Option::<&Value>::and_then(value, Value::as_array).map_or(&[][..], Vec::as_slice);
    let (was, is): (&[Value], &[Value]) = (items(before), items(after));
    let id = |entry: &Value| entry.get("id").and_then(label);
    let pairs = Pairing::new(was.len(), is.len())
        .equal_ends(|i, j| same(&was[i], &is[j]))
        .by_key(|i| id(&was[i]), |j| id(&is[j]))
        .by_key(|i| Some(hash(&was[i], &["id"])), |j| Some(hash(&is[j], &["id"])))
        .finish();
    for i in &pairs.removed {
        report.say(Change::IngestRemoved { name: entry(&was[*i]) });
    }
    for j in &pairs.added {
        report.say(Change::IngestAdded { name: entry(&is[*j]) });
    }
    for (i, j) in &pairs.both {
        if id(&was[*i]) == id(&is[*j]) {
            let path = format!("ingestHistoryEntries[{j}]");
            report.fields(&path, None, Some(&was[*i]), Some(&is[*j]));
        } else {
            report.ids += 1;
        }
    }
}

fn entry(value: &Value) -> String {
    let names = ["fileName", "filename", "name", "title", "source"];
    let name =
        value.as_object().and_then(|map| first(map, &names)).and_then(|(_, name)| label(name));
    name.and_then(|name| phrase::clean(&name)).unwrap_or_else(|| "unnamed file".to_owned())
}
