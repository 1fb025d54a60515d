//! Which element of a list is which of another: equal ends first, then by keys, each in linear time.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Two lists with some of their elements linked, each at most once.
pub(super) struct Pairing {
    /// For each older element, the newer one.
    before: Vec<Option<usize>>,
    /// For each newer element, whether it is linked.
    after: Vec<bool>,
}

/// What became of each element.
pub(super) struct Paired {
    /// Older and newer place, by older place.
    pub(super) both: Vec<(usize, usize)>,
    /// Places of older elements without a newer one.
    pub(super) removed: Vec<usize>,
    /// Places of newer elements without an older one.
    pub(super) added: Vec<usize>,
}

impl Pairing {
    /// Nothing linked yet.
    pub(super) fn new(before: usize, after: usize) -> Pairing {
        Pairing { before: vec![None; before], after: vec![false; after] }
    }

    /// Links the elements at both ends that `same` finds equal: most edits touch the middle.
    pub(super) fn equal_ends(mut self, same: impl Fn(usize, usize) -> bool) -> Pairing {
        let (n, m) = (self.before.len(), self.after.len());
        let start = (0..n.min(m)).take_while(|i| same(*i, *i)).count();
        (0..start).for_each(|i| self.link(i, i));
        let tail = n.min(m) - start;
        let end = (1..=tail).take_while(|k| same(n - k, m - k)).count();
        (1..=end).for_each(|k| self.link(n - k, m - k));
        self
    }

    /// Links what is not linked yet and has the same key, in order among equals.
    pub(super) fn by_key<K: Hash + Eq>(
        mut self,
        before: impl Fn(usize) -> Option<K>,
        after: impl Fn(usize) -> Option<K>,
    ) -> Pairing {
        if self.before.iter().all(Option::is_some) || self.after.iter().all(|linked| *linked) {
            return self;
        }
        let mut places: HashMap<K, VecDeque<usize>> = HashMap::new();
        for j in (0..self.after.len()).filter(|j| !self.after[*j]) {
            if let Some(key) = after(j) {
                places.entry(key).or_default().push_back(j);
            }
        }
        for i in 0..self.before.len() {
            if self.before[i].is_some() {
                continue;
            }
            let place = before(i).and_then(|key| places.get_mut(&key)?.pop_front());
            if let Some(j) = place {
                self.link(i, j);
            }
        }
        self
    }

    pub(super) fn link(&mut self, before: usize, after: usize) {
        self.before[before] = Some(after);
        self.after[after] = true;
    }

    /// Older and newer places that are not linked.
    pub(super) fn open(&self) -> (Vec<usize>, Vec<usize>) {
        let before = (0..self.before.len()).filter(|i| self.before[*i].is_none());
        (before.collect(), (0..self.after.len()).filter(|j| !self.after[*j]).collect())
    }

    pub(super) fn is_open(&self, before: usize, after: usize) -> bool {
        self.before[before].is_none() && !self.after[after]
    }

    pub(super) fn finish(self) -> Paired {
        let both = self.before.iter().enumerate().filter_map(|(i, j)| Some((i, (*j)?))).collect();
        let (removed, added) = self.open();
        Paired { both, removed, added }
    }
}

impl Paired {
    /// The fewest pairs that, moved, turn one order into the other: those outside the longest run
    /// that kept its order.
    pub(super) fn moved(&self) -> Vec<(usize, usize)> {
        let mut tails: Vec<usize> = Vec::new();
        let mut previous: Vec<Option<usize>> = vec![None; self.both.len()];
        for (at, pair) in self.both.iter().enumerate() {
            let place = tails.partition_point(|tail| self.both[*tail].1 < pair.1);
            previous[at] = place.checked_sub(1).map(|p| tails[p]);
            if place == tails.len() {
                tails.push(at);
            } else {
                tails[place] = at;
            }
        }
        let mut kept = vec![false; self.both.len()];
        let mut last = tails.last().copied();
        while let Some(at) = last {
            kept[at] = true;
            last = previous[at];
        }
        self.both.iter().zip(kept).filter(|(_, kept)| !kept).map(|(pair, _)| *pair).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired(before: &str, after: &str) -> Paired {
        let (b, a): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
        Pairing::new(b.len(), a.len())
            .equal_ends(|i, j| b[i] == a[j])
            .by_key(|i| Some(b[i]), |j| Some(a[j]))
            .finish()
    }

    #[test]
    fn in_order_among_equals() {
        let found = paired("aabca", "xaaacb");
        assert_eq!(found.both, [(0, 1), (1, 2), (2, 5), (3, 4), (4, 3)]);
        assert_eq!((found.removed, found.added), (vec![], vec![0]));
    }

    #[test]
    fn the_fewest_moves() {
        assert_eq!(paired("abcde", "eabcd").moved(), [(4, 0)]);
        assert_eq!(paired("abcde", "abcde").moved(), []);
        assert_eq!(paired("abcde", "bcade").moved(), [(0, 2)]);
    }
}
