//! The exported class behind `memory.cache`. Both forms of a call read their arguments with the same
//! function and call the same core function.

use std::sync::Arc;

use napi::bindgen_prelude::{Env, FnArgs, Function, Object, This, Unknown};
use napi_derive::napi;
use prime_memory as core;
use prime_memory::{
    CacheAnswer, CacheGetOptions, CacheQuestion, CacheRequest, CacheSettings, Control,
    InvalidateOptions, Scope,
};

use crate::convert::{self, Json};
use crate::errors::{guarded, to_js};
use crate::job;
use crate::watch::Follow;

/// Cached answers of language models. An answer is served for an equal request, or for one that
/// means the same with every hard fact alike.
#[napi]
pub struct Cache {
    pub(crate) inner: Arc<core::PrimeMemory>,
}

#[napi]
impl Cache {
    /// The answer to an equal request, or to one that means the same by the guard; else null.
    #[napi(
        ts_args_type = "request: CacheRequest, options?: CacheGetOptions & CancelOptions",
        ts_return_type = "Promise<CacheHit | null>"
    )]
    pub fn get<'env>(
        &self,
        env: &'env Env,
        request: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, options)?;
            let arguments = get_arguments(env, request, rest)?;
            let is_aborted = follow.is_aborted()?;
            let early = || early(&self.inner, &arguments, is_aborted);
            let (question, options) = match guarded(early).map_err(|err| to_js(env, &err))? {
                Early::Hit(hit) => return job::resolved(env, hit),
                Early::Later(question, options) => (question, options),
            };
            let memory = Arc::clone(&self.inner);
            let get = move |control: &Control| {
                Json::of(&memory.cache().answer(&question, options, control)?)
            };
            job::run(env, follow, get, |hit| hit)
        })
    }

    /// As `get`, blocking.
    #[napi(
        ts_args_type = "request: CacheRequest, options?: CacheGetOptions",
        ts_return_type = "CacheHit | null"
    )]
    pub fn get_sync(&self, env: &Env, request: Unknown, options: Unknown) -> napi::Result<Json> {
        let arguments = get_arguments(env, request, options)?;
        guarded(|| get(&self.inner, &arguments, &Control::new())).map_err(|err| to_js(env, &err))
    }

    /// Keeps an answer. Resolves to its id once it is on disk. An equal request has one answer, the
    /// newest; one that was forgotten for this very request is not kept again.
    #[napi(
        ts_args_type = "request: CacheRequest, answer: CacheAnswer | string",
        ts_return_type = "Promise<string>"
    )]
    pub fn set<'env>(
        &self,
        env: &'env Env,
        request: Unknown<'env>,
        answer: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (request, answer) = set_arguments(env, request, answer)?;
            let memory = Arc::clone(&self.inner);
            let set = move |_: &Control| {
                let (request, answer) = read_answer(&request, &answer)?;
                memory.cache().set(request, answer)
            };
            job::run(env, Follow::default(), set, |id| id)
        })
    }

    /// As `set`, blocking.
    #[napi(ts_args_type = "request: CacheRequest, answer: CacheAnswer | string")]
    pub fn set_sync(&self, env: &Env, request: Unknown, answer: Unknown) -> napi::Result<String> {
        let (request, answer) = set_arguments(env, request, answer)?;
        let set = || {
            let (request, answer) = read_answer(&request, &answer)?;
            self.inner.cache().set(request, answer)
        };
        guarded(set).map_err(|err| to_js(env, &err))
    }

    /// For `getOrCreate`: as `set`, with model and cost.
    #[napi(js_name = "_keep", skip_typescript)]
    pub fn keep<'env>(
        &self,
        env: &'env Env,
        request: Unknown<'env>,
        answer: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (request, answer) = set_arguments(env, request, answer)?;
            let memory = Arc::clone(&self.inner);
            let keep = move |_: &Control| {
                let (request, answer) = read_answer(&request, &answer)?;
                Json::of(&memory.cache().keep(request, answer)?)
            };
            job::run(env, Follow::default(), keep, |kept| kept)
        })
    }

    /// Looks up; on a miss calls `produce` once for all equal requests under way in this JavaScript
    /// thread, keeps its answer and gives it to everyone. An error reaches all and is not kept;
    /// who cancels leaves alone. An equal request inside `produce` is refused: it would wait for
    /// itself.
    #[napi(
        ts_args_type = "request: CacheRequest, produce: () => Promise<CacheAnswer | string> | CacheAnswer | string, options?: CacheGetOptions & CancelOptions",
        ts_return_type = "Promise<CacheHit | FreshAnswer>"
    )]
    pub fn get_or_create<'env>(
        &self,
        env: &'env Env,
        this: This<'env>,
        request: Unknown<'env>,
        produce: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let options = convert::object(env, "options", &options)?;
            let request = convert::json(env, "request", request)?;
            let name = guarded(|| self.inner.cache().flight(CacheRequest::from_json(&request)?))
                .map_err(|err| to_js(env, &err))?;
            let fly: Function<FnArgs<FlightArguments>, Object<'env>> =
                env.run_script(include_str!("single_flight.js"))?;
            fly.call((this, name, Json(request), produce, options).into())
        })
    }

    /// Why a request is, or is not, served: the nearest entries, their similarity, the facts of both
    /// sides, the decision and its reason. Counts nothing.
    #[napi(
        ts_args_type = "request: CacheRequest, options?: CancelOptions",
        ts_return_type = "Promise<CacheExplanation>"
    )]
    pub fn explain<'env>(
        &self,
        env: &'env Env,
        request: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let follow = crate::memory::follow_only(env, options)?;
            let request = convert::json(env, "request", request)?;
            let memory = Arc::clone(&self.inner);
            job::run(env, follow, move |control| explain(&memory, &request, control), |json| json)
        })
    }

    /// As `explain`, blocking.
    #[napi(ts_args_type = "request: CacheRequest", ts_return_type = "CacheExplanation")]
    pub fn explain_sync(&self, env: &Env, request: Unknown) -> napi::Result<Json> {
        let request = convert::json(env, "request", request)?;
        guarded(|| explain(&self.inner, &request, &Control::new())).map_err(|err| to_js(env, &err))
    }

    /// Whether a served answer was right. When it was wrong, `request` and requests near it are no
    /// longer served by this entry; without a request the last one it was served to is meant, and if
    /// that is not known, the entry serves nobody any more. A request of another scope is refused.
    #[napi(
        ts_args_type = "id: string, correct: boolean, request?: CacheRequest",
        ts_return_type = "Promise<void>"
    )]
    pub fn feedback<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'env>,
        correct: Unknown<'env>,
        request: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let judged = Judged::read(env, id, &correct, request)?;
            let memory = Arc::clone(&self.inner);
            job::run(env, Follow::default(), move |control| judged.tell(&memory, control), |()| ())
        })
    }

    /// As `feedback`, blocking.
    #[napi(ts_args_type = "id: string, correct: boolean, request?: CacheRequest")]
    pub fn feedback_sync(
        &self,
        env: &Env,
        id: Unknown,
        correct: Unknown,
        request: Unknown,
    ) -> napi::Result<()> {
        let judged = Judged::read(env, id, &correct, request)?;
        guarded(|| judged.tell(&self.inner, &Control::new())).map_err(|err| to_js(env, &err))
    }

    /// Erases an answer for good, and entries near it with the very same answer: rows, vectors and
    /// write-ahead log. Only hashes stay, so that it is never kept or served for those requests
    /// again. Resolves to false when it was gone.
    #[napi(ts_args_type = "id: string", ts_return_type = "Promise<boolean>")]
    pub fn forget<'env>(&self, env: &'env Env, id: Unknown<'env>) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let id = convert::text(env, "id", id)?;
            let memory = Arc::clone(&self.inner);
            job::run(env, Follow::default(), move |_| memory.cache().forget(&id), |was| was)
        })
    }

    /// As `forget`, blocking.
    #[napi(ts_args_type = "id: string")]
    pub fn forget_sync(&self, env: &Env, id: Unknown) -> napi::Result<bool> {
        let id = convert::text(env, "id", id)?;
        guarded(|| self.inner.cache().forget(&id)).map_err(|err| to_js(env, &err))
    }

    /// Erases the answers that fulfil all of a filter. Resolves to how many.
    #[napi(ts_args_type = "filter: CacheFilter", ts_return_type = "Promise<number>")]
    pub fn invalidate<'env>(
        &self,
        env: &'env Env,
        filter: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let filter = convert::json(env, "filter", filter)?;
            let memory = Arc::clone(&self.inner);
            job::run(env, Follow::default(), move |_| invalidate(&memory, &filter), |count| count)
        })
    }

    /// As `invalidate`, blocking.
    #[napi(ts_args_type = "filter: CacheFilter")]
    pub fn invalidate_sync(&self, env: &Env, filter: Unknown) -> napi::Result<u32> {
        let filter = convert::json(env, "filter", filter)?;
        guarded(|| invalidate(&self.inner, &filter)).map_err(|err| to_js(env, &err))
    }

    /// Changes the settings, for every process that opens this store and for good; what is left out
    /// stays.
    #[napi(ts_args_type = "settings: CacheSettings")]
    pub fn configure(&self, env: &Env, settings: Unknown) -> napi::Result<()> {
        let settings = convert::json(env, "settings", settings)?;
        let configure = || self.inner.cache().configure(CacheSettings::from_json(&settings)?);
        guarded(configure).map_err(|err| to_js(env, &err))
    }

    /// What the cache did in one scope, counted exactly, and how it decides.
    #[napi(ts_args_type = "options?: CacheScopeOptions", ts_return_type = "CacheStats")]
    pub fn stats(&self, env: &Env, options: Unknown) -> napi::Result<Json> {
        let json = convert::json(env, "options", options)?;
        guarded(|| Json::of(&self.inner.cache().stats(scope(&json)?)?))
            .map_err(|err| to_js(env, &err))
    }

    /// Erases all answers of a scope and all that was counted in it. Resolves to how many answers
    /// there were.
    #[napi(ts_args_type = "options?: CacheScopeOptions", ts_return_type = "Promise<number>")]
    pub fn clear<'env>(
        &self,
        env: &'env Env,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let json = convert::json(env, "options", options)?;
            let memory = Arc::clone(&self.inner);
            job::run(env, Follow::default(), move |_| clear(&memory, &json), |count| count)
        })
    }

    /// As `clear`, blocking.
    #[napi(ts_args_type = "options?: CacheScopeOptions")]
    pub fn clear_sync(&self, env: &Env, options: Unknown) -> napi::Result<u32> {
        let json = convert::json(env, "options", options)?;
        guarded(|| clear(&self.inner, &json)).map_err(|err| to_js(env, &err))
    }
}

/// Of `single_flight.js`: the cache, a name for the request, the request, `produce`, the options.
type FlightArguments<'a> = (This<'a>, String, Json, Unknown<'a>, Option<Object<'a>>);

/// A judgement on its way to the core.
struct Judged {
    id: String,
    is_right: bool,
    request: Option<String>,
}

impl Judged {
    fn read(env: &Env, id: Unknown, correct: &Unknown, request: Unknown) -> napi::Result<Judged> {
        let request = if convert::is_given(&request)? {
            Some(convert::json(env, "request", request)?)
        } else {
            None
        };
        let is_right = convert::flag(env, "correct", correct)?;
        Ok(Judged { id: convert::text(env, "id", id)?, is_right, request })
    }

    fn tell(&self, memory: &core::PrimeMemory, control: &Control) -> core::Result<()> {
        let request = self.request.as_deref().map(CacheRequest::from_json).transpose()?;
        memory.cache().feedback(&self.id, self.is_right, request, control)
    }
}

fn get_arguments(env: &Env, request: Unknown, options: Unknown) -> napi::Result<(String, String)> {
    Ok((
        convert::quick_json(env, "request", request)?,
        convert::quick_json(env, "options", options)?,
    ))
}

fn get(
    memory: &core::PrimeMemory,
    (request, options): &(String, String),
    control: &Control,
) -> core::Result<Json> {
    let request = CacheRequest::from_json(request)?;
    Json::of(&memory.cache().get(request, CacheGetOptions::from_json(options)?, control)?)
}

/// What an asynchronous look-up is before it goes to another thread.
enum Early {
    /// An equal request was at hand: going there would take longer than answering.
    Hit(Json),
    Later(Box<CacheQuestion>, CacheGetOptions),
}

fn early(
    memory: &core::PrimeMemory,
    (request, options): &(String, String),
    is_aborted: bool,
) -> core::Result<Early> {
    let cache = memory.cache();
    let question = cache.question(CacheRequest::from_json(request)?)?;
    let options = CacheGetOptions::from_json(options)?;
    let hit = if is_aborted { None } else { cache.answer_now(&question, options) };
    match hit {
        Some(hit) => Json::of(&hit).map(Early::Hit),
        None => Ok(Early::Later(Box::new(question), options)),
    }
}

fn set_arguments(env: &Env, request: Unknown, answer: Unknown) -> napi::Result<(String, String)> {
    Ok((convert::quick_json(env, "request", request)?, convert::quick_json(env, "answer", answer)?))
}

fn read_answer(request: &str, answer: &str) -> core::Result<(CacheRequest, CacheAnswer)> {
    Ok((CacheRequest::from_json(request)?, CacheAnswer::from_json(answer)?))
}

fn explain(memory: &core::PrimeMemory, request: &str, control: &Control) -> core::Result<Json> {
    Json::of(&memory.cache().explain(CacheRequest::from_json(request)?, control)?)
}

fn invalidate(memory: &core::PrimeMemory, filter: &str) -> core::Result<u32> {
    let filter = InvalidateOptions::from_json(filter)?;
    memory.cache().invalidate(filter).map(|count| count as u32)
}

fn clear(memory: &core::PrimeMemory, options: &str) -> core::Result<u32> {
    memory.cache().clear(scope(options)?).map(|count| count as u32)
}

/// The `scope` of options that hold nothing else.
fn scope(options: &str) -> core::Result<Option<Scope>> {
    #[derive(Default, serde::Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct ScopeOnly {
        scope: Option<Scope>,
    }
    core::options::parse_object::<ScopeOnly>("options", options).map(|options| options.scope)
}
