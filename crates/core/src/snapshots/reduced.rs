//! Two states without what is large and equal in both: comparing them costs what differs, not what
//! they hold.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Fields of a state that are shorter than this stay, equal or not, in bytes: they say which track is
/// which.
const LARGE_FIELD: usize = 64 << 10;
/// The same, for what a large field holds by name: the notes of a track.
const LARGE_PART: usize = 4 << 10;

/// An object's fields as they stand in its text; of a name given twice the last, as everywhere.
type Fields<'a> = BTreeMap<&'a str, &'a RawValue>;

/// Both states, parsed.
///
/// # Errors
/// `PM_STORE_CORRUPT` when one is no JSON object.
pub(crate) fn pair(before: &[u8], after: &[u8]) -> Result<(Value, Value)> {
    let damaged = |err: serde_json::Error| Error::StoreCorrupt { reason: err.to_string() };
    let fields = fields(before).zip(fields(after));
    let Some((old, new)) = fields.filter(|_| after.len() > LARGE_FIELD) else {
        let parsed = serde_json::from_slice(before).map_err(damaged)?;
        return Ok((parsed, serde_json::from_slice(after).map_err(damaged)?));
    };
    reduced(&old, &new, LARGE_FIELD, true).map_err(damaged)
}

/// None where a name has escapes: then it is parsed the plain way.
fn fields(text: &[u8]) -> Option<Fields<'_>> {
    serde_json::from_slice(text).ok()
}

fn reduced(
    old: &Fields<'_>,
    new: &Fields<'_>,
    large: usize,
    goes_deeper: bool,
) -> serde_json::Result<(Value, Value)> {
    let (mut before, mut after) = (Map::new(), Map::new());
    // Where a part came or went, it may be told as one of the others again.
    let may_drop = goes_deeper || old.keys().eq(new.keys());
    for (name, value) in old {
        let other = new.get(name);
        let is_equal = other.is_some_and(|other| other.get() == value.get());
        if may_drop && is_equal && value.get().len() >= large {
            continue;
        }
        let deeper = other.filter(|_| goes_deeper && !is_equal && value.get().len() >= large);
        let parts = deeper.and_then(|other| {
            Some((fields(value.get().as_bytes())?, fields(other.get().as_bytes())?))
        });
        let (one, two) = match parts {
            Some((old, new)) => {
                let (one, two) = reduced(&old, &new, LARGE_PART, false)?;
                (one, Some(two))
            }
            None => (parsed(value)?, other.map(|other| parsed(other)).transpose()?),
        };
        before.insert((*name).to_owned(), one);
        after.extend(two.map(|two| ((*name).to_owned(), two)));
    }
    for (name, value) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        after.insert((*name).to_owned(), parsed(value)?);
    }
    Ok((Value::Object(before), Value::Object(after)))
}

fn parsed(value: &RawValue) -> serde_json::Result<Value> {
    Value::deserialize(&mut serde_json::Deserializer::from_str(value.get()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::super::changes::{between, summary};
    use super::*;

    fn state() -> Value {
        let notes = |track: u32| -> Vec<Value> {
            let note =
                |i| json!({ "id": format!("n{track}-{i}"), "pitch": 40 + i % 12, "start": i });
            (0..2_000).map(note).collect()
        };
        json!({
            "bpm": 120,
            "tracks": [{ "id": "a", "trackName": "Lead" }, { "id": "b", "trackName": "Bass" }],
            "inserts": { "a": ["mixx-verb"] },
            "pianoRollSketches": { "a": notes(1), "b": notes(2) },
        })
    }

    #[test]
    fn what_is_found_is_found_in_less() {
        let before = state();
        let mut edits = vec![before.clone(); 5];
        edits[0]["inserts"]["a"] = json!([]);
        edits[1]["pianoRollSketches"]["b"][7]["pitch"] = json!(70);
        edits[2]["pianoRollSketches"].as_object_mut().unwrap().remove("a");
        edits[3]["pianoRollSketches"]["c"] = before["pianoRollSketches"]["a"].clone();
        edits[4]["new"] = json!(1);
        for (i, after) in edits.iter().enumerate() {
            let texts = (before.to_string(), after.to_string());
            let (old, new) = pair(texts.0.as_bytes(), texts.1.as_bytes()).unwrap();
            let (whole, less) = (between(&before, after), between(&old, &new));
            assert_eq!(summary(&less), summary(&whole), "edit {i}");
            assert_eq!(less, whole, "edit {i}");
            let is_less = new.to_string().len() < texts.1.len() * 2 / 3;
            assert_eq!(is_less, [true, true, false, false, true][i], "edit {i}");
        }
    }

    #[test]
    fn any_object_is_parsed() {
        let padding = "x".repeat(LARGE_FIELD);
        for text in ["{}", "{\"\\u0061\":1,\"b\":2}", "{\"a\":1,\"a\":2}"] {
            let long = text.replacen('{', &format!("{{\"p\":\"{padding}\",\"q\":[1],"), 1);
            for text in [text.to_owned(), long.replace(",}", "}")] {
                let (before, after) = pair(b"{\"z\":0}", text.as_bytes()).unwrap();
                let expected: Value = serde_json::from_str(&text).unwrap();
                assert_eq!((before, after), (json!({ "z": 0 }), expected));
            }
        }
        assert!(pair(b"{}", b"[").is_err());
    }
}
