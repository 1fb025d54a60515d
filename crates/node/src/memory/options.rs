//! Options that several methods share.

use napi::bindgen_prelude::{Env, Object, Unknown};
use prime_memory as core;
use prime_memory::ScopeFilter;
use prime_memory::options::{OneOrMany, at_least_one, unknown};

use crate::convert;
use crate::errors::to_js;
use crate::watch::Follow;

/// Options of calls that only name whose memories they mean.
#[derive(Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ScopeOnly {
    #[serde(deserialize_with = "at_least_one")]
    scope: OneOrMany<ScopeFilter>,
}

/// Follows a call whose options hold nothing else; other names are refused.
pub(crate) fn follow_only<'env>(
    env: &'env Env,
    options: Unknown<'env>,
) -> napi::Result<Follow<'env>> {
    let (follow, rest) = Follow::take(env, options)?;
    refuse_all(env, &rest, &["signal", "onProgress"])?;
    Ok(follow)
}

/// As [`follow_only`] for a call that tells no progress.
pub(super) fn signal_only<'env>(
    env: &'env Env,
    options: Unknown<'env>,
) -> napi::Result<Follow<'env>> {
    let (follow, rest) = Follow::take_signal(env, options)?;
    refuse_all(env, &rest, &["signal"])?;
    Ok(follow)
}

/// Refuses what is given as options of a call that has none.
pub(super) fn no_options(env: &Env, options: Unknown) -> napi::Result<()> {
    refuse_all(env, &options, &[])
}

fn refuse_all(env: &Env, options: &Unknown, known: &[&str]) -> napi::Result<()> {
    let Some(object) = convert::object(env, "options", options)? else { return Ok(()) };
    match Object::keys(&object)?.first() {
        None => Ok(()),
        Some(name) => {
            let known: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
            Err(to_js(env, &unknown(name, &known)))
        }
    }
}

pub(super) fn scopes(options: &str) -> core::Result<Vec<ScopeFilter>> {
    core::options::parse_object::<ScopeOnly>("options", options).map(|options| options.scope.0)
}
