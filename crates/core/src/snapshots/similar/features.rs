//! What is kept of a project state to compare it by.

use serde_json::Value;

use super::read::{Project, Track};
use super::terms::{Sort, Terms};
use super::words;
use crate::describe::key::Key;
use crate::describe::phrase;
use crate::music::{self, Chroma, TonalKey};

/// The bags of a project, by place in [`Features::bags`].
pub(super) const NOTES: usize = 0;
pub(super) const RHYTHM: usize = 1;
pub(super) const SOUND: usize = 2;
pub(super) const FORM: usize = 3;

pub(super) const SORTS: [Sort; 4] = [
    Sort { limit: 512, typical: 500.0 },
    Sort { limit: 192, typical: 30.0 },
    Sort { limit: 96, typical: 5.0 },
    Sort { limit: 96, typical: 5.0 },
];

/// The Studio's groups; a place behind them counts all others.
const GROUPS: [&str; 6] = ["vocals", "harmony", "adlibs", "bass", "drums", "instruments"];

/// Most plugin names kept, and most bytes of all together.
const MAX_PLUGINS: usize = 64;
pub(super) const MAX_PLUGIN_BYTES: usize = 1_500;

/// The features of one project state: what it plays, when, with which sounds, at which tempo and in
/// which key, in a few kB and without any of its text but the names of plugins.
///
/// ```
/// use prime_memory::snapshots::similar::Features;
///
/// let notes = |up: u8| [60, 64, 67, 72, 71, 67, 62, 65].iter().enumerate()
///     .map(|(i, pitch)| serde_json::json!({ "pitch": pitch + up, "start": i, "duration": 1 }))
///     .collect::<Vec<_>>();
/// let state = |up| serde_json::json!({ "bpm": 120, "tracks": [{ "id": "a" }], "pianoRollSketches": { "a": notes(up) } });
/// let (song, higher) = (Features::of(&state(0)), Features::of(&state(3)));
/// let likeness = song.compare(&higher);
/// assert!(likeness.score > 0.95 && likeness.parts.notes == Some(1.0));
/// assert_eq!(likeness.transposed, Some(3));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Features {
    pub(super) bpm: Option<f32>,
    pub(super) key: Option<TonalKey>,
    pub(super) chroma: Chroma,
    /// Tracks of each group.
    pub(super) groups: [u8; 7],
    /// Notes of all tracks.
    pub(super) notes: u32,
    /// Names of the plugins, each once, sorted, one a line.
    pub(super) plugins: String,
    pub(super) bags: [Terms; 4],
}

impl Features {
    /// Reads a project state, or `{ projectData: state }`. Never fails: what is missing, or is not
    /// what the Studio writes, says nothing.
    pub fn of(state: &Value) -> Features {
        let project = Project::read(state);
        let (mut notes, mut rhythm) = (Vec::new(), Vec::new());
        let mut features =
            Features { bpm: project.bpm.map(|bpm| bpm as f32), ..Features::default() };
        for track in &project.tracks {
            features.count(track);
            let onsets = music::onsets(&track.notes);
            rhythm.extend(music::rhythm(&onsets));
            if !track.is_drums() {
                notes.extend(music::melody(&onsets));
            }
        }
        features.chroma = chroma(&project);
        features.key = given_key(&project).or_else(|| features.chroma.key());
        features.plugins = plugins(&project);
        let grams = [notes, rhythm, words::sound(&project), words::form(&project)];
        for ((bag, grams), sort) in features.bags.iter_mut().zip(grams).zip(&SORTS) {
            *bag = Terms::of(grams, sort);
        }
        features
    }

    /// Whether there is nothing to compare by. Such a project is like no other: a tempo alone says
    /// nothing, every new project has one.
    pub fn is_empty(&self) -> bool {
        self.bags.iter().all(Terms::is_empty)
    }

    /// Notes of all tracks; without any, only sound, form, tempo and groups are compared.
    pub fn notes(&self) -> u32 {
        self.notes
    }

    /// Beats per minute as the project says.
    pub fn bpm(&self) -> Option<f32> {
        self.bpm
    }

    /// The key as the project says, else as its notes suggest: "A minor".
    pub fn key(&self) -> Option<String> {
        self.key.map(TonalKey::spoken)
    }

    /// The names of its plugins, sorted.
    pub fn plugins(&self) -> impl Iterator<Item = &str> {
        self.plugins.lines()
    }

    fn count(&mut self, track: &Track) {
        self.notes += track.notes.len() as u32;
        let own = GROUPS.iter().position(|group| track.group.eq_ignore_ascii_case(group));
        let count = &mut self.groups[own.unwrap_or(GROUPS.len())];
        *count = count.saturating_add(1);
    }
}

/// How long each pitch class sounds in all tracks but drums. A note counts for at least a twentieth
/// of a second or beat, and at most for 16.
fn chroma(project: &Project) -> Chroma {
    let mut sounding = [0.0; 12];
    for note in project.tracks.iter().filter(|track| !track.is_drums()).flat_map(|t| &t.notes) {
        sounding[usize::from(note.pitch % 12)] += note.duration.clamp(0.05, 16.0);
    }
    Chroma::of(&sounding)
}

/// The key that the project says, if it says the mode too: major is not assumed.
fn given_key(project: &Project) -> Option<TonalKey> {
    let key = Key::of(&project.key, Some(&project.scale))?;
    Some(TonalKey { tonic: key.pitch_class(), is_minor: key.is_minor()? })
}

fn plugins(project: &Project) -> String {
    let mut names: Vec<String> = project.plugins().filter_map(|id| phrase::clean(id)).collect();
    names.sort_unstable();
    names.dedup();
    let mut lines = String::new();
    for name in names.into_iter().take(MAX_PLUGINS) {
        if lines.len() + name.len() < MAX_PLUGIN_BYTES {
            lines.push_str(&name);
            lines.push('\n');
        }
    }
    lines
}
