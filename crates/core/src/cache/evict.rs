//! What an entry is worth, for `GreedyDual-Size-Frequency` (Cherkasova, HPL-98-69): the one with the
//! least `clock + hits · cost / size` goes, and the clock moves up to it.

/// An answer that cost nothing still costs time: each byte of it counts like this many dollars.
const DOLLARS_PER_BYTE: f64 = 1e-9;

/// What one hit is worth per byte kept.
pub(crate) fn worth(cost: f64, bytes: usize) -> f64 {
    let bytes = bytes.max(1) as f64;
    cost.max(0.0) / bytes + DOLLARS_PER_BYTE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dear_and_small_is_worth_more() {
        assert!(worth(0.01, 100) > worth(0.001, 100));
        assert!(worth(0.01, 100) > worth(0.01, 1000));
        assert!(worth(0.0, 100) > 0.0 && worth(f64::MIN_POSITIVE, 0).is_finite());
    }
}
