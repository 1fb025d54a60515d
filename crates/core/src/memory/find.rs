//! Searching: candidates from index and full text for a question (`question.rs`), exact scores, one
//! list of hits.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::open::Open;
use super::question::{Prepared, keywords};
use super::{PrimeMemory, visible};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::index::{Allow, Candidate as Near};
use crate::options::nearest;
use crate::search::{
    Candidate, Meaning, Mode, Query, SearchOptions, Tried, keyword_scale, rescore, rescore_best,
};
use crate::store::{Filter, Listing, Matching, Scope, ScopeFilter, Tier, Where};

/// Candidates taken from the index at least: 40 of 8-bit vectors, rescored exactly, give a recall@10 of
/// .998 among 100,000 (`npm run bench`).
const CANDIDATES: usize = 40;

/// Most memories looked at for a condition before all that fulfil it are asked for instead: one in so many of all, for
/// one that an index found takes a little over a microsecond, and one of all a little less.
const WIDEST_SHARE: usize = 4;
/// They may be as many as this of few, too.
const WIDEST: usize = 4096;

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
    /// When a policy dropped the text, in milliseconds since 1970; null while it is there.
    pub text_dropped_at: Option<i64>,
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
    /// What BM25 added to the score.
    pub keyword_part: f32,
    /// What holding every word of a question of one or two words added.
    pub look_up_part: f32,
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
        open.teller.wait_for_told(&options.kind.0);
        let condition = options.parsed_condition()?;
        let filter = Filter {
            scopes: visible(&options.scope.0, &open.scope),
            kinds: options.kind.0.clone(),
            condition: None,
        };
        let partitions = open.partitions(&filter)?;
        let prepared = open.prepare_query(query, options.mode, &filter, control)?;
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
        // A single kind that let something through exists.
        if partitions.is_empty() || filter.kinds.len() > 1 {
            let listed = || self.kinds_within(&filter.scopes);
            self.refuse_kind_of_none(&filter.kinds, listed)?;
        }
        Ok(partitions)
    }

    /// # Errors
    /// `PM_UNKNOWN_KIND` for one that no memory has and the Studio does not know.
    pub(super) fn refuse_unknown_kind(&self, kinds: &[String]) -> Result<()> {
        self.refuse_kind_of_none(kinds, || self.store.kinds())
    }

    /// As [`Open::refuse_unknown_kind`]; the error lists the kinds that `listed` gives.
    fn refuse_kind_of_none(
        &self,
        kinds: &[String],
        listed: impl FnOnce() -> Result<Vec<String>>,
    ) -> Result<()> {
        if kinds.is_empty() {
            return Ok(());
        }
        let known = self.store.kinds()?;
        if let Some(kind) = kinds.iter().find(|kind| !is_known(kind, &known)) {
            let known = listed()?;
            let names: Vec<&str> = known.iter().map(String::as_str).chain(STUDIO_KINDS).collect();
            let nearest = nearest(kind, &names);
            return Err(Error::UnknownKind { kind: kind.clone(), nearest, known });
        }
        Ok(())
    }

    /// The kinds of the memories of some scopes: those of others are nobody else's business.
    fn kinds_within(&self, scopes: &[ScopeFilter]) -> Result<Vec<String>> {
        let all = Filter { scopes: scopes.to_vec(), kinds: Vec::new(), condition: None };
        let seen = self.store.partitions(&all)?;
        let partitions = self.store.all_partitions()?.into_iter();
        let kinds: BTreeSet<String> =
            partitions.filter(|(id, ..)| seen.contains(id)).map(|(_, kind, _)| kind).collect();
        Ok(kinds.into_iter().collect())
    }

    /// What a search for `text` compares among `partitions`, by meaning and keywords.
    pub(super) fn try_question(&self, text: &str, partitions: &[u32]) -> Result<Tried> {
        let options = SearchOptions::default();
        let vector = self.encoder.embed(text)?;
        let prepared = Prepared { vector, words: keywords(options.mode, text), itself: None };
        let partitions = partitions.to_vec();
        self.catch_up()?;
        let finder =
            Finder { open: self, partitions, condition: None, prepared, options: &options };
        let near = finder.near(CANDIDATES)?.into_iter().map(|near| near.row).collect();
        let scored = finder.scored(CANDIDATES)?;
        Ok(Tried {
            keyword_scale: finder.keyword_scale(),
            candidates: scored.into_iter().map(|(candidate, _)| candidate).collect(),
            near,
            vector: finder.prepared.vector,
        })
    }
}

/// The kinds the Studio has; empty results for them are no mistake.
const STUDIO_KINDS: [&str; 4] = ["mixx_recall", "project_snapshot", "musical_context", "cache"];

fn is_known(kind: &str, known: &[String]) -> bool {
    STUDIO_KINDS.contains(&kind) || known.iter().any(|k| k == kind)
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
        let pool = CANDIDATES.max(self.wanted() + self.wanted() / 2);
        let mut scored = self.scored(pool)?;
        scored.retain(|(c, _)| Some(c.row) != self.prepared.itself);
        if let Some(threshold) = self.options.threshold {
            scored.retain(|(c, _)| c.similarity() >= threshold);
        }
        scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.row.cmp(&b.0.row)));
        scored.truncate(self.options.limit);
        self.hits(&scored)
    }

    /// One more than asked for where the memory searched by is its own best match.
    fn wanted(&self) -> usize {
        self.options.limit + usize::from(self.prepared.itself.is_some())
    }

    /// Every candidate with its score.
    fn scored(&self, pool: usize) -> Result<Vec<(Candidate, f32)>> {
        let mut candidates = self.keyword_candidates(pool)?;
        if self.options.mode != Mode::Keyword {
            candidates = self.with_meaning(&candidates, pool)?;
        }
        let scale = self.keyword_scale();
        let score = |candidate: &Candidate| match self.options.mode {
            Mode::Keyword => candidate.keyword + candidate.look_up_part(),
            Mode::Semantic => candidate.similarity(),
            Mode::Hybrid => candidate.hybrid(scale),
        };
        Ok(candidates.into_iter().map(|candidate| (candidate, score(&candidate))).collect())
    }

    /// Word frequencies are counted over all memories, whoever they belong to.
    fn keyword_scale(&self) -> f32 {
        keyword_scale(self.open.index.row_count(), &self.prepared.words)
    }

    /// Those found by keyword, and those found by meaning beside them, each with its exact meaning.
    fn with_meaning(&self, found: &[Candidate], pool: usize) -> Result<Vec<Candidate>> {
        let near = self.near(pool)?;
        let vector = &self.prepared.vector;
        if self.prepared.words.telling.is_empty() {
            let best = rescore_best(&self.open.store, vector, &near, self.wanted())?;
            return Ok(best.into_iter().map(|(row, meaning)| by_meaning(row, meaning)).collect());
        }
        let mut known: HashMap<u64, Candidate> = found.iter().map(|c| (c.row, *c)).collect();
        let mut rows: Vec<u64> = found.iter().map(|candidate| candidate.row).collect();
        let near = near.into_iter().map(|near| near.row);
        let unmatched: Vec<u64> = near.filter(|row| !known.contains_key(row)).collect();
        // Near memories with a keyword score too low for the list of keyword candidates.
        if found.len() >= pool {
            let words = &self.prepared.words.telling;
            for (row, keyword) in self.open.store.keyword_scores(words, &unmatched)? {
                known.insert(row, Candidate { row, meaning: None, keyword, looked_up: false });
            }
        }
        rows.extend(unmatched);
        let scored = rescore(&self.open.store, vector, &rows)?;
        let complete = |(row, meaning)| match known.get(&row) {
            Some(found) => Candidate { meaning: Some(meaning), ..*found },
            None => by_meaning(row, meaning),
        };
        Ok(scored.into_iter().map(complete).collect())
    }

    /// Candidates of the full-text search; those that hold every word of a look-up first.
    fn keyword_candidates(&self, pool: usize) -> Result<Vec<Candidate>> {
        let words = &self.prepared.words;
        let mut candidates = Vec::new();
        if words.is_look_up {
            candidates = self.keyword_rows(Matching::EveryWord, pool)?;
        }
        if words.telling.len() > 1 || !words.is_look_up {
            let known: HashSet<u64> = candidates.iter().map(|candidate| candidate.row).collect();
            let any = self.keyword_rows(Matching::AnyWord, pool)?;
            candidates.extend(any.into_iter().filter(|candidate| !known.contains(&candidate.row)));
        }
        Ok(candidates)
    }

    fn keyword_rows(&self, matching: Matching, pool: usize) -> Result<Vec<Candidate>> {
        let words = &self.prepared.words;
        if words.telling.is_empty() {
            return Ok(Vec::new());
        }
        let condition = self.condition.as_ref();
        let found =
            self.open.store.keyword(&words.telling, matching, &self.partitions, condition, pool)?;
        let looked_up = matching == Matching::EveryWord;
        let candidate = |(row, keyword)| Candidate { row, meaning: None, keyword, looked_up };
        Ok(found.into_iter().map(candidate).collect())
    }

    /// What the index finds, best first.
    fn near(&self, pool: usize) -> Result<Vec<Near>> {
        match &self.condition {
            None => {
                let allow = Allow::Partitions(&self.partitions);
                self.open.index.search(&self.prepared.vector, allow, pool)
            }
            Some(condition) => match self.near_among(condition, pool)? {
                Some(near) => Ok(near),
                None => self.near_where(condition, pool),
            },
        }
    }

    /// Widens the search until enough of what it finds fulfils the condition, each time as far as the share that does
    /// so far asks for; none when that would take so many that asking SQLite for all of them first is cheaper.
    fn near_among(&self, condition: &Where, pool: usize) -> Result<Option<Vec<Near>>> {
        let widest = WIDEST.max(self.open.index.row_count() / WIDEST_SHARE);
        let allow = Allow::Partitions(&self.partitions);
        let (mut looked_at, mut fitting) = (HashSet::new(), HashSet::new());
        let mut wide = pool * 4;
        while wide <= widest {
            let mut near = self.open.index.search(&self.prepared.vector, allow, wide)?;
            let found = near.len();
            let rows = near.iter().map(|near| near.row);
            let unseen: Vec<u64> = rows.filter(|row| looked_at.insert(*row)).collect();
            fitting.extend(self.open.store.rows_among(&unseen, condition)?);
            near.retain(|near| fitting.contains(&near.row));
            if near.len() >= pool || found < wide {
                near.truncate(pool);
                return Ok(Some(near));
            }
            let needed = pool * found / near.len().max(1);
            wide = (needed + needed / 4).clamp(wide * 2, wide * 16);
        }
        Ok(None)
    }

    fn near_where(&self, condition: &Where, pool: usize) -> Result<Vec<Near>> {
        let rows = self.open.store.rows_where(&self.partitions, condition)?;
        let rows = rows.into_iter().collect();
        let allow = Allow::Rows { partitions: &self.partitions, rows: &rows };
        self.open.index.search(&self.prepared.vector, allow, pool)
    }

    fn hits(&self, scored: &[(Candidate, f32)]) -> Result<Vec<Hit>> {
        let rows: Vec<u64> = scored.iter().map(|(candidate, _)| candidate.row).collect();
        let found = self.open.store.listings(&rows)?;
        let warm = found.iter().flatten().filter(|found| found.tier == Tier::Warm);
        self.open.touch(&rows, &warm.map(|found| found.row).collect::<Vec<_>>());
        let found = scored.iter().zip(found);
        let scale = self.options.explain.then(|| self.keyword_scale());
        // A memory forgotten by another process between the two reads is simply no hit.
        let hit = |((c, score), found): (&(Candidate, f32), Option<Listing>)| {
            Some(hit(found?, c, *score, scale))
        };
        Ok(found.filter_map(hit).collect())
    }
}

/// A candidate that no keyword found.
fn by_meaning(row: u64, meaning: Meaning) -> Candidate {
    Candidate { row, meaning: Some(meaning), keyword: 0.0, looked_up: false }
}

/// `scale` is given when the parts of the score are wanted.
fn hit(found: Listing, candidate: &Candidate, score: f32, scale: Option<f32>) -> Hit {
    let meaning = candidate.meaning;
    let parts = |scale| Explanation {
        meaning: meaning.map(Meaning::similarity),
        best_token: meaning.map(|m| m.best_token),
        whole: meaning.map(|m| m.whole),
        keyword: candidate.keyword,
        keyword_part: candidate.keyword_part(scale),
        look_up_part: candidate.look_up_part(),
    };
    Hit {
        id: found.id,
        kind: found.kind,
        scope: found.scope,
        score,
        similarity: meaning.map(Meaning::similarity),
        text: found.text,
        metadata: found.metadata,
        tier: found.tier,
        text_dropped_at: found.text_dropped_at,
        created_at: found.created_at,
        explain: scale.map(parts),
    }
}
