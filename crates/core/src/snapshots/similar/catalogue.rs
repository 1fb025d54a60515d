//! The features of many project states in memory: which lie nearest to a given one?

use std::collections::HashMap;

use super::features::{Features, SORTS};
use super::postings::{Postings, Shared};
use super::rarity::Rarity;
use super::score::{Parts, Similarity, harmony, score};
use super::terms::{Term, Terms, total};

/// States whose harmony is looked at, of those that share most otherwise. Harmony moves a score by a
/// few hundredths.
const SHORTLIST: usize = 1_000;

/// Least states compared exactly.
const CANDIDATES: usize = 60;

/// Candidates of one project at most: its versions differ little.
const VERSIONS: usize = 4;

/// New states wait outside the postings until they are so many, and a sixteenth of all.
const MOST_WAITING: usize = 200;

/// Rarity is measured on at most so many projects.
const MEASURED: usize = 4_096;

/// Project states by row, each with the project that it is a version of.
///
/// At most 20 kB a state, 8 bytes for each of up to 896 terms and 12 where no neighbouring version
/// has it too; `benches/similar` prints what it is in fact.
#[derive(Debug, Default)]
pub struct Catalogue {
    states: Vec<State>,
    /// Of the first states; those behind them wait.
    postings: Postings,
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
    /// Removed, but still in the postings.
    is_gone: bool,
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
        self.places.len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
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
        let gone = &mut self.states[at];
        let project = gone.project;
        gone.is_gone = true;
        gone.features = Features::default();
        if let Some(left) = self.projects.get_mut(&project) {
            *left -= 1;
            if *left == 0 {
                self.projects.remove(&project);
            }
        }
        self.keep_up();
        true
    }

    /// The `limit` projects most like `query`, best first, each by its best version. Only rows that
    /// `allowed` lets through are looked at. What has nothing in common is left out; an empty query
    /// finds nothing.
    ///
    /// All states are ranked by the terms they share with it, the best few compared exactly.
    pub fn nearest(
        &self,
        query: &Features,
        limit: usize,
        allowed: impl Fn(i64) -> bool,
    ) -> Vec<Found> {
        let query = self.weighed(query);
        let candidates = self.candidates(&query, CANDIDATES.max(limit.saturating_mul(3)), allowed);
        self.best(&query, limit, candidates.into_iter())
    }

    /// As [`Catalogue::nearest`], with every state compared exactly: slow and plainly right.
    pub fn nearest_exact(
        &self,
        query: &Features,
        limit: usize,
        allowed: impl Fn(i64) -> bool,
    ) -> Vec<Found> {
        let query = self.weighed(query);
        let all = (0..self.states.len()).filter(|at| self.is_wanted(*at, &allowed));
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
        let maps =
            (self.places.capacity() + self.projects.capacity()) * (size_of::<(i64, usize)>() + 1);
        states + maps + self.postings.bytes() + self.rarity.bytes()
    }

    fn put(&mut self, row: i64, project: i64, mut features: Features) {
        self.remove(row);
        features.weigh(&self.rarity);
        self.places.insert(row, self.states.len());
        *self.projects.entry(project).or_default() += 1;
        self.states.push(State { row, project, is_gone: false, features });
    }

    fn weighed(&self, features: &Features) -> Features {
        let mut features = features.clone();
        features.weigh(&self.rarity);
        features
    }

    fn is_wanted(&self, at: usize, allowed: impl Fn(i64) -> bool) -> bool {
        let state = &self.states[at];
        !state.is_gone && allowed(state.row)
    }

    /// Measures rarity anew once half as many projects have come, or half have gone; writes the
    /// postings anew once too many states wait, or are gone.
    fn keep_up(&mut self) {
        let projects = self.projects.len();
        let waiting = self.states.len() - self.postings.states();
        let gone = self.states.len() - self.places.len();
        if projects * 2 >= self.measured * 3 + 8 || projects * 2 < self.measured {
            self.measure();
        }
        if waiting.max(gone) > MOST_WAITING.max(self.states.len() / 16) {
            self.put_in_order();
        }
    }

    fn put_in_order(&mut self) {
        self.states.retain(|state| !state.is_gone);
        self.states.sort_by_key(|state| (state.project, state.row));
        self.places = self.states.iter().enumerate().map(|(at, state)| (state.row, at)).collect();
        self.postings = Postings::of(self.states.iter().map(|state| &state.features));
    }

    fn measure(&mut self) {
        self.measured = self.projects.len();
        // One state of each project, so that a project with many versions does not make its own
        // notes common; of very many projects an even sample.
        let mut of_each: HashMap<i64, usize> = HashMap::new();
        for (at, state) in self.states.iter().enumerate().filter(|(_, state)| !state.is_gone) {
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
        for state in &mut self.states {
            state.features.weigh(&self.rarity);
        }
    }

    /// Places of the states that are most like `query` by the terms they share, at most `VERSIONS` of
    /// a project.
    fn candidates(
        &self,
        query: &Features,
        wanted: usize,
        allowed: impl Fn(i64) -> bool,
    ) -> Vec<usize> {
        let in_postings = self.postings.shared(query, &self.rarity);
        let mut rated: Vec<(f32, usize, [f32; 4])> = Vec::with_capacity(self.states.len());
        for (at, state) in self.states.iter().enumerate() {
            if self.is_wanted(at, &allowed) {
                let shares = match in_postings.get(at) {
                    Some(shared) => shares(query, &state.features, shared),
                    None => {
                        std::array::from_fn(|bag| query.bags[bag].share(&state.features.bags[bag]))
                    }
                };
                rated.push((rate(query, state, shares, None), at, shares));
            }
        }
        let best_first = |a: &(f32, usize, [f32; 4]), b: &(f32, usize, [f32; 4])| {
            b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
        };
        let shortlist = SHORTLIST.max(wanted * VERSIONS);
        if rated.len() > shortlist {
            rated.select_nth_unstable_by(shortlist, best_first);
            rated.truncate(shortlist);
        }
        for (rating, at, shares) in &mut rated {
            let state = &self.states[*at];
            *rating = rate(query, state, *shares, harmony(query, &state.features));
        }
        rated.sort_unstable_by(best_first);
        let mut of_project: HashMap<i64, usize> = HashMap::new();
        let few = |(_, at, _): &(f32, usize, [f32; 4])| {
            let count = of_project.entry(self.states[*at].project).or_default();
            *count += 1;
            *count <= VERSIONS
        };
        rated.into_iter().filter(few).map(|(_, at, _)| at).take(wanted).collect()
    }

    /// The best `limit` projects among the states at `places`, compared exactly.
    fn best(
        &self,
        query: &Features,
        limit: usize,
        places: impl Iterator<Item = usize>,
    ) -> Vec<Found> {
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

/// [`Terms::share`] of each bag, where the weight that both hold is known.
///
/// Exact unless `query` has kept less of the range of hashes than `state`: then it is estimated what
/// the state holds within that range.
fn shares(query: &Features, state: &Features, shared: &Shared) -> [f32; 4] {
    std::array::from_fn(|bag| {
        if shared[bag] == 0 {
            return 0.0;
        }
        let (asked, known) = (&query.bags[bag], &state.bags[bag]);
        let within = (asked.kept() / known.kept()).min(1.0);
        let theirs = known.mass * known.kept() * within;
        let ours = if asked.last > known.last {
            total(asked.within(known.last)) as f32 * Term::STEP
        } else {
            asked.mass * asked.kept()
        };
        (shared[bag] as f32 * Term::STEP / (ours * theirs).sqrt()).min(1.0)
    })
}

fn rate(query: &Features, state: &State, shares: [f32; 4], harmony: Option<f32>) -> f32 {
    let parts = Parts::of(query, &state.features, shares, harmony);
    score(&parts, query, &state.features).0
}
