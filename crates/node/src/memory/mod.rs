//! The exported class. Each asynchronous method and its `…Sync` twin read their arguments with the
//! same function and call the same core function.
//!
//! A file per group of methods: `lifecycle.rs`, `compress.rs`, `describe.rs`, `write.rs`, `read.rs`,
//! `health.rs`; `options.rs` reads the options they share.

mod compress;
mod describe;
mod health;
mod lifecycle;
mod options;
mod read;
mod write;

use std::sync::Arc;

use napi::Property;
use napi::bindgen_prelude::{Env, JavaScriptClassExt, JsObjectValue, Object, This};
use napi_derive::napi;
use prime_memory as core;

use crate::cache::Cache;
use crate::convert::bad_type;
use crate::errors::to_js;
pub(crate) use options::follow_only;

/// A studio's memory: one SQLite file, found again by meaning.
///
/// What works for long has an asynchronous form that does not block the event loop; all of those but
/// `report`, `snapshots.revert` and `cache.getOrCreate` have a `…Sync` form too. What only reads a few
/// rows, or writes one, has a single, blocking form: `stats`, `recall.facts`, and in `snapshots` `get`,
/// `history`, `projects`, `branch`, `branches`, `tag`, `untag`, among others.
/// Errors are `Error` objects with a stable `code` (`PM_…`, see docs/errors.md), the same in both.
#[napi]
pub struct PrimeMemory {
    pub(crate) inner: Arc<core::PrimeMemory>,
}

#[napi]
impl PrimeMemory {
    /// Refused: opening may take long, and is done with `open` or `openSync`.
    #[napi(constructor, skip_typescript)]
    pub fn new(env: &Env) -> napi::Result<PrimeMemory> {
        let found = "it was called with new".to_owned();
        let wanted = "the options to PrimeMemory.open() or PrimeMemory.openSync()";
        Err(to_js(env, &bad_type("PrimeMemory", found, wanted)))
    }

    /// Cached answers of language models; the same object each time.
    #[napi(getter, ts_return_type = "Cache")]
    pub fn cache<'env>(&self, env: &'env Env, this: This<'env>) -> napi::Result<Object<'env>> {
        let cache = Cache { inner: Arc::clone(&self.inner) }.into_instance(env)?;
        let cache = cache.as_object(env);
        // From now on a property of the memory itself, before this getter.
        let property = Property::new().with_utf8_name("cache")?.with_value(&cache);
        let mut memory = this.object;
        memory.define_properties(&[property])?;
        Ok(cache)
    }
}
