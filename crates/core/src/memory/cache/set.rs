//! Storing an answer, and what shadow mode learns from it.

use super::Cache;
use crate::cache::guard::{Reading, Verdict, compare};
use crate::cache::{Asked, CacheAnswer, CacheKept, CacheRequest, Would, cost, worth};
use crate::error::Result;
use crate::memory::open::Open;
use crate::store::{NewResponse, Put, now_ms};

/// Two answers that the guard leaves open say the same from this cosine on.
const SAME_ANSWER: f32 = 0.9;

/// Differences in which two answers do not say the same, whatever their words.
const VALUES: [&str; 5] = ["bare number", "half number", "unit", "note value", "interval"];

impl Cache<'_> {
    /// Keeps an answer; its id comes back once it is on disk. An equal request has one answer, the
    /// newest. An answer that was forgotten for this very request is not kept: its id names nothing.
    ///
    /// # Errors
    /// `PM_EMPTY_TEXT`, `PM_BAD_TEXT`, `PM_TOO_LONG`, `PM_BAD_OPTION`, `PM_INFERENCE`, `PM_BUSY`,
    /// `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn set(&self, request: CacheRequest, answer: CacheAnswer) -> Result<String> {
        self.keep(request, answer).map(|kept| kept.id)
    }

    /// As [`Cache::set`], with what was made of the answer.
    ///
    /// # Errors
    /// Those of [`Cache::set`].
    pub fn keep(&self, request: CacheRequest, answer: CacheAnswer) -> Result<CacheKept> {
        let open = self.memory.open_parts()?;
        answer.check()?;
        let asked = Asked::new(request, &open.scope)?;
        let settings = &open.cache_known()?.settings;
        let vector = open.cache_vector(&asked.prompt)?;
        let context = asked.context.as_ref().map(ToString::to_string);
        let model = answer.model.clone().unwrap_or_else(|| asked.model.clone());
        let usage = answer.usage.unwrap_or_default();
        let input_text = format!("{} {}", asked.prompt, context.as_deref().unwrap_or_default());
        let (input, output) =
            ((usage.input_tokens, &*input_text), (usage.output_tokens, &*answer.content));
        let counted = cost(&model, &settings.prices, input, output);
        let dollars = answer.cost.unwrap_or(counted.dollars);
        let created_at = answer.created_at.map_or_else(now_ms, |at| at as i64);
        if let Some(would) = open.cache.recent.take_would(&asked.key) {
            open.compare_with_shadow(&asked, &would, &answer.content)?;
        }
        let mark = asked.mark(&answer.content);
        let recall = asked.recall.map(|recall| serde_json::Value::Object(recall).to_string());
        let beside = [&context, &recall].into_iter().flatten().map(String::len).sum::<usize>();
        let bytes = asked.prompt.len() + answer.content.len() + beside;
        let new = NewResponse {
            key: asked.key,
            compartment: asked.compartment,
            mark,
            worth: worth(dollars, bytes),
            scope: asked.scope,
            prompt: asked.prompt,
            context,
            recall,
            model: model.clone(),
            cost: dollars,
            is_estimated: answer.cost.is_none() && counted.is_estimated,
            created_at,
            expires_at: answer.ttl_ms.map(|ttl| created_at.saturating_add(ttl as i64)),
            content: answer.content,
            vector: Some(vector.to_vec()),
        };
        match open.store.put_response(new, settings.limits())? {
            Put::Kept { id } => Ok(CacheKept { id, model, cost: dollars }),
            Put::Forgotten => {
                let id = uuid::Uuid::now_v7().to_string();
                Ok(CacheKept { id, model, cost: dollars })
            }
        }
    }
}

impl Open {
    /// Shadow mode: what meaning would have served beside what was answered now.
    fn compare_with_shadow(&self, asked: &Asked, would: &Would, fresh: &str) -> Result<()> {
        let agreed = self.says_the_same(&would.content, fresh)?;
        if !would.is_served {
            return self.store.add_response_evidence(would.route.row(), agreed);
        }
        let name = if agreed { "shadowAgreed" } else { "shadowDisagreed" };
        self.store.count_responses(&asked.scope, &[(name, 1.0)]);
        self.store.judge_response(would.row, agreed, Some(would.route.row()), None)?;
        Ok(())
    }

    /// Whether two answers say the same, by the guard's facts and, where they leave it open, by
    /// meaning. Two samples of one model seldom have the same words.
    fn says_the_same(&self, a: &str, b: &str) -> Result<bool> {
        match compare(&Reading::of(a, None), &Reading::of(b, None)) {
            Verdict::Serve(_) => Ok(true),
            Verdict::Refuse(_) => Ok(false),
            Verdict::Open { evidence, .. } if evidence.iter().any(|code| VALUES.contains(code)) => {
                Ok(false)
            }
            Verdict::Open { .. } => {
                let (a, b) = (self.encoder.embed(a)?, self.encoder.embed(b)?);
                Ok(a.iter().zip(&b).map(|(x, y)| x * y).sum::<f32>() >= SAME_ANSWER)
            }
        }
    }
}
