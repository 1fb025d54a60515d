//! What is at work, whether it is sound, and how to mend it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::PrimeMemory;
use super::open::Open;
use super::upkeep::index_path;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::index::IndexStats;
use crate::store::{KindStats, StoreStats};
use crate::tokens::{MemoryTokens, Ratio};

/// Memories re-encoded between two commits of `reindex`.
const REENCODE_BATCH: usize = 64;

/// The state of an open memory.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Memories in all scopes.
    pub memories: usize,
    /// Per kind: counts, tokens and bytes.
    pub kinds: BTreeMap<String, KindStats>,
    /// Files and how they are kept.
    pub store: StoreStats,
    /// The model at work.
    pub model: ModelReport,
    /// The index at work.
    pub index: IndexReport,
    /// The ONNX Runtime at work.
    pub runtime: RuntimeReport,
}

/// The model at work.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelReport {
    /// Its name.
    pub name: String,
    /// SHA-256 over its files and the way texts are cut and pooled.
    pub fingerprint: String,
    /// Numbers per memory token.
    pub dims: usize,
    /// Threads that may encode at once.
    pub threads: usize,
    /// Whether the store was filled with this model.
    pub matches_store: bool,
}

/// The index at work.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexReport {
    /// Counts, mode, recall.
    #[serde(flatten)]
    pub stats: IndexStats,
    /// `loaded`, `new`, or `rebuilt: ` and why.
    pub origin: String,
    /// Bytes of the index file; 0 when there is none.
    pub file_bytes: u64,
}

/// The ONNX Runtime at work.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeReport {
    /// The library file.
    pub path: String,
    /// Its version.
    pub version: String,
    /// Where the model runs.
    pub execution_provider: &'static str,
}

/// What `verify` or `repair` found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether nothing is wrong (any more).
    pub ok: bool,
    /// What is wrong, a sentence each.
    pub problems: Vec<String>,
    /// What was mended, a sentence each.
    pub mended: Vec<String>,
}

impl PrimeMemory {
    /// What is at work and how much it holds.
    ///
    /// # Errors
    /// `PM_CLOSED`, or what reading the store gives.
    pub fn stats(&self) -> Result<Stats> {
        let open = self.open_parts()?;
        let (store, kinds) = open.store.stats()?;
        let file_bytes = std::fs::metadata(index_path(&open.path)).map_or(0, |meta| meta.len());
        Ok(Stats {
            memories: kinds.values().map(|kind| kind.memories).sum(),
            kinds,
            model: ModelReport {
                name: open.encoder.name().to_owned(),
                fingerprint: open.encoder.fingerprint().to_owned(),
                dims: open.encoder.dims(),
                threads: open.encoder.threads(),
                matches_store: open.store.model_matches(),
            },
            index: IndexReport {
                stats: open.index.stats(),
                origin: open.upkeep.origin().to_owned(),
                file_bytes,
            },
            runtime: RuntimeReport {
                path: open.runtime.path().display().to_string(),
                version: open.runtime.version().to_owned(),
                execution_provider: "cpu",
            },
            store,
        })
    }

    /// Checks every row, every vector and the index against each other. Reads everything.
    ///
    /// # Errors
    /// `PM_CLOSED`; damage is reported, not thrown.
    pub fn verify(&self) -> Result<Report> {
        let open = self.open_parts()?;
        let mut problems = open.store.verify()?;
        problems.extend(open.verify_index()?);
        Ok(Report { ok: problems.is_empty(), problems, mended: Vec::new() })
    }

    /// Mends what can be mended without guessing: full text and index are built again from the
    /// memories. What stays wrong is in `problems`.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn repair(&self) -> Result<Report> {
        let open = self.open_parts()?;
        let mut mended = open.store.repair()?;
        if !open.verify_index()?.is_empty() {
            open.rebuild_index()?;
            mended.push("the index was built again".to_owned());
        }
        let mut report = self.verify()?;
        report.mended = mended;
        Ok(report)
    }

    /// Encodes from its text every memory whose tokens are of another model, then builds the index
    /// again. Can be stopped and called again; until it is through, the store keeps its old model.
    /// Returns how many memories were encoded.
    ///
    /// # Errors
    /// `PM_ABORTED`, `PM_INFERENCE`, `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn reindex(&self, control: &Control) -> Result<usize> {
        let open = self.open_parts()?;
        let total = open.store.count_to_reencode()?;
        let mut done = 0;
        loop {
            control.check()?;
            let batch = open.store.reencode_batch(REENCODE_BATCH)?;
            if batch.is_empty() {
                break;
            }
            let texts: Vec<(&str, Ratio)> =
                batch.iter().map(|item| (item.text.as_str(), item.ratio)).collect();
            let tokens = open.encoder.compress_many(&texts, &Control::new())?;
            let rows: Vec<(u64, MemoryTokens)> =
                batch.iter().map(|item| item.row).zip(tokens).collect();
            done += rows.len();
            open.store.replace_tokens(rows)?;
            control.report(done, total.max(done));
        }
        open.store.finish_reencode()?;
        open.rebuild_index()?;
        open.erase_from_saved_index()?;
        Ok(done)
    }
}

impl Open {
    /// # Errors
    /// `PM_MODEL_MISMATCH` when the store was filled with another model.
    pub(super) fn refuse_other_model(&self) -> Result<()> {
        if self.store.model_matches() {
            return Ok(());
        }
        Err(Error::ModelMismatch {
            stored: self.store.model_name()?,
            given: self.encoder.name().to_owned(),
        })
    }

    /// Differences between the rows of the index and the rows of the store.
    fn verify_index(&self) -> Result<Vec<String>> {
        self.catch_up()?;
        let stored = self.store.rows_with_tokens()?;
        let indexed = self.index.rows();
        let missing = stored.difference(&indexed).count();
        let extra = indexed.difference(&stored).count();
        let mut problems = Vec::new();
        if missing > 0 {
            problems.push(format!("{missing} memories are missing from the index"));
        }
        if extra > 0 {
            problems.push(format!("the index holds {extra} memories that are gone"));
        }
        Ok(problems)
    }
}
