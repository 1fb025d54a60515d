//! What is at work, whether it is sound, and how to mend it.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::PrimeMemory;
use super::open::Open;
use super::upkeep::index_path;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::index::IndexStats;
use crate::store::{KindStats, Reencoded, RepairReport, Sizes, StoreStats, Tier};
use crate::tokens::Ratio;

/// Memories re-encoded between two commits of `reindex`.
const REENCODE_BATCH: usize = 64;

/// The state of an open memory.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Memories in all scopes.
    pub memories: u64,
    /// Per kind: counts, tokens and bytes.
    pub kinds: BTreeMap<String, KindReport>,
    /// Files and how they are kept.
    pub store: StoreStats,
    /// The model at work.
    pub model: ModelReport,
    /// The index at work.
    pub index: IndexReport,
    /// The ONNX Runtime at work.
    pub runtime: RuntimeReport,
}

/// The memories of one kind.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KindReport {
    /// How many, and what they take.
    #[serde(flatten)]
    pub sizes: Sizes,
    /// How many in each tier.
    pub tiers: TierCounts,
}

/// Memories per tier.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct TierCounts {
    /// Text and full memory tokens.
    pub hot: u64,
    /// Text and 8-bit memory tokens.
    pub warm: u64,
    /// The text is gone.
    pub cold: u64,
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

/// What re-encoding does with memories whose text a tier policy dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WithoutText {
    /// Refuses with `PM_TEXT_GONE`.
    #[default]
    Fail,
    /// They lose their vectors: their metadata stay, `get` finds them, no search does.
    DropVectors,
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
        let store = open.store.stats()?;
        let kinds = by_kind(&store.kinds);
        let file_bytes = std::fs::metadata(index_path(&open.path)).map_or(0, |meta| meta.len());
        Ok(Stats {
            memories: kinds.values().map(|kind| kind.sizes.memories).sum(),
            kinds,
            model: ModelReport {
                name: open.encoder.manifest().name.clone(),
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

    /// Checks every row, every vector's shape and the index against each other. Reads everything. A vector
    /// whose numbers are finite but not those that were stored is not told from a sound one.
    ///
    /// # Errors
    /// `PM_CLOSED`; damage is reported, not thrown.
    pub fn verify(&self) -> Result<Report> {
        let open = self.open_parts()?;
        let mut problems = damage_as_words(open.store.verify())?;
        problems.extend(damage_as_words(open.verify_snapshots())?);
        problems.extend(damage_as_words(open.verify_index())?);
        Ok(Report { ok: problems.is_empty(), problems, mended: Vec::new() })
    }

    /// Mends what can be mended without guessing: full text and index are built again from the
    /// memories. What stays wrong is in `problems`.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn repair(&self) -> Result<Report> {
        let open = self.open_parts()?;
        // Words are indexed again whether or not anything was wrong with them: no mending in a sound store.
        let was_sound = damage_as_words(open.store.verify())?.is_empty();
        let mut mended = match open.store.repair() {
            Ok(repaired) if was_sound => in_words(&RepairReport { texts_indexed: 0, ..repaired }),
            Ok(repaired) => in_words(&repaired),
            // Pages so damaged that the repair itself fails; it has changed nothing.
            Err(Error::StoreCorrupt { .. } | Error::Sqlite { .. }) => Vec::new(),
            Err(err) => return Err(err),
        };
        if !damage_as_words(open.verify_index())?.is_empty() {
            open.rebuild_index()?;
            mended.push("the index was built again".to_owned());
        }
        match open.mend_features() {
            Ok(0) | Err(Error::StoreCorrupt { .. } | Error::Sqlite { .. }) => {}
            Ok(count) => mended.push(format!("{count} snapshots got their features again")),
            Err(err) => return Err(err),
        }
        let mut report = self.verify()?;
        report.mended = mended;
        Ok(report)
    }

    /// Encodes from its text every memory whose tokens are of another model, then builds the index
    /// again. Can be stopped and called again. From the first memory that was encoded until it is
    /// through, calls that compare or make vectors refuse with `PM_MODEL_MISMATCH`, with either model.
    /// Returns how many memories were encoded.
    ///
    /// # Errors
    /// `PM_ABORTED`, `PM_INFERENCE`, `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn reindex(&self, control: &Control) -> Result<usize> {
        self.reindex_with(WithoutText::Fail, control)
    }

    /// As [`PrimeMemory::reindex`], with a word on memories whose text is gone: nothing can encode
    /// them again, and their vectors are of no use beside those of another model.
    ///
    /// # Errors
    /// `PM_TEXT_GONE` when there are any, before anything is encoded, unless they are to lose their
    /// vectors; else as [`PrimeMemory::reindex`].
    pub fn reindex_with(&self, without_text: WithoutText, control: &Control) -> Result<usize> {
        let open = self.open_parts()?;
        open.refuse_without_text(without_text)?;
        let total = open.store.reencode_report()?.waiting as usize;
        // Told by batches; a stop ends the one under way.
        let unheard = control.clone().on_progress(|_| {});
        let (mut done, mut after, mut is_second_look) = (0, 0, false);
        loop {
            control.check()?;
            let batch = open.store.reencode_batch(after, REENCODE_BATCH)?;
            let Some(last) = batch.last() else {
                // A text that changed while it was encoded waits behind.
                if after == 0 || is_second_look {
                    break;
                }
                (after, is_second_look) = (0, true);
                continue;
            };
            after = last.row;
            let texts: Vec<(&str, Ratio)> =
                batch.iter().map(|item| (item.text.as_str(), item.ratio)).collect();
            let encoded = open.encoder.compress_many(&texts, &unheard)?;
            let encoded = batch.iter().zip(encoded).map(|(item, tokens)| Reencoded {
                row: item.row,
                changed: item.changed,
                tokens,
            });
            done += open.store.replace_tokens(encoded.collect())?;
            control.report(done, total.max(done));
        }
        open.encode_responses(&unheard)?;
        // Another process may have dropped texts meanwhile.
        open.refuse_without_text(without_text)?;
        open.store.finish_reencode()?;
        open.erase_from_saved_index()?;
        open.rebuild_index()?;
        Ok(done)
    }
}

/// Damage that stops a check is what the check has found.
fn damage_as_words(checked: Result<Vec<String>>) -> Result<Vec<String>> {
    match checked {
        Err(err @ Error::StoreCorrupt { .. }) => Ok(vec![err.to_string()]),
        checked => checked,
    }
}

/// The tiers of each kind added up.
fn by_kind(stored: &[KindStats]) -> BTreeMap<String, KindReport> {
    let mut kinds: BTreeMap<String, KindReport> = BTreeMap::new();
    for part in stored {
        let kind = kinds.entry(part.kind.clone()).or_default();
        kind.sizes += part.sizes;
        let count = part.sizes.memories;
        match part.tier {
            Tier::Hot => kind.tiers.hot += count,
            Tier::Warm => kind.tiers.warm += count,
            Tier::Cold => kind.tiers.cold += count,
        }
    }
    kinds
}

fn in_words(repaired: &RepairReport) -> Vec<String> {
    let parts = [
        (repaired.texts_indexed, "texts were indexed by word again"),
        (repaired.orphans_removed, "rows that belonged to no memory were removed"),
        (repaired.tokens_dropped, "damaged vectors were dropped; reindex() brings them back"),
        (repaired.responses_dropped, "damaged answers of the cache were dropped"),
        (
            repaired.vectors_lost,
            "damaged vectors of memories without text were dropped; only a backup brings them back",
        ),
        (repaired.tiers_mended, "memories got the tier that their text says"),
        (repaired.audio_held, "audio buffers are held for their project again"),
        (
            repaired.texts_lost,
            "texts that were damaged or missing are lost, and the data of the missing ones; only a backup brings them back",
        ),
    ];
    let done = parts.into_iter().filter(|(count, _)| *count > 0);
    done.map(|(count, what)| format!("{count} {what}")).collect()
}

impl Open {
    /// # Errors
    /// `PM_MODEL_MISMATCH` when the store was filled with another model, or is half re-encoded.
    pub(super) fn refuse_other_model(&self) -> Result<()> {
        self.store.refuse_other_model()
    }

    /// # Errors
    /// `PM_TEXT_GONE` when re-encoding would cost memories without text their vectors.
    fn refuse_without_text(&self, without_text: WithoutText) -> Result<()> {
        let gone = self.store.reencode_report()?.without_text;
        if gone == 0 || without_text == WithoutText::DropVectors {
            return Ok(());
        }
        Err(Error::TextGone {
            what: "reindex".to_owned(),
            found: format!("{gone} memories have no text to encode again"),
            advice: "they would no longer be found by meaning, only by their id: keep the old \
                model, forget them, or say withoutText: 'dropVectors'"
                .to_owned(),
        })
    }

    /// Gives cached answers that lack one a vector of this model.
    fn encode_responses(&self, control: &Control) -> Result<()> {
        let mut after = 0;
        loop {
            control.check()?;
            let batch = self.store.responses_to_encode(after, REENCODE_BATCH)?;
            let Some((last, _)) = batch.last() else { return Ok(()) };
            after = *last;
            let coarsest = Ratio::new(self.encoder.manifest().ratios.max)?;
            let texts: Vec<(&str, Ratio)> =
                batch.iter().map(|(_, prompt)| (prompt.as_str(), coarsest)).collect();
            let encoded = self.encoder.compress_many(&texts, control)?;
            let rows = batch.iter().map(|(row, _)| *row);
            let vectors = rows.zip(encoded.into_iter().map(|tokens| tokens.whole)).collect();
            self.store.set_response_vectors(vectors)?;
        }
    }

    /// Differences between the rows of the index and the rows of the store.
    fn verify_index(&self) -> Result<Vec<String>> {
        let (mut missing, mut extra) = self.index_differences()?;
        if !missing.is_empty() || !extra.is_empty() {
            // What was written between the two looks is no damage: it is gone after another.
            let again = self.index_differences()?;
            missing.retain(|row| again.0.contains(row));
            extra.retain(|row| again.1.contains(row));
        }
        let mut problems = Vec::new();
        if !missing.is_empty() {
            problems.push(format!("{} memories are missing from the index", missing.len()));
        }
        if !extra.is_empty() {
            problems.push(format!("the index holds {} memories that are gone", extra.len()));
        }
        Ok(problems)
    }

    /// Memories that only the store has, and those that only the index has.
    fn index_differences(&self) -> Result<(HashSet<u64>, HashSet<u64>)> {
        self.catch_up()?;
        let stored = self.store.rows_with_tokens()?;
        let indexed = self.index.rows();
        let only = |a: &HashSet<u64>, b: &HashSet<u64>| a.difference(b).copied().collect();
        Ok((only(&stored, &indexed), only(&indexed, &stored)))
    }
}
