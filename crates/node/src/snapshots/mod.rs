//! `memory.snapshots`: every version of every project. `versions.rs` keeps them and brings them back,
//! `branches.rs` makes branches, goes back and tags, `compare.rs` tells what differs, `similar.rs` which
//! projects are alike, `remove.rs` erases.

mod branches;
mod compare;
mod remove;
mod similar;
mod versions;

use napi::bindgen_prelude::{ClassInstance, Env, JavaScriptClassExt, JsObjectValue, This};
use napi::{Property, PropertyAttributes};
use napi_derive::napi;
use prime_memory as core;

use crate::errors::{guarded, to_js};
use crate::memory::PrimeMemory;

/// Every version of every project, byte for byte, in few bytes (docs/snapshots.md). Reached as
/// `memory.snapshots`.
#[napi]
pub struct Snapshots {
    pub(crate) inner: core::Snapshots,
}

#[napi]
impl PrimeMemory {
    /// The versions of projects: save, restore, list, compare. The same object every time.
    #[napi(getter, ts_return_type = "Snapshots")]
    pub fn snapshots<'env>(
        &self,
        env: &'env Env,
        mut this: This<'env>,
    ) -> napi::Result<ClassInstance<'env, Snapshots>> {
        let snapshots = Snapshots { inner: self.inner.snapshots() }.into_instance(env)?;
        // Found on the memory itself from now on.
        let own = Property::new()
            .with_utf8_name("snapshots")?
            .with_value(&snapshots)
            .with_property_attributes(PropertyAttributes::Configurable);
        this.define_properties(&[own])?;
        Ok(snapshots)
    }
}

/// What an asynchronous call takes from the thread it is made on, its place in the order of calls among
/// it. To be called right before `job::run`, which hands the calls to threads in the same order.
fn begun<T>(env: &Env, begin: impl FnOnce() -> core::Result<T>) -> napi::Result<T> {
    guarded(begin).map_err(|err| to_js(env, &err))
}
