//! Keeping versions, bringing them back, and listing them.

use napi::bindgen_prelude::{Env, Object, ToNapiValue, Uint8Array, Uint8ArraySlice, Unknown};
use napi_derive::napi;
use prime_memory as core;
use prime_memory::Control;
use prime_memory::snapshots::{AsOption, HistoryOptions, RestoreAs, SaveOptions, ScopeOption};

use super::{Snapshots, begun};
use crate::convert::{self, Json};
use crate::errors::{guarded, to_js};
use crate::job;
use crate::watch::Follow;

#[napi]
impl Snapshots {
    /// Keeps a version of a project. A string or bytes are the JSON text itself and come back byte for
    /// byte; an object is kept as `JSON.stringify` writes it. What that would write as a plain object
    /// though it is none (a `Map`, a `Promise`, a `Float32Array` inside) is refused. Resolves once it is on disk.
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
            let (options, snapshots) = begun(env, || {
                let options = SaveOptions::from_json(&json)?;
                let snapshots = self.inner.begin(&project, options.scope.as_ref())?;
                Ok((options, snapshots))
            })?;
            job::run(
                env,
                follow,
                move |control| Json::of(&snapshots.save(&project, state, &options, control)?),
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
        let save = || {
            let options = SaveOptions::from_json(&json)?;
            Json::of(&self.inner.save(&project, state, &options, &Control::new())?)
        };
        guarded(save).map_err(|err| to_js(env, &err))
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
