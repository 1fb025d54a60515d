//! Terms that are no notes: what a project sounds with, and how its clips lie.

use xxhash_rust::xxh3::xxh3_64;

use super::read::{Project, Track};
use crate::music::Gram;

/// Nats of surprise of each sort of word, roughly: one project in 20 has a given plugin.
const PLUGIN: f32 = 3.0;
const NAME: f32 = 3.5;
const WORD: f32 = 3.0;
const ROLE: f32 = 2.5;
const MOOD: f32 = 1.5;
const CLIP_NAME: f32 = 3.0;
const CLIP_LENGTH: f32 = 1.5;
const CLIP_PAIR: f32 = 3.0;

/// Steps that clips are measured in: an eighth of a second or beat.
const STEPS: f64 = 8.0;

fn term(sort: &str, text: &str, surprise: f32) -> Gram {
    let text = format!("{sort}:{}", text.to_lowercase());
    Gram { hash: xxh3_64(text.as_bytes()) as u32, surprise }
}

/// Plugins, instruments, names of tracks and clips, genre and mood.
pub(super) fn sound(project: &Project) -> Vec<Gram> {
    let mut grams: Vec<Gram> = project.tracks.iter().flat_map(track).collect();
    grams.extend(project.plugins().map(|id| term("plugin", id, PLUGIN)));
    grams.extend(project.buses.iter().map(|id| term("bus", id, PLUGIN)));
    grams.extend(project.moods.iter().map(|word| term("mood", word, MOOD)));
    let mut clips: Vec<&String> = project.clip_names.iter().collect();
    clips.sort_unstable();
    clips.dedup();
    grams.extend(clips.into_iter().map(|name| term("clip", name, CLIP_NAME)));
    grams
}

fn track(track: &Track) -> Vec<Gram> {
    let words = track.name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut grams: Vec<Gram> = words.map(|word| term("word", word, WORD)).collect();
    let whole = [("name", &track.name, NAME), ("role", &track.role, ROLE)];
    let said = whole.into_iter().filter(|(_, text, _)| !text.is_empty());
    grams.extend(said.map(|(sort, text, surprise)| term(sort, text, surprise)));
    grams
}

/// Lengths of clips, and each two neighbours of a track with the gap between them. Not where they
/// lie: a song that begins later has the same form.
pub(super) fn form(project: &Project) -> Vec<Gram> {
    let steps = |time: f64| (time * STEPS).round() as i64;
    let mut grams = Vec::new();
    for track in &project.tracks {
        let mut clips = track.clips.clone();
        clips.sort_by(|a, b| a.start.total_cmp(&b.start).then(a.length.total_cmp(&b.length)));
        grams.extend(
            clips.iter().map(|clip| term("length", &steps(clip.length).to_string(), CLIP_LENGTH)),
        );
        for pair in clips.windows(2) {
            let gap = steps(pair[1].start - pair[0].start);
            let text = format!("{}/{gap}/{}", steps(pair[0].length), steps(pair[1].length));
            grams.push(term("clips", &text, CLIP_PAIR));
        }
    }
    grams
}
