//! Erasing versions: by a policy, by their ids, or all of a project.

use napi::bindgen_prelude::{Env, Object, Unknown};
use napi_derive::napi;
use prime_memory as core;
use prime_memory::Control;
use prime_memory::options::{OneOrMany, parse};
use prime_memory::snapshots::{PrunePolicy, ScopeOption};

use super::{Snapshots, begun};
use crate::convert::{self, Json};
use crate::errors::{guarded, to_js};
use crate::job;
use crate::watch::Follow;

#[napi]
impl Snapshots {
    /// Erases the versions of a project that the policy does not keep. The newest of each branch,
    /// versions with tags and, unless the policy names them, milestones always stay. Of a project that
    /// is not there nothing is removed.
    #[napi(
        ts_args_type = "project: string, policy: PrunePolicy & JobOptions",
        ts_return_type = "Promise<PruneReport>"
    )]
    pub fn prune<'env>(
        &self,
        env: &'env Env,
        project: Unknown<'env>,
        policy: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, policy)?;
            let project = convert::text(env, "project", project)?;
            let json = convert::json(env, "policy", rest)?;
            let (policy, snapshots) = begun(env, || {
                let policy = PrunePolicy::from_json(&json)?;
                let snapshots = self.inner.begin(&project, policy.scope.as_ref())?;
                Ok((policy, snapshots))
            })?;
            let prune =
                move |control: &Control| Json::of(&snapshots.prune(&project, &policy, control)?);
            job::run(env, follow, prune, |json| json)
        })
    }

    /// As `prune`, blocking.
    #[napi(ts_args_type = "project: string, policy: PrunePolicy", ts_return_type = "PruneReport")]
    pub fn prune_sync(&self, env: &Env, project: Unknown, policy: Unknown) -> napi::Result<Json> {
        let project = convert::text(env, "project", project)?;
        let json = convert::json(env, "policy", policy)?;
        let prune = || {
            let policy = PrunePolicy::from_json(&json)?;
            Json::of(&self.inner.prune(&project, &policy, &Control::new())?)
        };
        guarded(prune).map_err(|err| to_js(env, &err))
    }

    /// Erases every version of a project for good, also the memories made for them. Resolves to how
    /// many versions there were: 0 for a project that is not there.
    #[napi(
        ts_args_type = "project: string, options?: SnapshotScopeOptions",
        ts_return_type = "Promise<number>"
    )]
    pub fn forget<'env>(
        &self,
        env: &'env Env,
        project: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let project = convert::text(env, "project", project)?;
            let json = convert::json(env, "options", options)?;
            let (options, snapshots) = begun(env, || {
                let options = ScopeOption::from_json(&json)?;
                let snapshots = self.inner.begin(&project, options.scope.as_ref())?;
                Ok((options, snapshots))
            })?;
            let forget = move |_: &Control| Ok(snapshots.forget(&project, &options)? as u32);
            job::run(env, Follow::default(), forget, |count| count)
        })
    }

    /// As `forget`, blocking.
    #[napi(ts_args_type = "project: string, options?: SnapshotScopeOptions")]
    pub fn forget_sync(&self, env: &Env, project: Unknown, options: Unknown) -> napi::Result<u32> {
        let project = convert::text(env, "project", project)?;
        let json = convert::json(env, "options", options)?;
        guarded(|| self.inner.forget(&project, &ScopeOption::from_json(&json)?))
            .map(|count| count as u32)
            .map_err(|err| to_js(env, &err))
    }

    /// Removes versions by their ids for good, also the newest of a branch, milestones, and versions
    /// with tags. Those of one project go all or none. Resolves to how many there were; ids that are
    /// not there are not counted.
    #[napi(
        ts_args_type = "ids: string | string[], options?: SnapshotScopeOptions & JobOptions",
        ts_return_type = "Promise<number>"
    )]
    pub fn remove<'env>(
        &self,
        env: &'env Env,
        ids: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, options)?;
            let ids = ids_json(env, ids)?;
            let json = convert::json(env, "options", rest)?;
            let snapshots = self.inner.begin_last();
            let work = move |control: &Control| remove(&snapshots, &ids, &json, control);
            job::run(env, follow, work, |count| count)
        })
    }

    /// As `remove`, blocking.
    #[napi(ts_args_type = "ids: string | string[], options?: SnapshotScopeOptions")]
    pub fn remove_sync(&self, env: &Env, ids: Unknown, options: Unknown) -> napi::Result<u32> {
        let ids = ids_json(env, ids)?;
        let json = convert::json(env, "options", options)?;
        guarded(|| remove(&self.inner, &ids, &json, &Control::new()))
            .map_err(|err| to_js(env, &err))
    }
}

/// Ids as JSON; that none were given is said before they are read.
fn ids_json(env: &Env, ids: Unknown) -> napi::Result<String> {
    if convert::is_given(&ids)? {
        return convert::json(env, "ids", ids);
    }
    let wanted = "the id of a snapshot, or a list of ids";
    Err(to_js(env, &convert::bad_type("ids", "found nothing".to_owned(), wanted)))
}

fn remove(
    snapshots: &core::Snapshots,
    ids: &str,
    options: &str,
    control: &Control,
) -> core::Result<u32> {
    let ids: OneOrMany<String> = parse("ids", ids)?;
    let removed = snapshots.remove(&ids.0, &ScopeOption::from_json(options)?, control)?;
    Ok(removed as u32)
}
