//! Feedback, forgetting, removing, settings.

use std::sync::Arc;

use super::Cache;
use super::judge::{Lookup, Outcome};
use crate::cache::{
    Asked, CacheRequest, CacheSettings, InvalidateOptions, Route, Served, Settings, mark,
};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::memory::open::Open;
use crate::store::{Bar, Invalidation, Response, Scope, Where, now_ms};

/// Entries as near as this to a forgotten one, with the same answer, go with it.
const ALIKE: f32 = 0.8;
/// The nearest entries looked at for that.
const NEIGHBOURS: usize = 32;

impl Cache<'_> {
    /// Whether a served answer was right. When it was wrong, `request` and requests near it are no
    /// longer served by this entry; without a request the last one it was served to is meant, and if
    /// that is not known, the entry serves nobody any more.
    ///
    /// # Errors
    /// `PM_NOT_FOUND` when the entry is gone or another user's, `PM_BAD_OPTION` for a request of another
    /// scope than the entry's; those of [`Cache::get`], `PM_BUSY`, `PM_DISK_FULL`.
    pub fn feedback(
        &self,
        id: &str,
        is_right: bool,
        request: Option<CacheRequest>,
        control: &Control,
    ) -> Result<()> {
        let open = self.memory.open_parts()?;
        let gone = || Error::AnswerNotFound { id: id.to_owned() };
        let entry = open.own_response(id)?.ok_or_else(gone)?;
        let served = match request {
            Some(request) => Some(open.how_served(&entry, request, control)?),
            None => open.cache.recent.served(entry.row),
        };
        let route = served.as_ref().and_then(|served| served.route.as_ref()).map(Route::row);
        let bar = match served {
            // The vector of an equal request is that of the entry.
            Some(Served { key, vector: None, .. }) if !is_right => {
                Bar { key: Some(key), vector: Some(open.cache_vector(&entry.prompt)?.to_vec()) }
            }
            Some(Served { key, vector, .. }) => {
                Bar { key: Some(key), vector: vector.map(|vector| vector.to_vec()) }
            }
            None => Bar { key: None, vector: None },
        };
        if !open.store.judge_response(entry.row, is_right, route, Some(bar))? {
            return Err(gone());
        }
        let name = if is_right { "feedbackRight" } else { "feedbackWrong" };
        open.store.count_responses(&entry.scope, &[(name, 1.0)]);
        Ok(())
    }

    /// Erases an answer for good, and entries near it with the very same answer. Only hashes stay,
    /// so that it is never kept or served for those requests again. False when it was gone, or another user's.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn forget(&self, id: &str) -> Result<bool> {
        let open = self.memory.open_parts()?;
        let Some(entry) = open.own_response(id)? else { return Ok(false) };
        let alike = open.alike(&entry)?;
        let all = || std::iter::once(&entry).chain(&alike);
        let rows: Vec<u64> = all().map(|one| one.row).collect();
        let marks = all().map(|one| mark(&one.key, &one.content)).collect();
        let found = open.store.forget_response(rows.clone(), marks)?;
        for row in rows {
            open.cache.shelf.remove(row);
        }
        open.cache.recent.clear();
        Ok(found)
    }

    /// Erases the answers that fulfil a filter; how many.
    ///
    /// # Errors
    /// `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`, `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn invalidate(&self, filter: InvalidateOptions) -> Result<usize> {
        let open = self.memory.open_parts()?;
        let mut scope = filter.scope.unwrap_or_else(|| open.scope.clone());
        scope.project = filter.project.or(scope.project);
        let removed = open.store.invalidate_responses(Invalidation {
            scope,
            condition: filter
                .condition
                .map(|condition| Where::parse(&condition))
                .transpose()?
                .map(|condition| Where { keys_in_any_spelling: true, ..condition }),
            older_than: filter.older_than.map(|at| at as i64),
            model: filter.model,
        })?;
        open.empty_cache_memory();
        Ok(removed)
    }

    /// Erases all answers and counts of a scope, none means the one the memory was opened with; how
    /// many answers there were.
    ///
    /// # Errors
    /// `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn clear(&self, scope: Option<Scope>) -> Result<usize> {
        let open = self.memory.open_parts()?;
        let removed = open.store.clear_responses(scope.unwrap_or_else(|| open.scope.clone()))?;
        open.empty_cache_memory();
        Ok(removed)
    }

    /// Changes the settings, for every process and for good.
    ///
    /// # Errors
    /// `PM_BAD_OPTION`, `PM_BUSY`, `PM_DISK_FULL`, `PM_CLOSED`.
    pub fn configure(&self, change: CacheSettings) -> Result<()> {
        change.check()?;
        self.memory.open_parts()?.store.change_response_settings(move |old| {
            let mut settings = Settings::from_store(old)?;
            settings.change(change.clone());
            settings.to_json()
        })
    }
}

impl Open {
    /// The entry with this id; none for one of another user than the one the memory was opened for.
    fn own_response(&self, id: &str) -> Result<Option<Response>> {
        let user = self.scope.user.as_ref();
        let is_own = |entry: &Response| user.is_none() || entry.scope.user.as_ref() == user;
        Ok(self.store.response_by_id(id)?.filter(is_own))
    }

    /// How an entry is served to a request: judged again, for it may have been in another process.
    fn how_served(
        &self,
        entry: &Response,
        request: CacheRequest,
        control: &Control,
    ) -> Result<Served> {
        let asked = Asked::new(request, &self.scope)?;
        if asked.scope != entry.scope {
            return Err(Error::BadOption {
                what: "request.scope".to_owned(),
                found: "another scope than the answer's, which is never served there".to_owned(),
                advice: "give the request that the answer was served to, with its scope".to_owned(),
            });
        }
        if asked.key == entry.key {
            return Ok(Served { key: asked.key, vector: None, route: None });
        }
        let last = self.cache.recent.served(entry.row).filter(|served| served.key == asked.key);
        if let Some(served) = last {
            return Ok(served);
        }
        let lookup = Lookup { open: self, asked: &asked, now: now_ms(), ttl_ms: f64::INFINITY };
        let (known, vector) = (self.cache_known()?, self.cache_vector(&asked.prompt)?);
        let (reading, stored) = (asked.reading(), lookup.stored_reading(entry));
        let mut judgement = lookup.judge(entry, (&reading, &stored), &vector, &known)?;
        if judgement.outcome == Outcome::Open {
            judgement = lookup.ask_pair_model(entry, &judgement.seen, &known, control)?;
        }
        let route = judgement.route().filter(|_| judgement.outcome == Outcome::Serve);
        Ok(Served { key: asked.key, vector: Some(Arc::clone(&vector)), route })
    }

    /// Entries of the same compartment near this one that give the very same answer.
    fn alike(&self, entry: &Response) -> Result<Vec<Response>> {
        self.cache_shelved()?;
        let Some(compartment) = self.store.compartment_of(entry.row)? else {
            return Ok(Vec::new());
        };
        let vector = self.encoder.embed(&entry.prompt)?;
        let mut alike = Vec::new();
        for near in self.cache.shelf.nearest(&vector, compartment, NEIGHBOURS)? {
            if near.similarity < ALIKE {
                break;
            }
            let found = self.store.response_at(near.row)?;
            alike.extend(found.filter(|o| o.row != entry.row && o.content == entry.content));
        }
        Ok(alike)
    }
}
