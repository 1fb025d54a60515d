//! A search through the graph, and when to give it up.

use std::cell::Cell;
use std::collections::HashSet;

use super::allow::Reach;
use super::exact::{Candidate, Query};
use super::gate::State;

/// The graph's answer and that of the vectors not in it yet. None when it has fewer rows than asked
/// for, or cannot answer: then a scan is to have the last word.
pub(super) fn walk(
    state: &State,
    query: &Query,
    reach: &Reach,
    limit: usize,
) -> Option<Vec<Candidate>> {
    let (flat, graph) = (&state.flat, state.graph.as_ref()?);
    let mut found = reach.scan(flat, query, graph.graphed(), limit);
    let in_sight = graph.in_sight(reach.vectors, flat.live(), limit);
    for count in [in_sight, in_sight.saturating_mul(4)] {
        // Two tries: rows of many vectors fill the first with themselves.
        let rows = near(state, query, reach, count)?;
        found.retain(|tail| !rows.contains(&tail.row));
        found.extend(rows.into_iter().filter_map(|row| {
            Some(Candidate { row, similarity: query.best(flat, flat.span(row)?) })
        }));
        if found.len() >= limit {
            found.sort_unstable_by(Candidate::rank);
            found.truncate(limit);
            return Some(found);
        }
    }
    None
}

/// The rows of the `count` nearest nodes that are allowed. None when usearch fails, or when so few
/// nodes are allowed that looking for them takes longer than a scan: a set of rows may lie outside
/// the partitions, which is not seen before.
fn near(state: &State, query: &Query, reach: &Reach, count: usize) -> Option<HashSet<u64>> {
    let (flat, graph) = (&state.flat, state.graph.as_ref()?);
    let patience = Cell::new(reach.vectors.max(MIN_PATIENCE));
    let slots = graph.search(query.bytes(), count, |slot| {
        patience.set(patience.get().saturating_sub(1));
        // Out of patience, everything is let through: that is how the search ends.
        patience.get() == 0 || reach.admits(flat, slot)
    });
    let slots = slots.inspect_err(|err| tracing::warn!("scanning instead: {err}")).ok()?;
    (patience.get() > 0).then(|| slots.iter().map(|slot| flat.row(*slot)).collect())
}

const MIN_PATIENCE: usize = 4096;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::index::quantise::Quantised;
    use crate::index::twin::{clustered, items, tiny};
    use crate::index::{Allow, Item};

    #[test]
    fn rows_that_lie_elsewhere_are_not_looked_for_long() {
        let index = tiny(8);
        index.put(&items(0, clustered(12_000, 8, 40, 3))).unwrap();
        while index.advance(20_000).unwrap() {}
        let rows: HashSet<u64> = (0..6000).map(|i| 2 * i + 1).chain([10]).collect();
        let (state, query) = (index.gate.read(), Quantised::new("q", &[1.0; 8]).unwrap());
        let reach = Reach::new(&state.flat, Allow::Rows { partitions: &[0], rows: &rows });
        assert!(near(&state, &Query::new(query), &reach, 9).is_none());
        drop(state);
        let found = index.search(&[1.0; 8], Allow::Rows { partitions: &[0], rows: &rows }, 9);
        assert_eq!(found.unwrap().iter().map(|c| c.row).collect::<Vec<u64>>(), [10]);
    }

    #[test]
    fn rows_of_many_vectors_do_not_crowd_others_out() {
        let index = tiny(8);
        for (row, vector) in (0..).zip(clustered(40, 8, 1, 3)) {
            index.put(&[Item { row, partition: 0, vectors: vector.repeat(30) }]).unwrap();
        }
        while index.advance(5000).unwrap() {}
        let found = index.search(&[1.0; 8], Allow::Partitions(&[0]), 40).unwrap();
        assert_eq!(found.len(), 40);
    }
}
