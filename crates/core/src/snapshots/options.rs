//! How snapshots are asked for.

use std::fmt::Display;

use serde::Deserialize;

use super::snapshot::SnapshotType;
use crate::error::{Error, Result};
use crate::options::{OneOrMany, at_least_one, parse_object};

/// Names of projects, branches, versions and tags are at most this long, in bytes.
const LONGEST_NAME: usize = 1_000;
/// Versions that `history` gives at most.
const MOST: usize = 1_000_000;
/// Projects that `similar` gives at most.
const MOST_SIMILAR: usize = 1_000;
/// Less than about an hour keeps nothing but what is being worked on.
const FEWEST_DAYS: f64 = 0.04;

/// Whose projects. A user's projects are never seen by another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserScope {
    /// The user's id; none means projects that are nobody's.
    pub user: Option<String>,
}

/// How to save.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SaveOptions {
    /// A name for the version.
    pub name: Option<String>,
    /// Who caused it.
    pub r#type: SnapshotType,
    /// The branch it goes on; none means `main`.
    pub branch: Option<String>,
    /// The id of the version it was made from; none means the newest of the branch.
    pub parent: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// When it was made, in milliseconds since 1970; none means now.
    pub at: Option<i64>,
    /// Whose; none means the user the memory was opened with.
    pub scope: Option<UserScope>,
}

/// In which form `restore` gives a state; read by the binding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RestoreAs {
    /// A value.
    #[default]
    State,
    /// The JSON text.
    Text,
    /// The bytes of the JSON text.
    Bytes,
}

/// How to restore.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AsOption {
    /// The form.
    pub r#as: RestoreAs,
    /// Whose; none means the user the memory was opened with.
    pub scope: Option<UserScope>,
}

/// Which versions.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HistoryOptions {
    /// Only of this branch.
    pub branch: Option<String>,
    /// Only of these types; none means all.
    #[serde(deserialize_with = "at_least_one")]
    pub r#type: OneOrMany<SnapshotType>,
    /// Only with this tag.
    pub tag: Option<String>,
    /// Only those made then or later, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Only those made before, in milliseconds since 1970.
    pub before: Option<i64>,
    /// The most to return; none means all.
    pub limit: Option<usize>,
    /// Whose; none means the user the memory was opened with.
    pub scope: Option<UserScope>,
}

/// Where a branch begins.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BranchOptions {
    /// The id of the version it begins at.
    pub from: String,
    /// Whose; none means the user the memory was opened with.
    #[serde(default)]
    pub scope: Option<UserScope>,
}

/// How to go back.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RevertOptions {
    /// A name for the new version.
    pub name: Option<String>,
    /// The branch it goes on; none means the one of the version gone back to.
    pub branch: Option<String>,
    /// Whose; none means the user the memory was opened with.
    pub scope: Option<UserScope>,
}

/// Which versions to keep. A version is removed when no rule keeps it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct PrunePolicy {
    /// So many of the newest versions of each branch.
    pub keep_last: Option<u32>,
    /// The last version of each of so many days (UTC) that have one.
    pub keep_daily: Option<u32>,
    /// The last version of each of so many weeks (UTC, from Monday) that have one.
    pub keep_weekly: Option<u32>,
    /// Those made within so many days, 0.04 or more.
    pub older_than_days: Option<f64>,
    /// The types that may be removed; none means `auto` and `manual`.
    pub types: Option<OneOrMany<SnapshotType>>,
    /// Only tell what would be removed.
    pub dry_run: bool,
    /// Whose; none means the user the memory was opened with.
    pub scope: Option<UserScope>,
}

/// Which similar projects.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct SimilarOptions {
    /// The most to return; none means 10.
    pub limit: Option<usize>,
    /// A project to leave out.
    pub exclude_project: Option<String>,
    /// Whose; none means the user the memory was opened with.
    pub scope: Option<UserScope>,
}

/// Whose.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScopeOption {
    /// The user; none means the one the memory was opened with.
    pub scope: Option<UserScope>,
}

macro_rules! from_json {
    ($($options:ident),*) => {$(
        impl $options {
            /// Reads options from JSON.
            ///
            /// # Errors
            /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`, `PM_BAD_TEXT`.
            pub fn from_json(json: &str) -> Result<$options> {
                parse_object("options", json).map_err(in_their_words)
            }
        }
    )*};
}
from_json!(
    SaveOptions, AsOption, HistoryOptions, BranchOptions, RevertOptions, SimilarOptions,
    ScopeOption
);

/// What is wrong as the reader of JSON says it, with what to give instead where that needs saying.
fn in_their_words(err: Error) -> Error {
    match err {
        Error::BadOption { what, found, .. }
            if matches!(what.as_str(), "options.at" | "options.since" | "options.before") =>
        {
            bad(&what, found, TIME)
        }
        Error::BadOption { what, found, .. } if found == "missing field `from`" => {
            bad(&format!("{what}.from"), "is missing", "give the id of the version it begins at")
        }
        err => err,
    }
}

impl SaveOptions {
    /// Refuses names and times that cannot be kept.
    pub(crate) fn check(&self) -> Result<()> {
        self.name.as_ref().map_or(Ok(()), |name| check_name("options.name", name))?;
        self.branch.as_ref().map_or(Ok(()), |name| check_name("options.branch", name))?;
        self.tags.iter().try_for_each(|tag| check_name("options.tags", tag))?;
        self.at.map_or(Ok(()), |at| check_time("options.at", at))
    }
}

impl HistoryOptions {
    /// Refuses times and limits that mean nothing.
    pub(crate) fn check(&self) -> Result<()> {
        for (what, at) in [("options.since", self.since), ("options.before", self.before)] {
            at.map_or(Ok(()), |at| check_time(what, at))?;
        }
        match self.limit {
            Some(limit) if !(1..=MOST).contains(&limit) => {
                Err(bad("options.limit", limit, "give 1 to 1000000"))
            }
            _ => Ok(()),
        }
    }
}

impl SimilarOptions {
    /// The limit; refuses one that means nothing.
    pub(crate) fn limit(&self) -> Result<usize> {
        match self.limit {
            Some(limit) if !(1..=MOST_SIMILAR).contains(&limit) => {
                Err(bad("options.limit", limit, "give 1 to 1000"))
            }
            limit => Ok(limit.unwrap_or(10)),
        }
    }
}

impl PrunePolicy {
    /// Reads a policy from JSON.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`, `PM_BAD_TEXT`.
    pub fn from_json(json: &str) -> Result<PrunePolicy> {
        parse_object("policy", json)
    }

    /// Refuses a policy without a rule: it would remove everything that may be removed.
    pub(crate) fn check(&self) -> Result<()> {
        let counts = [
            ("policy.keepLast", self.keep_last),
            ("policy.keepDaily", self.keep_daily),
            ("policy.keepWeekly", self.keep_weekly),
        ];
        for (what, count) in counts {
            if count == Some(0) {
                let advice = "give 1 or more, or leave it out: the last version always stays";
                return Err(bad(what, 0, advice));
            }
        }
        if let Some(days) = self.older_than_days
            && !(FEWEST_DAYS..=100_000.0).contains(&days)
        {
            let advice = "give 0.04, about an hour, to 100000; keepLast keeps by number";
            return Err(bad("policy.olderThanDays", days, advice));
        }
        if self.types.as_ref().is_some_and(|types| types.0.is_empty()) {
            let advice = "give at least one of auto, manual, milestone, or leave it out";
            return Err(bad("policy.types", "an empty list", advice));
        }
        if counts.iter().all(|(_, count)| count.is_none()) && self.older_than_days.is_none() {
            let advice = "give keepLast, keepDaily, keepWeekly or olderThanDays";
            return Err(bad("policy", "no rule says what to keep", advice));
        }
        Ok(())
    }
}

/// Refuses a name that is empty, too long, or holds a NUL character.
pub(crate) fn check_name(what: &str, name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(bad(what, "it is empty", "give at least one visible character"));
    }
    if name.len() > LONGEST_NAME {
        let found = format!("it has {} bytes", name.len());
        return Err(bad(what, found, "give at most 1000"));
    }
    if name.contains('\0') {
        let found = "holds a NUL character".to_owned();
        return Err(Error::BadText { what: what.to_owned(), found });
    }
    Ok(())
}

/// Refuses times before 1970 or after the year 9999.
pub(crate) fn check_time(what: &str, at: i64) -> Result<()> {
    if (0..253_402_300_800_000).contains(&at) {
        return Ok(());
    }
    Err(bad(what, at, TIME))
}

const TIME: &str = "give milliseconds since 1970, as Date.now() or getTime() says";

pub(crate) fn bad(what: &str, found: impl Display, advice: &str) -> Error {
    let advice = advice.to_owned();
    Error::BadOption { what: what.to_owned(), found: found.to_string(), advice }
}
