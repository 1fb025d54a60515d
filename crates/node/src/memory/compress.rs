//! Text to memory tokens.

use std::sync::Arc;

use napi::bindgen_prelude::{Env, Object, Unknown};
use napi_derive::napi;
use prime_memory as core;
use prime_memory::{Control, Ratio};

use super::PrimeMemory;
use crate::convert::{self, Tokens};
use crate::errors::{guarded, to_js};
use crate::job;
use crate::watch::Follow;

/// Options of `compress`.
#[derive(Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CompressOptions {
    ratio: Option<f64>,
}

impl CompressOptions {
    fn ratio(&self) -> core::Result<Ratio> {
        self.ratio.map_or(Ok(Ratio::default()), Ratio::from_f64)
    }
}

#[napi]
impl PrimeMemory {
    /// Text to memory tokens, stored nowhere: `ceil(sourceTokens / ratio)` vectors of length 1.
    ///
    /// Long texts are read in overlapping windows; every text token is represented.
    #[napi(
        ts_args_type = "text: string, options?: CompressOptions",
        ts_return_type = "Promise<MemoryTokens>"
    )]
    pub fn compress<'env>(
        &self,
        env: &'env Env,
        text: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take_signal(env, options)?;
            let ratio = ratio_of(env, rest)?;
            let text = convert::text(env, "text", text)?;
            let memory = Arc::clone(&self.inner);
            job::run(env, follow, move |control| memory.compress(&text, ratio, control), Tokens)
        })
    }

    /// As `compress`, blocking.
    #[napi(
        ts_args_type = "text: string, options?: CompressOptionsSync",
        ts_return_type = "MemoryTokens"
    )]
    pub fn compress_sync(
        &self,
        env: &Env,
        text: Unknown,
        options: Unknown,
    ) -> napi::Result<Tokens> {
        let ratio = ratio_of(env, options)?;
        let text = convert::text(env, "text", text)?;
        let tokens = guarded(|| self.inner.compress(&text, ratio, &Control::new()));
        tokens.map(Tokens).map_err(|err| to_js(env, &err))
    }

    /// Many texts at once: all threads encode, longest texts first; results in the order given.
    #[napi(
        ts_args_type = "texts: string[], options?: CompressManyOptions",
        ts_return_type = "Promise<MemoryTokens[]>"
    )]
    pub fn compress_many<'env>(
        &self,
        env: &'env Env,
        texts: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, options)?;
            let (texts, ratio) = compress_many_arguments(env, texts, rest)?;
            let memory = Arc::clone(&self.inner);
            job::run(
                env,
                follow,
                move |control| compress_many(&memory, &texts, ratio, control),
                |all| all.into_iter().map(Tokens).collect::<Vec<_>>(),
            )
        })
    }

    /// As `compressMany`, blocking.
    #[napi(
        ts_args_type = "texts: string[], options?: CompressOptionsSync",
        ts_return_type = "MemoryTokens[]"
    )]
    pub fn compress_many_sync(
        &self,
        env: &Env,
        texts: Unknown,
        options: Unknown,
    ) -> napi::Result<Vec<Tokens>> {
        let (texts, ratio) = compress_many_arguments(env, texts, options)?;
        let all = guarded(|| compress_many(&self.inner, &texts, ratio, &Control::new()));
        Ok(all.map_err(|err| to_js(env, &err))?.into_iter().map(Tokens).collect())
    }
}

fn ratio_of(env: &Env, options: Unknown) -> napi::Result<Ratio> {
    let json = convert::json(env, "options", options)?;
    core::options::parse_object::<CompressOptions>("options", &json)
        .and_then(|options| options.ratio())
        .map_err(|err| to_js(env, &err))
}

fn compress_many_arguments(
    env: &Env,
    texts: Unknown,
    options: Unknown,
) -> napi::Result<(Vec<String>, Ratio)> {
    let ratio = ratio_of(env, options)?;
    let json = convert::json(env, "texts", texts)?;
    let texts = core::options::parse("texts", &json).map_err(|err| to_js(env, &err))?;
    Ok((texts, ratio))
}

fn compress_many(
    memory: &core::PrimeMemory,
    texts: &[String],
    ratio: Ratio,
    control: &Control,
) -> core::Result<Vec<core::MemoryTokens>> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    memory.compress_many(&texts, ratio, control)
}
