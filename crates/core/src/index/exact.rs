//! The scan that misses nothing: a dot product of bytes, and the best few rows kept while passing.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::dot::Left;
use super::flat::Flat;
use super::members::Span;
use super::quantise::Quantised;

/// A row and how near it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The row as it was put.
    pub row: u64,
    /// Cosine between the query and the nearest of the row's vectors, both as bytes: -1 to 1, off by
    /// about 0.01 from the cosine of the floats.
    pub similarity: f32,
}

impl Candidate {
    /// Best first; of equals, the lower row.
    pub(super) fn rank(&self, other: &Candidate) -> Ordering {
        other.similarity.total_cmp(&self.similarity).then(self.row.cmp(&other.row))
    }
}

/// A query ready for dot products.
pub(super) struct Query {
    left: Left,
    inverse_norm: f32,
}

impl Query {
    pub(super) fn new(quantised: Quantised) -> Query {
        Query { left: Left::new(quantised.bytes), inverse_norm: quantised.inverse_norm }
    }

    pub(super) fn bytes(&self) -> &[i8] {
        self.left.bytes()
    }

    /// Cosine to the vector of a slot; 0 for an erased one.
    pub(super) fn similarity(&self, flat: &Flat, slot: usize) -> f32 {
        let dot = self.left.dot(flat.vector(slot)) as f32;
        (dot * self.inverse_norm * flat.inverse_norm(slot)).clamp(-1.0, 1.0)
    }

    /// Cosine to the nearest of a row's vectors.
    pub(super) fn best(&self, flat: &Flat, span: Span) -> f32 {
        span.slots().map(|slot| self.similarity(flat, slot)).fold(-1.0, f32::max)
    }
}

/// The best `limit` candidates seen so far.
pub(super) struct Best {
    limit: usize,
    /// The worst on top.
    kept: BinaryHeap<Worst>,
    /// What a newcomer must reach.
    floor: f32,
}

impl Best {
    pub(super) fn new(limit: usize) -> Best {
        Best { limit, kept: BinaryHeap::new(), floor: f32::NEG_INFINITY }
    }

    pub(super) fn offer(&mut self, row: u64, similarity: f32) {
        if similarity >= self.floor && self.limit > 0 {
            self.keep(Worst(Candidate { row, similarity }));
        }
    }

    fn keep(&mut self, newcomer: Worst) {
        self.kept.push(newcomer);
        if self.kept.len() > self.limit {
            self.kept.pop();
        }
        if self.kept.len() == self.limit {
            self.floor = self.kept.peek().map_or(self.floor, |worst| worst.0.similarity);
        }
    }

    /// Best first.
    pub(super) fn into_sorted(self) -> Vec<Candidate> {
        self.kept.into_sorted_vec().into_iter().map(|worst| worst.0).collect()
    }
}

/// Ordered by [`Candidate::rank`], so that the top of a heap is the worst.
struct Worst(Candidate);

impl Ord for Worst {
    fn cmp(&self, other: &Worst) -> Ordering {
        self.0.rank(&other.0)
    }
}

impl PartialOrd for Worst {
    fn partial_cmp(&self, other: &Worst) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Worst {
    fn eq(&self, other: &Worst) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Worst {}

/// Has the CPU fetch what [`Query::similarity`] reads: rows of one partition may lie far apart.
pub(super) fn prefetch(flat: &Flat, slot: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        for line in flat.vector(slot).chunks(64) {
            // SAFETY: a prefetch changes no value, and the address is that of a slice.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr()) };
        }
        let norm: *const f32 = &raw const flat.inverse_norms[slot];
        // SAFETY: as above.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(norm.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (flat, slot);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn best_is_sort_and_cut(scores in prop::collection::vec(-3_i8..=3, 0..40), limit in 0_usize..12) {
            let all: Vec<Candidate> = (0..).zip(&scores)
                .map(|(row, s)| Candidate { row, similarity: f32::from(*s) / 3.0 }).collect();
            let mut best = Best::new(limit);
            for c in &all {
                best.offer(c.row, c.similarity);
            }
            let mut sorted = all.clone();
            sorted.sort_by(Candidate::rank);
            sorted.truncate(limit);
            prop_assert_eq!(best.into_sorted(), sorted);
        }
    }

    #[test]
    fn similarity_is_the_cosine() {
        let mut flat = Flat::new(4);
        let put = |v: [f32; 4]| vec![Quantised::new("v", &v).unwrap()];
        flat.put(7, 0, &put([1.0, 0.0, 0.0, 0.0])).unwrap();
        flat.put(8, 0, &put([1.0, 1.0, 0.0, 0.0])).unwrap();
        flat.put(9, 0, &put([-2.0, 0.0, 0.0, 0.0])).unwrap();
        let query = Query::new(Quantised::new("q", &[3.0, 0.0, 0.0, 0.0]).unwrap());
        for (slot, cosine) in [(0, 1.0), (1, 0.5_f32.sqrt()), (2, -1.0)] {
            assert!((query.similarity(&flat, slot) - cosine).abs() < 1e-6, "slot {slot}");
        }
    }
}
