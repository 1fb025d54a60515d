//! Figures for `docs/results.md`, printed by
//! `cargo test --release -p prime-memory --lib figures -- --ignored --nocapture --test-threads 1`.
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
            let (ids, ones, zeros) = (vec![2000_i64; length], vec![1_i64; length], vec![0_i64; length]);
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
    println!("text tokens | bare p50 p10 | compress p50 p10 ms (1 thread) | ratio p50 p10");
    for (count, rounds) in [(16, 40), (128, 15), (512, 6)] {
        let text = words(count);
        assert_eq!(one.count_tokens(&text).unwrap(), count);
        let (mut alone, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            alone.extend((0..25).map(|_| time(|| bare.run(count))));
            ours.extend((0..25).map(|_| time(|| compress(&one, &text))));
        }
        let ((a50, a10), (b50, b10)) = (quantiles(alone), quantiles(ours));
        let (r50, r10) = (b50 / a50, b10 / a10);
        println!("{count:4} | {a50:.3} {a10:.3} | {b50:.3} {b10:.3} | {r50:.3} {r10:.3}");
    }
    let text = words(16);
    let times = (0..2000).map(|_| time(|| drop(one.count_tokens(&text)))).collect();
    let (p50, p10) = quantiles(times);
    println!("tokenising 16 tokens: p50 {:.1} p10 {:.1} µs", p50 * 1e3, p10 * 1e3);
}

#[test]
#[ignore = "prints figures"]
fn figures_many_texts() {
    let counts: Vec<usize> = (0..1000).map(|i| 4 + i * 7919 % 397).collect();
    let texts: Vec<String> = counts.iter().map(|count| words(*count)).collect();
    let items: Vec<(&str, Ratio)> = texts.iter().map(|text| (text.as_str(), Ratio::default())).collect();
    let (mut bare, two) = (Bare::open(), encoder());
    for _ in 0..3 {
        let alone = time(|| counts.iter().for_each(|count| bare.run(*count))).as_secs_f64();
        let ours = time(|| drop(two.compress_many(&items, &Control::new()).unwrap())).as_secs_f64();
        println!("1000 texts: sum of bare runs {alone:.2} s, 2 threads {ours:.2} s, {:.2}x", alone / ours);
    }
}

#[test]
#[ignore = "prints figures"]
fn figures_longest_text() {
    let text = words(MAX_TEXT_BYTES / 5);
    let before = resident_mb();
    let count = encoder().count_tokens(&text).unwrap();
    let took = time(|| drop(encoder().count_tokens(&text).unwrap())).as_secs_f64();
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
        if [199, 999, 1999, 4999, 9999, 14_999, 19_999].contains(&i) {
            println!("{:6} encodes: {:.1} MB", i + 1, resident_mb());
        }
    }
}
