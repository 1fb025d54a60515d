//! Counting the bits in which words differ, with the instructions that the CPU has.

use std::sync::OnceLock;

/// Slots in a block.
pub(super) const LANES: usize = 8;

/// Blocks of bits and what they are compared with. A block holds, for each word of the query, that word
/// of each of its slots.
#[derive(Clone, Copy)]
pub(super) struct Blocks<'a> {
    pub(super) words: &'a [u64],
    pub(super) query: &'a [u64],
}

/// A slot, and in how many bits it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Near {
    pub(super) slot: u32,
    pub(super) differ: u32,
}

impl<'a> Blocks<'a> {
    fn blocks(&self) -> impl Iterator<Item = &'a [[u64; LANES]]> + use<'a> {
        self.words.as_chunks().0.chunks_exact(self.query.len())
    }
}

/// The two ways through the blocks.
#[derive(Clone, Copy)]
pub(super) struct Kernel {
    /// Counts the slots of every so many blocks by the number of bits in which they differ.
    pub(super) sample: fn(Blocks<'_>, usize, &mut [u32]),
    /// Adds every slot that differs in at most so many bits.
    pub(super) within: fn(Blocks<'_>, u64, &mut Vec<Near>),
}

/// The crate is built for any x86-64; what is newer is found at run time.
pub(super) fn kernel() -> Kernel {
    static FASTEST: OnceLock<Kernel> = OnceLock::new();
    *FASTEST.get_or_init(|| {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vpopcntdq") {
            return Kernel {
                // SAFETY: the CPU has what both need, seen just above.
                sample: |blocks, every, counts| unsafe { avx512::sample(blocks, every, counts) },
                // SAFETY: as above.
                within: |blocks, reach, found| unsafe { avx512::within(blocks, reach, found) },
            };
        }
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
            return Kernel {
                sample,
                // SAFETY: it is plain Rust that only needs the CPU to have both, seen just above.
                within: |blocks, reach, found| unsafe { within_avx2(blocks, reach, found) },
            };
        }
        Kernel { sample, within }
    })
}

fn sample(blocks: Blocks<'_>, every: usize, counts: &mut [u32]) {
    for block in blocks.blocks().step_by(every) {
        for distance in of_block(block, blocks.query) {
            counts[distance as usize] += 1;
        }
    }
}

fn within(blocks: Blocks<'_>, reach: u64, found: &mut Vec<Near>) {
    collect(blocks, reach, found);
}

/// The plain loop, for which the compiler may use AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn within_avx2(blocks: Blocks<'_>, reach: u64, found: &mut Vec<Near>) {
    collect(blocks, reach, found);
}

#[allow(clippy::inline_always, reason = "compiled once more with the instructions of AVX2")]
#[inline(always)]
fn collect(blocks: Blocks<'_>, reach: u64, found: &mut Vec<Near>) {
    for (first, block) in (0_u32..).step_by(LANES).zip(blocks.blocks()) {
        let distances = of_block(block, blocks.query);
        let near = (first..).zip(distances).filter(|(_, distance)| *distance <= reach);
        found.extend(near.map(|(slot, differ)| Near { slot, differ: differ as u32 }));
    }
}

#[allow(clippy::inline_always, reason = "compiled once more with the instructions of AVX2")]
#[inline(always)]
fn of_block(block: &[[u64; LANES]], query: &[u64]) -> [u64; LANES] {
    let mut sums = [0; LANES];
    for (slots, word) in block.iter().zip(query) {
        for (sum, bits) in sums.iter_mut().zip(slots) {
            *sum += u64::from((bits ^ word).count_ones());
        }
    }
    sums
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm512_add_epi64, _mm512_cmple_epu64_mask, _mm512_loadu_si512,
        _mm512_popcnt_epi64, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_storeu_si512,
        _mm512_xor_si512,
    };

    use super::{Blocks, LANES, Near};

    #[target_feature(enable = "avx512f,avx512vpopcntdq")]
    pub(super) fn sample(blocks: Blocks<'_>, every: usize, counts: &mut [u32]) {
        let mut distances = [0_u64; LANES];
        for block in blocks.blocks().step_by(every) {
            let sums = of_block(block, blocks.query);
            // SAFETY: the array has the 64 bytes of the register; the store needs no alignment.
            unsafe { _mm512_storeu_si512(distances.as_mut_ptr().cast(), sums) };
            for distance in distances {
                counts[distance as usize] += 1;
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512vpopcntdq")]
    pub(super) fn within(blocks: Blocks<'_>, reach: u64, found: &mut Vec<Near>) {
        let reach = _mm512_set1_epi64(reach as i64);
        let mut distances = [0_u64; LANES];
        for (first, block) in (0_u32..).step_by(LANES).zip(blocks.blocks()) {
            let sums = of_block(block, blocks.query);
            let mut near = _mm512_cmple_epu64_mask(sums, reach);
            if near == 0 {
                continue;
            }
            // SAFETY: the array has the 64 bytes of the register; the store needs no alignment.
            unsafe { _mm512_storeu_si512(distances.as_mut_ptr().cast(), sums) };
            while near != 0 {
                let lane = near.trailing_zeros();
                found.push(Near { slot: first + lane, differ: distances[lane as usize] as u32 });
                near &= near - 1;
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512vpopcntdq")]
    fn of_block(block: &[[u64; LANES]], query: &[u64]) -> __m512i {
        let mut sums = _mm512_setzero_si512();
        for (slots, word) in block.iter().zip(query) {
            // SAFETY: the slots are an array of 64 bytes; the load needs no alignment.
            let slots = unsafe { _mm512_loadu_si512(slots.as_ptr().cast()) };
            let differ = _mm512_xor_si512(slots, _mm512_set1_epi64(*word as i64));
            sums = _mm512_add_epi64(sums, _mm512_popcnt_epi64(differ));
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_kernel_is_the_plain_one(
            query in prop::collection::vec(any::<u64>(), 1..9), seeds in prop::collection::vec(any::<u64>(), 0..40),
            flips in any::<u64>(), reach in 0_u64..520,
        ) {
            // Blocks that are like the query but for some bits, so that every reach finds some.
            let lanes = |seed: u64| (0..LANES as u32).map(move |lane| (flips & seed).rotate_left(lane * 9));
            let words: Vec<u64> =
                seeds.iter().flat_map(|seed| query.iter().flat_map(|word| lanes(*seed).map(move |flip| word ^ flip))).collect();
            let blocks = Blocks { words: &words, query: &query };
            let (mut expected, mut found) = (Vec::new(), Vec::new());
            within(blocks, reach, &mut expected);
            (kernel().within)(blocks, reach, &mut found);
            prop_assert_eq!(&found, &expected);
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
                found.clear();
                // SAFETY: the CPU has both, seen just above.
                unsafe { within_avx2(blocks, reach, &mut found) };
                prop_assert_eq!(&found, &expected);
            }
            let (mut counts, mut counted) = (vec![0; 64 * query.len() + 1], vec![0; 64 * query.len() + 1]);
            sample(blocks, 3, &mut counts);
            (kernel().sample)(blocks, 3, &mut counted);
            prop_assert_eq!(&counted, &counts);
            prop_assert_eq!(counts.iter().sum::<u32>() as usize, seeds.len().div_ceil(3) * LANES);
            let by_hand = |slot: u32| {
                let (block, lane) = (slot as usize / LANES, slot as usize % LANES);
                let word = |i: usize| words[(block * query.len() + i) * LANES + lane] ^ query[i];
                (0..query.len()).map(|i| word(i).count_ones()).sum::<u32>()
            };
            let all = (0..(seeds.len() * LANES) as u32).map(|slot| Near { slot, differ: by_hand(slot) });
            prop_assert_eq!(expected, all.filter(|near| u64::from(near.differ) <= reach).collect::<Vec<Near>>());
        }
    }
}
