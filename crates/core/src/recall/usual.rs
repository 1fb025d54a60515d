//! What is usual, among facts with weights.

use std::collections::BTreeMap;

use super::fact::RecallFact;

/// What has less than this share of the weight of the strongest of its kind is not called usual.
const LEAST_SHARE: f64 = 0.05;

/// Tempi this near are one habit: a detected 119.98 and a set 120.
const SAME_BPM: f64 = 1.0;

/// The facts of a category, strongest first.
pub(super) fn strongest<'a>(
    facts: &'a [RecallFact],
    category: &str,
    limit: usize,
) -> Vec<&'a RecallFact> {
    let mut found: Vec<&RecallFact> = facts.iter().filter(|f| f.category == category).collect();
    found.sort_by(|a, b| stronger(a, b));
    let least = found.first().map_or(0.0, |first| first.weight * LEAST_SHARE);
    found.retain(|fact| fact.weight >= least);
    found.truncate(limit);
    found
}

/// By weight, then the one seen later, then by name.
fn stronger(a: &RecallFact, b: &RecallFact) -> std::cmp::Ordering {
    b.weight.total_cmp(&a.weight).then(b.last_at.cmp(&a.last_at)).then(a.key.cmp(&b.key))
}

/// The tempo worked at most, and its share of all: the weighted mode, where tempi within
/// [`SAME_BPM`] stand for each other. Always a tempo that was really seen, never an average: who
/// works at 90 and at 174 never works at 132.
pub(super) fn usual_bpm(facts: &[RecallFact]) -> Option<(&RecallFact, f64)> {
    let mut tempi: Vec<(f64, &RecallFact)> = facts
        .iter()
        .filter(|fact| fact.category == "bpm")
        .filter_map(|fact| Some((fact.value.as_f64()?, fact)))
        .collect();
    tempi.sort_by(|a, b| a.0.total_cmp(&b.0));
    let support = |bpm: f64| {
        let from = tempi.partition_point(|(other, _)| *other < bpm - SAME_BPM);
        let near = tempi[from..].iter().take_while(|(other, _)| *other <= bpm + SAME_BPM);
        near.map(|(_, fact)| fact.weight).sum::<f64>()
    };
    let all: f64 = tempi.iter().map(|(_, fact)| fact.weight).sum();
    let supported = tempi.iter().map(|(bpm, fact)| (support(*bpm), *fact));
    let best = supported.min_by(|a, b| {
        // Sums of the same weights in another order may differ in their last digits.
        let nearly = (a.0 - b.0).abs() <= 1e-9 * all;
        if nearly { stronger(a.1, b.1) } else { b.0.total_cmp(&a.0) }
    });
    best.map(|(support, fact)| (fact, support / all))
}

/// The usual value of each parameter of each plugin: the weighted mode, to the digit.
pub(super) fn usual_settings(facts: &[RecallFact]) -> BTreeMap<&str, BTreeMap<&str, &RecallFact>> {
    let mut usual: BTreeMap<&str, BTreeMap<&str, &RecallFact>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.category == "setting") {
        let parameters = usual.entry(fact.text("plugin")).or_default();
        let best = parameters.entry(fact.text("parameter")).or_insert(fact);
        if stronger(fact, best).is_lt() {
            *best = fact;
        }
    }
    usual
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use serde_json::{Value, json};

    use super::*;

    pub(in crate::recall) fn fact(category: &str, value: Value, weight: f64) -> RecallFact {
        let key = super::super::facts::counted_key(category, &value);
        let category = category.to_owned();
        let (first_at, last_at, valid_from, valid_to) = (0, 0, 0, None);
        let count = weight.ceil() as u64;
        RecallFact { key, category, value, count, weight, first_at, last_at, valid_from, valid_to }
    }

    #[track_caller]
    fn check(tempi: &[(f64, f64)], usual: f64) {
        let facts: Vec<_> = tempi.iter().map(|(bpm, w)| fact("bpm", json!(bpm), *w)).collect();
        assert_eq!(usual_bpm(&facts).unwrap().0.value, json!(usual), "{tempi:?}");
    }

    #[test]
    fn the_usual_tempo_is_one_that_was_seen() {
        check(&[(128.0, 1.0)], 128.0);
        check(&[(90.0, 5.0), (132.0, 1.0), (174.0, 5.5)], 174.0);
        check(&[(119.98, 1.0), (120.0, 2.0), (120.3, 1.0), (140.0, 3.5)], 120.0);
        check(&[(90.0, 2.0), (174.0, 2.0)], 174.0);
        assert!(usual_bpm(&[]).is_none());
    }

    #[test]
    fn its_share_says_how_usual_it_is() {
        let facts = [fact("bpm", json!(90), 3.0), fact("bpm", json!(174), 1.0)];
        assert!((usual_bpm(&facts).unwrap().1 - 0.75).abs() < 1e-12);
    }

    #[test]
    fn what_is_rare_is_not_usual() {
        let facts = [("Trap", 40.0), ("Drill", 1.9), ("House", 2.1), ("Jazz", 20.0)]
            .map(|(name, weight)| fact("genre", json!(name), weight));
        let names: Vec<_> = strongest(&facts, "genre", 5).iter().map(|f| &f.value).collect();
        assert_eq!(names, [&json!("Trap"), &json!("Jazz"), &json!("House")]);
        assert_eq!(strongest(&facts, "genre", 2).len(), 2);
        assert_eq!(strongest(&facts, "key", 2).len(), 0);
    }

    #[test]
    fn the_usual_value_of_a_setting() {
        let of = |value: f64, weight| {
            fact(
                "setting",
                json!({ "plugin": "comp", "parameter": "ratio", "value": value }),
                weight,
            )
        };
        let facts = [of(4.0, 2.0), of(2.5, 3.0), of(8.0, 1.0)];
        assert_eq!(usual_settings(&facts)["comp"]["ratio"].value["value"], json!(2.5));
    }
}
