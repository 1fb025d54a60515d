//! Every vector, one slot after the other. Slots are only appended; erased ones are zeroed at once
//! and given back by [`Flat::compacted`].

use std::collections::HashMap;

use super::members::{Members, Span};
use super::quantise::Quantised;
use super::signs::Signs;
use crate::error::{Error, Result};

/// Vectors by slot, and where each row and partition has its slots.
pub(super) struct Flat {
    dims: usize,
    pub(super) vectors: Vec<i8>,
    pub(super) signs: Signs,
    /// 0 marks an erased slot: no vector that may be put has length 0.
    pub(super) inverse_norms: Vec<f32>,
    pub(super) rows: Vec<u64>,
    pub(super) partitions: Vec<u32>,
    pub(super) spans: HashMap<u64, Span>,
    members: Members,
    live: usize,
}

impl Flat {
    pub(super) fn new(dims: usize) -> Flat {
        Flat {
            dims,
            vectors: Vec::new(),
            signs: Signs::new(dims),
            inverse_norms: Vec::new(),
            rows: Vec::new(),
            partitions: Vec::new(),
            spans: HashMap::new(),
            members: Members::default(),
            live: 0,
        }
    }

    pub(super) fn dims(&self) -> usize {
        self.dims
    }

    /// Slots, erased ones included.
    pub(super) fn slots(&self) -> usize {
        self.rows.len()
    }

    /// Vectors that can be found.
    pub(super) fn live(&self) -> usize {
        self.live
    }

    pub(super) fn dead(&self) -> usize {
        self.slots() - self.live
    }

    pub(super) fn live_rows(&self) -> usize {
        self.spans.len()
    }

    pub(super) fn vector(&self, slot: usize) -> &[i8] {
        &self.vectors[slot * self.dims..(slot + 1) * self.dims]
    }

    pub(super) fn inverse_norm(&self, slot: usize) -> f32 {
        self.inverse_norms[slot]
    }

    /// Whether the slot exists and was not erased.
    pub(super) fn is_live(&self, slot: usize) -> bool {
        self.inverse_norms.get(slot).is_some_and(|norm| *norm > 0.0)
    }

    pub(super) fn row(&self, slot: usize) -> u64 {
        self.rows[slot]
    }

    pub(super) fn partition(&self, slot: usize) -> u32 {
        self.partitions[slot]
    }

    pub(super) fn all_rows(&self) -> impl Iterator<Item = u64> {
        self.spans.keys().copied()
    }

    pub(super) fn span(&self, row: u64) -> Option<Span> {
        self.spans.get(&row).copied()
    }

    /// Whether the slots beside this one belong to other rows: then it is all that its row has.
    pub(super) fn is_single(&self, slot: usize) -> bool {
        let row = Some(&self.rows[slot]);
        self.rows.get(slot + 1) != row && (slot == 0 || self.rows.get(slot - 1) != row)
    }

    /// Vectors and rows of a partition that can be found.
    pub(super) fn counts(&self, partition: u32) -> (usize, usize) {
        self.members.counts(partition)
    }

    /// The rows of a partition that have a slot at or after `from`, in the order of their slots.
    pub(super) fn spans_from(
        &self,
        partition: u32,
        from: usize,
    ) -> impl Iterator<Item = Span> + Clone {
        let spans = self.members.spans_from(partition, from).iter().copied();
        spans.filter(|span| self.is_live(span.first()))
    }

    /// Replaces whatever `row` had.
    ///
    /// # Errors
    /// `PM_INTERNAL` past 4 billion slots.
    pub(super) fn put(&mut self, row: u64, partition: u32, vectors: &[Quantised]) -> Result<()> {
        let count = u32::try_from(vectors.len()).map_err(Error::internal)?;
        let first = u32::try_from(self.slots()).map_err(Error::internal)?;
        first.checked_add(count).ok_or_else(|| Error::internal("the vector index is full"))?;
        self.remove(row);
        for vector in vectors {
            self.vectors.extend_from_slice(&vector.bytes);
            self.signs.push(&vector.bytes);
            self.inverse_norms.push(vector.inverse_norm);
            self.rows.push(row);
            self.partitions.push(partition);
        }
        self.enlist(Span::new(first, count));
        Ok(())
    }

    /// Erases a row: its bytes are gone when this returns. Tells whether there was one.
    pub(super) fn remove(&mut self, row: u64) -> bool {
        let Some(span) = self.spans.remove(&row) else { return false };
        self.delist(span);
        let slots = span.slots();
        self.vectors[slots.start * self.dims..slots.end * self.dims].fill(0);
        slots.clone().for_each(|slot| self.signs.erase(slot));
        self.inverse_norms[slots.clone()].fill(0.0);
        self.rows[slots.clone()].fill(0);
        self.partitions[slots].fill(0);
        true
    }

    /// The same rows in the same order, without the erased slots between them.
    pub(super) fn compacted(&self) -> Flat {
        let mut flat = Flat::new(self.dims);
        flat.reserve(self.live, self.live_rows());
        let mut first = 0;
        while first < self.slots() {
            let span = self.run_at(first);
            if self.is_live(first) {
                flat.append(self, span);
            }
            first = span.slots().end;
        }
        flat
    }

    /// Bytes held, hash maps estimated.
    pub(super) fn memory_bytes(&self) -> usize {
        let slots = self.rows.capacity() * 12 + self.inverse_norms.capacity() * 4;
        let rows = self.members.memory_bytes() + self.spans.capacity() * 18;
        self.vectors.capacity() + self.signs.memory_bytes() + slots + rows
    }

    fn reserve(&mut self, slots: usize, rows: usize) {
        self.vectors.reserve_exact(slots * self.dims);
        self.signs.reserve(slots);
        self.inverse_norms.reserve_exact(slots);
        self.rows.reserve_exact(slots);
        self.partitions.reserve_exact(slots);
        self.spans.reserve(rows);
    }

    fn append(&mut self, from: &Flat, span: Span) {
        let slots = span.slots();
        let first = self.slots() as u32;
        let bytes = slots.start * self.dims..slots.end * self.dims;
        let vectors = &from.vectors[bytes];
        vectors.chunks_exact(self.dims).for_each(|vector| self.signs.push(vector));
        self.vectors.extend_from_slice(vectors);
        self.inverse_norms.extend_from_slice(&from.inverse_norms[slots.clone()]);
        self.rows.extend_from_slice(&from.rows[slots.clone()]);
        self.partitions.extend_from_slice(&from.partitions[slots]);
        self.enlist(Span::new(first, span.count() as u32));
    }

    /// The slots from `first` on that belong to the same row, or are erased like it.
    pub(super) fn run_at(&self, first: usize) -> Span {
        let (row, live) = (self.rows[first], self.is_live(first));
        let same = |slot: &usize| self.rows[*slot] == row && self.is_live(*slot) == live;
        let count = (first..self.slots()).take_while(same).count();
        Span::new(first as u32, count as u32)
    }

    pub(super) fn enlist(&mut self, span: Span) {
        let first = span.first();
        self.spans.insert(self.rows[first], span);
        self.members.add(self.partitions[first], span);
        self.live += span.count();
    }

    /// Called before the span is erased.
    fn delist(&mut self, span: Span) {
        self.live -= span.count();
        let norms = &self.inverse_norms;
        let keeps = |other: &Span| *other != span && norms[other.first()] > 0.0;
        self.members.remove(self.partitions[span.first()], span, keeps);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;

    fn vectors(values: &[[f32; 2]]) -> Vec<Quantised> {
        values.iter().map(|v| Quantised::new("v", v).unwrap()).collect()
    }

    fn sample() -> Flat {
        let mut flat = Flat::new(2);
        flat.put(1, 5, &vectors(&[[1.0, 0.0], [0.0, 1.0]])).unwrap();
        flat.put(2, 6, &vectors(&[[1.0, 1.0]])).unwrap();
        flat.put(3, 5, &vectors(&[[-1.0, 1.0]])).unwrap();
        flat
    }

    fn rows_of(flat: &Flat, partition: u32, from: usize) -> Vec<u64> {
        flat.spans_from(partition, from).map(|span| flat.row(span.slots().start)).collect()
    }

    #[test]
    fn a_row_is_found_in_its_partition_only() {
        let flat = sample();
        assert_eq!((flat.slots(), flat.live(), flat.live_rows()), (4, 4, 3));
        assert_eq!(rows_of(&flat, 5, 0), [1, 3]);
        assert_eq!(rows_of(&flat, 5, 1), [1, 3], "row 1 reaches past slot 1");
        assert_eq!(rows_of(&flat, 5, 2), [3]);
        assert_eq!(rows_of(&flat, 7, 0), [0_u64; 0]);
        assert_eq!(flat.counts(5), (3, 2));
    }

    #[test]
    fn erasing_leaves_no_byte() {
        let mut flat = sample();
        assert!(flat.remove(1) && !flat.remove(1) && !flat.remove(99));
        let (rows, partitions, bytes) = flat.columns();
        assert_eq!((rows, partitions), (&[0, 0, 2, 3][..], &[0, 0, 6, 5][..]));
        assert_eq!(bytes, [0, 0, 0, 0, 127, 127, -127, 127]);
        assert_eq!((rows_of(&flat, 5, 0), flat.dead()), (vec![3], 2));
    }

    #[test]
    fn a_second_put_replaces_and_may_move() {
        let mut flat = sample();
        flat.put(1, 6, &vectors(&[[0.5, 0.5]])).unwrap();
        assert_eq!((rows_of(&flat, 5, 0), rows_of(&flat, 6, 0)), (vec![3], vec![2, 1]));
        assert_eq!((flat.counts(5), flat.counts(6)), ((1, 1), (2, 2)));
    }

    #[test]
    fn compaction_and_columns_keep_what_lives() {
        let mut flat = sample();
        flat.remove(2);
        let compact = flat.compacted();
        assert_eq!((compact.slots(), compact.dead()), (3, 0));
        let (rows, partitions, bytes) = flat.columns();
        let read = Flat::from_columns(2, rows.into(), partitions.into(), bytes.into()).unwrap();
        for other in [&compact, &read] {
            assert_eq!((rows_of(other, 5, 0), rows_of(other, 6, 0)), (vec![1, 3], vec![]));
            assert_eq!((other.live(), other.live_rows()), (3, 2));
        }
    }
}
