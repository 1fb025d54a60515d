//! Data in words.

use napi::bindgen_prelude::{Env, Object, Unknown};
use napi_derive::napi;
use prime_memory as core;
use serde::Deserialize;
use serde_json::Value;

use super::PrimeMemory;
use super::options::{no_options, signal_only};
use crate::errors::{guarded, to_js};
use crate::{convert, job};

#[expect(clippy::unused_self, reason = "JavaScript calls them as methods")]
#[napi]
impl PrimeMemory {
    /// What `remember` would say of an item's data, and the facts it would keep; stored nowhere, so
    /// that it works after `close` too.
    #[napi(
        ts_args_type = "item: DescribableItem, options?: CancelOptions",
        ts_return_type = "Promise<Description>"
    )]
    pub fn describe<'env>(
        &self,
        env: &'env Env,
        item: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let follow = signal_only(env, options)?;
            let json = convert::json(env, "described", item)?;
            job::run(env, follow, move |_| describe(&json), |described| described)
        })
    }

    /// As `describe`, blocking.
    #[napi(ts_args_type = "item: DescribableItem", ts_return_type = "Description")]
    pub fn describe_sync(
        &self,
        env: &Env,
        item: Unknown,
        options: Unknown,
    ) -> napi::Result<convert::Json> {
        no_options(env, options)?;
        let json = convert::json(env, "described", item)?;
        guarded(|| describe(&json)).map_err(|err| to_js(env, &err))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    kind: String,
    data: Value,
}

fn describe(json: &str) -> core::Result<convert::Json> {
    let item: Item = core::options::parse_object("item", json)?;
    let described = core::describe::describe(&item.kind, &item.data)?;
    let fields = [("text", described.text.into()), ("metadata", Value::Object(described.metadata))];
    convert::Json::of(&std::collections::BTreeMap::from(fields))
}
