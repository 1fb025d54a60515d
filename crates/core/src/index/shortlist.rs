//! A search through the signs: a look at the signs of all, then a closer one at those most alike.

use std::collections::HashSet;

use super::allow::Reach;
use super::exact::{Candidate, Query, prefetch};
use super::flat::Flat;

/// Slots looked at closer by a search for [`USUAL_LIMIT`] rows at most, until the first probe.
pub(super) const LENGTH: usize = 512;
/// A search for more rows looks at as many more.
const USUAL_LIMIT: usize = 40;
/// Those that recall is measured by.
const NEAREST: usize = 10;
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

/// The slots on a list of about `length` that `admits` lets through, with their similarity, best first. None
/// when the list would be as good as everything.
///
/// It is made longer as long as one of the nearest lies outside its inner quarter: there may be more behind it. So
/// it is where nothing is near, because what is allowed lies elsewhere.
pub(super) fn listed(
    flat: &Flat,
    query: &Query,
    length: usize,
    admits: impl Fn(usize) -> bool,
) -> Option<Vec<(f32, u32)>> {
    let mut length = length;
    loop {
        let mut list = flat.signs.nearest(query.bytes(), length)?;
        let listed = list.slots.len();
        list.slots.retain(|slot| admits(*slot as usize));
        let ranked = ranked(flat, query, &list.slots);
        let mut nearest = ranked.iter().take(NEAREST);
        let is_long = listed >= LONGEST;
        if is_long
            || nearest.len() == NEAREST
                && !nearest.any(|(_, slot)| flat.signs.is_outer(&list, *slot))
        {
            return Some(ranked);
        }
        length *= 2;
    }
}

/// Slots with their similarity, best first.
fn ranked(flat: &Flat, query: &Query, slots: &[u32]) -> Vec<(f32, u32)> {
    let mut ahead = slots.iter().skip(AHEAD);
    let mut ranked: Vec<(f32, u32)> = slots
        .iter()
        .map(|slot| {
            if let Some(soon) = ahead.next() {
                prefetch(flat.vector(*soon as usize));
            }
            (query.similarity(flat, *slot as usize), *slot)
        })
        .collect();
    ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ranked
}

/// The first `limit` rows of ranked slots, each with the nearest of all its vectors.
fn best(flat: &Flat, query: &Query, ranked: Vec<(f32, u32)>, limit: usize) -> Vec<Candidate> {
    let mut seen = HashSet::new();
    let rows =
        ranked.into_iter().map(|(_, slot)| flat.row(slot as usize)).filter(|row| seen.insert(*row));
    let mut found: Vec<Candidate> = rows
        .take(limit)
        .filter_map(|row| Some(Candidate { row, similarity: query.best(flat, flat.span(row)?) }))
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
