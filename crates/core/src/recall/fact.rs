//! A fact and a project as a caller sees them.

use serde::Serialize;
use serde_json::Value;

use super::fade::faded;
use super::observation::Observation;
use crate::describe::key::Key;
use crate::error::{Error, Result};
use crate::store::{FactRow, ObservationRow};

/// Something known of a user, counted and dated.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecallFact {
    /// Its name, such as `bpm:128`; of a state, such as `lufs`, the same whatever its value.
    pub key: String,
    /// `project`, `genre`, `bpm`, `key`, `lufs`, `plugin`, `preset`, `setting`, `favourite`, or the
    /// caller's own.
    pub category: String,
    /// The value as last given.
    pub value: Value,
    /// How many observations held it.
    pub count: u64,
    /// The same count, each sighting faded by its age.
    pub weight: f64,
    /// When it was first seen, in milliseconds since 1970.
    pub first_at: i64,
    /// When it was last seen, in milliseconds since 1970.
    pub last_at: i64,
    /// Since when it is so; of a state, since when this value is valid.
    pub valid_from: i64,
    /// Until when a state had this value; none while it has.
    pub valid_to: Option<i64>,
}

impl RecallFact {
    /// A stored fact as it looks at `at`.
    pub(crate) fn new(row: FactRow, at: i64) -> RecallFact {
        let (valid_from, valid_to) = row.valid.unwrap_or((row.first_at, None));
        RecallFact {
            weight: faded(row.weight, at - row.last_at),
            key: row.key,
            category: row.category,
            value: row.value,
            count: row.count,
            first_at: row.first_at,
            last_at: row.last_at,
            valid_from,
            valid_to,
        }
    }

    /// A text in its value.
    pub(super) fn text(&self, name: &str) -> &str {
        self.value.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// One entry of the project history.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// Its name, when it was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Its first genre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub genre: Option<String>,
    /// All of them, when there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub genres: Vec<String>,
    /// Beats per minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bpm: Option<Value>,
    /// Its first key, as it was given; a scale given beside a single one belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// LUFS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lufs: Option<Value>,
    /// When it was seen, in milliseconds since 1970.
    pub at: i64,
    /// The id of the memory made from it, unless that was forgotten.
    pub memory: Option<String>,
}

impl Project {
    pub(crate) fn new(row: ObservationRow) -> Result<Project> {
        use crate::describe::number::json;
        let seen = kept(&row.data)?;
        let key = said_key(&seen);
        Ok(Project {
            project: seen.project,
            genre: seen.genre.first().cloned(),
            genres: if seen.genre.len() > 1 { seen.genre } else { Vec::new() },
            bpm: seen.bpm.map(json),
            key,
            lufs: seen.lufs.map(json),
            at: row.at,
            memory: row.memory,
        })
    }
}

/// A scale that the key itself says is not said twice, and one that contradicts it is not said.
fn said_key(seen: &Observation) -> Option<String> {
    let first = seen.key.first()?;
    let with = |scale| Key::of(first, Some(scale));
    let has_scale = with("major").is_some() && with("major") == with("minor");
    let scale = seen.scale.as_ref().filter(|_| seen.key.len() == 1 && !has_scale);
    Some(scale.map_or_else(|| first.clone(), |scale| format!("{first} {scale}")))
}

/// An observation as it was kept.
pub(crate) fn kept(data: &str) -> Result<Observation> {
    let corrupt = |err| Error::StoreCorrupt { reason: format!("an observation: {err}") };
    serde_json::from_str(data).map_err(corrupt)
}
