//! What does a record of the Studio say in words? JSON in, one deterministic English text out.
//!
//! Here: [`describe`], which picks the reader of a kind: `snapshot.rs` (with `tracks.rs`,
//! `effects.rs`, `notes.rs`, `mixer.rs`, `automation.rs`), `recall.rs` (with `preset.rs`), `music.rs`,
//! and `generic.rs` for every other kind. `record.rs` reads JSON and names the path of what is wrong,
//! `draft.rs` collects lines and facts, `head.rs` is what all kinds share, `key.rs`, `number.rs` and
//! `phrase.rs` are how keys, numbers and lists are worded. `docs/describe.md` lists what is said.
//! Not here: tokens and vectors of the text (`model/`), where it is kept (`store/`), and musical
//! similarity beyond words.

mod automation;
mod description;
mod draft;
mod effects;
mod generic;
mod head;
pub(crate) mod key;
mod mixer;
mod music;
mod notes;
pub(crate) mod number;
pub(crate) mod phrase;
mod preset;
mod recall;
mod record;
mod snapshot;
mod tracks;

pub use description::{Description, MAX_TEXT_CHARS, describe};
