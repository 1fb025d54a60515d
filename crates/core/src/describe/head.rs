//! What every kind begins with: genre, mood, tempo, key, meter.

use serde_json::Value;

use super::draft::Draft;
use super::key::Key;
use super::record::{Field, Record};
use super::{number, phrase};
use crate::error::Result;

const GENRE: &[&str] = &["genre", "genres"];
const MOOD: &[&str] = &["mood"];
const BPM: &[&str] = &["bpm", "tempo"];
const KEY: &[&str] = &["key"];
const SCALE: &[&str] = &["scale"];
const METER: &[&str] = &["timeSignature", "time_signature"];

/// Every field name read here.
pub(super) const FIELDS: [&[&str]; 6] = [GENRE, MOOD, BPM, KEY, SCALE, METER];

/// The facts that begin a description; all may be missing.
#[derive(Default)]
pub(super) struct Head {
    pub(super) genres: Vec<String>,
    moods: Vec<String>,
    bpm: Option<f64>,
    key_given: Option<String>,
    scale: Option<String>,
    key: Option<Key>,
    meter: Option<String>,
}

impl Head {
    pub(super) fn read(record: &Record<'_>) -> Result<Head> {
        let (key_given, scale) = (record.text(KEY)?, record.text(SCALE)?);
        let key = key_given.as_deref().and_then(|key| Key::of(key, scale.as_deref()));
        Ok(Head {
            genres: record.names(GENRE)?,
            moods: record.names(MOOD)?,
            bpm: record.get(BPM).map_or(Ok(None), |field| bpm(&field))?,
            key_given,
            scale,
            key,
            meter: record.get(METER).map_or(Ok(None), |field| meter(&field))?,
        })
    }

    /// "Trap, Dark mood, 140 BPM, C minor, 4/4"; empty when nothing is known.
    pub(super) fn spoken(&self) -> String {
        let mood = (!self.moods.is_empty()).then(|| format!("{} mood", self.moods.join(" and ")));
        let bpm = self.bpm.map(|bpm| format!("{} BPM", number::plain(bpm)));
        let own = [mood, bpm, self.tonality(), self.meter.clone()];
        let parts: Vec<String> =
            self.genres.iter().cloned().chain(own.into_iter().flatten()).collect();
        phrase::listed(&parts, ", ", 450)
    }

    /// The key in words; as given where it names no key.
    fn tonality(&self) -> Option<String> {
        match (&self.key, &self.key_given, &self.scale) {
            (Some(key), _, _) if key.has_scale() => Some(key.spoken()),
            (Some(key), _, _) => Some(format!("key of {}", key.spoken())),
            (None, Some(key), Some(scale)) => Some(format!("{key} {scale}")),
            (None, Some(key), None) => Some(format!("key {key}")),
            (None, None, scale) => scale.as_ref().map(|scale| format!("{scale} scale")),
        }
    }

    /// Whether notes are better named with flats.
    pub(super) fn is_flat(&self) -> bool {
        self.key.as_ref().is_some_and(Key::is_flat)
    }

    /// `genre`, `genres`, `mood`, `bpm`, `key`, `keyAsGiven`, `scale`, `timeSignature`.
    pub(super) fn facts(&self, draft: &mut Draft) {
        draft.maybe("genre", self.genres.first().cloned());
        if self.genres.len() > 1 {
            draft.set("genres", &self.genres);
        }
        draft.maybe("mood", self.moods.first().cloned());
        draft.number("bpm", self.bpm);
        // A key that cannot be read is found as it was given.
        draft.maybe(
            "key",
            self.key_given.as_deref().map(|given| match &self.key {
                Some(key) => key.canonical(),
                None => given.to_owned(),
            }),
        );
        draft.maybe("keyAsGiven", self.key_given.clone());
        draft.maybe("scale", self.scale.clone());
        draft.maybe("timeSignature", self.meter.clone());
    }
}

/// Beats per minute; 0 is how the Studio says unknown.
pub(super) fn bpm(field: &Field<'_>) -> Result<Option<f64>> {
    match field.number()? {
        Some(bpm) if bpm < 0.0 => Err(field.wrong("beats per minute above 0")),
        bpm => Ok(bpm.filter(|bpm| *bpm > 0.0)),
    }
}

/// `"4/4"`, `[4, 4]` or `{ numerator, denominator }`.
fn meter(field: &Field<'_>) -> Result<Option<String>> {
    let (beats, unit) = match field.value {
        Value::Array(two) if two.len() == 2 => (two[0].as_u64(), two[1].as_u64()),
        Value::Object(map) => {
            let part = |name| map.get(name).and_then(Value::as_u64);
            (part("numerator"), part("denominator"))
        }
        _ => return field.text(),
    };
    match (beats, unit) {
        (Some(beats), Some(unit)) => Ok(Some(format!("{beats}/{unit}"))),
        _ => Err(field.wrong("a time signature such as \"4/4\"")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(data: &Value, spoken: &str) {
        let head = Head::read(&Field::root(data).record().unwrap()).unwrap();
        assert_eq!(head.spoken(), spoken, "{data}");
    }

    #[test]
    fn spoken_from_general_to_exact() {
        check(
            &json!({ "timeSignature": "4/4", "key": "Cm", "bpm": "140", "mood": "Dark", "genre": "Trap" }),
            "Trap, Dark mood, 140 BPM, C minor, 4/4",
        );
        check(&json!({ "genre": ["Trap", "Drill"], "bpm": 119.99 }), "Trap, Drill, 119.99 BPM");
        check(&json!({ "genre": "", "mood": null, "bpm": 0 }), "");
    }

    #[test]
    fn unusual_keys_and_meters() {
        check(&json!({ "key": "atonal" }), "key atonal");
        check(&json!({ "key": "A" }), "key of A");
        check(&json!({ "key": "?", "scale": "minor" }), "? minor");
        check(&json!({ "scale": "dorian" }), "dorian scale");
        check(&json!({ "timeSignature": [6, 8] }), "6/8");
        check(&json!({ "timeSignature": { "numerator": 3, "denominator": 4 } }), "3/4");
    }

    #[test]
    fn wrong_values_are_named() {
        let cases = [
            (json!({ "bpm": -3 }), "bpm: found number; give beats per minute above 0"),
            (json!({ "bpm": [] }), "bpm: found array; give a number"),
            (json!({ "genre": 4 }), "genre: found number; give a string or a list of strings"),
            (
                json!({ "timeSignature": {} }),
                "timeSignature: found object; give a time signature such as \"4/4\"",
            ),
        ];
        for (data, message) in cases {
            let record = Field::root(&data).record().unwrap();
            assert_eq!(Head::read(&record).map(|_| ()).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn facts_are_canonical() {
        let data = json!({ "genre": ["Trap", "Drill"], "key": "A#m", "bpm": "90.50" });
        let mut draft = Draft::default();
        draft.say("x");
        Head::read(&Field::root(&data).record().unwrap()).unwrap().facts(&mut draft);
        let expected = json!({
            "genre": "Trap", "genres": ["Trap", "Drill"], "bpm": 90.5, "key": "Bb minor", "keyAsGiven": "A#m",
        });
        assert_eq!(Value::from(draft.finish().unwrap().metadata), expected);
    }

    #[test]
    fn a_key_that_cannot_be_read_is_a_fact_as_given() {
        let data = json!({ "key": "8A" });
        let mut draft = Draft::default();
        draft.say("x");
        Head::read(&Field::root(&data).record().unwrap()).unwrap().facts(&mut draft);
        let expected = json!({ "key": "8A", "keyAsGiven": "8A" });
        assert_eq!(Value::from(draft.finish().unwrap().metadata), expected);
    }
}
