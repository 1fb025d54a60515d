//! A project snapshot in words, from what it is down to single settings.

use std::collections::{BTreeSet, HashSet};

use super::description::Description;
use super::draft::Draft;
use super::head::Head;
use super::record::{Field, Record};
use super::tracks::Tracks;
use super::{automation, effects, mixer, notes, number, phrase};
use crate::error::Result;

const NAME: &[&str] = &["name", "projectName", "project", "snapshot_name", "snapshotName"];
const STATE: &[&str] = &["projectData", "project_data", "state"];

/// The description of a project state, or of `{ name, bpm, key, genre, projectData: state }`.
///
/// Only what is named here and in the parts is read; everything else of the state, audio and
/// window positions above all, says nothing about the music.
pub(super) fn describe(data: &Field<'_>) -> Result<Description> {
    let record = layered(data)?;
    let mut draft = Draft::default();
    let head = Head::read(&record)?;
    title(&record, &head, &mut draft)?;
    let tracks = Tracks::read(&record)?;
    tracks.describe(&mut draft);
    let ids = effects::describe(&record, &tracks, &mut draft)?;
    notes::describe(&record, &tracks, head.is_flat(), &mut draft)?;
    mixer::describe(&record, &tracks, &mut draft)?;
    arrangement(&record, &tracks, &mut draft)?;
    automation::describe(&record, &tracks, &mut draft)?;
    tracks.locked(&mut draft);
    audio(&record, &mut draft)?;
    draft.list("Plugin ids", &ids, 250);
    draft.finish()
}

/// The record, then the state inside it, then the musical context, which knows genre and mood.
fn layered<'a>(data: &Field<'a>) -> Result<Record<'a>> {
    let mut record = data.record()?;
    if let Some(state) = record.get(STATE) {
        record = record.over(state.record()?);
    }
    if let Some(music) = record.get(&["musicalContext", "musical_context"]) {
        record = record.over(music.record()?);
    }
    Ok(record)
}

fn title(record: &Record<'_>, head: &Head, draft: &mut Draft) -> Result<()> {
    let name = record.text(NAME)?;
    let spoken = head.spoken();
    let title = name.as_ref().map_or("Project".to_owned(), |name| format!("Project \"{name}\""));
    match (&name, spoken.is_empty()) {
        (Some(_), true) => draft.say(format!("{title}.")),
        _ => draft.label(&title, &spoken),
    }
    draft.maybe("name", name);
    head.facts(draft);
    let tags = record.names(&["tags"])?;
    draft.list("Tags", &tags, 150);
    draft.set("tags", tags);
    let lufs = record.number(&["lufs"])?;
    draft.label("Loudness", &lufs.map(number::lufs).unwrap_or_default());
    draft.number("lufs", lufs);
    Ok(())
}

/// Clips: how many, how many muted, and names that are not just their track's.
fn arrangement(record: &Record<'_>, tracks: &Tracks, draft: &mut Draft) -> Result<()> {
    let clips = record.items(&["clips", "regions"])?;
    let own: HashSet<&str> = tracks.list.iter().map(|track| track.name.as_str()).collect();
    let (mut names, mut muted) = (BTreeSet::new(), 0);
    for clip in clips.iter().filter(|clip| clip.value.is_object()) {
        let clip = clip.record()?;
        names.extend(clip.text(&["name"])?.filter(|name| !own.contains(name.as_str())));
        muted += usize::from(clip.flag(&["muted", "isMuted"])?);
    }
    if !clips.is_empty() {
        let muted = if muted > 0 { format!(", {muted} muted") } else { String::new() };
        draft.say(format!("{}{muted}.", phrase::counted(clips.len(), "clip")));
        draft.fact("clipCount", clips.len());
    }
    draft.list("Clip names", &Vec::from_iter(names), 250);
    if record.flag(&["isLooping"])? {
        draft.say("Loop on.");
    }
    Ok(())
}

/// How much audio the project holds; never the audio itself.
fn audio(record: &Record<'_>, draft: &mut Draft) -> Result<()> {
    let buffers = record.entries(&["audioBuffers"])?;
    let mut seconds = 0.0;
    for (_, field) in buffers.iter().filter(|(_, field)| field.value.is_object()) {
        let buffer = field.record()?;
        let (frames, rate) = (buffer.number(&["length"])?, buffer.number(&["sampleRate"])?);
        seconds += match (frames, rate) {
            (Some(frames), Some(rate)) if rate > 0.0 => (frames / rate).max(0.0),
            _ => 0.0,
        };
    }
    if !buffers.is_empty() {
        let length = number::rounded(seconds, 1);
        draft.say(format!("{}, {length} s.", phrase::counted(buffers.len(), "audio buffer")));
        draft.fact("audioBuffers", buffers.len());
        draft.number("audioSeconds", Some((seconds * 10.0).round() / 10.0));
    }
    let imported = record.items(&["ingestHistoryEntries"])?.len();
    draft.say(if imported > 0 {
        format!("{}.", phrase::counted(imported, "imported file"))
    } else {
        String::new()
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::{Value, json};

    use super::*;

    fn described(data: &Value) -> Result<Description> {
        describe(&Field::root(data))
    }

    fn state() -> Value {
        json!({
            "bpm": "140", "isLooping": true, "scrollX": 99.5, "pianoRollZoom": { "zoomX": 7 }, "followPlayhead": true,
            "musicalContext": { "genre": "Trap", "mood": "Dark" },
            "tracks": [{ "id": "track-1-ab12cd34", "trackName": "Lead", "trackColor": "cyan", "group": "Vocals", "role": "hushRecord", "locked": true }],
            "clips": [{ "id": "c1", "name": "Lead" }, { "id": "c2", "name": "Hook take 3", "muted": true }, 7],
            "inserts": { "track-1-ab12cd34": ["mixx-tune"] },
            "audioBuffers": { "b1": { "length": 96_000, "sampleRate": 48_000, "channelData": ["QUFB".repeat(99)] } },
            "ingestHistoryEntries": [{ "fileName": "x.wav" }],
        })
    }

    #[test]
    fn both_shapes_say_the_same() {
        let expected = "Project \"Night\": Trap, Dark mood, 140 BPM, C minor.\n1 track: 1 Vocals.\nVocals: Lead (hushRecord).\n\
            Effects: Lead: mixx tune.\n3 clips, 1 muted.\nClip names: Hook take 3.\nLoop on.\nLocked: Lead.\n\
            1 audio buffer, 2 s.\n1 imported file.";
        let wrapped = json!({ "name": "Night", "key": "Cm", "projectData": state() });
        let mut raw = state();
        raw["name"] = json!("Night");
        raw["key"] = json!("Cm");
        for data in [wrapped, raw] {
            assert_eq!(described(&data).unwrap().text, expected);
        }
    }

    #[test]
    fn facts_to_filter_by() {
        let facts = json!({
            "genre": "Trap", "mood": "Dark", "bpm": 140, "trackCount": 1, "groups": ["Vocals"], "roles": ["hushRecord"],
            "plugins": ["mixx-tune"], "clipCount": 3, "audioBuffers": 1, "audioSeconds": 2,
        });
        assert_eq!(Value::from(described(&state()).unwrap().metadata), facts);
    }

    #[test]
    fn nothing_to_say_is_an_error() {
        for data in [json!({}), json!({ "tracks": [], "scrollX": 3, "audioBuffers": {} })] {
            assert_eq!(described(&data).unwrap_err().code(), "PM_EMPTY_TEXT");
        }
    }

    #[test]
    fn wrong_types_are_named() {
        let cases = [
            (json!([]), "data: found array; give an object"),
            (json!({ "projectData": "{}" }), "projectData: found string; give an object"),
            (
                json!({ "projectData": { "tracks": [{}, { "trackName": 3 }] } }),
                "projectData.tracks[1].trackName: found number; give a string",
            ),
            (json!({ "musicalContext": [] }), "musicalContext: found array; give an object"),
        ];
        for (data, message) in cases {
            assert_eq!(described(&data).unwrap_err().to_string(), message);
        }
    }
}
