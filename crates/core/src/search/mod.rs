//! How candidates become hits.
//!
//! Here: the request (`query.rs`), exact scores of candidates from stored vectors (`rescore.rs`),
//! and the blend of meaning and keywords (`fuse.rs`); the words looked for (`words.rs`);
//! a question with all its candidates, to see places (`tried.rs`).
//! Not here: where candidates come from (`index/`, `store/keyword.rs`) and their order of work
//! (`memory/find.rs`).

mod fuse;
mod query;
mod rescore;
mod tried;
mod words;

pub(crate) use fuse::{Candidate, keyword_scale};
pub use query::{Mode, Query, SearchOptions, TokenParts};
pub(crate) use rescore::{Meaning, dot, rescore, rescore_best, rescore_small};
pub(crate) use tried::Tried;
pub(crate) use words::Words;
