//! How likely do two requests ask the same? A cross-encoder reads both at once; the guard asks it where
//! its rules leave a pair open.
//!
//! A package folder holds `model.json` and a graph with one logit per pair. Its tokenizer and its tables
//! of words and positions are those of the encoder it was made from: it names that package and takes
//! them from there (`pair_base.rs`). Beside the graph it carries what calibration on held-back requests
//! found: weights of evidence (I. J. Good: the log odds that each difference seen by the rules adds) and
//! the thresholds that keep a share of wrong answers. `training/guard/` makes it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ort::logging::LogLevel;
use ort::session::{Session, SessionInputValue};
use ort::value::TensorRef;
use serde::Deserialize;

use super::manifest::{InputNames, TokenizerFile};
use super::package::read_checked;
use super::pair_base::{Base, Tables};
use super::runtime::Runtime;
use super::tokenizer::Tokenizer;
use crate::control::Control;
use crate::error::{Error, Result};

/// The pair model that is used unless another is named.
const PAIR_PACKAGE: &str = "@mixxclub/prime-memory-guard-minilm-l6";

/// The pair model at work: one session, used by one caller at a time.
pub struct PairModel {
    manifest: PairManifest,
    tokenizer: Tokenizer,
    session: Mutex<Session>,
}

/// `model.json` of a pair model.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PairManifest {
    format: u32,
    kind: String,
    name: String,
    /// Tokens of both requests together, three special ones included.
    max_tokens: usize,
    graph: GraphFile,
    tokenizer: TokenizerFile,
    /// The package that the tokenizer and the tables are taken from; none when the package is whole.
    base: Option<Base>,
    weights: Weights,
    /// Highest share of wrong answers, and the log odds from which it holds.
    thresholds: Vec<(f64, f64)>,
}

#[derive(Debug, Clone, Deserialize)]
struct GraphFile {
    file: String,
    sha256: String,
    inputs: InputNames,
    output: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Weights {
    near: HashMap<String, f64>,
    far: HashMap<String, f64>,
}

impl PairModel {
    /// Opens the package in `folder` and checks it by a first run.
    ///
    /// # Errors
    /// `PM_MODEL_NOT_FOUND` without a folder or a `model.json` in it, or without the package it builds
    /// on; `PM_MODEL_CORRUPT` when a file is not the one that `model.json` describes, or is no pair model.
    pub fn open(folder: &Path, runtime: &Runtime) -> Result<PairModel> {
        let manifest = read_manifest(folder)?;
        let graph = read_checked(folder, &manifest.graph.file, &manifest.graph.sha256)?;
        let base = manifest.base.as_ref().map(|base| base.find(folder)).transpose()?;
        let home = base.as_deref().unwrap_or(folder);
        let bytes = read_checked(home, &manifest.tokenizer.file, &manifest.tokenizer.sha256)?;
        let tables = match (&manifest.base, &base) {
            (Some(base), Some(home)) => base.tables(home)?,
            _ => Tables::new(),
        };
        let corrupt =
            |file: &str, reason: String| Error::ModelCorrupt { file: folder.join(file), reason };
        let tokenizer = Tokenizer::from_bytes(&bytes, &manifest.tokenizer)
            .map_err(|reason| corrupt(&manifest.tokenizer.file, reason))?;
        let session = session(&graph, tables, runtime)
            .map_err(|err| corrupt(&manifest.graph.file, err.to_string()))?;
        let pair = PairModel { tokenizer, session: Mutex::new(session), manifest };
        pair.logit("a", "b", &Control::new())
            .map_err(|err| corrupt(&pair.manifest.graph.file, err.to_string()))?;
        Ok(pair)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.manifest.name
    }

    /// How likely `stored` asks the same as `asked`, 0 to 1, in view of the differences that the rules saw
    /// (`near` and `evidence` of the guard's open verdict).
    ///
    /// # Errors
    /// `PM_INFERENCE`, `PM_ABORTED`.
    pub fn score(
        &self,
        asked: &str,
        stored: &str,
        near: bool,
        evidence: &[&str],
        control: &Control,
    ) -> Result<f32> {
        let weights = if near { &self.manifest.weights.near } else { &self.manifest.weights.far };
        let weight = |code: &str| weights.get(code).copied().unwrap_or(0.0);
        let seen: f64 = evidence.iter().map(|code| weight(code)).sum();
        let logit = f64::from(self.logit(asked, stored, control)?);
        Ok(likelihood(weight("bias") + weight("logit") * logit + seen))
    }

    /// The score from which no more than this share of the answers served is wrong, by calibration on
    /// requests that the model has not learned from. Infinite when no score is that sure.
    pub fn threshold(&self, max_error_rate: f64) -> f32 {
        let kept =
            self.manifest.thresholds.iter().filter(|(rate, _)| *rate <= max_error_rate + 1e-12);
        kept.map(|(_, odds)| likelihood(*odds)).fold(f32::INFINITY, f32::min)
    }

    /// The graph's answer on `[CLS] asked [SEP] stored [SEP]`. Texts that do not fit lose their ends,
    /// the longer one first.
    fn logit(&self, asked: &str, stored: &str, control: &Control) -> Result<f32> {
        let mut a = self.tokenizer.encode(asked, control)?;
        let mut b = self.tokenizer.encode(stored, control)?;
        let room = self.manifest.max_tokens - 3;
        if a.len() + b.len() > room {
            let (of_a, of_b) = (a.len(), b.len());
            a.truncate((room / 2).max(room.saturating_sub(of_b)));
            b.truncate((room / 2).max(room.saturating_sub(of_a)));
        }
        control.check()?;
        let TokenizerFile { cls_id, sep_id, .. } = self.manifest.tokenizer;
        let first = [&[cls_id], a.as_slice(), &[sep_id]].concat();
        let second = [b.as_slice(), &[sep_id]].concat();
        let ids: Vec<i64> = first.iter().chain(&second).map(|id| i64::from(*id)).collect();
        let types: Vec<i64> = (0..ids.len()).map(|i| i64::from(i >= first.len())).collect();
        let mask = vec![1_i64; ids.len()];
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        run(&mut session, &self.manifest.graph, [&ids, &mask, &types])
            .map_err(|err| Error::Inference { reason: err.to_string() })
    }
}

impl std::fmt::Debug for PairModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PairModel").field("name", &self.manifest.name).finish_non_exhaustive()
    }
}

/// Log odds as a likelihood.
fn likelihood(odds: f64) -> f32 {
    (1.0 / (1.0 + (-odds).exp())) as f32
}

fn read_manifest(folder: &Path) -> Result<PairManifest> {
    let file = folder.join("model.json");
    if !file.is_file() {
        let reason =
            if folder.is_dir() { "it holds no model.json" } else { "there is no such folder" };
        return Err(Error::ModelNotFound {
            path: folder.to_path_buf(),
            reason: reason.to_owned(),
            package: PAIR_PACKAGE.to_owned(),
        });
    }
    let bytes = std::fs::read(&file).map_err(|err| Error::io("reading", &file, err))?;
    let corrupt = |reason: String| Error::ModelCorrupt { file: file.clone(), reason };
    let manifest: PairManifest =
        serde_json::from_slice(&bytes).map_err(|err| corrupt(err.to_string()))?;
    if manifest.format != 1 || manifest.kind != "pair" {
        return Err(corrupt("it describes no pair model of format 1".to_owned()));
    }
    if !(8..=512).contains(&manifest.max_tokens) {
        return Err(corrupt(format!("maxTokens is {}, expected 8 to 512", manifest.max_tokens)));
    }
    Ok(manifest)
}

fn session(graph: &Arc<[u8]>, tables: Tables, runtime: &Runtime) -> ort::Result<Session> {
    let mut builder = Session::builder(runtime.environment())?;
    for (location, bytes) in tables {
        builder = builder.with_external_initializer_file_in_memory(location, bytes)?;
    }
    builder
        .with_intra_threads(1)?
        .with_inter_threads(1)?
        .with_intra_op_spinning(false)?
        .with_memory_pattern(false)?
        .with_log_level(LogLevel::Error)?
        .commit_from_memory(graph)
}

fn run(session: &mut Session, graph: &GraphFile, buffers: [&[i64]; 3]) -> ort::Result<f32> {
    let count = buffers[0].len();
    let names = [Some(&graph.inputs.ids), Some(&graph.inputs.mask), graph.inputs.types.as_ref()];
    let mut inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = Vec::with_capacity(3);
    for (name, buffer) in names.into_iter().zip(buffers) {
        let Some(name) = name else { continue };
        inputs.push((
            Cow::from(name.as_str()),
            TensorRef::from_array_view(([1, count], buffer))?.into(),
        ));
    }
    let outputs = session.run(inputs)?;
    let missing = || ort::Error::new(format!("no output \"{}\"", graph.output));
    let (_, logit) = outputs.get(&graph.output).ok_or_else(missing)?.try_extract_tensor::<f32>()?;
    logit.first().copied().ok_or_else(missing)
}
