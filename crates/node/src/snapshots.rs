//! `memory.snapshots`: every version of every project.

use napi::bindgen_prelude::{
    ClassInstance, Env, JavaScriptClassExt, JsObjectValue, Object, This, ToNapiValue, Uint8Array,
    Uint8ArraySlice, Unknown,
};
use napi::{Property, PropertyAttributes};
use napi_derive::napi;
use prime_memory as core;
use prime_memory::Control;
use prime_memory::options::{OneOrMany, parse};
use prime_memory::snapshots::{
    AsOption, BranchOptions, HistoryOptions, PrunePolicy, RestoreAs, RevertOptions, SaveOptions,
    ScopeOption,
};

use crate::convert::{self, Json};
use crate::errors::{guarded, to_js};
use crate::job;
use crate::memory::PrimeMemory;
use crate::watch::Follow;

/// Every version of every project, byte for byte, in few bytes (docs/snapshots.md). Reached as
/// `memory.snapshots`.
#[napi]
pub struct Snapshots {
    pub(crate) inner: core::Snapshots,
}

#[napi]
impl PrimeMemory {
    /// The versions of projects: save, restore, list, compare. The same object every time.
    #[napi(getter, ts_return_type = "Snapshots")]
    pub fn snapshots<'env>(
        &self,
        env: &'env Env,
        mut this: This<'env>,
    ) -> napi::Result<ClassInstance<'env, Snapshots>> {
        let snapshots = Snapshots { inner: self.inner.snapshots() }.into_instance(env)?;
        // Found on the memory itself from now on.
        let own = Property::new()
            .with_utf8_name("snapshots")?
            .with_value(&snapshots)
            .with_property_attributes(PropertyAttributes::Configurable);
        this.define_properties(&[own])?;
        Ok(snapshots)
    }
}

#[napi]
impl Snapshots {
    /// Keeps a version of a project. A string or bytes are the JSON text itself and come back byte for
    /// byte; an object is kept as `JSON.stringify` writes it. What that would write as `{}` though it is
    /// no plain object (a `Map`, a `Promise`, an `ArrayBuffer`) is refused. Resolves once it is on disk.
    #[napi(
        ts_args_type = "project: string, state: object | string | Uint8Array, options?: SaveOptions & CancelOptions",
        ts_return_type = "Promise<Snapshot>"
    )]
    pub fn save<'env>(
        &self,
        env: &'env Env,
        project: Unknown<'env>,
        state: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, options)?;
            let project = convert::text(env, "project", project)?;
            let json = convert::json(env, "options", rest)?;
            let state = convert::state(env, state)?;
            let snapshots = self.inner.clone();
            job::run(
                env,
                follow,
                move |control| save(&snapshots, &project, state, &json, control),
                |json| json,
            )
        })
    }

    /// As `save`, blocking.
    #[napi(
        ts_args_type = "project: string, state: object | string | Uint8Array, options?: SaveOptions",
        ts_return_type = "Snapshot"
    )]
    pub fn save_sync(
        &self,
        env: &Env,
        project: Unknown,
        state: Unknown,
        options: Unknown,
    ) -> napi::Result<Json> {
        let project = convert::text(env, "project", project)?;
        let json = convert::json(env, "options", options)?;
        let state = convert::state(env, state)?;
        guarded(|| save(&self.inner, &project, state, &json, &Control::new()))
            .map_err(|err| to_js(env, &err))
    }

    /// The state of a version, checked against its BLAKE3; `as: 'text'` and `'bytes'` give the JSON
    /// text as it was saved.
    #[napi(
        ts_generic_types = "As extends 'state' | 'text' | 'bytes' = 'state'",
        ts_args_type = "id: string, options?: RestoreOptions<As> & CancelOptions",
        ts_return_type = "Promise<Restored<As>>"
    )]
    pub fn restore<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, options)?;
            let id = convert::text(env, "id", id)?;
            let json = convert::json(env, "options", rest)?;
            let snapshots = self.inner.clone();
            job::run(
                env,
                follow,
                move |control| restore(&snapshots, &id, &json, control),
                |restored| restored,
            )
        })
    }

    /// As `restore`, blocking.
    #[napi(
        ts_generic_types = "As extends 'state' | 'text' | 'bytes' = 'state'",
        ts_args_type = "id: string, options?: RestoreOptions<As>",
        ts_return_type = "Restored<As>"
    )]
    pub fn restore_sync(
        &self,
        env: &Env,
        id: Unknown,
        options: Unknown,
    ) -> napi::Result<RestoredState> {
        let id = convert::text(env, "id", id)?;
        let json = convert::json(env, "options", options)?;
        guarded(|| restore(&self.inner, &id, &json, &Control::new()))
            .map_err(|err| to_js(env, &err))
    }

    /// A version, or null when there is none with this id in the scope.
    #[napi(
        ts_args_type = "id: string, options?: SnapshotScopeOptions",
        ts_return_type = "Snapshot | null"
    )]
    pub fn get(&self, env: &Env, id: Unknown, options: Unknown) -> napi::Result<Json> {
        let id = convert::text(env, "id", id)?;
        let json = convert::json(env, "options", options)?;
        guarded(|| Json::of(&self.inner.get(&id, &ScopeOption::from_json(&json)?)?))
            .map_err(|err| to_js(env, &err))
    }

    /// The versions of a project, newest first; empty when nothing was saved of it. A branch that it
    /// does not have is refused.
    #[napi(
        ts_args_type = "project: string, options?: SnapshotHistoryOptions",
        ts_return_type = "Snapshot[]"
    )]
    pub fn history(&self, env: &Env, project: Unknown, options: Unknown) -> napi::Result<Json> {
        let project = convert::text(env, "project", project)?;
        let json = convert::json(env, "options", options)?;
        guarded(|| Json::of(&self.inner.history(&project, &HistoryOptions::from_json(&json)?)?))
            .map_err(|err| to_js(env, &err))
    }

    /// A user's projects, the one saved last first.
    #[napi(ts_args_type = "options?: SnapshotScopeOptions", ts_return_type = "ProjectSummary[]")]
    pub fn projects(&self, env: &Env, options: Unknown) -> napi::Result<Json> {
        let json = convert::json(env, "options", options)?;
        guarded(|| Json::of(&self.inner.projects(&ScopeOption::from_json(&json)?)?))
            .map_err(|err| to_js(env, &err))
    }

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
            let snapshots = self.inner.clone();
            job::run(
                env,
                follow,
                move |control| {
                    Json::of(&snapshots.revert(&id, &RevertOptions::from_json(&json)?, control)?)
                },
                |json| json,
            )
        })
    }

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
            let snapshots = self.inner.clone();
            let prune = move |control: &Control| {
                Json::of(&snapshots.prune(&project, &PrunePolicy::from_json(&json)?, control)?)
            };
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
            let snapshots = self.inner.clone();
            let forget = move |_: &Control| {
                let erased = snapshots.forget(&project, &ScopeOption::from_json(&json)?)?;
                Ok(erased as u32)
            };
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
            let snapshots = self.inner.clone();
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

fn save(
    snapshots: &core::Snapshots,
    project: &str,
    state: String,
    options: &str,
    control: &Control,
) -> core::Result<Json> {
    Json::of(&snapshots.save(project, state, &SaveOptions::from_json(options)?, control)?)
}

fn restore(
    snapshots: &core::Snapshots,
    id: &str,
    options: &str,
    control: &Control,
) -> core::Result<RestoredState> {
    let options = AsOption::from_json(options)?;
    let text = snapshots.restore(id, options.scope.as_ref(), control)?;
    Ok(match options.r#as {
        RestoreAs::State => RestoredState::State(Json(text)),
        RestoreAs::Text => RestoredState::Text(text),
        RestoreAs::Bytes => RestoredState::Bytes(text.into_bytes()),
    })
}

/// A state in the form asked for.
pub enum RestoredState {
    /// A value.
    State(Json),
    /// Its JSON text.
    Text(String),
    /// The bytes of its JSON text.
    Bytes(Vec<u8>),
}

/// Bytes from which an array is handed over without a copy: see `convert::floats`.
const HAND_OVER: usize = 1 << 20;

impl ToNapiValue for RestoredState {
    unsafe fn to_napi_value(
        raw: napi::sys::napi_env,
        restored: Self,
    ) -> napi::Result<napi::sys::napi_value> {
        // SAFETY: the environment is the one that this conversion was called with.
        unsafe {
            match restored {
                RestoredState::State(json) => Json::to_napi_value(raw, json),
                RestoredState::Text(text) => String::to_napi_value(raw, text),
                RestoredState::Bytes(bytes) if bytes.len() >= HAND_OVER => {
                    Uint8Array::to_napi_value(raw, Uint8Array::new(bytes))
                }
                RestoredState::Bytes(bytes) => {
                    let env = Env::from_raw(raw);
                    Uint8ArraySlice::to_napi_value(raw, Uint8ArraySlice::copy_from(&env, &bytes)?)
                }
            }
        }
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
