//! A musical context in words: key, chords, tension, the strongest pitch classes.

use super::description::Description;
use super::draft::Draft;
use super::head::{self, Head};
use super::record::{Field, Record};
use super::{generic, notes, number, phrase};
use crate::error::Result;

const NAME: &[&str] = &["name"];
const CHORD: &[&str] = &["chord"];
const PROGRESSION: &[&str] = &["chordProgression", "chord_progression", "chords"];
const CHROMA: &[&str] = &["chromagram", "chroma"];
const TENSION: &[&str] = &["harmonicTension", "harmonic_tension"];
const CONSONANCE: &[&str] = &["consonanceScore", "consonance_score"];
const INSTRUMENTS: &[&str] = &["instruments", "instrument"];
const LUFS: &[&str] = &["lufs"];
const SPECTRUM: &[&str] = &["spectralBalance", "spectral_balance"];
const FIELDS: [&[&str]; 9] =
    [NAME, CHORD, PROGRESSION, CHROMA, TENSION, CONSONANCE, INSTRUMENTS, LUFS, SPECTRUM];

/// The description of a musical context or an audio context.
pub(super) fn describe(data: &Field<'_>) -> Result<Description> {
    let record = data.record()?;
    let head = Head::read(&record)?;
    let mut draft = Draft::default();
    let name = record.text(NAME)?;
    let title = name
        .as_ref()
        .map_or("Musical context".to_owned(), |name| format!("Musical context \"{name}\""));
    match head.spoken() {
        spoken if spoken.is_empty() && name.is_none() => {}
        spoken if spoken.is_empty() => draft.say(format!("{title}.")),
        spoken => draft.label(&title, &spoken),
    }
    draft.maybe("name", name);
    head.facts(&mut draft);
    chords(&record, &mut draft)?;
    harmony(&record, &mut draft)?;
    if let Some(field) = record.get(CHROMA) {
        draft.list("Strongest pitch classes", &strongest(&field, head.is_flat())?, 100);
    }
    let instruments = record.names(INSTRUMENTS)?;
    draft.list("Instruments", &instruments, 600);
    draft.set("instruments", instruments);
    sound(&record, &mut draft)?;
    generic::others(&record, &[&FIELDS[..], &head::FIELDS[..]].concat(), &mut draft);
    draft.finish()
}

fn chords(record: &Record<'_>, draft: &mut Draft) -> Result<()> {
    let (chord, progression) = (record.text(CHORD)?, record.names(PROGRESSION)?);
    draft.label("Chord", chord.as_deref().unwrap_or_default());
    draft.label("Chord progression", &phrase::listed(&progression, " - ", 1_200));
    draft.maybe("chord", chord);
    Ok(())
}

/// Tension and consonance, each with a word an encoder has learnt the meaning of.
fn harmony(record: &Record<'_>, draft: &mut Draft) -> Result<()> {
    let (tension, consonance) = (share(record, TENSION)?, share(record, CONSONANCE)?);
    let words = ["relaxed", "mild", "moderate", "tense", "very tense"];
    draft.label("Harmonic tension", &graded(tension, words));
    draft.label(
        "Consonance",
        &graded(consonance, ["dissonant", "rough", "mixed", "consonant", "very consonant"]),
    );
    draft.number("harmonicTension", tension);
    draft.number("consonanceScore", consonance);
    Ok(())
}

fn share(record: &Record<'_>, names: &[&str]) -> Result<Option<f64>> {
    let Some(field) = record.get(names) else { return Ok(None) };
    match field.number()? {
        Some(value) if !(0.0..=1.0).contains(&value) => Err(field.wrong("a number from 0 to 1")),
        value => Ok(value),
    }
}

fn graded(value: Option<f64>, words: [&str; 5]) -> String {
    let word = |value: f64| words[((value * 5.0) as usize).min(4)];
    value
        .map(|value| format!("{} ({})", word(value), number::rounded(value, 2)))
        .unwrap_or_default()
}

/// Pitch classes at least half as strong as the strongest, at most five, strongest first.
fn strongest(field: &Field<'_>, flats: bool) -> Result<Vec<String>> {
    let advice = "12 finite numbers, from C to B";
    let values: Option<Vec<f64>> = field.value.as_array().and_then(|list| {
        list.iter().map(|value| value.as_f64().filter(|value| value.is_finite())).collect()
    });
    let values =
        values.filter(|values| values.len() == 12).ok_or_else(|| match field.value.as_array() {
            Some(list) if list.len() != 12 => {
                super::record::wrong(&field.path, &format!("array of {}", list.len()), advice)
            }
            _ => field.wrong(advice),
        })?;
    Ok(notes::strongest(&values, flats))
}

fn sound(record: &Record<'_>, draft: &mut Draft) -> Result<()> {
    let lufs = record.number(LUFS)?;
    draft.label("Loudness", &lufs.map(number::lufs).unwrap_or_default());
    draft.number("lufs", lufs);
    let mut bands = Vec::new();
    if let Some(field) = record.get(SPECTRUM) {
        let balance = field.record()?;
        for band in ["low", "mid", "high"] {
            bands.extend(
                balance.number(&[band])?.map(|v| format!("{band} {}", number::rounded(v, 2))),
            );
        }
    }
    draft.list("Spectral balance", &bands, 100);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::{Value, json};

    use super::*;

    fn text_of(data: &Value) -> Result<String> {
        describe(&Field::root(data)).map(|described| described.text)
    }

    #[test]
    fn a_whole_context() {
        let data = json!({
            "key": "A", "scale": "minor", "chord": "Dm", "chordProgression": ["Dm", "Gm7", "A7"], "bpm": 81,
            "timeSignature": "4/4", "harmonicTension": 0.37, "consonanceScore": 0.63, "genre": "chorale",
            "chromagram": [0.48, 0.26, 0.8, 0.04, 0.7, 0.45, 0.13, 0.56, 0.17, 1.0, 0.14, 0.5],
            "instruments": ["trumpet", "drum kit"], "id": "m1", "userId": 7, "energy": 0.5,
        });
        let expected = "Musical context: chorale, 81 BPM, A minor, 4/4.\nChord: Dm.\n\
            Chord progression: Dm - Gm7 - A7.\nHarmonic tension: mild (0.37).\nConsonance: consonant (0.63).\n\
            Strongest pitch classes: A, D, E, G, B.\nInstruments: trumpet, drum kit.\nenergy: 0.5";
        assert_eq!(text_of(&data).unwrap(), expected);
    }

    #[test]
    fn an_audio_context() {
        let data = json!({ "lufs": -14, "dynamicRange": 8, "spectralBalance": { "high": 0.2, "low": 0.5 } });
        let expected =
            "Loudness: -14.0 LUFS.\nSpectral balance: low 0.5, high 0.2.\ndynamicRange: 8";
        assert_eq!(text_of(&data).unwrap(), expected);
    }

    #[test]
    fn flat_keys_name_flats() {
        let mut chroma = [0.0; 12];
        chroma[3] = 1.0;
        let data = json!({ "key": "Cm", "chromagram": chroma });
        assert!(text_of(&data).unwrap().ends_with("Strongest pitch classes: Eb."));
    }

    #[test]
    fn wrong_numbers_are_refused() {
        let cases = [
            (
                json!({ "chromagram": [1, 2] }),
                "chromagram: found array of 2; give 12 finite numbers, from C to B",
            ),
            (
                json!({ "chromagram": "x" }),
                "chromagram: found string; give 12 finite numbers, from C to B",
            ),
            (
                json!({ "chromagram": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null] }),
                "chromagram: found array; give 12 finite numbers, from C to B",
            ),
            (
                json!({ "harmonicTension": 37 }),
                "harmonicTension: found number; give a number from 0 to 1",
            ),
        ];
        for (data, message) in cases {
            assert_eq!(text_of(&data).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn silence_alone_says_nothing() {
        let err = text_of(&json!({ "chromagram": vec![0; 12], "key": "" })).unwrap_err();
        assert_eq!(err.code(), "PM_EMPTY_TEXT");
    }
}
