//! The features of many project states in memory: which lie nearest to a given one?

use std::collections::HashMap;

use super::features::{Features, SORTS};
use super::rarity::Rarity;
use super::score::{Parts, Similarity, score};
use super::signature::{self, DIMS, Scale};
use super::terms::{Term, Terms};

/// Up to so many states are all compared exactly.
const FEW: usize = 400;

/// Least states compared exactly, of those whose signatures are most alike.
const CANDIDATES: usize = 400;

/// Candidates of one project at most: its versions differ little.
const VERSIONS: usize = 4;

/// Rarity is measured on at most so many projects.
const MEASURED: usize = 4_096;

/// Project states by row, each with the project that it is a version of.
///
/// 2 to 9 kB a state: 1 kB of signature, 8 bytes a term and the names of plugins.
#[derive(Debug, Default)]
pub struct Catalogue {
    states: Vec<State>,
    signatures: Vec<i8>,
    places: HashMap<i64, usize>,
    /// States of each project.
    projects: HashMap<i64, usize>,
    rarity: Rarity,
    /// Projects when rarity was last measured.
    measured: usize,
}

#[derive(Debug)]
struct State {
    row: i64,
    project: i64,
    scale: Scale,
    features: Features,
}

/// A project like the one asked for, by its version that is most like it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Found {
    /// The row of the version.
    pub row: i64,
    /// Its project.
    pub project: i64,
    /// How like it is; the state asked for is the first of the two, the one found the second.
    pub similarity: Similarity,
}

impl Catalogue {
    /// The states there are now.
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// Adds a state under its row, over one that was there.
    pub fn add(&mut self, row: i64, project: i64, features: Features) {
        self.put(row, project, features);
        self.keep_up();
    }

    /// Adds many, faster than one after the other.
    pub fn extend(&mut self, states: impl IntoIterator<Item = (i64, i64, Features)>) {
        for (row, project, features) in states {
            self.put(row, project, features);
        }
        self.keep_up();
    }

    /// Removes a state. False when there is none in this row.
    pub fn remove(&mut self, row: i64) -> bool {
        let Some(at) = self.places.remove(&row) else { return false };
        let gone = self.states.swap_remove(at);
        let last = self.states.len() * DIMS;
        self.signatures.copy_within(last..last + DIMS, at * DIMS);
        self.signatures.truncate(last);
        if let Some(moved) = self.states.get(at) {
            self.places.insert(moved.row, at);
        }
        if let Some(left) = self.projects.get_mut(&gone.project) {
            *left -= 1;
            if *left == 0 {
                self.projects.remove(&gone.project);
            }
        }
        self.keep_up();
        true
    }

    /// The `limit` projects most like `query`, best first, each by its best version. Only rows that
    /// `allowed` lets through are looked at. What has nothing in common is left out; an empty query
    /// finds nothing.
    ///
    /// All states are ranked by their signatures, the best few hundred compared exactly.
    pub fn nearest(&self, query: &Features, limit: usize, allowed: impl Fn(i64) -> bool) -> Vec<Found> {
        if self.states.len() <= FEW {
            return self.nearest_exact(query, limit, allowed);
        }
        let query = self.weighed(query);
        let candidates = self.candidates(&query, CANDIDATES.max(limit.saturating_mul(8)), allowed);
        self.best(&query, limit, candidates.into_iter())
    }

    /// As [`Catalogue::nearest`], with every state compared exactly: slow and plainly right.
    pub fn nearest_exact(&self, query: &Features, limit: usize, allowed: impl Fn(i64) -> bool) -> Vec<Found> {
        let query = self.weighed(query);
        let all = (0..self.states.len()).filter(|at| allowed(self.states[*at].row));
        self.best(&query, limit, all)
    }

    /// The features kept of a row.
    pub fn get(&self, row: i64) -> Option<&Features> {
        self.places.get(&row).map(|at| &self.states[*at].features)
    }

    /// Bytes of memory that it takes, without what the allocator adds.
    pub fn memory_bytes(&self) -> usize {
        let of = |state: &State| {
            let terms = |bag: &Terms| bag.list.capacity() * size_of::<Term>();
            let bags: usize = state.features.bags.iter().map(terms).sum();
            size_of::<State>() + state.features.plugins.capacity() + bags
        };
        let states: usize = self.states.iter().map(of).sum();
        // A map holds a key, a value and a byte of its own, and is at most seven eighths full.
        let maps = (self.places.capacity() + self.projects.capacity()) * (size_of::<(i64, usize)>() + 1);
        states + self.signatures.capacity() + maps + self.rarity.bytes()
    }

    fn put(&mut self, row: i64, project: i64, features: Features) {
        self.remove(row);
        let features = self.weighed(&features);
        let start = self.signatures.len();
        self.signatures.resize(start + DIMS, 0);
        let scale = signature::write(&features, &mut self.signatures[start..]);
        self.places.insert(row, self.states.len());
        *self.projects.entry(project).or_default() += 1;
        self.states.push(State { row, project, scale, features });
    }

    fn weighed(&self, features: &Features) -> Features {
        let mut features = features.clone();
        features.weigh(&self.rarity);
        features
    }

    /// Measures rarity anew once half as many projects have come, or half have gone.
    fn keep_up(&mut self) {
        let now = self.projects.len();
        if now * 2 >= self.measured * 3 + 8 || now * 2 < self.measured {
            self.measure();
        }
    }

    fn measure(&mut self) {
        self.measured = self.projects.len();
        // One state of each project, so that a project with many versions does not make its own
        // notes common; of very many projects an even sample.
        let mut of_each: HashMap<i64, usize> = HashMap::new();
        for (at, state) in self.states.iter().enumerate() {
            let newest = of_each.entry(state.project).or_insert(at);
            if state.row > self.states[*newest].row {
                *newest = at;
            }
        }
        let mut chosen: Vec<(i64, usize)> = of_each.into_iter().collect();
        chosen.sort_unstable();
        let step = chosen.len().div_ceil(MEASURED).max(1);
        let sample = chosen.iter().step_by(step).map(|(_, at)| &self.states[*at].features);
        self.rarity = Rarity::among(sample);
        for (state, signature) in self.states.iter_mut().zip(self.signatures.chunks_exact_mut(DIMS)) {
            state.features.weigh(&self.rarity);
            state.scale = signature::write(&state.features, signature);
        }
    }

    /// Places of the states whose signatures are most like that of `query`, at most `VERSIONS` of a
    /// project.
    fn candidates(&self, query: &Features, wanted: usize, allowed: impl Fn(i64) -> bool) -> Vec<usize> {
        let mut own = vec![0; DIMS];
        let scale = signature::write(query, &mut own);
        let estimate = |state: &State, signature: &[i8]| {
            let shares = signature::shares(&own, &scale, signature, &state.scale);
            score(&Parts::of(query, &state.features, shares, None), query, &state.features).0
        };
        let mut rated: Vec<(f32, usize)> = Vec::with_capacity(self.states.len());
        for (at, signature) in self.signatures.chunks_exact(DIMS).enumerate() {
            let state = &self.states[at];
            if allowed(state.row) {
                rated.push((estimate(state, signature), at));
            }
        }
        rated.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut of_project: HashMap<i64, usize> = HashMap::new();
        let few = |(_, at): &(f32, usize)| {
            let count = of_project.entry(self.states[*at].project).or_default();
            *count += 1;
            *count <= VERSIONS
        };
        rated.into_iter().filter(few).map(|(_, at)| at).take(wanted).collect()
    }

    /// The best `limit` projects among the states at `places`, compared exactly.
    fn best(&self, query: &Features, limit: usize, places: impl Iterator<Item = usize>) -> Vec<Found> {
        let mut best: HashMap<i64, (f32, i64, usize)> = HashMap::new();
        for at in places {
            let state = &self.states[at];
            let parts = Parts::between(query, &state.features);
            let (score, _) = score(&parts, query, &state.features);
            // Of versions that are equally like it, the newest.
            let rank = (score, state.row, at);
            let known = best.entry(state.project).or_insert(rank);
            if (score, state.row) > (known.0, known.1) {
                *known = rank;
            }
        }
        let mut best: Vec<(f32, i64, usize)> =
            best.into_values().filter(|(score, ..)| *score > 0.0).collect();
        best.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
        best.truncate(limit);
        let found = |(_, row, at): (f32, i64, usize)| {
            let state = &self.states[at];
            let similarity = Similarity::between(query, &state.features);
            Found { row, project: state.project, similarity }
        };
        best.into_iter().map(found).collect()
    }
}

impl Features {
    fn weigh(&mut self, rarity: &Rarity) {
        for (bag, sort) in self.bags.iter_mut().zip(&SORTS) {
            bag.weigh(rarity, sort);
        }
    }
}
