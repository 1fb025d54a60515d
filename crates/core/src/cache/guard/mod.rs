//! May the answer to one request be given for another? Two requests in, a decision out; nothing
//! here reads a store or runs a model.
//!
//! [`Reading::of`] reads a request once: words (`words.rs`, `lexicon.rs`) and facts (`facts/`, one
//! file per family). [`compare`] lays two readings side by side (`align.rs`) and decides
//! (`rules.rs`): near-copies must be explained to the last word, reworded requests must agree in
//! every fact and are then left to the pair model. How to add a family: `docs/guard.md`.

mod align;
mod facts;
mod lex;
mod lexicon;
mod politeness;
mod reading;
mod rules;
mod words;

pub use reading::{Fact, Reading};
pub use rules::{Reason, Verdict, compare};
