//! Hidden states to memory tokens: sums over contiguous segments, scaled to length 1.

use std::ops::Range;

use super::Ratio;

/// Running sums of hidden states: one for each segment of `ratio` text tokens, one for the text.
///
/// Plain mean pooling beats learned compression tokens in arXiv 2510.20797. A sum is enough for
/// it: only the direction is kept. The order of additions is the caller's, so the same order gives
/// the same bits; with one segment its sum and the whole text's are the same bits too.
#[derive(Debug)]
pub(crate) struct SegmentSums {
    dims: usize,
    ratio: usize,
    /// Number of the first segment held here; a window in the middle of a text begins later.
    first: usize,
    segments: Vec<f32>,
    whole: Vec<f32>,
}

impl SegmentSums {
    /// Zeros for the segments that `text_tokens` touches; the range must not be empty.
    pub(crate) fn new(dims: usize, ratio: Ratio, text_tokens: &Range<usize>) -> SegmentSums {
        let ratio = usize::from(ratio.get());
        let first = text_tokens.start / ratio;
        let count = text_tokens.end.div_ceil(ratio) - first;
        SegmentSums {
            dims,
            ratio,
            first,
            segments: vec![0.0; count * dims],
            whole: vec![0.0; dims],
        }
    }

    /// Adds the hidden state of one text token, or of a special token that goes with it.
    pub(crate) fn add(&mut self, text_token: usize, state: &[f32]) {
        let start = (text_token / self.ratio - self.first) * self.dims;
        add(&mut self.segments[start..start + self.dims], state);
        add(&mut self.whole, state);
    }

    /// Adds the sums of a part of the same text.
    pub(crate) fn absorb(&mut self, part: &SegmentSums) {
        let start = (part.first - self.first) * self.dims;
        add(&mut self.segments[start..start + part.segments.len()], &part.segments);
        add(&mut self.whole, &part.whole);
    }

    /// The sums of a whole text at `ratio`, from those at ratio 1. They differ from sums made at `ratio` by
    /// rounding only: the additions are the same, in another order.
    pub(crate) fn coarser(&self, ratio: Ratio) -> SegmentSums {
        let count = self.segments.len() / self.dims;
        let mut sums = SegmentSums::new(self.dims, ratio, &(0..count));
        for (token, state) in self.segments.chunks_exact(self.dims).enumerate() {
            let start = token / sums.ratio * self.dims;
            add(&mut sums.segments[start..start + self.dims], state);
        }
        sums.whole.copy_from_slice(&self.whole);
        sums
    }

    /// The memory tokens and the whole text's vector, all of length 1. None when one of them has
    /// no direction: a NaN or an infinity among the hidden states, or nothing but zeros.
    pub(crate) fn finish(mut self) -> Option<(Vec<f32>, Vec<f32>)> {
        let vectors = self.segments.chunks_exact_mut(self.dims).chain([&mut self.whole[..]]);
        for vector in vectors {
            if !has_direction(vector) {
                return None;
            }
            normalise(vector);
        }
        Some((self.segments, self.whole))
    }
}

fn add(sums: &mut [f32], values: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

fn has_direction(vector: &[f32]) -> bool {
    let squares = vector.iter().map(|v| v * v).sum::<f32>();
    squares.is_finite() && squares.sqrt() > f32::EPSILON
}

/// Scales `vector` to length 1; a vector without direction stays as it is.
pub(crate) fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    if length > f32::EPSILON {
        for value in vector {
            *value /= length;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use proptest::prelude::*;

    use super::*;

    const DIMS: usize = 3;

    fn ratio(text_tokens: u16) -> Ratio {
        Ratio::new(text_tokens).unwrap()
    }

    /// The plain way: mean of each chunk, then length 1.
    fn naive(states: &[f32], ratio: Ratio) -> Vec<f32> {
        let chunks = states.chunks(usize::from(ratio.get()) * DIMS);
        chunks
            .flat_map(|chunk| {
                let count = (chunk.len() / DIMS) as f32;
                let mut mean =
                    [0, 1, 2].map(|d| chunk.iter().skip(d).step_by(DIMS).sum::<f32>() / count);
                normalise(&mut mean);
                mean
            })
            .collect()
    }

    fn sums(states: &[f32], ratio: Ratio, range: &Range<usize>) -> SegmentSums {
        let mut sums = SegmentSums::new(DIMS, ratio, range);
        range.clone().for_each(|t| sums.add(t, &states[t * DIMS..(t + 1) * DIMS]));
        sums
    }

    fn near(a: &[f32], b: &[f32]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-4)
    }

    proptest! {
        #[test]
        fn parts_give_what_the_plain_mean_gives(
            states in (1_usize..80).prop_flat_map(|n| prop::collection::vec(0.1_f32..1.0, n * DIMS)),
            r in 1_u16..40,
            cut in 0.0_f64..1.0,
        ) {
            let (count, ratio) = (states.len() / DIMS, ratio(r));
            let cut = (count as f64 * cut) as usize;
            let mut total = SegmentSums::new(DIMS, ratio, &(0..count));
            for part in [0..cut, cut..count].iter().filter(|part| !part.is_empty()) {
                total.absorb(&sums(&states, ratio, part));
            }
            let (tokens, whole) = total.finish().unwrap();
            prop_assert!(near(&tokens, &naive(&states, ratio)));
            prop_assert!(near(&whole, &naive(&states, Ratio::new(256).unwrap())));
        }
    }

    #[test]
    fn one_segment_equals_the_whole_to_the_bit() {
        let states: Vec<f32> = (0..16 * DIMS).map(|i| (i as f32 * 0.7).sin()).collect();
        let (tokens, whole) = sums(&states, ratio(16), &(0..16)).finish().unwrap();
        assert_eq!(tokens, whole);
    }

    #[test]
    fn no_direction_is_found_out() {
        for bad in [f32::NAN, f32::INFINITY, 0.0] {
            let states = [1.0, 1.0, 1.0, bad, bad, bad];
            assert!(sums(&states, ratio(1), &(0..2)).finish().is_none(), "{bad}");
        }
    }
}
