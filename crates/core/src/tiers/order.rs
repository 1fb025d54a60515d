//! What goes first: the longest unused, least used, least important.

use std::cmp::Ordering;

use super::policy::DAY_MS;
use crate::store::TierRow;

/// How soon a memory moves: days since it was last used, fewer for what was used often, and in
/// proportion to what importance leaves. The day that is added lets use and importance count among
/// memories of today as well.
pub(super) fn urgency(row: &TierRow, now_ms: i64) -> f64 {
    let days = 1.0 + days_unused(row, now_ms);
    days / (1.0 + (row.access_count as f64).ln_1p()) * (1.0 - row.retention.importance)
}

/// Days since it was last stored, changed or found; none before that.
pub(super) fn days_unused(row: &TierRow, now_ms: i64) -> f64 {
    now_ms.saturating_sub(row.used_at).max(0) as f64 / DAY_MS
}

/// Most urgent first; of two equal ones the one that was stored first.
pub(super) fn by_urgency(a: &TierRow, b: &TierRow, now_ms: i64) -> Ordering {
    urgency(b, now_ms).total_cmp(&urgency(a, now_ms)).then(a.row.cmp(&b.row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Retention;

    fn row(days: f64, access_count: u64, importance: f64) -> TierRow {
        let retention = Retention { disposable: false, importance };
        let used_at = (-days * DAY_MS) as i64;
        TierRow { retention, used_at, access_count, ..TierRow::sample(1) }
    }

    #[track_caller]
    fn check(first: &TierRow, then: &TierRow) {
        assert!(urgency(first, 0) > urgency(then, 0), "{first:?} {then:?}");
        assert_eq!(by_urgency(first, then, 0), Ordering::Less);
    }

    #[test]
    fn age_use_and_importance() {
        check(&row(30.0, 0, 0.5), &row(3.0, 0, 0.5));
        check(&row(30.0, 0, 0.5), &row(30.0, 5, 0.5));
        check(&row(30.0, 0, 0.2), &row(30.0, 0, 0.5));
        check(&row(0.0, 0, 0.5), &row(0.0, 1, 0.5));
        check(&row(365.0, 20, 0.5), &row(30.0, 0, 0.5));
        check(&row(0.0, 0, 0.5), &row(9_999.0, 0, 1.0));
    }

    #[test]
    fn a_clock_put_back_makes_nothing_old() {
        assert!(days_unused(&row(-30.0, 0, 0.5), 0).abs() < f64::EPSILON);
        let second = TierRow { row: 2, ..row(1.0, 0, 0.5) };
        assert_eq!(by_urgency(&row(1.0, 0, 0.5), &second, 0), Ordering::Less);
    }
}
