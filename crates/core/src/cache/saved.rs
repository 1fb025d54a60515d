//! Under which name the money saved on one day is counted.

const PREFIX: &str = "savedOn:";
const MS_PER_DAY: i64 = 86_400_000;

/// The counter of the day of `now`, milliseconds since 1970, UTC.
pub(crate) fn saved_on(now: i64) -> String {
    format!("{PREFIX}{}", now.div_euclid(MS_PER_DAY))
}

/// Days since 1970 that a counter stands for; none when it counts something else.
pub(crate) fn saved_day(counter: &str) -> Option<i64> {
    counter.strip_prefix(PREFIX)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_tells_its_day() {
        for (now, day) in
            [(0, 0), (86_399_999, 0), (86_400_000, 1), (-1, -1), (1_764_460_800_000, 20_422)]
        {
            assert_eq!(saved_day(&saved_on(now)), Some(day));
        }
        for other in ["saved", "savedEstimated", "savedOn:", "savedOn:x"] {
            assert_eq!(saved_day(other), None);
        }
    }
}
