//! Long texts are cut in overlapping windows; every text token is taken from exactly one of them.

use std::ops::Range;

/// One run of the encoder: the text tokens it reads, and those whose states are kept from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    /// Text tokens given to the encoder.
    pub(crate) read: Range<usize>,
    /// Text tokens, within `read`, that are farther from an edge here than in any other window.
    pub(crate) keep: Range<usize>,
}

/// The windows of a text of `count` tokens, of at most `size` tokens each; neighbours share at
/// least `overlap` tokens, which is less than `size`.
///
/// Every window of a text longer than `size` is full: the last one is shifted back rather than
/// short, since a handful of tokens without context encode badly. The starts of all others do not
/// depend on the text's end.
pub(crate) fn windows(count: usize, size: usize, overlap: usize) -> Vec<Window> {
    let last = count.saturating_sub(size);
    let starts: Vec<usize> = (0..last).step_by(size - overlap).chain([last]).collect();
    let mut kept_to = 0;
    (0..starts.len())
        .map(|i| {
            let read = starts[i]..(starts[i] + size).min(count);
            let keep_to =
                starts.get(i + 1).map_or(count, |next| next + (read.end - next).div_ceil(2));
            let keep = kept_to..keep_to;
            kept_to = keep_to;
            Window { read, keep }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]

    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(count: usize, expected: &[(Range<usize>, Range<usize>)]) {
        let found = windows(count, 10, 4);
        let expected: Vec<Window> =
            expected.iter().cloned().map(|(read, keep)| Window { read, keep }).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_short_text_is_one_window() {
        check(1, &[(0..1, 0..1)]);
        check(10, &[(0..10, 0..10)]);
    }

    #[test]
    fn the_last_window_is_shifted_back() {
        check(11, &[(0..10, 0..6), (1..11, 6..11)]);
        check(16, &[(0..10, 0..8), (6..16, 8..16)]);
        check(17, &[(0..10, 0..8), (6..16, 8..12), (7..17, 12..17)]);
    }

    /// The window in which a token is farthest from an edge, the earlier one of two alike.
    fn best(all: &[Window], token: usize) -> usize {
        let margin = |w: &Window| (token - w.read.start).min(w.read.end - 1 - token);
        let holding = (0..all.len()).filter(|i| all[*i].read.contains(&token));
        holding.max_by_key(|i| (margin(&all[*i]), std::cmp::Reverse(*i))).unwrap()
    }

    proptest! {
        #[test]
        fn every_token_is_kept_once_and_where_it_is_safest(
            count in 1_usize..3000, size in 2_usize..300, share in 0.0_f64..0.9,
        ) {
            let overlap = (size as f64 * share) as usize;
            let all = windows(count, size, overlap.min(size - 1));
            let mut next = 0;
            for (i, window) in all.iter().enumerate() {
                prop_assert_eq!(window.keep.start, next);
                prop_assert!(window.read.len() == size.min(count));
                prop_assert!(window.keep.start >= window.read.start && window.keep.end <= window.read.end);
                prop_assert!(window.keep.clone().all(|token| best(&all, token) == i));
                next = window.keep.end;
            }
            prop_assert_eq!(next, count);
        }

        #[test]
        fn a_longer_text_keeps_its_earlier_windows(count in 300_usize..3000, more in 1_usize..500) {
            let (short, long) = (windows(count, 254, 32), windows(count + more, 254, 32));
            for (a, b) in short.iter().zip(&long).take(short.len() - 1) {
                prop_assert_eq!(&a.read, &b.read);
            }
        }
    }
}
