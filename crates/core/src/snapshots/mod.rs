//! How does a project keep every version, and in few bytes? Pure: texts in, differences out.
//!
//! Here: which part of a state is audio (`buffers.rs`, by `json.rs`, which notes where fields lie, `outline.rs`) and how that is stored (`pieces.rs`), how a state is told by an
//! earlier one (`delta.rs`, `frame.rs`) and by which (`chain.rs`), what callers ask for and get
//! (`options.rs`, `snapshot.rs`), a text as a value (`parse.rs`); `prune.rs` which versions a policy keeps, `changes/` what differs in words, found in what `reduced.rs` leaves of
//! two large states; `similar/` what two projects share. Not here: the tables (`store/snapshots*.rs`) and the order of work
//! (`memory/snapshots/`).

pub(crate) mod buffers;
pub(crate) mod chain;
pub mod changes;
pub(crate) mod delta;
mod frame;
mod json;
mod options;
pub(crate) mod outline;
mod parse;
pub(crate) mod pieces;
pub(crate) mod prune;
pub(crate) mod reduced;
pub mod similar;
mod snapshot;

/// A state without its audio is at most this long, in bytes.
pub(crate) const LONGEST_REST: usize = 64 << 20;

pub use chain::Place;
pub use options::{
    AsOption, BranchOptions, HistoryOptions, PrunePolicy, RestoreAs, RevertOptions, SaveOptions,
    ScopeOption, SimilarOptions, UserScope,
};
pub(crate) use options::{bad, check_name};
pub(crate) use parse::parse;
pub use snapshot::{
    Branch, ProjectSummary, PruneReport, SimilarProject, SimilarTo, Snapshot, SnapshotType,
};
