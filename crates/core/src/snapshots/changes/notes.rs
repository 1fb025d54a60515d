//! The notes of one track: added, removed, and what happened to groups of them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::{Change, TrackRef};
use super::note_pairs::{self, Note};
use super::report::Report;
use super::value::{differing, same};

/// Different amounts that are told apart; with more, only that they differ.
const MAX_AMOUNTS: usize = 3;
/// Notes that must land on a grid before it counts as one.
const MIN_QUANTISED: usize = 3;

/// What happened to the notes that are still there.
#[derive(Default)]
struct Edits<'a> {
    pitch: Vec<f64>,
    start: Vec<(f64, f64)>,
    duration: Vec<f64>,
    velocity: Vec<f64>,
    fields: BTreeMap<&'a str, usize>,
}

/// Compares the notes of a track, best without their equal ends (see [`unequal`]). `beat` is the length of a beat in the unit of the notes, where known.
pub(super) fn compare(
    track: &TrackRef,
    before: &[Value],
    after: &[Value],
    beat: Option<f64>,
    report: &mut Report,
) {
    let (was, is): (Vec<Note<'_>>, Vec<Note<'_>>) =
        (before.iter().map(Note::read).collect(), after.iter().map(Note::read).collect());
    let pairs = note_pairs::pair(&was, &is);
    let track = || track.clone();
    if !pairs.removed.is_empty() {
        report.say(Change::NotesRemoved { track: track(), count: pairs.removed.len() });
    }
    if !pairs.added.is_empty() {
        report.say(Change::NotesAdded { track: track(), count: pairs.added.len() });
    }
    let mut edits = Edits::default();
    for (i, j) in &pairs.both {
        if !same(was[*i].value, is[*j].value) {
            edits.read(&was[*i], &is[*j], report);
        }
    }
    for (by, count) in amounts(&edits.pitch) {
        report.say(Change::NotesTransposed { track: track(), count, by });
    }
    if let Some(grid) = grid(&edits.start, beat) {
        report.say(Change::NotesQuantised { track: track(), count: edits.start.len(), grid });
    } else {
        let by: Vec<f64> = edits.start.iter().map(|(was, is)| is - was).collect();
        for (by, count) in amounts(&by) {
            report.say(Change::NotesMoved { track: track(), count, by });
        }
    }
    for (by, count) in amounts(&edits.duration) {
        report.say(Change::NotesResized { track: track(), count, by });
    }
    for (by, count) in amounts(&edits.velocity) {
        report.say(Change::NotesVelocity { track: track(), count, by });
    }
    for (field, count) in edits.fields {
        report.say(Change::NotesField { track: track(), count, field: field.to_owned() });
    }
}

/// Both lists without what is equal at their ends: most edits touch the middle.
pub(super) fn unequal<'a>(before: &'a [Value], after: &'a [Value]) -> (&'a [Value], &'a [Value]) {
    let start = before.iter().zip(after).take_while(|(was, is)| same(was, is)).count();
    let (before, after) = (&before[start..], &after[start..]);
    let ends = before.iter().rev().zip(after.iter().rev());
    let end = ends.take_while(|(was, is)| same(was, is)).count();
    (&before[..before.len() - end], &after[..after.len() - end])
}

impl<'a> Edits<'a> {
    fn read(&mut self, was: &Note<'a>, is: &Note<'a>, report: &mut Report) {
        let (Some(before), Some(after)) = (was.value.as_object(), is.value.as_object()) else {
            *self.fields.entry("note").or_default() += 1;
            return;
        };
        for (name, old, new) in differing(before, after) {
            let both = |a: Option<f64>, b: Option<f64>| {
                Some((a?, b?)).filter(|(a, b)| !a.total_cmp(b).is_eq())
            };
            let by = |pair: Option<(f64, f64)>| pair.map(|(was, is)| is - was);
            let read = match name {
                "id" if scalar(old) && scalar(new) => {
                    report.ids += 1;
                    continue;
                }
                "pitch" => by(both(was.pitch, is.pitch)).map(|by| self.pitch.push(by)),
                "start" => both(was.start, is.start).map(|pair| self.start.push(pair)),
                "duration" => by(both(was.duration, is.duration)).map(|by| self.duration.push(by)),
                "velocity" => by(both(was.velocity, is.velocity)).map(|by| self.velocity.push(by)),
                _ => None,
            };
            if read.is_none() {
                *self.fields.entry(name).or_default() += 1;
            }
        }
    }
}

fn scalar(value: Option<&Value>) -> bool {
    value.is_none_or(|value| !value.is_object() && !value.is_array())
}

/// How many changed by how much, most first; one count without an amount when they differ too much.
fn amounts(by: &[f64]) -> Vec<(Option<f64>, usize)> {
    let mut counts: BTreeMap<i64, (f64, usize)> = BTreeMap::new();
    for amount in by {
        counts.entry((amount * 1e4).round() as i64).or_insert((*amount, 0)).1 += 1;
    }
    if counts.len() > MAX_AMOUNTS {
        return vec![(None, by.len())];
    }
    let mut amounts: Vec<(Option<f64>, usize)> =
        counts.into_values().map(|(by, count)| (Some(tidy(by)), count)).collect();
    amounts.sort_by_key(|(_, count)| usize::MAX - count);
    amounts
}

/// Without the noise of binary fractions.
fn tidy(value: f64) -> f64 {
    let rounded = (value * 1e6).round() / 1e6;
    if rounded.is_finite() && rounded != 0.0 { rounded } else { value }
}

/// The coarsest grid that starts moved onto, in notes or in beats.
fn grid(starts: &[(f64, f64)], beat: Option<f64>) -> Option<f64> {
    let differ = starts.windows(2).any(|w| ((w[0].1 - w[0].0) - (w[1].1 - w[1].0)).abs() > 1e-3);
    if starts.len() < MIN_QUANTISED || !differ {
        return None;
    }
    let units = [Some(1.0), beat.filter(|beat| *beat > 1e-3)];
    let steps = [1.0, 0.5, 1.0 / 3.0, 0.25, 1.0 / 6.0, 0.125];
    let grids = units.into_iter().flatten().flat_map(|unit| steps.map(|step| unit * step));
    let mut grids: Vec<f64> = grids.collect();
    grids.sort_by(|a, b| b.total_cmp(a));
    let on = |start: f64, grid: f64| ((start / grid).round() * grid - start).abs() < 2e-3;
    let near = |(was, is): &(f64, f64), grid: f64| (was - is).abs() <= grid / 2.0 + 2e-3;
    let fits = |grid: &f64| {
        let landed = starts.iter().all(|pair| on(pair.1, *grid) && near(pair, *grid));
        landed && starts.iter().any(|pair| !on(pair.0, *grid))
    };
    grids.into_iter().find(fits).map(tidy)
}
