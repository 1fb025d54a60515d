//! The angle between two vectors of bytes, for usearch: its own loops come in a library that would weigh more
//! than SQLite does, for one kind of vector and one measure.

use std::sync::OnceLock;

use usearch::{Index, VectorType};

/// Makes `index`, of vectors of `dims` bytes, measure with [`between`]. Once, and after a load: it comes back with
/// usearch's own.
///
/// # Errors
/// In words, when usearch refuses.
pub(super) fn measure(index: &mut Index, dims: usize) -> Result<(), String> {
    let between = between();
    let of_pointers = move |a: *const i8, b: *const i8| {
        // SAFETY: usearch hands over two of its vectors, or one and the query: each is `dims` bytes, and none is
        // written to while a search or an insertion compares it.
        let (a, b) =
            unsafe { (std::slice::from_raw_parts(a, dims), std::slice::from_raw_parts(b, dims)) };
        between(a, b)
    };
    <i8 as VectorType>::change_metric(index, Box::new(of_pointers)).map_err(|err| err.to_string())
}

type Between = fn(&[i8], &[i8]) -> f32;

/// 1 - cosine, 0 to 2; 1 beside a vector of zeros. The crate is built for any x86-64; what is newer is found at run time.
fn between() -> Between {
    static FASTEST: OnceLock<Between> = OnceLock::new();
    *FASTEST.get_or_init(|| {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vnni") {
            // SAFETY: `avx512` is plain Rust that only needs the CPU to have both, seen just above.
            return |a, b| unsafe { avx512(a, b) };
        }
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: `avx2` is plain Rust that only needs the CPU to have AVX2, seen just above.
            return |a, b| unsafe { avx2(a, b) };
        }
        plain
    })
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn avx512(a: &[i8], b: &[i8]) -> f32 {
    plain(a, b)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(a: &[i8], b: &[i8]) -> f32 {
    plain(a, b)
}

#[allow(clippy::inline_always, reason = "compiled once more with newer instructions")]
#[inline(always)]
fn plain(a: &[i8], b: &[i8]) -> f32 {
    let (mut dot, mut of_a, mut of_b) = (0_i32, 0_i32, 0_i32);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (i32::from(*a), i32::from(*b));
        dot += a * b;
        of_a += a * a;
        of_b += b * b;
    }
    let lengths = (of_a as f32).sqrt() * (of_b as f32).sqrt();
    if lengths > 0.0 { 1.0 - dot as f32 / lengths } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_kernel_is_the_cosine(pairs in prop::collection::vec((-127_i8..=127, -127_i8..=127), 0..400)) {
            let (a, b): (Vec<i8>, Vec<i8>) = pairs.into_iter().unzip();
            let sum = |a: &[i8], b: &[i8]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
            let lengths = (sum(&a, &a) * sum(&b, &b)).sqrt();
            let expected = if lengths > 0.0 { 1.0 - sum(&a, &b) / lengths } else { 1.0 };
            let mut kernels: Vec<Between> = vec![plain, between()];
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") {
                // SAFETY: the CPU has AVX2, seen just above.
                kernels.push(|a, b| unsafe { avx2(a, b) });
            }
            for kernel in kernels {
                prop_assert!((f64::from(kernel(&a, &b)) - expected).abs() < 1e-5);
            }
        }
    }
}
