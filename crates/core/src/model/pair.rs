//! How likely do two requests ask the same? A cross-encoder, asked where the rules leave it open.

use std::path::Path;

use super::runtime::Runtime;
use crate::control::Control;
use crate::error::{Error, Result};

/// The pair model at work.
#[derive(Debug)]
pub struct PairModel {
    name: String,
}

impl PairModel {
    /// Opens the package in `folder`.
    ///
    /// # Errors
    /// `PM_MODEL_NOT_FOUND`, `PM_MODEL_CORRUPT`.
    pub fn open(folder: &Path, _runtime: &Runtime) -> Result<PairModel> {
        let reason = "it holds no pair model".to_owned();
        Err(Error::ModelNotFound { path: folder.to_path_buf(), reason })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How likely `stored` asks the same as `asked`, 0 to 1.
    ///
    /// # Errors
    /// `PM_INFERENCE`, `PM_ABORTED`.
    pub fn score(&self, _asked: &str, _stored: &str, control: &Control) -> Result<f32> {
        control.check().map(|()| 0.0)
    }

    /// The score from which answers are wrong no more often than this, by its own calibration.
    pub fn threshold(&self, _max_error_rate: f64) -> f32 {
        1.0
    }
}
