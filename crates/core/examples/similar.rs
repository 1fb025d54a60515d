//! Ranks projects by likeness: JSON lines `{ "id", "state", "project"? }` in, a line for each out.
//!
//! ```text
//! similar [--exact] [--measure] < states.jsonl
//! ```
//! Plainly: `{ "id", "ranked": [the ten most like it], "why" }`, each line a project of its own where
//! none is given. `--exact` compares every pair. `--measure` prints one line instead: sizes, the
//! best of three times of a search, and how many of its ten the exact search finds too.

use std::io::{BufRead, Write};
use std::time::Instant;

use prime_memory::snapshots::similar::{Catalogue, Features};
use serde_json::{Value, json};

struct Item {
    id: String,
    project: i64,
    features: Features,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| options.iter().any(|option| option == name);
    let (items, features_ms) = read(std::io::stdin().lock())?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if has("--measure") {
        writeln!(out, "{}", measure(&items, features_ms))?;
        return Ok(());
    }
    let catalogue = catalogue(&items);
    for (row, item) in items.iter().enumerate() {
        let others = |other: i64| other != row as i64;
        let found = if has("--exact") {
            catalogue.nearest_exact(&item.features, 10, others)
        } else {
            catalogue.nearest(&item.features, 10, others)
        };
        let ranked: Vec<&str> = found.iter().map(|f| items[f.row as usize].id.as_str()).collect();
        let why = found.first().map(|best| best.similarity.why());
        writeln!(out, "{}", json!({ "id": item.id, "ranked": ranked, "why": why }))?;
    }
    Ok(())
}

/// The items, and how long their features took, all together.
fn read(lines: impl BufRead) -> Result<(Vec<Item>, f64), Box<dyn std::error::Error>> {
    let (mut items, mut features_ms) = (Vec::new(), 0.0);
    for line in lines.lines() {
        let line = line?;
        let value: Value = serde_json::from_str(&line)?;
        let id = value["id"].as_str().ok_or("a line without id")?.to_owned();
        let project = value["project"].as_i64().unwrap_or(items.len() as i64);
        let began = Instant::now();
        let features = Features::of(&value["state"]);
        features_ms += millis(began);
        items.push(Item { id, project, features });
    }
    Ok((items, features_ms))
}

fn catalogue(items: &[Item]) -> Catalogue {
    let mut catalogue = Catalogue::default();
    let row = |(row, item): (usize, &Item)| (row as i64, item.project, item.features.clone());
    catalogue.extend(items.iter().enumerate().map(row));
    catalogue
}

fn measure(items: &[Item], features_ms: f64) -> Value {
    let mut sizes: Vec<usize> = items.iter().map(|item| item.features.to_bytes().len()).collect();
    let began = Instant::now();
    let catalogue = catalogue(items);
    let build_ms = millis(began);
    let (mut times, mut exact_times) = (Vec::new(), Vec::new());
    let (mut wanted, mut right) = (0, 0);
    for row in (0..items.len()).step_by(items.len().div_ceil(300).max(1)) {
        let query = &items[row].features;
        let others = |other: i64| items[other as usize].project != items[row].project;
        let mut fast = Vec::new();
        let mut least = f64::INFINITY;
        for _ in 0..3 {
            let began = Instant::now();
            fast = catalogue.nearest(query, 10, others);
            least = least.min(millis(began));
        }
        times.push(least);
        let began = Instant::now();
        let exact = catalogue.nearest_exact(query, 10, others);
        exact_times.push(millis(began));
        wanted += exact.len();
        right += exact.iter().filter(|e| fast.iter().any(|f| f.project == e.project)).count();
    }
    times.sort_by(f64::total_cmp);
    exact_times.sort_by(f64::total_cmp);
    sizes.sort_unstable();
    let share = |list: &[f64], share: f64| list[((list.len() - 1) as f64 * share) as usize];
    json!({
        "states": items.len(), "queries": times.len(),
        "featuresMs": features_ms / items.len() as f64, "buildMs": build_ms,
        "featureBytes": { "p50": sizes[sizes.len() / 2], "max": sizes[sizes.len() - 1] },
        "memoryBytes": catalogue.memory_bytes() / items.len().max(1),
        "searchMs": { "p50": share(&times, 0.5), "p95": share(&times, 0.95), "max": share(&times, 1.0) },
        "exactMs": { "p50": share(&exact_times, 0.5) },
        "recallAt10": right as f64 / wanted.max(1) as f64,
    })
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
