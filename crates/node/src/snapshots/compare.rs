//! What one version has otherwise than another.

use napi::bindgen_prelude::{Env, Object, Unknown};
use napi_derive::napi;
use prime_memory::Control;
use prime_memory::snapshots::ScopeOption;

use super::Snapshots;
use crate::convert::{self, Json};
use crate::errors::{guarded, to_js};
use crate::job;
use crate::watch::Follow;

#[napi]
impl Snapshots {
    /// What version `b` has, lacks or has otherwise than version `a`.
    #[napi(
        ts_args_type = "a: string, b: string, options?: SnapshotScopeOptions & CancelOptions",
        ts_return_type = "Promise<Diff>"
    )]
    pub fn diff<'env>(
        &self,
        env: &'env Env,
        a: Unknown<'env>,
        b: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, options)?;
            let (a, b) = (convert::text(env, "a", a)?, convert::text(env, "b", b)?);
            let json = convert::json(env, "options", rest)?;
            let snapshots = self.inner.clone();
            let diff = move |control: &Control| {
                Json::of(&snapshots.diff(&a, &b, &ScopeOption::from_json(&json)?, control)?)
            };
            job::run(env, follow, diff, |json| json)
        })
    }

    /// As `diff`, blocking.
    #[napi(
        ts_args_type = "a: string, b: string, options?: SnapshotScopeOptions",
        ts_return_type = "Diff"
    )]
    pub fn diff_sync(
        &self,
        env: &Env,
        a: Unknown,
        b: Unknown,
        options: Unknown,
    ) -> napi::Result<Json> {
        let (a, b) = (convert::text(env, "a", a)?, convert::text(env, "b", b)?);
        let json = convert::json(env, "options", options)?;
        let options = || ScopeOption::from_json(&json);
        guarded(|| Json::of(&self.inner.diff(&a, &b, &options()?, &Control::new())?))
            .map_err(|err| to_js(env, &err))
    }
}
