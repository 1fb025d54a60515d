//! One thing that is otherwise than before.

use serde::Serialize;
use serde_json::Value;

/// A track, or another channel that has plugins or a fader (`master`, a bus).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct TrackRef {
    /// As in the newer version; of a removed track, as in the older one. None when it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Likewise.
    pub name: String,
}

/// A clip (region).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClipRef {
    /// As in the newer version; of a removed clip, as in the older one. None when it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Likewise.
    pub name: String,
}

/// The old and the new value, exactly as in the states. `before` is none when it was not there,
/// `after` when it is no longer there. A value of more than [`super::MAX_VALUE_CHARS`] characters is
/// `{"omitted": "array" | "object" | "string", "size": elements, fields or characters}` instead.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Values {
    /// In the older version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// In the newer version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// One change of a project state. Positions count from 1. `docs/changes.md` says when each is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields say the same in every kind; docs/changes.md lists them")]
pub enum Change {
    /// The name of the project.
    ProjectName(Values),
    /// Beats per minute.
    Tempo(Values),
    /// The time signature.
    Meter(Values),
    /// The key.
    Key(Values),
    /// The scale.
    Scale(Values),
    /// The genre, or the list of them.
    Genre(Values),
    /// The mood.
    Mood(Values),
    /// Master fader.
    MasterVolume(Values),
    /// Master balance.
    MasterPan(Values),
    /// Loop on or off.
    Loop(Values),

    /// A new track with all it holds; what is on it is not told again.
    TrackAdded {
        track: TrackRef,
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// The name of the track it repeats.
        #[serde(skip_serializing_if = "Option::is_none")]
        copy_of: Option<String>,
        clips: usize,
        notes: usize,
        plugins: Vec<String>,
    },
    /// A track gone with all it held.
    TrackRemoved {
        track: TrackRef,
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        clips: usize,
        notes: usize,
        plugins: Vec<String>,
    },
    TrackRenamed {
        track: TrackRef,
        #[serde(flatten)]
        values: Values,
    },
    TrackRecoloured {
        track: TrackRef,
        #[serde(flatten)]
        values: Values,
    },
    TrackRegrouped {
        track: TrackRef,
        #[serde(flatten)]
        values: Values,
    },
    /// The part it plays, or its instrument.
    TrackRole {
        track: TrackRef,
        #[serde(flatten)]
        values: Values,
    },
    TrackLocked {
        track: TrackRef,
        #[serde(flatten)]
        values: Values,
    },
    /// Another place in the list of tracks.
    TrackMoved {
        track: TrackRef,
        before: usize,
        after: usize,
    },

    /// A plugin put into a chain.
    InsertAdded {
        track: TrackRef,
        plugin: String,
        position: usize,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        bypassed: bool,
    },
    /// A plugin taken out of a chain.
    InsertRemoved {
        track: TrackRef,
        plugin: String,
        position: usize,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        bypassed: bool,
    },
    /// Another place in the same chain.
    InsertMoved {
        track: TrackRef,
        plugin: String,
        before: usize,
        after: usize,
    },
    /// One plugin instead of another at the same place.
    InsertReplaced {
        track: TrackRef,
        position: usize,
        before: String,
        after: String,
    },
    InsertBypassed {
        track: TrackRef,
        plugin: String,
    },
    /// No longer bypassed.
    InsertEnabled {
        track: TrackRef,
        plugin: String,
    },
    InsertPreset {
        track: TrackRef,
        plugin: String,
        #[serde(flatten)]
        values: Values,
    },
    InsertParameter {
        track: TrackRef,
        plugin: String,
        parameter: String,
        #[serde(flatten)]
        values: Values,
    },

    TrackVolume {
        track: TrackRef,
        #[serde(flatten)]
        values: Values,
    },
    TrackPan {
        track: TrackRef,
        #[serde(flatten)]
        values: Values,
    },
    TrackMuted {
        track: TrackRef,
        #[serde(flatten)]
        values: Values,
    },
    TrackSolo {
        track: TrackRef,
        #[serde(flatten)]
        values: Values,
    },
    TrackSend {
        track: TrackRef,
        send: String,
        #[serde(flatten)]
        values: Values,
    },

    ClipAdded {
        clip: ClipRef,
        track: TrackRef,
        #[serde(skip_serializing_if = "Option::is_none")]
        start: Option<Value>,
        /// The name of the clip it repeats.
        #[serde(skip_serializing_if = "Option::is_none")]
        copy_of: Option<String>,
    },
    ClipRemoved {
        clip: ClipRef,
        track: TrackRef,
        #[serde(skip_serializing_if = "Option::is_none")]
        start: Option<Value>,
    },
    /// Another start; its length is the same.
    ClipMoved {
        clip: ClipRef,
        track: TrackRef,
        #[serde(flatten)]
        values: Values,
    },
    /// Another length. `edge` is the end that moved, or both.
    ClipResized {
        clip: ClipRef,
        track: TrackRef,
        edge: Edge,
        #[serde(flatten)]
        values: Values,
    },
    /// One clip is several now that fill the same time; `at` are the cuts.
    ClipSplit {
        clip: ClipRef,
        track: TrackRef,
        at: Vec<f64>,
        pieces: usize,
    },
    /// Several clips are one now that fills the same time.
    ClipsJoined {
        clip: ClipRef,
        track: TrackRef,
        at: Vec<f64>,
        pieces: usize,
    },
    ClipRenamed {
        clip: ClipRef,
        track: TrackRef,
        #[serde(flatten)]
        values: Values,
    },
    /// On another track now.
    ClipToTrack {
        clip: ClipRef,
        before: TrackRef,
        after: TrackRef,
    },
    ClipGain {
        clip: ClipRef,
        track: TrackRef,
        #[serde(flatten)]
        values: Values,
    },
    /// `fade` is the field: `fadeIn`, `fadeOut` …
    ClipFade {
        clip: ClipRef,
        track: TrackRef,
        fade: String,
        #[serde(flatten)]
        values: Values,
    },
    ClipMuted {
        clip: ClipRef,
        track: TrackRef,
        #[serde(flatten)]
        values: Values,
    },

    NotesAdded {
        track: TrackRef,
        count: usize,
    },
    NotesRemoved {
        track: TrackRef,
        count: usize,
    },
    /// In semitones; `by` is none when they moved differently.
    NotesTransposed {
        track: TrackRef,
        count: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<f64>,
    },
    /// In time; `by` is in the unit of the notes, none when they moved differently.
    NotesMoved {
        track: TrackRef,
        count: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<f64>,
    },
    /// Moved onto multiples of `grid`, in the unit of the notes.
    NotesQuantised {
        track: TrackRef,
        count: usize,
        grid: f64,
    },
    /// Longer (`by` > 0) or shorter; none when they changed differently.
    NotesResized {
        track: TrackRef,
        count: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<f64>,
    },
    NotesVelocity {
        track: TrackRef,
        count: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<f64>,
    },
    /// Another field of notes.
    NotesField {
        track: TrackRef,
        count: usize,
        field: String,
    },

    /// A new lane, with its number of points.
    AutomationAdded {
        lane: String,
        points: usize,
    },
    AutomationRemoved {
        lane: String,
        points: usize,
    },
    /// Points of a lane.
    AutomationChanged {
        lane: String,
        added: usize,
        removed: usize,
        changed: usize,
    },

    AudioAdded {
        buffer: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds: Option<f64>,
    },
    AudioRemoved {
        buffer: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds: Option<f64>,
    },
    /// Other audio under the same id.
    AudioReplaced {
        buffer: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds: Option<f64>,
    },
    /// An entry of the import history.
    IngestAdded {
        name: String,
    },
    IngestRemoved {
        name: String,
    },

    /// Anything else, by its path in the state; `track` is whose it is, where that is known.
    Field {
        path: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        track: Option<TrackRef>,
        #[serde(flatten)]
        values: Values,
    },
    /// Scroll, zoom, open panels. Told only when nothing else changed.
    View {
        fields: Vec<String>,
    },
    /// Only ids were given anew: how many. Told only when nothing else changed.
    Ids {
        count: usize,
    },
}

/// Which end of a clip moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Edge {
    /// It starts elsewhere and ends where it did.
    Start,
    /// It ends elsewhere.
    End,
    /// Both moved.
    Both,
}
