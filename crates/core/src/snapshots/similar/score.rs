//! How like are two projects, part by part and in all?

use serde::Serialize;

use super::features::{FORM, Features, NOTES, RHYTHM, SOUND};

/// How like two projects are.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Similarity {
    /// 0 to 1: nothing in common, or the same in every part.
    pub score: f32,
    /// The parts that the score is made of.
    pub parts: Parts,
    /// Semitones by which the second lies above the first, -5 to 6, where they share notes.
    pub transposed: Option<i8>,
    /// Keys of the first and the second.
    pub keys: [Option<String>; 2],
    /// Beats per minute of the first and the second.
    pub bpm: [Option<f32>; 2],
    /// Plugins that both use, sorted.
    pub shared_plugins: Vec<String>,
    /// Whether the first and the second hold notes.
    pub(super) has_notes: [bool; 2],
    /// Sum of the weights behind `score`.
    weight: f32,
}

/// The parts of a score, each 0 to 1, none where neither project says anything of it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Parts {
    /// Runs of intervals and chords of all tracks but drums.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<f32>,
    /// Runs of rhythm of all tracks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rhythm: Option<f32>,
    /// How much each pitch class sounds, in the key in which both suit best.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub harmony: Option<f32>,
    /// Plugins, instruments, names, genre and mood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<f32>,
    /// Lengths of clips and of the gaps between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<f32>,
    /// Beats per minute; half and double count as nearly the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tempo: Option<f32>,
    /// How many tracks of each group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<f32>,
    /// The descriptions, by the text model, where the caller gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<f32>,
}

/// What each part weighs where it tells enough; `docs/similar.md` has how they were chosen.
const WEIGHTS: [f32; 7] = [5.0, 2.0, 0.5, 1.0, 1.0, 0.25, 0.25];
const MEANING: f32 = 1.0;

/// Nats at which a bag has half of its weight: twenty rare terms.
const TELLING: f32 = 100.0;

/// Tracks at which their groups have half of their weight.
const TELLING_TRACKS: f32 = 2.0;

/// Octaves of tempo at which half of the likeness is gone: 2.8 %.
const TEMPO_WIDTH: f32 = 0.04;

/// Octaves of tempo that halving and doubling cost.
const HALVING: f32 = 0.02;

/// Least share of notes for which it is told how far they are transposed.
const SAME_NOTES: f32 = 0.1;

impl Parts {
    /// Of two projects, with the shares of their bags, in whatever way those were measured.
    pub(super) fn of(a: &Features, b: &Features, shares: [f32; 4], harmony: Option<f32>) -> Parts {
        let share = |bag: usize| {
            (!a.bags[bag].is_empty() || !b.bags[bag].is_empty()).then_some(shares[bag])
        };
        Parts {
            notes: share(NOTES),
            rhythm: share(RHYTHM),
            harmony,
            sound: share(SOUND),
            form: share(FORM),
            tempo: tempo(a.bpm, b.bpm),
            groups: groups(a.groups, b.groups),
            meaning: None,
        }
    }

    /// The mean of the parts, each by its weight and by how much both projects tell of it; and the
    /// sum of those weights.
    pub(super) fn blended(&self, a: &Features, b: &Features) -> (f32, f32) {
        let told = |bag: usize| {
            let of = |features: &Features| {
                let mass = features.bags[bag].mass;
                mass / (mass + TELLING)
            };
            f32::midpoint(of(a), of(b))
        };
        let notes = told(NOTES);
        let tracks = f32::midpoint(of_tracks(a), of_tracks(b));
        let told = [notes, told(RHYTHM), notes, told(SOUND), told(FORM), 1.0, tracks];
        let parts =
            [self.notes, self.rhythm, self.harmony, self.sound, self.form, self.tempo, self.groups];
        let (mut sum, mut weight) = (0.0, 0.0);
        for ((part, told), full) in parts.into_iter().zip(told).zip(WEIGHTS) {
            if let Some(part) = part {
                sum += part * told * full;
                weight += told * full;
            }
        }
        if weight > 0.0 { ((sum / weight).clamp(0.0, 1.0), weight) } else { (0.0, 0.0) }
    }

    /// Measured exactly.
    pub(super) fn between(a: &Features, b: &Features) -> Parts {
        let shares = std::array::from_fn(|bag| a.bags[bag].share(&b.bags[bag]));
        Parts::of(a, b, shares, harmony(a, b))
    }
}

impl Features {
    /// How like the two are, with no other project known to tell what is rare. Symmetric but for the
    /// order of what comes in twos; 1 with itself, 0 where one is empty.
    #[must_use]
    pub fn compare(&self, other: &Features) -> Similarity {
        Similarity::between(self, other)
    }
}

impl Similarity {
    pub(super) fn between(a: &Features, b: &Features) -> Similarity {
        let parts = Parts::between(a, b);
        let (score, weight) = score(&parts, a, b);
        Similarity {
            score,
            parts,
            transposed: transposed(a, b, &parts),
            keys: [a.key(), b.key()],
            bpm: [a.bpm, b.bpm],
            shared_plugins: shared(a, b),
            has_notes: [a.notes > 0, b.notes > 0],
            weight,
        }
    }

    /// With the cosine of the two descriptions by the text model as one more part; what lies below
    /// 0 or is no number counts as 0. An empty project stays like no other.
    #[must_use]
    pub fn with_meaning(mut self, cosine: f32) -> Similarity {
        let meaning = if cosine.is_nan() { 0.0 } else { cosine.clamp(0.0, 1.0) };
        if self.weight > 0.0 && self.parts.meaning.is_none() {
            let sum = self.score * self.weight + MEANING * meaning;
            self.weight += MEANING;
            self.score = (sum / self.weight).clamp(0.0, 1.0);
            self.parts.meaning = Some(meaning);
        }
        self
    }
}

/// The blend, or nothing where one of the two has nothing to compare by.
pub(super) fn score(parts: &Parts, a: &Features, b: &Features) -> (f32, f32) {
    if a.is_empty() || b.is_empty() { (0.0, 0.0) } else { parts.blended(a, b) }
}

pub(super) fn harmony(a: &Features, b: &Features) -> Option<f32> {
    match (a.chroma.is_silent(), b.chroma.is_silent()) {
        (true, true) => None,
        (false, false) => Some(a.chroma.best_turn(b.chroma).1.max(0.0)),
        _ => Some(0.0),
    }
}

/// Nearly 1 within 1 %, a half at 2.8 % apart, a tenth at 9 %.
fn tempo(a: Option<f32>, b: Option<f32>) -> Option<f32> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let apart = (a.log2() - b.log2()).abs();
            let apart = apart.min((apart - 1.0).abs() + HALVING);
            Some(1.0 / (1.0 + (apart / TEMPO_WIDTH).powi(2)))
        }
        (None, None) => None,
        _ => Some(0.0),
    }
}

fn groups(a: [u8; 7], b: [u8; 7]) -> Option<f32> {
    let pairs = || a.into_iter().zip(b).map(|(a, b)| (f32::from(a), f32::from(b)));
    let all: f32 = pairs().map(|(a, b)| a.max(b)).sum();
    (all > 0.0).then(|| pairs().map(|(a, b)| a.min(b)).sum::<f32>() / all)
}

fn of_tracks(features: &Features) -> f32 {
    let tracks: f32 = features.groups.iter().map(|count| f32::from(*count)).sum();
    tracks / (tracks + TELLING_TRACKS)
}

fn transposed(a: &Features, b: &Features, parts: &Parts) -> Option<i8> {
    let known = !a.chroma.is_silent() && !b.chroma.is_silent();
    (known && parts.notes.is_some_and(|share| share >= SAME_NOTES)).then(|| {
        let up = b.chroma.best_turn(a.chroma).0 as i8;
        if up > 6 { up - 12 } else { up }
    })
}

fn shared(a: &Features, b: &Features) -> Vec<String> {
    let theirs: Vec<&str> = b.plugins().collect();
    a.plugins().filter(|name| theirs.binary_search(name).is_ok()).map(str::to_owned).collect()
}
