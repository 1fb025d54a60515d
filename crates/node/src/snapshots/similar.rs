//! `memory.snapshots.similar`: projects like this one.

use napi::ValueType;
use napi::bindgen_prelude::{Env, JsObjectValue, Object, Unknown};
use napi_derive::napi;
use prime_memory as core;
use prime_memory::snapshots::{SimilarOptions, SimilarTo};
use prime_memory::{Control, Error};

use super::Snapshots;
use crate::convert::{self, Json};
use crate::errors::{guarded, to_js};
use crate::job;
use crate::watch::Follow;

const WANTED: &str = "the id of a snapshot, { id } or { state }";

#[napi]
impl Snapshots {
    /// The projects most like a version or a state, best first, each by its version that is most like
    /// it. The project of the version asked for is left out.
    #[napi(
        ts_args_type = "to: SimilarTo, options?: SnapshotSimilarOptions & CancelOptions",
        ts_return_type = "Promise<SimilarProject[]>"
    )]
    pub fn similar<'env>(
        &self,
        env: &'env Env,
        to: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, options)?;
            let json = convert::json(env, "options", rest)?;
            let to = similar_to(env, &to)?;
            let snapshots = self.inner.clone();
            job::run(
                env,
                follow,
                move |control| similar(&snapshots, &to, &json, control),
                |json| json,
            )
        })
    }

    /// As `similar`, blocking.
    #[napi(
        ts_args_type = "to: SimilarTo, options?: SnapshotSimilarOptions",
        ts_return_type = "SimilarProject[]"
    )]
    pub fn similar_sync(&self, env: &Env, to: Unknown, options: Unknown) -> napi::Result<Json> {
        let json = convert::json(env, "options", options)?;
        let to = similar_to(env, &to)?;
        guarded(|| similar(&self.inner, &to, &json, &Control::new()))
            .map_err(|err| to_js(env, &err))
    }
}

fn similar(
    snapshots: &core::Snapshots,
    to: &SimilarTo,
    options: &str,
    control: &Control,
) -> core::Result<Json> {
    Json::of(&snapshots.similar(to, &SimilarOptions::from_json(options)?, control)?)
}

fn similar_to(env: &Env, to: &Unknown) -> napi::Result<SimilarTo> {
    if to.get_type()? == ValueType::String {
        return convert::text(env, "id", *to).map(SimilarTo::Version);
    }
    let refused = |found: &str| to_js(env, &convert::bad_type("to", found.to_owned(), WANTED));
    let object = convert::object(env, "to", to)?.ok_or_else(|| refused("found undefined"))?;
    for name in Object::keys(&object)? {
        if name != "id" && name != "state" {
            let known = vec!["id".to_owned(), "state".to_owned()];
            return Err(to_js(env, &Error::UnknownOption { name, nearest: None, known }));
        }
    }
    let (id, state): (Unknown, Unknown) =
        (object.get_named_property("id")?, object.get_named_property("state")?);
    let given = |value: &Unknown| value.get_type().map(|kind| kind != ValueType::Undefined);
    match (given(&id)?, given(&state)?) {
        (true, false) => convert::text(env, "to.id", id).map(SimilarTo::Version),
        (false, true) => convert::state(env, state).map(SimilarTo::State),
        (true, true) => Err(refused("found both")),
        (false, false) => Err(refused("found neither")),
    }
}
