//! Short runs of a part that another key or tempo leaves as they are.

use xxhash_rust::xxh3::xxh3_64;

use super::note::Onset;

/// A run, as a number that equal runs share, and how much it tells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Gram {
    /// 32 bits of a hash: two different runs share one in four billion.
    pub(crate) hash: u32,
    /// Nats of surprise: a scale or a repeated note tells little, a leap among leaps much.
    pub(crate) surprise: f32,
}

/// Longest leap told apart, in semitones.
const MAX_LEAP: i32 = 24;

/// Largest ratio of two gaps told apart, in half octaves: eight to one.
const MAX_RATIO: i32 = 6;

/// Nats of one interval: steps are common, leaps are not.
fn interval_cost(interval: i8) -> f32 {
    match interval.unsigned_abs() {
        0 => 1.5,
        1..=2 => 1.9,
        3..=5 | 7 | 12 => 2.6,
        _ => 3.6,
    }
}

/// Nats of one ratio of gaps: equal gaps are common.
fn ratio_cost(ratio: i8) -> f32 {
    match ratio.unsigned_abs() {
        0 => 0.6,
        2 => 1.8,
        1 | 3 | 4 => 2.4,
        _ => 3.0,
    }
}

/// Nats of a value that stood in the run before: patterns repeat.
const AGAIN: f32 = 0.6;

/// Nats of the shape of a chord, and of a change from one to another.
const CHORD: f32 = 2.5;
const CHANGE: f32 = 6.0;

fn surprise(run: &[i8], cost: fn(i8) -> f32) -> f32 {
    let told = |(at, value): (usize, &i8)| {
        if run[..at].contains(value) { AGAIN.min(cost(*value)) } else { cost(*value) }
    };
    run.iter().enumerate().map(told).sum()
}

fn gram(sort: u8, run: &[i8], surprise: f32) -> Gram {
    let mut bytes = vec![sort];
    bytes.extend(run.iter().map(|value| *value as u8));
    Gram { hash: xxh3_64(&bytes) as u32, surprise }
}

/// Intervals from note to note; a chord is read from its lowest note up.
fn intervals(line: &[u8]) -> Vec<i8> {
    let leap = |pair: &[u8]| i32::from(pair[1]) - i32::from(pair[0]);
    line.windows(2).map(|pair| leap(pair).clamp(-MAX_LEAP, MAX_LEAP) as i8).collect()
}

/// How each gap between onsets compares with the one before, in half octaves of two: twice as long
/// is 2, equal 0. No tempo and no unit of time is left in it, and up to a tenth of humanising.
fn ratios(onsets: &[Onset]) -> Vec<i8> {
    let gaps: Vec<f64> = onsets.windows(2).map(|pair| pair[1].start - pair[0].start).collect();
    let steps = |pair: &[f64]| (2.0 * (pair[1] / pair[0]).log2()).round();
    gaps.windows(2)
        .map(|pair| steps(pair).clamp(f64::from(-MAX_RATIO), f64::from(MAX_RATIO)) as i8)
        .collect()
}

/// What a part plays, in any key and at any tempo: runs of four intervals of all its notes, runs of
/// three along its upper voice with their rhythm, and its chords.
pub(crate) fn melody(onsets: &[Onset]) -> Vec<Gram> {
    let all: Vec<u8> = onsets.iter().flat_map(|onset| onset.pitches.iter().copied()).collect();
    let mut grams: Vec<Gram> = intervals(&all)
        .windows(4)
        .map(|run| gram(b'm', run, surprise(run, interval_cost)))
        .collect();
    let upper: Vec<u8> = onsets.iter().filter_map(|onset| onset.pitches.last().copied()).collect();
    let (leaps, ratios) = (intervals(&upper), ratios(onsets));
    for (at, run) in leaps.windows(3).enumerate() {
        let mut both = run.to_vec();
        let steps = &ratios[at..(at + 2).min(ratios.len())];
        both.extend(steps);
        let told = surprise(run, interval_cost) + surprise(steps, ratio_cost);
        grams.push(gram(b'u', &both, told));
    }
    grams.extend(chords(onsets));
    grams
}

/// When a part plays, at any tempo: runs of four ratios of gaps.
pub(crate) fn rhythm(onsets: &[Onset]) -> Vec<Gram> {
    let run = |run: &[i8]| gram(b'r', run, surprise(run, ratio_cost));
    ratios(onsets).windows(4).map(run).collect()
}

/// Chords of three and more pitch classes by their shape over the lowest note, and each step from
/// one to the next.
fn chords(onsets: &[Onset]) -> Vec<Gram> {
    let shapes: Vec<(u8, u16)> = onsets.iter().filter_map(shape).collect();
    let mut grams = Vec::new();
    for (at, (bass, mask)) in shapes.iter().enumerate() {
        let [low, high] = mask.to_le_bytes();
        grams.push(gram(b'c', &[low as i8, high as i8], CHORD));
        if let Some((next, shape)) = shapes.get(at + 1).filter(|next| **next != (*bass, *mask)) {
            let [next_low, next_high] = shape.to_le_bytes();
            let step = (12 + next % 12 - bass % 12) % 12;
            let run = [low, high, step, next_low, next_high].map(|byte| byte as i8);
            grams.push(gram(b'p', &run, CHANGE));
        }
    }
    grams
}

/// The lowest note, and which semitones above it sound, octaves folded.
fn shape(onset: &Onset) -> Option<(u8, u16)> {
    let bass = *onset.pitches.first()?;
    let mask = onset.pitches.iter().fold(0u16, |mask, pitch| mask | 1 << ((pitch - bass) % 12));
    (mask.count_ones() >= 3).then_some((bass, mask))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::super::note::{Note, onsets};
    use super::*;

    /// A tune, and what may be done to it: higher by `up`, slower by `slower`, late by `late(i)`.
    fn tune(up: u8, slower: f64, late: impl Fn(usize) -> f64) -> Vec<Onset> {
        let pitches = [60, 64, 67, 72, 71, 67, 62, 65, 69, 60];
        let starts = [0.0, 0.5, 1.0, 2.0, 2.25, 2.5, 3.0, 4.0, 4.5, 6.0];
        let notes: Vec<Note> = pitches
            .iter()
            .zip(starts)
            .enumerate()
            .map(|(i, (pitch, start))| Note {
                pitch: pitch + up,
                start: start * slower + late(i),
                duration: 0.5,
            })
            .collect();
        onsets(&notes)
    }

    #[test]
    fn another_key_and_tempo_change_nothing() {
        let plain = tune(0, 1.0, |_| 0.0);
        for other in [tune(5, 1.0, |_| 0.0), tune(0, 0.47, |_| 0.0), tune(11, 1.7, |_| 3.0)] {
            assert_eq!(melody(&plain), melody(&other));
            assert_eq!(rhythm(&plain), rhythm(&other));
        }
        assert_eq!((melody(&plain).len(), rhythm(&plain).len()), (6 + 7, 5));
    }

    #[test]
    fn human_timing_changes_nothing() {
        let plain = tune(0, 1.0, |_| 0.0);
        let human = tune(0, 1.0, |i| [0.0, 0.008, -0.006, 0.01][i % 4]);
        assert_eq!((melody(&plain), rhythm(&plain)), (melody(&human), rhythm(&human)));
    }

    #[test]
    fn other_notes_and_other_rhythms_differ() {
        let (plain, mut other) = (tune(0, 1.0, |_| 0.0), tune(0, 1.0, |_| 0.0));
        other[4].pitches[0] += 1;
        assert_ne!(melody(&plain), melody(&other));
        assert_eq!(rhythm(&plain), rhythm(&other));
        assert_ne!(rhythm(&plain), rhythm(&tune(0, 1.0, |i| if i > 4 { 0.7 } else { 0.0 })));
    }

    #[test]
    fn chords_are_read_by_shape_and_change() {
        let chord = |start: f64, pitches: [u8; 3]| {
            pitches.map(|pitch| Note { pitch, start, duration: 1.0 })
        };
        let song = |up: u8| {
            [chord(0.0, [60 + up, 64 + up, 67 + up]), chord(1.0, [57 + up, 60 + up, 64 + up])]
                .concat()
        };
        let grams = chords(&onsets(&song(0)));
        assert_eq!(grams.len(), 3, "major, minor, and the change");
        assert_eq!(grams, chords(&onsets(&song(7))));
        assert!(grams[0].surprise < grams[1].surprise);
    }

    #[test]
    fn surprise_grows_with_leaps_and_falls_with_repeats() {
        let of = |run: [i8; 4]| surprise(&run, interval_cost);
        assert!(of([0, 0, 0, 0]) < of([2, 2, 2, 2]));
        assert!(of([2, 2, 2, 2]) < of([2, -1, 3, 5]));
        assert!(of([2, -1, 3, 5]) < of([9, -10, 8, 6]));
    }

    #[test]
    fn short_parts_say_nothing() {
        assert_eq!((melody(&[]), rhythm(&[])), (vec![], vec![]));
        let one = onsets(&[Note { pitch: 60, start: 0.0, duration: 1.0 }]);
        assert_eq!((melody(&one), rhythm(&one)), (vec![], vec![]));
    }
}
