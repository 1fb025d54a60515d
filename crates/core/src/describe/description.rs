//! The one entry of this room.

use serde_json::{Map, Value};

use super::record::Field;
use super::{generic, music, recall, snapshot};
use crate::error::Result;

/// Most characters of a description, whatever its source: about 1,500 text tokens.
pub const MAX_TEXT_CHARS: usize = 6_000;

/// What a record says, in words and in facts.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// English, most telling facts first, one subject a line, 1 to [`MAX_TEXT_CHARS`] characters.
    pub text: String,
    /// The exact facts worth filtering by: `bpm` as a number, `key` in one spelling, `plugins` as a
    /// list… Which there are, per kind, is listed in `docs/describe.md`.
    pub metadata: Map<String, Value>,
}

/// The text and the facts of `data`, a record of the Studio.
///
/// `kind` is `"mixx_recall"`, `"project_snapshot"`, `"musical_context"`, `"cache"`, or the caller's
/// own; the last two are described field by field. The same data gives the same text whatever the
/// order of its keys. Missing and `null` fields are left out, a number may be given as a string.
///
/// # Errors
/// `PM_BAD_OPTION` with the path of a field of the wrong type, `PM_EMPTY_TEXT` when there is nothing
/// to say.
///
/// ```
/// let data = serde_json::json!({ "key": "A", "scale": "minor", "bpm": 81, "chord": "Dm" });
/// let described = prime_memory::describe::describe("musical_context", &data)?;
/// assert_eq!(described.text, "Musical context: 81 BPM, A minor.\nChord: Dm.");
/// assert_eq!(described.metadata["key"], "A minor");
/// # Ok::<(), prime_memory::Error>(())
/// ```
pub fn describe(kind: &str, data: &Value) -> Result<Description> {
    let data = Field::root(data);
    match kind {
        "mixx_recall" => recall::describe(&data),
        "project_snapshot" => snapshot::describe(&data),
        "musical_context" => music::describe(&data),
        _ => generic::describe(&data),
    }
}
