//! How far decisions by meaning are trusted, so that no more than `maxErrorRate` of the answers are
//! wrong: the promise of vCache (arXiv 2502.03771), learned from `feedback` and shadow mode.
//!
//! vCache learns a threshold for each entry from scratch and explores until it is sure; a studio
//! sees too few requests for that. Here the pair model's calibration holds until there is evidence
//! against it, by Wilson's 95 % interval of the share of wrong answers among those judged:
//! * an **entry** serves by meaning no longer once its share is surely too high;
//! * a **rule** of the guard whose share is surely too high no longer serves by itself: the pair
//!   model has to agree;
//! * the **threshold** of the pair model rises past scores whose share is surely too high, and sinks
//!   to scores whose share is surely low enough, at 1 % after some 380 right answers in a row; shadow
//!   mode compares those below the threshold as well.
//!
//! Equal requests need no such trust and teach nothing here.

use std::collections::HashMap;

use crate::store::EvidenceRow;

/// 95 %, two-sided.
const Z: f64 = 1.96;
/// Parts of the pair model's scale from 0 to 1.
const BINS: usize = 50;
/// How far evidence may lower the threshold below its calibration.
const LOWEST: f32 = 0.2;
const PAIR_MODEL: &str = "pair-model";

/// The way to a decision to serve by meaning.
#[derive(Debug, Clone, PartialEq)]
pub enum Route {
    /// A rule of the guard, by the code of its reason.
    Rule(String),
    /// The pair model, with its score.
    PairModel(f32),
}

impl Route {
    /// The name and the part of the scale it is counted under.
    pub(crate) fn row(&self) -> (String, u32) {
        match self {
            Route::Rule(code) => (code.clone(), 0),
            Route::PairModel(score) => (PAIR_MODEL.to_owned(), bin(*score) as u32),
        }
    }
}

/// How often each way to a decision was right and wrong.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    rules: HashMap<String, Judged>,
    pair_model: Vec<Judged>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Judged {
    right: u64,
    wrong: u64,
}

impl Evidence {
    /// As the store has it.
    pub fn new(rows: &[EvidenceRow]) -> Evidence {
        let mut evidence =
            Evidence { pair_model: vec![Judged::default(); BINS], ..Self::default() };
        for row in rows {
            let judged = Judged { right: row.right, wrong: row.wrong };
            if row.route != PAIR_MODEL {
                evidence.rules.insert(row.route.clone(), judged);
            } else if let Some(bin) = evidence.pair_model.get_mut(row.bin as usize) {
                *bin = judged;
            }
        }
        evidence
    }

    /// Whether a rule serves by itself.
    pub fn trusts_rule(&self, code: &str, max_error_rate: f64) -> bool {
        self.rules.get(code).is_none_or(|judged| judged.lower() <= max_error_rate)
    }

    /// The score from which the pair model is believed, `calibrated` until there is evidence.
    pub fn threshold(&self, calibrated: f32, max_error_rate: f64) -> f32 {
        let between = |from: usize, to: usize| {
            let add = |sum: Judged, one: &Judged| Judged {
                right: sum.right + one.right,
                wrong: sum.wrong + one.wrong,
            };
            self.pair_model.iter().take(to).skip(from).fold(Judged::default(), add)
        };
        let first = bin(calibrated);
        let too_bad = |bin: &usize| between(*bin, BINS).lower() > max_error_rate;
        if too_bad(&first) {
            let good = (first + 1..BINS).find(|bin| !too_bad(bin));
            // Past the end of the scale: nothing is believed.
            return good.map_or(f32::INFINITY, edge);
        }
        // Downwards as far as every part was seen, and what lies between is good by itself: what is
        // known of higher scores says nothing about these.
        let seen = (bin(calibrated - LOWEST)..first).rev();
        let seen = seen.take_while(|bin| between(*bin, bin + 1).count() > 0);
        let good = seen.filter(|bin| between(*bin, first).upper() <= max_error_rate).last();
        good.map_or(calibrated, edge)
    }
}

/// Whether an entry still serves by meaning after these judgements of it.
pub(crate) fn trusts_entry(right: u64, wrong: u64, max_error_rate: f64) -> bool {
    Judged { right, wrong }.lower() <= max_error_rate
}

fn bin(score: f32) -> usize {
    ((score.clamp(0.0, 1.0) * BINS as f32) as usize).min(BINS - 1)
}

fn edge(bin: usize) -> f32 {
    bin as f32 / BINS as f32
}

impl Judged {
    /// The least share of wrong answers that fits what was judged.
    fn lower(self) -> f64 {
        let (middle, reach) = self.wilson();
        // Nothing wrong: exactly 0, whatever rounding says.
        if self.wrong == 0 { 0.0 } else { middle - reach }
    }

    /// The highest share that fits; 1 when nothing was judged.
    fn upper(self) -> f64 {
        let (middle, reach) = self.wilson();
        (middle + reach).min(1.0)
    }

    fn count(self) -> u64 {
        self.right + self.wrong
    }

    fn wilson(self) -> (f64, f64) {
        let n = self.count() as f64;
        if n == 0.0 {
            return (0.5, 0.5);
        }
        let share = self.wrong as f64 / n;
        let scale = 1.0 + Z * Z / n;
        let middle = (share + Z * Z / (2.0 * n)) / scale;
        let reach = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
        (middle, reach)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(rows: &[(&str, u32, u64, u64)]) -> Evidence {
        let row = |(route, bin, right, wrong): &(&str, u32, u64, u64)| EvidenceRow {
            route: (*route).to_owned(),
            bin: *bin,
            right: *right,
            wrong: *wrong,
        };
        Evidence::new(&rows.iter().map(row).collect::<Vec<_>>())
    }

    #[test]
    fn one_wrong_answer_of_few_is_too_many_for_an_entry() {
        assert!(trusts_entry(0, 0, 0.01));
        assert!(!trusts_entry(0, 1, 0.01));
        assert!(!trusts_entry(10, 1, 0.01));
        assert!(trusts_entry(100, 1, 0.01), "one of a hundred may be chance");
        assert!(!trusts_entry(100, 6, 0.01));
    }

    #[test]
    fn the_calibration_holds_until_there_is_evidence() {
        let threshold = |rows: &[_]| evidence(rows).threshold(0.9, 0.01);
        let same = |a: f32, b: f32| (a - b).abs() < 1e-6;
        assert!(same(threshold(&[]), 0.9));
        assert!(same(threshold(&[(PAIR_MODEL, 46, 50, 0)]), 0.9), "too few to lower it");
        let good = [44, 43, 42].map(|bin| (PAIR_MODEL, bin, 200, 0));
        assert!(same(threshold(&good), 0.84), "enough of them");
        assert!(same(threshold(&good[..1]), 0.9), "not yet");
        assert!(same(threshold(&[(PAIR_MODEL, 42, 500, 0)]), 0.9), "nothing is known in between");
        assert!(same(threshold(&[(PAIR_MODEL, 49, 500, 0), (PAIR_MODEL, 44, 1, 0)]), 0.9));
        assert!(same(threshold(&[(PAIR_MODEL, 45, 5, 3)]), 0.92), "past the bad ones");
        assert!(threshold(&[(PAIR_MODEL, 49, 0, 3)]).is_infinite());
    }

    #[test]
    fn a_rule_that_errs_needs_the_pair_model() {
        let evidence = evidence(&[("typo", 0, 2, 2), ("same-words", 0, 50, 0)]);
        assert!(!evidence.trusts_rule("typo", 0.01));
        assert!(evidence.trusts_rule("same-words", 0.01) && evidence.trusts_rule("never", 0.01));
    }

    #[test]
    fn routes_have_their_place() {
        assert_eq!(Route::PairModel(0.999).row(), ("pair-model".to_owned(), 49));
        assert_eq!(Route::PairModel(f32::NAN).row().1, 0);
        assert_eq!(Route::Rule("typo".to_owned()).row(), ("typo".to_owned(), 0));
    }
}
