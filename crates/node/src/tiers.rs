//! `memory.tiers`: moving memories to smaller tiers, and what that would do.

use napi::bindgen_prelude::{
    ClassInstance, Env, JavaScriptClassExt, JsObjectValue, Object, This, Unknown,
};
use napi::{Property, PropertyAttributes};
use napi_derive::napi;
use prime_memory as core;
use prime_memory::{Control, TierPolicy};

use crate::convert::{self, Json};
use crate::errors::{guarded, to_js};
use crate::job;
use crate::memory::{PrimeMemory, follow_only};
use crate::watch::Follow;

/// What is kept of a memory, by age, use and importance, within a budget (docs/tiers.md). Reached as
/// `memory.tiers`.
#[napi]
pub struct Tiers {
    inner: core::Tiers,
}

#[napi]
impl PrimeMemory {
    /// Tiers: move memories to smaller ones, or see what that would do. The same object every time.
    #[napi(getter, ts_return_type = "Tiers")]
    pub fn tiers<'env>(
        &self,
        env: &'env Env,
        mut this: This<'env>,
    ) -> napi::Result<ClassInstance<'env, Tiers>> {
        let tiers = Tiers { inner: self.inner.tiers() }.into_instance(env)?;
        // Found on the memory itself from now on.
        let own = Property::new()
            .with_utf8_name("tiers")?
            .with_value(&tiers)
            .with_property_attributes(PropertyAttributes::Configurable);
        this.define_properties(&[own])?;
        Ok(tiers)
    }
}

#[napi]
impl Tiers {
    /// Moves memories as the policy says, in small transactions between which other calls have
    /// their turn. Can be cancelled at any time: what has moved stays moved, and calling it again
    /// goes on. Resolves to what it did.
    #[napi(
        js_name = "move",
        ts_args_type = "policy: TierPolicy, options?: JobOptions",
        ts_return_type = "Promise<TierReport>"
    )]
    pub fn apply<'env>(
        &self,
        env: &'env Env,
        policy: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let follow = follow_only(env, options)?;
            let policy = convert::json(env, "policy", policy)?;
            let tiers = self.inner.clone();
            job::run(env, follow, move |control| apply(&tiers, &policy, control), |json| json)
        })
    }

    /// As `move`, blocking.
    #[napi(
        js_name = "moveSync",
        ts_args_type = "policy: TierPolicy",
        ts_return_type = "TierReport"
    )]
    pub fn apply_sync(&self, env: &Env, policy: Unknown) -> napi::Result<Json> {
        let policy = convert::json(env, "policy", policy)?;
        guarded(|| apply(&self.inner, &policy, &Control::new())).map_err(|err| to_js(env, &err))
    }

    /// What `move` would do now, and what it would cost in finding things, tried on a sample of the
    /// memories that would move. Changes nothing.
    #[napi(
        ts_args_type = "policy: TierPolicy, options?: SimulateOptions & JobOptions",
        ts_return_type = "Promise<TierForecast>"
    )]
    pub fn simulate<'env>(
        &self,
        env: &'env Env,
        policy: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, options)?;
            let policy = convert::json(env, "policy", policy)?;
            let json = convert::json(env, "options", rest)?;
            let tiers = self.inner.clone();
            job::run(
                env,
                follow,
                move |control| simulate(&tiers, &policy, &json, control),
                |json| json,
            )
        })
    }

    /// As `simulate`, blocking.
    #[napi(
        ts_args_type = "policy: TierPolicy, options?: SimulateOptions",
        ts_return_type = "TierForecast"
    )]
    pub fn simulate_sync(
        &self,
        env: &Env,
        policy: Unknown,
        options: Unknown,
    ) -> napi::Result<Json> {
        let policy = convert::json(env, "policy", policy)?;
        let json = convert::json(env, "options", options)?;
        guarded(|| simulate(&self.inner, &policy, &json, &Control::new()))
            .map_err(|err| to_js(env, &err))
    }
}

fn apply(tiers: &core::Tiers, policy: &str, control: &Control) -> core::Result<Json> {
    Json::of(&tiers.apply(&TierPolicy::from_json(policy)?, control)?)
}

fn simulate(
    tiers: &core::Tiers,
    policy: &str,
    options: &str,
    control: &Control,
) -> core::Result<Json> {
    Json::of(&tiers.simulate_with(&TierPolicy::from_json(policy)?, options, control)?)
}
