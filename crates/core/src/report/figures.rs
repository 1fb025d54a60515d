//! The figures of a report, as they leave the core.

use std::collections::BTreeMap;

use serde::Serialize;

use super::growth::Savings;
use crate::store::Sizes;

/// What some memories take, and how that compares with their texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Footprint {
    /// How many, and the bytes of each part.
    #[serde(flatten)]
    pub sizes: Sizes,
    /// Their share of the index by meaning, by vectors.
    pub index_bytes: u64,
    /// Their share of the full-text index, by bytes of text.
    pub word_bytes: u64,
    /// Text tokens per memory token.
    pub ratio: Option<f64>,
    /// Bytes of text per byte stored for it: text, memory tokens and both indexes.
    pub byte_ratio: Option<f64>,
}

/// How often an item was found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quality {
    /// Questions asked.
    pub questions: usize,
    /// The share of them whose item came first.
    pub r1: f64,
    /// The mean of 1 / place among the first ten, 0 below.
    pub mrr10: f64,
}

/// How often an item was found, by how it was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Retrieval {
    /// By a sentence of it that was left out when it was remembered.
    pub held_out: Option<Quality>,
    /// By a sentence of it that was remembered with it.
    pub kept: Option<Quality>,
    /// Items of one sentence: by its second half, only the first being remembered.
    pub half: Option<Quality>,
}

/// What a kind would take, and be worth, at one ratio.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RatioFigures {
    /// Text tokens per memory token.
    pub ratio: u16,
    /// Memory tokens of all items, counted exactly.
    pub memory_tokens: u64,
    /// Bytes of their vectors in the hot tier (16-bit floats).
    pub hot_bytes: u64,
    /// In the warm and cold tiers (8-bit integers).
    pub warm_bytes: u64,
    /// Bytes of text per byte of hot vectors.
    pub hot_byte_ratio: Option<f64>,
    /// Bytes of text per byte of warm vectors.
    pub warm_byte_ratio: Option<f64>,
    /// CPU seconds to encode all items, extrapolated from the sample by text tokens.
    pub encode_cpu_seconds: Option<f64>,
    /// CPU milliseconds to compare one question with 1,000 items, one by one.
    pub scan_cpu_ms: Option<f64>,
    /// Found by meaning alone.
    pub meaning: Option<Retrieval>,
    /// Found as `search()` does unless told otherwise: by meaning and keywords.
    pub hybrid: Option<Retrieval>,
}

/// What the same questions find without memory tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Baselines {
    /// By keywords (BM25) in the text.
    pub keyword: Retrieval,
    /// By one mean vector for each item.
    pub mean_vector: Retrieval,
}

/// What text costs without memory tokens: packing it, and indexing its words.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TextCost {
    /// CPU seconds to pack the texts of all items (zstd), extrapolated by bytes.
    pub pack_cpu_seconds: Option<f64>,
    /// CPU seconds to index their words, extrapolated by bytes.
    pub index_cpu_seconds: Option<f64>,
    /// CPU milliseconds to look one question's words up among the sample.
    pub search_cpu_ms: Option<f64>,
}

/// What encoding costs: measured on the sample, extrapolated to all items by text tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EncodeCost {
    /// Text tokens that were encoded to measure it.
    pub sample_tokens: u64,
    /// CPU seconds that took.
    pub sample_cpu_seconds: Option<f64>,
    /// CPU seconds for all items, whatever the ratio: one run of the model serves all.
    pub cpu_seconds: Option<f64>,
    /// CPU milliseconds of one question.
    pub question_cpu_ms: Option<f64>,
}

/// What was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SampleFigures {
    /// Items looked at, each a distractor of all others.
    pub items: usize,
    /// Those of one sentence.
    pub single_sentence: usize,
    /// Those that nothing asks for: what they say is too short, or stands in others too.
    pub without_question: usize,
    /// Those of which only the first 8 kB were read.
    pub shortened: usize,
    /// How many are stored at which ratio.
    pub ratios_in_use: BTreeMap<u16, usize>,
}

/// The memories of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KindFigures {
    /// The kind.
    pub kind: String,
    /// All of them.
    pub all: Footprint,
    /// By tier; a tier without memories is left out.
    pub tiers: BTreeMap<&'static str, Footprint>,
    /// At each ratio.
    pub ratios: Vec<RatioFigures>,
    /// Beside memory tokens; none when nothing was measured.
    pub baselines: Option<Baselines>,
    /// None when nothing was measured.
    pub encode: Option<EncodeCost>,
    /// None when nothing was measured.
    pub text: Option<TextCost>,
    /// None when nothing was measured.
    pub sample: Option<SampleFigures>,
}

/// The versions of all projects of all users.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryFigures {
    /// Projects.
    pub projects: u64,
    /// Versions that can be restored.
    pub versions: u64,
    /// UTF-8 bytes of the versions' texts.
    pub bytes: u64,
    /// Bytes of the file that restoring them needs; audio counts once.
    pub stored_bytes: u64,
    /// Bytes of text per byte stored.
    pub byte_ratio: Option<f64>,
}

/// The money the cache saved, in all scopes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheMoney {
    /// Answers kept.
    pub entries: u64,
    /// Bytes of their texts and vectors.
    pub bytes: u64,
    /// Look-ups that were served.
    pub hits: u64,
    /// Look-ups that were not.
    pub misses: u64,
    /// What the hits would have cost, in US dollars.
    pub saved: f64,
    /// The part of `saved` that rests on estimated tokens.
    pub saved_estimated: f64,
    /// The same by day or month.
    pub savings: Savings,
}
