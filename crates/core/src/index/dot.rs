//! The dot product of bytes, with the instructions that the CPU has.

use std::sync::OnceLock;

/// Numbers that AVX-512 multiplies at once.
#[cfg(target_arch = "x86_64")]
const BLOCK: usize = 64;

/// The left side of many dot products, made ready once.
pub(super) struct Left {
    bytes: Vec<i8>,
    /// The bytes again, widened once so that the loop need not.
    wide: Vec<i16>,
    /// The sum of those bytes that fill whole blocks.
    #[cfg(target_arch = "x86_64")]
    sum: i32,
    kernel: Kernel,
}

impl Left {
    pub(super) fn new(bytes: Vec<i8>) -> Left {
        Left {
            wide: bytes.iter().map(|b| i16::from(*b)).collect(),
            #[cfg(target_arch = "x86_64")]
            sum: bytes.as_chunks::<BLOCK>().0.iter().flatten().map(|b| i32::from(*b)).sum(),
            kernel: fastest(),
            bytes,
        }
    }

    pub(super) fn bytes(&self) -> &[i8] {
        &self.bytes
    }

    /// With as many bytes as there are on the left.
    pub(super) fn dot(&self, right: &[i8]) -> i32 {
        (self.kernel)(self, right)
    }
}

type Kernel = fn(&Left, &[i8]) -> i32;

/// The crate is built for any x86-64; what is newer is found at run time.
fn fastest() -> Kernel {
    static FASTEST: OnceLock<Kernel> = OnceLock::new();
    *FASTEST.get_or_init(|| {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512vnni") && is_x86_feature_detected!("avx512bw") {
            // SAFETY: the CPU has what `vnni` needs, seen just above; AVX-512 F comes with both.
            return |left, right| unsafe { vnni(left, right) };
        }
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: `avx2` is plain Rust that only needs the CPU to have AVX2, seen just above.
            return |left, right| unsafe { avx2(&left.wide, right) };
        }
        |left, right| plain(&left.wide, right)
    })
}

/// One multiply-add for 64 numbers. It takes one side without signs: the right side is 128 too large in
/// each, which is 128 times the sum of the left too much.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn vnni(left: &Left, right: &[i8]) -> i32 {
    use std::arch::x86_64::{
        _mm512_dpbusd_epi32, _mm512_loadu_si512, _mm512_reduce_add_epi32, _mm512_set1_epi8,
        _mm512_setzero_si512, _mm512_xor_si512,
    };
    let (blocks, rest) = right.as_chunks::<BLOCK>();
    let (left_blocks, _) = left.bytes.as_chunks::<BLOCK>();
    let high = _mm512_set1_epi8(i8::MIN);
    let mut sums = _mm512_setzero_si512();
    for (a, b) in left_blocks.iter().zip(blocks) {
        // SAFETY: both are arrays of 64 bytes; the loads need no alignment.
        let (a, b) = unsafe {
            (_mm512_loadu_si512(a.as_ptr().cast()), _mm512_loadu_si512(b.as_ptr().cast()))
        };
        sums = _mm512_dpbusd_epi32(sums, _mm512_xor_si512(b, high), a);
    }
    let whole = _mm512_reduce_add_epi32(sums) - 128 * left.sum;
    whole + plain(&left.wide[blocks.len() * BLOCK..], rest)
}

/// The plain loop, for which the compiler may use AVX2: one multiply-add for 16 numbers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(left: &[i16], right: &[i8]) -> i32 {
    plain(left, right)
}

#[allow(clippy::inline_always, reason = "compiled once more inside `avx2`, with its instructions")]
#[inline(always)]
fn plain(left: &[i16], right: &[i8]) -> i32 {
    left.iter().zip(right).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_kernel_is_the_plain_one(pairs in prop::collection::vec((-128_i8..=127, -128_i8..=127), 0..400)) {
            let (a, b): (Vec<i8>, Vec<i8>) = pairs.into_iter().unzip();
            let left = Left::new(a);
            let expected = plain(&left.wide, &b);
            prop_assert_eq!(left.dot(&b), expected);
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") {
                // SAFETY: the CPU has AVX2, seen just above.
                prop_assert_eq!(unsafe { avx2(&left.wide, &b) }, expected);
            }
        }
    }
}
