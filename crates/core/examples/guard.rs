//! The rules of the guard on a list of pairs: JSON lines `{ "stored": { prompt, context? }, "asked": … }` in, verdicts out.
//!
//! `training/guard/calibrate.py` fits the weights of evidence with it; also a way to try the rules by hand.

use std::io::{BufRead, Write};

use prime_memory::guard::{Reading, Verdict, compare};
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let pair: Value = serde_json::from_str(&line?)?;
        let read = |side: &str| {
            let prompt = pair[side]["prompt"].as_str().unwrap_or_default();
            Reading::of(prompt, pair[side].get("context"))
        };
        let verdict = match compare(&read("asked"), &read("stored")) {
            Verdict::Serve(reason) => {
                json!({ "verdict": "serve", "reason": reason, "near": true, "evidence": [] })
            }
            Verdict::Refuse(reason) => {
                json!({ "verdict": "refuse", "reason": reason, "near": true, "evidence": [] })
            }
            Verdict::Open { near, evidence, reason } => {
                json!({ "verdict": "open", "reason": reason, "near": near, "evidence": evidence })
            }
        };
        writeln!(out, "{verdict}")?;
    }
    Ok(())
}
