//! What a policy says, checked.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::options::{OneOrMany, at_least_one, parse_object};
use crate::store::ScopeFilter;

/// Milliseconds of a day.
pub(crate) const DAY_MS: f64 = 86_400_000.0;
/// A hundred years, in days.
const LONGEST: f64 = 36_525.0;
/// The most items a forecast tries.
const LARGEST_SAMPLE: f64 = 1_000.0;

/// Which memories move to a smaller tier, and until when.
///
/// They move longest unused, least used and least important first, to warm as far as that suffices
/// and only then, those marked disposable, to cold. With a budget the moves end once it holds;
/// without one everything moves that is old enough.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct TierPolicy {
    /// Bytes that text, data and vectors of the memories the policy covers may take.
    pub budget_bytes: Option<f64>,
    /// Days without use after which a memory may become warm. None: with a budget 0, without one
    /// never.
    pub warm_after_days: Option<f64>,
    /// The same for cold; disposable memories only.
    pub cold_after_days: Option<f64>,
    /// The kinds it covers; left out, every kind.
    #[serde(deserialize_with = "at_least_one")]
    pub kinds: OneOrMany<String>,
    /// Kinds whose memories count as disposable, marked or not.
    pub disposable_kinds: OneOrMany<String>,
    /// Whose memories it covers; left out, everybody's, as in [`crate::PrimeMemory::stats`].
    #[serde(deserialize_with = "at_least_one")]
    pub scope: OneOrMany<ScopeFilter>,
}

impl TierPolicy {
    /// Reads a policy from JSON.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`.
    pub fn from_json(json: &str) -> Result<TierPolicy> {
        let policy: TierPolicy = parse_object("policy", json)?;
        policy.check().map(|()| policy)
    }

    /// # Errors
    /// `PM_BAD_OPTION` for a number out of range, or a policy that can move nothing.
    pub fn check(&self) -> Result<()> {
        if let Some(budget) = self.budget_bytes
            && !(budget.fract() == 0.0 && (0.0..=9e15).contains(&budget))
        {
            return Err(bad("policy.budgetBytes", budget, "give a whole number of bytes from 0"));
        }
        for (what, days) in [
            ("policy.warmAfterDays", self.warm_after_days),
            ("policy.coldAfterDays", self.cold_after_days),
        ] {
            if let Some(days) = days.filter(|days| !(0.0..=LONGEST).contains(days)) {
                return Err(bad(what, days, "give a number of days from 0 to 36525"));
            }
        }
        let moves = [self.budget_bytes, self.warm_after_days, self.cold_after_days];
        if moves.iter().all(Option::is_none) {
            return Err(Error::BadOption {
                what: "policy".to_owned(),
                found: "it can move nothing".to_owned(),
                advice: "give budgetBytes, warmAfterDays or coldAfterDays".to_owned(),
            });
        }
        Ok(())
    }
}

/// How to forecast.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SimulateOptions {
    sample: Option<f64>,
}

impl SimulateOptions {
    /// Memories tried when nothing is said.
    const SAMPLE: usize = 200;

    /// The number of memories to try, 0 to 1000.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`.
    pub(crate) fn sample_from_json(json: &str) -> Result<usize> {
        let options: SimulateOptions = parse_object("options", json)?;
        match options.sample {
            None => Ok(SimulateOptions::SAMPLE),
            Some(n) if n.fract() == 0.0 && (0.0..=LARGEST_SAMPLE).contains(&n) => Ok(n as usize),
            Some(n) => Err(bad("options.sample", n, "give a whole number from 0 to 1000")),
        }
    }
}

fn bad(what: &str, found: f64, advice: &str) -> Error {
    Error::BadOption {
        what: what.to_owned(),
        found: format!("{found} was given"),
        advice: advice.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    #[track_caller]
    fn refuse(json: &str, code: &str, says: &str) {
        let err = TierPolicy::from_json(json).unwrap_err();
        assert_eq!(err.code(), code, "{err}");
        assert!(err.to_string().contains(says), "{err}");
    }

    #[test]
    fn wrong_policies() {
        refuse("{}", "PM_BAD_OPTION", "can move nothing");
        refuse(r#"{"kinds":["note"],"disposableKinds":"note"}"#, "PM_BAD_OPTION", "move nothing");
        // A list that came out empty must not mean everything.
        refuse(r#"{"budgetBytes":1,"kinds":[]}"#, "PM_BAD_OPTION", "an empty list");
        refuse(r#"{"budgetBytes":1,"scope":[]}"#, "PM_BAD_OPTION", "an empty list");
        refuse(r#"{"budgetByte":1}"#, "PM_UNKNOWN_OPTION", "did you mean \"budgetBytes\"?");
        refuse(r#"{"budgetBytes":-1}"#, "PM_BAD_OPTION", "policy.budgetBytes: -1");
        refuse(r#"{"budgetBytes":1.5}"#, "PM_BAD_OPTION", "whole number of bytes");
        refuse(r#"{"budgetBytes":"1 GB"}"#, "PM_BAD_OPTION", "policy.budgetBytes");
        refuse(r#"{"warmAfterDays":-0.5}"#, "PM_BAD_OPTION", "policy.warmAfterDays: -0.5");
        refuse(r#"{"coldAfterDays":1e9}"#, "PM_BAD_OPTION", "36525");
        refuse(
            r#"{"budgetBytes":1,"scope":{"usr":"a"}}"#,
            "PM_UNKNOWN_OPTION",
            "did you mean \"user\"?",
        );
        let nan = TierPolicy { budget_bytes: Some(f64::NAN), ..TierPolicy::default() };
        assert_eq!(nan.check().unwrap_err().code(), "PM_BAD_OPTION");
    }

    #[test]
    fn right_ones() {
        for json in [
            r#"{"budgetBytes":0}"#,
            r#"{"warmAfterDays":0.25}"#,
            r#"{"coldAfterDays":30,"kinds":"note"}"#,
        ] {
            TierPolicy::from_json(json).unwrap();
        }
        assert_eq!(SimulateOptions::sample_from_json("{}").unwrap(), 200);
        assert_eq!(SimulateOptions::sample_from_json(r#"{"sample":0}"#).unwrap(), 0);
        for json in [r#"{"sample":1001}"#, r#"{"sample":-1}"#, r#"{"samples":1}"#] {
            SimulateOptions::sample_from_json(json).unwrap_err();
        }
    }
}
