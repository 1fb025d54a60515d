//! The house rules that a search of the sources can hold.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust source file below `folder`, with its text.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[track_caller]
fn nothing_holds(folder: &str, words: &[&str], except: impl Fn(&Path) -> bool) {
    for (path, text) in sources(&root().join(folder)) {
        if except(&path) {
            continue;
        }
        for line in code_lines(&text) {
            let found = words.iter().find(|word| line.contains(*word));
            assert!(found.is_none(), "{found:?} in {}: {line}", path.display());
        }
    }
}

#[test]
fn sql_lives_in_the_store_only() {
    let words = ["SELECT ", "INSERT INTO", "UPDATE memories", "DELETE FROM", "PRAGMA ", "rusqlite"];
    nothing_holds("crates/core/src", &words, |path| {
        path.components().any(|c| c.as_os_str() == "store")
    });
    nothing_holds("crates/node/src", &words, |_| false);
}

#[test]
fn the_core_knows_no_javascript() {
    nothing_holds("crates/core/src", &["napi", "JsValue", "Float32Array"], |path| {
        path.ends_with("model/library.rs")
    });
}

#[test]
fn nothing_is_left_for_later() {
    nothing_holds("crates/core/src", &["todo!", "unimplemented!", "TODO", "FIXME"], |_| false);
    nothing_holds("crates/node/src", &["todo!", "unimplemented!", "TODO", "FIXME"], |_| false);
}

#[test]
fn every_code_is_documented() {
    let errors = fs::read_to_string(root().join("crates/core/src/error.rs")).unwrap();
    let docs = fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let codes = |text: &str| -> Vec<String> {
        let mut codes: Vec<String> = text
            .split(|c: char| !c.is_ascii_uppercase() && c != '_')
            .filter(|word| word.starts_with("PM_") && word.len() > 3)
            .map(str::to_owned)
            .collect();
        codes.sort();
        codes.dedup();
        codes
    };
    assert_eq!(codes(&errors), codes(&docs));
}

#[test]
fn files_stay_small() {
    for folder in ["crates/core/src", "crates/node/src"] {
        for (path, text) in sources(&root().join(folder)) {
            let lines = text.lines().count();
            assert!(lines <= 500, "{} has {lines} lines: are there two subjects?", path.display());
        }
    }
}
