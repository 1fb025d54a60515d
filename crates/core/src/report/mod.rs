//! What does this store cost, and what is it worth? The figures of `report()`, and how retrieval is judged.
//!
//! Here: options (`options.rs`), the figures (`figures.rs`), bytes and their shares (`footprint.rs`), which sentence of an item asks for it
//! (`held_out.rs`), whether it comes first (`ranks.rs`), growth by day or month (`growth.rs`), CPU time
//! of this thread (`cpu.rs`). Pure, but for the clock.
//! Not here: reading the store (`store/survey.rs`) and the order of work (`memory/report/`).

mod cpu;
mod figures;
mod footprint;
mod growth;
mod held_out;
mod options;
mod ranks;

pub(crate) use cpu::timed;
pub use figures::{
    Baselines, CacheMoney, EncodeCost, Footprint, HistoryFigures, KindFigures, Quality,
    RatioFigures, Retrieval, SampleFigures, TextCost,
};
pub(crate) use footprint::{Indexes, at_ratio, footprint, quotient};
pub use growth::{Bucket, Growth, GrowthPoint, Savings, SavingsPoint};
pub(crate) use growth::{growth, savings};
pub(crate) use held_out::{Item, Sort, hold_out, shared_sentences, shortened};
pub use options::ReportOptions;
pub(crate) use ranks::{Tallies, rank};
