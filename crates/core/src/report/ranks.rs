//! Whether what was looked for comes first, and how far down it stands.

use std::cmp::Ordering;

use super::figures::Quality;
use super::held_out::Sort;

/// Hits that a person looks at.
const LOOKED_AT: f64 = 10.0;

/// Where item `own` stands among `scores`, 1 being the first. Items of the same score share their places:
/// a search that cannot tell two apart is right every other time.
pub(crate) fn rank(scores: impl Iterator<Item = f32>, own: f32) -> Rank {
    let mut rank = Rank { better: 0, equal: 0 };
    for score in scores {
        match score.partial_cmp(&own) {
            Some(Ordering::Greater) => rank.better += 1,
            Some(Ordering::Equal) => rank.equal += 1,
            // Also a score that is no number.
            _ => {}
        }
    }
    // `own` is among the scores.
    rank.equal = rank.equal.saturating_sub(1);
    rank
}

/// The items before one, and those beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rank {
    better: usize,
    equal: usize,
}

impl Rank {
    /// The share of orders in which it comes first.
    fn first(self) -> f64 {
        if self.better == 0 { 1.0 / (1.0 + self.equal as f64) } else { 0.0 }
    }

    /// 1 / place among the first ten, else 0; of equals, the mean over their places.
    fn reciprocal(self) -> f64 {
        let places = (self.better + 1)..=(self.better + 1 + self.equal);
        let count = (self.equal + 1) as f64;
        let within = places.map(|place| place as f64).take_while(|place| *place <= LOOKED_AT);
        within.map(|place| 1.0 / place).sum::<f64>() / count
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    questions: usize,
    first: f64,
    reciprocal: f64,
}

/// Ranks by sort of question.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tallies([Tally; 3]);

impl Tallies {
    pub(crate) fn add(&mut self, sort: Sort, rank: Rank) {
        let tally = &mut self.0[sort as usize];
        tally.questions += 1;
        tally.first += rank.first();
        tally.reciprocal += rank.reciprocal();
    }

    /// The means; none where nothing was asked.
    pub(crate) fn quality(&self, sort: Sort) -> Option<Quality> {
        let Tally { questions, first, reciprocal } = self.0[sort as usize];
        let count = questions as f64;
        (questions > 0).then(|| Quality { questions, r1: first / count, mrr10: reciprocal / count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(scores: &[f32], first: f64, reciprocal: f64) {
        let rank = rank(scores.iter().copied(), scores[0]);
        assert!((rank.first() - first).abs() < 1e-9, "{rank:?}");
        assert!((rank.reciprocal() - reciprocal).abs() < 1e-9, "{rank:?}");
    }

    #[test]
    fn places() {
        check(&[0.9, 0.1, 0.2], 1.0, 1.0);
        check(&[0.5, 0.9, 0.2], 0.0, 0.5);
        check(&[0.5, f32::NAN, 0.2], 1.0, 1.0);
        let mut eleventh = [1.0; 11];
        eleventh[0] = 0.0;
        check(&eleventh, 0.0, 0.0);
    }

    #[test]
    fn equals_share_their_places() {
        check(&[0.5, 0.5], 0.5, 0.75);
        check(&[0.0; 100], 0.01, (1..=10).map(|n| 1.0 / f64::from(n)).sum::<f64>() / 100.0);
    }

    #[test]
    fn means_by_sort() {
        let mut tallies = Tallies::default();
        tallies.add(Sort::HeldOut, rank([0.9, 0.1].into_iter(), 0.9));
        tallies.add(Sort::HeldOut, rank([0.9, 0.1].into_iter(), 0.1));
        let held_out = tallies.quality(Sort::HeldOut);
        assert_eq!(held_out, Some(Quality { questions: 2, r1: 0.5, mrr10: 0.75 }));
        assert_eq!(tallies.quality(Sort::Kept), None);
    }
}
