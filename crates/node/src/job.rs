//! One asynchronous call: work on a pool thread, a promise for JavaScript.

use napi::bindgen_prelude::{Env, Object, ToNapiValue};
use prime_memory::{Control, Result};

use crate::errors::guarded;
use crate::pool;
use crate::watch::Watch;

type Resolver<V> = Box<dyn FnOnce(Env) -> napi::Result<V> + Send>;

/// Runs `work` off the event loop; the promise settles with `convert` of what it gave.
pub(crate) fn run<'env, T, V>(
    env: &'env Env,
    watch: Watch,
    work: impl FnOnce(&Control) -> Result<T> + Send + 'static,
    convert: impl FnOnce(T) -> V + Send + 'static,
) -> napi::Result<Object<'env>>
where
    T: Send + 'static,
    V: ToNapiValue + 'static,
{
    let (deferred, promise) = env.create_deferred::<V, Resolver<V>>()?;
    let stop = std::sync::Arc::clone(&watch.stop);
    let job = move || {
        let control = watch.control.clone();
        let result = guarded(|| control.check().and_then(|()| work(&control)));
        deferred.resolve(Box::new(move |env| watch.settle(&env, result).map(convert)));
    };
    pool::spawn(env, &stop, Box::new(job))?;
    Ok(promise)
}
