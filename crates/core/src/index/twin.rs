//! The naive twin: the same answers from a map and a loop, and random lives compared with it.

#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;

use super::plan::Tuning;
use super::quantise::Quantised;
use super::{Allow, Item, VectorIndex};

/// An index that builds and uses its graph from eight vectors on.
pub(super) fn tiny(dims: usize) -> VectorIndex {
    let mut index = VectorIndex::new(dims, "toy").unwrap();
    index.tuning = Tuning { list_from: usize::MAX, graph_from: 8, node_cost: 0, compact_from: 20 };
    index
}

/// Random numbers from 0 to 1 that are the same on every run.
pub(super) fn random(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1 << 24) as f32
    }
}

/// Vectors around `centres` random points, as texts lie around their subjects.
pub(super) fn clustered(count: usize, dims: usize, centres: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut next = random(seed);
    let mut gauss = move || (0..4).map(|_| next() - 0.5).sum::<f32>();
    let centres: Vec<Vec<f32>> =
        (0..centres).map(|_| (0..dims).map(|_| gauss()).collect()).collect();
    let around = |i: usize| centres[i % centres.len()].iter();
    (0..count).map(|i| around(i).map(|c| c + 0.7 * gauss()).collect()).collect()
}

/// Rows from `first` on, each with one vector, in partitions 0 and 1 by turns.
pub(super) fn items(first: u64, vectors: Vec<Vec<f32>>) -> Vec<Item> {
    let item = |(row, vectors)| Item { row, partition: (row % 2) as u32, vectors };
    (first..).zip(vectors).map(item).collect()
}

/// Rows, their partition and their vectors as bytes.
#[derive(Default)]
struct Twin(BTreeMap<u64, (u32, Vec<Vec<i8>>)>);

impl Twin {
    fn put(&mut self, item: &Item, dims: usize) {
        let bytes = |v| Quantised::new("v", v).unwrap().bytes;
        let vectors = item.vectors.chunks(dims).map(bytes).collect();
        self.0.insert(item.row, (item.partition, vectors));
    }

    /// Every allowed row and its similarity, best first.
    fn search(&self, query: &[f32], allow: Allow) -> Vec<(u64, f64)> {
        let query = Quantised::new("q", query).unwrap().bytes;
        let allowed = |row: &u64, partition: &u32| match allow {
            Allow::Partitions(partitions) => partitions.contains(partition),
            Allow::Rows { partitions, rows } => {
                partitions.contains(partition) && rows.contains(row)
            }
        };
        let nearest =
            |vectors: &Vec<Vec<i8>>| vectors.iter().map(|v| cosine(&query, v)).fold(-1.0, f64::max);
        let rows = self.0.iter().filter(|(row, (partition, _))| allowed(row, partition));
        let mut found: Vec<_> = rows.map(|(row, (_, vectors))| (*row, nearest(vectors))).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        found
    }
}

fn cosine(a: &[i8], b: &[i8]) -> f64 {
    let dot = |a: &[i8], b: &[i8]| {
        a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>()
    };
    dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt())
}

#[derive(Debug, Clone)]
enum Step {
    Put(Vec<(u64, u32, usize)>),
    Remove(Vec<u64>),
    Advance(usize),
    Reopen,
    Search { partitions: Vec<u32>, rows: Option<HashSet<u64>>, limit: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let row = 0_u64..60;
    let one = (row.clone(), 0_u32..4, 1_usize..6);
    let rows = prop::collection::hash_set(row.clone(), 0..50);
    prop_oneof![
        4 => prop::collection::vec(one, 1..12).prop_map(Step::Put),
        2 => prop::collection::vec(row, 1..10).prop_map(Step::Remove),
        2 => (1_usize..80).prop_map(Step::Advance),
        1 => Just(Step::Reopen),
        4 => (prop::collection::vec(0_u32..5, 0..5), prop::option::of(rows), 0_usize..40)
            .prop_map(|(partitions, rows, limit)| Step::Search { partitions, rows, limit }),
    ]
}

const DIMS: usize = 8;

fn reopen(index: &VectorIndex) -> VectorIndex {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("twin.index");
    let stamp = super::Stamp { store: "s".into(), model: "m".into(), generation: 1 };
    index.save(&path, &stamp).unwrap();
    let expected = super::Expected { dims: DIMS, store: "s", model: "m" };
    let mut loaded = VectorIndex::load(&path, &expected).unwrap().index;
    loaded.tuning = index.tuning;
    loaded.settle();
    loaded
}

/// With 60 rows every graph search is wide enough to be exact, so the answers must be equal; ties and
/// roundings may swap neighbours, so similarities are compared and not the order of rows.
fn compare(index: &VectorIndex, twin: &Twin, query: &[f32], allow: Allow, limit: usize) {
    let found = index.search(query, allow, limit).unwrap();
    let all = twin.search(query, allow);
    assert_eq!(found.len(), all.len().min(limit), "{allow:?}");
    let truth: BTreeMap<u64, f64> = all.iter().copied().collect();
    for (candidate, (_, best)) in found.iter().zip(&all) {
        let own = truth.get(&candidate.row).expect("an allowed row");
        assert!((f64::from(candidate.similarity) - own).abs() < 1e-5);
        assert!((own - best).abs() < 1e-5, "{candidate:?} where {best} was to be had");
    }
    let distinct: HashSet<u64> = found.iter().map(|c| c.row).collect();
    assert_eq!(distinct.len(), found.len());
}

fn live(steps: Vec<Step>, seed: u64) {
    let (mut index, mut twin, mut next) = (tiny(DIMS), Twin::default(), random(seed));
    let mut vector = |count: usize| (0..count * DIMS).map(|_| next() - 0.5).collect::<Vec<f32>>();
    for step in steps {
        match step {
            Step::Put(rows) => {
                let item =
                    |(row, partition, count)| Item { row, partition, vectors: vector(count) };
                let items: Vec<Item> = rows.into_iter().map(item).collect();
                index.put(&items).unwrap();
                for item in &items {
                    twin.put(item, DIMS);
                }
            }
            Step::Remove(rows) => {
                let there = rows.iter().filter(|row| twin.0.remove(row).is_some()).count();
                assert_eq!(index.remove(&rows), there);
            }
            Step::Advance(max) => assert!(index.advance(max).is_ok()),
            Step::Reopen => index = reopen(&index),
            Step::Search { partitions, rows, limit } => {
                let allow = match &rows {
                    Some(rows) => Allow::Rows { partitions: &partitions, rows },
                    None => Allow::Partitions(&partitions),
                };
                compare(&index, &twin, &vector(1), allow, limit);
            }
        }
        assert_eq!(index.rows(), twin.0.keys().copied().collect());
    }
    while index.advance(1000).unwrap() {}
    compare(&index, &twin, &vector(1), Allow::Partitions(&[0, 1, 2, 3]), 10);
}

proptest! {
    #[test]
    fn a_random_life_is_that_of_its_twin(steps in prop::collection::vec(step(), 1..40), seed: u64) {
        live(steps, seed);
    }
}

#[test]
fn threads_share_it() {
    let index = tiny(32);
    let vectors = clustered(2000, 32, 20, 9);
    index.put(&items(0, vectors[..200].to_vec())).unwrap();
    let (index, vectors) = (&index, &vectors);
    std::thread::scope(|scope| {
        for half in 0..2_usize {
            scope.spawn(move || {
                for at in (200 + half * 900..1100 + half * 900).step_by(30) {
                    index.put(&items(at as u64, vectors[at..at + 30].to_vec())).unwrap();
                    index.remove(&[at as u64 + 7]);
                }
            });
            scope.spawn(move || {
                for query in vectors.iter().skip(half).step_by(4) {
                    let found = index.search(query, Allow::Partitions(&[0, 1]), 10).unwrap();
                    assert_eq!(found.len(), 10);
                }
            });
        }
        scope.spawn(move || (0..300).for_each(|_| assert!(index.advance(20).is_ok())));
    });
    while index.advance(500).unwrap() {}
    assert_eq!(index.stats().rows, 2000 - 60);
    let exact = |q: &[f32]| index.search(q, Allow::Partitions(&[0, 1]), 1).unwrap()[0].row;
    let own = (0..2000).filter(|i| exact(&vectors[*i]) == *i as u64).count();
    assert!(own > 1900, "{own} of 1940 find themselves");
}
