//! What the index tells about itself.

use serde::Serialize;

use super::gate::State;
use super::graph::Graph;
use super::plan::Plan;
use super::vector_index::VectorIndex;

/// How searches are answered at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// By looking at every allowed vector: there are few.
    Exact,
    /// By the signs of all, and a closer look at those most alike.
    Binary,
    /// More than a tenth is not in the graph yet.
    Building,
    /// By the graph, where that is faster than a scan of what is allowed.
    Graph,
}

impl Mode {
    /// The name in statistics.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Exact => "exact",
            Mode::Binary => "binary",
            Mode::Building => "building",
            Mode::Graph => "graph",
        }
    }
}

/// What is in the index, and how it works at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexStats {
    /// Rows that can be found.
    pub rows: usize,
    /// Vectors that can be found.
    pub vectors: usize,
    /// Erased vectors whose room is not yet given back.
    pub dead: usize,
    /// Slots that were moved into the graph.
    pub graphed: usize,
    /// How searches are answered.
    pub mode: Mode,
    /// Slots a search looks at closer, or nodes the graph keeps in sight; 0 where all are looked at.
    pub expansion: usize,
    /// Recall@10 against a scan, from the last probe; none without one.
    pub recall: Option<f32>,
    /// Bytes of memory, hash maps estimated.
    pub memory_bytes: usize,
}

impl VectorIndex {
    /// What is in it, and how it works at the moment.
    pub fn stats(&self) -> IndexStats {
        let state = self.gate.read();
        let (flat, graph) = (&state.flat, state.graph.as_ref());
        let mode = self.mode(&state);
        let probe = graph.map_or(state.list.map(|(probe, _)| probe), Graph::probe);
        IndexStats {
            rows: flat.live_rows(),
            vectors: flat.live(),
            dead: flat.dead(),
            graphed: state.graphed(),
            mode,
            expansion: match mode {
                Mode::Exact => 0,
                _ => graph.map_or(state.list_length(), Graph::expansion),
            },
            recall: probe.filter(|_| mode != Mode::Exact).map(|probe| probe.recall),
            memory_bytes: flat.memory_bytes() + graph.map_or(0, Graph::memory_bytes),
        }
    }

    fn mode(&self, state: &State) -> Mode {
        let live = state.flat.live();
        let grows = state.graph.is_some() || live >= self.tuning.graph_from;
        match self.plan(state, live, 1) {
            _ if grows && state.tail() * 10 > state.flat.slots() => Mode::Building,
            Plan::Graph => Mode::Graph,
            Plan::Shortlist => Mode::Binary,
            Plan::Scan => Mode::Exact,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::index::twin::{clustered, items, tiny};

    #[test]
    fn the_mode_follows_the_upkeep() {
        let index = tiny(8);
        let mode = || index.stats().mode;
        index.put(&items(0, clustered(5, 8, 2, 1))).unwrap();
        assert_eq!(mode(), Mode::Exact);
        index.put(&items(5, clustered(95, 8, 2, 2))).unwrap();
        assert_eq!(mode(), Mode::Building);
        index.advance(95).unwrap();
        assert_eq!(mode(), Mode::Graph);
        index.put(&items(100, clustered(50, 8, 2, 3))).unwrap();
        assert_eq!(mode(), Mode::Building);
        assert_eq!(
            ["exact", "building", "graph"],
            [Mode::Exact, Mode::Building, Mode::Graph].map(Mode::name)
        );
    }

    #[test]
    fn counts_and_bytes() {
        let index = VectorIndex::new(384, "toy").unwrap();
        index.put(&items(0, clustered(100, 384, 2, 1))).unwrap();
        index.remove(&[1, 2]);
        let stats = index.stats();
        assert_eq!((stats.rows, stats.vectors, stats.dead, stats.graphed), (98, 98, 2, 0));
        assert_eq!((stats.expansion, stats.recall), (0, None));
        assert!((38_400..200_000).contains(&stats.memory_bytes), "{}", stats.memory_bytes);
    }
}
