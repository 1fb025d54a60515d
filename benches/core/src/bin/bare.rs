//! Runs the graph as often and for as many text tokens as each line of its input says ("100 16"), and answers with the
//! median of a run in nanoseconds.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "its answers; a bench ends when it cannot run")]

use prime_memory_benches::bare::Bare;
use prime_memory_benches::median_of;

fn main() {
    let mut bare = Bare::open();
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (calls, text_tokens) = line.split_once(' ').unwrap();
        let text_tokens = text_tokens.parse().unwrap();
        let median = median_of(calls.parse().unwrap(), || bare.run(text_tokens));
        println!("{}", median.as_nanos());
    }
}
