//! What do the notes of a part say, whatever their key, tempo and grid?
//!
//! Pure: notes in, numbers out. `note.rs` is a note and how notes that begin together are grouped,
//! `grams.rs` cuts a part into short runs of intervals, chords and rhythms, `chroma.rs` is how much
//! each pitch class sounds, turned to every key, and the key that suits it best.
//! Not here: which field of a project holds notes (`snapshots/similar/read.rs`), how keys are spelt
//! (`describe/key.rs`), and what two projects have in common (`snapshots/similar/`).

mod chroma;
mod grams;
mod note;

pub(crate) use chroma::{Chroma, TonalKey};
pub(crate) use grams::{Gram, melody, rhythm};
pub(crate) use note::{Note, onsets};
