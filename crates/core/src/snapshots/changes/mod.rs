//! What changed between two versions of a project, and how would a producer say it?
//!
//! Here: [`between`] finds typed [`Change`]s, [`summary`] says them in a sentence or two. `project.rs`
//! hands each field of a state to its reader (`tracks.rs` with `track_pairs.rs` and `track_edits.rs`, `inserts.rs`, `bypass.rs`, `mixer.rs`,
//! `clips.rs` with `clip_edits.rs` and `cuts.rs`, `notes.rs` with `note_pairs.rs`, `automation.rs`, `audio.rs`);
//! `pairing.rs` decides which element of a list is which, `report.rs` makes sure that nothing that
//! differs is silent, `value.rs` compares and shows JSON. `summary/` speaks.
//! `docs/changes.md` lists the kinds and what is left out. Not here: how versions are kept and read.

mod audio;
mod automation;
mod bypass;
mod change;
mod clip_edits;
mod clips;
mod cuts;
mod inserts;
mod mixer;
mod note_pairs;
mod notes;
mod pairing;
mod project;
mod report;
mod summary;
mod track_edits;
mod track_pairs;
mod tracks;
mod value;

use serde_json::Value;

use self::report::Report;
use crate::control::Control;
use crate::error::Result;

pub use change::{Change, ClipRef, Edge, TrackRef, Values};
pub use summary::{MAX_SUMMARY_CHARS, summary};
pub use value::MAX_VALUE_CHARS;

/// What `after` has, lacks or has otherwise than `before`: two project states, or records with one
/// inside. Empty only when both say the same; any JSON is accepted.
///
/// View settings and ids given anew are told, as one change each, only when nothing else changed.
///
/// ```
/// use prime_memory::snapshots::changes::{between, summary};
/// use serde_json::json;
///
/// let before = json!({ "bpm": 120, "tracks": [{ "id": "t1", "trackName": "Lead Vox" }], "inserts": { "t1": ["mixx-verb"] } });
/// let after = json!({ "bpm": 124, "tracks": [{ "id": "t1", "trackName": "Lead Vox" }], "inserts": { "t1": [] } });
/// let changes = between(&before, &after);
/// assert_eq!(summary(&changes), "Removed the reverb (mixx verb) from Lead Vox; tempo 120 → 124 BPM.");
/// ```
pub fn between(before: &Value, after: &Value) -> Vec<Change> {
    found(before, after, Report::default())
}

/// As [`between`], for states so large that the caller may not want to wait: it is asked before each field,
/// track and clip.
///
/// # Errors
/// `PM_ABORTED`.
pub(crate) fn between_unless_stopped(
    before: &Value,
    after: &Value,
    control: &Control,
) -> Result<Vec<Change>> {
    let changes = found(before, after, Report::under(control));
    control.check()?;
    Ok(changes)
}

fn found(before: &Value, after: &Value, mut report: Report) -> Vec<Change> {
    project::record(before, after, &mut report);
    if report.changes.is_empty() && !report.view.is_empty() {
        report.changes.push(Change::View { fields: std::mem::take(&mut report.view) });
    }
    if report.changes.is_empty() && report.ids > 0 {
        report.changes.push(Change::Ids { count: report.ids });
    }
    if report.changes.is_empty() && report.covered > 0 {
        report.fields("", None, Some(before), Some(after));
    }
    report.changes
}
