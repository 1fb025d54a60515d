//! The notes of a snapshot in numbers: how many, from where to where, which pitch classes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::draft::Draft;
use super::record::{Field, Record};
use super::tracks::Tracks;
use super::{phrase, record};
use crate::error::Result;

const SHARPS: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
const FLATS: [&str; 12] = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];

/// Pitch classes at least half as strong as the strongest, at most five, strongest first.
pub(super) fn strongest(strengths: &[f64], flats: bool) -> Vec<String> {
    let most = strengths.iter().copied().fold(0.0, f64::max);
    let mut classes: Vec<(usize, f64)> = strengths
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, s)| *s > 0.0 && *s >= most / 2.0)
        .collect();
    classes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let names = if flats { FLATS } else { SHARPS };
    classes.iter().take(5).map(|(class, _)| names[class % 12].to_owned()).collect()
}

/// `C4` for MIDI note 60.
fn name_of(pitch: u8) -> String {
    format!("{}{}", SHARPS[usize::from(pitch % 12)], i32::from(pitch / 12) - 1)
}

/// The notes of one track, or of several together.
#[derive(Default, Clone)]
struct Sketch {
    count: usize,
    range: Option<(u8, u8)>,
    /// Seconds that each pitch class sounds, from C.
    classes: [f64; 12],
}

impl Sketch {
    fn read(field: &Field<'_>) -> Result<Sketch> {
        let list = field.value.as_array().ok_or_else(|| field.wrong("an array of notes"))?;
        let mut sketch = Sketch::default();
        for (i, note) in list.iter().enumerate().filter(|(_, note)| !note.is_null()) {
            let at = |name: &str| format!("{}[{i}]{name}", field.path);
            let note =
                note.as_object().ok_or_else(|| record::wrong(&at(""), "no note", "an object"))?;
            let pitch = match note.get("pitch") {
                None | Some(Value::Null) => None,
                Some(value) => Some(midi(value).ok_or_else(|| {
                    record::wrong(&at(".pitch"), "no MIDI note", "a number from 0 to 127")
                })?),
            };
            sketch.add(pitch, note.get("duration").and_then(Value::as_f64).unwrap_or(1.0));
        }
        Ok(sketch)
    }

    fn add(&mut self, pitch: Option<u8>, seconds: f64) {
        self.count += 1;
        if let Some(pitch) = pitch {
            self.widen((pitch, pitch));
            self.classes[usize::from(pitch % 12)] += seconds.clamp(0.0, 60.0);
        }
    }

    fn widen(&mut self, (low, high): (u8, u8)) {
        self.range = Some(self.range.map_or((low, high), |(l, h)| (l.min(low), h.max(high))));
    }

    fn join(&mut self, other: &Sketch) {
        self.count += other.count;
        if let Some(range) = other.range {
            self.widen(range);
        }
        for (sum, seconds) in self.classes.iter_mut().zip(other.classes) {
            *sum += seconds;
        }
    }

    fn range(&self) -> Option<String> {
        self.range.map(|(low, high)| match (name_of(low), name_of(high)) {
            (low, high) if low == high => low,
            (low, high) => format!("{low} to {high}"),
        })
    }
}

fn midi(value: &Value) -> Option<u8> {
    let pitch = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    (0.0..=127.0).contains(&pitch).then_some(pitch as u8)
}

/// Says the notes of each melodic track in track order, and all of them together.
pub(super) fn describe(
    record: &Record<'_>,
    tracks: &Tracks,
    flats: bool,
    draft: &mut Draft,
) -> Result<()> {
    let mut sketches = BTreeMap::new();
    let mut stray = Sketch::default();
    for (id, field) in record.entries(&["pianoRollSketches"])? {
        let sketch = Sketch::read(&field)?;
        match tracks.position(id) {
            Some(at) => drop(sketches.insert(at, sketch)),
            None => stray.join(&sketch),
        }
    }
    let (mut melodic, mut drums, mut spoken) = (stray, 0, Vec::new());
    for (at, sketch) in sketches.iter().filter(|(_, sketch)| sketch.count > 0) {
        let track = &tracks.list[*at];
        if track.is_drums() {
            drums += sketch.count;
            continue;
        }
        melodic.join(sketch);
        let range = sketch.range().map(|range| format!(" ({range})")).unwrap_or_default();
        spoken.push(format!("{} {}{range}", track.name, sketch.count));
    }
    say(&melodic, drums, &spoken, flats, draft);
    Ok(())
}

fn say(melodic: &Sketch, drums: usize, spoken: &[String], flats: bool, draft: &mut Draft) {
    if melodic.count > 0 {
        let range = melodic.range().map(|range| format!(", {range}")).unwrap_or_default();
        let tracks = phrase::listed(spoken, ", ", 400);
        let tracks = if tracks.is_empty() { tracks } else { format!(": {tracks}") };
        draft.say(format!("{}{range}{tracks}.", phrase::counted(melodic.count, "melodic note")));
        draft.list("Most used pitch classes", &strongest(&melodic.classes, flats), 100);
    }
    if drums > 0 {
        draft.say(format!("{}.", phrase::counted(drums, "drum note")));
    }
    if melodic.count + drums > 0 {
        draft.fact("noteCount", melodic.count + drums);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::json;

    use super::*;

    fn text_of(data: &Value) -> Result<String> {
        let record = Field::root(data).record()?;
        let mut draft = Draft::default();
        describe(&record, &Tracks::read(&record)?, false, &mut draft)?;
        Ok(draft.finish()?.text)
    }

    #[test]
    fn melodic_and_drum_notes() {
        let data = json!({
            "tracks": [
                { "id": "a", "trackName": "Keys", "group": "Instruments" }, { "id": "b", "trackName": "Sub" },
                { "id": "d", "trackName": "Kick", "group": "Drums" },
            ],
            "pianoRollSketches": {
                "b": [{ "pitch": 33, "duration": 4 }], "d": [{ "pitch": 36 }, { "pitch": 36 }],
                "a": [{ "pitch": 60, "duration": 1 }, { "pitch": "69", "duration": 1 }, {}],
            },
        });
        let expected = "4 melodic notes, A1 to A4: Keys 3 (C4 to A4), Sub 1 (A1).\n\
            Most used pitch classes: A.\n2 drum notes.";
        assert_eq!(text_of(&data).unwrap(), expected);
    }

    #[test]
    fn impossible_notes_are_refused() {
        let err =
            text_of(&json!({ "pianoRollSketches": { "a": [{}, { "pitch": 200 }] } })).unwrap_err();
        assert_eq!(
            err.to_string(),
            "pianoRollSketches.a[1].pitch: found no MIDI note; give a number from 0 to 127"
        );
    }

    #[test]
    fn strongest_first() {
        let mut strengths = [0.0; 12];
        (strengths[0], strengths[10], strengths[4]) = (0.6, 1.0, 0.4);
        assert_eq!(strongest(&strengths, true), ["Bb", "C"]);
        assert_eq!(strongest(&[0.0; 12], true), [""; 0]);
    }
}
