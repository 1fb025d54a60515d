//! The vector index: which rows lie nearest to a query, by meaning.
//!
//! Derived data. It is handed row ids, partitions and vectors, and knows neither SQL nor text; the
//! whole of it can be deleted and is built again from the store.
//!
//! Here: the vectors as `i8` (`flat.rs`), a scan over them that misses nothing (`exact.rs`, `dot.rs`), a look at
//! the signs of many (`signs.rs`, `popcount.rs`) and a closer one at the few most alike (`shortlist.rs`), a graph for
//! very many (`graph.rs`, `walk.rs`), which of the three answers (`plan.rs`), the upkeep in the
//! background (`upkeep.rs`, `probe.rs`) and the file (`file.rs`, `image.rs`). Not here: full precision
//! (`search/` scores the candidates again), and what a partition means.

mod allow;
mod angle;
mod aside;
mod columns;
mod dot;
mod exact;
mod file;
mod flat;
mod gate;
mod graph;
mod image;
mod links;
#[cfg(test)]
mod measure;
mod members;
mod plan;
mod popcount;
mod probe;
mod quantise;
mod shortlist;
mod signs;
mod stats;
#[cfg(test)]
mod twin;
mod upkeep;
mod vector_index;
mod walk;

pub use allow::Allow;
pub use exact::Candidate;
pub use file::{Expected, Loaded, Rejected, Stamp, is_replaceable};
pub use probe::Probe;
pub use stats::{IndexStats, Mode};
pub use vector_index::{Item, VectorIndex};
