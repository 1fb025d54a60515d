//! May the answer to one request be given for another? Two requests in, a decision out; nothing
//! here reads a store or runs a model.
//!
//! [`Reading::of`] reads a request once: its lexemes (`lex.rs`) without politeness become tokens
//! (`token.rs`), compared as words (`words.rs`, `lexicon.rs`, `grammar.rs`) or as facts (`facts/`,
//! one file per family). [`compare`] lays two readings side by side (`align.rs`, `order.rs`, `exchange.rs`),
//! lists what differs (`differences.rs`) and decides (`rules.rs`): near-copies must be explained to
//! the last word (`small.rs`, `wording.rs`, `forms.rs`); between reworded requests another number, key, context or language decides, and
//! everything else is evidence for the pair model. How to add a family: `docs/guard.md`.

mod align;
mod context;
mod differences;
mod embedded;
mod exchange;
mod facts;
mod forms;
mod grammar;
mod lex;
mod lexicon;
mod order;
mod politeness;
mod reading;
mod rounding;
mod rules;
mod small;
mod token;
mod wording;
mod words;

pub use reading::{Fact, Reading};
pub use rules::{Reason, Verdict, compare};
