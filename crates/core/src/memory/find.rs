//! Searching: query to vector and words, candidates from index and full text, exact scores,
//! one list of hits.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::open::Open;
use super::{PrimeMemory, visible};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::index::Allow;
use crate::options::nearest;
use crate::search::{
    Candidate, Meaning, Mode, Query, SearchOptions, fuse, query_words, rescore,
};
use crate::store::{Filter, Record, Scope, Tier, Where};
use crate::tokens::normalise;

/// Candidates taken from the index at least: 60 of i8 vectors, rescored exactly, reach the recall
/// of the full precision (`npm run bench`).
const CANDIDATES: usize = 60;

/// A memory that was found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hit {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Whose it is.
    pub scope: Scope,
    /// What the list is sorted by; comparable within one search only.
    pub score: f32,
    /// Cosine similarity of meaning, -1 to 1; none in keyword mode, where none is looked at.
    pub similarity: Option<f32>,
    /// The text; null once a policy dropped it.
    pub text: Option<String>,
    /// Facts to filter by.
    pub metadata: Map<String, Value>,
    /// Hot, warm or cold.
    pub tier: Tier,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// The parts of the score, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<Explanation>,
}

/// The parts of a hit's score.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Half best token, half whole text: cosine, -1 to 1.
    pub meaning: Option<f32>,
    /// Cosine with the best memory token.
    pub best_token: Option<f32>,
    /// Cosine with the whole-text vector.
    pub whole: Option<f32>,
    /// BM25 of the question's words, 0 when none matches.
    pub keyword: f32,
}

/// What is looked for, ready to be compared.
struct Prepared {
    vector: Vec<f32>,
    words: Vec<String>,
    itself: Option<u64>,
}

impl PrimeMemory {
    /// Finds memories, best first.
    ///
    /// # Errors
    /// `PM_EMPTY_TEXT`, `PM_BAD_TEXT`, `PM_TOO_LONG`, `PM_BAD_VECTOR`, `PM_DIMS_MISMATCH`,
    /// `PM_UNKNOWN_KIND`, `PM_NOT_FOUND` (query by id), `PM_BAD_OPTION`, `PM_MODEL_MISMATCH`,
    /// `PM_ABORTED`, `PM_CLOSED`.
    pub fn search(
        &self,
        query: &Query,
        options: &SearchOptions,
        control: &Control,
    ) -> Result<Vec<Hit>> {
        options.check()?;
        let open = self.open_parts()?;
        if options.mode != Mode::Keyword {
            open.refuse_other_model()?;
        }
        let condition = options.parsed_condition()?;
        let filter = Filter {
            scopes: visible(&options.scope.0, &open.scope),
            kinds: options.kind.0.clone(),
            condition: None,
        };
        let partitions = open.partitions(&filter)?;
        let prepared = open.prepare_query(query, options.mode, &filter)?;
        control.check()?;
        open.catch_up()?;
        let finder = Finder { open: &open, partitions, condition, prepared, options };
        let hits = finder.find()?;
        control.check()?;
        Ok(hits)
    }
}

impl Open {
    /// The partitions the filter lets through; a kind that exists nowhere is most likely a mistake.
    fn partitions(&self, filter: &Filter) -> Result<Vec<u32>> {
        let partitions = self.store.partitions(filter)?;
        if partitions.is_empty() && !filter.kinds.is_empty() {
            let known = self.store.kinds()?;
            if let Some(kind) = filter.kinds.iter().find(|kind| !is_known(kind, &known)) {
                let names: Vec<&str> = known.iter().map(String::as_str).chain(STUDIO_KINDS).collect();
                let nearest = nearest(kind, &names);
                return Err(Error::UnknownKind { kind: kind.clone(), nearest, known });
            }
        }
        Ok(partitions)
    }

    fn prepare_query(&self, query: &Query, mode: Mode, filter: &Filter) -> Result<Prepared> {
        match query {
            Query::Text(text) => {
                let vector = match mode {
                    Mode::Keyword => Vec::new(),
                    _ => self.encoder.embed(text)?,
                };
                Ok(Prepared { vector, words: keywords(mode, text), itself: None })
            }
            Query::Id(id) => self.prepare_id(id, mode, filter),
            Query::Vector(given) => {
                self.check_vector(given)?;
                let mut vector = given.clone();
                normalise(&mut vector);
                Ok(Prepared { vector, words: Vec::new(), itself: None })
            }
        }
    }

    fn prepare_id(&self, id: &str, mode: Mode, filter: &Filter) -> Result<Prepared> {
        let missing = || Error::NotFound { id: id.to_owned() };
        let record = self.store.get(id, &filter.scopes)?.ok_or_else(missing)?;
        let tokens = self.store.tokens(record.row)?.ok_or_else(missing)?;
        let words = keywords(mode, record.text.as_deref().unwrap_or_default());
        Ok(Prepared { vector: tokens.whole, words, itself: Some(record.row) })
    }

    fn check_vector(&self, vector: &[f32]) -> Result<()> {
        let model = self.encoder.name();
        if vector.len() != self.encoder.dims() {
            return Err(Error::DimsMismatch {
                model: model.to_owned(),
                expected: self.encoder.dims(),
                found: vector.len(),
            });
        }
        let bad = |found: String| Error::BadVector {
            what: "query.tokens",
            found,
            advice: "give the tokens as compress() returned them",
        };
        if let Some(at) = vector.iter().position(|v| !v.is_finite()) {
            return Err(bad(format!("holds {} at {at}", vector[at])));
        }
        if vector.iter().all(|v| *v == 0.0) {
            return Err(bad("is all zeros, it has no direction".to_owned()));
        }
        Ok(())
    }
}

/// The kinds the Studio has; empty results for them are no mistake.
const STUDIO_KINDS: [&str; 4] = ["mixx_recall", "project_snapshot", "musical_context", "cache"];

fn is_known(kind: &str, known: &[String]) -> bool {
    STUDIO_KINDS.contains(&kind) || known.iter().any(|k| k == kind)
}

fn keywords(mode: Mode, text: &str) -> Vec<String> {
    if mode == Mode::Semantic { Vec::new() } else { query_words(text) }
}

/// One search under way.
struct Finder<'a> {
    open: &'a Open,
    partitions: Vec<u32>,
    condition: Option<Where>,
    prepared: Prepared,
    options: &'a SearchOptions,
}

impl Finder<'_> {
    fn find(&self) -> Result<Vec<Hit>> {
        if self.partitions.is_empty() {
            return Ok(Vec::new());
        }
        // One more than asked for, since the memory searched by is its own best match.
        let wanted = self.options.limit + usize::from(self.prepared.itself.is_some());
        let pool = CANDIDATES.max(wanted + wanted / 2);
        let mut scored = self.scored(pool)?;
        scored.retain(|(c, _)| Some(c.row) != self.prepared.itself);
        if let Some(threshold) = self.options.threshold {
            scored.retain(|(c, _)| c.similarity() >= threshold);
        }
        scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.row.cmp(&b.0.row)));
        scored.truncate(self.options.limit);
        self.hits(&scored)
    }

    /// Every candidate with its score.
    fn scored(&self, pool: usize) -> Result<Vec<(Candidate, f32)>> {
        let keywords = self.keyword_rows(pool)?;
        if self.options.mode == Mode::Keyword {
            let only = |(row, score)| {
                (Candidate { row, meaning: None, keyword: Some(score) }, score)
            };
            return Ok(keywords.into_iter().map(only).collect());
        }
        let candidates = self.candidates(pool, &keywords)?;
        let scores = match self.options.mode {
            Mode::Hybrid if !self.prepared.words.is_empty() => fuse(&candidates),
            _ => candidates.iter().map(Candidate::similarity).collect(),
        };
        Ok(candidates.into_iter().zip(scores).collect())
    }

    /// Candidates of both searches, each with its exact meaning and its keyword score.
    fn candidates(&self, pool: usize, keywords: &[(u64, f32)]) -> Result<Vec<Candidate>> {
        let mut rows = self.meaning_rows(pool)?;
        let by_keyword: HashMap<u64, f32> = keywords.iter().copied().collect();
        let near: std::collections::HashSet<u64> = rows.iter().copied().collect();
        rows.extend(keywords.iter().map(|(row, _)| *row).filter(|row| !near.contains(row)));
        let unmatched: Vec<u64> =
            near.into_iter().filter(|row| !by_keyword.contains_key(row)).collect();
        let late = self.late_keyword_scores(&unmatched, keywords.len() >= pool)?;
        let scored = rescore(&self.open.store, &self.prepared.vector, &rows)?;
        let keyword = |row| by_keyword.get(&row).or_else(|| late.get(&row)).copied();
        let candidate =
            |(row, meaning)| Candidate { row, meaning: Some(meaning), keyword: keyword(row) };
        Ok(scored.into_iter().map(candidate).collect())
    }

    fn meaning_rows(&self, pool: usize) -> Result<Vec<u64>> {
        let found = match &self.condition {
            None => {
                let allow = Allow::Partitions(&self.partitions);
                self.open.index.search(&self.prepared.vector, &allow, pool)?
            }
            Some(condition) => {
                let rows = self.open.store.rows_where(&self.partitions, condition)?;
                let rows = rows.into_iter().collect();
                let allow = Allow::Rows { partitions: &self.partitions, rows: &rows };
                self.open.index.search(&self.prepared.vector, &allow, pool)?
            }
        };
        Ok(found.into_iter().map(|candidate| candidate.row).collect())
    }

    fn keyword_rows(&self, pool: usize) -> Result<Vec<(u64, f32)>> {
        let words = &self.prepared.words;
        if words.is_empty() || self.options.mode == Mode::Semantic {
            return Ok(Vec::new());
        }
        self.open.store.keyword(words, &self.partitions, self.condition.as_ref(), pool)
    }

    /// Keyword scores of near memories that the keyword list was too short to reach.
    fn late_keyword_scores(&self, rows: &[u64], list_was_full: bool) -> Result<HashMap<u64, f32>> {
        if !list_was_full || rows.is_empty() {
            return Ok(HashMap::new());
        }
        Ok(self.open.store.keyword_scores(&self.prepared.words, rows)?.into_iter().collect())
    }

    fn hits(&self, scored: &[(Candidate, f32)]) -> Result<Vec<Hit>> {
        let rows: Vec<u64> = scored.iter().map(|(candidate, _)| candidate.row).collect();
        let records = self.open.store.records(&rows)?;
        self.open.store.touch(&rows);
        let found = scored.iter().zip(records);
        let explain = self.options.explain;
        // A memory forgotten by another process between the two reads is simply no hit.
        Ok(found.filter_map(|((c, score), record)| Some(hit(record?, c, *score, explain))).collect())
    }
}

fn hit(record: Record, candidate: &Candidate, score: f32, explain: bool) -> Hit {
    let meaning = candidate.meaning;
    let parts = || Explanation {
        meaning: meaning.map(Meaning::similarity),
        best_token: meaning.map(|m| m.best_token),
        whole: meaning.map(|m| m.whole),
        keyword: candidate.keyword.unwrap_or(0.0),
    };
    Hit {
        id: record.id,
        kind: record.kind,
        scope: record.scope,
        score,
        similarity: meaning.map(Meaning::similarity),
        text: record.text,
        metadata: record.metadata,
        tier: record.tier,
        created_at: record.created_at,
        explain: explain.then(parts),
    }
}
