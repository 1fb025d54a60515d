//! What callers see of a version, a branch, a project.

use serde::{Deserialize, Serialize};

use super::similar::Parts;
use crate::store::Scope;

/// Who caused a version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SnapshotType {
    /// The Studio, by itself.
    Auto,
    /// The user.
    #[default]
    Manual,
    /// The user, to keep.
    Milestone,
}

impl SnapshotType {
    /// Its number in the file.
    pub(crate) fn number(self) -> i64 {
        self as i64
    }

    /// The type with this number.
    pub(crate) fn from_number(number: i64) -> Option<SnapshotType> {
        let all = [SnapshotType::Auto, SnapshotType::Manual, SnapshotType::Milestone];
        all.into_iter().find(|one| one.number() == number)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            SnapshotType::Auto => "auto",
            SnapshotType::Manual => "manual",
            SnapshotType::Milestone => "milestone",
        }
    }
}

/// A version of a project.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Its id.
    pub id: String,
    /// The project.
    pub project: String,
    /// Its name.
    pub name: Option<String>,
    /// Who caused it.
    pub r#type: SnapshotType,
    /// The branch it is on.
    pub branch: String,
    /// The id of the version it was made from; none for a first one.
    pub parent: Option<String>,
    /// Its tags, sorted.
    pub tags: Vec<String>,
    /// When it was made, in milliseconds since 1970.
    pub created_at: i64,
    /// UTF-8 bytes of its state.
    pub bytes: u64,
    /// Bytes stored for what differs from an earlier state; 0 when it equals one.
    pub stored_bytes: u64,
    /// BLAKE3 of the text of its state, in hex.
    pub hash: String,
    /// What changed against its parent; empty when nothing did, or not told yet.
    pub summary: String,
    /// How many changes there are.
    pub changes: u64,
    /// Whose it is.
    pub scope: Scope,
}

/// A line of versions of a project.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// The id of its newest version, or of the one it begins at; none before the first.
    pub head: Option<String>,
    /// The id of the version it begins at; none for the first branch.
    pub from: Option<String>,
    /// Versions on it.
    pub snapshots: u64,
}

/// What is kept of a project.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectSummary {
    /// Its name.
    pub project: String,
    /// Versions.
    pub snapshots: u64,
    /// Branches.
    pub branches: u64,
    /// UTF-8 bytes of all states.
    pub bytes: u64,
    /// Bytes of the file that restoring them needs: differences, key frames, audio, rows.
    pub stored_bytes: u64,
    /// When the first version was made, in milliseconds since 1970.
    pub first_at: i64,
    /// When the last version was made, in milliseconds since 1970.
    pub last_at: i64,
}

/// What pruning removed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PruneReport {
    /// The ids of the versions that are gone, oldest first.
    pub removed: Vec<String>,
    /// Versions that stay.
    pub kept: u64,
    /// Bytes that restoring needed and that are free now. Removing a version can make another one
    /// dearer, so it may be less than those had; never below 0. Of a dry run: what those take.
    pub freed_bytes: u64,
}

/// What projects are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SimilarTo {
    /// The version with this id; its own project is left out.
    Version(String),
    /// The JSON text of a state.
    State(String),
}

/// A project that is like another, by its version that is most like it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimilarProject {
    /// The id of the version.
    pub id: String,
    /// The project.
    pub project: String,
    /// 0 to 1: nothing in common, or the same in every part.
    pub score: f32,
    /// What the score is made of.
    pub parts: Parts,
    /// Plugins that both use, sorted.
    pub shared_plugins: Vec<String>,
    /// Its key, as it says or as its notes suggest: "A minor".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its beats per minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bpm: Option<f32>,
    /// Semitones by which it lies above what was asked for, -5 to 6, where they share notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transposed: Option<i8>,
    /// What they have in common, in a sentence.
    pub why: String,
}
