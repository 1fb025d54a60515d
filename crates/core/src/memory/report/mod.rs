//! The report: what each kind and tier takes, what other ratios would take, and how well they are found.
//!
//! Here: the order of work; `sample.rs` reads texts, `retrieval.rs` encodes them and asks for them. The figures and how they are
//! judged are in `report/`, the reads in `store/survey.rs`. Nothing is written, no access is counted.

mod retrieval;
mod sample;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde::Serialize;

use self::retrieval::{Measured, Trial};
use self::sample::Sample;
use super::open::Open;
use super::{PrimeMemory, Stats};
use crate::cache::saved_day;
use crate::control::Control;
use crate::error::Result;
use crate::report::{
    CacheMoney, Footprint, Growth, HistoryFigures, Indexes, KindFigures, RatioFigures,
    ReportOptions, at_ratio, footprint, growth, quotient, savings,
};
use crate::store::{Lengths, Sizes, Survey, Tier, now_ms};
use crate::tokens::Ratio;

/// Text tokens encoded at most, shared out among the kinds: about 30 CPU seconds.
const MOST_TOKENS: usize = 200_000;

/// What a store costs and what it is worth.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoreReport {
    /// When it was made, milliseconds since 1970.
    pub at: i64,
    /// The store's file.
    pub path: String,
    /// Seconds it took.
    pub seconds: f64,
    /// As `stats()` gives it.
    pub stats: Stats,
    /// All kinds asked for together.
    pub all: Footprint,
    /// By kind, by name.
    pub kinds: Vec<KindFigures>,
    /// All kinds, by when they were added.
    pub growth: Growth,
    /// The versions of projects.
    pub history: HistoryFigures,
    /// The response cache.
    pub cache: CacheMoney,
}

impl PrimeMemory {
    /// What this store costs and what it is worth, in all scopes: sizes counted exactly, retrieval and CPU
    /// time measured on a sample of each kind that is encoded again in memory. Progress counts its items.
    ///
    /// Reads only: nothing is written, and a writer in another process is neither waited for nor held up.
    ///
    /// # Errors
    /// `PM_BAD_OPTION`, `PM_BAD_RATIO`, `PM_UNKNOWN_KIND`, `PM_INFERENCE`, `PM_ABORTED`, `PM_CLOSED`.
    pub fn report(&self, options: &ReportOptions, control: &Control) -> Result<StoreReport> {
        let (begun, open) = (Instant::now(), self.open_parts()?);
        let (ratios, most) = (options.checked_ratios()?, options.checked_sample()?);
        ratios.iter().try_for_each(|ratio| open.encoder.check_ratio(*ratio))?;
        open.refuse_unknown_kind(&options.kinds.0)?;
        let (stats, survey) = (self.stats()?, open.store.survey()?);
        let wanted = |kind: &str| {
            options.kinds.0.is_empty() || options.kinds.0.iter().any(|asked| asked == kind)
        };
        let kinds: BTreeSet<&str> =
            survey.lengths.iter().map(|l| l.kind.as_str()).filter(|kind| wanted(kind)).collect();
        let samples = samples(&open, &kinds, most)?;
        let total = samples.values().map(Sample::len).sum();
        let trial = Trial::new(&open, &ratios, control, total);
        let counted = Counted::new(&stats, &survey);
        let mut figures = Vec::with_capacity(kinds.len());
        for kind in &kinds {
            let measured = samples.get(kind).map(|sample| trial.measure(sample)).transpose()?;
            figures.push(counted.kind(kind, &ratios, open.encoder.dims(), measured));
        }
        Ok(StoreReport {
            at: now_ms(),
            path: open.path.display().to_string(),
            all: counted.all(wanted),
            kinds: figures,
            growth: growth(&survey.days),
            history: history(&survey),
            cache: money(&survey),
            seconds: begun.elapsed().as_secs_f64(),
            stats,
        })
    }
}

/// The texts that are measured, by kind; empty when none are.
fn samples<'k>(
    open: &Open,
    kinds: &BTreeSet<&'k str>,
    most: usize,
) -> Result<BTreeMap<&'k str, Sample>> {
    if most == 0 {
        return Ok(BTreeMap::new());
    }
    let budget = MOST_TOKENS / kinds.len().max(1);
    let of_kind = |kind: &&'k str| Ok((*kind, Sample::read(&open.store, kind, most, budget)?));
    kinds.iter().map(of_kind).collect()
}

/// What was counted, put together by kind.
struct Counted<'a> {
    stats: &'a Stats,
    lengths: &'a [Lengths],
    indexes: Indexes,
}

impl<'a> Counted<'a> {
    fn new(stats: &'a Stats, survey: &'a Survey) -> Counted<'a> {
        let index = &stats.index;
        let source_bytes = stats.store.kinds.iter().map(|kind| kind.sizes.source_bytes).sum();
        let indexes = Indexes {
            // An index that is not saved yet is as large as in memory.
            index_bytes: if index.file_bytes > 0 {
                index.file_bytes
            } else {
                index.stats.memory_bytes as u64
            },
            vectors: survey.lengths.iter().map(|l| l.vectors).sum(),
            word_bytes: survey.word_bytes,
            source_bytes,
        };
        Counted { stats, lengths: &survey.lengths, indexes }
    }

    fn footprint(&self, of: impl Fn(&str, Tier) -> bool) -> Footprint {
        let mut sizes = Sizes::default();
        let counted = self.stats.store.kinds.iter().filter(|part| of(&part.kind, part.tier));
        counted.for_each(|part| sizes += part.sizes);
        let lengths = self.lengths.iter().filter(|l| of(&l.kind, l.tier));
        footprint(sizes, lengths.map(|l| l.vectors).sum(), &self.indexes)
    }

    fn all(&self, wanted: impl Fn(&str) -> bool) -> Footprint {
        self.footprint(|kind, _| wanted(kind))
    }

    fn kind(
        &self,
        kind: &str,
        ratios: &[Ratio],
        dims: usize,
        measured: Option<Measured>,
    ) -> KindFigures {
        let all = self.footprint(|name, _| name == kind);
        let tiers = [Tier::Hot, Tier::Warm, Tier::Cold].into_iter().map(|tier| {
            (tier.name(), self.footprint(|name, its_tier| name == kind && its_tier == tier))
        });
        let tiers = tiers.filter(|(_, footprint)| footprint.sizes.memories > 0).collect();
        let lengths = || self.lengths.iter().filter(|l| l.kind == kind);
        let sized = ratios.iter().enumerate().map(|(at, ratio)| {
            let lengths = lengths().map(|l| (l.source_tokens, l.memories));
            let sizing = at_ratio(lengths, *ratio, dims);
            let sources = all.sizes.source_bytes;
            let one = measured.as_ref().map(|measured| &measured.ratios[at]);
            RatioFigures {
                ratio: ratio.get(),
                memory_tokens: sizing.memory_tokens,
                hot_bytes: sizing.hot_bytes,
                warm_bytes: sizing.warm_bytes,
                hot_byte_ratio: quotient(sources, sizing.hot_bytes),
                warm_byte_ratio: quotient(sources, sizing.warm_bytes),
                encode_cpu_seconds: one.and_then(|one| one.encode_seconds(&all.sizes)),
                scan_cpu_ms: one.and_then(|one| one.scan_ms),
                meaning: one.map(|one| one.meaning),
                hybrid: one.map(|one| one.hybrid),
            }
        });
        KindFigures {
            kind: kind.to_owned(),
            all,
            tiers,
            ratios: sized.collect(),
            baselines: measured.as_ref().map(|measured| measured.baselines),
            encode: measured.as_ref().map(|measured| measured.encode_cost(&all.sizes)),
            text: measured.as_ref().map(|measured| measured.text_cost(&all.sizes)),
            sample: measured.map(|measured| measured.sample),
        }
    }
}

fn history(survey: &Survey) -> HistoryFigures {
    let found = survey.history;
    HistoryFigures {
        projects: found.projects,
        versions: found.versions,
        bytes: found.bytes,
        stored_bytes: found.stored_bytes,
        byte_ratio: quotient(found.bytes, found.stored_bytes),
    }
}

fn money(survey: &Survey) -> CacheMoney {
    let sum = |name: &str| survey.counts.get(name).copied().unwrap_or_default();
    let mut days: Vec<(i64, f64)> =
        survey.counts.iter().filter_map(|(name, saved)| Some((saved_day(name)?, *saved))).collect();
    days.sort_by_key(|(day, _)| *day);
    let (entries, bytes) = survey.responses;
    CacheMoney {
        entries,
        bytes,
        hits: (sum("exactHits") + sum("meaningHits")) as u64,
        misses: sum("misses") as u64,
        saved: sum("saved"),
        saved_estimated: sum("savedEstimated"),
        savings: savings(&days, sum("saved")),
    }
}
