//! How the cache decides and how much it holds: kept in the store, the same for every process.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::price::Price;
use crate::error::{Error, Result};
use crate::options::parse_object;
use crate::store::ResponseLimits;

/// What may be served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheMode {
    /// Equal requests only.
    Exact,
    /// Equal requests only; what meaning would have served is compared with the fresh answer.
    Shadow,
    /// Equal requests, and those that mean the same by the guard.
    #[default]
    Guarded,
}

/// What to change in the settings; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct CacheSettings {
    /// What may be served.
    pub mode: Option<CacheMode>,
    /// The highest share of wrong answers, 0 to 0.2.
    pub max_error_rate: Option<f64>,
    /// Entries at most, 1 to 1,000,000.
    pub max_entries: Option<u64>,
    /// Bytes of texts and vectors at most, from 1 MiB.
    pub max_bytes: Option<u64>,
    /// Prices by model, added to those set before.
    pub prices: Option<BTreeMap<String, Price>>,
}

impl CacheSettings {
    /// Reads settings from JSON.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`.
    pub fn from_json(json: &str) -> Result<CacheSettings> {
        parse_object("settings", json)
    }

    /// # Errors
    /// `PM_BAD_OPTION`.
    pub(crate) fn check(&self) -> Result<()> {
        let rate = self.max_error_rate.unwrap_or_default();
        check("maxErrorRate", rate, 0.0..=0.2, "give a share from 0 to 0.2")?;
        let entries = self.max_entries.unwrap_or(1) as f64;
        check("maxEntries", entries, 1.0..=1e6, "give a whole number from 1 to 1,000,000")?;
        let bytes = self.max_bytes.unwrap_or(LEAST_BYTES) as f64;
        check("maxBytes", bytes, LEAST_BYTES as f64..=1e12, "give at least 1048576, one MiB")?;
        for (model, price) in self.prices.iter().flatten() {
            let what = format!("prices.{model}");
            for number in [price.input, price.output] {
                check(&what, number, 0.0..=1e6, "give US dollars per million tokens")?;
            }
        }
        Ok(())
    }
}

const LEAST_BYTES: u64 = 1 << 20;

fn check(
    what: &str,
    number: f64,
    range: std::ops::RangeInclusive<f64>,
    advice: &str,
) -> Result<()> {
    if range.contains(&number) {
        return Ok(());
    }
    let (what, found) = (format!("settings.{what}"), number.to_string());
    Err(Error::BadOption { what, found, advice: advice.to_owned() })
}

/// The settings at work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Settings {
    pub(crate) mode: CacheMode,
    pub(crate) max_error_rate: f64,
    pub(crate) max_entries: u64,
    pub(crate) max_bytes: u64,
    pub(crate) prices: BTreeMap<String, Price>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            mode: CacheMode::Guarded,
            max_error_rate: 0.01,
            max_entries: 10_000,
            max_bytes: 256 << 20,
            prices: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// # Errors
    /// `PM_STORE_CORRUPT`.
    pub(crate) fn from_store(json: &str) -> Result<Settings> {
        serde_json::from_str(json).map_err(|err| Error::StoreCorrupt {
            reason: format!("the settings of the cache do not parse: {err}"),
        })
    }

    pub(crate) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::internal)
    }

    pub(crate) fn change(&mut self, change: CacheSettings) {
        self.mode = change.mode.unwrap_or(self.mode);
        self.max_error_rate = change.max_error_rate.unwrap_or(self.max_error_rate);
        self.max_entries = change.max_entries.unwrap_or(self.max_entries);
        self.max_bytes = change.max_bytes.unwrap_or(self.max_bytes);
        self.prices.extend(change.prices.unwrap_or_default());
    }

    pub(crate) fn limits(&self) -> ResponseLimits {
        ResponseLimits { entries: self.max_entries, bytes: self.max_bytes }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    #[test]
    fn what_is_left_out_stays() {
        let mut settings = Settings::from_store("{}").unwrap();
        settings.change(CacheSettings::from_json(r#"{"mode":"shadow"}"#).unwrap());
        settings.change(CacheSettings::from_json(r#"{"maxErrorRate":0.02}"#).unwrap());
        assert_eq!((settings.mode, settings.max_error_rate), (CacheMode::Shadow, 0.02));
        assert_eq!(Settings::from_store(&settings.to_json().unwrap()).unwrap(), settings);
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        for json in [
            r#"{"maxErrorRate":0.5}"#,
            r#"{"maxErrorRate":-0.1}"#,
            r#"{"maxEntries":0}"#,
            r#"{"maxBytes":1}"#,
            r#"{"prices":{"m":{"input":-1,"output":0}}}"#,
        ] {
            let err = CacheSettings::from_json(json).unwrap().check().unwrap_err();
            assert!(err.to_string().starts_with("settings."), "{err}");
        }
        assert_eq!(
            CacheSettings::from_json(r#"{"mod":1}"#).unwrap_err().code(),
            "PM_UNKNOWN_OPTION"
        );
    }
}
