//! The moves a policy asks for, in order, and what keeps it from its budget.

use std::collections::HashSet;

use super::order::{by_urgency, days_unused};
use super::report::{Amount, Kept};
use crate::store::{Tier, TierMove, TierRow};
use crate::tokens::Dtype;

/// A policy in the terms of one store.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// Bytes the memories may take.
    pub(crate) budget: Option<u64>,
    /// Days without use before a memory may become warm; none means never.
    pub(crate) warm_after_days: Option<f64>,
    /// The same for cold.
    pub(crate) cold_after_days: Option<f64>,
    /// Partitions whose memories are disposable, marked or not.
    pub(crate) disposable: HashSet<u32>,
    /// Numbers in each vector.
    pub(crate) dims: usize,
    /// Milliseconds since 1970.
    pub(crate) now_ms: i64,
}

/// What is to move.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Plan {
    /// Those that become warm, then those that become cold, most urgent first.
    pub(crate) moves: Vec<TierMove>,
    /// Bytes all memories take now.
    pub(crate) before: u64,
    /// Bytes they take once all moved.
    pub(crate) after: u64,
    /// Memories looked at.
    pub(crate) memories: u64,
    /// What stays as it is once all moved, and why.
    pub(crate) kept: Kept,
}

/// Plans moves of `rows`, all that the policy covers.
pub(crate) fn plan(mut rows: Vec<TierRow>, rules: &Rules) -> Plan {
    let before = rows.iter().map(TierRow::bytes).sum::<u64>();
    let memories = rows.len() as u64;
    rows.sort_unstable_by(|a, b| by_urgency(a, b, rules.now_ms));
    let mut need = Need(rules.budget.map(|budget| before.saturating_sub(budget)));
    let cold = |row: &TierRow| rules.old_enough(row, rules.cold_after_days);
    let disposable =
        |row: &TierRow| may_move(row) && row.tier != Tier::Cold && rules.is_disposable(row);
    let (mut warm, mut freed) = (Vec::new(), 0);
    for row in rows.iter().filter(|row| may_move(row) && row.tier == Tier::Hot) {
        // Without a budget nothing is tried first: what is old enough for cold goes there at once.
        let goes_cold = need.0.is_none() && disposable(row) && cold(row);
        if !goes_cold && rules.old_enough(row, rules.warm_after_days) && need.asks() {
            let gain = rules.warm_gain(row);
            if need.take(gain) {
                freed += gain;
                warm.push(*row);
            }
        }
    }
    let warmed: HashSet<u64> = warm.iter().map(|row| row.row).collect();
    let mut colds = Vec::new();
    for row in rows.iter().filter(|row| disposable(row) && cold(row)) {
        if !need.asks() {
            break;
        }
        let vectors = if warmed.contains(&row.row) { 0 } else { rules.warm_gain(row) };
        let gain = row.content_bytes + vectors;
        if need.take(gain) {
            freed += gain;
            colds.push(*row);
        }
    }
    let gone: HashSet<u64> = colds.iter().map(|row| row.row).collect();
    warm.retain(|row| !gone.contains(&row.row));
    // As it stands once all moved, so that it says the same before and after.
    rows.retain(|row| !gone.contains(&row.row));
    rows.iter_mut().filter(|row| warmed.contains(&row.row)).for_each(|row| row.tier = Tier::Warm);
    let kept = rules.kept(&rows);
    let to = |to| move |planned| TierMove { planned, to };
    let moves = warm.into_iter().map(to(Tier::Warm)).chain(colds.into_iter().map(to(Tier::Cold)));
    Plan { moves: moves.collect(), before, after: before - freed, memories, kept }
}

/// Bytes that are still to be freed; none without a budget.
struct Need(Option<u64>);

impl Need {
    /// Whether anything is still to move.
    fn asks(&self) -> bool {
        self.0 != Some(0)
    }

    /// Whether a move that frees `gain` is worth making; it counts then.
    fn take(&mut self, gain: u64) -> bool {
        match &mut self.0 {
            None => true,
            Some(_) if gain == 0 => false,
            Some(need) => {
                *need = need.saturating_sub(gain);
                true
            }
        }
    }
}

/// Importance 1 is never moved; a memory without vectors would be lost with its text.
fn may_move(row: &TierRow) -> bool {
    row.retention.importance < 1.0 && row.vectors > 0
}

impl Rules {
    fn is_disposable(&self, row: &TierRow) -> bool {
        row.retention.disposable || self.disposable.contains(&row.partition)
    }

    /// Days that are not given mean any age under a budget, and no move without one.
    fn old_enough(&self, row: &TierRow, after_days: Option<f64>) -> bool {
        let after = after_days.or(self.budget.map(|_| 0.0));
        after.is_some_and(|days| days_unused(row, self.now_ms) >= days)
    }

    /// Bytes that 8-bit vectors save.
    fn warm_gain(&self, row: &TierRow) -> u64 {
        row.token_bytes.saturating_sub(row.vectors * Dtype::I8.vector_bytes(self.dims) as u64)
    }

    /// What stays, whatever the budget: the bytes that would be free without the reason.
    fn kept(&self, rows: &[TierRow]) -> Kept {
        let mut kept = Kept::default();
        for row in rows {
            let vectors = if row.tier == Tier::Hot { self.warm_gain(row) } else { 0 };
            let disposable = self.is_disposable(row);
            let text = if disposable { row.content_bytes } else { 0 };
            if !may_move(row) {
                kept.important.add(vectors + text);
                continue;
            }
            let too_young = |bytes, after| if self.old_enough(row, after) { 0 } else { bytes };
            kept.recent.add(
                too_young(vectors, self.warm_after_days) + too_young(text, self.cold_after_days),
            );
            if !disposable {
                kept.undisposable.add(row.content_bytes);
            }
        }
        kept
    }
}

impl Amount {
    /// One more memory, if it has any bytes to tell of.
    fn add(&mut self, bytes: u64) {
        self.memories += u64::from(bytes > 0);
        self.bytes += bytes;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::order::urgency;
    use super::super::policy::DAY_MS;
    use super::*;
    use crate::store::Retention;

    const DIMS: usize = 8;
    const F16: u64 = 16;
    const I8: u64 = 12;

    fn tier() -> impl Strategy<Value = Tier> {
        prop::sample::select(vec![Tier::Hot, Tier::Hot, Tier::Warm, Tier::Cold])
    }

    fn row() -> impl Strategy<Value = TierRow> {
        let importance = prop::sample::select(vec![0.0, 0.2, 0.5, 0.9, 1.0]);
        (tier(), any::<bool>(), importance, 0_i64..100, 0_u64..9, 0_u64..5, 1_u64..900, 0_u32..3)
            .prop_map(|(tier, disposable, importance, days, used, vectors, content, partition)| {
                let vectors = vectors + u64::from(vectors > 1);
                TierRow {
                    partition,
                    tier,
                    retention: Retention { disposable, importance },
                    used_at: -(days * DAY_MS as i64),
                    access_count: used,
                    content_bytes: if tier == Tier::Cold { 0 } else { content },
                    token_bytes: vectors * if tier == Tier::Hot { F16 } else { I8 },
                    vectors,
                    ..TierRow::sample(0)
                }
            })
    }

    fn rows() -> impl Strategy<Value = Vec<TierRow>> {
        prop::collection::vec(row(), 0..60).prop_map(|mut rows| {
            rows.iter_mut().zip(1..).for_each(|(row, number)| row.row = number);
            rows
        })
    }

    fn days() -> impl Strategy<Value = Option<f64>> {
        prop::option::of(prop::sample::select(vec![0.0, 7.0, 30.0, 90.0]))
    }

    fn rules() -> impl Strategy<Value = Rules> {
        (prop::option::of(0_u64..20_000), days(), days(), prop::option::of(0_u32..3)).prop_map(
            |(budget, warm_after_days, cold_after_days, kind)| Rules {
                budget,
                warm_after_days,
                cold_after_days,
                disposable: kind.into_iter().collect(),
                dims: DIMS,
                now_ms: 0,
            },
        )
    }

    /// What a memory takes once moved, the plain way.
    fn bytes_after(one: &TierMove) -> u64 {
        let content = if one.to == Tier::Cold { 0 } else { one.planned.content_bytes };
        content + one.planned.vectors * I8
    }

    fn is_disposable(row: &TierRow, rules: &Rules) -> bool {
        row.retention.disposable || rules.disposable.contains(&row.partition)
    }

    fn is_old(row: &TierRow, after: Option<f64>, rules: &Rules) -> bool {
        let after = if rules.budget.is_some() { after.or(Some(0.0)) } else { after };
        after.is_some_and(|after| row.used_at as f64 <= -after * DAY_MS)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn sizes_sum_and_nothing_moves_that_must_not(rows in rows(), rules in rules()) {
            let made = plan(rows.clone(), &rules);
            let before: u64 = rows.iter().map(|row| row.content_bytes + row.token_bytes).sum();
            let freed: u64 =
                made.moves.iter().map(|one| one.planned.bytes() - bytes_after(one)).sum();
            prop_assert_eq!((made.before, made.after), (before, before - freed));
            let mut seen = HashSet::new();
            for one in &made.moves {
                let row = &one.planned;
                prop_assert!(seen.insert(row.row), "once each");
                prop_assert!(rows.contains(row) && row.vectors > 0);
                prop_assert!(row.retention.importance < 1.0);
                let after = if one.to == Tier::Cold {
                    prop_assert!(is_disposable(row, &rules) && row.tier != Tier::Cold);
                    rules.cold_after_days
                } else {
                    prop_assert_eq!((one.to, row.tier), (Tier::Warm, Tier::Hot));
                    rules.warm_after_days
                };
                prop_assert!(is_old(row, after, &rules));
            }
        }

        #[test]
        fn the_most_urgent_go_first(rows in rows(), rules in rules()) {
            let made = plan(rows.clone(), &rules);
            for to in [Tier::Warm, Tier::Cold] {
                let moved: Vec<f64> = made.moves.iter().filter(|one| one.to == to)
                    .map(|one| urgency(&one.planned, 0)).collect();
                prop_assert!(moved.is_sorted_by(|a, b| a >= b), "{:?}", moved);
                let Some(last) = moved.last() else { continue };
                // Nothing more urgent stays that could have gone there.
                let (from, after) = match to {
                    Tier::Warm => (vec![Tier::Hot], rules.warm_after_days),
                    _ => (vec![Tier::Hot, Tier::Warm], rules.cold_after_days),
                };
                let moving: HashSet<u64> = made.moves.iter().map(|one| one.planned.row).collect();
                for row in rows.iter().filter(|row| !moving.contains(&row.row)) {
                    let could = from.contains(&row.tier) && row.vectors > 0
                        && row.retention.importance < 1.0 && is_old(row, after, &rules)
                        && (to == Tier::Warm || is_disposable(row, &rules));
                    prop_assert!(!could || urgency(row, 0) <= *last, "{:?} stays", row);
                }
            }
        }

        #[test]
        fn it_stops_at_the_budget_and_drops_no_text_before_it_must(rows in rows(), rules in rules()) {
            let made = plan(rows.clone(), &rules);
            let moving: HashSet<u64> = made.moves.iter().map(|one| one.planned.row).collect();
            let can_warm = |row: &&TierRow| row.tier == Tier::Hot && row.vectors > 0
                && row.retention.importance < 1.0 && is_old(row, rules.warm_after_days, &rules);
            let can_cold = |row: &&TierRow| row.tier != Tier::Cold && row.vectors > 0
                && row.retention.importance < 1.0 && is_disposable(row, &rules)
                && is_old(row, rules.cold_after_days, &rules);
            let idle = |row: &&TierRow| !moving.contains(&row.row);
            let reached = rules.budget.is_some_and(|budget| made.after <= budget);
            if let (Some(budget), Some(last)) = (rules.budget, made.moves.last()) {
                let without = made.after + last.planned.bytes() - bytes_after(last);
                prop_assert!(made.before > budget && without > budget, "one move too many");
            }
            if !reached {
                prop_assert_eq!(rows.iter().filter(can_warm).filter(idle).count(), 0);
                prop_assert_eq!(rows.iter().filter(can_cold).filter(idle)
                    .filter(|row| row.content_bytes > 0 || rules.budget.is_none()).count(), 0);
            }
            if rules.budget.is_some() && made.moves.iter().any(|one| one.to == Tier::Cold) {
                prop_assert_eq!(rows.iter().filter(can_warm).filter(idle).count(), 0);
            }
        }
    }

    fn hot(row: u64, disposable: bool, importance: f64) -> TierRow {
        TierRow {
            retention: Retention { disposable, importance },
            used_at: -(10 - row as i64) * DAY_MS as i64,
            content_bytes: 100,
            token_bytes: F16,
            ..TierRow::sample(row)
        }
    }

    #[test]
    fn what_stands_in_the_way_is_told() {
        let rules = Rules {
            budget: Some(0),
            warm_after_days: Some(5.0),
            dims: DIMS,
            now_ms: 0,
            ..Rules::default()
        };
        let rows =
            vec![hot(1, false, 0.5), hot(2, true, 0.5), hot(3, true, 1.0), hot(9, true, 0.5)];
        let made = plan(rows, &rules);
        let moves: Vec<_> = made.moves.iter().map(|one| (one.planned.row, one.to)).collect();
        assert_eq!(moves, [(1, Tier::Warm), (2, Tier::Cold), (9, Tier::Cold)]);
        assert_eq!((made.before, made.after), (4 * 116, 112 + 12 + 116 + 12));
        let expected = Kept {
            important: Amount { memories: 1, bytes: 104 },
            recent: Amount::default(),
            undisposable: Amount { memories: 1, bytes: 100 },
        };
        assert_eq!(made.kept, expected);
    }

    #[test]
    fn what_goes_cold_is_not_told_as_kept() {
        let rules = Rules { cold_after_days: Some(0.0), dims: DIMS, now_ms: 0, ..Rules::default() };
        let made = plan(vec![hot(1, true, 0.5), hot(2, true, 0.5)], &rules);
        assert_eq!((made.moves.len(), made.kept), (2, Kept::default()));
    }

    #[test]
    fn within_the_budget_nothing_moves() {
        let rules = Rules { budget: Some(999), dims: DIMS, ..Rules::default() };
        assert_eq!(plan(vec![hot(1, true, 0.0)], &rules).moves, []);
        let rules = Rules { warm_after_days: Some(1.0), dims: DIMS, ..Rules::default() };
        assert_eq!(plan(vec![hot(1, true, 0.0)], &rules).moves[0].to, Tier::Warm);
    }
}
