//! Which answer is kept, for which request, and for how long? Plain values and decisions; the
//! tables are in `store/responses*.rs`, the order of work in `memory/cache/`.
//!
//! A request becomes its keys in `request.rs` (spelled in one way by `canonical.rs`), an answer its
//! price in `price.rs` and its worth in `evict.rs`; `saved.rs` names what a day saved. `guard/` decides whether two requests ask the
//! same, `budget.rs` how far that is trusted, `recall.rs` whether what was known of the user has
//! changed (`recall_words.rs` reads a text, `recall_habits.rs` finds where it points at habits), `shelf.rs` finds the nearest entries, `recent.rs` remembers the last few lookups.

mod answer;
mod budget;
mod canonical;
mod evict;
mod explain;
pub mod guard;
mod options;
mod price;
mod recall;
mod recall_habits;
mod recall_words;
mod recent;
mod request;
mod saved;
mod settings;
mod shelf;

pub use answer::CacheAnswer;
pub use budget::{Evidence, Route};
pub use explain::{By, CacheExplanation, Decision, ExplainedCandidate, ExplainedRequest};
pub use options::{
    CacheGetOptions, CacheHit, CacheKept, CacheStats, Feedback, InvalidateOptions, Match, Shadow,
};
pub use price::Price;
pub(crate) use price::cost;
pub use request::CacheRequest;
pub use settings::{CacheMode, CacheSettings};

pub(crate) use budget::trusts_entry;
pub(crate) use evict::worth;
pub(crate) use recall::changed_fact;
pub(crate) use recent::{Recent, Served, Would};
pub(crate) use request::{Asked, mark};
pub(crate) use saved::{saved_day, saved_on};
pub(crate) use settings::Settings;
pub(crate) use shelf::Shelf;
