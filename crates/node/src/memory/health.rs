//! State, checks and repair.

use std::sync::Arc;

use napi::bindgen_prelude::{Env, Object, Unknown};
use napi_derive::napi;
use prime_memory as core;
use prime_memory::{Control, WithoutText};

use super::PrimeMemory;
use super::options::no_options;
use crate::convert::{self, Json};
use crate::errors::{guarded, to_js};
use crate::job;
use crate::watch::Follow;

#[napi]
impl PrimeMemory {
    /// What is at work and how much it holds: memories, bytes, model, index, ONNX Runtime.
    #[napi(ts_args_type = "", ts_return_type = "Stats")]
    pub fn stats(&self, env: &Env, options: Unknown) -> napi::Result<Json> {
        no_options(env, options)?;
        guarded(|| Json::of(&self.inner.stats()?)).map_err(|err| to_js(env, &err))
    }

    /// Checks every row, every vector's shape and the index against each other. Reads everything. A bit that
    /// flipped within a number of a vector is not noticed.
    #[napi(ts_args_type = "", ts_return_type = "Promise<Report>")]
    pub fn verify<'env>(
        &self,
        env: &'env Env,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            no_options(env, options)?;
            let memory = Arc::clone(&self.inner);
            let follow = Follow::default();
            job::run(env, follow, move |_| Json::of(&memory.verify()?), |json| json)
        })
    }

    /// As `verify`, blocking.
    #[napi(ts_args_type = "", ts_return_type = "Report")]
    pub fn verify_sync(&self, env: &Env, options: Unknown) -> napi::Result<Json> {
        no_options(env, options)?;
        guarded(|| Json::of(&self.inner.verify()?)).map_err(|err| to_js(env, &err))
    }

    /// Mends what can be mended without guessing: full text and index are built again from the
    /// memories. What stays wrong is listed.
    #[napi(ts_args_type = "", ts_return_type = "Promise<Report>")]
    pub fn repair<'env>(
        &self,
        env: &'env Env,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            no_options(env, options)?;
            let memory = Arc::clone(&self.inner);
            let follow = Follow::default();
            job::run(env, follow, move |_| Json::of(&memory.repair()?), |json| json)
        })
    }

    /// As `repair`, blocking.
    #[napi(ts_args_type = "", ts_return_type = "Report")]
    pub fn repair_sync(&self, env: &Env, options: Unknown) -> napi::Result<Json> {
        no_options(env, options)?;
        guarded(|| Json::of(&self.inner.repair()?)).map_err(|err| to_js(env, &err))
    }

    /// Encodes from its text every memory whose tokens are of another model, then builds the index
    /// again. Can be cancelled and called again. Resolves to how many memories were encoded.
    #[napi(
        ts_args_type = "options?: ReindexOptions & JobOptions",
        ts_return_type = "Promise<number>"
    )]
    pub fn reindex<'env>(
        &self,
        env: &'env Env,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, options)?;
            let json = convert::json(env, "options", rest)?;
            let memory = Arc::clone(&self.inner);
            job::run(env, follow, move |control| reindex(&memory, &json, control), |count| count)
        })
    }

    /// As `reindex`, blocking.
    #[napi(ts_args_type = "options?: ReindexOptions")]
    pub fn reindex_sync(&self, env: &Env, options: Unknown) -> napi::Result<u32> {
        let json = convert::json(env, "options", options)?;
        guarded(|| reindex(&self.inner, &json, &Control::new())).map_err(|err| to_js(env, &err))
    }
}

fn reindex(memory: &core::PrimeMemory, options: &str, control: &Control) -> core::Result<u32> {
    #[derive(Default, serde::Deserialize)]
    #[serde(default, deny_unknown_fields, rename_all = "camelCase")]
    struct Options {
        without_text: WithoutText,
    }
    let options: Options = core::options::parse_object("options", options)?;
    memory.reindex_with(options.without_text, control).map(|count| count as u32)
}
