//! Options that several methods share.

use napi::bindgen_prelude::{Env, JsObjectValue, JsValue, Unknown};
use prime_memory as core;
use prime_memory::ScopeFilter;
use prime_memory::options::OneOrMany;

use crate::convert;
use crate::errors::to_js;
use crate::watch::Watch;

/// Options of calls that only name whose memories they mean.
#[derive(Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ScopeOnly {
    scope: OneOrMany<ScopeFilter>,
}

pub(super) fn undefined(env: &Env) -> napi::Result<Unknown<'_>> {
    env.get_global()?.get_named_property("undefined")
}

/// The watch of options that hold nothing else; other names are refused.
pub(super) fn watch_only<'env>(env: &'env Env, options: Unknown<'env>) -> napi::Result<Watch> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    let (watch, rest) = Watch::take(env, convert::object(env, "options", &options)?)?;
    if let Some(rest) = rest {
        let json = convert::json(env, "options", rest.to_unknown())?;
        core::options::parse::<Nothing>("options", &json).map_err(|err| to_js(env, &err))?;
    }
    Ok(watch)
}

pub(super) fn scopes(options: &str) -> core::Result<Vec<ScopeFilter>> {
    core::options::parse::<ScopeOnly>("options", options).map(|options| options.scope.0)
}
