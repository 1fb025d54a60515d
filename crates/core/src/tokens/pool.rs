//! Hidden states to memory tokens: contiguous segments, their mean, length 1.

use super::Ratio;

/// The memory tokens of `hidden` (`dims` numbers per text token): each the normalised mean of
/// `ratio` neighbours.
///
/// Plain mean pooling beats learned compression tokens in arXiv 2510.20797.
pub(crate) fn pool(hidden: &[f32], dims: usize, ratio: Ratio) -> Vec<f32> {
    let mut tokens = Vec::with_capacity(ratio.count_for(hidden.len() / dims) * dims);
    for segment in hidden.chunks(usize::from(ratio.get()) * dims) {
        let start = tokens.len();
        tokens.resize(start + dims, 0.0);
        for state in segment.chunks_exact(dims) {
            for (sum, value) in tokens[start..].iter_mut().zip(state) {
                *sum += value;
            }
        }
        normalise(&mut tokens[start..]);
    }
    tokens
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
