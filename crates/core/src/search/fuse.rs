//! Meaning and keywords in one score.

use super::rescore::Meaning;

/// How much of a hybrid score is meaning; the rest is keywords. Measured with stemmed BM25 on
/// three sets (`npm run bench:retrieval`); equal weights lose up to 12 points of R@1 where keywords
/// are weak.
const MEANING_SHARE: f32 = 0.8;

/// A memory that may be a hit, with both parts of its score.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub(crate) row: u64,
    /// None in keyword mode, where no vector is read.
    pub(crate) meaning: Option<Meaning>,
    /// BM25, higher is better; none when no word matches.
    pub(crate) keyword: Option<f32>,
}

impl Candidate {
    /// The similarity of meaning, 0 where none was looked at.
    pub(crate) fn similarity(&self) -> f32 {
        self.meaning.map_or(0.0, Meaning::similarity)
    }
}

/// One score per candidate: each part as its z-score among the candidates, blended.
///
/// Parts with no spread say nothing and count as 0.
pub(crate) fn fuse(candidates: &[Candidate]) -> Vec<f32> {
    let meaning = z_scores(candidates.iter().map(Candidate::similarity));
    let keyword = z_scores(candidates.iter().map(|c| c.keyword.unwrap_or(0.0)));
    let blend = |(m, k): (f32, f32)| MEANING_SHARE * m + (1.0 - MEANING_SHARE) * k;
    meaning.into_iter().zip(keyword).map(blend).collect()
}

fn z_scores(values: impl Iterator<Item = f32> + Clone) -> Vec<f32> {
    let count = values.clone().count().max(1) as f32;
    let mean = values.clone().sum::<f32>() / count;
    let spread = (values.clone().map(|v| (v - mean).powi(2)).sum::<f32>() / count).sqrt();
    let scale = if spread > 1e-6 { spread.recip() } else { 0.0 };
    values.map(|v| (v - mean) * scale).collect()
}
