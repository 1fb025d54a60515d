//! Which rows a partition has, so that a search need not look at those of others.

use std::collections::HashMap;
use std::ops::Range;

/// The neighbouring slots of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    first: u32,
    count: u32,
}

impl Span {
    pub(super) fn new(first: u32, count: u32) -> Span {
        Span { first, count }
    }

    pub(super) fn first(self) -> usize {
        self.first as usize
    }

    pub(super) fn count(self) -> usize {
        self.count as usize
    }

    pub(super) fn slots(self) -> Range<usize> {
        self.first()..self.first() + self.count()
    }
}

/// The rows of one partition in the order of their slots. Erased ones stay in the list for a while.
#[derive(Default)]
struct Partition {
    live_vectors: usize,
    live_rows: usize,
    spans: Vec<Span>,
}

/// The rows of every partition.
#[derive(Default)]
pub(super) struct Members(HashMap<u32, Partition>);

impl Members {
    /// Vectors and rows of a partition that are not erased.
    pub(super) fn counts(&self, partition: u32) -> (usize, usize) {
        self.0.get(&partition).map_or((0, 0), |p| (p.live_vectors, p.live_rows))
    }

    /// Those with a slot at or after `from`, erased ones among them.
    pub(super) fn spans_from(&self, partition: u32, from: usize) -> &[Span] {
        let spans = self.0.get(&partition).map_or(&[][..], |p| &p.spans);
        &spans[spans.partition_point(|span| span.slots().end <= from)..]
    }

    /// The span lies after every other of the partition.
    pub(super) fn add(&mut self, partition: u32, span: Span) {
        let partition = self.0.entry(partition).or_default();
        partition.spans.push(span);
        partition.live_vectors += span.count();
        partition.live_rows += 1;
    }

    /// Counts a span out. When half of the list is erased, it is cut down to what `keeps` tells.
    pub(super) fn remove(&mut self, number: u32, span: Span, keeps: impl Fn(&Span) -> bool) {
        let Some(partition) = self.0.get_mut(&number) else { return };
        partition.live_vectors -= span.count();
        partition.live_rows -= 1;
        if partition.live_rows == 0 {
            self.0.remove(&number);
        } else if partition.spans.len() > 2 * partition.live_rows + 8 {
            partition.spans.retain(keeps);
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.0.values().map(|partition| partition.spans.capacity() * size_of::<Span>()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_found_by_their_last_slot() {
        let mut members = Members::default();
        for (first, count) in [(0, 2), (5, 3), (9, 1)] {
            members.add(7, Span::new(first, count));
        }
        let from = |slot| members.spans_from(7, slot).first().map(|span| span.first());
        assert_eq!([from(0), from(1), from(2), from(7)], [Some(0), Some(0), Some(5), Some(5)]);
        assert_eq!([from(8), from(9), from(10)], [Some(9), Some(9), None]);
        assert_eq!((members.counts(7), members.counts(8)), ((6, 3), (0, 0)));
    }

    #[test]
    fn a_list_does_not_grow_with_every_change() {
        let mut members = Members::default();
        members.add(7, Span::new(0, 1));
        for first in 1..500 {
            members.add(7, Span::new(first, 1));
            members.remove(7, Span::new(first - 1, 1), |span| span.first() == first as usize);
        }
        assert_eq!(members.counts(7), (1, 1));
        assert!(members.spans_from(7, 0).len() < 20);
        members.remove(7, Span::new(499, 1), |_| false);
        assert!(members.spans_from(7, 0).is_empty());
    }
}
