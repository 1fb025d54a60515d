//! Looking up: an equal request first, then those that mean the same.

use std::sync::Arc;

use super::Cache;
use super::judge::{Judgement, Lookup, Outcome};
use super::state::Known;
use crate::cache::{
    Asked, CacheGetOptions, CacheHit, CacheMode, CacheRequest, Match, Served, Would, saved_on,
};
use crate::control::Control;
use crate::error::Result;
use crate::memory::open::Open;
use crate::store::{Response, now_ms};

/// The nearest entries looked at: the right one is the nearest in four of five cases only.
const CANDIDATES: usize = 8;
/// Entries less similar than this never ask the same.
const FLOOR: f32 = 0.3;
/// Candidates put to the pair model at most: each costs some milliseconds.
const ASKED_OF_PAIR_MODEL: usize = 2;

/// A candidate with what was decided about it.
pub(super) struct Judged {
    pub(super) entry: Response,
    pub(super) similarity: f32,
    pub(super) judgement: Judgement,
}

/// How many of the nearest entries are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    FirstServed,
    All,
}

/// What meaning found.
pub(super) struct Found {
    pub(super) judged: Vec<Judged>,
    pub(super) vector: Arc<Vec<f32>>,
}

impl Found {
    pub(super) fn served(&self) -> Option<&Judged> {
        self.judged.iter().find(|one| one.judgement.outcome == Outcome::Serve)
    }
}

/// A request made ready to be looked up.
#[derive(Debug, Clone)]
pub struct CacheQuestion(Asked);

impl Cache<'_> {
    /// The answer to an equal request, or to one that means the same by the guard; none otherwise.
    ///
    /// # Errors
    /// `PM_EMPTY_TEXT`, `PM_BAD_TEXT`, `PM_TOO_LONG`, `PM_INFERENCE`, `PM_STORE_CORRUPT`,
    /// `PM_ABORTED`, `PM_CLOSED`.
    pub fn get(
        &self,
        request: CacheRequest,
        options: CacheGetOptions,
        control: &Control,
    ) -> Result<Option<CacheHit>> {
        self.answer(&self.question(request)?, options, control)
    }

    /// A request made ready, for [`Cache::answer_now`] and [`Cache::answer`].
    ///
    /// # Errors
    /// `PM_EMPTY_TEXT`, `PM_BAD_TEXT`, `PM_TOO_LONG`, `PM_CLOSED`.
    pub fn question(&self, request: CacheRequest) -> Result<CacheQuestion> {
        Asked::new(request, &self.memory.open_parts()?.scope).map(CacheQuestion)
    }

    /// The answer to an equal request when that takes microseconds and waits for nobody; none says
    /// nothing, [`Cache::answer`] does. Counts what it serves.
    pub fn answer_now(
        &self,
        CacheQuestion(asked): &CacheQuestion,
        options: CacheGetOptions,
    ) -> Option<CacheHit> {
        let open = self.memory.open_parts().ok()?;
        let lookup = Lookup { open: &open, asked, now: now_ms(), ttl_ms: options.ttl_ms };
        let entry = open.store.response_by_key_now(&asked.key)?;
        // Bars would have to be read.
        let is_free = entry.bars == 0 && matches!(lookup.obstacle(&entry), Ok(None));
        is_free.then(|| lookup.serve_equal(&entry))
    }

    /// As [`Cache::get`].
    ///
    /// # Errors
    /// Those of [`Cache::get`].
    pub fn answer(
        &self,
        CacheQuestion(asked): &CacheQuestion,
        options: CacheGetOptions,
        control: &Control,
    ) -> Result<Option<CacheHit>> {
        let open = self.memory.open_parts()?;
        let lookup = Lookup { open: &open, asked, now: now_ms(), ttl_ms: options.ttl_ms };
        lookup.get(options.mode, control)
    }

    /// What tells a flight of equal requests from others: 64 hexadecimal digits.
    ///
    /// # Errors
    /// `PM_EMPTY_TEXT`, `PM_BAD_TEXT`, `PM_TOO_LONG`, `PM_CLOSED`.
    pub fn flight(&self, request: CacheRequest) -> Result<String> {
        let open = self.memory.open_parts()?;
        let flight = Asked::new(request, &open.scope)?.flight();
        Ok(format!("{}:{flight}", open.store.id()))
    }
}

impl Lookup<'_> {
    fn get(&self, mode: Option<CacheMode>, control: &Control) -> Result<Option<CacheHit>> {
        let equal = self.open.store.response_by_key(&self.asked.key)?;
        let obstacle = match &equal {
            Some(entry) => match self.obstacle(entry)? {
                None => return Ok(Some(self.serve_equal(entry))),
                obstacle => obstacle,
            },
            None => None,
        };
        let known = self.open.cache_known()?;
        let mode = mode.unwrap_or(known.settings.mode);
        if mode == CacheMode::Exact {
            self.count_miss(obstacle.as_ref());
            return Ok(None);
        }
        let found = self.find(&known, Extent::FirstServed, control)?;
        match found.served() {
            Some(served) if mode == CacheMode::Guarded => Ok(Some(self.serve_near(served, &found))),
            Some(served) => {
                self.note_would(served, true);
                self.count_miss(obstacle.as_ref());
                Ok(None)
            }
            None => {
                let refused = found.judged.iter().find(|one| one.judgement.score.is_some());
                if let Some(refused) = refused.filter(|_| mode == CacheMode::Shadow) {
                    self.note_would(refused, false);
                }
                let nearest = found.judged.first().map(|one| &one.judgement);
                self.count_miss(obstacle.as_ref().or(nearest));
                Ok(None)
            }
        }
    }

    /// The nearest entries of the compartment, judged: every one, or only up to the first that the
    /// rules serve.
    pub(super) fn find(&self, known: &Known, extent: Extent, control: &Control) -> Result<Found> {
        let store = &self.open.store;
        let mut found = Found { judged: Vec::new(), vector: Arc::default() };
        let Some(compartment) = store.compartment(&self.asked.compartment)? else {
            return Ok(found);
        };
        found.vector = self.open.cache_vector(&self.asked.prompt)?;
        control.check()?;
        self.open.cache_shelved()?;
        let reading = self.asked.reading();
        for (entry, similarity) in self.neighbours(compartment, &found.vector)? {
            let stored = self.stored_reading(&entry);
            let judgement = self.judge(&entry, (&reading, &stored), &found.vector, known)?;
            let is_served = judgement.outcome == Outcome::Serve;
            found.judged.push(Judged { entry, similarity, judgement });
            if is_served && extent == Extent::FirstServed {
                break;
            }
        }
        if found.served().is_none() {
            self.settle_open(&mut found, known, control)?;
        }
        Ok(found)
    }

    /// The entries near a vector that are still there, best first. The equal one is not among them.
    fn neighbours(&self, compartment: u32, vector: &[f32]) -> Result<Vec<(Response, f32)>> {
        let cache = &self.open.cache;
        loop {
            let (mut entries, mut gone) = (Vec::new(), 0);
            for near in cache.shelf.nearest(vector, compartment, CANDIDATES + 1)? {
                if near.similarity < FLOOR {
                    break;
                }
                match self.open.store.response_at(near.row)? {
                    Some(entry) if entry.key == self.asked.key => {}
                    Some(entry) => entries.push((entry, near.similarity)),
                    None => {
                        cache.shelf.remove(near.row);
                        gone += 1;
                    }
                }
            }
            // Those removed elsewhere took the places of others.
            if gone == 0 {
                entries.truncate(CANDIDATES);
                return Ok(entries);
            }
        }
    }

    /// Puts the best of those the rules leave open to the pair model.
    fn settle_open(&self, found: &mut Found, known: &Known, control: &Control) -> Result<()> {
        let (mut asked, mut is_served) = (0, false);
        for one in found.judged.iter_mut().filter(|one| one.judgement.outcome == Outcome::Open) {
            one.judgement = if is_served || asked == ASKED_OF_PAIR_MODEL {
                let sentence = "The rules leave it open, and nearer ones were asked about first.";
                Judgement::refuse(crate::cache::By::Rules, "not-asked", sentence)
            } else {
                asked += 1;
                self.ask_pair_model(&one.entry, &one.judgement.seen, known, control)?
            };
            is_served |= one.judgement.outcome == Outcome::Serve;
        }
        Ok(())
    }

    fn serve_equal(&self, entry: &Response) -> CacheHit {
        self.count_hit("exactHits", entry);
        let served = Served { key: self.asked.key, vector: None, route: None };
        self.open.cache.recent.add_served(entry.row, served);
        self.hit(entry, Match::Exact, 1.0)
    }

    fn serve_near(&self, served: &Judged, found: &Found) -> CacheHit {
        self.count_hit("meaningHits", &served.entry);
        let note = Served {
            key: self.asked.key,
            vector: Some(Arc::clone(&found.vector)),
            route: served.judgement.route(),
        };
        self.open.cache.recent.add_served(served.entry.row, note);
        self.hit(&served.entry, Match::Meaning, served.similarity)
    }

    /// What the fresh answer will be compared with.
    fn note_would(&self, one: &Judged, is_served: bool) {
        let Some(route) = one.judgement.route() else { return };
        let (row, content) = (one.entry.row, one.entry.content.clone());
        let would = Would { row, content, route, is_served };
        self.open.cache.recent.add_would(self.asked.key, would);
        if is_served {
            self.open.store.count_responses(&self.asked.scope, &[("shadowWould", 1.0)]);
        }
    }

    fn hit(&self, entry: &Response, matched: Match, similarity: f32) -> CacheHit {
        CacheHit {
            id: entry.id.clone(),
            content: entry.content.clone(),
            matched,
            similarity,
            age: (self.now - entry.created_at).max(0),
            model: entry.model.clone(),
            cost: entry.cost,
        }
    }

    fn count_hit(&self, name: &str, entry: &Response) {
        let estimated = if entry.is_estimated { entry.cost } else { 0.0 };
        // The same money by the day, for the report.
        let today = saved_on(self.now);
        let changes = [
            (name, 1.0),
            ("saved", entry.cost),
            ("savedEstimated", estimated),
            (&today, entry.cost),
        ];
        self.open.store.count_responses(&self.asked.scope, &changes);
        self.open.store.touch_response(entry.row);
    }

    fn count_miss(&self, refusal: Option<&Judgement>) {
        let refused = refusal.map(|judgement| format!("refused:{}", judgement.reason));
        let mut changes = vec![("misses", 1.0)];
        changes.extend(refused.as_deref().map(|name| (name, 1.0)));
        self.open.store.count_responses(&self.asked.scope, &changes);
    }
}

impl Open {
    /// Some upkeep of the cache; whether there is more to do. Its counts are written every now and
    /// then, not only along with writes.
    pub(in crate::memory) fn cache_upkeep(&self) -> Result<bool> {
        let more = self.cache.shelf.advance()?;
        if !more {
            self.store.flush()?;
        }
        Ok(more)
    }
}
