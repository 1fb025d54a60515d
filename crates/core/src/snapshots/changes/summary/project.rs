//! Settings of the project, and whatever no other kind covers, in words.

use super::super::change::Change;
use super::phrases::each;
use super::words::{all, arrow, name, value};
use crate::describe::phrase;

/// Any change.
pub(super) fn project(first: &Change, changes: &[&Change]) -> String {
    let told = |what: &str| {
        let arrows = each(changes, |change| match change {
            Change::ProjectName(values)
            | Change::Meter(values)
            | Change::Key(values)
            | Change::Scale(values)
            | Change::Genre(values)
            | Change::Mood(values)
            | Change::MasterVolume(values)
            | Change::MasterPan(values)
            | Change::Tempo(values) => Some(arrow(values)),
            _ => None,
        });
        format!("{what} {}", all(&arrows))
    };
    match first {
        Change::ProjectName(_) => told("project name"),
        Change::Tempo(_) => format!("{} BPM", told("tempo")),
        Change::Meter(_) => told("time signature"),
        Change::Key(_) => told("key"),
        Change::Scale(_) => told("scale"),
        Change::Genre(_) => told("genre"),
        Change::Mood(_) => told("mood"),
        Change::MasterVolume(_) => told("master volume"),
        Change::MasterPan(_) => told("master balance"),
        Change::Loop(values) => format!("loop {}", value(values.after.as_ref())),
        Change::View { fields } => format!("only the view changed ({})", all(fields)),
        Change::Ids { count } => format!("only ids were given anew ({count})"),
        _ => {
            let paths = each(changes, |change| match change {
                Change::Field { path, track, .. } => {
                    let of = track.as_ref().map(|track| format!(" of {}", name(&track.name)));
                    let last = path.rsplit('.').next().unwrap_or_default();
                    let id = track.as_ref().and_then(|track| track.id.as_deref());
                    // A whole entry of a map by track: the map tells what it is.
                    let last = if id == Some(last) { path.split('.').next() } else { Some(last) };
                    let last = last.unwrap_or_default();
                    let path = if of.is_some() { last } else { path };
                    let path = phrase::clean(path).unwrap_or_else(|| "the whole state".to_owned());
                    Some(format!("{}{}", name(&path), of.unwrap_or_default()))
                }
                _ => None,
            });
            format!("changed {}", all(&paths))
        }
    }
}
