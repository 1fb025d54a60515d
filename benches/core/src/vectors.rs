//! Vectors to search in: random, the same on every run, in clusters as texts lie around their subjects.

/// Random numbers from 0 to 1 (SplitMix64).
pub fn random(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1 << 24) as f32
    }
}

/// `count` vectors of length 1 around one point for each hundred of them.
pub fn clustered(count: usize, dims: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut next = random(seed);
    let mut gauss = move || (0..4).map(|_| next() - 0.5).sum::<f32>();
    let centres: Vec<Vec<f32>> =
        (0..count.div_ceil(100)).map(|_| (0..dims).map(|_| gauss()).collect()).collect();
    let around = |i: usize| &centres[i % centres.len()];
    (0..count)
        .map(|i| unit(around(i).iter().map(|c| c + 0.7 * gauss()).collect()))
        .collect()
}

/// Scaled to length 1.
pub fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = cosine(&vector, &vector).sqrt();
    vector.iter_mut().for_each(|v| *v /= length);
    vector
}

/// The dot product: of vectors of length 1 the cosine.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
