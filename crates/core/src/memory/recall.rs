//! Recall: learn what is seen of a user, tell what is known, forget it. The order of work; what a
//! fact is and what is usual is decided in `recall/`, rows are made in `recall_rows.rs`.

use serde::Serialize;
use serde_json::Value;

use super::open::Open;
use super::recall_rows::tell;
use super::{Hit, PrimeMemory};
use crate::control::Control;
use crate::describe::describe;
use crate::error::{Error, Result};
use crate::options::{OneOrMany, parse};
use crate::recall::{
    self, HistoryOptions, Observation, Project, PromptOptions, ReadOptions, RecallData,
    RecallExplanation, RecallFact, ScopeOption, Selector, SimilarOptions,
};
use crate::search::{Query, SearchOptions};
use crate::store::{FactRow, Learned, NewObservation, Scope, ScopeFilter};

/// The kind of the memories made from observations.
pub(super) const KIND: &str = "mixx_recall";
/// Observations an explanation lists.
const EVIDENCE: usize = 100;
/// Entries of the history looked at for the last five projects, some of which are the same.
const RECENT: usize = 20;
/// The same, when those were of fewer than five projects.
const OLDER: usize = 1_000;
/// How often a `forget` starts again because something was learned meanwhile.
const TRIES: usize = 20;

/// What an open memory knows of its users: habits are counted and fade, states are superseded.
///
/// ```no_run
/// # fn example(memory: &prime_memory::PrimeMemory) -> prime_memory::Result<()> {
/// use prime_memory::Control;
/// use prime_memory::recall::{Observation, PromptOptions};
///
/// let recall = memory.recall();
/// let seen = Observation::from_json(r#"{ "genre": "Trap", "bpm": 140, "lufs": -9 }"#)?;
/// recall.learn(seen, &Control::new())?;
/// let text = recall.prompt(&PromptOptions::default())?;
/// assert!(text.contains("Typical tempo: 140 BPM"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Recall {
    memory: PrimeMemory,
}

/// What one observation changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LearnReport {
    /// The id of the memory made from it.
    pub memory: String,
    /// The keys of the facts it holds.
    pub facts: Vec<String>,
    /// States that have another value now.
    pub superseded: Vec<Superseded>,
}

/// A state that has another value now.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Superseded {
    /// Its key.
    pub key: String,
    /// The value it had.
    pub from: Value,
    /// The value it has.
    pub to: Value,
}

impl PrimeMemory {
    /// What this memory knows of its users.
    pub fn recall(&self) -> Recall {
        Recall { memory: self.clone() }
    }
}

impl Recall {
    /// Learns one observation: facts are counted, states superseded, and a memory is made of it.
    ///
    /// # Errors
    /// As [`Recall::learn_many`].
    pub fn learn(&self, observation: Observation, control: &Control) -> Result<LearnReport> {
        let reports = self.learn_many(vec![observation], control).map_err(|err| match err {
            Error::Item { source, .. } => *source,
            other => other,
        })?;
        reports.into_iter().next().ok_or_else(|| Error::internal("no report of an observation"))
    }

    /// Learns all observations or none, in one transaction; in any order of time.
    ///
    /// # Errors
    /// `PM_EMPTY_TEXT` when an observation says nothing, `PM_BAD_OPTION`, `PM_MODEL_MISMATCH`,
    /// `PM_INFERENCE`, `PM_ABORTED`, `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn learn_many(
        &self,
        observations: Vec<Observation>,
        control: &Control,
    ) -> Result<Vec<LearnReport>> {
        let open = self.memory.open_parts()?;
        open.refuse_other_model()?;
        let now = now_ms();
        let checked = observations.into_iter().enumerate().map(|(index, one)| {
            let checked = one.checked(now).and_then(|one| Ok((tell(&one)?, one)));
            checked.map_err(|err| Error::Item { index, source: Box::new(err) })
        });
        let checked = checked.collect::<Result<Vec<_>>>()?;
        let told: Vec<&str> = checked.iter().map(|(told, _)| told.text.as_str()).collect();
        let tokens = open.encode_recall(&told, control)?;
        let rows = checked.into_iter().zip(tokens);
        let rows = rows.map(|((told, one), tokens)| open.new_observation(&one, told, tokens, now));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        control.check()?;
        let keys: Vec<Vec<String>> = rows.iter().map(keys_of).collect();
        let learned = open.store.learn(rows, recall::faded)?;
        open.after_write();
        learned.into_iter().zip(keys).map(|(learned, keys)| report(learned, keys)).collect()
    }

    /// What is known, in the Studio's shape.
    ///
    /// # Errors
    /// `PM_BAD_OPTION`, `PM_CLOSED`.
    pub fn context(&self, options: &ReadOptions) -> Result<RecallData> {
        let open = self.memory.open_parts()?;
        let scope = open.scope_of(options.scope.as_ref());
        let facts = open.recall_facts(scope, options.at)?;
        let before = options.at.map(|at| at.saturating_add(1));
        let mut data = recall::context(&facts, &open.history(scope, before, Some(RECENT))?);
        // One project seen again and again may hide the ones before it.
        if data.recent_projects.len() < 5 {
            data.recent_projects = recall::recent(&open.history(scope, before, Some(OLDER))?);
        }
        Ok(data)
    }

    /// What is known as text for a model's prompt: the most telling facts within the token budget.
    /// It begins with an empty line, so that it can follow a prompt; empty when nothing is known.
    ///
    /// # Errors
    /// `PM_BAD_OPTION`, `PM_CLOSED`.
    pub fn prompt(&self, options: &PromptOptions) -> Result<String> {
        options.check()?;
        let open = self.memory.open_parts()?;
        let facts = open.recall_facts(open.scope_of(options.scope.as_ref()), options.at)?;
        open.say(recall::said_of_facts(&facts), options.max_tokens)
    }

    /// The same text of data in the Studio's shape, whoever made it.
    ///
    /// # Errors
    /// `PM_BAD_OPTION`, `PM_CLOSED`.
    pub fn format(&self, data: &RecallData, max_tokens: usize) -> Result<String> {
        PromptOptions { max_tokens, ..PromptOptions::default() }.check()?;
        self.memory.open_parts()?.say(recall::said_of_data(data), max_tokens)
    }

    /// Memories of what was learned, nearest to a project (as in [`Observation`], or any record
    /// `describe` reads) or to a text first.
    ///
    /// # Errors
    /// As [`PrimeMemory::search`], `PM_EMPTY_TEXT` for a project that says nothing.
    pub fn similar(
        &self,
        project: &Value,
        options: &SimilarOptions,
        control: &Control,
    ) -> Result<Vec<Hit>> {
        let text = match project {
            Value::String(text) => text.clone(),
            record => match Observation::from_json(&record.to_string()) {
                Ok(seen) => tell(&seen.checked(now_ms())?)?.text,
                Err(_) => describe(KIND, record)?.text,
            },
        };
        let scope = self.memory.open_parts()?.scope_of(options.scope.as_ref()).clone();
        let options = SearchOptions {
            kind: OneOrMany(vec![KIND.to_owned()]),
            scope: OneOrMany(vec![ScopeFilter::from(scope)]),
            limit: options.limit,
            threshold: options.threshold,
            ..SearchOptions::default()
        };
        self.memory.search(&Query::Text(text), &options, control)
    }

    /// What was learned of projects, newest first, without a cap.
    ///
    /// # Errors
    /// `PM_CLOSED`.
    pub fn history(&self, options: &HistoryOptions) -> Result<Vec<Project>> {
        let open = self.memory.open_parts()?;
        open.history(open.scope_of(options.scope.as_ref()), options.before, options.limit)
    }

    /// Every fact: counted ones, and of each state the value that is valid.
    ///
    /// # Errors
    /// `PM_BAD_OPTION`, `PM_CLOSED`.
    pub fn facts(&self, options: &ReadOptions) -> Result<Vec<RecallFact>> {
        let open = self.memory.open_parts()?;
        open.recall_facts(open.scope_of(options.scope.as_ref()), options.at)
    }

    /// Why a fact is said of this user: counts, dates, observations, former values. Where several
    /// are meant, the strongest.
    ///
    /// # Errors
    /// `PM_UNKNOWN_FACT` when nothing of the kind is known in this scope.
    pub fn explain(&self, which: &Selector, options: &ScopeOption) -> Result<RecallExplanation> {
        let open = self.memory.open_parts()?;
        let scope = open.scope_of(options.scope.as_ref());
        let now = now_ms();
        let facts = open.store.facts(scope)?;
        let row = match meant(which, &facts, now) {
            Some(row) => row,
            None => open.successor(which, scope, &facts)?,
        };
        let evidence = open.store.evidence(scope, &row, EVIDENCE)?;
        // A category and a state of the caller's own may have one name.
        let kind =
            |fact: &&FactRow| (&fact.category, fact.is_state) == (&row.category, row.is_state);
        let kind = facts.iter().filter(kind);
        let kind_weight = kind.map(|fact| recall::faded(fact.weight, now - fact.last_at)).sum();
        recall::explain(RecallFact::new(row.clone(), now), row.is_state, evidence, kind_weight)
    }

    /// Erases facts for good: their rows, the observations of a forgotten project, what the memories
    /// made from observations say of them, cached answers that were given knowing them, vectors, words, index and
    /// write-ahead log. Presets,
    /// settings and the mark as a favourite go with their plugin. Returns how many facts are gone.
    ///
    /// # Errors
    /// `PM_MODEL_MISMATCH`, `PM_INFERENCE`, `PM_ABORTED`, `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn forget(
        &self,
        which: &Selector,
        options: &ScopeOption,
        control: &Control,
    ) -> Result<usize> {
        let open = self.memory.open_parts()?;
        let scope = open.scope_of(options.scope.as_ref());
        for _ in 0..TRIES {
            let facts = open.store.all_facts(scope)?;
            let gone = which.takes(&facts);
            if gone.is_empty() {
                return Ok(0);
            }
            open.refuse_other_model()?;
            let values = gone.iter().flat_map(|fact| told_by(&fact.value)).collect();
            let erasure = open.erasure(scope, &gone, control)?;
            control.check()?;
            // Before the facts: should the process die between the two, forgetting again still finds them.
            if open.store.erase_responses_told(scope.user.clone(), values)? > 0 {
                open.empty_cache_memory();
            }
            if let Some(erased) =
                open.store.erase_facts(erasure, recall::faded, recall::spelling)?
            {
                open.after_write();
                open.erase_from_saved_index()?;
                return Ok(erased);
            }
        }
        Err(Error::Busy { waited_ms: 0 })
    }

    /// Takes observations back, by the ids of the memories made of them ([`LearnReport::memory`]):
    /// what they alone held is erased, other facts count less, states are as without them. Ids that
    /// are of no observation in this scope are not counted. Returns how many there were.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn unlearn(&self, memories: Vec<String>, options: &ScopeOption) -> Result<usize> {
        let open = self.memory.open_parts()?;
        let scope = open.scope_of(options.scope.as_ref()).clone();
        let removed = open.store.unlearn(scope, memories, recall::faded, recall::spelling)?;
        if removed > 0 {
            open.after_write();
            open.erase_from_saved_index()?;
        }
        Ok(removed)
    }
}

impl Open {
    fn scope_of<'a>(&'a self, asked: Option<&'a Scope>) -> &'a Scope {
        asked.unwrap_or(&self.scope)
    }

    /// What became of a value that a state had.
    fn successor(&self, which: &Selector, scope: &Scope, facts: &[FactRow]) -> Result<FactRow> {
        let all = self.store.all_facts(scope)?;
        let former = all.iter().find(|fact| which.means(fact));
        let valid = former.and_then(|old| facts.iter().find(|fact| fact.key == old.key));
        valid.cloned().ok_or_else(|| unknown_fact(which, facts))
    }

    fn recall_facts(&self, scope: &Scope, at: Option<i64>) -> Result<Vec<RecallFact>> {
        let now = now_ms();
        let rows = match at {
            None => self.store.facts(scope)?,
            Some(at) => {
                recall::check_time("options.at", at, now)?;
                self.store.facts_at(scope, at, recall::faded)?
            }
        };
        Ok(rows.into_iter().map(|row| RecallFact::new(row, at.unwrap_or(now))).collect())
    }

    fn history(
        &self,
        scope: &Scope,
        before: Option<i64>,
        limit: Option<usize>,
    ) -> Result<Vec<Project>> {
        let rows = self.store.projects(scope, before, limit)?;
        rows.into_iter().map(Project::new).collect()
    }

    fn say(&self, said: Vec<recall::Telling>, max_tokens: usize) -> Result<String> {
        recall::within(said, max_tokens, &|text| self.encoder.count_tokens(text))
    }
}

/// What a fact is told by: a preset by its name, what holds several values by their texts.
fn told_by(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(fields) => match fields.get("name") {
            Some(name) => vec![name.clone()],
            None => fields.values().filter(|field| field.is_string()).cloned().collect(),
        },
        Value::Array(items) => items.iter().flat_map(told_by).collect(),
        one => vec![one.clone()],
    }
}

/// The strongest of the facts that `which` means.
fn meant(which: &Selector, facts: &[FactRow], now: i64) -> Option<FactRow> {
    let weight = |fact: &FactRow| recall::faded(fact.weight, now - fact.last_at);
    let found = facts.iter().filter(|fact| which.means(fact));
    found.max_by(|a, b| weight(a).total_cmp(&weight(b))).cloned()
}

fn unknown_fact(which: &Selector, facts: &[FactRow]) -> Error {
    let keys: Vec<&str> = facts.iter().map(|fact| fact.key.as_str()).collect();
    let fact = which.to_string();
    Error::UnknownFact { nearest: crate::options::nearest(&fact, &keys), fact }
}

fn keys_of(one: &NewObservation) -> Vec<String> {
    one.sightings.iter().map(|sighting| sighting.key.clone()).collect()
}

fn report(learned: Learned, facts: Vec<String>) -> Result<LearnReport> {
    let superseded = learned.superseded.into_iter().map(|one| {
        let (from, to) = (parse("fact", &one.from)?, parse("fact", &one.to)?);
        Ok(Superseded { key: one.key, from, to })
    });
    let superseded = superseded.collect::<Result<_>>()?;
    Ok(LearnReport { memory: learned.memory, facts, superseded })
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}
