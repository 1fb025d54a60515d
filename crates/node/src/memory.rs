//! The exported class. Each asynchronous method and its `…Sync` twin read their arguments with the
//! same function and call the same core function.

use std::sync::Arc;

use napi::ValueType;
use napi::bindgen_prelude::{Env, JsObjectValue, JsValue, Object, Unknown};
use napi_derive::napi;
use prime_memory as core;
use prime_memory::{Control, MemoryChange, NewItem, OpenOptions, Query, Ratio, ScopeFilter, SearchOptions};

use crate::convert::{self, Json, Tokens};
use crate::errors::{guarded, to_js};
use crate::watch::Watch;
use crate::{job, places, pool};

/// A studio's memory: one SQLite file, found again by meaning.
///
/// Every method has an asynchronous form that does not block the event loop, and a `…Sync` form.
/// Errors are `Error` objects with a stable `code` (`PM_…`, see docs/errors.md), the same in both.
#[napi]
pub struct PrimeMemory {
    inner: Arc<core::PrimeMemory>,
}

/// A memory on its way to JavaScript, where it becomes an instance of the class.
struct Opened {
    options: OpenOptions,
    model: Option<std::path::PathBuf>,
    search: core::model::RuntimeSearch,
}

impl Opened {
    fn read(env: &Env, options: Unknown) -> napi::Result<Opened> {
        let json = convert::json(env, "options", options)?;
        Ok(Opened {
            options: OpenOptions::from_json(&json).map_err(|err| to_js(env, &err))?,
            model: places::default_model(env)?,
            search: places::runtime_search(env)?,
        })
    }

    fn open(&self) -> core::Result<core::PrimeMemory> {
        core::PrimeMemory::open(&self.options, self.model.as_deref(), &self.search)
    }
}

/// Options of calls that only name whose memories they mean.
#[derive(Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ScopeOnly {
    scope: core::options::OneOrMany<ScopeFilter>,
}

/// Options of `compress`.
#[derive(Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CompressOptions {
    ratio: Option<f64>,
}

impl CompressOptions {
    fn ratio(&self) -> core::Result<Ratio> {
        self.ratio.map_or(Ok(Ratio::default()), Ratio::from_f64)
    }
}

#[napi]
impl PrimeMemory {
    /// Opens the store at `options.path`; creates it when there is none.
    ///
    /// The index is loaded when it is healthy, else built again in the background while searches
    /// scan exactly.
    #[napi(ts_args_type = "options: OpenOptions", ts_return_type = "Promise<PrimeMemory>")]
    pub fn open<'env>(env: &'env Env, options: Unknown<'env>) -> napi::Result<Object<'env>> {
        let (watch, rest) = Watch::take(env, convert::object(env, "options", &options)?)?;
        let opening = Opened::read(env, rest.map_or(options, |rest| rest.to_unknown()))?;
        let registrar = pool::Registrar::of(env)?;
        job::run(
            env,
            watch,
            move |_| opening.open().map(|memory| registrar.register(memory)),
            |inner| PrimeMemory { inner },
        )
    }

    /// Opens the store; blocks until it is open.
    #[napi(ts_args_type = "options: OpenOptions")]
    pub fn open_sync(env: &Env, options: Unknown) -> napi::Result<PrimeMemory> {
        let opening = Opened::read(env, options)?;
        let memory = guarded(|| opening.open()).map_err(|err| to_js(env, &err))?;
        let inner = pool::Registrar::of(env)?.register(memory);
        Ok(PrimeMemory { inner })
    }

    /// Text to memory tokens, stored nowhere: `ceil(sourceTokens / ratio)` vectors of length 1.
    ///
    /// Long texts are read in overlapping windows; every text token is represented.
    #[napi(
        ts_args_type = "text: string, options?: CompressOptions",
        ts_return_type = "Promise<MemoryTokens>"
    )]
    pub fn compress<'env>(
        &self,
        env: &'env Env,
        text: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        let (watch, text, ratio) = compress_arguments(env, text, options)?;
        let memory = Arc::clone(&self.inner);
        job::run(env, watch, move |control| memory.compress(&text, ratio, control), Tokens)
    }

    /// As `compress`, blocking.
    #[napi(
        ts_args_type = "text: string, options?: CompressOptionsSync",
        ts_return_type = "MemoryTokens"
    )]
    pub fn compress_sync(
        &self,
        env: &Env,
        text: Unknown,
        options: Unknown,
    ) -> napi::Result<Tokens> {
        let (_, text, ratio) = compress_arguments(env, text, options)?;
        let tokens = guarded(|| self.inner.compress(&text, ratio, &Control::new()));
        tokens.map(Tokens).map_err(|err| to_js(env, &err))
    }

    /// Many texts at once: all threads encode, longest texts first; results in the order given.
    #[napi(
        ts_args_type = "texts: string[], options?: CompressManyOptions",
        ts_return_type = "Promise<MemoryTokens[]>"
    )]
    pub fn compress_many<'env>(
        &self,
        env: &'env Env,
        texts: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        let (watch, texts, ratio) = compress_many_arguments(env, texts, options)?;
        let memory = Arc::clone(&self.inner);
        job::run(
            env,
            watch,
            move |control| compress_many(&memory, &texts, ratio, control),
            |all| all.into_iter().map(Tokens).collect::<Vec<_>>(),
        )
    }

    /// As `compressMany`, blocking.
    #[napi(
        ts_args_type = "texts: string[], options?: CompressOptionsSync",
        ts_return_type = "MemoryTokens[]"
    )]
    pub fn compress_many_sync(
        &self,
        env: &Env,
        texts: Unknown,
        options: Unknown,
    ) -> napi::Result<Vec<Tokens>> {
        let (_, texts, ratio) = compress_many_arguments(env, texts, options)?;
        let all = guarded(|| compress_many(&self.inner, &texts, ratio, &Control::new()));
        Ok(all.map_err(|err| to_js(env, &err))?.into_iter().map(Tokens).collect())
    }

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
        let watch = watch_only(env, options)?;
        let json = convert::json(env, "item", item)?;
        let memory = Arc::clone(&self.inner);
        job::run(
            env,
            watch,
            move |control| memory.remember(NewItem::from_json(&json)?, control),
            |id| id,
        )
    }

    /// As `remember`, blocking.
    #[napi(ts_args_type = "item: NewMemory")]
    pub fn remember_sync(&self, env: &Env, item: Unknown) -> napi::Result<String> {
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
        let watch = watch_only(env, options)?;
        let json = convert::json(env, "items", items)?;
        let memory = Arc::clone(&self.inner);
        job::run(
            env,
            watch,
            move |control| memory.remember_many(NewItem::list_from_json(&json)?, control),
            |ids| ids,
        )
    }

    /// As `rememberMany`, blocking.
    #[napi(ts_args_type = "items: NewMemory[]")]
    pub fn remember_many_sync(&self, env: &Env, items: Unknown) -> napi::Result<Vec<String>> {
        let json = convert::json(env, "items", items)?;
        guarded(|| self.inner.remember_many(NewItem::list_from_json(&json)?, &Control::new()))
            .map_err(|err| to_js(env, &err))
    }

    /// Finds memories by meaning and keywords, best first.
    #[napi(
        ts_args_type = "query: string | Query, options?: SearchOptions",
        ts_return_type = "Promise<Hit[]>"
    )]
    pub fn search<'env>(
        &self,
        env: &'env Env,
        query: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        let (watch, rest) = Watch::take(env, convert::object(env, "options", &options)?)?;
        let query = read_query(env, query)?;
        let json = convert::json(env, "options", rest.map_or(options, |rest| rest.to_unknown()))?;
        let memory = Arc::clone(&self.inner);
        job::run(env, watch, move |control| search(&memory, &query, &json, control), |hits| hits)
    }

    /// As `search`, blocking.
    #[napi(
        ts_args_type = "query: string | Query, options?: SearchOptionsSync",
        ts_return_type = "Hit[]"
    )]
    pub fn search_sync(
        &self,
        env: &Env,
        query: Unknown,
        options: Unknown,
    ) -> napi::Result<Json> {
        let query = read_query(env, query)?;
        let json = convert::json(env, "options", options)?;
        guarded(|| search(&self.inner, &query, &json, &Control::new()))
            .map_err(|err| to_js(env, &err))
    }

    /// One memory; null when there is none with this id in the scope.
    #[napi(
        ts_args_type = "id: string, options?: ScopeOptions",
        ts_return_type = "Promise<Memory | null>"
    )]
    pub fn get<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        let watch = watch_only(env, undefined(env)?)?;
        let (id, json) = (convert::text(env, "id", id)?, convert::json(env, "options", options)?);
        let memory = Arc::clone(&self.inner);
        job::run(env, watch, move |_| Json::of(&memory.get(&id, &scopes(&json)?)?), |json| json)
    }

    /// As `get`, blocking.
    #[napi(
        ts_args_type = "id: string, options?: ScopeOptions",
        ts_return_type = "Memory | null"
    )]
    pub fn get_sync(&self, env: &Env, id: Unknown, options: Unknown) -> napi::Result<Json> {
        let (id, json) = (convert::text(env, "id", id)?, convert::json(env, "options", options)?);
        guarded(|| Json::of(&self.inner.get(&id, &scopes(&json)?)?)).map_err(|err| to_js(env, &err))
    }

    /// The memory tokens stored for a memory; null when there is none with this id in the scope.
    #[napi(
        ts_args_type = "id: string, options?: ScopeOptions",
        ts_return_type = "Promise<MemoryTokens | null>"
    )]
    pub fn tokens<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        let watch = watch_only(env, undefined(env)?)?;
        let (id, json) = (convert::text(env, "id", id)?, convert::json(env, "options", options)?);
        let memory = Arc::clone(&self.inner);
        job::run(
            env,
            watch,
            move |_| memory.tokens(&id, &scopes(&json)?),
            |tokens| tokens.map(Tokens),
        )
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
        let (watch, rest) = Watch::take(env, convert::object(env, "options", &options)?)?;
        let id = convert::text(env, "id", id)?;
        let change = convert::json(env, "change", change)?;
        let json = convert::json(env, "options", rest.map_or(options, |rest| rest.to_unknown()))?;
        let memory = Arc::clone(&self.inner);
        job::run(
            env,
            watch,
            move |control| update(&memory, &id, &change, &json, control),
            |()| (),
        )
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
        let watch = watch_only(env, undefined(env)?)?;
        let (ids, json) = forget_arguments(env, ids, options)?;
        let memory = Arc::clone(&self.inner);
        job::run(
            env,
            watch,
            move |_| memory.forget(&ids, &scopes(&json)?).map(|count| count as u32),
            |count| count,
        )
    }

    /// As `forget`, blocking.
    #[napi(ts_args_type = "ids: string | string[], options?: ScopeOptions")]
    pub fn forget_sync(&self, env: &Env, ids: Unknown, options: Unknown) -> napi::Result<u32> {
        let (ids, json) = forget_arguments(env, ids, options)?;
        guarded(|| self.inner.forget(&ids, &scopes(&json)?))
            .map(|count| count as u32)
            .map_err(|err| to_js(env, &err))
    }

    /// What is at work and how much it holds: memories, bytes, model, index, ONNX Runtime.
    #[napi(ts_return_type = "Stats")]
    pub fn stats(&self, env: &Env) -> napi::Result<Json> {
        guarded(|| Json::of(&self.inner.stats()?)).map_err(|err| to_js(env, &err))
    }

    /// Checks every row, every vector and the index against each other. Reads everything.
    #[napi(ts_return_type = "Promise<Report>")]
    pub fn verify<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let memory = Arc::clone(&self.inner);
        let watch = watch_only(env, undefined(env)?)?;
        job::run(env, watch, move |_| Json::of(&memory.verify()?), |json| json)
    }

    /// As `verify`, blocking.
    #[napi(ts_return_type = "Report")]
    pub fn verify_sync(&self, env: &Env) -> napi::Result<Json> {
        guarded(|| Json::of(&self.inner.verify()?)).map_err(|err| to_js(env, &err))
    }

    /// Mends what can be mended without guessing: full text and index are built again from the
    /// memories. What stays wrong is listed.
    #[napi(ts_return_type = "Promise<Report>")]
    pub fn repair<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let memory = Arc::clone(&self.inner);
        let watch = watch_only(env, undefined(env)?)?;
        job::run(env, watch, move |_| Json::of(&memory.repair()?), |json| json)
    }

    /// As `repair`, blocking.
    #[napi(ts_return_type = "Report")]
    pub fn repair_sync(&self, env: &Env) -> napi::Result<Json> {
        guarded(|| Json::of(&self.inner.repair()?)).map_err(|err| to_js(env, &err))
    }

    /// Encodes from its text every memory whose tokens are of another model, then builds the index
    /// again. Can be cancelled and called again. Resolves to how many memories were encoded.
    #[napi(ts_args_type = "options?: JobOptions", ts_return_type = "Promise<number>")]
    pub fn reindex<'env>(
        &self,
        env: &'env Env,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        let watch = watch_only(env, options)?;
        let memory = Arc::clone(&self.inner);
        job::run(
            env,
            watch,
            move |control| memory.reindex(control).map(|count| count as u32),
            |count| count,
        )
    }

    /// As `reindex`, blocking.
    #[napi]
    pub fn reindex_sync(&self, env: &Env) -> napi::Result<u32> {
        guarded(|| self.inner.reindex(&Control::new()))
            .map(|count| count as u32)
            .map_err(|err| to_js(env, &err))
    }

    /// Saves the index and closes the files. Later calls get `PM_CLOSED`; closing twice is fine.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let memory = Arc::clone(&self.inner);
        let watch = watch_only(env, undefined(env)?)?;
        job::run(env, watch, move |_| memory.close(), |()| ())
    }

    /// As `close`, blocking.
    #[napi]
    pub fn close_sync(&self, env: &Env) -> napi::Result<()> {
        guarded(|| self.inner.close()).map_err(|err| to_js(env, &err))
    }
}

fn undefined(env: &Env) -> napi::Result<Unknown<'_>> {
    env.get_global()?.get_named_property("undefined")
}

/// The watch of options that hold nothing else; other names are refused.
fn watch_only<'env>(env: &'env Env, options: Unknown<'env>) -> napi::Result<Watch> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    let (watch, rest) = Watch::take(env, convert::object(env, "options", &options)?)?;
    if let Some(rest) = rest {
        let json = convert::json(env, "options", rest.to_unknown())?;
        core::options::parse::<Nothing>("options", &json).map_err(|err| to_js(env, &err))?;
    }
    Ok(watch)
}

fn ratio_of<'env>(env: &'env Env, options: Unknown<'env>) -> napi::Result<(Watch, Ratio)> {
    let (watch, rest) = Watch::take(env, convert::object(env, "options", &options)?)?;
    let json = convert::json(env, "options", rest.map_or(options, |rest| rest.to_unknown()))?;
    let ratio = core::options::parse::<CompressOptions>("options", &json)
        .and_then(|options| options.ratio())
        .map_err(|err| to_js(env, &err))?;
    Ok((watch, ratio))
}

fn compress_arguments<'env>(
    env: &'env Env,
    text: Unknown<'env>,
    options: Unknown<'env>,
) -> napi::Result<(Watch, String, Ratio)> {
    let (watch, ratio) = ratio_of(env, options)?;
    Ok((watch, convert::text(env, "text", text)?, ratio))
}

fn compress_many_arguments<'env>(
    env: &'env Env,
    texts: Unknown<'env>,
    options: Unknown<'env>,
) -> napi::Result<(Watch, Vec<String>, Ratio)> {
    let (watch, ratio) = ratio_of(env, options)?;
    let json = convert::json(env, "texts", texts)?;
    let texts = core::options::parse("texts", &json).map_err(|err| to_js(env, &err))?;
    Ok((watch, texts, ratio))
}

fn compress_many(
    memory: &core::PrimeMemory,
    texts: &[String],
    ratio: Ratio,
    control: &Control,
) -> core::Result<Vec<core::MemoryTokens>> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    memory.compress_many(&texts, ratio, control)
}

fn read_query(env: &Env, query: Unknown) -> napi::Result<Query> {
    if query.get_type()? != ValueType::Object {
        return convert::text(env, "query", query).map(Query::Text);
    }
    let object = convert::as_object(&query)?;
    let tokens: Unknown = object.get_named_property("tokens")?;
    if tokens.get_type()? == ValueType::Object && Object::keys(&object)?.len() == 1 {
        return convert::token_vector(env, &convert::as_object(&tokens)?).map(Query::Vector);
    }
    let json = convert::json(env, "query", query)?;
    Query::from_json(&json).map_err(|err| to_js(env, &err))
}

fn search(
    memory: &core::PrimeMemory,
    query: &Query,
    options: &str,
    control: &Control,
) -> core::Result<Json> {
    let options = SearchOptions::from_json(options)?;
    Json::of(&memory.search(query, &options, control)?)
}

fn update(
    memory: &core::PrimeMemory,
    id: &str,
    change: &str,
    options: &str,
    control: &Control,
) -> core::Result<()> {
    let change: MemoryChange = core::options::parse("change", change)?;
    memory.update(id, change, &scopes(options)?, control)
}

fn scopes(options: &str) -> core::Result<Vec<ScopeFilter>> {
    core::options::parse::<ScopeOnly>("options", options).map(|options| options.scope.0)
}

fn forget_arguments(
    env: &Env,
    ids: Unknown,
    options: Unknown,
) -> napi::Result<(Vec<String>, String)> {
    let json = convert::json(env, "ids", ids)?;
    let ids: core::options::OneOrMany<String> =
        core::options::parse("ids", &json).map_err(|err| to_js(env, &err))?;
    Ok((ids.0, convert::json(env, "options", options)?))
}
