//! Exact similarities of candidates, from the vectors as stored.

use std::ops::ControlFlow;

use crate::error::Result;
use crate::index::Candidate as Near;
use crate::store::{Store, TokenBlob};
use crate::tokens::Dtype;

/// How similar a memory's meaning is to the query: cosines from -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Meaning {
    /// With the best of its memory tokens.
    pub(crate) best_token: f32,
    /// With its whole-text vector.
    pub(crate) whole: f32,
}

impl Meaning {
    /// Half the best token, half the whole text: at ratio 16 better than the mean vector on both sets
    /// of `npm run bench:retrieval`.
    pub(crate) fn similarity(self) -> f32 {
        0.5 * self.best_token + 0.5 * self.whole
    }
}

/// The exact meaning of each of `rows`, in any order; rows that are gone are left out.
pub(crate) fn rescore(store: &Store, query: &[f32], rows: &[u64]) -> Result<Vec<(u64, Meaning)>> {
    let mut scored = Vec::with_capacity(rows.len());
    let mut vector = Vec::with_capacity(query.len());
    store.for_each_tokens(rows, &mut |row, blob| {
        scored.push((row, meaning(query, &blob, &mut vector)?));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(scored)
}

/// As [`rescore`], as if the vectors were stored in 8 bits.
pub(crate) fn rescore_small(
    store: &Store,
    query: &[f32],
    rows: &[u64],
) -> Result<Vec<(u64, Meaning)>> {
    let mut scored = Vec::with_capacity(rows.len());
    let mut vector = Vec::with_capacity(query.len());
    store.for_each_tokens(rows, &mut |row, blob| {
        let small = |part| Ok(Dtype::I8.encode(&blob.dtype.decode(part, blob.dims)?, blob.dims));
        let (whole, tokens) = (blob.whole.map(small).transpose()?, small(blob.tokens)?);
        let (whole, tokens) = (whole.as_deref(), tokens.as_slice());
        let blob = TokenBlob { dims: blob.dims, dtype: Dtype::I8, whole, tokens };
        scored.push((row, meaning(query, &blob, &mut vector)?));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(scored)
}

/// How far the index's similarity, of 8-bit vectors, may lie from the exact one: four times the worst
/// seen over 24,090 pairs of tokens (.0023).
const INDEX_ERROR: f32 = 0.01;

/// The exact meaning of those of `near` that can be among the best `wanted`. `near` is what the index
/// found, best first: a meaning is at most the similarity of the memory's best vector, so once that
/// falls behind, so does everything after it.
pub(crate) fn rescore_best(
    store: &Store,
    query: &[f32],
    near: &[Near],
    wanted: usize,
) -> Result<Vec<(u64, Meaning)>> {
    let rows: Vec<u64> = near.iter().map(|near| near.row).collect();
    let mut scored = Vec::with_capacity(near.len());
    // The best similarities so far, falling.
    let mut best: Vec<f32> = Vec::with_capacity(wanted + 1);
    let mut rest = near.iter();
    let mut vector = Vec::with_capacity(query.len());
    store.for_each_tokens(&rows, &mut |row, blob| {
        let meaning = meaning(query, &blob, &mut vector)?;
        scored.push((row, meaning));
        let similarity = meaning.similarity();
        best.insert(best.partition_point(|better| *better >= similarity), similarity);
        best.truncate(wanted);
        rest.find(|near| near.row == row);
        let next = rest.as_slice().first();
        let reach = |next: &Near| next.similarity + INDEX_ERROR;
        let is_enough =
            best.len() == wanted && next.is_some_and(|next| reach(next) < best[wanted - 1]);
        Ok(if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(scored)
}

fn meaning(query: &[f32], blob: &TokenBlob<'_>, vector: &mut Vec<f32>) -> Result<Meaning> {
    let size = blob.dtype.vector_bytes(blob.dims).max(1);
    let mut best_token = f32::NEG_INFINITY;
    for bytes in blob.tokens.chunks(size) {
        best_token = best_token.max(cosine(query, blob, bytes, vector)?);
    }
    let whole = match blob.whole {
        Some(bytes) => cosine(query, blob, bytes, vector)?,
        None => best_token,
    };
    Ok(Meaning { best_token, whole })
}

/// Stored vectors have length 1 up to rounding, and so does the query.
fn cosine(query: &[f32], blob: &TokenBlob<'_>, bytes: &[u8], vector: &mut Vec<f32>) -> Result<f32> {
    vector.clear();
    blob.dtype.decode_into(bytes, blob.dims, vector)?;
    Ok(dot(query, vector).clamp(-1.0, 1.0))
}

/// Sixteen sums side by side, so that the compiler can use vector registers.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 16];
    let (a_lanes, b_lanes) = (a.chunks_exact(16), b.chunks_exact(16));
    let rest: f32 = a_lanes.remainder().iter().zip(b_lanes.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a_lanes.zip(b_lanes) {
        for i in 0..16 {
            sums[i] += x[i] * y[i];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    #[test]
    fn best_token_and_whole() {
        let tokens = Dtype::F16.encode(&[1.0, 0.0, 0.0, 1.0], 2);
        let whole = Dtype::F16.encode(&[0.6, 0.8], 2);
        let blob = TokenBlob { dims: 2, dtype: Dtype::F16, whole: Some(&whole), tokens: &tokens };
        let found = meaning(&[0.0, 1.0], &blob, &mut Vec::new()).unwrap();
        assert!((found.best_token - 1.0).abs() < 1e-3 && (found.whole - 0.8).abs() < 1e-3);
        assert!((found.similarity() - 0.9).abs() < 1e-3);
    }

    #[test]
    fn dot_with_a_remainder() {
        let a: Vec<f32> = (0..19).map(|i| i as f32).collect();
        let naive: f32 = a.iter().map(|x| x * x).sum();
        assert!((dot(&a, &a) - naive).abs() < 1e-3);
    }
}
