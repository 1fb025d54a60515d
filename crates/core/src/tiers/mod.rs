//! Which memories give up precision or text, in which order, and when is it enough? Pure.
//!
//! Here: what a policy says (`policy.rs`), what goes first (`order.rs`), the list of moves and what
//! stands in its way (`plan.rs`), what is told of it (`report.rs`), the question a text is tried
//! with (`question.rs`). Not here: how bytes move (`store/tiers.rs`), when, and how a forecast is
//! measured (`memory/tiers.rs`, `memory/tiers_forecast.rs`).

mod order;
mod plan;
mod policy;
mod question;
mod report;

pub(crate) use plan::{Plan, Rules, plan};
pub(crate) use policy::SimulateOptions;
pub use policy::TierPolicy;
pub(crate) use question::question_of;
pub use report::{Amount, Kept, KindMoves, Quality, Retrieval, TierForecast, TierReport};
pub(crate) use report::{Tally, missing, why};
