//! ONNX Runtime alone: the same graph and options as the encoder's sessions, ids ready, states not looked at.
//!
//! In a process of its own (`bin/bare.rs`): a process has one ONNX Runtime environment, and the core keeps it to itself.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ort::session::Session;
use ort::value::TensorRef;

/// Text tokens of a window, and what neighbouring ones share (`crates/core/src/model/encode.rs`).
const WINDOW: usize = 254;
const OVERLAP: usize = 32;

/// A session to run by hand.
pub struct Bare(Session);

impl Bare {
    /// Opens the default model's graph.
    ///
    /// # Panics
    /// When there is no ONNX Runtime, or no model.
    pub fn open() -> Bare {
        let library = ort::init_from(crate::library()).expect("ONNX Runtime");
        let environment = library.with_telemetry(false).build().expect("an environment");
        let builder = Session::builder(&environment).expect("a session builder");
        let builder = builder.with_intra_threads(1).expect("one thread");
        let builder = builder.with_intra_op_spinning(false).expect("no spinning");
        let mut builder = builder.with_memory_pattern(false).expect("no memory pattern");
        let graph = std::fs::read(crate::model_folder().join("model.onnx")).expect("the graph");
        Bare(builder.commit_from_memory(&graph).expect("a session"))
    }

    /// One run for each window of a text of `text_tokens` text tokens; with CLS and SEP.
    ///
    /// # Panics
    /// When the graph does not run.
    pub fn run(&mut self, text_tokens: usize) {
        for length in windows(text_tokens) {
            let (ids, ones, zeros) = (vec![2000_i64; length], vec![1_i64; length], vec![0_i64; length]);
            let tensor = |values| TensorRef::from_array_view(([1, length], values)).expect("a tensor");
            let inputs = ort::inputs![
                "input_ids" => tensor(&ids[..]),
                "attention_mask" => tensor(&ones[..]),
                "token_type_ids" => tensor(&zeros[..]),
            ];
            self.0.run(inputs).expect("a run");
        }
    }
}

/// Ids of each window.
fn windows(text_tokens: usize) -> Vec<usize> {
    if text_tokens <= WINDOW {
        return vec![text_tokens + 2];
    }
    vec![WINDOW + 2; (text_tokens - WINDOW).div_ceil(WINDOW - OVERLAP) + 1]
}

/// A process that runs the graph when it is told to.
pub struct BareProcess(Child);

impl BareProcess {
    /// Starts the program at `path`: `env!("CARGO_BIN_EXE_bare")`.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(path: &str) -> BareProcess {
        let mut command = Command::new(path);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        BareProcess(child.expect("the program `bare`"))
    }

    /// The median of `calls` runs over a text of `text_tokens` text tokens.
    ///
    /// # Panics
    /// When the process is gone.
    pub fn median_of(&mut self, calls: usize, text_tokens: usize) -> Duration {
        let (stdin, stdout) = (self.0.stdin.as_mut(), self.0.stdout.as_mut());
        writeln!(stdin.expect("piped"), "{calls} {text_tokens}").expect("a living process");
        let mut line = String::new();
        BufReader::new(stdout.expect("piped")).read_line(&mut line).expect("an answer");
        Duration::from_nanos(line.trim().parse().expect("nanoseconds"))
    }
}

impl Drop for BareProcess {
    /// Without input it ends by itself.
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait());
    }
}
