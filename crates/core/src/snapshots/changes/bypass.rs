//! Plugins switched off and on in `fxBypassState`: `{ track: { plugin: true } }`, `{ track: [plugin] }`,
//! or `{ "track-plugin": true }`.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::change::TrackRef;
use super::inserts::{self, product, switched};
use super::report::Report;
use super::tracks::Tracks;
use super::value::{object, same_option};

/// Track id (empty when none is known) and plugin id.
type Place = (String, String);

static TRUE: Value = Value::Bool(true);

/// The state of each plugin in one version, in the order of the state.
struct States<'a> {
    order: Vec<Place>,
    by_place: HashMap<Place, &'a Value>,
}

impl<'a> States<'a> {
    /// `renewed` gives the newer id of a track, `knows` tells whether it is one.
    fn read(
        value: Option<&'a Value>,
        renewed: impl Fn(&str) -> String,
        knows: impl Fn(&str) -> bool,
    ) -> Option<States<'a>> {
        let mut found: Vec<(Place, &'a Value)> = Vec::new();
        for (key, value) in object(value)? {
            match value {
                Value::Object(map) => {
                    let track = renewed(key);
                    found.extend(map.iter().map(|(id, v)| ((track.clone(), id.clone()), v)));
                }
                Value::Array(list) => {
                    let ids = list.iter().filter_map(Value::as_str);
                    found.extend(ids.map(|id| ((renewed(key), id.to_owned()), &TRUE)));
                }
                _ => {
                    let (track, plugin) = split(key, &knows);
                    let track = track.map(&renewed).unwrap_or_default();
                    found.push(((track, plugin.to_owned()), value));
                }
            }
        }
        States::by_product(found)
    }

    /// Names plugins by their product where that is unambiguous, so that another spelling of an id is
    /// the same plugin. None when one plugin has two states.
    fn by_product(found: Vec<(Place, &'a Value)>) -> Option<States<'a>> {
        let mut counts: HashMap<Place, usize> = HashMap::new();
        for ((track, plugin), _) in &found {
            *counts.entry((track.clone(), product(plugin))).or_default() += 1;
        }
        let mut states = States { order: Vec::new(), by_place: HashMap::new() };
        for ((track, plugin), value) in found {
            let named = (track.clone(), product(&plugin));
            let place = if counts[&named] == 1 { named } else { (track, plugin) };
            states.order.push(place.clone());
            if states.by_place.insert(place, value).is_some() {
                return None;
            }
        }
        Some(states)
    }
}

/// The longest known track id that `key` begins with, and what follows the sign after it.
fn split<'k>(key: &'k str, knows: &impl Fn(&str) -> bool) -> (Option<&'k str>, &'k str) {
    let signs = key.char_indices().rev().filter(|(_, c)| !c.is_alphanumeric());
    for (at, sign) in signs {
        let rest = &key[at + sign.len_utf8()..];
        let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        if !rest.is_empty() && knows(&key[..at]) {
            return (Some(&key[..at]), rest);
        }
    }
    (None, key)
}

/// Compares `fxBypassState`. `chains` are both versions of `inserts`: what became of a plugin that came
/// in or went out is told there.
pub(super) fn compare(
    tracks: &Tracks<'_>,
    before: Option<&Value>,
    after: Option<&Value>,
    chains: (Option<&Value>, Option<&Value>),
    report: &mut Report,
) {
    let was = States::read(before, |id| tracks.renewed(id).to_owned(), |id| tracks.knew(id));
    let is = States::read(after, str::to_owned, |id| tracks.knows(id));
    let (Some(was), Some(is)) = (was, is) else { return };
    let moved = |key: &str| {
        let id = split(key, &|id| tracks.knew(id)).0.unwrap_or(key);
        tracks.renewed(id) != id
    };
    let keys = object(before).into_iter().flatten();
    report.ids += keys.filter(|(key, _)| moved(key)).count();
    let older = plugged(chains.0, |id| tracks.renewed(id).to_owned());
    let newer = plugged(chains.1, str::to_owned);
    let new = is.order.iter().filter(|place| !was.by_place.contains_key(place));
    for place in was.order.iter().chain(new) {
        let (before, after) = (was.by_place.get(place).copied(), is.by_place.get(place).copied());
        if same_option(before, after) {
            continue;
        }
        let (id, plugin) = place;
        let at = (id.clone(), product(plugin));
        if older.contains(&at) != newer.contains(&at)
            || tracks.is_added(id)
            || tracks.is_removed(id)
        {
            report.covered += 1;
            continue;
        }
        let track = if id.is_empty() {
            TrackRef { id: None, name: "every track".to_owned() }
        } else {
            tracks.refer(id)
        };
        let shown = spelled(chains, plugin).unwrap_or_else(|| plugin.clone());
        let path = format!("fxBypassState.{id}.{shown}");
        report.sure(&path, Some(&track.clone()), before, after, |report| {
            switched(track, shown, before, after, report);
        });
    }
}

/// Which products are in which chain.
fn plugged(inserts: Option<&Value>, renewed: impl Fn(&str) -> String) -> HashSet<Place> {
    let chains = object(inserts).into_iter().flatten();
    let places = chains.flat_map(|(id, chain)| {
        let id = renewed(id);
        inserts::plugins(Some(chain)).into_iter().map(move |p| (id.clone(), product(&p)))
    });
    places.collect()
}

/// A plugin id as the chains spell it.
fn spelled(chains: (Option<&Value>, Option<&Value>), plugin: &str) -> Option<String> {
    let spelled = |inserts: Option<&Value>| {
        let chains = object(inserts).into_iter().flatten();
        let mut ids = chains.flat_map(|(_, chain)| inserts::plugins(Some(chain)));
        ids.find(|id| id == plugin || product(id) == product(plugin))
    };
    spelled(chains.1).or_else(|| spelled(chains.0))
}
