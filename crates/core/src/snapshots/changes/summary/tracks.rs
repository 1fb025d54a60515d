//! Tracks and their faders in words.

use super::super::change::Change;
use super::phrases::{each, settings};
use super::words::{all, arrow, is_on, name, value};

/// Changes of tracks themselves; none for another kind.
pub(super) fn track(first: &Change, changes: &[&Change]) -> Option<String> {
    let names = each(changes, |change| match change {
        Change::TrackAdded { track, .. }
        | Change::TrackRemoved { track, .. }
        | Change::TrackMoved { track, .. }
        | Change::TrackLocked { track, .. }
        | Change::TrackRecoloured { track, .. } => Some(name(&track.name)),
        _ => None,
    });
    let noun = if changes.len() == 1 { "the track" } else { "the tracks" };
    Some(match first {
        Change::TrackAdded { copy_of: Some(original), .. } => {
            format!("duplicated the track {} as {}", name(original), all(&names))
        }
        Change::TrackAdded { .. } => format!("added {noun} {}", all(&names)),
        Change::TrackRemoved { .. } => format!("removed {noun} {}", all(&names)),
        Change::TrackMoved { .. } => format!("moved {noun} {} in the list", all(&names)),
        Change::TrackRecoloured { .. } => format!("changed the colour of {}", all(&names)),
        Change::TrackLocked { values, .. } => {
            let locked = is_on(values);
            format!("{} {}", if locked { "locked" } else { "unlocked" }, all(&names))
        }
        Change::TrackRenamed { .. } => {
            let told = each(changes, |change| match change {
                Change::TrackRenamed { values, .. } => Some(format!(
                    "{} to {}",
                    value(values.before.as_ref()),
                    value(values.after.as_ref())
                )),
                _ => None,
            });
            format!("renamed {noun} {}", all(&told))
        }
        Change::TrackRegrouped { .. } => settings("group", changes, |change| match change {
            Change::TrackRegrouped { track, values } => Some((name(&track.name), arrow(values))),
            _ => None,
        }),
        Change::TrackRole { .. } => settings("role", changes, |change| match change {
            Change::TrackRole { track, values } => Some((name(&track.name), arrow(values))),
            _ => None,
        }),
        _ => return None,
    })
}

/// Changes of the mixer; none for another kind.
pub(super) fn mixer(first: &Change, changes: &[&Change]) -> Option<String> {
    let pick = |change: &Change| match change {
        Change::TrackVolume { track, values } | Change::TrackPan { track, values } => {
            Some((name(&track.name), arrow(values)))
        }
        Change::TrackSend { track, send, values } => {
            Some((format!("{} to {}", name(&track.name), name(send)), arrow(values)))
        }
        _ => None,
    };
    let names = each(changes, |change| match change {
        Change::TrackMuted { track, .. } | Change::TrackSolo { track, .. } => {
            Some(name(&track.name))
        }
        _ => None,
    });
    Some(match first {
        Change::TrackVolume { .. } => settings("volume", changes, pick),
        Change::TrackPan { .. } => settings("pan", changes, pick),
        Change::TrackSend { .. } => settings("send", changes, pick),
        Change::TrackMuted { values, .. } => {
            let on = is_on(values);
            format!("{} {}", if on { "muted" } else { "unmuted" }, all(&names))
        }
        Change::TrackSolo { values, .. } => {
            let on = is_on(values);
            format!("{} {}", if on { "soloed" } else { "took off solo" }, all(&names))
        }
        _ => return None,
    })
}
