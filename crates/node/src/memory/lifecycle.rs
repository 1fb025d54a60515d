//! Opening and closing.

use std::path::PathBuf;
use std::sync::Arc;

use napi::bindgen_prelude::{Env, Object, Unknown};
use napi_derive::napi;
use prime_memory as core;
use prime_memory::OpenOptions;
use prime_memory::model::RuntimeSearch;

use super::PrimeMemory;
use crate::errors::{guarded, to_js};
use crate::watch::Follow;
use crate::{convert, job, places, pool};

/// A memory on its way to JavaScript, where it becomes an instance of the class.
struct Opened {
    options: OpenOptions,
    model: Option<PathBuf>,
    guard: Option<PathBuf>,
    search: RuntimeSearch,
}

impl Opened {
    fn read(env: &Env, options: Unknown) -> napi::Result<Opened> {
        let json = convert::json(env, "options", options)?;
        Ok(Opened {
            options: OpenOptions::from_json(&json).map_err(|err| to_js(env, &err))?,
            model: places::default_model(env)?,
            guard: places::default_guard(env)?,
            search: places::runtime_search(env)?,
        })
    }

    fn open(&self) -> core::Result<core::PrimeMemory> {
        let (model, guard) = (self.model.as_deref(), self.guard.as_deref());
        core::PrimeMemory::open(&self.options, model, guard, &self.search)
    }
}

#[napi]
impl PrimeMemory {
    /// Opens the store at `options.path`; creates it when there is none.
    ///
    /// The index is loaded when it is healthy, else built again in the background while searches
    /// scan exactly.
    #[napi(
        ts_args_type = "options: OpenOptions & CancelOptions",
        ts_return_type = "Promise<PrimeMemory>"
    )]
    pub fn open<'env>(env: &'env Env, options: Unknown<'env>) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take_signal(env, options)?;
            let opening = Opened::read(env, rest)?;
            let registrar = pool::Registrar::of(env)?;
            job::run(
                env,
                follow,
                move |_| opening.open().map(|memory| registrar.register(memory)),
                |inner| PrimeMemory { inner },
            )
        })
    }

    /// Opens the store; blocks until it is open.
    #[napi(ts_args_type = "options: OpenOptions")]
    pub fn open_sync(env: &Env, options: Unknown) -> napi::Result<PrimeMemory> {
        let opening = Opened::read(env, options)?;
        let memory = guarded(|| opening.open()).map_err(|err| to_js(env, &err))?;
        let inner = pool::Registrar::of(env)?.register(memory);
        Ok(PrimeMemory { inner })
    }

    /// Saves the index and closes the files. Later calls but `describe` get `PM_CLOSED`; closing twice is fine.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let memory = Arc::clone(&self.inner);
            let follow = Follow::default();
            job::run(env, follow, move |_| memory.close(), |()| ())
        })
    }

    /// As `close`, blocking.
    #[napi]
    pub fn close_sync(&self, env: &Env) -> napi::Result<()> {
        guarded(|| self.inner.close()).map_err(|err| to_js(env, &err))
    }
}
