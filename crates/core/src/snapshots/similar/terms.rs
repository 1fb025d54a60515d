//! A bag of hashed terms, bounded: of too many, a fair sample that any two bags draw alike.

use std::collections::BTreeMap;

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
    /// Numbers of a signature that stand for it.
    pub(super) dims: usize,
}

/// One term of a bag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) hash: u32,
    /// How often it occurs, 1 to 255.
    pub(super) count: u8,
    /// How little it is to be expected of music in general, in sixteenths of a nat, 1 to 255.
    pub(super) surprise: u8,
    /// How rare it is among the projects known, in steps of [`Rarity::STEP`] nats, 1 to 255.
    pub(super) rarity: u8,
}

impl Term {
    /// How much it weighs: the more often the more, by the logarithm; the rarer the more.
    pub(super) fn weight(self) -> f32 {
        (1.0 + f32::from(self.count).ln()) * f32::from(self.rarity) * Rarity::STEP
    }
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
    /// The terms of `grams`, as rare as their surprise says.
    pub(super) fn of(grams: Vec<Gram>, sort: &Sort) -> Terms {
        let mut counts: BTreeMap<u32, (u32, f32)> = BTreeMap::new();
        for gram in grams {
            counts.entry(gram.hash).or_insert((0, gram.surprise)).0 += 1;
        }
        let term = |(hash, (count, surprise)): (u32, (u32, f32))| Term {
            hash,
            count: count.min(255) as u8,
            surprise: (surprise * 16.0).round().clamp(1.0, 255.0) as u8,
            rarity: 0,
        };
        let last = counts.keys().nth(sort.limit).map_or(u32::MAX, |next| next - 1);
        let list = counts.into_iter().take(sort.limit).map(term).collect();
        Terms::weighed(list, last, sort)
    }

    /// Of terms in the order of their hashes, as rare as their surprise says.
    pub(super) fn weighed(list: Vec<Term>, last: u32, sort: &Sort) -> Terms {
        let mut terms = Terms { list, last, mass: 0.0 };
        terms.weigh(&Rarity::default(), sort);
        terms
    }

    /// Sets the rarity of each term anew.
    pub(super) fn weigh(&mut self, rarity: &Rarity, sort: &Sort) {
        for term in &mut self.list {
            term.rarity = rarity.of(term.hash, term.surprise, sort);
        }
        self.mass = self.list.iter().map(|term| term.weight()).sum::<f32>() / self.kept();
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
        let (mut mine, mut theirs) = (self.within(last), other.within(last));
        let (mut a, mut b) = (mine.next(), theirs.next());
        let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
        while let (Some(x), Some(y)) = (a, b) {
            if x.hash <= y.hash {
                of_a += x.weight();
                a = mine.next();
            }
            if y.hash <= x.hash {
                of_b += y.weight();
                b = theirs.next();
            }
            if x.hash == y.hash {
                both += x.weight().min(y.weight());
            }
        }
        of_a = a.into_iter().chain(mine).fold(of_a, |sum, term| sum + term.weight());
        of_b = b.into_iter().chain(theirs).fold(of_b, |sum, term| sum + term.weight());
        if both > 0.0 { (both / (of_a * of_b).sqrt()).min(1.0) } else { 0.0 }
    }

    fn within(&self, last: u32) -> impl Iterator<Item = &Term> {
        self.list.iter().take_while(move |term| term.hash <= last)
    }
}
