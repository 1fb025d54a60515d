//! Plugin chains: what came in, went out, moved, was replaced, switched off or set otherwise.

use serde_json::{Map, Value};

use super::change::{Change, TrackRef};
use super::pairing::Pairing;
use super::report::{Report, joined};
use super::tracks::Tracks;
use super::value::{differ, differing, first, hash, label, object, same, values};
use crate::describe::phrase;

const PLUGIN: &[&str] = &["pluginId", "plugin", "name"];
const PARAMETERS: &[&str] = &["parameters", "params", "settings"];

/// One plugin in a chain: an id, or an object that names one.
struct Insert<'a> {
    plugin: Option<String>,
    instance: Option<String>,
    value: &'a Value,
}

impl<'a> Insert<'a> {
    fn read(value: &'a Value) -> Insert<'a> {
        let map = value.as_object();
        let text = |names: &[&str]| map.and_then(|map| first(map, names)).map(|(_, text)| text);
        let instance = text(&["id", "instanceId"]).and_then(label);
        let plugin = if map.is_some() { text(PLUGIN).and_then(label) } else { label(value) };
        Insert { plugin: plugin.or_else(|| instance.clone()), instance, value }
    }

    fn name(&self) -> String {
        let name = self.plugin.as_deref().map(|id| phrase::shortened(id, phrase::MAX_NAME_CHARS));
        name.unwrap_or_else(|| "unnamed plugin".to_owned())
    }

    fn bypassed(&self) -> bool {
        let flag = self.value.as_object().and_then(|map| first(map, &["bypassed", "isBypassed"]));
        flag.is_some_and(|(_, flag)| flag == &Value::Bool(true))
    }
}

/// The same for ids of one product: `mixx-eq8`, `MixxEQ8`, `mixx-eq8-9f3a2b1c`.
pub(super) fn product(id: &str) -> String {
    let words = phrase::readable(id).unwrap_or_else(|| id.to_owned());
    words.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn read(chain: Option<&Value>) -> Vec<Insert<'_>> {
    chain.and_then(Value::as_array).into_iter().flatten().map(Insert::read).collect()
}

/// The plugin ids of a chain, in its order.
pub(super) fn plugins(chain: Option<&Value>) -> Vec<String> {
    read(chain).iter().map(Insert::name).collect()
}

/// Compares `inserts`.
pub(super) fn compare<'a>(
    tracks: &Tracks<'a>,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
    report: &mut Report,
) {
    for found in tracks.channels(before, after, differ, report).into_iter().flatten() {
        let path = joined("inserts", &found.key);
        chain(&path, &found.track, found.before, found.after, report);
    }
}

/// Compares one chain.
pub(super) fn chain(
    path: &str,
    track: &TrackRef,
    before: Option<&Value>,
    after: Option<&Value>,
    report: &mut Report,
) {
    report.sure(path, Some(track), before, after, |report| {
        let list = |chain: Option<&Value>| chain.is_none_or(Value::is_array);
        if list(before) && list(after) {
            inserts(path, track, &read(before), &read(after), report);
        }
    });
}

fn inserts(
    path: &str,
    track: &TrackRef,
    was: &[Insert<'_>],
    is: &[Insert<'_>],
    report: &mut Report,
) {
    let kind = |insert: &Insert<'_>| insert.plugin.as_deref().map(product);
    let pairs = Pairing::new(was.len(), is.len())
        .equal_ends(|i, j| same(was[i].value, is[j].value))
        .by_key(|i| was[i].instance.clone(), |j| is[j].instance.clone())
        .by_key(|i| Some(hash(was[i].value, &["id"])), |j| Some(hash(is[j].value, &["id"])))
        .by_key(|i| was[i].plugin.clone(), |j| is[j].plugin.clone())
        .by_key(|i| kind(&was[i]), |j| kind(&is[j]))
        .finish();
    // Replaced: out and in at the same place of chains that kept their length.
    let stays = |place: &usize| was.len() == is.len() && pairs.removed.contains(place);
    for i in pairs.removed.iter().filter(|i| !(was.len() == is.len() && pairs.added.contains(i))) {
        let (plugin, bypassed) = (was[*i].name(), was[*i].bypassed());
        let track = track.clone();
        report.say(Change::InsertRemoved { track, plugin, position: i + 1, bypassed });
    }
    for j in &pairs.added {
        let (track, plugin, position) = (track.clone(), is[*j].name(), j + 1);
        report.say(if stays(j) {
            Change::InsertReplaced { track, position, before: was[*j].name(), after: plugin }
        } else {
            Change::InsertAdded { track, plugin, position, bypassed: is[*j].bypassed() }
        });
    }
    for (i, j) in pairs.moved() {
        let (track, plugin) = (track.clone(), is[j].name());
        report.say(Change::InsertMoved { track, plugin, before: i + 1, after: j + 1 });
    }
    for (i, j) in &pairs.both {
        let path = format!("{path}[{j}]");
        let (was, is) = (&was[*i], &is[*j]);
        if same(was.value, is.value) {
            continue;
        }
        report.sure(&path, Some(track), Some(was.value), Some(is.value), |report| {
            match (was.value.as_object(), is.value.as_object()) {
                (Some(before), Some(after)) => settings(&path, track, is, before, after, report),
                // Another spelling of the same product.
                _ => report.ids += usize::from(was.value.is_string() && is.value.is_string()),
            }
        });
    }
}

/// Compares the settings of one plugin.
fn settings(
    path: &str,
    track: &TrackRef,
    insert: &Insert<'_>,
    was: &Map<String, Value>,
    is: &Map<String, Value>,
    report: &mut Report,
) {
    for (name, before, after) in differing(was, is) {
        let (track, plugin) = (track.clone(), insert.name());
        let path = joined(path, name);
        match name {
            "id" | "instanceId" => report.id(&path, Some(&track), before, after),
            "bypassed" | "isBypassed" => {
                report.sure(&path, Some(&track.clone()), before, after, |report| {
                    switched(track, plugin, before, after, report);
                });
            }
            "preset" | "presetName" | "presetId" => {
                report.say(Change::InsertPreset { track, plugin, values: values(before, after) });
            }
            name if PARAMETERS.contains(&name) => {
                report.sure(&path, Some(&track), before, after, |report| {
                    parameters(&track, &plugin, before, after, report);
                });
            }
            name if PLUGIN.contains(&name) && alike(before, after) => report.ids += 1,
            _ => report.fields(&path, Some(&track), before, after),
        }
    }
}

fn alike(before: Option<&Value>, after: Option<&Value>) -> bool {
    let kind = |value: Option<&Value>| value.and_then(label).map(|id| product(&id));
    kind(before).is_some() && kind(before) == kind(after)
}

fn parameters(
    track: &TrackRef,
    plugin: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    report: &mut Report,
) {
    let (Some(was), Some(is)) = (object(before), object(after)) else { return };
    for (name, before, after) in differing(was, is) {
        report.say(Change::InsertParameter {
            track: track.clone(),
            plugin: plugin.to_owned(),
            parameter: name.to_owned(),
            values: values(before, after),
        });
    }
}

/// Bypassed or no longer, where the values say so.
pub(super) fn switched(
    track: TrackRef,
    plugin: String,
    before: Option<&Value>,
    after: Option<&Value>,
    report: &mut Report,
) {
    let on = |value: Option<&Value>| value == Some(&Value::Bool(true));
    match (on(before), on(after)) {
        (false, true) => report.say(Change::InsertBypassed { track, plugin }),
        (true, false) => report.say(Change::InsertEnabled { track, plugin }),
        _ => {}
    }
}
