//! Bytes: what is stored, what share of the indexes goes with it, and what another ratio would take.

use super::figures::Footprint;
use crate::store::Sizes;
use crate::tokens::{Dtype, Ratio};

/// The indexes of a store, shared out among its memories.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Indexes {
    /// Bytes of the index by meaning.
    pub(crate) index_bytes: u64,
    /// Vectors of all memories.
    pub(crate) vectors: u64,
    /// Bytes of the full-text index.
    pub(crate) word_bytes: u64,
    /// Bytes of text of all memories.
    pub(crate) source_bytes: u64,
}

/// The footprint of memories of these `sizes` that have `vectors` in the index.
pub(crate) fn footprint(sizes: Sizes, vectors: u64, indexes: &Indexes) -> Footprint {
    let index_bytes = share(indexes.index_bytes, vectors, indexes.vectors);
    let word_bytes = share(indexes.word_bytes, sizes.source_bytes, indexes.source_bytes);
    let stored = sizes.text_bytes + sizes.token_bytes + index_bytes + word_bytes;
    Footprint {
        sizes,
        index_bytes,
        word_bytes,
        ratio: quotient(sizes.source_tokens, sizes.memory_tokens),
        byte_ratio: quotient(sizes.source_bytes, stored),
    }
}

fn share(whole: u64, part: u64, all: u64) -> u64 {
    if all == 0 { 0 } else { (whole as f64 * part as f64 / all as f64).round() as u64 }
}

/// `a / b`; none where there is nothing to divide by.
pub(crate) fn quotient(a: u64, b: u64) -> Option<f64> {
    (b > 0).then(|| a as f64 / b as f64)
}

/// Memory tokens and bytes of vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sizing {
    pub(crate) memory_tokens: u64,
    pub(crate) hot_bytes: u64,
    pub(crate) warm_bytes: u64,
}

/// What memories of these lengths (text tokens, how many) would take at `ratio`. Exact: a memory of
/// several memory tokens also has a vector of its whole text.
pub(crate) fn at_ratio(
    lengths: impl Iterator<Item = (usize, u64)>,
    ratio: Ratio,
    dims: usize,
) -> Sizing {
    let (mut memory_tokens, mut vectors) = (0, 0);
    for (source_tokens, memories) in lengths {
        let count = ratio.count_for(source_tokens) as u64;
        memory_tokens += count * memories;
        vectors += (count + u64::from(count > 1)) * memories;
    }
    let bytes = |dtype: Dtype| vectors * dtype.vector_bytes(dims) as u64;
    Sizing { memory_tokens, hot_bytes: bytes(Dtype::F16), warm_bytes: bytes(Dtype::I8) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_at_a_ratio() {
        // 3 texts of 16 text tokens, one of 17: at 16 one token each, and two with a whole.
        let sizing = at_ratio([(16, 3), (17, 1)].into_iter(), Ratio::default(), 384);
        assert_eq!(sizing, Sizing { memory_tokens: 5, hot_bytes: 6 * 768, warm_bytes: 6 * 388 });
        let none = at_ratio([].into_iter(), Ratio::default(), 384);
        assert_eq!((none.memory_tokens, none.hot_bytes), (0, 0));
    }

    #[test]
    fn everything_stored_counts_in_the_byte_ratio() {
        let sizes = Sizes {
            memories: 2,
            source_tokens: 100,
            memory_tokens: 10,
            source_bytes: 1000,
            text_bytes: 100,
            data_bytes: 999,
            token_bytes: 50,
        };
        let indexes = Indexes { index_bytes: 400, vectors: 8, word_bytes: 300, source_bytes: 3000 };
        let found = footprint(sizes, 2, &indexes);
        assert_eq!((found.index_bytes, found.word_bytes), (100, 100));
        assert_eq!((found.ratio, found.byte_ratio), (Some(10.0), Some(1000.0 / 350.0)));
        let nothing = footprint(Sizes::default(), 0, &Indexes::default());
        assert_eq!((nothing.ratio, nothing.byte_ratio, nothing.index_bytes), (None, None, 0));
    }
}
