//! Faders, pan, mute, solo and sends.

use serde_json::{Map, Value};

use super::change::{Change, TrackRef};
use super::report::{Report, joined};
use super::tracks::Tracks;
use super::value::{differ, differing, first, label, object, respelled, same_option, values};

/// Compares `mixerSettings`.
pub(super) fn compare<'a>(
    tracks: &Tracks<'a>,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
    report: &mut Report,
) {
    for strip in tracks.channels(before, after, differ, report).into_iter().flatten() {
        let path = joined("mixerSettings", &strip.key);
        report.sure(&path, Some(&strip.track), strip.before, strip.after, |report| {
            let (Some(was), Some(is)) = (object(strip.before), object(strip.after)) else {
                return;
            };
            for (name, before, after) in differing(was, is) {
                field(&joined(&path, name), name, &strip.track, before, after, report);
            }
        });
    }
}

/// Tells one field of a channel strip that differs; any other field by its path.
pub(super) fn field(
    path: &str,
    name: &str,
    track: &TrackRef,
    before: Option<&Value>,
    after: Option<&Value>,
    report: &mut Report,
) {
    if respelled(before, after) {
        report.respelled += 1;
        return;
    }
    let track = track.clone();
    let values = || values(before, after);
    match name {
        "volume" | "gain" | "level" => report.say(Change::TrackVolume { track, values: values() }),
        "pan" | "balance" => report.say(Change::TrackPan { track, values: values() }),
        "isMuted" | "muted" | "mute" => report.say(Change::TrackMuted { track, values: values() }),
        "isSolo" | "isSoloed" | "soloed" | "solo" => {
            report.say(Change::TrackSolo { track, values: values() });
        }
        "sends" | "send" => report.sure(path, Some(&track), before, after, |report| {
            sends(&track, before, after, report);
        }),
        _ => report.fields(path, Some(&track), before, after),
    }
}

/// Sends as `{ bus: level }`, or as a list of objects that name their bus.
fn sends(track: &TrackRef, before: Option<&Value>, after: Option<&Value>, report: &mut Report) {
    let (was, is) = (by_bus(before), by_bus(after));
    let find = |list: &[(String, &Value)], bus: &str| {
        list.iter().find(|(name, _)| name == bus).map(|(_, value)| (*value).clone())
    };
    let unique = |list: &[(String, &Value)]| {
        let mut names: Vec<&str> = list.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.windows(2).all(|pair| pair[0] != pair[1])
    };
    if !unique(&was) || !unique(&is) {
        return;
    }
    let new = is.iter().filter(|(bus, _)| find(&was, bus).is_none());
    for (bus, _) in was.iter().chain(new) {
        let (before, after) = (find(&was, bus), find(&is, bus));
        if same_option(before.as_ref(), after.as_ref()) {
            continue;
        }
        let level = |send: Option<Value>| match send {
            Some(Value::Object(map)) => level(&map).cloned().or(Some(Value::Object(map))),
            other => other,
        };
        let (mut b, mut a) = (level(before.clone()), level(after.clone()));
        if same_option(b.as_ref(), a.as_ref()) {
            (b, a) = (before, after);
        }
        if respelled(b.as_ref(), a.as_ref()) {
            report.respelled += 1;
            continue;
        }
        report.say(Change::TrackSend {
            track: track.clone(),
            send: bus.clone(),
            values: values(b.as_ref(), a.as_ref()),
        });
    }
}

fn level(send: &Map<String, Value>) -> Option<&Value> {
    first(send, &["level", "amount", "volume", "gain"]).map(|(_, level)| level)
}

fn by_bus(sends: Option<&Value>) -> Vec<(String, &Value)> {
    match sends {
        Some(Value::Object(map)) => map.iter().map(|(bus, send)| (bus.clone(), send)).collect(),
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(|send| {
                let names = ["bus", "target", "targetId", "busId", "to", "name", "id"];
                let (_, bus) = first(send.as_object()?, &names)?;
                Some((label(bus)?, send))
            })
            .collect(),
        _ => Vec::new(),
    }
}
