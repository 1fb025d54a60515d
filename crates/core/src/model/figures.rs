//! Figures for `docs/results.md`, printed by
//! `cargo test --release -p prime-memory --lib figures -- --ignored --nocapture --test-threads 1`.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]
#![allow(clippy::print_stdout, reason = "printing is what these are for")]

use std::time::{Duration, Instant};

use ort::session::Session;
use ort::value::TensorRef;

use super::fixture::{encoder, package, runtime};
use super::windows::windows;
use super::{Encoder, MAX_TEXT_BYTES};
use crate::control::Control;
use crate::tokens::Ratio;

/// ONNX Runtime alone: the same graph and options, ids given, states not looked at.
struct Bare(Session);

impl Bare {
    fn open() -> Bare {
        let builder = Session::builder(runtime().environment()).unwrap();
        let builder = builder.with_intra_threads(1).unwrap().with_intra_op_spinning(false).unwrap();
        let mut builder = builder.with_memory_pattern(false).unwrap();
        Bare(builder.commit_from_memory(&package().encoder_bytes()).unwrap())
    }

    /// One run for each window of a text of `count` text tokens.
    fn run(&mut self, count: usize) {
        for window in windows(count, 254, 32) {
            let length = window.read.len() + 2;
            let (ids, ones, zeros) =
                (vec![2000_i64; length], vec![1_i64; length], vec![0_i64; length]);
            let tensor = |values| TensorRef::from_array_view(([1, length], values)).unwrap();
            let inputs = ort::inputs![
                "input_ids" => tensor(&ids[..]),
                "attention_mask" => tensor(&ones[..]),
                "token_type_ids" => tensor(&zeros[..]),
            ];
            self.0.run(inputs).unwrap();
        }
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Time this thread has spent computing: it tells the same on a busy machine.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ns = stat.split(' ').next().and_then(|ns| ns.parse().ok());
    Duration::from_nanos(ns.unwrap_or_default())
}

/// Milliseconds of computing per call, over `calls` calls.
fn cpu_ms(calls: u32, mut work: impl FnMut()) -> f64 {
    let start = cpu();
    (0..calls).for_each(|_| work());
    (cpu().saturating_sub(start) / calls).as_secs_f64() * 1e3
}

/// The smallest of a few measurements, the one least disturbed.
fn least(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}

/// Median and 10th percentile, in milliseconds.
fn quantiles(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let ms = |i: usize| times[i].as_secs_f64() * 1e3;
    (ms(times.len() / 2), ms(times.len() / 10))
}

/// Resident memory of this process in MB.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kb.unwrap_or(f64::NAN) / 1024.0
}

fn words(count: usize) -> String {
    let some = ["bass", "drum", "warm", "deep", "key", "slow", "loud", "beat"];
    (0..count).map(|i| some[i * 5 % 8]).collect::<Vec<_>>().join(" ")
}

fn compress(encoder: &Encoder, text: &str) {
    encoder.compress(text, Ratio::default(), &Control::new()).unwrap();
}

#[test]
#[ignore = "prints figures"]
fn figures_one_text() {
    let (mut bare, one) = (Bare::open(), Encoder::open(package(), runtime(), 1).unwrap());
    println!(
        "text tokens | wall p50, p10 ms: bare, compress (1 thread) | CPU ms: bare, compress, ratio"
    );
    for (count, calls) in [(16, 200), (128, 40), (512, 8)] {
        let text = words(count);
        assert_eq!(one.count_tokens(&text).unwrap(), count);
        let mut figures = [(); 2].map(|()| Vec::new());
        for _ in 0..5 {
            figures[0].push(cpu_ms(calls, || bare.run(count)));
            figures[1].push(cpu_ms(calls, || compress(&one, &text)));
        }
        let wall =
            |work: &mut dyn FnMut()| quantiles((0..calls).map(|_| time(&mut *work)).collect());
        let (alone, ours) = (wall(&mut || bare.run(count)), wall(&mut || compress(&one, &text)));
        let [a, b] = figures.map(least);
        println!("{count:4} | {alone:.2?} {ours:.2?} | {a:.3} {b:.3} {:.3}", b / a);
    }
    let text = words(16);
    let ms = least((0..5).map(|_| cpu_ms(500, || assert!(one.count_tokens(&text).unwrap() == 16))));
    println!("tokenising 16 tokens: {:.1} µs CPU", ms * 1e3);
}

#[test]
#[ignore = "prints figures"]
fn figures_many_texts() {
    let counts: Vec<usize> = (0..1000).map(|i| 4 + i * 7919 % 397).collect();
    let texts: Vec<String> = counts.iter().map(|count| words(*count)).collect();
    let items: Vec<(&str, Ratio)> =
        texts.iter().map(|text| (text.as_str(), Ratio::default())).collect();
    let (mut bare, two) = (Bare::open(), encoder());
    let alone = time(|| counts.iter().for_each(|count| bare.run(*count))).as_secs_f64();
    let ours = time(|| drop(two.compress_many(&items, &Control::new()).unwrap())).as_secs_f64();
    println!(
        "1000 texts: sum of bare runs {alone:.2} s, 2 threads {ours:.2} s, {:.2}x",
        alone / ours
    );
}

#[test]
#[ignore = "prints figures"]
fn figures_longest_text() {
    let text = words(MAX_TEXT_BYTES / 5);
    let before = resident_mb();
    let count = encoder().count_tokens(&text).unwrap();
    let took = time(|| assert!(encoder().count_tokens(&text).unwrap() == count)).as_secs_f64();
    println!("{} bytes, {count} tokens: {took:.2} s to tokenise", text.len());
    println!("resident {before:.0} MB before, {:.0} after", resident_mb());
}

#[test]
#[ignore = "prints figures, two minutes and more"]
fn figures_resident_memory() {
    let one = Encoder::open(package(), runtime(), 1).unwrap();
    println!("open: {:.1} MB", resident_mb());
    let text = words(254);
    for i in 0..20_000_usize {
        let count = 1 + i * 7919 % 254;
        let end = text.match_indices(' ').nth(count - 1).map_or(text.len(), |(at, _)| at);
        compress(&one, &text[..end]);
        if [253, 999, 1999, 4999, 9999, 14_999, 19_999].contains(&i) {
            println!("{:6} encodes: {:.1} MB", i + 1, resident_mb());
        }
    }
}
