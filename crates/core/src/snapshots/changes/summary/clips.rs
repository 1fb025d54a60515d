//! Clips in words.

use super::super::change::Change;
use super::phrases::each;
use super::words::{all, arrow, is_on, name, value};
use crate::describe::phrase::{self, counted};

/// Changes of clips; none for another kind.
pub(super) fn clip(first: &Change, changes: &[&Change]) -> Option<String> {
    let names = each(changes, |change| match change {
        Change::ClipAdded { clip, .. }
        | Change::ClipRemoved { clip, .. }
        | Change::ClipMoved { clip, .. }
        | Change::ClipResized { clip, .. }
        | Change::ClipToTrack { clip, .. }
        | Change::ClipSplit { clip, .. }
        | Change::ClipsJoined { clip, .. }
        | Change::ClipRenamed { clip, .. }
        | Change::ClipGain { clip, .. }
        | Change::ClipFade { clip, .. }
        | Change::ClipMuted { clip, .. } => Some(name(&clip.name)),
        _ => None,
    });
    let one = changes.len() == 1;
    let clips = match first {
        // Most clips are named after their track: saying it once is enough.
        Change::ClipAdded { clip, track, .. }
        | Change::ClipRemoved { clip, track, .. }
        | Change::ClipMoved { clip, track, .. }
        | Change::ClipResized { clip, track, .. }
        | Change::ClipSplit { clip, track, .. }
        | Change::ClipGain { clip, track, .. }
        | Change::ClipFade { clip, track, .. }
        | Change::ClipMuted { clip, track, .. }
            if one && clip.name == track.name =>
        {
            "a clip".to_owned()
        }
        _ if one => format!("the clip {}", all(&names)),
        _ => counted(names.len(), "clip"),
    };
    Some(match first {
        Change::ClipAdded { track, copy_of: Some(_), .. } => {
            format!("duplicated {clips} on {}", name(&track.name))
        }
        Change::ClipAdded { track, .. } => format!("added {clips} to {}", name(&track.name)),
        Change::ClipRemoved { track, .. } => format!("removed {clips} from {}", name(&track.name)),
        Change::ClipMoved { track, values, .. } if one => {
            let (from, to) = (value(values.before.as_ref()), value(values.after.as_ref()));
            format!("moved {clips} on {} from {from} to {to}", name(&track.name))
        }
        Change::ClipMoved { track, .. } => format!("moved {clips} on {}", name(&track.name)),
        Change::ClipResized { track, values, .. } if one => {
            format!("length of {clips} on {} {}", name(&track.name), arrow(values))
        }
        Change::ClipResized { track, .. } => {
            format!("changed the length of {clips} on {}", name(&track.name))
        }
        Change::ClipToTrack { before, after, .. } if one => {
            format!("moved {clips} from {} to {}", name(&before.name), name(&after.name))
        }
        Change::ClipToTrack { after, .. } => format!("moved {clips} to {}", name(&after.name)),
        Change::ClipSplit { track, pieces, .. } if one => {
            format!("split {clips} on {} in {pieces}", name(&track.name))
        }
        Change::ClipSplit { track, .. } => format!("split {clips} on {}", name(&track.name)),
        Change::ClipsJoined { track, pieces, .. } if one => {
            format!("joined {pieces} clips on {} to {}", name(&track.name), all(&names))
        }
        Change::ClipsJoined { track, .. } => format!("joined clips on {}", name(&track.name)),
        Change::ClipRenamed { values, track, .. } if one => {
            let (from, to) = (value(values.before.as_ref()), value(values.after.as_ref()));
            format!("renamed the clip {from} on {} to {to}", name(&track.name))
        }
        Change::ClipRenamed { track, .. } => format!("renamed {clips} on {}", name(&track.name)),
        Change::ClipGain { track, values, .. } if one => {
            format!("gain of {clips} on {} {}", name(&track.name), arrow(values))
        }
        Change::ClipGain { track, .. } => {
            format!("changed the gain of {clips} on {}", name(&track.name))
        }
        Change::ClipFade { track, fade, values, .. } if one => {
            let fade = phrase::readable(fade).unwrap_or_default().to_lowercase();
            format!("{} of {clips} on {} {}", name(&fade), name(&track.name), arrow(values))
        }
        Change::ClipFade { track, .. } => {
            format!("changed the fades of {clips} on {}", name(&track.name))
        }
        Change::ClipMuted { track, values, .. } => {
            let on = is_on(values);
            let word = if on { "muted" } else { "unmuted" };
            format!("{word} {clips} on {}", name(&track.name))
        }
        _ => return None,
    })
}
