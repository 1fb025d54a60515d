//! Which states hold a term? The exact overlap of one state with thousands, in one pass.

use super::features::{Features, SORTS};
use super::rarity::Rarity;
use super::terms::{Term, weight};

/// For each hash, the states that hold it, as runs of neighbours. States of one project lie side by
/// side, so a term that all its versions hold is one run and not a thousand entries.
#[derive(Debug, Default)]
pub(super) struct Postings {
    /// The first run of the hashes that begin with the bits of its place.
    starts: Vec<u32>,
    /// How many bits of a hash are left out in `starts`.
    shift: u32,
    runs: Vec<Run>,
    states: usize,
}

/// States in a row that hold a term equally often.
#[derive(Debug, Clone, Copy)]
struct Run {
    hash: u32,
    first: u32,
    length: u16,
    count: u8,
    bag: u8,
}

/// Steps of weight that each state shares with a query, by bag.
pub(super) type Shared = [u32; SORTS.len()];

impl Postings {
    /// Of states in their order, versions of a project side by side.
    pub(super) fn of<'a>(states: impl Iterator<Item = &'a Features>) -> Postings {
        let (mut runs, mut count) = (Vec::new(), 0);
        for features in states {
            for (bag, terms) in features.bags.iter().enumerate() {
                let run = |term: &Term| Run {
                    hash: term.hash,
                    first: count,
                    length: 1,
                    count: term.count,
                    bag: bag as u8,
                };
                runs.extend(terms.list.iter().map(run));
            }
            count += 1;
        }
        runs.sort_unstable_by_key(|run: &Run| (run.hash, run.bag, run.first));
        runs.dedup_by(|next, run| run.take(next));
        runs.shrink_to_fit();
        let bits = runs.len().max(2).ilog2().min(24); // at least 1, so that `shift` stays below 32
        let shift = 32 - bits;
        let mut starts = vec![0; (1 << bits) + 1];
        for run in &runs {
            starts[(run.hash >> shift) as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Postings { starts, shift, runs, states: count as usize }
    }

    /// States it knows, from the first.
    pub(super) fn states(&self) -> usize {
        self.states
    }

    /// Bytes of memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        self.starts.capacity() * size_of::<u32>() + self.runs.capacity() * size_of::<Run>()
    }

    /// What each state shares with `query`, in the order of states. Exactly what comparing term by
    /// term would give.
    pub(super) fn shared(&self, query: &Features, rarity: &Rarity) -> Vec<Shared> {
        // Where a run begins its weight is added, where it ends taken off; sums along the states
        // then give what each holds.
        let mut changes = vec![Shared::default(); self.states + 1];
        for (bag, (terms, sort)) in query.bags.iter().zip(&SORTS).enumerate() {
            for term in &terms.list {
                let nats = rarity.nats(term.hash, term.surprise, sort);
                for run in self.of_hash(term.hash).filter(|run| usize::from(run.bag) == bag) {
                    let steps = if run.count < term.count {
                        u32::from(weight(run.count, nats))
                    } else {
                        u32::from(term.weight)
                    };
                    let (first, end) =
                        (run.first as usize, run.first as usize + usize::from(run.length));
                    changes[first][bag] = changes[first][bag].wrapping_add(steps);
                    changes[end][bag] = changes[end][bag].wrapping_sub(steps);
                }
            }
        }
        let mut sums = Shared::default();
        for change in &mut changes {
            for (sum, change) in sums.iter_mut().zip(change.iter_mut()) {
                *sum = sum.wrapping_add(*change);
                *change = *sum;
            }
        }
        changes.truncate(self.states);
        changes
    }

    fn of_hash(&self, hash: u32) -> impl Iterator<Item = &Run> {
        let at = (hash >> self.shift) as usize;
        let bucket = match self.starts.get(at..at + 2) {
            Some(ends) => &self.runs[ends[0] as usize..ends[1] as usize],
            None => &[],
        };
        bucket.iter().skip_while(move |run| run.hash < hash).take_while(move |run| run.hash == hash)
    }
}

impl Run {
    /// Whether it goes on with `next`, which it then holds.
    fn take(&mut self, next: &Run) -> bool {
        let end = self.first + u32::from(self.length);
        let goes_on = (self.hash, self.bag, self.count) == (next.hash, next.bag, next.count)
            && end == next.first
            && self.length < u16::MAX;
        self.length += u16::from(goes_on);
        goes_on
    }
}
