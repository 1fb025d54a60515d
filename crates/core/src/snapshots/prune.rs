//! Which versions does a policy keep? Decided on plain data.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::options::PrunePolicy;
use super::snapshot::SnapshotType;

const DAY_MS: i64 = 86_400_000;

/// What decides about a version.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// Its row.
    pub(crate) row: i64,
    /// Its branch.
    pub(crate) branch: String,
    /// Who caused it.
    pub(crate) kind: SnapshotType,
    /// Milliseconds since 1970.
    pub(crate) created_at: i64,
    /// Whether it has tags.
    pub(crate) is_tagged: bool,
    /// Whether a branch stands on it.
    pub(crate) is_head: bool,
}

/// The rows that no rule keeps, in the order of `versions`. A version with a tag, the newest of a
/// branch and, unless the policy names them, milestones always stay.
pub(crate) fn removed(versions: &[Candidate], policy: &PrunePolicy, now: i64) -> Vec<i64> {
    let kept = kept_by_counts(versions, policy);
    let age_ms = policy.older_than_days.map(|days| (days * DAY_MS as f64) as i64);
    let goes = |one: &&Candidate| {
        !one.is_tagged
            && !one.is_head
            && !kept.contains(&one.row)
            && may_go(one.kind, policy)
            && age_ms.is_none_or(|age| one.created_at < now - age)
    };
    versions.iter().filter(goes).map(|one| one.row).collect()
}

fn may_go(kind: SnapshotType, policy: &PrunePolicy) -> bool {
    let types = policy.types.as_ref();
    types.map_or(kind != SnapshotType::Milestone, |types| types.0.contains(&kind))
}

fn kept_by_counts(versions: &[Candidate], policy: &PrunePolicy) -> BTreeSet<i64> {
    let mut branches: BTreeMap<&str, Vec<&Candidate>> = BTreeMap::new();
    for one in versions {
        branches.entry(&one.branch).or_default().push(one);
    }
    let mut kept = BTreeSet::new();
    for branch in branches.values_mut() {
        // By row, the order in which they came: a clock may have run ahead, or been set back.
        branch.sort_by_key(|one| std::cmp::Reverse(one.row));
        let most = |count: Option<u32>| count.unwrap_or(0) as usize;
        kept.extend(branch.iter().take(most(policy.keep_last)).map(|one| one.row));
        let day = |one: &Candidate| one.created_at.div_euclid(DAY_MS);
        kept.extend(last_of_each(branch, day).take(most(policy.keep_daily)));
        // Day 0 was a Thursday.
        let week = |one: &Candidate| (day(one) + 3).div_euclid(7);
        kept.extend(last_of_each(branch, week).take(most(policy.keep_weekly)));
    }
    kept
}

/// The newest of each period, that of the newest first; `newest_first` is sorted so.
fn last_of_each(
    newest_first: &[&Candidate],
    period: impl Fn(&Candidate) -> i64,
) -> impl Iterator<Item = i64> {
    let mut seen = HashSet::new();
    newest_first.iter().filter(move |one| seen.insert(period(one))).map(|one| one.row)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    /// Version `i` of `main` is made at noon of day `days[i]`; the last is its head.
    fn versions(days: &[i64]) -> Vec<Candidate> {
        let version = |(i, day): (usize, &i64)| Candidate {
            row: i as i64,
            branch: "main".to_owned(),
            kind: SnapshotType::Manual,
            created_at: day * DAY_MS + DAY_MS / 2 + i as i64,
            is_tagged: false,
            is_head: i + 1 == days.len(),
        };
        days.iter().enumerate().map(version).collect()
    }

    #[track_caller]
    fn check(versions: &[Candidate], policy: &str, expected: &[i64]) {
        let policy = PrunePolicy::from_json(policy).unwrap();
        policy.check().unwrap();
        assert_eq!(removed(versions, &policy, 100 * DAY_MS), expected);
    }

    #[test]
    fn each_rule_keeps_what_it_says() {
        let all = versions(&[1, 1, 2, 2, 9, 16, 16]);
        check(&all, r#"{"keepLast":1}"#, &[0, 1, 2, 3, 4, 5]);
        check(&all, r#"{"keepLast":3}"#, &[0, 1, 2, 3]);
        check(&all, r#"{"keepLast":99}"#, &[]);
        check(&all, r#"{"keepDaily":2}"#, &[0, 1, 2, 3, 5]);
        check(&all, r#"{"keepDaily":9}"#, &[0, 2, 5]);
        check(&all, r#"{"keepWeekly":9}"#, &[0, 1, 2, 5]);
        check(&all, r#"{"keepLast":2,"keepWeekly":9}"#, &[0, 1, 2]);
        check(&all, r#"{"olderThanDays":95}"#, &[0, 1, 2, 3]);
        check(&all, r#"{"olderThanDays":95,"keepDaily":9}"#, &[0, 2]);
        check(&all, r#"{"olderThanDays":0.04}"#, &[0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn the_last_ones_are_those_that_came_last_whatever_the_clock_said() {
        // Ahead by three days at first, then set right.
        let all = versions(&[8, 8, 9, 5, 5, 6, 9]);
        check(&all, r#"{"keepLast":3}"#, &[0, 1, 2, 3]);
        check(&all, r#"{"keepDaily":2}"#, &[0, 1, 2, 3, 4]);
        check(&all, r#"{"keepDaily":9}"#, &[0, 2, 3]);
    }

    #[test]
    fn a_week_begins_on_monday() {
        // Day 4 was Monday, 5 January 1970.
        check(&versions(&[3, 4, 10, 11]), r#"{"keepWeekly":9}"#, &[1]);
    }

    #[test]
    fn heads_tags_and_milestones_stay() {
        let mut all = versions(&[1, 2, 3, 4, 5]);
        all[0].kind = SnapshotType::Milestone;
        all[1].is_tagged = true;
        all[2].kind = SnapshotType::Auto;
        all[3].branch = "other".to_owned();
        all[3].is_head = true;
        check(&all, r#"{"olderThanDays":1}"#, &[2]);
        check(&all, r#"{"olderThanDays":1,"types":"milestone"}"#, &[0]);
        check(&all, r#"{"olderThanDays":1,"types":["auto","manual","milestone"]}"#, &[0, 2]);
        check(&all, r#"{"olderThanDays":1,"types":["manual"]}"#, &[]);
    }

    #[test]
    fn a_policy_without_a_rule_is_refused() {
        for (policy, says) in [
            ("{}", "no rule"),
            (r#"{"types":["auto"],"dryRun":true}"#, "no rule"),
            (r#"{"keepLast":0}"#, "policy.keepLast"),
            (r#"{"keepDaily":0,"keepLast":1}"#, "policy.keepDaily"),
            (r#"{"olderThanDays":-1}"#, "policy.olderThanDays"),
            (r#"{"olderThanDays":0}"#, "0.04, about an hour"),
            (r#"{"olderThanDays":0.001,"keepLast":1}"#, "policy.olderThanDays"),
            (r#"{"keepLast":1,"types":[]}"#, "policy.types: an empty list"),
        ] {
            let err = PrunePolicy::from_json(policy).unwrap().check().unwrap_err();
            assert!(err.to_string().contains(says), "{policy}: {err}");
        }
    }
}
