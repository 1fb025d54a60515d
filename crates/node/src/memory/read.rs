//! Searching and reading.

use std::sync::Arc;

use napi::ValueType;
use napi::bindgen_prelude::{Env, JsObjectValue, Object, Unknown};
use napi_derive::napi;
use prime_memory as core;
use prime_memory::{Control, Query, SearchOptions};

use super::PrimeMemory;
use super::options::scopes;
use crate::convert::{self, Json, Tokens};
use crate::errors::{guarded, to_js};
use crate::job;
use crate::watch::Follow;

#[napi]
impl PrimeMemory {
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
        job::promise(env, || {
            let (follow, rest) = Follow::take_signal(env, options)?;
            let query = read_query(env, query)?;
            let json = convert::json(env, "options", rest)?;
            let memory = Arc::clone(&self.inner);
            job::run(
                env,
                follow,
                move |control| search(&memory, &query, &json, control),
                |hits| hits,
            )
        })
    }

    /// As `search`, blocking.
    #[napi(
        ts_args_type = "query: string | Query, options?: SearchOptionsSync",
        ts_return_type = "Hit[]"
    )]
    pub fn search_sync(&self, env: &Env, query: Unknown, options: Unknown) -> napi::Result<Json> {
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
        job::promise(env, || {
            let follow = Follow::default();
            let (id, json) =
                (convert::text(env, "id", id)?, convert::json(env, "options", options)?);
            let memory = Arc::clone(&self.inner);
            job::run(
                env,
                follow,
                move |_| Json::of(&memory.get(&id, &scopes(&json)?)?),
                |json| json,
            )
        })
    }

    /// As `get`, blocking.
    #[napi(ts_args_type = "id: string, options?: ScopeOptions", ts_return_type = "Memory | null")]
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
        job::promise(env, || {
            let follow = Follow::default();
            let (id, json) =
                (convert::text(env, "id", id)?, convert::json(env, "options", options)?);
            let memory = Arc::clone(&self.inner);
            job::run(
                env,
                follow,
                move |_| memory.tokens(&id, &scopes(&json)?),
                |tokens| tokens.map(Tokens),
            )
        })
    }

    /// As `tokens`, blocking.
    #[napi(
        ts_args_type = "id: string, options?: ScopeOptions",
        ts_return_type = "MemoryTokens | null"
    )]
    pub fn tokens_sync(
        &self,
        env: &Env,
        id: Unknown,
        options: Unknown,
    ) -> napi::Result<Option<Tokens>> {
        let (id, json) = (convert::text(env, "id", id)?, convert::json(env, "options", options)?);
        guarded(|| self.inner.tokens(&id, &scopes(&json)?))
            .map(|tokens| tokens.map(Tokens))
            .map_err(|err| to_js(env, &err))
    }
}

fn read_query(env: &Env, query: Unknown) -> napi::Result<Query> {
    if query.get_type()? != ValueType::Object {
        return convert::text(env, "query", query).map(Query::Text);
    }
    let object = convert::as_object(&query);
    let given = |name| -> napi::Result<bool> {
        let value: Unknown = object.get_named_property(name)?;
        Ok(value.get_type()? != ValueType::Undefined)
    };
    let tokens: Unknown = object.get_named_property("tokens")?;
    if tokens.get_type()? == ValueType::Object && !given("text")? && !given("id")? {
        return convert::tokens_query(env, &convert::as_object(&tokens));
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
