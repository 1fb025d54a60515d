//! `memory.recall`: what is known of a user.

use napi::bindgen_prelude::{
    ClassInstance, Env, JavaScriptClassExt, JsObjectValue, Object, This, Unknown,
};
use napi::{Property, PropertyAttributes};
use napi_derive::napi;
use prime_memory as core;
use prime_memory::Control;
use prime_memory::options::{OneOrMany, parse, parse_object};
use prime_memory::recall::{
    HistoryOptions, Observation, PromptOptions, ReadOptions, RecallData, ScopeOption, Selector,
    SimilarOptions,
};

use crate::convert::{self, Json};
use crate::errors::{guarded, to_js};
use crate::job;
use crate::memory::{PrimeMemory, follow_only};
use crate::watch::Follow;

/// What is known of a user: counted, dated facts that fade, states that are superseded
/// (docs/recall.md). Reached as `memory.recall`.
#[napi]
pub struct Recall {
    inner: core::Recall,
}

#[napi]
impl PrimeMemory {
    /// What is known of a user: learn, tell, forget. The same object every time.
    #[napi(getter, ts_return_type = "Recall")]
    pub fn recall<'env>(
        &self,
        env: &'env Env,
        mut this: This<'env>,
    ) -> napi::Result<ClassInstance<'env, Recall>> {
        let recall = Recall { inner: self.inner.recall() }.into_instance(env)?;
        // Found on the memory itself from now on.
        let own = Property::new()
            .with_utf8_name("recall")?
            .with_value(&recall)
            .with_property_attributes(PropertyAttributes::Configurable);
        this.define_properties(&[own])?;
        Ok(recall)
    }
}

#[napi]
impl Recall {
    /// Learns an observation: facts are counted, states superseded, and a memory of the kind
    /// `mixx_recall` is made of it, in one transaction. Resolves once it is on disk.
    #[napi(
        ts_args_type = "observation: Observation, options?: CancelOptions",
        ts_return_type = "Promise<LearnReport>"
    )]
    pub fn learn<'env>(
        &self,
        env: &'env Env,
        observation: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let follow = follow_only(env, options)?;
            let json = convert::json(env, "observation", observation)?;
            let recall = self.inner.clone();
            let learn = move |control: &Control| {
                Json::of(&recall.learn(Observation::from_json(&json)?, control)?)
            };
            job::run(env, follow, learn, |json| json)
        })
    }

    /// As `learn`, blocking.
    #[napi(ts_args_type = "observation: Observation", ts_return_type = "LearnReport")]
    pub fn learn_sync(&self, env: &Env, observation: Unknown) -> napi::Result<Json> {
        let json = convert::json(env, "observation", observation)?;
        let learn = || self.inner.learn(Observation::from_json(&json)?, &Control::new());
        guarded(|| Json::of(&learn()?)).map_err(|err| to_js(env, &err))
    }

    /// Learns all observations or none, in one transaction; their `at` may come in any order.
    #[napi(
        ts_args_type = "observations: Observation[], options?: JobOptions",
        ts_return_type = "Promise<LearnReport[]>"
    )]
    pub fn learn_many<'env>(
        &self,
        env: &'env Env,
        observations: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let follow = follow_only(env, options)?;
            let json = convert::json(env, "observations", observations)?;
            let recall = self.inner.clone();
            let learn = move |control: &Control| {
                Json::of(&recall.learn_many(Observation::list_from_json(&json)?, control)?)
            };
            job::run(env, follow, learn, |json| json)
        })
    }

    /// As `learnMany`, blocking.
    #[napi(ts_args_type = "observations: Observation[]", ts_return_type = "LearnReport[]")]
    pub fn learn_many_sync(&self, env: &Env, observations: Unknown) -> napi::Result<Json> {
        let json = convert::json(env, "observations", observations)?;
        let learn = || self.inner.learn_many(Observation::list_from_json(&json)?, &Control::new());
        guarded(|| Json::of(&learn()?)).map_err(|err| to_js(env, &err))
    }

    /// What is known, in the Studio's shape; `{}` when nothing is. Blocks for some milliseconds
    /// per thousand facts.
    #[napi(ts_args_type = "options?: RecallOptions", ts_return_type = "MixxRecallData")]
    pub fn context(&self, env: &Env, options: Unknown) -> napi::Result<Json> {
        let json = convert::json(env, "options", options)?;
        guarded(|| Json::of(&self.inner.context(&ReadOptions::from_json(&json)?)?))
            .map_err(|err| to_js(env, &err))
    }

    /// The same as `context`.
    #[napi(ts_args_type = "options?: RecallOptions", ts_return_type = "MixxRecallData")]
    pub fn context_sync(&self, env: &Env, options: Unknown) -> napi::Result<Json> {
        self.context(env, options)
    }

    /// What is known as text to append to a prompt: the most telling facts within the token budget;
    /// an empty string when nothing is known.
    #[napi(ts_args_type = "options?: RecallPromptOptions")]
    pub fn prompt(&self, env: &Env, options: Unknown) -> napi::Result<String> {
        let json = convert::json(env, "options", options)?;
        guarded(|| self.inner.prompt(&PromptOptions::from_json(&json)?))
            .map_err(|err| to_js(env, &err))
    }

    /// The text that `prompt` gives, of data in the Studio's shape from anywhere.
    #[napi(ts_args_type = "data: MixxRecallData, options?: { maxTokens?: number }")]
    pub fn format(&self, env: &Env, data: Unknown, options: Unknown) -> napi::Result<String> {
        let json = convert::json(env, "options", options)?;
        let data = convert::json(env, "data", data)?;
        let format = || {
            let options = PromptOptions::from_json(&json)?;
            let data: RecallData = parse_object("data", &data)?;
            self.inner.format(&data, options.max_tokens)
        };
        guarded(format).map_err(|err| to_js(env, &err))
    }

    /// What was learned before that is nearest to a project or a text, best first.
    #[napi(
        ts_args_type = "project: Observation | MixxRecallData | string, options?: SimilarOptions & CancelOptions",
        ts_return_type = "Promise<Hit[]>"
    )]
    pub fn similar<'env>(
        &self,
        env: &'env Env,
        project: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, options)?;
            let project = convert::json(env, "project", project)?;
            let json = convert::json(env, "options", rest)?;
            let recall = self.inner.clone();
            job::run(
                env,
                follow,
                move |control| similar(&recall, &project, &json, control),
                |json| json,
            )
        })
    }

    /// As `similar`, blocking.
    #[napi(
        ts_args_type = "project: Observation | MixxRecallData | string, options?: SimilarOptions",
        ts_return_type = "Hit[]"
    )]
    pub fn similar_sync(
        &self,
        env: &Env,
        project: Unknown,
        options: Unknown,
    ) -> napi::Result<Json> {
        let project = convert::json(env, "project", project)?;
        let json = convert::json(env, "options", options)?;
        guarded(|| similar(&self.inner, &project, &json, &Control::new()))
            .map_err(|err| to_js(env, &err))
    }

    /// What was learned of projects, newest first; all of it unless a limit is given.
    #[napi(ts_args_type = "options?: HistoryOptions", ts_return_type = "ProjectRecord[]")]
    pub fn history(&self, env: &Env, options: Unknown) -> napi::Result<Json> {
        let json = convert::json(env, "options", options)?;
        guarded(|| Json::of(&self.inner.history(&HistoryOptions::from_json(&json)?)?))
            .map_err(|err| to_js(env, &err))
    }

    /// Every fact with its counts and dates; of a state, the value that is valid.
    #[napi(ts_args_type = "options?: RecallOptions", ts_return_type = "RecallFact[]")]
    pub fn facts(&self, env: &Env, options: Unknown) -> napi::Result<Json> {
        let json = convert::json(env, "options", options)?;
        guarded(|| Json::of(&self.inner.facts(&ReadOptions::from_json(&json)?)?))
            .map_err(|err| to_js(env, &err))
    }

    /// Why something is said of this user: counts, dates, where it was seen, what was so before.
    #[napi(
        ts_args_type = "fact: FactSelector, options?: { scope?: Scope }",
        ts_return_type = "RecallExplanation"
    )]
    pub fn explain(&self, env: &Env, fact: Unknown, options: Unknown) -> napi::Result<Json> {
        let fact = convert::json(env, "fact", fact)?;
        let json = convert::json(env, "options", options)?;
        let explain = || {
            let options = ScopeOption::from_json(&json)?;
            Json::of(&self.inner.explain(&Selector::from_json(&fact)?, &options)?)
        };
        guarded(explain).map_err(|err| to_js(env, &err))
    }

    /// Erases facts for good, also from the memories and vectors made of them. Resolves to how many
    /// facts are gone.
    #[napi(
        ts_args_type = "fact: FactSelector, options?: { scope?: Scope } & JobOptions",
        ts_return_type = "Promise<number>"
    )]
    pub fn forget<'env>(
        &self,
        env: &'env Env,
        fact: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let (follow, rest) = Follow::take(env, options)?;
            let fact = convert::json(env, "fact", fact)?;
            let json = convert::json(env, "options", rest)?;
            let recall = self.inner.clone();
            job::run(
                env,
                follow,
                move |control| forget(&recall, &fact, &json, control),
                |count| count,
            )
        })
    }

    /// As `forget`, blocking.
    #[napi(ts_args_type = "fact: FactSelector, options?: { scope?: Scope }")]
    pub fn forget_sync(&self, env: &Env, fact: Unknown, options: Unknown) -> napi::Result<u32> {
        let fact = convert::json(env, "fact", fact)?;
        let json = convert::json(env, "options", options)?;
        guarded(|| forget(&self.inner, &fact, &json, &Control::new()))
            .map_err(|err| to_js(env, &err))
    }

    /// Takes observations back, by the ids of the memories made of them (`LearnReport.memory`):
    /// counts and states are as without them. Resolves to how many there were.
    #[napi(
        ts_args_type = "memories: string | string[], options?: { scope?: Scope }",
        ts_return_type = "Promise<number>"
    )]
    pub fn unlearn<'env>(
        &self,
        env: &'env Env,
        memories: Unknown<'env>,
        options: Unknown<'env>,
    ) -> napi::Result<Object<'env>> {
        job::promise(env, || {
            let memories = convert::json(env, "memories", memories)?;
            let json = convert::json(env, "options", options)?;
            let recall = self.inner.clone();
            let work = move |_: &Control| unlearn(&recall, &memories, &json);
            job::run(env, Follow::default(), work, |count| count)
        })
    }

    /// As `unlearn`, blocking.
    #[napi(ts_args_type = "memories: string | string[], options?: { scope?: Scope }")]
    pub fn unlearn_sync(
        &self,
        env: &Env,
        memories: Unknown,
        options: Unknown,
    ) -> napi::Result<u32> {
        let memories = convert::json(env, "memories", memories)?;
        let json = convert::json(env, "options", options)?;
        guarded(|| unlearn(&self.inner, &memories, &json)).map_err(|err| to_js(env, &err))
    }
}

fn similar(
    recall: &core::Recall,
    project: &str,
    options: &str,
    control: &Control,
) -> core::Result<Json> {
    let options = SimilarOptions::from_json(options)?;
    Json::of(&recall.similar(&parse("project", project)?, &options, control)?)
}

fn forget(
    recall: &core::Recall,
    fact: &str,
    options: &str,
    control: &Control,
) -> core::Result<u32> {
    let options = ScopeOption::from_json(options)?;
    recall.forget(&Selector::from_json(fact)?, &options, control).map(|count| count as u32)
}

fn unlearn(recall: &core::Recall, memories: &str, options: &str) -> core::Result<u32> {
    let memories: OneOrMany<String> = parse("memories", memories)?;
    recall.unlearn(memories.0, &ScopeOption::from_json(options)?).map(|count| count as u32)
}
