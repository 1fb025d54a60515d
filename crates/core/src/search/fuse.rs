//! Meaning and keywords in one score.

use super::rescore::Meaning;
use super::words::Words;

/// What a BM25 score of `ln(1 + memories)` adds, in cosine. Chosen on seven public question sets
/// (`npm run bench:retrieval` prints two of them): at ratio 16 it loses to neither part on any,
/// reciprocal ranks lose 3 points of mean R@1, and z-scores depend on which other candidates there
/// happen to be.
const KEYWORD_WEIGHT: f32 = 0.08;

/// What holding every word of a look-up adds. Somebody who types "Serum" or "take 7" wants the
/// memories that say so first; 1 is more than meaning and keywords can differ.
const LOOK_UP: f32 = 1.0;

/// A memory that may be a hit, with the parts of its score.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub(crate) row: u64,
    /// None in keyword mode, where no vector is read.
    pub(crate) meaning: Option<Meaning>,
    /// BM25, higher is better; 0 when no word matches.
    pub(crate) keyword: f32,
    /// Whether it holds every word of a look-up.
    pub(crate) looked_up: bool,
}

impl Candidate {
    /// The similarity of meaning, 0 where none was looked at.
    pub(crate) fn similarity(&self) -> f32 {
        self.meaning.map_or(0.0, Meaning::similarity)
    }

    /// The part of the score that keywords give; `scale` is that of the search.
    pub(crate) fn keyword_part(&self, scale: f32) -> f32 {
        scale * self.keyword
    }

    /// The part of the score that a look-up gives.
    pub(crate) fn look_up_part(&self) -> f32 {
        if self.looked_up { LOOK_UP } else { 0.0 }
    }

    /// Meaning, keywords and look-up together. Needs no other candidate, so it is the same
    /// whatever else is found.
    pub(crate) fn hybrid(&self, scale: f32) -> f32 {
        self.similarity() + self.keyword_part(scale) + self.look_up_part()
    }
}

/// What one unit of BM25 adds to a hybrid score, for `words` looked for among `memories`.
///
/// BM25 grows with the logarithm of the number of memories through its inverse document frequency;
/// without that division the weight would have to change with the size of the store.
pub(crate) fn keyword_scale(memories: usize, words: &Words) -> f32 {
    KEYWORD_WEIGHT * words.weight() / (1.0 + memories as f32).ln().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(similarity: f32, keyword: f32, looked_up: bool) -> Candidate {
        let meaning = Some(Meaning { best_token: similarity, whole: similarity });
        Candidate { row: 1, meaning, keyword, looked_up }
    }

    fn scale(memories: usize) -> f32 {
        keyword_scale(memories, &Words::of("a dark pad"))
    }

    #[test]
    fn without_keywords_meaning_decides() {
        assert!((candidate(0.42, 0.0, false).hybrid(scale(1000)) - 0.42).abs() < 1e-6);
    }

    #[test]
    fn a_look_up_comes_first() {
        let (said, near) = (candidate(0.0, 4.0, true), candidate(0.95, 0.0, false));
        assert!(said.hybrid(scale(1000)) > near.hybrid(scale(1000)));
    }

    #[test]
    fn the_size_of_the_store_is_no_keyword() {
        // BM25 of a rare word is about ln(N): its part stays what it was.
        let small = candidate(0.5, 100_f32.ln(), false).hybrid(scale(100));
        let large = candidate(0.5, 100_000_f32.ln(), false).hybrid(scale(100_000));
        assert!((small - large).abs() < 1e-3);
    }

    #[test]
    fn tiny_stores_stay_finite() {
        for memories in [0, 1, 2] {
            assert!(candidate(0.5, 1e-6, false).hybrid(scale(memories)).is_finite());
        }
    }
}
