//! The exported class. Each asynchronous method and its `…Sync` twin read their arguments with the
//! same function and call the same core function.
//!
//! A file per group of methods: `lifecycle.rs`, `compress.rs`, `write.rs`, `read.rs`, `health.rs`;
//! `options.rs` reads the options they share.

mod compress;
mod health;
mod lifecycle;
mod options;
mod read;
mod write;

use std::sync::Arc;

use napi_derive::napi;
use prime_memory as core;

pub(crate) use options::follow_only;

/// A studio's memory: one SQLite file, found again by meaning.
///
/// Every method has an asynchronous form that does not block the event loop, and a `…Sync` form.
/// Errors are `Error` objects with a stable `code` (`PM_…`, see docs/errors.md), the same in both.
#[napi]
pub struct PrimeMemory {
    pub(crate) inner: Arc<core::PrimeMemory>,
}
