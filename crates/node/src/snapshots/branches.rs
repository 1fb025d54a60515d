//! Branches, going back to a version, and tags.

use napi::bindgen_prelude::{Env, Object, Unknown};
use napi_derive::napi;
use prime_memory::snapshots::{BranchOptions, RevertOptions, ScopeOption};

use super::{Snapshots, begun};
use crate::convert::{self, Json};
use crate::errors::{guarded, to_js};
use crate::job;
use crate::watch::Follow;

#[napi]
impl Snapshots {
    /// Makes a branch that begins at a version: "try another chorus".
    #[napi(
        ts_args_type = "project: string, name: string, options: BranchOptions",
        ts_return_type = "Branch"
    )]
    pub fn branch(
        &self,
        env: &Env,
        project: Unknown,
        name: Unknown,
        options: Unknown,
    ) -> napi::Result<Json> {
        let project = convert::text(env, "project", project)?;
        let name = convert::text(env, "name", name)?;
        let json = convert::json(env, "options", options)?;
        let branch = || self.inner.branch(&project, &name, &BranchOptions::from_json(&json)?);
        guarded(|| Json::of(&branch()?)).map_err(|err| to_js(env, &err))
    }

    /// The branches of a project, the oldest first.
    #[napi(
        ts_args_type = "project: string, options?: SnapshotScopeOptions",
        ts_return_type = "Branch[]"
    )]
    pub fn branches(&self, env: &Env, project: Unknown, options: Unknown) -> napi::Result<Json> {
        let project = convert::text(env, "project", project)?;
        let json = convert::json(env, "options", options)?;
        guarded(|| Json::of(&self.inner.branches(&project, &ScopeOption::from_json(&json)?)?))
            .map_err(|err| to_js(env, &err))
    }

    /// Adds a version equal to `id` as the newest of its branch; none is lost by going back.
    #[napi(
        ts_args_type = "id: string, options?: RevertOptions & CancelOptions",
        ts_return_type = "Promise<Snapshot>"
    )]
    pub fn revert<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, options)?;
            let id = convert::text(env, "id", id)?;
            let json = convert::json(env, "options", rest)?;
            let (options, snapshots) = begun(env, || {
                let options = RevertOptions::from_json(&json)?;
                let snapshots = self.inner.begin_at(&id, options.scope.as_ref())?;
                Ok((options, snapshots))
            })?;
            job::run(
                env,
                follow,
                move |control| Json::of(&snapshots.revert(&id, &options, control)?),
                |json| json,
            )
        })
    }

    /// Puts a tag on a version.
    #[napi(ts_args_type = "id: string, tag: string, options?: SnapshotScopeOptions")]
    pub fn tag(&self, env: &Env, id: Unknown, tag: Unknown, options: Unknown) -> napi::Result<()> {
        let (id, tag) = (convert::text(env, "id", id)?, convert::text(env, "tag", tag)?);
        let json = convert::json(env, "options", options)?;
        guarded(|| self.inner.tag(&id, &tag, &ScopeOption::from_json(&json)?))
            .map_err(|err| to_js(env, &err))
    }

    /// Takes a tag off a version.
    #[napi(ts_args_type = "id: string, tag: string, options?: SnapshotScopeOptions")]
    pub fn untag(
        &self,
        env: &Env,
        id: Unknown,
        tag: Unknown,
        options: Unknown,
    ) -> napi::Result<()> {
        let (id, tag) = (convert::text(env, "id", id)?, convert::text(env, "tag", tag)?);
        let json = convert::json(env, "options", options)?;
        guarded(|| self.inner.untag(&id, &tag, &ScopeOption::from_json(&json)?))
            .map_err(|err| to_js(env, &err))
    }
}
