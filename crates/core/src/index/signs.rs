//! The signs of every vector, one bit a number, and the slots whose signs are like a query's.
//!
//! Hamming distance between signs follows the angle between vectors (Charikar 2002), so a look at an
//! eighth of the bytes leaves few that can be near. On 100,000 texts the 512 most alike in signs hold
//! .9975 of the true ten nearest.

use super::popcount::{Blocks, LANES, Near, kernel};

/// One block in so many tells how far the wanted number of slots reaches: off by a quarter for 512, as often as not
/// by less than a sixth. No power of two: what is put in turns would be seen in step.
const SAMPLED: usize = 29;

/// Bits by slot, eight slots side by side in each block, as one instruction of AVX-512 counts them.
pub(super) struct Signs {
    dims: usize,
    slots: usize,
    words: Vec<u64>,
}

impl Signs {
    pub(super) fn new(dims: usize) -> Signs {
        Signs { dims, slots: 0, words: Vec::new() }
    }

    /// Those of all `vectors`, one after the other.
    pub(super) fn of(dims: usize, vectors: &[i8]) -> Signs {
        let mut signs = Signs::new(dims);
        signs.reserve(vectors.len() / dims);
        vectors.chunks_exact(dims).for_each(|vector| signs.push(vector));
        signs
    }

    pub(super) fn reserve(&mut self, slots: usize) {
        self.words.reserve_exact(slots.div_ceil(LANES) * self.block());
    }

    /// Appends a slot.
    pub(super) fn push(&mut self, vector: &[i8]) {
        if self.slots.is_multiple_of(LANES) {
            self.words.resize(self.words.len() + self.block(), 0);
        }
        let first = self.first_word(self.slots);
        for (i, word) in negative(vector).enumerate() {
            self.words[first + i * LANES] = word;
        }
        self.slots += 1;
    }

    /// Leaves no bit of a slot.
    pub(super) fn erase(&mut self, slot: usize) {
        let first = self.first_word(slot);
        for i in 0..self.words_each() {
            self.words[first + i * LANES] = 0;
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.words.capacity() * 8
    }

    /// About `count` slots whose signs are most like those of `query`, erased ones among them: all with
    /// at most as many other signs as the last of them. None for more than half of all.
    pub(super) fn nearest(&self, query: &[i8], count: usize) -> Option<List> {
        if count * 2 >= self.slots {
            return None;
        }
        let query: Vec<u64> = negative(query).collect();
        let blocks = Blocks { words: &self.words, query: &query };
        let mut slots_at = vec![0; self.words_each() * 64 + 1];
        (kernel().sample)(blocks, SAMPLED, &mut slots_at);
        let sampled = count.div_ceil(SAMPLED);
        let mut near = Vec::with_capacity(count * 2);
        (kernel().within)(blocks, reach(&slots_at, sampled), &mut near);
        near.retain(|near| (near.slot as usize) < self.slots);
        slots_at.fill(0);
        for near in &near {
            slots_at[near.differ as usize] += 1;
        }
        Some(List { listed: near.len(), near, slots_at })
    }

    fn words_each(&self) -> usize {
        self.dims.div_ceil(64)
    }

    fn block(&self) -> usize {
        self.words_each() * LANES
    }

    /// Of a slot; the others follow in steps of `LANES`.
    fn first_word(&self, slot: usize) -> usize {
        slot / LANES * self.block() + slot % LANES
    }
}

/// The slots most alike in signs.
pub(super) struct List {
    pub(super) near: Vec<Near>,
    listed: usize,
    slots_at: Vec<u32>,
}

impl List {
    /// The distance within which at least one in `share` of them lies.
    pub(super) fn within(&self, share: usize) -> u32 {
        reach(&self.slots_at, self.listed / share) as u32
    }
}

/// The least distance within which `count` slots lie, by how many lie at each.
fn reach(slots_at: &[u32], count: usize) -> u64 {
    let mut found = 0;
    let reach = slots_at.iter().take_while(|slots| {
        found += **slots as usize;
        found < count
    });
    reach.count() as u64
}

/// A bit for each number below zero, 64 in a word.
fn negative(vector: &[i8]) -> impl Iterator<Item = u64> {
    vector.chunks(64).map(|numbers| {
        numbers.chunks(8).zip((0_u32..).step_by(8)).fold(0, |word, (eight, at)| {
            let mut bytes = [0; 8];
            bytes.iter_mut().zip(eight).for_each(|(byte, number)| *byte = *number as u8);
            word | eight_signs(u64::from_le_bytes(bytes)) << at
        })
    })
}

/// The highest bit of each of eight bytes, the first byte's lowest: a multiplication adds them up at
/// the top, none touching another.
fn eight_signs(bytes: u64) -> u64 {
    ((bytes & 0x8080_8080_8080_8080) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use super::*;
    use crate::index::quantise::Quantised;
    use crate::index::twin::clustered;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bit_for_each_negative_number(vector in prop::collection::vec(-128_i8..=127, 1..200)) {
            let words: Vec<u64> = negative(&vector).collect();
            prop_assert_eq!(words.len(), vector.len().div_ceil(64));
            for (i, number) in vector.iter().enumerate() {
                prop_assert_eq!(words[i / 64] >> (i % 64) & 1 == 1, *number < 0);
            }
        }
    }

    fn bytes(count: usize, dims: usize) -> Vec<i8> {
        let quantised = |v: Vec<f32>| Quantised::new("v", &v).unwrap().bytes;
        clustered(count, dims, count / 16, 3).into_iter().flat_map(quantised).collect()
    }

    #[test]
    fn those_within_a_distance_and_about_as_many_as_wanted() {
        let dims = 100;
        let vectors = bytes(3000, dims);
        let signs = Signs::of(dims, &vectors);
        let query = &vectors[dims * 77..dims * 78];
        let list = signs.nearest(query, 200).unwrap();
        let inner = list.near.iter().filter(|near| near.differ <= list.within(4)).count();
        assert!((20..100).contains(&inner), "{inner}");
        let found: Vec<u32> = list.near.iter().map(|near| near.slot).collect();
        assert!((100..400).contains(&found.len()), "{}", found.len());
        let distance = |slot: usize| {
            let vector = &vectors[dims * slot..dims * (slot + 1)];
            vector.iter().zip(query).filter(|(a, b)| (**a < 0) != (**b < 0)).count()
        };
        let farthest = found.iter().map(|slot| distance(*slot as usize)).max().unwrap();
        let expected: Vec<u32> =
            (0..3000_u32).filter(|slot| distance(*slot as usize) <= farthest).collect();
        assert_eq!(found, expected);
        assert!(signs.nearest(query, 2900).is_none());
        assert!(Signs::new(dims).nearest(query, 10).is_none());
    }

    #[test]
    fn erasing_leaves_no_bit() {
        let mut signs = Signs::of(70, &[-1; 70 * 9]);
        (0..9).for_each(|slot| signs.erase(slot));
        assert!(signs.words.iter().all(|word| *word == 0));
    }
}
