//! The tracks of a snapshot: names and roles, by group.

use std::collections::HashMap;

use super::draft::Draft;
use super::phrase;
use super::record::Record;
use crate::error::Result;

/// The Studio's groups, in the order they are told. Others follow in the order of the tracks.
const GROUPS: [&str; 6] = ["Vocals", "Harmony", "Adlibs", "Bass", "Drums", "Instruments"];

/// Most characters that all groups together may take.
const MAX_CHARS: usize = 1_500;

/// What the text says of one track.
pub(super) struct Track {
    /// Never told; other parts of the state point with it.
    pub(super) id: Option<String>,
    pub(super) name: String,
    group: Option<String>,
    /// The part it plays, or its instrument.
    role: Option<String>,
    locked: bool,
}

impl Track {
    fn read(record: &Record<'_>) -> Result<Track> {
        let id = record.get(&["id"]).and_then(|id| id.value.as_str()).map(str::to_owned);
        let name = record.text(&["trackName", "name"])?.unwrap_or_else(|| "unnamed".to_owned());
        let group = record.text(&["group"])?;
        let role = record.text(&["role", "instrument"])?;
        Ok(Track { id, name, group, role, locked: record.flag(&["locked"])? })
    }

    pub(super) fn is_drums(&self) -> bool {
        self.group.as_deref() == Some("Drums")
    }

    fn group(&self) -> &str {
        self.group.as_deref().unwrap_or("Ungrouped")
    }
}

/// All tracks in their order, found by the ids that other parts of the state use.
pub(super) struct Tracks {
    pub(super) list: Vec<Track>,
    positions: HashMap<String, usize>,
}

impl Tracks {
    pub(super) fn read(record: &Record<'_>) -> Result<Tracks> {
        let mut tracks = Tracks { list: Vec::new(), positions: HashMap::new() };
        for item in record.items(&["tracks"])? {
            let track = Track::read(&item.record()?)?;
            if let Some(id) = &track.id {
                tracks.positions.insert(id.clone(), tracks.list.len());
            }
            tracks.list.push(track);
        }
        Ok(tracks)
    }

    /// Where in the list the track with this id is.
    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.positions.get(id).copied()
    }

    /// Groups that have tracks, each with its tracks.
    fn groups(&self) -> Vec<(&str, Vec<&Track>)> {
        let mut groups: Vec<(&str, Vec<&Track>)> =
            GROUPS.iter().map(|name| (*name, Vec::new())).collect();
        let mut places: HashMap<&str, usize> =
            GROUPS.iter().enumerate().map(|(i, name)| (*name, i)).collect();
        for track in &self.list {
            let place = *places.entry(track.group()).or_insert_with(|| {
                groups.push((track.group(), Vec::new()));
                groups.len() - 1
            });
            groups[place].1.push(track);
        }
        groups.retain(|(_, tracks)| !tracks.is_empty());
        groups
    }

    /// Says how many tracks there are, then the names and roles of each group.
    pub(super) fn describe(&self, draft: &mut Draft) {
        if self.list.is_empty() {
            return;
        }
        let groups = self.groups();
        let counts: Vec<String> =
            groups.iter().map(|(name, list)| format!("{} {name}", list.len())).collect();
        let count = phrase::counted(self.list.len(), "track");
        draft.say(format!("{count}: {}.", phrase::listed(&counts, ", ", 200)));
        let mut left = MAX_CHARS;
        for (name, tracks) in &groups {
            let line =
                phrase::listed(&cast(tracks), ", ", left.saturating_sub(name.chars().count() + 3));
            let used = line.chars().count() + name.chars().count() + 3;
            if used > left {
                break;
            }
            left -= used;
            draft.label(name, &line);
        }
        self.facts(&groups, draft);
    }

    /// Says which tracks are locked.
    pub(super) fn locked(&self, draft: &mut Draft) {
        let locked: Vec<&str> =
            self.list.iter().filter(|t| t.locked).map(|t| t.name.as_str()).collect();
        draft.list("Locked", &locked, 150);
    }

    fn facts(&self, groups: &[(&str, Vec<&Track>)], draft: &mut Draft) {
        draft.fact("trackCount", self.list.len());
        draft.set(
            "groups",
            groups.iter().map(|(name, _)| *name).filter(|name| *name != "Ungrouped"),
        );
        draft.set("roles", self.list.iter().filter_map(|track| track.role.as_deref()));
    }
}

/// "Kick, Snare (audiofileprocessor), Sub (kicker)": a role stands after the last of the neighbours
/// that share it, so that no role is told forty times.
fn cast(tracks: &[&Track]) -> Vec<String> {
    let mut spoken = Vec::new();
    for sharing in tracks.chunk_by(|a, b| a.role == b.role) {
        let names: Vec<String> = sharing.iter().map(|track| track.name.clone()).collect();
        spoken.extend(phrase::runs(&names));
        if let (Some(role), Some(last)) = (&sharing[0].role, spoken.last_mut()) {
            *last = format!("{last} ({role})");
        }
    }
    spoken
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::{Value, json};

    use super::super::record::Field;
    use super::*;

    fn text_of(data: &Value) -> Result<String> {
        let mut draft = Draft::default();
        Tracks::read(&Field::root(data).record()?)?.describe(&mut draft);
        Ok(draft.finish()?.text)
    }

    #[test]
    fn by_group_with_shared_roles() {
        let track = |name: &str, group: &str, role: &str| json!({ "trackName": name, "group": group, "role": role });
        let data = json!({ "tracks": [
            track("Kick", "Drums", "sampler"), track("Lead", "Vocals", "hushRecord"), track("Hat", "Drums", "sampler"),
            track("Hat", "Drums", "sampler"), track("808", "Drums", "kicker"), { "trackName": "Bus" }, track("FX", "Foley", ""),
        ] });
        let expected = "7 tracks: 1 Vocals, 4 Drums, 1 Ungrouped, 1 Foley.\nVocals: Lead (hushRecord).\n\
            Drums: Kick, Hat x2 (sampler), 808 (kicker).\nUngrouped: Bus.\nFoley: FX.";
        assert_eq!(text_of(&data).unwrap(), expected);
    }

    #[test]
    fn thousands_of_tracks_are_counted() {
        let tracks: Vec<Value> = (0..5_000)
            .map(|i| json!({ "trackName": format!("Take {i}"), "group": format!("G{}", i % 900) }))
            .collect();
        let text = text_of(&json!({ "tracks": tracks })).unwrap();
        assert!(text.starts_with("5000 tracks: 6 G0, 6 G1,"), "{text}");
        assert!(text.chars().count() < MAX_CHARS + 300);
    }

    #[test]
    fn wrong_types_are_named() {
        let cases = [
            (json!({ "tracks": {} }), "tracks: found object; give an array"),
            (json!({ "tracks": [[]] }), "tracks[0]: found array; give an object"),
            (
                json!({ "tracks": [{ "locked": 1 }] }),
                "tracks[0].locked: found number; give true or false",
            ),
        ];
        for (data, message) in cases {
            assert_eq!(text_of(&data).unwrap_err().to_string(), message);
        }
    }
}
