//! The automation lanes of a snapshot, by name.

use serde_json::Value;

use super::draft::Draft;
use super::phrase;
use super::record::{Field, Record};
use super::tracks::Tracks;
use crate::error::Result;

/// Track, plugin, parameter: deeper levels are not looked into.
const MAX_DEPTH: usize = 4;

/// Says how many lanes there are and what they move: `{ lane: points[] }`, or nested by track,
/// plugin and parameter.
pub(super) fn describe(record: &Record<'_>, tracks: &Tracks, draft: &mut Draft) -> Result<()> {
    let mut lanes = Vec::new();
    for (name, field) in record.entries(&["automationData"])? {
        let track = tracks.position(name).map(|at| tracks.list[at].name.clone());
        let name = track.or_else(|| phrase::readable(name)).unwrap_or_else(|| "unnamed".to_owned());
        collect(name, &field, MAX_DEPTH, &mut lanes)?;
    }
    if !lanes.is_empty() {
        draft.fact("automationLanes", lanes.len());
        let names = phrase::listed(&lanes, ", ", 220);
        draft.say(format!("{}: {names}.", phrase::counted(lanes.len(), "automation lane")));
    }
    Ok(())
}

fn collect(name: String, field: &Field<'_>, depth: usize, lanes: &mut Vec<String>) -> Result<()> {
    match field.value {
        Value::Array(points) => lanes.extend((!points.is_empty()).then_some(name)),
        Value::Object(_) if depth > 0 => {
            for (part, inner) in field.entries()? {
                let part = phrase::readable(part).map(|part| format!("{name} {part}"));
                let longer = phrase::shortened(
                    &part.unwrap_or_else(|| name.clone()),
                    phrase::MAX_NAME_CHARS,
                );
                collect(longer, &inner, depth - 1, lanes)?;
            }
        }
        Value::Object(_) => {}
        _ => return Err(field.wrong("an array of points, or an object of them")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::*;

    fn text_of(lanes: &Value) -> Result<String> {
        let data = json!({ "tracks": [{ "id": "track-1", "trackName": "Lead" }], "automationData": lanes });
        let record = Field::root(&data).record()?;
        let mut draft = Draft::default();
        describe(&record, &Tracks::read(&record)?, &mut draft)?;
        Ok(draft.finish()?.text)
    }

    #[test]
    fn nested_and_flat() {
        let lanes = json!({
            "track-1": { "mixx-eq8": { "highGain": [{ "time": 0, "value": 1 }], "mid": [] }, "volume": [1] },
            "Funky>Filter Frequency": [{ "start": 96 }], "1734912345678": [1],
        });
        let expected = "4 automation lanes: unnamed, Funky Filter Frequency, Lead mixx eq8 high Gain, Lead volume.";
        assert_eq!(text_of(&lanes).unwrap(), expected);
    }

    #[test]
    fn wrong_types_are_named() {
        let err = text_of(&json!({ "track-1": { "pan": 3 } })).unwrap_err();
        let expected = "automationData.track-1.pan: found number; give an array of points, or an object of them";
        assert_eq!(err.to_string(), expected);
    }

    #[test]
    fn bottomless_data_ends() {
        let mut lanes = json!([1]);
        for _ in 0..5_000 {
            lanes = Value::Object(serde_json::Map::from_iter([("deeper".to_owned(), lanes)]));
        }
        let mut found = Vec::new();
        collect("lane".into(), &Field::root(&lanes), MAX_DEPTH, &mut found).unwrap();
        assert_eq!(found, [""; 0]);
        // Dropping it recursively would need more stack than a test thread has.
        std::mem::forget(lanes);
    }
}
