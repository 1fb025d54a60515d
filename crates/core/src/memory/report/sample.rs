//! The texts of one kind that are measured.

use crate::error::Result;
use crate::report::{SampleFigures, shortened};
use crate::store::Store;

/// Of a longer text only whole sentences up to here are read: some 2,000 text tokens.
const MOST_BYTES: usize = 8192;
const MOST_TOKENS_EACH: usize = 2048;

/// Texts of one kind.
pub(super) struct Sample {
    pub(super) texts: Vec<String>,
    pub(super) rows: Vec<u64>,
    pub(super) figures: SampleFigures,
}

impl Sample {
    /// At most `most` memories of a kind, as many as `budget` text tokens allow, but two at least.
    pub(super) fn read(store: &Store, kind: &str, most: usize, budget: usize) -> Result<Sample> {
        let mut left = budget;
        let mut sample =
            Sample { texts: Vec::new(), rows: Vec::new(), figures: SampleFigures::default() };
        for (row, tokens) in store.sample_rows(kind, most)? {
            let tokens = tokens.min(MOST_TOKENS_EACH);
            if tokens > left && sample.len() >= 2 {
                break;
            }
            left = left.saturating_sub(tokens);
            let Some(found) = store.sampled(row)? else { continue };
            let (text, is_shortened) = shortened(found.text, MOST_BYTES);
            sample.figures.shortened += usize::from(is_shortened);
            *sample.figures.ratios_in_use.entry(found.ratio).or_default() += 1;
            sample.texts.push(text);
            sample.rows.push(row);
        }
        sample.figures.items = sample.len();
        Ok(sample)
    }

    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }
}
