//! Small scripts that run in V8. Each is made once in a realm: made anew for every call it would run cold, four times
//! slower.

use napi::bindgen_prelude::{Env, FromNapiValue, Function, JsValuesTupleIntoVec};

/// The function that `source` is; `name` tells it from our others.
pub(crate) fn script<'env, Given: JsValuesTupleIntoVec, Back: FromNapiValue>(
    env: &'env Env,
    name: &str,
    source: &str,
) -> napi::Result<Function<'env, Given, Back>> {
    let version = env!("CARGO_PKG_VERSION");
    let place = format!("globalThis[Symbol.for('@mixxclub/prime-memory {version} {name}')]");
    let kept: Option<Function<'env, Given, Back>> = env.run_script(&place)?;
    if let Some(kept) = kept {
        return Ok(kept);
    }
    // A realm that is frozen does without.
    let keep = format!("(made) => {{ try {{ {place} = made }} catch {{}} return made }}");
    let keep: Function<'env, Function<'env, Given, Back>, Function<'env, Given, Back>> =
        env.run_script(keep)?;
    keep.call(env.run_script(source)?)
}
