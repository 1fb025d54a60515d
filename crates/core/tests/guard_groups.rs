//! The rules of the guard on every hand-written near-copy, and on pairs that were made to mislead them: what they
//! serve by themselves is for good, no model looks at it again.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]
#![allow(clippy::print_stdout, reason = "the counts are figures of docs/guard.md")]

use std::fs;
use std::path::Path;

use prime_memory::guard::{Reading, Verdict, compare};
use serde_json::Value;

/// A request of an intent, or a near-copy of one.
fn reading(request: &Value, context: &Value) -> Reading {
    let own = request.get("context").unwrap_or(context);
    Reading::of(request["prompt"].as_str().unwrap(), Some(own).filter(|own| own.is_object()))
}

/// The near-copies of one intent that the rules would answer with another's answer, and how many there were.
fn served(group: &Value) -> (Vec<String>, usize) {
    let requests = group["requests"].as_array().unwrap();
    let read: Vec<Reading> = requests.iter().map(|one| reading(one, &Value::Null)).collect();
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for near in group["near"].as_array().unwrap() {
        let source = requests.iter().find(|one| one["id"] == near["of"]).unwrap_or(&requests[0]);
        let asking = reading(near, &source["context"]);
        for (request, stored) in requests.iter().zip(&read) {
            asked += 1;
            if matches!(compare(&asking, stored), Verdict::Serve(_)) {
                wrong.push(format!("{} | {}", near["prompt"], request["prompt"]));
            }
        }
    }
    (wrong, asked)
}

#[test]
fn hardly_any_near_copy_is_taken_for_a_copy() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../training/data");
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_none_or(|kind| kind != "jsonl") {
            continue;
        }
        for line in fs::read_to_string(file).unwrap().lines().filter(|line| !line.is_empty()) {
            let group: Value = serde_json::from_str(line).unwrap();
            if group["seed"].is_string() {
                continue;
            }
            let (served, count) = served(&group);
            wrong.extend(served);
            asked += count;
        }
    }
    assert!(asked > 60_000, "{asked} pairs");
    // Those left differ in a sign or an ending that has no meaning elsewhere: `Ctrl+;`, `Ctrl+:`.
    assert!(wrong.len() * 5_000 <= asked, "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Requests in other order, dress and wording, and such that differ in as little.
#[test]
fn hardly_any_variant_that_differs_is_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../training/data/near-copies.jsonl");
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for line in fs::read_to_string(path).unwrap().lines() {
        let variants: Value = serde_json::from_str(line).unwrap();
        let read = |one: &Value| Reading::of(one.as_str().unwrap(), None);
        let same = variants["same"].as_array().unwrap().iter().chain([&variants["seed"]]);
        let stored: Vec<Reading> = same.map(read).collect();
        for differing in variants["differ"].as_array().unwrap() {
            let asking = read(differing);
            asked += stored.len();
            let served =
                stored.iter().filter(|one| matches!(compare(&asking, one), Verdict::Serve(_)));
            wrong.extend(served.map(|_| format!("{} | {differing}", variants["seed"])));
        }
    }
    assert!(asked > 20_000, "{asked} pairs");
    assert!(wrong.len() * 2_000 <= asked, "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Written by people who saw what the rules served and looked for more of it: no sample of what users ask.
/// Some of those called the same are not.
#[test]
fn few_of_the_pairs_made_to_mislead_are_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guard_attacks.jsonl");
    let (mut wrong, mut right, mut asked) = (Vec::new(), 0, 0);
    for line in fs::read_to_string(path).unwrap().lines() {
        let pair: Value = serde_json::from_str(line).unwrap();
        let read = |side: &str| Reading::of(pair[side].as_str().unwrap(), None);
        let is_served = matches!(compare(&read("asked"), &read("stored")), Verdict::Serve(_));
        if pair["same"] == true {
            right += usize::from(is_served);
        } else {
            asked += 1;
            wrong.extend(is_served.then(|| format!("{} | {}", pair["stored"], pair["asked"])));
        }
    }
    println!("made to mislead: {} of {asked} served; the same: {right} served", wrong.len());
    assert!(wrong.len() * 40 <= asked, "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(right >= 150, "{right} of those that ask the same");
}
