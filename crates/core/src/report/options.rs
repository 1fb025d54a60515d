//! What a report looks at.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::options::{OneOrMany, at_least_one, parse_object};
use crate::tokens::Ratio;

/// Ratios compared unless others are asked for: the powers of two.
const RATIOS: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
const MOST_RATIOS: usize = 32;
const SAMPLE: usize = 200;
/// Scores of every question with every item are kept until the ranks are known: 64 MB at most.
const MOST_SAMPLED: usize = 1000;

/// How to report.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ReportOptions {
    /// Ratios to compare, 1 to 256, at most 32 of them; sorted and without repeats in the report.
    pub ratios: Vec<f64>,
    /// Items of each kind whose retrieval and encoding are measured, up to 1000; 0 measures neither, which
    /// takes a moment only.
    pub sample: usize,
    /// Only these kinds; none means all.
    #[serde(deserialize_with = "at_least_one")]
    pub kinds: OneOrMany<String>,
}

impl Default for ReportOptions {
    fn default() -> ReportOptions {
        ReportOptions { ratios: RATIOS.to_vec(), sample: SAMPLE, kinds: OneOrMany::default() }
    }
}

impl ReportOptions {
    /// Reads options from JSON.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`.
    pub fn from_json(json: &str) -> Result<ReportOptions> {
        parse_object("options", json)
    }

    /// The ratios, rising, each once.
    pub(crate) fn checked_ratios(&self) -> Result<Vec<Ratio>> {
        let count = self.ratios.len();
        if !(1..=MOST_RATIOS).contains(&count) {
            return Err(bad("options.ratios", format!("{count} ratios"), "1 to 32 of them"));
        }
        let ratios = self.ratios.iter().map(|ratio| Ratio::from_f64(*ratio));
        let mut ratios = ratios.collect::<Result<Vec<_>>>()?;
        ratios.sort_unstable_by_key(|ratio| ratio.get());
        ratios.dedup();
        Ok(ratios)
    }

    /// Items of each kind to measure.
    pub(crate) fn checked_sample(&self) -> Result<usize> {
        match self.sample {
            n if n > MOST_SAMPLED => {
                Err(bad("options.sample", n.to_string(), "a whole number from 0 to 1000"))
            }
            n => Ok(n),
        }
    }
}

fn bad(what: &str, found: String, advice: &str) -> Error {
    Error::BadOption { what: what.to_owned(), found, advice: format!("give {advice}") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    fn ratios(json: &str) -> Result<Vec<u16>> {
        let ratios = ReportOptions::from_json(json)?.checked_ratios()?;
        Ok(ratios.into_iter().map(Ratio::get).collect())
    }

    #[test]
    fn ratios_are_sorted_and_told_once() {
        assert_eq!(ratios("{}").unwrap(), [1, 2, 4, 8, 16, 32, 64, 128]);
        assert_eq!(ratios(r#"{"ratios":[64,3,64]}"#).unwrap(), [3, 64]);
        for (bad, code) in [("0", "PM_BAD_RATIO"), ("1.5", "PM_BAD_RATIO"), ("", "PM_BAD_OPTION")] {
            assert_eq!(ratios(&format!(r#"{{"ratios":[{bad}]}}"#)).unwrap_err().code(), code);
        }
        assert_eq!(ratios(r#"{"ratio":[1]}"#).unwrap_err().code(), "PM_UNKNOWN_OPTION");
    }

    #[test]
    fn an_empty_list_of_kinds_is_not_all_kinds() {
        let refused = ReportOptions::from_json(r#"{"kinds":[]}"#).unwrap_err().to_string();
        assert!(refused.contains("options.kinds: an empty list; give at least one"), "{refused}");
        assert!(ReportOptions::from_json(r#"{"kinds":null}"#).unwrap().kinds.0.is_empty());
    }

    #[test]
    fn samples_are_bounded() {
        for (sample, good) in [(0, true), (1000, true), (1001, false)] {
            let options = ReportOptions { sample, ..ReportOptions::default() };
            assert_eq!(options.checked_sample().is_ok(), good, "{sample}");
        }
    }
}
