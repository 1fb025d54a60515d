//! Which rows a search may see. There is no "everything": a scope is a hard partition.

use std::collections::HashSet;

use super::exact::{Best, Candidate, Query, prefetch};
use super::flat::Flat;
use super::members::Span;

/// How many rows ahead to fetch. Every eighth of 100,000 vectors: 193 ns each without, 34 ns with 2,
/// 25 ns with 8, which is what neighbours take.
const AHEAD: usize = 8;

/// What a search may return.
#[derive(Debug, Clone, Copy)]
pub enum Allow<'a> {
    /// Every row of these partitions.
    Partitions(&'a [u32]),
    /// Those of these rows that lie in these partitions.
    Rows {
        /// The partitions.
        partitions: &'a [u32],
        /// The rows.
        rows: &'a HashSet<u64>,
    },
}

/// An [`Allow`] made ready: partitions sorted, once each.
pub(super) struct Reach<'a> {
    partitions: Vec<u32>,
    rows: Option<&'a HashSet<u64>>,
    /// About how many vectors are allowed: exact without a set of rows.
    pub(super) vectors: usize,
    /// How many rows the partitions hold.
    partition_rows: usize,
}

impl<'a> Reach<'a> {
    pub(super) fn new(flat: &Flat, allow: Allow<'a>) -> Reach<'a> {
        let (partitions, rows) = match allow {
            Allow::Partitions(partitions) => (partitions, None),
            Allow::Rows { partitions, rows } => (partitions, Some(rows)),
        };
        let mut partitions = partitions.to_vec();
        partitions.sort_unstable();
        partitions.dedup();
        let counts = partitions.iter().map(|p| flat.counts(*p));
        let (vectors, partition_rows) = counts.fold((0, 0), |sum, n| (sum.0 + n.0, sum.1 + n.1));
        let share = rows.map_or(partition_rows, |rows| rows.len().min(partition_rows));
        let vectors = (vectors * share).div_ceil(partition_rows.max(1));
        Reach { partitions, rows, vectors, partition_rows }
    }

    /// Whether every slot is live and allowed.
    pub(super) fn admits_all(&self, flat: &Flat) -> bool {
        self.rows.is_none() && self.vectors == flat.slots()
    }

    /// Whether a slot is live and allowed. Never panics: the graph asks through C++.
    pub(super) fn admits(&self, flat: &Flat, slot: usize) -> bool {
        flat.is_live(slot)
            && self.has_partition(flat.partition(slot))
            && self.rows.is_none_or(|rows| rows.contains(&flat.row(slot)))
    }

    /// The best `limit` of the allowed rows that have a slot at or after `from`, best first.
    pub(super) fn scan(
        &self,
        flat: &Flat,
        query: &Query,
        from: usize,
        limit: usize,
    ) -> Vec<Candidate> {
        match self.rows {
            // From the shorter of two lists: the wanted rows, or those of the partitions.
            Some(rows) if rows.len() < self.partition_rows => {
                let spans = rows.iter().filter_map(|row| flat.span(*row));
                let spans = spans.filter(|span| span.slots().end > from);
                pass(
                    flat,
                    query,
                    limit,
                    spans.filter(|span| self.has_partition(flat.partition(span.first()))),
                )
            }
            Some(rows) => {
                let spans = self.partitions.iter().flat_map(|p| flat.spans_from(*p, from));
                pass(
                    flat,
                    query,
                    limit,
                    spans.filter(|span| rows.contains(&flat.row(span.first()))),
                )
            }
            None => pass(
                flat,
                query,
                limit,
                self.partitions.iter().flat_map(|p| flat.spans_from(*p, from)),
            ),
        }
    }

    fn has_partition(&self, partition: u32) -> bool {
        match self.partitions.as_slice() {
            [only] => *only == partition,
            several => several.binary_search(&partition).is_ok(),
        }
    }
}

/// The best `limit` of these rows, best first.
fn pass(
    flat: &Flat,
    query: &Query,
    limit: usize,
    spans: impl Iterator<Item = Span> + Clone,
) -> Vec<Candidate> {
    let mut best = Best::new(limit);
    let mut ahead = spans.clone().skip(AHEAD);
    for span in spans {
        if let Some(soon) = ahead.next() {
            prefetch(flat, soon.first());
        }
        best.offer(flat.row(span.first()), query.best(flat, span));
    }
    best.into_sorted()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::index::quantise::Quantised;

    /// Rows 0 to 5, two vectors each, in partitions 0, 1, 2, 0, 1, 2.
    fn sample() -> Flat {
        let mut flat = Flat::new(2);
        let vectors = vec![Quantised::new("v", &[1.0, 0.5]).unwrap(); 2];
        (0..6).for_each(|row| flat.put(u64::from(row), row % 3, &vectors).unwrap());
        flat
    }

    #[track_caller]
    fn check(allow: Allow, expected: &[u64]) {
        let flat = sample();
        let reach = Reach::new(&flat, allow);
        let query = Query::new(Quantised::new("q", &[1.0, 0.0]).unwrap());
        let found: Vec<u64> = reach.scan(&flat, &query, 0, 9).iter().map(|c| c.row).collect();
        assert_eq!(found, expected);
        let mut admitted: Vec<u64> =
            (0..99).filter(|slot| reach.admits(&flat, *slot)).map(|slot| flat.row(slot)).collect();
        admitted.dedup();
        assert_eq!(admitted, expected, "the graph's filter agrees");
        assert!(reach.vectors >= expected.len() * 2);
    }

    #[test]
    fn partitions_named_twice_or_unknown() {
        check(Allow::Partitions(&[]), &[]);
        check(Allow::Partitions(&[1]), &[1, 4]);
        check(Allow::Partitions(&[2, 0, 2, 77]), &[0, 2, 3, 5]);
    }

    #[test]
    fn rows_within_partitions() {
        let check_rows = |partitions: &[u32], rows: &[u64], expected: &[u64]| {
            let rows = rows.iter().copied().collect();
            check(Allow::Rows { partitions, rows: &rows }, expected);
        };
        check_rows(&[0, 1, 2], &[5, 1], &[1, 5]);
        check_rows(&[0], &[0, 1, 2, 3, 4, 5], &[0, 3]);
        check_rows(&[0, 1], &[5, 99, 3], &[3]);
        check_rows(&[0, 1], &[], &[]);
        check_rows(&[], &[1], &[]);
    }
}
