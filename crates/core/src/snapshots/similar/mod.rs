//! Which projects are like this one, and why?
//!
//! Pure: states in, scores out. `read.rs` finds notes, plugins and clips in a project state,
//! `features.rs` keeps what two projects are compared by, in bags of hashed terms (`terms.rs`,
//! `words.rs`) that `codec.rs` writes as bytes. `rarity.rs` says what a term is worth, `score.rs`
//! compares two projects part by part, `why.rs` says it in a sentence, and `catalogue.rs` searches
//! thousands at once (`postings.rs`). `docs/similar.md` has weights, sizes and limits.
//! Not here: what is alike in the words of two descriptions (the text model, given as
//! [`Similarity::with_meaning`]), and where features are kept (`store/`).

mod catalogue;
mod codec;
mod features;
mod postings;
mod rarity;
mod read;
mod score;
mod terms;
mod why;
mod words;

pub use catalogue::{Catalogue, Found};
pub use features::Features;
pub use score::{Parts, Similarity};
