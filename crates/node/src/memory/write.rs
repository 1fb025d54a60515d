//! Remembering, changing, forgetting.

use std::sync::Arc;

use napi::bindgen_prelude::{Env, Object, Unknown};
use napi_derive::napi;
use prime_memory as core;
use prime_memory::options::OneOrMany;
use prime_memory::{Control, MemoryChange, NewItem};

use super::PrimeMemory;
use super::options::{follow_only, no_options, scopes, signal_only};
use crate::errors::{guarded, to_js};
use crate::watch::Follow;
use crate::{convert, job};

#[napi]
impl PrimeMemory {
    /// Remembers one item. Resolves to its id once it is on disk.
    #[napi(
        ts_args_type = "item: NewMemory, options?: CancelOptions",
        ts_return_type = "Promise<string>"
    )]
    pub fn remember<'env>(
        &self,
        env: &'env Env,
        item: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let follow = signal_only(env, options)?;
            let json = convert::json(env, "item", item)?;
            let memory = Arc::clone(&self.inner);
            job::run(
                env,
                follow,
                move |control| memory.remember(NewItem::from_json(&json)?, control),
                |id| id,
            )
        })
    }

    /// As `remember`, blocking.
    #[napi(ts_args_type = "item: NewMemory")]
    pub fn remember_sync(
        &self,
        env: &Env,
        item: Unknown,
        options: Unknown,
    ) -> napi::Result<String> {
        no_options(env, options)?;
        let json = convert::json(env, "item", item)?;
        guarded(|| self.inner.remember(NewItem::from_json(&json)?, &Control::new()))
            .map_err(|err| to_js(env, &err))
    }

    /// Remembers all items or none, in one transaction. Resolves to their ids in the order given.
    #[napi(
        ts_args_type = "items: NewMemory[], options?: JobOptions",
        ts_return_type = "Promise<string[]>"
    )]
    pub fn remember_many<'env>(
        &self,
        env: &'env Env,
        items: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let follow = follow_only(env, options)?;
            let json = convert::json(env, "items", items)?;
            let memory = Arc::clone(&self.inner);
            job::run(
                env,
                follow,
                move |control| memory.remember_many(NewItem::list_from_json(&json)?, control),
                |ids| ids,
            )
        })
    }

    /// As `rememberMany`, blocking.
    #[napi(ts_args_type = "items: NewMemory[]")]
    pub fn remember_many_sync(
        &self,
        env: &Env,
        items: Unknown,
        options: Unknown,
    ) -> napi::Result<Vec<String>> {
        no_options(env, options)?;
        let json = convert::json(env, "items", items)?;
        guarded(|| self.inner.remember_many(NewItem::list_from_json(&json)?, &Control::new()))
            .map_err(|err| to_js(env, &err))
    }

    /// Changes a memory in place; what the change leaves out stays.
    #[napi(
        ts_args_type = "id: string, change: MemoryChange, options?: ScopeOptions & CancelOptions",
        ts_return_type = "Promise<void>"
    )]
    pub fn update<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'env>,
        change: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take_signal(env, options)?;
            let id = convert::text(env, "id", id)?;
            let change = convert::json(env, "change", change)?;
            let json = convert::json(env, "options", rest)?;
            let memory = Arc::clone(&self.inner);
            job::run(
                env,
                follow,
                move |control| update(&memory, &id, &change, &json, control),
                |()| (),
            )
        })
    }

    /// As `update`, blocking.
    #[napi(ts_args_type = "id: string, change: MemoryChange, options?: ScopeOptions")]
    pub fn update_sync(
        &self,
        env: &Env,
        id: Unknown,
        change: Unknown,
        options: Unknown,
    ) -> napi::Result<()> {
        let id = convert::text(env, "id", id)?;
        let change = convert::json(env, "change", change)?;
        let json = convert::json(env, "options", options)?;
        guarded(|| update(&self.inner, &id, &change, &json, &Control::new()))
            .map_err(|err| to_js(env, &err))
    }

    /// Erases memories from rows, full text, vectors, index and write-ahead log. Resolves to how
    /// many there were.
    #[napi(
        ts_args_type = "ids: string | string[], options?: ScopeOptions",
        ts_return_type = "Promise<number>"
    )]
    pub fn forget<'env>(
        &self,
        env: &'env Env,
        ids: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let follow = Follow::default();
            let (ids, json) = forget_arguments(env, ids, options)?;
            let memory = Arc::clone(&self.inner);
            job::run(
                env,
                follow,
                move |_| memory.forget(&ids, &scopes(&json)?).map(|count| count as u32),
                |count| count,
            )
        })
    }

    /// As `forget`, blocking.
    #[napi(ts_args_type = "ids: string | string[], options?: ScopeOptions")]
    pub fn forget_sync(&self, env: &Env, ids: Unknown, options: Unknown) -> napi::Result<u32> {
        let (ids, json) = forget_arguments(env, ids, options)?;
        guarded(|| self.inner.forget(&ids, &scopes(&json)?))
            .map(|count| count as u32)
            .map_err(|err| to_js(env, &err))
    }
}

fn update(
    memory: &core::PrimeMemory,
    id: &str,
    change: &str,
    options: &str,
    control: &Control,
) -> core::Result<()> {
    let change: MemoryChange = core::options::parse_object("change", change)?;
    memory.update(id, change, &scopes(options)?, control)
}

fn forget_arguments(
    env: &Env,
    ids: Unknown,
    options: Unknown,
) -> napi::Result<(Vec<String>, String)> {
    let json = convert::json(env, "ids", ids)?;
    let ids: OneOrMany<String> =
        core::options::parse("ids", &json).map_err(|err| to_js(env, &err))?;
    Ok((ids.0, convert::json(env, "options", options)?))
}
