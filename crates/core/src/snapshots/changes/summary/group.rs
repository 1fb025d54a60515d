//! Which changes are told together, and which come first.

use super::super::change::{Change, TrackRef};
use super::words::value;

/// What a change is told together with: its rank (the lowest is told first), a kind, and what of it must
/// agree.
pub(super) type Group = (u8, &'static str, String);

/// The group of a change.
pub(super) fn group(change: &Change) -> Group {
    let of = |rank, kind, track: &TrackRef| {
        (rank, kind, format!("{}\u{0}{}", track.id.as_deref().unwrap_or(""), track.name))
    };
    let alone = |rank, kind| (rank, kind, String::new());
    match change {
        Change::TrackAdded { copy_of, .. } => {
            (0, "trackAdded", copy_of.clone().unwrap_or_default())
        }
        Change::TrackRemoved { .. } => alone(0, "trackRemoved"),
        Change::InsertRemoved { track, .. } => of(1, "insertRemoved", track),
        Change::InsertAdded { track, .. } => of(1, "insertAdded", track),
        Change::InsertReplaced { track, .. } => of(1, "insertReplaced", track),
        Change::InsertBypassed { track, .. } => of(2, "insertBypassed", track),
        Change::InsertEnabled { track, .. } => of(2, "insertEnabled", track),
        Change::Tempo(_) => alone(2, "tempo"),
        Change::Key(_) => alone(2, "key"),
        Change::Scale(_) => alone(2, "scale"),
        Change::Meter(_) => alone(2, "meter"),
        Change::NotesTransposed { track, .. } => of(3, "notesTransposed", track),
        Change::NotesAdded { track, .. } => of(3, "notesAdded", track),
        Change::NotesRemoved { track, .. } => of(3, "notesRemoved", track),
        Change::ClipSplit { track, .. } => of(3, "clipSplit", track),
        Change::ClipsJoined { track, .. } => of(3, "clipsJoined", track),
        Change::ClipAdded { track, copy_of, .. } if copy_of.is_some() => of(3, "clipCopied", track),
        Change::ClipAdded { track, .. } => of(3, "clipAdded", track),
        Change::ClipRemoved { track, .. } => of(3, "clipRemoved", track),
        Change::AudioAdded { .. } => alone(3, "audioAdded"),
        Change::AudioRemoved { .. } => alone(3, "audioRemoved"),
        Change::AudioReplaced { .. } => alone(3, "audioReplaced"),
        Change::ClipMoved { track, .. } => of(4, "clipMoved", track),
        Change::ClipToTrack { after, .. } => of(4, "clipToTrack", after),
        Change::ClipResized { track, .. } => of(4, "clipResized", track),
        Change::NotesQuantised { track, .. } => of(4, "notesQuantised", track),
        Change::NotesMoved { track, .. } => of(4, "notesMoved", track),
        Change::NotesResized { track, .. } => of(4, "notesResized", track),
        Change::Genre(_) => alone(4, "genre"),
        Change::Mood(_) => alone(4, "mood"),
        Change::ProjectName(_) => alone(4, "name"),
        Change::TrackMuted { values, .. } => (4, "trackMuted", value(values.after.as_ref())),
        Change::TrackSolo { values, .. } => (4, "trackSolo", value(values.after.as_ref())),
        Change::InsertPreset { track, .. } => of(4, "insertPreset", track),
        Change::InsertParameter { track, plugin, .. } => {
            let (rank, kind, of) = of(5, "insertParameter", track);
            (rank, kind, format!("{of}\u{0}{plugin}"))
        }
        Change::MasterVolume(_) => alone(5, "masterVolume"),
        Change::MasterPan(_) => alone(5, "masterPan"),
        Change::TrackVolume { .. } => alone(5, "trackVolume"),
        Change::TrackPan { .. } => alone(5, "trackPan"),
        Change::TrackSend { .. } => alone(5, "trackSend"),
        Change::TrackRenamed { .. } => alone(5, "trackRenamed"),
        Change::InsertMoved { track, .. } => of(5, "insertMoved", track),
        Change::AutomationAdded { .. } => alone(5, "automationAdded"),
        Change::AutomationRemoved { .. } => alone(5, "automationRemoved"),
        Change::AutomationChanged { .. } => alone(5, "automationChanged"),
        Change::NotesVelocity { track, .. } => of(6, "notesVelocity", track),
        Change::NotesField { track, .. } => of(7, "notesField", track),
        Change::ClipGain { track, .. } => of(6, "clipGain", track),
        Change::ClipFade { track, .. } => of(6, "clipFade", track),
        Change::ClipMuted { track, values, .. } => {
            let (rank, kind, of) = of(5, "clipMuted", track);
            (rank, kind, format!("{of}\u{0}{}", value(values.after.as_ref())))
        }
        Change::ClipRenamed { track, .. } => of(6, "clipRenamed", track),
        Change::IngestAdded { .. } => alone(6, "ingestAdded"),
        Change::IngestRemoved { .. } => alone(7, "ingestRemoved"),
        Change::TrackRegrouped { .. } => alone(6, "trackRegrouped"),
        Change::TrackRole { .. } => alone(6, "trackRole"),
        Change::TrackMoved { .. } => alone(7, "trackMoved"),
        Change::TrackLocked { values, .. } => (7, "trackLocked", value(values.after.as_ref())),
        Change::TrackRecoloured { .. } => alone(7, "trackRecoloured"),
        Change::Loop(_) => alone(7, "loop"),
        Change::Field { .. } => alone(8, "field"),
        Change::View { .. } => alone(9, "view"),
        Change::Ids { .. } => alone(9, "ids"),
    }
}
