//! Opens a store, remembers a few notes of a session, and asks for one of them by meaning.
//!
//! `cargo run --release -p prime-memory --example studio`, after `npm run setup`.
#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::path::Path;

use prime_memory::model::RuntimeSearch;
use prime_memory::{Control, NewItem, OpenOptions, PrimeMemory, Query, SearchOptions};

fn main() -> prime_memory::Result<()> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = std::env::temp_dir().join("prime-memory-example.db");
    let options = OpenOptions { path, ..OpenOptions::default() };
    let search =
        RuntimeSearch { node_modules_from: vec![repository.clone()], ..RuntimeSearch::default() };
    let model = repository.join("npm/model-minilm-l6");
    let memory = PrimeMemory::open(&options, Some(&model), None, &search)?;

    let notes = [
        "the kick masks the bass in the chorus, try side-chain compression",
        "lead vocal needs a shorter reverb in the verse",
        "client wants the master two decibels quieter",
    ];
    let items = notes.iter().map(|note| NewItem::text("note", *note)).collect();
    let ids = memory.remember_many(items, &Control::new())?;

    let question = Query::Text("what was wrong with the low end?".to_owned());
    for hit in memory.search(&question, &SearchOptions::default(), &Control::new())? {
        println!("{:.2}  {}", hit.score, hit.text.unwrap_or_default());
    }
    memory.forget(&ids, &[])?;
    memory.close()
}
