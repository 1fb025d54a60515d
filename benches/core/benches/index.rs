//! The vector index by itself: search, add, save, load.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints, and ends when it cannot run")]

use std::hint::black_box;
use std::time::Instant;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use prime_memory::index::{Allow, Expected, Item, Stamp, VectorIndex};
use prime_memory_benches::is_quick;
use prime_memory_benches::vectors::clustered;

const DIMS: usize = 384;
/// As many as a search of the store asks for.
const CANDIDATES: usize = 60;
const QUERIES: usize = 200;

fn items(vectors: &[Vec<f32>], first: u64) -> Vec<Item> {
    let rows = first..;
    let item = |(row, vector): (u64, &Vec<f32>)| Item { row, partition: 0, vectors: vector.clone() };
    rows.zip(vectors).map(item).collect()
}

/// An index of `vectors` whose upkeep is done, and how long that took.
fn built(vectors: &[Vec<f32>]) -> VectorIndex {
    let index = VectorIndex::new(DIMS, "bench").unwrap();
    let start = Instant::now();
    index.put(&items(vectors, 0)).unwrap();
    let put = start.elapsed();
    while index.advance(1000).unwrap() {}
    let stats = index.stats();
    println!(
        "{} vectors: put {put:.2?}, upkeep {:.2?}; {}, expansion {}, recall {:?}, {:.1} MB",
        vectors.len(),
        start.elapsed() - put,
        stats.mode.name(),
        stats.expansion,
        stats.recall,
        stats.memory_bytes as f64 / 1e6
    );
    index
}

fn index(c: &mut Criterion) {
    let sizes = if is_quick() { [500, 5000] } else { [10_000, 100_000] };
    for size in sizes {
        // Queries out of the same clusters, not among the vectors.
        let mut vectors = clustered(size + QUERIES, DIMS, 1);
        let queries = vectors.split_off(size);
        let index = built(&vectors);
        search(c, &index, size, &queries);
        save_and_load(c, &index, size);
        add(c, &index, size, &queries);
    }
}

fn search(c: &mut Criterion, index: &VectorIndex, size: usize, queries: &[Vec<f32>]) {
    let mut next = queries.iter().cycle();
    c.bench_function(&format!("index search/{size}"), |b| {
        b.iter(|| {
            let query = next.next().unwrap();
            index.search(black_box(query), Allow::Partitions(&[0]), CANDIDATES).unwrap()
        });
    });
}

/// One put, without the graph: the upkeep adds to it later, 0.3 ms each.
fn add(c: &mut Criterion, index: &VectorIndex, size: usize, queries: &[Vec<f32>]) {
    let mut row = size as u64;
    c.bench_function(&format!("index put/{size}"), |b| {
        b.iter_batched(
            || {
                row += 1;
                items(&queries[row as usize % QUERIES..][..1], row)
            },
            |item| index.put(&item).unwrap(),
            BatchSize::SmallInput,
        );
    });
}

fn save_and_load(c: &mut Criterion, index: &VectorIndex, size: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.index");
    let stamp = Stamp { store: "bench".into(), model: "bench".into(), generation: 1 };
    let mut group = c.benchmark_group("index file");
    group.sample_size(10);
    group.bench_function(BenchmarkId::new("save with fsync", size), |b| {
        b.iter(|| index.save(&path, &stamp).unwrap());
    });
    let expected = Expected { dims: DIMS, store: "bench", model: "bench" };
    group.bench_function(BenchmarkId::new("load", size), |b| {
        b.iter(|| VectorIndex::load(&path, &expected).map(|loaded| loaded.generation).unwrap());
    });
    group.finish();
    println!("{size} vectors: {:.1} MB on disk", std::fs::metadata(&path).unwrap().len() as f64 / 1e6);
}

criterion_group!(benches, index);
criterion_main!(benches);
