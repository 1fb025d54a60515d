//! Scan, shortlist or graph: decided on numbers alone.

/// The thresholds of an index; only tests change them, to reach the graph with few vectors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tuning {
    /// Fewer vectors than this are all looked at: that takes a third of a millisecond, and misses nothing.
    pub(super) list_from: usize,
    /// Fewer live vectors than this have no graph: up to here their signs are as fast, take no minutes to
    /// build and a third of the memory.
    pub(super) graph_from: usize,
    /// For each node it keeps in sight, a graph search takes as long as scanning this many vectors.
    pub(super) node_cost: usize,
    /// Fewer erased slots than this are left where they are.
    pub(super) compact_from: usize,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning { list_from: 8192, graph_from: 524_288, node_cost: 250, compact_from: 1000 }
    }
}

/// Which way a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    /// Every allowed vector is looked at.
    Scan,
    /// The signs of all are looked at, then the allowed vectors most alike in them.
    Shortlist,
    /// The graph, then the vectors that are not in it yet.
    Graph,
}

/// What a search has before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// Vectors that may be found.
    pub(super) allowed: usize,
    /// Vectors that are not erased.
    pub(super) live: usize,
    /// Slots that would be looked at closer.
    pub(super) length: usize,
    /// Nodes the graph would keep in sight, and slots that are not in it; none without one.
    pub(super) graph: Option<(usize, usize)>,
}

/// Looking at the signs of a vector, to looking at the vector.
const SIGNS_COST: f64 = 0.035;
/// Asking whether a slot on the list is allowed.
const ASK_COST: f64 = 0.3;
/// Looking at the vector of a slot on the list, which may lie anywhere, and ranking it.
const CLOSER_COST: f64 = 6.0;

impl Tuning {
    /// The cheapest way, where one is a vector looked at in a scan. A scan of half the vectors takes
    /// half as long, a list of which half is allowed is twice as long, a graph search that may return half the
    /// nodes takes four times as long.
    pub(super) fn plan(&self, sizes: Sizes) -> Plan {
        let (allowed, live) = (sizes.allowed as f64, sizes.live as f64);
        let share = allowed / live.max(1.0);
        let mut cheapest = (Plan::Scan, allowed);
        if sizes.allowed >= self.list_from {
            let length = sizes.length as f64;
            let list = live * SIGNS_COST + length / share * ASK_COST + length * CLOSER_COST;
            cheapest = cheaper(cheapest, (Plan::Shortlist, list));
        }
        if let Some((in_sight, tail)) = sizes.graph {
            let walk = self.node_cost as f64 * in_sight as f64;
            let graph = walk / (share * share) + tail as f64 * share;
            cheapest = cheaper(cheapest, (Plan::Graph, graph));
        }
        cheapest.0
    }

    /// A quarter erased: the graph walks through them in vain, and their room is worth having.
    pub(super) fn should_compact(&self, dead: usize, slots: usize) -> bool {
        dead > self.compact_from && dead * 4 > slots
    }
}

fn cheaper(one: (Plan, f64), other: (Plan, f64)) -> (Plan, f64) {
    if other.1 < one.1 { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(allowed: usize, live: usize, graph: Option<(usize, usize)>, plan: Plan) {
        let sizes = Sizes { allowed, live, length: 400, graph };
        assert_eq!(Tuning::default().plan(sizes), plan, "{sizes:?}");
    }

    #[test]
    fn the_cheapest_of_the_three() {
        check(8000, 8000, None, Plan::Scan);
        check(10_000, 10_000, None, Plan::Shortlist);
        check(100_000, 100_000, None, Plan::Shortlist);
        check(12_500, 100_000, None, Plan::Shortlist);
        check(8000, 100_000, None, Plan::Scan);
        check(1_000_000, 1_000_000, Some((96, 0)), Plan::Graph);
        check(1_000_000, 1_000_000, Some((96, 900_000)), Plan::Shortlist);
        check(500_000, 1_000_000, Some((96, 0)), Plan::Shortlist);
        check(30_000, 1_000_000, Some((96, 0)), Plan::Scan);
        check(0, 100_000, None, Plan::Scan);
        check(0, 0, None, Plan::Scan);
    }

    #[test]
    fn a_quarter_and_a_thousand() {
        let should = |dead, slots| Tuning::default().should_compact(dead, slots);
        assert!(should(1001, 4000));
        assert!(!should(1001, 4004));
        assert!(!should(1000, 1000));
    }
}
