//! Scan or graph: decided on numbers alone.

/// The thresholds of an index; only tests change them, to reach the graph with few vectors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tuning {
    /// Fewer live vectors than this have no graph: up to here a scan is as fast, and misses nothing.
    pub(super) graph_from: usize,
    /// For each node it keeps in sight, a graph search takes as long as scanning this many vectors.
    pub(super) node_cost: usize,
    /// Fewer erased slots than this are left where they are.
    pub(super) compact_from: usize,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning { graph_from: 16_384, node_cost: 250, compact_from: 1000 }
    }
}

/// Which way a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    /// Every allowed vector is looked at.
    Scan,
    /// The graph, then the vectors that are not in it yet.
    Graph,
}

impl Tuning {
    /// A scan of half the vectors takes half as long, a graph search that may return half the nodes
    /// four times as long (100,000 vectors: 2.0 and 8.3 ms on a busy machine).
    pub(super) fn plan(&self, allowed: usize, live: usize, tail: usize, in_sight: usize) -> Plan {
        let share = allowed as f64 / live.max(1) as f64;
        let walk = self.node_cost as f64 * in_sight as f64;
        let graph = walk / (share * share) + tail as f64 * share;
        if graph < allowed as f64 { Plan::Graph } else { Plan::Scan }
    }

    /// A quarter erased: the graph walks through them in vain, and their room is worth having.
    pub(super) fn should_compact(&self, dead: usize, slots: usize) -> bool {
        dead > self.compact_from && dead * 4 > slots
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(allowed: usize, live: usize, tail: usize, plan: Plan) {
        assert_eq!(
            Tuning::default().plan(allowed, live, tail, 128),
            plan,
            "{allowed} of {live}, {tail} new"
        );
    }

    #[test]
    fn the_cheaper_of_the_two() {
        check(100_000, 100_000, 0, Plan::Graph);
        check(12_500, 100_000, 0, Plan::Scan);
        check(100_000, 100_000, 95_000, Plan::Scan);
        check(500_000, 1_000_000, 0, Plan::Graph);
        check(50_000, 1_000_000, 0, Plan::Scan);
        check(0, 100_000, 0, Plan::Scan);
        check(0, 0, 0, Plan::Scan);
    }

    #[test]
    fn a_quarter_and_a_thousand() {
        let should = |dead, slots| Tuning::default().should_compact(dead, slots);
        assert!(should(1001, 4000));
        assert!(!should(1001, 4004));
        assert!(!should(1000, 1000));
    }
}
