//! One asynchronous call: work on a pool thread, a promise for JavaScript.

use std::sync::Arc;

use napi::JsError;
use napi::bindgen_prelude::{Env, Function, JsObjectValue, Object, ToNapiValue, Unknown};
use prime_memory::{Control, Result};

use crate::convert::as_object;
use crate::errors::guarded;
use crate::pool;
use crate::watch::Follow;

type Resolver<V> = Box<dyn FnOnce(Env) -> napi::Result<V> + Send>;

/// The promise that `begin` makes. An argument it refuses rejects the promise: an asynchronous
/// method never throws.
pub(crate) fn promise<'env>(
    env: &'env Env,
    begin: impl FnOnce() -> napi::Result<Object<'env>>,
) -> napi::Result<Object<'env>> {
    begin().or_else(|refused| {
        let class: Unknown = env.get_global()?.get_named_property("Promise")?;
        let class = as_object(&class);
        let reject: Function<Unknown, Object> = class.get_named_property("reject")?;
        reject.apply(class, JsError::from(refused).into_unknown(*env))
    })
}

/// A promise that is settled already.
pub(crate) fn resolved<V: ToNapiValue>(env: &Env, value: V) -> napi::Result<Object<'_>> {
    let class: Unknown = env.get_global()?.get_named_property("Promise")?;
    let class = as_object(&class);
    let resolve: Function<V, Object> = class.get_named_property("resolve")?;
    resolve.apply(class, value)
}

/// Runs `work` off the event loop; the promise settles with `convert` of what it gave.
pub(crate) fn run<'env, T, V>(
    env: &'env Env,
    follow: Follow<'env>,
    work: impl FnOnce(&Control) -> Result<T> + Send + 'static,
    convert: impl FnOnce(T) -> V + Send + 'static,
) -> napi::Result<Object<'env>>
where
    T: Send + 'static,
    V: ToNapiValue + 'static,
{
    let watch = follow.start(env)?;
    let (deferred, promise) = env.create_deferred::<V, Resolver<V>>()?;
    let stop = Arc::clone(&watch.stop);
    let job = move || {
        let control = watch.control.clone();
        let result = guarded(|| control.check().and_then(|()| work(&control)));
        deferred.resolve(Box::new(move |env| watch.settle(&env, result).map(convert)));
    };
    pool::spawn(env, &stop, Box::new(job))?;
    Ok(promise)
}
