//! Notes, automation and audio in words.

use super::super::change::Change;
use super::phrases::each;
use super::words::{all, interval, name};
use crate::describe::number;
use crate::describe::phrase::counted;

/// Changes of notes; none for another kind.
pub(super) fn notes(first: &Change, changes: &[&Change]) -> Option<String> {
    let one = changes.len() == 1;
    let count: usize = changes
        .iter()
        .map(|change| match change {
            Change::NotesAdded { count, .. }
            | Change::NotesRemoved { count, .. }
            | Change::NotesTransposed { count, .. }
            | Change::NotesMoved { count, .. }
            | Change::NotesQuantised { count, .. }
            | Change::NotesResized { count, .. }
            | Change::NotesVelocity { count, .. }
            | Change::NotesField { count, .. } => *count,
            _ => 0,
        })
        .sum();
    let notes = counted(count, "note");
    let amount = |by: &Option<f64>| by.filter(|_| one);
    Some(match first {
        Change::NotesAdded { track, .. } => format!("added {notes} to {}", name(&track.name)),
        Change::NotesRemoved { track, .. } => format!("removed {notes} from {}", name(&track.name)),
        Change::NotesTransposed { track, by, .. } => match amount(by) {
            Some(by) => format!("{notes} of {} {}", name(&track.name), interval(by)),
            None => format!("changed the pitch of {notes} of {}", name(&track.name)),
        },
        Change::NotesMoved { track, by, .. } => match amount(by) {
            Some(by) => {
                let side = if by > 0.0 { "later" } else { "earlier" };
                let by = number::rounded(by.abs(), 3);
                format!("moved {notes} of {} {by} {side}", name(&track.name))
            }
            None => format!("moved {notes} of {} in time", name(&track.name)),
        },
        Change::NotesQuantised { track, .. } => {
            format!("quantised {notes} of {}", name(&track.name))
        }
        Change::NotesResized { track, by, .. } => {
            let word = match amount(by) {
                Some(by) if by > 0.0 => "lengthened",
                Some(_) => "shortened",
                None => "changed the length of",
            };
            format!("{word} {notes} of {}", name(&track.name))
        }
        Change::NotesVelocity { track, by, .. } => match amount(by) {
            Some(by) => {
                let word = if by > 0.0 { "harder" } else { "softer" };
                format!("{notes} of {} {word}", name(&track.name))
            }
            None => format!("changed the velocity of {notes} of {}", name(&track.name)),
        },
        Change::NotesField { track, field, .. } if one => {
            format!("changed the {} of {notes} of {}", name(field), name(&track.name))
        }
        Change::NotesField { track, .. } => format!("changed notes of {}", name(&track.name)),
        _ => return None,
    })
}

/// Changes of automation, audio and imports; none for another kind.
pub(super) fn sound(first: &Change, changes: &[&Change]) -> Option<String> {
    let names = each(changes, |change| match change {
        Change::AutomationAdded { lane, .. }
        | Change::AutomationRemoved { lane, .. }
        | Change::AutomationChanged { lane, .. } => Some(name(lane)),
        Change::IngestAdded { name: file } | Change::IngestRemoved { name: file } => {
            Some(name(file))
        }
        _ => None,
    });
    let length: f64 = changes
        .iter()
        .map(|change| match change {
            Change::AudioAdded { seconds, .. }
            | Change::AudioRemoved { seconds, .. }
            | Change::AudioReplaced { seconds, .. } => seconds.unwrap_or(0.0),
            _ => 0.0,
        })
        .sum();
    let audio = match number::rounded(length, 1).as_str() {
        "0" => counted(changes.len(), "audio buffer"),
        seconds => format!("{} ({seconds} s)", counted(changes.len(), "audio buffer")),
    };
    Some(match first {
        Change::AutomationAdded { .. } => format!("added automation of {}", all(&names)),
        Change::AutomationRemoved { .. } => format!("removed automation of {}", all(&names)),
        Change::AutomationChanged { .. } => format!("changed automation of {}", all(&names)),
        Change::IngestAdded { .. } => format!("imported {}", all(&names)),
        Change::IngestRemoved { .. } => format!("took {} off the import history", all(&names)),
        Change::AudioAdded { .. } => format!("added {audio}"),
        Change::AudioRemoved { .. } => format!("removed {audio}"),
        Change::AudioReplaced { .. } => format!("replaced {audio}"),
        _ => return None,
    })
}
