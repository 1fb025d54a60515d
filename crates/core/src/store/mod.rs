//! Where is a memory kept? In one SQLite file, the truth of everything.
//!
//! Here: the file (`database.rs`, `schema.rs`, `probe.rs`), one writer that commits for all threads
//! (`writer.rs`), readers side by side (`readers.rs`), memories and their memory tokens, keyword
//! search, filters, what the index has to read (`changes.rs`), `verify` and `repair`; the answers
//! of the cache (`responses*.rs`, `response_*.rs`); versions of projects (`snapshots*.rs`); moving
//! memories between tiers (`tiers*.rs`).
//! Not here: how memory tokens are made (`model/`), how they are found by meaning (`index/`).
//! No SQL is written outside this folder.

mod access;
mod calls;
mod changes;
mod claims;
mod condition;
mod database;
mod errors;
mod filter;
mod handle;
mod keyword;
mod memories;
mod partitions;
mod preferences;
mod preferences_check;
mod preferences_erase;
mod preferences_read;
mod preferences_states;
mod preferences_unlearn;
mod probe;
mod readers;
mod records;
mod reencode;
mod repair;
mod response_changes;
mod response_counts;
mod response_learning;
mod response_put;
mod responses;
mod responses_schema;
mod rows;
mod schema;
mod scrub;
mod separators;
mod snapshot_buffers;
mod snapshots;
mod snapshots_audio;
mod snapshots_check;
mod snapshots_features;
mod snapshots_prune;
mod snapshots_read;
mod snapshots_schema;
mod snapshots_states;
mod stats;
mod survey;
#[cfg(test)]
mod testing;
mod text;
mod tiers;
mod tiers_pack;
mod tiers_schema;
mod tiers_warm;
mod types;
mod vectors;
mod verify;
mod word_trial;
mod worker;
mod writer;

pub(crate) use access::now_ms;
pub use changes::{Changes, VectorChange};
pub use condition::{Literal, Test, Where};
pub use handle::Store;
pub use keyword::Matching;
pub use preferences::{Learned, NewObservation, Sighting, Superseded};
pub use preferences_erase::{Erasure, Left, Rewritten};
pub use preferences_read::{Evidence, FactRow, Interval, ObservationRow};
pub use reencode::{Reencode, ReencodeReport, Reencoded};
pub use repair::RepairReport;
pub use response_changes::Invalidation;
pub use response_counts::ResponseTotals;
pub use response_learning::{Bar, EvidenceRow};
pub use response_put::{NewResponse, Put, ResponseLimits};
pub use responses::Response;
pub use snapshot_buffers::NewBuffer;
pub use snapshots::{Kept, NewNote, NewState, NewVersion, VersionState};
pub use snapshots_features::{SnapshotsStamp, WantedVersions};
pub use snapshots_prune::{MemoryAnew, NoteAnew, ProjectGraph, Retold};
pub use snapshots_read::{BranchRow, ProjectRow, VersionFilter, VersionRow};
pub use snapshots_states::StateRow;
pub use stats::{KindStats, Sizes, StoreStats};
pub use survey::{Day, Lengths, Sampled, Survey};
pub(crate) use text::packed_bytes;
pub use tiers::{Moved, TierMove, TierRow};
pub use types::{
    Change, Durability, Filter, Listing, ModelId, NewMemory, Record, Retention, Scope, ScopeFilter,
    StoreOptions, Tier,
};
pub use vectors::TokenBlob;
pub(crate) use word_trial::WordTrial;
