//! Which habits does this user have? Counted, dated facts that fade; states that are superseded.
//!
//! Here, all of it on plain data: what may be observed (`observation.rs`, `given.rs`, `check.rs`), the facts in it
//! (`facts.rs`), how their weight fades (`fade.rs`), what is usual (`usual.rs`), the Studio's
//! `MixxRecallData` (`context.rs`), the text a model sees (`prompt.rs`), why something is said
//! (`explain.rs`, `day.rs`), and which facts a caller means (`selector.rs`). `docs/recall.md` tells it to users.
//! Not here: tables (`store/preferences*.rs`), the order of work (`memory/recall.rs`).

mod check;
mod context;
mod day;
mod explain;
mod fact;
mod facts;
mod fade;
mod given;
mod observation;
mod options;
mod prompt;
mod selector;
mod usual;

pub use context::{PresetName, RecallData, RecentProject};
pub use explain::{Former, RecallExplanation, SeenIn};
pub use fact::{Project, RecallFact};
pub use fade::HALF_LIFE_DAYS;
pub use observation::{Observation, Preset};
pub use options::{HistoryOptions, PromptOptions, ReadOptions, ScopeOption, SimilarOptions};
pub use selector::Selector;

pub(crate) use check::check_time;
pub(crate) use context::{context, recent};
pub(crate) use explain::explain;
pub(crate) use fact::kept;
pub(crate) use facts::{sightings, spelling, without};
pub(crate) use fade::faded;
pub(crate) use prompt::{Telling, said_of_data, said_of_facts, within};
