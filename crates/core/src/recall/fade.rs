//! How a habit fades.

/// Days after which a sighting counts half: a habit of one season outweighs that of the season
/// before two to one. States do not fade, they are superseded.
pub const HALF_LIFE_DAYS: f64 = 90.0;

const DAY_MS: f64 = 24.0 * 3_600.0 * 1_000.0;

/// What `weight` is worth `age_ms` later. Something of the future is worth what it is now.
pub(crate) fn faded(weight: f64, age_ms: i64) -> f64 {
    weight * 0.5_f64.powf(age_ms.max(0) as f64 / (HALF_LIFE_DAYS * DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_after_a_half_life() {
        let days = |days: i64| days * 24 * 3_600 * 1_000;
        assert!((faded(8.0, days(90)) - 4.0).abs() < 1e-12);
        assert!((faded(8.0, days(270)) - 1.0).abs() < 1e-12);
        assert!((faded(8.0, 0) - 8.0).abs() < 1e-12);
        assert!((faded(8.0, -5) - 8.0).abs() < 1e-12);
    }

    #[test]
    fn in_steps_or_at_once() {
        let steps = faded(faded(1.0, 12_345_678), 987_654_321);
        assert!((steps - faded(1.0, 12_345_678 + 987_654_321)).abs() < 1e-12);
    }
}
