//! A search through the signs: a look at the signs of all, then a closer one at those most alike.

use std::collections::HashSet;

use super::allow::Reach;
use super::exact::{Candidate, Query, prefetch};
use super::flat::Flat;
use super::popcount::Near;

/// Slots looked at closer by a search for [`USUAL_LIMIT`] rows at most, until the first probe.
pub(super) const LENGTH: usize = 512;
/// A search for more rows looks at as many more.
const USUAL_LIMIT: usize = 40;
/// Those that recall is measured by.
const NEAREST: usize = 10;
/// What lies in the inner part of a list, one in so many, is surely on it.
const INNER: usize = 4;
/// A list is not made longer than this, in slots.
const LONGEST: usize = 1 << 15;
/// How many vectors ahead to fetch: those of a list lie anywhere.
const AHEAD: usize = 6;

/// How many slots a search for `limit` rows looks at closer, when one for few looks at `length`.
pub(super) fn length_for(length: usize, limit: usize) -> usize {
    length * limit.max(USUAL_LIMIT) / USUAL_LIMIT
}

/// The best `limit` of the allowed rows on a list of about `length` slots. None when they are fewer
/// than asked for, or when the list would be as good as everything: then a scan is to have the word.
pub(super) fn search(
    flat: &Flat,
    query: &Query,
    reach: &Reach,
    length: usize,
    limit: usize,
) -> Option<Vec<Candidate>> {
    let mut wanted = length_for(length, limit) * flat.slots() / reach.vectors.max(1);
    let everything = reach.admits_all(flat);
    // Rows of many vectors fill a list with themselves: then it is made longer.
    loop {
        let ranked = listed(flat, query, wanted, |slot| everything || reach.admits(flat, slot))?;
        let found = best(flat, query, ranked, limit);
        if found.len() >= limit {
            return Some(found);
        }
        wanted *= 4;
    }
}

/// The slots on a list of about `length` that `admits` lets through, best first. None when the list would be as
/// good as everything.
///
/// Its nearer half is looked at first. What is looked at is doubled as long as one of the nearest lies outside its
/// inner quarter: there may be more behind it. So it is where nothing is near, because what is allowed lies elsewhere.
pub(super) fn listed(
    flat: &Flat,
    query: &Query,
    length: usize,
    admits: impl Fn(usize) -> bool,
) -> Option<Vec<Ranked>> {
    let mut length = length;
    loop {
        let mut list = flat.signs.nearest(query.bytes(), length)?;
        let is_long = list.near.len() >= LONGEST;
        list.near.retain(|near| admits(near.slot as usize));
        let half = list.within(2);
        let (near, far): (Vec<Near>, Vec<Near>) =
            list.near.iter().partition(|near| near.differ <= half);
        let mut ranked = Vec::with_capacity(list.near.len());
        rank(flat, query, &near, &mut ranked);
        if lie_within(&ranked, list.within(2 * INNER)) {
            return Some(ranked);
        }
        rank(flat, query, &far, &mut ranked);
        if is_long || lie_within(&ranked, list.within(INNER)) {
            return Some(ranked);
        }
        length *= 2;
    }
}

/// A slot on a list, at which place, and in how many signs it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ranked {
    /// Less is nearer: the similarity as a number that sorts the other way, above the slot.
    place: u64,
    differ: u32,
}

impl Ranked {
    fn new(similarity: f32, near: Near) -> Ranked {
        let falling = turned(similarity.to_bits());
        Ranked { place: u64::from(falling) << 32 | u64::from(near.slot), differ: near.differ }
    }

    fn similarity(self) -> f32 {
        f32::from_bits(turned((self.place >> 32) as u32))
    }

    pub(super) fn slot(self) -> usize {
        (self.place & 0xFFFF_FFFF) as usize
    }
}

/// The bits of a float as a number that sorts the other way, and back: of positive ones all but the sign are turned,
/// for negative ones count downwards by themselves.
fn turned(bits: u32) -> u32 {
    if bits >> 31 == 1 { bits } else { !bits & 0x7FFF_FFFF }
}

/// Whether there are ten and the ten nearest differ in at most `inner` signs.
fn lie_within(ranked: &[Ranked], inner: u32) -> bool {
    ranked.get(..NEAREST).is_some_and(|nearest| nearest.iter().all(|one| one.differ <= inner))
}

/// Adds slots where they belong by their similarity.
fn rank(flat: &Flat, query: &Query, slots: &[Near], ranked: &mut Vec<Ranked>) {
    let mut ahead = slots.iter().skip(AHEAD);
    ranked.extend(slots.iter().map(|near| {
        if let Some(soon) = ahead.next() {
            prefetch(flat, soon.slot as usize);
        }
        Ranked::new(query.similarity(flat, near.slot as usize), *near)
    }));
    ranked.sort_unstable();
}

/// The first `limit` rows of ranked slots, each with the nearest of all its vectors.
fn best(flat: &Flat, query: &Query, ranked: Vec<Ranked>, limit: usize) -> Vec<Candidate> {
    let mut seen = HashSet::new();
    let first_of_row = ranked
        .into_iter()
        .filter(|one| flat.is_single(one.slot()) || seen.insert(flat.row(one.slot())));
    let mut found: Vec<Candidate> = first_of_row
        .take(limit)
        .filter_map(|one| {
            let row = flat.row(one.slot());
            let similarity = if flat.is_single(one.slot()) {
                one.similarity()
            } else {
                query.best(flat, flat.span(row)?)
            };
            Some(Candidate { row, similarity })
        })
        .collect();
    found.sort_unstable_by(Candidate::rank);
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::index::plan::Tuning;
    use crate::index::quantise::Quantised;
    use crate::index::twin::{clustered, items};
    use crate::index::{Allow, Item, Mode, VectorIndex};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn less_is_nearer(a in -1.0_f32..=1.0, b in -1.0_f32..=1.0, slot in any::<u32>()) {
            let ranked = |similarity| Ranked::new(similarity, Near { slot, differ: 7 });
            prop_assert_eq!(ranked(a).cmp(&ranked(b)), b.total_cmp(&a));
            prop_assert_eq!((ranked(a).similarity(), ranked(a).slot()), (a, slot as usize));
        }
    }

    const DIMS: usize = 128;

    /// 4,000 rows in two partitions by turns; a list from the first on.
    fn listed() -> (VectorIndex, Vec<Vec<f32>>) {
        let mut index = VectorIndex::new(DIMS, "toy").unwrap();
        index.tuning = Tuning { list_from: 1, ..Tuning::default() };
        let vectors = clustered(4000, DIMS, 40, 5);
        index.put(&items(0, vectors.clone())).unwrap();
        while index.advance(1).unwrap() {}
        assert_eq!(index.stats().mode, Mode::Binary);
        (index, vectors)
    }

    /// How many of the best ten of a scan `index` finds, over 50 questions.
    fn agreement(index: &VectorIndex, vectors: &[Vec<f32>], allow: Allow) -> usize {
        let ten = |index: &VectorIndex, question: &[f32]| {
            let found = index.search(question, allow, 10).unwrap();
            assert_eq!(found.len(), 10);
            found.iter().map(|c| c.row).collect::<HashSet<u64>>()
        };
        let scan = VectorIndex::new(DIMS, "toy").unwrap();
        std::mem::swap(&mut *scan.gate.write(), &mut *index.gate.write());
        let all: Vec<_> = vectors.iter().step_by(80).map(|v| ten(&scan, v)).collect();
        std::mem::swap(&mut *scan.gate.write(), &mut *index.gate.write());
        let listed = vectors.iter().step_by(80).map(|v| ten(index, v));
        listed.zip(&all).map(|(one, other)| one.intersection(other).count()).sum()
    }

    #[test]
    fn it_finds_what_a_scan_finds() {
        let (index, vectors) = listed();
        let both = agreement(&index, &vectors, Allow::Partitions(&[0, 1]));
        assert!(both >= 495, "{both} of 500");
        let half = agreement(&index, &vectors, Allow::Partitions(&[1]));
        assert!(half >= 495, "{half} of 500");
        assert!(index.stats().recall.unwrap() >= 0.99);
    }

    #[test]
    fn what_is_allowed_is_found_however_far_away() {
        let (index, vectors) = listed();
        let away: Vec<f32> = vectors[0].iter().map(|v| -v).collect();
        index.put(&items(9000, vec![away; 30])).unwrap();
        let rows: HashSet<u64> = (9000..9030).collect();
        let state = index.gate.read();
        let allow = Allow::Rows { partitions: &[0, 1], rows: &rows };
        let reach = Reach::new(&state.flat, allow);
        let query = Quantised::new("q", &vectors[0]).unwrap();
        // A scan has the word then.
        assert!(search(&state.flat, &Query::new(query), &reach, LENGTH, 10).is_none());
        drop(state);
        assert_eq!(index.search(&vectors[0], allow, 40).unwrap().len(), 30);
    }

    #[test]
    fn rows_of_many_vectors_do_not_crowd_others_out() {
        let (index, vectors) = listed();
        let many = vectors[0].repeat(1500);
        index.put(&[Item { row: 7777, partition: 0, vectors: many }]).unwrap();
        let found = index.search(&vectors[0], Allow::Partitions(&[0, 1]), 10).unwrap();
        assert_eq!(found.len(), 10);
        assert!(found.iter().any(|c| c.row == 7777) && found.iter().any(|c| c.row == 0));
    }

    #[test]
    fn erased_rows_are_on_no_list() {
        let (index, vectors) = listed();
        index.remove(&(0..4000).filter(|row| row % 5 == 0).collect::<Vec<u64>>());
        let found = index.search(&vectors[5], Allow::Partitions(&[0, 1]), 40).unwrap();
        assert!(found.len() == 40 && found.iter().all(|c| c.row % 5 != 0));
    }
}
