//! Which earlier state is a state told by? The state before it, in blocks; the first of a block by
//! the first of the block before, or by nothing.
//!
//! A chain of differences is as small as a history gets, but restoring walks it. Its length is
//! bounded by what walking costs, so that small projects, which are the common ones, get long blocks.

/// What a restore may copy at most within a block, in bytes: some 10 ms.
const BLOCK_BYTES: usize = 192 << 20;
/// States in a block.
const BLOCK_STATES: std::ops::RangeInclusive<usize> = 16..=512;
/// Blocks told by the one before, until one stands alone.
const BLOCKS: u32 = 16;

/// Where a state stands: how many differences a restore applies to its block's first state, and how
/// many lead to that one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// Differences since the first state of the block.
    pub depth: u32,
    /// Blocks since the one that stands alone.
    pub block: u32,
}

/// What a new state is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    /// The state before it.
    Before,
    /// The first state of the block.
    Leader,
    /// Nothing: it stands alone.
    Nothing,
}

impl Place {
    /// The base of a state of `bytes` bytes that follows one at this place, and its own place.
    pub(crate) fn next(self, bytes: usize) -> (Base, Place) {
        let block = BLOCK_BYTES / bytes.max(1);
        let block = block.clamp(*BLOCK_STATES.start(), *BLOCK_STATES.end()) as u32;
        if self.depth + 1 < block {
            (Base::Before, Place { depth: self.depth + 1, ..self })
        } else if self.block + 1 < BLOCKS {
            (Base::Leader, Place { depth: 0, block: self.block + 1 })
        } else {
            (Base::Nothing, Place::default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: usize, longest: u32, alone: usize) {
        let mut place = Place::default();
        let (mut deepest, mut nothing) = (0, 0);
        for _ in 0..20_000 {
            let (base, next) = place.next(bytes);
            nothing += usize::from(base == Base::Nothing);
            deepest = deepest.max(next.depth + next.block);
            place = next;
        }
        assert_eq!((deepest, nothing), (longest, alone));
    }

    #[test]
    fn chains_are_bounded_however_long_a_history_is() {
        check(80_000, 511 + 15, 2);
        check(1 << 20, 191 + 15, 6);
        check(40 << 20, 15 + 15, 78);
        check(0, 511 + 15, 2);
    }
}
