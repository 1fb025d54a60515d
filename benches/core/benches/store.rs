//! The store by itself, with made-up vectors: writing, point reads, keywords.
#![allow(clippy::unwrap_used, reason = "a bench ends when it cannot run")]

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use prime_memory::store::{Filter, Matching, ModelId, NewMemory, Store, StoreOptions};
use prime_memory::{Durability, MemoryTokens, Ratio, Scope, ScopeFilter};
use prime_memory_benches::vectors::clustered;
use prime_memory_benches::{is_quick, words};

const DIMS: usize = 384;
const FINGERPRINT: &str = "0123456789abcdef";

fn open(folder: &Path, durability: Durability) -> Store {
    let (name, fingerprint) = ("bench".to_owned(), FINGERPRINT.to_owned());
    let options = StoreOptions::new(ModelId { name, fingerprint, dims: DIMS });
    Store::open(&folder.join("bench.db"), StoreOptions { durability, ..options }).unwrap()
}

fn memory(number: usize, vectors: &[Vec<f32>]) -> NewMemory {
    let vector = vectors[number % vectors.len()].clone();
    let text = format!("take {number}: {}", words(12, number));
    NewMemory {
        kind: "note".to_owned(),
        scope: Scope::default(),
        data: None,
        metadata: std::iter::once(("bpm".to_owned(), (60 + number % 120).into())).collect(),
        tokens: MemoryTokens {
            dims: DIMS,
            ratio: Ratio::default(),
            data: vector.clone(),
            whole: vector,
            source_tokens: 15,
            source_bytes: text.len(),
            model: FINGERPRINT.to_owned(),
        },
        text,
    }
}

fn memories(count: usize, vectors: &[Vec<f32>]) -> Vec<NewMemory> {
    (0..count).map(|number| memory(number, vectors)).collect()
}

fn insert(c: &mut Criterion) {
    let vectors = clustered(1000, DIMS, 1);
    let mut group = c.benchmark_group("store insert");
    group.sample_size(20);
    for durability in [Durability::Normal, Durability::Full] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), durability);
        for count in [1, 100] {
            group.throughput(Throughput::Elements(count as u64));
            group.bench_function(BenchmarkId::new(format!("{durability:?}, a transaction of"), count), |b| {
                b.iter_batched(|| memories(count, &vectors), |new| store.insert(new).unwrap(), BatchSize::PerIteration);
            });
        }
    }
    group.finish();
}

fn read(c: &mut Criterion) {
    let size = if is_quick() { 500 } else { 20_000 };
    let vectors = clustered(1000, DIMS, 1);
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), Durability::Normal);
    let ids = store.insert(memories(size, &vectors)).unwrap();
    let filter = Filter { scopes: vec![ScopeFilter::default()], ..Filter::default() };
    let rows: Vec<u64> = ids.iter().map(|id| store.row_of(id, &filter.scopes).unwrap().unwrap()).collect();
    let mut next = (0..).map(|i: usize| i * 7919 % size);
    c.bench_function("store get by id", |b| {
        b.iter(|| store.get(&ids[next.next().unwrap()], &filter.scopes).unwrap());
    });
    let some: Vec<u64> = (0..60).map(|i| rows[i * 7919 % size]).collect();
    c.bench_function("store vectors of 60 rows", |b| {
        b.iter(|| {
            let mut sum = 0;
            store.for_each_tokens(black_box(&some), &mut |_, blob| { sum += blob.tokens.len(); Ok(()) }).unwrap();
            sum
        });
    });
    c.bench_function("store records of 10 rows", |b| b.iter(|| store.records(black_box(&some[..10])).unwrap()));
    let partitions = store.partitions(&filter).unwrap();
    for (name, asked) in [("a rare word", vec!["4711".to_owned()]), ("3 common words", vec!["bass".to_owned(), "warm".to_owned(), "loud".to_owned()])] {
        c.bench_function(&format!("store keyword, {name}, of {size}"), |b| {
            b.iter(|| store.keyword(&asked, Matching::AnyWord, &partitions, None, 60).unwrap());
        });
    }
}

criterion_group!(benches, insert, read);
criterion_main!(benches);
