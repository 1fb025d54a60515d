//! Speed and error of the codecs, over memory tokens of the default model.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints, and ends when it cannot run")]

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use prime_memory::{Control, Dtype, MemoryTokens, Ratio};
use prime_memory_benches::vectors::{cosine, unit};
use prime_memory_benches::{encoder, is_quick, root};

const DTYPES: [Dtype; 3] = [Dtype::F16, Dtype::I8, Dtype::B1];

/// Where real prose and code lie in this repository.
const FOLDERS: [&str; 4] = ["docs", "training/minilm", "crates/core/src/describe", "crates/core/src/index"];

/// Real memory tokens at ratio 4, out of our own files: at least `wanted` of them.
fn real_tokens(wanted: usize) -> MemoryTokens {
    let encoder = encoder();
    let ratio = Ratio::new(4).unwrap();
    let mut all = encoder.compress("a warm analog bassline", ratio, &Control::new()).unwrap();
    for path in FOLDERS.iter().flat_map(|folder| files(folder)) {
        if all.count() >= wanted {
            break;
        }
        let text = std::fs::read_to_string(path).unwrap();
        if !text.trim().is_empty() {
            all.data.extend(encoder.compress(&text, ratio, &Control::new()).unwrap().data);
        }
    }
    assert!(all.count() >= wanted, "{} memory tokens are too few to judge by", all.count());
    all
}

/// The text files of a folder, in order.
fn files(folder: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root().join(folder)) else { return Vec::new() };
    let is_text = |path: &PathBuf| {
        path.extension().is_some_and(|ending| ["md", "txt", "py", "rs"].iter().any(|known| ending == *known))
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(is_text).collect();
    files.sort();
    files
}

/// Cosine between each vector and what comes back.
fn errors(tokens: &MemoryTokens, dtype: Dtype) -> Vec<f32> {
    let back = dtype.decode(&dtype.encode(&tokens.data, tokens.dims), tokens.dims).unwrap();
    let pairs = tokens.iter().zip(back.chunks_exact(tokens.dims));
    pairs.map(|(before, after)| cosine(before, &unit(after.to_vec()))).collect()
}

fn codec(c: &mut Criterion) {
    let tokens = real_tokens(if is_quick() { 50 } else { 4000 });
    println!("over {} memory tokens of {} numbers", tokens.count(), tokens.dims);
    println!("dtype | bytes | least cosine | mean cosine");
    for dtype in DTYPES {
        let cosines = errors(&tokens, dtype);
        let least = cosines.iter().copied().fold(f32::INFINITY, f32::min);
        let mean = cosines.iter().map(|c| f64::from(*c)).sum::<f64>() / cosines.len() as f64;
        println!("{:5} | {:5} | {least:.6} | {mean:.6}", dtype.name(), dtype.vector_bytes(tokens.dims));
    }
    let mut group = c.benchmark_group("codec");
    group.throughput(Throughput::Elements(tokens.count() as u64));
    for dtype in DTYPES {
        let bytes = dtype.encode(&tokens.data, tokens.dims);
        group.bench_function(format!("encode {}", dtype.name()), |b| {
            b.iter(|| dtype.encode(black_box(&tokens.data), tokens.dims));
        });
        let mut out = Vec::with_capacity(tokens.data.len());
        group.bench_function(format!("decode {}", dtype.name()), |b| {
            b.iter(|| {
                out.clear();
                dtype.decode_into(black_box(&bytes), tokens.dims, &mut out).unwrap();
            });
        });
    }
    group.finish();
}

criterion_group!(benches, codec);
criterion_main!(benches);
