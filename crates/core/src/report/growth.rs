//! What was added when: by day while that is readable, by month after that.

use serde::Serialize;

use crate::store::Day;

const MS_PER_DAY: i64 = 86_400_000;
/// More days than this are told by month.
const MOST_DAYS: i64 = 100;

/// The width of a step of time, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bucket {
    /// A day.
    Day,
    /// A calendar month.
    Month,
}

/// Memories by when they were added. What has been forgotten since is not in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Growth {
    /// Days up to 100 of them, else months.
    pub bucket: Bucket,
    /// Those in which something was added, oldest first.
    pub points: Vec<GrowthPoint>,
}

/// What was added in one step of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GrowthPoint {
    /// Its beginning, milliseconds since 1970, UTC.
    pub at: i64,
    /// Memories.
    pub items: u64,
    /// UTF-8 bytes of their texts.
    pub source_bytes: u64,
    /// Bytes stored for text, data and memory tokens.
    pub stored_bytes: u64,
}

/// Money that the cache saved, by when.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Savings {
    /// Days up to 100 of them, else months.
    pub bucket: Bucket,
    /// Those in which something was saved, oldest first.
    pub points: Vec<SavingsPoint>,
    /// US dollars saved on days that were not counted apart: stores filled by earlier versions.
    pub undated: f64,
}

/// What was saved in one step of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SavingsPoint {
    /// Its beginning, milliseconds since 1970, UTC.
    pub at: i64,
    /// US dollars.
    pub saved: f64,
}

/// `days` in rising order, put together where there are many.
pub(crate) fn growth(days: &[Day]) -> Growth {
    let bucket = bucket(days.first().map(|d| d.day), days.last().map(|d| d.day));
    let mut points: Vec<GrowthPoint> = Vec::new();
    for day in days {
        let at = start(bucket, day.day);
        if points.last().is_none_or(|point| point.at != at) {
            points.push(GrowthPoint { at, items: 0, source_bytes: 0, stored_bytes: 0 });
        }
        if let Some(point) = points.last_mut() {
            point.items += day.items;
            point.source_bytes += day.source_bytes;
            point.stored_bytes += day.stored_bytes;
        }
    }
    Growth { bucket, points }
}

/// Dollars by day since 1970 in rising order, out of `total`.
pub(crate) fn savings(days: &[(i64, f64)], total: f64) -> Savings {
    let bucket = bucket(days.first().map(|d| d.0), days.last().map(|d| d.0));
    let mut points: Vec<SavingsPoint> = Vec::new();
    for (day, saved) in days {
        let at = start(bucket, *day);
        match points.last_mut() {
            Some(point) if point.at == at => point.saved += saved,
            _ => points.push(SavingsPoint { at, saved: *saved }),
        }
    }
    let dated: f64 = days.iter().map(|(_, saved)| saved).sum();
    // Sums of the same numbers in another order differ by their last bits.
    let undated = if total - dated > 1e-9 * total { total - dated } else { 0.0 };
    Savings { bucket, points, undated }
}

fn bucket(first: Option<i64>, last: Option<i64>) -> Bucket {
    match (first, last) {
        (Some(first), Some(last)) if last - first > MOST_DAYS => Bucket::Month,
        _ => Bucket::Day,
    }
}

fn start(bucket: Bucket, day: i64) -> i64 {
    match bucket {
        Bucket::Day => day * MS_PER_DAY,
        Bucket::Month => (day - day_of_month(day)) * MS_PER_DAY,
    }
}

/// 0 for the first of a month. The calendar begins on 1 March: a leap day is a year's last.
fn day_of_month(day: i64) -> i64 {
    let days = day + 719_468;
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    of_year - (153 * from_march + 2) / 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Day {
        Day { day, items: 1, source_bytes: 10, stored_bytes: 4 }
    }

    #[test]
    fn few_days_stay_days() {
        let grown = growth(&[day(0), day(1), day(100)]);
        assert_eq!(grown.bucket, Bucket::Day);
        assert_eq!(
            grown.points.iter().map(|p| p.at).collect::<Vec<_>>(),
            [0, 86_400_000, 8_640_000_000]
        );
        assert!(growth(&[]).points.is_empty());
    }

    #[test]
    fn many_become_months() {
        // 31 January and 1 February 2024, 29 February, 1 March, 15 June.
        let days = [19_753, 19_754, 19_782, 19_783, 19_889].map(day);
        let grown = growth(&days);
        assert_eq!(grown.bucket, Bucket::Month);
        let seen: Vec<(i64, u64)> =
            grown.points.iter().map(|p| (p.at / MS_PER_DAY, p.items)).collect();
        assert_eq!(seen, [(19_723, 1), (19_754, 2), (19_783, 1), (19_875, 1)]);
        assert_eq!(grown.points[1].source_bytes, 20);
    }

    #[test]
    fn months_begin_where_the_calendar_says() {
        for (day, of_month) in
            [(0, 0), (30, 30), (31, 0), (59, 0), (11_016, 28), (11_017, 0), (-1, 30)]
        {
            assert_eq!(day_of_month(day), of_month, "{day}");
        }
    }

    #[test]
    fn money_without_a_day_is_told_apart() {
        let saved = savings(&[(1, 0.1), (2, 0.2)], 0.5);
        assert_eq!(saved.points.len(), 2);
        assert!((saved.undated - 0.2).abs() < 1e-9);
        assert!(savings(&[(1, 0.1), (2, 0.2)], 0.2 + 0.1).undated.abs() < 1e-12);
    }
}
