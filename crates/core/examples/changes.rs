//! What changed between two saves of a project: `cargo run --example changes OLD.json NEW.json` prints
//! each change as a line of JSON, then all of them in words.
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::{env, fs};

use prime_memory::snapshots::changes::{between, summary};

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = env::args().skip(1);
    let (Some(old), Some(new)) = (files.next(), files.next()) else {
        return Err("give two files: OLD.json NEW.json".into());
    };
    let read = |file: String| -> Result<serde_json::Value, Box<dyn Error>> {
        Ok(serde_json::from_slice(&fs::read(file)?)?)
    };
    let changes = between(&read(old)?, &read(new)?);
    for change in &changes {
        println!("{}", serde_json::to_string(change)?);
    }
    println!("{}", summary(&changes));
    Ok(())
}
