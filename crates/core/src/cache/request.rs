//! A request and what is made of it: its keys, its text.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::canonical;
use super::guard::Reading;
use crate::error::{Error, Result};
use crate::model::MAX_TEXT_BYTES;
use crate::options::parse_object;
use crate::store::Scope;

/// Hashes of other versions of the spelling never meet those of this one.
const VERSION: &str = "prime-memory request 1";

/// One question to a language model. Two that differ in anything but `recall` never share an exact
/// entry.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CacheRequest {
    /// What is asked, without the recall text.
    pub prompt: String,
    /// Audio and project context: counts where the prompt uses it or points at it.
    #[serde(default)]
    pub context: Option<Map<String, Value>>,
    /// Everything that can change the answer: model, temperature, system prompt and so on.
    #[serde(default)]
    pub options: Option<Map<String, Value>>,
    /// Whose; none means the scope the memory was opened with.
    #[serde(default)]
    pub scope: Option<Scope>,
    /// What the assistant was told about this user, as facts by name.
    #[serde(default)]
    pub recall: Option<Map<String, Value>>,
}

impl CacheRequest {
    /// Reads a request from JSON.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`, `PM_BAD_TEXT`.
    pub fn from_json(json: &str) -> Result<CacheRequest> {
        parse_object("request", json)
    }

    /// A prompt by itself.
    pub fn prompt(prompt: impl Into<String>) -> CacheRequest {
        CacheRequest { prompt: prompt.into(), ..CacheRequest::default() }
    }
}

/// A request ready to be looked up.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Hash of the whole request.
    pub(crate) key: [u8; 32],
    /// Hash of everything that must be equal before meaning is looked at.
    pub(crate) compartment: [u8; 32],
    pub(crate) scope: Scope,
    /// In its one spelling.
    pub(crate) prompt: String,
    pub(crate) context: Option<Value>,
    pub(crate) recall: Option<Map<String, Value>>,
    /// The model asked for; empty when none is named.
    pub(crate) model: String,
}

impl Asked {
    /// # Errors
    /// `PM_EMPTY_TEXT`, `PM_BAD_TEXT`, `PM_TOO_LONG`.
    pub(crate) fn new(request: CacheRequest, opened_with: &Scope) -> Result<Asked> {
        check_prompt(&request.prompt)?;
        let scope = request.scope.unwrap_or_else(|| opened_with.clone());
        let options = request.options.unwrap_or_default();
        let mut spelled = String::with_capacity(128 + request.prompt.len());
        canonical::write(&json!([VERSION, scope.user, scope.project]), &mut spelled);
        canonical::write_object(&known(&options), &defaults(), &mut spelled);
        let compartment = hash(&[spelled.as_bytes()]);
        let context = request.context.filter(|context| !context.is_empty()).map(Value::Object);
        let prompt = canonical::prompt(&request.prompt);
        spelled.clear();
        canonical::write(context.as_ref().unwrap_or(&Value::Null), &mut spelled);
        let model = options.get("model").and_then(Value::as_str).unwrap_or(DEFAULT_MODEL);
        Ok(Asked {
            key: hash(&[&compartment, prompt.as_bytes(), spelled.as_bytes()]),
            compartment,
            scope,
            model: model.to_owned(),
            prompt,
            context,
            recall: request.recall.filter(|recall| !recall.is_empty()),
        })
    }

    /// The words and facts of it.
    pub(crate) fn reading(&self) -> Reading {
        Reading::of(&self.prompt, self.context.as_ref())
    }

    /// What a flight of equal requests is known by: recall facts may change an answer.
    pub(crate) fn flight(&self) -> String {
        let mut recall = String::new();
        self.recall.iter().for_each(|facts| canonical::write_object(facts, &[], &mut recall));
        blake3::Hash::from(hash(&[&self.key, recall.as_bytes()])).to_hex().to_string()
    }

    /// Request and answer as a hash, to remember that they do not belong together.
    pub(crate) fn mark(&self, content: &str) -> [u8; 32] {
        mark(&self.key, content)
    }
}

pub(crate) fn mark(key: &[u8; 32], content: &str) -> [u8; 32] {
    hash(&[b"mark", key, content.as_bytes()])
}

/// The model that answers when a request names none, as the Studio's modules have it.
const DEFAULT_MODEL: &str = "gemini-2.5-flash";

/// Options that are as good as not given.
fn defaults() -> [(&'static str, Value); 4] {
    [
        ("temperature", json!(0.7)),
        ("model", json!(DEFAULT_MODEL)),
        ("useCache", json!(true)),
        ("useMixxRecall", json!(true)),
    ]
}

fn known(options: &Map<String, Value>) -> Map<String, Value> {
    let given = options.iter().filter(|(_, value)| !value.is_null());
    given.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Each part with its length before it, so that none runs into the next.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

fn check_prompt(prompt: &str) -> Result<()> {
    const WHAT: &str = "request.prompt";
    if prompt.len() > MAX_TEXT_BYTES {
        let (found, limit) = (prompt.len(), MAX_TEXT_BYTES);
        return Err(Error::TooLong { what: WHAT, found, unit: "bytes", limit });
    }
    if let Some(at) = prompt.find('\0') {
        let found = format!("holds a NUL character at byte {at}");
        return Err(Error::BadText { what: WHAT.to_owned(), found });
    }
    if prompt.trim().is_empty() { Err(Error::EmptyText { what: WHAT }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    fn asked(json: &str) -> Asked {
        Asked::new(CacheRequest::from_json(json).unwrap(), &Scope::default()).unwrap()
    }

    #[track_caller]
    fn check(a: &str, b: &str, same_key: bool, same_compartment: bool) {
        let (a, b) = (asked(a), asked(b));
        assert_eq!((a.key == b.key, a.compartment == b.compartment), (same_key, same_compartment));
    }

    #[test]
    fn a_default_given_is_none_given() {
        for options in [
            r#"{"temperature":0.7}"#,
            r#"{"model":"gemini-2.5-flash","useCache":true,"useMixxRecall":true}"#,
            r#"{"systemPrompt":null}"#,
            "{}",
            "null",
        ] {
            check(
                r#"{"prompt":"a"}"#,
                &format!(r#"{{"prompt":"a","options":{options}}}"#),
                true,
                true,
            );
        }
    }

    #[test]
    fn what_can_change_the_answer_is_told_apart() {
        for options in [
            r#"{"temperature":0}"#,
            r#"{"model":"gemini-2.5-pro"}"#,
            r#"{"systemPrompt":"be brief"}"#,
            r#"{"maxTokens":300}"#,
            r#"{"thinkingConfig":{"thinkingBudget":32768}}"#,
            r#"{"useMixxRecall":false}"#,
        ] {
            let other = format!(r#"{{"prompt":"a","options":{options}}}"#);
            check(r#"{"prompt":"a"}"#, &other, false, false);
        }
        check(r#"{"prompt":"a"}"#, r#"{"prompt":"a","scope":{"user":"ana"}}"#, false, false);
        check(r#"{"prompt":"a"}"#, r#"{"prompt":"a","scope":{"user":""}}"#, false, false);
        check(r#"{"prompt":"a"}"#, r#"{"prompt":"b"}"#, false, true);
        check(r#"{"prompt":"CM7"}"#, r#"{"prompt":"Cm7"}"#, false, true);
        check(r#"{"prompt":"a"}"#, r#"{"prompt":"a","context":{"bpm":1}}"#, false, true);
    }

    #[test]
    fn what_cannot_is_not() {
        check(r#"{"prompt":" a  b "}"#, r#"{"prompt":"a\nb"}"#, true, true);
        check(r#"{"prompt":"a"}"#, r#"{"prompt":"a","context":{}}"#, true, true);
        let (a, b) = (r#"{"bpm":120,"lufs":-9}"#, r#"{"lufs":-9.0,"bpm":120.0}"#);
        let with = |context: &str| format!(r#"{{"prompt":"a","context":{context}}}"#);
        check(&with(a), &with(b), true, true);
        check(r#"{"prompt":"a","recall":{"typicalBPM":120}}"#, r#"{"prompt":"a"}"#, true, true);
        let flights = [r#"{"prompt":"a","recall":{"typicalBPM":120}}"#, r#"{"prompt":"a"}"#];
        let [with, without] = flights.map(|json| asked(json).flight());
        assert_ne!(with, without);
    }

    #[test]
    fn bad_prompts_are_refused() {
        for (prompt, code) in [(" \n ", "PM_EMPTY_TEXT"), ("a\0", "PM_BAD_TEXT")] {
            let err = Asked::new(CacheRequest::prompt(prompt), &Scope::default()).unwrap_err();
            assert_eq!(err.code(), code);
        }
        let err = CacheRequest::from_json(r#"{"promt":"a"}"#).unwrap_err();
        assert!(err.to_string().contains("did you mean \"prompt\"?"), "{err}");
        assert!(CacheRequest::from_json("{}").is_err());
    }
}
