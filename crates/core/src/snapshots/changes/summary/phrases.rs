//! Each group of like changes as one phrase, with its rank.

use std::collections::{HashMap, HashSet};

use super::super::change::{Change, TrackRef};
use super::group::{Group, group};
use super::words::all;
use super::{clips, inserts, notes, project, tracks};
use crate::describe::phrase::shortened;

/// Most characters of a phrase, so that one never fills a summary alone.
const MAX_PHRASE_CHARS: usize = 150;

/// Some changes in words.
pub(super) struct Phrase {
    /// What is told first has the lowest.
    rank: u8,
    /// How many changes it tells of.
    pub(super) covers: usize,
    pub(super) text: String,
}

/// The phrases of `changes`, most important first; among equals, those that tell of more, then in order.
pub(super) fn of(changes: &[Change]) -> Vec<Phrase> {
    let clips: HashSet<(&TrackRef, bool)> = changes.iter().filter_map(carried).collect();
    let mut groups: Vec<(Group, Vec<&Change>)> = Vec::new();
    let mut places = HashMap::new();
    for change in changes {
        let mut group = group(change);
        if follows(change, &clips) {
            group.0 = FOLLOWING;
        }
        let place = *places.entry(group.clone()).or_insert(groups.len());
        if place == groups.len() {
            groups.push((group, Vec::new()));
        }
        groups[place].1.push(change);
    }
    let spoken = groups.into_iter().map(|((rank, ..), changes)| Phrase {
        rank,
        covers: changes.len(),
        text: shortened(&spoken(&changes), MAX_PHRASE_CHARS),
    });
    let mut phrases: Vec<Phrase> = spoken.collect();
    phrases.sort_by_key(|phrase| (phrase.rank, usize::MAX - phrase.covers));
    phrases
}

/// Rank of notes that only went along with their clips.
const FOLLOWING: u8 = 8;

/// The track on which clips moved, or came and went (true), and took notes along.
fn carried(change: &Change) -> Option<(&TrackRef, bool)> {
    match change {
        Change::ClipMoved { track, .. } => Some((track, false)),
        Change::ClipAdded { track, .. } | Change::ClipRemoved { track, .. } => Some((track, true)),
        _ => None,
    }
}

fn follows(change: &Change, clips: &HashSet<(&TrackRef, bool)>) -> bool {
    match change {
        Change::NotesMoved { track, .. } => clips.contains(&(track, false)),
        Change::NotesAdded { track, .. } | Change::NotesRemoved { track, .. } => {
            clips.contains(&(track, true))
        }
        _ => false,
    }
}

/// A group of changes in words. Never empty.
fn spoken(changes: &[&Change]) -> String {
    let Some(first) = changes.first() else { return String::new() };
    tracks::track(first, changes)
        .or_else(|| inserts::insert(first, changes))
        .or_else(|| tracks::mixer(first, changes))
        .or_else(|| clips::clip(first, changes))
        .or_else(|| notes::notes(first, changes))
        .or_else(|| notes::sound(first, changes))
        .unwrap_or_else(|| project::project(first, changes))
}

/// Each of `changes` that `pick` reads.
pub(super) fn each(changes: &[&Change], pick: impl Fn(&Change) -> Option<String>) -> Vec<String> {
    changes.iter().filter_map(|change| pick(change)).collect()
}

/// "changed the pan of Lead 0 → 1", or "changed the pan of A, B and C".
pub(super) fn settings(
    what: &str,
    changes: &[&Change],
    pick: impl Fn(&Change) -> Option<(String, String)>,
) -> String {
    let found: Vec<(String, String)> = changes.iter().filter_map(|change| pick(change)).collect();
    if found.len() <= 2 {
        let told: Vec<String> =
            found.iter().map(|(of, arrow)| format!("{what} of {of} {arrow}")).collect();
        return all(&told);
    }
    let names: Vec<String> = found.into_iter().map(|(of, _)| of).collect();
    format!("changed the {what} of {}", all(&names))
}
