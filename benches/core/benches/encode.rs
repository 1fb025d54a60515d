//! The encoder beside a bare run of its graph on as many ids.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints, and ends when it cannot run")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use prime_memory::{Control, Ratio};
use prime_memory_benches::bare::BareProcess;
use prime_memory_benches::{encoder, is_quick, median_of, ratio, words};

const TEXT_TOKENS: [usize; 3] = [16, 128, 512];

fn encode(c: &mut Criterion) {
    let encoder = encoder();
    let mut group = c.benchmark_group("encode");
    group.sample_size(if is_quick() { 10 } else { 50 });
    for text_tokens in TEXT_TOKENS {
        let text = words(text_tokens, 0);
        let compress = || encoder.compress(&text, Ratio::default(), &Control::new()).unwrap();
        group.throughput(Throughput::Elements(text_tokens as u64));
        group.bench_function(BenchmarkId::new("compress", text_tokens), |b| b.iter(compress));
    }
    group.finish();
}

/// The row of issue 4: within 15 % at 16 tokens.
fn against_bare(_: &mut Criterion) {
    let (encoder, mut bare) = (encoder(), BareProcess::start(env!("CARGO_BIN_EXE_bare")));
    // Both are loaded and warm before the first round.
    bare.median_of(20, TEXT_TOKENS[0]);
    println!("text tokens | bare ms | compress ms | compress / bare, median of alternating rounds");
    for (text_tokens, calls) in TEXT_TOKENS.into_iter().zip([100, 20, 5]) {
        let text = words(text_tokens, 0);
        assert_eq!(encoder.count_tokens(&text).unwrap(), text_tokens);
        let compress = || drop(encoder.compress(&text, Ratio::default(), &Control::new()).unwrap());
        let rounds = if is_quick() { 2 } else { 15 };
        let bare = || bare.median_of(calls, text_tokens);
        let (alone, ours, ratio) = ratio(rounds, bare, || median_of(calls, compress));
        let (alone, ours) = (alone.as_secs_f64() * 1e3, ours.as_secs_f64() * 1e3);
        println!("{text_tokens:11} | {alone:7.3} | {ours:11.3} | {ratio:.3}");
    }
}

criterion_group!(benches, against_bare, encode);
criterion_main!(benches);
