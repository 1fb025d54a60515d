//! Prints what the store costs; not run by default:
//! `cargo test --release -p prime-memory --test store_figures -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

mod store_support;

use std::time::{Duration, Instant};

use prime_memory::store::{
    Changes, Durability, Filter, Matching, NewMemory, Store, StoreOptions, Where,
};
use serde_json::json;
use store_support::{memory, model, nobody};

const DIMS: usize = 384;

/// A note of about 100 bytes with one memory token of 384 dims.
fn note(i: usize) -> NewMemory {
    let mut item = memory(&format!(
        "take {i} of the chorus: warm vocals, word{} over word{} drums, kept for the mix",
        i % 977,
        i % 5_003
    ));
    item.tokens.dims = DIMS;
    item.tokens.data = (0..DIMS).map(|n| ((n * 31 + i * 17) % 255) as f32 / 128.0 - 1.0).collect();
    item.tokens.whole.clone_from(&item.tokens.data);
    item.metadata.extend([("bpm".to_owned(), json!(i % 200)), ("key".to_owned(), json!("Cm"))]);
    item
}

fn open(folder: &tempfile::TempDir, durability: Durability) -> Store {
    let mut model = model();
    model.dims = DIMS;
    let options = StoreOptions { durability, ..StoreOptions::new(model) };
    Store::open(&folder.path().join("studio.db"), options).unwrap()
}

fn timed<T>(what: &str, times: usize, mut call: impl FnMut() -> T) -> T {
    let mut spent: Vec<Duration> = Vec::new();
    let mut last = None;
    for _ in 0..times {
        let begun = Instant::now();
        last = Some(call());
        spent.push(begun.elapsed());
    }
    spent.sort();
    println!("{what:<58} p50 {:>10.1?}", spent[times / 2]);
    last.unwrap()
}

fn write(threads: usize, calls: usize, durability: Durability) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder, durability);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let store = &store;
            scope.spawn(move || {
                for i in 0..calls {
                    store.insert(vec![note(thread * calls + i)]).unwrap();
                }
            });
        }
    });
    let rate = (threads * calls) as f64 / begun.elapsed().as_secs_f64();
    println!("inserts of one, {threads:>2} threads, {durability:?}: {rate:.0} a second");
}

#[test]
#[ignore = "prints figures, takes a minute"]
fn figures() {
    for (threads, calls) in [(1, 1_000), (16, 200)] {
        write(threads, calls, Durability::Normal);
        write(threads, calls / 4, Durability::Full);
    }
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder, Durability::Normal);
    let begun = Instant::now();
    let mut ids = Vec::new();
    for chunk in 0..100 {
        ids.extend(store.insert((0..1_000).map(|i| note(chunk * 1_000 + i)).collect()).unwrap());
    }
    println!("100,000 in calls of 1,000: {:.0} a second", 1e5 / begun.elapsed().as_secs_f64());
    read(&store);
    let removed = ids.split_off(99_990);
    for id in &removed {
        timed("remove one of 100,000, erased from the files", 1, || {
            store.remove(std::slice::from_ref(id), &nobody()).unwrap()
        });
    }
    timed("remove 1,000 of them at once", 1, || store.remove(&ids[..1_000], &nobody()).unwrap());
    timed("stats", 3, || store.stats().unwrap());
    drop(store);
    timed("open and close", 5, || open(&folder, Durability::Normal));
    let store = open(&folder, Durability::Normal);
    assert_eq!(timed("verify", 1, || store.verify().unwrap()), Vec::<String>::new());
}

fn read(store: &Store) {
    let stats = store.stats().unwrap();
    println!("file: {} bytes a memory", stats.file_bytes / 100_000);
    let all = store.partitions(&Filter { scopes: nobody(), ..Filter::default() }).unwrap();
    timed("generation", 1_000, || store.generation().unwrap());
    let rows: Vec<u64> = (0..60).map(|i| 1 + (i * 7_919) % 100_000).collect();
    timed("vectors of 60 rows", 300, || {
        let mut bytes = 0;
        let mut visit = |_, blob: prime_memory::store::TokenBlob<'_>| {
            bytes += blob.tokens.len();
            Ok(std::ops::ControlFlow::Continue(()))
        };
        store.for_each_tokens(&rows, &mut visit).unwrap();
        assert_eq!(bytes, 60 * DIMS * 2);
    });
    timed("records of 10 rows", 300, || store.records(&rows[..10]).unwrap());
    for words in [&["word17", "drums"][..], &["word17"], &["chorus"]] {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        timed(&format!("keyword {words:?}, best 20"), 5, || {
            store.keyword(&words, Matching::AnyWord, &all, None, 20).unwrap()
        });
    }
    let fast = Where::parse(&json!({ "bpm": { "gte": 120, "lte": 140 }, "key": "Cm" })).unwrap();
    timed("rows_where bpm 120 to 140 and key", 3, || store.rows_where(&all, &fast).unwrap());
    timed("all changes, in pages of 1,000", 1, || {
        let mut after = Some(0);
        while let Some(row) = after {
            let Changes::Page { next, .. } = store.changes_since(0, row, 1_000).unwrap() else {
                unreachable!("from the beginning")
            };
            after = next;
        }
    });
}
