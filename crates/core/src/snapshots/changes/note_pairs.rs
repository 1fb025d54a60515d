//! Which note is which: by id, else by what notes are, alone or as a group that was shifted.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::Value;

use super::pairing::{Paired, Pairing};
use super::value::{hash, label_ref, number};

/// Groups that are looked for, largest first.
const MAX_SHIFTS: usize = 4;
/// Fewer notes that moved by one amount may be chance.
const MIN_SHIFTED: usize = 3;
/// How far a note may be from where it was to be the same one without an id, in ten-thousandths.
const NEAR: i64 = 10_000;

/// A note as the comparison reads it.
pub(super) struct Note<'a> {
    pub(super) value: &'a Value,
    pub(super) pitch: Option<f64>,
    /// Times in the unit of the state.
    pub(super) start: Option<f64>,
    pub(super) duration: Option<f64>,
    pub(super) velocity: Option<f64>,
    id: Option<Cow<'a, str>>,
    content: OnceCell<u64>,
}

impl<'a> Note<'a> {
    pub(super) fn read(value: &'a Value) -> Note<'a> {
        let mut note = Note {
            value,
            pitch: None,
            start: None,
            duration: None,
            velocity: None,
            id: None,
            content: OnceCell::new(),
        };
        // One walk instead of five look-ups: states have tens of thousands of notes.
        for (name, value) in value.as_object().into_iter().flatten() {
            match name.as_str() {
                "pitch" => note.pitch = number(value),
                "start" => note.start = number(value),
                "duration" => note.duration = number(value),
                "velocity" => note.velocity = number(value),
                "id" => note.id = label_ref(value),
                _ => {}
            }
        }
        note
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// All it is but its id.
    fn content(&self) -> u64 {
        *self.content.get_or_init(|| hash(self.value, &["id"]))
    }
}

/// A number as a key: equal to a ten-thousandth, and small enough to be added and subtracted.
fn exact(value: Option<f64>) -> Option<i64> {
    value.map(|value| (value * 1e4).round().clamp(-1e15, 1e15) as i64)
}

/// What must agree for two notes to be one.
type Key = fn(&Note<'_>) -> Option<[i64; 3]>;

/// Links the notes of two versions.
pub(super) fn pair(was: &[Note<'_>], is: &[Note<'_>]) -> Paired {
    let mut pairing = Pairing::new(was.len(), is.len());
    if !renumbered(&pairing, was, is) {
        if !unique(was) || !unique(is) {
            pairing = pairing.by_key(
                |i| Some((was[i].id()?, was[i].content())),
                |j| Some((is[j].id()?, is[j].content())),
            );
        }
        pairing = pairing.by_key(|i| was[i].id(), |j| is[j].id());
    }
    let keys: [Key; 3] = [
        |note| Some([exact(note.pitch)?, exact(note.start)?, exact(note.duration)?]),
        |note| Some([1, exact(note.start)?, exact(note.duration)?]),
        |note| Some([2, exact(note.start)?, exact(note.pitch)?]),
    ];
    pairing = pairing.by_key(|i| Some(was[i].content()), |j| Some(is[j].content()));
    pairing = pairing.by_key(|i| keys[0](&was[i]), |j| keys[0](&is[j]));
    // Groups that moved as one, in time or pitch, before single notes: a shifted riff lands on places
    // where other notes were.
    pairing = shifted(pairing, was, is);
    for key in &keys[1..] {
        pairing = pairing.by_key(|i| key(&was[i]), |j| key(&is[j]));
    }
    nudged(pairing, was, is).finish()
}

/// Whether no id stands twice: then equal ids are equal notes, whatever they hold.
fn unique(notes: &[Note<'_>]) -> bool {
    let mut seen = HashSet::with_capacity(notes.len());
    notes.iter().filter_map(Note::id).all(|id| seen.insert(id))
}

/// Whether ids are only positions, given anew when a note came or went: content says so.
fn renumbered(pairing: &Pairing, was: &[Note<'_>], is: &[Note<'_>]) -> bool {
    let (before, after) = pairing.open();
    if was.len() == is.len() || before.is_empty() || after.is_empty() {
        return false;
    }
    let by_id: HashMap<Option<&str>, u64> =
        before.iter().map(|i| (was[*i].id(), was[*i].content())).collect();
    let contents: HashSet<u64> = by_id.values().copied().collect();
    let (mut kept, mut found) = (0, 0);
    for j in after {
        let content = is[j].content();
        kept += usize::from(by_id.get(&is[j].id()) == Some(&content));
        found += usize::from(contents.contains(&content));
    }
    found > 2 * kept + 2
}

/// What moves, then what stays: a time or a pitch, in ten-thousandths.
type Place = (i64, [i64; 2]);

fn in_time(note: &Note<'_>) -> Option<Place> {
    Some((exact(note.start)?, [exact(note.pitch)?, exact(note.duration)?]))
}

fn in_pitch(note: &Note<'_>) -> Option<Place> {
    Some((exact(note.pitch)?, [exact(note.start)?, exact(note.duration)?]))
}

/// Links groups of notes that all moved by one amount in time, or all in pitch: the largest first.
fn shifted(mut pairing: Pairing, was: &[Note<'_>], is: &[Note<'_>]) -> Pairing {
    for _ in 0..MAX_SHIFTS {
        let (before, after) = pairing.open();
        let places: [fn(&Note<'_>) -> Option<Place>; 2] = [in_pitch, in_time];
        let found = places.into_iter().filter_map(|place| {
            let older: Vec<Place> = before.iter().filter_map(|i| place(&was[*i])).collect();
            let newer: Vec<Place> = after.iter().filter_map(|j| place(&is[*j])).collect();
            let (by, count) = shift(&older, &newer)?;
            Some((count, by, place))
        });
        // Of equal counts the first, a transposition, since `max_by_key` would take the last.
        let best = found.reduce(|best, next| if next.0 > best.0 { next } else { best });
        let least = MIN_SHIFTED.max(before.len().min(after.len()) / 4);
        let Some((_, by, place)) = best.filter(|(count, ..)| *count >= least) else { break };
        let moved = |note: &Note<'_>, by: i64| place(note).map(|(at, kind)| (at + by, kind));
        pairing = pairing.by_key(|i| moved(&was[i], by), |j| moved(&is[j], 0));
    }
    pairing
}

/// The amount by which most of `older` moved onto `newer`, and how many it moves there.
///
/// Candidates are the amounts between equally placed notes of a kind, counted from the first and from
/// the last: linear, and the right one is among them unless both ends of every kind changed.
fn shift(older: &[Place], newer: &[Place]) -> Option<(i64, usize)> {
    let by_kind = |places: &[Place]| {
        let mut kinds: HashMap<[i64; 2], Vec<i64>> = HashMap::new();
        for (at, kind) in places {
            kinds.entry(*kind).or_default().push(*at);
        }
        for list in kinds.values_mut() {
            list.sort_unstable();
        }
        kinds
    };
    let (was, is) = (by_kind(older), by_kind(newer));
    let mut votes: HashMap<i64, usize> = HashMap::new();
    for (kind, list) in &was {
        let Some(others) = is.get(kind) else { continue };
        let from_start = list.iter().zip(others.iter());
        let from_end = list.iter().rev().zip(others.iter().rev());
        for (was, is) in from_start.chain(from_end) {
            *votes.entry(is - was).or_default() += 1;
        }
    }
    let (by, _) = votes.into_iter().max_by_key(|(by, votes)| (*votes, -by.abs(), *by))?;
    let there: HashSet<&Place> = newer.iter().collect();
    let landed = older.iter().filter(|(at, kind)| there.contains(&(at + by, *kind))).count();
    Some((by, landed))
}

/// Links what is left of equal pitch and length and lies close, in order of time: quantised, or played
/// anew.
fn nudged(mut pairing: Pairing, was: &[Note<'_>], is: &[Note<'_>]) -> Pairing {
    let (mut before, mut after) = pairing.open();
    let time = |note: &Note<'_>| exact(note.start).unwrap_or(i64::MAX / 2);
    before.sort_by_key(|i| time(&was[*i]));
    after.sort_by_key(|j| time(&is[*j]));
    let kind = |note: &Note<'_>| Some([exact(note.pitch)?, exact(note.duration)?]);
    let mut places: HashMap<[i64; 2], VecDeque<usize>> = HashMap::new();
    for j in after {
        if let Some(kind) = kind(&is[j]) {
            places.entry(kind).or_default().push_back(j);
        }
    }
    for i in before {
        let Some(list) = kind(&was[i]).and_then(|kind| places.get_mut(&kind)) else { continue };
        let from = time(&was[i]);
        while list.front().is_some_and(|j| time(&is[*j]) < from - NEAR) {
            list.pop_front();
        }
        if list.front().is_some_and(|j| time(&is[*j]) <= from + NEAR) {
            list.pop_front().into_iter().for_each(|j| pairing.link(i, j));
        }
    }
    pairing
}
