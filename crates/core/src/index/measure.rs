//! The figures of `docs/results.md` for the index:
//! `cargo test --release -p prime-memory index::measure -- --ignored --nocapture`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that prints")]

use std::time::{Duration, Instant};

use super::plan::Tuning;
use super::twin::clustered;
use super::{Allow, Candidate, Expected, Item, Stamp, VectorIndex};

const DIMS: usize = 384;
const QUERIES: usize = 100;
const CANDIDATES: usize = 40;

/// 100,000 vectors unless `PM_VECTORS` says otherwise, around one centre for each 50.
fn vectors() -> (Vec<Vec<f32>>, Vec<Vec<f32>>) {
    let count = std::env::var("PM_VECTORS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let made = clustered(count + QUERIES, DIMS, count / 50, 1);
    let mut stored: Vec<Vec<f32>> = made.iter().map(|v| normalised(v)).collect();
    let queries = stored.split_off(count);
    (stored, queries)
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    println!("{what}: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    done
}

/// Sixteen sums at once, so that the compiler may keep them in registers.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 16];
    for (a, b) in a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (x, y))| *sum += x * y);
    }
    sums.iter().sum()
}

fn normalised(vector: &[f32]) -> Vec<f32> {
    let length = dot(vector, vector).sqrt();
    vector.iter().map(|v| v / length).collect()
}

/// The ten nearest of these rows by floats.
fn nearest(query: &[f32], stored: &[Vec<f32>], rows: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut ranked: Vec<(f32, u64)> =
        rows.map(|row| (dot(query, &stored[row as usize]), row)).collect();
    let tenth = ranked.len().min(10) - 1;
    ranked.select_nth_unstable_by(tenth, |a, b| b.0.total_cmp(&a.0));
    ranked.into_iter().take(tenth + 1).map(|(_, row)| row).collect()
}

struct Bench {
    stored: Vec<Vec<f32>>,
    queries: Vec<Vec<f32>>,
}

impl Bench {
    /// Prints the least, the median and 99th percentile of each query's best of five, so that other work on the
    /// machine counts little, and recall@10 after rescoring by floats.
    fn search(&self, what: &str, index: &VectorIndex, partitions: &[u32], alive: fn(u64) -> bool) {
        let find = |query: &[f32]| {
            let start = Instant::now();
            let found = index.search(query, Allow::Partitions(partitions), CANDIDATES).unwrap();
            (start.elapsed(), found)
        };
        let best = |query: &Vec<f32>| (0..5).map(|_| find(query).0).min().unwrap();
        let mut times: Vec<Duration> = self.queries.iter().map(best).collect();
        times.sort();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let (p50, p99) = (ms(times[QUERIES / 2]), ms(times[QUERIES * 99 / 100]));
        let hits: usize = self.queries.iter().map(|q| self.hits(q, &find(q).1, alive)).sum();
        let recall = hits as f64 / (QUERIES * 10) as f64;
        let least = ms(times[0]);
        println!(
            "{what}: least {least:.3} ms, p50 {p50:.3} ms, p99 {p99:.3} ms, recall@10 {recall:.4}"
        );
    }

    fn hits(&self, query: &[f32], found: &[Candidate], alive: fn(u64) -> bool) -> usize {
        let all = (0..self.stored.len() as u64).filter(|row| alive(*row));
        let truth = nearest(query, &self.stored, all);
        let ours = nearest(query, &self.stored, found.iter().map(|c| c.row));
        truth.iter().filter(|row| ours.contains(row)).count()
    }
}

/// Partition 0 holds half of the rows, 1 a quarter, 2 an eighth, 3 the rest.
fn partition(row: u64) -> u32 {
    match row % 8 {
        0..4 => 0,
        4..6 => 1,
        6 => 2,
        _ => 3,
    }
}

#[test]
#[ignore = "minutes; prints figures"]
fn figures() {
    let (stored, queries) = vectors();
    let bench = Bench { stored, queries };
    let mut index = VectorIndex::new(DIMS, "toy").unwrap();
    let items: Vec<Item> = (0..)
        .zip(&bench.stored)
        .map(|(row, v)| Item { row, partition: partition(row), vectors: v.clone() })
        .collect();
    timed("put in batches of 1000", || {
        items.chunks(1000).for_each(|some| index.put(some).unwrap());
    });
    let all = [0, 1, 2, 3];
    let tuning = index.tuning;
    for (way, list_from) in [("scan", usize::MAX), ("list", 0)] {
        index.tuning = Tuning { list_from, graph_from: usize::MAX, ..tuning };
        timed("probe", || while index.advance(1000).unwrap() {});
        bench.search(&format!("{way}, all"), &index, &all, |_| true);
        bench.search(&format!("{way}, half"), &index, &[0], |row| partition(row) == 0);
        bench.search(&format!("{way}, an eighth"), &index, &[2], |row| partition(row) == 2);
        println!("{:?}", index.stats());
    }
    let tuning = Tuning { list_from: usize::MAX, graph_from: 0, ..tuning };
    index.tuning = tuning;

    timed("build", || {
        while index.stats().graphed < items.len() {
            index.advance(1000).unwrap();
        }
    });
    timed("probe", || while index.advance(1000).unwrap() {});
    assert!(index.stats().recall.unwrap() > 0.98);
    println!("{:?}", index.stats());
    index.tuning = Tuning { node_cost: 0, ..tuning };
    bench.search("graph, all", &index, &all, |_| true);
    bench.search("graph, half", &index, &[0], |row| partition(row) == 0);
    bench.search("graph, an eighth", &index, &[2], |row| partition(row) == 2);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.index");
    let save = |index: &VectorIndex| {
        let stamp = Stamp { store: "s".into(), model: "toy".into(), generation: 1 };
        timed("save", || index.save(&path, &stamp).unwrap());
        println!("file: {:.1} MB", std::fs::metadata(&path).unwrap().len() as f64 / 1e6);
        let expected = Expected { dims: DIMS, store: "s", model: "toy" };
        let mut loaded = timed("load", || VectorIndex::load(&path, &expected).ok().unwrap().index);
        loaded.tuning = Tuning { node_cost: 0, ..tuning };
        timed("graph brought to life", || loaded.settle());
        loaded
    };
    let loaded = save(&index);
    bench.search("loaded, all", &loaded, &all, |_| true);

    let erased: Vec<u64> = (0..items.len() as u64).filter(|row| row % 29 < 7).collect();
    timed("erase 24 %", || index.remove(&erased));
    bench.search("erased, all", &index, &all, |row| row % 29 >= 7);
    let loaded = save(&index);
    bench.search("erased and loaded, before its probe", &loaded, &all, |row| row % 29 >= 7);
    timed("probe", || while loaded.advance(1000).unwrap() {});
    println!("{:?}", loaded.stats());
    bench.search("erased and loaded, all", &loaded, &all, |row| row % 29 >= 7);
}
