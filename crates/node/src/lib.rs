//! The napi-rs binding: conversions only.
//!
//! `memory/` holds the exported class, `report.rs` what it costs, `cache.rs` its response cache; `recall.rs`,
//! `snapshots/` and `tiers.rs` what hangs on it as `memory.recall`, `memory.snapshots` and `memory.tiers`;
//! `job.rs` runs its asynchronous calls on threads of our own
//! (`pool.rs`) with cancellation and progress (`watch.rs`); `convert.rs` and `errors.rs` carry
//! values and errors across; `places.rs` says where the model and ONNX Runtime may lie. Behaviour
//! belongs into `crates/core`.

#![allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "napi-derive hands its `Env` out by reference, and what borrows from it must name that one"
)]

mod cache;
mod convert;
mod errors;
mod job;
mod memory;
mod places;
mod pool;
mod recall;
mod report;
mod script;
mod snapshots;
mod tiers;
mod watch;

use napi::bindgen_prelude::{Env, Function, JsObjectValue, Object, Unknown};
use napi_derive::napi;

/// Gives the class its disposal methods: napi can only name string properties.
#[napi(module_exports)]
pub fn init(exports: Object, env: Env) -> napi::Result<()> {
    let symbols: Unknown = env.get_global()?.get_named_property("Symbol")?;
    let symbols = convert::as_object(&symbols);
    let class: Function<Unknown, Unknown> = exports.get_named_property("PrimeMemory")?;
    let mut prototype: Object = convert::as_object(&class).get_named_property("prototype")?;
    for (symbol, method) in [("dispose", "closeSync"), ("asyncDispose", "close")] {
        let symbol: Unknown = symbols.get_named_property(symbol)?;
        if convert::is_symbol(&symbol)? {
            let method: Unknown = prototype.get_named_property(method)?;
            prototype.set_property(symbol, method)?;
        }
    }
    Ok(())
}
