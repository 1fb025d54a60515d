//! What the benches share: the model, texts, vectors, and what criterion does not print.
//!
//! `CARGO_TARGET_DIR=../../target cargo bench` in this folder, or with `--bench encode`. `BENCH_QUICK=1` makes all
//! sizes small: a smoke run.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a bench that cannot run shall say so and end")]

pub mod bare;
pub mod vectors;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use prime_memory::model::{Encoder, ModelPackage, Runtime, RuntimeSearch};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder of the default model.
pub fn model_folder() -> PathBuf {
    root().join("npm/model-minilm-l6")
}

/// ONNX Runtime's library file out of `onnxruntime-node`, or wherever `ORT_DYLIB_PATH` says: the core's own choice.
///
/// # Panics
/// When there is none.
pub fn library() -> PathBuf {
    if let Some(path) = std::env::var_os("ORT_DYLIB_PATH") {
        return path.into();
    }
    let folder = root().join("node_modules/onnxruntime-node/bin/napi-v6");
    let file = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("macos", _) => "darwin/arm64/libonnxruntime.1.dylib",
        ("windows", _) => "win32/x64/onnxruntime.dll",
        (_, "aarch64") => "linux/arm64/libonnxruntime.so.1",
        _ => "linux/x64/libonnxruntime.so.1",
    };
    let path = folder.join(file);
    path.canonicalize().unwrap_or_else(|err| panic!("{}: {err}; run `npm ci` in the root first", path.display()))
}

/// The default model with one thread.
///
/// # Panics
/// When the model or ONNX Runtime is missing.
pub fn encoder() -> Encoder {
    let search = RuntimeSearch { explicit: Some(library()), ..RuntimeSearch::default() };
    let runtime = Runtime::load(&search).expect("ONNX Runtime");
    let package = ModelPackage::load(&model_folder()).expect("the committed model package");
    Encoder::open(&package, &runtime, 1).expect("the committed model")
}

/// Whether only a smoke run is wanted.
pub fn is_quick() -> bool {
    std::env::var_os("BENCH_QUICK").is_some()
}

/// A text of `text_tokens` text tokens: each of these words is one.
pub fn words(text_tokens: usize, seed: usize) -> String {
    const SOME: [&str; 8] = ["bass", "drum", "warm", "deep", "key", "slow", "loud", "beat"];
    let word = |i: usize| SOME[(i * 5 + seed * (i + 1)) % 8];
    (0..text_tokens).map(word).collect::<Vec<_>>().join(" ")
}

/// Medians of two kinds of call over all rounds, and the median of how many times as long the second takes. Both
/// give the median of a tight loop of their own; the loops alternate.
///
/// Criterion measures one after the other, and a machine that slows down between them would change the ratio.
pub fn ratio(
    rounds: usize,
    mut first: impl FnMut() -> Duration,
    mut second: impl FnMut() -> Duration,
) -> (Duration, Duration, f64) {
    let pairs: Vec<(Duration, Duration)> = (0..rounds).map(|_| (first(), second())).collect();
    let mut ratios: Vec<f64> = pairs.iter().map(|(a, b)| b.as_secs_f64() / a.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let (firsts, seconds) = pairs.into_iter().unzip();
    (median(firsts), median(seconds), ratios[ratios.len() / 2])
}

/// The median time of `calls` calls.
pub fn median_of(calls: usize, mut call: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        call();
        start.elapsed()
    };
    median((0..calls).map(time).collect())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
