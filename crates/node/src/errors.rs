//! Core errors as JavaScript errors: `code` and message, the same in both forms of a call.

use std::panic::{AssertUnwindSafe, catch_unwind};

use napi::bindgen_prelude::{Env, JsObjectValue, JsValue, Object};
use prime_memory::{Error, Result};

/// Runs `call`; a panic of ours becomes `PM_INTERNAL`. Outside of this it would end the host.
pub(crate) fn guarded<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let words = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned());
        Err(Error::Internal { reason: words.unwrap_or_else(|| "a panic without words".to_owned()) })
    })
}

/// The JavaScript error of `err`: an `Error` with a `code`, named `AbortError` when cancelled.
pub(crate) fn to_js(env: &Env, err: &Error) -> napi::Error {
    js_error(env, err).unwrap_or_else(|napi| napi)
}

fn js_error(env: &Env, err: &Error) -> napi::Result<napi::Error> {
    let mut object: Object = env.create_error(napi::Error::from_reason(err.to_string()))?;
    object.set_named_property("code", err.code())?;
    if matches!(err, Error::Aborted) {
        object.set_named_property("name", "AbortError")?;
    }
    Ok(napi::Error::from(object.to_unknown()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::guarded;
    use prime_memory::Error;

    #[test]
    fn a_panic_is_an_error() {
        let caught = guarded::<()>(|| panic!("out of reach: {}", 7)).unwrap_err();
        assert!(matches!(&caught, Error::Internal { reason } if reason == "out of reach: 7"));
        assert_eq!(caught.code(), "PM_INTERNAL");
        assert!(guarded(|| Ok(1)).is_ok());
    }
}
