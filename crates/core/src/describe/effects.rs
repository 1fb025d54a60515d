//! The plugins of a snapshot: the chain of each track, buses and master, and what is bypassed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::draft::Draft;
use super::phrase;
use super::record::{Field, Record};
use super::tracks::Tracks;
use crate::error::Result;

/// One plugin in a chain.
struct Insert {
    id: String,
    bypassed: bool,
}

impl Insert {
    /// A plugin id, or an object that names it.
    fn read(field: &Field<'_>) -> Result<Option<Insert>> {
        if !field.value.is_object() {
            return Ok(field.text()?.map(|id| Insert { id, bypassed: false }));
        }
        let record = field.record()?;
        let id = record.text(&["pluginId", "plugin", "name"])?;
        let bypassed = record.flag(&["bypassed", "isBypassed"])?;
        Ok(id.map(|id| Insert { id, bypassed }))
    }

    fn chain(field: &Field<'_>) -> Result<Vec<Insert>> {
        field.items()?.iter().filter_map(|item| Insert::read(item).transpose()).collect()
    }

    fn spoken(&self) -> Option<String> {
        let name = phrase::readable(&self.id)?;
        Some(if self.bypassed { format!("{name} (bypassed)") } else { name })
    }
}

/// The chains of a project: by track, in track order, then those of buses by name.
#[derive(Default)]
struct Chains {
    tracks: BTreeMap<usize, Vec<Insert>>,
    buses: Vec<(String, Vec<Insert>)>,
}

impl Chains {
    fn read(record: &Record<'_>, tracks: &Tracks) -> Result<Chains> {
        let mut chains = Chains::default();
        for (at, item) in record.items(&["tracks"])?.iter().enumerate() {
            if let Some(field) = item.record()?.get(&["inserts", "plugins", "chain"]) {
                chains.tracks.insert(at, Insert::chain(&field)?);
            }
        }
        for (id, field) in record.entries(&["inserts"])? {
            match tracks.position(id) {
                Some(at) => drop(chains.tracks.insert(at, Insert::chain(&field)?)),
                None => chains.buses.push((bus_name(id), Insert::chain(&field)?)),
            }
        }
        for name in ["master", "plugins"] {
            if let Some(field) = record.get(&[name]).filter(|field| field.value.is_array()) {
                chains.buses.push((name.to_owned(), Insert::chain(&field)?));
            }
        }
        Ok(chains)
    }

    fn all(&self) -> impl Iterator<Item = &Insert> {
        self.tracks.values().flatten().chain(self.buses.iter().flat_map(|(_, chain)| chain))
    }

    /// Marks what `fxBypassState` switches off: by track and plugin, or by a joined id.
    fn bypass(&mut self, record: &Record<'_>, tracks: &Tracks) -> Result<()> {
        for (id, field) in record.entries(&["fxBypassState"])? {
            match field.value {
                Value::Bool(true) => self.bypass_joined(id, tracks),
                Value::Bool(false) => {}
                _ => {
                    let off = field.names()?;
                    let chain = tracks.position(id).and_then(|at| self.tracks.get_mut(&at));
                    for insert in
                        chain.into_iter().flatten().filter(|insert| off.contains(&insert.id))
                    {
                        insert.bypassed = true;
                    }
                }
            }
        }
        Ok(())
    }

    /// `id` is that of a plugin, or a track's and a plugin's with a sign between.
    fn bypass_joined(&mut self, id: &str, tracks: &Tracks) {
        for (at, chain) in &mut self.tracks {
            let rest = tracks.list[*at].id.as_deref().and_then(|track| id.strip_prefix(track));
            let rest = rest.map(|rest| rest.trim_start_matches(|c: char| !c.is_alphanumeric()));
            for insert in chain
                .iter_mut()
                .filter(|insert| insert.id == id || Some(insert.id.as_str()) == rest)
            {
                insert.bypassed = true;
            }
        }
        for insert in
            self.buses.iter_mut().flat_map(|(_, chain)| chain).filter(|insert| insert.id == id)
        {
            insert.bypassed = true;
        }
    }
}

fn bus_name(id: &str) -> String {
    phrase::readable(id).unwrap_or_else(|| "another channel".to_owned())
}

fn spoken(chain: &[Insert]) -> String {
    let names: Vec<String> = chain.iter().filter_map(Insert::spoken).collect();
    phrase::listed(&names, ", ", 400)
}

/// Says each chain in its order, buses and master after the tracks. Gives back the ids whose words a
/// keyword search would not find in the text.
pub(super) fn describe(
    record: &Record<'_>,
    tracks: &Tracks,
    draft: &mut Draft,
) -> Result<Vec<String>> {
    let mut chains = Chains::read(record, tracks)?;
    chains.bypass(record, tracks)?;
    let own = chains.tracks.iter().map(|(at, chain)| (tracks.list[*at].name.as_str(), chain));
    draft.label("Effects", &joined(own, 1_000));
    let buses = chains.buses.iter().map(|(name, chain)| (name.as_str(), chain));
    draft.label("Bus effects", &joined(buses, 250));
    let ids: BTreeSet<&str> = chains.all().map(|insert| insert.id.as_str()).collect();
    draft.set("plugins", &ids);
    let apart =
        |id: &str| phrase::readable(id).is_some_and(|words| id.replace(['-', '_'], " ") != words);
    Ok(ids.into_iter().filter(|id| apart(id)).map(str::to_owned).collect())
}

/// "Kick, Snare: Plate2x2; Lead: mixx tune": neighbours with the same chain share it.
fn joined<'a>(chains: impl Iterator<Item = (&'a str, &'a Vec<Insert>)>, limit: usize) -> String {
    let told = chains.map(|(name, chain)| (name.to_owned(), spoken(chain)));
    let told: Vec<(String, String)> = told.filter(|(_, chain)| !chain.is_empty()).collect();
    let shared = told.chunk_by(|a, b| a.1 == b.1).map(|sharing| {
        let names: Vec<String> = sharing.iter().map(|(name, _)| name.clone()).collect();
        format!("{}: {}", phrase::listed(&phrase::runs(&names), ", ", 400), sharing[0].1)
    });
    phrase::listed(&shared.collect::<Vec<_>>(), "; ", limit)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::*;

    fn text_of(data: &Value) -> Result<String> {
        let record = Field::root(data).record()?;
        let tracks = Tracks::read(&record)?;
        let mut draft = Draft::default();
        let ids = describe(&record, &tracks, &mut draft)?;
        draft.list("Plugin ids", &ids, 250);
        Ok(draft.finish()?.text)
    }

    #[test]
    fn chains_in_track_order_then_buses() {
        let data = json!({
            "tracks": [{ "id": "t2", "trackName": "Lead" }, { "id": "t1", "trackName": "Sub" }, { "id": "t3" }, { "id": "t4", "trackName": "Gtr" }],
            "inserts": { "t1": ["PreampIV"], "t4": ["PreampIV"], "master": ["mixx-limiter"], "drumBus": ["mixx-glue"], "t2": ["mixx-tune", "mixx-eq8"], "t3": [] },
        });
        let expected = "Effects: Lead: mixx tune, mixx eq8; Sub, Gtr: Preamp IV.\n\
            Bus effects: drum Bus: mixx glue; master: mixx limiter.\nPlugin ids: PreampIV.";
        assert_eq!(text_of(&data).unwrap(), expected);
    }

    #[test]
    fn bypassed_in_both_shapes() {
        let of = |state: Value| {
            let data = json!({
                "tracks": [{ "id": "t1", "trackName": "A" }, { "id": "t11", "trackName": "B" }],
                "inserts": { "t1": ["eq", "verb"], "t11": ["eq"] }, "fxBypassState": state,
            });
            text_of(&data).unwrap()
        };
        assert_eq!(
            of(json!({ "t1": { "verb": true, "eq": false } })),
            "Effects: A: eq, verb (bypassed); B: eq."
        );
        assert_eq!(
            of(json!({ "t11-eq": true, "t1-verb": false })),
            "Effects: A: eq, verb; B: eq (bypassed)."
        );
        assert_eq!(of(json!({ "eq": true })), "Effects: A: eq (bypassed), verb; B: eq (bypassed).");
    }

    #[test]
    fn chains_that_tracks_carry_themselves() {
        let data = json!({
            "tracks": [{ "name": "Lead", "chain": ["eq"] }, { "name": "Gtr", "inserts": [{ "name": "Amp", "bypassed": true }] }],
            "master": ["clip"],
        });
        assert_eq!(
            text_of(&data).unwrap(),
            "Effects: Lead: eq; Gtr: Amp (bypassed).\nBus effects: master: clip."
        );
    }

    #[test]
    fn wrong_types_are_named() {
        let err = text_of(&json!({ "inserts": { "t": [3] } })).unwrap_err();
        assert_eq!(err.to_string(), "inserts.t[0]: found number; give a string");
    }
}
