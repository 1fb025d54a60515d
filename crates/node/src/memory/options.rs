//! Options that several methods share.

use napi::bindgen_prelude::{Env, Unknown};
use prime_memory as core;
use prime_memory::ScopeFilter;
use prime_memory::options::OneOrMany;

use crate::convert;
use crate::errors::to_js;
use crate::watch::Follow;

/// Options of calls that only name whose memories they mean.
#[derive(Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ScopeOnly {
    scope: OneOrMany<ScopeFilter>,
}

/// Follows a call whose options hold nothing else; other names are refused.
pub(crate) fn follow_only<'env>(
    env: &'env Env,
    options: Unknown<'env>,
) -> napi::Result<Follow<'env>> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    let (follow, rest) = Follow::take(env, options)?;
    let json = convert::json(env, "options", rest)?;
    core::options::parse_object::<Nothing>("options", &json).map_err(|err| to_js(env, &err))?;
    Ok(follow)
}

pub(super) fn scopes(options: &str) -> core::Result<Vec<ScopeFilter>> {
    core::options::parse_object::<ScopeOnly>("options", options).map(|options| options.scope.0)
}
