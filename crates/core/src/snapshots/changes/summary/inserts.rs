//! Plugins in words.

use super::super::change::Change;
use super::phrases::each;
use super::words::{all, arrow, name, plugin};
use crate::describe::phrase;

/// Changes of plugins; none for another kind.
pub(super) fn insert(first: &Change, changes: &[&Change]) -> Option<String> {
    let names = each(changes, |change| match change {
        Change::InsertAdded { plugin: id, .. }
        | Change::InsertRemoved { plugin: id, .. }
        | Change::InsertMoved { plugin: id, .. }
        | Change::InsertBypassed { plugin: id, .. }
        | Change::InsertEnabled { plugin: id, .. } => Some(plugin(id)),
        _ => None,
    });
    Some(match first {
        Change::InsertAdded { track, .. } => {
            format!("added {} to {}", all(&names), name(&track.name))
        }
        Change::InsertRemoved { track, .. } => {
            format!("removed {} from {}", all(&names), name(&track.name))
        }
        Change::InsertBypassed { track, .. } => {
            format!("bypassed {} on {}", all(&names), name(&track.name))
        }
        Change::InsertEnabled { track, .. } => {
            format!("switched {} on {} back on", all(&names), name(&track.name))
        }
        Change::InsertMoved { track, before, after, .. } if changes.len() == 1 => {
            let on = name(&track.name);
            format!("moved {} on {on} from place {before} to {after}", all(&names))
        }
        Change::InsertMoved { track, .. } => {
            format!("moved {} in the chain of {}", all(&names), name(&track.name))
        }
        Change::InsertReplaced { track, .. } => {
            let told = each(changes, |change| match change {
                Change::InsertReplaced { before, after, .. } => {
                    Some(format!("{} with {}", plugin(before), plugin(after)))
                }
                _ => None,
            });
            format!("replaced {} on {}", all(&told), name(&track.name))
        }
        Change::InsertPreset { track, .. } => {
            let told = each(changes, |change| match change {
                Change::InsertPreset { plugin: id, values, .. } => {
                    Some(format!("{} {}", plugin(id), arrow(values)))
                }
                _ => None,
            });
            format!("preset of {} on {}", all(&told), name(&track.name))
        }
        Change::InsertParameter { track, plugin: id, .. } => {
            let told = each(changes, |change| match change {
                Change::InsertParameter { parameter, values, .. } => {
                    let parameter = phrase::readable(parameter).unwrap_or_default();
                    Some(format!("{} {}", name(&parameter), arrow(values)))
                }
                _ => None,
            });
            format!("set {} of {} on {}", all(&told), plugin(id), name(&track.name))
        }
        _ => return None,
    })
}
