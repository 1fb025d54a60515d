//! A bag of hashed terms, bounded: of too many, a fair sample that any two bags draw alike.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::rarity::Rarity;
use crate::music::Gram;

/// What sets the bags of one sort apart.
#[derive(Debug)]
pub(super) struct Sort {
    /// Most terms kept.
    pub(super) limit: usize,
    /// About how many terms a project of middling size has: how likely any project holds a term of
    /// surprise `s` is `typical * exp(-s)`.
    pub(super) typical: f32,
}

/// One term of a bag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) hash: u32,
    /// How often it occurs, 1 to 255.
    pub(super) count: u8,
    /// How little it is to be expected of music in general, in sixteenths of a nat, 1 to 255.
    pub(super) surprise: u8,
    /// How much it weighs: the more often the more, by the logarithm; the rarer among the projects
    /// known the more. In steps of [`Term::STEP`] nats.
    pub(super) weight: u16,
}

impl Term {
    /// Nats of one step of a weight. The heaviest term, 255 times in one project of 40,000, weighs
    /// 70 nats.
    pub(super) const STEP: f32 = 1.0 / 512.0;
}

/// Terms in the order of their hashes. Where there were more than fit, those with the smallest
/// hashes are kept: hashes are random, so this is a fair sample (a "bottom-k sketch"), and two bags
/// are compared on the part of the range that both have kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Terms {
    pub(super) list: Vec<Term>,
    /// The largest hash that would have been kept.
    pub(super) last: u32,
    /// Nats that the whole bag tells, the terms that did not fit included.
    pub(super) mass: f32,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms { list: Vec::new(), last: u32::MAX, mass: 0.0 }
    }
}

impl Terms {
    /// The terms of `grams`, weighed by their surprise.
    pub(super) fn of(grams: Vec<Gram>, sort: &Sort) -> Terms {
        let mut counts: BTreeMap<u32, (u32, f32)> = BTreeMap::new();
        for gram in grams {
            counts.entry(gram.hash).or_insert((0, gram.surprise)).0 += 1;
        }
        let term = |(hash, (count, surprise)): (u32, (u32, f32))| Term {
            hash,
            count: count.min(255) as u8,
            surprise: (surprise * 16.0).round().clamp(1.0, 255.0) as u8,
            weight: 0,
        };
        let end = counts.keys().nth(sort.limit).map_or(u32::MAX, |next| next - 1);
        let kept = counts.into_iter().take(sort.limit).map(term).collect();
        Terms::weighed(kept, end, sort)
    }

    /// Of terms in the order of their hashes, weighed by their surprise.
    pub(super) fn weighed(kept: Vec<Term>, last: u32, sort: &Sort) -> Terms {
        let mut terms = Terms { list: kept, last, mass: 0.0 };
        terms.weigh(&Rarity::default(), sort);
        terms
    }

    /// Weighs each term anew.
    pub(super) fn weigh(&mut self, rarity: &Rarity, sort: &Sort) {
        for term in &mut self.list {
            term.weight = weight(term.count, rarity.nats(term.hash, term.surprise, sort));
        }
        self.mass = total(&self.list) as f32 * Term::STEP / self.kept();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The share of the hashes that it has kept, above 0 and up to 1.
    pub(super) fn kept(&self) -> f32 {
        (self.last as f32 + 1.0) / 2f32.powi(32)
    }

    /// The weight that both hold, over the geometric mean of what each holds: 0 to 1, 1 with itself.
    pub(super) fn share(&self, other: &Terms) -> f32 {
        let last = self.last.min(other.last);
        let (a, b) = (self.within(last), other.within(last));
        let both = in_both(a, b);
        if both == 0 {
            return 0.0;
        }
        let each = total(a) as f64 * total(b) as f64;
        (both as f64 / each.sqrt()).min(1.0) as f32
    }

    pub(super) fn within(&self, last: u32) -> &[Term] {
        if last == self.last {
            return &self.list;
        }
        &self.list[..self.list.partition_point(|term| term.hash <= last)]
    }
}

/// One and the logarithm of each count.
static OFTEN: LazyLock<[f32; 256]> =
    LazyLock::new(|| std::array::from_fn(|count| 1.0 + (count.max(1) as f32).ln()));

/// Steps that a term weighs that occurs `count` times and is as rare as `nats`.
pub(super) fn weight(count: u8, nats: f32) -> u16 {
    let steps = OFTEN[usize::from(count)] * nats / Term::STEP;
    steps.round().clamp(1.0, f32::from(u16::MAX)) as u16
}

/// Steps that all terms weigh.
pub(super) fn total(terms: &[Term]) -> u64 {
    terms.iter().map(|term| u64::from(term.weight)).sum()
}

/// Steps that stand in both lists. Which list goes on next is a coin toss to the processor, so the
/// loop has no branch but its end.
fn in_both(ours: &[Term], theirs: &[Term]) -> u64 {
    let (mut at, mut other, mut both) = (0, 0, 0u64);
    while at < ours.len() && other < theirs.len() {
        let (x, y) = (ours[at], theirs[other]);
        let met = u64::from(x.hash == y.hash);
        both += met * u64::from(x.weight.min(y.weight));
        at += usize::from(x.hash <= y.hash);
        other += usize::from(y.hash <= x.hash);
    }
    both
}
