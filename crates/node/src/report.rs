//! `memory.report()`: what a store costs and what it is worth.

use std::sync::Arc;

use napi::bindgen_prelude::{Env, Object, Unknown};
use napi_derive::napi;
use prime_memory::ReportOptions;

use crate::convert::{self, Json};
use crate::errors::to_js;
use crate::job;
use crate::memory::PrimeMemory;
use crate::watch::Follow;

#[napi]
impl PrimeMemory {
    /// What this store costs and what it is worth, in all scopes: bytes of every kind and tier, what other
    /// ratios would take, and how well a sample of its own items is found at each (docs/report.md).
    ///
    /// Reads only: nothing is written, no access is counted. 100,000 memories take seconds.
    #[napi(
        ts_args_type = "options?: ReportOptions & JobOptions",
        ts_return_type = "Promise<StoreReport>"
    )]
    pub fn report<'env>(
        &self,
        env: &'env Env,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, options)?;
            let json = convert::json(env, "options", rest)?;
            let options = ReportOptions::from_json(&json).map_err(|err| to_js(env, &err))?;
            let memory = Arc::clone(&self.inner);
            job::run(
                env,
                follow,
                move |control| Json::of(&memory.report(&options, control)?),
                |json| json,
            )
        })
    }
}
