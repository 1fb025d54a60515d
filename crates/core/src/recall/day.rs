//! A day in words, in UTC.

const MONTHS: [&str; 12] = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
];

/// "5 March 2025".
pub(super) fn day(at_ms: i64) -> String {
    // Days to civil date in a calendar that begins on 1 March: a leap day is a year's last.
    let days = at_ms.div_euclid(86_400_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    format!("{day} {} {year}", MONTHS[month as usize])
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_of_the_calendar() {
        let cases = [
            (0, "1 January 1970"),
            (951_782_400_000, "29 February 2000"),
            (951_868_800_000, "1 March 2000"),
            (1_741_132_799_999, "4 March 2025"),
            (1_741_132_800_000, "5 March 2025"),
            (1_735_689_599_999, "31 December 2024"),
            (4_107_542_400_000, "1 March 2100"),
        ];
        for (at, expected) in cases {
            assert_eq!(day(at), expected);
        }
    }
}
